//! Requests with a method and a body of their own, as streams of language models want them.

use std::io::Read as _;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::feed::{Feed, again, once, told};
use crate::server::{Peer, Server, header};

/// The bodies that a server was sent.
#[derive(Clone, Default)]
struct Bodies(Arc<Mutex<Vec<String>>>);

impl Bodies {
    fn read(&self, peer: &mut Peer) {
        let length = header(&peer.head, "content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        peer.socket.read_exact(&mut body).unwrap();
        self.0.lock().push(String::from_utf8(body).unwrap());
    }
}

const FEED: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 1\n\ndata: answer\n\n";

#[test]
fn a_body_is_posted_and_posted_again() {
    let bodies = Bodies::default();
    let seen = bodies.clone();
    let server = Server::start(move |_, peer| {
        seen.read(peer);
        peer.send(FEED);
    });
    let mut spec = again(&server.http(), 1);
    spec.body = Some(b"{\"stream\": true}".to_vec());
    let feed = Feed::connect(spec);
    feed.to_end();
    assert_eq!(*bodies.0.lock(), ["{\"stream\": true}"; 2]);
    for head in server.requests() {
        assert!(head.starts_with("POST /feed HTTP/1.1\r\n"), "{head}");
        let expected = Some("application/x-www-form-urlencoded");
        assert_eq!(header(&head, "content-type"), expected, "{head}");
    }
}

#[test]
fn method_and_content_type_are_as_typed() {
    let bodies = Bodies::default();
    let seen = bodies.clone();
    let server = Server::start(move |_, peer| {
        seen.read(peer);
        peer.send(FEED);
    });
    let mut spec = once(&server.http());
    spec.method = Some("REPORT".into());
    spec.body = Some(b"x".to_vec());
    spec.headers = vec![("content-type".into(), "text/plain".into())];
    Feed::connect(spec).to_end();
    let head = &server.requests()[0];
    assert!(head.starts_with("REPORT /feed "), "{head}");
    assert_eq!(header(head, "content-type"), Some("text/plain"), "{head}");
}

#[test]
fn redirects_turn_a_post_into_a_get_where_the_standard_says_so() {
    for (status, method) in [
        (301, "GET"),
        (302, "GET"),
        (303, "GET"),
        (307, "POST"),
        (308, "POST"),
    ] {
        let bodies = Bodies::default();
        let seen = bodies.clone();
        let server = Server::start(move |number, peer| {
            seen.read(peer);
            if number == 0 {
                peer.send(format!(
                    "HTTP/1.1 {status} Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
                ));
            } else {
                peer.send(FEED);
            }
        });
        let mut spec = once(&server.http());
        spec.body = Some(b"question".to_vec());
        assert!(!told(&Feed::connect(spec).to_end()).is_empty());
        let second = &server.requests()[1];
        assert!(
            second.starts_with(&format!("{method} /there ")),
            "{status}: {second}"
        );
        let kept = if method == "POST" { "question" } else { "" };
        assert_eq!(*bodies.0.lock(), ["question", kept], "{status}");
        let typed = header(second, "content-type").is_some();
        assert_eq!(typed, method == "POST", "{status}: {second}");
    }
}

#[test]
fn a_method_that_is_none_is_refused() {
    let mut spec = once("http://127.0.0.1:1/");
    spec.method = Some("GET /".into());
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.contains("\"GET /\" is no HTTP method"), "{reason}");
}
