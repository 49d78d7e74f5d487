//! Tables for spreadsheets (RFC 4180): a row a record, a column for each field of a line of JSON.

use std::io::Write;

use super::fields::{FieldValue, fields};
use feedscope_core::numbers::counted;

use super::item::{Cell, FeedInfo, FeedWriter, FileItem, WriteError, WriteOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Names of the columns, as in the lines of JSON.
const COLUMNS: [&str; 26] = [
    "at",
    "connection",
    "feed",
    "kind",
    "direction",
    "event",
    "id",
    "data",
    "data_base64",
    "state",
    "attempt",
    "reconnects",
    "delay_ms",
    "status",
    "reason",
    "ms",
    "failed",
    "frames",
    "compressed_bytes",
    "rtt_ms",
    "code",
    "text",
    "missing",
    "repeated",
    "from",
    "to",
];

/// Writer of a table.
pub(super) struct CsvWriter<'a> {
    out: ::csv::Writer<Box<dyn Write + Send + 'a>>,
    feeds: Vec<String>,
    is_guarded: bool,
    /// Cells of the row that is being made.
    row: Vec<String>,
    guarded: u64,
    /// Records whose members have no column.
    with_more: u64,
}

impl<'a> CsvWriter<'a> {
    pub(super) fn new(
        out: Box<dyn Write + Send + 'a>,
        options: &WriteOptions,
    ) -> Result<Self, WriteError> {
        let mut out = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(out);
        let names = COLUMNS.iter().copied();
        let requested = options.columns.iter().map(String::as_str);
        out.write_record(names.chain(requested)).map_err(failed)?;
        Ok(Self {
            out,
            feeds: Vec::new(),
            is_guarded: !options.unguarded,
            row: Vec::new(),
            guarded: 0,
            with_more: 0,
        })
    }

    /// Returns a cell that no spreadsheet executes.
    fn guarded(&mut self, text: &str) -> String {
        if self.is_guarded && is_formula(text) {
            self.guarded += 1;
            return format!("'{text}");
        }
        text.to_owned()
    }
}

impl FeedWriter for CsvWriter<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        self.feeds.push(feed.name.clone());
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, cells: &[Cell]) -> Result<(), WriteError> {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        row.resize(COLUMNS.len(), String::new());
        let name = self.feeds.get(item.feed()).cloned().unwrap_or_default();
        let mut put = |column: &str, text: String| {
            if let Some(at) = COLUMNS.iter().position(|name| *name == column) {
                row[at] = text;
            }
        };
        // Numbers and times are never guarded.
        put("at", item.stamp().utc.to_string());
        put("feed", self.guarded(&name));
        match item {
            FileItem::Unknown {
                connection, kind, ..
            } => {
                put("connection", connection.to_string());
                put("kind", self.guarded(kind));
                self.with_more += 1;
            }
            FileItem::Record { record, extra, .. } => {
                put("connection", record.connection.to_string());
                self.with_more += u64::from(!extra.is_empty());
                put("kind", record.kind.word().to_owned());
                for (name, field) in fields(&record.kind) {
                    let (column, text) = cell(name, field);
                    let text = self.guarded(&text);
                    put(column, text);
                }
            }
        }
        // Requested columns follow those that all tables have.
        for cell in cells {
            let text = self.guarded(cell.text());
            row.push(text);
        }
        self.out.write_record(&row).map_err(failed)?;
        self.row = row;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, WriteError> {
        self.out.flush()?;
        let mut remarks = Vec::new();
        if self.guarded > 0 {
            remarks.push(format!(
                "{} begin with ' so that no spreadsheet executes them; --no-guard leaves it out",
                counted(self.guarded, "cell")
            ));
        }
        if self.with_more > 0 {
            remarks.push(format!(
                "{} with members that have no column",
                counted(self.with_more, "record")
            ));
        }
        Ok(remarks)
    }
}

/// Returns the column and the text of a field.
fn cell(name: &'static str, field: FieldValue<'_>) -> (&'static str, String) {
    match field {
        FieldValue::Text(text) => (name, text.into_owned()),
        // Only payloads are bytes.
        FieldValue::Bytes(bytes) => ("data_base64", STANDARD.encode(bytes)),
        FieldValue::Number(number) => (name, number.to_string()),
        FieldValue::Duration(duration) => {
            let micros = duration.as_micros();
            (name, format!("{}.{:03}", micros / 1_000, micros % 1_000))
        }
    }
}

/// Returns true for a text that a spreadsheet would execute. A number is not such a text.
fn is_formula(text: &str) -> bool {
    // Programs skip blanks before the sign.
    let begins = text
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .starts_with(['=', '+', '-', '@']);
    let is_control = text.starts_with(['\t', '\r']);
    (begins || is_control) && !is_number(text)
}

/// Returns true for a number with an optional sign.
fn is_number(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    text.chars().all(is_plain) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn failed(error: ::csv::Error) -> WriteError {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => WriteError::Io(error),
        other => WriteError::Io(std::io::Error::other(format!("{other:?}"))),
    }
}
