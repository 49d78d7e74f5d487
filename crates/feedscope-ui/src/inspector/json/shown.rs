//! Data that a tree shows.

use feedscope_analysis::look_back::ChangedNumbers;
use feedscope_core::Stamp;
use feedscope_core::payload::json::Outline;

use crate::timeline::Marks;

/// Data of a tree.
pub(in crate::inspector) struct ShownTree<'a> {
    pub(in crate::inspector) outline: &'a Outline,
    pub(in crate::inspector) text: &'a [u8],
    /// Arrival of the record, which times in the payload are compared with; `None` if the file has no times.
    pub(in crate::inspector) arrival: Option<Stamp>,
    /// Changes of numbers since the last record about the same subject; `None` without such a record.
    pub(in crate::inspector) changed: Option<&'a ChangedNumbers>,
    /// Filters whose matches are marked.
    pub(in crate::inspector) marks: Marks<'a>,
    /// Current match of the find bar.
    pub(in crate::inspector) current: Option<CurrentMatch>,
    /// Names of the plotted numbers, which are paths for fields.
    pub(in crate::inspector) plotted: &'a [String],
}

/// Current match of the find bar in a tree.
#[derive(Clone, Copy, Debug)]
pub(in crate::inspector) struct CurrentMatch {
    /// Value with the match.
    pub(in crate::inspector) node: usize,
    /// Offset of the match in the text.
    pub(in crate::inspector) at: usize,
}
