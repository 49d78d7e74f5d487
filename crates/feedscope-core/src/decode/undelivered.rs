//! Counts of the bytes of an event stream that form no record, for one connection, and a bounded number of sentences
//! about them.
//!
//! It does not affect the records.

mod body_form;

use self::body_form::BodyForm;
use super::UnfinishedBlock;
use crate::NoteCode;
use crate::numbers::counted;
use crate::safe_text::excerpt;

/// Number of bytes of ignored lines from which the form of a body is guessed.
const SAMPLE_BYTES: usize = 1 << 10;

/// Counter for the bytes of one connection that form no record.
///
/// It reports the first lines and blocks of each kind with the read that contained them. It reports later ones each
/// time their number has grown tenfold, and the total at the end. Therefore a hostile feed causes a few notes, and not
/// one for each line.
///
/// ```
/// use feedscope_core::decode::Undelivered;
///
/// let mut undelivered = Undelivered::default();
/// let mut notes = Vec::new();
/// undelivered.ignored_line(br#"{"error":"model overloaded"}"#);
/// undelivered.after_read(false, &mut |code, text| notes.push((code, text.to_owned())));
/// let (code, text) = &notes[0];
/// assert_eq!(code.as_str(), "ignored_lines");
/// assert!(text.contains("28 bytes") && text.contains("the body looks like a JSON error"), "{text}");
/// ```
#[derive(Debug, Default)]
pub struct Undelivered {
    ignored: Tally,
    without_data: Tally,
    /// First ignored lines, each followed by a LF.
    sample: Vec<u8>,
    /// True if this connection delivered a record or a block without data, so that its body is an event stream.
    is_event_stream: bool,
}

/// Counts of one kind of undelivered bytes.
#[derive(Debug, Default)]
struct Tally {
    count: u64,
    bytes: u64,
    /// Description of the first one.
    first: String,
    /// Count in the newest note.
    noted: u64,
}

/// Part of a connection that a count covers.
#[derive(Clone, Copy)]
enum Span {
    SoFar,
    Whole,
}

impl Undelivered {
    /// Adds a line without effect, without its end.
    #[cold]
    pub fn ignored_line(&mut self, line: &[u8]) {
        let reason = IgnoredLine::of(line);
        // Only the value of the field is wrong, so the body is an event stream.
        self.is_event_stream |= reason != IgnoredLine::NoField;
        if self.ignored.count == 0 {
            self.ignored.first = format!("{}: {}", reason.text(), excerpt(line));
        }
        self.ignored.add(line.len() as u64);
        // The sample stays small, because only the form of the body is guessed.
        let room = SAMPLE_BYTES.saturating_sub(self.sample.len());
        if room > 0 {
            self.sample.extend_from_slice(&line[..line.len().min(room)]);
            self.sample.push(b'\n');
        }
    }

    /// Adds a block without data; `id` is the last event ID that it set.
    #[cold]
    pub fn event_without_data(&mut self, event: &[u8], id: Option<&[u8]>, bytes: u64) {
        self.is_event_stream = true;
        if self.without_data.count == 0 {
            self.without_data.first = block_without_data(event, id);
        }
        self.without_data.add(bytes);
    }

