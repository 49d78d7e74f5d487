//! Commands to a feed itself.

use feedscope_core::feed::FeedCommand;
use feedscope_ui::FeedId;

use crate::app::App;
use crate::app::open_feed::OpenFeed;

impl App {
    pub(super) fn carry_out_for_feed(&mut self, feed: FeedId, command: FeedCommand) {
        // A file takes no commands.
        let Some(open) = self.feed(feed).and_then(OpenFeed::live) else {
            return;
        };
        let connects = matches!(command, FeedCommand::Connect | FeedCommand::RetryNow);
        // A feed without the values of its variables asks for them first.
        if connects && open.lacking.is_some() {
            return self.open_lacking(feed);
        }
        if connects && open.asked.is_some() && self.asks_again(feed) {
            return;
        }
        if let Some(open) = self.feed(feed).and_then(OpenFeed::live) {
            open.handle.command(command);
        }
    }
}
