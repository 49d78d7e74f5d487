//! Clocks of the sessions in recordings, placed on one time line. Reads no file.

use std::collections::BTreeMap;

use feedscope_core::store::BlockHeader;
use feedscope_core::{Moment, Stamp};

use super::scan::RowsBlock;

/// Places of all clocks on one time line, in microseconds since the earliest record.
#[derive(Default)]
pub(super) struct Clocks {
    /// Shift of the moments of each clock.
    shifts: BTreeMap<u64, i64>,
    /// Stamp of the earliest record of each clock.
    firsts: BTreeMap<u64, Stamp>,
    /// UTC of the earliest record.
    origin: Option<i64>,
    /// Moment before which no session of a clock begins: the end of the earlier sessions of its feeds.
    pub(super) floors: BTreeMap<u64, i64>,
}

impl Clocks {
    /// Finds the earliest record of each clock in the blocks of a file.
    pub(super) fn note_first_records(&mut self, blocks: &[RowsBlock]) {
        for RowsBlock { header, .. } in blocks {
            let first = header.first();
            self.firsts
                .entry(header.tags().clock_domain)
                .and_modify(|known| {
                    if first.moment < known.moment {
                        *known = first;
                    }
                })
                .or_insert(first);
        }
    }

    /// Returns the shift of the moments of a block whose clock is known.
    pub(super) fn shift(&mut self, header: &BlockHeader) -> i64 {
        let domain = header.tags().clock_domain;
        if let Some(&shift) = self.shifts.get(&domain) {
            return shift;
        }
        let first = self.firsts.get(&domain).copied();
        let first = first.unwrap_or(header.first());
        let origin = *self.origin.get_or_insert(first.utc.as_micros());
        // A session never begins before the one of the same feed in front of it ends, whatever the wall clock did between
        // them. Sessions of different feeds may be at the same time.
        let floor = self.floors.get(&domain).copied().unwrap_or_default();
        let begin = first.utc.as_micros().saturating_sub(origin).max(floor);
        let shift = begin.saturating_sub(micros(first.moment));
        self.shifts.insert(domain, shift);
        shift
    }
}

pub(super) fn micros(moment: Moment) -> i64 {
    (moment.as_nanos() / 1_000) as i64
}
