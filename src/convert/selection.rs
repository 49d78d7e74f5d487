//! Selection of the records that a conversion writes, and the numbers of their feeds in the output.

use std::collections::HashMap;

use feedscope_analysis::columns::Columns;
use feedscope_core::{Moment, Stamp, Timestamp};
use feedscope_files::formats::{FeedInfo, FeedWriter, FileItem, ItemSink, WriteError};

use super::cells::cells;
use crate::mask::with_masked;
use crate::plan::ConvertPlan;
use crate::typed_filter::TypedFilter;

/// Records to write, and what was found of them so far.
pub(super) struct RecordSelection {
    filter: Option<TypedFilter>,
    /// Records whose payloads are left out.
    mask: Option<TypedFilter>,
    /// Names of the feeds to write; empty for all.
    wanted: Vec<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    columns: Columns,
    /// Numbers of the feeds in the output, by their names.
    numbers: HashMap<String, usize>,
    /// Names of all feeds of the inputs.
    found: Vec<String>,
    /// Numbers in the output of the feeds of the current input; `None` for one that is not written.
    mapped: Vec<Option<usize>>,
    clock: InputClock,
    written: u64,
}

impl RecordSelection {
    /// The texts of the plan were checked when the arguments were parsed.
    pub(super) fn new(plan: &ConvertPlan) -> Self {
        let filter = plan.filter.as_deref();
        Self {
            filter: filter.and_then(|text| TypedFilter::parse(text).ok()),
            mask: plan.mask.clone(),
            wanted: plan.feeds.clone(),
            since: plan.since,
            until: plan.until,
            columns: plan
                .columns
                .as_deref()
                .and_then(|text| Columns::parse(text).ok())
                .unwrap_or_default(),
            numbers: HashMap::new(),
            found: Vec::new(),
            mapped: Vec::new(),
            clock: InputClock::default(),
            written: 0,
        }
    }

    pub(super) fn column_names(&self) -> Vec<String> {
        self.columns.names().map(str::to_owned).collect()
    }

    /// Feeds are numbered anew in each input.
    pub(super) fn begin_input(&mut self) {
        self.mapped.clear();
        self.clock.begin_input();
    }

    /// Number of records that were written.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Returns the sentence about a feed that was requested and is in no input.
    pub(super) fn missing_feed(&self) -> Option<String> {
        let missing = self.wanted.iter().find(|name| !self.found.contains(name))?;
        Some(if self.found.is_empty() {
            format!("there is no feed {missing}: the input contains none")
        } else {
            format!(
                "there is no feed {missing}; the input contains {}",
                self.found.join(", ")
            )
        })
    }

    /// Returns the taker of items for one read.
    pub(super) fn target<'a>(&'a mut self, writer: &'a mut dyn FeedWriter) -> SelectionSink<'a> {
        SelectionSink {
            selection: self,
            writer,
            failure: None,
        }
    }

    fn is_selected(&self, item: &FileItem<'_>) -> bool {
        let at = item.stamp().utc;
        if self.since.is_some_and(|since| at < since) || self.until.is_some_and(|until| at >= until)
        {
            return false;
        }
        match (&self.filter, item) {
            (None, _) => true,
            (Some(filter), FileItem::Record { record, .. }) => filter.matches(record),
            // Nothing is known about the payload of an unknown kind.
            (Some(_), FileItem::Unknown { .. }) => false,
        }
    }
}

/// Moments of several inputs on one time line. An input never begins before the one in front of it ends.
#[derive(Debug, Default)]
struct InputClock {
    /// UTC at the moment 0, in microseconds; `None` before the first item.
    origin: Option<i64>,
    /// Shift of the moments of the current input, in nanoseconds; `None` before its first item.
    shift: Option<i64>,
    last: Moment,
}

impl InputClock {
    fn begin_input(&mut self) {
        self.shift = None;
    }

