//! Messages of the chat in both directions, and their form on the wire.

use serde::{Deserialize, Serialize};

/// Message that was passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ChatMessage {
    pub(super) from: String,
    pub(super) text: String,
    pub(super) seq: u64,
    /// Length of its text in JSON.
    #[serde(skip)]
    pub(super) json_bytes: usize,
}

impl ChatMessage {
    pub(super) fn new(from: &str, text: &str, seq: u64) -> Self {
        let json_byte = |byte: u8| match byte {
            b'"' | b'\\' => 2,
            // These are written as in `\u0001`.
            0..0x20 => 6,
            _ => 1,
        };
        Self {
            from: from.to_owned(),
            text: text.to_owned(),
            seq,
            json_bytes: text.bytes().map(json_byte).sum(),
        }
    }
}

/// Message of the server, as a line of JSON.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Notice<'a> {
    Welcome {
        room: &'a str,
        you: &'a str,
        online: usize,
        members: Vec<&'a str>,
    },
    History {
        room: &'a str,
        messages: Vec<&'a ChatMessage>,
    },
    Message(&'a ChatMessage),
    Join {
        room: &'a str,
        name: &'a str,
        online: usize,
    },
    Leave {
        room: &'a str,
        name: &'a str,
        online: usize,
    },
    Nick {
        from: &'a str,
        to: &'a str,
    },
    Who {
        room: &'a str,
        online: usize,
        members: Vec<&'a str>,
    },
    Error {
        text: &'a str,
    },
}

/// Parsed message of a guest: plain text, a `/command`, or JSON with a `type`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GuestMessage {
    Message(String),
    Nick(String),
    Room(String),
    Who,
    Nothing,
    Unknown(String),
}

#[derive(Deserialize)]
struct Json {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    name: Option<String>,
    room: Option<String>,
}

impl GuestMessage {
    pub(super) fn parse(text: &str) -> Self {
        // JSON without a type is passed on like any text, because people send JSON in order to view it.
        match serde_json::from_str::<Json>(text) {
            Ok(json) => Self::from_json(json),
            Err(_) => Self::from_text(text),
        }
    }

    fn from_json(json: Json) -> Self {
        match (json.kind.as_str(), json.text, json.name, json.room) {
            ("message", Some(text), ..) if text.trim().is_empty() => Self::Nothing,
            ("message", Some(text), ..) => Self::Message(text),
            ("nick", _, Some(name), _) => Self::Nick(name),
            ("join", .., Some(room)) => Self::Room(room),
            ("who", ..) => Self::Who,
            _ => Self::Unknown(shortened(&json.kind)),
        }
    }

    fn from_text(text: &str) -> Self {
        let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        match (word, rest.trim()) {
            ("", _) => Self::Nothing,
            ("/nick", name) if !name.is_empty() => Self::Nick(name.to_owned()),
            ("/join", room) if !room.is_empty() => Self::Room(room.to_owned()),
            ("/who", "") => Self::Who,
            _ if word.starts_with('/') => Self::Unknown(shortened(word)),
            _ => Self::Message(text.to_owned()),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_commands_and_json_are_told_apart() {
        let message = |text: &str| GuestMessage::Message(text.to_owned());
        for (sent, said) in [
            ("Hello Server!", message("Hello Server!")),
            ("{\"type\":\"message\",\"text\":\"hi\"}", message("hi")),
            ("{\"a\":1}", message("{\"a\":1}")),
            ("42", message("42")),
            ("/nick ada", GuestMessage::Nick("ada".into())),
            (
                "{\"type\":\"nick\",\"name\":\"ada\"}",
                GuestMessage::Nick("ada".into()),
            ),
            ("/join tea", GuestMessage::Room("tea".into())),
            (
                "{\"type\":\"join\",\"room\":\"tea\"}",
                GuestMessage::Room("tea".into()),
            ),
            ("/who", GuestMessage::Who),
            (" \n", GuestMessage::Nothing),
            (
                "{\"type\":\"message\",\"text\":\" \"}",
                GuestMessage::Nothing,
            ),
            ("/nick", GuestMessage::Unknown("/nick".into())),
            ("/dance now", GuestMessage::Unknown("/dance".into())),
            (
                "{\"type\":\"message\"}",
                GuestMessage::Unknown("message".into()),
            ),
        ] {
            assert_eq!(GuestMessage::parse(sent), said, "{sent}");
        }
    }
}
