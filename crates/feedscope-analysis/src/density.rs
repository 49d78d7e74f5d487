//! Positions of errors, gaps and matches over a whole view, and the density of its records.
//!
//! It reads rows only in steps, and each row only once.

use std::sync::Arc;
use std::time::Duration;

use feedscope_core::store::{Class, ClassSet, ListingIndex, RowNumber, Store};
use feedscope_core::time::Moment;
use parking_lot::Mutex;

use crate::analysis::{Analysis, Cadence, News, StepResult, Task};
use crate::filter::{Filter, Is, Scan};
use crate::lenses::LensPass;
use crate::listing::Listing;

/// Number of parts of a view, which is about the number of marks that fit into a strip.
pub const PARTS: usize = 256;

/// Minimum time between two updates while records arrive.
pub const INTERVAL: Duration = Duration::from_millis(500);

/// Highest [`DensityPart::level`].
pub const HIGHEST_LEVEL: u8 = 7;

/// Overview of a view. A host [`update`](Self::update)s it, and the view reads the newest [`overview`](Self::overview).
///
/// It is cheap to clone; clones share one state.
#[derive(Clone)]
pub struct Density {
    shared: Arc<SharedDensity>,
}

struct SharedDensity {
    store: Store,
    errors: Scan,
    gaps: Scan,
    wanted: Mutex<WantedParts>,
    made: Mutex<Made>,
}

/// Subject of an overview.
#[derive(Clone)]
pub struct WantedParts {
    /// Rows of the view.
    pub listing: Listing,
    /// Number after its newest row, if the view is paused.
    pub end: Option<RowNumber>,
    /// Scan whose hits are marked as matches.
    pub matches: Option<Scan>,
    /// Lens whose errors are marked.
    pub lens: Option<LensPass>,
}

#[derive(Default)]
struct Made {
    overview: Arc<Overview>,
    of: Option<(WantedParts, Counts)>,
}

/// Counts that an overview depends on. The same counts for the same subject give the same overview.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Counts {
    first: RowNumber,
    end: RowNumber,
    places: u64,
    errors: u64,
    gaps: u64,
    matches: u64,
}

/// Summary of a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Number of rows of the view.
    pub places: u64,
    /// [`PARTS`] equal parts of them, oldest first; empty if there are no rows.
    pub parts: Vec<DensityPart>,
}

/// Successive rows of a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DensityPart {
    /// First row with an error: a lost or failed connection, a message that was given up, or an error that the lens found.
    pub error: Option<RowNumber>,
    /// First row with a gap: a resume that may have lost records, or a note.
    pub gap: Option<RowNumber>,
    /// First row that is a match.
    pub matched: Option<RowNumber>,
    /// Density of the rows in time, from 0 for no rows to [`HIGHEST_LEVEL`] for the densest part of the view. Each
    /// level is about three times as dense as the level below.
    pub level: u8,
}

impl Density {
    /// Creates the overview of a view of `store`, which is empty before the first update.
    pub fn new(store: &Store, wanted: WantedParts) -> Self {
        // Errors and gaps are rare and belong to few classes, so that rows of other classes are only counted.
        let states = ClassSet::NONE.with(Class::States, true);
        let scan = |is, shown| Scan::new(store, Arc::new(Filter::of(is)), shown);
        Self {
            shared: Arc::new(SharedDensity {
                store: store.clone(),
                errors: scan(Is::Error, states.with(Class::Sent, true)),
                gaps: scan(Is::Gap, states),
                wanted: Mutex::new(wanted),
                made: Mutex::default(),
            }),
        }
    }

    /// Sets the subject of the next update.
    pub fn want(&self, wanted: WantedParts) {
        *self.shared.wanted.lock() = wanted;
    }

    /// Returns the overview of the last update.
    pub fn overview(&self) -> Arc<Overview> {
        Arc::clone(&self.shared.made.lock().overview)
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedDensity> = Arc::clone(&self.shared);
        shared
    }

