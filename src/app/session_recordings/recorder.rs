//! Thread that writes and deletes the automatic recordings of sessions.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use feedscope_files::recording::{
    Deleted, RecordedFeed, RecordedReading, Recorder, Roll, SessionFolder, SessionRecording,
};
use jiff::Zoned;
use parking_lot::Mutex;

use crate::app::recorded_readings::RecordedReadings;
use crate::complaint::complain;

/// Part of the space for all sessions that one file takes, so that little is lost with the oldest one.
const PARTS: u64 = 8;

/// Maximum number of requests that wait for the thread. Each one is an action of the user or a feed that opens.
const MOST_REQUESTS: usize = 1_024;

/// Interval at which the folder is looked at while a session is recorded.
const LOOK_INTERVAL: Duration = Duration::from_secs(20);

/// Recordings of sessions, as the window knows them.
#[derive(Default)]
pub(in crate::app) struct SessionRecordings {
    pub(super) requests: Option<SyncSender<SessionRequest>>,
    pub(super) thread: Option<JoinHandle<()>>,
    pub(super) state: Arc<Mutex<ListedRecordings>>,
    /// Names of the recorded feeds. Feeds of one name would be one feed in the file.
    pub(super) names: BTreeSet<String>,
    pub(super) readings: RecordedReadings,
    pub(super) is_on: bool,
}

/// State that the thread publishes.
#[derive(Default)]
pub(super) struct ListedRecordings {
    pub(super) list: Vec<SessionRecording>,
    pub(super) deleted: Deleted,
    /// Reason that a session is not recorded, or that a file was not deleted.
    pub(super) problem: Option<String>,
}

/// Request to the thread.
pub(super) enum SessionRequest {
    Start,
    Stop,
    Add(Box<RecordedFeed>),
    /// The payloads of the feed with this name are read in another way.
    Read(String, Box<RecordedReading>),
    Delete(String),
    /// The user knows that a session was interrupted.
    Forget(String),
    Look,
}

impl SessionRecordings {
    /// Starts the thread. Without a folder, nothing is recorded.
    pub(super) fn start(
        folder: Option<SessionFolder>,
        limit: u64,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let Some(folder) = folder else {
            return Self::default();
        };
        let (requests, received) = mpsc::sync_channel(MOST_REQUESTS);
        let state = Arc::new(Mutex::new(ListedRecordings::default()));
        let work = SessionRecordingsThread {
            folder,
            limit,
            state: Arc::clone(&state),
            wake: Box::new(wake),
            running: None,
        };
        let thread = thread::Builder::new().name("feedscope-sessions".to_owned());
        match thread.spawn(move || work.run(&received)) {
            Ok(thread) => Self {
                requests: Some(requests),
                thread: Some(thread),
                state,
                names: BTreeSet::new(),
                readings: RecordedReadings::default(),
                is_on: false,
            },
            Err(error) => {
                complain("session", &format!("sessions cannot be recorded: {error}"));
                Self::default()
            }
        }
    }

    pub(super) fn send(&self, request: SessionRequest) {
        let Some(requests) = &self.requests else {
            return;
        };
        // The window does not wait for a disk that does not answer.
        if requests.try_send(request).is_err() {
            let sentence =
                "A request about the recordings of sessions was left out: the disk is too slow.";
            complain("session", sentence);
            self.state.lock().problem = Some(sentence.to_owned());
        }
    }

    /// Ends the recording of this session and waits for its file.
    pub(super) fn end(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }

    /// Returns a name that no other recorded feed has.
    pub(super) fn unique(&mut self, name: String) -> String {
        // Two feeds of a session may have the same name.
        let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let free = names.find(|name| !self.names.contains(name));
        let free = free.unwrap_or(name);
        self.names.insert(free.clone());
        free
    }
}

impl Drop for SessionRecordings {
    fn drop(&mut self) {
        self.end();
    }
}

