//! Short messages over the top bar that confirm an action whose effect may be out of sight. They disappear by themselves,
//! cover no row and no button, and may have a button that undoes or shows the effect.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::{Live, Role};
use egui::text::{LayoutJob, TextFormat};
use egui::{Area, Galley, Id, Order, OutputCommand, Rect, Sense, Ui, WidgetInfo, vec2};
use feedscope_core::store::Class;

use crate::ids::PaneId;
use crate::shortcuts::{Shortcut, key_name};
use crate::theme::{Palette, font, size};
use crate::top_bar;
use crate::widgets::{cut, measured, paint_left};
use crate::words;

/// Minimum time for which a message stays, and the time to read each character.
const SHOWN_FOR: Duration = Duration::from_secs(2);
const PER_CHARACTER: Duration = Duration::from_millis(40);

/// Additional time of a message with a button, so that the pointer can reach it.
const FOR_BUTTON: Duration = Duration::from_secs(3);

/// Maximum number of messages. They are shown one after the other.
const MOST: usize = 4;

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
    /// Text for a narrow window; `None` for the same.
    pub(crate) short: Option<String>,
    pub(crate) button: Option<(&'static str, ToastAction)>,
}

impl From<String> for Confirmation {
    fn from(text: String) -> Self {
        Self {
            text,
            short: None,
            button: None,
        }
    }
}

/// Message that is shown, or that waits for the one before.
struct Message {
    shown: Confirmation,
    /// Time of the window at which the message disappears, in seconds; `None` while it waits.
    until: Option<f64>,
    /// It is about something that happened by itself, so that the user's next action does not replace it.
    is_report: bool,
    restorable: Restorable,
}

/// Relation of a message to what its button restores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Restorable {
    /// The button restores nothing.
    No,
    /// What the app will close. The message waits for it, because a saved connection may ask the user first. This pane was
    /// closed before.
    Coming(Option<PaneId>),
    /// This pane, which can be opened again.
    Closed(PaneId),
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

/// Messages about what has just been done. The first one that is ready is shown.
#[derive(Default)]
pub(crate) struct Toast {
    messages: VecDeque<Message>,
    /// Messages from outside of a pass, which appear in the next one.
    coming: Vec<Report>,
    /// Pane that was closed last.
    last_closed: Option<PaneId>,
    /// Right end of the message that was shown last.
    right_end: f32,
}

impl Toast {
    /// Takes over the panes that can be opened again, the one closed last at the end. A message about another one ends,
    /// because its button would restore something else or nothing.
    pub(crate) fn sync(&mut self, closed: &[PaneId]) {
        self.last_closed = closed.last().copied();
        let last = self.last_closed;
        self.messages
            .retain_mut(|message| match message.restorable {
                Restorable::No => true,
                Restorable::Closed(pane) => closed.contains(&pane),
                Restorable::Coming(before) => {
                    if let Some(pane) = last.filter(|_| last != before) {
                        message.restorable = Restorable::Closed(pane);
                    }
                    true
                }
            });
    }

    /// Shows a message from this pass on. It replaces those whose action it follows.
    pub(crate) fn confirm(&mut self, confirmation: Confirmation) {
        let is_restorable = matches!(confirmation.button, Some((_, ToastAction::Reopen)));
        let restorable = if is_restorable {
            Restorable::Coming(self.last_closed)
        } else {
            Restorable::No
        };
        self.add(confirmation, restorable);
    }

    fn add(&mut self, shown: Confirmation, restorable: Restorable) {
        self.messages.retain(|message| message.is_report);
        // A report that was shown has its whole time again afterwards.
        for report in &mut self.messages {
            report.until = None;
        }
        self.messages.push_front(Message {
            shown,
            until: None,
            is_report: false,
            restorable,
        });
    }

    /// Shows a message about the pane that was closed last.
    fn add_closed(&mut self, shown: Confirmation) {
        if let Some(pane) = self.last_closed {
            self.add(shown, Restorable::Closed(pane));
        }
    }

    /// Shows a sentence from the next pass on, after the present ones.
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

    /// Returns the right end of the message that is shown; `None` without one.
    pub(crate) fn right_end(&self, ui: &Ui) -> Option<f32> {
        let now = ui.input(|input| input.time);
        let mut ends = self.messages.iter().filter_map(|message| message.until);
        ends.any(|until| now < until).then_some(self.right_end)
    }

