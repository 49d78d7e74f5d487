//! Meanings of the rows in view: kept ones, those that are read at once, and those that a step reads.

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
    let mut left = AT_ONCE_BYTES;
    let read = read_rows(source, &missing, &mut left);
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
pub(super) fn read_wanted(source: &PassSource, mut budget: usize) -> bool {
    let wanted = source.known.lock().take_wanted();
    if wanted.is_empty() {
        return false;
    }
    let read = read_rows(source, &wanted, &mut budget);
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

/// Reads rows in order until the budget is used up, and at least one.
fn read_rows(
    source: &PassSource,
    rows: &[RowNumber],
    left: &mut usize,
) -> Vec<(RowNumber, Arc<[Read]>)> {
    let mut read = Vec::new();
    let mut single: Option<Single> = None;
    for &row in rows {
        if *left == 0 {
            break;
        }
        let Some(record) = source.store.record(row) else {
            read.push((row, Arc::from([])));
            continue;
        };
        let cost = record.payload().len() + BYTES_OF_RECORD;
        if !read.is_empty() && cost > *left {
            break;
        }
        *left = left.saturating_sub(cost);
        let record = record.record();
        // Without a lens, only the decoders read the payload.
        let mut reads = match single_at(source, single.take(), row, left) {
            Some(mut at) => {
                let reads = at.read(row, &record, &source.interpreter, |answer| {
                    request_of(source, answer, &record)
                });
                single = Some(at);
                reads
            }
            None => read_decoded(&record, &source.interpreter),
        };
        reads.iter_mut().for_each(shorten);
        read.push((row, reads.into()));
    }
    read
}

/// Returns the lens in its state before a row; `None` without a lens.
fn single_at(
    source: &PassSource,
    single: Option<Single>,
    row: RowNumber,
    left: &mut usize,
) -> Option<Single> {
    let is_near = |at: &Single| at.next <= row && row - at.next <= MAX_SKIPPED;
    let mut single = match single.filter(is_near) {
        Some(single) => single,
        None => start_before(source, row)?,
    };
    while single.next < row {
        let Some(portion) = source.store.portion(single.next, *left) else {
            break;
        };
        for (number, record) in portion.records().take_while(|(number, _)| *number < row) {
            let cost = record.kind.data().map_or(0, <[u8]>::len) + BYTES_OF_RECORD;
            *left = left.saturating_sub(cost);
            single.read(number, &record, &source.interpreter, |_| None);
        }
        single.next = single.next.max(portion.numbers().end.min(row));
    }
    Some(single)
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

/// Returns the request that an item answers, with the time to the record of the answer.
fn request_of(
    source: &PassSource,
    answer: ItemId,
    record: &Record<'_>,
) -> Option<(Request, Duration)> {
    let (item, name) = {
        let known = source.known.lock();
        (known.request_of(answer)?, known.lens?)
    };
    let owned = source.store.record(item.row)?;
    let asked = owned.record();
    // A request that needs the state before it has no name here.
    let lens = name.lens(&source.address);
    let mut single = Single::new(name, lens, item.row);
    let interpreter: &Interpreter = &source.interpreter;
    let reads = single.read(item.row, &asked, interpreter, |_| None);
    let read = reads.into_iter().nth(item.part as usize);
    let request = Request {
        item,
        at: asked.stamp.moment,
        id: read.as_ref().and_then(|read| read.id.clone()),
        name: read.and_then(|read| read.name),
        was_answered: false,
    };
    Some((request, record.stamp.moment.since(asked.stamp.moment)))
}
