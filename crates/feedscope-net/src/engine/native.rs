//! Native engine for event streams. Core's decoder turns the chunks of the body into records.
//!
//! An event causes no allocation, no lock and no step of the machine.

use std::task::{Context, Poll};

use bytes::Bytes;
use feedscope_core::NoteCode;
use feedscope_core::connection::{Ending, Input};
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem, Oversized, Undelivered};
use feedscope_core::record::{Kind, Sink};

use super::chunks::{ChunkReader, poll_chunks};
use super::skip::Skip;
use super::{Attempt, Connection, Port};
use crate::http::Body;
use crate::second_opinion::Tee;
use crate::status::Urgency;

/// Open event stream.
pub(super) struct EventStream {
    body: Body,
    /// Receives a copy of the body for a second opinion.
    tee: Option<Tee>,
    decoder: EventStreamDecoder,
    max_message: u64,
    /// True after the machine received the report that data arrived.
    delivered: bool,
    /// Bytes from which no record was made.
    undelivered: Undelivered,
    skip: Skip,
}

impl EventStream {
    pub(super) fn new(body: Body, attempt: &Attempt) -> Self {
        let max_message = attempt.spec.keeping.max_message;
        let mut decoder = EventStreamDecoder::new(max_message);
        decoder.set_last_event_id(&attempt.last_event_id);
        Self {
            body,
            tee: attempt.tee.clone(),
            decoder,
            max_message,
            delivered: false,
            undelivered: Undelivered::default(),
            skip: Skip::No,
        }
    }
}

impl<S: Sink> ChunkReader<S> for EventStream {
    fn body(&mut self) -> &mut Body {
        &mut self.body
    }

    fn take_in(&mut self, chunk: &Bytes, port: &mut Port<S>) {
        if let Some(tee) = &self.tee {
            tee.push(chunk);
        }
        let Self {
            decoder,
            max_message,
            delivered,
            undelivered,
            skip,
            ..
        } = self;
        let Port {
            batch,
            inputs,
            gaps,
            traffic,
            status,
            ..
        } = port;
        // The fields are borrowed one by one, because the decoder calls the closure while it is borrowed itself.
        let mut records = false;
        batch.restamp();
        decoder.feed(chunk, &mut |item: EventStreamItem<'_>| {
            match item {
                EventStreamItem::Event { event, id, data } => {
                    // The gap precedes the event that revealed it.
                    if let Some(finding) = gaps.on_event(id, data) {
                        traffic.report(finding, batch, status);
                    }
                    batch.push(Kind::Event { event, id, data });
                }
                EventStreamItem::Comment(data) => batch.push(Kind::Comment { data }),
                EventStreamItem::Retry(ms) => {
                    batch.push(Kind::Retry { ms });
                    inputs.push(Input::ReconnectionTime { ms });
                }
                EventStreamItem::TooLong(part) => {
                    batch.note(NoteCode::MESSAGE_TOO_LONG, &too_long(part, *max_message));
                    *skip = Skip::No;
                }
                EventStreamItem::Ignored { line } => return undelivered.ignored_line(line),
                EventStreamItem::NoData { event, id, bytes } => {
                    return undelivered.event_without_data(event, id, bytes);
                }
            }
            records = true;
        });
        undelivered.after_read(records, &mut |code, text| batch.note(code, text));
        skip.after_read(decoder.skipping().is_some());
        batch.finish();
        status.changed(Urgency::Interval);
        // The machine needs only the first report of a connection.
        if records && !*delivered {
            *delivered = true;
            inputs.push(Input::Delivered);
        }
    }

    /// Reports a block that is skipped for a long time before it ends. Otherwise a block without an end would never
    /// appear in the timeline.
    fn poll_skip(&mut self, context: &mut Context<'_>, port: &mut Port<S>) {
        if !self.skip.is_due(context) {
            return;
        }
        if let Some(part) = self.decoder.skipping() {
            port.batch.restamp();
            let (part, limit) = (named(part), self.max_message);
            let text = format!("{part} so far is being skipped: the limit is {limit} bytes");
            port.batch.note(NoteCode::MESSAGE_TOO_LONG, &text);
            port.batch.finish();
        }
    }

    /// Reports the block that the stream ended in, and all bytes that formed no record.
    fn end(&mut self, ending: Ending, port: &mut Port<S>) {
        let batch = &mut port.batch;
        batch.restamp();
        if let Some(part) = self.decoder.skipping() {
            batch.note(
                NoteCode::MESSAGE_TOO_LONG,
                &too_long(part, self.max_message),
            );
        }
        if ending == Ending::EndOfStream
            && let Some(remark) = self.body.remark()
        {
            batch.note(NoteCode::CONTENT_CODING, &remark);
        }
        let unfinished = self.decoder.unfinished();
        self.undelivered
            .at_end(unfinished, &mut |code, text| batch.note(code, text));
        port.end(ending);
    }
}

impl<S: Sink> Connection<S> for EventStream {
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        poll_chunks(self, context, port)
    }

    fn close(&mut self, port: &mut Port<S>) {
        // Event streams have no closing handshake. The driver drops the body, which closes the socket.
        self.end(Ending::ClosedByUs, port);
    }

    fn last_event_id(&self) -> Option<&[u8]> {
        Some(self.decoder.last_event_id())
    }
}

fn too_long(part: Oversized, limit: u64) -> String {
    let part = named(part);
    format!("{part} was skipped: the limit is {limit} bytes")
}

fn named(part: Oversized) -> String {
    match part {
        Oversized::Event(bytes) => format!("an event of {bytes} bytes"),
        Oversized::Comment(bytes) => format!("a comment of {bytes} bytes"),
    }
}
