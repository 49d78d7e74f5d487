//! Sink that writes records as lines. The lines are collected in one buffer, which is written out once for each batch.
//! No memory is allocated for a single record.

use std::sync::Arc;

use feedscope_analysis::measures::{Faults, MeasuredFields, SequenceGap, SequenceWatch};
use feedscope_core::record::{Direction, Kind, Record, Sink, write_json_line};
use serde::Serialize;

use super::outlet::Outlet;
use super::text::TextForm;
use super::watch::Teller;
use crate::stats::escaped;
use crate::typed_filter::TypedFilter;

/// Number of bytes from which a buffer is written out before the end of a batch.
const FULL: usize = 256 << 10;

/// Largest capacity of a buffer that is kept, in bytes. A buffer that a huge message has made larger is freed.
const LARGEST_KEPT: usize = 4 << 20;

/// Writes one feed's records to an [`Outlet`].
pub(super) struct LineSink {
    form: Form,
    buffer: Vec<u8>,
    outlet: Arc<Outlet>,
    /// Only records that match are written.
    filter: Option<TypedFilter>,
    /// Faults of a sequence are written before the record that shows them.
    sequence: Option<SequenceWatch>,
    teller: Teller,
}

enum Form {
    Json { feed: Option<String> },
    Text(TextForm),
}

impl LineSink {
    /// Creates a sink for lines of JSON. Each line contains the feed's name if there is one.
    pub(super) fn json(
        feed: Option<String>,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        teller: Teller,
    ) -> Self {
        Self {
            form: Form::Json { feed },
            buffer: Vec::new(),
            outlet,
            filter,
            sequence: None,
            teller,
        }
    }

    /// Creates a sink for lines of text for people.
    pub(super) fn text(
        form: TextForm,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        teller: Teller,
    ) -> Self {
        Self {
            form: Form::Text(form),
            buffer: Vec::new(),
            outlet,
            filter,
            sequence: None,
            teller,
        }
    }

    /// Writes faults of the sequence of these fields too.
    pub(super) fn with_sequence(self, fields: &MeasuredFields) -> Self {
        let watch = || SequenceWatch::new(fields.clone());
        Self {
            sequence: fields.sequence.is_some().then(watch),
            ..self
        }
    }

    /// Writes the fault that a received payload shows.
    fn write_gap(&mut self, record: &Record<'_>) {
        let data = match &record.kind {
            Kind::Event { data, .. } | Kind::Line { data } => data,
            Kind::Text {
                direction, data, ..
            }
            | Kind::Binary {
                direction, data, ..
            } if *direction == Direction::In => data,
            _ => return,
        };
        let gap = self.sequence.as_mut().and_then(|watch| watch.look(data));
        if let Some(gap) = gap {
            match &self.form {
                Form::Json { feed } => {
                    sequence_line(&mut self.buffer, record, feed.as_deref(), &gap);
                }
                Form::Text(form) => {
                    form.write_sequence_gap(&mut self.buffer, record.stamp.utc, &gap);
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

/// A fault of a sequence as a line of JSON, in the form of a gap at a resume.
fn sequence_line(out: &mut Vec<u8>, record: &Record<'_>, feed: Option<&str>, gap: &SequenceGap) {
    let Faults {
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
    out.extend_from_slice(escaped(&json).as_bytes());
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
        if self
            .filter
            .as_ref()
            .is_none_or(|filter| filter.matches(record))
        {
            match &mut self.form {
                Form::Json { feed } => write_json_line(&mut self.buffer, record, feed.as_deref()),
                Form::Text(form) => form.write_line(&mut self.buffer, record),
            }
        }
        if let Kind::State(change) = &record.kind {
            self.teller.note(change);
        }
        if self.buffer.len() >= FULL {
            self.write_out();
        }
    }

    fn flush(&mut self) {
        self.write_out();
        // The order matters: a transition is reported only after its record was written.
        self.teller.tell();
    }
}
