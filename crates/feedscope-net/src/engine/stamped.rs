//! Socket that records the time of each read. The message layer above it reads by itself and would only provide the
//! time at which a message was complete.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use feedscope_core::Stamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Attempt;
use crate::clock::Clock;
use crate::second_opinion::Tee;

/// Socket with the stamp of its newest read.
#[derive(Debug)]
pub(super) struct Stamped<T> {
    socket: T,
    clock: Clock,
    stamp: Stamp,
    /// Receives a copy of the read bytes, for a second opinion.
    tee: Option<Tee>,
}

impl<T> Stamped<T> {
    pub(super) fn new(socket: T, attempt: &Attempt) -> Self {
        let clock = attempt.clock.clone();
        let stamp = clock.now();
        Self {
            socket,
            clock,
            stamp,
            tee: attempt.tee.clone(),
        }
    }

    /// Returns the stamp of the newest read or, before the first read, the one of the creation.
    pub(super) fn stamp(&self) -> Stamp {
        self.stamp
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Stamped<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        // A read without bytes is the end of the stream or has failed. It does not count as a sign of life.
        if buffer.filled().len() > before {
            self.stamp = self.clock.now();
            if let Some(tee) = &self.tee {
                tee.push_copy(&buffer.filled()[before..]);
            }
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Stamped<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
