//! Records in sight with their texts.

use std::ops::Range;

use feedscope_analysis::filter::ColumnValue;
use feedscope_analysis::listing::ListedLine;
use feedscope_core::KindTag;
use feedscope_core::store::{ListingIndex, RowText};

use crate::columns::Column;
use crate::timeline::fold::Fold;
use crate::timeline::meaning::Meanings;
use crate::timeline::{Places, TimelinePlace};
use crate::words;

/// Records in sight.
pub(in crate::timeline) struct TimelineLines {
    /// Place of the first one in the listing.
    pub(super) index: ListingIndex,
    pub(super) listed: Vec<ListedLine>,
    /// Values of the columns of fields, for each of them; empty without such columns.
    pub(super) values: Vec<Vec<ColumnValue>>,
    /// Texts in place of payloads.
    pub(super) meanings: Meanings,
    /// Parts of the payload that are shown, or of the decoded one, for each of them; `None` if it is shown whole.
    pub(super) parts: Vec<Option<Vec<Range<usize>>>>,
}

impl TimelineLines {
    /// Reads the records in sight from the store, with as much of each payload as fits into this width.
    pub(in crate::timeline) fn new(
        place: &TimelinePlace<'_>,
        places: &Places,
        top: f64,
        text_width: f32,
        (fold, now): (&mut Fold, f64),
    ) -> Self {
        let index = ListingIndex((top.floor() as u64).saturating_sub(places.lead));
        // About 6 points for each character; four bytes hold one character of UTF-8.
        let characters = (text_width / 6.0).max(8.0) as usize;
        let fitting = fitting(places) as usize;
        let most = characters * 4;
        // Texts of a lens are shown whole, so that no part of their payloads is left out.
        let is_read = place.lens.is_some_and(|lens| lens.lens().is_some());
        let more = if is_read { 0 } else { fold.needed_bytes(now) };
        let mut lines = place.listing.lines(index, places.end, fitting, most + more);
        let meanings = Meanings::new(place.lens, &lines);
        if is_read {
            fold.clear();
        } else {
            // The monospaced font has about 7 points for each character.
            fold.sync(&lines, &meanings, (text_width / 7.2) as usize, now);
        }
        let folding = fold.folding();
        let shown = |(at, line): (usize, &ListedLine)| {
            let text = meanings.foldable(at, &line.text)?;
            Some(folding?.shown(text, characters))
        };
        let parts: Vec<_> = lines.iter().enumerate().map(shown).collect();
        // The layout of a row must not cost more than its visible part.
        for (line, parts) in lines.iter_mut().zip(&parts) {
            let last = parts.as_ref().and_then(|parts| parts.last());
            let end = last.map_or(most, |part| part.end.max(most));
            let preview = &mut line.text.preview;
            preview.truncate(preview.floor_char_boundary(end));
        }
        let fields = place.fields.borrow();
        let store = place.listing.store();
        let interpreter = place.interpreter();
        // A column may lie behind the beginning of the payload, so that whole records are read.
        let values = |line: &ListedLine| match store.record(line.text.row) {
            Some(record) => fields.values(&record.record().kind, &interpreter),
            None => Vec::new(),
        };
        let values = if fields.is_empty() {
            Vec::new()
        } else {
            lines.iter().map(values).collect()
        };
        Self {
            index,
            meanings,
            listed: lines,
            values,
            parts,
        }
    }

    /// Widens the columns that are too narrow for these records. Returns true if one was.
    pub(in crate::timeline) fn widen(&self, place: &TimelinePlace<'_>) -> bool {
        let columns = place.columns;
        let mut fields = place.fields.borrow_mut();
        let mut is_field_changed = false;
        for values in &self.values {
            is_field_changed |= fields.widen(values);
        }
        let mut widened = columns.get();
        let texts = self.listed.iter().map(|line| &line.text).enumerate();
        for (at, line) in texts.filter(|(_, line)| !is_sentence(line)) {
            let part = self.meanings.of(at).and_then(|meaning| meaning.part());
            let name = part.unwrap_or_else(|| words::row_name(line));
            widened.content.add(Column::Type, name);
            widened.content.add(Column::Id, &line.id);
        }
        let is_changed = widened.content != columns.get().content;
        columns.set(widened);
        is_changed || is_field_changed
    }
}

/// Returns true for a row that consists of a sentence, which begins after the type and takes the rest of the row.
pub(super) fn is_sentence(line: &RowText) -> bool {
    matches!(line.tag, KindTag::State | KindTag::Gap | KindTag::Note)
}

/// Returns the number of rows that are at least partly in sight.
pub(super) fn fitting(places: &Places) -> u64 {
    places.fitting.ceil() as u64 + 1
}
