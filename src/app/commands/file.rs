//! Commands about files.

use feedscope_ui::FileCommand;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_file(&mut self, command: FileCommand) {
        match command {
            FileCommand::Open { pane, paths } => self.open_files(pane, paths),
            FileCommand::OpenAgain(feed) => self.open_file_again(feed),
            FileCommand::Check(purpose, path) => self.check_path(purpose, &path),
            FileCommand::Browse(purpose) => self.browse(purpose),
        }
    }
}
