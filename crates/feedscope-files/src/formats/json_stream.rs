//! JSON of any size, read from the front: one value is in memory at a time.

use std::io;

use super::input::FileInput;
use super::item::ReadError;

/// Deepest nesting of a value that is skipped or taken.
const MOST_NESTED: u32 = 128;

/// Longest name of a member. A longer one is cut, so that it equals no known name.
const LONGEST_NAME: usize = 1 << 10;

/// Reader of one JSON text.
pub(super) struct JsonStream {
    input: FileInput,
    /// Number of bytes that were read.
    at: u64,
}

impl JsonStream {
    pub(super) fn new(input: FileInput) -> Self {
        Self { input, at: 0 }
    }

    /// Returns the next byte that is not white space, which is read later; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        while let Some(byte) = self.byte()? {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(Some(byte));
            }
            self.consume(1)?;
        }
        Ok(None)
    }

    /// Reads the bracket at which an array or an object begins. Returns false, and reads nothing, for another value.
    pub(super) fn begin(&mut self, bracket: u8) -> Result<bool, ReadError> {
        let is_it = self.peek()? == Some(bracket);
        if is_it {
            self.consume(1)?;
        }
        Ok(is_it)
    }

    /// Moves to the next element of an array. Returns false at its end, which is read. `is_first` is true once.
    pub(super) fn next_element(&mut self, is_first: &mut bool) -> Result<bool, ReadError> {
        self.next_of(is_first, b']')
    }

    /// Moves to the next member of an object and returns its name; `None` at the end of the object, which is read.
    pub(super) fn next_member(&mut self, is_first: &mut bool) -> Result<Option<String>, ReadError> {
        if !self.next_of(is_first, b'}')? {
            return Ok(None);
        }
        let name = self.text(LONGEST_NAME)?;
        match self.peek()? {
            Some(b':') => self.consume(1)?,
            _ => return Err(self.malformed("a colon is missing")),
        }
        Ok(Some(name))
    }

    fn next_of(&mut self, is_first: &mut bool, end: u8) -> Result<bool, ReadError> {
        let next = self.peek()?;
        if next == Some(end) {
            self.consume(1)?;
            return Ok(false);
        }
        if !std::mem::replace(is_first, false) {
            if next != Some(b',') {
                return Err(self.malformed("a comma is missing"));
            }
            self.consume(1)?;
        }
        Ok(true)
    }

    /// Reads a string. Only the first `most` bytes of it are kept. Another value is skipped and gives an empty text.
    pub(super) fn text(&mut self, most: usize) -> Result<String, ReadError> {
        let mut text = Vec::new();
        self.string(&mut |piece| {
            let room = most.saturating_sub(text.len());
            text.extend_from_slice(&piece[..piece.len().min(room)]);
            Ok(())
        })?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Reads a string and hands it out in pieces, without its escapes. Another value is skipped.
    pub(super) fn string(
        &mut self,
        out: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), ReadError> {
        if self.peek()? != Some(b'"') {
            return self.skip();
        }
        self.consume(1)?;
        loop {
            // The longest piece without a quotation mark or a backslash is handed out as it is.
            let part = self.input.bytes()?.fill_buf()?;
            if part.is_empty() {
                return Err(self.cut());
            }
            let end = memchr::memchr2(b'"', b'\\', part);
            let plain = end.unwrap_or(part.len());
            out(&part[..plain])?;
            self.consume(plain)?;
            match end {
                None => {}
                // The byte at the end of the piece is still to be read.
                Some(_) if self.byte()? == Some(b'"') => {
                    self.consume(1)?;
                    return Ok(());
                }
                Some(_) => {
                    self.consume(1)?;
                    let mut encoded = [0; 4];
                    let char = self.escape()?;
                    out(char.encode_utf8(&mut encoded).as_bytes())?;
                }
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<char, ReadError> {
        Ok(match self.take()? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => return self.unicode(),
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            _ => return Err(self.malformed("an escape is not known")),
        })
    }

    /// Reads the digits of an escape, and those of its second half. A half alone gives U+FFFD.
    fn unicode(&mut self) -> Result<char, ReadError> {
        let mut first = self.hex()?;
        loop {
            // The halves of a surrogate pair are two escapes.
            let is_high = (0xd800..0xdc00).contains(&first);
            if !is_high {
                return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            // The second half must follow at once.
            if self.byte()? != Some(b'\\') {
                return Ok(char::REPLACEMENT_CHARACTER);
            }
            self.consume(1)?;
            if self.byte()? != Some(b'u') {
                // The half before this escape is lost, as in a browser that shows it.
                return self.escape();
            }
            self.consume(1)?;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            first = second;
        }
    }

    fn hex(&mut self) -> Result<u32, ReadError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.take()?).to_digit(16);
            let digit = digit.ok_or_else(|| self.malformed("an escape has a wrong digit"))?;
            code = code * 16 + digit;
        }
        Ok(code)
    }

    /// Reads a value of at most `most` bytes as it is written. A longer one is skipped and gives `None`.
    pub(super) fn raw(&mut self, most: usize) -> Result<Option<Vec<u8>>, ReadError> {
        let mut raw = Vec::new();
        let mut is_whole = true;
        self.walk(&mut |piece| {
            is_whole &= raw.len() + piece.len() <= most;
            if is_whole {
                raw.extend_from_slice(piece);
            }
        })?;
        Ok(is_whole.then_some(raw))
    }

    /// Skips a value.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        self.walk(&mut |_piece| {})
    }

    /// Passes the bytes of a value on. Only its brackets and strings are looked at.
    fn walk(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        let mut nested = 0_u32;
        loop {
            match self.peek()? {
                None => return Err(self.cut()),
                Some(b'"') => self.walk_string(out)?,
                Some(byte @ (b'{' | b'[')) => {
                    nested += 1;
                    if nested > MOST_NESTED {
                        return Err(self.malformed("it is nested too deeply"));
                    }
                    self.pass(byte, out)?;
                    continue;
                }
                Some(byte @ (b'}' | b']')) if nested > 0 => {
                    nested -= 1;
                    self.pass(byte, out)?;
                }
                Some(byte @ (b',' | b':')) if nested > 0 => {
                    self.pass(byte, out)?;
                    continue;
                }
                Some(b'}' | b']' | b',' | b':') => {
                    return Err(self.malformed("a value is missing"));
                }
                Some(_) => self.walk_word(out)?,
            }
            if nested == 0 {
                return Ok(());
            }
        }
    }

    fn pass(&mut self, byte: u8, out: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        out(&[byte]);
        self.consume(1)
    }

    /// Passes a string on, with its escapes.
    fn walk_string(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        self.pass(b'"', out)?;
        loop {
            let part = self.input.bytes()?.fill_buf()?;
            if part.is_empty() {
                return Err(self.cut());
            }
            let end = memchr::memchr2(b'"', b'\\', part);
            let plain = end.unwrap_or(part.len());
            out(&part[..plain]);
            self.consume(plain)?;
            if end.is_some() {
                let byte = self.take()?;
                out(&[byte]);
                if byte == b'"' {
                    return Ok(());
                }
                // The character after a backslash ends nothing.
                let escaped = self.take()?;
                out(&[escaped]);
            }
        }
    }

    /// Passes a number, `true`, `false` or `null` on.
    fn walk_word(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        let is_in_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let mut is_empty = true;
        loop {
            // A word ends where the input does, or at the first other byte.
            let part = self.input.bytes()?.fill_buf()?;
            let len = part.iter().take_while(|byte| is_in_word(byte)).count();
            let is_over = len < part.len() || part.is_empty();
            out(&part[..len]);
            is_empty &= len == 0;
            self.consume(len)?;
            if is_over {
                break;
            }
        }
        if is_empty {
            return Err(self.malformed("a value is missing"));
        }
        Ok(())
    }

    /// Returns the next byte, which is read later.
    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        Ok(self.input.bytes()?.fill_buf()?.first().copied())
    }

    fn take(&mut self) -> Result<u8, ReadError> {
        let byte = self.byte()?.ok_or_else(|| self.cut())?;
        self.consume(1)?;
        Ok(byte)
    }

    fn consume(&mut self, len: usize) -> Result<(), ReadError> {
        self.input.bytes()?.consume(len);
        self.at += len as u64;
        Ok(())
    }

    fn cut(&self) -> ReadError {
        self.malformed("its end is missing")
    }

    pub(super) fn malformed(&self, problem: &str) -> ReadError {
        ReadError::Malformed(format!("no valid JSON at byte {}: {problem}", self.at))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes that come one at a time, so that every value is cut everywhere.
    struct OneByOne(std::io::Cursor<Vec<u8>>);

    impl io::Read for OneByOne {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = buffer.len().min(1);
            self.0.read(&mut buffer[..len])
        }
    }

    fn stream(text: &str) -> JsonStream {
        JsonStream::new(FileInput::new(OneByOne(std::io::Cursor::new(
            text.as_bytes().to_vec(),
        ))))
    }

    #[test]
    fn strings_lose_their_escapes() {
        for (json, text) in [
            (r#""a\"b\\\/\n\t\r\b\f""#, "a\"b\\/\n\t\r\u{8}\u{c}"),
            (r#""\u00e9\ud83d\ude00""#, "\u{e9}\u{1f600}"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ud83d\n""#, "\n"),
            (r#""\ude00""#, "\u{fffd}"),
            ("17", ""),
        ] {
            assert_eq!(stream(json).text(99).unwrap(), text, "{json}");
        }
        assert_eq!(stream("\"abcdef\"").text(3).unwrap(), "abc");
    }

    #[test]
    fn wrong_json_is_an_error() {
        for json in [
            "",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12",
            "{",
            "[1",
            "{\"a\":",
            ",",
            "]",
            "[\"\\u00zz\"]",
        ] {
            let mut stream = stream(json);
            let skipped = stream.skip();
            let text = self::stream(json).text(9);
            assert!(
                skipped.is_err() || text.is_err() || json.starts_with('['),
                "{json}"
            );
        }
        let deep = "[".repeat(1_000);
        let error = stream(&deep).skip().unwrap_err().to_string();
        assert!(error.contains("too deeply"), "{error}");
        assert!(stream("{1}").begin(b'{').unwrap());
    }

    #[test]
    fn a_long_value_is_skipped() {
        let mut stream = stream("[\"12345678\",7]");
        let mut is_first = true;
        assert!(stream.begin(b'[').unwrap());
        assert!(stream.next_element(&mut is_first).unwrap());
        assert_eq!(stream.raw(5).unwrap(), None);
        assert!(stream.next_element(&mut is_first).unwrap());
        assert_eq!(stream.raw(5).unwrap().unwrap(), b"7");
        assert!(!stream.next_element(&mut is_first).unwrap());
        assert_eq!(stream.peek().unwrap(), None);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "\\PC{0,8}|[\\x00-\\x20\"\\\\\u{1f600}]{0,4}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map("[a-z\"]{0,3}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// A raw value has the same meaning as the text, and members are found as `serde_json` finds them.
        #[test]
        fn values_are_those_of_serde_json(value in json(), is_pretty in any::<bool>()) {
            let text = if is_pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let raw = stream(&text).raw(usize::MAX).unwrap().unwrap();
            prop_assert_eq!(&serde_json::from_slice::<serde_json::Value>(&raw).unwrap(), &value);
            if let serde_json::Value::Object(members) = &value {
                let mut stream = stream(&text);
                let begins = stream.begin(b'{').unwrap();
                prop_assert!(begins);
                let (mut is_first, mut names) = (true, Vec::new());
                while let Some(name) = stream.next_member(&mut is_first).unwrap() {
                    stream.skip().unwrap();
                    names.push(name);
                }
                let expected: Vec<_> = members.keys().cloned().collect();
                prop_assert_eq!(names, expected);
            }
            if let serde_json::Value::String(string) = &value {
                prop_assert_eq!(&stream(&text).text(usize::MAX).unwrap(), string);
            }
        }

        /// Any bytes end with a value or an error.
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut stream = JsonStream::new(FileInput::new(std::io::Cursor::new(bytes)));
            stream.skip().ok();
        }
    }
}
