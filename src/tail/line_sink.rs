//! Sink that writes records as lines. The lines are collected in one buffer, which is written out once for each batch.
//! No memory is allocated for a single record.

use std::sync::Arc;

use feedscope_analysis::assembled::Document;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{FeedAddress, Read};
use feedscope_analysis::measures::{FaultCounts, MeasuredFields, SequenceGap, SequenceWatch};
use feedscope_core::record::{Kind, Record, Sink, write_json_line};
use feedscope_core::safe_text::safe_json;
use feedscope_core::{ConnectionState, Stamp};
use serde::Serialize;

use super::meaning::RecordReader;
use super::outlet::Outlet;
use super::text::TextForm;
use super::watch::Reporter;
use crate::awaited::{Awaited, Decided};
use crate::reading::RunReading;
use crate::typed_filter::TypedFilter;

/// Number of bytes from which a buffer is written out before the end of a batch.
const FULL: usize = 256 << 10;

/// Largest capacity of a buffer that is kept, in bytes. A buffer that a huge message has made larger is freed.
const LARGEST_KEPT: usize = 4 << 20;

/// Writes one feed's records to an [`Outlet`].
pub(super) struct LineSink {
    form: LineFormat,
    buffer: Vec<u8>,
    outlet: Arc<Outlet>,
    /// Only records that match are written.
    filter: Option<TypedFilter>,
    /// Faults of a sequence are written before the record that shows them.
    sequence: Option<SequenceWatch>,
    /// Interpretation of the payloads; `None` if they stay as they are.
    reading: Option<RecordReader>,
    /// Lines of requests that may stay without an answer.
    waiting: Awaited<Vec<u8>>,
    reporter: Reporter,
}

enum LineFormat {
    Json { feed: Option<String> },
    Text(TextForm),
}

impl LineSink {
    /// Creates a sink for lines of JSON. Each line contains the feed's name if there is one.
    pub(super) fn json(
        feed: Option<String>,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        reporter: Reporter,
    ) -> Self {
        Self::new(LineFormat::Json { feed }, outlet, filter, reporter)
    }

    /// Creates a sink for lines of text for people.
    pub(super) fn text(
        form: TextForm,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        reporter: Reporter,
    ) -> Self {
        Self::new(LineFormat::Text(form), outlet, filter, reporter)
    }

    fn new(
        form: LineFormat,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        reporter: Reporter,
    ) -> Self {
        Self {
            form,
            buffer: Vec::new(),
            outlet,
            waiting: Awaited::new(filter.as_ref()),
            filter,
            sequence: None,
            reading: None,
            reporter,
        }
    }

    /// Writes faults of the sequence of these fields too.
    pub(super) fn with_sequence(mut self, fields: &MeasuredFields) -> Self {
        let watch = || SequenceWatch::new(fields.clone());
        self.sequence = fields.sequence.is_some().then(watch);
        self
    }

    /// Interprets the payloads of the feed at this address.
    pub(super) fn with_reading(mut self, reading: &RunReading, address: &FeedAddress) -> Self {
        self.reading = RecordReader::new(reading, address);
        if let LineFormat::Text(form) = &mut self.form {
            form.set_interpreter(&reading.interpreter);
        }
        self
    }

    /// Writes the fault that a received payload shows.
    fn write_gap(&mut self, record: &Record<'_>) {
        if record.kind.received().is_none() {
            return;
        }
        let interpreter = self.reading.as_ref().map(RecordReader::interpreter);
        let data = match interpreter {
            Some(interpreter) => interpreter.interpret(&record.kind),
            None => Interpreter::default().interpret(&record.kind),
        };
        let Some(data) = data else { return };
        let watch = self.sequence.as_mut();
        let gap = watch.and_then(|watch| watch.look(data.bytes()));
        if let Some(gap) = gap {
            match &self.form {
                LineFormat::Json { feed } => {
                    sequence_line(&mut self.buffer, record, feed.as_deref(), &gap);
                }
                LineFormat::Text(form) => {
                    form.write_sequence_gap(&mut self.buffer, record.stamp.utc, &gap);
                }
            }
        }
    }

    /// Writes a record with its meaning, or the documents that it completes in place of their parts.
    fn write_read(&mut self, record: &Record<'_>) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        let reads = reading.read(record);
        let shown = !reads.is_part
            && self.filter.as_ref().is_none_or(|filter| {
                filter.matches_read(record, reading.interpreter(), &reads.meanings)
            });
        // A change of state ends a document that the server has cut, and comes after it.
        let is_state = matches!(record.kind, Kind::State(_));
        if is_state {
            self.write_documents(record.stamp, record.connection, &reads.documents);
        }
        let answered = self.waiting.answer(&reads.meanings);
        add_decided(&mut self.buffer, answered);
        if let Kind::State(change) = &record.kind
            && change.state != ConnectionState::Open
        {
            add_decided(&mut self.buffer, self.waiting.end());
        }
        if shown {
            let start = self.buffer.len();
            match &self.form {
                LineFormat::Json { feed } => {
                    write_json_line(&mut self.buffer, record, feed.as_deref());
                    add_reads(&mut self.buffer, &reads.meanings);
                }
                LineFormat::Text(form) => {
                    form.write_read(&mut self.buffer, record, &reads.meanings);
                }
            }
            // Whether a request stays without an answer is known only later.
            let waits = self.filter.as_ref().is_some_and(|filter| {
                let has_request = reads.meanings.iter().any(|read| read.is_request);
                filter.is_about_unanswered() || (has_request && filter.excludes_unanswered())
            });
            if waits {
                let line = self.buffer.split_off(start);
                let oldest = self.waiting.keep(reads.row, &reads.meanings, line);
                add_decided(&mut self.buffer, oldest);
            }
        }
        if !is_state {
            self.write_documents(record.stamp, record.connection, &reads.documents);
        }
    }

