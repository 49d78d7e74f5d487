//! The outline of a JSON text (RFC 8259): its values in order, by their places in the text. Builds no values, keeps no text.
//!
//! So numbers and strings stay as they were written.
//! A text of a hundred megabytes has millions of values, so each takes twelve bytes, and those that hold others twenty
//! more. What can be found again by looking at the text around a value is not kept.

mod changes;
mod pretty;
mod reading;

pub use changes::{Changed, Likeness, changed_numbers, likeness};
pub use pretty::pretty;
pub use reading::Reading;

use std::fmt;
use std::ops::Range;

use reading::string_end;

/// The values of a JSON text, in the order in which they stand; the first is the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    entries: Vec<Entry>,
    holders: Vec<Holder>,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// Where it begins in the text.
    start: u32,
    /// Where its key begins, or its number among the elements.
    name: u32,
    tag: Tag,
}

/// What a value is, what it is known by, and how deep it stands, in four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tag(u32);

/// What is known of an object or array besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Holder {
    node: u32,
    /// The holder that it stands in; itself for the outermost.
    parent: u32,
    /// How many members or elements it has.
    count: u32,
    /// The node after its last descendant.
    next: u32,
    /// Where its text ends.
    end: u32,
}

/// One value of an [`Outline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// How many objects and arrays it stands in.
    pub depth: u32,
    /// What it is known by in the one that it stands in.
    pub name: Name,
    /// What it is.
    pub shape: Shape,
    /// Where it begins in the text.
    pub start: usize,
    /// The node after its last descendant.
    pub next: usize,
}

/// What a value is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The whole text.
    Root,
    /// A member: where its key begins in the text, with its quotation mark.
    Key(usize),
    /// An element, counted from 0.
    Index(usize),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object with this many members.
    Object(usize),
    /// An array with this many elements.
    Array(usize),
    /// A string.
    String,
    /// A number, as written.
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

/// Why a text has no outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOutline {
    /// It is no JSON.
    NotJson {
        /// The offset of the first byte that cannot stand there.
        at: usize,
    },
    /// It has more than [`Outline::MOST_VALUES`], or more bytes than an offset of 32 bits reaches.
    TooLarge,
}

impl fmt::Display for NoOutline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { at } => write!(f, "not JSON from byte {at} on"),
            Self::TooLarge => write!(f, "more than {} values", Outline::MOST_VALUES),
        }
    }
}

impl std::error::Error for NoOutline {}

impl Outline {
    /// More values than this are not taken apart: the outline would take half a gigabyte.
    pub const MOST_VALUES: usize = 1 << 24;

    /// Reads a text in one go.
    ///
    /// # Errors
    ///
    /// Where it is no JSON, or too large.
    pub fn of(text: &str) -> Result<Self, NoOutline> {
        let mut reading = Reading::default();
        while !reading.advance(text.as_bytes(), usize::MAX)? {}
        Ok(reading.outline())
    }

    /// How many values there are.
    #[expect(clippy::len_without_is_empty, reason = "a JSON text has a value")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// A value, by its place in the order.
    ///
    /// # Panics
    ///
    /// Past the last value.
    pub fn node(&self, number: usize) -> Node {
        let entry = self.entries[number];
        let holder = self.holder(number);
        let count = holder.map_or(0, |holder| holder.count as usize);
        Node {
            depth: entry.tag.depth(),
            name: entry.tag.name(entry.name as usize),
            shape: entry.tag.shape(count),
            start: entry.start as usize,
            next: holder.map_or(number + 1, |holder| holder.next as usize),
        }
    }

