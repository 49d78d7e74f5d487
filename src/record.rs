//! Recording of the feeds of a run without a window: their records go through a store to a file, beside any other output.
//!
//! `feedscope record` has no other output. `tail --record` prints the records as well.

mod parquet;
mod refused;
mod selection;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use feedscope_analysis::lenses::{FeedAddress, LensReader};
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::Protocol;
use feedscope_core::record::{Record, Sink};
use feedscope_core::store::{RowNumber, StagedWriter, Store};
use feedscope_core::url_text::masked;
use feedscope_files::formats::{FeedInfo, FeedProtocol};
use feedscope_files::recording::{
    CreateError, FeedDescription, JoiningFeeds, RecordedFeed, RecordedReading, Recorder,
    RecordingProgress,
};

use crate::mask::PayloadMask;
use crate::plan::RecordPlan;
use crate::reading::RunReading;
use crate::typed_filter::TypedFilter;
use parquet::{ParquetFiles, ParquetParts};
use selection::{RecordedSelection, SelectionSink};

pub use refused::Refused;

/// Memory for the newest records of each feed, from which the recorder reads. It is small, so that the caches of the
/// processor keep a part of it. If the disk is slow, the store keeps 64 more chunks for the recorder.
const STORE_BYTES: u64 = 2 << 20;

/// Interval at which the line about the progress changes.
pub const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

/// Feed of a run that is recorded.
pub struct RunFeed<'a> {
    pub spec: &'a FeedSpec,
    pub name: &'a str,
    /// Reading that the file keeps.
    pub reading: RecordedReading,
    /// Reader of its payloads for the selection; `None` if nothing interprets them.
    pub reader: Option<LensReader>,
}

/// Destination of the records of a feed in a recording.
pub type RecordedSink = SelectionSink<PayloadMask<StagedWriter>>;

/// Recording of the feeds of a run.
pub struct RunRecording {
    recorder: Option<Recorder>,
    selection: RecordedSelection,
    parquet: Option<ParquetParts>,
    started: Instant,
    last: RecordingProgress,
}

impl From<CreateError> for Refused {
    fn from(error: CreateError) -> Self {
        // An existing file is a mistake of the command line. A file in use is not.
        let (status, way_out) = match error {
            CreateError::Stays(_) => (2, "; --append adds to it, --force replaces it"),
            CreateError::Exists(_) => (2, ""),
            CreateError::InUse(_) | CreateError::Failed(_) => (1, ""),
        };
        Self {
            sentence: format!("{error}{way_out}"),
            status,
        }
    }
}

impl RunRecording {
    /// Creates the file, and returns a sink for the records of each feed. `reading` is the reading of the run. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// Fails if the file may not or cannot be written.
    pub fn start<'a>(
        plan: &RecordPlan,
        feeds: impl IntoIterator<Item = RunFeed<'a>>,
        reading: &RunReading,
        on_failure: impl Fn() + Send + 'static,
    ) -> Result<(Self, Vec<RecordedSink>), Refused> {
        let selection = RecordedSelection::new(plan);
        let mut sinks = Vec::new();
        let mut recorded = Vec::new();
        for feed in feeds {
            let (writer, store) = Store::new(STORE_BYTES);
            let writer = PayloadMask::new(plan.mask.clone(), StagedWriter::new(writer));
            sinks.push(selection.sink(feed.reader, writer));
            recorded.push(RecordedFeed {
                description: FeedDescription {
                    reading: feed.reading,
                    ..describe(feed.spec, feed.name)
                },
                store,
                from: RowNumber(0),
            });
        }
        // An earlier run may have been killed before it converted everything.
        let parquet = ParquetFiles::of_plan(plan, reading);
        if let Some(files) = &parquet {
            files.convert_left_over(&plan.target.path)?;
        }
        let recorder = Recorder::start(plan.target.clone(), plan.roll, recorded, on_failure)?;
        let recording = Self {
            last: recorder.progress(),
            recorder: Some(recorder),
            selection,
            parquet: parquet
                .map(|files| ParquetParts::start(&plan.target.path, files))
                .transpose()?,
            started: Instant::now(),
        };
        Ok((recording, sinks))
    }

    /// Returns the way of the feeds of an input into this recording.
    pub fn of_input(&self, plan: &RecordPlan) -> Option<InputRecording> {
        Some(InputRecording {
            joining: self.recorder.as_ref()?.joining(),
            selection: self.selection.clone(),
            mask: plan.mask.clone(),
        })
    }

    /// Returns the reason for which nothing more is recorded.
    pub fn failure(&self) -> Option<String> {
        self.progress().failure
    }

    /// Returns a line about the progress, for a terminal.
    pub fn progress_line(&self) -> String {
        let seconds = self.started.elapsed().as_secs();
        let RecordingProgress {
            path,
            records,
            bytes,
            lost,
            ..
        } = self.progress();
        let mut line = format!(
            "{}: {records} records, {}, {:02}:{:02}:{:02}",
            file_name(&path),
            size(bytes),
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        );
        if lost > 0 {
            // Writing to a string cannot fail.
            write!(line, ", {lost} lost").ok();
        }
        line
    }

    /// Writes what is left and ends the file. Returns sentences about anything that is not in it.
    pub fn finish(&mut self) -> Vec<String> {
        if let Some(recorder) = self.recorder.take() {
            self.last = recorder.finish();
        }
        if let Some(parts) = self.parquet.take()
            && let Some(why) = parts.finish()
        {
            self.last.failure.get_or_insert(why);
        }
        let mut sentences: Vec<String> = self.last.failure.iter().cloned().collect();
        sentences.extend(self.selection.sentence());
        if self.last.lost > 0 {
            sentences.push(format!(
                "{} records were not recorded, because the disk was too slow",
                self.last.lost
            ));
        }
        sentences
    }

    fn progress(&self) -> RecordingProgress {
        match &self.recorder {
            Some(recorder) => recorder.progress(),
            None => self.last.clone(),
        }
    }
}

