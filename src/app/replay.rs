//! Replays of the opened recordings, which the passes of the window advance and the user moves.

mod opened;

use feedscope_core::store::Store;
use feedscope_ui::{FeedId, ReplayAction, ReplayScene};

use super::App;
pub(super) use opened::OpenedReplay;

impl App {
    /// Moves the positions of all replays to those of the present time. It is called at the start of each pass.
    pub(super) fn advance_replays(&mut self) {
        let now = self.clock.now().moment;
        for files in &mut self.opened_files {
            if let Some(replay) = &mut files.replay {
                replay.advance(now);
            }
        }
    }

    /// Carries out a request about the replay of the recording that a feed was opened from.
    pub(super) fn carry_out_replay(&mut self, feed: FeedId, action: ReplayAction) {
        let now = self.clock.now().moment;
        let mut files = self.opened_files.iter_mut();
        let of_feed = files.find(|files| files.has(feed));
        if let Some(replay) = of_feed.and_then(|files| files.replay.as_mut()) {
            replay.carry_out(now, action);
        }
    }

    /// Returns the replay of a feed's recording as the window shows it.
    pub(super) fn replay_scene(&self, feed: FeedId, store: &Store) -> Option<ReplayScene> {
        let files = self.opened_files.iter().find(|files| files.has(feed))?;
        Some(files.replay.as_ref()?.scene(store))
    }
}
