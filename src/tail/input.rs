//! Messages that are sent to the feeds of a run: those of `--send`, and the lines of standard input. Answers are not
//! considered.

use std::io::{self, BufRead, Read as _};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use feedscope_core::feed::{FeedCommand, FeedSpec, Outgoing};
use feedscope_net::FeedHandle;

use crate::complaint::complain;
use crate::plan::ToSend;

/// Number of messages that may wait for a connection before reading pauses. A pipe delivers messages faster than a
/// socket accepts them.
const MOST_WAITING: usize = 1_000;

/// Duration of a pause, after which the number of waiting messages is checked again.
const PAUSE: Duration = Duration::from_millis(2);

/// Hands over to each feed its own list, in order. Returns at once; a thread reads the lines of standard input.
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
    let mut line = Vec::new();
    loop {
        number += 1;
        match read_line(input, &mut line) {
            Ok(Line::Text(text)) => {
                for (_, feed) in feeds {
                    wait_for_room(feed);
                    feed.command(FeedCommand::Send(Outgoing::Text(text.to_owned())));
                }
            }
            Ok(Line::End) => return,
            Ok(Line::NotText) => complain(
                "standard input",
                &format!("line {number} is not UTF-8 and was not sent"),
            ),
            Err(error) => return complain("standard input", &format!("line {number}: {error}")),
        }
    }
}

fn wait_for_room(feed: &FeedHandle) {
    while feed.backlog() >= MOST_WAITING {
        thread::sleep(PAUSE);
    }
}

/// One line of input, or its absence.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Text(&'a str),
    NotText,
    End,
}

/// Reads a line without its end, LF or CR LF.
fn read_line<'a>(input: &mut impl BufRead, line: &'a mut Vec<u8>) -> io::Result<Line<'a>> {
    line.clear();
    let read = input
        .by_ref()
        // One byte more than allowed is read, so that a line that is too long is recognized.
        .take(FeedSpec::MAX_MESSAGE + 1)
        .read_until(b'\n', line)?;
    if read as u64 > FeedSpec::MAX_MESSAGE {
        return Err(io::Error::other(format!(
            "longer than {} bytes",
            FeedSpec::MAX_MESSAGE
        )));
    }
    if read == 0 {
        return Ok(Line::End);
    }
    let text = line
        .strip_suffix(b"\n")
        .map_or(&line[..], |text| text.strip_suffix(b"\r").unwrap_or(text));
    Ok(std::str::from_utf8(text).map_or(Line::NotText, Line::Text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_without_their_ends() {
        let mut input = &b"one\ntwo\r\n\n\xff\r\nlast"[..];
        let mut line = Vec::new();
        for expected in [
            Line::Text("one"),
            Line::Text("two"),
            Line::Text(""),
            Line::NotText,
            Line::Text("last"),
        ] {
            assert_eq!(read_line(&mut input, &mut line).unwrap(), expected);
        }
        assert_eq!(read_line(&mut input, &mut line).unwrap(), Line::End);
    }
}
