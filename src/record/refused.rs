//! Reason for which a recording is not started.

/// Reason for not starting, with the exit status.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// Sentence for standard error.
    pub sentence: String,
    /// Exit status of the run.
    pub status: u8,
}
