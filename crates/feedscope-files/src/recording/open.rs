//! Opened recordings: a store for each feed, whose records stay in the files until a reader needs them.
//!
//! Several files, and several sessions in one file, are placed by their time in UTC. Feeds of the same name, protocol and
//! URL are one feed, whose sessions are put one after the other. The records of a feed are numbered from 0, and the moments
//! of all feeds count from the earliest record.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use feedscope_core::store::{ChunkCache, DamagedRows};

use super::assembly::{Assembly, FeedAssembly, OpenedFeed};
use super::bytes::RecordingFile;
use super::source::{OpenError, RecordingEnd, RecordingSource};

/// Size of the cache for blocks that were read, for all files of one opening together.
const CACHE_BYTES: u64 = 64 << 20;

/// Feeds of one or several recordings.
pub struct OpenedRecording {
    /// Feeds, in the order in which they joined.
    pub feeds: Vec<OpenedFeed>,
    /// End of the last file.
    pub ending: RecordingEnd,
    /// Sentences about bytes inside the files that cannot be read.
    pub damage: Vec<String>,
    files: Vec<RecordingSource>,
    cache: Arc<ChunkCache>,
}

/// Opens recordings. Only headers are read.
///
/// # Errors
///
/// Fails if a file cannot be read, is not a recording, or is of a later version.
pub fn open(paths: &[PathBuf]) -> Result<OpenedRecording, OpenError> {
    let files = paths.iter().map(|path| {
        let file = RecordingFile::open(path).map_err(|error| OpenError {
            path: path.clone(),
            why: error.into(),
        })?;
        RecordingSource::open(file)
    });
    Ok(arranged(files.collect::<Result<_, _>>()?))
}

/// Opens recordings in files that are open already. The paths are only names for people.
///
/// # Errors
///
/// Fails if a file cannot be read, is not a recording, or is of a later version.
pub fn open_files(
    files: impl IntoIterator<Item = (File, PathBuf)>,
) -> Result<OpenedRecording, OpenError> {
    let files = files
        .into_iter()
        .map(|(file, path)| RecordingSource::open(RecordingFile::of_file(file, &path)));
    Ok(arranged(files.collect::<Result<_, _>>()?))
}

/// Puts the files in the order of their first records, and opens their feeds.
fn arranged(mut files: Vec<RecordingSource>) -> OpenedRecording {
    // Files may be named in any order. A file without records counts as the oldest.
    files.sort_by_key(|source| {
        source
            .scan
            .blocks
            .first()
            .map(|block| block.header.first().utc)
    });
    OpenedRecording::of_files(files, Arc::new(ChunkCache::new(CACHE_BYTES)))
}

impl OpenedRecording {
    /// Returns the records so far whose blocks are damaged. A block is read when a reader needs its records.
    pub fn damaged_records(&self) -> DamagedRows {
        self.cache.damaged_rows()
    }

    /// Cache of the blocks, which counts the records of damaged ones.
    pub(crate) fn cache(&self) -> Arc<ChunkCache> {
        Arc::clone(&self.cache)
    }

    /// Reads what was added to the files, and opens the feeds again. Records that were there keep their numbers.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read any more.
    pub fn refresh(&mut self) -> Result<(), OpenError> {
        let mut files = std::mem::take(&mut self.files);
        for source in &mut files {
            let added = source.scan.go_on(&source.file);
            added
                .and_then(|()| source.check_end())
                .map_err(|why| OpenError {
                    path: source.file.path().to_owned(),
                    why,
                })?;
        }
        *self = Self::of_files(files, Arc::clone(&self.cache));
        Ok(())
    }

    fn of_files(files: Vec<RecordingSource>, cache: Arc<ChunkCache>) -> Self {
        let mut assembly = Assembly::new(Arc::clone(&cache));
        for source in &files {
            assembly.add(source);
        }
        let ending = files
            .last()
            .map_or(RecordingEnd::Clean, |source| source.ending);
        let Assembly { feeds, damage, .. } = assembly;
        Self {
            feeds: feeds.into_iter().map(FeedAssembly::finish).collect(),
            ending,
            damage,
            files,
            cache,
        }
    }
}
