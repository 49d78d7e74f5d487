//! Strip under a trace: the states of the connection over the same time.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Id, Rect, Sense, Ui, WidgetInfo, vec2};
use feedscope_core::history::Span;
use feedscope_core::{ConnectionState, Moment};

use super::scale::{TimeAxis, TracePlace};
use crate::scene::FeedScene;
use crate::theme::Palette;
use crate::words;

/// Draws the states of the connection as colored spans. A tooltip describes the span under the pointer. Returns the start
/// of the span that was clicked.
pub(super) fn show(
    ui: &Ui,
    place: &TracePlace<'_>,
    rect: Rect,
    axis: &TimeAxis,
    feed: &FeedScene,
) -> Option<Moment> {
    let palette = Palette::of(ui);
    let from = axis.moment_at(axis.left);
    let spans = match feed.played_until() {
        Some(until) => feed.store.history_between(from, until),
        None => feed.store.history(from),
    };
    ui.painter().rect_filled(rect, 2.0, palette.raise);
    for (i, span) in spans.iter().enumerate() {
        let end = spans
            .get(i + 1)
            .map_or(rect.right(), |next| axis.x_of(next.from.moment));
        // A span that started earlier begins at the left edge.
        let start = axis.x_of(span.from.moment);
        paint_span(
            // Even a very short state is one point wide.
            ui,
            Rect::from_x_y_ranges(start..=end.max(start + 1.0), rect.y_range()),
            span,
        );
    }
    // The strip is four points high and hard to hit, so that the area for the pointer is larger.
    let response = ui.interact(
        rect.expand2(vec2(0.0, 3.0)),
        Id::unique(("history", place.pane)),
        Sense::CLICK,
    );
    response.widget_info(|| {
        let history = words::connection_history(&spans, place.zone);
        WidgetInfo::labeled(Role::Image, true, history)
    });
    let pointer = response.hover_pos()?;
    // The newest span under the pointer is found first, because short spans overlap.
    let span = spans
        .iter()
        .rev()
        .find(|span| axis.x_of(span.from.moment) <= pointer.x + 1.0)?;
    let clicked = response.clicked().then_some(span.from.moment);
    response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text_at_pointer(format!(
            "{}. Click for its row",
            words::state_since(span, place.zone)
        ));
    clicked
}

/// Draws one span.
pub(crate) fn paint_span(ui: &Ui, rect: Rect, span: &Span) {
    let palette = Palette::of(ui);
    let color = match span.state {
        ConnectionState::Connecting => palette.incoming,
        ConnectionState::Closed | ConnectionState::Idle => Color32::TRANSPARENT,
        state => palette.state(state),
    };
    ui.painter().rect_filled(rect, 1.0, color);
    if span.failure {
        // A loss is a moment and has no length, so that it gets a mark of its own.
        let mark = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        ui.painter().rect_filled(mark, 0.0, palette.fail);
    }
}
