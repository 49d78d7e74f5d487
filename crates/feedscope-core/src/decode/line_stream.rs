//! Records of a stream that is read by lines. It never decodes text, and holds at most one line.

use memchr::memchr;
use serde::de::IgnoredAny;

/// Separator of the texts of a JSON text sequence (RFC 7464).
const RECORD_SEPARATOR: u8 = 0x1e;

/// Room that the buffer may keep once its line is done with, so that one huge line does not occupy memory for ever.
const KEPT_CAPACITY: usize = 1 << 20;

/// Separation of the records in a stream of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineForm {
    /// Each LF or CR LF ends a record.
    #[default]
    Lines,
    /// Each record begins with U+001E, and may contain line ends (RFC 7464).
    JsonSequence,
}

/// One item of a stream of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineItem<'a> {
    /// A line, without its end.
    Line(&'a [u8]),
    /// An empty line, by which a server keeps a connection alive.
    KeepAlive,
    /// A line that is longer than the limit and was skipped, with its number of bytes.
    TooLong(u64),
}

/// Splits the bytes of one connection into lines, however they are cut.
///
/// ```
/// use feedscope_core::decode::{LineDecoder, LineForm, LineItem};
///
/// let mut decoder = LineDecoder::new(LineForm::Lines, 1 << 20);
/// let mut lines = Vec::new();
/// for part in ["{\"price\":", "101}\r\n\n{\"price\":102}"] {
///     decoder.feed(part.as_bytes(), &mut |item| {
///         if let LineItem::Line(line) = item {
///             lines.push(String::from_utf8_lossy(line).into_owned());
///         }
///     });
/// }
/// assert_eq!(lines, [r#"{"price":101}"#]);
/// assert_eq!(decoder.unfinished(), br#"{"price":102}"#);
/// ```
#[derive(Debug)]
pub struct LineDecoder {
    form: LineForm,
    limit: u64,
    /// Beginning of the line that has no end yet, up to one byte more than the limit.
    held: Vec<u8>,
    /// Number of bytes of the line that has no end yet.
    bytes: u64,
    /// Last byte of the line that has no end yet.
    last: u8,
    /// Only of a JSON text sequence: nothing but the separator of the next text is missing.
    is_between: bool,
}

impl LineDecoder {
    /// A decoder for a new connection. A line of more than `max_line_bytes` is skipped.
    pub fn new(form: LineForm, max_line_bytes: u64) -> Self {
        Self {
            form,
            limit: max_line_bytes,
            held: Vec::new(),
            bytes: 0,
            last: 0,
            // What comes before the first separator is no text.
            is_between: form == LineForm::JsonSequence,
        }
    }

