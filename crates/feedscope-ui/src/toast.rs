//! Short message at the lower edge of the window that confirms an action whose effect may be out of sight. It disappears
//! by itself.

use std::time::Duration;

use egui::accesskit::{Live, Role};
use egui::{Id, OutputCommand, Rect, Sense, Ui, WidgetInfo, vec2};

use crate::theme::{Palette, font, size};
use crate::widgets::cut;
use crate::words;

/// Minimum time for which a message stays, and the time to read each character.
const SHOWN_FOR: Duration = Duration::from_millis(2_500);
const PER_CHARACTER: Duration = Duration::from_millis(60);

/// Message about what has just been done.
#[derive(Default)]
pub(crate) struct Toast {
    text: String,
    /// Time of the window at which the message disappears, in seconds.
    until: f64,
}

impl Toast {
    /// Shows a message from this pass on.
    pub(crate) fn confirm(&mut self, ui: &Ui, text: String) {
        let shown_for = (PER_CHARACTER * text.chars().count() as u32).max(SHOWN_FOR);
        self.text = text;
        self.until = ui.input(|input| input.time) + shown_for.as_secs_f64();
        ui.ctx().request_repaint_after(shown_for);
    }

    /// Looks for a copy in the output of this pass, and draws the message over the window.
    pub(crate) fn show(&mut self, ui: &Ui, window: Rect) {
        let now = ui.input(|input| input.time);
        let copied = ui.output(|output| {
            let text = |command: &OutputCommand| match command {
                OutputCommand::CopyText(text) => Some(words::copied(text)),
                OutputCommand::CopyImage(_) => Some("Copied the picture".to_owned()),
                _ => None,
            };
            output.commands.iter().rev().find_map(text)
        });
        if let Some(copied) = copied {
            self.confirm(ui, copied);
        }
        if now >= self.until {
            return;
        }
        let palette = Palette::of(ui);
        let painter = ui.ctx().layer_painter(egui::LayerId::new(
            egui::Order::Tooltip,
            Id::unique("toast"),
        ));
        let galley = cut(
            ui,
            &self.text,
            font::strong(),
            palette.bg,
            window.width() - 60.0,
        );
        let area = galley.size() + vec2(24.0, 12.0);
        let center = egui::pos2(window.center().x, window.bottom() - 70.0);
        let rect = Rect::from_center_size(center, area);
        painter.rect_filled(rect, size::RADIUS, palette.text);
        painter.galley(rect.center() - galley.size() / 2.0, galley, palette.bg);
        // Screen readers announce the message when it appears.
        let id = Id::unique("toast message");
        let response = ui.interact(Rect::NOTHING, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &self.text));
        ui.ctx()
            .accesskit_node_builder(id, |node| node.set_live(Live::Polite));
    }
}
