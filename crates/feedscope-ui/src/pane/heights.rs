//! Heights of the parts below the rows of a pane: inspector, part for measures and the like, and plot. The rows keep at
//! least three lines, so that parts give up height, and one takes the place of another where there is room for one only.
//! In a higher pane, several parts leave six lines.

use crate::theme::size;

/// Height that the rows keep: their filter, header and three of them.
const KEPT_FOR_ROWS: f32 = size::FILTER_ROW + size::COLUMN_HEADER + 3.0 * size::ROW;

/// Number of rows that a high pane keeps beyond those.
const MORE_ROWS: f32 = 3.0;

/// Rooms between which the number of kept rows grows, so that a window that is made higher has no jump.
const LOW: f32 = 430.0;
const HIGH: f32 = 520.0;

/// Part for measures and the like, as a place in lists of the parts.
pub(super) const SIDE: usize = 0;
/// Plot.
pub(super) const PLOT: usize = 1;
/// Inspector.
pub(super) const INSPECTOR: usize = 2;

/// Order of the parts below the rows. Those that are more important come first: they keep their room where there is too
/// little for all.
#[derive(Debug)]
pub(super) struct PartOrder([usize; 3]);

impl Default for PartOrder {
    fn default() -> Self {
        Self([SIDE, PLOT, INSPECTOR])
    }
}

impl PartOrder {
    /// Makes a part the most important one. The others keep their order.
    pub(super) fn put_first(&mut self, part: usize) {
        self.0.sort_by_key(|at| *at != part);
    }

    /// Makes a part the least important one.
    pub(super) fn put_last(&mut self, part: usize) {
        self.0.sort_by_key(|at| *at == part);
    }

    /// Returns the heights of the parts as `shared` does, but takes and returns them in their usual order.
    pub(super) fn shared(
        &self,
        room: f32,
        above_and_below: (f32, f32),
        parts: [PartHeight; 3],
    ) -> [f32; 3] {
        let found = shared(room, above_and_below, self.0.map(|at| parts[at]));
        let mut heights = [0.0; 3];
        for (at, height) in self.0.into_iter().zip(found) {
            heights[at] = height;
        }
        heights
    }
}

/// Part below the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PartHeight {
    /// Usual height, or the one that the user has chosen; 0 for a part that is not open.
    pub(super) wanted: f32,
    /// Height below which the part is of no use.
    pub(super) least: f32,
}

