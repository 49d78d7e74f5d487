//! Parquet, for databases: a row a record, a column for each field of a line of JSON.
//!
//! [`ParquetWriter`] writes one file, and [`folder`] writes a file for each feed and day.

mod column;
pub(super) mod folder;

use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use serde_json::json;

use super::fields::{FieldValue, fields};
use feedscope_core::numbers::counted;

use super::item::{Cell, FeedInfo, FeedWriter, FileItem, WriteError};
use column::ParquetColumn;

/// Rows of a row group. Readers skip a group by the least and greatest values in it.
const GROUP_ROWS: usize = 256 << 10;

/// Bytes of a row group in memory.
const GROUP_BYTES: usize = 64 << 20;

/// Columns by their names and types. `feed` is left out where the folder contains it.
const COLUMNS: [(&str, &str); 28] = [
    ("time", "required int64 time (TIMESTAMP(MICROS,true))"),
    ("moment_ns", "required int64 moment_ns"),
    ("feed", "optional binary feed (STRING)"),
    ("connection", "required int64 connection"),
    ("kind", "optional binary kind (STRING)"),
    ("direction", "optional binary direction (STRING)"),
    ("event", "optional binary event (STRING)"),
    ("id", "optional binary id (STRING)"),
    ("data", "optional binary data (STRING)"),
    ("data_bytes", "optional binary data_bytes"),
    ("state", "optional binary state (STRING)"),
    ("attempt", "optional int64 attempt"),
    ("reconnects", "optional int64 reconnects"),
    ("delay_ms", "optional int64 delay_ms"),
    ("status", "optional int64 status"),
    ("reason", "optional binary reason (STRING)"),
    ("ms", "optional int64 ms"),
    ("failed", "optional binary failed (STRING)"),
    ("frames", "optional int64 frames"),
    ("compressed_bytes", "optional int64 compressed_bytes"),
    ("rtt_ms", "optional double rtt_ms"),
    ("code", "optional binary code (STRING)"),
    ("text", "optional binary text (STRING)"),
    ("missing", "optional int64 missing"),
    ("repeated", "optional int64 repeated"),
    ("from", "optional binary from (STRING)"),
    ("to", "optional binary to (STRING)"),
    ("more", "optional binary more (STRING)"),
];

/// Writer of one file.
pub(super) struct ParquetWriter<W: Write + Send> {
    /// Destination, until the types of all columns are known.
    out: Option<W>,
    file: Option<SerializedFileWriter<W>>,
    table: WaitingTable,
    feeds: Vec<FeedInfo>,
}

/// Rows that are not written yet.
struct WaitingTable {
    columns: Vec<ParquetColumn>,
    /// Names of requested columns, which follow the others.
    requested: Vec<String>,
    has_feed: bool,
    rows: usize,
    bytes: usize,
    /// Values that do not have the type of their column.
    misfits: u64,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file. `has_feed` adds the column with the name of the feed.
    pub(super) fn new(out: W, requested: &[String], has_feed: bool) -> Self {
        let known = COLUMNS
            .iter()
            .filter(|(name, _)| has_feed || *name != "feed")
            .map(|(_, declared)| ParquetColumn::declared(declared));
        let columns = known
            .chain(requested.iter().map(|_| ParquetColumn::undecided()))
            .collect();
        Self {
            out: Some(out),
            file: None,
            table: WaitingTable {
                columns,
                requested: requested.to_vec(),
                has_feed,
                rows: 0,
                bytes: 0,
                misfits: 0,
            },
            feeds: Vec::new(),
        }
    }

    /// Bytes of rows in memory.
    fn waiting_bytes(&self) -> usize {
        self.table.bytes
    }

