//! Values that must not be recorded, such as secrets that a connection inserted into its messages. They are replaced by
//! their names before a record reaches its sink.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::{Direction, Kind, Record, Sink};

/// Received payloads are searched for values of at least this length. Shorter ones occur by chance.
const SHORTEST_RECEIVED: usize = 4;

/// Length from which a value of letters alone is searched, too. A shorter one may be a word, such as the key `price`.
const SHORTEST_WORD_RECEIVED: usize = 12;

/// Values with their names. Cheap to clone; `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Secrets {
    secrets: Arc<[Secret]>,
}

struct Secret {
    finder: Finder<'static>,
    /// The name as it is shown: `‹NAME›`.
    shown: String,
}

impl Secret {
    fn name(&self) -> &str {
        self.shown.trim_matches(['‹', '›'])
    }
}

impl Secrets {
    /// Values by their names. Empty values are no secrets.
    pub fn new(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut secrets: Vec<_> = secrets
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Secret {
                finder: Finder::new(value.as_bytes()).into_owned(),
                shown: format!("‹{name}›"),
            })
            .collect();
        // A value may contain another one, so that the longest is replaced first.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.finder.needle().len()));
        Self {
            secrets: secrets.into(),
        }
    }

    /// Returns true if there is nothing to replace.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// The names of the values, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.secrets.iter().map(Secret::name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The value with this name. Of several forms, such as that in a URL, it is the shortest.
    pub fn value_of(&self, name: &str) -> Option<Cow<'_, str>> {
        let of_name = self.secrets.iter().filter(|secret| secret.name() == name);
        let values = of_name.map(|secret| secret.finder.needle());
        // The form without escapes comes first among those of the same length.
        let value = values.min_by_key(|value| value.len())?;
        Some(String::from_utf8_lossy(value))
    }

    /// The bytes with names in place of values; in received data, of those that do not occur by chance.
    fn mask<'b>(&self, bytes: &'b [u8], is_received: bool) -> Cow<'b, [u8]> {
        let mut masked = Cow::Borrowed(bytes);
        for Secret { finder, shown } in &*self.secrets {
            let value = finder.needle();
            // Nothing is copied unless a value occurs.
            if (is_received && may_be_chance(value)) || finder.find(&masked).is_none() {
                continue;
            }
            let mut out = Vec::with_capacity(masked.len());
            let mut rest = &*masked;
            while let Some(at) = finder.find(rest) {
                out.extend_from_slice(&rest[..at]);
                out.extend_from_slice(shown.as_bytes());
                rest = &rest[at + value.len()..];
            }
            out.extend_from_slice(rest);
            masked = Cow::Owned(out);
        }
        masked
    }

    /// A text for people with names in place of all values.
    pub fn mask_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.mask(text.as_bytes(), false) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(masked) => Cow::Owned(String::from_utf8_lossy(&masked).into_owned()),
        }
    }
}

/// Returns true for a value that received data may contain by chance: a short one, or a word.
fn may_be_chance(value: &[u8]) -> bool {
    let is_word = value.iter().all(u8::is_ascii_alphabetic);
    value.len() < SHORTEST_RECEIVED || (is_word && value.len() < SHORTEST_WORD_RECEIVED)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.secrets.iter().map(|secret| &secret.shown);
        f.debug_set().entries(shown).finish()
    }
}

impl PartialEq for Secrets {
    fn eq(&self, other: &Self) -> bool {
        let pairs = |secrets: &Self| -> Vec<_> {
            let pair = |secret: &Secret| (secret.finder.needle().to_vec(), secret.shown.clone());
            secrets.secrets.iter().map(pair).collect()
        };
        pairs(self) == pairs(other)
    }
}

/// Replaces secrets in every record on its way to another sink.
pub struct MaskingSink<S> {
    inner: S,
    secrets: Secrets,
}

impl<S> MaskingSink<S> {
    /// A sink that passes records without these values to `inner`.
    pub fn new(inner: S, secrets: Secrets) -> Self {
        Self { inner, secrets }
    }
}

impl<S: Sink> Sink for MaskingSink<S> {
    fn push(&mut self, record: &Record<'_>) {
        if self.secrets.is_empty() {
            return self.inner.push(record);
        }
        // A clone shares the values, and the inner sink stays free to be changed.
        let secrets = self.secrets.clone();
        let is_sent = record.kind.direction() == Some(Direction::Out);
        let mask = |bytes| secrets.mask(bytes, !is_sent);
        let mask_text = |text| secrets.mask_text(text);
        let mut push = |kind| {
            let (stamp, connection) = (record.stamp, record.connection);
            self.inner.push(&Record {
                stamp,
                connection,
                kind,
            });
        };
        match &record.kind {
            Kind::State(change) => {
                let mut change = change.clone();
                let reason = change.reason.as_deref();
                change.reason = reason.map(|reason| secrets.mask_text(reason).into_owned());
                push(Kind::State(change));
            }
            Kind::Event { event, id, data } => push(Kind::Event {
                event: &mask(event),
                id: &mask(id),
                data: &mask(data),
            }),
            Kind::Comment { data } => push(Kind::Comment { data: &mask(data) }),
            Kind::Line { data } => push(Kind::Line { data: &mask(data) }),
            Kind::Text {
                direction,
                data,
                failed,
                wire,
            } => push(Kind::Text {
                direction: *direction,
                data: &mask(data),
                failed: failed.map(mask_text).as_deref(),
                wire: *wire,
            }),
            Kind::Binary {
                direction,
                data,
                failed,
                wire,
            } => push(Kind::Binary {
                direction: *direction,
                data: &mask(data),
                failed: failed.map(mask_text).as_deref(),
                wire: *wire,
            }),
            Kind::Close {
                direction,
                code,
                reason,
            } => push(Kind::Close {
                direction: *direction,
                code: *code,
                reason: &mask_text(reason),
            }),
            Kind::Note { code, text } => push(Kind::Note {
                code: *code,
                text: &mask_text(text),
            }),
            Kind::Retry { .. } | Kind::Ping { .. } | Kind::Pong { .. } | Kind::Gap(_) => {
                push(record.kind.clone());
            }
        }
    }

