//! Commands to a feed itself.

use feedscope_core::feed::FeedCommand;
use feedscope_ui::FeedId;

use crate::app::App;

impl App {
    pub(super) fn carry_out_for_feed(&mut self, feed: FeedId, command: FeedCommand) {
        let Some(open) = self.feed(feed) else {
            return;
        };
        let connects = matches!(command, FeedCommand::Connect | FeedCommand::RetryNow);
        // A feed without the values of its variables asks for them first.
        if connects && open.lacking.is_some() {
            self.open_lacking(feed);
        } else {
            open.handle.command(command);
        }
    }
}
