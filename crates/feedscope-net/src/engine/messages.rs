//! The life of an open WebSocket over either message layer. It adds what a layer leaves to its users: limits in time,
//! close frames on errors, keepalive. It never looks at a frame.

mod echo;
mod hearing;
mod layer;
mod pings;
mod sending;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use feedscope_core::Moment;
use feedscope_core::connection::{Ending, Failure, Wait};
use feedscope_core::feed::{FeedSpec, Outgoing, WireTraffic};
use feedscope_core::record::Sink;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Instant, Sleep};

use self::hearing::Hearing;
pub(crate) use self::layer::Fault;
pub(super) use self::layer::{MessageLayer, Sending};
use self::pings::Unconfirmed;
use super::{Attempt, Connection, Port};
use crate::http::failure;

/// How long the peer has to answer our close frame.
const CLOSE_LIMIT: Duration = Duration::from_secs(3);

/// How long the peer has to close the connection once close frames were exchanged, or once we gave up reading what it
/// says: RFC 6455 7.1.1 leaves that to the server.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// How often it is read meanwhile before others get their turn.
const DRAINS_A_TURN: usize = 1024;

/// After this many intervals of the keepalive in which nothing came, a peer that was asked is gone.
const SILENT_INTERVALS: u32 = 2;

/// Messages up to this length can be sent, whatever the limit on those that come.
const LONGEST_SENT: u64 = 64 << 20;

/// RFC 6455 7.4.1.
pub(super) const NORMAL_CLOSURE: u16 = 1000;
pub(super) const PROTOCOL_ERROR: u16 = 1002;
pub(super) const NO_STATUS: u16 = 1005;
pub(super) const INVALID_PAYLOAD: u16 = 1007;
pub(crate) const MESSAGE_TOO_BIG: u16 = 1009;

/// An open WebSocket, whichever message layer is below it.
pub(super) struct Messages<L> {
    layer: L,
    hearing: Hearing,
    /// When the keepalive is due, or the phase has lasted long enough.
    timer: Option<Pin<Box<Sleep>>>,
    keepalive: Option<Duration>,
    /// A keepalive ping that is due; the only one, however long the socket takes no more.
    ping_due: Option<Bytes>,
    /// When the newest keepalive ping was due.
    asked_at: Option<Moment>,
    /// Messages to be sent on connect, before any that wait.
    first: VecDeque<Outgoing>,
    /// The close frame that the user asked for.
    close_frame: Option<(u16, String)>,
    longest_sent: usize,
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

impl Phase {
    fn draining(ending: Ending) -> Self {
        Self::Draining {
            ending,
            shut: false,
        }
    }
}

impl<L: MessageLayer> Messages<L> {
    pub(super) fn new(layer: L, attempt: &Attempt) -> Self {
        let spec = &attempt.spec;
        let keepalive = spec.keepalive.filter(|interval| !interval.is_zero());
        Self {
            layer,
            hearing: Hearing::new(spec),
            timer: keepalive.map(|interval| Box::pin(tokio::time::sleep(interval))),
            keepalive,
            ping_due: None,
            asked_at: None,
            first: spec.send_on_connect.clone().into(),
            close_frame: None,
            longest_sent: longest_sent(spec),
        }
    }

    /// Reads first: what was read may want an answer, and what was written never yields anything to read at once.
    fn poll_messages<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) {
        if self.poll_read(context, port).is_pending()
            && let Err(fault) = self.poll_write(context, port)
        {
            self.fail(fault, port);
        }
    }

