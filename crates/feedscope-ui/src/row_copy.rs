//! Selected rows as a text for the clipboard, and their total size. Both are computed in steps, because a selection may
//! contain millions of rows.

use std::collections::VecDeque;
use std::ops::Range;

use base64::Engine as _;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::job::{Job, JobProgress};
use feedscope_analysis::listing::{ItemId, ListedLine, Listing};
use feedscope_analysis::measures::{Figures, MeasuredFields, Measures};
use feedscope_core::Kind;
use feedscope_core::record::write_json_line;
use feedscope_core::store::OwnedRecord;
use jiff::tz::TimeZone;
use parking_lot::Mutex;

use crate::words;

/// Maximum bytes of a text that is passed to the clipboard.
const MOST_COPIED: usize = 512 << 20;

/// Number of rows that are read at once.
const ROWS_AT_ONCE: usize = 1_024;

/// Form of copied rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyForm {
    /// Time, direction, type, ID and payload, separated by tabs; one line for each row.
    Table,
    /// The payloads alone, one after the other; bytes as base64.
    Payloads,
    /// One line of JSON for each row, as `feedscope tail -o json` prints it.
    JsonLines,
}

/// Text for the clipboard; `None` if it is too large or has been taken.
pub(crate) type CopiedText = Mutex<Option<String>>;

/// Creates the job that makes the text of these rows.
pub(crate) fn copy_job(
    listing: &Listing,
    ranges: &[Range<ItemId>],
    form: CopyForm,
    zone: Option<&TimeZone>,
) -> Job<CopiedText> {
    let mut rows = SelectedRows::new(listing, ranges);
    let zone = zone.cloned();
    let mut text = String::new();
    Job::in_steps(move |_budget, _wanted| {
        let has_more = rows.step(&mut |listing, line| {
            if let Some(record) = listing.store().record(line.item.id.row) {
                write_row(&mut text, form, line, &record, zone.as_ref());
            }
        });
        if text.len() > MOST_COPIED {
            return JobProgress::Done(Mutex::new(None));
        }
        if has_more {
            return JobProgress::Further;
        }
        // A single row is pasted into a line, so that it has no line break at its end.
        if text.ends_with('\n') {
            text.pop();
        }
        JobProgress::Done(Mutex::new(Some(std::mem::take(&mut text))))
    })
}

/// Creates the job that adds up the sizes of these rows.
pub(crate) fn size_job(listing: &Listing, ranges: &[Range<ItemId>]) -> Job<u64> {
    let mut rows = SelectedRows::new(listing, ranges);
    let mut bytes = 0;
    Job::in_steps(move |_budget, _wanted| {
        if rows.step(&mut |_, line| bytes += line.text.size) {
            JobProgress::Further
        } else {
            JobProgress::Done(bytes)
        }
    })
}

/// Creates the job that measures these rows, whose fields `interpreter` reads.
pub(crate) fn measure_job(
    listing: &Listing,
    ranges: &[Range<ItemId>],
    fields: MeasuredFields,
    interpreter: Interpreter,
) -> Job<Figures> {
    let mut rows = SelectedRows::new(listing, ranges);
    let mut measures = Measures::of_fields(fields);
    measures.set_interpreter(interpreter);
    Job::in_steps(move |_budget, _wanted| {
        let has_more = rows.step(&mut |listing, line| {
            if let Some(record) = listing.store().record(line.item.id.row) {
                measures.add(&record.record());
            }
        });
        if has_more {
            JobProgress::Further
        } else {
            JobProgress::Done(measures.figures(None))
        }
    })
}

/// Selected rows of a list that are left to read, in order.
struct SelectedRows {
    listing: Listing,
    ranges: VecDeque<Range<ItemId>>,
}

impl SelectedRows {
    fn new(listing: &Listing, ranges: &[Range<ItemId>]) -> Self {
        Self {
            listing: listing.clone(),
            ranges: ranges.iter().cloned().collect(),
        }
    }

    /// Passes the next rows to `read`. Returns false if none are left.
    fn step(&mut self, read: &mut impl FnMut(&Listing, &ListedLine)) -> bool {
        let Some(range) = self.ranges.front_mut() else {
            return false;
        };
        // A range ends in the middle of a record only behind its last part, so that this record belongs to it.
        let end = range.end.row + u64::from(range.end.part > 0);
        let index = self.listing.rank(range.start);
        let lines = self.listing.lines(index, end, ROWS_AT_ONCE, 0);
        for line in &lines {
            read(&self.listing, line);
        }
        match lines.last() {
            Some(last) if lines.len() == ROWS_AT_ONCE => range.start = last.item.end.into(),
            _ => {
                self.ranges.pop_front();
            }
        }
        !self.ranges.is_empty()
    }
}

/// Appends one row with a line break. Without a zone, the records have no times, and the cell of the time is empty.
pub(crate) fn write_row(
    text: &mut String,
    form: CopyForm,
    line: &ListedLine,
    record: &OwnedRecord,
    zone: Option<&TimeZone>,
) {
    let payload = || match record.record().kind {
        Kind::Binary { data, .. } => base64::engine::general_purpose::STANDARD
            .encode(data)
            .into(),
        _ => String::from_utf8_lossy(record.payload()),
    };
    match form {
        CopyForm::Payloads => text.push_str(&payload()),
        CopyForm::JsonLines => {
            let mut json = Vec::new();
            write_json_line(&mut json, &record.record(), None);
            // The writer ends the line itself.
            text.push_str(String::from_utf8_lossy(&json).trim_end());
        }
        CopyForm::Table => {
            let stamp = line.text.stamp;
            let time = zone.map_or_else(String::new, |zone| words::time_of_day(stamp.utc, zone));
            let kind = record.record().kind;
            let direction = kind.direction().map_or("", |direction| direction.word());
            let name = words::row_name(&line.text);
            let id = match kind {
                Kind::Event { id, .. } => String::from_utf8_lossy(id),
                _ => "".into(),
            };
            let payload = words::row_sentence(&line.text).map_or_else(payload, Into::into);
            text.push_str(&[&time, direction, name, &id, &payload].join("\t"));
        }
    }
    text.push('\n');
}
