//! Formats by their names and by the endings of files.

use std::path::Path;

use super::input::Compression;

/// Format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Recording of Feedscope.
    Feedscope,
    /// A record a line, as JSON.
    Ndjson,
    /// Table for spreadsheets (RFC 4180).
    Csv,
    /// Text of an event stream.
    Sse,
    /// Archive of browsers, proxies and test programs.
    Har,
    /// Messages for Foxglove and its relatives.
    Mcap,
    /// Columns for databases.
    Parquet,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] = [
        Self::Feedscope,
        Self::Ndjson,
        Self::Csv,
        Self::Sse,
        Self::Har,
        Self::Mcap,
        Self::Parquet,
    ];

    /// Name of the format on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Feedscope => "feedscope",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Sse => "sse",
            Self::Har => "har",
            Self::Mcap => "mcap",
            Self::Parquet => "parquet",
        }
    }

    /// Name of the format for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feedscope => "Feedscope",
            Self::Ndjson => "Lines of JSON",
            Self::Csv => "CSV",
            Self::Sse => "Event stream",
            Self::Har => "HTTP Archive",
            Self::Mcap => "MCAP",
            Self::Parquet => "Parquet",
        }
    }

    /// Endings of file names, without the dot.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Feedscope => &["feedscope"],
            Self::Ndjson => &["ndjson", "jsonl"],
            Self::Csv => &["csv"],
            Self::Sse => &["sse"],
            Self::Har => &["har"],
            Self::Mcap => &["mcap"],
            Self::Parquet => &["parquet"],
        }
    }

    /// Returns the format with this name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Returns the format that the ending of a file names, also before `.gz` and `.zst`.
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = match Compression::of_path(path) {
            Some(compression) => name.strip_suffix(compression.ending())?,
            None => &name,
        };
        let (_, ending) = name.rsplit_once('.')?;
        Self::ALL
            .into_iter()
            .find(|format| format.endings().contains(&ending))
    }

    /// Returns true if files of this format have room for requested columns.
    pub fn has_columns(self) -> bool {
        match self {
            Self::Csv | Self::Parquet => true,
            Self::Feedscope | Self::Ndjson | Self::Sse | Self::Har | Self::Mcap => false,
        }
    }

    /// Returns true if files of this format can be read.
    pub fn is_read(self) -> bool {
        match self {
            Self::Feedscope | Self::Ndjson | Self::Sse | Self::Har => true,
            Self::Csv | Self::Mcap | Self::Parquet => false,
        }
    }
}
