//! Options that send a message once. Their order on the command line is kept, whichever of them are used.
//!
//! Files are read here, before anything connects.

use std::fs::File;
use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use feedscope_core::feed::{KeepingOptions, Outgoing};
use feedscope_core::payload::escapes::{self, EscapeProblem};

use crate::plan::ToSend;

/// Forms in which a message is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SendForm {
    Text,
    Escaped,
    Base64,
    File,
}

impl SendForm {
    const ALL: [Self; 4] = [Self::Text, Self::Escaped, Self::Base64, Self::File];

    /// Name of the option, without its dashes.
    fn option(self) -> &'static str {
        match self {
            Self::Text => "send",
            Self::Escaped => "send-escaped",
            Self::Base64 => "send-base64",
            Self::File => "send-file",
        }
    }

    fn argument(self) -> Arg {
        let (value, help, more) = match self {
            Self::Text => (
                "TEXT",
                "Send this text message once the WebSocket is open; may be given several times",
                "Each message is handed over once, in the order of all options that send, and waits until the feed is \
                 open. With `tail`, `-` sends the lines of standard input as they come. If they begin with a frame of \
                 STOMP (CONNECT or STOMP, up to NUL), whole frames are sent.",
            ),
            Self::Escaped => (
                "TEXT",
                "The same, with `\\0`, `\\n`, `\\r`, `\\t`, `\\\\`, `\\xHH`, `\\uHHHH` and `\\u{…}` for characters that are hard to type",
                "`\\xHH` is one byte, given by two hexadecimal digits; `\\uHHHH` and `\\u{…}` are a character, given by its number. A STOMP \
                 frame ends with NUL: --send-escaped 'CONNECT\\naccept-version:1.2\\n\\n\\0'.",
            ),
            Self::Base64 => (
                "TEXT",
                "Send the bytes of this base64 text as a binary message; may be given several times",
                "Both alphabets of RFC 4648 are read, with and without padding.",
            ),
            Self::File => (
                "FILE",
                "Send the content of this file as one message; may be given several times",
                "It is a text message if all of it is UTF-8, and a binary message otherwise. For a binary message in any \
                 case, use --send-base64.",
            ),
        };
        Arg::new(self.option())
            .long(self.option())
            .value_name(value)
            .help(help)
            .long_help(format!("{help}\n\n{more}"))
            .action(ArgAction::Append)
            .allow_hyphen_values(true)
    }
}

/// Given messages, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct SendArguments {
    given: Vec<(SendForm, String)>,
}

impl SendArguments {
    /// Returns the first of the given options.
    pub(super) fn first_option(&self) -> Option<String> {
        let (form, _) = self.given.first()?;
        Some(format!("--{}", form.option()))
    }

    /// Returns the messages, or a sentence about the wrong one.
    pub(super) fn messages(self) -> Result<Vec<ToSend>, String> {
        let is_input = |(form, text): &&(SendForm, String)| *form == SendForm::Text && text == "-";
        // Two readers of standard input would take lines from each other.
        if self.given.iter().filter(is_input).count() > 1 {
            return Err("--send - can be given once: standard input is read once".to_owned());
        }
        self.given
            .into_iter()
            .map(|(form, text)| {
                message(form, text).map_err(|problem| format!("--{}: {problem}", form.option()))
            })
            .collect()
    }
}

fn message(form: SendForm, text: String) -> Result<ToSend, String> {
    Ok(match form {
        SendForm::Text if text == "-" => ToSend::InputLines,
        SendForm::Text => ToSend::Message(Outgoing::Text(text)),
        SendForm::Escaped => ToSend::Message(Outgoing::Text(unescaped(&text)?)),
        SendForm::Base64 => ToSend::Message(Outgoing::Binary(from_base64(&text)?)),
        SendForm::File => ToSend::Message(match String::from_utf8(read(&text)?) {
            Ok(text) => Outgoing::Text(text),
            Err(bytes) => Outgoing::Binary(bytes.into_bytes()),
        }),
    })
}

/// Replaces the escapes of a text.
fn unescaped(text: &str) -> Result<String, String> {
    escapes::unescaped(text).map_err(|problem| match problem {
        EscapeProblem::NotText { .. } => {
            format!("{problem}, so that it is no text; --send-base64 sends bytes")
        }
        _ => problem.to_string(),
    })
}

