//! Remarks about an archive, counted while it is read.

/// Counts of what is reported at the end.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Requests that are no feeds.
    pub(super) others: u64,
    /// Feeds whose events have no times.
    pub(super) without_times: u64,
    /// Messages without data, as a browser leaves it out.
    pub(super) without_data: u64,
    /// Messages that are not what HAR requires.
    pub(super) malformed: u64,
    pub(super) too_long: u64,
}
