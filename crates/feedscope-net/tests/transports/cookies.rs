//! Cookies: a cookie that an answer or a handshake sets is sent at the reconnection, and to no other origin.

use crate::feed::{Feed, again, once};
use crate::server::{Server, header};

#[test]
fn what_a_stream_sets_is_sent_when_it_is_asked_again() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: session=7; Path=/\r\n\r\nretry: 1\n\n",
    );
    let mut spec = again(&server.http(), 1);
    spec.http.headers = vec![("Cookie".into(), "mine=1".into())];
    let feed = Feed::connect(spec);
    let records = feed.to_end();
    let cookies: Vec<_> = server
        .requests()
        .iter()
        .map(|head| header(head, "cookie").unwrap().to_owned())
        .collect();
    assert_eq!(cookies, ["mine=1", "mine=1; session=7"]);
    assert!(!format!("{records:?}").contains("session"), "{records:#?}");
}

#[test]
fn what_a_handshake_sets_is_sent_with_the_next() {
    let server = Server::start(|_, peer| peer.accept("Set-Cookie: session=7\r\n", &[]));
    Feed::connect(again(&server.ws(), 1)).to_end();
    server.wait_for_requests(2);
    assert_eq!(header(&server.requests()[0], "cookie"), None);
    assert_eq!(header(&server.requests()[1], "cookie"), Some("session=7"));
}

#[test]
fn a_cookie_stays_with_the_origin_that_set_it() {
    let away = Server::answering("HTTP/1.1 204 No Content\r\n\r\n");
    let there = away.http();
    let first = Server::answering(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nSet-Cookie: session=7; Path=/\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n"
    ));
    Feed::connect(once(&first.http())).to_end();
    assert_eq!(header(&away.requests()[0], "cookie"), None);
}
