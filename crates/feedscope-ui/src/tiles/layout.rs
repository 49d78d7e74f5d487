//! Layout as a value, to save and restore it. Sizes are shares of a row or column, so that they fit any window.

use serde::{Deserialize, Serialize};

/// Layout of the panes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One pane, by its ID.
    Pane(u32),
    /// Panes side by side.
    Row(Vec<LayoutPart>),
    /// Panes one above the other.
    Column(Vec<LayoutPart>),
    /// Panes as tabs.
    Tabs {
        /// Index of the visible one.
        front: usize,
        /// Content of each tab.
        tabs: Vec<Layout>,
    },
}

/// Part of a row or column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayoutPart {
    /// Share of the row or column, in relation to those of the other parts.
    pub share: f32,
    /// Content of the part.
    pub layout: Layout,
}
