//! Lenses: readers of the protocols above messages. A lens names records, pairs requests with answers, and recognizes
//! keep-alive messages. It never changes stored data.
//!
//! A lens is one file in this folder that implements `Lens`. It reads the output of the decoders, in both directions,
//! and returns a `Frame` for each record within a message. [`LensReader`] adds what all lenses share: pairs with their
//! times, counts, and the text of a row. `docs/lenses.md` describes how to add one.

mod announced;
mod calls;
mod frame;
mod graphql;
mod json;
mod json_rpc;
mod keeper;
mod llm;
mod message;
mod pairs;
mod pass;
mod phoenix;
mod read;
mod reader;
mod recognition;
mod signalr;
mod single;
mod socket_io;
mod stomp;
mod text;

pub use announced::{AnnouncedInterval, announced_interval};
pub use calls::{CallFigures, ErrorCount};
pub use frame::PartText;
pub use keeper::{KeeperMessage, KeeperTrigger, keeper};
pub use pass::{Assembled, AssembledAnswer, LensPass};
pub use read::Read;
pub use reader::LensReader;
pub use recognition::{Choice, FeedAddress, LensName, Recognized};

pub(crate) use json::{Json, JsonObject};

use feedscope_core::Direction;
use frame::Frame;

/// Message of a feed, after its decoders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) direction: Direction,
    /// Event type; empty for messages of a WebSocket and for lines.
    pub(crate) event: &'a [u8],
    pub(crate) bytes: &'a [u8],
    pub(crate) is_binary: bool,
}

/// Reader of one protocol.
trait Lens: Send {
    /// Appends the records within a message. It appends nothing for a message that is not of the protocol.
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>);

    /// Forgets the state of a connection, because another one begins.
    fn reset(&mut self) {}

    /// Returns the state that the next messages depend on, so that later records can be read again from here.
    fn state(&self) -> LensState {
        LensState::None
    }
}

/// State of a lens between two messages.
enum LensState {
    /// Each message can be read alone.
    None,
    /// The state is too large to be kept at present.
    Unkept,
    /// Copy of the lens in this state.
    Kept(Box<dyn Lens>),
}

#[cfg(test)]
mod tests;
