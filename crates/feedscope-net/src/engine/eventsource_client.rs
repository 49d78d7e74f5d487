//! Engine `eventsource-client` for event streams. It shows how a typical Rust client library reads a feed.
//!
//! The crate parses the stream and follows redirects by itself. The machine decides about reconnecting, and our own
//! stack performs HTTP.

mod audit;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use eventsource_client::{Client as _, ClientBuilder, Error, ReconnectOptions, SSE};
use feedscope_core::connection::{Challenge, Ending, Failure, Input};
use feedscope_core::record::{Kind, Sink};
use futures_util::{Stream, StreamExt as _};
use launchdarkly_sdk_transport::{
    ByteStream, HttpTransport, Request, Response, ResponseFuture, TransportError,
};
use parking_lot::Mutex;
use reqwest::header;
use url::Url;

use self::audit::Audit;
use super::{Attempt, Connection, Opened, Port};
use crate::http::redirect::Ask;
use crate::http::{Body, Negotiated, answer, body, headers, negotiated, redirect};
use crate::status::Urgency;

/// Number of items that are read before the driver checks commands and timers again.
const ITEMS_A_TURN: usize = 1024;

/// Open event stream that the crate reads.
pub(super) struct EventStream {
    items: eventsource_client::BoxStream<Result<SSE, Error>>,
    unread: Arc<Unread>,
    audit: Arc<Audit>,
    last_event_id: Vec<u8>,
    /// True after the machine received the report that data arrived.
    delivered: bool,
}

/// Number of bytes that arrived since the crate last returned an item. It bounds the memory of the crate, which stores
/// lines of any length.
struct Unread {
    bytes: AtomicU64,
    limit: u64,
}

/// Makes one attempt.
pub(super) async fn open<S: Sink>(attempt: Attempt) -> Result<Opened<S>, Failure> {
    let unread = Arc::new(Unread {
        bytes: AtomicU64::new(0),
        limit: attempt.spec.keeping.max_message,
    });
    let audit = Arc::new(Audit::new(attempt.spec.keeping.max_message));
    // The transport shares its results with this function, because the crate returns only the status and the headers of
    // an answer.
    let transport = Transport {
        attempt: attempt.clone(),
        unread: Arc::clone(&unread),
        audit: Arc::clone(&audit),
        negotiated: Arc::default(),
        led_away: Arc::default(),
        newest_url: Arc::new(Mutex::new(attempt.spec.url.clone())),
    };
    let negotiated = Arc::clone(&transport.negotiated);
    let led_away = Arc::clone(&transport.led_away);
    let mut items = client(&attempt)?.build_with_transport(transport).stream();
    let status = match items.next().await {
        Some(Ok(SSE::Connected(connected))) => connected.response().status(),
        Some(Err(error)) => {
            return Err(of_error(error, &attempt, led_away.load(Ordering::Relaxed)));
        }
        Some(Ok(SSE::Event(_) | SSE::Comment(_))) | None => {
            return Err(Failure::Lost {
                detail: "there was no answer".to_owned(),
            });
        }
    };
    let mut negotiated = std::mem::take(&mut *negotiated.lock());
    negotiated::add(
        &mut negotiated,
        "engine",
        Some("eventsource-client".to_owned()),
    );
    Ok(Opened {
        status,
        detail: None,
        subprotocol: None,
        reads_lines: false,
        negotiated,
        skipped_lines: None,
        connection: Box::new(EventStream {
            items,
            unread,
            audit,
            last_event_id: attempt.last_event_id,
            delivered: false,
        }),
    })
}

/// Returns the crate's client for one attempt. It opens one connection and does not reconnect.
fn client(attempt: &Attempt) -> Result<ClientBuilder, Failure> {
    let spec = &attempt.spec;
    let mut builder = ClientBuilder::for_url(redirect::without_userinfo(&spec.url).as_str())
        .map_err(|error| of_parameter(&error))?;
    let accepted = (header::ACCEPT_ENCODING, body::ACCEPTED);
    let ours = if spec.transport.compression {
        &[accepted][..]
    } else {
        &[]
    };
    for (name, value) in &headers::request_headers(spec, ours)? {
        let value = value.to_str().map_err(|_not_ascii| Failure::BadRequest {
            detail: format!("this engine takes no header {name} with other characters than ASCII"),
        })?;
        builder = builder
            .header(name.as_str(), value)
            .map_err(|error| of_parameter(&error))?;
    }
    if let Some((_, id)) = headers::last_event_id(&attempt.last_event_id) {
        builder = builder.last_event_id(String::from_utf8_lossy(id.as_bytes()).into_owned());
    }
    if let Some(body) = &spec.http.body {
        builder = builder
            .method("POST".to_owned())
            .body(String::from_utf8_lossy(body.reveal()).into_owned());
        if !spec
            .http
            .headers
            .iter()
            .any(|(name, _)| name.trim().eq_ignore_ascii_case("content-type"))
        {
            builder = builder
                .header("content-type", "application/x-www-form-urlencoded")
                .map_err(|error| of_parameter(&error))?;
        }
    }
    if let Some(method) = &spec.http.method {
        builder = builder.method(method.clone());
    }
    // Without this, the crate would reconnect by itself and hide failures from the machine.
    let once = ReconnectOptions::reconnect(false).retry_initial(false);
    Ok(builder.reconnect(once.build()))
}

