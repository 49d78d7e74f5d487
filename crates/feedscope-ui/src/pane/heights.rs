//! Heights of the parts below the rows of a pane: inspector, part for measures and the like, and plot. The rows keep at
//! least three lines, so that parts give up height, and one takes the place of another where there is room for one only.

use crate::theme::size;

/// Height that the rows keep: their filter, header and three of them.
const KEPT_FOR_ROWS: f32 = size::FILTER_ROW + size::COLUMN_HEADER + 3.0 * size::ROW;

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
pub(super) fn shared<const N: usize>(room: f32, bars: f32, parts: [PartHeight; N]) -> [f32; N] {
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
    std::array::from_fn(|at| {
        let PartHeight { wanted, least } = parts[at];
        let least = least.min(wanted);
        if shown[at] {
            (least + (wanted - least) * share).round()
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
            // A part that is alone keeps its least height also where three rows have no room.
            (100.0, 0.0, [closed, plot, inspector], [0.0, 120.0, 0.0]),
            (275.0, 0.0, [closed, closed, closed], [0.0, 0.0, 0.0]),
        ] {
            let found = shared(room, bars, parts);
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
}
