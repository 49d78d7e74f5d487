//! The pass over JSON bytes that finds the values of paths. It checks the whole payload, and allocates nothing.

use super::path::{Path, PathStep};
use super::text::Text;
use super::value::{FoundValue, FoundValues, MOST_PATHS, Value};

/// Deepest nesting that is read, as in filters.
const MOST_NESTING: usize = 128;

/// Longest number in bytes that is read: below the limit of filters for digits.
const LONGEST_NUMBER: usize = 300;

/// The payload is not strict JSON, or is beyond a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread;

/// The paths that lead through or to the current value, a bit for each.
type Active = u8;

/// Reads the values at the ends of up to [`MOST_PATHS`] paths.
pub(super) fn read<'a>(json: &'a [u8], paths: &[Path]) -> Result<FoundValues<'a>, Unread> {
    let mut values = [FoundValue::Missing; MOST_PATHS];
    let mut scan = PathScan {
        bytes: json,
        at: 0,
        paths,
        values: &mut values,
    };
    // One bit for each path. All of them lead to the whole value.
    let all = ((1_u16 << paths.len()) - 1) as Active;
    scan.skip_space();
    scan.value(all, 0)?;
    // Only space may follow the value.
    scan.skip_space();
    if scan.at == json.len() {
        Ok(values)
    } else {
        Err(Unread)
    }
}

struct PathScan<'a, 'p> {
    bytes: &'a [u8],
    at: usize,
    paths: &'p [Path],
    values: &'p mut FoundValues<'a>,
}

