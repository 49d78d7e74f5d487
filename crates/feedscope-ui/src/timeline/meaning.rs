//! Text of a row as the lens or the decoders of its feed read it.

use std::sync::Arc;

use egui::{Color32, FontId};
use feedscope_analysis::lenses::{LensPass, Read};
use feedscope_analysis::listing::ListedLine;
use feedscope_core::KindTag;
use feedscope_core::store::RowText;

use crate::theme::{Palette, font};
use crate::words;

/// Meanings of the rows in sight.
#[derive(Default)]
pub(super) struct Meanings {
    /// One for each row; empty without a lens.
    reads: Vec<Option<Arc<[Read]>>>,
}

/// Text of a row in place of its payload.
pub(super) struct RowMeaning<'a> {
    reads: &'a [Read],
    /// Text that is shown and read aloud.
    pub(super) text: String,
}

impl Meanings {
    /// Reads the meanings of these rows.
    pub(super) fn new(pass: Option<&LensPass>, lines: &[ListedLine]) -> Self {
        let Some(pass) = pass.filter(|pass| !pass.is_idle()) else {
            return Self::default();
        };
        let rows: Vec<_> = lines.iter().map(|line| line.item.id.row).collect();
        Self {
            reads: pass.meanings(&rows),
        }
    }

    /// Returns the text of the row at this index that is compared with those of other rows, so that equal parts are left out:
    /// the decoded payload, or the payload itself where it is text. It is `None` for other rows, and before the decoders
    /// have read a row.
    pub(super) fn foldable<'a>(&'a self, index: usize, line: &'a RowText) -> Option<&'a str> {
        let payload = || {
            let is_text = matches!(line.tag, KindTag::Event | KindTag::Text | KindTag::Line);
            is_text.then_some(line.preview.as_str())
        };
        match self.reads.get(index) {
            None => payload(),
            Some(None) => None,
            // The decoders are for the other direction.
            Some(Some(reads)) if reads.is_empty() => payload(),
            Some(Some(reads)) => decoded(reads),
        }
    }

    /// Returns the meaning of the row at this index, if the lens gives it one.
    pub(super) fn of(&self, index: usize) -> Option<RowMeaning<'_>> {
        let reads = self.reads.get(index)?.as_deref()?;
        // The lens does not know the record, so that its payload is shown.
        if reads.is_empty() {
            return None;
        }
        let text = match &reads[0].part {
            Some(part) if reads.len() == 1 => words::part_with_signs(&part.text),
            _ => words::row_of_reads(reads),
        };
        Some(RowMeaning { reads, text })
    }
}

/// Returns the decoded payload, if no lens made a sentence of it.
fn decoded(reads: &[Read]) -> Option<&str> {
    let [only] = reads else { return None };
    let is_payload = only.lens.is_none() && only.title.is_empty() && only.part.is_none();
    only.data.as_deref().filter(|_| is_payload)
}

impl RowMeaning<'_> {
    /// Returns the name of the document's part that the row adds to.
    pub(super) fn part(&self) -> Option<&'static str> {
        let part = self.reads[0].part.as_ref();
        part.filter(|_| self.reads.len() == 1).map(|part| part.of)
    }

    /// Returns true if the lens or a decoder has found an error.
    pub(super) fn has_error(&self) -> bool {
        self.reads.iter().any(|read| read.error.is_some())
    }

    /// Returns the font and the color of the text.
    pub(super) fn look(&self, palette: &Palette, dim: Color32) -> (FontId, Color32) {
        let is_sentence = self.part().is_none() && !self.reads[0].title.is_empty();
        let font = if is_sentence {
            font::label()
        } else {
            font::mono()
        };
        // A row whose text is only the name of its type has no content.
        let says_nothing =
            |read: &Read| read.is_keep_alive || read.name.as_deref() == Some(read.title.as_str());
        let color = if self.reads.iter().all(says_nothing) {
            dim
        } else {
            palette.text
        };
        (font, color)
    }
}
