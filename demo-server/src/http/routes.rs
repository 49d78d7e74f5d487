//! Which path gets which answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tiny_http::Request;

use super::Stream;
use crate::answer::Answer;
use crate::connection::Connection;
use crate::event_stream::{self, Manner};
use crate::faults::Fault;
use crate::flood::Flood;
use crate::path::{Feed, Target};
use crate::source::Source;
use crate::talk::Talk;
use crate::{Shared, control, page};

/// How often a stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Answers one request, now or by handing a stream back to the gate.
pub(super) fn answer(shared: &Shared, request: Request) {
    let address = request.remote_addr().copied();
    let visitor = address.and_then(|a| Some((a, shared.inside.visitor(a)?)));
    match visitor {
        Some((address, connection)) => answer_visitor(shared, request, address, &connection),
        None => turn_away(request),
    }
}

/// Somebody found the inner port and came past the gate.
fn turn_away(request: Request) {
    /// Up to this length `tiny_http` has read the body already.
    const READ: usize = 1024;
    if request.body_length().is_some_and(|length| length > READ) {
        // Dropping it would allocate as much as the client says it will send; the socket is the smaller loss.
        std::mem::forget(request);
    } else {
        write(
            request,
            &Answer::text(403, "this door is for staff\n").to_bytes(true),
        );
    }
}

fn answer_visitor(
    shared: &Shared,
    request: Request,
    address: SocketAddr,
    connection: &Arc<Connection>,
) {
    let with_body = *request.method() != tiny_http::Method::Head;
    match route(shared, &request, connection) {
        Ok(stream) if with_body => {
            shared.inside.hand_back(address, stream);
            // Nothing written: the gate sees the end and finds the stream.
            write(request, &[]);
        }
        Ok(stream) => write(request, event_stream::head(stream.manner).as_bytes()),
        Err(answer) => write(request, &answer.to_bytes(with_body)),
    }
}

/// `Ok` is a stream, `Err` every other answer.
fn route(
    shared: &Shared,
    request: &Request,
    connection: &Arc<Connection>,
) -> Result<Stream, Answer> {
    let target = Target::parse(request.url());
    if target.path == "/control" {
        // Else a stall, once ordered, could be neither looked at nor lifted.
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

fn not_found(shared: &Shared, path: &str) -> Answer {
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
    shared: &Shared,
    feed: Feed,
    request: &Request,
    target: &Target<'_>,
    connection: &Arc<Connection>,
) -> Result<Stream, Answer> {
    if let Some(answer) = status_fault(connection) {
        return Err(answer);
    }
    let last_event_id = header(request, "Last-Event-ID").or_else(|| target.value("lastEventId"));
    let last_event_id = last_event_id.as_deref();
    let source: Box<dyn Source> = match (feed, shared.hubs.of(feed)) {
        (_, Some(hub)) => Box::new(hub.follow(connection, last_event_id)),
        (Feed::EventFlood, None) => {
            let flood = Flood::parse(target, last_event_id).map_err(|e| Answer::text(400, e))?;
            if flood.is_over() {
                // HTML 9.2.3: the one answer that keeps an EventSource from coming back for the same again.
                return Err(Answer::text(204, ""));
            }
            Box::new(flood)
        }
        (_, None) => Box::new(Talk::new()),
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

/// What a feed with [`Fault::Status`] on answers.
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

/// Writes the whole answer and ends the inner connection.
fn write(request: Request, bytes: &[u8]) {
    let mut writer = request.into_writer();
    // The gate has gone when this fails, and with it the only one who could be told.
    writer.write_all(bytes).and_then(|()| writer.flush()).ok();
}
