//! Records of one read. They are stamped once and pushed into the feed's sink, and readers are woken once for all of
//! them. This module does not interpret records.

use std::sync::Arc;

use feedscope_core::NoteCode;
use feedscope_core::record::{Kind, Record, Sink};
use feedscope_core::time::Stamp;

use crate::clock::Clock;

/// Function that is called after each batch and after each change of the status. Its owner combines many calls into few
/// actions.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Destination of a feed's records, which are written one batch at a time.
pub(crate) struct Batch<S> {
    sink: S,
    wake: Wake,
    clock: Clock,
    stamp: Stamp,
    connection: u32,
    /// True if a record was pushed since the last flush.
    pushed: bool,
    /// Number of clock jumps that the timeline of this feed contains.
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

    /// Sets the connection of the following records.
    pub(crate) fn set_connection(&mut self, connection: u32) {
        self.connection = connection;
    }

    /// Reads the clock. The following records carry this stamp.
    pub(crate) fn restamp(&mut self) -> Stamp {
        let now = self.clock.now();
        self.stamp_with(now)
    }

    /// Sets the stamp of the following records to the time at which their bytes were read. An older stamp than the
    /// current one is ignored, so that times in the timeline never decrease. Returns the stamp in force.
    pub(crate) fn stamp_with(&mut self, stamp: Stamp) -> Stamp {
        if stamp.moment > self.stamp.moment {
            self.stamp = stamp;
            let jumps = self.clock.jumps();
            if jumps.count != self.jumps_told {
                self.jumps_told = jumps.count;
                // The note carries the time after the jump.
                self.note_jump(jumps.last_micros);
            }
        }
        self.stamp
    }

    /// Returns the stamp in force.
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

    /// Pushes a note: a sentence of the program itself.
    pub(crate) fn note(&mut self, code: NoteCode<'_>, text: &str) {
        self.push(Kind::Note { code, text });
    }

    /// Returns true if the sink has room for more records.
    pub(crate) fn has_room(&self) -> bool {
        self.sink.has_room()
    }

    /// Returns true if the sink has a whole document, so that the stream need not be requested again.
    pub(crate) fn has_finished(&self) -> bool {
        self.sink.has_finished()
    }

    /// Makes the pushed records visible, and wakes their readers.
    pub(crate) fn finish(&mut self) {
        // An empty batch must not wake a reader.
        if std::mem::take(&mut self.pushed) {
            self.sink.flush();
            (self.wake)();
        }
    }

    fn note_jump(&mut self, micros: i64) {
        let seconds = micros.unsigned_abs() as f64 / 1e6;
        let way = if micros < 0 { "back" } else { "forward" };
        self.note(
            NoteCode::CLOCK_JUMP,
            &format!("the computer's clock went {way} by {seconds:.3} s"),
        );
    }
}
