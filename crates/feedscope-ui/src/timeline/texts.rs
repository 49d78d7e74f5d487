//! Texts of a row. Those of printable ASCII characters in the monospaced font need no layout; the others are laid out.

use egui::{Color32, Ui, pos2};

use super::marks::{self, Marks};
use crate::theme::{Palette, font};
use crate::widgets::glyph_run::{GlyphRuns, Ink, MarkedPart};
use crate::widgets::{one_line, paint_left, paint_right};

/// Edge of its column at which a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TextSide {
    Left,
    Right,
}

/// Color of a text, and its background if it is marked.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: Color32,
    pub(super) ground: Option<Color32>,
}

/// Draws a text in the monospaced font with its edge at `x`. A text that is too wide ends with an ellipsis. Returns the
/// width that it takes.
pub(super) fn mono(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (side, x, y): (TextSide, f32, f32),
    text: &str,
    Paint { color, ground }: Paint,
    width: f32,
) -> f32 {
    let parts = [(0..text.len(), ground)];
    if let Some(width) = run(ui, runs, (side, x, y), text, &parts, color, width) {
        return width;
    }
    let galley = marks::cut_marked(ui, text, font::mono(), color, ground, width);
    let width = galley.size().x;
    match side {
        TextSide::Left => paint_left(ui, x, y, galley),
        TextSide::Right => paint_right(ui, x, y, galley),
    }
    width
}

/// Draws a payload in the monospaced font, with its matches marked. Returns the width that it takes.
pub(super) fn payload(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (x, y): (f32, f32),
    (text, color): (&str, Color32),
    marks: &Marks<'_>,
    width: f32,
) -> f32 {
    let parts = marks.parts(Palette::of(ui), text);
    if let Some(width) = run(ui, runs, (TextSide::Left, x, y), text, &parts, color, width) {
        return width;
    }
    let mut job = marks.job(ui, text, &font::mono(), color);
    job.wrap = one_line(width);
    let galley = ui.painter().layout_job(job);
    let width = galley.size().x;
    paint_left(ui, x, y, galley);
    width
}

/// Draws a text without a layout. Returns its width, or `None` if it needs a layout.
fn run(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (side, x, y): (TextSide, f32, f32),
    text: &str,
    parts: &[MarkedPart],
    color: Color32,
    width: f32,
) -> Option<f32> {
    let fitting = runs.fitting(text, width)?;
    let left = match side {
        TextSide::Left => x,
        TextSide::Right => x - fitting.width,
    };
    let marked = Palette::of(ui).text;
    runs.add(
        ui,
        pos2(left, y),
        (text, fitting),
        parts,
        Ink { color, marked },
    );
    Some(fitting.width)
}
