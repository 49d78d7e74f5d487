//! Short messages over the top bar that confirm an action whose effect may be out of sight. They disappear by themselves,
//! cover no row, and may have a button that undoes or shows the effect.

use std::time::Duration;

use egui::accesskit::{Live, Role};
use egui::{Area, Id, Order, OutputCommand, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::store::Class;

use crate::ids::PaneId;
use crate::shortcuts::{Shortcut, key_name};
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, measured, paint_left};
use crate::words;

/// Minimum time for which a message stays, and the time to read each character.
const SHOWN_FOR: Duration = Duration::from_secs(2);
const PER_CHARACTER: Duration = Duration::from_millis(40);

/// Additional time of a message with a button, so that the pointer can reach it.
const FOR_BUTTON: Duration = Duration::from_secs(3);

/// Maximum number of messages at the same time.
const MOST: usize = 3;

/// Effect of the button of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToastAction {
    /// Opens what was closed last again.
    Reopen,
    /// Shows a class of records in a pane.
    ShowClass(PaneId, Class),
    /// Clears the filter of a pane.
    ClearFilter(PaneId),
    /// Goes to the newest records of a pane.
    GoToNewest(PaneId),
}

/// Sentence about what has just been done, with the name and the effect of its button.
pub(crate) struct Confirmation {
    pub(crate) text: String,
    pub(crate) button: Option<(&'static str, ToastAction)>,
}

impl From<String> for Confirmation {
    fn from(text: String) -> Self {
        Self { text, button: None }
    }
}

/// Message that is shown.
struct Message {
    shown: Confirmation,
    /// Time of the window at which the message disappears, in seconds.
    until: f64,
    /// It is about something that happened by itself, so that the user's next action does not replace it.
    is_report: bool,
}

/// Event outside of a pass that a message is about.
enum Report {
    Sentence(String),
    /// Another feed took the place of these records, and of a filter.
    Replaced {
        records: u64,
        had_filter: bool,
    },
    /// A feed was connected with other options, without these records.
    Reconnected {
        records: u64,
    },
}

/// Messages about what has just been done, the newest at the end.
#[derive(Default)]
pub(crate) struct Toast {
    messages: Vec<Message>,
    /// Messages from outside of a pass, which appear in the next one.
    coming: Vec<Report>,
}

impl Toast {
    /// Shows a message from this pass on. It replaces those whose action it follows.
    pub(crate) fn confirm(&mut self, ui: &Ui, confirmation: Confirmation) {
        self.messages.retain(|message| message.is_report);
        self.add(ui, confirmation, false);
    }

    /// Shows a sentence from the next pass on, in addition to the present ones.
    pub(crate) fn report(&mut self, sentence: String) {
        self.coming.push(Report::Sentence(sentence));
    }

    /// Shows from the next pass on that another feed took the place of records, which can be restored.
    pub(crate) fn report_replaced(&mut self, records: u64, had_filter: bool) {
        self.coming.push(Report::Replaced {
            records,
            had_filter,
        });
    }

    /// Shows from the next pass on that a feed was connected with other options, without its records.
    pub(crate) fn report_reconnected(&mut self, records: u64) {
        self.coming.push(Report::Reconnected { records });
    }

    fn add(&mut self, ui: &Ui, shown: Confirmation, is_report: bool) {
        let time = PER_CHARACTER * shown.text.chars().count() as u32;
        let mut shown_for = time.max(SHOWN_FOR);
        if shown.button.is_some() {
            shown_for += FOR_BUTTON;
        }
        let until = ui.input(|input| input.time) + shown_for.as_secs_f64();
        self.messages.push(Message {
            shown,
            until,
            is_report,
        });
        let over = self.messages.len().saturating_sub(MOST);
        self.messages.drain(..over);
        ui.ctx().request_repaint_after(shown_for);
    }

