//! Execution of the user's commands: the one `match` over [`Command`], with a file for each of its groups.

mod feed;
mod file;
mod message;
mod pane;
mod recording;
mod records;
mod saved;
mod setting;

use feedscope_ui::Command;

use super::App;

impl App {
    /// Carries out one command. It is called after the pass has been drawn.
    pub(super) fn carry_out(&mut self, command: Command, ctx: &egui::Context) {
        match command {
            Command::Feed(feed, command) => self.carry_out_for_feed(feed, command),
            Command::Pane(command) => self.carry_out_for_pane(command),
            Command::Records(command) => self.carry_out_for_records(command),
            Command::Recording(command) => self.carry_out_for_recording(command),
            Command::Saved(command) => self.carry_out_for_saved(command, ctx),
            Command::Message(command) => self.carry_out_for_message(command),
            Command::Replay(feed, action) => self.carry_out_replay(feed, action),
            Command::SessionRecordings(action) => self.carry_out_session_recordings(action),
            Command::File(command) => self.carry_out_for_file(command),
            Command::Setting(command) => self.carry_out_for_setting(command, ctx),
            Command::Demo(command) => self.carry_out_demo(command),
        }
        // Another pass shows the effect of the command at once.
        ctx.request_repaint();
    }
}
