//! EventSource and WebSocket of the browser with every feed and every fault. The scripts of the page are not involved,
//! because the tests open the connections in a document of the page's origin that has no script.

use std::fmt::Write as _;

use serde_json::Value;

use super::*;

const CLIENTS: &str = include_str!("clients.js");

/// Starts a server with fifty ticks a second, so that the tenth tick, which most faults affect, comes soon.
fn quick_server() -> DemoServer {
    DemoServer::start(Options {
        tick: Duration::from_millis(20),
        ..Options::default()
    })
    .unwrap()
}

fn open<'a>(browser: &'a Browser, server: &DemoServer) -> Tab<'a> {
    let tab = browser.open(&format!("{}/page.css", server.http_url()));
    tab.ask(CLIENTS);
    tab
}

/// Opens an event stream, or closes the previous one and opens another.
fn listen(tab: &Tab<'_>, server: &DemoServer, path: &str) {
    let mut script = String::from("window.told?.source.close();");
    write!(
        script,
        "window.told = stream('{}{path}'); 0",
        server.http_url()
    )
    .unwrap();
    tab.ask(&script);
}

/// Opens a WebSocket, or closes the previous one and opens another.
fn connect(tab: &Tab<'_>, server: &DemoServer, path: &str) {
    let mut script = String::from("window.told?.socket.close();");
    write!(
        script,
        "window.told = socket('{}{path}'); 0",
        server.ws_url()
    )
    .unwrap();
    tab.ask(&script);
}

/// Waits until this condition about the received data is true.
fn until(tab: &Tab<'_>, condition: &str) {
    tab.ask(&format!("until(() => {condition})"));
}

fn numbers(tab: &Tab<'_>, expression: &str) -> Vec<u64> {
    let Value::Array(items) = tab.ask(expression) else {
        panic!("{expression} is no list");
    };
    items.iter().map(|item| item.as_u64().unwrap()).collect()
}

fn event_ids(tab: &Tab<'_>) -> Vec<u64> {
    numbers(tab, "told.events.map(({ id }) => Number(id))")
}

fn message_ids(tab: &Tab<'_>) -> Vec<u64> {
    numbers(tab, "told.messages.map((data) => JSON.parse(data).id)")
}

/// Asserts that every tenth number occurs `times` times and every other number once. The first and the last number may
/// be incomplete.
fn assert_tenth(ids: &[u64], times: usize) {
    let (first, last) = (ids[0], *ids.last().unwrap());
    for id in first + 1..last {
        let expected = if id % 10 == 0 { times } else { 1 };
        let count = ids.iter().filter(|other| **other == id).count();
        assert_eq!(count, expected, "{id} in {ids:?}");
    }
}

#[test]
fn the_browser_reads_every_feed() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = quick_server();
    let tab = open(&browser, &server);
    for (path, field) in [
        ("/events", "price"),
        ("/scores", "score"),
        ("/news", "headline"),
        ("/weather", "temperature_c"),
        ("/flood?size=200", "pad"),
    ] {
        listen(&tab, &server, path);
        until(&tab, "told.events.length >= 3");
        assert_consecutive(&event_ids(&tab));
        let whole = format!("told.events.every(({{ data }}) => '{field}' in JSON.parse(data))");
        assert_eq!(tab.ask(&whole), true, "{path}");
    }
    listen(&tab, &server, "/talk");
    until(&tab, "told.events.length === 1");
    assert_eq!(
        tab.ask("told.events[0].data.startsWith('new server event ')"),
        true
    );
    // A flood with an end: the stream ends after the last event, and then a 204 stops the browser from reconnecting.
    listen(&tab, &server, "/flood?n=2000");
    until(&tab, "told.source.readyState === EventSource.CLOSED");
    assert_eq!(event_ids(&tab), (1..=2_000).collect::<Vec<_>>());
    tab.ask("told = null");

    connect(&tab, &server, "/ticker");
    until(&tab, "told.messages.length >= 20");
    assert_consecutive(&message_ids(&tab));
    connect(&tab, &server, "/flood?n=2000&size=300");
    until(&tab, "told.closed");
    assert_eq!(
        tab.ask("told.closed"),
        serde_json::json!({ "code": 1000, "wasClean": true })
    );
    assert_eq!(message_ids(&tab), (1..=2_000).collect::<Vec<_>>());
    connect(&tab, &server, "/echo");
    until(&tab, "told.opened");
    tab.ask("told.socket.binaryType = 'arraybuffer'; told.socket.send('grüße'); told.socket.send(new Uint8Array(70000)); 0");
    until(&tab, "told.messages.length === 2");
    assert_eq!(
        tab.ask("[told.messages[0], told.messages[1].byteLength]"),
        serde_json::json!(["grüße", 70_000])
    );
    tab.ask("told.socket.close(4001, 'enough')");
    until(&tab, "told.closed");
    assert_eq!(
        tab.ask("told.closed"),
        serde_json::json!({ "code": 4001, "wasClean": true })
    );
    connect(&tab, &server, "/chat?name=ada");
    until(
        &tab,
        "told.messages.some((data) => JSON.parse(data).you === 'ada')",
    );
}

