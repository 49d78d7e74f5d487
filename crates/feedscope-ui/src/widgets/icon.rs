//! Icons as vector shapes. They need no font and are sharp at every scale.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use feedscope_core::ConnectionState;

/// Icon, named by its shape. The comments describe its use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Icon {
    /// Received records.
    ArrowDown,
    /// Sent records.
    ArrowUp,
    /// The state open.
    Disc,
    /// The states connecting and reconnecting. The number is the start of the arc in turns.
    Arc(f32),
    /// The states closed and idle.
    Ring,
    /// The state failed, and buttons that close something.
    Cross,
    /// The state closing.
    HalfDisc,
    /// Gap in the received records.
    Gap,
    /// Notes.
    Dot,
    /// Button that pauses.
    Pause,
    /// Button that resumes.
    Play,
    /// Button that goes to the record before.
    StepBack,
    /// Button that goes to the next record.
    StepForward,
    /// Folded value.
    Folded,
    /// Unfolded value, and buttons that open a menu.
    Unfolded,
    /// Command of the palette.
    Chevron,
    /// Field that finds something.
    Find,
    /// Button that opens a pane.
    Panes,
    /// Button that puts a list below another one.
    Below,
    /// Button that opens a menu with more actions.
    Dots,
    /// Handle by which a pane is dragged.
    Grip,
    /// Button that switches between the dark and the light theme.
    Contrast,
    /// Button that opens the help sheet.
    Question,
    /// Feed that was opened from a file.
    File,
    /// Button that records.
    Record,
    /// Button that stops a recording.
    Square,
    /// Button that connects again at once.
    Retry,
    /// Button that ends a connection.
    Off,
    /// Button that saves records.
    Save,
}

impl Icon {
    /// Returns the icon of a state. `turn` is the start of the arc in turns.
    pub(crate) fn of_state(state: ConnectionState, turn: f32) -> Self {
        match state {
            ConnectionState::Open => Self::Disc,
            ConnectionState::Connecting | ConnectionState::Reconnecting => Self::Arc(turn),
            ConnectionState::Closing => Self::HalfDisc,
            ConnectionState::Failed => Self::Cross,
            ConnectionState::Idle | ConnectionState::Closed => Self::Ring,
        }
    }
}

/// Paints an icon of about 10 points around `center`.
pub(crate) fn paint(painter: &Painter, icon: Icon, center: Pos2, color: Color32) {
    let stroke = Stroke::new(1.5, color);
    match icon {
        Icon::ArrowDown => arrow(painter, center, 1.0, color),
        Icon::ArrowUp => arrow(painter, center, -1.0, color),
        Icon::Disc => {
            painter.circle_filled(center, 4.0, color);
        }
        Icon::Dot => {
            painter.circle_filled(center, 2.0, color);
        }
        Icon::Ring => {
            painter.circle_stroke(center, 3.6, stroke);
        }
        Icon::Arc(turn) => {
            painter.add(Shape::line(
                arc(center, 3.9, turn, 0.72),
                Stroke::new(1.8, color),
            ));
        }
        Icon::HalfDisc => half_disc(painter, center, color),
        Icon::Cross => cross(painter, center, 3.4, Stroke::new(1.7, color)),
        Icon::Gap => {
            for x in [-4.0, 2.0] {
                painter.hline(
                    center.x + x..=center.x + x + 2.5,
                    center.y,
                    Stroke::new(2.0, color),
                );
            }
        }
        Icon::Panes => {
            let frame = Rect::from_center_size(center, vec2(11.0, 9.0));
            let line = Stroke::new(1.2, color);
            painter.rect_stroke(frame, 1.5, line, StrokeKind::Inside);
            painter.vline(center.x, frame.y_range(), line);
        }
        Icon::Chevron => chevron(painter, center, stroke),
        Icon::Find => lens(painter, center, stroke),
        Icon::Pause => {
            for x in [-2.5, 2.5] {
                painter.rect_filled(
                    Rect::from_center_size(center + vec2(x, 0.0), vec2(2.5, 9.0)),
                    0.5,
                    color,
                );
            }
        }
        Icon::Play => triangle(
            painter,
            center,
            [(-3.0, -4.5), (4.5, 0.0), (-3.0, 4.5)],
            color,
        ),
        Icon::StepBack => step(painter, center, -1.0, color),
        Icon::StepForward => step(painter, center, 1.0, color),
        Icon::Folded => triangle(
            painter,
            center,
            [(-2.0, -3.5), (3.0, 0.0), (-2.0, 3.5)],
            color,
        ),
        Icon::Unfolded => triangle(
            painter,
            center,
            [(-3.5, -2.0), (3.5, -2.0), (0.0, 3.0)],
            color,
        ),
        Icon::Dots => {
            for x in [-4.5, 0.0, 4.5] {
                painter.circle_filled(center + vec2(x, 0.0), 1.3, color);
            }
        }
        Icon::Grip => grip(painter, center, color),
        Icon::Below | Icon::File | Icon::Record | Icon::Square => {
            frame_or_block(painter, icon, center, color);
        }
        Icon::Contrast | Icon::Retry | Icon::Off | Icon::Save => {
            action(painter, icon, center, color);
        }
        Icon::Question => {
            painter.text(
                center,
                egui::Align2::CENTER_CENTER,
                "?",
                super::super::theme::font::name(),
                color,
            );
        }
    }
}

