//! Demo server behind the window: builds its scene and carries out its commands.

mod state;

use std::time::UNIX_EPOCH;

use demo_server::{Client, DemoServer, Fault, Feed};
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::{Moment, Timestamp};
use feedscope_ui::{
    ActiveFault, ClientScene, DemoCommand, DemoComparison, DemoScene, OfferedFault, PaneId,
    PaneScene,
};
use url::Url;

use super::App;
use super::open_feed::{OpenFeed, missed_records};
use crate::demo_feeds::GREETING;
use state::{Flood, url_of};

pub(super) use state::DemoState;

/// Query of a flood's URL.
const FLOOD_QUERY: &str = "rate=50000";

/// Message that the tour sends to the bot.
const HELLO: &str = "Hello, bot! What time is it?";

impl App {
    /// Returns the scene of the demo server, if it runs.
    pub(super) fn demo_scene(&mut self, panes: &[PaneScene], now: Moment) -> Option<DemoScene> {
        let demo = self.demo.as_ref()?;
        let http_url = demo.http_url();
        let address = http_url.trim_start_matches("http://");
        let shows_clients = self.window.shows_clients();
        let compares = self.window.shows_comparison();
        // The list of clients takes a lock of the server, so that it is fetched only if it is shown.
        let clients = if shows_clients || compares {
            demo.clients()
        } else {
            Vec::new()
        };
        let state = &mut self.demo_state;
        state.compares = compares;
        // The flood has ended if the user has pointed the pane to another URL.
        state.flood.take_if(|flood| {
            let shown = panes.iter().find(|pane| pane.id == flood.pane);
            let url = shown.and_then(|pane| pane.feed.as_ref()?.source.url());
            url != Some(&flood.url)
        });
        let comparison = if compares {
            state.compare(demo, panes, &clients, now)
        } else {
            DemoComparison::default()
        };
        Some(DemoScene {
            address: address.to_owned(),
            hidden: state.hidden,
            tour_dismissed: self.kept.now.tour_dismissed,
            refusing_for: demo.refusing_for(),
            stalled: demo.stalled(),
            flooded: state.flood.as_ref().map(|flood| flood.pane),
            feeds: Feed::ALL.map(feed_name).to_vec(),
            faults: Fault::ALL.map(offered).to_vec(),
            active: demo.faults().into_iter().map(active).collect(),
            clients: clients.iter().map(client_scene).collect(),
            comparison,
        })
    }

    /// Carries out a command for the demo server.
    pub(super) fn carry_out_demo(&mut self, command: DemoCommand) {
        let Some(demo) = &self.demo else { return };
        match command {
            DemoCommand::Drop => demo.drop_connections(),
            DemoCommand::Refuse(time) => {
                // Refuse first: a dropped client reconnects at once and must find the refusal in place.
                demo.refuse_for(time);
                demo.drop_connections();
            }
            DemoCommand::Stall(stalled) => demo.stall(stalled),
            DemoCommand::Flood(Some(pane)) => self.flood(pane),
            DemoCommand::Flood(None) => self.end_flood(),
            DemoCommand::Hello => self.send_greeting(),
            DemoCommand::Compare => self.show_both(Feed::Events, Feed::Ticker),
            DemoCommand::Usual => self.show_both(Feed::Events, Feed::Chat),
            DemoCommand::Fault { name, feed, on } => switch(demo, &name, feed.as_deref(), on),
            DemoCommand::ClearFaults => demo.clear_faults(),
            DemoCommand::TourAtStart(wanted) => {
                self.kept.now.tour_dismissed = !wanted;
                self.kept.save();
            }
            DemoCommand::Show(shown) => self.demo_state.hidden = !shown,
        }
    }

    /// Points a pane to a flood over the protocol that it uses already.
    fn flood(&mut self, pane: PaneId) {
        let Some(demo) = &self.demo else { return };
        let before = self
            .feed_of(pane)
            .and_then(|feed| Some((feed.id, feed.shown_source().url()?.clone())));
        let feed = match &before {
            Some((_, url)) if crate::plan::is_web_socket(url) => Feed::MessageFlood,
            _ => Feed::EventFlood,
        };
        let Some(mut url) = url_of(demo, feed) else {
            return;
        };
        url.set_query(Some(FLOOD_QUERY));
        // Only one pane can be flooded, so that another flood ends first.
        self.end_flood();
        let filter = self.window.filter_of(pane).to_owned();
        self.connect_to(pane, url.clone());
        self.demo_state.flood = Some(Flood {
            pane,
            url,
            before,
            filter,
        });
    }

