//! Recordings of the window's feeds. Files are created and ended on threads, so that the window never waits for a disk.

mod capture;
mod mark;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use feedscope_core::feed::FeedSpec;
use feedscope_core::store::RowNumber;
use feedscope_files::recording::{
    self, DEFAULT_LEFT_FREE, EXTENSION, Existing, FeedDescription, RecordedFeed, Recorder,
    RecordingProgress, RecordingTarget,
};
use feedscope_ui::{FeedId, NewFile, RecordingScene};
use jiff::Zoned;
use parking_lot::Mutex;

use super::App;
use super::files::local_file;
use super::open_feed::OpenFeed;
use super::recorded_readings::{RecordedReadings, recorded_reading};
use crate::record::describe;
use crate::tail::short_names;
use capture::{CaptureStage, spawn, start};
use mark::RunningMark;

pub(super) use capture::WindowRecording;

impl App {
    /// Records these feeds into one file, from their oldest records on or from now on. Without a file, it gets a name in
    /// the folder for recordings.
    pub fn record(&mut self, feeds: &[FeedId], file: Option<NewFile>, from_now: bool) {
        // A feed is in one recording at a time, and a file is not recorded again.
        let feeds: Vec<FeedId> = feeds
            .iter()
            .copied()
            .filter(|&id| self.is_recordable(id))
            .collect();
        let recorded = self.recorded(&feeds, from_now);
        if recorded.is_empty() {
            return;
        }
        self.recordings
            .retain(|recording| !recording.feeds.iter().any(|feed| feeds.contains(feed)));
        // Several feeds have no common name.
        let name = match &recorded[..] {
            [only] => only.description.name.clone(),
            _ => "feeds".to_owned(),
        };
        let file =
            file.unwrap_or_else(|| self.recordings_folder().join(self.free_name(&name)).into());
        let NewFile { path, replaces } = local_file(file);
        self.keep_marks_beside(&path, marked_feeds(&feeds, &recorded));
        let readings = readings(&feeds, &recorded);
        let stage = Arc::new(Mutex::new(CaptureStage::Starting { is_stopped: false }));
        let mark = Arc::new(self.mark_of(&recorded));
        let (of_thread, wake) = ((Arc::clone(&stage), Arc::clone(&mark)), self.wake.waker());
        let target = RecordingTarget {
            path: path.clone(),
            existing: if replaces {
                Existing::Replace
            } else {
                Existing::Refuse
            },
            left_free: DEFAULT_LEFT_FREE,
        };
        let failed = self.wake.waker();
        let work = move || {
            let (stage, mark) = &of_thread;
            start((stage, mark), target, recorded, failed);
            wake();
        };
        let thread = spawn(work);
        if let Err(error) = &thread {
            *stage.lock() = CaptureStage::Refused(format!("the recorder cannot start: {error}"));
        }
        self.recordings.push(WindowRecording {
            feeds,
            path,
            since: self.clock.now().moment,
            stage,
            thread: Mutex::new(thread.ok()),
            joining: Vec::new(),
            readings,
            mark,
        });
    }

    /// Records all feeds of the window with a recorder that is running already.
    pub fn record_with(&mut self, recorder: Recorder) {
        // All feeds of the command line are open by now.
        let feeds: Vec<FeedId> = self.feeds.iter().map(|feed| feed.id).collect();
        let feeds: Vec<FeedId> = feeds
            .into_iter()
            .filter(|&id| self.feed(id).is_some_and(|feed| feed.live().is_some()))
            .collect();
        let recorded = self.recorded(&feeds, false);
        let readings = readings(&feeds, &recorded);
        let mark = self.mark_of(&recorded);
        mark.begin(&recorder.progress().path);
        self.keep_marks_beside(&recorder.progress().path, marked_feeds(&feeds, &recorded));
        for feed in recorded {
            recorder.add(feed);
        }
        self.recordings.push(WindowRecording {
            feeds,
            path: recorder.progress().path,
            since: self.clock.now().moment,
            stage: Arc::new(Mutex::new(CaptureStage::Running(recorder))),
            thread: Mutex::default(),
            joining: Vec::new(),
            readings,
            mark: Arc::new(mark),
        });
    }

