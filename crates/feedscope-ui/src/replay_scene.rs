//! Replay of a recording, as the window shows it, and the requests about it.

use std::sync::Arc;

use feedscope_core::replay::Replay;
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Moment, Timestamp};

/// Replay of the recording that a feed was opened from. All feeds of a recording have the same one.
#[derive(Clone)]
pub struct ReplayScene {
    /// Position and pace.
    pub clock: Replay,
    /// Number after the last row of this feed that has been played.
    pub end: RowNumber,
    /// Number of times that the user has moved the position on the time bar.
    pub moves: u64,
    /// Records of the feeds of the recording, in its order.
    pub stores: Arc<[Store]>,
}

/// Request of the user about a replay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReplayAction {
    /// Plays, or pauses if it plays.
    Toggle,
    /// Moves to this moment. The lists show the records around it.
    MoveTo(Moment),
    /// Pauses at this moment, which a list shows already.
    StandAt(Moment),
    /// Plays at the next higher speed.
    Faster,
    /// Plays at the next lower speed.
    Slower,
    /// Plays at this speed.
    SetSpeed(feedscope_core::replay::Speed),
    /// Skips long silence, or plays it.
    SkipSilence(bool),
    /// Begins again after the end, or stops there.
    Repeat(bool),
}

impl ReplayScene {
    /// Returns the time in UTC at a moment.
    pub(crate) fn utc_at(&self, moment: Moment) -> Timestamp {
        // The feeds of a recording have the same clock, so that the first one with records is enough.
        let utc = self.stores.iter().find_map(|store| store.utc_at(moment));
        utc.unwrap_or_default()
    }

    /// Returns the moment up to which the views show the feed, unless they show all of it.
    pub(crate) fn shown_until(&self) -> Option<Moment> {
        (!self.clock.is_at_end()).then(|| self.clock.position())
    }
}
