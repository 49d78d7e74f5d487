//! Pictures of the two protocols: one arrow for SSE, an arrow in each direction for WebSocket.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, Id, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::theme::{Palette, font, size};
use crate::widgets::{cut, paint_left};

/// Height of one picture in points.
pub(super) const HEIGHT: f32 = 72.0;

/// Minimum width in which a picture can be read, in points.
pub(super) const WIDTH: f32 = 270.0;

/// Protocol of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Server-Sent Events.
    EventStream,
    /// WebSocket.
    WebSocket,
}

/// Paints the picture of a protocol into `rect`.
pub(super) fn show(ui: &Ui, rect: Rect, subject: Subject) {
    let palette = Palette::of(ui);
    let (name, words, told) = match subject {
        Subject::EventStream => (
            "Server-Sent Events (SSE)",
            "one side sends",
            "Server-Sent Events, the server sends and you listen: one arrow, from the server to you",
        ),
        Subject::WebSocket => (
            "WebSocket",
            "both sides send",
            "WebSocket, both sides send: two arrows, one each way",
        ),
    };
    let response = ui.interact(rect, Id::unique(("picture", name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, told));
    response.on_hover_text(match subject {
        Subject::EventStream => "A solo performance: the server plays, you listen.",
        Subject::WebSocket => "A jam session: both sides play.",
    });
    let title = cut(ui, name, font::strong(), palette.text, rect.width());
    let after = rect.left() + title.size().x + 8.0;
    let line = rect.top() + 10.0;
    paint_left(ui, rect.left(), line, title);
    let words = cut(ui, words, font::small(), palette.dim, rect.right() - after);
    paint_left(ui, after, line, words);

    let stage = Rect::from_min_max(pos2(rect.left(), rect.top() + 26.0), rect.max);
    let player = vec2(62.0, 30.0);
    let left = Rect::from_min_size(pos2(stage.left(), stage.top() + 2.0), player);
    let right = Rect::from_min_size(pos2(stage.left() + 200.0, stage.top() + 2.0), player);
    someone(ui, left, "server");
    someone(ui, right, "you");
    let (from, to) = (left.right() + 8.0, right.left() - 8.0);
    let y = left.center().y;
    match subject {
        Subject::EventStream => {
            arrow(ui, pos2(from, y), pos2(to, y), palette.incoming);
            notes(ui, from, to, y - 7.0, palette.incoming);
        }
        Subject::WebSocket => {
            arrow(ui, pos2(from, y - 6.0), pos2(to, y - 6.0), palette.incoming);
            arrow(ui, pos2(to, y + 6.0), pos2(from, y + 6.0), palette.outgoing);
            notes(ui, from, to, y - 13.0, palette.incoming);
            notes(ui, from, to, y + 13.0, palette.outgoing);
        }
    }
}

/// Paints a box with a name.
fn someone(ui: &Ui, rect: Rect, name: &str) {
    let palette = Palette::of(ui);
    let border = Stroke::new(1.0, palette.line);
    ui.painter().rect(
        rect,
        size::RADIUS,
        palette.raise,
        border,
        StrokeKind::Inside,
    );
    let font = font::label();
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        name,
        font,
        palette.text,
    );
}

/// Paints an arrow.
fn arrow(ui: &Ui, from: Pos2, to: Pos2, color: Color32) {
    // The head is a triangle whose base is perpendicular to the arrow.
    let way = (to - from).normalized();
    let across = vec2(-way.y, way.x) * 4.0;
    let neck = to - way * 8.0;
    ui.painter()
        .line_segment([from, neck], Stroke::new(1.6, color));
    let head = vec![to, neck + across, neck - across];
    ui.painter()
        .add(Shape::convex_polygon(head, color, Stroke::NONE));
}

/// Paints a few dots along an arrow, as notes of music.
fn notes(ui: &Ui, from: f32, to: f32, y: f32, color: Color32) {
    for part in [0.18_f32, 0.46, 0.74] {
        let at = pos2(egui::lerp(from..=to, part), y);
        ui.painter()
            .circle_filled(at, 1.8, color.gamma_multiply(0.8));
    }
}
