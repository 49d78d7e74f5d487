//! Messages that are sent to the feeds of a run: those of `--send`, and the lines of standard input. Answers are not
//! considered.

use std::io::{self, BufRead, Read as _};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use feedscope_core::feed::{FeedCommand, KeepingOptions, Outgoing};
use feedscope_net::FeedHandle;

use crate::complaint::complain;
use crate::plan::ToSend;

/// Number of messages that may wait for a connection before reading pauses. A pipe delivers messages faster than a
/// socket accepts them.
const MOST_WAITING: usize = 1_000;

/// Duration of a pause, after which the number of waiting messages is checked again.
const PAUSE: Duration = Duration::from_millis(2);

/// Hands over to each feed its own list, in order. Returns at once; a thread reads standard input.
pub(super) fn send(lists: Vec<(Vec<ToSend>, Arc<FeedHandle>)>) -> io::Result<()> {
    let mut readers = Vec::new();
    for (list, feed) in lists {
        let mut list = list.into_iter();
        // The rest of the list follows after the lines.
        if hand_over_messages(&mut list, &feed) {
            readers.push((list, feed));
        }
    }
    if !readers.is_empty() {
        thread::Builder::new()
            .name("standard input".to_owned())
            .spawn(move || {
                send_lines(&mut io::stdin().lock(), &readers);
                for (mut list, feed) in readers {
                    hand_over_messages(&mut list, &feed);
                }
            })?;
    }
    Ok(())
}

/// Hands over messages up to the place where lines of standard input follow. Returns true if there is such a place.
fn hand_over_messages(list: &mut impl Iterator<Item = ToSend>, feed: &FeedHandle) -> bool {
    for item in list {
        match item {
            ToSend::Message(message) => feed.command(FeedCommand::Send(message)),
            ToSend::InputLines => return true,
        }
    }
    false
}

fn send_lines<Rest>(input: &mut impl BufRead, feeds: &[(Rest, Arc<FeedHandle>)]) {
    let mut number = 0_u64;
    let mut message = Vec::new();
    let division = match input.fill_buf() {
        Ok(start) => Division::of(start),
        Err(error) => return complain("standard input", &error.to_string()),
    };
    loop {
        number += 1;
        let name = division.name();
        match read_message(input, division, &mut message) {
            Ok(InputMessage::Text(text)) => {
                for (_, feed) in feeds {
                    wait_for_room(feed);
                    feed.command(FeedCommand::Send(Outgoing::Text(text.to_owned())));
                }
            }
            Ok(InputMessage::End) => return,
            Ok(InputMessage::NotText) => complain(
                "standard input",
                &format!("{name} {number} is not UTF-8 and was not sent"),
            ),
            Err(error) => {
                return complain("standard input", &format!("{name} {number}: {error}"));
            }
        }
    }
}

/// Division of standard input into messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Division {
    /// Every line is a message, without its end.
    Lines,
    /// Every message is a frame of STOMP: several lines, and a NUL at the end, which belongs to it.
    StompFrames,
}

impl Division {
    /// Returns the division of an input that starts with these bytes, which are as many as arrived together.
    fn of(start: &[u8]) -> Self {
        // STOMP 1.2: a client begins with one of these commands.
        let commands = [&b"CONNECT"[..], b"STOMP"];
        let first_line = start
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let first_line = first_line.strip_suffix(b"\r").unwrap_or(first_line);
        if commands.contains(&first_line) && start.contains(&0) {
            Self::StompFrames
        } else {
            Self::Lines
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lines => "line",
            Self::StompFrames => "frame",
        }
    }
}

fn wait_for_room(feed: &FeedHandle) {
    while feed.backlog() >= MOST_WAITING {
        thread::sleep(PAUSE);
    }
}

/// One message of the input, or its absence.
#[derive(Debug, PartialEq, Eq)]
enum InputMessage<'a> {
    Text(&'a str),
    NotText,
    End,
}

/// Reads one message.
fn read_message<'a>(
    input: &mut impl BufRead,
    division: Division,
    message: &'a mut Vec<u8>,
) -> io::Result<InputMessage<'a>> {
    message.clear();
    let end = match division {
        Division::Lines => b'\n',
        Division::StompFrames => 0,
    };
    let read = input
        .by_ref()
        // One byte more than allowed is read, so that a message that is too long is recognized.
        .take(KeepingOptions::MAX_MESSAGE + 1)
        .read_until(end, message)?;
    if read as u64 > KeepingOptions::MAX_MESSAGE {
        return Err(io::Error::other(format!(
            "longer than {} bytes",
            KeepingOptions::MAX_MESSAGE
        )));
    }
    let content = match division {
        Division::Lines if read == 0 => return Ok(InputMessage::End),
        Division::Lines => message.strip_suffix(b"\n").map_or(&message[..], |line| {
            line.strip_suffix(b"\r").unwrap_or(line)
        }),
        Division::StompFrames => {
            // STOMP allows line ends between frames. A program that ends its output with one adds no message.
            let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
            match message.iter().position(|byte| !is_line_end(byte)) {
                Some(start) => &message[start..],
                None => return Ok(InputMessage::End),
            }
        }
    };
    Ok(std::str::from_utf8(content).map_or(InputMessage::NotText, InputMessage::Text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_without_their_ends() {
        let mut input = &b"one\ntwo\r\n\n\xff\r\nlast"[..];
        let mut line = Vec::new();
        for expected in [
            InputMessage::Text("one"),
            InputMessage::Text("two"),
            InputMessage::Text(""),
            InputMessage::NotText,
            InputMessage::Text("last"),
            InputMessage::End,
        ] {
            let read = read_message(&mut input, Division::Lines, &mut line).unwrap();
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn frames_of_stomp_end_with_nul() {
        let mut input =
            &b"CONNECT\naccept-version:1.2\n\n\0\r\n\nSEND\n\nhello\0\0\xff\0unfinished\n"[..];
        assert_eq!(Division::of(input), Division::StompFrames);
        assert_eq!(Division::of(b"STOMP\r\n\r\n\0"), Division::StompFrames);
        let mut message = Vec::new();
        for expected in [
            InputMessage::Text("CONNECT\naccept-version:1.2\n\n\0"),
            InputMessage::Text("SEND\n\nhello\0"),
            InputMessage::Text("\0"),
            InputMessage::NotText,
            InputMessage::Text("unfinished\n"),
            InputMessage::End,
        ] {
            let read = read_message(&mut input, Division::StompFrames, &mut message).unwrap();
            assert_eq!(read, expected);
        }
        for lines in [
            &b"one\0\ntwo\n"[..],
            b"CONNECT\nnow\n",
            b"CONNECTED\n\0",
            b"SEND\n\n\0",
        ] {
            assert_eq!(Division::of(lines), Division::Lines);
        }
        assert_eq!(Division::of(b""), Division::Lines);
    }
}
