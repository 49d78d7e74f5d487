//! Commands about recordings.

use feedscope_ui::RecordingCommand;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_recording(&mut self, command: RecordingCommand) {
        match command {
            RecordingCommand::Start {
                feeds,
                file,
                from_now,
            } => self.record(&feeds, file, from_now),
            RecordingCommand::Stop(feed) => self.stop_recording(feed),
            RecordingCommand::Dismiss(feed) => self.dismiss_recording(feed),
        }
    }
}
