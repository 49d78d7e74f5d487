//! What a feed says next, whichever protocol carries it. Knows neither framing nor sockets.

use std::time::Instant;

/// When a source has its next item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// There is at least one.
    Now,
    /// At that moment.
    At(Instant),
    /// When the connection is poked.
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
    pub(crate) data: &'a [u8],
}

/// Takes items from a source.
pub(crate) type Put<'a> = &'a mut dyn FnMut(Item<'_>);

/// Yields a feed's items in order for one connection.
pub(crate) trait Source: Send {
    /// When the next item is there.
    fn due(&self, now: Instant) -> Due;

    /// Hands over the items that are due: some of them, so that what is written at once stays small.
    fn fill(&mut self, now: Instant, put: Put<'_>);

    /// How many bytes, roughly, are due and have not been handed over.
    fn waiting(&self) -> usize {
        0
    }
}
