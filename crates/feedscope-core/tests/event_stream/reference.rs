//! Plain implementation of HTML 9.2.5 and 9.2.6, in the order of the standard's text: it decodes the whole stream to
//! text first, and divides it afterwards.
//!
//! It is slow, and intended to be compared with the standard.

use feedscope_core::decode::Oversized;

use super::item::StreamItem;

/// Item of a stream, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReferenceItem {
    Event {
        event: String,
        id: String,
        data: String,
    },
    Comment(String),
    Retry(u64),
    Ignored(String),
    NoData {
        event: String,
        id: Option<String>,
    },
    TooLong(Oversized),
}

/// Returns the items as text, with each field decoded alone.
pub(crate) fn as_text(items: &[StreamItem]) -> Vec<ReferenceItem> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = |item: &StreamItem| match item {
        StreamItem::Event { event, id, data } => ReferenceItem::Event {
            event: text(event),
            id: text(id),
            data: text(data),
        },
        StreamItem::Comment(comment) => ReferenceItem::Comment(text(comment)),
        StreamItem::Retry(milliseconds) => ReferenceItem::Retry(*milliseconds),
        StreamItem::Ignored(line) => ReferenceItem::Ignored(text(line)),
        StreamItem::NoData { event, id, .. } => ReferenceItem::NoData {
            event: text(event),
            id: id.as_deref().map(text),
        },
        StreamItem::TooLong(part) => ReferenceItem::TooLong(*part),
    };
    items.iter().map(said).collect()
}

/// Returns the items of a whole stream, without an unfinished block at its end, and the last event ID.
///
/// `limit` counts characters here, which are bytes in an ASCII stream.
pub(crate) fn interpret(stream: &[u8], limit: usize) -> (Vec<ReferenceItem>, String) {
    // "Streams must be decoded using the UTF-8 decode algorithm", which strips one leading byte order mark.
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut interpreter = Interpreter {
        limit,
        ..Interpreter::default()
    };
    for line in lines(text) {
        interpreter.line(&line);
    }
    (interpreter.said, interpreter.last_event_id)
}

/// Returns the lines that have an end: CR LF, a single LF or a single CR.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\r' && character != '\n' {
            line.push(character);
            continue;
        }
        if character == '\r' && characters.peek() == Some(&'\n') {
            characters.next();
        }
        lines.push(std::mem::take(&mut line));
    }
    lines
}

#[derive(Default)]
struct Interpreter {
    data_buffer: String,
    event_type_buffer: String,
    last_event_id_buffer: String,
    /// "The last event ID string of the event source."
    last_event_id: String,
    said: Vec<ReferenceItem>,
    limit: usize,
    block_length: usize,
    /// True if the block has a type, or has set the last event ID. The standard's buffers do not contain this.
    has_type: bool,
    has_id: bool,
}

impl Interpreter {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return self.dispatch();
        }
        let length = line.chars().count();
        if let Some(comment) = line.strip_prefix(':') {
            self.said.push(if length > self.limit {
                ReferenceItem::TooLong(Oversized::Comment(length as u64))
            } else {
                ReferenceItem::Comment(comment.strip_prefix(' ').unwrap_or(comment).to_owned())
            });
            return;
        }
        self.block_length += length;
        if length <= self.limit {
            let known = match line.split_once(':') {
                Some((name, value)) => self.field(name, value.strip_prefix(' ').unwrap_or(value)),
                None => self.field(line, ""),
            };
            if !known {
                self.said.push(ReferenceItem::Ignored(line.to_owned()));
            }
        }
    }

    /// Returns false if the standard ignores the field.
    fn field(&mut self, name: &str, value: &str) -> bool {
        match name {
            "event" => {
                self.has_type = true;
                value.clone_into(&mut self.event_type_buffer);
            }
            "data" => {
                self.data_buffer.push_str(value);
                self.data_buffer.push('\n');
            }
            "id" if !value.contains('\0') => {
                self.has_id = true;
                value.clone_into(&mut self.last_event_id_buffer);
            }
            "retry"
                if !value.is_empty()
                    && value.chars().all(|character| character.is_ascii_digit()) =>
            {
                self.said
                    .push(ReferenceItem::Retry(value.parse().unwrap_or(u64::MAX)));
            }
            _ => return false,
        }
        true
    }

    fn dispatch(&mut self) {
        self.last_event_id.clone_from(&self.last_event_id_buffer);
        let mut data = std::mem::take(&mut self.data_buffer);
        let event = std::mem::take(&mut self.event_type_buffer);
        let length = std::mem::take(&mut self.block_length);
        let has_type = std::mem::take(&mut self.has_type);
        let has_id = std::mem::take(&mut self.has_id);
        if length > self.limit {
            self.said
                .push(ReferenceItem::TooLong(Oversized::Event(length as u64)));
        } else if !data.is_empty() {
            data.pop();
            let event = if event.is_empty() {
                "message".to_owned()
            } else {
                event
            };
            self.said.push(ReferenceItem::Event {
                event,
                id: self.last_event_id.clone(),
                data,
            });
        } else if has_type || has_id {
            self.said.push(ReferenceItem::NoData {
                event,
                id: has_id.then(|| self.last_event_id.clone()),
            });
        }
    }
}
