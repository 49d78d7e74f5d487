//! Life of an open WebSocket over any message layer. It adds time limits, close frames for errors, and the keepalive,
//! which a message layer leaves to its user. It does not process frames.

mod echo;
mod layer;
mod phase;
mod pings;
mod receiving;
mod sending;
mod sent_texts;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use feedscope_core::connection::{Ending, Failure, Wait};
use feedscope_core::feed::{FeedSpec, Outgoing, WireTraffic};
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::Sink;
use feedscope_core::{Moment, NoteCode};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Instant, Sleep};

pub(crate) use self::layer::LayerFault;
pub(super) use self::layer::{MessageLayer, Sending};
use self::phase::ConnectionPhase;
use self::pings::Unconfirmed;
use self::receiving::Receiving;
use super::{Attempt, Connection, Port};
use crate::http::failure;

/// Longest time until the peer answers our close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(3);

/// Longest time until the peer closes the connection after both close frames were sent, or after we stopped reading
/// because of an error. RFC 6455 7.1.1 leaves the close to the server.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// Number of reads during that time before other tasks run.
const DRAINS_A_TURN: usize = 1024;

/// Number of keepalive intervals without received data after which a peer that was pinged counts as lost.
const SILENT_INTERVALS: u32 = 2;

/// Messages up to this length can be sent, whatever the limit for received messages is. In bytes.
const LONGEST_SENT: u64 = 64 << 20;

/// Open WebSocket, independent of the message layer.
pub(super) struct Messages<L> {
    layer: L,
    receiving: Receiving,
    /// Fires when the next keepalive ping is due, or when the time limit of a phase is reached.
    timer: Option<Pin<Box<Sleep>>>,
    keepalive: Option<Duration>,
    /// Keepalive ping that is due. At most one waits, even if the socket accepts nothing for a long time.
    ping_due: Option<Bytes>,
    /// Time at which the newest keepalive ping was due.
    asked_at: Option<Moment>,
    /// Messages of `send_on_connect`, which are sent before waiting messages.
    first: VecDeque<Outgoing>,
    /// Close frame that the user requested.
    close_frame: Option<(CloseCode, String)>,
    longest_sent: usize,
}

impl<L: MessageLayer> Messages<L> {
    pub(super) fn new(layer: L, attempt: &Attempt) -> Self {
        let spec = &attempt.spec;
        let keepalive = spec
            .web_socket
            .keepalive
            .filter(|interval| !interval.is_zero());
        Self {
            layer,
            receiving: Receiving::new(spec),
            timer: keepalive.map(|interval| Box::pin(tokio::time::sleep(interval))),
            keepalive,
            ping_due: None,
            asked_at: None,
            first: spec.web_socket.send_on_connect.clone().into(),
            close_frame: None,
            longest_sent: longest_sent(spec),
        }
    }

