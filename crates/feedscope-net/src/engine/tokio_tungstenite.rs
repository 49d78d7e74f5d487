//! An open WebSocket over either message layer, and the `tokio-tungstenite` engine: that crate's layer on the stream
//! that the HTTP stack upgraded. It adds what a layer leaves to its users: limits in time, close frames on errors,
//! keepalive.

mod pings;
mod stamped;

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use feedscope_core::connection::{Ending, Failure, Input};
use feedscope_core::decode::ProtocolError as CoreError;
use feedscope_core::feed::{FeedSpec, Outgoing};
use feedscope_core::record::{Direction, Kind, Sink};
use reqwest::Upgraded;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Error, Message, Utf8Bytes};

use self::pings::Pings;
pub(super) use self::stamped::Stamped;
use super::{Attempt, Connection, Port};
use crate::http::failure;
use crate::outbox::record_unsent;

/// How many messages are read before the driver gets to look at commands and timers again.
const MESSAGES_A_TURN: usize = 1024;

/// How long the peer has to answer our close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(3);

/// How long the peer has to close the connection once close frames were exchanged, or once we gave up reading what it
/// says: RFC 6455 7.1.1 leaves that to the server.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// After this many intervals of the keepalive in which nothing came, the peer is gone.
const SILENT_INTERVALS: u32 = 2;

/// What may wait in the socket's write buffer besides one message: 128 KiB of small ones, and control frames.
const WRITE_SLACK: usize = 256 << 10;

/// Messages up to this length can be sent, whatever the limit on those that come.
const LONGEST_SENT: u64 = 64 << 20;

/// How many bytes of messages wait to be echoed, at most: a peer that sends and never reads is told apart from a
/// slow one.
const ECHO_BYTES: usize = 16 << 20;

/// How long a close reason can be, in bytes (RFC 6455 5.5).
const MAX_REASON: usize = 123;

/// RFC 6455 7.4.1.
const NORMAL_CLOSURE: u16 = 1000;
const PROTOCOL_ERROR: u16 = 1002;
const NO_STATUS: u16 = 1005;
const INVALID_PAYLOAD: u16 = 1007;
const MESSAGE_TOO_BIG: u16 = 1009;

/// A message layer on a socket: it answers pings and close frames by itself.
pub(super) trait Socket:
    futures_util::Stream<Item = Result<Message, Error>>
    + futures_util::Sink<Message, Error = Error>
    + Send
    + Unpin
{
    /// The socket below.
    fn raw(&self) -> &Stamped<Upgraded>;

    /// The same, to be read and shut past the messages.
    fn raw_mut(&mut self) -> &mut Stamped<Upgraded>;
}

impl Socket for WebSocketStream<Stamped<Upgraded>> {
    fn raw(&self) -> &Stamped<Upgraded> {
        self.get_ref()
    }

    fn raw_mut(&mut self) -> &mut Stamped<Upgraded> {
        self.get_mut()
    }
}

/// An open WebSocket, whichever message layer is below it.
pub(super) struct Messages<W> {
    socket: W,
    phase: Phase,
    /// When the keepalive is due, or the phase has lasted long enough.
    timer: Option<Pin<Box<Sleep>>>,
    keepalive: Option<Duration>,
    pings: Pings,
    /// A keepalive ping that is due; the only one, however long the socket takes no more.
    ping_due: Option<Bytes>,
    /// Messages to be sent on connect, before any that wait.
    first: VecDeque<Outgoing>,
    echo: Option<Echo>,
    /// The close frame that the user asked for.
    close_frame: Option<(u16, String)>,
    longest_sent: usize,
    /// How many reads the records pushed so far come from.
    reads: u64,
    /// Whether something was written that may still be in the write buffer.
    unflushed: bool,
    /// Whether the machine was told that something came.
    delivered: bool,
}

/// How far the connection is.
enum Phase {
    /// Messages go both ways.
    Open,
    /// We sent a close frame, as we were asked to; the peer's is waited for.
    Closing,
    /// Both sent one, or the peer broke the protocol: nothing more counts. Our half of the connection is shut and the
    /// other read to its end, so that a reset does not swallow our close frame.
    Draining { ending: Ending, shut: bool },
    /// The end was reported.
    Over,
}

