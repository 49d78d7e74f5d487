//! Page of the demo panel with suggestions. Each is one click, with a sentence on what to watch.

use std::time::Duration;

use egui::{Id, Rect, Ui, pos2, vec2};

use super::picture::{self, Subject};
use super::place::{DemoPagePlace, ask, paragraph};
use crate::command::Command;
use crate::demo_scene::{ActiveFault, DemoCommand, DemoScene};
use crate::ids::PaneId;
use crate::theme::{Palette, size};
use crate::widgets::{Look, button, button_width, take_top};
use crate::words;

/// Time for which the server refuses connections.
pub(crate) const REFUSED_FOR: Duration = Duration::from_secs(10);

/// Height of a suggestion in points: a button and two lines.
const STEP: f32 = 66.0;

/// Suggestion of the tour.
struct Suggestion {
    name: String,
    /// Sentence on what to watch.
    watch: &'static str,
    /// Command of a click.
    command: DemoCommand,
}

/// Draws the page.
pub(super) fn show(ui: &Ui, place: &DemoPagePlace<'_>, commands: &mut Vec<Command>) {
    let mut area = place.rect;
    let steps = steps(place.demo, place.focused);
    if area.width() >= 860.0 {
        // A wide panel has the pictures at its side, a high one at its top, and a small one has none.
        let side = Rect::from_min_size(area.min, vec2(picture::WIDTH, area.height()));
        area.set_left(side.right() + 24.0);
        let mut side = side.translate(vec2(0.0, 4.0));
        picture::show(
            ui,
            take_top(&mut side, picture::HEIGHT),
            Subject::EventStream,
        );
        picture::show(ui, take_top(&mut side, picture::HEIGHT), Subject::WebSocket);
    } else if area.height() >= picture::HEIGHT + 3.0 * STEP && area.width() >= 2.0 * picture::WIDTH
    {
        let top = take_top(&mut area, picture::HEIGHT + 6.0);
        let half = top.width() / 2.0;
        let at = |i: f32| {
            Rect::from_min_size(top.min + vec2(half * i, 4.0), vec2(half, picture::HEIGHT))
        };
        picture::show(ui, at(0.0), Subject::EventStream);
        picture::show(ui, at(1.0), Subject::WebSocket);
    }
    let columns = if area.width() >= 840.0 { 3 } else { 2 };
    // Wider steps would be hard to read.
    let width = (area.width() / columns as f32).min(420.0);
    let rows = steps.len().div_ceil(columns);
    let height = (area.height() / rows as f32).min(STEP + 10.0);
    for (i, step) in steps.into_iter().enumerate() {
        let at = vec2((i % columns) as f32 * width, (i / columns) as f32 * height);
        let cell = Rect::from_min_size(area.min + at, vec2(width - 16.0, height));
        if show_step(ui, cell, i, &step) {
            ask(commands, step.command);
        }
    }
}

/// Draws a suggestion. Returns true if it was clicked.
fn show_step(ui: &Ui, cell: Rect, i: usize, step: &Suggestion) -> bool {
    let wanted = button_width(ui, &step.name, Look::Plain).min(cell.width());
    let top = Rect::from_min_size(cell.min + vec2(0.0, 6.0), vec2(wanted, size::BUTTON));
    let response = button(ui, top, Id::unique(("try", i)), &step.name, Look::Plain);
    let below = pos2(cell.left() + 2.0, top.bottom() + 4.0);
    paragraph(
        ui,
        Rect::from_min_max(below, cell.max),
        step.watch,
        Palette::of(ui).dim,
    );
    response.on_hover_text(step.watch).clicked()
}

/// Returns the suggestions. Their texts describe the effect of a click in the present state.
fn steps(demo: &DemoScene, focused: PaneId) -> [Suggestion; 6] {
    let step = |name: &str, watch, command| Suggestion {
        name: name.to_owned(),
        watch,
        command,
    };
    let refuse = match demo.refusing_for {
        Some(left) => format!("Refusing for {} s", left.as_secs() + 1),
        None => "Refuse for 10 s".to_owned(),
    };
    let flood = if demo.flooded.is_some() {
        step("Stop the flood", words::TRY_FLOOD, DemoCommand::Flood(None))
    } else {
        step(
            "Flood 50,000 a second",
            words::TRY_FLOOD,
            DemoCommand::Flood(Some(focused)),
        )
    };
    let cut = ActiveFault {
        name: "cut".to_owned(),
        feed: Some("/events".to_owned()),
    };
    // The same step switches the fault off again.
    let is_cutting = demo.active.contains(&cut);
    let cut_command = DemoCommand::Fault {
        name: cut.name,
        feed: cut.feed,
        on: !is_cutting,
    };
    let cut_name = if is_cutting {
        "Stop cutting"
    } else {
        "Cut mid-event"
    };
    [
        step("Drop both connections", words::TRY_DROP, DemoCommand::Drop),
        step("Say hello to the bot", words::TRY_HELLO, DemoCommand::Hello),
        step(
            "Same ticks over both protocols",
            words::TRY_COMPARE,
            DemoCommand::Compare,
        ),
        flood,
        step(&refuse, words::TRY_REFUSE, DemoCommand::Refuse(REFUSED_FOR)),
        step(cut_name, words::TRY_CUT, cut_command),
    ]
}
