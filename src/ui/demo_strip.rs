//! The demo strip: the embedded server's address and what can be done to it, so that reconnecting can be seen.

use std::time::Duration;

use egui::{Id, Rect, Ui};

use super::theme::{Palette, font, size};
use super::widgets::icon::Icon;
use super::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cut, icon_button, measured, paint_left,
    paint_right, panel, top_line,
};
use super::{Command, DemoScene};

/// How long `Refuse` refuses.
const REFUSED_FOR: Duration = Duration::from_secs(10);

/// Draws the strip.
pub(crate) fn show(ui: &Ui, rect: Rect, demo: &DemoScene, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    panel(ui, rect);
    top_line(ui, rect);
    let mut strip = Strip::new(rect, 12.0, 8.0);
    let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    if icon_button(
        ui,
        close,
        Id::unique("demo close"),
        Icon::Cross,
        "Hide the demo strip",
    )
    .clicked()
    {
        commands.push(Command::DismissDemoStrip);
    }
    let title = "Demo server";
    let place = strip.left(measured(ui, title, font::strong(12.0)), 20.0);
    paint_left(
        ui,
        place.left(),
        place.center().y,
        cut(
            ui,
            title,
            font::strong(12.0),
            palette.text,
            place.width() + 1.0,
        ),
    );
    if strip.room() > 470.0 {
        let place = strip.left(measured(ui, &demo.address, font::mono()), 20.0);
        paint_left(
            ui,
            place.left(),
            place.center().y,
            cut(
                ui,
                &demo.address,
                font::mono(),
                palette.dim,
                place.width() + 1.0,
            ),
        );
    }
    let mut add = |id: &str, name: &str, hover: &str| {
        let rect = strip.left(button_width(ui, name, Look::Plain), size::BUTTON);
        button(ui, rect, Id::unique(("demo", id)), name, Look::Plain)
            .on_hover_text(hover)
            .clicked()
    };
    if add(
        "drop",
        "Drop connections",
        "Cuts every connection. Both panes come back by themselves; the ids go on without a gap.",
    ) {
        commands.push(Command::DemoDrop);
    }
    let refuse = match demo.refusing_for {
        Some(left) => format!("Refusing for {} s", left.as_secs() + 1),
        None => "Refuse for 10 s".to_owned(),
    };
    if add(
        "refuse",
        &refuse,
        "Cuts every connection and accepts none. Each attempt waits longer than the one before.",
    ) {
        commands.push(Command::DemoRefuse(REFUSED_FOR));
    }
    let (stall, hint) = if demo.stalled {
        ("Go on", "Lets the streams go on.")
    } else {
        ("Stall", "Holds the streams back without closing them.")
    };
    if add("stall", stall, hint) {
        commands.push(Command::DemoStall(!demo.stalled));
    }
    hint_line(ui, &strip, demo);
}

/// What to try or what to see, where there is room for it.
fn hint_line(ui: &Ui, strip: &Strip, demo: &DemoScene) {
    let palette = Palette::of(ui);
    let hint = match demo.refusing_for {
        Some(_) => "Each attempt waits longer than the one before",
        None if demo.stalled => "Open, but silent: only a clock can tell",
        None => "Try: drop both connections and watch the ids go on without a gap",
    };
    let room = strip.rest(20.0);
    if measured(ui, hint, font::label()) <= room.width() {
        paint_right(
            ui,
            room.right(),
            room.center().y,
            cut(ui, hint, font::label(), palette.dim, room.width()),
        );
    } else if room.width() > 120.0 {
        paint_left(
            ui,
            room.left(),
            room.center().y,
            cut(ui, hint, font::label(), palette.dim, room.width()),
        );
    }
}
