//! Demo strip: the embedded server's address, the buttons for it and its active faults.

use egui::accesskit::Role;
use egui::{Id, Popup, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use crate::command::Command;
use crate::demo_panel::{DemoPanel, Page, REFUSED_FOR};
use crate::demo_scene::{ActiveFault, DemoCommand, DemoScene};
use crate::ids::PaneId;
use crate::shortcuts::{Shortcut, key_name};
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cut, icon_button, measured, paint_left,
    paint_right, panel as paint_ground, top_line,
};
use crate::words;

/// Text of the button that switches all faults off.
const CLEAR_ALL: &str = "Clear all";

/// Request that is offered as a button or, without room for it, as an item of the menu `⋯`.
struct StripChoice {
    /// ID of the button, independent of its text.
    id: &'static str,
    name: String,
    hint: &'static str,
    wanted: StripRequest,
}

/// Effect of a click.
enum StripRequest {
    Ask(DemoCommand),
    Toggle(Page),
}

/// Draws the strip. `focused` is the pane that receives the keys.
pub(crate) fn show(
    ui: &Ui,
    rect: Rect,
    demo: &DemoScene,
    focused: PaneId,
    panel: &mut DemoPanel,
    commands: &mut Vec<Command>,
) {
    paint_ground(ui, rect);
    top_line(ui, rect);
    let mut strip = Strip::new(rect, 12.0, 8.0);
    // These places are taken from the right, but their buttons come last, because Tab visits them in this order.
    let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    let tour = strip.right(button_width(ui, "Tour", Look::Ghost), size::BUTTON);
    titles(ui, &mut strip, demo);
    let for_faults = faults_width(ui, demo);
    choices(ui, &mut strip, for_faults, demo, focused, panel, commands);
    if !demo.active.is_empty() {
        active_faults(ui, &mut strip, demo, panel, commands);
    } else if panel.page().is_none() {
        // The pages of the panel have the suggestions already.
        hint_line(ui, &strip, demo);
    }
    let hint = "Things to try, and what to watch";
    if button(ui, tour, Id::unique("demo tour"), "Tour", Look::Ghost)
        .on_hover_text(hint)
        .clicked()
    {
        panel.toggle(Page::Tour);
    }
    let close_id = Id::unique("demo close");
    let key = key_name(ui, Shortcut::ToggleTour);
    let hint = if key.is_empty() {
        words::HIDE_DEMO.to_owned()
    } else {
        format!("{} ({key} brings it back)", words::HIDE_DEMO)
    };
    if icon_button(ui, close, close_id, Icon::Cross, &hint).clicked() {
        commands.push(Command::Demo(DemoCommand::Show(false)));
        panel.close();
    }
}

/// Draws the name, and the address if there is room for it beside every button.
fn titles(ui: &Ui, strip: &mut Strip, demo: &DemoScene) {
    let palette = Palette::of(ui);
    let mut label = |text: &str, font: egui::FontId, color| {
        let place = strip.left(measured(ui, text, font.clone()) + 1.0, 20.0);
        let galley = cut(ui, text, font, color, place.width());
        paint_left(ui, place.left(), place.center().y, galley);
        strip.room()
    };
    if label("Demo server", font::strong(), palette.text) > 840.0 {
        label(&demo.address, font::mono(), palette.dim);
    }
}

/// Returns all requests in order, with the texts that fit the server's state.
fn all_choices(demo: &DemoScene, focused: PaneId) -> [StripChoice; 5] {
    let choice = |id, name: &str, hint, wanted| StripChoice {
        id,
        name: name.to_owned(),
        hint,
        wanted,
    };
    let refuse = match demo.refusing_for {
        // Started seconds count, so that the text ends with 1 and not with 0.
        Some(left) => format!("Refusing for {} s", left.as_secs() + 1),
        None => "Refuse for 10 s".to_owned(),
    };
    let (stall, stall_hint) = if demo.stalled {
        ("Go on", "Lets the streams go on.")
    } else {
        ("Stall", "Holds the streams back without closing them.")
    };
    let (flood, flood_hint, to) = match demo.flooded {
        Some(_) => ("Stop the flood", "Shows what the pane showed before.", None),
        None => ("Flood 50,000/s", words::FLOOD_HINT, Some(focused)),
    };
    [
        choice(
            "drop",
            "Drop connections",
            words::DROP_HINT,
            StripRequest::Ask(DemoCommand::Drop),
        ),
        choice(
            "refuse",
            &refuse,
            words::REFUSE_HINT,
            StripRequest::Ask(DemoCommand::Refuse(REFUSED_FOR)),
        ),
        choice(
            "stall",
            stall,
            stall_hint,
            StripRequest::Ask(DemoCommand::Stall(!demo.stalled)),
        ),
        choice(
            "flood",
            flood,
            flood_hint,
            StripRequest::Ask(DemoCommand::Flood(to)),
        ),
        choice(
            "faults",
            "More faults ▾",
            words::FAULTS_HINT,
            StripRequest::Toggle(Page::Faults),
        ),
    ]
}

