//! Meanings of the rows in view: kept ones, those that are read at once, and those that a step reads.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use feedscope_core::record::Record;
use feedscope_core::store::{RowNumber, Store};
use parking_lot::Mutex;

use super::super::pairs::Request;
use super::super::read::Read;
use super::super::recognition::FeedAddress;
use super::super::single::{Single, read_decoded};
use super::known::{Known, shorten};
use crate::interpret::Interpreter;
use crate::listing::ItemId;

/// Number of bytes that a view reads at once, which takes well below a millisecond.
const AT_ONCE_BYTES: usize = 32 << 10;

/// Maximum number of decoded bytes of a record that a view reads at once. A small payload may have a huge output.
const AT_ONCE_OUTPUT: usize = 128 << 10;

/// Number of rows before a row that are read for the state, where no state was kept.
const ROWS_BEFORE: u64 = 256;

/// Number of rows that are read again rather than a kept state is sought.
const MAX_SKIPPED: u64 = 64;

/// Number of bytes that a record costs besides its payload.
const BYTES_OF_RECORD: usize = 64;

/// Records that are read, with what is known of them.
pub(super) struct PassSource {
    pub(super) store: Store,
    pub(super) address: FeedAddress,
    pub(super) interpreter: Interpreter,
    /// It is locked only for a short time.
    pub(super) known: Mutex<Known>,
}

/// Returns the meanings of these rows; `None` for rows that a step reads.
pub(super) fn meanings(source: &PassSource, rows: &[RowNumber]) -> Vec<Option<Arc<[Read]>>> {
    let mut found: Vec<_> = {
        let known = source.known.lock();
        rows.iter().map(|row| known.text(*row)).collect()
    };
    let is_missing = |(row, text): (&RowNumber, &Option<_>)| text.is_none().then_some(*row);
    let missing: Vec<RowNumber> = rows.iter().zip(&found).filter_map(is_missing).collect();
    if missing.is_empty() {
        return found;
    }
    let mut at_once = RowReader {
        source,
        interpreter: source.interpreter.within(AT_ONCE_OUTPUT),
        left: AT_ONCE_BYTES,
        is_at_once: true,
    };
    let read = at_once.read(&missing);
    // The lock was free while the records were read.
    let mut known = source.known.lock();
    let read_to = known.read_to;
    for (row, reads) in &read {
        if let Ok(at) = rows.binary_search(row) {
            found[at] = Some(Arc::clone(reads));
        }
        // The pairs of later rows are not known yet.
        if *row < read_to {
            known.keep_text(*row, Arc::clone(reads));
        } else {
            known.has_shown_unread = true;
        }
    }
    known.want(&missing[read.len()..]);
    found
}

/// Reads the rows that a view waits for. Returns true if there were any.
pub(super) fn read_wanted(source: &PassSource, budget: usize) -> bool {
    let wanted = source.known.lock().take_wanted();
    if wanted.is_empty() {
        return false;
    }
    let mut step = RowReader {
        source,
        interpreter: source.interpreter.clone(),
        left: budget,
        is_at_once: false,
    };
    let read = step.read(&wanted);
    let mut known = source.known.lock();
    let left = &wanted[read.len()..];
    // A view may have asked for other rows meanwhile.
    if !known.has_wanted() {
        known.want(left);
    }
    for (row, reads) in read {
        known.keep_text(row, reads);
    }
    true
}

/// Reader of rows within a budget.
struct RowReader<'a> {
    source: &'a PassSource,
    interpreter: Interpreter,
    /// Bytes that may still be read.
    left: usize,
    /// A view waits. Rows that take too long are left to a step, which reads at least one.
    is_at_once: bool,
}

/// A row takes too long for a view.
struct TooLong;

