//! Destinations for the records of feeds that are not live, in the form that the command line requests.

use std::sync::Arc;

use feedscope_analysis::lenses::FeedAddress;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::record::{Record, Sink};
use feedscope_files::formats::{FeedInfo, FileItem};
use parking_lot::Mutex;

use super::columns::TextColumns;
use super::count_sink::{CountSink, Totals};
use super::line_sink::LineSink;
use super::measure_sink::MeasureSink;
use super::outlet::Outlet;
use super::text::TextForm;
use super::watch::{Reporter, RunWatch};
use crate::complaint::complain;
use crate::plan::RunOutput;
use crate::reading::RunReading;
use crate::record::InputRecording;
use crate::stats::FeedMeasures;
use crate::typed_filter::TypedFilter;

/// Maker of the sinks of feeds that join a run while it goes on. Clones share what is counted and measured.
#[derive(Clone)]
pub(super) struct SinkMaker {
    pub(super) outlet: Arc<Outlet>,
    pub(super) output: RunOutput,
    /// Only records that match are shown, counted or measured.
    pub(super) filter: Option<TypedFilter>,
    pub(super) fields: MeasuredFields,
    /// Recording of the feeds beside the output.
    recording: Option<InputRecording>,
    /// Columns of the lines of text.
    columns: Option<TextColumns>,
    /// Interpretation of the payloads.
    pub(super) reading: RunReading,
    pub(super) totals: Arc<Totals>,
    /// Measures of the feeds, in the order in which they joined.
    pub(super) measures: Arc<Mutex<Vec<FeedMeasures>>>,
}

impl SinkMaker {
    pub(super) fn new(
        outlet: &Arc<Outlet>,
        output: RunOutput,
        filter: Option<&TypedFilter>,
        fields: &MeasuredFields,
    ) -> Self {
        Self {
            outlet: Arc::clone(outlet),
            output,
            filter: filter.cloned(),
            fields: fields.clone(),
            recording: None,
            columns: None,
            reading: RunReading::default(),
            totals: Arc::default(),
            measures: Arc::default(),
        }
    }

    /// Records the feeds as well.
    pub(super) fn with_recording(self, recording: Option<InputRecording>) -> Self {
        Self { recording, ..self }
    }

    /// Shows these columns in lines of text.
    pub(super) fn with_columns(self, columns: Option<&TextColumns>) -> Self {
        Self {
            columns: columns.cloned(),
            ..self
        }
    }

    /// Interprets the payloads.
    pub(super) fn with_reading(self, reading: &RunReading) -> Self {
        Self {
            reading: reading.clone(),
            ..self
        }
    }

    /// Counts in the totals of the whole run.
    pub(super) fn with_totals(self, totals: Option<&Arc<Totals>>) -> Self {
        match totals {
            Some(totals) => Self {
                totals: Arc::clone(totals),
                ..self
            },
            None => self,
        }
    }

    /// Returns a sink for a feed. `name` is its name in the lines, if they contain it, in a column of this width.
    pub(super) fn sink(
        &self,
        info: &FeedInfo,
        name: Option<String>,
        width: usize,
    ) -> Box<dyn Sink> {
        let reading = self.reading.of_recording(&info.reading);
        // The payloads are worth showing as received.
        let reading = reading.unwrap_or_else(|problem| {
            complain(&info.name, &format!("is not read as recorded: {problem}"));
            self.reading.clone()
        });
        let sink = self.sink_of_output(info, &reading, name, width);
        match &self.recording {
            Some(recording) => recording.add(info, &reading, sink),
            None => sink,
        }
    }

    fn sink_of_output(
        &self,
        info: &FeedInfo,
        reading: &RunReading,
        name: Option<String>,
        width: usize,
    ) -> Box<dyn Sink> {
        // Nobody waits for the states of this feed.
        let reporter = Reporter::new(Arc::new(RunWatch::new(1)), 0);
        let (outlet, filter) = (Arc::clone(&self.outlet), self.filter.clone());
        let address = FeedAddress {
            url: info.url.clone().unwrap_or_default(),
            ..FeedAddress::default()
        };
        match self.output {
            RunOutput::CountOnly => {
                let sink = CountSink::new(Arc::clone(&self.totals), filter, reporter);
                Box::new(sink.with_reading(reading, &address))
            }
            // The report at the end has a part for each feed.
            RunOutput::Measures(_) | RunOutput::Recording(_) => {
                let feed = FeedMeasures::new(&*info.name, info.url.clone(), self.fields.clone())
                    .with_reading(reading, &address)
                    .with_filter(filter.as_ref());
                self.measures.lock().push(feed.clone());
                Box::new(MeasureSink::new(feed, reporter))
            }
            RunOutput::Text => {
                let form = TextForm::new(name, width).with_columns(self.columns.clone());
                let sink = LineSink::text(form, outlet, filter, reporter);
                let sink = sink.with_sequence(&self.fields);
                Box::new(sink.with_reading(reading, &address))
            }
            RunOutput::Json => {
                let sink = LineSink::json(name, outlet, filter, reporter);
                let sink = sink.with_sequence(&self.fields);
                Box::new(sink.with_reading(reading, &address))
            }
        }
    }

    pub(super) fn output(&self) -> RunOutput {
        self.output
    }

    pub(super) fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    /// Returns true if the record is shown.
    pub(super) fn matches(&self, record: &Record<'_>) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.matches_read(record, &self.reading.interpreter, &[]))
    }

    /// Writes an item as a line of JSON, with everything that this version does not know.
    pub(super) fn write_item(&self, item: &FileItem<'_>, feed: Option<&str>) {
        let mut line = Vec::new();
        item.write_json_line(&mut line, feed);
        self.outlet.write(&line);
    }

    /// Returns true if nobody reads what is written.
    pub(super) fn is_gone(&self) -> bool {
        self.outlet.is_gone()
    }
}
