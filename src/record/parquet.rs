//! Parquet files of a recording that goes on: each complete part of it becomes files in a folder.
//!
//! A Parquet file without its end cannot be read. Therefore the records are in a recording first, which is readable after a
//! crash.
//!
//! A part becomes a hidden folder of complete files. From the moment in which that folder has its name, it counts in place of
//! the part, which is deleted. Then the files are moved. Therefore no record is lost or appears twice if the program is killed
//! between two of these steps.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use feedscope_analysis::columns::Columns;
use feedscope_analysis::interpret::Interpreter;
use feedscope_files::formats::{
    Control, FileInput, FolderWriter, Format, ReadOptions, move_into, reader, transfer,
};
use feedscope_files::recording::{RecordingEnd, Roll, open};

use super::refused::Refused;
use crate::convert::ColumnsWriter;
use crate::plan::RecordPlan;
use crate::reading::RunReading;

/// Interval at which a new part is looked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// End of the name of a folder of complete Parquet files.
const COMPLETE: &str = ".parquet";

/// Thread that converts the parts of a recording, one after the other.
pub(super) struct ParquetParts {
    /// Ends the thread when it is dropped.
    stop: SyncSender<()>,
    thread: JoinHandle<Option<String>>,
}

impl ParquetParts {
    /// Starts the thread for the parts of the recording at this path.
    pub(super) fn start(recording: &Path, files: ParquetFiles) -> Result<Self, Refused> {
        let path = recording.to_owned();
        let (stop, stopped) = sync_channel(0);
        let thread = thread::Builder::new()
            .name("parquet".to_owned())
            .spawn(move || run(&path, &files, &stopped))
            .map_err(|error| refused(recording, &error))?;
        Ok(Self { stop, thread })
    }

    /// Converts what is left after the end of the recording. Returns the reason for which a part stays a recording.
    pub(super) fn finish(self) -> Option<String> {
        drop(self.stop);
        let panicked = || Some("the Parquet files are not complete".to_owned());
        self.thread.join().unwrap_or_else(|_panic| panicked())
    }
}

/// Converts each part when the next one exists, and the last one at the end. Returns the first problem.
fn run(recording: &Path, files: &ParquetFiles, stopped: &Receiver<()>) -> Option<String> {
    let mut problem = None;
    let mut number = 1;
    loop {
        let is_over = stopped.recv_timeout(LOOK_INTERVAL) != Err(RecvTimeoutError::Timeout);
        // A part is complete before the next one begins.
        while let part = Roll::path(recording, number)
            && part.exists()
            && (is_over || Roll::path(recording, number + 1).exists())
        {
            if let Err(why) = files.convert(&part) {
                problem.get_or_insert(why);
            }
            number += 1;
        }
        if is_over {
            return problem;
        }
    }
}

/// Folder of Parquet files, and the columns that the files get besides the usual ones.
#[derive(Clone, Debug, Default)]
pub(super) struct ParquetFiles {
    folder: PathBuf,
    /// Text of the columns, which was checked.
    columns: Option<String>,
    /// Decoders of the payloads for the columns.
    interpreter: Interpreter,
}

impl ParquetFiles {
    /// Returns the files that the plan requires, with payloads that are read as the run reads them.
    pub(super) fn of_plan(plan: &RecordPlan, reading: &RunReading) -> Option<Self> {
        Some(Self {
            folder: plan.parquet.clone()?,
            columns: plan.columns.clone(),
            interpreter: reading.interpreter.clone(),
        })
    }

    fn columns(&self) -> Columns {
        let parsed = self.columns.as_deref().map(Columns::parse);
        let columns = parsed.and_then(Result::ok).unwrap_or_default();
        columns.with_interpreter(self.interpreter.clone())
    }

    /// Converts the parts that a killed run has left beside the folder.
    pub(super) fn convert_left_over(&self, recording: &Path) -> Result<(), Refused> {
        // The complete folders come first, because they count in place of their parts.
        for part in left_over(recording, true) {
            finish(&part, &self.folder).map_err(|error| refused(&part, &error))?;
        }
        for part in left_over(recording, false) {
            let opened = open(std::slice::from_ref(&part)).map_err(|error| Refused {
                sentence: error.to_string(),
                status: 1,
            })?;
            if opened.ending == RecordingEnd::BeingWritten {
                return Err(refused(&part, &"another program is recording to it"));
            }
            self.convert(&part).map_err(|sentence| Refused {
                sentence,
                status: 1,
            })?;
        }
        Ok(())
    }

    /// Converts a complete part into files of the folder, and deletes it.
    fn convert(&self, part: &Path) -> Result<(), String> {
        let failed = |why: &dyn Display| {
            format!(
                "{}: no Parquet files were made of it: {why}",
                part.display()
            )
        };
        let complete = complete_folder(part);
        // It is there already if its files could not be moved the last time.
        if !complete.exists() {
            let (input, _) = FileInput::open(part).map_err(|error| failed(&error))?;
            let mut reader = reader(Format::Feedscope, input, ReadOptions::of_file(part))
                .map_err(|error| failed(&error))?;
            let columns = self.columns();
            let names = columns.names().map(str::to_owned).collect();
            let writer = FolderWriter::create(&complete, names).map_err(|error| failed(&error))?;
            let writer = ColumnsWriter::new(columns, Box::new(writer));
            transfer(&mut *reader, Box::new(writer), &Control::default())
                .map_err(|error| failed(&error))?;
        }
        finish(part, &self.folder).map_err(|error| failed(&error))
    }
}