impl RowReader<'_> {
    /// Reads rows in order until the budget is used up.
    fn read(&mut self, rows: &[RowNumber]) -> Vec<(RowNumber, Arc<[Read]>)> {
        let mut read = Vec::new();
        let mut single: Option<Single> = None;
        for &row in rows {
            if self.left == 0 {
                break;
            }
            let Some(record) = self.source.store.record(row) else {
                read.push((row, Arc::from([])));
                continue;
            };
            let cost = record.payload().len() + BYTES_OF_RECORD;
            let is_needed = read.is_empty() && !self.is_at_once;
            if !is_needed && cost > self.left {
                break;
            }
            self.left = self.left.saturating_sub(cost);
            let Ok(mut reads) = self.read_row(&mut single, row, &record.record()) else {
                break;
            };
            reads.iter_mut().for_each(shorten);
            read.push((row, reads.into()));
        }
        read
    }

    /// Reads one row. Without a lens, only the decoders read its payload.
    fn read_row(
        &mut self,
        single: &mut Option<Single>,
        row: RowNumber,
        record: &Record<'_>,
    ) -> Result<Vec<Read>, TooLong> {
        let reads = match self.single_at(single.take(), row)? {
            Some(mut at) => {
                let is_too_long = Cell::new(false);
                let reads = at.read(row, record, &self.interpreter, |answer| {
                    let found = self.request_of(answer, record);
                    is_too_long.set(is_too_long.get() || found.is_err());
                    found.ok().flatten()
                });
                *single = Some(at);
                if is_too_long.get() {
                    return Err(TooLong);
                }
                reads
            }
            None => read_decoded(record, &self.interpreter),
        };
        let mut failures = reads.iter().filter_map(|read| read.failure.as_ref());
        if self.is_at_once && failures.any(|failure| failure.is_at(AT_ONCE_OUTPUT)) {
            return Err(TooLong);
        }
        Ok(reads)
    }

    /// Returns the lens in its state before a row; `None` without a lens.
    fn single_at(
        &mut self,
        single: Option<Single>,
        row: RowNumber,
    ) -> Result<Option<Single>, TooLong> {
        let is_near = |at: &Single| at.next <= row && row - at.next <= MAX_SKIPPED;
        let Some(mut single) = single
            .filter(is_near)
            .or_else(|| start_before(self.source, row))
        else {
            return Ok(None);
        };
        while single.next < row {
            if self.is_at_once && self.left == 0 {
                return Err(TooLong);
            }
            let Some(portion) = self.source.store.portion(single.next, self.left) else {
                break;
            };
            for (number, record) in portion.records().take_while(|(number, _)| *number < row) {
                let cost = record.kind.data().map_or(0, <[u8]>::len) + BYTES_OF_RECORD;
                if self.is_at_once && cost > self.left {
                    return Err(TooLong);
                }
                self.left = self.left.saturating_sub(cost);
                single.read(number, &record, &self.interpreter, |_| None);
            }
            single.next = single.next.max(portion.numbers().end.min(row));
        }
        Ok(Some(single))
    }

    /// Returns the request that an item answers, with the time to the record of the answer.
    fn request_of(
        &self,
        answer: ItemId,
        record: &Record<'_>,
    ) -> Result<Option<(Request, Duration)>, TooLong> {
        let source = self.source;
        let found = {
            let known = source.known.lock();
            known.request_of(answer).zip(known.lens)
        };
        let Some((item, name)) = found else {
            return Ok(None);
        };
        let Some(owned) = source.store.record(item.row) else {
            return Ok(None);
        };
        if self.is_at_once && owned.payload().len() > AT_ONCE_BYTES {
            return Err(TooLong);
        }
        let asked = owned.record();
        // A request that needs the state before it has no name here.
        let lens = name.lens(&source.address);
        let mut single = Single::new(name, lens, item.row);
        let reads = single.read(item.row, &asked, &self.interpreter, |_| None);
        let read = reads.into_iter().nth(item.part as usize);
        let request = Request {
            item,
            at: asked.stamp.moment,
            id: read.as_ref().and_then(|read| read.id.clone()),
            name: read.and_then(|read| read.name),
            was_answered: false,
        };
        Ok(Some((
            request,
            record.stamp.moment.since(asked.stamp.moment),
        )))
    }
}

/// Returns the lens in a kept state before a row.
fn start_before(source: &PassSource, row: RowNumber) -> Option<Single> {
    let known = source.known.lock();
    let name = known.lens?;
    if let Some((next, state)) = known.state_before(row) {
        return Some(Single::new(name, state, next));
    }
    let lens = name.lens(&source.address);
    let next = match lens.state() {
        super::super::LensState::None => row,
        _ => RowNumber(row.0.saturating_sub(ROWS_BEFORE)),
    };
    Some(Single::new(
        name,
        lens,
        next.max(source.store.extent().first),
    ))
}
