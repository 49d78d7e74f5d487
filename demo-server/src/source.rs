//! Next items of a feed, for every protocol. This module uses neither framing nor sockets.

use std::io;
use std::time::Instant;

/// Time of the next item of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// At least one item is due.
    Now,
    /// The next item is due at this time.
    At(Instant),
    /// An item may be due after the next poke of the connection.
    WhenPoked,
    /// No item follows. The feed ends in order.
    Over,
    /// The client is so far behind that its next item is no longer stored.
    Lost,
}

/// Item: an event of an event stream, or a text message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceItem<'a> {
    /// Event type. If it is `None`, an event stream names no type. Messages have no type.
    pub(crate) event: Option<&'a str>,
    /// ID of the event.
    pub(crate) id: &'a [u8],
    /// Data without line breaks.
    pub(crate) data: Data<'a>,
}

/// Data of an item: bytes, with padding of any length at one position. The padding uses no memory, so that a client
/// that does not read a large item costs no more than others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data<'a> {
    /// Bytes before the padding.
    pub(crate) start: &'a [u8],
    /// Number of letters `x`.
    pub(crate) padding: usize,
    /// Bytes after the padding.
    pub(crate) end: &'a [u8],
}

impl Data<'_> {
    pub(crate) fn len(&self) -> usize {
        self.start.len() + self.padding + self.end.len()
    }

    /// Passes the data on in pieces. The pieces of the padding are short.
    pub(crate) fn pieces(&self, mut put: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        static PADDING: [u8; 16 << 10] = [b'x'; 16 << 10];
        put(self.start)?;
        let mut left = self.padding;
        while left > 0 {
            let piece = &PADDING[..left.min(PADDING.len())];
            put(piece)?;
            left -= piece.len();
        }
        put(self.end)
    }
}

impl<'a> From<&'a [u8]> for Data<'a> {
    fn from(start: &'a [u8]) -> Self {
        Self {
            start,
            padding: 0,
            end: &[],
        }
    }
}

/// Function that accepts items of a source. It fails if the connection is over.
pub(crate) type Put<'a> = &'a mut dyn FnMut(SourceItem<'_>) -> io::Result<()>;

/// Source of a feed's items in order, for one connection.
pub(crate) trait Source: Send {
    /// Returns the time of the next item.
    fn due(&self, now: Instant) -> Due;

    /// Passes on some of the items that are due. The number is limited, so that one write stays small.
    fn fill(&mut self, now: Instant, put: Put<'_>) -> io::Result<()>;

    /// Returns the approximate number of bytes that are due and were not passed on.
    fn waiting(&self) -> usize {
        0
    }
}
