//! Search for the earlier records with which a view compares a record, in steps.

use std::borrow::Cow;

use feedscope_core::payload::json::{Changed, Likeness, Outline, changed_numbers, likeness};
use feedscope_core::store::{Lookback, OwnedRecord, RowNumber, Store};
use feedscope_core::{Kind, Moment, Record};

use crate::interpret::Interpreter;
use crate::job::{Job, JobProgress};
use crate::listing::Listing;
use crate::record_key::{KeyReader, RecordKey};

/// Maximum length of a payload whose numbers are compared.
const LONGEST_COMPARED: usize = 8 << 10;

/// Finds the last record before `record` with the same kind, direction and event type in a list; `None` if none is
/// stored.
///
/// Rows near the record are searched at once, because that takes microseconds, and those farther back in steps.
pub fn previous(listing: &Listing, record: &OwnedRecord) -> Job<Option<OwnedRecord>> {
    const NEAR_ROWS: u64 = 4_096;
    const ROWS_IN_A_STEP: u64 = 1 << 16;
    let store = listing.store();
    let mut before = match earlier_listed(listing, record, record.row(), NEAR_ROWS) {
        Lookback::Row(row) => return Job::ready(store.record(row)),
        Lookback::Nothing => return Job::ready(None),
        Lookback::Further(before) => before,
    };
    let (listing, record) = (listing.clone(), record.clone());
    Job::in_steps(move |_budget, _wanted| {
        match earlier_listed(&listing, &record, before, ROWS_IN_A_STEP) {
            Lookback::Row(row) => JobProgress::Done(listing.store().record(row)),
            Lookback::Nothing => JobProgress::Done(None),
            Lookback::Further(further) => {
                before = further;
                JobProgress::Further
            }
        }
    })
}

/// Finds the last record before `record` with the same value at `key`; `None` if none is stored, or if `record` has no such
/// value.
pub fn previous_by_key(
    store: &Store,
    record: &OwnedRecord,
    key: &RecordKey,
    interpreter: &Interpreter,
) -> Job<Option<OwnedRecord>> {
    let reader = KeyReader::new(key.clone());
    let interpreter = interpreter.clone();
    let name_of = move |kind: &Kind<'_>| -> Option<String> {
        let data = interpreter.received(kind)?;
        let name = reader.read(kind, &data);
        name.map(Cow::into_owned)
    };
    // A record without the key belongs to no series.
    let Some(name) = name_of(&record.record().kind) else {
        return Job::ready(None);
    };
    let (store, mut end) = (store.clone(), record.row());
    Job::in_steps(move |budget, _wanted| {
        let Some(portion) = store.portion_before(end, budget) else {
            return JobProgress::Done(None);
        };
        let mut newest_first = portion.records().rev();
        let is_same = |(_, other): &(_, Record<'_>)| name_of(&other.kind).as_deref() == Some(&name);
        if let Some((row, _)) = newest_first.find(is_same) {
            return JobProgress::Done(store.record(row));
        }
        end = portion.numbers().start;
        JobProgress::Further
    })
}

/// Searches up to `rows` rows before `before` for a listed record like this one.
fn earlier_listed(
    listing: &Listing,
    record: &OwnedRecord,
    before: RowNumber,
    rows: u64,
) -> Lookback {
    let stop = before.saturating_sub(rows);
    let mut before = before;
    while before > stop {
        let left = before.since(stop);
        match listing.store().earlier_like(record, before, left) {
            // The filter of the list hides this one.
            Lookback::Row(row) if !listing.has(row) => before = row,
            found => return found,
        }
    }
    if before == RowNumber(0) {
        Lookback::Nothing
    } else {
        Lookback::Further(before)
    }
}

/// Numbers of a JSON payload that differ from those of an earlier record.
pub struct ChangedNumbers {
    /// Arrival of the earlier record.
    pub since: Moment,
    /// The numbers, in their order in the payload.
    pub numbers: Vec<Changed>,
}

