//! Phases of a WebSocket, from open to over.

use feedscope_core::connection::Ending;

/// Phase of a connection.
pub(super) enum ConnectionPhase {
    /// Both sides can send messages.
    Open,
    /// We sent a close frame because the user requested it, and wait for the peer's close frame.
    Closing,
    /// Both sides sent a close frame, or the peer violated the protocol. Received data is ignored.
    ///
    /// Our half of the connection is shut down and the other half is read to its end, because a reset could destroy our
    /// close frame before the peer reads it.
    Draining { ending: Ending, shut: bool },
    /// The end was reported to the machine.
    Over,
}

impl ConnectionPhase {
    pub(super) fn draining(ending: Ending) -> Self {
        Self::Draining {
            ending,
            shut: false,
        }
    }
}
