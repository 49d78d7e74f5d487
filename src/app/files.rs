//! Files in panes. Each opening has a thread, which reads the file, so that the window never waits for a disk. It follows
//! a recording while another program writes it.

mod import;
mod opening;
mod recorded;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use feedscope_core::protocol::Protocol;
use feedscope_core::store::Store;
use feedscope_files::formats::FeedProtocol;
use feedscope_files::recording::Roll;
use feedscope_ui::{FeedId, FileScene, FileSource, FileStage, NewFile, PaneId};
use url::Url;

use super::App;
use super::open_feed::{OpenFeed, OpenSource};
use super::replay::OpenedReplay;
use crate::complaint::complain;
use crate::reading::FeedReading;
use opening::{MOST_FEEDS, SharedOpening, is_named_recording};

pub(super) use opening::OpenedFiles;

impl App {
    /// Opens files, each feed in a pane. The files of one recording are opened together, so that its feeds have one pane
    /// each. The first feed is shown in `pane` if that has no feed, or a file that cannot be read.
    pub fn open_files(&mut self, pane: Option<PaneId>, paths: Vec<PathBuf>) {
        let mut pane = pane;
        // The files of a recording take the place of the first of them. Other files have nothing in common.
        let mut groups: Vec<Vec<PathBuf>> = Vec::new();
        for path in paths.into_iter().map(local_path) {
            let whole = Roll::whole(&path);
            let is_part = |group: &&mut Vec<PathBuf>| Roll::whole(&group[0]) == whole;
            match groups.iter_mut().find(is_part).filter(|_| whole.is_some()) {
                Some(group) => group.push(path),
                None => groups.push(vec![path]),
            }
        }
        for paths in groups {
            let panes = pane.take().into_iter().collect();
            self.open_together(vec![panes], paths);
        }
    }

    /// Tries to open the file of a feed again, in the panes of the feed.
    pub(super) fn open_file_again(&mut self, feed: FeedId) {
        let mut opened = self.opened_files.iter();
        let paths = opened.find_map(|files| Some(files.place_of(feed)?.0.to_vec()));
        if let Some(paths) = paths {
            self.open_together(vec![self.panes_of(feed)], paths);
        }
    }

    /// Reads the payloads of files so that are opened from now on.
    pub fn read_files_with(&mut self, reading: FeedReading) {
        self.of_files = reading;
    }

    /// Opens files together. Their feeds are shown in these panes, by the places of the feeds in the files, and the others
    /// in new ones. A pane that has a feed is left out, unless that is a file that cannot be read.
    pub(super) fn open_together(&mut self, mut panes: Vec<Vec<PaneId>>, paths: Vec<PathBuf>) {
        let Some(path) = paths.first().cloned() else {
            return;
        };
        let wakes = self.wake.waker();
        let analyses = self.runner.waker();
        let wake = move || {
            wakes();
            analyses();
        };
        let shared = Arc::new(SharedOpening::of_path(path.clone(), Box::new(wake)));
        let file = FileScene {
            path: path.display().to_string(),
            is_recording: is_named_recording(&path),
            ..FileScene::default()
        };
        let (_, store) = Store::new(0);
        let feed = self.add_file_feed(None, Protocol::EventStream, false, store, file);
        for panes in &mut panes {
            panes.retain(|&pane| self.feed_of(pane).is_none_or(OpenFeed::is_unreadable));
        }
        match panes.iter().find(|panes| !panes.is_empty()) {
            Some(panes) => {
                let replaces = panes.iter().any(|&pane| self.feed_of(pane).is_some());
                self.show_in(panes, Some(feed));
                if replaces {
                    self.end_unseen();
                }
            }
            None => {
                self.open_pane(Some(feed));
            }
        }
        let (of_thread, read_paths) = (Arc::clone(&shared), paths.clone());
        let work = move || read(&read_paths, &of_thread);
        let started = thread::Builder::new()
            .name("feedscope-file".to_owned())
            .spawn(work);
        if let Err(error) = started {
            shared.fail(format!("{}: it cannot be opened: {error}", path.display()));
        }
        self.opened_files.push(OpenedFiles {
            shared,
            placeholder: Some(feed),
            feeds: Vec::new(),
            replay: None,
            paths,
            panes,
        });
    }

