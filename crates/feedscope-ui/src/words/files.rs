//! Words about files and recordings.

use crate::file_scene::{FileScene, FileStage};

/// Hint of the dialog that opens a file.
pub(crate) const OPEN_HINT: &str = "A recording (*.feedscope) or another file with recorded feeds. Files can also be dropped onto the window.";

/// Sentence in an empty pane.
pub(crate) const OPEN_BY_KEY: &str = "Ctrl O opens a recording or another file.";

/// Returns what the source is, in place of the state of a connection.
pub(crate) fn file_stage(file: &FileScene) -> String {
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