    /// Decodes the next bytes and hands what they complete to `out`, in order.
    pub fn feed(&mut self, bytes: &[u8], out: &mut impl FnMut(LineItem<'_>)) {
        let separator = match self.form {
            LineForm::Lines => b'\n',
            LineForm::JsonSequence => RECORD_SEPARATOR,
        };
        let mut rest = bytes;
        while let Some(at) = memchr(separator, rest) {
            let line = &rest[..at];
            rest = &rest[at + 1..];
            if self.bytes == 0 {
                self.emit(line, line.len() as u64, line.last().copied(), out);
            } else {
                self.hold(line);
                self.emit_held(out);
            }
            self.is_between = false;
        }
        self.hold(rest);
        if self.form == LineForm::JsonSequence {
            self.emit_whole_text(out);
        }
    }

    /// Bytes of the last line, which has no end yet. They are cut where the line is longer than the limit.
    pub fn unfinished(&self) -> &[u8] {
        if self.is_between && self.held.iter().all(u8::is_ascii_whitespace) {
            return b"";
        }
        &self.held
    }

    /// Number of bytes of the line that is being skipped for its length; `None` while there is none.
    pub fn skipping(&self) -> Option<u64> {
        // One CR more than the limit may belong to the line's end.
        let is_too_long = self.bytes > self.limit.saturating_add(1)
            || (self.bytes > self.limit && self.last != b'\r');
        is_too_long.then_some(self.bytes)
    }

    /// Hands out the last line, for a stream that ended in order: it needs no line end.
    pub fn finish(&mut self, out: &mut impl FnMut(LineItem<'_>)) {
        if !self.unfinished().is_empty() {
            self.emit_held(out);
        }
    }

    /// Adds bytes to the line that has no end yet.
    fn hold(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        let room = (self.limit.saturating_add(1)).saturating_sub(self.bytes);
        let kept = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
        self.held.extend_from_slice(&bytes[..kept]);
        self.bytes += bytes.len() as u64;
        self.last = last;
    }

    /// Hands out the line that was held.
    fn emit_held(&mut self, out: &mut impl FnMut(LineItem<'_>)) {
        let held = std::mem::take(&mut self.held);
        self.emit(&held, self.bytes, Some(self.last), out);
        self.held = held;
        self.held.clear();
        self.held.shrink_to(KEPT_CAPACITY);
        self.bytes = 0;
    }

    /// Hands out a line of `bytes` bytes, of which `line` has as many as count.
    fn emit(&self, line: &[u8], bytes: u64, last: Option<u8>, out: &mut impl FnMut(LineItem<'_>)) {
        let end = match (self.form, last) {
            // Only a text that is whole has its line feed among these bytes.
            (LineForm::JsonSequence, Some(b'\n')) if line.ends_with(b"\r\n") => 2,
            (LineForm::Lines, Some(b'\r')) | (LineForm::JsonSequence, Some(b'\n')) => 1,
            _ => 0,
        };
        let content = bytes - end;
        if content > self.limit {
            return out(LineItem::TooLong(content));
        }
        let line = &line[..content as usize];
        if self.form == LineForm::JsonSequence && line.iter().all(u8::is_ascii_whitespace) {
            if !self.is_between {
                out(LineItem::KeepAlive);
            }
        } else if line.is_empty() {
            out(LineItem::KeepAlive);
        } else {
            out(LineItem::Line(line));
        }
    }

    /// Hands out a text whose end has come, so that it need not wait for the separator of the next one.
    fn emit_whole_text(&mut self, out: &mut impl FnMut(LineItem<'_>)) {
        let is_whole = self.last == b'\n'
            && self.bytes == self.held.len() as u64
            && serde_json::from_slice::<IgnoredAny>(&self.held).is_ok();
        if is_whole {
            self.emit_held(out);
            self.is_between = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Owned {
        Line(Vec<u8>),
        KeepAlive,
        TooLong(u64),
    }

    impl From<LineItem<'_>> for Owned {
        fn from(item: LineItem<'_>) -> Self {
            match item {
                LineItem::Line(line) => Self::Line(line.to_vec()),
                LineItem::KeepAlive => Self::KeepAlive,
                LineItem::TooLong(bytes) => Self::TooLong(bytes),
            }
        }
    }

    /// Decodes a stream that ends in order.
    fn decoded<'a>(
        form: LineForm,
        limit: u64,
        parts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<Owned> {
        let mut decoder = LineDecoder::new(form, limit);
        let mut items = Vec::new();
        for part in parts {
            decoder.feed(part, &mut |item| items.push(item.into()));
        }
        decoder.finish(&mut |item| items.push(item.into()));
        items
    }

    fn line(text: &str) -> Owned {
        Owned::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_with_lf_or_cr_lf() {
        let input = b"one\r\ntwo\n\n\r\n\rthree\r\r\nlast\r";
        let expected = [
            line("one"),
            line("two"),
            Owned::KeepAlive,
            Owned::KeepAlive,
            line("\rthree\r"),
            line("last"),
        ];
        assert_eq!(decoded(LineForm::Lines, 100, [&input[..]]), expected);
        assert_eq!(decoded(LineForm::Lines, 100, input.chunks(1)), expected);
    }

    #[test]
    fn a_line_above_the_limit_is_skipped_and_counted() {
        for (input, expected) in [
            (
                &b"1234\r\n12345\n12345\r\n1"[..],
                vec![
                    line("1234"),
                    Owned::TooLong(5),
                    Owned::TooLong(5),
                    line("1"),
                ],
            ),
            (b"123456789", vec![Owned::TooLong(9)]),
        ] {
            assert_eq!(decoded(LineForm::Lines, 4, [input]), expected);
            assert_eq!(decoded(LineForm::Lines, 4, input.chunks(1)), expected);
        }
        let mut decoder = LineDecoder::new(LineForm::Lines, 4);
        decoder.feed(b"1234\r", &mut |_| panic!("no line has ended"));
        assert_eq!(decoder.skipping(), None);
        decoder.feed(b"56", &mut |_| panic!("no line has ended"));
        assert_eq!(
            (decoder.skipping(), decoder.unfinished().len()),
            (Some(7), 5)
        );
    }

    #[test]
    fn a_text_sequence_is_split_at_its_separators() {
        let input = b"\x1e{\"a\":\n1}\n\x1e\x1e[2]\r\n\x1e\n\x1ebroken\x1e3";
        let expected = [
            line("{\"a\":\n1}"),
            Owned::KeepAlive,
            line("[2]"),
            Owned::KeepAlive,
            line("broken"),
            line("3"),
        ];
        assert_eq!(decoded(LineForm::JsonSequence, 100, [&input[..]]), expected);
        assert_eq!(
            decoded(LineForm::JsonSequence, 100, input.chunks(1)),
            expected
        );
    }

    #[test]
    fn a_whole_text_does_not_wait_for_the_next_one() {
        let mut decoder = LineDecoder::new(LineForm::JsonSequence, 100);
        let mut items = Vec::new();
        for part in [&b"\x1e{\"a\":\n"[..], b"1}\n", b"\n", b"\x1e{}\n"] {
            decoder.feed(part, &mut |item| items.push(Owned::from(item)));
        }
        assert_eq!(items, [line("{\"a\":\n1}"), line("{}")]);
        assert_eq!(decoder.unfinished(), b"");
    }

    proptest! {
        /// The cuts between reads change nothing, and every byte is in an item or an end.
        #[test]
        fn cuts_change_nothing(
            input in "[a\r\n\u{1e}{}1 ]{0,40}",
            cuts in proptest::collection::vec(0_usize..40, 0..6),
            limit in 0_u64..6,
            is_sequence in any::<bool>(),
        ) {
            let form = if is_sequence { LineForm::JsonSequence } else { LineForm::Lines };
            let bytes = input.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let starts = std::iter::once(0).chain(cuts.iter().copied());
            let ends = cuts.iter().copied().chain([bytes.len()]);
            let parts: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect();
            if form == LineForm::Lines {
                let whole = decoded(form, limit, [bytes]);
                let cut = decoded(form, limit, parts);
                prop_assert_eq!(&cut, &whole);
                let expected: Vec<Owned> = input
                    .split_inclusive('\n')
                    .map(|line| line.strip_suffix('\n').unwrap_or(line))
                    .map(|line| line.strip_suffix('\r').unwrap_or(line))
                    .map(|text| match text.len() as u64 {
                        0 => Owned::KeepAlive,
                        bytes if bytes > limit => Owned::TooLong(bytes),
                        _ => line(text),
                    })
                    .collect();
                prop_assert_eq!(whole, expected);
            } else {
                // A text is handed out sooner where a read ends with it; its bytes are the same.
                let texts = |items: Vec<Owned>| -> Vec<u8> {
                    let texts = items.into_iter().filter_map(|item| match item {
                        Owned::Line(text) => Some(text),
                        _ => None,
                    });
                    texts.flatten().filter(|byte| !byte.is_ascii_whitespace()).collect()
                };
                let whole = texts(decoded(form, u64::MAX, [bytes]));
                prop_assert_eq!(&texts(decoded(form, u64::MAX, parts)), &whole);
                let expected: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != RECORD_SEPARATOR).collect();
                prop_assert_eq!(whole, expected);
            }
        }
    }
}
