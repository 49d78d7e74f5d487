//! Difference between two payloads, line by line. JSON has one value in each line, other text is unchanged, and bytes
//! are shown as a dump.
//!
//! It does not use the window; the view adds colors and sentences.

use std::ops::Range;

use feedscope_core::payload::hex::dump;
use feedscope_core::payload::json::pretty;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::interpret::{Content, Interpretation, begins_like_json};

/// Maximum length of a compared payload in bytes. A longer one would take seconds, and a person could not read the
/// result.
pub const MOST_BYTES: usize = 16 << 20;
/// Maximum length of a payload that is compared as a dump, which is five times as long.
const MOST_DUMPED: usize = 2 << 20;
/// Number of equal lines before and after a change.
const CONTEXT: usize = 3;
/// Maximum length of a line in bytes whose words are compared.
const LONGEST_LINE: usize = 4 << 10;

/// Difference between two payloads.
pub struct Diff {
    /// Lines, with a sign at the beginning of each.
    pub content: Content,
    /// Kind and position of each line; empty if the payloads are equal.
    pub lines: Vec<DiffLine>,
    /// Different words, in order.
    pub marked: Vec<Range<u64>>,
}

/// Line of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// Position of its first byte.
    pub start: u64,
    /// Payload that contains the line.
    pub kind: LineKind,
}

/// Payload that contains a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Both payloads.
    Equal,
    /// Only the old one.
    Old,
    /// Only the new one.
    New,
    /// None: the line replaces equal lines that are left out.
    LeftOut,
}

impl Diff {
    /// Returns true if the payloads are equal.
    pub fn is_equal(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Compares two payloads. `left_out` returns the line that replaces this number of equal lines. Returns `None` if the
/// payloads are too large.
pub fn diff(
    old: &Interpretation<'_>,
    new: &Interpretation<'_>,
    left_out: &dyn Fn(u64) -> String,
) -> Option<Diff> {
    let longest = old.bytes().len().max(new.bytes().len());
    if longest > MOST_BYTES {
        return None;
    }
    // Bytes that are not text are compared as dumps.
    let (Some(old_text), Some(new_text)) = (old.text(), new.text()) else {
        let whole = |read: &Interpretation<'_>| dump(read.bytes(), 0..u64::MAX);
        return (longest <= MOST_DUMPED).then(|| diff_lines(&whole(old), &whole(new), left_out));
    };
    // A single number or string is valid JSON too, but gains nothing from formatting.
    let is_json =
        |read: &Interpretation<'_>| begins_like_json(read.bytes()) && read.outline().is_ok();
    Some(if is_json(old) && is_json(new) {
        diff_lines(&pretty(old_text), &pretty(new_text), left_out)
    } else {
        diff_lines(old_text, new_text, left_out)
    })
}

/// Compares two texts line by line.
fn diff_lines(old: &str, new: &str, left_out: &dyn Fn(u64) -> String) -> Diff {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let mut writer = DifferenceBuilder {
        text: String::new(),
        lines: Vec::new(),
        marked: Vec::new(),
        has_changes: false,
        left_out,
    };
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    for (i, op) in ops.iter().enumerate() {
        match *op {
            DiffOp::Equal { new_index, len, .. } => {
                let lines = &new[new_index..new_index + len];
                // The first and the last lines need context only on one side.
                writer.equal(lines, i == 0, i + 1 == ops.len());
            }
            DiffOp::Delete {
                old_index, old_len, ..
            } => writer.changed(&old[old_index..old_index + old_len], &[]),
            DiffOp::Insert {
                new_index, new_len, ..
            } => writer.changed(&[], &new[new_index..new_index + new_len]),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => writer.changed(
                &old[old_index..old_index + old_len],
                &new[new_index..new_index + new_len],
            ),
        }
    }
    writer.diff()
}

/// Builder of a difference.
struct DifferenceBuilder<'a> {
    text: String,
    lines: Vec<DiffLine>,
    marked: Vec<Range<u64>>,
    /// True if at least one line differs.
    has_changes: bool,
    left_out: &'a dyn Fn(u64) -> String,
}

impl DifferenceBuilder<'_> {
    /// Appends a line with its sign.
    fn line(&mut self, kind: LineKind, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.lines.push(DiffLine {
            start: self.text.len() as u64,
            kind,
        });
        self.text.push_str(match kind {
            LineKind::Equal | LineKind::LeftOut => "  ",
            LineKind::Old => "- ",
            LineKind::New => "+ ",
        });
        self.text.push_str(line);
    }

