//! Answers of large language models. The rows show the added part; `assembled` joins the parts.

use super::frame::{Frame, PairRole, PartText};
use super::json::Json;
use super::text::shortened;
use super::{Lens, LensState, Message};
use crate::assembled::vendor::{self, Delta, Vendors};

/// Lens for the answers of models.
#[derive(Clone, Default)]
pub(super) struct Llm {
    vendors: Vendors,
}

/// Maximum number of characters of a part in a row.
const SHOWN_CHARS: usize = 120;

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>, json: Json<'_>) -> Option<&'static str> {
    vendor::sign(message, json)
}

impl Lens for Llm {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        let mut deltas = Vec::new();
        let Some(name) = self.vendors.read(message, &mut deltas) else {
            return;
        };
        if deltas.iter().any(|delta| matches!(delta, Delta::KeepAlive)) {
            return out.push(Frame::keep_alive(&name));
        }
        let mut frame = Frame::named(&name, String::new());
        let mut words = Vec::new();
        for delta in &deltas {
            match delta {
                Delta::Text { text, .. } => words.push(format!("text {}", shown(text))),
                Delta::Reasoning { text, .. } => words.push(format!("reasoning {}", shown(text))),
                Delta::Tool {
                    name: Some(name), ..
                } => words.push(format!("tool call {name}")),
                Delta::Tool { arguments, .. } => {
                    words.push(format!("arguments {}", shown(arguments)));
                }
                Delta::Stop { reason, .. } => words.push(format!("stop: {reason}")),
                Delta::Usage { .. } => words.push("usage".to_owned()),
                Delta::Error { text, code } => {
                    frame.error = Some(text.clone());
                    frame.error_code.clone_from(code);
                }
                Delta::Start { .. } | Delta::Done | Delta::KeepAlive => {}
            }
        }
        words.retain(|word| !word.is_empty());
        if words.is_empty() {
            words.push(name);
        }
        frame.words = words.join(", ");
        frame.role = PairRole::Alone;
        frame.part = part(&deltas);
        let text = std::str::from_utf8(message.bytes).unwrap_or_default();
        let text = text.trim_ascii();
        // Every other message of a known form is JSON.
        out.push(frame.with_data((text != vendor::DONE).then_some(text)));
    }

    fn reset(&mut self) {
        self.vendors = Vendors::default();
    }

    fn state(&self) -> LensState {
        if self.vendors.is_large() {
            return LensState::Unkept;
        }
        LensState::Kept(Box::new(self.clone()))
    }
}

/// Returns the text that a message adds, if it does nothing else.
fn part(deltas: &[Delta]) -> Option<PartText> {
    // An answer may begin, and count its tokens, with each part.
    let is_aside = |delta: &&Delta| !matches!(delta, Delta::Start { .. } | Delta::Usage { .. });
    let mut deltas = deltas.iter().filter(is_aside);
    let (of, text) = match (deltas.next()?, deltas.next()) {
        (Delta::Text { text, .. }, None) => ("text", text),
        (Delta::Reasoning { text, .. }, None) => ("reasoning", text),
        (Delta::Tool { arguments, .. }, None) if !arguments.is_empty() => ("tool call", arguments),
        _ => return None,
    };
    Some(PartText {
        of,
        text: shortened(text, SHOWN_CHARS).to_owned(),
    })
}

/// Returns the beginning of a part in quotation marks, without line ends.
fn shown(text: &str) -> String {
    let short = shortened(text, SHOWN_CHARS);
    let more = if short.len() < text.len() { "…" } else { "" };
    let line: String = short
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect();
    format!("“{line}{more}”")
}
