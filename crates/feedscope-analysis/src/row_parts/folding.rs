//! Parts that the rows of a view are shown without. It does not decide which ones.

use std::cmp::Reverse;
use std::iter;
use std::ops::Range;

use super::pieces::{LONGEST, Piece, Pieces};
use super::rules::{FoldingDepth, LEAST_PAYLOADS, Rules};

/// Number of equal characters from which a beginning is left out. A shorter one costs no more than its mark.
const SHORTEST_BEGINNING: usize = 16;

/// Number of characters from which a part within a payload is left out.
const SHORTEST_PART: usize = 6;

/// Parts that the rows of a view are shown without.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folding {
    depth: FoldingDepth,
    /// Beginnings that are left out, longest first.
    beginnings: Vec<String>,
    /// Rules for the values; empty if only beginnings are left out.
    rules: Rules,
    /// Number of payloads that were compared.
    compared: usize,
    /// Number of characters for which the folding was made.
    room: usize,
}

impl Folding {
    /// Creates the folding of these payloads with these rules.
    pub(super) fn new(
        depth: FoldingDepth,
        rules: Rules,
        payloads: &[&str],
        all: &[Pieces],
        room: usize,
    ) -> Self {
        let mut folding = Self {
            depth,
            beginnings: Vec::new(),
            rules,
            compared: payloads.len(),
            room,
        };
        if depth == FoldingDepth::Beginnings {
            folding.beginnings = folding.common_beginnings(payloads, all);
            folding.rules = Rules::default();
        }
        folding
    }

    /// Returns true if a folding of this number of payloads need not be made anew only for their number or the room.
    pub(super) fn is_made_for(&self, payloads: usize, room: usize) -> bool {
        // A few payloads may have the same value by chance.
        payloads < self.compared * 2 && room.abs_diff(self.room) * 10 <= self.room
    }

    /// Returns true if most payloads have the expected equal parts.
    pub(super) fn fits_most(&self, payloads: &[&str], all: &[Pieces]) -> bool {
        const LEAST_PERCENT: usize = 60;
        let fits = |text: &str, pieces: &Pieces| {
            if self.rules.is_empty() {
                return self.beginnings.is_empty() || self.beginning_of(text).is_some();
            }
            let is_expected = |piece: &Piece| {
                let rule = self.rules.get((pieces.shape, piece.path));
                let expected = rule.and_then(|rule| rule.value);
                expected.is_none_or(|value| value == piece.value_hash(text))
            };
            pieces.list.iter().all(is_expected)
        };
        let all = payloads.iter().zip(all);
        let fitting = all.filter(|(text, pieces)| fits(text, pieces)).count();
        fitting * 100 >= payloads.len() * LEAST_PERCENT
    }

    /// Returns the amount that is left out.
    pub fn depth(&self) -> FoldingDepth {
        self.depth
    }

