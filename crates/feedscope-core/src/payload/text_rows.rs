//! Division of a text into rows of a width.
//!
//! It reads only the bytes near a row and counts nothing from the beginning. Therefore scrolling in a line of a hundred
//! megabytes is as fast as in one of ten. It does not lay out text.
//!
//! The starts of rows depend only on the text and the width, and not on the path to them. A row begins after a line
//! feed and after a full row.
//!
//! A long line does not have to be read from its beginning, because the text is also divided into cells of some
//! kilobytes. If a cell contains no line feed, a row begins with the next cell.

use std::ops::Range;

use super::joiner::is_joined;

/// Rules that divide a text into rows.
#[derive(Clone, Copy)]
pub struct TextRows<'a> {
    /// Width of a row in points; infinite if only line feeds end rows.
    room: f32,
    /// Width of a printable ASCII character.
    ascii: f32,
    /// Width of any other character.
    other: &'a dyn Fn(char) -> f32,
    /// Size of the cells in bytes.
    cell: usize,
}

/// Row of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRow {
    /// Range of its bytes, without the line feed that ends it.
    pub content: Range<usize>,
    /// Start of the next row; `None` for the last row.
    pub next: Option<usize>,
}

/// Number of full ASCII rows in a cell, so that a line in one script is divided evenly.
const ROWS_A_CELL: usize = 256;

/// Cell size of rows that are not wrapped. Even there, a line of more than one to two cells is divided.
const UNWRAPPED_CELL: usize = 16 << 10;

impl<'a> TextRows<'a> {
    /// Creates rows of the width `room`. A printable ASCII character has the width `ascii`, and `other` returns the
    /// width of all others.
    pub fn wrapped(room: f32, ascii: f32, other: &'a dyn Fn(char) -> f32) -> Self {
        let columns = (room / ascii).max(1.0) as usize;
        Self {
            room,
            ascii,
            other,
            cell: columns * ROWS_A_CELL,
        }
    }

    /// Creates rows that are as long as their lines, up to 32 KiB.
    pub fn unwrapped(ascii: f32, other: &'a dyn Fn(char) -> f32) -> Self {
        Self {
            room: f32::INFINITY,
            ascii,
            other,
            cell: UNWRAPPED_CELL,
        }
    }

    /// Returns the start of the row that contains the byte at `at`.
    pub fn start_of(&self, text: &[u8], at: usize) -> usize {
        let mut start = self.certain_start(text, at.min(text.len()));
        while let Some(next) = self.row(text, start).next.filter(|&next| next <= at) {
            start = next;
        }
        start
    }

    /// Returns the row that begins at `start`.
    pub fn row(&self, text: &[u8], start: usize) -> TextRow {
        let stop = self.cell_start_after(text, start).unwrap_or(text.len());
        let (mut at, mut width, mut gap) = (start, 0.0, None);
        while at < stop {
            if text[at] == b'\n' {
                return TextRow {
                    content: start..at,
                    next: Some(at + 1),
                };
            }
            let (advance, bytes) = self.advance(text, at);
            width += advance;
            // A row has at least one character, even if it is too wide.
            if width > self.room && at > start {
                let end = gap.unwrap_or(at);
                return TextRow {
                    content: start..end,
                    next: Some(end),
                };
            }
            // A row ends after a space, if there is one in its last third.
            if matches!(text[at], b' ' | b'\t') && width > self.room / 3.0 * 2.0 {
                gap = Some(at + 1);
            }
            at += bytes;
        }
        TextRow {
            content: start..stop,
            next: (stop < text.len()).then_some(stop),
        }
    }

    /// Returns the start of the row that is `rows` above the row at `start`. If there are fewer, it returns the first
    /// row and the number of missing rows.
    pub fn back(&self, text: &[u8], start: usize, mut rows: usize) -> (usize, usize) {
        let mut start = start.min(text.len());
        while rows > 0 && start > 0 {
            // Rows can only be found forwards, so the search begins at a certain start before `start`.
            let mut above = Vec::new();
            let mut next = Some(self.certain_start(text, start - 1));
            while let Some(row) = next.filter(|&row| row < start) {
                above.push(row);
                next = self.row(text, row).next;
            }
            if above.len() >= rows {
                return (above[above.len() - rows], 0);
            }
            rows -= above.len();
            start = above.first().copied().unwrap_or(0);
        }
        (start, rows)
    }

