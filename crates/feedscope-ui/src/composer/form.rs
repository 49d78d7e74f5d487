//! Forms in which a text of the composer is sent: checks while it is written, and the message that it becomes.

use std::path::PathBuf;

use base64::Engine as _;
use feedscope_core::feed::Outgoing;
use feedscope_core::payload::escapes::unescaped;
use feedscope_core::protocol::CloseCode;

use crate::command::TypedContent;

/// Maximum length of a text that is checked while it is written.
const MOST_CHECKED: usize = 1 << 20;

/// Form in which the text is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MessageForm {
    #[default]
    Text,
    Json,
    /// Text with escapes for control characters.
    Escapes,
    Hex,
    Base64,
    /// Path of a file that is one binary message.
    File,
    Ping,
    Close,
}

impl MessageForm {
    pub(super) const ALL: [Self; 8] = [
        Self::Text,
        Self::Json,
        Self::Escapes,
        Self::Hex,
        Self::Base64,
        Self::File,
        Self::Ping,
        Self::Close,
    ];

    /// Returns the name of the form in the menu.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Json => "JSON",
            Self::Escapes => "Escapes",
            Self::Hex => "Hex",
            Self::Base64 => "Base64",
            Self::File => "File",
            Self::Ping => "Ping",
            Self::Close => "Close",
        }
    }

    /// Returns true for a frame that controls the connection and is no message.
    pub(super) fn is_control_frame(self) -> bool {
        matches!(self, Self::Ping | Self::Close)
    }

    /// Returns the hint in an empty field.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Text => "Write a message",
            Self::Json => "JSON, checked while you write",
            Self::Escapes => "Text with escapes: \\u001e \\0 \\n \\x1e",
            Self::Hex => "Bytes as hexadecimal: 48 69 0a",
            Self::Base64 => "Bytes as base64: SGkK",
            Self::File => "Path of a file, sent as one binary message",
            Self::Ping => "Up to 125 bytes of text for the ping; may stay empty",
            Self::Close => "A close code and a reason: 1000 goodbye",
        }
    }
}

/// Content of a text that can be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ready {
    Message(Outgoing),
    /// Content of this file. The app reads it.
    File(PathBuf),
}

/// Remark on a text while it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) text: String,
    /// The text is probably not what the user means. It can be sent all the same.
    pub(super) is_warning: bool,
}

/// Converts a text into a message of this form. Returns `None` if there is nothing to send.
pub(super) fn outgoing(form: MessageForm, text: &str) -> Result<Option<Ready>, String> {
    let message = match form {
        // A wrong text can be what the user wants to test a server with.
        MessageForm::Text | MessageForm::Json => Outgoing::Text(text.to_owned()),
        MessageForm::Escapes => match unescaped(text) {
            Ok(text) => Outgoing::Text(text),
            Err(problem) => return Err(format!("Not sent: {problem}")),
        },
        MessageForm::Hex => Outgoing::Binary(hex_bytes(text)?),
        MessageForm::Base64 => {
            match base64::engine::general_purpose::STANDARD.decode(text.trim()) {
                Ok(bytes) => Outgoing::Binary(bytes),
                Err(error) => return Err(format!("Not base64: {error}")),
            }
        }
        MessageForm::File => {
            let path = text.trim();
            return Ok((!path.is_empty()).then(|| Ready::File(path.into())));
        }
        MessageForm::Ping if text.len() > 125 => {
            return Err(format!(
                "A ping holds 125 bytes at most, this is {}",
                text.len()
            ));
        }
        MessageForm::Ping => Outgoing::Ping(text.as_bytes().to_vec()),
        MessageForm::Close => close(text)?,
    };
    let is_nothing = matches!(&message, Outgoing::Text(text) if text.is_empty());
    Ok((!is_nothing).then_some(Ready::Message(message)))
}

/// Converts a text of this form into the content of a saved message.
pub(super) fn typed_content(form: MessageForm, text: &str) -> Result<TypedContent, String> {
    // A text that cannot be sent cannot be saved, with the same reason.
    let is_empty = outgoing(form, text)?.is_none();
    let content = match form {
        MessageForm::Ping | MessageForm::Close => {
            return Err(format!("The form {} has no saved messages", form.name()));
        }
        _ if is_empty || text.trim().is_empty() => {
            return Err("Write the message that is to be saved".to_owned());
        }
        MessageForm::Text | MessageForm::Json => TypedContent::Text(text.to_owned()),
        MessageForm::Escapes => {
            TypedContent::Text(unescaped(text).map_err(|problem| problem.to_string())?)
        }
        MessageForm::Hex => TypedContent::Hex(text.trim().to_owned()),
        MessageForm::Base64 => TypedContent::Base64(text.trim().to_owned()),
        MessageForm::File => TypedContent::File(text.trim().to_owned()),
    };
    Ok(content)
}

