//! Words about files and recordings.

use std::path::Path;

use feedscope_core::Moment;

use super::{bytes, count, counted, speed, whole_seconds};
use crate::command::FilePurpose;
use crate::feed_source::FeedSource;
use crate::file_scene::{FileScene, FileStage};
use crate::recording_scene::RecordingScene;
use crate::replay_scene::ReplayScene;
use crate::save::{SavingScene, SavingStage};

/// Reason that nothing is opened or saved while the field of the path is empty.
pub(crate) const NO_PATH: &str = "Type the path of a file, or choose one with Browse…";

/// Returns the number of records that will be saved, of all those that are there. The number is `None` while a filter is
/// searching.
pub(crate) fn saves(number: Option<u64>, all: u64) -> String {
    match number {
        None => format!(
            "Saves the hits of the filter among {}",
            counted(all, "record")
        ),
        Some(number) if number == all => format!("Saves {}", counted(all, "record")),
        Some(number) => format!("Saves {} of {}", count(number), counted(all, "record")),
    }
}

/// Texts of the dialog for a path.
pub(crate) struct PathTexts {
    pub(crate) title: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) accept: &'static str,
}

/// Returns the texts of the dialog for a path.
pub(crate) fn path_dialog(purpose: FilePurpose) -> PathTexts {
    match purpose {
        FilePurpose::Open => PathTexts {
            title: "Open files",
            hint: "Recordings (*.feedscope) or other files with recorded feeds. Several paths are separated by spaces; one with spaces is in quotes. Files can also be dropped onto the window.",
            accept: "Open",
        },
        FilePurpose::Answer(..) => PathTexts {
            title: "Save the answer",
            hint: "The file is created.",
            accept: "Save",
        },
        // The dialog for saving has its own texts.
        FilePurpose::Record(_) | FilePurpose::Save(_) => PathTexts {
            title: "Record to a file",
            hint: "The file is created.",
            accept: "Record",
        },
    }
}

/// Returns the question about a file that is to be created and exists already.
pub(crate) fn file_exists(path: &Path) -> String {
    format!("{} exists already. Replace it?", path.display())
}

/// Names the formats whose files Feedscope cannot open again.
pub(crate) fn written_only(names: &[&str]) -> String {
    let list = match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    };
    format!("Feedscope writes {list} files and cannot read them.")
}

/// Returns the reason why a file cannot have the ending of a format that cannot hold the records.
pub(crate) fn other_ending(format: &str, ending: &str) -> String {
    format!(
        "{format} cannot hold the messages of a WebSocket. Use another ending, such as {ending}."
    )
}

/// Answer that replaces the file.
pub(crate) const REPLACE_FILE: &str = "Replace";

/// Answer that leads back to the path.
pub(crate) const OTHER_FILE_NAME: &str = "Use another name";

/// Returns the sentence about saving.
pub(crate) fn saving(saving: &SavingScene) -> String {
    let records = counted(saving.records, "record");
    let path = &saving.path;
    match &saving.stage {
        SavingStage::Running { percent } => format!("Saving to {path}: {percent} %, {records}"),
        SavingStage::Done(remarks) if remarks.is_empty() => format!("Saved {records} to {path}"),
        SavingStage::Done(remarks) => {
            format!("Saved {records} to {path}; {}", remarks.join("; "))
        }
        SavingStage::Failed(sentence) => format!("Not saved: {sentence}"),
    }
}

/// Name of the button that starts a recording.
pub(crate) const RECORD: &str = "Record this feed";

/// Returns the sentence about a recording that starts, with the number of earlier records that it includes.
pub(crate) fn recording_starts(earlier: u64) -> String {
    match earlier {
        0 => "Recording starts with the next record.".to_owned(),
        1 => "Recording started. It includes the earlier record.".to_owned(),
        _ => format!(
            "Recording started. It includes the {} earlier records.",
            count(earlier)
        ),
    }
}

/// Choice of the dialog for a recording.
pub(crate) const RECORD_ALL: &str = "Begin with the records that are shown already";

