//! Description of the first difference between two engines.
//!
//! It does not select a winner: the native engine must follow the standard, and the relevant rule is shown beside the
//! difference.

use std::fmt;

use super::{EngineEnding, EngineReport};
use crate::protocol::Protocol;

/// Maximum number of characters of a value in the sentence.
const SHOWN_CHARS: usize = 60;

/// First difference between two engines on the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineDifference {
    /// Protocol of the connection, which determines the standard.
    pub protocol: Protocol,
    /// Number of the record on its connection, from 1, among the records that engines report.
    pub number: u64,
    /// Record of the native engine; `None` if it reported nothing.
    pub native: Option<EngineReport>,
    /// Record of the other engine; `None` if it reported nothing.
    pub other: Option<EngineReport>,
}

/// Value of a record, from one of the engines or from both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferentField {
    /// Name of the value; empty for the kind of record.
    pub name: &'static str,
    /// Value from the native engine; `None` if its record has no such value.
    pub native: Option<String>,
    /// Value from the other engine; `None` if its record has no such value.
    pub other: Option<String>,
}

impl DifferentField {
    /// Returns a piece of about `most` characters of each value, around the first different character.
    pub fn excerpts(&self, most: usize) -> [Option<String>; 2] {
        let (native, other) = (self.native.as_deref(), self.other.as_deref());
        [
            native.map(|value| excerpt(value, other, most)),
            other.map(|value| excerpt(value, native, most)),
        ]
    }

    /// Returns true if both values are equal.
    pub fn is_alike(&self) -> bool {
        self.native == self.other
    }
}

impl EngineDifference {
    /// Returns the values of both engines side by side, for people. The kind of record comes first, without a name.
    pub fn fields(&self) -> Vec<DifferentField> {
        let nothing = || vec![("", "nothing more".to_owned())];
        let native = self
            .native
            .as_ref()
            .map_or_else(nothing, EngineReport::fields);
        let other = self
            .other
            .as_ref()
            .map_or_else(nothing, EngineReport::fields);
        let mut fields: Vec<DifferentField> = native
            .into_iter()
            .map(|(name, value)| DifferentField {
                name,
                native: Some(value),
                other: None,
            })
            .collect();
        // Fields with the same name are shown side by side.
        for (name, value) in other {
            match fields.iter_mut().find(|field| field.name == name) {
                Some(field) => field.other = Some(value),
                None => fields.push(DifferentField {
                    name,
                    native: None,
                    other: Some(value),
                }),
            }
        }
        fields
    }

    /// Returns the rule of the standard, as a sentence with its paragraph.
    pub fn standard(&self) -> &'static str {
        match self.protocol {
            Protocol::EventStream => self.html(),
            Protocol::WebSocket => self.rfc_6455(),
        }
    }

    fn html(&self) -> &'static str {
        match (&self.native, &self.other) {
            (
                Some(EngineReport::Event { event, .. }),
                Some(EngineReport::Event { event: other, .. }),
            ) if event != other => {
                "HTML 9.2.6: the type is the value of the block's last `event` field, else `message`."
            }
            (Some(EngineReport::Event { id, .. }), Some(EngineReport::Event { id: other, .. }))
                if id != other =>
            {
                "HTML 9.2.6: an event carries the last event ID, which a block without data may have set."
            }
            (Some(EngineReport::Event { .. }), Some(EngineReport::Event { .. })) => {
                "HTML 9.2.6: data lines are joined by line feeds; one space after a colon goes, and nothing else."
            }
            (Some(EngineReport::Retry(_)), _) => {
                "HTML 9.2.6: `retry` acts as soon as its line is read, also in a block without data."
            }
            (
                _,
                Some(EngineReport::Ending(EngineEnding {
                    gave_up: Some(_), ..
                })),
            ) => {
                "HTML 9.2.5 and 9.2.6: no line ends a stream; bytes that are no UTF-8 read as U+FFFD, and unknown \
                 fields are ignored."
            }
            (Some(EngineReport::Ending(_)), Some(EngineReport::Ending(_))) => {
                "HTML 9.2.6: a blank line commits the id before it, also where its block has no data."
            }
            _ => {
                "HTML 9.2.6: a blank line dispatches a block that has a data line, and no other; a block that the \
                 stream ends in is discarded."
            }
        }
    }

    fn rfc_6455(&self) -> &'static str {
        let is_end = |report: &Option<EngineReport>| {
            matches!(
                report,
                Some(EngineReport::Close { .. } | EngineReport::Ending(_))
            )
        };
        if is_end(&self.native) || is_end(&self.other) {
            "RFC 6455 7.1.7 and 7.4: a violation of the protocol fails the connection, with the code of the reason."
        } else {
            "RFC 6455 5.4: a message is the payloads of its frames, joined."
        }
    }
}

/// Writes `at record 3, native: event (type "message", data "a"), other: gives up (why "…")`, and then the rule of the
/// standard.
impl fmt::Display for EngineDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields();
        write!(f, "at record {}, native: ", self.number)?;
        write_side(f, &fields, 0)?;
        f.write_str(", other: ")?;
        write_side(f, &fields, 1)?;
        write!(f, ". {}", self.standard())
    }
}

