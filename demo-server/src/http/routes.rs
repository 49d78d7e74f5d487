//! Paths and their answers.

use std::sync::Arc;
use std::time::Duration;

use tiny_http::Request;

use super::{Stream, inner};
use crate::answer::Answer;
use crate::connection::Connection;
use crate::event_stream::{self, Manner};
use crate::faults::Fault;
use crate::flood::Flood;
use crate::path::{Feed, RequestTarget};
use crate::source::Source;
use crate::talk::Talk;
use crate::{SharedServer, control, page};

/// Only header of a request that the routes read.
pub(super) const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Interval between two heartbeats of a stream.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Answers one request, either directly or by returning a stream to the gate.
pub(super) fn answer(shared: &SharedServer, request: Request) {
    let key = inner::visit_key(&request).unwrap_or_default().to_owned();
    match shared.inner.visitor(&key) {
        Some(connection) => answer_visitor(shared, request, &key, &connection),
        None => inner::turn_away(request),
    }
}

fn answer_visitor(
    shared: &SharedServer,
    request: Request,
    key: &str,
    connection: &Arc<Connection>,
) {
    let with_body = *request.method() != tiny_http::Method::Head;
    match route(shared, &request, connection) {
        Ok(stream) if with_body => {
            shared.inner.hand_back(key, stream);
            // An empty answer ends the gate's wait. The gate then finds the stream and writes it instead.
            inner::write(request, &Answer::text(200, "").to_bytes(false));
        }
        Ok(stream) => inner::write(request, event_stream::head(stream.manner).as_bytes()),
        Err(answer) => inner::write(request, &answer.to_bytes(with_body)),
    }
}

/// Returns a stream as `Ok`, and every other answer as `Err`.
fn route(
    shared: &SharedServer,
    request: &Request,
    connection: &Arc<Connection>,
) -> Result<Stream, Answer> {
    let target = RequestTarget::parse(request.url());
    if target.path == "/control" {
        // Otherwise a stall could be neither viewed nor removed after it was set.
        connection.set_steers();
        return Err(control::answer(shared, request.method().as_str(), &target));
    }
    let feed = Feed::event_stream(target.path);
    let page = page::file(target.path, shared.ws_port());
    if feed.is_none() && page.is_none() {
        return Err(not_found(shared, target.path));
    }
    if !["GET", "HEAD"].contains(&request.method().as_str()) {
        let answer = Answer::text(405, "GET and HEAD are what works here\n");
        return Err(answer.with("Allow", "GET, HEAD"));
    }
    match (feed, page) {
        (Some(feed), _) => {
            connection.set_feed(feed);
            stream(shared, feed, request, &target, connection)
        }
        (None, Some(page)) => Err(page),
        (None, None) => Err(not_found(shared, target.path)),
    }
}

fn not_found(shared: &SharedServer, path: &str) -> Answer {
    match Feed::web_socket(path) {
        Some(feed) => Answer::text(
            404,
            format!(
                "{feed} is a WebSocket feed: ws://127.0.0.1:{}{feed}\n",
                shared.ws_port()
            ),
        ),
        None => Answer::text(404, "the server has no feed at this path\n"),
    }
}

fn stream(
    shared: &SharedServer,
    feed: Feed,
    request: &Request,
    target: &RequestTarget<'_>,
    connection: &Arc<Connection>,
) -> Result<Stream, Answer> {
    if let Some(answer) = status_fault(connection) {
        return Err(answer);
    }
    let last_event_id = header(request, LAST_EVENT_ID).or_else(|| target.value("lastEventId"));
    let last_event_id = last_event_id.as_deref();
    let source: Box<dyn Source> = match (feed, shared.hubs.of(feed)) {
        (_, Some(hub)) => Box::new(hub.follow(connection, last_event_id)),
        (Feed::EventFlood, None) => {
            let now = connection.clock().now();
            let flood =
                Flood::parse(target, last_event_id, now).map_err(|e| Answer::text(400, e))?;
            if flood.is_over() {
                // HTML 9.2.3: this is the only answer that stops an EventSource from reconnecting.
                return Err(Answer::text(204, ""));
            }
            Box::new(flood)
        }
        (_, None) => Box::new(Talk::new(connection.clock().clone())),
    };
    let follows = shared.hubs.of(feed).is_some();
    let wrong_type = connection.faults().has(Some(feed), Fault::WrongType);
    let manner = Manner {
        chunked: *request.http_version() > tiny_http::HTTPVersion(1, 0),
        content_type: if wrong_type {
            "text/html"
        } else {
            "text/event-stream"
        },
        opening: if follows { "retry: 1000\n\n" } else { "" },
        heartbeat: follows.then_some(HEARTBEAT),
    };
    Ok(Stream { manner, source })
}

/// Returns the answer of a feed for which [`Fault::Status`] is on.
pub(crate) fn status_fault(connection: &Connection) -> Option<Answer> {
    let status = connection
        .faults()
        .find(connection.feed(), |fault| match fault {
            Fault::Status(status) => Some(status),
            _ => None,
        })?;
    let answer = Answer::text(status, "this fault is switched on\n");
    Some(if status == 503 {
        answer.with("Retry-After", "2")
    } else {
        answer
    })
}

fn header(request: &Request, name: &'static str) -> Option<String> {
    let mut headers = request.headers().iter();
    let header = headers.find(|header| header.field.equiv(name))?;
    Some(header.value.as_str().to_owned()).filter(|value| !value.is_empty())
}
