//! Search for the next record of a list that reports an error of the server.

use std::ops::Range;

use feedscope_core::Kind;
use feedscope_core::store::{RowNumber, Store};

use crate::error_report::{is_error, is_error_as};
use crate::job::{Job, JobProgress};
use crate::lenses::LensPass;
use crate::listing::Listing;

/// Direction of a search for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// To newer records.
    Newer,
    /// To older records.
    Older,
}

/// Finds the next error of a list from a row on. The search continues at the other end of the list, and ends at the row
/// where it began. Errors that the lens has found count as well.
pub fn next_error(
    listing: &Listing,
    lens: Option<&LensPass>,
    from: Option<RowNumber>,
    towards: Towards,
) -> Job<Option<RowNumber>> {
    let search = ErrorSearch {
        listing: listing.clone(),
        lens: lens.cloned(),
    };
    let extent = listing.store().extent();
    let (first, end) = (extent.first, extent.end);
    // Ranges of rows that are left to search, in order.
    let mut ranges = match (from, towards) {
        (None, _) => vec![first..end],
        (Some(from), Towards::Newer) => vec![from + 1..end, first..from + 1],
        (Some(from), Towards::Older) => vec![first..from, from..end],
    };
    ranges.reverse();
    Job::in_steps(move |budget, _wanted| {
        let mut left = budget;
        while let Some(range) = ranges.last_mut() {
            if range.start >= range.end {
                ranges.pop();
                continue;
            }
            let found = match towards {
                Towards::Newer => search.newer(range, &mut left),
                Towards::Older => search.older(range, &mut left),
            };
            if found.is_some() {
                return JobProgress::Done(found);
            }
            if left == 0 {
                return JobProgress::Further;
            }
        }
        JobProgress::Done(None)
    })
}

/// Rows that are searched, and the lens that has found errors in them.
struct ErrorSearch {
    listing: Listing,
    lens: Option<LensPass>,
}

impl ErrorSearch {
    /// Searches a part of a range from its start, and removes the part from the range.
    fn newer(&self, range: &mut Range<RowNumber>, left: &mut usize) -> Option<RowNumber> {
        let store: &Store = self.listing.store();
        let Some(portion) = store.portion(range.start, (*left).max(1)) else {
            range.start = range.end;
            return None;
        };
        *left = left.saturating_sub(portion.size_bytes().max(1));
        let end = portion.numbers().end;
        let found = portion
            .records()
            .filter(|(row, _)| range.contains(row))
            .find(|(row, record)| self.is_error(*row, &record.kind));
        range.start = end.max(range.start + 1).min(range.end);
        found.map(|(row, _)| row)
    }

    /// Searches a part of a range from its end, and removes the part from the range.
    fn older(&self, range: &mut Range<RowNumber>, left: &mut usize) -> Option<RowNumber> {
        let store: &Store = self.listing.store();
        let Some(portion) = store.portion_before(range.end, (*left).max(1)) else {
            range.end = range.start;
            return None;
        };
        *left = left.saturating_sub(portion.size_bytes().max(1));
        let start = portion.numbers().start;
        let found = portion
            .records()
            .rev()
            .filter(|(row, _)| range.contains(row))
            .find(|(row, record)| self.is_error(*row, &record.kind));
        range.end = start.min(range.end.saturating_sub(1)).max(range.start);
        found.map(|(row, _)| row)
    }

    fn is_error(&self, row: RowNumber, kind: &Kind<'_>) -> bool {
        let is_error = match &self.lens {
            Some(lens) => {
                lens.with_marks(|marks| marks.has_error(row))
                    || is_error_as(kind, lens.interpreter())
            }
            None => is_error(kind),
        };
        is_error && self.listing.has(row)
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES};
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;

    fn found(listing: &Listing, from: Option<u64>, towards: Towards) -> Option<u64> {
        let job = next_error(listing, None, from.map(RowNumber), towards);
        while let Some(task) = job.task() {
            task.step(100);
        }
        job.get().unwrap().map(|row| row.0)
    }

    #[test]
    fn errors_are_found_in_both_directions_and_around_the_ends() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for row in 0..1_000_u64 {
            let (event, data): (&[u8], &[u8]) = match row {
                10 => (b"error", b"named"),
                700 => (b"", b"{\"error\":1}"),
                _ => (b"tick", b"{\"n\":1}"),
            };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event,
                    id: b"",
                    data,
                },
            });
        }
        let listing = Listing::of_classes(&store, ClassSet::ALL);
        for (from, newer, older) in [
            (None, 10, 700),
            (Some(10), 700, 700),
            (Some(700), 10, 10),
            (Some(300), 700, 10),
            (Some(999), 10, 700),
            (Some(0), 10, 700),
        ] {
            assert_eq!(
                found(&listing, from, Towards::Newer),
                Some(newer),
                "{from:?}"
            );
            assert_eq!(
                found(&listing, from, Towards::Older),
                Some(older),
                "{from:?}"
            );
        }
        let (_, empty) = Store::new(DEFAULT_BUDGET_BYTES);
        let listing = Listing::of_classes(&empty, ClassSet::ALL);
        assert_eq!(found(&listing, None, Towards::Newer), None);
    }
}
