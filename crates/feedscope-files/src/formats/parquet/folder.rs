//! Folder of Parquet files in the layout of Hive: `feed=NAME/date=DAY/part-N.parquet`.
//!
//! The folder gets its name when all files are complete. The files of such a folder can be moved into another one.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::item::{Cell, FeedInfo, FeedWriter, FileItem, WriteError};
use super::super::output::OutputError;
use super::{ParquetWriter, remarks};

/// Rows of one file.
const PART_ROWS: u64 = 4 << 20;

/// Bytes of the rows of all feeds in memory.
const WAITING_BYTES: usize = 192 << 20;

/// Writer of a folder.
pub struct FolderWriter {
    folder: TempDir,
    path: PathBuf,
    columns: Vec<String>,
    feeds: Vec<PartitionedFeed>,
    misfits: u64,
}

/// Feed with the file that its rows go to.
struct PartitionedFeed {
    info: FeedInfo,
    part: Option<PartitionFile>,
    /// Number of its files so far.
    parts: u32,
}

struct PartitionFile {
    writer: ParquetWriter<BufWriter<File>>,
    date: String,
    rows: u64,
}

impl FolderWriter {
    /// Begins a folder. An existing one is used only if it is empty.
    ///
    /// # Errors
    ///
    /// Fails if there is something with this name already, or if nothing can be written beside it.
    pub fn create(path: &Path, columns: Vec<String>) -> Result<Self, OutputError> {
        if path.symlink_metadata().is_ok() {
            let is_empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
            if !is_empty {
                return Err(OutputError::Exists(path.to_owned()));
            }
        }
        // The temporary folder is beside `path`, because a move within one disk takes no time.
        let failed = |error| OutputError::Io(path.to_owned(), error);
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new()
            .prefix(".feedscope-")
            .tempdir_in(parent)
            .map_err(failed)?;
        Ok(Self {
            folder,
            path: path.to_owned(),
            columns,
            feeds: Vec::new(),
            misfits: 0,
        })
    }

