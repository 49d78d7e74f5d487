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

/// When more than this waits to be written, pings are answered no longer one by one: a peer that sends them and never
/// reads shall not fill memory with their answers. RFC 6455 5.5.3 lets the newest be answered alone.
const PONG_BYTES: usize = 1 << 20;

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
    /// The newest ping that there was no room to answer.
    late_ping: Option<Vec<u8>>,
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
            sender: Sender::new(deflate),
        }
    }

    /// Writes until no more than `most` bytes wait.
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
    fn new(deflate: Option<DeflateAgreement>) -> Self {
        Self {
            // RFC 6455 5.3: keys that nobody can predict.
            encoder: MessageEncoder::client(deflate, rand::random),
            waiting: Vec::new(),
            written: 0,
            late_ping: None,
            closed: false,
        }
    }

    /// What waits to be written.
    fn unwritten(&self) -> &[u8] {
        &self.waiting[self.written..]
    }

    /// Gives the room back of what was written, once that is most of it: moving the rest costs as much as writing did.
    fn forget_written(&mut self) {
        let Self {
            waiting, written, ..
        } = self;
        if *written == waiting.len() {
            waiting.clear();
            // One long message does not hold its room for good.
            waiting.shrink_to(WRITE_BYTES);
            *written = 0;
        } else if *written > WRITE_BYTES.max(waiting.len() / 2) {
            waiting.drain(..*written);
            *written = 0;
        }
    }

    /// What the protocol wants said at once (RFC 6455 5.5.1, 5.5.2).
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
        // What came in a frame fits into another.
        answered.ok();
    }

    /// Answers the ping that there was no room to answer, once there is; tells whether it did.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The pongs in what a client sent.
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
        // Then it reads.
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
