//! Rates over time: the number of messages and bytes in each slice of the last minutes. It keeps no records and draws
//! nothing.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Moment;

/// Amount received in one slice of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// Number of received events and messages.
    pub records: u64,
    /// Number of their payload bytes.
    pub bytes: u64,
}

/// Received events and messages, in slices of equal length over the last two minutes, and in total.
#[derive(Clone, Debug)]
pub struct Rates {
    /// The newest slice is the last one; `newest` is its number since the epoch.
    slices: VecDeque<Slice>,
    newest: u64,
    total: Slice,
    last: Option<Moment>,
}

impl Rates {
    /// Length of a slice.
    pub const SLICE: Duration = Duration::from_millis(500);
    /// Number of slices that are kept.
    pub const KEPT: usize = 240;

    /// Counts `records` received at `at`, with `bytes` bytes.
    pub fn add(&mut self, at: Moment, records: u64, bytes: u64) {
        let number = slice_number(at);
        if self.slices.is_empty() {
            self.newest = number;
            self.slices.push_back(Slice::default());
        }
        // Slices without records are added too.
        while self.newest < number {
            // After a long silence, all kept slices are too old. Restart instead of adding many empty slices.
            if number - self.newest > Self::KEPT as u64 {
                self.slices.clear();
                self.newest = number - 1;
            }
            self.newest += 1;
            self.slices.push_back(Slice::default());
            if self.slices.len() > Self::KEPT {
                self.slices.pop_front();
            }
        }
        if let Some(slice) = self.slices.back_mut() {
            slice.records += records;
            slice.bytes += bytes;
        }
        self.total.records += records;
        self.total.bytes += bytes;
        self.last = Some(at);
    }

    /// Sets the total of what was received before the first call of [`add`](Self::add).
    pub fn start_with(&mut self, earlier: Slice) {
        self.total = earlier;
    }

    /// Returns the total of everything received so far.
    pub fn total(&self) -> Slice {
        self.total
    }

    /// Returns the time at which a record was last received.
    pub fn last(&self) -> Option<Moment> {
        self.last
    }

    /// Returns the slices of the last two minutes, up to the current slice at `now`, oldest first. There are always
    /// [`KEPT`](Self::KEPT) of them.
    pub fn window(&self, now: Moment) -> impl DoubleEndedIterator<Item = Slice> + '_ {
        let current = slice_number(now).max(self.newest);
        // Number of the oldest kept slice.
        let first = self.newest + 1 - (self.slices.len() as u64).min(self.newest + 1);
        (0..Self::KEPT as u64).map(move |i| {
            let age = Self::KEPT as u64 - 1 - i;
            current
                .checked_sub(age)
                .and_then(|number| number.checked_sub(first))
                .and_then(|at| self.slices.get(usize::try_from(at).ok()?))
                .copied()
                .unwrap_or_default()
        })
    }

    /// Returns the mean number of messages and bytes per second, over the `span` before the current slice.
    ///
    /// The current slice is not complete and does not count.
    pub fn per_second(&self, now: Moment, span: Duration) -> (f64, f64) {
        let slices = (span.as_millis() / Self::SLICE.as_millis()).max(1) as usize;
        // The current slice is not complete, so that it is skipped.
        let sum =
            self.window(now)
                .rev()
                .skip(1)
                .take(slices)
                .fold(Slice::default(), |sum, slice| Slice {
                    records: sum.records + slice.records,
                    bytes: sum.bytes + slice.bytes,
                });
        let seconds = Self::SLICE.as_secs_f64() * slices as f64;
        (sum.records as f64 / seconds, sum.bytes as f64 / seconds)
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            slices: VecDeque::with_capacity(Self::KEPT + 1),
            newest: 0,
            total: Slice::default(),
            last: None,
        }
    }
}

fn slice_number(at: Moment) -> u64 {
    at.as_nanos() / Rates::SLICE.as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(added: &[(u64, u64)]) -> Rates {
        let mut rates = Rates::default();
        for &(ms, records) in added {
            rates.add(Moment::from_millis(ms), records, records * 10);
        }
        rates
    }

    #[test]
    fn slices_sum_to_the_count_while_they_are_kept() {
        let rates = rates(&[(0, 1), (499, 1), (500, 3), (60_000, 5), (119_999, 7)]);
        let window: Vec<_> = rates.window(Moment::from_millis(119_999)).collect();
        assert_eq!(window.len(), Rates::KEPT);
        assert_eq!(window.iter().map(|slice| slice.records).sum::<u64>(), 17);
        assert_eq!(
            (
                window[0].records,
                window[1].records,
                window[120].records,
                window[239].records
            ),
            (2, 3, 5, 7)
        );
    }

    #[test]
    fn silence_moves_everything_out_of_the_window() {
        let rates = rates(&[(1_000, 9)]);
        assert_eq!(
            rates
                .window(Moment::from_millis(121_500))
                .map(|slice| slice.records)
                .sum::<u64>(),
            0
        );
        assert_eq!(
            rates
                .window(Moment::from_millis(120_900))
                .next()
                .map(|slice| slice.records),
            Some(9)
        );
        assert_eq!(
            rates.total(),
            Slice {
                records: 9,
                bytes: 90
            }
        );
    }

    #[test]
    fn a_long_silence_keeps_only_what_came_after_it() {
        let rates = rates(&[(1_000, 9), (3_600_000, 2)]);
        let window: Vec<_> = rates.window(Moment::from_millis(3_600_000)).collect();
        assert_eq!(window.iter().map(|slice| slice.records).sum::<u64>(), 2);
    }

    #[test]
    fn the_rate_leaves_out_the_slice_that_is_still_filling() {
        let rates = rates(&[(0, 10), (500, 10), (1_000, 10), (1_500, 10), (2_000, 1)]);
        let (records, bytes) = rates.per_second(Moment::from_millis(2_100), Duration::from_secs(2));
        assert!((records - 20.0).abs() < 1e-9 && (bytes - 200.0).abs() < 1e-9);
    }
}
