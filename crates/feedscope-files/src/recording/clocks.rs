//! Clocks of the sessions in recordings, placed on one time line. Reads no file.

use std::collections::BTreeMap;

use feedscope_core::Moment;
use feedscope_core::store::BlockHeader;

use super::scan::RowsBlock;

/// Places of all clocks on one time line, in microseconds since the earliest record.
#[derive(Default)]
pub(super) struct Clocks {
    /// Shift of the moments of each clock.
    shifts: BTreeMap<u64, i64>,
    /// UTC of the earliest record.
    origin: Option<i64>,
    /// Moment before which no session of a clock begins: the end of the earlier sessions of its feeds.
    pub(super) floors: BTreeMap<u64, i64>,
}

impl Clocks {
    /// Returns the shift of the moments of a block.
    pub(super) fn shift(&mut self, blocks: &[RowsBlock], header: &BlockHeader) -> i64 {
        let domain = header.tags().clock_domain;
        if let Some(&shift) = self.shifts.get(&domain) {
            return shift;
        }
        let of_domain = blocks
            .iter()
            .map(|block| &block.header)
            .filter(|other| other.tags().clock_domain == domain);
        let first = of_domain
            .map(BlockHeader::first)
            .min_by_key(|stamp| stamp.moment)
            .unwrap_or(header.first());
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
