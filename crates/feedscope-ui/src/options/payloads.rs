//! Fields of the options about the payloads: the decoders of each direction, and a schema. They change how payloads are
//! read, so that the feed need not connect again.

use egui::Ui;
use feedscope_analysis::lenses::Choice;
use feedscope_core::protocol::Protocol;

use super::row::row;
use crate::lens::{FeedLens, PayloadReading, ReadingTexts, Typed, TypedChains};
use crate::words;

/// Name of the field for the other direction.
const SENT: &str = "Decode sent";

/// Texts of the fields.
pub(super) struct Payloads {
    typed: TypedChains,
    /// Texts as the sheet was opened.
    opened: TypedChains,
    /// Choice of the lens, which has no field.
    lens: Choice,
}

impl Payloads {
    /// Writes the present reading of a feed into the fields.
    pub(super) fn of(lens: &FeedLens) -> Self {
        let reading = lens.reading();
        let typed = TypedChains::of(&reading);
        Self {
            opened: typed.clone(),
            typed,
            lens: reading.lens,
        }
    }

    /// Returns true if the user has changed a field.
    pub(super) fn are_changed(&self) -> bool {
        self.typed.texts() != self.opened.texts()
    }

    /// Draws the fields that the protocol has.
    pub(super) fn fields(&mut self, ui: &mut Ui, protocol: Protocol) {
        let typed = &mut self.typed;
        for (name, hint, text, about) in [
            (
                "Decode received",
                words::CHAIN_HINT,
                &mut typed.received,
                words::DECODER_NAMES,
            ),
            (
                SENT,
                words::CHAIN_HINT,
                &mut typed.sent,
                words::DECODER_NAMES,
            ),
            (
                "Schema, file",
                words::SCHEMA_HINT,
                &mut typed.schema,
                words::ABOUT_SCHEMA,
            ),
        ] {
            // Nothing is sent to an event stream.
            if name != SENT || protocol == Protocol::WebSocket {
                row(ui, name, hint, text, 1).on_hover_text(about);
            }
        }
    }

    /// Returns the reading that the fields describe; `None` if they are as the sheet was opened.
    ///
    /// # Errors
    ///
    /// Returns a sentence about a mistake.
    pub(super) fn accept(&mut self) -> Result<Option<ReadingTexts>, String> {
        if !self.are_changed() {
            return Ok(None);
        }
        match self.typed.parse(self.lens) {
            Some(Typed::WithSchema(texts)) => Ok(Some(texts)),
            Some(Typed::Decoders(interpreter)) => {
                let lens = self.lens;
                Ok(Some(PayloadReading { interpreter, lens }.texts()))
            }
            None => Err(format!(
                "Decoders: {}",
                self.typed.problem.take().unwrap_or_default()
            )),
        }
    }
}
