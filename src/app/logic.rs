//! First half of a pass: reads the status of each feed.

use feedscope_core::ConnectionState;

use super::App;

impl App {
    /// Reads the status that each feed has published since the last pass. Must also be called while the window is
    /// hidden.
    pub fn take_in(&mut self, ctx: &egui::Context) {
        // This comes first, so that a status published from here on requests another pass.
        self.wake.begin_pass(ctx);
        for feed in &mut self.feeds {
            if let Some(live) = feed.live_mut() {
                live.source.status = live.handle.status();
                if live.source.status.state != ConnectionState::Idle {
                    // The user has connected it, so that the reasons are history.
                    live.waits = None;
                    live.failed_before = None;
                }
            }
            feed.report_disk_problem();
        }
        self.take_in_files();
        self.advance_replays();
        self.take_in_answers();
        self.take_in_unsent();
        self.take_in_readings();
        self.take_in_recordings();
        self.take_in_connections();
        if !self.closed.is_empty() {
            self.drop_closed();
        }
    }
}