/// Writes the values of one engine: `side` 0 is the native engine.
fn write_side(f: &mut fmt::Formatter<'_>, fields: &[DifferentField], side: usize) -> fmt::Result {
    let mut named = false;
    for field in fields {
        let [native, other] = field.excerpts(SHOWN_CHARS);
        let Some(value) = (if side == 0 { native } else { other }) else {
            continue;
        };
        if field.name.is_empty() {
            f.write_str(&value)?;
        } else {
            let before = if named { ", " } else { " (" };
            write!(f, "{before}{} {value:?}", field.name)?;
            named = true;
        }
    }
    f.write_str(if named { ")" } else { "" })
}

/// Returns a piece of a value around its first difference.
fn excerpt(value: &str, against: Option<&str>, most: usize) -> String {
    let same = against.map_or(0, |other| {
        let pairs = value.chars().zip(other.chars());
        pairs.take_while(|(a, b)| a == b).count()
    });
    let length = value.chars().count();
    // Without a difference, or with an early one, the beginning of the value is enough.
    let skipped = if same == length || same < most {
        0
    } else {
        // Some equal characters before the difference show its position.
        same - most / 3
    };
    let mut piece = String::new();
    if skipped > 0 {
        piece.push('…');
    }
    piece.extend(value.chars().skip(skipped).take(most));
    if skipped + most < length {
        piece.push('…');
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CloseCode;

    fn event(id: &str, data: &str) -> EngineReport {
        EngineReport::Event {
            event: "message".to_owned(),
            id: id.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn a_difference_is_a_sentence_and_what_the_standard_says() {
        let difference = EngineDifference {
            protocol: Protocol::EventStream,
            number: 3,
            native: Some(event("2", "a\u{fffd}")),
            other: Some(EngineReport::Ending(EngineEnding {
                gave_up: Some("malformed value".to_owned()),
                ..EngineEnding::default()
            })),
        };
        assert_eq!(
            difference.to_string(),
            "at record 3, native: event (type \"message\", id \"2\", data \"a\u{fffd}\"), other: gives up (why \"malformed \
             value\"). HTML 9.2.5 and 9.2.6: no line ends a stream; bytes that are no UTF-8 read as U+FFFD, and \
             unknown fields are ignored."
        );
        let alone = EngineDifference {
            protocol: Protocol::EventStream,
            number: 1,
            native: Some(EngineReport::Retry(5)),
            other: None,
        };
        assert!(
            alone.to_string().starts_with(
                "at record 1, native: retry (ms \"5\"), other: nothing more. HTML 9.2.6"
            )
        );
    }

    #[test]
    fn values_stand_beside_each_other() {
        let difference = EngineDifference {
            protocol: Protocol::EventStream,
            number: 1,
            native: Some(event("7", "a")),
            other: Some(EngineReport::Retry(5)),
        };
        let field = |name, native: Option<&str>, other: Option<&str>| DifferentField {
            name,
            native: native.map(str::to_owned),
            other: other.map(str::to_owned),
        };
        let fields = difference.fields();
        assert_eq!(
            fields,
            [
                field("", Some("event"), Some("retry")),
                field("type", Some("message"), None),
                field("id", Some("7"), None),
                field("data", Some("a"), None),
                field("ms", None, Some("5")),
            ]
        );
        assert!(fields.iter().all(|field| !field.is_alike()));
        let alone = EngineDifference {
            other: None,
            ..difference
        };
        assert_eq!(
            alone.fields()[0],
            field("", Some("event"), Some("nothing more"))
        );
    }

    #[test]
    fn long_values_are_cut_to_where_they_differ() {
        let long = "x".repeat(100);
        assert_eq!(excerpt(&long, None, 60), format!("{}…", "x".repeat(60)));
        assert_eq!(
            excerpt(&long, Some(&long), 60),
            format!("{}…", "x".repeat(60))
        );
        let (a, b) = (format!("{long}a"), format!("{long}b"));
        assert_eq!(excerpt(&a, Some(&b), 60), format!("…{}a", "x".repeat(20)));
        assert_eq!(excerpt("ab", Some("ac"), 60), "ab");
    }

    #[test]
    fn the_standard_is_named_by_what_differs() {
        let text = |data: &str| EngineReport::Text(data.to_owned());
        let close = EngineReport::Close {
            code: CloseCode(1000),
            reason: String::new(),
        };
        let end = |id: &str| {
            EngineReport::Ending(EngineEnding {
                last_event_id: id.to_owned(),
                ..EngineEnding::default()
            })
        };
        let gave_up = EngineReport::Ending(EngineEnding {
            gave_up: Some("why".to_owned()),
            ..EngineEnding::default()
        });
        let events = [
            (event("1", "a"), Some(event("", "a")), "an event carries"),
            (event("1", "a"), Some(event("1", "b")), "data lines"),
            (event("1", "a"), Some(gave_up), "no line ends a stream"),
            (end("1"), Some(end("")), "a blank line commits"),
            (EngineReport::Retry(1), Some(event("", "a")), "`retry` acts"),
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
            let difference = EngineDifference {
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