/// Finds the numbers of a JSON payload that differ from the last record about the same subject; `None` without one.
///
/// This is a record of the same type that has the most strings in common. Only records near it are searched.
pub fn changed_since(
    store: &Store,
    record: &OwnedRecord,
    interpreter: &Interpreter,
) -> Job<Option<ChangedNumbers>> {
    let (store, interpreter) = (store.clone(), interpreter.clone());
    let mut search = Search::new(record.clone());
    let mut new: Option<Json> = None;
    Job::in_steps(move |budget, _wanted| {
        if new.is_none() {
            new = Json::of(&search.record, &interpreter);
        }
        let Some(new) = &new else {
            return JobProgress::Done(None);
        };
        let mut left = budget;
        // Records are read until the budget of this step is used.
        loop {
            match search.next(&store, new, &interpreter) {
                Some(bytes) if bytes < left => left -= bytes,
                Some(_) => return JobProgress::Further,
                None => return JobProgress::Done(search.changed(new, &interpreter)),
            }
        }
    })
}

/// A JSON payload with its outline.
struct Json {
    text: String,
    outline: Outline,
}

impl Json {
    /// Returns the payload of a record; `None` if it is not JSON or is too long.
    fn of(record: &OwnedRecord, interpreter: &Interpreter) -> Option<Self> {
        let record = record.record();
        let read = interpreter.interpret(&record.kind)?;
        let text = read.text().filter(|text| text.len() <= LONGEST_COMPARED)?;
        Some(Self {
            text: text.to_owned(),
            outline: read.outline().ok()?,
        })
    }

    fn parts(&self) -> (&Outline, &str) {
        (&self.outline, &self.text)
    }
}

/// Search for the last record about the same subject.
struct Search {
    record: OwnedRecord,
    /// End of the rows to search, which begin at `stop`.
    before: RowNumber,
    stop: RowNumber,
    records_left: usize,
    /// Record that has the most in common with the selected one.
    best: Option<(Likeness, OwnedRecord)>,
}

impl Search {
    const MOST_RECORDS: usize = 64;
    const MOST_ROWS: u64 = 8_192;

    fn new(record: OwnedRecord) -> Self {
        let before = record.row();
        Self {
            record,
            before,
            stop: before.saturating_sub(Self::MOST_ROWS),
            records_left: Self::MOST_RECORDS,
            best: None,
        }
    }

    /// Reads the next earlier record. Returns its number of bytes, or `None` at the end of the search.
    fn next(&mut self, store: &Store, new: &Json, interpreter: &Interpreter) -> Option<usize> {
        self.records_left = self.records_left.checked_sub(1)?;
        let rows = self.before.since(self.stop);
        let Lookback::Row(row) = store.earlier_like(&self.record, self.before, rows) else {
            return None;
        };
        self.before = row;
        let earlier = store.record(row)?;
        let bytes = earlier.payload().len().min(LONGEST_COMPARED);
        let Some(old) = Json::of(&earlier, interpreter) else {
            return Some(bytes);
        };
        let likeness = likeness(old.parts(), new.parts());
        let is_better = self
            .best
            .as_ref()
            .is_none_or(|(best, _)| likeness.equal > best.equal);
        if is_better {
            self.best = Some((likeness, earlier));
            // No earlier record can be more similar.
            if likeness.equal == likeness.of {
                return None;
            }
        }
        Some(bytes)
    }

    /// Returns the numbers that differ from those of the best record.
    fn changed(&mut self, new: &Json, interpreter: &Interpreter) -> Option<ChangedNumbers> {
        let (likeness, earlier) = self.best.take()?;
        // A record without strings has no subject, so that any earlier one matches.
        if likeness.equal == 0 && likeness.of > 0 {
            return None;
        }
        let old = Json::of(&earlier, interpreter)?;
        Some(ChangedNumbers {
            since: earlier.record().stamp.moment,
            numbers: changed_numbers(old.parts(), new.parts()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES};
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;
    use crate::filter::{Filter, ParseContext, Scan};

    fn store(payloads: impl IntoIterator<Item = String>) -> Store {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for data in payloads {
            let event: &[u8] = if data.starts_with('{') { b"tick" } else { b"" };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event,
                    id: b"",
                    data: data.as_bytes(),
                },
            });
        }
        store
    }