    /// Returns true if nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.beginnings.is_empty() && self.rules.is_empty()
    }

    /// Returns the longest beginning that is left out, if nothing else is.
    pub fn beginning(&self) -> Option<&str> {
        self.beginnings.first().map(String::as_str)
    }

    /// Returns the number of bytes that a row needs besides the ones that it shows.
    pub fn needed_bytes(&self) -> usize {
        if self.rules.is_empty() {
            self.beginnings.first().map_or(0, String::len)
        } else {
            LONGEST
        }
    }

    /// Returns the parts of a payload that a row shows, in order, for about `room` characters. Something is left out before
    /// the first one if it does not start at 0, and between two parts.
    pub fn shown(&self, text: &str, room: usize) -> Vec<Range<usize>> {
        if self.rules.is_empty() {
            let start = self.beginning_of(text).map_or(0, str::len);
            return iter::once(start..end_of(text, start, room)).collect();
        }
        let pieces = Pieces::of(text);
        self.parts(text, &pieces, SHORTEST_PART, room)
    }

    /// Returns a payload as a row shows it, with marks in place of the parts that are left out.
    pub fn text(&self, payload: &str, room: usize) -> String {
        let mut text = String::new();
        let mut end = 0;
        for part in self.shown(payload, room) {
            if part.start > end {
                text.push('…');
            }
            text.push_str(&payload[part.clone()]);
            end = part.end;
        }
        if end < payload.len() {
            text.push('…');
        }
        text.truncate(end_of(&text, 0, room));
        text
    }

    fn beginning_of(&self, text: &str) -> Option<&str> {
        let mut beginnings = self.beginnings.iter().map(String::as_str);
        beginnings.find(|beginning| text.starts_with(beginning))
    }

    /// Returns the parts that the rules do not leave out. A part that is left out has at least `shortest` characters.
    fn parts(
        &self,
        text: &str,
        pieces: &Pieces,
        shortest: usize,
        room: usize,
    ) -> Vec<Range<usize>> {
        let mut shown = ShownParts {
            text,
            shortest,
            list: Vec::new(),
            hidden: 0,
            gives_way: false,
            taken: 0,
        };
        for piece in &pieces.list {
            let rule = self.rules.get((pieces.shape, piece.path));
            let rule = rule.unwrap_or_default();
            let hides_value = rule.gives_way || rule.value == Some(piece.value_hash(text));
            // A value that is not the expected one is shown with its key.
            let hides_lead = (hides_value || rule.value.is_none())
                && (rule.gives_way || rule.lead == Some(piece.lead_hash(text)));
            shown.gives_way |= rule.gives_way;
            if !hides_lead {
                shown.show(piece.start..piece.value);
            }
            if !hides_value {
                shown.show(piece.value..piece.end);
            }
            if shown.taken > room {
                break;
            }
        }
        if shown.taken <= room {
            // What follows was not compared.
            shown.show(pieces.end..text.len());
            shown.finish();
        }
        let mut parts = shown.list;
        // A row does not become empty: its last value remains.
        if parts.is_empty() {
            let last = pieces.list.iter().rfind(|piece| piece.value < piece.end);
            let start = last.map_or(0, |piece| piece.value);
            parts.push(start..text.len());
        }
        if let Some(last) = parts.last_mut() {
            last.end = end_of(text, last.start, room).min(last.end);
        }
        parts
    }

    /// Returns the beginnings of the shapes, longest first.
    fn common_beginnings(&self, payloads: &[&str], all: &[Pieces]) -> Vec<String> {
        let beginning = |(text, pieces): (&&'_ str, &Pieces)| {
            let parts = self.parts(text, pieces, SHORTEST_BEGINNING, usize::MAX);
            let start = parts.first().map_or(0, |part| part.start);
            (start > 0).then(|| (pieces.shape, text[..start].to_owned()))
        };
        let mut all: Vec<(u64, String)> = payloads.iter().zip(all).filter_map(beginning).collect();
        all.sort_unstable();
        let mut beginnings = Vec::new();
        for of_shape in all.chunk_by(|one, other| one.0 == other.0) {
            let equal = of_shape.chunk_by(|one, other| one.1 == other.1);
            let usual = equal.max_by_key(|equal| equal.len()).unwrap_or_default();
            if usual.len() >= LEAST_PAYLOADS {
                beginnings.push(usual[0].1.clone());
            }
        }
        beginnings.sort_by_key(|text| Reverse(text.len()));
        beginnings.dedup();
        beginnings
    }
}

/// Parts of a payload that are shown, while they are collected.
struct ShownParts<'a> {
    text: &'a str,
    /// Number of characters from which a part is left out.
    shortest: usize,
    list: Vec<Range<usize>>,
    /// Start of the part that is left out before the next one.
    hidden: usize,
    /// That part contains a value that gives way, so that it is left out whatever its length.
    gives_way: bool,
    /// Number of characters so far, with the marks.
    taken: usize,
}

impl ShownParts<'_> {
    /// Shows a part, and the one before it if that is too short to leave it out.
    fn show(&mut self, part: Range<usize>) {
        if part.is_empty() {
            return;
        }
        let hidden = part.start - self.hidden;
        let is_left_out = hidden > 0 && (hidden >= self.shortest || self.gives_way);
        let start = if is_left_out { part.start } else { self.hidden };
        self.taken += self.text[start..part.end].chars().count() + usize::from(is_left_out);
        match self.list.last_mut() {
            Some(last) if last.end == start => last.end = part.end,
            _ => self.list.push(start..part.end),
        }
        (self.hidden, self.gives_way) = (part.end, false);
    }

    /// Shows the end if it is too short to leave it out.
    fn finish(&mut self) {
        let end = self.text.len();
        if let Some(last) = self.list.last_mut()
            && end - self.hidden < self.shortest
            && !self.gives_way
        {
            last.end = end;
        }
    }
}

/// Returns the end of at most `room` characters from `start` on.
fn end_of(text: &str, start: usize, room: usize) -> usize {
    let mut rest = text[start..].char_indices();
    rest.nth(room).map_or(text.len(), |(at, _)| start + at)
}
