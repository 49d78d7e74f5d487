//! Parser from a JSON text to an outline, in steps, so that a large text can be interrupted. It does not recurse.

use super::outline::{Holder, Name, NoOutline, Outline, Tag, ValueEntry};
use super::strings::string_end;

/// State of a JSON text that is being parsed. Each step receives the text as an argument, so that the state does not
/// borrow it.
pub struct Reading {
    at: usize,
    /// Name of the next value; `None` after the end of the text.
    name: Option<Name>,
    /// Holder that contains the next value.
    inside: Option<u32>,
    depth: u32,
    outline: Outline,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            at: 0,
            name: Some(Name::Root),
            inside: None,
            depth: 0,
            outline: Outline::default(),
        }
    }
}

impl Outline {
    /// Parses a text in one step.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not JSON or is too large.
    pub fn of(text: &str) -> Result<Self, NoOutline> {
        let mut reading = Reading::default();
        while !reading.advance(text.as_bytes(), usize::MAX)? {}
        Ok(reading.outline())
    }
}

impl Reading {
    /// Parses about `most_bytes` more of a text, and at least one value. Returns true at the end of the text.
    ///
    /// `text` must be the same UTF-8 in each step; it is not checked again.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not JSON or is too large.
    pub fn advance(&mut self, text: &[u8], most_bytes: usize) -> Result<bool, NoOutline> {
        if u32::try_from(text.len()).is_err() {
            return Err(NoOutline::TooLarge);
        }
        let mut reader = JsonReader {
            bytes: text,
            reading: self,
        };
        reader.advance(most_bytes)
    }

    /// Returns the outline of the parsed text.
    pub fn outline(mut self) -> Outline {
        self.outline.entries.shrink_to_fit();
        self.outline.holders.shrink_to_fit();
        self.outline
    }
}

/// One step of the parser.
struct JsonReader<'t, 'r> {
    bytes: &'t [u8],
    reading: &'r mut Reading,
}

impl JsonReader<'_, '_> {
    fn advance(&mut self, most_bytes: usize) -> Result<bool, NoOutline> {
        let stop = self.reading.at.saturating_add(most_bytes);
        while let Some(name) = self.reading.name {
            self.space();
            let opened = self.value(name)?;
            self.reading.name = self.next_name(opened)?;
            if self.reading.at >= stop {
                break;
            }
        }
        Ok(self.reading.name.is_none())
    }

    /// Finds the name of the value after the current one. It closes all objects and arrays that end here.
    fn next_name(&mut self, opened: bool) -> Result<Option<Name>, NoOutline> {
        let mut first = opened;
        loop {
            self.space();
            // The outermost value is complete, so only white space may follow.
            let Some(inside) = self.reading.inside else {
                return if self.reading.at == self.bytes.len() {
                    Ok(None)
                } else {
                    Err(self.wrong())
                };
            };
            let node = self.reading.outline.holders[inside as usize].node as usize;
            let is_object = self.reading.outline.entries[node].tag.is_object();
            if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                self.reading.at += 1;
                self.close(inside);
                first = false;
                continue;
            }
            // The first value after an opening bracket has no comma before it.
            if !first {
                self.expect(b',')?;
                self.space();
            }
            return self.name_in(inside, is_object).map(Some);
        }
    }

    /// Parses the name of the next value in an object or array, and counts it.
    fn name_in(&mut self, inside: u32, is_object: bool) -> Result<Name, NoOutline> {
        let name = if is_object {
            let start = self.reading.at;
            self.string()?;
            self.space();
            self.expect(b':')?;
            Name::Key(start)
        } else {
            Name::Index(self.reading.outline.holders[inside as usize].count as usize)
        };
        self.reading.outline.holders[inside as usize].count += 1;
        Ok(name)
    }

    /// Parses a complete scalar or an opening bracket. Returns true for a bracket.
    fn value(&mut self, name: Name) -> Result<bool, NoOutline> {
        let start = self.reading.at;
        let shape = match self.peek().ok_or_else(|| self.wrong())? {
            bracket @ (b'{' | b'[') => {
                self.reading.at += 1;
                let is_object = bracket == b'{';
                let shape = if is_object { Tag::OBJECT } else { Tag::ARRAY };
                self.add(name, shape, start)?;
                // The members come in later calls, so that a deep text costs no stack and a long one can be read in
                // parts.
                self.open();
                return Ok(true);
            }
            b'"' => {
                self.string()?;
                Tag::STRING
            }
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => {
                self.number()?;
                Tag::NUMBER
            }
        };
        self.add(name, shape, start)?;
        Ok(false)
    }

    fn add(&mut self, name: Name, shape: u32, start: usize) -> Result<(), NoOutline> {
        if self.reading.outline.entries.len() == Outline::MOST_VALUES {
            return Err(NoOutline::TooLarge);
        }
        // A text has at most `u32::MAX` bytes, so that offsets and indexes fit.
        let value = match name {
            Name::Root => 0,
            Name::Key(value) | Name::Index(value) => value as u32,
        };
        self.reading.outline.entries.push(ValueEntry {
            start: start as u32,
            name: value,
            tag: Tag::new(shape, name, self.reading.depth),
        });
        Ok(())
    }

    fn open(&mut self) {
        let number = self.reading.outline.holders.len() as u32;
        self.reading.outline.holders.push(Holder {
            node: self.reading.outline.entries.len() as u32 - 1,
            // The outermost holder refers to itself.
            parent: self.reading.inside.unwrap_or(number),
            count: 0,
            next: 0,
            end: 0,
        });
        self.reading.inside = Some(number);
        self.reading.depth += 1;
    }

    fn close(&mut self, inside: u32) {
        let holder = &mut self.reading.outline.holders[inside as usize];
        holder.end = self.reading.at as u32;
        holder.next = self.reading.outline.entries.len() as u32;
        self.reading.inside = Some(holder.parent).filter(|&parent| parent != inside);
        self.reading.depth -= 1;
    }

    fn wrong(&self) -> NoOutline {
        NoOutline::NotJson {
            at: self.reading.at,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.reading.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), NoOutline> {
        if self.peek() == Some(byte) {
            self.reading.at += 1;
            Ok(())
        } else {
            Err(self.wrong())
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.reading.at += 1;
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<u32, NoOutline> {
        for &byte in word {
            self.expect(byte)?;
        }
        Ok(Tag::LITERAL)
    }

    fn string(&mut self) -> Result<(), NoOutline> {
        match string_end(self.bytes, self.reading.at) {
            Ok(end) => {
                self.reading.at = end;
                Ok(())
            }
            Err(at) => Err(NoOutline::NotJson { at }),
        }
    }

    /// Parses a number (RFC 8259 6).
    fn number(&mut self) -> Result<(), NoOutline> {
        if self.peek() == Some(b'-') {
            self.reading.at += 1;
        }
        // A leading zero must be the only digit before the point.
        if self.peek() == Some(b'0') {
            self.reading.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.reading.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.reading.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.reading.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NoOutline> {
        let start = self.reading.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.reading.at += 1;
        }
        if self.reading.at > start {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }
}
