//! Columns with values of the payloads in a table that is written.

use feedscope_analysis::columns::Columns;
use feedscope_analysis::filter::ColumnValue;
use feedscope_files::formats::{Cell, FeedInfo, FeedWriter, FileItem, WriteError};

/// Returns the values of the columns for one item.
pub(super) fn cells(columns: &Columns, item: &FileItem<'_>) -> Vec<Cell> {
    let cell = |value: ColumnValue| match value {
        ColumnValue::Missing => Cell::Empty,
        ColumnValue::Number(text) => Cell::Number(text),
        ColumnValue::Text(text) => Cell::Text(text),
        ColumnValue::Bool(value) => Cell::Bool(value),
        ColumnValue::Json(text) => Cell::Json(text),
    };
    match item {
        FileItem::Record { record, .. } => {
            let values = columns.values(&record.kind);
            values.into_iter().map(cell).collect()
        }
        // Nothing is known about the payload of an unknown kind.
        FileItem::Unknown { .. } => columns.names().map(|_| Cell::Empty).collect(),
    }
}

/// Writer of a table that adds the values of the columns to each item.
pub struct ColumnsWriter<'a> {
    columns: Columns,
    inner: Box<dyn FeedWriter + 'a>,
}

impl<'a> ColumnsWriter<'a> {
    /// Returns a writer in front of one that was created with the names of these columns.
    pub fn new(columns: Columns, inner: Box<dyn FeedWriter + 'a>) -> Self {
        Self { columns, inner }
    }
}

impl FeedWriter for ColumnsWriter<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        self.inner.add_feed(feed)
    }

    fn write(&mut self, item: &FileItem<'_>, _cells: &[Cell]) -> Result<(), WriteError> {
        self.inner.write(item, &cells(&self.columns, item))
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.inner.flush()
    }

    fn finish(self: Box<Self>) -> Result<Vec<String>, WriteError> {
        self.inner.finish()
    }
}
