//! State of a view that follows a replay.

use feedscope_analysis::listing::ItemId;
use feedscope_core::store::RowNumber;

/// Replay in the last pass, and its effect on the view.
#[derive(Default)]
pub(super) struct Replayed {
    /// Number after the last row of the view while the recording plays.
    pub(super) end: Option<RowNumber>,
    pub(super) moves: u64,
    /// The next move was requested by this view, which is there already.
    pub(super) has_led: bool,
    pub(super) selected: Option<ItemId>,
}