    fn flush(&mut self) {
        self.inner.flush();
    }

    fn has_room(&self) -> bool {
        self.inner.has_room()
    }

    fn has_finished(&self) -> bool {
        self.inner.has_finished()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;
    use crate::connection::StateChange;
    use crate::note_code::NoteCode;
    use crate::protocol::CloseCode;
    use crate::record::write_json_line;
    use crate::{ConnectionState, Stamp};

    /// Collects lines of JSON.
    struct CollectedLines(Arc<Mutex<Vec<u8>>>);

    impl Sink for CollectedLines {
        fn push(&mut self, record: &Record<'_>) {
            write_json_line(&mut self.0.lock(), record, None);
        }

        fn flush(&mut self) {}
    }

    fn secrets() -> Secrets {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Secrets::new([
            pair("PIN", "42"),
            pair("WORD", "price"),
            pair("LONG_WORD", "abcdefghijkl"),
            pair("TOKEN", "s3cret"),
            pair("LONG", "s3cret-and-more"),
            pair("EMPTY", ""),
        ])
    }

    fn masked(kind: Kind<'_>) -> String {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let mut sink = MaskingSink::new(CollectedLines(Arc::clone(&lines)), secrets());
        let stamp = Stamp::default();
        sink.push(&Record {
            stamp,
            connection: 1,
            kind,
        });
        let lines = lines.lock();
        String::from_utf8(lines.clone()).unwrap()
    }

    fn text(direction: Direction, data: &str) -> Kind<'_> {
        Kind::Text {
            direction,
            data: data.as_bytes(),
            failed: None,
            wire: None,
        }
    }

    #[test]
    fn values_are_replaced_by_their_names_wherever_they_occur() {
        let change = StateChange {
            reason: Some("no s3cret".to_owned()),
            ..StateChange::to(ConnectionState::Failed)
        };
        let data = b"a s3cret";
        let s3cret = "s3cret";
        for kind in [
            Kind::State(change),
            Kind::Event {
                event: data,
                id: data,
                data,
            },
            Kind::Comment { data },
            Kind::Line { data },
            text(Direction::Out, s3cret),
            text(Direction::In, s3cret),
            Kind::Text {
                direction: Direction::Out,
                data,
                failed: Some(s3cret),
                wire: None,
            },
            Kind::Close {
                direction: Direction::In,
                code: CloseCode(1000),
                reason: s3cret,
            },
            Kind::Note {
                code: NoteCode("x"),
                text: s3cret,
            },
        ] {
            let line = masked(kind);
            assert!(
                !line.contains("s3cret") && line.contains("‹TOKEN›"),
                "{line}"
            );
        }
        let binary = masked(Kind::Binary {
            direction: Direction::Out,
            data,
            failed: None,
            wire: None,
        });
        assert!(!binary.contains("czNjcmV0"), "{binary}");
    }

    #[test]
    fn the_longest_value_is_replaced_first_and_short_ones_in_sent_messages_only() {
        let line = masked(text(Direction::Out, "s3cret-and-more 42 s3cret"));
        assert!(line.contains("‹LONG› ‹PIN› ‹TOKEN›"), "{line}");
        let line = masked(text(Direction::In, "s3cret-and-more 42 s3cret"));
        assert!(line.contains("‹LONG› 42 ‹TOKEN›"), "{line}");
        assert_eq!(secrets().mask_text("42 apples"), "‹PIN› apples");
    }

    #[test]
    fn a_word_is_left_in_received_data_because_it_occurs_by_chance() {
        let line = masked(text(Direction::In, "price abcdefghijkl"));
        assert!(line.contains("price ‹LONG_WORD›"), "{line}");
        let line = masked(text(Direction::Out, "price"));
        assert!(line.contains("‹WORD›"), "{line}");
    }

    #[test]
    fn values_are_not_printed() {
        let shown = format!("{:?}", secrets());
        assert!(
            !shown.contains("s3cret") && shown.contains("‹TOKEN›"),
            "{shown}"
        );
        assert!(Secrets::default().is_empty() && secrets() == secrets());
    }

    #[test]
    fn a_value_is_found_by_its_name() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let secrets = Secrets::new([
            pair("B", "a b"),
            pair("B", "a%20b"),
            pair("B", "a+b"),
            pair("A", "x"),
        ]);
        assert_eq!(secrets.names(), ["A", "B"]);
        assert_eq!(secrets.value_of("B").as_deref(), Some("a b"));
        assert_eq!(secrets.value_of("C"), None);
    }
}
