//! Answers to the request of an event stream: those that are accepted, and the reasons of those that are not.

use std::time::{Duration, Instant};

use feedscope_core::protocol::Engine;
use serde_json::Value;

use crate::event_stream::whole;
use crate::feed::{Feed, again, once, states, summaries};
use crate::server::{Gate, Server, refused_address};

#[test]
fn what_is_no_feed_fails_with_a_reason() {
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>";
    for (answer, state, says) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n\n no such feed \nmore",
            "failed",
            "no such feed",
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html>",
            "failed",
            "404",
        ),
        (
            "HTTP/1.1 201 Created\r\nContent-Type: text/event-stream\r\n\r\n",
            "failed",
            "201",
        ),
        (html, "failed", "text/html"),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>Sign &amp; go</title>",
            "failed",
            "its title is Sign & go",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html><title>The\nproxy</title>",
            "failed",
            "it says: The proxy",
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\ndata: x\n\n",
            "failed",
            "content type",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-streams\r\n\r\n",
            "failed",
            "text/event-streams",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "closed", "204"),
        ("SSH-2.0-OpenSSH_9.9\r\n", "failed", "not HTTP"),
        ("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}(", "failed", "not HTTP"),
    ] {
        let server = Server::answering(answer);
        let feed = Feed::connect(again(&server.http(), 0));
        let reason = feed.end_reason();
        assert!(
            reason.starts_with(state) && reason.contains(says),
            "{reason} for {answer:?}"
        );
        assert_eq!(
            states(&feed.records()),
            ["connecting", state],
            "never open: {answer:?}"
        );
        assert!(!reason.contains("DOCTYPE"), "{reason}");
    }
}

#[test]
fn malformed_header_lines_are_skipped() {
    for line in [
        "PHP Warning: PHP Startup: Unable to load x in Unknown on line 0",
        "Access-Control-Allow-Credentials : true",
        "X Frame Options: DENY",
        "Set-Cookie: a=b; domain=\u{7f}x.example",
        "X-Folded: a\r\n b",
        "no colon at all",
    ] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\n{line}\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n"
        ));
        let records = Feed::connect(once(&server.http())).to_end();
        assert_eq!(summaries(&records), ["event message x"], "{line}");
    }
}

#[test]
fn a_head_that_breaks_http_is_explained() {
    for (lines, says) in [
        ("Content-Length: many", "its Content-Length is not a number"),
        ("Content-Length: -1", "its Content-Length is not a number"),
        (
            "Content-Length: 5\r\nContent-Length: 6",
            "or has several values that differ",
        ),
        (
            "Content-Length: 18446744073709551615",
            "its Content-Length is too large",
        ),
        ("X: a\0b", "its head has a line that cannot be read"),
    ] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{lines}\r\n\r\ndata: x\n\n"
        ));
        let feed = Feed::connect(again(&server.http(), 9));
        let reason = feed.end_reason();
        assert!(
            reason.starts_with("failed: the answer breaks the rules of HTTP: ")
                && reason.contains(says),
            "{reason}"
        );
        assert_eq!(states(&feed.records()), ["connecting", "failed"]);
    }
    for (answer, says) in [
        (
            "HTTP/1.1 abc OK\r\n\r\n",
            "the answer breaks the rules of HTTP: its first line has no status of three digits",
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "the answer breaks the rules of HTTP: its Transfer-Encoding is malformed, or does not belong into HTTP/1.0",
        ),
        (
            "220 mail.example ESMTP\r\n",
            "the answer is not HTTP: it does not begin with HTTP/1.1 or HTTP/1.0",
        ),
    ] {
        let reason = Feed::connect(once(&Server::answering(answer).http())).end_reason();
        assert_eq!(reason, format!("failed: {says}"));
    }
}

#[test]
fn chunks_that_break_http_are_explained() {
    for (chunks, says) in [
        (
            "xyz\r\ndata: x\n\n\r\n0\r\n\r\n",
            "the length of a chunk is not a hexadecimal number on a line of its own",
        ),
        (
            "-1\r\n",
            "the length of a chunk is not a hexadecimal number on a line of its own",
        ),
        (
            "fffffffffffffffff\r\ndata",
            "the length of a chunk is too large",
        ),
        (
            "2\r\ndata: x\n\n\r\n0\r\n\r\n",
            "a chunk is longer or shorter than its stated length",
        ),
    ] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
        ));
        let reason = Feed::connect(once(&server.http())).end_reason();
        assert_eq!(
            reason,
            format!("failed: the body of the answer breaks the rules of HTTP: {says}")
        );
    }
}

