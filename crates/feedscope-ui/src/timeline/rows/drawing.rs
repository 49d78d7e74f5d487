//! Data of one pass over the rows in sight.

use std::borrow::Cow;

use egui::{Rect, Ui, pos2, vec2};

use super::lines::TimelineLines;
use crate::theme::size;
use crate::timeline::columns::RowColumns;
use crate::timeline::{Places, TimelinePlace};

/// Distance of a sign's center from its left edge, in points.
pub(super) const SIGN_CENTER: f32 = 6.0;

/// Data of one pass over the rows in sight.
pub(in crate::timeline) struct Drawing<'a> {
    pub(in crate::timeline) place: &'a TimelinePlace<'a>,
    pub(in crate::timeline) columns: &'a RowColumns,
    pub(in crate::timeline) places: &'a Places,
    /// Topmost place with its fraction.
    pub(in crate::timeline) top: f64,
    pub(in crate::timeline) lines: &'a TimelineLines,
    /// Area of the pill over the rows.
    pub(in crate::timeline) pill: Option<Rect>,
}

impl Drawing<'_> {
    /// Returns the columns of the row in this area. The payload of a row beside the pill ends before it.
    pub(super) fn columns_in(&self, rect: Rect) -> Cow<'_, RowColumns> {
        /// Gap between a payload and the pill in points.
        const GAP: f32 = 8.0;
        match self
            .pill
            .filter(|pill| pill.y_range().intersects(rect.y_range()))
        {
            Some(pill) => Cow::Owned(self.columns.ending_at(pill.left() - GAP)),
            None => Cow::Borrowed(self.columns),
        }
    }

    /// Returns the area of the row at a place. It is on whole pixels, so that text stays sharp while it moves.
    pub(super) fn rect(&self, ui: &Ui, place: u64) -> Rect {
        let rows = self.place.rows;
        let scale = ui.ctx().pixels_per_point();
        let y = rows.top() + ((place as f64 - self.top) * f64::from(size::ROW)) as f32;
        Rect::from_min_size(
            pos2(rows.left(), (y * scale).round() / scale),
            vec2(rows.width(), size::ROW),
        )
    }
}