/// Returns the description of a feed for the file. It contains no secret: the URL is masked, and headers, bodies and
/// credentials are left out.
pub fn describe(spec: &FeedSpec, name: &str) -> FeedDescription {
    FeedDescription {
        name: name.to_owned(),
        url: Some(masked(&spec.url)),
        protocol: match spec.protocol() {
            Protocol::EventStream => "event-stream",
            Protocol::WebSocket => "web-socket",
        }
        .to_owned(),
        engine: Some(spec.engine().name().to_owned()),
        ..FeedDescription::default()
    }
}

/// Way of the feeds of standard input or a file into a recording. Such feeds become known while they are read.
#[derive(Clone)]
pub struct InputRecording {
    joining: JoiningFeeds,
    selection: RecordedSelection,
    mask: Option<TypedFilter>,
}

impl InputRecording {
    /// Adds a feed, and returns a sink that records it beside another sink.
    pub fn add(
        &self,
        info: &FeedInfo,
        reading: &RunReading,
        other: Box<dyn Sink>,
    ) -> Box<dyn Sink> {
        let (writer, store) = Store::new(STORE_BYTES);
        let protocol = info.protocol.unwrap_or(FeedProtocol::Lines);
        self.joining.add(RecordedFeed {
            description: FeedDescription {
                name: info.name.clone(),
                url: info.url.clone(),
                protocol: protocol.word().to_owned(),
                engine: info.engine.clone(),
                reading: reading.recorded(),
                ..FeedDescription::default()
            },
            store,
            from: RowNumber(0),
        });
        let address = FeedAddress {
            url: info.url.clone().unwrap_or_default(),
            ..FeedAddress::default()
        };
        let writer = PayloadMask::new(self.mask.clone(), StagedWriter::new(writer));
        let writer = self.selection.sink(reading.reader(&address), writer);
        Box::new(RecordingSink::new(writer, other))
    }
}

/// Sink that passes each record to a store and to another sink.
pub struct RecordingSink<W, S> {
    store: W,
    other: S,
}

impl<W: Sink, S: Sink> RecordingSink<W, S> {
    /// Returns a sink for a feed. The store comes first, so that the record is safe when the other sink reports it.
    pub fn new(store: W, other: S) -> Self {
        Self { store, other }
    }
}

impl<W: Sink, S: Sink> Sink for RecordingSink<W, S> {
    #[inline]
    fn push(&mut self, record: &Record<'_>) {
        self.store.push(record);
        self.other.push(record);
    }

    fn flush(&mut self) {
        self.store.flush();
        self.other.flush();
    }

    fn has_room(&self) -> bool {
        // The store itself never asks to wait.
        self.other.has_room()
    }

    fn has_finished(&self) -> bool {
        self.other.has_finished()
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Returns a size for people, such as `1.4 MiB`.
fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in units {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    match unit {
        "B" => format!("{bytes} B"),
        unit => format!("{size:.1} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_digit_after_the_point() {
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_500_000, "1.4 MiB"),
            (5 << 40, "5.0 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn descriptions_contain_no_secret() {
        let url = "https://u:s3cret@a.test/x?token=s3cret&a=1"
            .parse()
            .unwrap();
        let mut spec = FeedSpec::new(url);
        spec.http.headers = vec![("X-Key".to_owned(), "s3cret".into())];
        spec.http.body = Some(b"s3cret".to_vec().into());
        spec.http.last_event_id = "s3cret".to_owned();
        let found = format!("{:?}", describe(&spec, "x"));
        assert!(!found.contains("s3cret"), "{found}");
        assert!(found.contains("a.test/x"), "{found}");
    }
}