#[test]
fn the_browsers_event_source_comes_through_every_fault() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = quick_server();
    let tab = open(&browser, &server);
    let begin = || {
        listen(&tab, &server, "/events");
        until(&tab, "told.events.length >= 3");
    };
    // After the connection was cut, the browser reconnects with the last event ID and misses nothing.
    begin();
    server.drop_connections();
    until(&tab, "told.opened === 2 && told.events.length > 30");
    assert_consecutive(&event_ids(&tab));

    begin();
    server.refuse_for(Duration::from_millis(1_500));
    server.drop_connections();
    until(
        &tab,
        "told.errors >= 2 && told.opened === 2 && told.events.length > 30",
    );
    assert_consecutive(&event_ids(&tab));

    server.set_fault(Some(Feed::Events), Fault::Cut);
    begin();
    until(&tab, "told.opened >= 2 && told.events.length > 25");
    assert_consecutive(&event_ids(&tab));
    let whole = "told.events.every(({ id, data }) => JSON.parse(data).id === Number(id))";
    assert_eq!(tab.ask(whole), true);
    server.clear_faults();

    begin();
    server.set_fault(Some(Feed::Events), Fault::Stall);
    tab.ask("window.scores = stream(told.source.url.replace('events', 'scores')); 0");
    until(&tab, "scores.events.length > 0");
    let before = tab.ask("window.before = told.events.length");
    // Scores arrive every eight ticks, so that time passes here.
    until(&tab, "scores.events.length > 3");
    assert_eq!(tab.ask("told.events.length"), before);
    assert_eq!(tab.ask("told.source.readyState === EventSource.OPEN"), true);
    server.clear_faults();
    until(&tab, "told.events.length > before + 20");
    assert_consecutive(&event_ids(&tab));
    assert_eq!(tab.ask("scores.source.close(); told.opened"), 1);

    for fault in [
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(204),
        Fault::WrongType,
    ] {
        server.set_fault(Some(Feed::Events), fault);
        listen(&tab, &server, "/events");
        until(&tab, "told.source.readyState === EventSource.CLOSED");
        assert_eq!(
            tab.ask("[told.opened, told.errors, told.events.length]"),
            serde_json::json!([0, 1, 0]),
            "{fault}"
        );
        server.clear_faults();
    }

    for (fault, times) in [
        (Fault::Split, 1),
        (Fault::Delay(Duration::from_millis(50)), 1),
        (Fault::BadUtf8, 1),
        (Fault::RepeatIds, 2),
        (Fault::SkipIds, 0),
    ] {
        server.set_fault(Some(Feed::Events), fault);
        listen(&tab, &server, "/events");
        until(&tab, "told.events.length > 24");
        assert_tenth(&event_ids(&tab), times);
        let replaced = "told.events.filter(({ data }) => data.includes('\\ufffd')).map(({ id }) => Number(id) % 10)";
        let replaced = numbers(&tab, replaced);
        assert_eq!(!replaced.is_empty(), fault == Fault::BadUtf8, "{fault}");
        assert!(
            replaced.iter().all(|last_digit| *last_digit == 0),
            "{replaced:?}"
        );
        server.clear_faults();
    }
}

#[test]
fn the_browsers_web_socket_comes_through_every_fault() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = quick_server();
    let tab = open(&browser, &server);
    let begin = || {
        connect(&tab, &server, "/ticker");
        until(&tab, "told.messages.length >= 3");
    };
    // RFC 6455 7.1.5: without a close frame the code is 1006. Reconnecting is the task of the page.
    let abnormal = serde_json::json!({ "code": 1006, "wasClean": false });
    begin();
    server.drop_connections();
    until(&tab, "told.closed");
    assert_eq!(tab.ask("told.closed"), abnormal);

    begin();
    server.refuse_for(Duration::from_mins(5));
    tab.ask("window.refused = socket(told.socket.url); 0");
    until(&tab, "refused.closed");
    assert_eq!(
        tab.ask("[refused.closed, refused.opened]"),
        serde_json::json!([abnormal, false])
    );
    server.refuse_for(Duration::ZERO);

    for fault in [Fault::Status(500), Fault::Status(503), Fault::Status(204)] {
        server.set_fault(Some(Feed::Ticker), fault);
        connect(&tab, &server, "/ticker");
        until(&tab, "told.closed");
        assert_eq!(
            tab.ask("[told.closed, told.opened]"),
            serde_json::json!([abnormal, false]),
            "{fault}"
        );
        server.clear_faults();
    }

    for fault in [Fault::Cut, Fault::BadUtf8] {
        server.set_fault(Some(Feed::Ticker), fault);
        // Every tenth tick is wrong. The next tick may already be one of them.
        connect(&tab, &server, "/ticker");
        until(&tab, "told.closed");
        assert_eq!(tab.ask("told.closed"), abnormal, "{fault}");
        // All messages that arrived are complete.
        assert_consecutive(&message_ids(&tab));
        server.clear_faults();
    }

    begin();
    server.set_fault(Some(Feed::Ticker), Fault::Stall);
    tab.ask("window.echo = socket(told.socket.url.replace('ticker', 'echo')); 0");
    until(&tab, "echo.opened");
    let before = tab.ask("window.before = told.messages.length");
    for n in 1..=10 {
        tab.ask("echo.socket.send('does time go by?')");
        until(&tab, &format!("echo.messages.length === {n}"));
    }
    // One message may have been on its way.
    assert!(tab.ask("told.messages.length").as_u64() <= before.as_u64().map(|count| count + 1));
    assert_eq!(tab.ask("told.closed"), Value::Null);
    server.clear_faults();
    until(&tab, "told.messages.length > before + 20");
    assert_consecutive(&message_ids(&tab));

    for (fault, times) in [
        (Fault::Split, 1),
        (Fault::Delay(Duration::from_millis(50)), 1),
        (Fault::WrongType, 1),
        (Fault::RepeatIds, 2),
        (Fault::SkipIds, 0),
    ] {
        server.set_fault(Some(Feed::Ticker), fault);
        connect(&tab, &server, "/ticker");
        until(&tab, "told.messages.length > 24");
        assert_tenth(&message_ids(&tab), times);
        server.clear_faults();
    }
}