/// Returns the numbered files of a recording, in their order. With `are_complete`, returns those that have a folder of
/// complete Parquet files.
fn left_over(recording: &Path, are_complete: bool) -> Vec<PathBuf> {
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
    let names = entries.into_iter().flatten().flatten();
    let paths = names.filter_map(|entry| {
        let name = entry.file_name();
        if !are_complete {
            return Some(recording.with_file_name(name));
        }
        let part = name.to_str()?.strip_prefix('.')?.strip_suffix(COMPLETE)?;
        Some(recording.with_file_name(part))
    });
    let mut parts: Vec<_> = paths.filter(|path| is_part(path)).collect();
    parts.sort();
    parts
}

/// Returns the folder of the complete Parquet files of a part.
fn complete_folder(part: &Path) -> PathBuf {
    let name = part.file_name().unwrap_or_default().to_string_lossy();
    part.with_file_name(format!(".{name}{COMPLETE}"))
}

/// Deletes a part whose Parquet files are complete, and moves the files into the folder.
fn finish(part: &Path, folder: &Path) -> io::Result<()> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => move_into(&complete_folder(part), folder),
    }
}

fn refused(path: &Path, why: &dyn Display) -> Refused {
    Refused {
        sentence: format!("{}: {why}", path.display()),
        status: 1,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use feedscope_files::formats::{WriteOptions, writer};

    use super::*;

    /// Writes a recording with these numbers of records, as a killed run leaves it.
    fn write_part(path: &Path, records: u32) {
        let lines: Vec<_> = (0..records)
            .map(|number| format!("{{\"n\":{number}}}\n"))
            .collect();
        let source = path.with_file_name("ticks.ndjson");
        fs::write(&source, lines.concat()).unwrap();
        let (input, _) = FileInput::open(&source).unwrap();
        let mut reader = reader(Format::Ndjson, input, ReadOptions::of_file(&source)).unwrap();
        let out = Box::new(File::create(path).unwrap());
        let writer = writer(Format::Feedscope, out, &WriteOptions::default()).unwrap();
        transfer(&mut *reader, writer, &Control::default()).unwrap();
        fs::remove_file(source).unwrap();
    }

    fn files(folder: &Path) -> ParquetFiles {
        ParquetFiles {
            folder: folder.to_owned(),
            ..ParquetFiles::default()
        }
    }

    fn complete(part: &Path) -> PathBuf {
        let (input, _) = FileInput::open(part).unwrap();
        let mut reader = reader(Format::Feedscope, input, ReadOptions::of_file(part)).unwrap();
        let complete = complete_folder(part);
        let writer = FolderWriter::create(&complete, Vec::new()).unwrap();
        transfer(&mut *reader, Box::new(writer), &Control::default()).unwrap();
        complete
    }

    /// Returns the names of the files in a folder of Parquet files, and checks that nothing else is beside the folder.
    fn converted(folder: &Path) -> Vec<String> {
        let beside = fs::read_dir(folder.parent().unwrap()).unwrap();
        let beside: Vec<_> = beside.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(beside, [folder], "only the folder is left");
        let mut names = Vec::new();
        for feed in fs::read_dir(folder).unwrap() {
            for date in fs::read_dir(feed.unwrap().path()).unwrap() {
                for file in fs::read_dir(date.unwrap().path()).unwrap() {
                    names.push(file.unwrap().file_name().into_string().unwrap());
                }
            }
        }
        names.sort();
        names
    }

    #[test]
    fn a_run_that_was_killed_between_two_steps_is_continued() {
        for step in ["before", "complete", "deleted", "linked", "moved"] {
            let parent = tempfile::tempdir().unwrap();
            let folder = parent.path().join("capture");
            let recording = parent.path().join("capture.feedscope");
            let part = parent.path().join("capture-0001.feedscope");
            write_part(&part, 3);
            if step != "before" {
                let complete = complete(&part);
                if step != "complete" {
                    fs::remove_file(&part).unwrap();
                }
                let file = only_file(&complete);
                let target = folder.join(file.strip_prefix(&complete).unwrap());
                if matches!(step, "linked" | "moved") {
                    fs::create_dir_all(target.parent().unwrap()).unwrap();
                    fs::hard_link(&file, &target).unwrap();
                }
                if step == "moved" {
                    fs::remove_file(&file).unwrap();
                }
            }
            files(&folder).convert_left_over(&recording).unwrap();
            assert_eq!(converted(&folder), ["part-0001.parquet"], "{step}");
        }
    }

    /// Returns the only file of a folder of Parquet files.
    fn only_file(folder: &Path) -> PathBuf {
        let only = |folder: &Path| {
            fs::read_dir(folder)
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path()
        };
        only(&only(&only(folder)))
    }

    #[test]
    fn files_that_are_there_stay() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("capture");
        let recording = parent.path().join("capture.feedscope");
        for number in 1..=3 {
            write_part(&Roll::path(&recording, number), number);
        }
        files(&folder).convert_left_over(&recording).unwrap();
        let names: Vec<_> = (1..=3)
            .map(|number| format!("part-000{number}.parquet"))
            .collect();
        assert_eq!(converted(&folder), names);
    }
}
