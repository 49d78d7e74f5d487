//! Values of a JSON text with their positions, and the functions that find a value in the text.

use std::fmt;
use std::ops::Range;

use super::strings::string_end;

/// Values of a JSON text, in the order of the text. The first one is the whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub(super) entries: Vec<ValueEntry>,
    pub(super) holders: Vec<Holder>,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ValueEntry {
    /// Offset of its first byte in the text.
    pub(super) start: u32,
    /// Offset of its key in the text, or its index in the array.
    pub(super) name: u32,
    pub(super) tag: Tag,
}

/// Kind of a value, kind of its name, and its depth, in four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(u32);

/// Additional data of an object or array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) node: u32,
    /// Holder that contains it. The outermost holder refers to itself.
    pub(super) parent: u32,
    /// Number of its members or elements.
    pub(super) count: u32,
    /// Number of the node after its last descendant.
    pub(super) next: u32,
    /// Offset after its last byte.
    pub(super) end: u32,
}

/// One value of an [`Outline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Number of objects and arrays that contain it.
    pub depth: u32,
    /// Name within the object or array that contains it.
    pub name: Name,
    /// Kind of the value.
    pub shape: Shape,
    /// Offset of its first byte in the text.
    pub start: usize,
    /// Number of the node after its last descendant.
    pub next: usize,
}

/// Name of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The whole text.
    Root,
    /// A member, with the offset of its key, at the quotation mark.
    Key(usize),
    /// An element, with its index from 0.
    Index(usize),
}

/// Kind of a value.
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

/// Reason for which a text has no outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOutline {
    /// The text is not JSON.
    NotJson {
        /// Offset of the first byte that is not valid there.
        at: usize,
    },
    /// The text has more values than [`Outline::MOST_VALUES`], or more bytes than an offset of 32 bits allows.
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
    /// Maximum number of values. With more, the outline would need half a gigabyte.
    pub const MOST_VALUES: usize = 1 << 24;

    /// Returns the number of values.
    #[expect(clippy::len_without_is_empty, reason = "a JSON text has a value")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the value with this number.
    ///
    /// # Panics
    ///
    /// Panics if the number is after the last value.
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

    /// Returns the range of a value in the text, with its quotation marks or brackets.
    pub fn range(&self, text: &[u8], number: usize) -> Range<usize> {
        let start = self.entries[number].start as usize;
        if let Some(holder) = self.holder(number) {
            return start..holder.end as usize;
        }
        // Only brackets, commas and white space follow a value, up to the next value or its key.
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

    /// Returns the number of the innermost value whose key or text begins at or before an offset.
    pub fn value_at(&self, offset: usize) -> usize {
        let begins = self.entries.partition_point(|entry| {
            let first = match entry.tag.name(entry.name as usize) {
                Name::Key(key) => key,
                Name::Root | Name::Index(_) => entry.start as usize,
            };
            first <= offset
        });
        begins.saturating_sub(1)
    }

    /// Returns the offset after the closing quotation mark of the string that begins at `start`; `None` if it does not
    /// end.
    pub fn string_end(text: &[u8], start: usize) -> Option<usize> {
        string_end(text, start).ok()
    }

    /// Returns the range of a member's key in the text, with its quotation marks; `None` for a value that is not a
    /// member.
    pub fn key(&self, text: &[u8], number: usize) -> Option<Range<usize>> {
        match self.node(number).name {
            Name::Key(start) => Some(start..string_end(text, start).unwrap_or(start)),
            Name::Root | Name::Index(_) => None,
        }
    }

    /// Returns the number of the object or array that contains a value.
    pub fn parent(&self, number: usize) -> Option<usize> {
        // Holders are in the order of their nodes. A holder that ended before the value cannot contain it.
        let before = self
            .holders
            .partition_point(|holder| (holder.node as usize) < number);
        let mut holder = self.holders[before.checked_sub(1)?];
        // If the holder ended before the value, one of its parents contains the value.
        while holder.next as usize <= number {
            holder = self.holders[holder.parent as usize];
        }
        Some(holder.node as usize)
    }

    /// Returns the path to a value in the form of `jq`: `.book.bid[0]`, `."odd key"`, or `.` for the whole text.
    pub fn path(&self, text: &[u8], number: usize) -> String {
        // The parents are collected from the inside out, and written in reverse order.
        let mut numbers = vec![number];
        while let Some(parent) = numbers.last().and_then(|&number| self.parent(number)) {
            numbers.push(parent);
        }
        let mut path = String::new();
        for number in numbers.into_iter().rev() {
            match self.node(number).name {
                Name::Root => {}
                Name::Index(index) => {
                    // The path of `jq` begins with a dot in any case.
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
    pub(super) const OBJECT: u32 = 0;
    pub(super) const ARRAY: u32 = 1;
    pub(super) const STRING: u32 = 2;
    pub(super) const NUMBER: u32 = 3;
    pub(super) const LITERAL: u32 = 4;

    const ROOT: u32 = 0 << 3;
    const KEY: u32 = 1 << 3;
    const INDEX: u32 = 2 << 3;

    /// Packs the three parts. The depth fits into its 27 bits, because it is less than the maximum number of values.
    pub(super) fn new(shape: u32, name: Name, depth: u32) -> Self {
        let name = match name {
            Name::Root => Self::ROOT,
            Name::Key(_) => Self::KEY,
            Name::Index(_) => Self::INDEX,
        };
        // Three bits for the shape, two for the name, and 27 for the depth.
        Self(shape | name | depth << 5)
    }

    fn is_holder(self) -> bool {
        self.0 & 7 <= Self::ARRAY
    }

    pub(super) fn is_object(self) -> bool {
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

/// Returns true if a key, given with its quotation marks, needs no quotation marks after a dot.
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
