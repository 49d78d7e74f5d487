//! Text form of a record, as one line for people: time, direction, type, ID and payload in columns. Characters that
//! could control a terminal are replaced.

mod paint;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use feedscope_analysis::assembled::Document;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Read;
use feedscope_analysis::measures::{FaultCounts, SequenceGap};
use feedscope_core::Timestamp;
use feedscope_core::record::Record;
use feedscope_core::safe_text::write_safe;
use jiff::tz::TimeZone;

use super::columns::TextColumns;
use super::parts::{arrow, id, name, padded, payload, time};
use paint::{TextPaint, paint_of};

/// Width of the type column in characters. A longer type moves the rest of the line to the right.
const TYPE_WIDTH: usize = 12;

/// Width of the ID column in characters. A longer ID moves the rest of the line to the right.
const ID_WIDTH: usize = 8;

/// Format of the lines of one feed.
pub(super) struct TextForm {
    feed: Option<String>,
    /// Width of the name column: the length of the longest name in the run.
    feed_width: usize,
    zone: TimeZone,
    colored: bool,
    /// Columns in place of the usual ones.
    columns: Option<TextColumns>,
    interpreter: Interpreter,
}

impl TextForm {
    /// Creates a format with local times. It uses colors if standard output is a terminal and `NO_COLOR` is empty or
    /// not set.
    pub(super) fn new(feed: Option<String>, feed_width: usize) -> Self {
        // https://no-color.org: an empty value has no effect.
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = !no_color && io::stdout().is_terminal();
        Self {
            feed,
            feed_width,
            zone: TimeZone::system(),
            colored,
            columns: None,
            interpreter: Interpreter::default(),
        }
    }

    /// Reads the payloads of the columns with these decoders.
    pub(super) fn set_interpreter(&mut self, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
    }

    /// Shows these columns in place of the usual ones.
    pub(super) fn with_columns(self, columns: Option<TextColumns>) -> Self {
        Self { columns, ..self }
    }

    /// Appends the line of a fault of a sequence.
    pub(super) fn write_sequence_gap(&self, out: &mut Vec<u8>, at: Timestamp, gap: &SequenceGap) {
        let FaultCounts {
            missing,
            repeated,
            out_of_order,
        } = gap.faults;
        let fault = if missing > 0 {
            format!("{missing} missing")
        } else if repeated > 0 {
            format!("{repeated} repeated")
        } else {
            format!("{out_of_order} out of order")
        };
        let key = gap.key.as_deref().map(|key| format!(", key {key}"));
        let text = format!(
            "{fault} at {}{} between {} and {}",
            gap.field,
            key.unwrap_or_default(),
            gap.from,
            gap.to
        );
        // The columns are those of a gap at a resume.
        self.write_head(out, at, TextPaint::Waiting, (" · ", b"gap", b""));
        write_safe(out, text.as_bytes());
        out.push(b'\n');
    }

    /// Appends the line of one record with its meaning in place of the payload.
    pub(super) fn write_read(&self, out: &mut Vec<u8>, record: &Record<'_>, reads: &[Read]) {
        let words = |read: &Read| {
            let data = read.data.as_deref().unwrap_or_default();
            if read.title.is_empty() {
                data.to_owned()
            } else {
                read.title.clone()
            }
        };
        let titles: Vec<_> = reads.iter().map(words).collect();
        let titles = titles.join(" | ");
        self.write_with(out, record, (!titles.is_empty()).then_some(&*titles));
    }

    /// Appends the line of a document that is complete or broken off.
    pub(super) fn write_document(&self, out: &mut Vec<u8>, at: Timestamp, document: &Document) {
        let paint = if document.is_complete() {
            TextPaint::Good
        } else {
            TextPaint::Bad
        };
        let choice = document.choice().to_string();
        self.write_head(out, at, paint, (" · ", b"assembled", choice.as_bytes()));
        let end = document
            .error()
            .or(document.stop_reason())
            .unwrap_or("complete");
        let mut words = format!("{end}, {} parts", document.part_count());
        for call in document.tool_calls() {
            // Writing to a string cannot fail.
            write!(words, ", calls {}({})", call.name, call.arguments).ok();
        }
        if !document.text().is_empty() {
            words.push_str(": ");
            words.push_str(document.text());
        }
        write_safe(out, words.as_bytes());
        out.push(b'\n');
    }

    /// Appends the line of one record.
    pub(super) fn write_line(&self, out: &mut Vec<u8>, record: &Record<'_>) {
        self.write_with(out, record, None);
    }

    /// Appends the line of one record, with other words in place of the payload.
    fn write_with(&self, out: &mut Vec<u8>, record: &Record<'_>, words: Option<&str>) {
        match &self.columns {
            Some(columns) => {
                if let Some(feed) = &self.feed {
                    padded(out, feed.as_bytes(), self.feed_width);
                    out.push(b' ');
                }
                self.paint(out, paint_of(&record.kind));
                columns.write(out, &self.zone, &self.interpreter, record);
            }
            None => self.write_usual_columns(out, record, words),
        }
        // Empty columns at the end leave no spaces behind.
        while out.last() == Some(&b' ') {
            out.pop();
        }
        if self.columns.is_some() {
            self.paint(out, TextPaint::Plain);
        }
        out.push(b'\n');
    }

    fn write_usual_columns(&self, out: &mut Vec<u8>, record: &Record<'_>, words: Option<&str>) {
        let kind = &record.kind;
        let columns = (arrow(kind), name(kind), id(kind));
        self.write_head(out, record.stamp.utc, paint_of(kind), columns);
        match words {
            Some(words) => write_safe(out, words.as_bytes()),
            None => payload(out, kind),
        }
    }

    /// Appends the usual columns before the payload: the time, the feed, and a direction, a type and an ID.
    fn write_head(
        &self,
        out: &mut Vec<u8>,
        at: Timestamp,
        paint: TextPaint,
        (arrow, name, id): (&str, &[u8], &[u8]),
    ) {
        self.paint(out, TextPaint::Dim);
        time(out, &self.zone, at);
        self.paint(out, TextPaint::Plain);
        if let Some(feed) = &self.feed {
            out.push(b' ');
            padded(out, feed.as_bytes(), self.feed_width);
        }
        self.paint(out, paint);
        out.extend_from_slice(arrow.as_bytes());
        padded(out, name, TYPE_WIDTH);
        self.paint(out, TextPaint::Plain);
        out.push(b' ');
        padded(out, id, ID_WIDTH);
        out.push(b' ');
    }

    fn paint(&self, out: &mut Vec<u8>, paint: TextPaint) {
        if self.colored {
            out.extend_from_slice(paint.sequence());
        }
    }
}