/// Paints an icon of a button with lines around a center.
fn action(painter: &Painter, icon: Icon, center: Pos2, color: Color32) {
    let stroke = Stroke::new(1.5, color);
    match icon {
        Icon::Contrast => {
            painter.circle_stroke(center, 5.0, Stroke::new(1.4, color));
            painter.add(Shape::convex_polygon(
                arc(center, 5.0, 0.75, 0.5),
                color,
                Stroke::NONE,
            ));
        }
        Icon::Retry => {
            painter.add(Shape::line(arc(center, 4.2, 0.0, 0.78), stroke));
            let tip = center + vec2(0.8, -4.2);
            triangle(painter, tip, [(-1.0, -3.0), (3.0, 0.0), (-1.0, 3.0)], color);
        }
        Icon::Off => {
            painter.add(Shape::line(
                arc(center + vec2(0.0, 0.6), 4.4, 0.86, 0.78),
                stroke,
            ));
            painter.vline(center.x, center.y - 5.5..=center.y - 0.5, stroke);
        }
        Icon::Save => {
            arrow(painter, center - vec2(0.0, 1.5), 0.8, color);
            painter.hline(center.x - 4.5..=center.x + 4.5, center.y + 5.0, stroke);
        }
        _ => {}
    }
}

/// Paints an icon of frames and filled shapes.
fn frame_or_block(painter: &Painter, icon: Icon, center: Pos2, color: Color32) {
    match icon {
        Icon::Below => {
            let frame = Rect::from_center_size(center, vec2(10.0, 10.0));
            let stroke = Stroke::new(1.2, color);
            painter.rect_stroke(frame, 1.5, stroke, egui::StrokeKind::Inside);
            painter.rect_filled(frame.with_min_y(center.y), 1.5, color);
        }
        Icon::Record => {
            painter.circle_filled(center, 4.5, color);
        }
        Icon::Square => {
            painter.rect_filled(Rect::from_center_size(center, vec2(8.0, 8.0)), 1.0, color);
        }
        Icon::File => {
            let page = Rect::from_center_size(center, vec2(8.0, 10.0));
            painter.rect_stroke(page, 1.0, Stroke::new(1.2, color), StrokeKind::Inside);
            for y in [-1.5, 1.5] {
                let line = center.x - 2.0..=center.x + 2.0;
                painter.hline(line, center.y + y, Stroke::new(1.0, color));
            }
        }
        _ => {}
    }
}

