//! The next items of a feed, for every protocol. Knows neither framing nor sockets.

use std::io;
use std::time::Instant;

/// Time of the next item of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// There is at least one.
    Now,
    /// At that moment.
    At(Instant),
    /// After the next poke of the connection.
    WhenPoked,
    /// Never again: the feed ends in order.
    Over,
    /// The client is so far behind that what it should get next is gone.
    Lost,
}

/// One item: an event of an event stream, or a text message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    /// The event type; an event stream names none where it is `None`. Messages do without.
    pub(crate) event: Option<&'a str>,
    /// The event's id.
    pub(crate) id: &'a [u8],
    /// The data, without line breaks.
    pub(crate) data: Data<'a>,
}

/// Data of an item: bytes, with padding of any length at one place. The padding takes no memory, so that a client
/// which does not read a large item costs no more than others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data<'a> {
    /// The bytes before the padding.
    pub(crate) start: &'a [u8],
    /// The number of letters `x`.
    pub(crate) padding: usize,
    /// The bytes after the padding.
    pub(crate) end: &'a [u8],
}

impl Data<'_> {
    pub(crate) fn len(&self) -> usize {
        self.start.len() + self.padding + self.end.len()
    }

    /// Passes the data on in pieces, of which those of the padding are short.
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

/// Takes items from a source. Fails when the connection is over.
pub(crate) type Put<'a> = &'a mut dyn FnMut(Item<'_>) -> io::Result<()>;

/// Yields a feed's items in order for one connection.
pub(crate) trait Source: Send {
    /// Time of the next item.
    fn due(&self, now: Instant) -> Due;

    /// Hands over the items that are due: some of them, so that what is written at once stays small.
    fn fill(&mut self, now: Instant, put: Put<'_>) -> io::Result<()>;

    /// Approximate number of bytes that are due and have not been handed over.
    fn waiting(&self) -> usize {
        0
    }
}
