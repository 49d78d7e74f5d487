//! State of the table.

use egui::Pos2;
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::latest::{KeyOrder, OrderBy, StoreLatest};
use feedscope_analysis::record_key::RecordKey;
use feedscope_core::store::RowNumber;

/// State of the table.
pub(in crate::side) struct LatestView {
    /// Reader of the payloads.
    pub(super) interpreter: Interpreter,
    /// Table and the order of its keys.
    pub(super) latest: Option<(StoreLatest, KeyOrder)>,
    /// Number after the last row of the table: the position of a replay, or that of no row.
    pub(super) end: RowNumber,
    pub(super) key: Option<RecordKey>,
    /// Fields whose newest values are columns.
    pub(super) columns: Vec<Path>,
    /// The kept choice of the feed has been read.
    pub(super) is_restored: bool,
    pub(super) by: OrderBy,
    pub(super) is_descending: bool,
    /// Places of the keys in their order.
    pub(super) order: Vec<usize>,
    /// Number of the order that `order` contains, and the number of keys then.
    pub(super) ordered: (u64, usize),
    /// Time of the pass in which an order was requested; `None` if one is needed now.
    pub(super) requested: Option<f64>,
    /// Place of the pointer when the first order was made. A pointer that rests there does not read the table yet.
    pub(super) resting: Option<Pos2>,
    /// A row had the keyboard focus in the last pass.
    pub(super) has_focus: bool,
    /// Number of characters of the longest name so far. It only grows, so that the columns do not move back and forth.
    pub(super) longest_name: usize,
    /// Number of characters of the longest number of each column so far.
    pub(super) longest_numbers: Vec<usize>,
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
            end: RowNumber::MAX,
            key: None,
            columns: Vec::new(),
            is_restored: false,
            by: OrderBy::Rate,
            is_descending: true,
            order: Vec::new(),
            ordered: (0, 0),
            requested: None,
            resting: None,
            has_focus: false,
            longest_name: 0,
            longest_numbers: Vec::new(),
            typed: String::new(),
            top: 0.0,
            chosen: None,
        }
    }
}
