//! Which kinds of records a view shows. Knows no text filter.

use crate::record::{Direction, KindTag};

/// What can be shown or hidden as one: the chips above a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Events.
    Events,
    /// Comments and reconnection times.
    Comments,
    /// Messages received.
    Received,
    /// Messages sent.
    Sent,
    /// Pings and pongs.
    PingPong,
    /// State changes, closes, gaps and notes.
    States,
}

impl Class {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// The class of a record.
    pub fn of(tag: KindTag, direction: Option<Direction>) -> Self {
        match tag {
            KindTag::Event => Self::Events,
            KindTag::Comment | KindTag::Retry => Self::Comments,
            KindTag::Text | KindTag::Binary if direction == Some(Direction::Out) => Self::Sent,
            KindTag::Text | KindTag::Binary => Self::Received,
            KindTag::Ping | KindTag::Pong => Self::PingPong,
            KindTag::State | KindTag::Close | KindTag::Gap | KindTag::Note => Self::States,
        }
    }
}

/// A set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shown(u8);

impl Shown {
    /// Everything.
    pub const ALL: Self = Self((1 << Class::COUNT) - 1);

    /// Nothing.
    pub const NONE: Self = Self(0);

    /// What a new view shows: all but comments and ping / pong, which say that the line lives and nothing else.
    pub const USUAL: Self =
        Self(Self::ALL.0 & !(1 << Class::Comments as u8) & !(1 << Class::PingPong as u8));

    /// Whether `class` is in the set.
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    /// The set with `class` put in or taken out.
    #[must_use]
    pub fn with(self, class: Class, shown: bool) -> Self {
        if shown {
            Self(self.0 | 1 << class as u8)
        } else {
            Self(self.0 & !(1 << class as u8))
        }
    }

    /// How many of `counts`, one for each class, are shown.
    pub(super) fn sum(self, counts: &[u64; Class::COUNT]) -> u64 {
        counts
            .iter()
            .enumerate()
            .filter(|(class, _)| self.0 & (1 << class) != 0)
            .map(|(_, &count)| count)
            .sum()
    }

    /// Whether the class with this number is in the set.
    pub fn has_number(self, class: u8) -> bool {
        self.0 & (1 << class) != 0
    }
}