/// Messages to be sent back.
#[derive(Default)]
struct Echo {
    waiting: VecDeque<Message>,
    bytes: usize,
}

/// The crate's message layer on this socket.
pub(super) async fn open(
    socket: Upgraded,
    attempt: &Attempt,
) -> Messages<WebSocketStream<Stamped<Upgraded>>> {
    let longest_sent = longest_sent(&attempt.spec);
    let socket = WebSocketStream::from_raw_socket(
        Stamped::new(socket, attempt.clock.clone()),
        Role::Client,
        Some(config(&attempt.spec, longest_sent)),
    );
    Messages::new(socket.await, attempt)
}

impl<W: Socket> Messages<W> {
    pub(super) fn new(socket: W, attempt: &Attempt) -> Self {
        let spec = &attempt.spec;
        let keepalive = spec.keepalive.filter(|interval| !interval.is_zero());
        Self {
            socket,
            phase: Phase::Open,
            timer: keepalive.map(|interval| Box::pin(tokio::time::sleep(interval))),
            keepalive,
            pings: Pings::default(),
            ping_due: None,
            first: spec.send_on_connect.clone().into(),
            echo: spec.echo.then(Echo::default),
            close_frame: None,
            longest_sent: longest_sent(spec),
            reads: 0,
            unflushed: false,
            delivered: false,
        }
    }

    /// Writes what can be written without waiting.
    fn poll_write<S: Sink>(
        &mut self,
        context: &mut Context<'_>,
        port: &mut Port<S>,
    ) -> Result<(), Error> {
        if self.has_something_to_send(port) {
            port.batch.restamp();
        }
        while self.has_something_to_send(port) {
            match Pin::new(&mut self.socket).poll_ready(context)? {
                Poll::Ready(()) => self.send_next(port)?,
                Poll::Pending => return Ok(()),
            }
        }
        if self.unflushed && Pin::new(&mut self.socket).poll_flush(context)?.is_ready() {
            self.unflushed = false;
        }
        Ok(())
    }

    fn has_something_to_send<S>(&self, port: &Port<S>) -> bool {
        matches!(self.phase, Phase::Open)
            && self.close_frame.is_none()
            && (self.ping_due.is_some()
                || !self.first.is_empty()
                || !port.outbox.is_empty()
                || self
                    .echo
                    .as_ref()
                    .is_some_and(|echo| !echo.waiting.is_empty()))
    }

    fn send_next<S: Sink>(&mut self, port: &mut Port<S>) -> Result<(), Error> {
        if let Some(payload) = self.ping_due.take() {
            return self.send_ping(payload, port);
        }
        if let Some(message) = self.first.pop_front().or_else(|| port.outbox.take_next()) {
            return self.send_outgoing(message, port);
        }
        match self.echo.as_mut().and_then(Echo::take_next) {
            Some(message) => self.send_message(&message, port),
            None => Ok(()),
        }
    }

    fn send_outgoing<S: Sink>(
        &mut self,
        message: Outgoing,
        port: &mut Port<S>,
    ) -> Result<(), Error> {
        let length = match &message {
            Outgoing::Text(text) => text.len(),
            Outgoing::Binary(data) => data.len(),
            Outgoing::Ping(_) | Outgoing::Close { .. } => 0,
        };
        if length > self.longest_sent {
            let why = format!(
                "longer than the {} bytes that can be sent",
                self.longest_sent
            );
            record_unsent(&mut port.batch, &message, &why);
            return Ok(());
        }
        match message {
            Outgoing::Text(text) => self.send_message(&Message::Text(text.into()), port),
            Outgoing::Binary(data) => self.send_message(&Message::Binary(data.into()), port),
            Outgoing::Ping(payload) if payload.len() > 125 => {
                // RFC 6455 5.5.
                record_unsent(
                    &mut port.batch,
                    &Outgoing::Ping(payload),
                    "longer than 125 bytes",
                );
                Ok(())
            }
            Outgoing::Ping(payload) => self.send_ping(payload.into(), port),
            Outgoing::Close { code, reason } => {
                // The machine decides; it answers with a wish to close, which uses this frame.
                self.close_frame = Some((code, reason));
                port.inputs.push(Input::Disconnect);
                Ok(())
            }
        }
    }

