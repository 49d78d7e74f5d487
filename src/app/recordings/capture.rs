//! Recording of some feeds of the window into one file, which threads create and end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use feedscope_core::Moment;
use feedscope_core::numbers::counted;
use feedscope_files::recording::{RecordedFeed, Recorder, RecordingProgress, RecordingTarget};
use feedscope_ui::{FeedId, RecordingScene, RecordingStage};
use parking_lot::Mutex;

use super::mark::RunningMark;
use crate::app::recorded_readings::RecordedReadings;
use crate::complaint::complain;

/// Recording of some feeds into one file.
pub(in crate::app) struct WindowRecording {
    pub(super) feeds: Vec<FeedId>,
    pub(super) path: PathBuf,
    pub(super) since: Moment,
    pub(super) stage: Arc<Mutex<CaptureStage>>,
    /// Thread that creates or ends the file.
    pub(super) thread: Mutex<Option<JoinHandle<()>>>,
    /// Feeds that the recorder gets as soon as it runs.
    pub(super) joining: Vec<RecordedFeed>,
    pub(super) readings: RecordedReadings,
    pub(super) mark: Arc<RunningMark>,
}

/// Stage of a recording. Threads change it while they create and end the file.
pub(super) enum CaptureStage {
    Starting {
        /// The user stopped the recording before it began.
        is_stopped: bool,
    },
    Running(Recorder),
    Ending(RecordingProgress),
    Ended(RecordingProgress),
    /// The file was not created.
    Refused(String),
}

impl WindowRecording {
    /// Returns the path of the file.
    pub(in crate::app) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true if the file was created for this recording.
    pub(in crate::app) fn has_begun(&self) -> bool {
        !matches!(
            *self.stage.lock(),
            CaptureStage::Starting { .. } | CaptureStage::Refused(_)
        )
    }

    /// Returns true until the file has ended.
    pub(in crate::app) fn is_active(&self) -> bool {
        !matches!(
            *self.stage.lock(),
            CaptureStage::Ended(_) | CaptureStage::Refused(_)
        )
    }

    /// Ends the file on a thread, unless it has ended.
    pub(super) fn stop(&self, wake: impl Fn() + Send + 'static) {
        let mut stage = self.stage.lock();
        match &mut *stage {
            CaptureStage::Starting { is_stopped } => *is_stopped = true,
            CaptureStage::Running(recorder) => {
                let progress = recorder.progress();
                if let CaptureStage::Running(recorder) =
                    std::mem::replace(&mut *stage, CaptureStage::Ending(progress))
                {
                    drop(stage);
                    let shared = (&self.stage, &self.mark);
                    *self.thread.lock() = finish(recorder, shared, wake);
                }
            }
            CaptureStage::Ending(_) | CaptureStage::Ended(_) | CaptureStage::Refused(_) => {}
        }
    }

    pub(super) fn scene(&self) -> RecordingScene {
        let (stage, progress) = match &*self.stage.lock() {
            CaptureStage::Starting { .. } => {
                (RecordingStage::Starting, RecordingProgress::default())
            }
            CaptureStage::Running(recorder) => {
                let progress = recorder.progress();
                let stage = progress
                    .failure
                    .clone()
                    .map_or(RecordingStage::Running, RecordingStage::Failed);
                (stage, progress)
            }
            CaptureStage::Ending(progress) => (RecordingStage::Ending, progress.clone()),
            CaptureStage::Ended(progress) => {
                let stage = progress
                    .failure
                    .clone()
                    .map_or(RecordingStage::Ended, RecordingStage::Failed);
                (stage, progress.clone())
            }
            CaptureStage::Refused(sentence) => {
                let stage = RecordingStage::Failed(sentence.clone());
                (stage, RecordingProgress::default())
            }
        };
        RecordingScene {
            path: self.path.display().to_string(),
            stage,
            feeds: self.feeds.len(),
            records: progress.records,
            bytes: progress.bytes,
            lost: progress.lost,
            since: self.since,
        }
    }

    /// Prints the result on standard error.
    pub(super) fn report(&self) {
        complain("recording", &self.result());
    }

    /// Returns a sentence about the end of the recording.
    pub(super) fn sentence(&self) -> String {
        format!("Recording ended: {}.", self.result())
    }

    fn result(&self) -> String {
        let RecordingScene {
            stage,
            records,
            path,
            ..
        } = self.scene();
        match stage {
            RecordingStage::Failed(sentence) => sentence,
            _ => format!("{} in {path}", counted(records, "record")),
        }
    }
}

/// Creates the file on its thread.
pub(super) fn start(
    (stage, mark): (&Arc<Mutex<CaptureStage>>, &RunningMark),
    target: RecordingTarget,
    feeds: Vec<RecordedFeed>,
    wake: impl Fn() + Send + 'static,
) {
    if let Some(folder) = target.path.parent() {
        // A folder that cannot be created is reported by the file in it.
        fs::create_dir_all(folder).ok();
    }
    let result = Recorder::start(target, None, feeds, wake);
    if let Ok(recorder) = &result {
        mark.begin(&recorder.progress().path);
    }
    // The user may have stopped it while the file was created.
    let mut stage = stage.lock();
    let is_stopped = matches!(&*stage, CaptureStage::Starting { is_stopped: true });
    *stage = match result {
        Ok(recorder) if is_stopped => {
            let progress = recorder.finish();
            mark.end();
            CaptureStage::Ended(progress)
        }
        Ok(recorder) => CaptureStage::Running(recorder),
        Err(error) => CaptureStage::Refused(error.to_string()),
    };
}

/// Ends a recording on a thread.
fn finish(
    recorder: Recorder,
    (stage, mark): (&Arc<Mutex<CaptureStage>>, &Arc<RunningMark>),
    wake: impl Fn() + Send + 'static,
) -> Option<JoinHandle<()>> {
    let (of_thread, mark) = (Arc::clone(stage), Arc::clone(mark));
    let work = move || {
        let progress = recorder.finish();
        mark.end();
        *of_thread.lock() = CaptureStage::Ended(progress);
        wake();
    };
    match spawn(work) {
        Ok(thread) => Some(thread),
        Err(error) => {
            // The recorder ended with the closure.
            *stage.lock() =
                CaptureStage::Refused(format!("the recording was ended early: {error}"));
            None
        }
    }
}

pub(super) fn spawn(work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name("feedscope-recording".to_owned());
    thread.spawn(work)
}
