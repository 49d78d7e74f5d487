//! The first half of a pass: looking where each feed stands. It draws nothing and decides nothing.

use super::App;

impl App {
    /// Takes in what the feeds published since the last pass. Also to be called while the window is hidden.
    pub fn take_in(&mut self, ctx: &egui::Context) {
        // First of all, so that whatever is published from here on asks for another pass.
        self.wake.begin_pass(ctx);
        for feed in &mut self.feeds {
            feed.status = feed.handle.status();
        }
    }
}
