//! Placing of the inspector in its pane: below the rows, or beside them in a wide pane. The user drags its edge.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::Inspector;
use super::place::InspectorPlace;
use crate::ids::PaneId;
use crate::theme::{Palette, size};

/// Height in points until the user chooses another one, where no more room is left.
const HEIGHT: f32 = 196.0;

/// Height of a pane for rows and inspector up to which the inspector has its usual height, in points.
const USUAL_ROOM: f32 = 640.0;

/// Height of the filter row, the header, the line about several rows, and four rows, in points.
const LEAST_FOR_ROWS: f32 = size::FILTER_ROW + 24.0 + size::SELECTION_LINE + 4.0 * size::ROW;

/// Height of the filter row, the header and two rows, which stay in sight above the highest inspector, in points.
const FEWEST_ROWS: f32 = size::FILTER_ROW + 24.0 + 2.0 * size::ROW;

/// Smallest and largest height in points.
const HEIGHTS: (f32, f32) = (64.0, 1_200.0);

/// Height with some lines of the payload, in points. A low pane has fewer rows instead.
const WITH_LINES: f32 = 124.0;

/// Width of a pane for rows and inspector from which on they fit beside each other, in points.
const WIDE: f32 = 760.0;

/// Smallest width in points.
const LEAST_WIDTH: f32 = 280.0;

/// Width until the user chooses another one, and the largest width, as shares of the pane.
const WIDTHS: (f32, f32) = (0.42, 0.6);

impl Inspector {
    /// Handles the edge between the rows and the inspector, which the user drags to change the size.
    pub(super) fn show_edge(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let id = Id::unique(("inspector edge", pane));
        let is_beside = self.is_beside();
        let (grip, name, cursor) = if is_beside {
            let stroke = Stroke::new(1.0, Palette::of(ui).line);
            ui.painter()
                .vline(rect.left() + 0.5, rect.y_range(), stroke);
            let grip = Rect::from_min_size(rect.min - vec2(3.0, 0.0), vec2(6.0, rect.height()));
            (grip, "Inspector width", CursorIcon::ResizeHorizontal)
        } else {
            let grip = Rect::from_min_size(rect.min - vec2(0.0, 3.0), vec2(rect.width(), 6.0));
            (grip, "Inspector height", CursorIcon::ResizeVertical)
        };
        let response = ui.interact(grip, id, Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, name));
        if response.dragged() {
            let moved = response.drag_delta();
            if is_beside {
                self.place.width = Some((rect.width() - moved.x).max(LEAST_WIDTH));
            } else {
                self.place.height = Some((rect.height() - moved.y).clamp(HEIGHTS.0, HEIGHTS.1));
            }
        }
        response.on_hover_and_drag_cursor(cursor);
    }

    /// Returns the place and the size that the user has chosen.
    pub(crate) fn place(&self) -> InspectorPlace {
        InspectorPlace {
            beside: self.place.beside,
            height: self.place.height.map(f32::round),
            width: self.place.width.map(f32::round),
        }
    }

    /// Sets the place and the size, within its limits.
    pub(crate) fn set_place(&mut self, place: InspectorPlace) {
        let finite = |size: Option<f32>| size.filter(|size| size.is_finite());
        self.place = InspectorPlace {
            height: finite(place.height).map(|height| height.clamp(HEIGHTS.0, HEIGHTS.1)),
            width: finite(place.width).map(|width| width.max(LEAST_WIDTH)),
            ..place
        };
    }

    /// Returns true if it is open beside the rows.
    pub(crate) fn is_beside(&self) -> bool {
        self.is_open() && self.place.beside && self.is_wide
    }

    /// Moves the inspector beside the rows, or below them. Returns false if the pane is too narrow for the first.
    pub(crate) fn switch_place(&mut self) -> bool {
        let can_switch = self.place.beside || self.is_wide;
        self.place.beside ^= can_switch;
        can_switch
    }

    /// Returns the column beside the rows, and takes it off `area`. `None` if the inspector is closed or below the rows.
    pub(crate) fn take_column(&mut self, area: &mut Rect) -> Option<Rect> {
        self.is_wide = area.width() >= WIDE;
        if !self.is_beside() {
            return None;
        }
        let usual = area.width() * WIDTHS.0;
        let most = area.width() * WIDTHS.1;
        let width = self.place.width.unwrap_or(usual).min(most);
        let rect = area.with_min_x(area.right() - width.round());
        area.set_right(rect.left());
        Some(rect)
    }

    /// Returns the height if `room` is left for the inspector and the rows together; 0 while no row is selected, and beside
    /// the rows.
    pub(crate) fn height(&self, room: f32) -> f32 {
        if !self.is_open() || self.is_beside() {
            return 0.0;
        }
        // Half of the room that the usual heights leave.
        let more = ((room - USUAL_ROOM) * 0.5).max(0.0);
        let most = room - FEWEST_ROWS;
        let wanted = self.place.height.unwrap_or_else(|| {
            // The rows keep half of the room, and at least some of them stay in sight.
            let usual = (room * 0.5).min(room - LEAST_FOR_ROWS);
            (HEIGHT + more).min(usual).max(WITH_LINES)
        });
        wanted.min(most).max(HEIGHTS.0)
    }
}
