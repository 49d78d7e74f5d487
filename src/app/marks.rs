//! Marks and colors of recordings, in a file beside each recording. The recording itself is never changed.
//!
//! They are read when a recording is opened alone, and written after each change by the user. The rows of several
//! recordings that are opened together are numbered through all of them, so that their marks are kept with the session only.
//!
//! While a feed is recorded, what the user marks in its panes is written beside its recording, too.

mod kept;

use std::path::Path;

use feedscope_files::session::{self, SessionWriter};
use feedscope_ui::FeedId;

use super::App;
use super::recordings::WindowRecording;
use crate::complaint::complain;
use kept::{KeptFeed, KeptFile, numbered_from};

pub(super) use kept::{FoundNotes, LoadedMarks, MarksKeeper};

impl App {
    /// Shows the notes of a recorded feed, and keeps them from now on.
    pub(super) fn keep_marks(&mut self, id: FeedId, found: FoundNotes) {
        let FoundNotes {
            place,
            feed,
            loaded:
                LoadedMarks {
                    path,
                    content,
                    problem,
                },
        } = found;
        if let Some(problem) = problem.filter(|_| place == 0) {
            complain("marks", &problem);
            self.kept.notice = Some(problem);
        }
        let files = &mut self.marks.files;
        // A recording that is opened again is read again.
        files.retain(|file| place > 0 || file.path != path);
        let known = files.iter().position(|file| file.path == path);
        let at = known.unwrap_or(files.len());
        if known.is_none() {
            files.push(KeptFile {
                path,
                content,
                feeds: Vec::new(),
                running: None,
            });
        }
        let file = &mut files[at];
        let changes = 0;
        file.feeds.push(KeptFeed {
            id,
            place,
            first: 0,
            changes,
        });
        let notes = file.content.of_feed(place, &feed).notes.clone();
        if !notes.is_empty() {
            for pane in self.panes_of(id) {
                self.window.restore_notes(pane, notes.clone());
            }
        }
    }

    /// Keeps the marks of recorded feeds beside their recording while it is running.
    pub(super) fn keep_marks_beside(
        &mut self,
        recording: &Path,
        feeds: Vec<(FeedId, String, i64)>,
    ) {
        let file = KeptFile::beside_running(recording, feeds);
        self.marks.files.push(file);
    }

    /// Keeps the marks of a feed beside the recording of the feed before it, whose rows come first.
    pub(super) fn keep_marks_in_place(&mut self, former: FeedId, feed: FeedId) {
        let end = self.feed(former).map_or(0, |it| it.store.extent().end.0);
        let files = self.marks.files.iter_mut();
        let running = files.filter(|file| file.running.is_some());
        for kept in running.flat_map(|file| &mut file.feeds) {
            if kept.id == former {
                (kept.id, kept.first, kept.changes) = (feed, kept.first - end as i64, 0);
            }
        }
    }

    /// Hands changed marks over for writing. It is called at the end of each pass.
    pub(super) fn save_marks(&mut self) {
        let problem = self
            .marks
            .writer
            .as_ref()
            .and_then(SessionWriter::take_problem);
        if let Some(problem) = problem {
            complain("marks", &problem);
            self.kept.notice = Some(problem);
        }
        let stages = &self.recordings;
        // A file that was refused may be the recording of another program.
        let stage_of = |path: &Path| stages.iter().rfind(|it| it.path() == path);
        self.marks.files.retain(|file| {
            let running = file.running.as_deref();
            running.is_none_or(|path| stage_of(path).is_some_and(WindowRecording::is_active))
        });
        for file in &mut self.marks.files {
            let running = file.running.as_deref();
            if running.is_some_and(|path| !stage_of(path).is_some_and(WindowRecording::has_begun)) {
                continue;
            }
            let mut is_changed = false;
            for KeptFeed {
                id,
                place,
                first,
                changes,
            } in &mut file.feeds
            {
                let now = self.window.note_changes(*id);
                // A closed view takes its changes with it, which must not remove its marks from the file.
                if now > *changes {
                    let notes = numbered_from(*first, self.window.kept_notes(*id));
                    let known = &mut file.content.feeds[*place].notes;
                    is_changed |= notes != *known;
                    *known = notes;
                }
                *changes = now;
            }
            if !is_changed {
                continue;
            }
            let writer = &mut self.marks.writer;
            if writer.is_none() {
                *writer = SessionWriter::start("The marks are").ok();
            }
            // The content consists of texts and numbers, which JSON always has a form for.
            if let (Some(writer), Ok(text)) = (writer, session::text_of(&file.content)) {
                writer.write(file.path.clone(), text);
            }
        }
    }

    /// Writes what is left.
    pub(super) fn end_marks(&mut self) {
        self.save_marks();
        self.marks.writer = None;
    }
}
