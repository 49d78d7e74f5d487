//! Page of the demo panel with the server's faults. Each can be switched for one feed or for all, and is described by
//! the reaction of a well-behaved client.

use egui::{Id, Popup, Rect, Ui, pos2, vec2};

use super::place::{DemoPagePlace, ask, paragraph};
use crate::command::Command;
use crate::demo_scene::{ActiveFault, DemoCommand, DemoScene, OfferedFault};
use crate::menu_focus;
use crate::theme::{Palette, font, size};
use crate::widgets::{
    Look, Strip, button, button_width, chip, chip_width, cut, paint_left, take_top,
};
use crate::words;

/// Height of the row above the faults, in points.
const CHOICE: f32 = 34.0;
/// Height of a fault with its sentence, in points.
const ROW: f32 = 29.0;
/// Minimum width of a fault with its sentence, in points.
const COLUMN: f32 = 380.0;

/// Draws the page. `feed` is the feed that the faults are switched for.
pub(super) fn show(
    ui: &Ui,
    place: &DemoPagePlace<'_>,
    feed: &mut Option<String>,
    commands: &mut Vec<Command>,
) {
    let mut area = place.rect;
    choice(ui, take_top(&mut area, CHOICE), place.demo, feed, commands);
    let faults = &place.demo.faults;
    // Chips without sentences replace the columns if these are too high.
    let columns = ((area.width() / COLUMN) as usize).clamp(1, 3);
    let rows = faults.len().div_ceil(columns);
    // Faults fill a column before the next one, so that they can be read downwards.
    if rows as f32 * ROW <= area.height() {
        let width = area.width() / columns as f32;
        for (i, fault) in faults.iter().enumerate() {
            let at = vec2((i / rows) as f32 * width, (i % rows) as f32 * ROW);
            let row = Rect::from_min_size(area.min + at, vec2(width - 12.0, ROW));
            with_sentence(ui, row, place.demo, fault, feed.as_ref(), commands);
        }
    } else {
        as_chips(ui, area, place.demo, feed.as_ref(), commands);
    }
}

/// Draws the row above: the choice of the feed, and the button that switches all faults off.
fn choice(
    ui: &Ui,
    rect: Rect,
    demo: &DemoScene,
    feed: &mut Option<String>,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let mut strip = Strip::new(rect, 0.0, 10.0);
    let name = format!("For {} ▾", feed.as_deref().unwrap_or("all feeds"));
    let chooser = strip.left(button_width(ui, &name, Look::Plain), size::BUTTON);
    let response = button(ui, chooser, Id::unique("faulty feed"), &name, Look::Plain);
    Popup::menu(&response).show(|ui| {
        ui.set_min_width(180.0);
        let all = std::iter::once(None);
        for choice in all.chain(demo.feeds.iter().map(Some)) {
            let is_present = feed.as_ref() == choice;
            let name = choice.map_or("all feeds", String::as_str);
            let entry = ui.selectable_label(is_present, name);
            if is_present {
                menu_focus::begin_at(ui, entry.id);
            }
            if entry.clicked() {
                *feed = choice.cloned();
                ui.close();
            }
        }
    });
    if !demo.active.is_empty() {
        let name = "Switch all off";
        let place = strip.left(button_width(ui, name, Look::Plain), size::BUTTON);
        if button(ui, place, Id::unique("faults off"), name, Look::Plain).clicked() {
            ask(commands, DemoCommand::ClearFaults);
        }
    }
    let rest = strip.rest(20.0);
    let words = cut(
        ui,
        words::ABOUT_FAULTS,
        font::small(),
        palette.dim,
        rest.width(),
    );
    paint_left(ui, rest.left(), rest.center().y, words);
}

/// Draws a fault with its sentence.
fn with_sentence(
    ui: &Ui,
    row: Rect,
    demo: &DemoScene,
    fault: &OfferedFault,
    feed: Option<&String>,
    commands: &mut Vec<Command>,
) {
    /// Width of the longest name in points, so that the sentences are aligned.
    const NAMES: f32 = 92.0;
    let place = Rect::from_min_size(
        pos2(row.left(), row.center().y - size::CHIP / 2.0),
        vec2(chip_width(ui, &fault.name, false), size::CHIP),
    );
    fault_chip(ui, place, demo, fault, feed, commands);
    let sentence = Rect::from_min_max(pos2(row.left() + NAMES, row.top() + 1.0), row.max);
    let color = if is_on(demo, fault, feed) {
        Palette::of(ui).text
    } else {
        Palette::of(ui).dim
    };
    paragraph(ui, sentence, fault.expectation, color);
}

/// Draws only the names of the faults. The sentence of the fault under the pointer is below them.
fn as_chips(
    ui: &Ui,
    area: Rect,
    demo: &DemoScene,
    feed: Option<&String>,
    commands: &mut Vec<Command>,
) {
    let mut at = area.min;
    let mut sentence = None;
    for fault in &demo.faults {
        let width = chip_width(ui, &fault.name, false);
        // A chip that does not fit starts the next line.
        if at.x + width > area.right() {
            at = pos2(area.left(), at.y + size::CHIP + 6.0);
        }
        let place = Rect::from_min_size(at, vec2(width, size::CHIP));
        let response = fault_chip(ui, place, demo, fault, feed, commands);
        if response.hovered() || response.has_focus() {
            sentence = Some(fault.expectation);
        }
        at.x += width + 8.0;
    }
    let below = Rect::from_min_max(pos2(area.left(), at.y + size::CHIP + 8.0), area.max);
    // Without the pointer, the sentence of the fault that was switched on last is shown.
    let newest = demo.active.last().and_then(|active| {
        let offered = demo.faults.iter().find(|fault| fault.name == active.name);
        offered.map(|fault| fault.expectation)
    });
    if let Some(sentence) = sentence.or(newest) {
        paragraph(ui, below, sentence, Palette::of(ui).dim);
    }
}

/// Draws the chip of a fault, which switches it.
fn fault_chip(
    ui: &Ui,
    place: Rect,
    demo: &DemoScene,
    fault: &OfferedFault,
    feed: Option<&String>,
    commands: &mut Vec<Command>,
) -> egui::Response {
    let on = is_on(demo, fault, feed);
    let id = Id::unique(("fault", &fault.name));
    let response = chip(ui, place, id, None, &fault.name, on).on_hover_text(fault.expectation);
    if response.clicked() {
        let command = DemoCommand::Fault {
            name: fault.name.clone(),
            feed: feed.cloned(),
            on: !on,
        };
        ask(commands, command);
    }
    response
}

/// Returns true if the fault is on for exactly this choice of feeds.
fn is_on(demo: &DemoScene, fault: &OfferedFault, feed: Option<&String>) -> bool {
    demo.active.contains(&ActiveFault {
        name: fault.name.clone(),
        feed: feed.cloned(),
    })
}
