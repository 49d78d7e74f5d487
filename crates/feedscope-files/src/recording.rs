//! Recordings: files of blocks that survive a crash, are opened by their headers, and are never rewritten in place.
//!
//! `docs/format.md` describes the format. [`FileWriter`] writes blocks to one file, [`Recorder`] fills files from the
//! stores of feeds on a thread of its own, and [`open`] makes stores of the feeds in files.

mod assembly;
mod block;
mod bytes;
mod clocks;
mod copies;
mod cursor;
mod open;
mod pieces;
mod recorder;
mod roll;
mod scan;
mod sessions;
mod source;
mod stream;
mod sync;
mod unfinished;
mod writer;

pub use assembly::OpenedFeed;
pub use block::{FeedDescription, RecordedReading};
pub use cursor::MergedRecords;
pub use open::{OpenedRecording, open, open_files};
pub use recorder::{JoiningFeeds, RecordedFeed, Recorder, RecordingProgress};
pub use roll::Roll;
pub use sessions::{
    DEFAULT_SESSIONS_LIMIT, Deleted, LEAST_SESSIONS_LIMIT, SessionFolder, SessionRecording,
};
pub use source::{OpenError, RecordingEnd};
pub(crate) use stream::BlockStream;
pub use unfinished::{InterruptedRecording, RecordingMark, UnfinishedFolder};
pub use writer::{CreateError, Existing, FileWriter, RecordingTarget, is_in_use};

/// Ending of the names of recordings.
pub const EXTENSION: &str = "feedscope";

/// Disk space that a recording leaves free unless another size is given: 1 GiB.
pub const DEFAULT_LEFT_FREE: u64 = 1 << 30;

/// Returns the folder for recordings that get no path: one in the user's documents, or in the home folder.
pub fn usual_folder() -> Option<std::path::PathBuf> {
    let user = directories::UserDirs::new()?;
    let documents = user.document_dir().unwrap_or(user.home_dir());
    Some(documents.join("Feedscope"))
}

#[cfg(test)]
mod tests;