    fn stamp(&mut self, stamp: Stamp) -> Stamp {
        let nanos = stamp.moment.as_nanos() as i64;
        let utc = stamp.utc.as_micros();
        let origin = *self
            .origin
            .get_or_insert_with(|| utc.saturating_sub(nanos / 1_000));
        // The first item of an input decides on the place of the whole input.
        let shift = *self.shift.get_or_insert_with(|| {
            let by_utc = utc.saturating_sub(origin).saturating_mul(1_000);
            by_utc
                .max(self.last.as_nanos() as i64)
                .saturating_sub(nanos)
        });
        let moment = u64::try_from(nanos.saturating_add(shift)).unwrap_or(0);
        self.last = Moment::from_nanos(moment).max(self.last);
        Stamp {
            moment: self.last,
            utc: stamp.utc,
        }
    }
}

/// Taker of the items of an input. It passes those that are selected to the writer.
pub(super) struct SelectionSink<'a> {
    selection: &'a mut RecordSelection,
    writer: &'a mut dyn FeedWriter,
    failure: Option<WriteError>,
}

impl SelectionSink<'_> {
    /// Reason that an item could not be written.
    pub(super) fn failure(self) -> Option<WriteError> {
        self.failure
    }
}

impl ItemSink for SelectionSink<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) {
        let RecordSelection {
            wanted,
            numbers,
            found,
            mapped,
            ..
        } = &mut *self.selection;
        if !found.contains(&feed.name) {
            found.push(feed.name.clone());
        }
        let is_wanted = wanted.is_empty() || wanted.contains(&feed.name);
        if !is_wanted {
            mapped.push(None);
            return;
        }
        // Feeds of the same name in several files are one feed, as in parts of a recording.
        let next = numbers.len();
        let number = *numbers.entry(feed.name.clone()).or_insert(next);
        mapped.push(Some(number));
        if number == next && self.failure.is_none() {
            self.failure = self.writer.add_feed(feed).err();
        }
    }

    fn push(&mut self, item: FileItem<'_>) {
        let number = self.selection.mapped.get(item.feed()).copied().flatten();
        let Some(number) = number else { return };
        if self.failure.is_some() || !self.selection.is_selected(&item) {
            return;
        }
        let stamp = self.selection.clock.stamp(item.stamp());
        let item = item.at(stamp);
        let item = item.of_feed(number);
        let mut write = |item: &FileItem<'_>| {
            self.writer
                .write(item, &cells(&self.selection.columns, item))
        };
        let written = match (&self.selection.mask, &item) {
            // Columns are values of payloads too, so that those of a masked record are empty.
            (Some(mask), FileItem::Record { record, extra, .. }) => {
                with_masked(mask, record, |record| {
                    write(&FileItem::Record {
                        feed: number,
                        record: record.clone(),
                        extra,
                    })
                })
            }
            _ => write(&item),
        };
        match written {
            Ok(()) => self.selection.written += 1,
            Err(error) => self.failure = Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(millis: u64, utc_millis: i64) -> Stamp {
        Stamp {
            moment: Moment::from_millis(millis),
            utc: Timestamp::from_micros(utc_millis * 1_000),
        }
    }

    #[test]
    fn inputs_follow_each_other_on_one_time_line() {
        let mut clock = InputClock::default();
        clock.begin_input();
        let mut moment = |millis, utc| clock.stamp(stamp(millis, utc)).moment;
        // The first input keeps its moments, also where its wall clock jumps.
        assert_eq!(moment(500, 10_500), Moment::from_millis(500));
        assert_eq!(moment(900, 10_000), Moment::from_millis(900));
        clock.begin_input();
        let mut moment = |millis, utc| clock.stamp(stamp(millis, utc)).moment;
        assert_eq!(moment(7, 12_000), Moment::from_millis(2_000));
        assert_eq!(moment(8, 12_001), Moment::from_millis(2_001));
        clock.begin_input();
        // An older file that is named later begins where the one before it ends.
        let earlier = clock.stamp(stamp(0, 1_000));
        assert_eq!(
            earlier,
            Stamp {
                moment: Moment::from_millis(2_001),
                ..stamp(0, 1_000)
            }
        );
    }
}