impl EventStream {
    fn take_in<S: Sink>(&mut self, item: SSE, port: &mut Port<S>) {
        self.unread.bytes.store(0, Ordering::Relaxed);
        let Port {
            batch,
            inputs,
            gaps,
            traffic,
            status,
            ..
        } = port;
        if !self.delivered {
            self.delivered = true;
            inputs.push(Input::Delivered);
        }
        match item {
            SSE::Event(event) => {
                // The crate reports a `retry` field only together with the event of its block. It does not report one
                // in a block without an event.
                if let Some(ms) = event.retry {
                    batch.push(Kind::Retry { ms });
                    inputs.push(Input::ReconnectionTime { ms });
                }
                if let Some(id) = &event.id {
                    self.last_event_id.clear();
                    self.last_event_id.extend_from_slice(id.as_bytes());
                    status.changed(Urgency::Interval);
                }
                let id = event.id.as_deref().unwrap_or_default().as_bytes();
                if let Some(finding) = gaps.on_event(id, event.data.as_bytes()) {
                    traffic.report(finding, batch, status);
                }
                batch.push(Kind::Event {
                    event: event.event_type.as_bytes(),
                    id,
                    data: event.data.as_bytes(),
                });
            }
            SSE::Comment(text) => batch.push(Kind::Comment {
                data: comment_text(&text).as_bytes(),
            }),
            SSE::Connected(_) => {}
        }
    }
}

impl EventStream {
    fn poll_items<S: Sink>(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        for _ in 0..ITEMS_A_TURN {
            match ready!(self.items.as_mut().poll_next(context)) {
                Some(Ok(item)) => self.take_in(item, port),
                // The incomplete block is dropped, as HTML 9.2.6 requires.
                Some(Err(Error::Eof | Error::UnexpectedEof)) | None => {
                    self.end(Ending::EndOfStream, port);
                }
                Some(Err(error)) => self.end(Ending::Failed(of_read(&error)), port),
            }
            if !port.inputs.is_empty() {
                return Poll::Ready(());
            }
        }
        // More items may be available, but other tasks run first.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn end<S: Sink>(&self, ending: Ending, port: &mut Port<S>) {
        self.audit.end();
        port.end(ending);
    }

    /// Writes the notes on the bytes that were read so far. The records of these bytes precede them.
    fn push_notes<S: Sink>(&self, port: &mut Port<S>) {
        for (code, text) in self.audit.take_notes() {
            port.batch.note(code, &text);
        }
    }
}

/// Returns a comment without the space after its colon, which the crate leaves in the text.
pub(crate) fn comment_text(text: &str) -> &str {
    text.strip_prefix(' ').unwrap_or(text)
}

impl<S: Sink> Connection<S> for EventStream {
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        port.batch.restamp();
        let polled = self.poll_items(context, port);
        self.push_notes(port);
        port.batch.finish();
        polled
    }

    fn close(&mut self, port: &mut Port<S>) {
        self.end(Ending::ClosedByUs, port);
        self.push_notes(port);
    }

    fn last_event_id(&self) -> Option<&[u8]> {
        Some(&self.last_event_id)
    }
}

/// Our HTTP stack behind the interface that the crate requires.
#[derive(Clone)]
struct Transport {
    attempt: Attempt,
    unread: Arc<Unread>,
    audit: Arc<Audit>,
    /// Protocols and parameters of the newest answer's connection.
    negotiated: Arc<Mutex<Negotiated>>,
    /// True after a redirect led to another origin.
    led_away: Arc<AtomicBool>,
    /// URL of the newest request. The crate does not resolve the target of a redirect against it.
    newest_url: Arc<Mutex<Url>>,
}

impl HttpTransport for Transport {
    fn request(&self, request: Request<Option<Bytes>>) -> ResponseFuture {
        let this = self.clone();
        Box::pin(Exclusive(Mutex::new(Box::pin(async move {
            this.send(request).await.map_err(TransportError::new)
        }))))
    }
}

