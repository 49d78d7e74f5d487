//! Saved messages of a feed: a chip for each, which sends it, or shows and stops one that is sent automatically.

mod scene;

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};

use crate::command::{Command, MessageCommand};
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    Look, Strip, button, button_width, cut, measured, paint_left, panel, top_line,
};
use crate::{shortcuts, words};
pub use scene::{AutomaticScene, MessageScene};

/// Height of the chips above the composer in points.
const HEIGHT: f32 = 34.0;

/// Returns the height of the chips, or 0 without saved messages.
pub(crate) fn height(feed: &FeedScene) -> f32 {
    if feed.messages.is_empty() {
        0.0
    } else {
        HEIGHT
    }
}

/// Draws the chips. Those without room are in a menu.
pub(crate) fn show(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    feed: &FeedScene,
    commands: &mut Vec<Command>,
) {
    panel(ui, rect);
    top_line(ui, rect);
    let mut strip = Strip::new(rect, size::PADDING, 6.0);
    let more = format!("More messages ({})", feed.messages.len());
    let more_width = button_width(ui, &more, Look::Ghost);
    // Messages keep their order, so that all after the first hidden one are hidden, too.
    let mut hidden = Vec::new();
    for (index, message) in feed.messages.iter().enumerate() {
        let text = words::message_chip(message, index);
        // The digits of a countdown do not move the chips after it.
        let steady: String = text
            .chars()
            .map(|sign| if sign.is_ascii_digit() { '0' } else { sign })
            .collect();
        let width = measured(ui, &steady, font::small()) + 34.0;
        let is_last = index + 1 == feed.messages.len();
        let reserved = if is_last { 0.0 } else { more_width };
        if !hidden.is_empty() || strip.room() - width < reserved {
            hidden.push((index, message, text));
            continue;
        }
        let area = strip.left(width.ceil(), size::CHIP);
        let id = Id::unique(("message", index, pane));
        if chip(ui, area, id, message, &text).clicked() {
            commands.push(request(feed, index, message));
        }
    }
    if hidden.is_empty() {
        return;
    }
    let area = strip.right(more_width, size::BUTTON);
    let response = button(ui, area, Id::unique(("messages", pane)), &more, Look::Ghost);
    egui::Popup::menu(&response).show(|ui| {
        for (index, message, text) in hidden {
            if ui.button(text).clicked() {
                commands.push(request(feed, index, message));
                ui.close();
            }
        }
    });
}

/// Sends the messages whose own keys were pressed, or starts or stops those that are sent automatically.
pub(crate) fn take_keys(ui: &Ui, feed: &FeedScene, commands: &mut Vec<Command>) {
    for (index, message) in feed.messages.iter().enumerate() {
        let name = message.key.as_deref().map(words::message_key);
        let keys = name.as_deref().and_then(shortcuts::parsed);
        if keys.is_some_and(|keys| shortcuts::take(ui, keys)) {
            commands.push(request(feed, index, message));
        }
    }
}

/// Returns the command of a click: it sends a message, or starts or stops one that is sent automatically.
fn request(feed: &FeedScene, index: usize, message: &MessageScene) -> Command {
    match &message.automatic {
        Some(automatic) => Command::Message(MessageCommand::SetAutomatic(
            feed.id,
            index,
            !automatic.is_on,
        )),
        None => Command::Message(MessageCommand::Send(feed.id, index)),
    }
}

/// Draws one chip. A running automatic message has the color of sent messages and a stop sign.
fn chip(ui: &Ui, rect: Rect, id: Id, message: &MessageScene, text: &str) -> Response {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, id, Sense::click());
    let name = words::message_action(message);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let (is_on, shape) = match &message.automatic {
        Some(automatic) if automatic.is_on && automatic.next_in.is_some() => (true, Icon::Square),
        // An answer waits for data, and an interval for the connection.
        Some(automatic) if automatic.is_on => (automatic.every.is_none(), Icon::Ring),
        Some(_) => (false, Icon::Play),
        None => (false, Icon::ArrowUp),
    };
    let color = if is_on { palette.outgoing } else { palette.dim };
    // The shape and the text also show that it runs.
    let fill = if is_on {
        palette.outgoing.gamma_multiply(tint::PILL)
    } else if response.hovered() || response.has_focus() {
        palette.hover
    } else {
        palette.raise
    };
    let border = Stroke::new(
        1.0,
        if is_on {
            palette.outgoing
        } else {
            palette.line
        },
    );
    let radius = rect.height() / 2.0;
    ui.painter()
        .rect(rect, radius, fill, border, StrokeKind::Inside);
    let center = pos2(rect.left() + 13.0, rect.center().y);
    icon::paint(ui.painter(), shape, center, color);
    let galley = cut(ui, text, font::small(), palette.text, rect.width() - 28.0);
    paint_left(ui, rect.left() + 23.0, rect.center().y, galley);
    response.on_hover_text(name)
}
