//! What one read yields, stamped once and pushed into the feed's sink; readers are woken once for all of it.
//! It never looks into a record.

use std::sync::Arc;

use feedscope_core::record::{Kind, Record, Sink};
use feedscope_core::time::Stamp;

use crate::clock::Clock;

/// Called after each batch and after each change of status; whoever gave it makes many calls into few.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where a feed's records are written, a batch at a time.
pub(crate) struct Batch<S> {
    sink: S,
    wake: Wake,
    clock: Clock,
    stamp: Stamp,
    connection: u32,
    /// Whether something was pushed since the last flush.
    pushed: bool,
    /// How many of the clock's jumps this feed's timeline knows of.
    jumps_told: u64,
}

impl<S: Sink> Batch<S> {
    pub(crate) fn new(sink: S, wake: Wake, clock: Clock) -> Self {
        let (stamp, jumps_told) = (clock.now(), clock.jumps().count);
        Self {
            sink,
            wake,
            clock,
            stamp,
            connection: 0,
            pushed: false,
            jumps_told,
        }
    }

    /// The records that follow belong to this connection.
    pub(crate) fn set_connection(&mut self, connection: u32) {
        self.connection = connection;
    }

    /// Asks the clock. The records that follow carry this stamp.
    pub(crate) fn restamp(&mut self) -> Stamp {
        let now = self.clock.now();
        self.stamp_with(now)
    }

    /// The records that follow carry this stamp, taken when their bytes were read; never one before the last, so
    /// that the timeline's order and its times agree.
    pub(crate) fn stamp_with(&mut self, stamp: Stamp) -> Stamp {
        if stamp.moment > self.stamp.moment {
            self.stamp = stamp;
            let jumps = self.clock.jumps();
            if jumps.count != self.jumps_told {
                self.jumps_told = jumps.count;
                self.tell_jump(jumps.last_micros);
            }
        }
        self.stamp
    }

    /// The stamp in force.
    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Pushes one record.
    #[inline]
    pub(crate) fn push(&mut self, kind: Kind<'_>) {
        self.pushed = true;
        self.sink.push(&Record {
            stamp: self.stamp,
            connection: self.connection,
            kind,
        });
    }

    /// Pushes a sentence of our own.
    pub(crate) fn note(&mut self, code: &str, text: &str) {
        self.push(Kind::Note { code, text });
    }

    /// Whether the sink has room for more.
    pub(crate) fn has_room(&self) -> bool {
        self.sink.has_room()
    }

    /// Makes what was pushed visible, and wakes whoever looks at it.
    pub(crate) fn finish(&mut self) {
        if std::mem::take(&mut self.pushed) {
            self.sink.flush();
            (self.wake)();
        }
    }

    fn tell_jump(&mut self, micros: i64) {
        let seconds = micros.unsigned_abs() as f64 / 1e6;
        let way = if micros < 0 { "back" } else { "forward" };
        self.note(
            "clock_jump",
            &format!("the computer's clock went {way} by {seconds:.3} s"),
        );
    }
}
