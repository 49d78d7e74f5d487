//! Engines, which turn the bytes of a feed into records. All engines deliver the same records, and the driver uses them
//! only through the trait [`Connection`].
//!
//! An engine does not decide what happens next. That is the task of the machine in core.

mod chunks;
mod connection;
pub(crate) mod eventsource_client;
mod lines;
mod messages;
mod native;
mod native_web_socket;
mod port;
mod skip;
mod stamped;
pub(crate) mod tokio_tungstenite;

use feedscope_core::connection::Failure;
use feedscope_core::protocol::{EventStreamEngine, Protocol, WebSocketEngine};

pub(crate) use self::connection::{Connection, Opened, Opening};
pub(crate) use self::messages::LayerFault;
use self::messages::Messages;
use self::native_web_socket::NativeSocket;
pub(crate) use self::port::{Port, TrafficFigures};
use self::stamped::Stamped;
pub(crate) use crate::attempt::Attempt;
use crate::{event_stream, web_socket};

/// Begins an attempt with the engine that the feed requires.
pub(crate) fn open<S: feedscope_core::Sink>(attempt: Attempt) -> Opening<S> {
    let reading = &attempt.spec.reading;
    match attempt.spec.protocol() {
        Protocol::EventStream => match reading.event_stream_engine {
            EventStreamEngine::Native => Box::pin(open_http(attempt)),
            EventStreamEngine::EventsourceClient => Box::pin(eventsource_client::open(attempt)),
        },
        Protocol::WebSocket => Box::pin(open_web_socket(attempt)),
    }
}

async fn open_http<S: feedscope_core::Sink>(attempt: Attempt) -> Result<Opened<S>, Failure> {
    let answer = event_stream::open(&attempt).await?;
    let connection: Box<dyn Connection<S>> = match answer.lines {
        None => Box::new(native::EventStream::new(answer.body, &attempt)),
        Some(form) => Box::new(lines::Lines::new(answer.body, form, &attempt)),
    };
    Ok(Opened {
        status: answer.status,
        detail: answer.detail,
        subprotocol: None,
        reads_lines: answer.lines.is_some(),
        negotiated: answer.negotiated,
        skipped_lines: None,
        connection,
    })
}

async fn open_web_socket<S: feedscope_core::Sink>(attempt: Attempt) -> Result<Opened<S>, Failure> {
    let answer = web_socket::open(&attempt).await?;
    // The subprotocol is part of the answer, so that the record of the state mentions it.
    let detail = answer
        .subprotocol
        .as_ref()
        .map(|name| format!("subprotocol {name}"));
    let connection: Box<dyn Connection<S>> = match attempt.spec.reading.web_socket_engine {
        WebSocketEngine::TokioTungstenite => {
            Box::new(tokio_tungstenite::open(answer.socket, &attempt).await)
        }
        WebSocketEngine::Native => {
            let socket = Stamped::new(answer.socket, &attempt);
            let socket =
                NativeSocket::new(socket, answer.deflate, attempt.spec.keeping.max_message);
            Box::new(Messages::new(socket, &attempt))
        }
    };
    Ok(Opened {
        status: answer.status,
        detail,
        subprotocol: answer.subprotocol,
        reads_lines: false,
        negotiated: answer.negotiated,
        skipped_lines: answer.skipped_lines,
        connection,
    })
}
