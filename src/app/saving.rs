//! Saving of a feed's records in another format, on a thread. The file gets its name when it is complete.

mod work;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use feedscope_core::protocol::Protocol;
use feedscope_core::url_text::masked;
use feedscope_files::formats::{FeedInfo, FeedProtocol, Format, OutputError, OutputFile};
use feedscope_ui::{FeedId, NewFile, RowChoice, SavingScene, SavingStage};

use super::App;
use super::files::local_file;
use super::open_feed::OpenFeed;
use super::recorded_readings::recorded_reading;
use crate::tail::short_names;
use work::{SavingState, SavingWork};

pub(super) use work::{Saving, formats};

impl App {
    /// Saves a text in a file. The notice of the window has the result.
    pub(super) fn save_text(&mut self, file: &NewFile, text: &str) {
        let NewFile { path, replaces } = &local_file(file.clone());
        // The file gets its name when it is complete, so that a failure leaves the former one.
        let result = OutputFile::create(path, *replaces).and_then(|mut file| {
            let written = file.write_all(text.as_bytes());
            written.map_err(|error| OutputError::Io(path.clone(), error))?;
            file.finish()
        });
        self.kept.notice = Some(match result {
            Ok(_) => format!("Saved the answer to {}.", path.display()),
            Err(error) => format!("The answer was not saved to {error}."),
        });
    }

    /// Saves rows of a feed in a format.
    pub fn save_as(&mut self, id: FeedId, file: NewFile, format: &str, rows: RowChoice) {
        let (Some(feed), Some(format)) = (self.feed(id), Format::of_word(format)) else {
            return;
        };
        let file = local_file(file);
        let shared = Arc::new(SavingState::default());
        let work = SavingWork {
            store: feed.store.clone(),
            info: FeedInfo {
                reading: recorded_reading(&self.window.reading_of(feed.id)),
                ..info_of(feed)
            },
            file: file.clone(),
            format,
            rows,
            shared: Arc::clone(&shared),
        };
        // The window shows each percent.
        let wake = self.wake.waker();
        let thread = thread::Builder::new().name("feedscope-save-as".to_owned());
        let started = thread.spawn(move || {
            let result = work.run(&wake);
            *work.shared.result.lock() = Some(result);
            wake();
        });
        if let Err(error) = started {
            *shared.result.lock() = Some(Err(error.to_string()));
        }
        // A feed has one message about saving.
        self.savings.retain(|saving| saving.feed != id);
        self.savings.push(Saving {
            feed: id,
            // The folder of a relative path is that in which the program was started, which the user may not know.
            path: std::path::absolute(&file.path).unwrap_or(file.path),
            shared,
        });
    }

    /// Stops the saving of a feed's records, or removes the message about its end.
    pub(super) fn stop_saving(&mut self, id: FeedId) {
        self.savings.retain(|saving| saving.feed != id);
    }

    /// Returns the saving of a feed's records as the window shows it.
    pub(super) fn saving_scene(&self, id: FeedId) -> Option<Arc<SavingScene>> {
        let saving = self.savings.iter().find(|saving| saving.feed == id)?;
        let shared = &saving.shared;
        let stage = match &*shared.result.lock() {
            None => SavingStage::Running {
                percent: u8::try_from(shared.percent.load(Ordering::Relaxed)).unwrap_or(100),
            },
            Some(Ok(remarks)) => SavingStage::Done(remarks.clone()),
            Some(Err(sentence)) => SavingStage::Failed(sentence.clone()),
        };
        Some(Arc::new(SavingScene {
            path: saving.path.display().to_string(),
            records: shared.records.load(Ordering::Relaxed),
            stage,
        }))
    }
}

/// Returns the description of a feed for a file.
fn info_of(feed: &OpenFeed) -> FeedInfo {
    let source = feed.shown_source();
    let protocol = match source.protocol() {
        Protocol::WebSocket => FeedProtocol::WebSocket,
        Protocol::EventStream if source.reads_lines() => FeedProtocol::Lines,
        Protocol::EventStream => FeedProtocol::EventStream,
    };
    let url = source.url();
    let names = url.map(|url| short_names(std::iter::once((url, feed.name.as_deref()))));
    // A feed of a file keeps its name.
    let recorded = source.file().map(|file| file.feed.clone());
    FeedInfo {
        name: recorded
            .or(names.into_iter().flatten().next())
            .unwrap_or_default(),
        url: url.map(masked),
        protocol: Some(protocol),
        engine: source.spec().map(|spec| spec.engine().name().to_owned()),
        ..FeedInfo::default()
    }
}