    fn done<T: Send + Sync + 'static>(job: &Job<T>) -> usize {
        let mut steps = 0;
        while let Some(task) = job.task() {
            task.step(100);
            steps += 1;
        }
        steps
    }

    fn last(store: &Store) -> OwnedRecord {
        let end = store.extent().end;
        store.record(end.saturating_sub(1)).unwrap()
    }

    #[test]
    fn the_previous_record_of_a_type_is_found_however_far_it_is() {
        for others in [0, 10, 200_000] {
            let tick = || std::iter::once("{\"n\":1}".to_owned());
            let between = (0..others).map(|_| "other".to_owned());
            let store = store(tick().chain(between).chain(tick()));
            let job = previous(&whole(&store), &last(&store));
            let steps = done(&job);
            assert_eq!(steps > 1, others == 200_000, "{steps} steps");
            let found = job.get().unwrap().as_ref().unwrap();
            assert_eq!(found.row(), RowNumber(0));
        }
        let alone = store(["{}".to_owned()]);
        let job = previous(&whole(&alone), &last(&alone));
        assert!(job.get().unwrap().is_none());
    }

    #[test]
    fn the_previous_record_of_a_key_is_found() {
        let busy = (0..5_000).map(|number| format!("{{\"s\":\"A\",\"n\":{number}}}"));
        let rare = |number: u32| std::iter::once(format!("{{\"s\":\"B\",\"n\":{number}}}"));
        let store = store(rare(1).chain(busy).chain(rare(2)));
        let key = RecordKey::parse(".s").unwrap();
        let job = previous_by_key(&store, &last(&store), &key, &Interpreter::default());
        assert!(done(&job) > 1);
        assert_eq!(job.get().unwrap().as_ref().unwrap().row(), RowNumber(0));
        // A record without the key has no previous one.
        let other = RecordKey::parse(".other").unwrap();
        let job = previous_by_key(&store, &last(&store), &other, &Interpreter::default());
        assert!(job.get().unwrap().is_none());
    }

    fn whole(store: &Store) -> Listing {
        Listing::of_classes(store, ClassSet::ALL)
    }

    #[test]
    fn the_previous_record_of_a_filtered_list_is_one_of_its_hits() {
        for others in [1, 200_000] {
            let one = |n: usize| format!("{{\"of\":\"one\",\"n\":{n}}}");
            let between = (0..others).map(|n| format!("{{\"of\":\"other\",\"n\":{n}}}"));
            let store = store([one(1)].into_iter().chain(between).chain([one(2)]));
            let filter = Filter::parse(".of == \"one\"", &ParseContext::default()).unwrap();
            let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
            while !scan.step(1 << 20).done {}
            let job = previous(&Listing::of_hits(&scan), &last(&store));
            done(&job);
            let found = job.get().unwrap().as_ref().unwrap();
            assert_eq!(found.row(), RowNumber(0), "{others} others");
            let unfiltered = previous(&whole(&store), &last(&store));
            let found = unfiltered.get().unwrap().as_ref().unwrap();
            assert_eq!(found.row(), last(&store).row().saturating_sub(1));
        }
    }

    #[test]
    fn numbers_are_compared_with_the_last_record_about_the_same_thing() {
        let price =
            |symbol: &str, price: u32| format!("{{\"symbol\":\"{symbol}\",\"price\":{price}}}");
        let noise = (0..20).map(|n| price(&format!("S{n}"), 1));
        let store = store(
            [price("ACME", 5), "not JSON".to_owned()]
                .into_iter()
                .chain(noise)
                .chain([price("ACME", 7)]),
        );
        let job = changed_since(&store, &last(&store), &Interpreter::default());
        assert!(
            job.get().is_none(),
            "nothing is parsed before the first step"
        );
        assert!(done(&job) > 1);
        let Some(ChangedNumbers { since, numbers }) = job.get().unwrap() else {
            panic!("nothing was found");
        };
        assert_eq!((*since, numbers.len()), (Moment::default(), 1));
        let change = &numbers[0].change;
        assert_eq!((change.by.as_str(), change.rises), ("2", true));
    }

    #[test]
    fn a_record_about_something_else_changes_nothing() {
        let other = "{\"symbol\":\"HOOLI\",\"price\":5}".to_owned();
        let store = store([other, "{\"symbol\":\"ACME\",\"price\":7}".to_owned()]);
        let job = changed_since(&store, &last(&store), &Interpreter::default());
        done(&job);
        assert!(job.get().unwrap().is_none());
    }
}
