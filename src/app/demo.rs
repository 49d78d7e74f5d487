//! The demo server behind the window: what of it is shown, and what the user wants of it, carried out. It draws nothing.

use std::time::UNIX_EPOCH;

use demo_server::{Client, DemoServer, Fault, Feed};
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::{Moment, Timestamp};
use url::Url;

use super::comparison::{Sent, Side};
use super::{App, GREETING};
use crate::ui::{
    ActiveFault, ClientScene, Comparison, DemoCommand, DemoScene, OfferedFault, PaneId, PaneScene,
};

/// What a flood asks for.
const FLOOD_QUERY: &str = "rate=50000";

/// What the tour says to the bot.
const HELLO: &str = "Hello, bot! What time is it?";

/// What the app remembers of its demo.
#[derive(Default)]
pub(super) struct DemoState {
    /// Taken off the screen by the user; the server runs on.
    hidden: bool,
    /// The pane that is flooded and the flood's URL, with what the pane showed before.
    flood: Option<Flood>,
    event_stream: Side,
    web_socket: Side,
}

struct Flood {
    pane: PaneId,
    url: Url,
    before: Option<Url>,
}

impl App {
    /// The demo server as the window shows it, if it runs.
    pub(super) fn demo_scene(&mut self, panes: &[PaneScene], now: Moment) -> Option<DemoScene> {
        let demo = self.demo.as_ref()?;
        let http_url = demo.http_url();
        let address = http_url.trim_start_matches("http://");
        let shows_clients = self.window.shows_clients();
        let compares = self.window.shows_comparison();
        let clients = if shows_clients || compares {
            demo.clients()
        } else {
            Vec::new()
        };
        let state = &mut self.demo_state;
        // Whoever pointed the pane elsewhere has ended the flood.
        state.flood.take_if(|flood| {
            let shown = panes.iter().find(|pane| pane.id == flood.pane);
            let url = shown.and_then(|pane| Some(&pane.feed.as_ref()?.spec.url));
            url != Some(&flood.url)
        });
        let comparison = if compares {
            state.compare(demo, panes, &clients, now)
        } else {
            Comparison::default()
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

    /// Carries out what the user wants of the demo server.
    pub(super) fn carry_out_demo(&mut self, command: DemoCommand) {
        let Some(demo) = &self.demo else { return };
        match command {
            DemoCommand::Drop => demo.drop_connections(),
            DemoCommand::Refuse(time) => {
                // In this order: whoever is cut comes back at once, and is to be refused.
                demo.refuse_for(time);
                demo.drop_connections();
            }
            DemoCommand::Stall(stalled) => demo.stall(stalled),
            DemoCommand::Flood(Some(pane)) => self.flood(pane),
            DemoCommand::Flood(None) => self.end_flood(),
            DemoCommand::Hello => self.say_hello(),
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

    /// Points a pane at a flood over the protocol that it speaks already.
    fn flood(&mut self, pane: PaneId) {
        let Some(demo) = &self.demo else { return };
        let before = self.feed_of(pane).map(|feed| feed.spec.url.clone());
        let feed = match &before {
            Some(url) if crate::plan::is_web_socket(url) => Feed::MessageFlood,
            _ => Feed::EventFlood,
        };
        let Some(mut url) = url_of(demo, feed) else {
            return;
        };
        url.set_query(Some(FLOOD_QUERY));
        self.end_flood();
        self.connect_to(pane, url.clone());
        self.demo_state.flood = Some(Flood { pane, url, before });
    }

    /// Returns the flooded pane to what it showed.
    fn end_flood(&mut self) {
        if let Some(Flood {
            pane,
            before: Some(url),
            ..
        }) = self.demo_state.flood.take()
        {
            self.open_again(pane, url);
        }
    }

    /// Says hello in the pane that shows the chat; where none does, the last one is pointed at it, and greets.
    fn say_hello(&mut self) {
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

    /// Opens these two feeds in the first two panes, unless they are there already.
    fn show_both(&mut self, left: Feed, right: Feed) {
        for (place, feed) in [left, right].into_iter().enumerate() {
            let there = self.panes.get(place).map(|pane| pane.id);
            let pane = there.unwrap_or_else(|| self.open_pane(None));
            let url = self.demo.as_ref().and_then(|demo| url_of(demo, feed));
            if let Some(url) = url.filter(|url| !self.shows(pane, url)) {
                self.open_again(pane, url);
            }
        }
    }

    /// Points a pane at a feed; a chat is greeted as it is when the demo starts.
    fn open_again(&mut self, pane: PaneId, url: Url) {
        let is_chat = url.path() == Feed::Chat.path();
        self.connect_to(pane, url);
        if is_chat {
            self.send_text(pane, GREETING);
        }
    }

    fn send_text(&self, pane: PaneId, text: &str) {
        if let Some(feed) = self.feed_of(pane) {
            let message = Outgoing::Text(text.to_owned());
            feed.handle.command(FeedCommand::Send(message));
        }
    }

    fn shows(&self, pane: PaneId, url: &Url) -> bool {
        self.feed_of(pane).is_some_and(|feed| feed.spec.url == *url)
    }
}

impl DemoState {
    fn compare(
        &mut self,
        demo: &DemoServer,
        panes: &[PaneScene],
        clients: &[Client],
        now: Moment,
    ) -> Comparison {
        let look = |side: &mut Side, feed| {
            let url = url_of(demo, feed);
            let shown = panes
                .iter()
                .filter_map(|pane| pane.feed.as_ref())
                .find(|feed| Some(&feed.spec.url) == url.as_ref());
            // All clients of a feed are sent the same; the newest was there when ours connected, or after it.
            let newest = clients.iter().rev().find(|client| client.feed == feed);
            let sent = newest.map(|client| Sent {
                client: client.id,
                bytes: client.sent,
            });
            side.look(shown, sent, now)
        };
        Comparison {
            event_stream: look(&mut self.event_stream, Feed::Events),
            web_socket: look(&mut self.web_socket, Feed::Ticker),
        }
    }
}

/// Switches a fault on or off. One that only a new connection meets cuts those there are, so that it is met at once.
fn switch(demo: &DemoServer, name: &str, feed: Option<&str>, on: bool) {
    let Ok(fault) = name.parse::<Fault>() else {
        return;
    };
    let feed = match feed {
        None => None,
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

/// A feed's name: its path, and which of two where they share it.
fn feed_name(feed: Feed) -> String {
    match feed {
        Feed::EventFlood => format!("{feed} (SSE)"),
        Feed::MessageFlood => format!("{feed} (WebSocket)"),
        _ => feed.to_string(),
    }
}

fn url_of(demo: &DemoServer, feed: Feed) -> Option<Url> {
    let base = if feed.is_web_socket() {
        demo.ws_url()
    } else {
        demo.http_url()
    };
    Url::parse(&format!("{base}{feed}")).ok()
}

fn offered(fault: Fault) -> OfferedFault {
    OfferedFault {
        name: fault.to_string(),
        expectation: fault.expectation(),
    }
}

fn active((feed, fault): (Option<Feed>, Fault)) -> ActiveFault {
    ActiveFault {
        name: fault.to_string(),
        feed: feed.map(feed_name),
    }
}

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
