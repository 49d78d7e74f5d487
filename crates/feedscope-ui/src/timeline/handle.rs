//! Scroll handle of the timeline, with the strip that shows the density, gaps, errors and matches. A drag is converted
//! to places directly, so that its precision is one pixel's share of the rows.

use std::sync::Arc;

use egui::{Id, Rect, Sense, Ui, pos2, vec2};
use feedscope_analysis::density::{Density, DensityPart, HIGHEST_LEVEL, Overview, PARTS};
use feedscope_core::store::RowNumber;

use super::{Places, TimelinePlace, TimelineView};
use crate::theme::Palette;

/// Maximum distance of a click from a mark that it selects, in points.
const NEAR: f32 = 4.0;

/// Handle whose input has been handled, and which is painted after the rows.
pub(super) struct Handle {
    /// The pointer is on it.
    is_lit: bool,
    overview: Option<Arc<Overview>>,
}

/// Handles the input of the handle, before the rows are drawn. Returns it if there is one.
pub(super) fn drag(
    ui: &Ui,
    place: &TimelinePlace<'_>,
    view: &mut TimelineView,
    places: &Places,
) -> Option<Handle> {
    if places.highest_top() <= 0.0 {
        return None;
    }
    let scale = Scale::new(place.rows, places);
    let track = scale.track;
    let id = Id::unique(("scroll", place.pane, place.list));
    let response = ui.interact(
        track.expand2(vec2(3.0, 0.0)),
        id,
        Sense::DRAG | Sense::CLICK,
    );
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::ScrollBar, true, "Timeline position")
    });
    let overview = place.density.map(Density::overview);
    if let Some(pointer) = response
        .interact_pointer_pos()
        .filter(|_| response.is_pointer_button_down_on())
    {
        follow(ui, id, pointer.y, &scale, overview.as_deref(), view, places);
    }
    Some(Handle {
        is_lit: response.hovered() || response.dragged(),
        overview,
    })
}

impl Handle {
    /// Paints the handle with the strip behind it.
    pub(super) fn paint(
        self,
        ui: &Ui,
        place: &TimelinePlace<'_>,
        view: &TimelineView,
        places: &Places,
    ) {
        let Self { is_lit, overview } = self;
        // The rows may have become fewer since the input was handled.
        if places.highest_top() <= 0.0 {
            return;
        }
        let palette = Palette::of(ui);
        let scale = Scale::new(place.rows, places);
        let track = scale.track;
        ui.painter().rect_filled(track, 4.0, palette.raise);
        if let Some(overview) = overview.as_deref() {
            paint_levels(ui, &scale, overview);
        }
        ui.painter().rect_filled(
            scale.thumb(view.top(places)),
            4.0,
            if is_lit { palette.dim } else { palette.faint },
        );
        if let Some(overview) = overview.as_deref() {
            paint_marks(ui, &scale, overview);
        }
        for (row, _) in place.notes.of_view.marks() {
            let y = scale.y(places.place_of(row) as f64);
            let left = pos2(scale.track.left(), y - 1.0);
            let tick = Rect::from_min_size(left, vec2(scale.track.width(), 2.0));
            ui.painter().rect_filled(tick, 0.0, palette.flag);
        }
    }
}

/// Handles the pointer while it is held down.
fn follow(
    ui: &Ui,
    id: Id,
    pointer: f32,
    scale: &Scale,
    overview: Option<&Overview>,
    view: &mut TimelineView,
    places: &Places,
) {
    let grab_id = id.with("grab");
    let (pressed, moved) =
        ui.input(|input| (input.pointer.any_pressed(), input.pointer.delta().y != 0.0));
    let middle = scale.length / 2.0;
    if pressed {
        let thumb = scale.thumb(view.top(places));
        // A mark under the thumb cannot be clicked, because the thumb must remain draggable.
        let mark = overview.filter(|_| !thumb.y_range().contains(pointer));
        let grab = if let Some(row) = mark.and_then(|overview| scale.mark_near(overview, pointer)) {
            // The row of the mark moves to the middle of the view.
            let mark = places.place_of(row);
            view.move_to(places, mark as f64 + 0.5 - places.fitting / 2.0);
            pointer - scale.thumb(view.top(places)).top()
        } else if thumb.y_range().contains(pointer) {
            pointer - thumb.top()
        } else {
            view.move_to(places, scale.top_at(pointer - middle));
            // A press beside the thumb centers it at the pointer.
            middle
        };
        ui.data_mut(|data| data.insert_temp(grab_id, grab));
    } else if moved {
        let grab = ui.data(|data| data.get_temp(grab_id)).unwrap_or(middle);
        view.move_to(places, scale.top_at(pointer - grab));
    }
}

/// Conversion between places and positions on the track.
struct Scale {
    track: Rect,
    /// Length of the thumb in points.
    length: f32,
    /// Number of lines above the first row.
    lead: f64,
    rows: f64,
    /// Number of all places.
    total: f64,
    /// Number of places that fit into the view.
    fitting: f64,
    highest_top: f64,
}

