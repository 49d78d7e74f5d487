//! Terms of a filter and their tests on records, except jq expressions. It does not parse text.

use std::borrow::Cow;

use super::field::FieldTest;
use super::needle::Needle;
use super::when::When;
use crate::error_report::is_error;
use feedscope_core::connection::ConnectionState;
use feedscope_core::record::{Direction, Kind, KindTag};

/// One condition that must hold, or must not hold if it is negated.
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) test: Test,
}

pub(super) enum Test {
    Is(Is),
    Type(Word),
    Id(Vec<u8>),
    Size(NumberTest, u64),
    After(When),
    Before(When),
    Text(Needle),
    /// The payload is this text.
    Whole(Vec<u8>),
    Field(Box<FieldTest>),
}

/// Values of `is:`, and further conditions that only the program itself uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Is {
    Kind(KindTag),
    Direction(Direction),
    Failed,
    /// A connection was lost or failed, a message was given up, or the payload or the lens reports an error.
    Error,
    /// The record has a request that no answer has followed, as the lens reads it.
    Unanswered,
    /// The record only keeps the connection open, as the lens reads it.
    KeepAlive,
    /// A resume may have lost records, or the record is a note.
    Gap,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberTest {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

/// Word that is compared as a whole. The case counts only if it has an upper-case letter.
pub(super) struct Word {
    bytes: Vec<u8>,
    any_case: bool,
}

impl Test {
    /// Returns the rank of the test by its cost.
    pub(super) fn cost(&self) -> u8 {
        match self {
            // Both read the payload.
            Self::Is(Is::Error) | Self::Text(_) => 3,
            Self::Is(_) | Self::Size(..) => 0,
            Self::After(_) | Self::Before(_) => 1,
            Self::Type(_) | Self::Id(_) | Self::Whole(_) => 2,
            Self::Field(_) => 4,
        }
    }
}

impl Is {
    pub(super) fn holds(self, kind: &Kind<'_>) -> bool {
        match self {
            Self::Kind(tag) => kind.tag() == tag,
            Self::Direction(direction) => kind.direction() == Some(direction),
            Self::Failed => match kind {
                Kind::Text { failed, .. } | Kind::Binary { failed, .. } => failed.is_some(),
                Kind::State(change) => change.state == ConnectionState::Failed,
                _ => false,
            },
            Self::Error => match kind {
                Kind::State(change) if change.state == ConnectionState::Reconnecting => true,
                // A reconnection means that the connection was lost.
                _ => Self::Failed.holds(kind) || is_error(kind),
            },
            // Only a lens knows requests and keep-alive messages.
            Self::Unanswered | Self::KeepAlive => false,
            Self::Gap => match kind {
                // An unknown number of missing records may also be a loss.
                Kind::Gap(gap) => gap.missing != Some(0),
                Kind::Note { .. } => true,
                _ => false,
            },
        }
    }
}

impl NumberTest {
    pub(super) fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }
}

impl Word {
    pub(super) fn new(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            any_case: !text.contains(char::is_uppercase),
        }
    }

    /// Returns true if the word is the event type, the note's code or the name of the kind.
    pub(super) fn names(&self, kind: &Kind<'_>) -> bool {
        let named = match kind {
            Kind::Event { event, .. } => self.is(event),
            Kind::Note { code, .. } => self.is(code.as_str().as_bytes()),
            _ => false,
        };
        // The word of the kind matches too, such as `comment`.
        named || self.is(kind.word().as_bytes())
    }

    pub(super) fn is(&self, other: &[u8]) -> bool {
        if self.any_case {
            self.bytes.eq_ignore_ascii_case(other)
        } else {
            self.bytes == other
        }
    }
}

/// Returns the bytes in which words and patterns are searched. They equal the bytes that a store keeps as the payload.
pub(super) fn searched<'a>(kind: &Kind<'a>) -> Cow<'a, [u8]> {
    let json = "strings and numbers always serialize";
    match kind {
        Kind::Event { data, .. }
        | Kind::Comment { data }
        | Kind::Line { data }
        | Kind::Text { data, .. }
        | Kind::Binary { data, .. }
        | Kind::Ping { data, .. }
        | Kind::Pong { data, .. } => Cow::Borrowed(data),
        Kind::Close { reason, .. } => Cow::Borrowed(reason.as_bytes()),
        Kind::Note { text, .. } => Cow::Borrowed(text.as_bytes()),
        Kind::Retry { ms } => Cow::Owned(ms.to_string().into_bytes()),
        Kind::State(change) => Cow::Owned(serde_json::to_vec(change).expect(json)),
        Kind::Gap(gap) => Cow::Owned(serde_json::to_vec(gap).expect(json)),
    }
}

/// Returns the length of the payload, for kinds with a payload.
pub(super) fn size_of(kind: &Kind<'_>) -> Option<u64> {
    let length = match kind {
        Kind::Close { reason, .. } => Some(reason.len()),
        _ => kind.data().map(<[u8]>::len),
    };
    length.map(|length| length as u64)
}
