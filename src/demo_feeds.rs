//! Feeds of the embedded demo server, which `feedscope` opens if no URL is given.

use std::io;

use demo_server::{DemoServer, Options};
use feedscope_core::feed::Outgoing;
use url::Url;

use crate::plan::{FeedOptions, FeedPlan, ToSend, is_web_socket};

/// First message that the demo sends in its chat.
pub(crate) const GREETING: &str = "Hello Server!";

/// Starts the demo server. Returns the plans of its two feeds, the ticker and the chat.
pub fn start(options: &FeedOptions) -> io::Result<(Vec<FeedPlan>, DemoServer)> {
    let demo = DemoServer::start(Options::default())?;
    let mut feeds = Vec::new();
    for url in [
        format!("{}/events", demo.http_url()),
        format!("{}/chat", demo.ws_url()),
    ] {
        let url = Url::parse(&url).map_err(io::Error::other)?;
        // The chat gets a greeting before the messages of the command line.
        let is_chat = is_web_socket(&url);
        let mut plan = options.at(url);
        if is_chat {
            plan.send
                .insert(0, ToSend::Message(Outgoing::Text(GREETING.to_owned())));
        }
        feeds.push(plan);
    }
    Ok((feeds, demo))
}