/// Work of the thread.
struct SessionRecordingsThread {
    folder: SessionFolder,
    limit: u64,
    state: Arc<Mutex<ListedRecordings>>,
    wake: Box<dyn Fn() + Send>,
    running: Option<RunningSession>,
}

/// Recording of this session.
struct RunningSession {
    name: String,
    recorder: Recorder,
}

impl SessionRecordingsThread {
    fn run(mut self, requests: &Receiver<SessionRequest>) {
        self.look();
        loop {
            let request = match self.running {
                Some(_) => requests.recv_timeout(LOOK_INTERVAL),
                None => requests
                    .recv()
                    .map_err(|_closed| RecvTimeoutError::Disconnected),
            };
            match request {
                Ok(request) => self.carry_out(request),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.stop();
    }

    fn carry_out(&mut self, request: SessionRequest) {
        let result = match request {
            SessionRequest::Start => {
                let result = self.start();
                self.look();
                result
            }
            SessionRequest::Stop => {
                self.stop();
                self.look();
                Ok(())
            }
            SessionRequest::Add(feed) => {
                if let Some(running) = &self.running {
                    running.recorder.add(*feed);
                }
                return;
            }
            SessionRequest::Read(feed, reading) => {
                if let Some(running) = &self.running {
                    running.recorder.set_reading(feed, *reading);
                }
                return;
            }
            SessionRequest::Delete(name) => {
                let result = self.folder.delete(&name);
                self.look();
                result.map_err(|error| format!("The recording was not deleted: {error}."))
            }
            SessionRequest::Forget(name) => {
                let result = self.folder.end(&name);
                self.look();
                result.map_err(|error| format!("The recording cannot be changed: {error}."))
            }
            SessionRequest::Look => {
                self.look();
                return;
            }
        };
        self.state.lock().problem = result.err();
        (self.wake)();
    }

    /// Starts to record this session.
    fn start(&mut self) -> Result<(), String> {
        if self.running.is_some() {
            return Ok(());
        }
        let refused = |error: &dyn std::fmt::Display| {
            let sentence = format!("This session is not recorded: {error}.");
            complain("session", &sentence);
            sentence
        };
        let time = Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
        let (name, target) = self.folder.begin(&time).map_err(|error| refused(&error))?;
        let roll = Roll::Bytes(self.limit / PARTS);
        match Recorder::start(target, Some(roll), Vec::new(), || {}) {
            Ok(recorder) => self.running = Some(RunningSession { name, recorder }),
            Err(error) => {
                self.folder.end(&name).ok();
                return Err(refused(&error));
            }
        }
        Ok(())
    }

    /// Ends the recording of this session.
    fn stop(&mut self) {
        if let Some(RunningSession { name, recorder }) = self.running.take() {
            let progress = recorder.finish();
            if let Some(failure) = &progress.failure {
                complain("session", failure);
            }
            // Without the mark, the next window does not offer a session that ended in order.
            if let Err(error) = self.folder.end(&name) {
                complain(
                    "session",
                    &format!("the mark of the session stays: {error}"),
                );
            }
            self.trim();
        }
    }

    fn trim(&self) {
        match self.folder.trim(self.limit) {
            Ok(deleted) => {
                let mut state = self.state.lock();
                state.deleted.files += deleted.files;
                state.deleted.bytes += deleted.bytes;
            }
            Err(error) => complain("session", &format!("old sessions are not deleted: {error}")),
        }
    }

    /// Deletes what is too much, and publishes the recordings.
    fn look(&self) {
        // Without a recording in progress, nothing grows, and the user's limit may be a typing error.
        if self.running.is_some() {
            self.trim();
        }
        let list = self.folder.list();
        let failure = self.running.as_ref().and_then(|running| {
            let failure = running.recorder.progress().failure?;
            Some(format!("This session is not recorded any more: {failure}."))
        });
        {
            let mut state = self.state.lock();
            match list {
                Ok(list) => state.list = list,
                Err(error) => complain("session", &format!("recordings cannot be listed: {error}")),
            }
            state.problem = failure.or(state.problem.take());
        }
        (self.wake)();
    }
}