    /// Returns the width of a printable ASCII character.
    pub fn ascii_width(&self) -> f32 {
        self.ascii
    }

    /// Returns the width of the character at `at`, and its number of bytes.
    pub fn advance(&self, text: &[u8], at: usize) -> (f32, usize) {
        if matches!(text[at], b' '..=b'~') {
            return (self.ascii, 1);
        }
        let (sign, bytes) = char_at(text, at);
        if is_joined(text, at) {
            return (0.0, bytes);
        }
        ((self.other)(sign), bytes)
    }

    /// Returns a position at or before `at` where a row always begins, at most two cells away.
    fn certain_start(&self, text: &[u8], at: usize) -> usize {
        let number = at / self.cell;
        let cell = number * self.cell;
        if let Some(feed) = memchr::memrchr(b'\n', &text[cell..at]) {
            return cell + feed + 1;
        }
        let Some(before) = cell.checked_sub(self.cell) else {
            return 0;
        };
        if let Some(start) = self.cell_start(text, number).filter(|&start| start <= at) {
            return start;
        }
        match memchr::memrchr(b'\n', &text[before..cell]) {
            Some(feed) => before + feed + 1,
            // The position is within the character that the edge of the cells would divide.
            None => self.certain_start(text, cell - 1),
        }
    }

    /// Returns the next position after `start` where a row begins because a cell begins.
    fn cell_start_after(&self, text: &[u8], start: usize) -> Option<usize> {
        let here = start / self.cell;
        // The row of this cell may begin after `start`, if its first bytes continue a character.
        (here.max(1)..here + 3)
            .find_map(|number| self.cell_start(text, number).filter(|&row| row > start))
    }

    /// Returns the start of the row that begins with the cell of this number, for cells after the first; `None` if no
    /// row begins there.
    fn cell_start(&self, text: &[u8], number: usize) -> Option<usize> {
        let cell = number * self.cell;
        let before = text.get(cell - self.cell..cell)?;
        if memchr::memchr(b'\n', before).is_some() {
            return None;
        }
        // UTF-8: a byte of the form 10xxxxxx continues a character.
        let is_within = |&at: &usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let halved = (cell..cell + 3).take_while(is_within).count();
        Some(cell + halved).filter(|&start| start < text.len())
    }
}

/// Returns the character at `at` and its number of bytes; U+FFFD for bytes that are not UTF-8.
pub fn char_at(text: &[u8], at: usize) -> (char, usize) {
    let bytes = &text[at..text.len().min(at + 4)];
    let Some(chunk) = bytes.utf8_chunks().next() else {
        return ('\u{fffd}', 0);
    };
    match chunk.valid().chars().next() {
        Some(sign) => (sign, sign.len_utf8()),
        None => ('\u{fffd}', chunk.invalid().len()),
    }
}

