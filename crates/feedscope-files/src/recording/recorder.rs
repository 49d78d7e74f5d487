//! Thread that records feeds: it reads their stores, and never holds up what fills them.
//!
//! A full chunk is written once, as it is in memory. Rows that are not in a full chunk yet are written as a *tail block*
//! about once a second, so that a crash loses at most the last second. The chunk contains them again when it is full.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use feedscope_core::Timestamp;
use feedscope_core::store::{BlockTags, Followed, Follower, Portion, RowNumber, Store};
use parking_lot::{Condvar, Mutex};

use super::block::{FeedDescription, RecordedReading};
use super::roll::Roll;
use super::stream::new_clock_domain;
use super::writer::{CreateError, Existing, FileWriter, RecordingTarget, WriteError};

/// Interval at which the stores are looked at, if no chunk is full before.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Interval between tail blocks. With the one above, it stays below a second.
const TAIL_INTERVAL: Duration = Duration::from_millis(800);

/// Feed to record.
pub struct RecordedFeed {
    /// Description for the file. Its number and its first row are set by the recorder.
    pub description: FeedDescription,
    /// Store that the records are read from.
    pub store: Store,
    /// First row to record. Rows that the store does not keep any more are not part of the recording.
    pub from: RowNumber,
}

/// State of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordingProgress {
    /// Path of the newest file.
    pub path: PathBuf,
    /// Number of files.
    pub files: u32,
    /// Records that were written.
    pub records: u64,
    /// Bytes that were written to all files.
    pub bytes: u64,
    /// Records that could not be read in time.
    pub lost: u64,
    /// Reason that nothing more is recorded, as a sentence.
    pub failure: Option<String>,
}

/// Running recording. It ends when this value is dropped, or with [`finish`](Self::finish).
pub struct Recorder {
    shared: Arc<SharedRecorder>,
    thread: Option<JoinHandle<()>>,
}

/// Handle that adds feeds to a running recording. A feed that joins after its end is not recorded.
#[derive(Clone)]
pub struct JoiningFeeds {
    shared: Arc<SharedRecorder>,
}

impl JoiningFeeds {
    /// Adds a feed to the recording.
    pub fn add(&self, feed: RecordedFeed) {
        self.shared.state.lock().joining.push(feed);
    }
}

#[derive(Default)]
struct SharedRecorder {
    state: Mutex<RecorderState>,
    changed: Condvar,
}

#[derive(Default)]
struct RecorderState {
    joining: Vec<RecordedFeed>,
    /// Names of feeds whose payloads are read in another way from now on.
    readings: Vec<(String, RecordedReading)>,
    is_over: bool,
    progress: RecordingProgress,
}

impl Recorder {
    /// Creates the first file and starts the thread. `on_failure` is called when nothing more can be recorded.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be created, or the thread cannot be started.
    pub fn start(
        target: RecordingTarget,
        roll: Option<Roll>,
        feeds: Vec<RecordedFeed>,
        on_failure: impl Fn() + Send + 'static,
    ) -> Result<Self, CreateError> {
        let writer = FileWriter::create(&numbered(&target, roll, 1))?;
        Self::start_with(writer, target, roll, feeds, on_failure)
    }