    /// Looks for a copy in the output of this pass, and draws the messages over the top of the window. Returns the effect
    /// of the button that was clicked.
    pub(crate) fn show(&mut self, ui: &Ui, window: Rect) -> Option<ToastAction> {
        let copied = ui.output(|output| {
            let text = |command: &OutputCommand| match command {
                OutputCommand::CopyText(text) => Some(words::copied(text)),
                OutputCommand::CopyImage(_) => Some("Copied the picture".to_owned()),
                _ => None,
            };
            output.commands.iter().rev().find_map(text)
        });
        if let Some(copied) = copied {
            self.confirm(ui, copied.into());
        }
        let restorable = |text| Confirmation {
            text,
            button: Some((words::RESTORE, ToastAction::Reopen)),
        };
        for report in std::mem::take(&mut self.coming) {
            let key = || key_name(ui, Shortcut::ReopenPane);
            match report {
                Report::Sentence(sentence) => self.add(ui, sentence.into(), true),
                Report::Replaced {
                    records,
                    had_filter,
                } => {
                    let text = words::replaced(records, had_filter, &key());
                    self.confirm(ui, restorable(text));
                }
                Report::Reconnected { records } => {
                    let text = words::reconnected(records, &key());
                    self.confirm(ui, restorable(text));
                }
            }
        }
        let now = ui.input(|input| input.time);
        self.messages.retain(|message| now < message.until);
        let mut top = window.top() + 5.0;
        let mut clicked = None;
        for (index, message) in self.messages.iter().enumerate() {
            let (bottom, action) = show_message(ui, window, (index, top), &message.shown);
            top = bottom + 4.0;
            clicked = clicked.or(action);
        }
        if clicked.is_some() {
            self.messages.clear();
        }
        clicked
    }
}

/// Draws a message at a height. Returns its lower end, and the effect of its button if that was clicked.
fn show_message(
    ui: &Ui,
    window: Rect,
    (index, top): (usize, f32),
    shown: &Confirmation,
) -> (f32, Option<ToastAction>) {
    let palette = Palette::of(ui);
    let button_width = |name| (measured(ui, name, font::strong()) + 20.0).ceil();
    let room_for_button = shown.button.map_or(0.0, |(name, _)| button_width(name));
    let room = window.width() - 40.0 - room_for_button;
    let galley = cut(ui, &shown.text, font::strong(), palette.bg, room);
    let area = vec2(
        galley.size().x + 24.0 + room_for_button,
        size::TOP_BAR - 10.0,
    );
    let rect = Rect::from_min_size(pos2(window.left() + 8.0, top), area);
    let text_id = Id::unique(("toast message", index));
    let shown_area = Area::new(Id::unique(("toast", index)))
        .order(Order::Tooltip)
        .fixed_pos(rect.min)
        .show(ui.ctx(), |ui| {
            ui.allocate_exact_size(area, Sense::hover());
            ui.painter().rect_filled(rect, size::RADIUS, palette.text);
            paint_left(ui, rect.left() + 12.0, rect.center().y, galley);
            // Screen readers announce the message when it appears.
            let response = ui.interact(rect, text_id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &shown.text));
            ui.ctx()
                .accesskit_node_builder(text_id, |node| node.set_live(Live::Polite));
            let (name, action) = shown.button?;
            let place = rect.with_min_x(rect.right() - room_for_button - 4.0);
            let place = place.shrink2(vec2(4.0, 4.0));
            let response = ui.interact(place, text_id.with("button"), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
            let lit = response.hovered() || response.is_pointer_button_down_on();
            let ground = if lit { palette.selection } else { palette.bg };
            ui.painter().rect_filled(place, size::RADIUS, ground);
            let text = cut(ui, name, font::strong(), palette.text, place.width());
            let left = place.center().x - text.size().x / 2.0;
            paint_left(ui, left, place.center().y, text);
            response.clicked().then_some(action)
        });
    (rect.bottom(), shown_area.inner)
}
