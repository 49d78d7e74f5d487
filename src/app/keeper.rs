//! Messages that the protocol of a feed requires from its client, added to the saved messages of the feed.

use feedscope_analysis::lenses::{FeedAddress, LensName};
use feedscope_ui::FeedId;

use super::App;
use super::open_feed::OpenFeed;
use crate::reading::keeper_messages;

impl App {
    /// Sends the messages that the protocol of this lens requires, from now on and in later connections of the feed.
    pub(super) fn keep_connected(&mut self, id: FeedId, lens: LensName) {
        let Some(feed) = self.feed(id).and_then(OpenFeed::live) else {
            return;
        };
        let (spec, Some(player)) = (feed.spec(), &feed.player) else {
            return;
        };
        let address = FeedAddress::of(spec);
        let known: Vec<_> = player.messages().into_iter().collect();
        let is_known = |name: &Option<String>| known.iter().any(|(known, _)| known.name == *name);
        let added = keeper_messages(lens, &address).and_then(|mut messages| {
            messages.retain(|message| !is_known(&message.name));
            let now = self.clock.now().utc;
            player.add(messages, now).map_err(|error| error.to_string())
        });
        if let Err(problem) = added {
            self.show_notice(format!("The messages are not sent: {problem}."));
        }
    }
}
