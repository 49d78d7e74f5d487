//! Chip in the filter row of a feed whose protocol requires messages from its client. Its menu lists them, and adds them
//! to the saved messages of the feed.

use egui::{Id, Popup, Rect, RichText, SetOpenCommand, Ui};
use feedscope_analysis::lenses::{KeeperMessage, LensName, keeper};
use feedscope_core::protocol::Protocol;

use crate::ids::PaneId;
use crate::lens::FeedLens;
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets;
use crate::words;

/// Messages that a feed does not have yet, although its protocol requires them.
pub(crate) struct KeeperOffer {
    lens: LensName,
    messages: Vec<KeeperMessage>,
}

impl KeeperOffer {
    /// Returns the offer for a feed; `None` if its protocol requires no messages, or if the feed has them.
    pub(crate) fn of(feed: &FeedScene, lens: &FeedLens) -> Option<Self> {
        if feed.source.protocol() != Protocol::WebSocket || !feed.source.is_live() {
            return None;
        }
        let name = lens.pass().lens()?;
        let mut messages = keeper(name, lens.pass().address());
        messages.retain(|message| !feed.messages.iter().any(|known| known.name == message.name));
        (!messages.is_empty()).then_some(Self {
            lens: name,
            messages,
        })
    }

    /// Returns the width of the chip.
    pub(crate) fn width(ui: &Ui) -> f32 {
        widgets::chip_width(ui, words::KEEPER_CHIP, false)
    }

    /// Draws the chip and its menu. Returns the lens whose messages the user adds.
    pub(crate) fn show_chip(&self, ui: &Ui, rect: Rect, pane: PaneId) -> Option<LensName> {
        let id = Id::unique(("keeper", pane));
        let response = widgets::chip(ui, rect, id, None, words::KEEPER_CHIP, false);
        let mut is_chosen = false;
        Popup::menu(&response)
            .id(Id::unique(("keeper menu", pane)))
            .open_memory(response.clicked().then_some(SetOpenCommand::Toggle))
            .show(|ui| is_chosen = self.menu(ui));
        response.on_hover_text(words::about_keeper(self.lens));
        is_chosen.then_some(self.lens)
    }

    /// Draws the entries of the menu in another menu. Returns the lens whose messages the user adds.
    pub(crate) fn show_entries(&self, ui: &mut Ui) -> Option<LensName> {
        self.menu(ui).then_some(self.lens)
    }

    /// Draws the messages and the entry that adds them. Returns true if the user chooses it.
    fn menu(&self, ui: &mut Ui) -> bool {
        ui.set_max_width(330.0);
        let palette = Palette::of(ui);
        let label = |text: String| RichText::new(text).font(font::label());
        let about = words::about_keeper(self.lens);
        widgets::menu_text(ui, label(about).color(palette.dim));
        ui.separator();
        for message in &self.messages {
            widgets::menu_text(ui, label(words::keeper_message(message)));
        }
        ui.separator();
        let is_chosen = ui.button(words::add_keeper(self.messages.len())).clicked();
        if is_chosen {
            ui.close();
        }
        is_chosen
    }
}