/// Returns a remark on a text while it is written.
pub(super) fn remark(form: MessageForm, text: &str) -> Option<Remark> {
    if text.is_empty() || text.len() > MOST_CHECKED {
        return None;
    }
    let (text, is_warning) = match form {
        MessageForm::Json => match json_problem(text) {
            None => ("JSON".to_owned(), false),
            Some((at, reason)) => (
                format!("Not JSON from byte {at} on: {reason}. It can be sent as it is."),
                true,
            ),
        },
        MessageForm::Escapes => match unescaped(text) {
            Ok(text) => (format!("Sends {text}"), false),
            Err(problem) => (problem.to_string(), true),
        },
        MessageForm::Text if text.contains(is_control) => (format!("Sends {text}"), false),
        MessageForm::Hex | MessageForm::Base64 => match outgoing(form, text) {
            Ok(Some(Ready::Message(message))) => {
                (format!("{} bytes", message.payload_len()), false)
            }
            Ok(_) => return None,
            Err(problem) => (problem, true),
        },
        MessageForm::Text | MessageForm::File | MessageForm::Ping | MessageForm::Close => {
            return None;
        }
    };
    Some(Remark { text, is_warning })
}

/// Returns true for a control character that a text does not usually have.
fn is_control(sign: char) -> bool {
    sign.is_control() && !matches!(sign, '\n' | '\t' | '\r')
}

/// Returns the first byte at which a text is not JSON, with the reason.
fn json_problem(text: &str) -> Option<(usize, String)> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    if error.is_eof() {
        return Some((text.len(), "it ends too early".to_owned()));
    }
    // The parser counts lines from 1, and bytes of the line that it has read.
    let lines = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let before: usize = lines.map(str::len).sum();
    let at = before + error.column().saturating_sub(1);
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or_default();
    Some((at.min(text.len()), reason.to_owned()))
}