    fn send_message<S: Sink>(
        &mut self,
        message: &Message,
        port: &mut Port<S>,
    ) -> Result<(), Error> {
        // Cloned without copying: the record borrows what the socket takes.
        let sent = self.start_send(message.clone());
        let failed = sent
            .is_err()
            .then_some("the connection was lost while it was sent");
        let direction = Direction::Out;
        match message {
            Message::Text(text) => port.batch.push(Kind::Text {
                direction,
                data: text.as_bytes(),
                failed,
                wire: None,
            }),
            Message::Binary(data) => port.batch.push(Kind::Binary {
                direction,
                data,
                failed,
                wire: None,
            }),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
        sent
    }

    fn send_ping<S: Sink>(&mut self, payload: Bytes, port: &mut Port<S>) -> Result<(), Error> {
        self.start_send(Message::Ping(payload.clone()))?;
        port.batch.push(Kind::Ping {
            direction: Direction::Out,
            data: &payload,
        });
        self.pings.sent(payload, port.batch.stamp().moment);
        Ok(())
    }

    fn start_send(&mut self, message: Message) -> Result<(), Error> {
        self.unflushed = true;
        Pin::new(&mut self.socket).start_send(message)
    }

    /// Reads until there is no more for now, or it was the others' turn long enough.
    fn poll_read<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        for _ in 0..MESSAGES_A_TURN {
            match Pin::new(&mut self.socket).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(message))) => self.take_in(message, port),
                Poll::Ready(Some(Err(error))) => self.fail(&error, port),
                // After a closing handshake only.
                Poll::Ready(None) => self.end(port),
            }
            if !matches!(self.phase, Phase::Open | Phase::Closing) {
                return Poll::Ready(());
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn take_in<S: Sink>(&mut self, message: Message, port: &mut Port<S>) {
        let read = self.socket.raw();
        if read.reads() != self.reads {
            self.reads = read.reads();
            // What the read before yielded is complete.
            port.batch.finish();
            port.batch.stamp_with(read.stamp());
        }
        if !self.delivered && !matches!(message, Message::Close(_)) {
            self.delivered = true;
            port.inputs.push(Input::Delivered);
        }
        let direction = Direction::In;
        match &message {
            Message::Text(text) => port.batch.push(Kind::Text {
                direction,
                data: text.as_bytes(),
                failed: None,
                wire: None,
            }),
            Message::Binary(data) => port.batch.push(Kind::Binary {
                direction,
                data,
                failed: None,
                wire: None,
            }),
            Message::Ping(data) => {
                port.batch.push(Kind::Ping { direction, data });
                if matches!(self.phase, Phase::Open) {
                    // Tungstenite answers with the next read or write; the latter also waits for a full socket.
                    self.unflushed = true;
                    port.batch.push(Kind::Pong {
                        direction: Direction::Out,
                        data,
                        rtt: None,
                    });
                }
            }
            Message::Pong(data) => self.take_in_pong(data, port),
            Message::Close(frame) => self.take_in_close(frame.as_ref(), port),
            Message::Frame(_) => {}
        }
        if matches!(self.phase, Phase::Open)
            && let Some(echo) = &mut self.echo
            && matches!(message, Message::Text(_) | Message::Binary(_))
        {
            echo.push(message, port);
        }
    }

    fn take_in_pong<S: Sink>(&mut self, data: &Bytes, port: &mut Port<S>) {
        let rtt = self.pings.answered(data, port.batch.stamp().moment);
        port.batch.push(Kind::Pong {
            direction: Direction::In,
            data,
            rtt,
        });
        if rtt.is_some() {
            port.traffic.rtt = rtt;
            port.traffic.changed = true;
        }
    }

    fn take_in_close<S: Sink>(&mut self, frame: Option<&CloseFrame>, port: &mut Port<S>) {
        let (code, reason) = frame.map_or((NO_STATUS, ""), |frame| {
            (frame.code.into(), frame.reason.as_str())
        });
        port.batch.push(Kind::Close {
            direction: Direction::In,
            code,
            reason,
        });
        if matches!(self.phase, Phase::Open) {
            // Tungstenite answers with the same code (RFC 6455 5.5.1).
            port.batch.push(Kind::Close {
                direction: Direction::Out,
                code,
                reason,
            });
            self.unflushed = true;
            self.drain(Ending::ClosedByPeer {
                code,
                reason: reason.to_owned(),
            });
        } else {
            self.drain(Ending::ClosedByUs);
        }
    }

    /// The socket failed, or the peer broke the protocol.
    fn fail<S: Sink>(&mut self, error: &Error, port: &mut Port<S>) {
        if !matches!(self.phase, Phase::Open) {
            // On the way out there is nobody left to tell.
            return self.end(port);
        }
        let (code, detail) = match error {
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
            | Error::ConnectionClosed
            | Error::AlreadyClosed => {
                return self.end_with(Ending::Failed(Failure::NoCloseFrame), port);
            }
            Error::Io(error) if let Some(fault) = fault_of(error) => match fault {
                CoreError::TooLong { limit } => {
                    let detail = format!("a message of more than {limit} bytes, the limit");
                    port.batch.restamp();
                    port.batch.note("message_too_long", &detail);
                    (MESSAGE_TOO_BIG, detail)
                }
                fault => (fault.close_code(), fault.to_string()),
            },
            Error::Io(error) => return self.end_with(Ending::Failed(lost(error)), port),
            Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                let detail =
                    format!("a message of {size} bytes or more, where the limit is {max_size}");
                port.batch.restamp();
                port.batch.note("message_too_long", &detail);
                (MESSAGE_TOO_BIG, detail)
            }
            Error::Utf8(_) => (INVALID_PAYLOAD, "text that is not UTF-8".to_owned()),
            other => (PROTOCOL_ERROR, detail_of(other)),
        };
        port.batch.restamp();
        let reason = detail.clone();
        let ending = Ending::Failed(Failure::Protocol { code, detail });
        if self.send_close(code, &reason, port).is_ok() {
            self.drain(ending);
        } else {
            self.end_with(ending, port);
        }
    }

    fn drain(&mut self, ending: Ending) {
        self.phase = Phase::Draining {
            ending,
            shut: false,
        };
        self.set_deadline(DRAIN_LIMIT);
    }

    fn send_close<S: Sink>(
        &mut self,
        code: u16,
        reason: &str,
        port: &mut Port<S>,
    ) -> Result<(), Error> {
        let reason = within_bytes(reason, MAX_REASON);
        // 1005 is what a frame without a code is called, and must not be sent (RFC 6455 7.4.1).
        let frame = (code != NO_STATUS).then(|| CloseFrame {
            code: CloseCode::from(code),
            reason: Utf8Bytes::from(reason),
        });
        self.start_send(Message::Close(frame))?;
        let reason = if code == NO_STATUS { "" } else { reason };
        port.batch.push(Kind::Close {
            direction: Direction::Out,
            code,
            reason,
        });
        Ok(())
    }

    /// Our frames go out, then our half of the connection is shut, and the other half is read to its end.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Phase::Draining { shut, .. } = &mut self.phase else {
            return Poll::Ready(());
        };
        if self.unflushed {
            match Pin::new(&mut self.socket).poll_flush(context) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
        }
        let raw = self.socket.raw_mut();
        if !self.unflushed && !*shut {
            match Pin::new(&mut *raw).poll_shutdown(context) {
                Poll::Ready(Ok(())) => *shut = true,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
        }
        let mut space = [0; 4096];
        for _ in 0..MESSAGES_A_TURN {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut *raw).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// The timer came: a ping is due, or a phase has lasted long enough.
    fn time_is_up<S: Sink>(&mut self, port: &mut Port<S>) {
        let (Phase::Open, Some(interval)) = (&self.phase, self.keepalive) else {
            return self.end(port);
        };
        let waited = port
            .batch
            .restamp()
            .moment
            .since(self.socket.raw().stamp().moment);
        if waited >= interval * SILENT_INTERVALS {
            return self.end_with(Ending::Failed(Failure::KeepaliveTimeout { waited }), port);
        }
        self.ping_due = Some(self.pings.next_payload());
        self.set_deadline(interval);
    }

    fn set_deadline(&mut self, wait: Duration) {
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(Instant::now() + wait),
            None => self.timer = Some(Box::pin(tokio::time::sleep(wait))),
        }
    }

    /// It is over, as the phase has it.
    fn end<S: Sink>(&mut self, port: &mut Port<S>) {
        let ending = match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Draining { ending, .. } => ending,
            Phase::Closing => Ending::ClosedByUs,
            Phase::Open => Ending::Failed(Failure::NoCloseFrame),
            Phase::Over => return,
        };
        self.end_with(ending, port);
    }

    fn end_with<S: Sink>(&mut self, ending: Ending, port: &mut Port<S>) {
        self.phase = Phase::Over;
        port.end(ending);
    }

    /// Whether the timer came, and something was done about it.
    fn poll_timer<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> bool {
        let Some(timer) = &mut self.timer else {
            return false;
        };
        let came = !matches!(self.phase, Phase::Over) && timer.as_mut().poll(context).is_ready();
        if came {
            self.time_is_up(port);
        }
        came
    }

    /// Reads first: what was read may want an answer, and what was written never yields anything to read at once.
    fn poll_messages<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) {
        if self.poll_read(context, port).is_pending()
            && let Err(error) = self.poll_write(context, port)
        {
            self.fail(&error, port);
        }
    }
}

