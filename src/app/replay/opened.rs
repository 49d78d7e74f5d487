//! Replay of files that were opened together. The window shows the rows up to a position, which moves with the present
//! time; the stores are never changed.

use std::sync::Arc;

use feedscope_core::Moment;
use feedscope_core::replay::Replay;
use feedscope_core::store::Store;
use feedscope_core::time::Stamp;
use feedscope_ui::{ReplayAction, ReplayScene};

/// Replay of files that were opened together.
pub(in crate::app) struct OpenedReplay {
    clock: Replay,
    /// Number of moves by the user.
    moves: u64,
    stores: Arc<[Store]>,
}

impl OpenedReplay {
    /// Creates the replay of these feeds, or updates it after the files have grown. Records without times have none.
    pub(in crate::app) fn update(
        former: Option<Self>,
        stores: &[Store],
        spans: &[Option<(Stamp, Stamp)>],
    ) -> Option<Self> {
        let spans = spans.iter().flatten();
        let moments = spans.map(|(first, last)| (first.moment, last.moment));
        let (first, last) =
            moments.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))?;
        // All records of a file without times have the same moment.
        if first >= last {
            return None;
        }
        let (mut clock, moves, known) = match former {
            Some(former) => (former.clock, former.moves, Some(former.stores)),
            None => (Replay::new(first, last), 0, None),
        };
        clock.set_span(first, last);
        // The feeds keep their places, so that only new ones change the list.
        let known = known.filter(|known| known.len() == stores.len());
        let stores = known.unwrap_or_else(|| stores.into());
        Some(Self {
            clock,
            moves,
            stores,
        })
    }

    /// Moves the position to that of the present time.
    pub(super) fn advance(&mut self, now: Moment) {
        let stores = &self.stores;
        self.clock.advance(now, |moment| around(stores, moment));
    }

    /// Carries out a request of the user.
    pub(super) fn carry_out(&mut self, now: Moment, action: ReplayAction) {
        let clock = &mut self.clock;
        match action {
            ReplayAction::Toggle if clock.is_playing() => clock.pause(),
            ReplayAction::Toggle => clock.play(now),
            ReplayAction::MoveTo(moment) => {
                clock.seek(now, moment);
                self.moves += 1;
            }
            ReplayAction::StandAt(moment) => {
                clock.pause();
                clock.seek(now, moment);
            }
            ReplayAction::Faster => clock.set_speed(now, clock.speed().faster()),
            ReplayAction::Slower => clock.set_speed(now, clock.speed().slower()),
            ReplayAction::SetSpeed(speed) => clock.set_speed(now, speed),
            ReplayAction::SkipSilence(skips) => clock.set_skips_silence(skips),
            ReplayAction::Repeat(repeats) => clock.set_repeated(repeats),
        }
    }

    pub(super) fn scene(&self, store: &Store) -> ReplayScene {
        ReplayScene {
            end: store.end_at(self.clock.position()),
            clock: self.clock.clone(),
            moves: self.moves,
            stores: Arc::clone(&self.stores),
        }
    }
}

/// Returns the moments of the last record of all feeds at or before a moment, and of the first one after it.
fn around(stores: &[Store], moment: Moment) -> (Option<Moment>, Option<Moment>) {
    let around = stores.iter().map(|store| store.moments_around(moment));
    let (before, after): (Vec<_>, Vec<_>) = around.unzip();
    (
        before.into_iter().flatten().max(),
        after.into_iter().flatten().min(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_core::record::{Kind, Record, Sink as _};
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, RowNumber};

    /// Store with a record at each of these times in milliseconds.
    fn store(times: &[u64]) -> Store {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for &ms in times {
            writer.push(&Record {
                stamp: Stamp {
                    moment: Moment::from_millis(ms),
                    ..Stamp::default()
                },
                connection: 1,
                kind: Kind::Line { data: b"a" },
            });
        }
        store
    }

    fn opened(former: Option<OpenedReplay>, stores: &[Store]) -> Option<OpenedReplay> {
        let spans: Vec<_> = stores.iter().map(Store::span).collect();
        OpenedReplay::update(former, stores, &spans)
    }

    #[test]
    fn all_feeds_of_a_recording_have_one_position() {
        let stores = [store(&[1_000, 3_000]), store(&[2_000, 20_000, 21_000])];
        let mut replay = opened(None, &stores).unwrap();
        let ms = Moment::from_millis;
        let ends = |replay: &OpenedReplay| stores.each_ref().map(|store| replay.scene(store).end.0);
        assert_eq!(ends(&replay), [2, 3], "a recording is shown as a whole");
        replay.carry_out(ms(0), ReplayAction::Toggle);
        assert_eq!(ends(&replay), [1, 0]);
        replay.advance(ms(1_500));
        assert_eq!(ends(&replay), [1, 1]);
        replay.carry_out(ms(1_500), ReplayAction::SkipSilence(true));
        replay.advance(ms(2_100));
        // Silence is skipped only where no feed has records.
        assert_eq!(ends(&replay), [2, 2]);
        replay.carry_out(ms(2_200), ReplayAction::StandAt(ms(2_000)));
        replay.advance(ms(9_000));
        assert_eq!(ends(&replay), [1, 1]);
        assert_eq!(replay.scene(&stores[0]).moves, 0);
        replay.carry_out(ms(9_000), ReplayAction::MoveTo(ms(30_000)));
        assert_eq!((ends(&replay), replay.moves), ([2, 3], 1));
    }

    #[test]
    fn a_position_stays_while_the_recording_grows() {
        let stores = [store(&[1_000, 2_000])];
        let mut replay = opened(None, &stores).unwrap();
        let ms = Moment::from_millis;
        replay.carry_out(ms(0), ReplayAction::MoveTo(ms(1_500)));
        let more = [store(&[1_000, 2_000]), store(&[500, 5_000])];
        let replay = opened(Some(replay), &more).unwrap();
        assert_eq!(replay.clock.position(), ms(1_500));
        assert_eq!(replay.clock.span(), (ms(500), ms(5_000)));
        assert_eq!(replay.stores.len(), 2);
        assert_eq!(replay.scene(&more[1]).end, RowNumber(1));
    }

    #[test]
    fn records_without_times_are_not_played() {
        assert!(opened(None, &[store(&[0, 0])]).is_none());
        assert!(opened(None, &[store(&[])]).is_none());
        assert!(opened(None, &[]).is_none());
    }
}
