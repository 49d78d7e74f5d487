//! Colors of the text form in a terminal.

use feedscope_core::ConnectionState;
use feedscope_core::record::{Direction, Kind};

/// Terminal colors that are used. Each one appears beside a word or a symbol with the same meaning.
#[derive(Clone, Copy)]
pub(super) enum TextPaint {
    Plain,
    Dim,
    Good,
    Waiting,
    Bad,
    Sent,
}

impl TextPaint {
    pub(super) fn sequence(self) -> &'static [u8] {
        match self {
            Self::Plain => b"\x1b[0m",
            Self::Dim => b"\x1b[2m",
            Self::Good => b"\x1b[32m",
            Self::Waiting => b"\x1b[33m",
            Self::Bad => b"\x1b[31m",
            Self::Sent => b"\x1b[36m",
        }
    }
}

/// Returns the color of the type column.
pub(super) fn paint_of(kind: &Kind<'_>) -> TextPaint {
    match kind {
        Kind::State(change) => match change.state {
            ConnectionState::Open => TextPaint::Good,
            ConnectionState::Connecting
            | ConnectionState::Reconnecting
            | ConnectionState::Closing => TextPaint::Waiting,
            ConnectionState::Failed => TextPaint::Bad,
            ConnectionState::Idle | ConnectionState::Closed => TextPaint::Plain,
        },
        Kind::Gap(_) => TextPaint::Waiting,
        Kind::Comment { .. } | Kind::Retry { .. } | Kind::Ping { .. } | Kind::Pong { .. } => {
            TextPaint::Dim
        }
        _ if kind.direction() == Some(Direction::Out) => TextPaint::Sent,
        _ => TextPaint::Plain,
    }
}
