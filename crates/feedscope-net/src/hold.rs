//! When reading on waits for the sink: while chunks of records are on their way to a disk that is slower than the feed.
//! It reads nothing itself.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use feedscope_core::{Moment, Sink};
use tokio::time::Sleep;

use crate::batch::Batch;

/// How long the sink may keep a feed waiting in one go. A server gives a silent reader up sooner or later, and pings are
/// not answered meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the sink is asked whether there is room again: a chunk takes a disk some milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A wait of this length is told in the timeline.
const TOLD_FROM: Duration = Duration::from_secs(1);

/// Keeps a feed from being read while its sink has no room.
#[derive(Default)]
pub(crate) struct Hold {
    stage: Stage,
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// The feed is read.
    #[default]
    Reading,
    /// It waits since then.
    Waiting(Moment),
    /// It is read although there is no room: the sink has had its time.
    OutOfPatience,
}

impl Hold {
    /// Ready when the feed may be read on.
    pub(crate) fn poll<S: Sink>(
        &mut self,
        context: &mut Context<'_>,
        batch: &mut Batch<S>,
    ) -> Poll<()> {
        loop {
            let has_room = batch.has_room();
            if has_room && self.stage == Stage::Reading {
                return Poll::Ready(());
            }
            let waited = self.stage.step(has_room, batch.restamp().moment);
            if let Some(waited) = waited.filter(|waited| *waited >= TOLD_FROM) {
                batch.note("held_back", &sentence(waited));
            }
            if !matches!(self.stage, Stage::Waiting(_)) {
                self.timer = None;
                return Poll::Ready(());
            }
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(LOOK_EVERY)));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
        }
    }
}

impl Stage {
    /// What to do now; how long the wait was that has just come to an end.
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
        let mut stage = Stage::default();
        assert_eq!(stage.step(true, at(0)), None);
        assert_eq!(stage, Stage::Reading);
        assert_eq!(stage.step(false, at(10)), None);
        assert_eq!(stage, Stage::Waiting(at(10)));
        assert_eq!(
            stage.step(true, at(1_510)),
            Some(Duration::from_millis(1_500))
        );
        assert_eq!(stage, Stage::Reading);
        stage.step(false, at(2_000));
        assert_eq!(stage.step(false, at(6_999)), None);
        assert_eq!(stage.step(false, at(7_000)), Some(PATIENCE));
        assert_eq!(stage, Stage::OutOfPatience);
        assert_eq!(stage.step(false, at(9_000)), None);
        assert_eq!(
            stage,
            Stage::OutOfPatience,
            "patience has to be earned again"
        );
        assert_eq!(stage.step(true, at(9_001)), None);
        stage.step(false, at(9_002));
        assert_eq!(stage, Stage::Waiting(at(9_002)));
    }
}
