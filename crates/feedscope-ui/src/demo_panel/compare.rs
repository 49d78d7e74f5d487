//! Page of the demo panel that compares the same ticks over both protocols. Each number has a description.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::place::{DemoPagePlace, ask, paragraph};
use crate::command::Command;
use crate::demo_scene::{DemoCommand, DemoComparison, MeasuredFeed};
use crate::theme::{Palette, font, size};
use crate::widgets::{Look, Strip, bottom_line, button, button_width, cut, paint_left, take_top};
use crate::words;

/// Height of a line of the table in points.
const LINE: f32 = 22.0;
/// Minimum width of the column with descriptions. A narrower table shows them as tooltips only.
const LEAST_HOW: f32 = 150.0;

/// Line of the table.
struct MeasurementLine {
    name: &'static str,
    /// Description of the measurement.
    how: words::How,
    /// Values for SSE and for WebSocket.
    cells: [String; 2],
}

/// Draws the page.
pub(super) fn show(ui: &Ui, place: &DemoPagePlace<'_>, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let mut area = place.rect;
    let comparison = &place.demo.comparison;
    if area.width() >= 860.0 {
        let mut side = Rect::from_min_size(area.min, vec2(250.0, area.height()));
        area.set_left(side.right() + 30.0);
        let words = take_top(&mut side, 50.0);
        paragraph(
            ui,
            words.translate(vec2(0.0, 5.0)),
            words::ABOUT_COMPARISON,
            palette.dim,
        );
        for (i, choice) in choices(comparison).into_iter().enumerate() {
            let (name, look, command) = choice;
            let row = take_top(&mut side, size::BUTTON + 8.0);
            let width = button_width(ui, name, look);
            let at = Rect::from_min_size(row.min + vec2(0.0, 4.0), vec2(width, size::BUTTON));
            if button(ui, at, Id::unique(("compare", i)), name, look).clicked() {
                ask(commands, command);
            }
        }
    } else {
        // In a narrow panel, the buttons are in a row above the table.
        let mut strip = Strip::new(take_top(&mut area, 36.0), 0.0, 8.0);
        for (i, choice) in choices(comparison).into_iter().enumerate() {
            let (name, look, command) = choice;
            let at = strip.left(button_width(ui, name, look), size::BUTTON);
            if button(ui, at, Id::unique(("compare", i)), name, look).clicked() {
                ask(commands, command);
            }
        }
    }
    table(ui, area, comparison);
}

/// Returns the buttons. The first one opens the two feeds; once they are open, one drops them and one returns to the
/// chat.
fn choices(comparison: &DemoComparison) -> Vec<(&'static str, Look, DemoCommand)> {
    if comparison.event_stream.shown && comparison.web_socket.shown {
        vec![
            ("Drop both connections", Look::Plain, DemoCommand::Drop),
            ("Ticker and chat again", Look::Plain, DemoCommand::Usual),
        ]
    } else {
        vec![(
            "Open /events and /ticker",
            Look::Primary,
            DemoCommand::Compare,
        )]
    }
}

/// Draws the table. Its columns are name, SSE, WebSocket and description.
fn table(ui: &Ui, mut area: Rect, comparison: &DemoComparison) {
    let palette = Palette::of(ui);
    let narrow = area.width() < 520.0;
    let (names, cell) = if narrow {
        (area.width() * 0.3, area.width() * 0.35)
    } else {
        (150.0, 180.0)
    };
    let columns = [0.0, names, names + cell, names + 2.0 * cell];
    // A column ends 8 points before the next one starts.
    let part = |rect: Rect, i: usize| {
        let right = columns
            .get(i + 1)
            .map_or(rect.right(), |x| rect.left() + x - 8.0);
        Rect::from_min_max(
            pos2(rect.left() + columns[i], rect.top()),
            pos2(right.min(rect.right()), rect.bottom()),
        )
    };
    let head = take_top(&mut area, LINE);
    for (i, name) in ["", "SSE /events", "WebSocket /ticker", "how it is measured"]
        .into_iter()
        .enumerate()
    {
        let place = part(head, i);
        // The head of the last column is left out together with its descriptions.
        if i < 3 || place.width() > LEAST_HOW {
            let galley = cut(ui, name, font::label(), palette.dim, place.width());
            paint_left(ui, place.left(), place.center().y, galley);
        }
    }
    bottom_line(ui, head);
    for line in lines(comparison) {
        let rect = take_top(&mut area, LINE);
        let response = ui.interact(rect, Id::unique(("measured", line.name)), Sense::hover());
        let [events, ticker] = &line.cells;
        let told = format!("{}: {events} over SSE, {ticker} over WebSocket", line.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
        response.on_hover_text(line.how.full);
        let place = part(rect, 0);
        let galley = cut(ui, line.name, font::label(), palette.dim, place.width());
        paint_left(ui, place.left(), place.center().y, galley);
        for (i, text) in line.cells.iter().enumerate() {
            let place = part(rect, i + 1);
            let galley = cut(ui, text, font::mono(), palette.text, place.width());
            paint_left(ui, place.left(), place.center().y, galley);
        }
        let place = part(rect, 3);
        if place.width() > LEAST_HOW {
            let galley = cut(
                ui,
                line.how.brief,
                font::small(),
                palette.dim,
                place.width(),
            );
            paint_left(ui, place.left(), place.center().y, galley);
        }
    }
}

/// Returns the lines of the table. A dash means that the value is not known yet.
fn lines(comparison: &DemoComparison) -> [MeasurementLine; 5] {
    let line = |name, how, cell: fn(&MeasuredFeed) -> Option<String>| {
        let text = |side: &MeasuredFeed| cell(side).unwrap_or_else(|| "–".to_owned());
        let DemoComparison {
            event_stream,
            web_socket,
        } = comparison;
        let cells = [text(event_stream), text(web_socket)];
        MeasurementLine { name, how, cells }
    };
    [
        line("Bytes per message", words::HOW_WIRE, wire),
        line("Latency", words::HOW_LATENCY, |side| {
            let latency = side.latency?;
            let [median, p95] = [latency.median, latency.p95].map(words::round_trip);
            Some(format!("{median}, p95 {p95}"))
        }),
        line("Messages per second", words::HOW_RATE, |side| {
            // A feed that no pane shows has no rate.
            side.shown.then(|| format!("{:.1}", side.per_second))
        }),
        line("Recovery", words::HOW_RECOVERY, |side| {
            let recovery = words::duration_exact(side.recovery?);
            Some(format!(
                "{recovery} ({})",
                words::counted(side.drops, "drop")
            ))
        }),
        line("Lost", words::HOW_LOST, |side| {
            let lost = words::count(side.lost);
            let all = words::count(side.lost + side.received);
            side.shown.then(|| match side.repeated {
                0 => format!("{lost} of {all}"),
                repeated => format!("{lost} of {all}, {} repeated", words::count(repeated)),
            })
        }),
    ]
}

/// Formats the bytes of a message: the total, and its parts payload and framing.
fn wire(side: &MeasuredFeed) -> Option<String> {
    let (wire, payload) = (side.wire_bytes?, side.payload_bytes?);
    Some(format!("{wire:.1} ({payload:.1} + {:.1})", wire - payload))
}
