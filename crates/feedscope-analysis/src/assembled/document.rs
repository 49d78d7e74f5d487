//! One document: the answer of one choice, with its parts and their times.

use std::time::Duration;

use feedscope_core::store::RowNumber;
use feedscope_core::time::Moment;

use super::vendor::Delta;
use crate::lenses::Json;

/// Limit of the text, the reasoning and the arguments of a document together.
pub(super) const MAX_BYTES: usize = 16 << 20;

/// Maximum number of tool calls.
const MAX_CALLS: usize = 1_024;

/// Maximum number of parts whose records are remembered.
const MAX_PARTS: usize = 200_000;

/// Maximum number of values in the usage.
const MAX_USAGE: usize = 256;

/// Time without a part that counts as a stall.
const STALL: Duration = Duration::from_secs(1);

/// Answer of one choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub(super) choice: u64,
    pub(super) model: Option<String>,
    text: String,
    reasoning: String,
    calls: Vec<ToolCall>,
    /// Numbers of the calls in the payloads, in the order of `calls`.
    slots: Vec<Option<u64>>,
    stop_reason: Option<String>,
    usage: Vec<(String, String)>,
    pub(super) error: Option<String>,
    pub(super) has_ended: bool,
    /// Time of the request.
    pub(super) requested: Option<Moment>,
    first: Option<Moment>,
    pub(super) last: Option<Moment>,
    parts: Vec<DocumentPart>,
    part_count: u64,
    /// Characters of the text and the reasoning.
    characters: u64,
    stalls: u64,
    longest_stall: Duration,
    /// Bytes that were left out, because the document is too large.
    left_out_bytes: u64,
}

/// Call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// ID of the call.
    pub id: Option<String>,
    /// Name of the tool.
    pub name: String,
    /// Arguments as JSON text, possibly broken off.
    pub arguments: String,
}

/// Part of a document, with the record that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentPart {
    /// Record of the part.
    pub row: RowNumber,
    /// Arrival of the record.
    pub at: Moment,
    /// Content of the part.
    pub kind: PartKind,
    /// Position of its first byte in the text, the reasoning or the arguments.
    pub start: usize,
}

/// Content of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the content of this name")]
pub enum PartKind {
    Text,
    Reasoning,
    /// Arguments of the call with this number, from 0.
    ToolCall(usize),
}

impl Document {
    pub(super) fn new(choice: u64, model: Option<String>, requested: Option<Moment>) -> Self {
        Self {
            choice,
            model,
            requested,
            ..Self::default()
        }
    }

    /// Number of the choice.
    pub fn choice(&self) -> u64 {
        self.choice
    }

    /// Name of the model.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Joined text of all blocks, including refusals.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Joined reasoning.
    pub fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// Tool calls in order.
    pub fn tool_calls(&self) -> &[ToolCall] {
        &self.calls
    }

    /// Reason of the end, in the vendor's words.
    pub fn stop_reason(&self) -> Option<&str> {
        self.stop_reason.as_deref()
    }

    /// Names and JSON texts of the usage, with the last value of each name.
    pub fn usage(&self) -> &[(String, String)] {
        &self.usage
    }

