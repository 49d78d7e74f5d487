//! Items about requests that wait for their answers, for the filters `is:unanswered` and `-is:unanswered`. Their number is
//! bounded. Only a later record decides if such an item is shown.

use std::collections::BTreeMap;

use feedscope_analysis::lenses::Read;

use crate::typed_filter::TypedFilter;

/// Maximum number of items that wait. The oldest one counts as unanswered when there are more.
const MAX_WAITING: usize = 10_000;

/// Requests that are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    /// Requests that stay without an answer, at the end of their connection.
    #[default]
    Unanswered,
    /// Requests that get an answer, or that their sender gives up.
    Answered,
}

/// Items about records whose requests have no answer yet, by the number of the record.
pub(crate) struct Awaited<T> {
    requests: BTreeMap<u64, Waiting<T>>,
    shown: Shown,
}

struct Waiting<T> {
    /// Places of the requests in the record that have no answer.
    parts: Vec<u32>,
    item: T,
}

/// Item whose requests are decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decided<T> {
    /// The item.
    pub(crate) item: T,
    /// The filter shows it.
    pub(crate) is_shown: bool,
}

impl<T> Awaited<T> {
    /// Creates an empty list for this filter.
    pub(crate) fn new(filter: Option<&TypedFilter>) -> Self {
        let shows_answered = filter.is_some_and(TypedFilter::excludes_unanswered);
        Self {
            requests: BTreeMap::new(),
            shown: if shows_answered {
                Shown::Answered
            } else {
                Shown::Unanswered
            },
        }
    }

    /// Returns true if no item waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Removes the requests that these records answer or cancel. Returns the items that they decide.
    pub(crate) fn answer(&mut self, reads: &[Read]) -> Vec<Decided<T>> {
        let mut decided = Vec::new();
        let items = reads
            .iter()
            .flat_map(|read| [read.request, read.cancelled])
            .flatten();
        for item in items {
            let Some(waiting) = self.requests.get_mut(&item.row.0) else {
                continue;
            };
            // A batch waits until all of its requests have answers. A subscription has many answers.
            waiting.parts.retain(|part| *part != item.part);
            if waiting.parts.is_empty()
                && let Some(waiting) = self.requests.remove(&item.row.0)
            {
                decided.push(Decided {
                    item: waiting.item,
                    is_shown: self.shown == Shown::Answered,
                });
            }
        }
        decided
    }

    /// Keeps the item of a record with requests. Returns the oldest item if too many wait.
    pub(crate) fn keep(&mut self, row: u64, reads: &[Read], item: T) -> Option<Decided<T>> {
        let requests = (0..).zip(reads).filter(|(_, read)| read.is_request);
        let parts = requests.map(|(part, _)| part).collect();
        self.requests.insert(row, Waiting { parts, item });
        if self.requests.len() > MAX_WAITING {
            return self.give_up_oldest();
        }
        None
    }

    /// Removes the oldest item as one without an answer.
    pub(crate) fn give_up_oldest(&mut self) -> Option<Decided<T>> {
        let (_, oldest) = self.requests.pop_first()?;
        Some(Decided {
            item: oldest.item,
            is_shown: self.shown == Shown::Unanswered,
        })
    }

    /// Removes all items in order, because their connection has ended and no answer can follow.
    pub(crate) fn end(&mut self) -> impl Iterator<Item = Decided<T>> + use<T> {
        let is_shown = self.shown == Shown::Unanswered;
        let requests = std::mem::take(&mut self.requests).into_values();
        requests.map(move |waiting| Decided {
            item: waiting.item,
            is_shown,
        })
    }
}

#[cfg(test)]
mod tests {
    use feedscope_analysis::interpret::Interpreter;
    use feedscope_analysis::lenses::{Choice, FeedAddress, LensReader};
    use feedscope_core::{Direction, Kind, Record, Stamp};

    use super::*;

    /// Returns the records that a filter shows at once, and those that it shows later. `>` is before a sent message.
    fn shown(filter: &str, messages: &[&str]) -> Vec<u64> {
        let filter = TypedFilter::parse(filter).unwrap();
        let lens = Choice::parse("signalr").unwrap();
        let mut reader = LensReader::new(lens, FeedAddress::default(), Interpreter::default());
        let mut awaited = Awaited::new(Some(&filter));
        let mut decided = Vec::new();
        for (row, message) in (0..).zip(messages) {
            let (direction, message) = match message.strip_prefix('>') {
                Some(sent) => (Direction::Out, sent),
                None => (Direction::In, *message),
            };
            let data = format!("{message}\u{1e}").replace('|', "\u{1e}");
            let kind = Kind::Text {
                direction,
                data: data.as_bytes(),
                failed: None,
                wire: None,
            };
            let record = Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            };
            let reads = reader.read(&record);
            decided.extend(awaited.answer(&reads));
            if filter.matches_read(&record, &Interpreter::default(), &reads) {
                if reads.iter().any(|read| read.is_request) {
                    decided.extend(awaited.keep(row, &reads, row));
                } else {
                    let (item, is_shown) = (row, true);
                    decided.push(Decided { item, is_shown });
                }
            }
        }
        decided.extend(awaited.end());
        assert!(awaited.is_empty());
        let shown = decided.into_iter().filter(|decided| decided.is_shown);
        shown.map(|decided| decided.item).collect()
    }

    #[test]
    fn a_request_is_decided_by_its_answers() {
        let messages = [
            // Two requests in one message, of which one gets two items and the other no answer.
            r#">{"type":4,"invocationId":"1","target":"a","arguments":[]}|{"type":1,"invocationId":"2","target":"b","arguments":[]}"#,
            r#">{"type":4,"invocationId":"3","target":"c","arguments":[]}"#,
            r#">{"type":1,"invocationId":"4","target":"d","arguments":[]}"#,
            r#"{"type":2,"invocationId":"1","item":1}"#,
            r#"{"type":2,"invocationId":"1","item":2}"#,
            // The client gives up its stream.
            r#">{"type":5,"invocationId":"3"}"#,
            r#"{"type":3,"invocationId":"4","result":1}"#,
        ];
        assert_eq!(shown("is:unanswered", &messages), [0]);
        assert_eq!(shown("-is:unanswered is:out", &messages), [1, 5, 2]);
    }

    #[test]
    fn the_number_of_items_is_bounded() {
        let filter = TypedFilter::parse("is:unanswered").unwrap();
        let mut awaited = Awaited::new(Some(&filter));
        for row in 0..MAX_WAITING as u64 {
            assert_eq!(awaited.keep(row, &[], row), None);
        }
        let decided = awaited.keep(MAX_WAITING as u64, &[], 0).unwrap();
        assert_eq!((decided.item, decided.is_shown), (0, true));
        assert_eq!(awaited.end().count(), MAX_WAITING);
    }
}