impl Transport {
    async fn send(self, request: Request<Option<Bytes>>) -> Result<Response<ByteStream>, Failure> {
        let (head, body) = request.into_parts();
        let url = self.newest_url.lock().join(&head.uri.to_string());
        let url = url.map_err(|error| Failure::Redirect {
            detail: format!("its Location is no URL ({error})"),
        })?;
        self.newest_url.lock().clone_from(&url);
        let mut own_headers = headers::own_headers(&[
            (header::ACCEPT, "text/event-stream"),
            (header::CACHE_CONTROL, "no-cache"),
        ]);
        if let Some((name, value)) = headers::last_event_id(&self.attempt.last_event_id) {
            own_headers.insert(name, value);
        }
        let mut ask = Ask {
            method: head.method,
            headers: head.headers,
            own_headers,
            body,
        };
        let led_away = url.origin() != self.attempt.spec.url.origin();
        // The crate would send all headers to every origin. An attempt that has left its origin does not send them
        // again, even if it returns.
        if self.led_away.fetch_or(led_away, Ordering::Relaxed) || led_away {
            ask.leave_origin(&url)?;
        }
        let response = redirect::send(&self.attempt, &url, ask, false).await?;
        *self.negotiated.lock() = negotiated::of(&response, &url, &self.attempt);
        let mut answer = Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.clone_from(response.headers());
        }
        let (unread, audit, tee) = (self.unread, self.audit, self.attempt.tee);
        let chunks = Body::of(response)?.map(move |chunk| match chunk {
            Ok(chunk) => {
                if let Some(tee) = &tee {
                    tee.push(&chunk);
                }
                audit.read(&chunk);
                unread.take(chunk)
            }
            Err(failure) => Err(TransportError::new(failure)),
        });
        let body: ByteStream = Box::pin(Exclusive(Mutex::new(Box::pin(chunks))));
        answer.body(body).map_err(|error| Failure::BadRequest {
            detail: error.to_string(),
        })
    }
}

impl Unread {
    fn take(&self, chunk: Bytes) -> Result<Bytes, TransportError> {
        let more = chunk.len() as u64;
        let before = self.bytes.fetch_add(more, Ordering::Relaxed);
        // The limit applies to the bytes before this chunk, because the chunk may complete the event.
        if before > self.limit {
            let detail = format!(
                "an event is longer than the limit of {} bytes, and this engine cannot skip it",
                self.limit
            );
            return Err(TransportError::new(Failure::Lost { detail }));
        }
        Ok(chunk)
    }
}

/// Future or stream that only its owner uses. The mutex makes it `Sync`, which the crate requires, and is never locked.
struct Exclusive<T>(Mutex<Pin<Box<T>>>);

impl<T: Future> Future for Exclusive<T> {
    type Output = T::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        self.0.get_mut().as_mut().poll(context)
    }
}

impl<T: Stream> Stream for Exclusive<T> {
    type Item = T::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T::Item>> {
        self.0.get_mut().as_mut().poll_next(context)
    }
}

/// Returns the failure of an attempt.
fn of_error(error: Error, attempt: &Attempt, led_away: bool) -> Failure {
    match error {
        Error::UnexpectedResponse(response, _) => {
            let value = |name: header::HeaderName| {
                let value = response.get_header_value(name.as_str());
                value.ok().flatten()
            };
            if response.status() == 401 {
                return Failure::Credentials {
                    without_user_headers: led_away && attempt.spec.has_headers_of_the_user(),
                    challenges: Challenge::parse(value(header::WWW_AUTHENTICATE)),
                    body: String::new(),
                };
            }
            if matches!(response.status(), 301 | 302 | 303 | 307 | 308) {
                return Failure::Redirect {
                    detail: format!(
                        "the eventsource-client crate does not follow HTTP {}",
                        response.status()
                    ),
                };
            }
            let retry_after = value(header::RETRY_AFTER)
                .and_then(|text| answer::wait_in(text, attempt.clock.now().utc));
            Failure::HttpStatus {
                status: response.status(),
                retry_after,
                body: String::new(),
            }
        }
        Error::MaxRedirectLimitReached(limit) => Failure::Redirect {
            detail: format!("more than {limit} redirects"),
        },
        Error::MalformedLocationHeader(error) => Failure::Redirect {
            detail: error.to_string(),
        },
        Error::InvalidParameter(_) => of_parameter(&error),
        other => of_read(&other),
    }
}

/// Returns the failure of an open connection.
fn of_read(error: &Error) -> Failure {
    if let Error::Transport(error) = error
        && let Some(failure) = error.inner().downcast_ref::<Failure>()
    {
        return failure.clone();
    }
    Failure::Lost {
        detail: format!("the eventsource-client crate gave up ({error})"),
    }
}

fn of_parameter(error: &Error) -> Failure {
    Failure::BadRequest {
        detail: error.to_string(),
    }
}
