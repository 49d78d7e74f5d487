//! Engine `tokio-tungstenite` for WebSockets. It runs that crate's message layer on the stream that the HTTP stack
//! upgraded, and shows what a typical Rust client receives. Its user manages the life of the connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use feedscope_core::Stamp;
use feedscope_core::decode::{DataOpcode, WireInfo, WireItem};
use feedscope_core::feed::{FeedSpec, WireTraffic};
use feedscope_core::protocol::CloseCode;
use futures_util::{Sink as _, Stream as _};
use reqwest::Upgraded;
use tokio_tungstenite::WebSocketStream;
use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Error, Message, Utf8Bytes};

use super::Attempt;
use super::messages::{LayerFault, MessageLayer, Messages, Sending, longest_sent};
use super::stamped::Stamped;

/// Size of the socket's write buffer in addition to the longest message: 128 KiB of small messages, and control frames.
/// In bytes.
const WRITE_SLACK: usize = 256 << 10;

/// Message layer of the crate.
pub(super) struct CrateSocket(WebSocketStream<Stamped<Upgraded>>);

/// Creates an open WebSocket on this layer.
pub(super) async fn open(socket: Upgraded, attempt: &Attempt) -> Messages<CrateSocket> {
    let socket = WebSocketStream::from_raw_socket(
        Stamped::new(socket, attempt),
        Role::Client,
        Some(config(&attempt.spec)),
    );
    Messages::new(CrateSocket(socket.await), attempt)
}

impl MessageLayer for CrateSocket {
    /// Each read returns one message.
    const READS_A_TURN: usize = 1024;

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut impl FnMut(Stamp, WireItem<'_>),
    ) -> Poll<Result<(), LayerFault>> {
        let message = match ready!(Pin::new(&mut self.0).poll_next(context)) {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Poll::Ready(Err(error.into())),
            // The crate ends its stream only after a closing handshake.
            None => return Poll::Ready(Err(LayerFault::Ended)),
        };
        if let Some(item) = item(&message) {
            out(self.0.get_ref().stamp(), item);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LayerFault>> {
        Pin::new(&mut self.0)
            .poll_ready(context)
            .map_err(Into::into)
    }

    fn send(&mut self, what: Sending<'_>) -> Result<Option<WireInfo>, LayerFault> {
        let message = match what {
            Sending::Text(text) => Message::text(text),
            Sending::Binary(data) => Message::Binary(Bytes::copy_from_slice(data)),
            Sending::Ping(payload) => Message::Ping(Bytes::copy_from_slice(payload)),
            Sending::Close(frame) => Message::Close(frame.map(|(code, reason)| CloseFrame {
                code: code.0.into(),
                reason: Utf8Bytes::from(reason),
            })),
        };
        Pin::new(&mut self.0).start_send(message)?;
        Ok(None)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LayerFault>> {
        Pin::new(&mut self.0)
            .poll_flush(context)
            .map_err(Into::into)
    }

    fn traffic(&self) -> Option<WireTraffic> {
        None
    }

    fn socket(&mut self) -> &mut Stamped<Upgraded> {
        self.0.get_mut()
    }
}

/// Returns the item for a message of the crate, borrowed. The crate does not report how many frames or bytes a message
/// had on the wire, so that these figures describe one uncompressed frame.
pub(crate) fn item(message: &Message) -> Option<WireItem<'_>> {
    let (opcode, data) = match message {
        Message::Text(text) => (DataOpcode::Text, text.as_bytes()),
        Message::Binary(data) => (DataOpcode::Binary, &data[..]),
        Message::Ping(payload) => return Some(WireItem::Ping(payload)),
        Message::Pong(payload) => return Some(WireItem::Pong(payload)),
        Message::Close(frame) => {
            let (code, reason) = match frame {
                Some(frame) => (Some(CloseCode(frame.code.into())), frame.reason.as_str()),
                None => (None, ""),
            };
            return Some(WireItem::Close { code, reason });
        }
        // The crate does not return raw frames when it reads.
        Message::Frame(_) => return None,
    };
    let wire = WireInfo {
        frames: 1,
        compressed: false,
        wire_bytes: data.len() as u64,
    };
    Some(WireItem::Message { opcode, data, wire })
}

/// Returns a configuration with all three limits set. The default of the crate has no limit for the write buffer.
pub(crate) fn config(spec: &FeedSpec) -> WebSocketConfig {
    let longest = usize::try_from(spec.keeping.max_message).unwrap_or(usize::MAX);
    WebSocketConfig::default()
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest))
        .max_write_buffer_size(longest_sent(spec).saturating_add(WRITE_SLACK))
}

impl From<Error> for LayerFault {
    fn from(error: Error) -> Self {
        match error {
            // These errors only mean that the connection has ended.
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
            | Error::ConnectionClosed
            | Error::AlreadyClosed => Self::Ended,
            Error::Io(error) => Self::Socket(error),
            Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => Self::TooLong(
                format!("a message of {size} bytes or more, where the limit is {max_size}"),
            ),
            Error::Utf8(_) => Self::Protocol {
                code: CloseCode::INVALID_PAYLOAD,
                detail: "text that is not UTF-8".to_owned(),
            },
            other => Self::Protocol {
                code: CloseCode::PROTOCOL_ERROR,
                detail: detail_of(&other),
            },
        }
    }
}

/// Returns the crate's description of an error in a form for the middle of a sentence.
fn detail_of(error: &Error) -> String {
    let text = match error {
        Error::Protocol(ProtocolError::NonZeroReservedBits) => {
            "A frame with reserved bits set; compressed messages set RSV1, and this engine agrees on no compression"
                .to_owned()
        }
        Error::Protocol(error) => error.to_string(),
        other => other.to_string(),
    };
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_go_into_the_middle_of_a_sentence() {
        let error = Error::Protocol(ProtocolError::MaskedFrameFromServer);
        assert_eq!(detail_of(&error), "received a masked frame from server");
    }
}