/// Draws as many buttons as there is room for. The others move into the menu `⋯`.
fn choices(
    ui: &Ui,
    strip: &mut Strip,
    kept_free: f32,
    demo: &DemoScene,
    focused: PaneId,
    panel: &mut DemoPanel,
    commands: &mut Vec<Command>,
) {
    const GAP: f32 = 8.0;
    let all = all_choices(demo, focused);
    let widths: Vec<f32> = all
        .iter()
        .map(|choice| button_width(ui, &choice.name, Look::Plain) + GAP)
        .collect();
    let room = strip.room() - kept_free;
    let mut count = all.len();
    // The menu's own button takes room too.
    if widths.iter().sum::<f32>() > room {
        let room = room - ICON_BUTTON.x - GAP;
        let mut sum = 0.0;
        count = widths
            .iter()
            .take_while(|&&width| {
                sum += width;
                sum <= room
            })
            .count();
    }
    // Buttons and menu items share this closure.
    let mut obey = |wanted: &StripRequest| match wanted {
        StripRequest::Ask(command) => commands.push(Command::Demo(command.clone())),
        StripRequest::Toggle(page) => panel.toggle(*page),
    };
    for (choice, width) in all.iter().zip(&widths).take(count) {
        let place = strip.left(width - GAP, size::BUTTON);
        let id = Id::unique(("demo", choice.id));
        let response = button(ui, place, id, &choice.name, Look::Plain);
        if response.on_hover_text(choice.hint).clicked() {
            obey(&choice.wanted);
        }
    }
    if count == all.len() {
        return;
    }
    let place = strip.left(ICON_BUTTON.x, ICON_BUTTON.y);
    let more = icon_button(
        ui,
        place,
        Id::unique("demo more"),
        Icon::Dots,
        "More of the demo",
    );
    Popup::menu(&more).show(|ui| {
        ui.set_min_width(150.0);
        for choice in &all[count..] {
            if ui.button(&choice.name).on_hover_text(choice.hint).clicked() {
                obey(&choice.wanted);
                ui.close();
            }
        }
    });
}

/// Returns the name of a fault, with its feed if it affects one only.
fn fault_name(fault: &ActiveFault) -> String {
    match &fault.feed {
        Some(feed) => format!("{} {feed}", fault.name),
        None => fault.name.clone(),
    }
}

/// Returns the width of a fault's chip in points.
fn fault_width(ui: &Ui, fault: &ActiveFault) -> f32 {
    (measured(ui, &fault_name(fault), font::small()) + 32.0).ceil()
}

/// Returns the minimum width for the active faults: one chip, or their number.
fn faults_width(ui: &Ui, demo: &DemoScene) -> f32 {
    match demo.active.as_slice() {
        [] => 0.0,
        [one] => fault_width(ui, one) + 8.0,
        _ => 100.0 + clear_all_width(ui),
    }
}

/// Returns the width of the button that clears all faults, with its gap.
fn clear_all_width(ui: &Ui) -> f32 {
    button_width(ui, CLEAR_ALL, Look::Ghost) + 8.0
}

/// Draws the active faults. A click on one switches it off.
fn active_faults(
    ui: &Ui,
    strip: &mut Strip,
    demo: &DemoScene,
    panel: &mut DemoPanel,
    commands: &mut Vec<Command>,
) {
    let clear_all = (demo.active.len() > 1)
        .then(|| strip.right(button_width(ui, CLEAR_ALL, Look::Ghost), size::BUTTON));
    for (i, fault) in demo.active.iter().enumerate() {
        // Room for the button that counts the others is kept, unless this is the last one.
        let left = demo.active.len() - i;
        let width = fault_width(ui, fault);
        let for_others = if left > 1 { 78.0 } else { 0.0 };
        // Faults without room are counted on one button, which opens the page of faults.
        if strip.room() < width + for_others {
            let name = if i == 0 {
                words::counted(left as u64, "fault")
            } else {
                format!("{left} more")
            };
            let place = strip.left(button_width(ui, &name, Look::Ghost), size::BUTTON);
            if button(ui, place, Id::unique("other faults"), &name, Look::Ghost).clicked() {
                panel.open(Page::Faults);
            }
            break;
        }
        if fault_chip(ui, strip.left(width, size::CHIP), fault).clicked() {
            commands.push(Command::Demo(DemoCommand::Fault {
                name: fault.name.clone(),
                feed: fault.feed.clone(),
                on: false,
            }));
        }
    }
    if let Some(rect) = clear_all {
        let id = Id::unique("clear faults");
        if button(ui, rect, id, CLEAR_ALL, Look::Ghost).clicked() {
            commands.push(Command::Demo(DemoCommand::ClearFaults));
        }
    }
}

/// Draws the chip of a fault.
fn fault_chip(ui: &Ui, rect: Rect, fault: &ActiveFault) -> egui::Response {
    let palette = Palette::of(ui);
    let name = fault_name(fault);
    let response = ui.interact(rect, Id::unique(("active", &name)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Switch off {name}")));
    let lit = response.hovered() || response.has_focus();
    let border = Stroke::new(1.0, palette.wait);
    let ground = palette.wait.gamma_multiply(if lit {
        tint::HOVERED_NOTICE
    } else {
        tint::NOTICE
    });
    let radius = rect.height() / 2.0;
    ui.painter()
        .rect(rect, radius, ground, border, StrokeKind::Inside);
    let galley = cut(ui, &name, font::small(), palette.text, rect.width() - 30.0);
    paint_left(ui, rect.left() + 10.0, rect.center().y, galley);
    let cross = pos2(rect.right() - 12.0, rect.center().y);
    icon::paint(ui.painter(), Icon::Cross, cross, palette.wait);
    response.on_hover_text("Switch this fault off")
}

/// Draws a suggestion if there is room for it.
fn hint_line(ui: &Ui, strip: &Strip, demo: &DemoScene) {
    let palette = Palette::of(ui);
    let hint = match demo.refusing_for {
        Some(_) => "Each attempt waits longer than the one before",
        None => "Try: drop both connections and watch the ids go on without a gap",
    };
    let room = strip.rest(20.0);
    let galley = cut(ui, hint, font::label(), palette.dim, room.width());
    // A few letters of a sentence would be of no use.
    if galley.elided && room.width() < 120.0 {
        return;
    }
    if galley.elided {
        paint_left(ui, room.left(), room.center().y, galley);
    } else {
        paint_right(ui, room.right(), room.center().y, galley);
    }
}