    /// Reads the state of the opened files. It is called at the start of each pass.
    pub(super) fn take_in_files(&mut self) {
        let mut opened = std::mem::take(&mut self.opened_files);
        for files in &mut opened {
            self.take_in_opened(files);
        }
        // The thread of an opening ends with its last feed.
        let is_used = |id: &FeedId| self.feeds.iter().any(|feed| feed.id == *id);
        opened.retain(|files| files.placeholder.iter().chain(&files.feeds).any(is_used));
        self.opened_files = opened;
    }

    fn take_in_opened(&mut self, files: &mut OpenedFiles) {
        let shared = Arc::clone(&files.shared);
        // The lock is held only for copies.
        let (found, shown_protocols, is_recording, stage, (problem, note), spans) = {
            let mut state = shared.state.lock();
            (
                std::mem::take(&mut state.found),
                std::mem::take(&mut state.shown_protocols),
                state.is_recording,
                state.stage,
                (state.problem.clone(), state.note.clone()),
                state.spans.clone(),
            )
        };
        for found in found {
            let url = found.url.as_deref().and_then(|url| Url::parse(url).ok());
            // A browser may name a WebSocket by an `https:` URL, so that the file has priority over the scheme.
            let (protocol, reads_lines) = match found.protocol {
                Some(protocol) => form_of(protocol),
                None => (
                    url.as_ref()
                        .and_then(Protocol::of)
                        .unwrap_or(Protocol::EventStream),
                    false,
                ),
            };
            let file = FileScene {
                path: found.path.display().to_string(),
                feed: found.name,
                ..FileScene::default()
            };
            let feed = self.add_file_feed(url, protocol, reads_lines, found.store, file);
            // The command line comes before the recording.
            if !found.reading.is_empty() {
                self.read_recorded_payloads(feed, found.reading);
            }
            let place = files.feeds.len();
            files.feeds.push(feed);
            let former = files.placeholder.take();
            let panes = files.panes.get(place).map_or(&[][..], Vec::as_slice);
            self.show_found(feed, former, panes);
            if let Some(notes) = found.notes {
                self.keep_marks(feed, notes);
            }
        }
        for (place, shown) in shown_protocols {
            let id = files.feeds.get(place);
            let feed = self.feeds.iter_mut().find(|feed| Some(&feed.id) == id);
            if let Some(OpenSource::File(source)) = feed.map(|feed| &mut feed.source) {
                (source.protocol, source.reads_lines) = form_of(shown);
            }
        }
        // A file of another format is played when all of it is there.
        if matches!(stage, FileStage::Complete | FileStage::BeingWritten) {
            let feeds = files.feeds.iter().filter_map(|id| self.feed(*id));
            let stores: Vec<Store> = feeds.map(|feed| feed.store.clone()).collect();
            files.replay = OpenedReplay::update(files.replay.take(), &stores, &spans);
        }
        let of_files = files.placeholder.iter().chain(&files.feeds);
        // All feeds have the same sentences, which are printed once.
        let (mut prints_problem, mut prints_note) = (true, true);
        let spans = spans.into_iter().chain(std::iter::repeat(None));
        for (id, span) in of_files.zip(spans) {
            let Some(feed) = self.feeds.iter_mut().find(|feed| feed.id == *id) else {
                continue;
            };
            // A changed scene gets a new address, so that views notice it.
            let OpenSource::File(FileSource { file, .. }) = &mut feed.source else {
                continue;
            };
            let now = FileScene {
                is_recording,
                stage,
                problem: problem.clone(),
                note: note.clone(),
                span,
                ..FileScene::clone(file)
            };
            if now.problem != file.problem
                && let Some(problem) = &now.problem
                && std::mem::take(&mut prints_problem)
            {
                complain("file", problem);
            }
            if now.note != file.note
                && let Some(note) = &now.note
                && std::mem::take(&mut prints_note)
            {
                complain("file", note);
                // So many panes have no room for it.
                if files.feeds.len() == MOST_FEEDS {
                    self.window.report(note.clone());
                }
            }
            if **file != now {
                *file = Arc::new(now);
            }
        }
    }