/// Parses pairs of hexadecimal digits. White space may be anywhere.
fn hex_bytes(text: &str) -> Result<Vec<u8>, String> {
    let signs = text
        .char_indices()
        .filter(|(_, sign)| !sign.is_whitespace());
    let digits = signs.map(|(at, sign)| match sign.to_digit(16) {
        Some(digit) => Ok(digit as u8),
        None => Err(format!(
            "Not hexadecimal from character {} on: {sign:?}",
            text[..at].chars().count() + 1
        )),
    });
    let digits = digits.collect::<Result<Vec<u8>, String>>()?;
    if digits.len() % 2 == 1 {
        return Err("Not whole bytes: an odd number of hexadecimal digits".to_owned());
    }
    Ok(digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}

/// Parses a close code and an optional reason. RFC 6455 7.4 lists the codes that an endpoint may send.
fn close(text: &str) -> Result<Outgoing, String> {
    let text = text.trim();
    let (code, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let code = if code.is_empty() { "1000" } else { code };
    match code.parse().map(CloseCode) {
        Ok(code) if code.may_be_sent() && reason.trim().len() <= 123 => Ok(Outgoing::Close {
            code,
            reason: reason.trim().to_owned(),
        }),
        Ok(code) if code.may_be_sent() => Err("A close reason holds 123 bytes at most".to_owned()),
        _ => Err(format!(
            "{code} is no close code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_becomes_a_message_or_a_reason() {
        let ok = |form, text| match outgoing(form, text).unwrap().unwrap() {
            Ready::Message(message) => message,
            file @ Ready::File(_) => panic!("{file:?}"),
        };
        assert_eq!(outgoing(MessageForm::Text, ""), Ok(None));
        assert_eq!(
            ok(MessageForm::Text, "a\nb"),
            Outgoing::Text("a\nb".to_owned())
        );
        assert_eq!(
            ok(MessageForm::Json, "{\"a\": 1}"),
            Outgoing::Text("{\"a\": 1}".to_owned())
        );
        assert_eq!(
            ok(MessageForm::Hex, "48 69\n0A"),
            Outgoing::Binary(b"Hi\n".to_vec())
        );
        assert_eq!(
            ok(MessageForm::Base64, " SGkK "),
            Outgoing::Binary(b"Hi\n".to_vec())
        );
        // A server is tested with wrong JSON, too.
        assert_eq!(ok(MessageForm::Json, "{"), Outgoing::Text("{".to_owned()));
        assert_eq!(
            ok(MessageForm::Escapes, r#"{"protocol":"json"}\u001e"#),
            Outgoing::Text("{\"protocol\":\"json\"}\u{1e}".to_owned())
        );
        assert_eq!(
            outgoing(MessageForm::File, " a b.bin "),
            Ok(Some(Ready::File("a b.bin".into())))
        );
        assert_eq!(ok(MessageForm::Ping, ""), Outgoing::Ping(Vec::new()));
        assert_eq!(
            ok(MessageForm::Close, ""),
            Outgoing::Close {
                code: CloseCode(1000),
                reason: String::new()
            }
        );
        assert_eq!(
            ok(MessageForm::Close, "4001 see you"),
            Outgoing::Close {
                code: CloseCode(4001),
                reason: "see you".to_owned()
            }
        );
        for (form, text) in [
            (MessageForm::Escapes, "\\q"),
            (MessageForm::Hex, "4"),
            (MessageForm::Hex, "xy"),
            (MessageForm::Base64, "!"),
            (MessageForm::Close, "1005"),
            (MessageForm::Close, "bye"),
        ] {
            assert!(outgoing(form, text).is_err(), "{form:?} {text}");
        }
        assert!(outgoing(MessageForm::Ping, &"x".repeat(126)).is_err());
        assert!(outgoing(MessageForm::Close, &format!("1000 {}", "x".repeat(124))).is_err());
    }

    #[test]
    fn each_form_has_its_saved_content_or_a_reason() {
        let text = |text: &str| Ok(TypedContent::Text(text.to_owned()));
        for (form, typed, expected) in [
            (MessageForm::Text, "a ${b}\n", text("a ${b}\n")),
            (MessageForm::Json, "{\"a\": 1}", text("{\"a\": 1}")),
            (MessageForm::Escapes, "a\\u001e", text("a\u{1e}")),
            (
                MessageForm::Hex,
                " 00 01\n",
                Ok(TypedContent::Hex("00 01".to_owned())),
            ),
            (
                MessageForm::Base64,
                "SGkK",
                Ok(TypedContent::Base64("SGkK".to_owned())),
            ),
            (
                MessageForm::File,
                " a b.bin ",
                Ok(TypedContent::File("a b.bin".to_owned())),
            ),
        ] {
            assert_eq!(typed_content(form, typed), expected, "{form:?}");
        }
        for (form, typed) in [
            (MessageForm::Text, " "),
            (MessageForm::Hex, "4"),
            (MessageForm::Hex, ""),
            (MessageForm::Ping, "x"),
            (MessageForm::Close, "1000"),
        ] {
            assert!(typed_content(form, typed).is_err(), "{form:?} {typed}");
        }
    }

    #[test]
    fn a_remark_names_the_byte_at_which_json_ends() {
        for (text, at) in [
            ("{\"a\":1,}", 7),
            ("{\"\u{e4}\":x}", 6),
            ("[1,\n 2,\n x]", 9),
            ("{\"a\":", 5),
            ("1 2", 2),
        ] {
            let (found, reason) = json_problem(text).unwrap();
            assert_eq!(found, at, "{text}: {reason}");
            let remark = remark(MessageForm::Json, text).unwrap();
            assert!(remark.is_warning && remark.text.contains(&format!("byte {at} ")));
        }
        assert!(!remark(MessageForm::Json, "[]").unwrap().is_warning);
    }

    #[test]
    fn control_characters_are_visible() {
        let of = |form, text| remark(form, text).map(|remark| remark.text);
        assert_eq!(
            of(MessageForm::Escapes, r"a\u0000\u001e"),
            Some("Sends a\u{0}\u{1e}".to_owned())
        );
        assert_eq!(
            of(MessageForm::Text, "a\u{1e}"),
            Some("Sends a\u{1e}".to_owned())
        );
        assert_eq!(of(MessageForm::Text, "a\tb"), None);
        assert_eq!(of(MessageForm::Hex, "00 01"), Some("2 bytes".to_owned()));
        assert_eq!(of(MessageForm::Text, ""), None);
    }
}
