//! The native engine for WebSockets: core's message layer on the stream that the HTTP stack upgraded, compression
//! included. It answers pings and close frames at once; the connection's life is its user's.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, EncodeError, MessageDecoder, MessageEncoder, ProtocolError, Role,
    WireItem,
};
use futures_util::{Sink, Stream};
use reqwest::Upgraded;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tungstenite::protocol::CloseFrame;
use tungstenite::{Error, Message, Utf8Bytes};

use super::tokio_tungstenite::{Socket, Stamped};

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
    /// What the last read completed.
    complete: VecDeque<Message>,
    /// What was wrong after that.
    fault: Option<ProtocolError>,
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
            complete: VecDeque::new(),
            fault: None,
            sender: Sender {
                // RFC 6455 5.3: keys that nobody can predict.
                encoder: MessageEncoder::client(deflate, rand::random),
                waiting: Vec::new(),
                written: 0,
                closed: false,
            },
        }
    }

    /// Reads once. `false` at the end of the connection.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Self {
            socket,
            decoder,
            space,
            complete,
            fault,
            sender,
        } = self;
        let mut buffer = ReadBuf::new(space);
        ready!(Pin::new(socket).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(false));
        }
        let decoded = decoder.feed(buffer.filled(), &mut |item: WireItem<'_>| {
            sender.answer(&item);
            complete.push_back(message(&item));
        });
        *fault = decoded.err();
        Poll::Ready(Ok(true))
    }

    /// Writes until no more than `most` bytes wait.
    fn poll_write(&mut self, context: &mut Context<'_>, most: usize) -> Poll<Result<(), Error>> {
        let Sender {
            waiting, written, ..
        } = &mut self.sender;
        while waiting.len() - *written > most {
            let bytes = &waiting[*written..];
            match ready!(Pin::new(&mut self.socket).poll_write(context, bytes))? {
                0 => return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into())),
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

impl Sender {
    /// What the protocol wants said at once (RFC 6455 5.5.1, 5.5.2).
    fn answer(&mut self, item: &WireItem<'_>) {
        if self.closed {
            return;
        }
        let answered = match item {
            WireItem::Ping(payload) => self.encoder.encode_pong(payload, &mut self.waiting),
            WireItem::Close { code, reason } => {
                self.closed = true;
                let close = code.map(|code| (code, *reason));
                self.encoder.encode_close(close, &mut self.waiting)
            }
            WireItem::Message { .. } | WireItem::Pong(_) => Ok(()),
        };
        // What came in a frame fits into another.
        answered.ok();
    }

    fn send(&mut self, message: &Message) -> Result<(), EncodeError> {
        let Self {
            encoder, waiting, ..
        } = self;
        match message {
            Message::Text(text) => {
                encoder.encode_message(DataOpcode::Text, text.as_bytes(), waiting);
            }
            Message::Binary(data) => {
                encoder.encode_message(DataOpcode::Binary, data, waiting);
            }
            Message::Ping(payload) => encoder.encode_ping(payload, waiting)?,
            Message::Pong(payload) => encoder.encode_pong(payload, waiting)?,
            Message::Close(frame) => {
                let close = frame
                    .as_ref()
                    .map(|frame| (frame.code.into(), frame.reason.as_str()));
                encoder.encode_close(close, waiting)?;
                self.closed = true;
            }
            // Nobody sends these.
            Message::Frame(_) => {}
        }
        Ok(())
    }
}

/// An item, kept beyond the bytes that it came in.
fn message(item: &WireItem<'_>) -> Message {
    match *item {
        WireItem::Message {
            opcode: DataOpcode::Binary,
            data,
            ..
        } => Message::Binary(Bytes::copy_from_slice(data)),
        WireItem::Message { data, .. } => {
            // The decoder has seen to it that it is UTF-8.
            Message::Text(String::from_utf8_lossy(data).into_owned().into())
        }
        WireItem::Ping(payload) => Message::Ping(Bytes::copy_from_slice(payload)),
        WireItem::Pong(payload) => Message::Pong(Bytes::copy_from_slice(payload)),
        WireItem::Close { code, reason } => Message::Close(code.map(|code| CloseFrame {
            code: code.into(),
            reason: Utf8Bytes::from(reason),
        })),
    }
}

impl Socket for NativeSocket {
    fn raw(&self) -> &Stamped<Upgraded> {
        &self.socket
    }

    fn raw_mut(&mut self) -> &mut Stamped<Upgraded> {
        &mut self.socket
    }
}

impl Stream for NativeSocket {
    type Item = Result<Message, Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let this = &mut *self;
        loop {
            if let Some(message) = this.complete.pop_front() {
                return Poll::Ready(Some(Ok(message)));
            }
            if let Some(fault) = this.fault.take() {
                return Poll::Ready(Some(Err(io::Error::other(fault).into())));
            }
            // What was answered while reading goes out without waiting for anything else to be said.
            if !this.sender.waiting.is_empty()
                && let Poll::Ready(Err(error)) = this.poll_write(context, 0)
            {
                return Poll::Ready(Some(Err(error)));
            }
            if !ready!(this.poll_read(context))? {
                return Poll::Ready(Some(Err(Error::ConnectionClosed)));
            }
        }
    }
}

impl Sink<Message> for NativeSocket {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_write(context, WRITE_BYTES)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        let sent = self.sender.send(&message);
        sent.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error).into())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_write(context, 0))?;
        Pin::new(&mut self.socket)
            .poll_flush(context)
            .map_err(Into::into)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_flush(context)
    }
}