    /// Appends equal lines. Only those near a change are written.
    fn equal(&mut self, lines: &[&str], is_first: bool, is_last: bool) {
        let before = if is_first { 0 } else { CONTEXT };
        let after = if is_last { 0 } else { CONTEXT };
        let left_out = lines.len().saturating_sub(before + after);
        // A single line is not replaced, because the replacement also takes a line.
        let (before, after) = if left_out > 1 {
            (before, after)
        } else {
            (lines.len(), 0)
        };
        for line in &lines[..before] {
            self.line(LineKind::Equal, line);
        }
        if left_out > 1 {
            let line = (self.left_out)(left_out as u64);
            self.line(LineKind::LeftOut, &line);
        }
        for line in &lines[lines.len() - after..] {
            self.line(LineKind::Equal, line);
        }
    }

    /// Appends lines that replace others. If every old line has a similar new line, the two are next to each other;
    /// otherwise the old lines come first.
    fn changed(&mut self, old: &[&str], new: &[&str]) {
        self.has_changes = true;
        let pairs: Vec<_> = old
            .iter()
            .zip(new)
            .map(|(old, new)| changed_words(old, new))
            .collect();
        // Lines that are similar in pairs are easier to compare next to each other.
        let each_has_one = old.len() == new.len() && pairs.iter().all(Option::is_some);
        let (in_old, in_new): (Vec<_>, Vec<_>) =
            pairs.into_iter().map(Option::unwrap_or_default).unzip();
        let (mut in_old, mut in_new) = (in_old.into_iter(), in_new.into_iter());
        if each_has_one {
            for (old, new) in old.iter().zip(new) {
                self.marked_line(LineKind::Old, old, in_old.next());
                self.marked_line(LineKind::New, new, in_new.next());
            }
            return;
        }
        for line in old {
            self.marked_line(LineKind::Old, line, in_old.next());
        }
        for line in new {
            self.marked_line(LineKind::New, line, in_new.next());
        }
    }

    /// Appends a line with its differing parts marked.
    fn marked_line(&mut self, kind: LineKind, line: &str, parts: Option<Parts>) {
        self.line(kind, line);
        let start = self.text.len() - line.len();
        self.mark(start, parts.unwrap_or_default());
    }

    /// Marks parts of the text, given relative to `start`.
    fn mark(&mut self, start: usize, ranges: Parts) {
        let moved = |range: Range<usize>| (start + range.start) as u64..(start + range.end) as u64;
        self.marked.extend(ranges.into_iter().map(moved));
    }

    /// Returns the finished difference.
    fn diff(self) -> Diff {
        if !self.has_changes {
            return Diff {
                content: Content::text(String::new()),
                lines: Vec::new(),
                marked: Vec::new(),
            };
        }
        Diff {
            content: Content::text(self.text),
            lines: self.lines,
            marked: self.marked,
        }
    }
}

/// Parts of a line.
type Parts = Vec<Range<usize>>;

