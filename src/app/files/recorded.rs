//! Recordings in panes: opened by their headers, and read again while another program writes them.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_core::numbers::counted;
use feedscope_core::store::{DamagedRows, Store};
use feedscope_files::formats::{FeedProtocol, copies_used};
use feedscope_files::recording::{self, OpenedFeed, OpenedRecording, RecordingEnd};
use feedscope_ui::FileStage;

use super::opening::{FoundFeed, MOST_FEEDS, SharedOpening, further_feeds, is_named_recording};
use crate::app::marks::LoadedMarks;
use crate::tail::files_of;

/// Interval at which the length of the files is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Factor of the pause over the time that the last reading took, so that a large file does not keep a core busy.
const PAUSE_FACTOR: u32 = 8;

/// Returns true if a file begins as a recording does.
pub(super) fn is_recording(path: &Path) -> bool {
    let mut begin = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    path.is_dir() || is_named_recording(path) || (read.is_ok() && &begin == b"FEEDFILE")
}

/// Opens recordings and follows them until no pane shows them.
pub(super) fn run(paths: &[PathBuf], shared: &Arc<SharedOpening>) {
    shared.publish(|state| state.is_recording = true);
    let (paths, mut opened) = match open(paths) {
        Ok(opened) => opened,
        Err(sentence) => return shared.fail(sentence),
    };
    // Rows are numbered through all files, so that the marks of one file belong to other rows then.
    let marks = match &paths[..] {
        [path] => Some(LoadedMarks::beside(path)),
        _ => None,
    };
    let mut stores = Vec::new();
    add_feeds(&opened, &mut stores, marks.as_ref(), shared);
    if stores.is_empty() && opened.ending != RecordingEnd::BeingWritten {
        let path = shared.path.display();
        shared.fail(format!("{path}: the recording contains no feed"));
        return;
    }
    // The rows are visible already while their rates are derived.
    let mut lengths = lengths_of(&paths);
    loop {
        let started = Instant::now();
        stores.iter().for_each(Store::derive_activity);
        let mut damaged = opened.damaged_records();
        publish(&opened, &stores, cut_problem(&paths, &lengths), shared);
        loop {
            let pause = LOOK_INTERVAL.max(started.elapsed().saturating_mul(PAUSE_FACTOR));
            if shared.wait(pause) {
                return;
            }
            // A block is read when its rows come into sight, or for an analysis.
            if damaged != opened.damaged_records() {
                damaged = opened.damaged_records();
                publish(&opened, &stores, cut_problem(&paths, &lengths), shared);
            }
            let now = lengths_of(&paths);
            // The end of a recording is a change, too, even if its writer was killed.
            if now != lengths || opened.ending == RecordingEnd::BeingWritten {
                break;
            }
        }
        if let Some(problem) = cut_problem(&paths, &lengths) {
            publish(&opened, &stores, Some(problem), shared);
            continue;
        }
        if let Err(error) = opened.refresh() {
            shared.publish(|state| state.problem = Some(error.to_string()));
            return;
        }
        lengths = lengths_of(&paths);
        // Feeds keep their places, and new ones follow them.
        for (store, later) in stores.iter().zip(&opened.feeds) {
            store.take_over(&later.store);
        }
        add_feeds(&opened, &mut stores, marks.as_ref(), shared);
    }
}

/// Opens recordings by their headers. Returns them with their files, which may be those of a folder.
///
/// # Errors
///
/// A sentence, where a file is not there or is no recording.
pub(super) fn open(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, OpenedRecording), String> {
    let files: Vec<PathBuf> = paths.iter().cloned().flat_map(files_of).collect();
    if files.is_empty() {
        let folder = paths.first().map(|path| path.display().to_string());
        let folder = folder.unwrap_or_default();
        return Err(format!("{folder}: there is no recording in this folder"));
    }
    if let Some(missing) = files.iter().find(|path| !path.exists()) {
        return Err(format!("{}: there is no such file", missing.display()));
    }
    let opened = recording::open(&files).map_err(|error| error.to_string())?;
    Ok((files, opened))
}

