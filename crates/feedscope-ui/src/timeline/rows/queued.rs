//! Row of a message that waits to be sent.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::feed::{FeedCommand, QueuedMessage};

use super::drawing::{Drawing, SIGN_CENTER};
use crate::columns::Column;
use crate::command::Command;
use crate::payload_text::line_job;
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{cut, icon_button, one_line, paint_left};
use crate::words;

/// Draws the row of a message that waits to be sent, with a button that gives it up.
pub(super) fn queued_row(
    ui: &Ui,
    drawing: &Drawing<'_>,
    rect: Rect,
    feed: &FeedScene,
    queued: &QueuedMessage,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let columns = drawing.columns;
    let y = rect.center().y;
    let (name, text) = words::queued(&queued.message);
    let response = ui.interact(
        rect.intersect(drawing.place.rows),
        Id::unique(("queued", drawing.place.pane, queued.number)),
        Sense::hover(),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::ListBoxOption,
            true,
            format!("waiting to be sent: {text}"),
        )
    });
    if let Some(left) = columns.sign {
        let center = pos2(left + SIGN_CENTER, y);
        icon::paint(ui.painter(), Icon::ArrowUp, center, palette.wait);
    }
    if let Some(cell) = columns.cell(Column::Type) {
        let galley = cut(ui, name, font::mono(), palette.dim, cell.width);
        paint_left(ui, cell.left, y, galley);
    }
    let waiting = cut(
        ui,
        "waiting for the connection",
        font::label(),
        palette.wait,
        columns.text_width / 2.0,
    );
    let room = columns.text_width - waiting.size().x - 34.0;
    let mut job = line_job(ui, &text, &font::mono(), palette.text, palette.faint);
    job.wrap = one_line(room);
    let galley = ui.painter().layout_job(job);
    let after = columns.text + galley.size().x + 10.0;
    paint_left(ui, columns.text, y, galley);
    paint_left(ui, after, y, waiting);
    let cross = Rect::from_center_size(
        pos2(columns.text + columns.text_width - 6.0, y),
        vec2(20.0, 20.0),
    );
    let id = Id::unique(("give up", drawing.place.pane, queued.number));
    if icon_button(ui, cross, id, Icon::Cross, "Do not send this message").clicked() {
        commands.push(give_up(feed, queued.number));
    }
}

/// Returns the command that gives up a queued message. The timeline keeps the message, marked as failed.
fn give_up(feed: &FeedScene, number: u64) -> Command {
    Command::Feed(feed.id, FeedCommand::GiveUp(number))
}