/// Returns the words in which two lines differ, or `None` if they have little in common or are too long.
fn changed_words(old: &str, new: &str) -> Option<(Parts, Parts)> {
    if old.len().max(new.len()) > LONGEST_LINE {
        return None;
    }
    let (old, new) = (words_of(old), words_of(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    // White space does not count, because indentation is equal almost everywhere.
    let equal: usize = ops
        .iter()
        .filter_map(|op| match op {
            DiffOp::Equal { old_index, len, .. } => Some(&old[*old_index..old_index + len]),
            _ => None,
        })
        .flatten()
        .map(|word| word.trim().len())
        .sum();
    let all: usize = old.iter().map(|word| word.trim().len()).sum();
    // If less than a quarter is equal, marks on single words would be confusing.
    if equal * 4 < all {
        return None;
    }
    let (mut in_old, mut in_new) = (Vec::new(), Vec::new());
    for op in ops {
        if !matches!(op, DiffOp::Equal { .. }) {
            in_old.extend(span(&old, op.old_range()));
            in_new.extend(span(&new, op.new_range()));
        }
    }
    Some((in_old, in_new))
}

/// Returns the part of a line that some of its words cover.
fn span(words: &[&str], range: Range<usize>) -> Option<Range<usize>> {
    let length = |words: &[&str]| words.iter().map(|word| word.len()).sum::<usize>();
    let start = length(&words[..range.start]);
    let end = start + length(&words[range]);
    (start < end).then_some(start..end)
}

/// Splits a line into words and numbers. Every other character is a part of its own.
fn words_of(line: &str) -> Vec<&str> {
    let is_word = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '.');
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(sign) = rest.chars().next() {
        let end = if is_word(sign) {
            rest.find(|sign| !is_word(sign)).unwrap_or(rest.len())
        } else {
            sign.len_utf8()
        };
        let (word, behind) = rest.split_at(end);
        words.push(word);
        rest = behind;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(old: &[u8], new: &[u8]) -> Option<Diff> {
        let (old, new) = (Interpretation::of_bytes(old), Interpretation::of_bytes(new));
        diff(&old, &new, &|count| format!("⋯ {count} equal lines"))
    }

    /// Returns the difference as text, with brackets around marked parts.
    fn text_of(old: &[u8], new: &[u8]) -> String {
        let comparison = compare(old, new).unwrap();
        let mut text = String::from_utf8(comparison.content.bytes().to_vec()).unwrap();
        for range in comparison.marked.iter().rev() {
            text.insert(range.end as usize, ']');
            text.insert(range.start as usize, '[');
        }
        text
    }

    #[test]
    fn json_is_compared_value_by_value() {
        let old = br#"{"symbol":"ACME","price":55.12,"volume":1200}"#;
        let new = br#"{"symbol": "ACME", "price":55.16, "volume":1200}"#;
        assert_eq!(
            text_of(old, new),
            "  {\n    \"symbol\": \"ACME\",\n-   \"price\": [55.12],\n+   \"price\": [55.16],\n    \"volume\": 1200\n  }"
        );
    }

    #[test]
    fn lines_stand_with_their_counterparts_where_each_has_one() {
        assert_eq!(
            text_of(b"id: 1\nsize: 5", b"id: 2\nsize: 6"),
            "- id: [1]\n+ id: [2]\n- size: [5]\n+ size: [6]"
        );
        assert_eq!(
            text_of(b"id: 1\nsize: 5", b"id: 2\nsize: 6\nmore"),
            "- id: [1]\n- size: [5]\n+ id: [2]\n+ size: [6]\n+ more"
        );
        assert_eq!(text_of(b"one\ntwo", b"1\n2"), "- one\n- two\n+ 1\n+ 2");
    }

    #[test]
    fn equal_payloads_have_no_lines() {
        assert!(compare(b"a\nb", b"a\nb").unwrap().is_equal());
        assert!(compare(b"[1, 2]", b"[1,2]").unwrap().is_equal());
        assert!(!compare(b"", b"a").unwrap().is_equal());
    }

    #[test]
    fn equal_lines_far_from_a_change_are_left_out() {
        let line = |number: usize| format!("line {number}\n");
        let old: String = (0..20).map(line).collect();
        let new = old.replace("line 10\n", "line ten\n");
        assert_eq!(
            text_of(old.as_bytes(), new.as_bytes()),
            "  ⋯ 7 equal lines\n  line 7\n  line 8\n  line 9\n- line [10]\n+ line [ten]\n  line 11\n  line 12\n  line 13\n  ⋯ 7 equal lines"
        );
    }

    #[test]
    fn bytes_are_compared_as_a_dump() {
        let text = text_of(&[0xff; 40], &[[0xff; 39].as_slice(), &[0]].concat());
        assert!(text.contains("- 00000020"), "{text}");
        assert!(compare(&vec![0xff; MOST_DUMPED + 1], b"").is_none());
        assert!(compare(&vec![b' '; MOST_BYTES + 1], b"").is_none());
    }

    #[test]
    fn lines_know_their_kind() {
        let comparison = compare(b"a\nb", b"a\nc").unwrap();
        let kinds: Vec<_> = comparison.lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [LineKind::Equal, LineKind::Old, LineKind::New]);
    }
}