impl<S: Sink, W: Socket> Connection<S> for Messages<W> {
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        loop {
            if matches!(self.phase, Phase::Open | Phase::Closing) {
                self.poll_messages(context, port);
            }
            if matches!(self.phase, Phase::Draining { .. }) && self.poll_drain(context).is_ready() {
                self.end(port);
            }
            // Last, because the above may have set it; again, because it may have given them something to do.
            if !self.poll_timer(context, port) {
                break;
            }
        }
        port.batch.finish();
        if port.inputs.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    fn close(&mut self, port: &mut Port<S>) {
        match self.phase {
            Phase::Open => {
                let (code, reason) = self
                    .close_frame
                    .take()
                    .unwrap_or((NORMAL_CLOSURE, String::new()));
                port.batch.restamp();
                if self.send_close(code, &reason, port).is_ok() {
                    self.set_deadline(CLOSE_LIMIT);
                    self.phase = Phase::Closing;
                } else {
                    self.end_with(Ending::ClosedByUs, port);
                }
            }
            // It ends within a second anyway.
            Phase::Closing | Phase::Draining { .. } | Phase::Over => {}
        }
    }

    fn last_event_id(&self) -> Option<&[u8]> {
        None
    }
}

impl Echo {
    fn push<S: Sink>(&mut self, message: Message, port: &mut Port<S>) {
        if self.bytes.saturating_add(message.len()) > ECHO_BYTES.max(message.len()) {
            let unsent = match message {
                Message::Text(text) => Outgoing::Text(text.as_str().to_owned()),
                other => Outgoing::Binary(other.into_data().into()),
            };
            record_unsent(
                &mut port.batch,
                &unsent,
                "not echoed: the peer does not read what is sent to it",
            );
            return;
        }
        self.bytes += message.len();
        self.waiting.push_back(message);
    }

