//! Commands about the records of a feed.

use feedscope_ui::RecordsCommand;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_records(&mut self, command: RecordsCommand) {
        match command {
            RecordsCommand::Clear(id) => {
                if let Some(feed) = self.feed(id) {
                    feed.store.clear();
                    // The network has no part in this change, so that the analyses are woken from here.
                    self.runner.waker()();
                }
            }
            RecordsCommand::SaveAs {
                feed,
                file,
                format,
                rows,
            } => self.save_as(feed, file, format, rows),
            RecordsCommand::SaveText { file, text } => self.save_text(&file, &text),
            RecordsCommand::StopSaving(feed) => self.stop_saving(feed),
        }
    }
}
