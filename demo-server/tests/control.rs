//! Effects of the app's panel and of `/control` on the feeds.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use demo_server::{Fault, Feed, ManualClock};
use serde_json::Value;

use crate::support::{
    EventStream, WebSocket, authority, connect, end, exchange, request, server, still_server,
    wait_until,
};

#[test]
fn dropped_streams_break_off_and_resume_without_a_gap() {
    let server = server();
    let url = server.http_url();
    let mut stream = EventStream::open(&url, "/events", &[]);
    let mut last = stream.expect().number();
    server.drop_connections();
    // Data that was on its way still arrives. Then the body breaks off without an orderly end.
    let error = loop {
        match stream.next() {
            Ok(event) => last = event.expect("no orderly end").number(),
            Err(error) => break error,
        }
    };
    assert_ne!(error.kind(), io::ErrorKind::TimedOut, "{error}");
    let header = format!("Last-Event-ID: {last}");
    let mut stream = EventStream::open(&url, "/events", &[&header]);
    assert_eq!(stream.expect().number(), last + 1);
}

#[test]
fn dropped_sockets_end_without_a_close_frame() {
    let server = server();
    let mut echo = WebSocket::open(&server.ws_url(), "/echo");
    let mut talk = EventStream::open(&server.http_url(), "/talk", &[]);
    talk.expect();
    wait_until("both are listed", || server.clients().len() == 2);
    server.drop_connections();
    assert!(server.clients().is_empty());
    assert!(echo.ends());
    assert!(talk.next().is_err());
    WebSocket::open(&server.ws_url(), "/echo");
}

#[test]
fn refusing_is_refused_by_the_system_and_ends_by_itself() {
    let (server, clock) = still_server();
    let mut before = EventStream::open(&server.http_url(), "/events", &[]);
    assert_eq!(server.refusing_for(), None);
    server.refuse_for(Duration::from_secs(30));
    assert_eq!(server.refusing_for(), Some(Duration::from_secs(30)));
    for url in [server.http_url(), server.ws_url()] {
        let refused = || TcpStream::connect(authority(&url));
        wait_until("connections are refused", || {
            refused().is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused)
        });
    }
    // Connected clients stay connected.
    before.expect();
    clock.advance(Duration::from_millis(29_999));
    assert_eq!(server.refusing_for(), Some(Duration::from_millis(1)));
    clock.advance(Duration::from_millis(1));
    assert_eq!(server.refusing_for(), None);
    for url in [server.http_url(), server.ws_url()] {
        wait_until("connections are accepted", || {
            TcpStream::connect(authority(&url)).is_ok()
        });
    }
    EventStream::open(&server.http_url(), "/events", &[]).expect();
    WebSocket::open(&server.ws_url(), "/echo");
}

#[test]
fn a_refusal_can_be_called_off() {
    let server = server();
    server.refuse_for(Duration::MAX);
    assert!(server.refusing_for().is_some());
    server.refuse_for(Duration::ZERO);
    assert_eq!(server.refusing_for(), None);
    wait_until("it is open again", || {
        TcpStream::connect(authority(&server.http_url())).is_ok()
    });
}

#[test]
fn a_stalled_server_says_nothing_and_then_everything() {
    let (server, clock) = still_server();
    let mut stream = EventStream::open(&server.http_url(), "/events", &[]);
    let mut echo = WebSocket::open(&server.ws_url(), "/echo");
    let mut last = stream.expect().number();
    let sent = || -> Vec<u64> { server.clients().iter().map(|c| c.sent).collect() };
    server.stall(true);
    assert!(server.stalled());
    echo.send_text("anybody there?");
    tick(&clock);
    // Bytes arrive at a client before they are counted. No byte is on its way after the next ones were held back.
    wait_until("data for both is held back", || {
        server.clients().iter().all(|client| client.waiting > 0)
    });
    let before = sent();
    for _ in 1..60 {
        tick(&clock);
    }
    assert_eq!(sent(), before);
    server.stall(false);
    assert!(!server.stalled());
    assert_eq!(echo.expect().text(), "anybody there?");
    for _ in 0..60 {
        let id = stream.expect().number();
        assert_eq!(id, last + 1);
        last = id;
    }
}

