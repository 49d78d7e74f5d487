//! Messages about the whole window. They are in the top bar, so that nothing moves when one of them comes or goes, and a sheet
//! has the whole sentences with their buttons. It does not decide which messages there are.

use egui::accesskit::Role;
use egui::{Id, Key, Label, Rect, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo};
use egui::{pos2, vec2};

use crate::command::{Command, SettingCommand};
use crate::focus_ring::reveal_focus;
use crate::scene::Scene;
use crate::session_recordings;
use crate::session_recordings_scene::SessionRecordingsAction;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::{
    ICON_BUTTON, cut, icon_button, measured, name_on_hover, nowhere, paint_left, sheet,
    sheet_scroll, shortened_sentence,
};
use crate::words;

/// Minimum width of a sentence in points. Where there is less room, the messages are counted.
const LEAST_SENTENCE: f32 = 90.0;

/// Message about the whole window.
pub(crate) struct Notice {
    /// The sentence in its forms, the whole one first. The first one that fits is shown.
    texts: Vec<String>,
    /// An alert is announced at once.
    role: Role,
    /// Names of buttons with their effects.
    actions: Vec<(&'static str, Command)>,
    /// Name and effect of the button that removes the message.
    removal: (&'static str, Command),
}

/// Returns the messages, the most important one first.
pub(crate) fn of(scene: &Scene<'_>) -> Vec<Notice> {
    let sentence = scene.notice.map(|text| Notice {
        texts: vec![text.to_owned()],
        role: Role::Alert,
        actions: Vec::new(),
        removal: (
            words::REMOVE_NOTICE,
            Command::Setting(SettingCommand::DismissNotice),
        ),
    });
    let of_recording = |texts, actions: Vec<_>, keep| {
        let command = |(name, action)| (name, Command::SessionRecordings(action));
        Notice {
            texts,
            role: Role::Status,
            actions: actions.into_iter().map(command).collect(),
            removal: (words::KEEP_RECORDING, Command::SessionRecordings(keep)),
        }
    };
    let session = session_recordings::interrupted(scene.session_recordings).map(|recording| {
        let name = || recording.name.clone();
        let actions = vec![
            ("Open", SessionRecordingsAction::Open(name())),
            ("Delete", SessionRecordingsAction::Delete(name())),
        ];
        let keep = SessionRecordingsAction::Forget(name());
        of_recording(vec![words::INTERRUPTED.to_owned()], actions, keep)
    });
    let panes = scene.session_recordings.interrupted.first();
    let panes = panes.map(|recording| {
        let mark = || recording.mark.clone();
        let actions = vec![("Open", SessionRecordingsAction::OpenInterrupted(mark()))];
        let keep = SessionRecordingsAction::ForgetInterrupted(mark());
        of_recording(
            words::interrupted_recording(recording).into(),
            actions,
            keep,
        )
    });
    [sentence, session, panes].into_iter().flatten().collect()
}

/// Draws the first message in this area of the top bar, with the number of all. Returns true if the user asks for the whole
/// messages.
pub(crate) fn show_line(
    ui: &Ui,
    rect: Rect,
    notices: &[Notice],
    commands: &mut Vec<Command>,
) -> bool {
    let Some(first) = notices.first() else {
        return false;
    };
    let palette = Palette::of(ui);
    let id = Id::unique("notice");
    // Screen readers announce all messages.
    for (at, notice) in notices.iter().enumerate() {
        let place = if at == 0 { rect } else { nowhere(ui) };
        let response = ui.interact(place, id.with(("message", at)), Sense::hover());
        let whole = notice.whole();
        response.widget_info(|| WidgetInfo::labeled(notice.role, true, whole));
    }
    let text_width = rect.width() - 28.0 - ICON_BUTTON.x;
    let is_counted = text_width < LEAST_SENTENCE;
    let room = if is_counted {
        rect
    } else {
        rect.with_max_x(rect.right() - ICON_BUTTON.x)
    };
    let response = ui.interact(room, id, Sense::click());
    let name = words::show_notices(notices.len());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let is_lit = response.hovered() || response.has_focus();
    let share = if is_lit {
        tint::HOVERED_NOTICE
    } else {
        tint::NOTICE
    };
    ui.painter().rect(
        rect,
        size::RADIUS,
        palette.wait.gamma_multiply(share),
        Stroke::new(1.0, palette.wait),
        StrokeKind::Inside,
    );
    let y = rect.center().y;
    let center = pos2(rect.left() + 12.0, y);
    icon::paint(ui.painter(), Icon::Dot, center, palette.wait);
    let width = if is_counted {
        rect.width() - 24.0
    } else {
        text_width
    };
    let text = if is_counted {
        let counted = words::notices(notices.len());
        let fits = measured(ui, &counted, font::label()) <= width;
        Some(counted)
            .filter(|_| fits)
            .unwrap_or_else(|| notices.len().to_string())
    } else {
        first.fitting(ui, text_width, notices.len())
    };
    let galley = cut(ui, &text, font::label(), palette.text, width);
    paint_left(ui, rect.left() + 20.0, y, galley);
    let is_asked = response.clicked();
    name_on_hover(response, first.whole());
    if !is_counted {
        let cross = Rect::from_center_size(
            pos2(rect.right() - ICON_BUTTON.x / 2.0, y),
            vec2(ICON_BUTTON.x, rect.height()),
        );
        let (name, command) = &first.removal;
        if icon_button(ui, cross, id.with("removal"), Icon::Cross, name).clicked() {
            commands.push(command.clone());
        }
    }
    is_asked
}

/// Draws the sheet with the whole messages. Returns true if it stays open.
pub(crate) fn show_sheet(ui: &Ui, notices: &[Notice], commands: &mut Vec<Command>) -> bool {
    if notices.is_empty() {
        return false;
    }
    let palette = Palette::of(ui);
    let screen = ui.ctx().content_rect();
    let modal = sheet(ui, Id::unique("notices"), "Messages").show(ui.ctx(), |ui| {
        ui.set_width(520.0_f32.min(screen.width() - 60.0));
        ui.label(RichText::new("Messages").font(font::title()));
        let height = (screen.height() - 160.0).max(80.0);
        let mut stays = true;
        let area = ScrollArea::vertical().max_height(height);
        sheet_scroll::show(ui, area, Content::Fields, |ui| {
            for (at, notice) in notices.iter().enumerate() {
                ui.push_id(at, |ui| stays &= notice.show(ui, palette, commands));
            }
            reveal_focus(ui);
        });
        ui.add_space(4.0);
        stays && !ui.button("Close").clicked()
    });
    let is_escaped = ui.input(|input| input.key_pressed(Key::Escape));
    modal.inner && !modal.should_close() && !is_escaped
}

impl Notice {
    fn whole(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }

    /// Returns the first form of the sentence that fits, or else the shortest one, cut at its end. `count` is the number of all
    /// messages.
    fn fitting(&self, ui: &Ui, width: f32, count: usize) -> String {
        let numbered = |text: &String| words::first_notice(text, count);
        let fits = |text: &String| measured(ui, text, font::label()) <= width;
        let texts: Vec<String> = self.texts.iter().map(numbered).collect();
        let text = texts.iter().find(|text| fits(text)).or(texts.last());
        let text = text.cloned().unwrap_or_default();
        shortened_sentence(ui, &text, font::label(), width).unwrap_or(text)
    }

    /// Draws the whole message with its buttons. Returns false if one was clicked that leads elsewhere.
    fn show(&self, ui: &mut Ui, palette: &Palette, commands: &mut Vec<Command>) -> bool {
        let mut stays = true;
        ui.separator();
        let text = RichText::new(self.whole()).color(palette.text);
        ui.add(Label::new(text).wrap());
        ui.horizontal(|ui| {
            for (name, command) in &self.actions {
                if ui.button(*name).clicked() {
                    commands.push(command.clone());
                    stays = false;
                }
            }
            let (name, command) = &self.removal;
            if ui.button(*name).clicked() {
                commands.push(command.clone());
            }
        });
        stays
    }
}
