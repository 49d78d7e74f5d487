//! Answers of large language models. The rows show the added part; `assembled` joins the parts.

use super::frame::{Frame, PairRole, PartText};
use super::json::Json;
use super::text::shortened;
use super::{Lens, LensState, Message};
use crate::assembled::vendor::{self, Delta, Vendors};

/// Lens for the answers of models.
#[derive(Default)]
pub(super) struct Llm {
    vendors: Vendors,
    /// Buffer that is used again for each message.
    deltas: Vec<Delta>,
}

/// Maximum number of characters of a part in a row.
const SHOWN_CHARS: usize = 120;

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>, json: Json<'_>) -> Option<&'static str> {
    vendor::sign(message, json)
}

impl Lens for Llm {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        let Self { vendors, deltas } = self;
        deltas.clear();
        let Some(name) = vendors.read(message, deltas) else {
            return;
        };
        if deltas.iter().any(|delta| matches!(delta, Delta::KeepAlive)) {
            return out.push(Frame::keep_alive(&name));
        }
        let mut frame = Frame::default();
        // The usual part is a word or two.
        let mut words = String::with_capacity(64);
        for delta in deltas.iter() {
            match delta {
                Delta::Text { text, .. } => add(&mut words, "text ", Some(text)),
                Delta::Reasoning { text, .. } => add(&mut words, "reasoning ", Some(text)),
                Delta::Tool {
                    name: Some(name), ..
                } => {
                    add(&mut words, "tool call ", None);
                    words.push_str(name);
                }
                Delta::Tool { arguments, .. } => add(&mut words, "arguments ", Some(arguments)),
                Delta::Stop { reason, .. } => {
                    add(&mut words, "stop: ", None);
                    words.push_str(reason);
                }
                Delta::Usage { .. } => add(&mut words, "usage", None),
                Delta::Beside { what, text } => add(&mut words, what, Some(text)),
                Delta::Error { text, code } => {
                    frame.error = Some(text.clone());
                    frame.error_code.clone_from(code);
                }
                Delta::Start { .. } | Delta::Done | Delta::KeepAlive => {}
            }
        }
        if words.is_empty() {
            words.push_str(&name);
        }
        frame.words = words;
        frame.name = Some(name);
        frame.role = PairRole::Alone;
        frame.part = part(deltas);
        let text = std::str::from_utf8(message.bytes).unwrap_or_default();
        let text = text.trim_ascii();
        // Every other message of a known form is JSON.
        out.push(frame.with_data((text != vendor::DONE).then_some(text)));
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn state(&self) -> LensState {
        if self.vendors.is_large() {
            return LensState::Unkept;
        }
        LensState::Kept(Box::new(Self {
            vendors: self.vendors.clone(),
            deltas: Vec::new(),
        }))
    }
}

/// Takes the text that a message adds, if it does nothing else.
fn part(deltas: &mut [Delta]) -> Option<PartText> {
    // An answer may begin, and count its tokens, with each part.
    let is_main = |delta: &&mut Delta| !matches!(delta, Delta::Start { .. } | Delta::Usage { .. });
    let mut deltas = deltas.iter_mut().filter(is_main);
    let (of, text) = match (deltas.next()?, deltas.next()) {
        (Delta::Text { text, .. }, None) => ("text", text),
        (Delta::Reasoning { text, .. }, None) => ("reasoning", text),
        (Delta::Tool { arguments, .. }, None) if !arguments.is_empty() => ("tool call", arguments),
        _ => return None,
    };
    Some(PartText {
        of,
        // The changes are not used any more, so that a short text needs no copy.
        text: if text.len() <= SHOWN_CHARS {
            std::mem::take(text)
        } else {
            shortened(text, SHOWN_CHARS).to_owned()
        },
    })
}

/// Appends what a part is, and the beginning of its text in quotation marks, without line ends.
fn add(words: &mut String, what: &str, text: Option<&str>) {
    if !words.is_empty() {
        words.push_str(", ");
    }
    words.push_str(what);
    let Some(text) = text else { return };
    let short = shortened(text, SHOWN_CHARS);
    words.push('“');
    if short.contains(char::is_control) {
        let signs = short.chars();
        words.extend(signs.map(|sign| if sign.is_control() { ' ' } else { sign }));
    } else {
        words.push_str(short);
    }
    if short.len() < text.len() {
        words.push('…');
    }
    words.push('”');
}