#[test]
fn statuses_are_answered_in_place_of_feeds() {
    let server = server();
    let (http, ws) = (server.http_url(), server.ws_url());
    let events = || exchange(&http, &request(&http, "GET", "/events", &[]));
    server.set_fault(Some(Feed::Events), Fault::Status(503));
    let answer = events();
    assert_eq!(
        (answer.status, answer.header("Retry-After")),
        (503, Some("2"))
    );
    EventStream::open(&http, "/talk", &[]).expect();
    server.set_fault(None, Fault::Status(500));
    server.clear_fault(Some(Feed::Events), Fault::Status(503));
    assert_eq!(events().status, 500);
    assert_eq!(
        exchange(&ws, &WebSocket::handshake(&ws, "/echo", &[])).status,
        500
    );
    server.set_fault(None, Fault::Status(204));
    assert_eq!(events().status, 204);
    assert_eq!(server.faults(), [(None, Fault::Status(204))]);
    // The page is not a feed.
    assert_eq!(
        exchange(&http, &request(&http, "GET", "/", &[])).status,
        200
    );
    server.clear_faults();
    EventStream::open(&http, "/events", &[]).expect();
}

#[test]
fn a_stream_of_the_wrong_type_says_so() {
    let server = server();
    server.set_fault(None, Fault::WrongType);
    let stream = EventStream::open(&server.http_url(), "/events", &[]);
    assert!(
        stream.head.contains("Content-Type: text/html\r\n"),
        "{}",
        stream.head
    );
}

#[test]
fn a_cut_comes_in_the_middle_and_loses_nothing_in_the_end() {
    let server = server();
    let url = server.http_url();
    server.set_fault(Some(Feed::Events), Fault::Cut);
    let mut last: Option<u64> = None;
    for _ in 0..3 {
        let header = format!(
            "Last-Event-ID: {}",
            last.map_or_else(String::new, |id| id.to_string())
        );
        let mut stream = EventStream::open(&url, "/events", &[&header]);
        let mut seen = 0;
        while let Ok(event) = stream.next() {
            let id = event.expect("no orderly end").number();
            assert!(last.is_none_or(|last| id == last + 1), "{last:?} {id}");
            last = Some(id);
            seen += 1;
        }
        assert!(seen > 0);
    }
}

#[test]
fn split_bytes_and_delays_change_nothing_but_the_time() {
    const DELAY: Duration = Duration::from_millis(120);
    let (server, clock) = still_server();
    let mut echo = WebSocket::open(&server.ws_url(), "/echo");
    server.set_fault(None, Fault::Split);
    let mut stream = EventStream::open(&server.http_url(), "/events", &[]);
    let first = stream.expect().number();
    for next in 1..20 {
        clock.advance(Duration::from_secs(1));
        assert_eq!(stream.expect().number(), first + next);
    }
    server.set_fault(Some(Feed::Echo), Fault::Delay(DELAY));
    let sent = || server.clients()[0].sent;
    let before = sent();
    echo.send_text("slowly");
    wait_until("the write waits", || clock.is_awaited(DELAY));
    assert_eq!(sent(), before);
    clock.advance(DELAY);
    assert_eq!(echo.expect().text(), "slowly");
}

#[test]
fn every_tenth_tick_is_left_out_repeated_or_broken() {
    let server = server();
    let ids = |fault: Fault| {
        server.clear_faults();
        server.set_fault(None, fault);
        let mut stream = EventStream::open(&server.http_url(), "/events", &["Last-Event-ID: 0"]);
        let mut broken = 0;
        let mut ids = Vec::new();
        while ids.last().is_none_or(|id| *id < 31) {
            let event = stream.expect();
            broken += usize::from(event.data.contains('\u{FFFD}'));
            ids.push(event.number());
        }
        (ids, broken)
    };
    let (skipped, _) = ids(Fault::SkipIds);
    assert!(
        !skipped.contains(&10) && !skipped.contains(&20) && skipped.contains(&11),
        "{skipped:?}"
    );
    let (repeated, _) = ids(Fault::RepeatIds);
    assert_eq!(
        repeated.iter().filter(|id| **id == 20).count(),
        2,
        "{repeated:?}"
    );
    assert_eq!(ids(Fault::BadUtf8).1, 3);
    let mut ticker = WebSocket::open(&server.ws_url(), "/ticker");
    while std::str::from_utf8(&ticker.expect().payload).is_ok() {}
}

