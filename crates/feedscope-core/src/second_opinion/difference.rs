//! The first thing that two engines tell differently, in words. It takes no side: what the standard says is the native
//! engine's to follow, and stands beside.

use std::fmt;

use super::{Ending, Told};
use crate::feed::Protocol;

/// How much of a value stands in the sentence, in characters.
const SHOWN_CHARS: usize = 60;

/// How much of that comes before the first character that differs.
const SHOWN_BEFORE: usize = 20;

/// What two engines tell differently of the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What is spoken on the connection, and so which standard decides.
    pub protocol: Protocol,
    /// The number of the record on its connection, from 1, among those that engines tell.
    pub number: u64,
    /// What the native engine tells there; `None` for nothing.
    pub native: Option<Told>,
    /// What the other engine tells there; `None` for nothing.
    pub other: Option<Told>,
}

impl Difference {
    /// What the standard has to say about it, as sentences with their paragraph.
    pub fn standard(&self) -> &'static str {
        match self.protocol {
            Protocol::EventStream => self.html(),
            Protocol::WebSocket => self.rfc_6455(),
        }
    }

    fn html(&self) -> &'static str {
        match (&self.native, &self.other) {
            (Some(Told::Event { event, .. }), Some(Told::Event { event: other, .. }))
                if event != other =>
            {
                "HTML 9.2.6: the type is what the block's last `event` field says, else `message`."
            }
            (Some(Told::Event { id, .. }), Some(Told::Event { id: other, .. })) if id != other => {
                "HTML 9.2.6: an event carries the last event ID, which a block without data may have set."
            }
            (Some(Told::Event { .. }), Some(Told::Event { .. })) => {
                "HTML 9.2.6: data lines are joined by line feeds; one space after a colon goes, and nothing else."
            }
            (Some(Told::Retry(_)), _) => {
                "HTML 9.2.6: `retry` acts as soon as its line is read, also in a block without data."
            }
            (
                _,
                Some(Told::Ending(Ending {
                    gave_up: Some(_), ..
                })),
            ) => {
                "HTML 9.2.5 and 9.2.6: no line ends a stream; bytes that are no UTF-8 read as U+FFFD, and unknown \
                 fields are ignored."
            }
            (Some(Told::Ending(_)), Some(Told::Ending(_))) => {
                "HTML 9.2.6: a blank line commits the id before it, also where its block has no data."
            }
            _ => {
                "HTML 9.2.6: a blank line dispatches a block that has a data line, and no other; a block that the \
                 stream ends in is discarded."
            }
        }
    }

    fn rfc_6455(&self) -> &'static str {
        let is_end =
            |told: &Option<Told>| matches!(told, Some(Told::Close { .. } | Told::Ending(_)));
        if is_end(&self.native) || is_end(&self.other) {
            "RFC 6455 7.1.7 and 7.4: what breaks the protocol fails the connection, with the code that says why."
        } else {
            "RFC 6455 5.4: a message is the payloads of its frames, joined."
        }
    }
}

/// `at record 3, native: event (type "message", data "a"), other: gives up (why "…")`, and what the standard says.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at record {}, native: ", self.number)?;
        write_told(f, self.native.as_ref(), self.other.as_ref())?;
        f.write_str(", other: ")?;
        write_told(f, self.other.as_ref(), self.native.as_ref())?;
        write!(f, ". {}", self.standard())
    }
}

fn write_told(
    f: &mut fmt::Formatter<'_>,
    told: Option<&Told>,
    against: Option<&Told>,
) -> fmt::Result {
    let Some(told) = told else {
        return f.write_str("nothing more");
    };
    let against = against.map(Told::fields).unwrap_or_default();
    for (at, (name, value)) in told.fields().iter().enumerate() {
        match at {
            0 => f.write_str(value)?,
            1 => f.write_str(" (")?,
            _ => f.write_str(", ")?,
        }
        if at > 0 {
            let beside = against.iter().find(|(other, _)| other == name);
            let excerpt = excerpt(value, beside.map(|(_, value)| value.as_str()));
            write!(f, "{name} {excerpt:?}")?;
        }
    }
    f.write_str(if told.fields().len() > 1 { ")" } else { "" })
}

