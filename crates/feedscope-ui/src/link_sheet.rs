//! Question before the feeds of a link are opened. A link may come from any page, so that the user sees the address and
//! what would be sent there.

use egui::{Id, Key, Label, RichText, ScrollArea, Ui};
use url::Url;

use crate::command::{Command, PaneCommand};
use crate::focus_ring::focus_answer;
use crate::theme::{Palette, font};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::{sheet, sheet_scroll};
use crate::words;

/// Maximum height of the list of feeds, as a share of the window.
const MOST_HEIGHT: f32 = 0.5;

/// State of the question while it is open.
pub(crate) struct LinkSheet {
    urls: Vec<Url>,
    takes_focus: bool,
}

impl LinkSheet {
    /// Creates the question about the feeds at these URLs.
    pub(crate) fn new(urls: Vec<Url>) -> Self {
        Self {
            urls,
            takes_focus: true,
        }
    }

    /// Draws the sheet. Returns true if it stays open.
    pub(crate) fn show(&mut self, ui: &Ui, commands: &mut Vec<Command>) -> bool {
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let modal = sheet(ui, Id::unique("link sheet"), "Open a link").show(ui.ctx(), |ui| {
            ui.set_width(520.0_f32.min(screen.width() - 60.0));
            ui.label(RichText::new(words::link_question(self.urls.len())).font(font::title()));
            ui.label(RichText::new(words::LINK_HINT).color(palette.dim));
            let area = ScrollArea::vertical().max_height(screen.height() * MOST_HEIGHT);
            sheet_scroll::show(ui, area, Content::Text, |ui| {
                for url in &self.urls {
                    ui.add_space(8.0);
                    // A URL consists of ASCII characters, so that none of it is shown as something else.
                    let text = RichText::new(url.as_str()).font(font::mono());
                    ui.add(Label::new(text).wrap());
                    for line in words::link_effects(url) {
                        ui.label(line);
                    }
                    if let Some(warning) = words::link_warning(url) {
                        ui.label(RichText::new(warning).color(palette.wait));
                    }
                }
            });
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let accepted = ui.button(RichText::new("Connect").color(palette.open));
                let cancelled = ui.button("Cancel");
                // A key that was meant for another program must not accept the link.
                if std::mem::take(&mut self.takes_focus) {
                    focus_answer(ui, &cancelled);
                }
                (accepted.clicked(), cancelled.clicked())
            })
            .inner
        });
        let (accepted, cancelled) = modal.inner;
        if accepted {
            commands.push(Command::Pane(PaneCommand::OpenLinks(std::mem::take(
                &mut self.urls,
            ))));
            return false;
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        !(cancelled || escaped || modal.should_close())
    }
}
