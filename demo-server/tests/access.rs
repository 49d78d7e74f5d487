//! Access to the server: the requests that it accepts, and its answers to the others.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use demo_server::DemoServer;

use crate::support::{
    EventStream, WebSocket, authority, connect, exchange, request, server, still_server, wait_until,
};

fn status(server: &DemoServer, method: &str, path: &str, headers: &[&str]) -> u16 {
    let url = server.http_url();
    exchange(&url, &request(&url, method, path, headers)).status
}

fn ws_status(server: &DemoServer, path: &str, headers: &[&str]) -> u16 {
    let url = server.ws_url();
    exchange(&url, &WebSocket::handshake(&url, path, headers)).status
}

#[test]
fn a_path_without_a_feed_is_not_found_whatever_is_accepted() {
    let server = server();
    for path in [
        "/nothing",
        "/events/",
        "/events/x",
        "/chat",
        "//",
        "/../etc/passwd",
    ] {
        assert_eq!(
            status(&server, "GET", path, &["Accept: text/event-stream"]),
            404,
            "{path}"
        );
        assert_eq!(status(&server, "POST", path, &[]), 404, "{path}");
    }
    let url = server.http_url();
    let chat = exchange(&url, &request(&url, "GET", "/chat", &[]));
    assert!(chat.body.contains(&server.ws_url()), "{}", chat.body);
    assert_eq!(ws_status(&server, "/nothing", &[]), 404);
    assert_eq!(ws_status(&server, "/events", &[]), 404);
}

#[test]
fn wrong_methods_are_told_the_right_ones() {
    let server = server();
    let url = server.http_url();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        for path in ["/events", "/", "/talk"] {
            let answer = exchange(&url, &request(&url, method, path, &[]));
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("Allow"), Some("GET, HEAD"));
        }
    }
    let ws = server.ws_url();
    let post = exchange(&ws, &request(&ws, "POST", "/echo", &[]));
    assert_eq!((post.status, post.header("Allow")), (405, Some("GET")));
    let plain = exchange(&ws, &request(&ws, "GET", "/echo", &[]));
    assert_eq!(
        (plain.status, plain.header("Upgrade")),
        (426, Some("websocket"))
    );
}

#[test]
fn names_that_are_not_this_machine_s_are_misdirected() {
    let server = server();
    let port = authority(&server.http_url()).replace("127.0.0.1:", "");
    for host in [
        "evil.example",
        "127.0.0.1:1",
        "127.0.0.1",
        &format!("evil.example:{port}"),
    ] {
        let header = format!("Host: {host}");
        assert_eq!(status(&server, "GET", "/", &[&header]), 421, "{host}");
    }
    let localhost = format!("Host: localhost:{port}");
    assert_eq!(status(&server, "GET", "/", &[&localhost]), 200);
    let ws = server.ws_url();
    let foreign = WebSocket::handshake(&ws, "/echo", &[]).replace("127.0.0.1", "evil.example");
    assert_eq!(exchange(&ws, &foreign).status, 421);
}

#[test]
fn pages_of_other_origins_get_nothing() {
    let server = server();
    for origin in [
        "http://evil.example",
        "null",
        "https://127.0.0.1",
        &server.ws_url(),
    ] {
        let header = format!("Origin: {origin}");
        assert_eq!(status(&server, "GET", "/", &[&header]), 403, "{origin}");
        assert_eq!(ws_status(&server, "/chat", &[&header]), 403, "{origin}");
    }
    let own = format!("Origin: {}", server.http_url());
    let answer = {
        let url = server.http_url();
        exchange(&url, &request(&url, "GET", "/", &[&own]))
    };
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
    WebSocket::open_with(&server.ws_url(), "/chat", &[&own]);
}

#[test]
fn a_page_of_another_origin_that_asks_without_saying_so_is_known_by_its_fetch_metadata() {
    let server = server();
    let metadata = |site: &str, dest: &str| {
        [
            format!("Sec-Fetch-Site: {site}"),
            format!("Sec-Fetch-Dest: {dest}"),
        ]
    };
    let ask = |path: &str, site: &str, dest: &str| {
        let [site, dest] = metadata(site, dest);
        status(&server, "HEAD", path, &[&site, &dest])
    };
    for site in ["cross-site", "same-site"] {
        for (path, dest) in [
            ("/events", "empty"),
            ("/talk", "document"),
            ("/icon.svg", "image"),
            ("/", "iframe"),
        ] {
            assert_eq!(ask(path, site, dest), 403, "{path} {site} {dest}");
        }
        // The browser follows a link.
        assert_eq!(ask("/", site, "document"), 200);
    }
    assert!(server.clients().is_empty());
    assert_eq!(ask("/events", "same-origin", "empty"), 200);
    assert_eq!(ask("/talk", "none", "document"), 200);
}

