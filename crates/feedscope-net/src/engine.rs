//! The engines: whatever turns a feed's bytes into records. All of them deliver the same records, and the driver sees
//! no more of them than the [`Connection`] trait. Never decides what happens next: that is the machine's.

pub(crate) mod eventsource_client;
mod messages;
mod native;
mod native_web_socket;
mod stamped;
pub(crate) mod tokio_tungstenite;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use feedscope_core::connection::{Ending, Failure, Input};
use feedscope_core::feed::{FeedSpec, WireTraffic};
use feedscope_core::gap::GapTracker;
use feedscope_core::protocol::{Engine, Protocol};

use self::messages::Messages;
pub(crate) use self::messages::{Fault, MESSAGE_TOO_BIG};
use self::native_web_socket::NativeSocket;
use self::stamped::Stamped;
use crate::batch::Batch;
use crate::clock::Clock;
use crate::http::{Clients, CookieJar, Negotiated};
use crate::outbox::Outbox;
use crate::progress::Progress;
use crate::second_opinion::Tee;
use crate::{event_stream, web_socket};

/// What outlives a feed's connections, lent to the one that lives.
pub(crate) struct Port<S> {
    /// Where records go.
    pub(crate) batch: Batch<S>,
    /// What the machine is to be told, in order.
    pub(crate) inputs: Vec<Input>,
    /// What resumes lost.
    pub(crate) gaps: GapTracker,
    /// Messages that wait to be sent.
    pub(crate) outbox: Outbox,
    /// What the status tells of the traffic.
    pub(crate) traffic: Traffic,
}

impl<S> Port<S> {
    /// Nothing of the attempt or connection lives any more.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.inputs.push(Input::Ended(ending));
    }
}

/// What the status tells of the traffic, kept up by the engines.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// The newest round-trip time.
    pub(crate) rtt: Option<Duration>,
    /// What resumes lost so far; `None` while ids have not told.
    pub(crate) missed: Option<u64>,
    /// What resumes brought twice so far.
    pub(crate) repeated: Option<u64>,
    /// Whether one of the above changed and is to be published now.
    pub(crate) changed: bool,
    /// Whether something came or went that may wait a moment to be published: a new last event ID, bytes on the wire.
    pub(crate) stale: bool,
}

/// One open connection. Dropping it drops its socket.
pub(crate) trait Connection<S>: Send {
    /// Reads and writes what can be without waiting, and pushes the records of it.
    ///
    /// Ready when [`Port::inputs`] has something for the machine. Not called again after
    /// [`Input::Ended`].
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()>;

    /// Begins to end it in order. [`Connection::poll`] goes on until the end is in [`Port::inputs`].
    fn close(&mut self, port: &mut Port<S>);

    /// The last event ID in force, for the next attempt; `None` for protocols that have none.
    fn last_event_id(&self) -> Option<&[u8]>;

    /// What went over a WebSocket so far, where the engine tells.
    fn wire(&self) -> Option<WireTraffic> {
        None
    }
}

/// What an attempt needs to know.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) spec: Arc<FeedSpec>,
    /// To be sent as `Last-Event-ID`, where not empty.
    pub(crate) last_event_id: Vec<u8>,
    pub(crate) clients: Clients,
    pub(crate) cookies: Arc<CookieJar>,
    pub(crate) clock: Clock,
    /// Where the HTTP stack reports how far the request is.
    pub(crate) progress: Progress,
    /// Where a copy of the connection's bytes goes, for a second opinion.
    pub(crate) tee: Option<Tee>,
}

/// An attempt that succeeded.
pub(crate) struct Opened<S> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// What else is worth saying.
    pub(crate) detail: Option<String>,
    /// The subprotocol in use.
    pub(crate) subprotocol: Option<String>,
    /// What it uses, for people.
    pub(crate) negotiated: Negotiated,
    /// The note on header lines of the answer that were skipped.
    pub(crate) skipped_lines: Option<String>,
    /// Who reads on.
    pub(crate) connection: Box<dyn Connection<S>>,
}

/// An attempt under way. Dropping it gives it up.
pub(crate) type Opening<S> = Pin<Box<dyn Future<Output = Result<Opened<S>, Failure>> + Send>>;

/// Begins an attempt with the engine that the feed asks for.
pub(crate) fn open<S: feedscope_core::Sink>(attempt: Attempt) -> Opening<S> {
    match (attempt.spec.protocol(), attempt.spec.engine) {
        (Protocol::EventStream, Engine::Native | Engine::TokioTungstenite) => {
            Box::pin(open_event_stream(attempt))
        }
        (Protocol::EventStream, Engine::EventsourceClient) => {
            Box::pin(eventsource_client::open(attempt))
        }
        (Protocol::WebSocket, _) => Box::pin(open_web_socket(attempt)),
    }
}

async fn open_event_stream<S: feedscope_core::Sink>(
    attempt: Attempt,
) -> Result<Opened<S>, Failure> {
    let answer = event_stream::open(&attempt).await?;
    let stream = native::EventStream::new(answer.body, &attempt);
    Ok(Opened {
        status: answer.status,
        detail: answer.detail,
        subprotocol: None,
        negotiated: answer.negotiated,
        skipped_lines: None,
        connection: Box::new(stream),
    })
}

async fn open_web_socket<S: feedscope_core::Sink>(attempt: Attempt) -> Result<Opened<S>, Failure> {
    let answer = web_socket::open(&attempt).await?;
    let detail = answer
        .subprotocol
        .as_ref()
        .map(|name| format!("subprotocol {name}"));
    let connection: Box<dyn Connection<S>> = match attempt.spec.engine {
        Engine::TokioTungstenite => {
            Box::new(tokio_tungstenite::open(answer.socket, &attempt).await)
        }
        Engine::Native | Engine::EventsourceClient => {
            let socket = Stamped::new(answer.socket, &attempt);
            let socket = NativeSocket::new(socket, answer.deflate, attempt.spec.max_message);
            Box::new(Messages::new(socket, &attempt))
        }
    };
    Ok(Opened {
        status: answer.status,
        detail,
        subprotocol: answer.subprotocol,
        negotiated: answer.negotiated,
        skipped_lines: answer.skipped_lines,
        connection,
    })
}