    /// Returns true if an update is useful at once, because rows are unread or the subject has changed.
    pub fn is_outdated(&self) -> bool {
        self.shared.is_outdated()
    }

    /// Reads about `budget` bytes of unread rows, and creates a new overview after a change. Apart from the unread
    /// rows, the cost does not depend on the size of the store.
    pub fn update(&self, budget: usize) -> Update {
        self.shared.update(budget)
    }
}

impl Analysis for SharedDensity {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let update = self.update(budget_bytes);
        StepResult {
            news: News::visible_if(update.is_changed),
            is_done: update.is_done,
        }
    }

    fn is_stale(&self) -> bool {
        self.is_outdated()
    }

    fn cadence(&self) -> Cadence {
        Cadence::Every(INTERVAL)
    }
}

impl SharedDensity {
    fn is_outdated(&self) -> bool {
        if !self.errors.progress().done || !self.gaps.progress().done {
            return true;
        }
        let wanted = self.wanted.lock();
        let made = self.made.lock();
        made.of.as_ref().is_none_or(|(of, _)| !of.is(&wanted))
    }

    fn update(&self, budget: usize) -> Update {
        // `&` steps both scans; `&&` could skip the second one.
        let is_done = self.errors.step(budget).done & self.gaps.step(budget).done;
        let wanted = self.wanted.lock().clone();
        let extent = self.store.extent();
        // All rows of a paused view may have been let go.
        let end = wanted.end.unwrap_or(extent.end).max(extent.first);
        let counts = Counts {
            first: extent.first,
            end,
            places: wanted.listing.rank(end).0,
            errors: self.errors.count() + wanted.lens.as_ref().map_or(0, LensPass::errors),
            gaps: self.gaps.count(),
            matches: wanted.matches.as_ref().map_or(0, Scan::count),
        };
        let made_of = self.made.lock().of.clone();
        let before = made_of.and_then(|(of, before)| of.is(&wanted).then_some(before));
        if before != Some(counts) {
            let overview = self.overview_of(&wanted, counts);
            let mut made = self.made.lock();
            made.overview = Arc::new(overview);
            made.of = Some((wanted, counts));
        }
        // New rows alone are no change here, because they cause a pass of their own.
        let is_changed = before.is_none_or(|before| before.marks() != counts.marks());
        Update {
            is_changed,
            is_done,
        }
    }

    fn overview_of(&self, wanted: &WantedParts, counts: Counts) -> Overview {
        let Counts {
            first, end, places, ..
        } = counts;
        if places == 0 {
            return Overview::default();
        }
        // The product may exceed 64 bits.
        let place = |part: usize| (u128::from(places) * part as u128 / PARTS as u128) as u64;
        let row_at = |index: u64| {
            let item = wanted.listing.select(ListingIndex(index));
            item.map_or(end, |item| item.id.row.min(end))
        };
        let mut borders: Vec<RowNumber> = (0..PARTS).map(|part| row_at(place(part))).collect();
        borders.push(end);
        let moment = |row: RowNumber| self.store.stamp(row).map(|stamp| stamp.moment);
        let mut moments: Vec<Option<Moment>> =
            borders[..PARTS].iter().map(|&row| moment(row)).collect();
        // The last part ends with the last row, because no row follows.
        moments.push(moment(end.saturating_sub(1)));
        let mut rates: Vec<f64> = (0..PARTS)
            .map(|part| {
                rate(
                    place(part + 1) - place(part),
                    moments[part],
                    moments[part + 1],
                )
            })
            .collect();
        for part in (0..PARTS - 1).rev() {
            // If there are fewer rows than parts, one row covers several parts with the same rate.
            if place(part) == place(part + 1) {
                rates[part] = rates[part + 1];
            }
        }
        // Marks on hidden rows before the first row of the view belong to its first part.
        borders[0] = first;
        let densest = rates.iter().copied().fold(0.0, f64::max);
        let part = |part: usize| {
            let rows = borders[part]..borders[part + 1];
            let first_of = |scan: &Scan| {
                scan.select(scan.rank(rows.start))
                    .filter(|row| rows.contains(row))
            };
            let error = first_of(&self.errors);
            let of_lens = wanted
                .lens
                .as_ref()
                .and_then(|lens| lens.first_error(&rows));
            DensityPart {
                error: error.into_iter().chain(of_lens).min(),
                gap: first_of(&self.gaps),
                matched: wanted.matches.as_ref().and_then(first_of),
                level: level(rates[part], densest),
            }
        };
        Overview {
            places,
            parts: (0..PARTS).map(part).collect(),
        }
    }
}

