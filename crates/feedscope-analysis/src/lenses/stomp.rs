//! STOMP 1.0 to 1.2, also inside of the messages of `SockJS`.

use std::borrow::Cow;

use super::frame::{Frame, PairRole};
use super::json::Json;
use super::text::{bytes_json, text_json};
use super::{Lens, Message};

/// Lens for STOMP.
pub(super) struct Stomp;

/// Key of the first exchange.
const CONNECT: &str = "CONNECT";

/// Commands of the protocol.
const COMMANDS: [&str; 15] = [
    "CONNECT",
    "STOMP",
    "CONNECTED",
    "SEND",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "ACK",
    "NACK",
    "BEGIN",
    "COMMIT",
    "ABORT",
    "DISCONNECT",
    "MESSAGE",
    "RECEIPT",
    "ERROR",
];

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>) -> Option<&'static str> {
    let payloads = unwrapped(message.bytes)?;
    let first = payloads.first()?;
    // A frame ends with NUL, and its first line is a command.
    let end = memchr::memchr(b'\n', first)?;
    let command = std::str::from_utf8(&first[..end])
        .ok()?
        .trim_end_matches('\r');
    let is_frame = COMMANDS.contains(&command) && memchr::memchr(0, first).is_some();
    is_frame.then_some("a message is a frame of STOMP that ends with NUL")
}

impl Lens for Stomp {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        match message.bytes {
            b"o" => return out.push(Frame::named("open", "open of SockJS")),
            b"h" => return out.push(Frame::keep_alive("heartbeat")),
            [b'c', b'[', ..] => {
                let text = String::from_utf8_lossy(&message.bytes[1..]).into_owned();
                let frame = Frame::named("close", "close of SockJS").with_error(Some(text));
                return out.push(frame);
            }
            _ => {}
        }
        for payload in unwrapped(message.bytes).unwrap_or_default() {
            let mut rest = &*payload;
            while !rest.is_empty() {
                let Some((frame, after)) = frame(rest) else {
                    break;
                };
                out.push(frame);
                rest = after;
            }
        }
    }
}

/// Returns the texts within a message of `SockJS`, or the message itself.
fn unwrapped(bytes: &[u8]) -> Option<Vec<Cow<'_, [u8]>>> {
    let list = match bytes {
        [b'a', b'[', ..] => &bytes[1..],
        // The client of SockJS sends the list alone.
        [b'[', ..] => bytes,
        _ => return Some(vec![Cow::Borrowed(bytes)]),
    };
    let texts = Json::parse(list)?.items().map(|item| {
        item.as_text()
            .map(|text| Cow::Owned(text.into_owned().into_bytes()))
    });
    texts.collect()
}

/// Splits the first frame or line feed from the payload.
fn frame(bytes: &[u8]) -> Option<(Frame, &[u8])> {
    // Line feeds between frames keep the connection open.
    let ends = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count();
    if ends > 0 {
        let rest = &bytes[ends..];
        // Those after a frame are a part of it (STOMP 1.2, "Augmented BNF").
        return if rest.is_empty() {
            Some((Frame::keep_alive("heartbeat"), rest))
        } else {
            frame(rest)
        };
    }
    // One search for both forms of a blank line. A search for the form that a payload does not have would read all of it
    // for each frame.
    let mut ends = memchr::memchr_iter(b'\n', bytes);
    let (head_end, body_start) = ends.find_map(|at| match &bytes[at + 1..] {
        [b'\n', ..] => Some((at, at + 2)),
        [b'\r', b'\n', ..] => Some((at, at + 3)),
        _ => None,
    })?;
    let head = String::from_utf8_lossy(&bytes[..head_end]);
    let mut lines = head.split('\n').map(|line| line.trim_end_matches('\r'));
    let command = lines.next()?;
    if !COMMANDS.contains(&command) {
        return None;
    }
    let headers: Vec<(Cow<'_, str>, Cow<'_, str>)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (unescaped(name), unescaped(value)))
        .collect();
    // Of several headers with one name, the first counts (STOMP 1.2, "Repeated Header Entries").
    let header = |name: &str| {
        let found = headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| &**value)
    };
    let body = &bytes[body_start..];
    let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
    // A wrong length must not swallow the frames behind it.
    let length = length
        .filter(|&length| body.get(length) == Some(&0))
        .or_else(|| memchr::memchr(0, body))
        .unwrap_or(body.len());
    let (content, rest) = (&body[..length], body.get(length + 1..).unwrap_or_default());
    // Line feeds after a frame belong to it.
    let rest = if rest.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
        &[]
    } else {
        rest
    };
    let destination = header("destination");
    let words = match destination {
        Some(destination) => format!("{command} {destination}"),
        None => command.to_owned(),
    };
    let role = match command {
        "CONNECT" | "STOMP" => PairRole::Asks(CONNECT.to_owned()),
        "CONNECTED" => PairRole::answers(CONNECT),
        "RECEIPT" => {
            header("receipt-id").map_or(PairRole::Alone, |id| PairRole::answers(receipt(id)))
        }
        "ERROR" => match header("receipt-id") {
            Some(id) => PairRole::answers(receipt(id)),
            // Before CONNECTED, an error answers the first frame.
            None => PairRole::answers(CONNECT),
        },
        _ => header("receipt").map_or(PairRole::Alone, |id| PairRole::Asks(receipt(id))),
    };
    let id = match command {
        "RECEIPT" | "ERROR" => header("receipt-id"),
        "MESSAGE" => header("subscription"),
        _ => header("receipt").or(header("id")),
    };
    let is_error = command == "ERROR";
    let error = is_error.then(|| {
        let text = header("message").map(str::to_owned);
        text.unwrap_or_else(|| String::from_utf8_lossy(content).into_owned())
    });
    let data = (!content.is_empty()).then(|| data(content));
    let frame = Frame::named(command, words)
        .with_role(role)
        .with_channel(destination.or(header("subscription")))
        .with_id(id.map(text_json))
        .with_error(error)
        .with_data(data);
    Some((frame, rest))
}

fn receipt(id: &str) -> String {
    format!("receipt:{id}")
}

fn data(content: &[u8]) -> String {
    match (Json::parse(content), std::str::from_utf8(content)) {
        (Some(json), _) => json.raw().to_owned(),
        (None, Ok(text)) => text_json(text),
        (None, Err(_not_text)) => bytes_json(content),
    }
}

/// Replaces the escapes of a header.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => match signs.next() {
                Some('r') => out.push('\r'),
                Some('n') => out.push('\n'),
                Some('c') => out.push(':'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(sign),
        }
    }
    Cow::Owned(out)
}