    /// Where a value stands in the text, with its quotation marks or brackets.
    pub fn range(&self, text: &[u8], number: usize) -> Range<usize> {
        let start = self.entries[number].start as usize;
        if let Some(holder) = self.holder(number) {
            return start..holder.end as usize;
        }
        // Behind a value stand only brackets, commas and space until the next one or its key.
        let mut end = self.entries.get(number + 1).map_or(text.len(), |next| {
            match next.tag.name(next.name as usize) {
                Name::Key(key) => key,
                Name::Root | Name::Index(_) => next.start as usize,
            }
        });
        while matches!(
            text[end - 1],
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}'
        ) {
            end -= 1;
        }
        start..end
    }

    /// One past the closing quotation mark of the string that begins at `start`; `None` where it does not end.
    pub fn string_end(text: &[u8], start: usize) -> Option<usize> {
        string_end(text, start).ok()
    }

    /// Where a member's key stands in the text, with its quotation marks; `None` for what is no member.
    pub fn key(&self, text: &[u8], number: usize) -> Option<Range<usize>> {
        match self.node(number).name {
            Name::Key(start) => Some(start..string_end(text, start).unwrap_or(start)),
            Name::Root | Name::Index(_) => None,
        }
    }

    /// The object or array that a value stands in.
    pub fn parent(&self, number: usize) -> Option<usize> {
        let before = self
            .holders
            .partition_point(|holder| (holder.node as usize) < number);
        let mut holder = self.holders[before.checked_sub(1)?];
        while holder.next as usize <= number {
            holder = self.holders[holder.parent as usize];
        }
        Some(holder.node as usize)
    }

    /// The path to a value, as `jq` writes it: `.book.bid[0]`, `."odd key"`, `.` for the whole.
    pub fn path(&self, text: &[u8], number: usize) -> String {
        let mut numbers = vec![number];
        while let Some(parent) = numbers.last().and_then(|&number| self.parent(number)) {
            numbers.push(parent);
        }
        let mut path = String::new();
        for number in numbers.into_iter().rev() {
            match self.node(number).name {
                Name::Root => {}
                Name::Index(index) => {
                    path.push_str(if path.is_empty() { ".[" } else { "[" });
                    path.push_str(&index.to_string());
                    path.push(']');
                }
                Name::Key(_) => {
                    let range = self.key(text, number).unwrap_or_default();
                    let key = String::from_utf8_lossy(&text[range]);
                    path.push('.');
                    path.push_str(if is_plain_key(&key) {
                        &key[1..key.len() - 1]
                    } else {
                        &key
                    });
                }
            }
        }
        if path.is_empty() {
            ".".to_owned()
        } else {
            path
        }
    }

    fn holder(&self, number: usize) -> Option<&Holder> {
        if !self.entries[number].tag.is_holder() {
            return None;
        }
        let at = self
            .holders
            .partition_point(|holder| (holder.node as usize) < number);
        self.holders.get(at)
    }
}

impl Tag {
    const OBJECT: u32 = 0;
    const ARRAY: u32 = 1;
    const STRING: u32 = 2;
    const NUMBER: u32 = 3;
    const LITERAL: u32 = 4;

    const ROOT: u32 = 0 << 3;
    const KEY: u32 = 1 << 3;
    const INDEX: u32 = 2 << 3;

    /// There are fewer values than depths that fit above.
    fn new(shape: u32, name: Name, depth: u32) -> Self {
        let name = match name {
            Name::Root => Self::ROOT,
            Name::Key(_) => Self::KEY,
            Name::Index(_) => Self::INDEX,
        };
        Self(shape | name | depth << 5)
    }

    fn is_holder(self) -> bool {
        self.0 & 7 <= Self::ARRAY
    }

    fn is_object(self) -> bool {
        self.0 & 7 == Self::OBJECT
    }

    fn depth(self) -> u32 {
        self.0 >> 5
    }

    fn shape(self, count: usize) -> Shape {
        match self.0 & 7 {
            Self::OBJECT => Shape::Object(count),
            Self::ARRAY => Shape::Array(count),
            Self::STRING => Shape::String,
            Self::NUMBER => Shape::Number,
            _ => Shape::Literal,
        }
    }

    fn name(self, value: usize) -> Name {
        match self.0 & 0b11000 {
            Self::KEY => Name::Key(value),
            Self::INDEX => Name::Index(value),
            _ => Name::Root,
        }
    }
}

/// Whether a key, given with its quotation marks, needs none after a dot.
fn is_plain_key(key: &str) -> bool {
    let Some(inner) = key.get(1..key.len().saturating_sub(1)) else {
        return false;
    };
    !inner.is_empty()
        && !inner.starts_with(|sign: char| sign.is_ascii_digit())
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A string as it reads, for a text with its quotation marks: escapes are resolved.
pub fn unescaped(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests;
