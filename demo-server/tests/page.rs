//! Tests of the demo page in a real browser, with its own EventSource and WebSocket. They cover the view of a visitor
//! and the limits for pages of other origins. Without a browser, every test reports this and passes.
//!
//! With `FEEDSCOPE_PICTURES=FOLDER`, pictures of the page are saved there, with both themes and in wide and narrow
//! windows.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot help fails its test"
)]

#[path = "support/browser.rs"]
mod browser;
#[path = "page/clients.rs"]
mod clients; // EventSource and WebSocket by themselves: every feed, every fault.
#[path = "page/look.rs"]
mod look; // What a person sees: places, contrast, names.
#[path = "support/other_origin.rs"]
mod other_origin;
#[path = "page/strangers.rs"]
mod strangers; // What pages of others can do, which is nothing.
#[path = "page/tabs.rs"]
mod tabs; // Several tabs, one WebSocket.
#[path = "page/visit.rs"]
mod visit; // One tab: opening, chatting, stopping, dropping.

use std::thread;
use std::time::{Duration, Instant};

use browser::{Browser, Tab};
use demo_server::{Client, DemoServer, Fault, Feed, Options};

/// Expression that is true in a page whose connections are both open.
const BOTH_OPEN: &str = "document.getElementById('announcement').textContent \
    === 'Connections to the server established..' \
    && ['events-state', 'chat-state'].every((id) => document.getElementById(id).textContent === 'open')";

/// Expression that is true in a page whose connections are both lost.
const BOTH_RECONNECTING: &str = "['events-state', 'chat-state'] \
    .every((id) => document.getElementById(id).textContent === 'reconnecting')";

/// Longest time until the server notices an action of a browser.
const PATIENCE: Duration = Duration::from_mins(1);

/// DevTools events for each event of a stream, and for each message that is sent over a WebSocket.
const STREAMED: &str = "Network.eventSourceMessageReceived";
const SENT: &str = "Network.webSocketFrameSent";

fn server() -> DemoServer {
    DemoServer::start(Options::default()).unwrap()
}

/// Returns the IDs of all events that a tab has received, in order.
fn ids(tab: &Tab<'_>) -> Vec<u64> {
    let events = tab.events(STREAMED);
    events
        .iter()
        .map(|event| event["eventId"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Waits until this number of further events have arrived.
fn wait_for_more_events(tab: &Tab<'_>, more: usize) {
    let count = ids(tab).len() + more;
    tab.wait_for_events(STREAMED, count, |_| true);
}

fn assert_consecutive(ids: &[u64]) {
    let gaps: Vec<_> = ids
        .windows(2)
        .filter(|pair| pair[1] != pair[0] + 1)
        .collect();
    assert!(gaps.is_empty(), "not one after the other: {gaps:?}");
}

/// Returns the number of times that a tab has sent this text over its own WebSocket.
fn times_sent(tab: &Tab<'_>, text: &str) -> usize {
    let sent = tab.events(SENT);
    sent.iter()
        .filter(|event| event["response"]["payloadData"] == text)
        .count()
}

/// Types a message like a person.
fn say(tab: &Tab<'_>, text: &str) {
    tab.show();
    tab.click("#message");
    tab.type_text(text);
    tab.press("Enter");
}

/// Returns an expression that is true if the chat shows this text as our own message.
fn shows_ours(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('#lines .mine')].some((line) => line.textContent.endsWith({text:?}))"
    )
}

/// Returns an expression that is true if the chat shows this text as a message of another participant.
fn shows_theirs(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('#lines li:not(.mine, .notice)')].some((line) => line.textContent.endsWith({text:?}))"
    )
}

/// Returns the browser's own complaints: errors of scripts, violated policies, and forms that are hard to use. Messages
/// about connections are left out, because these tests break connections on purpose.
fn complaints(tab: &Tab<'_>) -> Vec<String> {
    let errors = tab.events("Runtime.exceptionThrown");
    let issues = tab.events("Audits.issueAdded");
    let said = tab.events("Log.entryAdded");
    let said = said
        .iter()
        .map(|event| &event["entry"])
        .filter(|entry| entry["source"] != "network");
    errors
        .iter()
        .chain(&issues)
        .chain(said)
        .map(ToString::to_string)
        .collect()
}

fn clients_of(server: &DemoServer, feed: Feed) -> Vec<Client> {
    let clients = server.clients().into_iter();
    clients.filter(|client| client.feed == feed).collect()
}

/// Waits until the server has this number of clients at a feed.
fn wait_for_clients(server: &DemoServer, feed: Feed, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    while clients_of(server, feed).len() != count {
        let clients = server.clients();
        assert!(
            Instant::now() < deadline,
            "not {count} at {feed}: {clients:?}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}