    /// Reads until there is no more for now, or it was the others' turn long enough.
    fn poll_read<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        for _ in 0..L::READS_A_TURN {
            let Self { layer, hearing, .. } = self;
            let read = layer.poll_read(context, &mut |stamp, item| {
                hearing.take_in(stamp, &item, port);
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

    /// The socket failed, or the peer broke the protocol.
    fn fail<S: Sink>(&mut self, fault: Fault, port: &mut Port<S>) {
        if !matches!(self.hearing.phase, Phase::Open) {
            // On the way out there is nobody left to tell.
            return self.end(port);
        }
        let (code, detail) = match fault {
            Fault::Ended => return self.end(port),
            Fault::Socket(error) => {
                let detail = failure::in_words(&error);
                return self.end_with(Ending::Failed(Failure::Lost { detail }), port);
            }
            Fault::TooLong(detail) => {
                port.batch.restamp();
                port.batch.note("message_too_long", &detail);
                (MESSAGE_TOO_BIG, detail)
            }
            Fault::Protocol { code, detail } => (code, detail),
        };
        port.batch.restamp();
        let reason = detail.clone();
        let ending = Ending::Failed(Failure::Protocol { code, detail });
        if self.send_close(code, &reason, port).is_ok() {
            self.hearing.phase = Phase::draining(ending);
        } else {
            self.end_with(ending, port);
        }
    }

    /// Our frames go out, then our half of the connection is shut, and the other half is read to its end.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Hearing {
            phase: Phase::Draining { shut, .. },
            unflushed,
            ..
        } = &mut self.hearing
        else {
            return Poll::Ready(());
        };
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
        let mut space = [0; 4096];
        for _ in 0..DRAINS_A_TURN {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut *socket).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the timer came, and something was done about it.
    fn poll_timer<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> bool {
        let Some(timer) = &mut self.timer else {
            return false;
        };
        let over = matches!(self.hearing.phase, Phase::Over);
        let came = !over && timer.as_mut().poll(context).is_ready();
        if came {
            self.time_is_up(port);
        }
        came
    }

    /// The timer came: a ping is due, or a phase has lasted long enough.
    fn time_is_up<S: Sink>(&mut self, port: &mut Port<S>) {
        let (Phase::Open, Some(interval)) = (&self.hearing.phase, self.keepalive) else {
            return self.end(port);
        };
        let last_read = self.layer.socket().stamp().moment;
        let now = port.batch.restamp().moment;
        let waited = now.since(last_read);
        // Who was silent before it was asked is not gone: this process may have been halted in the meantime.
        let unanswered = self.asked_at.is_some_and(|asked| asked >= last_read);
        if unanswered && waited >= interval * SILENT_INTERVALS {
            return self.end_with(Ending::Failed(Failure::KeepaliveTimeout { waited }), port);
        }
        self.ping_due = Some(self.hearing.pings.next_payload());
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
        matches!(self.hearing.phase, Phase::Open | Phase::Closing)
    }

    /// Ends the connection as its phase implies.
    fn end<S: Sink>(&mut self, port: &mut Port<S>) {
        let ending = match std::mem::replace(&mut self.hearing.phase, Phase::Over) {
            Phase::Draining { ending, .. } => ending,
            Phase::Closing => {
                // The peer's close frame, which never came, would have been the confirmation.
                self.note_unconfirmed(port);
                Ending::ClosedByUs
            }
            Phase::Open => Ending::Failed(Failure::NoCloseFrame),
            Phase::Over => return,
        };
        self.end_with(ending, port);
    }

    fn end_with<S: Sink>(&mut self, ending: Ending, port: &mut Port<S>) {
        self.hearing.phase = Phase::Over;
        if matches!(ending, Ending::Failed(_)) {
            self.note_unconfirmed(port);
        }
        port.end(ending);
    }

    /// Notes how many messages may be lost with a connection that broke. They are never sent again.
    ///
    /// The number is an upper bound: a message may have arrived although no pong has confirmed it.
    fn note_unconfirmed<S: Sink>(&self, port: &mut Port<S>) {
        let Unconfirmed { count, first_at } = self.hearing.pings.unconfirmed();
        let Some(first_at) = first_at else {
            return;
        };
        let since = port.batch.restamp().moment.since(first_at);
        let messages = if count == 1 { "message" } else { "messages" };
        port.batch.note(
            "unconfirmed",
            &format!(
                "up to {count} {messages} sent in the last {} may not have arrived: the connection broke before a pong confirmed them. They are not sent again",
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
                if matches!(self.hearing.phase, Phase::Draining { .. }) {
                    self.set_deadline(DRAIN_LIMIT);
                }
            }
            let draining = matches!(self.hearing.phase, Phase::Draining { .. });
            if draining && self.poll_drain(context).is_ready() {
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
        match self.hearing.phase {
            Phase::Open => {
                let (code, reason) = self
                    .close_frame
                    .take()
                    .unwrap_or((NORMAL_CLOSURE, String::new()));
                port.batch.restamp();
                if self.send_close(code, &reason, port).is_ok() {
                    self.set_deadline(CLOSE_LIMIT);
                    self.hearing.phase = Phase::Closing;
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

    fn wire(&self) -> Option<WireTraffic> {
        self.layer.traffic()
    }
}

/// The longest message that can be sent, in bytes.
pub(super) fn longest_sent(spec: &FeedSpec) -> usize {
    usize::try_from(spec.max_message.max(LONGEST_SENT)).unwrap_or(usize::MAX / 2)
}