    /// Continues the recording of a feed with the one that takes its place, because the user has given its values or other
    /// options. Both have the same name and URL, so that they are one feed in the file.
    pub(super) fn record_in_place(&mut self, former: FeedId, feed: FeedId) {
        let is_recorded = |it: &WindowRecording| it.feeds.contains(&former) && it.is_active();
        let Some(at) = self.recordings.iter().rposition(is_recorded) else {
            return;
        };
        let Some(mut joining) = self.recorded(&[feed], false).pop() else {
            return;
        };
        let recording = &mut self.recordings[at];
        if let Some(place) = recording.feeds.iter_mut().find(|id| **id == former) {
            *place = feed;
        }
        if let Some(name) = recording.readings.replace(former, feed) {
            name.clone_into(&mut joining.description.name);
        }
        recording.joining.push(joining);
        self.keep_marks_in_place(former, feed);
    }

    /// Ends the recording of a feed.
    pub(super) fn stop_recording(&mut self, feed: FeedId) {
        if let Some(recording) = self.recording_of(feed) {
            recording.stop(self.wake.waker());
        }
    }

    /// Removes the message about a recording that has ended.
    pub(super) fn dismiss_recording(&mut self, feed: FeedId) {
        self.recordings
            .retain(|recording| !recording.feeds.contains(&feed) || recording.is_active());
    }

    /// Ends the recordings whose feeds no pane shows any more, and records how the payloads of the others are read.
    pub(super) fn take_in_recordings(&mut self) {
        for recording in &mut self.recordings {
            if let CaptureStage::Running(recorder) = &*recording.stage.lock() {
                for feed in recording.joining.drain(..) {
                    recorder.add(feed);
                }
                for (feed, reading) in recording.readings.changes(&self.window) {
                    recorder.set_reading(feed, reading);
                }
            }
        }
        self.take_in_session_readings();
        let is_shown = |id: &FeedId| self.panes.iter().any(|pane| pane.feed == Some(*id));
        for recording in &self.recordings {
            if !recording.feeds.iter().any(is_shown) {
                recording.stop(self.wake.waker());
            }
        }
        // No pane has a line for their message.
        let window = &mut self.window;
        self.recordings.retain(|recording| {
            let is_kept = recording.is_active() || recording.feeds.iter().any(is_shown);
            if !is_kept {
                recording.report();
                window.report(recording.sentence());
            }
            is_kept
        });
    }

    /// Ends all recordings and waits for their files.
    pub(super) fn end_recordings(&mut self) {
        for recording in std::mem::take(&mut self.recordings) {
            // A file that is being created or ended is not left half way.
            let thread = recording.thread.lock().take();
            if let Some(thread) = thread {
                thread.join().ok();
            }
            let last = CaptureStage::Ending(RecordingProgress::default());
            let stage = std::mem::replace(&mut *recording.stage.lock(), last);
            let ended = match stage {
                CaptureStage::Running(recorder) => {
                    let progress = recorder.finish();
                    recording.mark.end();
                    CaptureStage::Ended(progress)
                }
                other => other,
            };
            *recording.stage.lock() = ended;
            recording.report();
        }
    }

    /// Returns the recording of a feed as the window shows it.
    pub(super) fn recording_scene(&self, feed: FeedId) -> Option<Arc<RecordingScene>> {
        self.recording_of(feed)
            .map(|recording| Arc::new(recording.scene()))
    }

    fn recording_of(&self, feed: FeedId) -> Option<&WindowRecording> {
        let of_feed = |recording: &&WindowRecording| recording.feeds.contains(&feed);
        self.recordings.iter().rfind(of_feed)
    }