    /// Reports the additions of one read from the socket. `has_records` is true if the read also contained records.
    #[inline]
    pub fn after_read(
        &mut self,
        has_records: bool,
        note: &mut impl FnMut(NoteCode<'static>, &str),
    ) {
        self.is_event_stream |= has_records;
        if self.ignored.is_due() || self.without_data.is_due() {
            self.report(Span::SoFar, note);
        }
    }

    /// Reports the totals at the end of the connection, and the unfinished block.
    pub fn at_end(
        &mut self,
        unfinished: Option<UnfinishedBlock<'_>>,
        note: &mut impl FnMut(NoteCode<'static>, &str),
    ) {
        let unfinished = unfinished.filter(|block| {
            // A line that cannot become a field is an ignored line, with or without its end.
            let ignored = block.is_line_alone() && !may_become_field(block.line);
            if ignored {
                self.ignored_line(block.line);
            }
            !ignored
        });
        self.report(Span::Whole, note);
        if let Some(block) = unfinished {
            note(NoteCode::UNFINISHED_EVENT, &unfinished_text(&block));
        }
    }

    fn report(&mut self, span: Span, note: &mut impl FnMut(NoteCode<'static>, &str)) {
        let is_due = |tally: &Tally| match span {
            Span::SoFar => tally.is_due(),
            Span::Whole => tally.count > tally.noted,
        };
        // Without any record, the body is probably no event stream, so that its form is guessed.
        if is_due(&self.ignored) {
            let form = if self.is_event_stream {
                String::new()
            } else {
                let form = BodyForm::of(&self.sample);
                format!(
                    "; nothing else has arrived on this connection, and the body looks like {form}"
                )
            };
            let text = self.ignored.sentence("ignored", "line", span, &form);
            note(NoteCode::IGNORED_LINES, &text);
            self.ignored.noted = self.ignored.count;
        }
        if is_due(&self.without_data) {
            let tally = &self.without_data;
            let text = tally.sentence("delivered no event for", "block", span, "");
            note(NoteCode::EVENT_WITHOUT_DATA, &text);
            self.without_data.noted = self.without_data.count;
        }
    }
}

impl Tally {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Returns true for the first item, and if the number has grown tenfold since the newest note.
    #[inline]
    fn is_due(&self) -> bool {
        self.count > self.noted && self.count / 10 >= self.noted
    }

    /// Returns a sentence such as
    /// `ignored 12 lines (345 bytes); the first line is not a field of an event stream: foo`.
    fn sentence(&self, done: &str, noun: &str, span: Span, remark: &str) -> String {
        let span = match span {
            // The first note covers everything so far.
            _ if self.noted == 0 => "",
            Span::SoFar => " so far on this connection",
            Span::Whole => " on this connection in all",
        };
        let (count, bytes) = (counted(self.count, noun), counted(self.bytes, "byte"));
        let first = if self.count == 1 { "" } else { "first " };
        format!(
            "{done} {count} ({bytes}){span}{remark}; the {first}{noun} {}",
            self.first
        )
    }
}

impl UnfinishedBlock<'_> {
    /// Returns true if only a line without its end has arrived.
    fn is_line_alone(&self) -> bool {
        self.event.is_empty() && self.id.is_none() && self.data.is_none()
    }
}

/// Reason for which a line has no effect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IgnoredLine {
    NoField,
    IdWithNul,
    RetryWithoutNumber,
}

impl IgnoredLine {
    fn of(line: &[u8]) -> Self {
        match line.split(|&byte| byte == b':').next() {
            Some(b"id") => Self::IdWithNul,
            Some(b"retry") => Self::RetryWithoutNumber,
            _ => Self::NoField,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::NoField => "is not a field of an event stream",
            Self::IdWithNul => "is an id that contains a NUL character",
            Self::RetryWithoutNumber => "is a reconnection time that is not a number",
        }
    }
}

/// Returns true if a line that begins with `start` may become a comment or a field of the standard.
fn may_become_field(start: &[u8]) -> bool {
    let name = start.split(|&byte| byte == b':').next().unwrap_or_default();
    // A colon ends the name.
    let is_whole = name.len() < start.len();
    [&b""[..], b"data", b"event", b"id", b"retry"]
        .iter()
        .any(|field| name == *field || (!is_whole && field.starts_with(name)))
}

/// Returns a description such as `has the type ping, an id and no data; the last event ID is now 7`.
fn block_without_data(event: &[u8], id: Option<&[u8]>) -> String {
    let mut text = match (event, id) {
        (b"", None) => "has an empty type and no data".to_owned(),
        (b"", Some(_)) => "has an id and no data".to_owned(),
        (event, None) => format!("has the type {} and no data", excerpt(event)),
        (event, Some(_)) => format!("has the type {}, an id and no data", excerpt(event)),
    };
    match id {
        Some(b"") => text.push_str("; the last event ID is now empty"),
        Some(id) => {
            text.push_str("; the last event ID is now ");
            text.push_str(&excerpt(id));
        }
        None => {}
    }
    text
}

fn unfinished_text(block: &UnfinishedBlock<'_>) -> String {
    let bytes = counted(block.bytes, "byte");
    if block.is_line_alone() && block.line.starts_with(b":") {
        let line = excerpt(block.line);
        return format!(
            "the stream ended inside a comment: {bytes} not delivered, because the line has no end: {line}"
        );
    }
    let mut text = format!(
        "the stream ended inside an event: {bytes} not delivered, because the blank line that ends an event is missing"
    );
    let mut part = |name: &str, bytes: &[u8]| {
        for piece in ["; ", name, " ", &excerpt(bytes)] {
            text.push_str(piece);
        }
    };
    if !block.event.is_empty() {
        part("type", block.event);
    }
    if let Some(id) = block.id {
        part("id", id);
    }
    if let Some(data) = block.data {
        part("data:", data);
    }
    if !block.line.is_empty() {
        part("a line without its end:", block.line);
    }
    text
}

#[cfg(test)]
mod tests;
