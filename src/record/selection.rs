//! Selection of the records that a recording contains.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use feedscope_analysis::lenses::LensReader;
use feedscope_core::record::{Record, Sink};

use crate::plan::RecordPlan;
use crate::typed_filter::TypedFilter;

/// Selection of a run and the number of payloads that it left out. Clones share the number.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedSelection {
    filter: Option<TypedFilter>,
    left_out: Arc<AtomicU64>,
}

impl RecordedSelection {
    pub(super) fn new(plan: &RecordPlan) -> Self {
        Self {
            filter: plan.filter.clone(),
            left_out: Arc::default(),
        }
    }

    /// Returns a sink for a feed, whose payloads are read by `reader` if anything interprets them.
    pub(super) fn sink<S: Sink>(&self, reader: Option<LensReader>, inner: S) -> SelectionSink<S> {
        SelectionSink {
            selection: self.clone(),
            // A lens that is not used costs nothing.
            reader: reader.filter(|_| self.filter.is_some()),
            inner,
        }
    }

    /// Returns a sentence about the payloads that were left out.
    pub(super) fn sentence(&self) -> Option<String> {
        let left_out = self.left_out.load(Ordering::Relaxed);
        let filter = self.filter.as_ref().filter(|_| left_out > 0)?;
        let (count, were) = match left_out {
            1 => ("1 record does".to_owned(), "was"),
            count => (format!("{count} records do"), "were"),
        };
        Some(format!(
            "{count} not match `{}` and {were} not recorded",
            filter.text()
        ))
    }
}

/// Sink that passes on the payloads that match, and all records without a payload of the feed, such as states and gaps.
pub struct SelectionSink<S> {
    selection: RecordedSelection,
    reader: Option<LensReader>,
    inner: S,
}

impl<S: Sink> Sink for SelectionSink<S> {
    #[inline]
    fn push(&mut self, record: &Record<'_>) {
        if let Some(filter) = &self.selection.filter {
            let matches = match &mut self.reader {
                // A lens reads each record, because the ones that are left out explain others.
                Some(reader) => {
                    let reads = reader.read(record);
                    filter.matches_read(record, reader.interpreter(), &reads)
                }
                None => filter.matches(record),
            };
            if record.kind.is_data() && !matches {
                self.selection.left_out.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        self.inner.push(record);
    }

    fn flush(&mut self) {
        self.inner.flush();
    }

    fn has_room(&self) -> bool {
        self.inner.has_room()
    }
}