    /// Path of the folder while it is not complete.
    pub fn partial(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the file of a feed.
    fn end_part(&mut self, feed: usize) -> Result<(), WriteError> {
        if let Some(part) = self.feeds[feed].part.take() {
            let (file, misfits) = part.writer.complete()?;
            self.misfits += misfits;
            // The source of the rows may be deleted once the folder has its name.
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
        }
        Ok(())
    }

    fn begin_part(&mut self, feed: usize, date: &str) -> Result<(), WriteError> {
        let target = &mut self.feeds[feed];
        // The number goes on, so that a clock that jumps back needs no file again.
        target.parts += 1;
        let below =
            Path::new(&format!("feed={}", encoded(&target.info.name))).join(format!("date={date}"));
        let folder = self.folder.path().join(below);
        fs::create_dir_all(&folder)?;
        let path = folder.join(part_name(target.parts));
        let file = BufWriter::new(private_file(&path)?);
        // The names of the folders contain the feed and the date.
        let mut writer = ParquetWriter::new(file, &self.columns, false);
        writer.add_feed(&target.info)?;
        target.part = Some(PartitionFile {
            writer,
            date: date.to_owned(),
            rows: 0,
        });
        Ok(())
    }

    /// Writes rows out while those of all feeds need too much memory.
    fn keep_to_memory(&mut self) -> Result<(), WriteError> {
        let parts = || self.feeds.iter().filter_map(|feed| feed.part.as_ref());
        let waiting: usize = parts().map(|part| part.writer.waiting_bytes()).sum();
        if waiting < WAITING_BYTES {
            return Ok(());
        }
        for part in self.feeds.iter_mut().filter_map(|feed| feed.part.as_mut()) {
            part.writer.write_group()?;
        }
        Ok(())
    }
}

impl FeedWriter for FolderWriter {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        self.feeds.push(PartitionedFeed {
            info: feed.clone(),
            part: None,
            parts: 0,
        });
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, cells: &[Cell]) -> Result<(), WriteError> {
        let feed = item.feed();
        if feed >= self.feeds.len() {
            return Ok(());
        }
        // A time begins with its day.
        let mut date = item.stamp().utc.to_string();
        date.truncate("2026-11-21".len());
        let is_over = |part: &PartitionFile| part.date != date || part.rows >= PART_ROWS;
        if self.feeds[feed].part.as_ref().is_none_or(is_over) {
            self.end_part(feed)?;
            self.begin_part(feed, &date)?;
        }
        let target = &mut self.feeds[feed];
        if let Some(part) = &mut target.part {
            part.rows += 1;
            part.writer.push(item, &target.info.name, cells)?;
        }
        self.keep_to_memory()
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, WriteError> {
        for feed in 0..self.feeds.len() {
            self.end_part(feed)?;
        }
        let Self {
            folder,
            path,
            misfits,
            ..
        } = *self;
        // An empty folder of this name is replaced; another one that appeared meanwhile stays.
        fs::rename(folder.path(), &path)?;
        // The temporary name is gone, so that nothing is left to remove.
        drop(folder.keep());
        Ok(remarks(misfits))
    }
}

/// Name of the file with this number, from 1.
fn part_name(number: u32) -> String {
    format!("part-{number:04}.parquet")
}

/// Moves the files of a complete folder into another one, where they get the next free numbers, and removes the empty
/// folder. If it was interrupted, a second call moves the rest.
///
/// # Errors
///
/// Fails if a folder cannot be read or written.
pub fn move_into(complete: &Path, folder: &Path) -> io::Result<()> {
    for feed in sorted(complete)? {
        for date in sorted(&feed)? {
            let below = date.strip_prefix(complete).map_err(io::Error::other)?;
            for file in sorted(&date)? {
                if has_other_name(&file)? {
                    // It was moved already, and only the old name is left.
                    fs::remove_file(&file)?;
                } else {
                    add_file(&file, &folder.join(below))?;
                }
            }
            fs::remove_dir(&date)?;
        }
        fs::remove_dir(&feed)?;
    }
    fs::remove_dir(complete)
}

/// Returns the paths of the entries of a folder in their order.
fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Returns true if a file has another name on the disk. Systems without links never have one.
fn has_other_name(file: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Ok(fs::metadata(file)?.nlink() > 1)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(false)
    }
}

/// Moves a complete file into a folder, with the next free number.
fn add_file(file: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let number_in = |name: &str| -> Option<u32> {
        let number = name.strip_prefix("part-")?.strip_suffix(".parquet")?;
        number.parse().ok()
    };
    let entries = fs::read_dir(folder)?.flatten();
    let last = entries
        .filter_map(|entry| number_in(entry.file_name().to_str()?))
        .max();
    let mut number = last.unwrap_or(0).saturating_add(1);
    loop {
        let target = folder.join(part_name(number));
        // Unlike a rename, a link never replaces the file of another program.
        match fs::hard_link(file, &target) {
            Ok(()) => return fs::remove_file(file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => {
                number += 1;
            }
            // Some file systems have no links.
            Err(_) if !target.exists() => return fs::rename(file, &target),
            Err(error) => return Err(error),
        }
    }
}

/// Creates a file that only this user can read, because it contains payloads.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Encodes a name as Hive does, so that it is one folder.
fn encoded(name: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for char in name.chars() {
        // Characters that a file system or Hive gives a meaning, and controls.
        if char.is_control() || "\"#%'*/:=?\\{}[]^".contains(char) {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                // Writing to a string cannot fail.
                write!(encoded, "%{byte:02X}").ok();
            }
        } else {
            encoded.push(char);
        }
    }
    match encoded.as_str() {
        "" | "." | ".." => "__HIVE_DEFAULT_PARTITION__".to_owned(),
        _ => encoded,
    }
}
