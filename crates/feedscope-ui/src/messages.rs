//! Saved messages of a feed: a chip for each, which sends it, or shows and stops one that is sent automatically.

mod scene;

use egui::accesskit::Role;
use egui::{
    Id, Key, Modifiers, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
};

use crate::command::{Command, MessageCommand};
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::menu::KeyMenu;
use crate::widgets::{
    Look, Strip, button, button_width, cut, focus_harmless, paint_left, panel, sheet, steady_width,
    top_line,
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

/// Chips of the saved messages of a pane, with the menu of one of them.
#[derive(Default)]
pub(crate) struct MessageChips {
    /// Number of chips in the last pass.
    shown: usize,
    /// Menu of a chip that a key has opened.
    menu: Option<KeyMenu<usize>>,
    /// Message whose removal the user has to confirm: its index and its name.
    removing: Option<(usize, String)>,
}

impl MessageChips {
    /// Opens the menu of the chip that has the focus. Returns false if none has it.
    pub(crate) fn open_menu(&mut self, ui: &Ui, pane: PaneId) -> bool {
        let focused = ui.memory(egui::Memory::focused);
        let index = (0..self.shown).find(|index| focused == Some(chip_id(*index, pane)));
        self.menu = index.map(KeyMenu::requested).or(self.menu);
        index.is_some()
    }

    /// Draws the chips. Those without room are in a menu.
    pub(crate) fn show(
        &mut self,
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
            let width = steady_width(ui, &text, font::small()) + 34.0;
            let is_last = index + 1 == feed.messages.len();
            let reserved = if is_last { 0.0 } else { more_width };
            if !hidden.is_empty() || strip.room() - width < reserved {
                hidden.push((index, message, text));
                continue;
            }
            let area = strip.left(width.ceil(), size::CHIP);
            let response = chip(ui, area, chip_id(index, pane), message, &text);
            if response.clicked() {
                commands.push(request(feed, index, message));
            }
            if message.is_saved
                && let Some(action) = self.menu_of(&response, index)
            {
                self.run(action, pane, (feed, index), commands);
            }
        }
        self.shown = feed.messages.len() - hidden.len();
        if hidden.is_empty() {
            return;
        }
        let area = strip.right(more_width, size::BUTTON);
        let response = button(ui, area, Id::unique(("messages", pane)), &more, Look::Ghost);
        egui::Popup::menu(&response).show(|ui| {
            for (index, message, text) in &hidden {
                if ui.button(text).clicked() {
                    commands.push(request(feed, *index, message));
                    ui.close();
                }
            }
            let saved = || hidden.iter().filter(|(_, message, _)| message.is_saved);
            if saved().next().is_none() {
                return;
            }
            ui.separator();
            for action in ChipAction::ALL {
                ui.menu_button(action.name(), |ui| {
                    for (index, message, _) in saved() {
                        if ui.button(&message.name).clicked() {
                            self.run(action, pane, (feed, *index), commands);
                            ui.close();
                        }
                    }
                });
            }
        });
    }

    /// Draws the question before a message is removed.
    pub(crate) fn show_question(&mut self, ui: &Ui, feed: &FeedScene, commands: &mut Vec<Command>) {
        let Some((index, name)) = self.removing.clone() else {
            return;
        };
        // The messages may have changed meanwhile.
        let message = feed.messages.get(index);
        if message.is_none_or(|message| message.name != name || !message.is_saved) {
            self.removing = None;
            return;
        }
        let id = Id::unique(("remove message", feed.id));
        let modal = sheet(ui, id, "Remove the message?").show(ui.ctx(), |ui| {
            ui.set_width(380.0_f32.min(ui.ctx().content_rect().width() - 60.0));
            ui.label(RichText::new(words::remove_message(&name)).font(font::title()));
            ui.label("It is removed from the file of connections.");
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let remove = ui.button(RichText::new("Remove").color(Palette::of(ui).fail));
                let keep = ui.button("Keep it");
                focus_harmless(ui, &keep, &remove);
                (remove.clicked(), keep.clicked())
            })
            .inner
        });
        let (removed, kept) = modal.inner;
        if removed {
            commands.push(Command::Message(MessageCommand::Remove(feed.id, index)));
        }
        let escaped = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if removed || kept || escaped || modal.should_close() {
            self.removing = None;
        }
    }

    /// Draws the menu of a chip. Returns the chosen action.
    fn menu_of(&mut self, chip: &Response, index: usize) -> Option<ChipAction> {
        let at = chip.rect.left_bottom();
        let chosen = KeyMenu::show(&mut self.menu, (chip, index), at, chip.id, |ui| {
            let mut chosen = None;
            for action in ChipAction::ALL {
                if ui.button(action.name()).clicked() {
                    chosen = Some(action);
                    ui.close();
                }
            }
            chosen
        });
        if chosen.is_some() {
            // The action decides where the focus goes.
            self.menu = None;
        }
        chosen
    }

    /// Carries out an action of the menu of a feed's message.
    fn run(
        &mut self,
        action: ChipAction,
        pane: PaneId,
        (feed, index): (&FeedScene, usize),
        commands: &mut Vec<Command>,
    ) {
        match action {
            ChipAction::Edit => {
                commands.push(Command::Message(MessageCommand::Edit(feed.id, pane, index)));
            }
            ChipAction::Remove => {
                let name = feed.messages[index].name.clone();
                self.removing = Some((index, name));
            }
        }
    }
}

/// Action on a saved message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChipAction {
    /// Puts the message into the composer.
    Edit,
    Remove,
}

impl ChipAction {
    const ALL: [Self; 2] = [Self::Edit, Self::Remove];

    fn name(self) -> &'static str {
        match self {
            Self::Edit => "Copy into the composer",
            Self::Remove => "Remove…",
        }
    }
}

/// Returns the ID of a chip.
fn chip_id(index: usize, pane: PaneId) -> Id {
    Id::unique(("message", index, pane))
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