/// Returns the start of the character before `at`.
pub fn char_before(text: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(4);
    let mut start = at.saturating_sub(1);
    // Use the farthest start of a character that ends exactly at `at`.
    for candidate in (from..start).rev() {
        if candidate + char_at(text, candidate).1 == at && text[candidate] & 0xc0 != 0x80 {
            start = candidate;
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wide(sign: char) -> f32 {
        match sign {
            '\t' => 4.0,
            '\u{1100}'.. => 2.0,
            _ => 1.0,
        }
    }

    fn rows(room: f32, cell: usize) -> TextRows<'static> {
        TextRows {
            room,
            ascii: 1.0,
            other: &wide,
            cell,
        }
    }

    fn all<'t>(rows: TextRows<'_>, text: &'t [u8]) -> Vec<(usize, &'t [u8])> {
        let mut all = Vec::new();
        let mut next = Some(0);
        while let Some(start) = next {
            let row = rows.row(text, start);
            all.push((start, &text[row.content]));
            next = row.next;
        }
        all
    }

    fn rows_of(room: f32, text: &str) -> Vec<String> {
        all(rows(room, 1_000), text.as_bytes())
            .into_iter()
            .map(|(_, row)| String::from_utf8_lossy(row).into_owned())
            .collect()
    }

    #[test]
    fn rows_end_at_line_feeds_spaces_and_when_they_are_full() {
        assert_eq!(rows_of(5.0, "ab\n\ncd"), ["ab", "", "cd"]);
        assert_eq!(rows_of(5.0, "ab\n"), ["ab", ""]);
        assert_eq!(rows_of(5.0, ""), [""]);
        assert_eq!(rows_of(5.0, "abcdefg"), ["abcde", "fg"]);
        assert_eq!(rows_of(6.0, "abcd efgh"), ["abcd ", "efgh"]);
        assert_eq!(rows_of(5.0, "日本語日本"), ["日本", "語日", "本"]);
        assert_eq!(rows_of(1.0, "日本"), ["日", "本"]);
        // A joiner between emoji takes no room, and one between Latin letters has a mark.
        assert_eq!(rows_of(4.0, "👩\u{200d}💻👩"), ["👩\u{200d}💻", "👩"]);
        assert_eq!(rows_of(4.0, "ab\u{200d}cd"), ["ab\u{200d}", "cd"]);
        assert_eq!(rows_of(f32::INFINITY, "ab cd\nef"), ["ab cd", "ef"]);
    }

    #[test]
    fn a_line_of_megabytes_is_cut_evenly_and_looked_at_nearby() {
        let text = vec![b'x'; 40 << 20];
        let rows = TextRows::wrapped(100.0, 1.0, &wide);
        let middle = rows.start_of(&text, 20_000_050);
        assert_eq!(middle, 20_000_000);
        assert_eq!(rows.row(&text, middle).next, Some(20_000_100));
        assert_eq!(rows.back(&text, middle, 1_000), (19_900_000, 0));
        let end = rows.start_of(&text, text.len());
        assert_eq!(rows.row(&text, end).next, None);
    }

    #[test]
    fn characters_are_found_from_both_sides() {
        let text = b"a\xc3\xa9\xe6\x97\xa5\xff\xe6\x97";
        let mut starts = vec![0];
        while let Some(&at) = starts.last().filter(|&&at| at < text.len()) {
            starts.push(at + char_at(text, at).1);
        }
        assert_eq!(starts, [0, 1, 3, 6, 7, 9]);
        for pair in starts.windows(2) {
            assert_eq!(char_before(text, pair[1]), pair[0]);
        }
        assert_eq!(char_before(text, 0), 0);
    }

    fn any_text() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            8 => Just(b"x".to_vec()),
            2 => Just(b" ".to_vec()),
            1 => Just(b"\n".to_vec()),
            1 => Just(b"\t".to_vec()),
            2 => Just("日".as_bytes().to_vec()),
            1 => Just("é".as_bytes().to_vec()),
            1 => any::<u8>().prop_map(|byte| vec![byte]),
        ];
        proptest::collection::vec(piece, 0..200).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        /// Rows are the same for every path to them, and together they are the whole text.
        #[test]
        fn rows_do_not_depend_on_the_way(text in any_text(), unwrapped in any::<bool>(), at in 0.0..=1.0_f64, back in 0..20_usize) {
            let room = if unwrapped { f32::INFINITY } else { 4.0 };
            let rows = rows(room, 24);
            let plain = all(rows, &text);
            let at = (text.len() as f64 * at) as usize;
            let holding = plain.iter().rposition(|(start, _)| *start <= at).unwrap();
            prop_assert_eq!(rows.start_of(&text, at), plain[holding].0);
            let above = (plain[holding.saturating_sub(back)].0, back.saturating_sub(holding));
            prop_assert_eq!(rows.back(&text, plain[holding].0, back), above);
            let length: usize = plain.iter().map(|(_, row)| row.len()).sum();
            let feeds = text.split(|&byte| byte == b'\n').count() - 1;
            prop_assert_eq!(length + feeds, text.len());
            for (_, row) in &plain {
                prop_assert!(unwrapped || row.len() <= 16);
                // Two cells, and the rest of a character at their edge.
                prop_assert!(row.len() <= 2 * 24 + 3);
            }
        }
    }
}