    /// Reads, and then writes. Reading comes first because received data may require an answer.
    fn poll_messages<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) {
        if self.poll_read(context, port).is_pending()
            && let Err(fault) = self.poll_write(context, port)
        {
            self.fail(fault, port);
        }
    }

    /// Reads until no more data is available, or until other tasks must run.
    fn poll_read<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        for _ in 0..L::READS_A_TURN {
            let Self {
                layer, receiving, ..
            } = self;
            let read = layer.poll_read(context, &mut |stamp, item| {
                receiving.take_in(stamp, &item, port);
            });
            match read {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(fault)) => self.fail(fault, port),
            }
            if !self.is_talking() {
                return Poll::Ready(());
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Handles a failure of the socket or a violation of the protocol by the peer.
    fn fail<S: Sink>(&mut self, fault: LayerFault, port: &mut Port<S>) {
        if !matches!(self.receiving.phase, ConnectionPhase::Open) {
            // A close frame was sent before, so that no other frame can report this fault.
            return self.end(port);
        }
        let (code, detail) = match fault {
            LayerFault::Ended => return self.end(port),
            LayerFault::Socket(error) => {
                let detail = failure::in_words(&error);
                return self.end_with(Ending::Failed(Failure::Lost { detail }), port);
            }
            LayerFault::TooLong(detail) => {
                port.batch.restamp();
                port.batch.note(NoteCode::MESSAGE_TOO_LONG, &detail);
                (CloseCode::MESSAGE_TOO_BIG, detail)
            }
            LayerFault::Protocol { code, detail } => (code, detail),
        };
        port.batch.restamp();
        // The close frame gives the peer the same reason as our record.
        let reason = detail.clone();
        let ending = Ending::Failed(Failure::Protocol { code, detail });
        if self.send_close(code, &reason, port).is_ok() {
            self.receiving.phase = ConnectionPhase::draining(ending);
        } else {
            self.end_with(ending, port);
        }
    }

    /// Sends the remaining frames, shuts our half of the connection down, and reads the other half to its end. Ready at
    /// the end of the connection.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Receiving {
            phase: ConnectionPhase::Draining { shut, .. },
            unflushed,
            ..
        } = &mut self.receiving
        else {
            return Poll::Ready(());
        };
        // The close frame must have left before the socket is shut down for writing.
        if *unflushed {
            match self.layer.poll_flush(context) {
                Poll::Ready(Ok(())) => *unflushed = false,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
        }
        let socket = self.layer.socket();
        if !*unflushed && !*shut {
            match Pin::new(&mut *socket).poll_shutdown(context) {
                Poll::Ready(Ok(())) => *shut = true,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
        }
        // What still arrives is read and dropped. A socket with unread bytes would be reset, and the peer could lose
        // the close frame (RFC 6455, section 7.1.1).
        let mut space = [0; 4096];
        for _ in 0..DRAINS_A_TURN {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut *socket).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
        // A peer that never stops sending gets only a share of the time.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Returns true if the timer fired and was handled.
    fn poll_timer<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> bool {
        let Some(timer) = &mut self.timer else {
            return false;
        };
        let over = matches!(self.receiving.phase, ConnectionPhase::Over);
        let came = !over && timer.as_mut().poll(context).is_ready();
        if came {
            self.time_is_up(port);
        }
        came
    }

    /// Handles the timer: sends a ping, or ends a phase that took too long.
    fn time_is_up<S: Sink>(&mut self, port: &mut Port<S>) {
        let (ConnectionPhase::Open, Some(interval)) = (&self.receiving.phase, self.keepalive)
        else {
            return self.end(port);
        };
        let last_read = self.layer.socket().stamp().moment;
        let now = port.batch.restamp().moment;
        let waited = now.since(last_read);
        // Silence before the ping does not count, because this process may have been suspended during that time.
        let unanswered = self.asked_at.is_some_and(|asked| asked >= last_read);
        if unanswered && waited >= interval * SILENT_INTERVALS {
            return self.end_with(Ending::Failed(Failure::KeepaliveTimeout { waited }), port);
        }
        self.ping_due = Some(self.receiving.pings.next_payload());
        self.asked_at = Some(now);
        self.set_deadline(interval);
    }

    fn set_deadline(&mut self, wait: Duration) {
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(Instant::now() + wait),
            None => self.timer = Some(Box::pin(tokio::time::sleep(wait))),
        }
    }

    fn is_talking(&self) -> bool {
        matches!(
            self.receiving.phase,
            ConnectionPhase::Open | ConnectionPhase::Closing
        )
    }

    /// Ends the connection with the result that its phase implies.
    fn end<S: Sink>(&mut self, port: &mut Port<S>) {
        let ending = match std::mem::replace(&mut self.receiving.phase, ConnectionPhase::Over) {
            ConnectionPhase::Draining { ending, .. } => ending,
            ConnectionPhase::Closing => {
                // The peer's close frame would have confirmed our messages, but it never came.
                self.note_unconfirmed(port);
                Ending::ClosedByUs
            }
            ConnectionPhase::Open => Ending::Failed(Failure::NoCloseFrame),
            ConnectionPhase::Over => return,
        };
        self.end_with(ending, port);
    }

    fn end_with<S: Sink>(&mut self, ending: Ending, port: &mut Port<S>) {
        self.receiving.phase = ConnectionPhase::Over;
        if matches!(ending, Ending::Failed(_)) {
            self.note_unconfirmed(port);
        }
        port.end(ending);
    }

    /// Notes how many messages may be lost with a connection that broke. They are never sent again.
    ///
    /// The number is an upper bound: a message may have arrived although neither a pong nor its return has confirmed it.
    fn note_unconfirmed<S: Sink>(&self, port: &mut Port<S>) {
        let Unconfirmed {
            count, first_at, ..
        } = self.receiving.pings.unconfirmed();
        let Some(first_at) = first_at else {
            return;
        };
        let since = port.batch.restamp().moment.since(first_at);
        let messages = if count == 1 { "message" } else { "messages" };
        port.batch.note(
            NoteCode::UNCONFIRMED,
            &format!(
                "up to {count} {messages} sent in the last {} may not have arrived: the connection broke before a pong confirmed them, and they did not come back. They are not sent again",
                Wait(since)
            ),
        );
    }
}

impl<S: Sink, L: MessageLayer> Connection<S> for Messages<L> {
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        loop {
            if self.is_talking() {
                self.poll_messages(context, port);
                if matches!(self.receiving.phase, ConnectionPhase::Draining { .. }) {
                    self.set_deadline(DRAIN_LIMIT);
                }
            }
            let draining = matches!(self.receiving.phase, ConnectionPhase::Draining { .. });
            if draining && self.poll_drain(context).is_ready() {
                self.end(port);
            }
            // The timer is polled last because the steps above may have set it. They run again because the timer may
            // have given them work.
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
        match self.receiving.phase {
            ConnectionPhase::Open => {
                let (code, reason) = self
                    .close_frame
                    .take()
                    .unwrap_or((CloseCode::NORMAL_CLOSURE, String::new()));
                port.batch.restamp();
                if self.send_close(code, &reason, port).is_ok() {
                    self.set_deadline(CLOSE_LIMIT);
                    self.receiving.phase = ConnectionPhase::Closing;
                } else {
                    self.end_with(Ending::ClosedByUs, port);
                }
            }
            // In the other phases the connection is already ending, within a fixed time.
            ConnectionPhase::Closing | ConnectionPhase::Draining { .. } | ConnectionPhase::Over => {
            }
        }
    }

    fn last_event_id(&self) -> Option<&[u8]> {
        None
    }

    fn wire(&self) -> Option<WireTraffic> {
        self.layer.traffic()
    }
}

/// Returns the length in bytes of the longest message that can be sent.
pub(super) fn longest_sent(spec: &FeedSpec) -> usize {
    usize::try_from(spec.keeping.max_message.max(LONGEST_SENT)).unwrap_or(usize::MAX / 2)
}
