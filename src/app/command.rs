//! What the user wants, carried out: the one `match` over [`Command`]. It draws nothing.

use feedscope_core::feed::FeedSpec;
use url::Url;

use super::App;
use super::retarget::retargeted;
use crate::plan::FeedPlan;
use crate::ui::Command;

impl App {
    /// Carries out one command, after drawing.
    pub(super) fn carry_out(&mut self, command: Command, ctx: &egui::Context) {
        match command {
            Command::Feed(id, command) => {
                if let Some(pane) = self.pane_of(id) {
                    pane.handle.command(command);
                }
            }
            Command::ConnectTo { pane, url } => self.connect_to(pane, url),
            Command::ConnectWith { pane, spec } => self.connect_with(pane, *spec),
            Command::Clear(id) => {
                if let Some(pane) = self.pane_of(id) {
                    pane.store.clear();
                }
            }
            Command::Demo(command) => self.carry_out_demo(command),
            Command::SetTheme(theme) => {
                self.window.set_theme(ctx, theme);
                self.kept.set_theme(theme);
            }
            Command::SetUtc(utc) => {
                self.window.set_utc(utc);
                self.kept.now.utc = utc;
                self.kept.save();
            }
            Command::DismissNotice => self.kept.notice = None,
        }
        // What a command changed is seen at once.
        ctx.request_repaint();
    }

    /// Points a pane at another URL. The feed that was there is closed in the background.
    pub(super) fn connect_to(&mut self, place: usize, url: Url) {
        let Some(old) = self.panes.get(place) else {
            return;
        };
        let spec = retargeted(old.as_ref().map(|pane| &*pane.spec), url);
        self.connect_with(place, spec);
    }

    /// Shows this feed in a pane, and connects it.
    fn connect_with(&mut self, place: usize, spec: FeedSpec) {
        // The handle that was there is dropped here, before another one lives.
        let Some(_) = self.panes.get_mut(place).map(Option::take) else {
            return;
        };
        self.remember(&spec.url);
        self.kept.save();
        let pane = self.open(FeedPlan {
            spec,
            send: Vec::new(),
        });
        self.panes[place] = Some(pane);
    }
}
