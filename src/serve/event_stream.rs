//! Event streams and lines over HTTP, as they were recorded.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use feedscope_core::record::{Kind, Record};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until};

use super::plain::{Body, plain};
use super::play::{PlayAnswer, PlayEnding, PlayedFeed, PlayedStream, ServedForm};

/// Records that are due are written together up to this many bytes.
const FULL: usize = 64 << 10;

/// Number of pieces that wait for a slow client.
const MOST_WAITING: usize = 4;

/// Answers a request for a feed.
pub(super) fn answer(feed: &Arc<PlayedFeed>, request: &Request<Incoming>) -> Response<Body> {
    let id = request.headers().get("last-event-id");
    let id = id.map(HeaderValue::as_bytes).unwrap_or_default().to_vec();
    let play = match feed.next_play(&id) {
        PlayAnswer::Play(play) => play,
        PlayAnswer::Refuse(204) => return plain(StatusCode::NO_CONTENT, ""),
        PlayAnswer::Refuse(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return plain(status, "the recorded server refused this connection\n");
        }
        // Without a head, an answer that fails at once is the nearest to no answer.
        PlayAnswer::Drop => return streaming(feed.form(), dropped()),
    };
    let (sender, receiver) = mpsc::channel(MOST_WAITING);
    let feed = Arc::clone(feed);
    let form = feed.form();
    tokio::spawn(async move {
        // An error means that the client has left.
        run(&feed, play, &sender).await.ok();
    });
    streaming(form, Pieces(receiver))
}

fn streaming(form: ServedForm, body: Pieces) -> Response<Body> {
    let mut response = Response::new(body.boxed());
    let headers = response.headers_mut();
    let content_type = match form {
        ServedForm::Lines => "application/x-ndjson",
        ServedForm::EventStream | ServedForm::WebSocket => "text/event-stream",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns a body that fails at once.
fn dropped() -> Pieces {
    let (sender, receiver) = mpsc::channel(1);
    sender.try_send(Err(lost())).ok();
    Pieces(receiver)
}

fn lost() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

/// Pieces of a body, as they are due.
struct Pieces(Receiver<io::Result<Bytes>>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = self.0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// The client has left.
struct Gone;

/// Sends the records at their times, and ends as the recorded connection did.
async fn run(
    feed: &PlayedFeed,
    mut play: PlayedStream,
    sender: &Sender<io::Result<Bytes>>,
) -> Result<(), Gone> {
    let mut start = Instant::now();
    let mut buffer = Vec::new();
    loop {
        let mut rows = feed.rows(&play);
        while let Some(owned) = rows.next() {
            let record = owned.record();
            let due = feed.due(start, play.zero, record.stamp.moment);
            // Records that are due together are sent in one piece. A pause sends what is complete.
            if due > Instant::now() {
                send(&mut buffer, sender).await?;
                wait(due, sender).await?;
            }
            write(&mut buffer, &record);
            if buffer.len() >= FULL {
                send(&mut buffer, sender).await?;
            }
        }
        send(&mut buffer, sender).await?;
        let Some(next) = feed.next_round(start, play.zero, rows.moment) else {
            break;
        };
        (start, play) = next;
    }
    match play.ending {
        PlayEnding::Silence => {
            // The recorded connection stayed open without events, so that this one does, too.
            sender.closed().await;
            Ok(())
        }
        PlayEnding::End(at) => {
            if let Some(at) = at {
                wait(feed.due(start, play.zero, at), sender).await?;
            }
            Ok(())
        }
        PlayEnding::Drop(at) => {
            wait(feed.due(start, play.zero, at), sender).await?;
            // An error in place of the end lets the client see a lost connection, not a finished stream.
            sender.send(Err(lost())).await.map_err(|_gone| Gone)
        }
    }
}

/// Waits until a time, or until the client has left.
async fn wait(until: Instant, sender: &Sender<io::Result<Bytes>>) -> Result<(), Gone> {
    tokio::select! {
        () = sleep_until(until) => Ok(()),
        () = sender.closed() => Err(Gone),
    }
}

async fn send(buffer: &mut Vec<u8>, sender: &Sender<io::Result<Bytes>>) -> Result<(), Gone> {
    if buffer.is_empty() {
        return Ok(());
    }
    let piece = Bytes::from(std::mem::take(buffer));
    sender.send(Ok(piece)).await.map_err(|_gone| Gone)
}

/// Appends a record in the form in which a server sends it (HTML 9.2.5).
pub(super) fn write(out: &mut Vec<u8>, record: &Record<'_>) {
    match &record.kind {
        Kind::Event { event, id, data } => {
            if *event != b"message" {
                field(out, "event", event);
            }
            // The ID stays in force until another one is sent, so that an empty one has to be sent too.
            field(out, "id", id);
            for line in data.split(|&byte| byte == b'\n') {
                field(out, "data", line);
            }
            out.push(b'\n');
        }
        Kind::Comment { data } => {
            out.extend_from_slice(b": ");
            out.extend_from_slice(data);
            out.push(b'\n');
        }
        Kind::Line { data } => {
            out.extend_from_slice(data);
            out.push(b'\n');
        }
        Kind::Retry { ms } => field(out, "retry", ms.to_string().as_bytes()),
        _ => {}
    }
}

fn field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    // One space after the colon is not part of the value, so that it also protects a value that begins with one.
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.push(b'\n');
}
