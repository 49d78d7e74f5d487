//! Requests with their own method and body, which streams of language models require.

use std::io::Read as _;
use std::sync::Arc;

use feedscope_core::ConnectionState;
use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedCommand, FeedSpec, Resend};
use feedscope_core::protocol::Engine;
use parking_lot::Mutex;

use crate::feed::{Feed, again, once, states, summaries};
use crate::server::{Gate, Peer, Server, header, refused_address};

/// Request bodies that a server has received.
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

/// Starts a server that reads the whole request and sends this answer. A server that leaves a body unread would end
/// with a reset.
fn answering(answer: impl Into<Vec<u8>>) -> Server {
    let answer = answer.into();
    Server::start(move |_, peer| {
        Bodies::default().read(peer);
        peer.send(&answer);
    })
}

/// Returns a spec that posts a body to `url` and may reconnect often.
fn post(url: &str) -> FeedSpec {
    let mut spec = again(url, 9);
    spec.http.body = Some(b"{\"stream\": true}".to_vec().into());
    spec
}

/// Asserts that a feed fails at once, after one request, with the advice for a request that is sent once.
fn fails_after_one_request(spec: FeedSpec, server: &Server, says: &str) {
    let reason = Feed::connect(spec).end_reason();
    assert!(
        reason.starts_with("failed") && reason.contains(says),
        "{reason}"
    );
    assert!(
        reason.contains("the POST request is sent only once"),
        "{reason}"
    );
    assert!(reason.contains("--resend"), "{reason}");
    assert_eq!(server.requests().len(), 1, "{reason}");
}

#[test]
fn a_post_is_sent_once_though_its_stream_ended() {
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let server = answering(FEED);
        let mut spec = post(&server.http());
        spec.reading.choose(engine);
        let feed = Feed::connect(spec);
        let records = feed.to_end();
        assert_eq!(states(&records), ["connecting", "open", "closed"]);
        assert_eq!(server.requests().len(), 1);
        // The user may still send the request again.
        feed.handle.command(FeedCommand::Connect);
        feed.to_end();
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_post_that_is_to_be_resent_is_posted_again() {
    let bodies = Bodies::default();
    let seen = bodies.clone();
    let server = Server::start(move |_, peer| {
        seen.read(peer);
        peer.send(FEED);
    });
    let mut spec = again(&server.http(), 1);
    spec.http.body = Some(b"{\"stream\": true}".to_vec().into());
    spec.life.resend = Resend::Always;
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
fn a_post_is_sent_once_though_its_stream_broke() {
    for (engine, policy) in [
        (Engine::Native, ReconnectPolicy::Persistent),
        (Engine::Native, ReconnectPolicy::Browser),
        (Engine::EventsourceClient, ReconnectPolicy::Persistent),
    ] {
        let cut = FEED.replace("\r\n\r\n", "\r\nContent-Length: 1000\r\n\r\n");
        let server = answering(cut);
        let mut spec = post(&server.http());
        spec.reading.choose(engine);
        spec.life.policy = policy;
        fails_after_one_request(spec, &server, "connection lost");
    }
}

#[test]
fn a_post_is_sent_once_though_it_got_no_good_answer() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    for engine in [Engine::Native, Engine::EventsourceClient] {
        for (answer, says) in [("", "connection lost"), (busy, "HTTP 503")] {
            let server = answering(answer);
            let mut spec = post(&server.http());
            spec.reading.choose(engine);
            fails_after_one_request(spec, &server, says);
        }
    }
    // A request that a proxy received may have reached the server behind it.
    let proxy = answering("");
    let mut spec = post("http://feed.invalid/");
    spec.transport.proxy = Some(proxy.url("http", "").parse().unwrap());
    fails_after_one_request(spec, &proxy, "connection lost");
    // A server that redirects has received the request, even if the next request fails.
    let target = refused_address();
    let server = answering(format!(
        "HTTP/1.1 303 See Other\r\nLocation: http://{target}/\r\nContent-Length: 0\r\n\r\n"
    ));
    fails_after_one_request(post(&server.http()), &server, "connection refused");
}

#[test]
fn an_attempt_that_failed_before_the_post_was_sent_is_repeated() {
    let tunnels = Server::start_raw(|_, _| {});
    let no_tls = Server::start_raw(|_, peer| {
        peer.socket.read_exact(&mut [0; 1]).ok();
    });
    let mut proxied = post("https://feed.invalid/");
    proxied.transport.proxy = Some(tunnels.url("http", "").parse().unwrap());
    let mut refused = post(&format!("http://{}/", refused_address()));
    refused.life.policy = ReconnectPolicy::Browser;
    let mut other_engine = post(&format!("http://{}/", refused_address()));
    other_engine.reading.choose(Engine::EventsourceClient);
    for spec in [
        refused,
        other_engine,
        post("http://feed.invalid/"),
        post(&no_tls.url("https", "/")),
        proxied,
    ] {
        let feed = Feed::connect(spec.clone());
        let records = feed.wait_for_state("reconnecting");
        assert_eq!(states(&records), ["connecting", "reconnecting"], "{spec:?}");
    }
}

#[test]
fn the_status_has_the_time_of_a_request_without_an_answer() {
    for (scheme, head, engine) in [
        ("http", FEED, Engine::Native),
        ("http", FEED, Engine::EventsourceClient),
        ("ws", "HTTP/1.1 404 Not Found\r\n\r\n", Engine::Native),
    ] {
        let gate = Gate::default();
        let answered = gate.clone();
        let server = Server::start(move |_, peer| {
            answered.wait();
            peer.send(head);
        });
        let mut spec = once(&server.url(scheme, "/"));
        spec.reading.choose(engine);
        let feed = Feed::connect(spec);
        feed.wait_for_status("request sent", |status| {
            status.state == ConnectionState::Connecting && status.asked_at >= Some(status.since)
        });
        gate.open();
        feed.to_end();
        assert_eq!(feed.handle.status().asked_at, None);
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
    spec.http.method = Some("REPORT".into());
    spec.http.body = Some(b"x".to_vec().into());
    spec.http.headers = vec![("content-type".into(), "text/plain".into())];
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
        spec.http.body = Some(b"question".to_vec().into());
        assert!(!summaries(&Feed::connect(spec).to_end()).is_empty());
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
    spec.http.method = Some("GET /".into());
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.contains("\"GET /\" is no HTTP method"), "{reason}");
}
