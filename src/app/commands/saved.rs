//! Commands about saved connections.

use feedscope_ui::SavedCommand;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_saved(&mut self, command: SavedCommand, ctx: &egui::Context) {
        match command {
            SavedCommand::Open {
                name,
                pane,
                values,
                is_allowed,
            } => self.open_saved(&name, pane, values, is_allowed),
            SavedCommand::Answer { feed, values } => self.open_asked(feed, values),
            SavedCommand::OpenLine { pane, line, values } => self.open_line(pane, line, values),
            SavedCommand::PrepareSave { feed, filter } => self.prepare_save(feed, filter),
            SavedCommand::Save {
                former,
                form,
                feed,
                writes_secrets,
                asked,
            } => self.save_connection(former, &form, feed, (writes_secrets, &asked)),
            SavedCommand::Duplicate(name) => self.duplicate_saved(&name),
            SavedCommand::Delete(name) => self.delete_saved(name),
            SavedCommand::CopyAs(feed, program) => self.copy_as(feed, program, ctx),
        }
    }
}
