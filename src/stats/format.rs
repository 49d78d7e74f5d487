//! Format of a report about measures. A plain value.

/// Format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportFormat {
    /// Aligned lines for people.
    #[default]
    Text,
    /// An object for each feed, one per line.
    Json,
}