    /// Adds a row of the feed with this name.
    fn push(&mut self, item: &FileItem<'_>, feed: &str, cells: &[Cell]) -> Result<(), WriteError> {
        self.table.push(item, feed, cells);
        if self.table.rows >= GROUP_ROWS || self.table.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes the rows in memory as a row group.
    fn write_group(&mut self) -> Result<(), WriteError> {
        if self.file.is_none()
            && let Some(out) = self.out.take()
        {
            // The first rows decide on the types of requested columns.
            self.file = Some(self.table.create(out).map_err(failed)?);
        }
        if let Some(file) = &mut self.file
            && self.table.rows > 0
        {
            self.table.write(file).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes the last rows and the footer. Returns the destination and the number of values without a place.
    fn complete(mut self) -> Result<(W, u64), WriteError> {
        self.write_group()?;
        let Some(mut file) = self.file else {
            return Err(WriteError::Io(std::io::ErrorKind::Other.into()));
        };
        // The descriptions of the feeds are beside the schema.
        let feeds: Vec<_> = self
            .feeds
            .iter()
            .map(|feed| {
                json!({
                    "name": feed.name,
                    "url": feed.url,
                    "protocol": feed.protocol.map(super::FeedProtocol::word),
                    "engine": feed.engine,
                })
            })
            .collect();
        let feeds = KeyValue::new("feedscope.feeds".to_owned(), json!(feeds).to_string());
        file.append_key_value_metadata(feeds);
        // The footer is written with the end of the file.
        let mut out = file.into_inner().map_err(failed)?;
        out.flush()?;
        Ok((out, self.table.misfits))
    }
}

impl<W: Write + Send> FeedWriter for ParquetWriter<W> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        self.feeds.push(feed.clone());
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, cells: &[Cell]) -> Result<(), WriteError> {
        let feed = self.feeds.get(item.feed());
        let feed = feed.map(|feed| feed.name.clone()).unwrap_or_default();
        self.push(item, &feed, cells)
    }

    fn finish(self: Box<Self>) -> Result<Vec<String>, WriteError> {
        let (_out, misfits) = self.complete()?;
        Ok(remarks(misfits))
    }
}

/// Remark on values that were left out.
fn remarks(misfits: u64) -> Vec<String> {
    if misfits == 0 {
        return Vec::new();
    }
    vec![format!(
        "{} left out of requested columns, because the column has another type",
        counted(misfits, "value")
    )]
}

impl WaitingTable {
    fn push(&mut self, item: &FileItem<'_>, feed: &str, cells: &[Cell]) {
        let stamp = item.stamp();
        self.put("time", &FieldValue::Number(0));
        // Times before 1970 are negative, which a number of a field never is.
        self.columns[0].replace_last(stamp.utc.as_micros());
        self.put("moment_ns", &FieldValue::Number(stamp.moment.as_nanos()));
        if self.has_feed {
            self.put("feed", &FieldValue::Text(feed.into()));
        }
        match item {
            FileItem::Record { record, extra, .. } => {
                let connection = u64::from(record.connection);
                self.put("connection", &FieldValue::Number(connection));
                self.put("kind", &FieldValue::Text(record.kind.word().into()));
                for (name, field) in fields(&record.kind) {
                    let name = match field {
                        // Bytes that are not text have a column of their own.
                        FieldValue::Bytes(_) => "data_bytes",
                        _ => name,
                    };
                    self.put(name, &field);
                }
                self.put_more(extra);
            }
            FileItem::Unknown {
                connection,
                kind,
                extra,
                ..
            } => {
                self.put("connection", &FieldValue::Number(u64::from(*connection)));
                self.put("kind", &FieldValue::Text((*kind).into()));
                self.put_more(extra);
            }
        }
        // Requested columns are the last ones.
        let first = self.columns.len() - self.requested.len();
        for (column, cell) in self.columns[first..].iter_mut().zip(cells) {
            self.bytes += column.push_cell(cell);
        }
        self.rows += 1;
        // Columns without a value in this row get none.
        for column in &mut self.columns {
            column.fill(self.rows);
        }
        self.bytes += self.columns.len() * 2;
    }

    /// Adds members that this version does not know, as an object.
    fn put_more(&mut self, extra: &str) {
        if !extra.is_empty() {
            let json = format!("{{{}}}", extra.trim_start_matches(','));
            self.put("more", &FieldValue::Text(json.into()));
        }
    }

    fn put(&mut self, name: &str, field: &FieldValue<'_>) {
        let columns = COLUMNS
            .iter()
            .filter(|(column, _)| self.has_feed || *column != "feed");
        let place = columns
            .map(|(column, _)| *column)
            .position(|column| column == name);
        if let Some(place) = place {
            self.bytes += self.columns[place].push(field);
        }
    }

    /// Begins the file. Its columns have their types from now on.
    fn create<W: Write + Send>(&mut self, out: W) -> Result<SerializedFileWriter<W>, ParquetError> {
        let known = COLUMNS
            .iter()
            .filter(|(name, _)| self.has_feed || *name != "feed");
        let mut schema = "message feedscope {".to_owned();
        for (_, declared) in known {
            schema.push_str(declared);
            schema.push(';');
        }
        let first = self.columns.len() - self.requested.len();
        for (number, column) in self.columns[first..].iter_mut().enumerate() {
            // The parser of schemas takes plain words only; names are set afterwards.
            schema.push_str(&column.decide(&format!("requested_{number}")));
            schema.push(';');
        }
        schema.push('}');
        let schema = column::renamed(&parse_message_type(&schema)?, first, &self.requested)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("feedscope ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
    }

    fn write<W: Write + Send>(
        &mut self,
        file: &mut SerializedFileWriter<W>,
    ) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        let mut columns = self.columns.iter_mut();
        while let (Some(mut writer), Some(column)) = (group.next_column()?, columns.next()) {
            self.misfits += column.write(&mut writer)?;
            writer.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

fn failed(error: ParquetError) -> WriteError {
    match error {
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => WriteError::Io(*error),
            Err(error) => WriteError::Io(std::io::Error::other(error)),
        },
        other => WriteError::Io(std::io::Error::other(other)),
    }
}
