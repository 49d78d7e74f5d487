//! Selection of the records that a conversion writes, and the numbers of their feeds in the output.

use std::collections::HashMap;

use feedscope_analysis::filter::{Column, ColumnValue, Filter, ParseContext};
use feedscope_core::Timestamp;
use feedscope_files::formats::{Cell, FeedInfo, FeedWriter, Item, ItemSink, WriteError};

use crate::plan::ConvertPlan;

/// Records to write, and what was found of them so far.
pub(super) struct Selection {
    filter: Option<Filter>,
    /// Names of the feeds to write; empty for all.
    wanted: Vec<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    columns: Vec<Column>,
    /// Numbers of the feeds in the output, by their names.
    numbers: HashMap<String, usize>,
    /// Names of all feeds of the inputs.
    found: Vec<String>,
    /// Numbers in the output of the feeds of the current input; `None` for one that is not written.
    mapped: Vec<Option<usize>>,
    written: u64,
}

impl Selection {
    /// The texts of the plan were checked when the arguments were parsed.
    pub(super) fn new(plan: &ConvertPlan) -> Self {
        let filter = plan.filter.as_deref();
        Self {
            filter: filter.and_then(|text| Filter::parse(text, &ParseContext::default()).ok()),
            wanted: plan.feeds.clone(),
            since: plan.since,
            until: plan.until,
            columns: plan
                .columns
                .as_deref()
                .and_then(|text| Column::parse_list(text).ok())
                .unwrap_or_default(),
            numbers: HashMap::new(),
            found: Vec::new(),
            mapped: Vec::new(),
            written: 0,
        }
    }

    pub(super) fn column_names(&self) -> Vec<String> {
        let names = self.columns.iter().map(Column::name);
        names.map(str::to_owned).collect()
    }

    /// Feeds are numbered anew in each input.
    pub(super) fn begin_input(&mut self) {
        self.mapped.clear();
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
    pub(super) fn target<'a>(&'a mut self, writer: &'a mut dyn FeedWriter) -> Target<'a> {
        Target {
            selection: self,
            writer,
            failure: None,
        }
    }

    fn is_selected(&self, item: &Item<'_>) -> bool {
        let at = item.stamp().utc;
        if self.since.is_some_and(|since| at < since) || self.until.is_some_and(|until| at >= until)
        {
            return false;
        }
        match (&self.filter, item) {
            (None, _) => true,
            (Some(filter), Item::Record { record, .. }) => filter.matches(record),
            // Nothing is known about the payload of an unknown kind.
            (Some(_), Item::Unknown { .. }) => false,
        }
    }

    fn cells(&self, item: &Item<'_>) -> Vec<Cell> {
        let cell = |column: &Column| match item {
            Item::Record { record, .. } => match column.value(&record.kind) {
                ColumnValue::Missing => Cell::Empty,
                ColumnValue::Number(text) => Cell::Number(text),
                ColumnValue::Text(text) => Cell::Text(text),
                ColumnValue::Bool(value) => Cell::Bool(value),
                ColumnValue::Json(text) => Cell::Json(text),
            },
            Item::Unknown { .. } => Cell::Empty,
        };
        self.columns.iter().map(cell).collect()
    }
}

/// Taker of the items of an input. It passes those that are selected to the writer.
pub(super) struct Target<'a> {
    selection: &'a mut Selection,
    writer: &'a mut dyn FeedWriter,
    failure: Option<WriteError>,
}

impl Target<'_> {
    /// Reason that an item could not be written.
    pub(super) fn failure(self) -> Option<WriteError> {
        self.failure
    }
}

impl ItemSink for Target<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) {
        let Selection {
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

    fn push(&mut self, item: Item<'_>) {
        let number = self.selection.mapped.get(item.feed()).copied().flatten();
        let Some(number) = number else { return };
        if self.failure.is_some() || !self.selection.is_selected(&item) {
            return;
        }
        let cells = self.selection.cells(&item);
        match self.writer.write(&item.of_feed(number), &cells) {
            Ok(()) => self.selection.written += 1,
            Err(error) => self.failure = Some(error),
        }
    }
}