/// Adds the feeds that joined the recording.
fn add_feeds(
    opened: &OpenedRecording,
    stores: &mut Vec<Store>,
    marks: Option<&LoadedMarks>,
    shared: &SharedOpening,
) {
    let later = opened.feeds.iter().enumerate().take(MOST_FEEDS);
    for (place, feed) in later.skip(stores.len()) {
        let OpenedFeed {
            description,
            path,
            store,
            ..
        } = feed;
        stores.push(store.clone());
        shared.add_feed(FoundFeed {
            name: description.name.clone(),
            path: path.clone(),
            url: description.url.clone(),
            protocol: FeedProtocol::of_word(&description.protocol),
            reading: description.reading.clone(),
            store: store.clone(),
            notes: marks.map(|marks| marks.of_feed(place, &description.name)),
        });
    }
}

/// Publishes the state of the files.
fn publish(
    opened: &OpenedRecording,
    stores: &[Store],
    cut: Option<String>,
    shared: &SharedOpening,
) {
    let stage = match opened.ending {
        RecordingEnd::BeingWritten => FileStage::BeingWritten,
        RecordingEnd::Clean | RecordingEnd::Torn { .. } => FileStage::Complete,
    };
    let mut sentences = opened.damage.clone();
    sentences.extend(damaged_records(opened.damaged_records()));
    let problem = cut.or_else(|| damage(&sentences));
    let spans = stores.iter().map(Store::span).collect();
    let note = further_feeds(opened.feeds.len().saturating_sub(MOST_FEEDS));
    shared.publish(|state| {
        state.stage = stage;
        state.problem = problem;
        state.note = note;
        state.spans = spans;
    });
}

/// Returns the sentence about records whose blocks are damaged, if there are any.
fn damaged_records(rows: DamagedRows) -> Option<String> {
    let lost = format!("{} cannot be read", counted(rows.unreadable, "record"));
    match (rows.unreadable, rows.restored) {
        (0, 0) => None,
        // It stands behind a sentence.
        (0, restored) => Some(copies_used(restored).replacen('c', "C", 1)),
        (_, 0) => Some(lost),
        (_, restored) => Some(format!("{lost}, and {}", copies_used(restored))),
    }
}

/// Returns one sentence about all damage.
fn damage(sentences: &[String]) -> Option<String> {
    let (first, others) = sentences.split_first()?;
    Some(match others.len() {
        0 => format!("The file is damaged. {first}."),
        1 => format!("The file is damaged. {first}. There is one more damaged place."),
        more => format!("The file is damaged. {first}. There are {more} more damaged places."),
    })
}

fn lengths_of(paths: &[PathBuf]) -> Vec<u64> {
    let length = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
    paths.iter().map(length).collect()
}

/// Returns a sentence about a file that has become shorter since it was opened.
fn cut_problem(paths: &[PathBuf], lengths: &[u64]) -> Option<String> {
    let now = lengths_of(paths);
    let mut files = paths.iter().zip(lengths).zip(now);
    let ((path, before), now) = files.find(|((_, before), now)| now < before)?;
    Some(format!(
        "{} has become shorter: {} of {before} bytes are missing, and the records in them cannot be read.",
        path.display(),
        before - now
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_one_sentence() {
        let places = |count: usize| vec!["a: bytes 1 to 2 cannot be read".to_owned(); count];
        assert_eq!(damage(&[]), None);
        let sentence = damage(&places(3)).unwrap();
        assert!(sentence.starts_with("The file is damaged. a: bytes 1 to 2 cannot be read."));
        assert!(sentence.ends_with("There are 2 more damaged places."));
    }

    #[test]
    fn restored_and_lost_records_are_counted() {
        let sentence = |unreadable, restored| {
            damaged_records(DamagedRows {
                restored,
                unreadable,
            })
        };
        assert_eq!(sentence(0, 0), None);
        assert_eq!(
            sentence(1, 40).as_deref(),
            Some("1 record cannot be read, and copies in the file replace 40 damaged records")
        );
        let restored = "Copies in the file replace 1 damaged record";
        assert_eq!(sentence(0, 1).as_deref(), Some(restored));
        assert_eq!(sentence(7, 0).as_deref(), Some("7 records cannot be read"));
    }

    #[test]
    fn a_shorter_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feedscope");
        fs::write(&path, [0; 100]).unwrap();
        let paths = [path.clone()];
        let lengths = lengths_of(&paths);
        assert_eq!(cut_problem(&paths, &lengths), None);
        fs::write(&path, [0; 60]).unwrap();
        let problem = cut_problem(&paths, &lengths).unwrap();
        assert!(problem.contains("40 of 100 bytes are missing"), "{problem}");
    }
}
