//! Ends of attempts and connections, as reported to the state machine.

use super::failure::Failure;
use crate::protocol::CloseCode;

/// End of an attempt or of a connection. At this point, the attempt or connection no longer exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The event stream's body ended in order.
    EndOfStream,
    /// The peer sent a close frame, and the closing handshake is complete.
    ClosedByPeer {
        /// Close code; 1005 if the frame had none.
        code: CloseCode,
        /// Close reason.
        reason: String,
    },
    /// The client closed the connection after [`Action::Close`](super::Action::Close).
    ClosedByUs,
    /// Any other ending.
    Failed(Failure),
}
