//! Recordings of feeds, as the window shows them.

use feedscope_core::Moment;

/// Recording of one or several feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingScene {
    /// Path of the file.
    pub path: String,
    /// Stage of the recording.
    pub stage: RecordingStage,
    /// Number of feeds in it.
    pub feeds: usize,
    /// Number of records that were written.
    pub records: u64,
    /// Number of bytes that were written.
    pub bytes: u64,
    /// Number of records that could not be written in time.
    pub lost: u64,
    /// Start of the recording.
    pub since: Moment,
}

/// Stage of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingStage {
    /// The file is being created.
    Starting,
    /// Records are written as they arrive.
    Running,
    /// The last records are being written.
    Ending,
    /// The file is complete.
    Ended,
    /// Nothing more is recorded, for the reason in this sentence.
    Failed(String),
}

impl RecordingScene {
    /// Returns true while the file is being written.
    pub fn is_active(&self) -> bool {
        match self.stage {
            RecordingStage::Starting | RecordingStage::Running | RecordingStage::Ending => true,
            RecordingStage::Ended | RecordingStage::Failed(_) => false,
        }
    }

    /// Returns true while the user can stop it.
    pub fn is_running(&self) -> bool {
        matches!(
            self.stage,
            RecordingStage::Starting | RecordingStage::Running
        )
    }
}