fn is_hexadecimal(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

pub(in crate::cli) fn from_base64(text: &str) -> Result<Vec<u8>, String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let alphabet = if text.contains(['-', '_']) {
        alphabet::URL_SAFE
    } else {
        alphabet::STANDARD
    };
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&alphabet, config)
        .decode(text)
        .map_err(|error| format!("this is no base64: {error}"))
}

/// Reads hexadecimal digits, two for each byte, with spaces between them or not.
pub(in crate::cli) fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<_> = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let byte = |pair: &[char]| {
        let pair: String = pair.iter().collect();
        let is_whole = pair.len() == 2 && is_hexadecimal(&pair);
        let byte = u8::from_str_radix(&pair, 16).ok().filter(|_| is_whole);
        byte.ok_or_else(|| format!("`{pair}` is not two hexadecimal digits"))
    };
    digits.chunks(2).map(byte).collect()
}

/// Reads a file of at most the length that a message may have.
pub(in crate::cli) fn read(path: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    // One byte more than the limit is read, so that a longer file is detected.
    File::open(path)
        .and_then(|file| {
            file.take(KeepingOptions::MAX_MESSAGE + 1)
                .read_to_end(&mut bytes)
        })
        .map_err(|error| format!("{path} cannot be read: {error}"))?;
    if bytes.len() as u64 > KeepingOptions::MAX_MESSAGE {
        let limit = KeepingOptions::MAX_MESSAGE >> 20;
        return Err(format!("{path} is longer than {limit} MiB"));
    }
    Ok(bytes)
}

impl Args for SendArguments {
    fn augment_args(command: Command) -> Command {
        command.args(SendForm::ALL.map(SendForm::argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SendArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut arguments = Self::default();
        arguments.update_from_arg_matches(matches)?;
        Ok(arguments)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let mut given = Vec::new();
        for form in SendForm::ALL {
            let texts = matches.get_many::<String>(form.option());
            let indices = matches.indices_of(form.option());
            let both = indices
                .into_iter()
                .flatten()
                .zip(texts.into_iter().flatten());
            given.extend(both.map(|(index, text)| (index, form, text.clone())));
        }
        // The index of a value is its place among all arguments.
        given.sort_by_key(|&(index, ..)| index);
        self.given = given
            .into_iter()
            .map(|(_, form, text)| (form, text))
            .collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{from_base64, from_hex, unescaped};

    #[test]
    fn hexadecimal_digits_are_bytes() {
        assert_eq!(from_hex("00 01fF\n"), Ok(vec![0, 1, 255]));
        assert_eq!(from_hex(""), Ok(Vec::new()));
        for text in ["0", "0g", "+1", "é0"] {
            assert!(
                from_hex(text)
                    .unwrap_err()
                    .contains("two hexadecimal digits"),
                "{text}"
            );
        }
    }

    #[test]
    fn escapes_are_replaced() {
        for (text, expected) in [
            ("plain", "plain"),
            (r"a\0b\n\r\t\\n", "a\0b\n\r\t\\n"),
            (r"\x1e\x41", "\u{1e}A"),
            (r"\xc3\xa9", "é"),
            (r"\u{e9}\u{1f600}\u{0}", "é😀\0"),
            ("é\\0é", "é\0é"),
            ("", ""),
        ] {
            assert_eq!(unescaped(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_wrong_escape_is_explained() {
        for (text, part) in [
            ("a\\", "single `\\`"),
            (r"\q", "`\\q` is no escape"),
            (r"\é", "`\\é` is no escape"),
            (r"\x1", "two hexadecimal digits"),
            (r"\x+1", "two hexadecimal digits"),
            (r"\x1é", "two hexadecimal digits"),
            (r"\u1f600", "in braces"),
            (r"\u{}", "in braces"),
            (r"\u{d800}", "in braces"),
            (r"\u{+41}", "in braces"),
            (r"\u{41", "in braces"),
            (r"\u{fffffffff}", "in braces"),
            (r"ab\xff", "from byte 2 on"),
        ] {
            let problem = unescaped(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", " +/\n8= "] {
            assert_eq!(from_base64(text), Ok(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(from_base64(""), Ok(Vec::new()));
        for text in ["+_8=", "a", "a!b=", "é"] {
            assert!(
                from_base64(text).unwrap_err().contains("no base64"),
                "{text}"
            );
        }
    }
}
