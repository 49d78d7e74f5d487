//! Lenses of the feeds: the choice of the user, the pass over the records, and the chip that names, explains and changes
//! the lens.

mod chip;

use std::cell::Cell;
use std::collections::BTreeMap;

use feedscope_analysis::analysis::Task;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{Choice, FeedAddress, LensPass};
use feedscope_analysis::listing::ItemId;
use feedscope_core::store::RowNumber;

use crate::ids::FeedId;
use crate::scene::{FeedScene, PaneScene};

pub(crate) use chip::{LensWish, show as show_chip, width as chip_width};

/// Lens of one feed.
pub(crate) struct FeedLens {
    /// Choice of the user. It takes effect in the next pass.
    pub(crate) choice: Cell<Choice>,
    pass: LensPass,
    /// Choice that the pass was made for.
    made_for: Choice,
}

/// Lenses of all feeds in the window.
#[derive(Default)]
pub(crate) struct AllLenses {
    of_feeds: BTreeMap<FeedId, FeedLens>,
}

impl AllLenses {
    /// Creates the passes of new feeds, and those of other choices. Feeds that are not shown need none.
    pub(crate) fn sync(&mut self, panes: &[PaneScene]) {
        let feeds = || panes.iter().filter_map(|pane| pane.feed.as_ref());
        let is_shown = |id: FeedId| feeds().any(|feed| feed.id == id);
        self.of_feeds.retain(|id, _| is_shown(*id));
        for feed in feeds() {
            let lens = self
                .of_feeds
                .entry(feed.id)
                .or_insert_with(|| FeedLens::new(feed, Choice::Auto));
            // The menu changes the choice while the window is drawn.
            let choice = lens.choice.get();
            if choice != lens.made_for {
                *lens = FeedLens::new(feed, choice);
            }
        }
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
        self.of_feeds.values().filter_map(|lens| lens.pass.task())
    }
}

impl FeedLens {
    fn new(feed: &FeedScene, choice: Choice) -> Self {
        let address = FeedAddress {
            url: feed.source.url().to_string(),
            subprotocols: feed
                .source
                .spec()
                .map(|spec| spec.web_socket.subprotocols.clone())
                .unwrap_or_default(),
        };
        let interpreter = Interpreter::default();
        Self {
            choice: Cell::new(choice),
            pass: LensPass::new(&feed.store, choice, address, interpreter),
            made_for: choice,
        }
    }

    /// Returns the pass over the records.
    pub(crate) fn pass(&self) -> &LensPass {
        &self.pass
    }
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
