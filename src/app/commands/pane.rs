//! Commands about panes.

use feedscope_ui::PaneCommand;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_pane(&mut self, command: PaneCommand) {
        match command {
            PaneCommand::ConnectTo { pane, url } => self.connect_to(pane, url),
            PaneCommand::ConnectWith { pane, spec } => self.connect_with(pane, *spec),
            PaneCommand::Read { pane, texts } => {
                if let Some(feed) = self.feed_of(pane).map(|feed| feed.id) {
                    self.read_payloads(feed, texts);
                }
            }
            PaneCommand::Open(feed) => {
                self.open_pane(feed);
            }
            PaneCommand::OpenLinks(urls) => self.open_accepted(urls),
            PaneCommand::Close(pane) => self.close_pane(pane),
            PaneCommand::Reopen => self.reopen_pane(),
        }
    }
}
