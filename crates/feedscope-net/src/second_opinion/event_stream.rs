//! Readers of event streams for the second opinion. One uses core's decoder. The other uses the `eventsource-client`
//! crate, with a transport that answers with the given bytes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use eventsource_client::{BoxStream, Client as _, ClientBuilder, Error, ReconnectOptions, SSE};
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem};
use feedscope_core::second_opinion::{EngineEnding, EngineReport};
use futures_util::Stream;
use launchdarkly_sdk_transport::{
    ByteStream, HttpTransport, Request, Response, ResponseFuture, TransportError,
};
use parking_lot::Mutex;
use reqwest::header;

use super::EngineReader;
use crate::engine::eventsource_client::comment_text;
use crate::http::headers;

/// Reader with the native engine.
pub(super) struct NativeReader {
    decoder: EventStreamDecoder,
}

impl NativeReader {
    pub(super) fn new(last_event_id: &[u8], max_message: u64) -> Self {
        let mut decoder = EventStreamDecoder::new(max_message);
        decoder.set_last_event_id(last_event_id);
        Self { decoder }
    }
}

impl EngineReader for NativeReader {
    fn read(&mut self, bytes: &Bytes, report: &mut dyn FnMut(EngineReport)) {
        self.decoder.feed(bytes, &mut |item: EventStreamItem<'_>| {
            if let Some(item) = EngineReport::of(item) {
                report(item);
            }
        });
    }

    fn end(&mut self, report: &mut dyn FnMut(EngineReport)) {
        report(EngineReport::Ending(EngineEnding {
            last_event_id: String::from_utf8_lossy(self.decoder.last_event_id()).into_owned(),
            ..EngineEnding::default()
        }));
    }
}

/// Reader with the crate.
pub(super) struct CrateReader {
    body: Body,
    items: BoxStream<Result<SSE, Error>>,
    last_event_id: String,
    ended: bool,
}

impl CrateReader {
    /// Returns `None` if the crate refuses to begin. No reason for a refusal is known.
    pub(super) fn new(last_event_id: &[u8]) -> Option<Self> {
        let mut builder = ClientBuilder::for_url("http://localhost/").ok()?;
        // The crate starts with the same last event ID as the native engine, so that it reports the same IDs.
        if let Some((_, id)) = headers::last_event_id(last_event_id) {
            builder = builder.last_event_id(String::from_utf8_lossy(id.as_bytes()).into_owned());
        }
        let once = ReconnectOptions::reconnect(false).retry_initial(false);
        let body = Body::default();
        let items = builder
            .reconnect(once.build())
            .build_with_transport(Replay(body.clone()))
            .stream();
        Some(Self {
            body,
            items,
            last_event_id: String::from_utf8_lossy(last_event_id).into_owned(),
            ended: false,
        })
    }

    /// Reports all items that the crate can decode now. The crate only waits for its body, so that no waker is needed.
    fn advance(&mut self, report: &mut dyn FnMut(EngineReport)) {
        let mut context = Context::from_waker(Waker::noop());
        while !self.ended
            && let Poll::Ready(item) = self.items.as_mut().poll_next(&mut context)
        {
            match item {
                Some(Ok(item)) => self.take_in(item, report),
                // These two errors only mean that the body has ended.
                Some(Err(Error::Eof | Error::UnexpectedEof)) | None => self.finish(None, report),
                Some(Err(error)) => self.finish(Some(error.to_string()), report),
            }
        }
    }

    fn take_in(&mut self, item: SSE, report: &mut dyn FnMut(EngineReport)) {
        match item {
            SSE::Event(event) => {
                // The native engine reports a `retry` field before the event of its block.
                if let Some(ms) = event.retry {
                    report(EngineReport::Retry(ms));
                }
                if let Some(id) = &event.id {
                    self.last_event_id.clone_from(id);
                }
                report(EngineReport::Event {
                    event: event.event_type,
                    id: event.id.unwrap_or_default(),
                    data: event.data,
                });
            }
            SSE::Comment(text) => report(EngineReport::Comment(comment_text(&text).to_owned())),
            SSE::Connected(_) => {}
        }
    }

    fn finish(&mut self, gave_up: Option<String>, report: &mut dyn FnMut(EngineReport)) {
        self.ended = true;
        report(EngineReport::Ending(EngineEnding {
            gave_up,
            close_code: None,
            last_event_id: std::mem::take(&mut self.last_event_id),
        }));
    }
}

impl EngineReader for CrateReader {
    fn read(&mut self, bytes: &Bytes, report: &mut dyn FnMut(EngineReport)) {
        self.body.0.lock().pieces.push_back(bytes.clone());
        self.advance(report);
    }

    fn end(&mut self, report: &mut dyn FnMut(EngineReport)) {
        self.body.0.lock().ended = true;
        self.advance(report);
    }
}

/// Body of the answer: the bytes that were added and not read yet.
#[derive(Clone, Default)]
struct Body(Arc<Mutex<HandedOver>>);

#[derive(Default)]
struct HandedOver {
    pieces: VecDeque<Bytes>,
    ended: bool,
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut handed_over = self.0.lock();
        match handed_over.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None if handed_over.ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

/// Transport that answers every request with the same body.
#[derive(Clone)]
struct Replay(Body);

impl HttpTransport for Replay {
    fn request(&self, _: Request<Option<Bytes>>) -> ResponseFuture {
        let body: ByteStream = Box::pin(self.0.clone());
        let answer = Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream")
            .body(body)
            .map_err(TransportError::new);
        Box::pin(std::future::ready(answer))
    }
}