#[test]
fn what_is_no_http_is_answered_at_once() {
    // Time stands still, so that no time limit can expire.
    let (server, _clock) = still_server();
    for url in [server.http_url(), server.ws_url()] {
        let mut socket = connect(&url);
        // This is the beginning of a TLS ClientHello. No end of a line follows.
        socket.write_all(b"\x16\x03\x01\x02\x00\x01\x00").unwrap();
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 400");
    }
}

#[test]
fn an_absolute_target_counts_with_its_own_host() {
    let server = server();
    let url = server.http_url();
    let target = format!("{url}/events");
    let mut stream = EventStream::open_raw(&url, &request(&url, "GET", &target, &[]));
    stream.expect();
    assert_eq!(
        status(&server, "GET", "http://evil.example/events", &[]),
        421
    );
}

#[test]
fn a_body_that_is_absurdly_long_costs_nothing() {
    let server = server();
    let url = server.http_url();
    for length in [
        "70000",
        "99999999999",
        "18446744073709551615",
        "99999999999999999999999999",
    ] {
        let header = format!("Content-Length: {length}");
        assert_eq!(
            status(&server, "POST", "/events", &[&header]),
            413,
            "{length}"
        );
    }
    assert_eq!(
        status(&server, "POST", "/events", &["Content-Length: x"]),
        400
    );
    assert_eq!(
        status(&server, "POST", "/events", &["Transfer-Encoding: chunked"]),
        411
    );
    let short = request(&url, "POST", "/events", &["Content-Length: 5"]) + "hello";
    assert_eq!(exchange(&url, &short).status, 405);
    EventStream::open(&url, "/events", &[]).expect();
}

#[test]
fn heads_have_limits() {
    let server = server();
    let long = format!("X-Long: {}", "x".repeat(40 << 10));
    assert_eq!(status(&server, "GET", "/", &[&long]), 431);
    let many: Vec<String> = (0..120).map(|n| format!("X-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(status(&server, "GET", "/", &many), 431);
    assert_eq!(ws_status(&server, "/echo", &many), 431);
    assert_eq!(status(&server, "GET", "/", &["X-Name: Zoë ünd €"]), 200);
    let url = server.http_url();
    assert_eq!(exchange(&url, "hello\r\n\r\n").status, 400);
    assert_eq!(
        exchange(&url, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status,
        505
    );
}

#[test]
fn half_a_handshake_is_given_up_after_five_seconds() {
    let (server, clock) = still_server();
    let url = server.ws_url();
    let request = WebSocket::handshake(&url, "/echo", &[]);
    let (half, rest) = request.split_at(request.len() / 2);
    let mut in_time = connect(&url);
    in_time.write_all(half.as_bytes()).unwrap();
    clock.advance(Duration::from_millis(4_999));
    in_time.write_all(rest.as_bytes()).unwrap();
    WebSocket::opened(in_time);
    let mut late = connect(&url);
    late.write_all(half.as_bytes()).unwrap();
    late.set_nonblocking(true).unwrap();
    wait_until("it is given up", || {
        // The clock moves repeatedly, because the time limit starts only when the server has accepted the connection.
        clock.advance(Duration::from_secs(5));
        late.peek(&mut [0]).is_ok()
    });
    late.set_nonblocking(false).unwrap();
    let mut answer = String::new();
    late.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn handshakes_that_are_none_are_told_why() {
    let server = server();
    let url = server.ws_url();
    let good = WebSocket::handshake(&url, "/echo", &[]);
    for (from, to, status) in [
        ("Version: 13", "Version: 8", 426),
        ("Upgrade: websocket", "Upgrade: h2c", 426),
        ("Key: dGhlIHNhbXBsZSBub25jZQ==", "Key: short", 400),
        ("Connection: Upgrade", "Connection: keep-alive", 400),
    ] {
        assert!(good.contains(from));
        let answer = exchange(&url, &good.replace(from, to));
        assert_eq!(answer.status, status, "{to}: {}", answer.body);
    }
    let tokens = good.replace("Connection: Upgrade", "Connection: keep-alive, upgrade");
    let mut socket = connect(&url);
    socket.write_all(tokens.as_bytes()).unwrap();
    let mut start = [0; 12];
    socket.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 101");
}

#[test]
fn a_subprotocol_is_agreed_on_only_where_both_want_it() {
    let server = server();
    let url = server.ws_url();
    let offer = ["Sec-WebSocket-Protocol: soap, chat.v2"];
    let none = WebSocket::open_with(&url, "/echo", &offer);
    assert!(
        !none.head.to_lowercase().contains("sec-websocket-protocol"),
        "{}",
        none.head
    );
    let one = WebSocket::open_with(&url, "/echo?subprotocol=chat.v2", &offer);
    let head = one.head.to_lowercase();
    assert!(head.contains("sec-websocket-protocol: chat.v2"), "{head}");
    let other = WebSocket::open_with(&url, "/echo?subprotocol=mqtt", &offer);
    assert!(!other.head.to_lowercase().contains("sec-websocket-protocol"));
}