    /// Shows the former feed of the flooded pane again. The records of the flood can be restored, but not the flood itself,
    /// which would only fill the memory again.
    fn end_flood(&mut self) {
        let Some(Flood {
            pane,
            before: Some((feed, url)),
            filter,
            ..
        }) = self.demo_state.flood.take()
        else {
            return;
        };
        if !self.put_back(pane, feed) {
            self.open_again(pane, url);
            self.keep_last_disconnected();
        }
        self.window.set_filter(pane, &filter);
    }

    /// Sends the tour's message in the pane that shows the chat. Without such a pane, the last one opens the chat
    /// first.
    fn send_greeting(&mut self) {
        let Some(chat) = self.demo.as_ref().and_then(|demo| url_of(demo, Feed::Chat)) else {
            return;
        };
        let is_chat = |pane: &PaneId| self.shows(*pane, &chat);
        let mut panes = self.panes.iter().map(|pane| pane.id);
        let shown = panes.find(is_chat);
        let Some(pane) = shown.or(self.panes.last().map(|pane| pane.id)) else {
            return;
        };
        if shown.is_none() {
            self.connect_to(pane, chat);
        }
        self.send_text(pane, HELLO);
    }

    /// Opens these two feeds in the first two panes. A pane that shows its feed already is left as it is.
    fn show_both(&mut self, left: Feed, right: Feed) {
        for (place, feed) in [left, right].into_iter().enumerate() {
            let there = self.panes.get(place).map(|pane| pane.id);
            let pane = there.unwrap_or_else(|| self.open_pane(None));
            let url = self.demo.as_ref().and_then(|demo| url_of(demo, feed));
            if let Some(url) = url.filter(|url| !self.shows(pane, url)) {
                let former = self.feed_of(pane).and_then(missed_records);
                let had_filter = !self.window.filter_of(pane).is_empty();
                self.open_again(pane, url);
                if let Some(records) = former {
                    self.window.report_replaced(records, had_filter);
                }
            }
        }
    }

    /// Points a pane to a feed. The chat gets the same greeting as at the start of the demo.
    fn open_again(&mut self, pane: PaneId, url: Url) {
        let is_chat = url.path() == Feed::Chat.path();
        self.connect_to(pane, url);
        if is_chat {
            self.send_text(pane, GREETING);
        }
    }

    /// Sends a text message to the feed of a pane.
    fn send_text(&self, pane: PaneId, text: &str) {
        if let Some(feed) = self.feed_of(pane).and_then(OpenFeed::live) {
            let message = Outgoing::Text(text.to_owned());
            feed.handle.command(FeedCommand::Send(message));
        }
    }

    /// Returns true if a pane shows the feed at this URL.
    fn shows(&self, pane: PaneId, url: &Url) -> bool {
        self.feed_of(pane)
            .is_some_and(|feed| feed.shown_source().url() == Some(url))
    }
}

/// Switches a fault on or off. If the fault affects new connections only, the existing ones are dropped, so that they
/// meet it at once.
fn switch(demo: &DemoServer, name: &str, feed: Option<&str>, on: bool) {
    let Ok(fault) = name.parse::<Fault>() else {
        return;
    };
    let feed = match feed {
        None => None,
        // The command names a feed by text; an unknown one changes nothing.
        Some(name) => match Feed::ALL.into_iter().find(|feed| feed_name(*feed) == name) {
            None => return,
            known => known,
        },
    };
    if !on {
        demo.clear_fault(feed, fault);
        return;
    }
    demo.set_fault(feed, fault);
    if matches!(fault, Fault::Status(_) | Fault::WrongType | Fault::Cut) {
        match feed {
            None => demo.drop_connections(),
            Some(feed) => demo.drop_connections_of(feed),
        }
    }
}

/// Returns the name of a feed: its path, with the protocol if two feeds share the path.
fn feed_name(feed: Feed) -> String {
    match feed {
        Feed::EventFlood => format!("{feed} (SSE)"),
        Feed::MessageFlood => format!("{feed} (WebSocket)"),
        _ => feed.to_string(),
    }
}

/// Returns a fault's entry in the list of faults.
fn offered(fault: Fault) -> OfferedFault {
    OfferedFault {
        name: fault.to_string(),
        expectation: fault.expectation(),
    }
}

/// Returns the entry of a fault that is on.
fn active((feed, fault): (Option<Feed>, Fault)) -> ActiveFault {
    ActiveFault {
        name: fault.to_string(),
        feed: feed.map(feed_name),
    }
}

/// Returns a client's row in the list of clients.
fn client_scene(client: &Client) -> ClientScene {
    let since = client.since.duration_since(UNIX_EPOCH).unwrap_or_default();
    ClientScene {
        address: client.address.to_string(),
        feed: feed_name(client.feed),
        since: Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
        sent: client.sent,
        waiting: client.waiting as u64,
    }
}