/// A piece of a value, around what differs in it.
fn excerpt(value: &str, against: Option<&str>) -> String {
    let same = against.map_or(0, |other| {
        let pairs = value.chars().zip(other.chars());
        pairs.take_while(|(a, b)| a == b).count()
    });
    let length = value.chars().count();
    // Nothing differs in it, or it differs early: its beginning says enough.
    let skipped = if same == length || same < SHOWN_CHARS {
        0
    } else {
        same - SHOWN_BEFORE
    };
    let mut piece = String::new();
    if skipped > 0 {
        piece.push('…');
    }
    piece.extend(value.chars().skip(skipped).take(SHOWN_CHARS));
    if skipped + SHOWN_CHARS < length {
        piece.push('…');
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, data: &str) -> Told {
        Told::Event {
            event: "message".to_owned(),
            id: id.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn a_difference_is_a_sentence_and_what_the_standard_says() {
        let difference = Difference {
            protocol: Protocol::EventStream,
            number: 3,
            native: Some(event("2", "a\u{fffd}")),
            other: Some(Told::Ending(Ending {
                gave_up: Some("malformed value".to_owned()),
                ..Ending::default()
            })),
        };
        assert_eq!(
            difference.to_string(),
            "at record 3, native: event (type \"message\", id \"2\", data \"a\u{fffd}\"), other: gives up (why \"malformed \
             value\"). HTML 9.2.5 and 9.2.6: no line ends a stream; bytes that are no UTF-8 read as U+FFFD, and \
             unknown fields are ignored."
        );
        let alone = Difference {
            protocol: Protocol::EventStream,
            number: 1,
            native: Some(Told::Retry(5)),
            other: None,
        };
        assert!(
            alone.to_string().starts_with(
                "at record 1, native: retry (ms \"5\"), other: nothing more. HTML 9.2.6"
            )
        );
    }

    #[test]
    fn long_values_are_cut_to_where_they_differ() {
        let long = "x".repeat(100);
        assert_eq!(excerpt(&long, None), format!("{}…", "x".repeat(60)));
        assert_eq!(excerpt(&long, Some(&long)), format!("{}…", "x".repeat(60)));
        let (a, b) = (format!("{long}a"), format!("{long}b"));
        assert_eq!(excerpt(&a, Some(&b)), format!("…{}a", "x".repeat(20)));
        assert_eq!(excerpt("ab", Some("ac")), "ab");
    }

    #[test]
    fn the_standard_is_named_by_what_differs() {
        let text = |data: &str| Told::Text(data.to_owned());
        let close = Told::Close {
            code: 1000,
            reason: String::new(),
        };
        let end = |id: &str| {
            Told::Ending(Ending {
                last_event_id: id.to_owned(),
                ..Ending::default()
            })
        };
        let gave_up = Told::Ending(Ending {
            gave_up: Some("why".to_owned()),
            ..Ending::default()
        });
        let events = [
            (event("1", "a"), Some(event("", "a")), "an event carries"),
            (event("1", "a"), Some(event("1", "b")), "data lines"),
            (event("1", "a"), Some(gave_up), "no line ends a stream"),
            (end("1"), Some(end("")), "a blank line commits"),
            (Told::Retry(1), Some(event("", "a")), "`retry` acts"),
            (event("", ""), None, "a blank line dispatches"),
        ];
        let messages = [
            (text("a"), Some(close.clone()), "7.1.7 and 7.4"),
            (close, None, "7.1.7 and 7.4"),
            (text("a"), Some(text("b")), "5.4"),
        ];
        let events = events.map(|case| (Protocol::EventStream, case));
        let messages = messages.map(|case| (Protocol::WebSocket, case));
        for (protocol, (native, other, says)) in events.into_iter().chain(messages) {
            let difference = Difference {
                protocol,
                number: 1,
                native: Some(native),
                other,
            };
            let standard = difference.standard();
            assert!(standard.contains(says), "{difference:?}: {standard}");
        }
    }
}
