//! Payloads that are left out of a file: the record stays, and its payload states the length.

use feedscope_core::record::{Kind, Record, Sink};

use crate::typed_filter::TypedFilter;

/// Sink that leaves out the payloads of matching records, if there is a filter.
pub struct PayloadMask<S> {
    filter: Option<TypedFilter>,
    inner: S,
}

impl<S: Sink> PayloadMask<S> {
    /// Returns a sink that passes on all records, with or without their payloads.
    pub fn new(filter: Option<TypedFilter>, inner: S) -> Self {
        Self { filter, inner }
    }
}

impl<S: Sink> Sink for PayloadMask<S> {
    #[inline]
    fn push(&mut self, record: &Record<'_>) {
        match &self.filter {
            Some(filter) => with_masked(filter, record, |record| self.inner.push(record)),
            None => self.inner.push(record),
        }
    }

    fn flush(&mut self) {
        self.inner.flush();
    }

    fn has_room(&self) -> bool {
        self.inner.has_room()
    }
}

/// Passes a record on, without its payload if it matches.
pub fn with_masked<T>(
    filter: &TypedFilter,
    record: &Record<'_>,
    act: impl FnOnce(&Record<'_>) -> T,
) -> T {
    let payload = record.kind.data().filter(|_| filter.matches(record));
    let Some(payload) = payload else {
        return act(record);
    };
    let unit = if payload.len() == 1 { "byte" } else { "bytes" };
    let text = format!("‹masked, {} {unit}›", payload.len());
    act(&Record {
        kind: with_payload(&record.kind, text.as_bytes()),
        ..record.clone()
    })
}

fn with_payload<'a>(kind: &Kind<'a>, payload: &'a [u8]) -> Kind<'a> {
    let mut kind = kind.clone();
    match &mut kind {
        Kind::Event { data, .. }
        | Kind::Comment { data }
        | Kind::Line { data }
        | Kind::Text { data, .. }
        | Kind::Binary { data, .. }
        | Kind::Ping { data, .. }
        | Kind::Pong { data, .. } => *data = payload,
        Kind::State(_)
        | Kind::Retry { .. }
        | Kind::Close { .. }
        | Kind::Gap(_)
        | Kind::Note { .. } => {}
    }
    kind
}

#[cfg(test)]
mod tests {
    use feedscope_core::NoteCode;
    use feedscope_core::time::Stamp;

    use super::*;

    #[test]
    fn only_payloads_of_matching_records_are_left_out() {
        let filter = TypedFilter::parse("secret").unwrap();
        let masked = |kind: Kind<'_>| {
            let record = Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            };
            with_masked(&filter, &record, |record| format!("{:?}", record.kind))
        };
        let line = |text: &'static str| Kind::Line {
            data: text.as_bytes(),
        };
        let expected = |text: &str| {
            format!(
                "{:?}",
                Kind::Line {
                    data: text.as_bytes()
                }
            )
        };
        assert_eq!(masked(line("a secret")), expected("‹masked, 8 bytes›"));
        assert_eq!(masked(line("open")), expected("open"));
        let note = Kind::Note {
            code: NoteCode("secret"),
            text: "a secret",
        };
        assert!(
            masked(note).contains("a secret"),
            "notes are of Feedscope itself"
        );
    }
}