    fn is_recordable(&self, id: FeedId) -> bool {
        let is_live = self.feed(id).is_some_and(|feed| feed.live().is_some());
        let is_free = self
            .recording_of(id)
            .is_none_or(|recording| !recording.is_active());
        is_live && is_free
    }

    /// Returns the feeds for a recorder.
    pub(super) fn recorded(&self, ids: &[FeedId], from_now: bool) -> Vec<RecordedFeed> {
        // A file is recorded already.
        let live = |&id| {
            let feed: &OpenFeed = self.feed(id)?;
            Some((feed, feed.live()?.spec()))
        };
        let feeds: Vec<(&OpenFeed, &FeedSpec)> = ids.iter().filter_map(live).collect();
        let names = short_names(
            feeds
                .iter()
                .map(|(feed, spec)| (&spec.url, feed.name.as_deref())),
        );
        let recorded = feeds
            .iter()
            .zip(names)
            .map(|((feed, spec), name)| RecordedFeed {
                description: FeedDescription {
                    reading: recorded_reading(&self.window.reading_of(feed.id)),
                    ..describe(spec, &name)
                },
                store: feed.store.clone(),
                from: if from_now {
                    feed.store.extent().end
                } else {
                    RowNumber(0)
                },
            });
        recorded.collect()
    }

    /// Returns the mark of a recording of these feeds, which does not exist yet.
    fn mark_of(&self, recorded: &[RecordedFeed]) -> RunningMark {
        let feeds = match recorded {
            [only] => only.description.name.clone(),
            several => format!("{} feeds", several.len()),
        };
        RunningMark::new(self.kept.unfinished.clone(), feeds)
    }

    /// Returns a name with the local time that no earlier recording of this window has.
    fn free_name(&mut self, name: &str) -> String {
        let stem = file_stem(name);
        // The file of an earlier recording may not exist yet, because a thread creates it.
        let earlier = self.recorded_stems.iter().filter(|&it| *it == stem).count();
        self.recorded_stems.push(stem.clone());
        match earlier {
            0 => format!("{stem}.{EXTENSION}"),
            // Recordings that begin in the same second have a number.
            _ => format!("{stem}-{}.{EXTENSION}", earlier + 1),
        }
    }

    /// Returns the folder for recordings without a path.
    fn recordings_folder(&self) -> PathBuf {
        let chosen = self.kept.now.recordings_folder.clone();
        chosen.unwrap_or_else(usual_folder)
    }
}

/// Returns the recorded feeds with their names and their first rows.
fn marked_feeds(feeds: &[FeedId], recorded: &[RecordedFeed]) -> Vec<(FeedId, String, i64)> {
    let marked = feeds.iter().zip(recorded).map(|(&feed, recorded)| {
        let first = recorded.from.max(recorded.store.extent().first);
        (feed, recorded.description.name.clone(), first.0 as i64)
    });
    marked.collect()
}

/// Returns the readings of feeds as their recording has them at its start.
fn readings(feeds: &[FeedId], recorded: &[RecordedFeed]) -> RecordedReadings {
    let mut readings = RecordedReadings::default();
    for (&feed, RecordedFeed { description, .. }) in feeds.iter().zip(recorded) {
        readings.add(feed, &description.name, &description.reading);
    }
    readings
}

/// Returns a name with the local time and without an ending, such as `ticks-2026-11-26-221500`.
fn file_stem(name: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "._-".contains(sign);
    let plain: String = name
        .chars()
        .map(|sign| if is_plain(sign) { sign } else { '-' })
        .collect();
    let now = Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
    format!("{plain}-{now}")
}

/// Returns the folder for recordings: one in the user's documents, or else the present folder.
fn usual_folder() -> PathBuf {
    recording::usual_folder().unwrap_or_else(|| Path::new(".").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_name_of_its_feed_and_the_time() {
        let name = file_stem("[::1]/a b");
        assert!(name.starts_with("---1--a-b-20"), "{name}");
    }
}