impl Scale {
    /// Creates the conversion for a view in this area.
    fn new(area: Rect, places: &Places) -> Self {
        let track = Rect::from_min_max(
            area.right_top() + vec2(-12.0, 4.0),
            area.right_bottom() + vec2(-3.0, -4.0),
        );
        // The thumb has a minimum length, so that it can be hit in a long timeline.
        let length = (track.height() * (places.fitting / places.total() as f64) as f32)
            .max(24.0)
            .min(track.height());
        Self {
            track,
            length,
            lead: places.lead as f64,
            rows: places.rows as f64,
            total: places.total() as f64,
            fitting: places.fitting,
            highest_top: places.highest_top(),
        }
    }

    /// Returns the distance that the thumb can move, in points.
    fn way(&self) -> f32 {
        self.track.height() - self.length
    }

    /// Returns the area of the thumb for the topmost place `top`.
    fn thumb(&self, top: f64) -> Rect {
        let y = self.track.top() + self.way() * (top / self.highest_top) as f32;
        Rect::from_min_size(
            pos2(self.track.left() + 1.0, y),
            vec2(self.track.width() - 2.0, self.length),
        )
    }

    /// Returns the topmost place for a thumb whose upper edge is at `y`.
    fn top_at(&self, y: f32) -> f64 {
        let part = f64::from((y - self.track.top()) / self.way().max(1.0));
        part.clamp(0.0, 1.0) * self.highest_top
    }

    /// Returns the middle of the thumb for a view with this place in its middle.
    ///
    /// The thumb of a long timeline is longer than its share. Places near both ends are never in the middle of the
    /// view, so that they share the half of the thumb that remains there.
    fn y(&self, place: f64) -> f32 {
        let (half, end) = (self.fitting / 2.0, self.total - self.fitting / 2.0);
        let edge = self.length / 2.0;
        let y = if place < half {
            edge * (place / half) as f32
        } else if place > end {
            self.track.height() - edge * ((self.total - place) / half) as f32
        } else {
            edge + self.way() * ((place - half) / self.highest_top) as f32
        };
        self.track.top() + y
    }

    /// Returns the upper and lower position of a part of the overview.
    fn part(&self, at: usize) -> (f32, f32) {
        let y = |at: usize| self.y(self.lead + self.rows * at as f64 / PARTS as f64);
        (y(at), y(at + 1))
    }

    /// Returns the middle of a part of the overview.
    fn middle_of(&self, at: usize) -> f32 {
        let (top, bottom) = self.part(at);
        f32::midpoint(top, bottom)
    }

    /// Returns the row of the mark near a click.
    fn mark_near(&self, overview: &Overview, y: f32) -> Option<RowNumber> {
        let marks = overview.parts.iter().enumerate().filter_map(|(at, part)| {
            let row = part.error.or(part.gap).or(part.matched)?;
            Some(((self.middle_of(at) - y).abs(), row))
        });
        let near = marks.filter(|(distance, _)| *distance <= NEAR);
        near.min_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, row)| row)
    }
}

/// Paints the density as bars from the right edge.
fn paint_levels(ui: &Ui, scale: &Scale, overview: &Overview) {
    let color = Palette::of(ui).faint.gamma_multiply(0.35);
    let width = scale.track.width() - 2.0;
    let right = scale.track.right() - 1.0;
    let mut at = 0;
    // Neighbors of the same level are one rectangle, because each shape costs time.
    for run in overview
        .parts
        .chunk_by(|one, other| one.level == other.level)
    {
        let (first, end) = (at, at + run.len());
        at = end;
        let level = run[0].level;
        if level > 0 {
            let part = width * f32::from(level) / f32::from(HIGHEST_LEVEL);
            let bar = Rect::from_min_max(
                pos2(right - part, scale.part(first).0),
                pos2(right, scale.part(end - 1).1),
            );
            ui.painter()
                .rect_filled(bar.intersect(scale.track.shrink(1.0)), 0.0, color);
        }
    }
}

/// Paints matches, gaps and errors, the most important ones on top.
fn paint_marks(ui: &Ui, scale: &Scale, overview: &Overview) {
    let palette = Palette::of(ui);
    let mark = |row_of: fn(&DensityPart) -> Option<RowNumber>, width: f32, color| {
        let marked = (0..overview.parts.len()).filter(|&at| row_of(&overview.parts[at]).is_some());
        for at in marked {
            let left = pos2(scale.track.left(), scale.middle_of(at) - 1.0);
            let mark = Rect::from_min_size(left, vec2(width, 2.0));
            ui.painter().rect_filled(mark, 0.0, color);
        }
    };
    let width = scale.track.width();
    // Marks of matches are narrow, so that the thumb stays visible if all rows match.
    mark(|part| part.matched, 4.0, palette.matched);
    mark(|part| part.gap, width, palette.wait);
    mark(|part| part.error, width, palette.fail);
}
