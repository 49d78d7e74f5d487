//! Lenses and decoders of the feeds: the choice of the user, the pass over the records, and the chip that names, explains and changes
//! the lens.

mod chip;
mod reading;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use feedscope_analysis::analysis::Task;
use feedscope_analysis::decoders::Chain;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{Choice, FeedAddress, LensPass};
use feedscope_analysis::listing::ItemId;
use feedscope_core::protocol::Protocol;
use feedscope_core::store::RowNumber;

use crate::ids::FeedId;
use crate::scene::{FeedScene, PaneScene};

pub(crate) use chip::{LensWish, show as show_chip, width as chip_width};
use reading::ReadingOffer;
pub use reading::{PayloadReading, ReadingTexts};
pub(crate) use reading::{Typed, TypedChains};

/// Lens of one feed.
pub(crate) struct FeedLens {
    /// Choice of the user. It takes effect in the next pass.
    pub(crate) choice: Cell<Choice>,
    /// Decoders that the user chose. They take effect in the next pass.
    pub(crate) decoders: RefCell<Interpreter>,
    /// Fields in the menu of the decoders.
    pub(crate) typed: RefCell<TypedChains>,
    /// Protocol of the feed. Nothing is sent to an event stream.
    pub(crate) protocol: Protocol,
    pass: LensPass,
    /// Choices that the pass was made for.
    made_for: PayloadReading,
    offer: ReadingOffer,
}

/// Lenses of all feeds in the window.
#[derive(Default)]
pub(crate) struct AllLenses {
    of_feeds: BTreeMap<FeedId, FeedLens>,
    /// Choices for feeds that are not shown at present.
    given: BTreeMap<FeedId, PayloadReading>,
}

impl AllLenses {
    /// Creates the passes of new feeds, and those of other choices. Feeds that are not shown need none.
    pub(crate) fn sync(&mut self, panes: &[PaneScene]) {
        let feeds = || panes.iter().filter_map(|pane| pane.feed.as_ref());
        let is_shown = |id: FeedId| feeds().any(|feed| feed.id == id);
        let given = &mut self.given;
        // A closed feed can be opened again.
        for (id, lens) in self.of_feeds.extract_if(.., |id, _| !is_shown(*id)) {
            given.insert(id, lens.reading());
        }
        for feed in feeds() {
            let new = || FeedLens::new(feed, given.remove(&feed.id).unwrap_or_default());
            let lens = self.of_feeds.entry(feed.id).or_insert_with(new);
            // The menus change the choices while the window is drawn.
            let reading = lens.reading();
            if reading != lens.made_for {
                let offer = std::mem::take(&mut lens.offer);
                *lens = FeedLens::new(feed, reading);
                lens.offer = offer;
            }
            lens.offer.sync(&feed.store, &lens.made_for);
        }
    }

    /// Sets the choices for a feed.
    pub(crate) fn set_reading(&mut self, feed: FeedId, reading: PayloadReading) {
        self.of_feeds.remove(&feed);
        self.given.insert(feed, reading);
    }

    /// Returns the choices for a feed.
    pub(crate) fn reading_of(&self, feed: FeedId) -> PayloadReading {
        let shown = self.of(feed).map(FeedLens::reading);
        shown.unwrap_or_else(|| self.given.get(&feed).cloned().unwrap_or_default())
    }

    /// Returns the reader of a feed's payloads.
    pub(crate) fn interpreter(&self, feed: FeedId) -> Interpreter {
        self.of(feed)
            .map_or_else(Interpreter::default, |lens| lens.pass.interpreter().clone())
    }

    /// Returns the lens of a feed that the window shows.
    pub(crate) fn of(&self, feed: FeedId) -> Option<&FeedLens> {
        self.of_feeds.get(&feed)
    }

    /// Returns the whole text of an answer.
    pub(crate) fn text_of_answer(&self, feed: FeedId, number: u64) -> Option<String> {
        let assembled = self.of(feed)?.pass.assembled();
        let mut answers = assembled.answers.iter();
        let answer = answers.find(|answer| answer.number == number)?;
        Some(answer.whole_text())
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        let lenses = self.of_feeds.values();
        lenses.flat_map(|lens| [lens.pass.task(), lens.offer.task()].into_iter().flatten())
    }
}

impl FeedLens {
    fn new(feed: &FeedScene, reading: PayloadReading) -> Self {
        let address = match feed.source.spec() {
            Some(spec) => FeedAddress::of(spec),
            // A recording has the URL, but not the offered subprotocols.
            None => FeedAddress {
                url: feed
                    .source
                    .url()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                subprotocols: Vec::new(),
            },
        };
        let interpreter = reading.interpreter.clone();
        Self {
            choice: Cell::new(reading.lens),
            typed: RefCell::new(TypedChains::of(&reading)),
            pass: LensPass::new(&feed.store, reading.lens, address, interpreter.clone()),
            decoders: RefCell::new(interpreter),
            protocol: feed.source.protocol(),
            made_for: reading,
            offer: ReadingOffer::default(),
        }
    }

    /// Returns the present choices.
    pub(crate) fn reading(&self) -> PayloadReading {
        PayloadReading {
            interpreter: self.decoders.borrow().clone(),
            lens: self.choice.get(),
        }
    }

    /// Returns the decoders that fit the first payloads, while payloads are not decoded.
    pub(crate) fn offered(&self) -> Option<&Chain> {
        self.offer
            .found()
            .filter(|_| self.decoders.borrow().is_identity())
    }

    /// Returns the pass over the records.
    pub(crate) fn pass(&self) -> &LensPass {
        &self.pass
    }
}

/// Menu about the reading of payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadingMenu {
    Lens,
    Decoders,
}

/// Item at the other end of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Partner {
    /// First answer to a request.
    Answer(ItemId),
    /// Request of an answer.
    Request(ItemId),
}

impl Partner {
    /// Returns the item.
    pub(crate) fn item(self) -> ItemId {
        match self {
            Self::Answer(item) | Self::Request(item) => item,
        }
    }

    /// Returns the partner of an item.
    pub(crate) fn of(pass: &LensPass, item: ItemId) -> Option<Self> {
        let request = pass.request_of(item).map(Self::Request);
        request.or_else(|| pass.answer_to(item).map(Self::Answer))
    }

    /// Returns the partner of the first part of a row that has one.
    pub(crate) fn of_row(pass: &LensPass, row: RowNumber) -> Option<Self> {
        let reads = pass.meanings(&[row]).pop().flatten()?;
        let mut parts = (0..).take(reads.len());
        parts.find_map(|part| Self::of(pass, ItemId { row, part }))
    }
}
