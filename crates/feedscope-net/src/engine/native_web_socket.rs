//! The native engine for WebSockets: core's message layer on the stream that the HTTP stack upgraded, compression
//! included. It answers pings and close frames at once; the connection's life is its user's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use feedscope_core::Stamp;
use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, EncodeError, MessageDecoder, MessageEncoder, ProtocolError, Role,
    WireInfo, WireItem,
};
use feedscope_core::feed::WireTraffic;
use reqwest::Upgraded;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use super::messages::{Fault, MessageLayer, Sending};
use super::stamped::Stamped;

/// How much is read at once.
const READ_BYTES: usize = 64 << 10;

/// When more than this waits to be written, senders wait too.
const WRITE_BYTES: usize = 128 << 10;

/// Core's message layer on a socket.
pub(super) struct NativeSocket {
    socket: Stamped<Upgraded>,
    decoder: MessageDecoder,
    /// Room for one read.
    space: Box<[u8]>,
    sender: Sender,
}

/// What we say.
struct Sender {
    encoder: MessageEncoder,
    waiting: Vec<u8>,
    /// How much of `waiting` is written.
    written: usize,
    /// Whether our close frame is among it: nothing may follow (RFC 6455 5.5.1).
    closed: bool,
}

impl NativeSocket {
    pub(super) fn new(
        socket: Stamped<Upgraded>,
        deflate: Option<DeflateAgreement>,
        max_message: u64,
    ) -> Self {
        Self {
            socket,
            decoder: MessageDecoder::new(Role::Client, deflate, max_message),
            space: vec![0; READ_BYTES].into(),
            sender: Sender {
                // RFC 6455 5.3: keys that nobody can predict.
                encoder: MessageEncoder::client(deflate, rand::random),
                waiting: Vec::new(),
                written: 0,
                closed: false,
            },
        }
    }

    /// Writes until no more than `most` bytes wait.
    fn poll_write(&mut self, context: &mut Context<'_>, most: usize) -> Poll<io::Result<()>> {
        let Sender {
            waiting, written, ..
        } = &mut self.sender;
        while waiting.len() - *written > most {
            let bytes = &waiting[*written..];
            match ready!(Pin::new(&mut self.socket).poll_write(context, bytes))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        if *written == waiting.len() {
            waiting.clear();
            // One long message does not hold its room for good.
            waiting.shrink_to(WRITE_BYTES);
            *written = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl MessageLayer for NativeSocket {
    const READS_A_TURN: usize = 32;

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut impl FnMut(Stamp, WireItem<'_>),
    ) -> Poll<Result<(), Fault>> {
        // What was answered to the read before goes out without waiting for anything else to be said.
        if !self.sender.waiting.is_empty()
            && let Poll::Ready(Err(error)) = self.poll_write(context, 0)
        {
            return Poll::Ready(Err(error.into()));
        }
        let Self {
            socket,
            decoder,
            space,
            sender,
        } = self;
        let mut buffer = ReadBuf::new(space);
        ready!(Pin::new(&mut *socket).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Err(Fault::Ended));
        }
        let stamp = socket.stamp();
        let decoded = decoder.feed(buffer.filled(), &mut |item: WireItem<'_>| {
            sender.answer(&item);
            out(stamp, item);
        });
        Poll::Ready(decoded.map_err(Into::into))
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.poll_write(context, WRITE_BYTES).map_err(Into::into)
    }

    fn send(&mut self, what: Sending<'_>) -> Result<Option<WireInfo>, Fault> {
        self.sender
            .send(what)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error).into())
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        ready!(self.poll_write(context, 0))?;
        Pin::new(&mut self.socket)
            .poll_flush(context)
            .map_err(Into::into)
    }

    fn traffic(&self) -> Option<WireTraffic> {
        Some(WireTraffic {
            received: *self.decoder.traffic(),
            sent: *self.sender.encoder.traffic(),
        })
    }

    fn socket(&mut self) -> &mut Stamped<Upgraded> {
        &mut self.socket
    }
}

impl Sender {
    /// What the protocol wants said at once (RFC 6455 5.5.1, 5.5.2).
    #[inline]
    fn answer(&mut self, item: &WireItem<'_>) {
        if self.closed {
            return;
        }
        let answered = match item {
            WireItem::Message { .. } | WireItem::Pong(_) => return,
            WireItem::Ping(payload) => self.encoder.encode_pong(payload, &mut self.waiting),
            WireItem::Close { code, reason } => {
                self.closed = true;
                let close = code.map(|code| (code, *reason));
                self.encoder.encode_close(close, &mut self.waiting)
            }
        };
        // What came in a frame fits into another.
        answered.ok();
    }

    fn send(&mut self, what: Sending<'_>) -> Result<Option<WireInfo>, EncodeError> {
        let Self {
            encoder, waiting, ..
        } = self;
        let (opcode, data) = match what {
            Sending::Text(text) => (DataOpcode::Text, text.as_bytes()),
            Sending::Binary(data) => (DataOpcode::Binary, data),
            Sending::Ping(payload) => {
                encoder.encode_ping(payload, waiting)?;
                return Ok(None);
            }
            Sending::Close(close) => {
                encoder.encode_close(close, waiting)?;
                self.closed = true;
                return Ok(None);
            }
        };
        let wire = encoder.encode_message(opcode, data, waiting);
        Ok(wire.unless_plain())
    }
}

impl From<ProtocolError> for Fault {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::TooLong { limit } => {
                Self::TooLong(format!("a message of more than {limit} bytes, the limit"))
            }
            error => Self::Protocol {
                code: error.close_code(),
                detail: error.to_string(),
            },
        }
    }
}