    /// Looks for a copy in the output of this pass, and draws the first message over the top bar. Returns the effect of the
    /// button that was clicked.
    pub(crate) fn show(&mut self, ui: &Ui, bar: &top_bar::Drawn) -> Option<ToastAction> {
        let copied = ui.output(|output| {
            let text = |command: &OutputCommand| match command {
                OutputCommand::CopyText(text) => Some(words::copied(text)),
                OutputCommand::CopyImage(_) => Some("Copied the picture".to_owned()),
                _ => None,
            };
            output.commands.iter().rev().find_map(text)
        });
        if let Some(copied) = copied {
            self.confirm(copied.into());
        }
        let key = || key_name(ui, Shortcut::ReopenPane);
        for report in std::mem::take(&mut self.coming) {
            match report {
                Report::Sentence(sentence) => self.messages.push_back(Message {
                    shown: sentence.into(),
                    until: None,
                    is_report: true,
                    restorable: Restorable::No,
                }),
                Report::Replaced {
                    records,
                    had_filter,
                } => {
                    let text = |key: &str| words::replaced(records, had_filter, key);
                    self.add_closed(restorable(text(&key()), text("")));
                }
                Report::Reconnected { records } => {
                    let text = |key: &str| words::reconnected(records, key);
                    self.add_closed(restorable(text(&key()), text("")));
                }
            }
        }
        self.messages.truncate(MOST);
        let now = ui.input(|input| input.time);
        self.messages
            .retain(|message| message.until.is_none_or(|until| now < until));
        let is_ready = |message: &Message| !matches!(message.restorable, Restorable::Coming(_));
        let at = self.messages.iter().position(is_ready)?;
        let message = &mut self.messages[at];
        let is_new = message.until.is_none();
        let shown_for = shown_for(&message.shown);
        let until = *message.until.get_or_insert(now + shown_for.as_secs_f64());
        // Any other pass takes the place of an earlier request.
        let left = Duration::try_from_secs_f64(until - now).unwrap_or_default();
        ui.ctx().request_repaint_after(left);
        if is_new {
            // The messages about the whole window make room.
            ui.ctx().request_repaint();
        }
        let (rect, clicked) = show_message(ui, bar, &message.shown);
        self.right_end = rect.right();
        if clicked.is_some() {
            self.messages.remove(at);
            ui.ctx().request_repaint();
        }
        clicked
    }
}

/// Returns a message with a button that restores records. The short text does not name the key, which has the same effect.
pub(crate) fn restorable(text: String, short: String) -> Confirmation {
    Confirmation {
        text,
        short: Some(short),
        button: Some((words::RESTORE, ToastAction::Reopen)),
    }
}

/// Returns the time for which a message is shown.
fn shown_for(shown: &Confirmation) -> Duration {
    let time = PER_CHARACTER * shown.text.chars().count() as u32;
    let time = time.max(SHOWN_FOR);
    if shown.button.is_some() {
        time + FOR_BUTTON
    } else {
        time
    }
}

/// Draws a message. Returns its area, and the effect of its button if that was clicked.
fn show_message(
    ui: &Ui,
    bar: &top_bar::Drawn,
    shown: &Confirmation,
) -> (Rect, Option<ToastAction>) {
    let palette = Palette::of(ui);
    let button_width = |name| (measured(ui, name, font::strong()) + 20.0).ceil();
    let room_for_button = shown.button.map_or(0.0, |(name, _)| button_width(name));
    // The padding of the text, and the button.
    let beside = 24.0 + room_for_button;
    let whole = measured(ui, &shown.text, font::strong()) + beside;
    let room = if whole <= bar.free.width() {
        bar.free
    } else {
        bar.beside_buttons
    };
    let short = shown.short.as_deref().unwrap_or(&shown.text);
    let galley = lines(ui, [&shown.text, short], room.width() - beside);
    let is_cut = galley.elided;
    let area = vec2(galley.size().x + beside, size::TOP_BAR - 8.0);
    let rect = Rect::from_min_size(room.left_center() - vec2(0.0, area.y / 2.0), area);
    let text_id = Id::unique("toast message");
    let shown_area = Area::new(Id::unique("toast"))
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
            if is_cut {
                response.on_hover_text(&shown.text);
            }
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
    (rect, shown_area.inner)
}

/// Lays out the first of these texts that fits: in one line, or in two smaller ones.
fn lines(ui: &Ui, texts: [&str; 2], width: f32) -> Arc<Galley> {
    let color = Palette::of(ui).bg;
    let [whole, short] = texts;
    let line = cut(ui, whole, font::strong(), color, width);
    if !line.elided {
        return line;
    }
    let two_lines = |text: &str| {
        let format = TextFormat::simple(font::strong_small(), color);
        let mut job = LayoutJob::single_section(text.to_owned(), format);
        job.wrap.max_width = width.max(0.0);
        job.wrap.max_rows = 2;
        job.wrap.overflow_character = Some('…');
        ui.painter().layout_job(job)
    };
    let lines = two_lines(whole);
    if lines.elided {
        two_lines(short)
    } else {
        lines
    }
}
