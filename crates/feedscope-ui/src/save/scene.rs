//! Values of saving: the formats, the rows to save, and the progress.

use std::ops::Range;

use feedscope_core::store::{ClassSet, RowNumber};

/// Format in which records can be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatScene {
    /// Name of the format on the command line.
    pub word: &'static str,
    /// Name of the format for people.
    pub name: &'static str,
    /// Ending of its files, with the dot.
    pub ending: &'static str,
    /// Parts of the records that it does not keep.
    pub not_kept: &'static str,
    /// Feedscope opens files of this format.
    pub is_read: bool,
    /// The format holds event streams only.
    pub is_for_event_streams: bool,
}

impl FormatScene {
    /// Returns true if the format can hold the records of a feed of this protocol.
    pub(crate) fn can_hold(&self, is_event_stream: bool) -> bool {
        !self.is_for_event_streams || is_event_stream
    }
}

/// Rows to save: those of these classes that match the filter, in these ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChoice {
    /// Classes of records.
    pub classes: ClassSet,
    /// Typed filter; empty for all records.
    pub filter: String,
    /// Offset of the zone for times in the filter, in seconds.
    pub zone_offset_seconds: i32,
    /// Ranges of rows; empty for all rows.
    pub ranges: Vec<Range<RowNumber>>,
}

impl RowChoice {
    /// All records.
    pub const ALL: Self = Self {
        classes: ClassSet::ALL,
        filter: String::new(),
        zone_offset_seconds: 0,
        ranges: Vec::new(),
    };
}

/// Progress of saving the records of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingScene {
    /// Path of the file.
    pub path: String,
    /// Number of records that were written.
    pub records: u64,
    /// Stage of the work.
    pub stage: SavingStage,
}

/// Stage of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavingStage {
    /// Records are being written.
    Running {
        /// Part of the rows that was read, in percent.
        percent: u8,
    },
    /// The file is complete. The sentences name what it does not contain.
    Done(Vec<String>),
    /// There is no file, for the reason in this sentence.
    Failed(String),
}