#[test]
fn content_types_are_compared_without_case_and_parameters() {
    for content_type in [
        "Text/Event-STREAM",
        "text/event-stream;charset=utf-8",
        "text/event-stream ; x=y",
    ] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\ndata: x\n\n"
        ));
        assert_eq!(
            summaries(&Feed::connect(once(&server.http())).to_end()),
            ["event message x"],
            "{content_type}"
        );
    }
}

#[test]
fn nothing_listens() {
    let address = refused_address();
    let feed = Feed::connect(again(&format!("http://{address}/"), 0));
    assert_eq!(
        feed.end_reason(),
        format!("failed: connection refused: nothing listens on {address}")
    );
}

#[test]
fn a_host_without_an_address() {
    // RFC 6761 6.4: a name under `invalid` has no address.
    let reason = Feed::connect(once("http://feed.invalid/")).end_reason();
    assert!(
        reason.contains("host not found") && reason.contains("feed.invalid"),
        "{reason}"
    );
}

#[test]
fn a_head_that_does_not_come_is_waited_for_no_longer_than_asked() {
    let server = Server::start(|_, peer| {
        peer.send("HTTP/1.1 200 OK\r\nContent-");
        peer.wait_for_end();
    });
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let mut spec = once(&server.http());
        spec.reading.choose(engine);
        spec.http.response_timeout = Some(Duration::from_millis(200));
        let start = Instant::now();
        let reason = Feed::connect(spec).end_reason();
        assert!(reason.contains("no answer within 200 ms"), "{reason}");
        assert!(start.elapsed() >= Duration::from_millis(200));
    }
}

#[test]
fn a_connection_is_not_waited_for_longer_than_asked() {
    // The TLS handshake, which never continues, counts as part of the connection.
    let server = Server::start_raw(|_, peer| peer.wait_for_end());
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let mut spec = again(&server.url("https", "/"), 0);
        spec.reading.choose(engine);
        spec.transport.connect_timeout = Duration::from_millis(200);
        let feed = Feed::connect(spec);
        let reason = feed.end_reason();
        assert!(reason.contains("no connection within 200 ms"), "{reason}");
        assert_eq!(feed.handle.status().asked_at, None);
    }
}

#[test]
fn a_body_may_take_longer_than_the_head() {
    // A busy machine may need longer than the first limit for the head.
    let limits = [1, 8, 60].map(Duration::from_secs);
    let records = limits.into_iter().find_map(body_after_the_limit);
    assert_eq!(summaries(&records.unwrap()), ["event message late"]);
}

/// Returns the records of a feed whose body begins after this limit for the head; `None` if the head missed the limit.
fn body_after_the_limit(limit: Duration) -> Option<Vec<Value>> {
    let gate = Gate::default();
    let inside = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        inside.wait();
        peer.send("data: late\n\n");
    });
    let mut spec = once(&server.http());
    spec.http.response_timeout = Some(limit);
    let asked = Instant::now();
    let feed = Feed::connect(spec);
    let records = feed.wait_for("the answer or the limit", |records| {
        states(records).len() > 1
    });
    if states(&records)[1] != "open" {
        gate.open();
        return None;
    }
    // The limit is real time. The body begins when it has passed since the request.
    while asked.elapsed() < limit + Duration::from_millis(150) {
        std::thread::yield_now();
    }
    gate.open();
    Some(feed.to_end())
}

#[test]
fn a_header_that_http_does_not_allow_sends_nothing() {
    let server = whole("");
    let mut spec = once(&server.http());
    spec.http.headers = vec![("X-Api-Key".into(), "hunter2\n".repeat(2).into())];
    let reason = Feed::connect(spec).end_reason();
    assert!(
        reason.contains("x-api-key") && !reason.contains("hunter2"),
        "{reason}"
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_proxy_that_was_asked_for_is_used_and_named_when_it_fails() {
    let proxy = whole("data: through the proxy\n\n");
    let mut spec = once("http://feed.invalid/x");
    spec.transport.proxy = Some(proxy.url("http", "").parse().unwrap());
    assert_eq!(
        summaries(&Feed::connect(spec.clone()).to_end()),
        ["event message through the proxy"]
    );
    assert!(
        proxy.requests()[0].starts_with("GET http://feed.invalid/x "),
        "{:?}",
        proxy.requests()
    );

    let address = refused_address();
    spec.transport.proxy = Some(format!("http://{address}").parse().unwrap());
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.contains("proxy") && reason.contains(&address.to_string()),
        "{reason}"
    );

    let strict = Server::answering("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    spec.transport.proxy = Some(strict.url("http", "").parse().unwrap());
    for url in ["http://feed.invalid/x", "https://feed.invalid/x"] {
        spec.url = url.parse().unwrap();
        let reason = Feed::connect(spec.clone()).end_reason();
        assert!(
            reason.starts_with(
                "failed: HTTP 407 Proxy Authentication Required: the proxy 127.0.0.1:"
            ),
            "{reason}"
        );
    }
}
