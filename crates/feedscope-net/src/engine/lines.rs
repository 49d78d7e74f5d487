//! Engine for lines over HTTP: body chunks through core's splitter into records.

use std::task::{Context, Poll};

use bytes::Bytes;
use feedscope_core::NoteCode;
use feedscope_core::connection::{Ending, Input};
use feedscope_core::decode::{LineDecoder, LineForm, LineItem};
use feedscope_core::record::{Kind, Sink};
use feedscope_core::safe_text::excerpt;

use super::chunks::{ChunkReader, poll_chunks};
use super::skip::Skip;
use super::{Attempt, Connection, Port};
use crate::http::Body;

/// An open stream of lines.
pub(super) struct Lines {
    body: Body,
    decoder: LineDecoder,
    max_message: u64,
    /// The machine knows that something came.
    delivered: bool,
    /// Number of empty lines, which make no record.
    keep_alives: u64,
    skip: Skip,
}

impl Lines {
    pub(super) fn new(body: Body, form: LineForm, attempt: &Attempt) -> Self {
        let max_message = attempt.spec.keeping.max_message;
        Self {
            body,
            decoder: LineDecoder::new(form, max_message),
            max_message,
            delivered: false,
            keep_alives: 0,
            skip: Skip::default(),
        }
    }
}

impl<S: Sink> ChunkReader<S> for Lines {
    fn body(&mut self) -> &mut Body {
        &mut self.body
    }

    fn take_in(&mut self, chunk: &Bytes, port: &mut Port<S>) {
        let Self {
            decoder,
            max_message,
            keep_alives,
            skip,
            ..
        } = self;
        let Port {
            batch,
            gaps,
            traffic,
            status,
            ..
        } = port;
        let mut came = false;
        batch.restamp();
        decoder.feed(chunk, &mut |item| {
            came = true;
            match item {
                LineItem::Line(data) => {
                    // Lines have no ids, so that a resume is reported as one that may have lost something.
                    if let Some(finding) = gaps.on_event(b"", data) {
                        traffic.report(finding, batch, status);
                    }
                    batch.push(Kind::Line { data });
                }
                LineItem::KeepAlive => *keep_alives += 1,
                LineItem::TooLong(bytes) => {
                    batch.note(NoteCode::MESSAGE_TOO_LONG, &too_long(bytes, *max_message));
                    *skip = Skip::No;
                }
            }
        });
        skip.after_read(decoder.skipping().is_some());
        batch.finish();
        if came && !self.delivered {
            self.delivered = true;
            port.inputs.push(Input::Delivered);
        }
    }

    /// Reports an oversized line while it is still arriving, because it may never end.
    fn poll_skip(&mut self, context: &mut Context<'_>, port: &mut Port<S>) {
        if !self.skip.is_due(context) {
            return;
        }
        if let Some(bytes) = self.decoder.skipping() {
            let limit = self.max_message;
            port.batch.restamp();
            port.batch.note(
                NoteCode::MESSAGE_TOO_LONG,
                &format!(
                    "a line of {bytes} bytes so far is being skipped: the limit is {limit} bytes"
                ),
            );
            port.batch.finish();
        }
    }

    /// Ends the stream: its last line needs no line end where the stream ended in order.
    fn end(&mut self, ending: Ending, port: &mut Port<S>) {
        let batch = &mut port.batch;
        batch.restamp();
        if let Some(bytes) = self.decoder.skipping() {
            batch.note(
                NoteCode::MESSAGE_TOO_LONG,
                &too_long(bytes, self.max_message),
            );
        } else if ending == Ending::EndOfStream {
            self.decoder.finish(&mut |item| {
                if let LineItem::Line(data) = item {
                    batch.push(Kind::Line { data });
                }
            });
        } else if !self.decoder.unfinished().is_empty() {
            let line = self.decoder.unfinished();
            batch.note(
                NoteCode::UNFINISHED_LINE,
                &format!(
                    "the stream ended inside a line: {} bytes not delivered, because the line has no end: {}",
                    line.len(),
                    excerpt(line)
                ),
            );
        }
        if ending == Ending::EndOfStream
            && let Some(remark) = self.body.remark()
        {
            batch.note(NoteCode::CONTENT_CODING, &remark);
        }
        if self.keep_alives > 0 {
            let text = format!(
                "empty lines that kept the connection alive: {}",
                self.keep_alives
            );
            batch.note(NoteCode::KEEP_ALIVES, &text);
        }
        // The server has sent everything: nothing would be gained by asking for it again.
        if ending == Ending::EndOfStream {
            port.inputs.push(Input::Finished);
        }
        port.end(ending);
    }
}

impl<S: Sink> Connection<S> for Lines {
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()> {
        poll_chunks(self, context, port)
    }

    fn close(&mut self, port: &mut Port<S>) {
        // There is no closing handshake: the driver drops the body, and with it the socket.
        self.end(Ending::ClosedByUs, port);
    }

    fn last_event_id(&self) -> Option<&[u8]> {
        None
    }
}

fn too_long(bytes: u64, limit: u64) -> String {
    format!("a line of {bytes} bytes was skipped: the limit is {limit} bytes")
}