/// Text on the button while a recording is being ended.
pub(crate) const ENDING: &str = "Writing the end";

/// Button that opens the recording that has just ended.
pub(crate) const OPEN_RECORDING: &str = "Open the recording";

/// Returns the size and the duration of a recording.
pub(crate) fn recorded(recording: &RecordingScene, now: Moment) -> String {
    let duration = whole_seconds(now.since(recording.since));
    format!("{} · {duration}", bytes(recording.bytes))
}

/// Returns the name of the button that stops a recording.
pub(crate) fn stop_recording(recording: &RecordingScene) -> String {
    match recording.feeds {
        0 | 1 => "Stop recording".to_owned(),
        feeds => format!("Stop recording {feeds} feeds"),
    }
}

/// Returns the tooltip of that button.
pub(crate) fn recording_hint(recording: &RecordingScene, figures: &str) -> String {
    let records = counted(recording.records, "record");
    let mut hint = format!("Recording to {}\n{records}, {figures}", recording.path);
    if recording.lost > 0 {
        let lost = counted(recording.lost, "record");
        hint = format!("{hint}\n{lost} not recorded, because the disk is too slow");
    }
    hint
}

/// Returns the sentence about a recording that has ended.
pub(crate) fn recording_ended(recording: &RecordingScene) -> String {
    let records = counted(recording.records, "record");
    let size = bytes(recording.bytes);
    let mut text = format!("Recorded {records}, {size}, to {}", recording.path);
    if recording.lost > 0 {
        let lost = counted(recording.lost, "record");
        text = format!("{text}; {lost} not recorded, because the disk was too slow");
    }
    text
}

/// Returns the warning before the last pane of a recording is closed.
pub(crate) fn recording_would_end(recording: &RecordingScene) -> String {
    format!("Its recording to {} ends.", recording.path)
}

/// Returns the sentence about a recording that stopped by itself.
pub(crate) fn recording_failed(reason: &str) -> String {
    format!("Nothing more is recorded: {reason}")
}

/// Returns the text of the window's button for recordings.
pub(crate) fn recorded_panes(count: usize) -> String {
    match count {
        0 => "Record".to_owned(),
        1 => "Recording 1 pane".to_owned(),
        count => format!("Recording {count} panes"),
    }
}

/// Returns the line about the folder of a file that will be created.
pub(crate) fn in_folder(folder: &Path) -> String {
    format!("Folder: {}", folder.display())
}

/// Sentence in an empty pane.
pub(crate) const OPEN_BY_KEY: &str = "Ctrl O opens a recording or another file.";

/// Returns what the source is, in place of the state of a connection.
pub(crate) fn file_stage(file: &FileScene, replay: Option<&ReplayScene>) -> String {
    if let Some(replay) = replay.filter(|replay| replay.clock.is_playing()) {
        return format!("replay {}", speed(replay.clock.speed()));
    }
    let kind = if file.is_recording {
        "recording"
    } else {
        "file"
    };
    match file.stage {
        FileStage::Opening => "opening".to_owned(),
        FileStage::Reading { percent } => format!("reading {percent} %"),
        FileStage::BeingWritten => "being recorded".to_owned(),
        FileStage::Complete => kind.to_owned(),
        FileStage::Failed => "not readable".to_owned(),
    }
}

/// Returns the state of a source: that of a connection, or the progress of the opening of a file.
pub(crate) fn source_state(source: &FeedSource) -> String {
    match source {
        FeedSource::Live(live) => live.status.state.word().to_owned(),
        FeedSource::File(source) => file_stage(&source.file, None),
    }
}

/// Returns an explanation of that text.
pub(crate) fn file_stage_hint(file: &FileScene) -> &'static str {
    match file.stage {
        FileStage::Opening => "The file is being opened",
        FileStage::Reading { .. } => "The records are being read from the file",
        FileStage::BeingWritten => {
            "Another program is writing this file; new records appear as they are written"
        }
        FileStage::Complete => "These records come from a file; there is no connection",
        FileStage::Failed => "The file cannot be opened",
    }
}