    fn take_next(&mut self) -> Option<Message> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }
}

/// What the native message layer found wrong.
fn fault_of(error: &io::Error) -> Option<&CoreError> {
    error.get_ref()?.downcast_ref()
}

fn longest_sent(spec: &FeedSpec) -> usize {
    usize::try_from(spec.max_message.max(LONGEST_SENT)).unwrap_or(usize::MAX / 2)
}

/// All three limits set: the crate's own leave the write buffer without one.
fn config(spec: &FeedSpec, longest_sent: usize) -> WebSocketConfig {
    let longest = usize::try_from(spec.max_message).unwrap_or(usize::MAX);
    WebSocketConfig::default()
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest))
        .max_write_buffer_size(longest_sent.saturating_add(WRITE_SLACK))
}

fn lost(error: &io::Error) -> Failure {
    Failure::Lost {
        detail: failure::in_words(error),
    }
}

/// The crate's words for it, as the middle of a sentence.
fn detail_of(error: &Error) -> String {
    let text = match error {
        Error::Protocol(error) => error.to_string(),
        other => other.to_string(),
    };
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// The beginning of a text, cut between characters.
fn within_bytes(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_reasons_are_cut_between_characters() {
        assert_eq!(within_bytes("aü", 2), "a");
        assert_eq!(within_bytes("aü", 3), "aü");
        assert_eq!(within_bytes("", 3), "");
    }

    #[test]
    fn details_go_into_the_middle_of_a_sentence() {
        let error = Error::Protocol(ProtocolError::MaskedFrameFromServer);
        assert_eq!(detail_of(&error), "received a masked frame from server");
    }
}
