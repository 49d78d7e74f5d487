//! Rows, or the sheet, that a click on a figure leads to.

use feedscope_core::ConnectionState;
use feedscope_core::store::{Class, ClassSet, Detail, RowNumber, Store};

/// Target of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FigureLink {
    /// Resumes and gaps in the IDs, also those without a loss.
    Gaps,
    /// Gaps in the IDs at which records are missing.
    Missed,
    /// Gaps in the IDs at which records are missing or were repeated.
    MissedOrRepeated,
    /// Losses of the connection.
    Drops,
    /// Faults of a chosen sequence, whose rows an analysis knows.
    Faults,
    /// Sheet of the comparison of two engines.
    SecondOpinion,
}

impl FigureLink {
    /// Returns the sentence about a click on the figure.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Gaps | Self::Missed | Self::MissedOrRepeated | Self::Drops | Self::Faults => {
                "A click leads to the next of these rows."
            }
            Self::SecondOpinion => "A click opens the comparison.",
        }
    }

    /// Returns the next such row after the selected one, or else the first one.
    pub(crate) fn next_row(self, store: &Store, selected: Option<RowNumber>) -> Option<RowNumber> {
        let after = selected.map_or(RowNumber(0), |row| row + 1);
        self.row_from(store, after)
            .or_else(|| self.row_from(store, RowNumber(0)))
    }

    /// Returns the first such row from `from` on. Only rows about the connection are read.
    fn row_from(self, store: &Store, mut from: RowNumber) -> Option<RowNumber> {
        const ROWS_AT_ONCE: usize = 256;
        let shown = ClassSet::NONE.with(Class::States, true);
        loop {
            let rows = store.rows(shown, from, RowNumber::MAX, ROWS_AT_ONCE, 0);
            let found = rows.iter().find(|row| self.is_at(&row.detail));
            if found.is_some() || rows.len() < ROWS_AT_ONCE {
                return found.map(|row| row.row);
            }
            from = rows.last()?.row + 1;
        }
    }

    fn is_at(self, detail: &Detail) -> bool {
        match (self, detail) {
            (Self::Gaps, Detail::Gap(_)) => true,
            (Self::Missed, Detail::Gap(gap)) => gap.missing > Some(0),
            (Self::MissedOrRepeated, Detail::Gap(gap)) => {
                gap.missing > Some(0) || gap.repeated > Some(0)
            }
            (Self::Drops, Detail::State(change)) => change.state == ConnectionState::Reconnecting,
            _ => false,
        }
    }
}