    fn write_documents(&mut self, stamp: Stamp, connection: u32, documents: &[Document]) {
        for document in documents {
            match &self.form {
                LineFormat::Json { feed } => {
                    let at = stamp.utc.to_string();
                    let feed = feed.as_deref().map(|feed| {
                        let name = serde_json::to_string(feed);
                        format!("\"feed\":{},", name.unwrap_or_default())
                    });
                    let json = format!(
                        "{{\"at\":\"{at}\",\"connection\":{connection},{}\"kind\":\"assembled\",{}}}\n",
                        feed.unwrap_or_default(),
                        document.json_fields()
                    );
                    self.buffer.extend_from_slice(safe_json(&json).as_bytes());
                }
                LineFormat::Text(form) => {
                    form.write_document(&mut self.buffer, stamp.utc, document);
                }
            }
        }
    }

    fn write_out(&mut self) {
        self.outlet.write(&self.buffer);
        self.buffer.clear();
        if self.buffer.capacity() > LARGEST_KEPT {
            self.buffer = Vec::new();
        }
    }
}

/// Appends the lines of requests that are shown.
fn add_decided(out: &mut Vec<u8>, decided: impl IntoIterator<Item = Decided<Vec<u8>>>) {
    for line in decided.into_iter().filter(|line| line.is_shown) {
        out.extend_from_slice(&line.item);
    }
}

/// Adds the meaning of a record to the end of its line: an object, or a list where a message contains several records.
fn add_reads(line: &mut Vec<u8>, reads: &[Read]) {
    if reads.is_empty() {
        return;
    }
    let mut json = Vec::new();
    for read in reads {
        json.push(if json.is_empty() { b'[' } else { b',' });
        read.write_json(&mut json);
    }
    json.push(b']');
    let json = String::from_utf8_lossy(&json);
    let json = if reads.len() == 1 {
        &json[1..json.len() - 1]
    } else {
        &json
    };
    // The line ends with a brace and a line feed.
    line.truncate(line.len() - 2);
    line.extend_from_slice(b",\"read\":");
    line.extend_from_slice(safe_json(json).as_bytes());
    line.extend_from_slice(b"}\n");
}

/// Documents of a source that ends without a change of state, such as a file, are written when its sink is dropped.
impl Drop for LineSink {
    fn drop(&mut self) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        if let Some((stamp, connection)) = reading.last {
            let documents = reading.finish();
            add_decided(&mut self.buffer, self.waiting.end());
            self.write_documents(stamp, connection, &documents);
            if !self.buffer.is_empty() {
                self.write_out();
            }
        }
    }
}

/// A fault of a sequence as a line of JSON, in the form of a gap at a resume.
fn sequence_line(out: &mut Vec<u8>, record: &Record<'_>, feed: Option<&str>, gap: &SequenceGap) {
    let FaultCounts {
        missing,
        repeated,
        out_of_order,
    } = gap.faults;
    let counted = |count: u64| (count > 0).then_some(count);
    let line = GapLine {
        at: record.stamp.utc.to_string(),
        feed,
        connection: record.connection,
        kind: "gap",
        missing: counted(missing),
        repeated: counted(repeated),
        out_of_order: counted(out_of_order),
        field: &gap.field,
        key: gap.key.as_deref(),
        from: &gap.from,
        to: &gap.to,
    };
    let json = serde_json::to_string(&line).expect("strings and numbers always serialize");
    out.extend_from_slice(safe_json(&json).as_bytes());
    out.push(b'\n');
}

/// The fields of a line about a sequence.
#[derive(Serialize)]
struct GapLine<'a> {
    at: String,
    connection: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<&'a str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_order: Option<u64>,
    field: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    from: &'a str,
    to: &'a str,
}

impl Sink for LineSink {
    fn push(&mut self, record: &Record<'_>) {
        if self.sequence.is_some() {
            self.write_gap(record);
        }
        if self.reading.is_some() {
            self.write_read(record);
        } else if self
            .filter
            .as_ref()
            .is_none_or(|filter| filter.matches(record))
        {
            match &mut self.form {
                LineFormat::Json { feed } => {
                    write_json_line(&mut self.buffer, record, feed.as_deref());
                }
                LineFormat::Text(form) => form.write_line(&mut self.buffer, record),
            }
        }
        if let Kind::State(change) = &record.kind {
            self.reporter.note(change);
        }
        if self.buffer.len() >= FULL {
            self.write_out();
        }
    }

    fn has_finished(&self) -> bool {
        let reading = self.reading.as_ref();
        reading.is_some_and(RecordReader::has_finished)
    }

    fn flush(&mut self) {
        self.write_out();
        // The order matters: a transition is reported only after its record was written.
        self.reporter.report();
    }
}