    /// Adds a feed without a connection.
    fn add_file_feed(
        &mut self,
        url: Option<Url>,
        protocol: Protocol,
        reads_lines: bool,
        store: Store,
        file: FileScene,
    ) -> FeedId {
        let id = self.next_feed_id();
        self.window.set_reading(id, self.of_files.clone().into());
        self.feeds.push(OpenFeed {
            saved_as: None,
            id,
            source: OpenSource::File(FileSource {
                file: Arc::new(file),
                url: url.map(Arc::new),
                protocol,
                reads_lines,
            }),
            store,
            printed_problem: None,
            name: None,
        });
        id
    }

    /// Shows a feed that was found in files: in its panes of a session, in place of the feed that stood for the files, or in
    /// a new pane.
    fn show_found(&mut self, feed: FeedId, former: Option<FeedId>, panes: &[PaneId]) {
        let is_free = |pane: &&PaneId| {
            let shown = self.feed_of(**pane);
            shown.is_none_or(|shown| Some(shown.id) == former)
        };
        let free: Vec<PaneId> = panes.iter().filter(is_free).copied().collect();
        if free.is_empty() {
            match former {
                Some(former) => self.replace_feed(former, feed),
                None => drop(self.open_pane(Some(feed))),
            }
            return;
        }
        if let Some(former) = former {
            // Its other panes are those of feeds that are found later.
            self.show_in(&self.panes_of(former), None);
        }
        self.show_in(&free, Some(feed));
        self.end_unseen();
    }

    /// Shows another feed in each pane of a feed, which ends.
    fn replace_feed(&mut self, former: FeedId, feed: FeedId) {
        self.show_in(&self.panes_of(former), Some(feed));
        self.end_unseen();
    }
}

/// Returns the protocol of a feed as the window has it, and true if its records are lines.
fn form_of(protocol: FeedProtocol) -> (Protocol, bool) {
    match protocol {
        FeedProtocol::EventStream => (Protocol::EventStream, false),
        FeedProtocol::WebSocket => (Protocol::WebSocket, false),
        FeedProtocol::Lines => (Protocol::EventStream, true),
    }
}

/// Reads files on their thread, until no pane shows them.
fn read(paths: &[PathBuf], shared: &Arc<SharedOpening>) {
    match paths {
        [path] if !recorded::is_recording(path) => import::run(path, shared),
        paths => recorded::run(paths, shared),
    }
}

/// Returns a sentence about a file or a folder that cannot be opened.
pub(super) fn problem_of(path: &Path) -> Option<String> {
    if recorded::is_recording(path) {
        recorded::open(&[path.to_owned()]).err()
    } else {
        import::open(path).err()
    }
}

/// Returns the file with its path as [`local_path`] has it.
pub(super) fn local_file(file: NewFile) -> NewFile {
    NewFile {
        path: local_path(file.path),
        ..file
    }
}

/// Returns the path of a `file:` URL, and a path in the home folder for one that begins with `~/`.
pub(super) fn local_path(path: PathBuf) -> PathBuf {
    let text = path.to_string_lossy();
    if text.starts_with("file:")
        && let Ok(url) = Url::parse(&text)
        && let Ok(path) = url.to_file_path()
    {
        return path;
    }
    match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_typed_in_the_usual_ways() {
        let path = |typed: &str| local_path(PathBuf::from(typed));
        assert_eq!(path("a b.sse"), PathBuf::from("a b.sse"));
        assert_eq!(path("file:///tmp/a%20b.sse"), PathBuf::from("/tmp/a b.sse"));
        let home = std::env::home_dir().unwrap();
        assert_eq!(path("~/a.sse"), home.join("a.sse"));
    }
}