    /// Text of the error, or a sentence about the end of the parts.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns true if a stop reason or the last event arrived, and no error.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && (self.has_ended || self.stop_reason.is_some())
    }

    /// Parts with their records, oldest first.
    pub fn parts(&self) -> &[DocumentPart] {
        &self.parts
    }

    /// Number of parts, including those that [`parts`](Self::parts) lacks.
    pub fn part_count(&self) -> u64 {
        self.part_count
    }

    /// Time from the request to the first part.
    pub fn first_part(&self) -> Option<Duration> {
        Some(self.first?.since(self.requested?))
    }

    /// Time from the request to the last record of the document.
    pub fn duration(&self) -> Option<Duration> {
        Some(self.last?.since(self.requested.or(self.first)?))
    }

    /// Time of the first part.
    pub fn first_at(&self) -> Option<Moment> {
        self.first
    }

    /// Time of the newest record.
    pub fn last_at(&self) -> Option<Moment> {
        self.last
    }

    /// Number of bytes of its texts.
    pub(crate) fn byte_count(&self) -> usize {
        MAX_BYTES - self.room()
    }

    /// Returns the times without a part for a second or longer: the part before which each ended, and its length.
    pub fn pauses(&self) -> impl Iterator<Item = (&DocumentPart, Duration)> {
        let pairs = self.parts.iter().zip(self.parts.iter().skip(1));
        pairs.filter_map(|(before, part)| {
            let pause = part.at.since(before.at);
            (pause >= STALL).then_some((part, pause))
        })
    }

    /// Number of times without a part for a second or longer, and the longest of them.
    pub fn stalls(&self) -> (u64, Duration) {
        (self.stalls, self.longest_stall)
    }

    /// Parts and characters in a second, from the first part to the last.
    pub fn rates(&self) -> Option<(f64, f64)> {
        // The wait for the first part would hide the speed of the model.
        let seconds = self.last?.since(self.first?).as_secs_f64();
        let characters = self.characters;
        (seconds > 0.0).then(|| {
            (
                self.part_count as f64 / seconds,
                characters as f64 / seconds,
            )
        })
    }

    /// Number of bytes that were left out, because the document is too large.
    pub fn left_out_bytes(&self) -> u64 {
        self.left_out_bytes
    }

    /// Adds a change. It returns without one if the change is not of this choice.
    pub(super) fn add(&mut self, delta: &Delta, row: RowNumber, at: Moment) {
        self.last = Some(at);
        match delta {
            Delta::Text { text, .. } => {
                let start = self.text.len();
                let room = self.room();
                let added = append(&mut self.text, text, room, &mut self.left_out_bytes);
                self.characters += added;
                self.part(PartKind::Text, start, row, at);
            }
            Delta::Reasoning { text, .. } => {
                let start = self.reasoning.len();
                let room = self.room();
                let added = append(&mut self.reasoning, text, room, &mut self.left_out_bytes);
                self.characters += added;
                self.part(PartKind::Reasoning, start, row, at);
            }
            Delta::Tool {
                slot,
                id,
                name,
                arguments,
                ..
            } => {
                let Some(place) = self.call(*slot, id.as_deref(), name.as_deref()) else {
                    self.left_out_bytes += arguments.len() as u64;
                    return;
                };
                let room = self.room();
                let call = &mut self.calls[place];
                let start = call.arguments.len();
                append(
                    &mut call.arguments,
                    arguments,
                    room,
                    &mut self.left_out_bytes,
                );
                self.part(PartKind::ToolCall(place), start, row, at);
            }
            Delta::Stop { reason, .. } => self.stop_reason = Some(reason.clone()),
            Delta::Usage { values } => {
                for (name, value) in values {
                    let has_room = self.usage.len() < MAX_USAGE;
                    match self.usage.iter_mut().find(|(own, _)| own == name) {
                        Some((_, own)) => own.clone_from(value),
                        None if has_room => {
                            self.usage.push((name.clone(), value.clone()));
                        }
                        None => {}
                    }
                }
            }
            Delta::Start { model } => {
                if model.is_some() {
                    self.model.clone_from(model);
                }
            }
            Delta::Error { text, .. } => self.error = Some(text.clone()),
            Delta::Done => self.has_ended = true,
            Delta::KeepAlive | Delta::Beside { .. } => {}
        }
    }

    /// Ends the document. Without a stop reason or last event it was broken off.
    pub(super) fn end(&mut self) {
        if self.error.is_none() && !self.is_complete() {
            self.error =
                Some("broken off: the stream ended before the answer was complete".to_owned());
        }
    }

    /// Returns true if nothing of an answer has arrived.
    pub(super) fn is_empty(&self) -> bool {
        self.part_count == 0
            && self.stop_reason.is_none()
            && self.error.is_none()
            && self.usage.is_empty()
            && !self.has_ended
    }

    fn part(&mut self, kind: PartKind, start: usize, row: RowNumber, at: Moment) {
        // A pause before the first part is the time to the first part, not a stall.
        let before = self.parts.last().map(|part| part.at);
        if let Some(pause) = before
            .map(|before| at.since(before))
            .filter(|pause| *pause >= STALL)
        {
            self.stalls += 1;
            self.longest_stall = self.longest_stall.max(pause);
        }
        self.first.get_or_insert(at);
        self.part_count += 1;
        if self.parts.len() < MAX_PARTS {
            self.parts.push(DocumentPart {
                row,
                at,
                kind,
                start,
            });
        } else if let Some(last) = self.parts.last_mut() {
            // The time of the newest part is needed for the next pause.
            last.at = at;
        }
    }

    fn room(&self) -> usize {
        let arguments: usize = self.calls.iter().map(|call| call.arguments.len()).sum();
        MAX_BYTES.saturating_sub(self.text.len() + self.reasoning.len() + arguments)
    }

    /// Returns the place of a call, which may be a new one.
    fn call(&mut self, slot: Option<u64>, id: Option<&str>, name: Option<&str>) -> Option<usize> {
        // Parts of one call have the same number in the payload.
        let known = match slot {
            Some(_) => self.slots.iter().rposition(|own| *own == slot),
            // A part without a number and without a name belongs to the last call.
            None if name.is_none() => self.calls.len().checked_sub(1),
            None => None,
        };
        if let Some(place) = known {
            let call = &mut self.calls[place];
            if call.id.is_none() {
                call.id = id.map(str::to_owned);
            }
            if call.name.is_empty() {
                name.unwrap_or_default().clone_into(&mut call.name);
            }
            return Some(place);
        }
        if self.calls.len() == MAX_CALLS {
            return None;
        }
        self.calls.push(ToolCall {
            id: id.map(str::to_owned),
            name: name.unwrap_or_default().to_owned(),
            arguments: String::new(),
        });
        self.slots.push(slot);
        Some(self.calls.len() - 1)
    }

    /// Returns the fields of a line of JSON, without braces, from `lens` on.
    pub fn json_fields(&self) -> String {
        use std::fmt::Write as _;
        let mut out = format!(
            "\"lens\":\"llm\",\"choice\":{},\"complete\":{}",
            self.choice,
            self.is_complete()
        );
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let mut field = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            write!(out, ",\"{name}\":{value}").ok();
        };
        if let Some(model) = &self.model {
            field("model", &quoted(model));
        }
        field("text", &quoted(&self.text));
        if !self.reasoning.is_empty() {
            field("reasoning", &quoted(&self.reasoning));
        }
        let calls = self.calls.iter().map(|call| {
            let id = call.id.as_ref().map(|id| format!("\"id\":{},", quoted(id)));
            let arguments = match Json::parse(call.arguments.as_bytes()) {
                // Line ends between values have no meaning.
                Some(json) => json.raw().replace(['\n', '\r', '\t'], " "),
                None => quoted(&call.arguments),
            };
            let (id, name) = (id.unwrap_or_default(), quoted(&call.name));
            format!("{{{id}\"name\":{name},\"arguments\":{arguments}}}")
        });
        let calls: Vec<_> = calls.collect();
        field("tool_calls", &format!("[{}]", calls.join(",")));
        if let Some(reason) = &self.stop_reason {
            field("stop_reason", &quoted(reason));
        }
        if !self.usage.is_empty() {
            let values = self.usage.iter();
            let values: Vec<_> = values
                .map(|(name, value)| format!("{}:{value}", quoted(name)))
                .collect();
            field("usage", &format!("{{{}}}", values.join(",")));
        }
        if let Some(error) = &self.error {
            field("error", &quoted(error));
        }
        let millis = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1e3);
        if let Some(first) = self.first_part() {
            field("first_part_ms", &millis(first));
        }
        if let Some(duration) = self.duration() {
            field("seconds", &format!("{:.6}", duration.as_secs_f64()));
        }
        field("parts", &self.part_count.to_string());
        if let Some((parts, characters)) = self.rates() {
            field("parts_per_second", &format!("{parts:.3}"));
            field("characters_per_second", &format!("{characters:.3}"));
        }
        if self.stalls > 0 {
            field("stalls", &self.stalls.to_string());
            field("longest_stall_ms", &millis(self.longest_stall));
        }
        if self.left_out_bytes > 0 {
            field("left_out_bytes", &self.left_out_bytes.to_string());
        }
        out
    }
}

/// Appends the part of a text for which there is room. Returns the number of its characters.
fn append(own: &mut String, text: &str, room: usize, left_out: &mut u64) -> u64 {
    let mut end = text.len().min(room);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    own.push_str(&text[..end]);
    *left_out += (text.len() - end) as u64;
    text[..end].chars().count() as u64
}