/// Returns the heights of parts, the most important part first. `room` is the height of rows and parts together, and `bars`
/// that of further bars above the rows.
/// `below` is the height of lines among the rows that a low pane does without.
fn shared<const N: usize>(
    room: f32,
    (bars, below): (f32, f32),
    parts: [PartHeight; N],
) -> [f32; N] {
    let free = (room - bars - KEPT_FOR_ROWS).max(0.0);
    let mut shown = parts.map(|part| part.wanted > 0.0);
    let least = |shown: &[bool; N]| -> f32 {
        let open = (0..N).filter(|&at| shown[at]);
        open.map(|at| parts[at].least.min(parts[at].wanted)).sum()
    };
    // The least important ones give way, but the most important one stays.
    for at in (1..N).rev() {
        let is_last = shown[..at].iter().all(|is_shown| !is_shown);
        if shown[at] && !is_last && least(&shown) > free {
            shown[at] = false;
        }
    }
    let base = least(&shown);
    // Several parts give up more of their height for the rows, but none of them gives way for it.
    let is_alone = shown.iter().filter(|is_shown| **is_shown).count() < 2;
    let share_of_more = ((room - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
    let more_rows = (MORE_ROWS * size::ROW + below) * share_of_more;
    let free = if is_alone {
        free
    } else {
        (free - more_rows).max(base)
    };
    let wanted: f32 = (0..N)
        .filter(|&at| shown[at])
        .map(|at| parts[at].wanted)
        .sum();
    // All parts get the same share of what they want beyond the least.
    let more = wanted - base;
    let share = if more > 0.0 {
        ((free - base) / more).clamp(0.0, 1.0)
    } else {
        0.0
    };
    // A part that is alone takes the rows where there is no room for both, but leaves their filter free.
    let most = (room - bars - size::FILTER_ROW).max(0.0);
    std::array::from_fn(|at| {
        let PartHeight { wanted, least } = parts[at];
        let least = least.min(wanted);
        if shown[at] {
            (least + (wanted - least) * share).min(most).round()
        } else {
            0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(wanted: f32, least: f32) -> PartHeight {
        PartHeight { wanted, least }
    }

    #[test]
    fn the_rows_keep_three_lines_and_parts_shrink_before_one_gives_way() {
        let (inspector, plot, closed) = (part(200.0, 96.0), part(190.0, 120.0), part(0.0, 120.0));
        for (room, bars, parts, heights) in [
            // There is room for all.
            (800.0, 0.0, [inspector, closed, plot], [200.0, 0.0, 190.0]),
            // Both shrink to the same degree.
            (427.0, 0.0, [inspector, closed, plot], [148.0, 0.0, 155.0]),
            // The less important one gives way.
            (275.0, 0.0, [inspector, closed, plot], [151.0, 0.0, 0.0]),
            (275.0, 0.0, [plot, closed, inspector], [151.0, 0.0, 0.0]),
            (275.0, 34.0, [closed, closed, plot], [0.0, 0.0, 120.0]),
            (427.0, 34.0, [plot, closed, inspector], [141.0, 0.0, 128.0]),
            // A part that is alone keeps its least height also where three rows have no room, but never covers the filter.
            (160.0, 0.0, [closed, plot, inspector], [0.0, 120.0, 0.0]),
            (100.0, 0.0, [closed, plot, inspector], [0.0, 66.0, 0.0]),
            (20.0, 0.0, [closed, plot, inspector], [0.0, 0.0, 0.0]),
            (275.0, 0.0, [closed, closed, closed], [0.0, 0.0, 0.0]),
        ] {
            let found = shared(room, (bars, 0.0), parts);
            let difference = found
                .iter()
                .zip(heights)
                .map(|(one, other)| (one - other).abs());
            assert!(
                difference.sum::<f32>() < 0.5,
                "{room} {bars} {parts:?}: {found:?}"
            );
            let taken: f32 = found.iter().sum();
            let is_alone = found.iter().filter(|height| **height > 0.0).count() < 2;
            assert!(is_alone || room - bars - taken >= KEPT_FOR_ROWS - 1.0);
        }
    }

    #[test]
    fn the_part_that_was_put_first_keeps_its_room() {
        let (side, plot, closed) = (part(200.0, 120.0), part(190.0, 120.0), part(0.0, 96.0));
        let mut order = PartOrder::default();
        let shown = |order: &PartOrder, parts| {
            let heights = order.shared(275.0, (0.0, 0.0), parts);
            heights.map(|height| height > 0.0)
        };
        assert_eq!(shown(&order, [side, plot, closed]), [true, false, false]);
        order.put_first(PLOT);
        assert_eq!(shown(&order, [side, plot, closed]), [false, true, false]);
        order.put_first(INSPECTOR);
        assert_eq!(shown(&order, [side, plot, plot]), [false, false, true]);
        // The plot is still more important than the part for measures.
        assert_eq!(shown(&order, [side, plot, closed]), [false, true, false]);
        order.put_last(INSPECTOR);
        assert_eq!(shown(&order, [side, plot, plot]), [false, true, false]);
    }

    #[test]
    fn several_parts_leave_six_rows_in_a_high_pane() {
        let (inspector, plot, closed) = (part(250.0, 96.0), part(240.0, 120.0), part(0.0, 120.0));
        let more = MORE_ROWS * size::ROW + size::SELECTION_LINE;
        for room in [HIGH, 560.0, 640.0] {
            for below in [0.0, size::SELECTION_LINE] {
                let taken: f32 = shared(room, (0.0, below), [inspector, closed, plot])
                    .iter()
                    .sum();
                let kept = KEPT_FOR_ROWS + MORE_ROWS * size::ROW + below;
                assert!((room - taken - kept).abs() < 2.0, "{room} {below}: {taken}");
            }
        }
        // A part that is alone has the height that the user has chosen.
        let alone = shared(HIGH, (0.0, 0.0), [part(400.0, 96.0), closed, closed]);
        let free = HIGH - KEPT_FOR_ROWS;
        assert!((alone[0] - free.min(400.0)).abs() < 1.0, "{alone:?}");
        // The number of rows grows with the pane.
        let rows = |room: f32| {
            let heights = shared(room, (0.0, size::SELECTION_LINE), [inspector, closed, plot]);
            room - heights.iter().sum::<f32>()
        };
        let all: Vec<f32> = (0..=30).map(|step| rows(LOW + step as f32 * 3.0)).collect();
        assert!(
            all.windows(2).all(|pair| pair[1] + 1.5 >= pair[0]),
            "{all:?}"
        );
        assert!(all[0] <= KEPT_FOR_ROWS + 2.0 && all[30] >= KEPT_FOR_ROWS + more - 2.0);
    }
}
