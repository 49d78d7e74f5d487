//! Automatic recordings of the window's sessions. One thread writes and deletes them, so that the window never waits for a
//! disk.

mod recorder;

use feedscope_files::recording::{DEFAULT_SESSIONS_LIMIT, SessionRecording};
use feedscope_ui::{
    FeedId, SessionRecordingScene, SessionRecordingsAction, SessionRecordingsScene,
};

use super::App;
use recorder::SessionRequest;

pub(super) use recorder::SessionRecordings;

impl App {
    /// Looks for recordings of sessions, and records this one if the settings require it.
    pub(super) fn start_session_recordings(&mut self) {
        let limit = self.kept.now.sessions_limit;
        let limit = limit.unwrap_or(DEFAULT_SESSIONS_LIMIT);
        let folder = self.kept.sessions.clone();
        self.session_recordings = SessionRecordings::start(folder, limit, self.wake.waker());
        if self.kept.now.record_sessions {
            self.record_session(true);
        }
    }

    /// Starts or stops the recording of this session.
    fn record_session(&mut self, is_on: bool) {
        self.session_recordings.is_on = is_on;
        self.session_recordings.names.clear();
        self.session_recordings.readings.clear();
        self.session_recordings.send(if is_on {
            SessionRequest::Start
        } else {
            SessionRequest::Stop
        });
        let feeds: Vec<FeedId> = self.feeds.iter().map(|feed| feed.id).collect();
        for feed in feeds {
            self.add_to_session(feed);
        }
    }

    /// Adds a feed to the recording of this session, if there is one. Files are recorded already.
    pub(super) fn add_to_session(&mut self, id: FeedId) {
        if !self.session_recordings.is_on {
            return;
        }
        if let Some(mut feed) = self.recorded(&[id], false).pop() {
            let name = std::mem::take(&mut feed.description.name);
            let description = &mut feed.description;
            description.name = self.session_recordings.unique(name);
            let readings = &mut self.session_recordings.readings;
            readings.add(id, &description.name, &description.reading);
            self.session_recordings
                .send(SessionRequest::Add(Box::new(feed)));
        }
    }

    /// Records how the payloads of the feeds are read by now.
    pub(super) fn take_in_session_readings(&mut self) {
        for (feed, reading) in self.session_recordings.readings.changes(&self.window) {
            let request = SessionRequest::Read(feed, Box::new(reading));
            self.session_recordings.send(request);
        }
    }

    /// Carries out a request about the recordings of sessions.
    pub(super) fn carry_out_session_recordings(&mut self, action: SessionRecordingsAction) {
        match action {
            SessionRecordingsAction::Record(is_on) => {
                self.kept.now.record_sessions = is_on;
                self.kept.save();
                self.record_session(is_on);
            }
            SessionRecordingsAction::Open(name) => {
                let list = self.session_recordings.state.lock().list.clone();
                let found = list.into_iter().find(|it| it.name == name);
                self.session_recordings.send(SessionRequest::Forget(name));
                if let Some(recording) = found {
                    self.open_files(None, recording.parts);
                }
            }
            SessionRecordingsAction::Delete(name) => {
                self.session_recordings.send(SessionRequest::Delete(name));
            }
            SessionRecordingsAction::Forget(name) => {
                self.session_recordings.send(SessionRequest::Forget(name));
            }
            SessionRecordingsAction::OpenInterrupted(mark) => self.open_interrupted(&mark),
            SessionRecordingsAction::ForgetInterrupted(mark) => {
                self.forget_interrupted(&mark);
            }
            SessionRecordingsAction::Look => self.session_recordings.send(SessionRequest::Look),
        }
    }

    /// Returns the recordings of sessions as the window shows them.
    pub(super) fn session_recordings_scene(&self) -> SessionRecordingsScene {
        let state = self.session_recordings.state.lock();
        let scene = |recording: &SessionRecording| SessionRecordingScene {
            name: recording.name.clone(),
            bytes: recording.bytes,
            is_running: recording.is_running,
            was_interrupted: recording.was_interrupted,
        };
        SessionRecordingsScene {
            is_on: self.session_recordings.is_on,
            limit: self
                .kept
                .now
                .sessions_limit
                .unwrap_or(DEFAULT_SESSIONS_LIMIT),
            list: state.list.iter().map(scene).collect(),
            deleted_files: state.deleted.files,
            deleted_bytes: state.deleted.bytes,
            problem: state.problem.clone(),
            interrupted: self.interrupted_scene(),
        }
    }

    /// Ends the recording of this session.
    pub(super) fn end_session_recording(&mut self) {
        self.session_recordings.end();
    }
}
