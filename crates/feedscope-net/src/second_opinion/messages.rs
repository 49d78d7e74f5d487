//! Readers of WebSocket frames for the second opinion. One uses core's decoder. The other uses the `tokio-tungstenite`
//! crate, with a socket that contains the given bytes.
//!
//! The answers of both readers are discarded, because the engine of the connection answers the peer.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes};
use feedscope_core::decode::{MessageDecoder, Role, WireItem};
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::CloseCode;
use feedscope_core::second_opinion::{EngineEnding, EngineReport};
use futures_util::{FutureExt as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;

use super::EngineReader;
use crate::engine::LayerFault;
use crate::engine::tokio_tungstenite::{config, item};

/// Reader with the native engine.
pub(super) struct NativeReader {
    decoder: MessageDecoder,
    ended: bool,
}

impl NativeReader {
    pub(super) fn new(max_message: u64) -> Self {
        Self {
            decoder: MessageDecoder::new(Role::Client, None, max_message),
            ended: false,
        }
    }
}

impl EngineReader for NativeReader {
    fn read(&mut self, bytes: &Bytes, report: &mut dyn FnMut(EngineReport)) {
        if self.ended {
            return;
        }
        let decoded = self.decoder.feed(bytes, &mut |item: WireItem<'_>| {
            report(EngineReport::from(&item));
        });
        if let Err(error) = decoded {
            self.ended = true;
            report(ending(error.into()));
        }
    }

    fn end(&mut self, report: &mut dyn FnMut(EngineReport)) {
        if !self.ended {
            report(EngineReport::Ending(EngineEnding::default()));
        }
    }
}

/// Reader with the crate.
pub(super) struct CrateReader {
    socket: WebSocketStream<HandedOver>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    /// A close frame was read. All data after it is ignored (RFC 6455 5.5.1).
    Closed,
    /// The reader has reported its end.
    Ended,
}

impl CrateReader {
    /// Returns `None` if the crate does not begin at once. It has nothing to wait for.
    pub(super) fn new(spec: &FeedSpec) -> Option<Self> {
        let socket = WebSocketStream::from_raw_socket(
            HandedOver::default(),
            tungstenite::protocol::Role::Client,
            Some(config(spec)),
        );
        Some(Self {
            socket: socket.now_or_never()?,
            phase: Phase::Reading,
        })
    }

    /// Reports all messages that the crate can decode now. The crate only waits for its socket, so that no waker is
    /// needed.
    fn advance(&mut self, report: &mut dyn FnMut(EngineReport)) {
        let mut context = Context::from_waker(Waker::noop());
        while self.phase == Phase::Reading
            && let Poll::Ready(message) = Pin::new(&mut self.socket).poll_next(&mut context)
        {
            match message {
                Some(Ok(message)) => {
                    let Some(item) = item(&message) else {
                        continue;
                    };
                    // The crate would continue with its closing handshake, which does not belong to the comparison.
                    if let WireItem::Close { .. } = item {
                        self.phase = Phase::Closed;
                    }
                    report(EngineReport::from(&item));
                }
                Some(Err(error)) => {
                    self.phase = Phase::Ended;
                    report(ending(error.into()));
                }
                None => {
                    self.phase = Phase::Ended;
                    report(EngineReport::Ending(EngineEnding::default()));
                }
            }
        }
    }
}

impl EngineReader for CrateReader {
    fn read(&mut self, bytes: &Bytes, report: &mut dyn FnMut(EngineReport)) {
        self.socket.get_mut().pieces.push_back(bytes.clone());
        self.advance(report);
    }

    fn end(&mut self, report: &mut dyn FnMut(EngineReport)) {
        self.socket.get_mut().ended = true;
        self.advance(report);
        // Reading stopped at the close frame without an error, as in the native engine.
        if self.phase == Phase::Closed {
            report(EngineReport::Ending(EngineEnding::default()));
        }
    }
}

fn ending(fault: LayerFault) -> EngineReport {
    let (gave_up, close_code) = match fault {
        LayerFault::Ended => (None, None),
        LayerFault::Socket(error) => (Some(error.to_string()), None),
        LayerFault::TooLong(detail) => (Some(detail), Some(CloseCode::MESSAGE_TOO_BIG)),
        LayerFault::Protocol { code, detail } => (Some(detail), Some(code)),
    };
    EngineReport::Ending(EngineEnding {
        gave_up,
        close_code,
        last_event_id: String::new(),
    })
}

/// Socket that returns the bytes that were added and not read yet. It discards written bytes.
#[derive(Default)]
struct HandedOver {
    pieces: VecDeque<Bytes>,
    ended: bool,
}

impl AsyncRead for HandedOver {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(piece) = self.pieces.front_mut() else {
            return if self.ended {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            };
        };
        let length = piece.len().min(buffer.remaining());
        buffer.put_slice(&piece[..length]);
        piece.advance(length);
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for HandedOver {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
