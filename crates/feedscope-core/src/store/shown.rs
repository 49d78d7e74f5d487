//! Classes of records that a view shows or hides. It contains no text filter.

use crate::record::{Direction, KindTag};

/// Records that are shown or hidden together: one chip above a timeline.
///
/// The numbers are written to files, so that they never change. `docs/format.md` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Events.
    Events = 0,
    /// Comments and reconnection times.
    Comments = 1,
    /// Messages received.
    Received = 2,
    /// Messages sent.
    Sent = 3,
    /// Pings and pongs.
    PingPong = 4,
    /// State changes, closes, gaps and notes.
    States = 5,
    /// Lines of a source that is read by lines.
    Lines = 6,
}

/// Number of rows of each class, by its number. Classes of later versions are counted too.
pub(super) type ClassCounts = [u32; Class::NUMBERS];

impl Class {
    /// Number of classes.
    pub const COUNT: usize = 7;

    /// Number of class numbers that a file can contain, with room for later classes.
    pub const NUMBERS: usize = 16;

    /// Returns the class of a record.
    pub fn of(tag: KindTag, direction: Option<Direction>) -> Self {
        match tag {
            KindTag::Event => Self::Events,
            KindTag::Line => Self::Lines,
            KindTag::Comment | KindTag::Retry => Self::Comments,
            KindTag::Text | KindTag::Binary if direction == Some(Direction::Out) => Self::Sent,
            KindTag::Text | KindTag::Binary => Self::Received,
            KindTag::Ping | KindTag::Pong => Self::PingPong,
            KindTag::State | KindTag::Close | KindTag::Gap | KindTag::Note => Self::States,
        }
    }
}

/// Set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassSet(u16);

impl ClassSet {
    /// All classes, also those of later versions.
    pub const ALL: Self = Self(u16::MAX);

    /// No class.
    pub const NONE: Self = Self(0);

    /// Classes that a new view shows: all but comments and ping / pong, which only prove that the connection is alive.
    pub const USUAL: Self =
        Self(Self::ALL.0 & !(1 << Class::Comments as u8) & !(1 << Class::PingPong as u8));

    /// Classes of the payloads that arrived.
    pub const RECEIVED: Self = Self::NONE
        .with(Class::Events, true)
        .with(Class::Lines, true)
        .with(Class::Received, true);

    /// Returns the set with these bits, one for each class number.
    pub const fn of_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// Returns a bit for each class number, to write the set to a file.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Returns true if `class` is in the set.
    pub fn has(self, class: Class) -> bool {
        self.has_number(class as u8)
    }

    /// Returns the set with `class` added or removed.
    #[must_use]
    pub const fn with(self, class: Class, shown: bool) -> Self {
        if shown {
            Self(self.0 | 1 << class as u8)
        } else {
            Self(self.0 & !(1 << class as u8))
        }
    }

    /// Returns the sum of the counts of the shown classes. `counts` has one value for each class number.
    pub(super) fn sum(self, counts: &[u64; Class::NUMBERS]) -> u64 {
        counts
            .iter()
            .enumerate()
            .filter(|(class, _)| self.0 & (1 << class) != 0)
            .map(|(_, &count)| count)
            .sum()
    }

    /// Returns true if the class with this number, which is below [`Class::NUMBERS`], is in the set.
    #[inline]
    pub fn has_number(self, class: u8) -> bool {
        // The number may come from a file, so that the shift must be bounded.
        u32::from(self.0) >> (class & 15) & 1 != 0
    }
}