impl Counts {
    fn marks(&self) -> [u64; 3] {
        [self.errors, self.gaps, self.matches]
    }
}

impl WantedParts {
    fn is(&self, other: &Self) -> bool {
        let same_matches = match (&self.matches, &other.matches) {
            (Some(scan), Some(other)) => scan.is(other),
            (None, None) => true,
            _ => false,
        };
        let same_lens = match (&self.lens, &other.lens) {
            (Some(lens), Some(other)) => lens.is(other),
            (None, None) => true,
            _ => false,
        };
        same_matches && same_lens && self.end == other.end && self.listing.is(&other.listing)
    }
}

/// Result of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// True if marks have changed, or the subject has. New rows alone do not count, because their own passes show them.
    pub is_changed: bool,
    /// True if no unread rows are left.
    pub is_done: bool,
}

/// Returns the number of rows per second.
fn rate(rows: u64, from: Option<Moment>, to: Option<Moment>) -> f64 {
    /// Minimum duration, because a burst of records comes from one read with one time.
    const SHORTEST_SECONDS: f64 = 1e-4;
    match (from, to) {
        (Some(from), Some(to)) => rows as f64 / to.since(from).as_secs_f64().max(SHORTEST_SECONDS),
        _ => 0.0,
    }
}

/// Returns the level of a rate relative to the densest one. The scale is logarithmic, so that a low rate is visible
/// beside a high one.
fn level(rate: f64, densest: f64) -> u8 {
    /// Number of powers of ten that the scale covers.
    const DECADES: f64 = 3.0;
    if rate <= 0.0 {
        return 0;
    }
    let share = 1.0 + (rate / densest).log10() / DECADES;
    (share * f64::from(HIGHEST_LEVEL))
        .round()
        .clamp(1.0, f64::from(HIGHEST_LEVEL)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::ParseContext;
    use feedscope_core::connection::{ConnectionState, StateChange};
    use feedscope_core::gap::Gap;
    use feedscope_core::record::{Kind, Record, Sink as _};
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
    use feedscope_core::time::{Stamp, Timestamp};

    fn push(writer: &mut StoreWriter, ms: u64, kind: Kind<'_>) {
        let stamp = Stamp {
            moment: Moment::from_millis(ms),
            utc: Timestamp::from_micros(ms as i64 * 1_000),
        };
        writer.push(&Record {
            stamp,
            connection: 1,
            kind,
        });
    }

    fn event(data: &[u8]) -> Kind<'_> {
        Kind::Event {
            event: b"",
            id: b"",
            data,
        }
    }

    fn lost() -> Kind<'static> {
        Kind::State(StateChange {
            state: ConnectionState::Reconnecting,
            attempt: Some(1),
            reconnects: Some(1),
            delay_ms: Some(1),
            status: None,
            reason: None,
        })
    }

    fn gap(missing: Option<u64>) -> Kind<'static> {
        Kind::Gap(Gap {
            missing,
            ..Gap::default()
        })
    }

    fn density(store: &Store, shown: ClassSet, matches: Option<Scan>) -> Density {
        let wanted = WantedParts {
            listing: Listing::of_classes(store, shown),
            end: None,
            matches,
            lens: None,
        };
        Density::new(store, wanted)
    }

    fn done(density: &Density) -> Arc<Overview> {
        while !density.update(1 << 20).is_done {}
        density.overview()
    }

    /// Returns the parts that have a mark, with their rows.
    fn marks(
        overview: &Overview,
        of: impl Fn(&DensityPart) -> Option<RowNumber>,
    ) -> Vec<(usize, u64)> {
        let parts = overview.parts.iter().enumerate();
        parts
            .filter_map(|(at, part)| of(part).map(|row| (at, row.0)))
            .collect()
    }

    #[test]
    fn marks_lie_where_their_rows_do() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for row in 0..PARTS as u64 * 10 {
            match row {
                15 | 17 | 2_550 => push(&mut writer, row, lost()),
                1_000 => push(&mut writer, row, gap(Some(3))),
                1_010 => push(&mut writer, row, gap(None)),
                1_020 => push(&mut writer, row, gap(Some(0))),
                555 => push(&mut writer, row, event(b"needle")),
                _ => push(&mut writer, row, event(b"hay")),
            }
        }
        let filter = Filter::parse("needle", &ParseContext::default()).unwrap();
        let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
        while !scan.step(1 << 20).done {}
        let overview = done(&density(&store, ClassSet::ALL, Some(scan)));
        assert_eq!((overview.places, overview.parts.len()), (2_560, PARTS));
        assert_eq!(marks(&overview, |part| part.error), [(1, 15), (255, 2_550)]);
        assert_eq!(
            marks(&overview, |part| part.gap),
            [(100, 1_000), (101, 1_010)]
        );
        assert_eq!(marks(&overview, |part| part.matched), [(55, 555)]);
        assert!(
            overview
                .parts
                .iter()
                .all(|part| part.level == HIGHEST_LEVEL)
        );
    }

    #[test]
    fn rows_that_are_hidden_are_marked_among_those_that_are_not() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, 0, lost());
        for row in 1..11 {
            push(&mut writer, row, event(b""));
        }
        push(&mut writer, 11, lost());
        let overview = done(&density(
            &store,
            ClassSet::ALL.with(Class::States, false),
            None,
        ));
        assert_eq!(overview.places, 10);
        assert_eq!(marks(&overview, |part| part.error), [(0, 0), (255, 11)]);
    }

    #[test]
    fn few_rows_leave_no_part_empty() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for row in 0..3 {
            push(&mut writer, row * 10, event(b""));
        }
        let overview = done(&density(&store, ClassSet::ALL, None));
        assert!(overview.parts.iter().all(|part| part.level > 0));
    }

    #[test]
    fn silence_is_less_dense_than_a_burst() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for row in 0..2_560 {
            let ms = if row < 1_280 {
                row
            } else {
                1_280 + (row - 1_280) * 100
            };
            push(&mut writer, ms, event(b""));
        }
        let overview = done(&density(&store, ClassSet::ALL, None));
        assert_eq!(overview.parts[10].level, HIGHEST_LEVEL);
        // A hundredth is two of three powers of ten.
        assert_eq!(overview.parts[200].level, 2);
    }

    #[test]
    fn an_update_says_whether_anything_is_to_be_drawn_anew() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let density = density(&store, ClassSet::ALL, None);
        assert!(density.is_outdated());
        let first = density.update(1 << 20);
        assert_eq!((first.is_changed, first.is_done), (true, true));
        assert!(!density.is_outdated());
        push(&mut writer, 1, event(b""));
        assert!(!density.update(1 << 20).is_changed);
        assert_eq!(density.overview().places, 1);
        push(&mut writer, 2, lost());
        assert!(density.update(1 << 20).is_changed);
        assert!(!density.update(1 << 20).is_changed);
        store.clear();
        assert!(density.update(1 << 20).is_changed);
        assert_eq!(*density.overview(), Overview::default());
        let hidden = Listing::of_classes(&store, ClassSet::USUAL);
        density.want(WantedParts {
            listing: hidden,
            end: Some(RowNumber(1)),
            matches: None,
            lens: None,
        });
        assert!(density.is_outdated());
    }
}
