//! Files and standard input that a command reads as feeds.

use std::path::PathBuf;

use feedscope_files::formats::Format;

/// Sources of records that are read once, beside the feeds of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputPlan {
    /// Sources to read, one after the other.
    pub sources: Vec<InputSource>,
    /// Name of the one feed to show.
    pub feed: Option<String>,
    /// Longest line or event, in bytes.
    pub max_message: u64,
}

/// Source of records that is read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputSource {
    /// Standard input, in this format.
    Standard {
        /// Format of the input.
        format: Format,
    },
    /// File in this format.
    File {
        /// Path of the file.
        path: PathBuf,
        /// Format of the file.
        format: Format,
    },
}