/// Paints the program's logo, a trace in a rounded frame, of 22 by 18 points.
pub(crate) fn logo(painter: &Painter, min: Pos2, color: Color32) {
    let frame = Rect::from_min_size(min + vec2(0.75, 0.75), vec2(20.5, 16.5));
    painter.rect_stroke(
        frame,
        4.0,
        Stroke::new(1.5, color),
        egui::StrokeKind::Middle,
    );
    let points = [
        (3.5, 9.0),
        (6.5, 9.0),
        (8.1, 4.5),
        (10.7, 13.5),
        (13.0, 7.0),
        (14.0, 9.0),
        (18.5, 9.0),
    ];
    let line = points.iter().map(|&(x, y)| min + vec2(x, y)).collect();
    painter.add(Shape::line(line, Stroke::new(1.5, color)));
}

/// Paints an arrow. `down` is 1 for an arrow downwards and -1 for one upwards.
fn arrow(painter: &Painter, center: Pos2, down: f32, color: Color32) {
    // Mirroring the vertical axis turns the arrow around.
    let at = |x: f32, y: f32| center + vec2(x, y * down);
    painter.rect_filled(
        Rect::from_two_pos(at(-1.25, -5.0), at(1.25, 0.5)),
        0.0,
        color,
    );
    painter.add(Shape::convex_polygon(
        vec![at(-4.0, 0.0), at(4.0, 0.0), at(0.0, 5.0)],
        color,
        Stroke::NONE,
    ));
}

/// Paints a filled triangle.
fn triangle(painter: &Painter, center: Pos2, corners: [(f32, f32); 3], color: Color32) {
    let points = corners.map(|(x, y)| center + vec2(x, y)).to_vec();
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// Paints a triangle that points to a line. `side` is 1 for the right side and -1 for the left one.
fn step(painter: &Painter, center: Pos2, side: f32, color: Color32) {
    let corners = [(-4.0, -4.0), (2.0, 0.0), (-4.0, 4.0)].map(|(x, y)| (x * side, y));
    triangle(painter, center, corners, color);
    let line = Rect::from_center_size(center + vec2(3.5 * side, 0.0), vec2(1.8, 8.0));
    painter.rect_filled(line, 0.0, color);
}

/// Paints two columns of three dots.
fn grip(painter: &Painter, center: Pos2, color: Color32) {
    for x in [-2.0, 2.0] {
        for y in [-5.0, 0.0, 5.0] {
            painter.circle_filled(center + vec2(x, y), 1.2, color);
        }
    }
}

/// Paints two crossed lines.
fn cross(painter: &Painter, center: Pos2, reach: f32, stroke: Stroke) {
    for side in [1.0, -1.0] {
        painter.line_segment(
            [
                center + vec2(-reach, -reach * side),
                center + vec2(reach, reach * side),
            ],
            stroke,
        );
    }
}

/// Returns points on a circle, from `start` over `part` of the circle, both in turns.
fn arc(center: Pos2, radius: f32, start: f32, part: f32) -> Vec<Pos2> {
    /// Number of line segments, which is enough for a small circle to look round.
    const STEPS: u8 = 20;
    (0..=STEPS)
        .map(|step| {
            let angle = (start + part * f32::from(step) / f32::from(STEPS)) * std::f32::consts::TAU;
            pos2(
                center.x + radius * angle.cos(),
                center.y + radius * angle.sin(),
            )
        })
        .collect()
}

/// Paints an angle that points to the right.
fn chevron(painter: &Painter, center: Pos2, stroke: Stroke) {
    let points = [vec2(-1.5, -4.0), vec2(2.5, 0.0), vec2(-1.5, 4.0)];
    let points = points.map(|offset| center + offset).to_vec();
    painter.add(Shape::line(points, stroke));
}

/// Paints a magnifying glass.
fn lens(painter: &Painter, center: Pos2, stroke: Stroke) {
    painter.circle_stroke(center - vec2(1.0, 1.0), 4.0, stroke);
    let handle = [center + vec2(2.0, 2.0), center + vec2(5.5, 5.5)];
    painter.line_segment(handle, stroke);
}

/// Paints a circle whose half is filled.
fn half_disc(painter: &Painter, center: Pos2, color: Color32) {
    painter.circle_stroke(center, 3.8, Stroke::new(1.2, color));
    painter.add(Shape::convex_polygon(
        arc(center, 4.0, 0.25, 0.5),
        color,
        Stroke::NONE,
    ));
}
