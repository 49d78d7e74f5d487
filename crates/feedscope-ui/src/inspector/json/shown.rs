//! Data that a tree shows.

use feedscope_core::Timestamp;
use feedscope_core::payload::json::{Changed, Outline};

/// Data of a tree.
pub(in crate::inspector) struct ShownTree<'a> {
    pub(in crate::inspector) outline: &'a Outline,
    pub(in crate::inspector) text: &'a [u8],
    /// Arrival of the record, which times in the payload are compared with.
    pub(in crate::inspector) arrival: Timestamp,
    /// Changes of numbers since the last record about the same subject.
    pub(in crate::inspector) changed: &'a [Changed],
}