impl<'a> PathScan<'a, '_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes `byte`, which must be next.
    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Unread> {
        if self.peek() != Some(byte) {
            return Err(Unread);
        }
        self.at += 1;
        Ok(())
    }

    /// Passes a value that begins here. `active` paths lead to it with their first `depth` steps.
    fn value(&mut self, active: Active, depth: usize) -> Result<(), Unread> {
        let start = self.at;
        let value = match self.peek().ok_or(Unread)? {
            // Containers set their own values, because their ends are known only after their items.
            b'{' => return self.object(active, depth),
            b'[' => return self.array(active, depth),
            b'"' => {
                let text = self.text()?;
                Value::Text(text)
            }
            b'n' => self.literal(b"null", Value::Null)?,
            b't' => self.literal(b"true", Value::Bool(true))?,
            b'f' => self.literal(b"false", Value::Bool(false))?,
            _ => {
                self.number()?;
                // Most numbers are passed over, so that no text is made of them.
                if active == 0 {
                    return Ok(());
                }
                Value::Number(self.ascii(start)?)
            }
        };
        self.each(active, |steps, found| {
            *found = match value {
                _ if steps.len() == depth => FoundValue::Value(value),
                // jq has no value inside of `null`, and an error inside of others.
                Value::Null => FoundValue::Missing,
                _ => FoundValue::NoParts,
            };
        });
        Ok(())
    }

    fn object(&mut self, active: Active, depth: usize) -> Result<(), Unread> {
        if depth == MOST_NESTING {
            return Err(Unread);
        }
        let start = self.at;
        self.at += 1;
        // An earlier value of an equal key does not count any more.
        self.each(active, |_, found| *found = FoundValue::Missing);
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                let key = self.text()?;
                let matching = self.matching(
                    active,
                    |steps| matches!(steps.get(depth), Some(PathStep::Key(of_path)) if key.is(of_path)),
                );
                self.skip_space();
                self.expect(b':')?;
                self.skip_space();
                self.value(matching, depth + 1)?;
                if !self.has_next(b'}')? {
                    break;
                }
            }
        }
        let whole = &self.bytes[start..self.at];
        self.end_at(active, depth, Value::Object(whole));
        Ok(())
    }

    fn array(&mut self, active: Active, depth: usize) -> Result<(), Unread> {
        if depth == MOST_NESTING {
            return Err(Unread);
        }
        let start = self.at;
        self.at += 1;
        self.each(active, |steps, found| {
            // A key of an array is an error of jq. An index may still be found below.
            *found = match steps.get(depth) {
                Some(PathStep::Key(_)) => FoundValue::NoParts,
                _ => FoundValue::Missing,
            };
        });
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            let mut index = 0;
            loop {
                let matching = self.matching(active, |steps| {
                    matches!(steps.get(depth), Some(PathStep::Index(of_path)) if *of_path == index)
                });
                self.value(matching, depth + 1)?;
                if !self.has_next(b']')? {
                    break;
                }
                index += 1;
            }
        }
        let whole = &self.bytes[start..self.at];
        self.end_at(active, depth, Value::Array(whole));
        Ok(())
    }

    /// Passes the comma before a further item, or the bracket that `closes` the container; returns false for that.
    #[inline]
    fn has_next(&mut self, closes: u8) -> Result<bool, Unread> {
        self.skip_space();
        let byte = self.peek().ok_or(Unread)?;
        self.at += 1;
        if byte == b',' {
            self.skip_space();
            return Ok(true);
        }
        if byte == closes {
            Ok(false)
        } else {
            Err(Unread)
        }
    }

    /// Changes what was found for each of the active paths.
    #[inline]
    fn each(&mut self, active: Active, mut change: impl FnMut(&[PathStep], &mut FoundValue<'a>)) {
        let mut left = active;
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            // Clears the lowest bit.
            left &= left - 1;
            change(self.paths[place].steps(), &mut self.values[place]);
        }
    }

    /// The active paths for which `is_matching` returns true.
    #[inline]
    fn matching(&self, active: Active, is_matching: impl Fn(&[PathStep]) -> bool) -> Active {
        let (mut left, mut matching) = (active, 0);
        while left != 0 {
            let place = left.trailing_zeros();
            left &= left - 1;
            if is_matching(self.paths[place as usize].steps()) {
                matching |= 1 << place;
            }
        }
        matching
    }

    /// Sets the value of the active paths that end at this depth.
    #[inline]
    fn end_at(&mut self, active: Active, depth: usize, value: Value<'a>) {
        self.each(active, |steps, found| {
            if steps.len() == depth {
                *found = FoundValue::Value(value);
            }
        });
    }

    #[inline]
    fn literal(&mut self, word: &[u8], value: Value<'a>) -> Result<Value<'a>, Unread> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(Unread);
        }
        self.at += word.len();
        Ok(value)
    }

    /// The bytes from `start` to here, which are ASCII.
    #[inline]
    fn ascii(&self, start: usize) -> Result<&'a str, Unread> {
        let bytes = &self.bytes[start..self.at];
        std::str::from_utf8(bytes).map_err(|_never| Unread)
    }

    /// Passes a number (RFC 8259, section 6).
    fn number(&mut self) -> Result<(), Unread> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        // A zero stands alone: `01` is not JSON.
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        if self.at - start > LONGEST_NUMBER {
            return Err(Unread);
        }
        Ok(())
    }

    #[inline]
    fn digits(&mut self) -> Result<(), Unread> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start {
            Err(Unread)
        } else {
            Ok(())
        }
    }

    /// Passes a text (RFC 8259, section 7).
    #[inline]
    fn text(&mut self) -> Result<Text<'a>, Unread> {
        self.expect(b'"')?;
        let start = self.at;
        let (mut is_ascii, mut has_escapes) = (true, false);
        loop {
            self.skip_plain();
            match self.peek().ok_or(Unread)? {
                b'"' => break,
                b'\\' => {
                    has_escapes = true;
                    self.escape()?;
                }
                0x80.. => {
                    is_ascii = false;
                    while let Some(0x80..) = self.peek() {
                        self.at += 1;
                    }
                }
                0..0x20 => return Err(Unread),
                _ => self.at += 1,
            }
        }
        let raw = &self.bytes[start..self.at];
        self.at += 1;
        // ASCII needs no check, and most texts are ASCII.
        if !is_ascii && std::str::from_utf8(raw).is_err() {
            return Err(Unread);
        }
        Ok(Text::new(raw, has_escapes))
    }

    /// Passes bytes of a text that have no meaning of their own, eight at a time while there are as many.
    #[inline]
    fn skip_plain(&mut self) {
        const ONES: u64 = u64::MAX / 255;
        const HIGH: u64 = ONES << 7;
        /// The high bit of each byte that is zero; bytes above the lowest zero may be wrong.
        const fn zeros(word: u64) -> u64 {
            word.wrapping_sub(ONES) & !word & HIGH
        }
        while let Some(chunk) = self.bytes[self.at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let quotes = zeros(word ^ (ONES * u64::from(b'"')));
            let backslashes = zeros(word ^ (ONES * u64::from(b'\\')));
            let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
            let special = quotes | backslashes | controls | (word & HIGH);
            if special != 0 {
                // The lowest mark is right in each of them.
                self.at += special.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
    }

    /// Passes a backslash and what it stands for. A surrogate pair is not decoded here; the full parser does it.
    #[cold]
    fn escape(&mut self) -> Result<(), Unread> {
        match self.bytes.get(self.at + 1).ok_or(Unread)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6).ok_or(Unread)?;
                let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
                let is_surrogate = matches!(digits, [b'd' | b'D', b'8'..=b'f', ..]);
                if !is_hex || is_surrogate {
                    return Err(Unread);
                }
                self.at += 6;
            }
            _ => return Err(Unread),
        }
        Ok(())
    }
}
