//! Native engine for WebSockets. It runs core's message layer, with compression, on the stream that the HTTP stack
//! upgraded.
//!
//! The engine answers pings and close frames at once. Its user manages the life of the connection.

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

use super::messages::{LayerFault, MessageLayer, Sending};
use super::stamped::Stamped;

/// Size of one read in bytes.
const READ_BYTES: usize = 64 << 10;

/// Number of unwritten bytes above which senders wait.
const WRITE_BYTES: usize = 128 << 10;

/// Number of unwritten bytes above which only the newest ping is answered. It bounds the memory for answers to a peer
/// that sends pings and does not read. RFC 6455 5.5.3 allows a single answer to the newest ping.
const PONG_BYTES: usize = 1 << 20;

/// Core's message layer on a socket.
pub(super) struct NativeSocket {
    socket: Stamped<Upgraded>,
    decoder: MessageDecoder,
    /// Buffer for one read.
    space: Box<[u8]>,
    sender: Sender,
}

/// Sending half of the socket.
struct Sender {
    encoder: MessageEncoder,
    waiting: Vec<u8>,
    /// Number of bytes of `waiting` that were written.
    written: usize,
    /// Newest ping that was not answered because too many bytes were waiting.
    late_ping: Option<Vec<u8>>,
    /// True after our close frame was added to `waiting`. No frame may follow it (RFC 6455 5.5.1).
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
            sender: Sender::new(deflate),
        }
    }

    /// Writes until at most `most` bytes wait.
    fn poll_write(&mut self, context: &mut Context<'_>, most: usize) -> Poll<io::Result<()>> {
        let Self { socket, sender, .. } = self;
        loop {
            sender.forget_written();
            while sender.unwritten().len() > most {
                match ready!(Pin::new(&mut *socket).poll_write(context, sender.unwritten()))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    more => sender.written += more,
                }
            }
            // The write may have made room for the answer to a late ping, which must be written too.
            if !sender.answer_late() {
                sender.forget_written();
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl MessageLayer for NativeSocket {
    const READS_A_TURN: usize = 32;

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut impl FnMut(Stamp, WireItem<'_>),
    ) -> Poll<Result<(), LayerFault>> {
        // Answers to the previous read are written at once. They do not wait for another message.
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
            return Poll::Ready(Err(LayerFault::Ended));
        }
        // All frames of this read carry the stamp of its bytes.
        let stamp = socket.stamp();
        let decoded = decoder.feed(buffer.filled(), &mut |item: WireItem<'_>| {
            sender.answer(&item);
            out(stamp, item);
        });
        Poll::Ready(decoded.map_err(Into::into))
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LayerFault>> {
        self.poll_write(context, WRITE_BYTES).map_err(Into::into)
    }

    fn send(&mut self, what: Sending<'_>) -> Result<Option<WireInfo>, LayerFault> {
        self.sender
            .send(what)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error).into())
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LayerFault>> {
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
    fn new(deflate: Option<DeflateAgreement>) -> Self {
        Self {
            // RFC 6455 5.3: masking keys must be unpredictable.
            encoder: MessageEncoder::client(deflate, rand::random),
            waiting: Vec::new(),
            written: 0,
            late_ping: None,
            closed: false,
        }
    }

    /// Returns the bytes that wait to be written.
    fn unwritten(&self) -> &[u8] {
        &self.waiting[self.written..]
    }

    /// Frees the space of written bytes as soon as they are more than half of the buffer. Moving the rest earlier would
    /// cost more than the writes.
    fn forget_written(&mut self) {
        let Self {
            waiting, written, ..
        } = self;
        if *written == waiting.len() {
            waiting.clear();
            // The buffer does not keep the capacity for one long message.
            waiting.shrink_to(WRITE_BYTES);
            *written = 0;
        } else if *written > WRITE_BYTES.max(waiting.len() / 2) {
            waiting.drain(..*written);
            *written = 0;
        }
    }

    /// Encodes the answer that the protocol requires at once, if any (RFC 6455 5.5.1, 5.5.2).
    #[inline]
    fn answer(&mut self, item: &WireItem<'_>) {
        if self.closed {
            return;
        }
        let answered = match item {
            WireItem::Message { .. } | WireItem::Pong(_) => return,
            WireItem::Ping(payload) if self.unwritten().len() > PONG_BYTES => {
                self.late_ping = Some(payload.to_vec());
                return;
            }
            WireItem::Ping(payload) => self.encoder.encode_pong(payload, &mut self.waiting),
            WireItem::Close { code, reason } => {
                self.closed = true;
                let close = code.map(|code| (code, *reason));
                self.encoder.encode_close(close, &mut self.waiting)
            }
        };
        // This cannot fail, because a payload that arrived in a control frame also fits into one.
        answered.ok();
    }

    /// Answers the late ping as soon as there is room for its answer. Returns true if it was answered.
    fn answer_late(&mut self) -> bool {
        if self.closed || self.unwritten().len() > PONG_BYTES {
            return false;
        }
        let Some(payload) = self.late_ping.take() else {
            return false;
        };
        self.answer(&WireItem::Ping(&payload));
        true
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
        // A message without compression and fragments needs no details about its form on the wire.
        let wire = encoder.encode_message(opcode, data, waiting);
        Ok(wire.unless_plain())
    }
}

impl From<ProtocolError> for LayerFault {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the payloads of the pongs that a client sent.
    fn pongs(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut pongs = Vec::new();
        let decoded = MessageDecoder::new(Role::Server, None, 1 << 20).feed(bytes, &mut |item| {
            if let WireItem::Pong(payload) = item {
                pongs.push(payload.to_vec());
            }
        });
        decoded.unwrap();
        pongs
    }

    #[test]
    fn pings_of_a_peer_that_never_reads_are_bounded_and_the_newest_is_answered() {
        let mut sender = Sender::new(None);
        for number in 0..100_000_u32 {
            sender.answer(&WireItem::Ping(&[number.to_be_bytes(); 25].concat()));
        }
        assert!(sender.waiting.len() < PONG_BYTES + 200);
        // Now the peer reads.
        let before = pongs(&sender.waiting).len();
        assert!((1..20_000).contains(&before), "{before}");
        sender.written = sender.waiting.len();
        sender.forget_written();
        assert!(sender.answer_late());
        assert_eq!(
            pongs(sender.unwritten()),
            [[99_999_u32.to_be_bytes(); 25].concat()]
        );
        assert!(!sender.answer_late());
    }

    #[test]
    fn what_was_written_gives_its_room_back_while_more_waits() {
        let mut sender = Sender::new(None);
        for _ in 0..1_000 {
            sender.send(Sending::Binary(&[0; 10_000])).unwrap();
            sender.written += sender.unwritten().len() - 100;
            sender.forget_written();
            assert!(sender.waiting.len() < 4 * WRITE_BYTES);
            assert!(sender.unwritten().len() >= 100);
        }
    }
}
