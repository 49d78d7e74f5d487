//! View of a recording that is replayed. While it plays, the view shows the rows up to the position, as if they had just
//! arrived. While it stands, the view shows all rows, and the selected one is at the position.

use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::Moment;
use feedscope_core::store::{ListingIndex, RowNumber};

use super::painted::Position;
use super::replay_state::Replayed;
use super::view::{Reveal, TimelineView};
use crate::replay_scene::{ReplayAction, ReplayScene};
use crate::scene::FeedScene;
use crate::shortcuts::ReplayStep;

impl TimelineView {
    /// Adapts the view to the replay of its feed. Returns a request if the user has selected a row, because the replay
    /// continues there.
    pub(crate) fn sync_replay(
        &mut self,
        feed: &FeedScene,
        listing: &Listing,
    ) -> Option<ReplayAction> {
        let Some(replay) = &feed.replay else {
            self.replayed = Replayed::default();
            return None;
        };
        let was_playing = self.replayed.end.is_some();
        let is_moved = std::mem::replace(&mut self.replayed.moves, replay.moves) != replay.moves;
        let is_moved = is_moved && !std::mem::take(&mut self.replayed.has_led);
        self.replayed.end = replay.clock.is_playing().then_some(replay.end);
        let is_selected = self.selected() != self.replayed.selected;
        let mut action = None;
        if replay.clock.is_playing() {
            // A new replay shows its newest rows, wherever the user has scrolled.
            if !was_playing {
                self.follow();
            }
            // A search or a jump leads to a later record, which the view shows only while the replay stands.
            let later = self.selected().filter(|item| item.row >= replay.end);
            action = later.filter(|_| is_selected);
            if action.is_none() && later.is_some() {
                self.deselect();
            }
        } else if was_playing {
            self.stand(feed, replay, listing);
        } else if is_moved {
            self.show_position(replay, listing);
        } else if is_selected {
            action = self.selected();
        }
        // The next pass compares with this selection, so that only the user's own one is reported.
        self.replayed.selected = self.selected();
        let stamp = action.and_then(|item| feed.store.stamp(item.row));
        stamp.map(|stamp| ReplayAction::StandAt(stamp.moment))
    }

    /// Returns the request that moves the other views of a recording to this moment, where this one is already. There is none
    /// while the recording plays, or if it has one feed.
    pub(crate) fn lead_replay(&mut self, feed: &FeedScene, moment: Moment) -> Option<ReplayAction> {
        let replay = feed.replay.as_ref()?;
        if replay.clock.is_playing() || replay.stores.len() < 2 {
            return None;
        }
        self.replayed.has_led = true;
        Some(ReplayAction::MoveTo(moment))
    }

    /// Selects the next listed record after the position, or the one before it, and returns the request to stand there.
    pub(crate) fn step_replay(
        &mut self,
        feed: &FeedScene,
        listing: &Listing,
        step: ReplayStep,
    ) -> Option<ReplayAction> {
        let replay = feed.replay.as_ref()?;
        let (before, after) = if let Some(item) = self.at_position(feed, replay) {
            let index = listing.rank(item);
            (index, index + u64::from(listing.has(item)))
        } else {
            // The last played record counts as the present one.
            let after = listing.rank(replay.end);
            (after.saturating_sub(1), after)
        };
        let index = match step {
            ReplayStep::Back => before.checked_sub(1)?,
            ReplayStep::Forward => after,
        };
        let item = listing.select(index)?;
        let stamp = feed.store.stamp(item.id.row)?;
        self.choose_quietly(Some(item.id), Reveal::Near);
        self.replayed.selected = Some(item.id);
        Some(ReplayAction::StandAt(stamp.moment))
    }

    /// Returns the selected row if it is at the position. Several rows may have arrived at one moment.
    fn at_position(&self, feed: &FeedScene, replay: &ReplayScene) -> Option<ItemId> {
        let item = self.selected()?;
        let stamp = feed.store.stamp(item.row)?;
        (stamp.moment == replay.clock.position()).then_some(item)
    }

    /// Keeps the rows where they are when the replay stops, although later ones follow them now.
    fn stand(&mut self, feed: &FeedScene, replay: &ReplayScene, listing: &Listing) {
        if replay.clock.is_at_end() {
            return;
        }
        if self.position == Position::Following
            && let Some(painted) = self.painted.position
        {
            self.position = painted;
        }
        // Later rows are not new ones.
        if let Position::Held { newest, .. } = &mut self.position {
            *newest = feed.store.extent().end;
        }
        if self.at_position(feed, replay).is_none() {
            let last = last_played(replay, listing);
            self.choose_quietly(last, Reveal::Near);
        }
    }

    /// Shows the rows around the position.
    fn show_position(&mut self, replay: &ReplayScene, listing: &Listing) {
        if replay.clock.is_at_end() {
            self.deselect();
            self.follow();
            return;
        }
        let played = last_played(replay, listing);
        if played.is_none() {
            // The position is before the first record.
            self.position = Position::Held {
                top: RowNumber(0).into(),
                fraction: 0.0,
                newest: listing.store().extent().end,
            };
        }
        self.choose_quietly(played, Reveal::Amid);
    }

    /// Selects a row without opening the inspector for it.
    fn choose_quietly(&mut self, item: Option<ItemId>, reveal: Reveal) {
        self.resumes = false;
        self.selection.set(item);
        self.inspects &= item.is_some();
        self.reveal = reveal;
    }
}

/// Returns the last listed row at or before the position.
fn last_played(replay: &ReplayScene, listing: &Listing) -> Option<ItemId> {
    let ListingIndex(played) = listing.rank(replay.end);
    let last = listing.select(ListingIndex(played.checked_sub(1)?))?;
    Some(last.id)
}
