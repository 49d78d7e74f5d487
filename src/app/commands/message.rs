//! Commands about saved messages.

use feedscope_ui::MessageCommand;

use crate::app::App;
use crate::app::open_feed::OpenFeed;

impl App {
    pub(super) fn carry_out_for_message(&mut self, command: MessageCommand) {
        match command {
            MessageCommand::SendFile(id, path) => self.send_file(id, path),
            MessageCommand::Send(id, index) => {
                let now = self.clock.now().utc;
                if let Some(player) = self.feed(id).and_then(OpenFeed::player) {
                    player.send_by_hand(index, now);
                }
            }
            MessageCommand::Keep(id, lens) => self.keep_connected(id, lens),
            MessageCommand::SetAutomatic(id, index, is_on) => {
                if let Some(player) = self.feed(id).and_then(OpenFeed::player) {
                    player.set_on(index, is_on);
                }
            }
            MessageCommand::Save {
                feed,
                name,
                content,
            } => self.save_message(feed, &name, content),
            MessageCommand::Edit(id, pane, index) => self.edit_message(id, pane, index),
            MessageCommand::Remove(id, index) => self.remove_message(id, index),
            MessageCommand::StopAutomatic => {
                for player in self.feeds.iter().filter_map(OpenFeed::player) {
                    player.stop();
                }
            }
        }
    }
}
