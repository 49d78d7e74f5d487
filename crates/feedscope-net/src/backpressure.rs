//! Backpressure from the sink: reading pauses while chunks of records are on their way to a disk that is slower than
//! the feed. This module does not read from the connection.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use feedscope_core::{Moment, NoteCode, Sink};
use tokio::time::Sleep;

use crate::batch::Batch;

/// Longest time for which the sink may pause a feed without interruption. A server closes the connection to a silent
/// reader sooner or later, and pings are not answered during a pause.
const PATIENCE: Duration = Duration::from_secs(5);

/// Interval at which the sink is checked for room. A disk needs some milliseconds for a chunk.
const CHECK_INTERVAL: Duration = Duration::from_millis(2);

/// Shortest pause that is reported in the timeline.
const SHORTEST_REPORTED: Duration = Duration::from_secs(1);

/// Pauses reading from a feed while its sink has no room.
#[derive(Default)]
pub(crate) struct Backpressure {
    stage: PauseStage,
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PauseStage {
    /// The feed is read normally.
    #[default]
    Reading,
    /// Reading has been paused since this time.
    Waiting(Moment),
    /// The feed is read although the sink has no room, because the longest pause is over.
    OutOfPatience,
}

impl Backpressure {
    /// Ready if the feed can be read.
    pub(crate) fn poll<S: Sink>(
        &mut self,
        context: &mut Context<'_>,
        batch: &mut Batch<S>,
    ) -> Poll<()> {
        loop {
            let has_room = batch.has_room();
            if has_room && self.stage == PauseStage::Reading {
                return Poll::Ready(());
            }
            let waited = self.stage.step(has_room, batch.restamp().moment);
            if let Some(waited) = waited.filter(|waited| *waited >= SHORTEST_REPORTED) {
                batch.note(NoteCode::HELD_BACK, &sentence(waited));
            }
            // Without a pause no timer is needed.
            if !matches!(self.stage, PauseStage::Waiting(_)) {
                self.timer = None;
                return Poll::Ready(());
            }
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(CHECK_INTERVAL)));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
        }
    }
}

impl PauseStage {
    /// Moves to the next stage. Returns the duration of a pause that has just ended.
    fn step(&mut self, has_room: bool, now: Moment) -> Option<Duration> {
        match *self {
            Self::Reading | Self::OutOfPatience if has_room => *self = Self::Reading,
            Self::Reading => *self = Self::Waiting(now),
            Self::OutOfPatience => {}
            Self::Waiting(since) => {
                let waited = now.since(since);
                if has_room || waited >= PATIENCE {
                    *self = if has_room {
                        Self::Reading
                    } else {
                        Self::OutOfPatience
                    };
                    return Some(waited);
                }
            }
        }
        None
    }
}

fn sentence(waited: Duration) -> String {
    let seconds = waited.as_secs_f64();
    format!(
        "nothing was read for {seconds:.1} s: older records were on their way to the disk, which is slower than the feed"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_waits_for_room_but_not_for_ever() {
        let at = Moment::from_millis;
        let mut stage = PauseStage::default();
        assert_eq!(stage.step(true, at(0)), None);
        assert_eq!(stage, PauseStage::Reading);
        assert_eq!(stage.step(false, at(10)), None);
        assert_eq!(stage, PauseStage::Waiting(at(10)));
        assert_eq!(
            stage.step(true, at(1_510)),
            Some(Duration::from_millis(1_500))
        );
        assert_eq!(stage, PauseStage::Reading);
        stage.step(false, at(2_000));
        assert_eq!(stage.step(false, at(6_999)), None);
        assert_eq!(stage.step(false, at(7_000)), Some(PATIENCE));
        assert_eq!(stage, PauseStage::OutOfPatience);
        assert_eq!(stage.step(false, at(9_000)), None);
        assert_eq!(
            stage,
            PauseStage::OutOfPatience,
            "patience has to be earned again"
        );
        assert_eq!(stage.step(true, at(9_001)), None);
        stage.step(false, at(9_002));
        assert_eq!(stage, PauseStage::Waiting(at(9_002)));
    }
}
