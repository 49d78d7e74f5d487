//! State of the table.

use egui::Pos2;
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::latest::StoreLatest;

use super::columns::LatestColumn;

/// State of the table.
pub(in crate::side) struct LatestView {
    /// Reader of the payloads.
    pub(super) interpreter: Interpreter,
    pub(super) latest: Option<StoreLatest>,
    pub(super) key: Option<Path>,
    pub(super) number: Option<Path>,
    pub(super) column: LatestColumn,
    pub(super) is_descending: bool,
    /// Places of the keys in their order.
    pub(super) order: Vec<usize>,
    /// Time of the pass in which they were ordered, and the number of keys then.
    pub(super) ordered: Option<(f64, usize)>,
    /// Place of the pointer when the first order was made. A pointer that rests there does not read the table yet.
    pub(super) resting: Option<Pos2>,
    /// A row had the keyboard focus in the last pass.
    pub(super) has_focus: bool,
    /// Part of the names of the keys in the table.
    pub(super) typed: String,
    /// First row in sight.
    pub(super) top: f64,
    /// Key that was clicked.
    pub(super) chosen: Option<String>,
}

impl Default for LatestView {
    fn default() -> Self {
        Self {
            interpreter: Interpreter::default(),
            latest: None,
            key: None,
            number: None,
            column: LatestColumn::Rate,
            is_descending: true,
            order: Vec::new(),
            ordered: None,
            resting: None,
            has_focus: false,
            typed: String::new(),
            top: 0.0,
            chosen: None,
        }
    }
}