    /// Starts the thread with its first file.
    pub(super) fn start_with(
        writer: FileWriter,
        target: RecordingTarget,
        roll: Option<Roll>,
        feeds: Vec<RecordedFeed>,
        on_failure: impl Fn() + Send + 'static,
    ) -> Result<Self, CreateError> {
        let shared = Arc::new(SharedRecorder::default());
        let mut run = RecorderThread {
            shared: Arc::clone(&shared),
            target,
            roll,
            clock_domain: new_clock_domain(),
            writer: Some(writer),
            files: 1,
            file_began: Instant::now(),
            finished_bytes: 0,
            feeds: Vec::new(),
            records: 0,
            lost: 0,
            last_tail: Instant::now(),
        };
        // The first feeds join in the same way as later ones.
        shared.state.lock().joining = feeds;
        // The descriptions are in the file before anything is connected.
        let joined = run.add_joining();
        run.publish(joined.err().map(sentence));
        let thread = thread::Builder::new()
            .name("feedscope-record".into())
            .spawn(move || run.run(&on_failure))
            .map_err(|error| CreateError::Failed(format!("the recorder cannot start: {error}")))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Adds a feed to the recording.
    pub fn add(&self, feed: RecordedFeed) {
        self.joining().add(feed);
    }

    /// Records that the payloads of the feed with this name are read in another way.
    pub fn set_reading(&self, feed: String, reading: RecordedReading) {
        self.shared.state.lock().readings.push((feed, reading));
    }

    /// Returns a handle that adds feeds from another thread.
    pub fn joining(&self) -> JoiningFeeds {
        JoiningFeeds {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Returns the state of the recording.
    pub fn progress(&self) -> RecordingProgress {
        self.shared.state.lock().progress.clone()
    }

    /// Writes the last records and ends the file cleanly. Returns the final state.
    pub fn finish(mut self) -> RecordingProgress {
        self.end();
        self.progress()
    }

    fn end(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // The thread has no way to panic; if it did, the file would have a torn end.
            thread.join().ok();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

/// State of the recording thread.
struct RecorderThread {
    shared: Arc<SharedRecorder>,
    target: RecordingTarget,
    roll: Option<Roll>,
    clock_domain: u64,
    /// `None` after a failure.
    writer: Option<FileWriter>,
    files: u32,
    file_began: Instant,
    finished_bytes: u64,
    feeds: Vec<FollowedFeed>,
    records: u64,
    lost: u64,
    last_tail: Instant,
}

/// Feed that is being recorded.
struct FollowedFeed {
    description: FeedDescription,
    follower: Follower,
    /// Number of the feed in the current file.
    number: u32,
    /// First row that belongs to the current file.
    base: RowNumber,
    /// One past the last row that was written to any file.
    written: RowNumber,
}

impl RecorderThread {
    fn run(mut self, on_failure: &dyn Fn()) {
        loop {
            let is_over = {
                let mut state = self.shared.state.lock();
                if !state.is_over {
                    let until = Instant::now() + LOOK_INTERVAL;
                    self.shared.changed.wait_until(&mut state, until);
                }
                state.is_over
            };
            if let Err(error) = self.step(is_over) {
                self.fail(error);
                on_failure();
            }
            if is_over {
                return;
            }
        }
    }

    /// Records what arrived since the last step. The last step ends the file.
    fn step(&mut self, is_over: bool) -> Result<(), WriteError> {
        // The recording has failed before.
        if self.writer.is_none() {
            return Ok(());
        }
        self.add_joining()?;
        self.change_readings()?;
        self.write_full_chunks()?;
        self.release_ended()?;
        // A file ends with whole blocks, so that the tail blocks before it are covered.
        let is_rolling = self.is_roll_due();
        if is_over || is_rolling {
            self.write_newest(false)?;
            self.finish_file()?;
        } else if self.last_tail.elapsed() >= TAIL_INTERVAL {
            self.last_tail = Instant::now();
            self.write_newest(true)?;
        }
        if is_rolling && !is_over {
            self.begin_file()?;
        }
        self.publish(None);
        Ok(())
    }

    fn add_joining(&mut self) -> Result<(), WriteError> {
        let joining = std::mem::take(&mut self.shared.state.lock().joining);
        for RecordedFeed {
            description,
            store,
            from,
        } in joining
        {
            let mut follower = store.follow(from);
            // Full chunks are written while the caches of the processor still have them. The interval serves all else.
            let shared = Arc::clone(&self.shared);
            follower.on_full_chunk(move || {
                shared.changed.notify_all();
            });
            let first = follower.position();
            let mut feed = FollowedFeed {
                description,
                follower,
                number: 0,
                base: first,
                written: first,
            };
            self.describe(&mut feed)?;
            self.feeds.push(feed);
        }
        Ok(())
    }

    /// Writes the description of a feed to the current file.
    fn describe(&mut self, feed: &mut FollowedFeed) -> Result<(), WriteError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        feed.description = FeedDescription {
            first_row: feed.base.0,
            started: now().to_string(),
            program: concat!("feedscope ", env!("CARGO_PKG_VERSION")).to_owned(),
            ..feed.description.clone()
        };
        feed.number = writer.write_feed(&feed.description)?;
        Ok(())
    }

    /// Describes the feeds again whose payloads are read in another way.
    fn change_readings(&mut self) -> Result<(), WriteError> {
        let readings = std::mem::take(&mut self.shared.state.lock().readings);
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        for (name, reading) in readings {
            let mut feeds = self.feeds.iter_mut();
            let found = feeds.find(|feed| feed.description.name == name);
            let Some(feed) = found.filter(|feed| feed.description.reading != reading) else {
                continue;
            };
            feed.description.reading = reading;
            writer.rewrite_feed(&FeedDescription {
                feed: feed.number,
                ..feed.description.clone()
            })?;
        }
        Ok(())
    }

    fn write_full_chunks(&mut self) -> Result<(), WriteError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        for feed in &mut self.feeds {
            let (records, lost) = feed.write_full_chunks(writer, self.clock_domain)?;
            self.records += records;
            self.lost += lost;
        }
        Ok(())
    }

    /// Writes the last rows of the feeds that nobody uses any more, and gives their memory back.
    fn release_ended(&mut self) -> Result<(), WriteError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        // From the end, so that removing a feed moves no other that is still to be checked.
        for at in (0..self.feeds.len()).rev() {
            if !self.feeds[at].follower.is_alone() {
                continue;
            }
            // No row can follow any more, but rows may have arrived since the full chunks were written.
            let mut feed = self.feeds.remove(at);
            let (records, lost) = feed.write_full_chunks(writer, self.clock_domain)?;
            self.records += records;
            self.lost += lost;
            if let Some(portion) = feed.follower.newest(feed.base) {
                self.records += feed.write(writer, &portion, self.clock_domain, false)?;
            }
        }
        Ok(())
    }

    /// Writes the rows that are in no full chunk yet: those that are new as a tail block, or all of them for good.
    fn write_newest(&mut self, as_tail: bool) -> Result<(), WriteError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        for feed in &mut self.feeds {
            // A tail block has only the rows that no block contains yet; the last block of a file replaces all tail
            // blocks.
            let from = if as_tail { feed.written } else { feed.base };
            if let Some(portion) = feed.follower.newest(from) {
                self.records += feed.write(writer, &portion, self.clock_domain, as_tail)?;
            }
        }
        Ok(())
    }

    fn is_roll_due(&self) -> bool {
        let bytes = self.writer.as_ref().map_or(0, FileWriter::bytes);
        self.roll
            .is_some_and(|roll| roll.is_due(self.file_began.elapsed(), bytes))
    }

    fn finish_file(&mut self) -> Result<(), WriteError> {
        if let Some(writer) = self.writer.take() {
            self.finished_bytes += writer.finish()?;
        }
        Ok(())
    }

    /// Begins the next file with all feeds, from the rows that are in no file yet.
    fn begin_file(&mut self) -> Result<(), WriteError> {
        let target = RecordingTarget {
            // A session is added only to the first file.
            existing: match self.target.existing {
                Existing::Append => Existing::Refuse,
                other => other,
            },
            ..numbered(&self.target, self.roll, self.files + 1)
        };
        let writer = FileWriter::create(&target)
            .map_err(|error| WriteError::Failed(format!("recording has ended: {error}")))?;
        self.writer = Some(writer);
        self.files += 1;
        self.file_began = Instant::now();
        let mut feeds = std::mem::take(&mut self.feeds);
        for feed in &mut feeds {
            // Rows of the file before are not written again.
            feed.base = feed.written;
            self.describe(feed)?;
        }
        self.feeds = feeds;
        Ok(())
    }

    /// Ends the recording. A file on a disk that is only almost full is still ended cleanly.
    fn fail(&mut self, error: WriteError) {
        // The space that was left free is enough for the index. Other errors leave a torn end.
        if let (WriteError::AlmostFull(_), Some(writer)) = (&error, self.writer.take())
            && let Ok(bytes) = writer.finish()
        {
            self.finished_bytes += bytes;
        }
        // Nothing is kept for a recorder that takes nothing.
        self.feeds.clear();
        self.publish(Some(sentence(error)));
    }

    fn publish(&self, failure: Option<String>) {
        let mut state = self.shared.state.lock();
        let progress = &mut state.progress;
        if let Some(writer) = &self.writer {
            writer.path().clone_into(&mut progress.path);
        }
        progress.files = self.files;
        progress.records = self.records;
        progress.lost = self.lost;
        progress.bytes = self.finished_bytes + self.writer.as_ref().map_or(0, FileWriter::bytes);
        if failure.is_some() {
            progress.failure = failure;
        }
    }
}

impl FollowedFeed {
    /// Writes the chunks that are full by now. Returns the number of new records, and of those that could not be read in
    /// time.
    fn write_full_chunks(
        &mut self,
        writer: &mut FileWriter,
        clock_domain: u64,
    ) -> Result<(u64, u64), WriteError> {
        let (mut records, mut lost) = (0, 0);
        while let Some(followed) = self.follower.take() {
            match followed {
                Followed::Lost(range) => {
                    // A tail block may contain some of them.
                    lost += range.end.since(range.start.max(self.written));
                    self.written = self.written.max(range.end);
                }
                Followed::Rows(portion) => {
                    if let Some(portion) = portion.starting_at(self.base) {
                        records += self.write(writer, &portion, clock_domain, false)?;
                        self.follower.give_back(portion);
                    }
                }
            }
        }
        Ok((records, lost))
    }

    /// Writes rows of this feed. Returns the number of those that are in no block yet.
    fn write(
        &mut self,
        writer: &mut FileWriter,
        portion: &Portion,
        clock_domain: u64,
        is_tail: bool,
    ) -> Result<u64, WriteError> {
        let tags = BlockTags {
            feed: self.number,
            is_tail,
            clock_domain,
        };
        writer.write_rows(&portion.to_chunk(), tags)?;
        let end = portion.numbers().end;
        // Rows of tail blocks were counted when they were written.
        let new = end.since(self.written.max(portion.numbers().start));
        self.written = self.written.max(end);
        Ok(new)
    }
}

/// Returns the target of the file with this number.
fn numbered(target: &RecordingTarget, roll: Option<Roll>, number: u32) -> RecordingTarget {
    match roll {
        Some(_) => RecordingTarget {
            path: Roll::path(&target.path, number),
            ..target.clone()
        },
        None => target.clone(),
    }
}

fn sentence(error: WriteError) -> String {
    match error {
        WriteError::AlmostFull(sentence) | WriteError::Failed(sentence) => sentence,
    }
}

/// Time by the wall clock.
fn now() -> Timestamp {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX))
}
