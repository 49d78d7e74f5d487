//! Copies from the inspector to the clipboard: the payload, a value, or a part of a text or of a dump.
//!
//! A large text is prepared on another thread, and a text that is too large is refused.

use base64::Engine as _;
use egui::Context;
use feedscope_analysis::interpret::Content;
use feedscope_analysis::job::Job;
use feedscope_core::Kind;
use parking_lot::Mutex;

use super::Inspector;
use super::chosen::Chosen;

/// Maximum bytes of a text that is copied within the pass.
pub(super) const COPIED_AT_ONCE: u64 = 1 << 20;
/// Maximum bytes that are passed to the clipboard. The desktop keeps a larger text in memory more than once.
pub(super) const MOST_COPIED: u64 = 512 << 20;

impl Inspector {
    /// Copies the whole payload: text as it was received, bytes as base64.
    pub(crate) fn copy_payload(&mut self, ctx: &Context) {
        let Some(chosen) = &self.chosen else {
            return;
        };
        let content = chosen.received.clone();
        let is_binary = matches!(chosen.record.record().kind, Kind::Binary { .. });
        let bytes = content.bytes().len() as u64;
        self.copy(ctx, bytes, move || {
            if is_binary {
                base64::engine::general_purpose::STANDARD.encode(content.bytes())
            } else {
                String::from_utf8_lossy(content.bytes()).into_owned()
            }
        });
    }

    /// Passes a text that has been prepared to the clipboard.
    pub(super) fn hand_over(&mut self, ctx: &Context) {
        let made = self.copying.as_ref().and_then(|(made, _)| made.get());
        // The text is taken out, so that it is not copied once more.
        if let Some(text) = made.map(|made| made.lock().take()) {
            self.copying = None;
            ctx.copy_text(text.unwrap_or_default());
        }
    }

    /// Copies a large value on another thread.
    pub(super) fn copy_value(&mut self, ctx: &Context, node: usize) {
        let Some((_, shown)) = self.chosen.as_mut().and_then(Chosen::tree) else {
            return;
        };
        let range = shown.outline.range(shown.text, node);
        let is_string = shown.is_string(node);
        let Some(chosen) = &self.chosen else {
            return;
        };
        // The value is read again from the bytes, because the tree is not available to the other thread.
        let content = chosen.content.clone();
        self.copy(ctx, range.len() as u64, move || {
            let written = String::from_utf8_lossy(&content.bytes()[range]).into_owned();
            if is_string {
                feedscope_core::payload::json::unescaped(&written)
            } else {
                written
            }
        });
    }

    /// Copies a part of a text.
    pub(super) fn copy_part(
        &mut self,
        ctx: &Context,
        content: Content,
        range: Option<std::ops::Range<u64>>,
    ) {
        let Some(range) = range else {
            return;
        };
        let range = range.start as usize..range.end as usize;
        self.copy(ctx, range.len() as u64, move || {
            String::from_utf8_lossy(&content.bytes()[range]).into_owned()
        });
    }

    /// Copies a part of a dump.
    pub(super) fn copy_dump(
        &mut self,
        ctx: &Context,
        content: Content,
        range: Option<std::ops::Range<u64>>,
    ) {
        let Some(range) = range else {
            return;
        };
        self.copy(ctx, range.end - range.start, move || {
            feedscope_core::payload::hex::dump(content.bytes(), range)
        });
    }

    /// Copies a text of about `bytes`. A large text is prepared on another thread.
    fn copy(&mut self, ctx: &Context, bytes: u64, make: impl FnOnce() -> String + Send + 'static) {
        self.too_much = bytes > MOST_COPIED;
        if self.too_much {
            return;
        }
        if bytes <= COPIED_AT_ONCE {
            ctx.copy_text(make());
        } else {
            let made = Job::in_one_go(move |_wanted| Some(Mutex::new(Some(make()))));
            self.copying = Some((made, bytes));
        }
    }
}
