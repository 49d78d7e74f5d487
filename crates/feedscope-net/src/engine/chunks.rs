//! Loop of the engines that read the body of an answer chunk by chunk.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use feedscope_core::connection::Ending;
use feedscope_core::record::Sink;
use futures_util::Stream as _;

use super::Port;
use crate::http::Body;

/// Number of chunks that are read before the driver checks commands and timers again.
const CHUNKS_A_TURN: usize = 32;

/// Engine that turns chunks into records.
pub(super) trait ChunkReader<S: Sink> {
    /// Returns the body that the chunks come from.
    fn body(&mut self) -> &mut Body;

    /// Reports an oversized part while it is still arriving, because it may never end.
    fn poll_skip(&mut self, context: &mut Context<'_>, port: &mut Port<S>);

    /// Turns one chunk into records.
    fn take_in(&mut self, chunk: &Bytes, port: &mut Port<S>);

    /// Reports the part that the body ended in, and ends the connection.
    fn end(&mut self, ending: Ending, port: &mut Port<S>);
}

/// Reads the chunks that have arrived. Ready as soon as there is an input for the machine.
pub(super) fn poll_chunks<S: Sink>(
    reader: &mut impl ChunkReader<S>,
    context: &mut Context<'_>,
    port: &mut Port<S>,
) -> Poll<()> {
    reader.poll_skip(context, port);
    for _ in 0..CHUNKS_A_TURN {
        match ready!(Pin::new(reader.body()).poll_next(context)) {
            Some(Ok(chunk)) => reader.take_in(&chunk, port),
            Some(Err(failure)) => reader.end(Ending::Failed(failure), port),
            None => reader.end(Ending::EndOfStream, port),
        }
        if !port.inputs.is_empty() {
            return Poll::Ready(());
        }
    }
    // More chunks may be available, but other tasks run first.
    context.waker().wake_by_ref();
    Poll::Pending
}