#[test]
fn the_control_does_what_it_is_told_by_those_who_know_the_token() {
    let server = server();
    let url = server.http_url();
    let path = server.control_url().replace(&url, "");
    let control = |method: &str, query: &str| {
        exchange(&url, &request(&url, method, &format!("{path}{query}"), &[]))
    };
    let status = || serde_json::from_str::<Value>(&control("GET", "").body).unwrap();
    for token in ["/control", "/control?token=", "/control?token=0123"] {
        assert_eq!(
            exchange(&url, &request(&url, "GET", token, &[])).status,
            403,
            "{token}"
        );
    }
    let foreign = ["Origin: http://evil.example"];
    assert_eq!(
        exchange(&url, &request(&url, "POST", &path, &foreign)).status,
        403
    );
    assert_eq!(control("DELETE", "").status, 405);
    assert_eq!(control("POST", "").status, 400);
    assert_eq!(control("POST", "&do=fault&name=unheard").status, 400);
    assert_eq!(
        control("POST", "&do=fault&name=stall&feed=/nothing").status,
        400
    );
    let mut stream = EventStream::open(&url, "/events", &[]);
    stream.expect();
    assert_eq!(status()["clients"][0]["feed"], "/events");
    assert_eq!(control("GET", "&do=fault&name=split").status, 200);
    assert_eq!(status()["faults"], serde_json::json!([]));
    assert_eq!(
        control("POST", "&do=fault&name=delay-10&feed=/chat").status,
        200
    );
    assert_eq!(
        status()["faults"],
        serde_json::json!([{"feed": "/chat", "fault": "delay-10"}])
    );
    assert_eq!(control("POST", "&do=clear").status, 200);
    assert_eq!(status()["faults"], serde_json::json!([]));
    // The connection that requests the drop stays open, so that it receives the answer.
    assert_eq!(control("POST", "&do=drop").status, 200);
    while stream.next().is_ok() {}
    assert_eq!(control("POST", "&do=refuse&seconds=3000").status, 200);
    // The refusal is in effect as soon as the answer arrives.
    for url in [&url, &server.ws_url()] {
        let refused = TcpStream::connect(authority(url)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
    assert!(server.refusing_for().unwrap() > Duration::from_secs(2_000));
}

/// Moves the clock to the next tick, and waits until that tick is published.
fn tick(clock: &ManualClock) {
    clock.advance(Duration::from_secs(1));
    wait_until("a tick is published", || {
        clock.is_awaited(Duration::from_secs(1))
    });
}

#[test]
fn what_a_stall_keeps_back_is_listed_as_waiting() {
    let (server, clock) = still_server();
    let mut stream = EventStream::open(&server.http_url(), "/events", &[]);
    let mut socket = WebSocket::open(&server.ws_url(), "/ticker");
    stream.expect();
    socket.expect();
    server.stall(true);
    // There are sixty ticks of about a hundred bytes each.
    for _ in 0..60 {
        tick(&clock);
    }
    wait_until("it piles up", || {
        let clients = server.clients();
        clients.len() == 2 && clients.iter().all(|client| client.waiting > 5_000)
    });
    server.stall(false);
    wait_until("it has gone out", || {
        server.clients().iter().all(|client| client.waiting < 1_000)
    });
}

#[test]
fn the_control_has_no_faults_itself() {
    let server = server();
    let url = server.http_url();
    let path = server.control_url().replace(&url, "");
    let ask = || exchange(&url, &request(&url, "GET", &path, &[]));
    server.set_fault(None, Fault::Delay(Duration::from_mins(1)));
    assert_eq!(ask().status, 200);
    server.clear_faults();
    server.stall(true);
    assert_eq!(ask().status, 200);
    let order = format!("{path}&do=clear");
    assert_eq!(
        exchange(&url, &request(&url, "POST", &order, &[])).status,
        200
    );
    EventStream::open(&url, "/events", &[]).expect();
}

#[test]
fn stopping_says_goodbye_to_sockets_and_ends_everything_at_once() {
    let server = server();
    let (http, ws) = (server.http_url(), server.ws_url());
    let mut echo = WebSocket::open(&ws, "/echo");
    let mut chat = WebSocket::open(&ws, "/chat");
    let mut talk = EventStream::open(&http, "/talk", &[]);
    talk.expect();
    let idle = connect(&http);
    let deaf = WebSocket::open(&ws, "/flood");
    wait_until("all are listed", || server.clients().len() == 4);
    server.stop();
    assert_eq!(echo.expect().code(), 1001);
    assert!(echo.ends());
    while chat.expect().opcode != 8 {}
    end(server);
    assert!(talk.next().is_err());
    for url in [http, ws] {
        assert!(TcpStream::connect(authority(&url)).is_err());
    }
    drop((idle, deaf));
}

#[test]
fn dropping_a_busy_server_waits_for_nobody_and_frees_its_ports() {
    let server = server();
    let (http, ws) = (server.http_url(), server.ws_url());
    let streams: Vec<_> = (0..30)
        .map(|_| EventStream::open(&http, "/flood", &[]))
        .collect();
    let sockets: Vec<_> = (0..30).map(|_| WebSocket::open(&ws, "/flood")).collect();
    end(server);
    drop((streams, sockets));
    let port = |url: &str| authority(url).replace("127.0.0.1:", "").parse().unwrap();
    let again = demo_server::Options {
        http_port: port(&http),
        ws_port: port(&ws),
        ..Default::default()
    };
    let server = demo_server::DemoServer::start(again).unwrap();
    assert_eq!((server.http_url(), server.ws_url()), (http, ws));
}
