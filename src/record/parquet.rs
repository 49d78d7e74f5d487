//! Parquet files of a recording that goes on: each complete part of it becomes files in a folder.
//!
//! A Parquet file without its end cannot be read. Therefore the records are in a recording first, which is readable after a
//! crash. It is deleted when its Parquet files are complete.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use feedscope_files::formats::{
    Control, FileInput, FolderWriter, Format, ReadOptions, reader, transfer,
};
use feedscope_files::recording::{RecordingEnd, Roll, open};

use super::refused::Refused;
use crate::plan::RecordPlan;

/// Interval at which a new part is looked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Thread that converts the parts of a recording, one after the other.
pub(super) struct ParquetParts {
    /// Ends the thread when it is dropped.
    stop: SyncSender<()>,
    thread: JoinHandle<Option<String>>,
}

impl ParquetParts {
    /// Starts the thread if the plan has a folder of Parquet files.
    pub(super) fn start(plan: &RecordPlan) -> Result<Option<Self>, Refused> {
        let Some(folder) = plan.parquet.clone() else {
            return Ok(None);
        };
        let recording = plan.target.path.clone();
        let (stop, stopped) = sync_channel(0);
        let thread = thread::Builder::new()
            .name("parquet".to_owned())
            .spawn(move || run(&recording, &folder, &stopped))
            .map_err(|error| refused(&plan.target.path, &error))?;
        Ok(Some(Self { stop, thread }))
    }

    /// Converts what is left after the end of the recording. Returns the reason for which a part stays a recording.
    pub(super) fn finish(self) -> Option<String> {
        drop(self.stop);
        let panicked = || Some("the Parquet files are not complete".to_owned());
        self.thread.join().unwrap_or_else(|_panic| panicked())
    }
}

/// Converts each part when the next one exists, and the last one at the end. Returns the first problem.
fn run(recording: &Path, folder: &Path, stopped: &Receiver<()>) -> Option<String> {
    let mut problem = None;
    let mut number = 1;
    loop {
        let is_over = stopped.recv_timeout(LOOK_INTERVAL) != Err(RecvTimeoutError::Timeout);
        // A part is complete before the next one begins.
        while let part = Roll::path(recording, number)
            && part.exists()
            && (is_over || Roll::path(recording, number + 1).exists())
        {
            if let Err(why) = convert(&part, folder) {
                problem.get_or_insert(why);
            }
            number += 1;
        }
        if is_over {
            return problem;
        }
    }
}

/// Converts the parts that a killed run has left beside the folder.
pub(super) fn convert_left_over(recording: &Path, folder: &Path) -> Result<(), Refused> {
    let mut parts = left_over(recording);
    parts.sort();
    for part in parts {
        let opened = open(std::slice::from_ref(&part)).map_err(|error| Refused {
            sentence: error.to_string(),
            status: 1,
        })?;
        if opened.ending == RecordingEnd::BeingWritten {
            return Err(refused(&part, &"another program is recording to it"));
        }
        convert(&part, folder).map_err(|sentence| Refused {
            sentence,
            status: 1,
        })?;
    }
    Ok(())
}

/// Returns the numbered files of a recording that exist.
fn left_over(recording: &Path) -> Vec<PathBuf> {
    let parent = recording
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let entries = fs::read_dir(parent.unwrap_or(Path::new(".")));
    let stem = recording.file_stem().unwrap_or_default().to_string_lossy();
    let is_part = |path: &Path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let number = name
            .strip_prefix(&*stem)
            .and_then(|rest| rest.strip_prefix('-'));
        path.extension() == recording.extension()
            && number.is_some_and(|number| {
                number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    let entries = entries.into_iter().flatten().flatten();
    let paths = entries.map(|entry| recording.with_file_name(entry.file_name()));
    paths.filter(|path| is_part(path)).collect()
}

fn refused(path: &Path, why: &dyn Display) -> Refused {
    Refused {
        sentence: format!("{}: {why}", path.display()),
        status: 1,
    }
}

/// Converts a complete part into files of the folder, and deletes it.
fn convert(part: &Path, folder: &Path) -> Result<(), String> {
    let failed = |why: &dyn Display| {
        format!(
            "{}: no Parquet files were made of it: {why}",
            part.display()
        )
    };
    let (input, _) = FileInput::open(part).map_err(|error| failed(&error))?;
    let mut reader = reader(Format::Feedscope, input, ReadOptions::of_file(part))
        .map_err(|error| failed(&error))?;
    let writer = FolderWriter::adding_to(folder, Vec::new()).map_err(|error| failed(&error))?;
    transfer(&mut *reader, Box::new(writer), &Control::default())
        .map_err(|error| failed(&error))?;
    fs::remove_file(part).map_err(|error| failed(&error))
}
