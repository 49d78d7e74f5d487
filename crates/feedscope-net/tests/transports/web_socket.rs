//! WebSockets: wrong opening handshakes, messages in pieces, every kind of close, and peers that stop answering.

use std::time::Duration;

use feedscope_core::feed::{FeedCommand, FeedSpec, Outgoing, QueuedMessage};

use super::ENGINE;
use crate::feed::{Feed, of_kind, states, summaries};
use crate::server::{
    BINARY, CONTINUATION, FIN, Gate, PING, PONG, Peer, Server, TEXT, close, frame, header, text,
};

/// Starts a server that accepts each handshake and then runs the script.
pub(super) fn accepting(script: impl Fn(usize, &mut Peer) + Send + Sync + 'static) -> Server {
    Server::start(move |number, peer| {
        peer.accept("", &[]);
        script(number, peer);
    })
}

pub(super) fn once(url: &str) -> FeedSpec {
    let mut spec = crate::feed::once(url);
    spec.reading.choose(ENGINE);
    spec
}

pub(super) fn again(url: &str, times: u64) -> FeedSpec {
    let mut spec = crate::feed::again(url, times);
    spec.reading.choose(ENGINE);
    spec
}

pub(super) fn text_message(text: &str) -> FeedCommand {
    FeedCommand::Send(Outgoing::Text(text.into()))
}

#[test]
fn a_conversation_is_told_in_both_directions() {
    let server = accepting(|_, peer| {
        peer.send(text("welcome"));
        assert_eq!(peer.read_frame(), Some((TEXT, b"hello".to_vec())));
        peer.send(frame(FIN | BINARY, &[0, 255]));
        peer.send(frame(FIN | PING, b"p"));
        assert_eq!(peer.read_frame(), Some((PONG, b"p".to_vec())));
        peer.send(close(1000, "bye"));
        assert_eq!(peer.read_close_code(), Some(1000));
    });
    let feed = Feed::connect(again(&server.ws(), 9));
    feed.wait_for("welcome", |records| {
        summaries(records) == ["text in welcome"]
    });
    feed.handle.command(text_message("hello"));
    let records = feed.to_end();
    assert_eq!(
        states(&records),
        ["connecting", "open", "closed"],
        "1000 is not reopened"
    );
    assert_eq!(records[1]["status"], 101);
    assert_eq!(
        summaries(&records),
        [
            "text in welcome",
            "text out hello",
            "binary in AP8=",
            "ping in cA==",
            "pong out cA==",
            "close in bye 1000",
            "close out bye 1000"
        ]
    );
}

#[test]
fn the_opening_handshake_asks_as_rfc_6455_says() {
    let server = Server::answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let mut spec = once(&server.ws().replace("//", "//u:p@"));
    spec.transport.compression = false;
    spec.web_socket.subprotocols = vec!["a".into(), "b".into()];
    spec.http.headers = vec![("Origin".into(), "https://x.example".into())];
    Feed::connect(spec).to_end();
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /chat HTTP/1.1\r\n"), "{request}");
    for (name, value) in [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "a, b"),
        ("authorization", "Basic dTpw"),
        ("origin", "https://x.example"),
        (
            "user-agent",
            concat!("feedscope/", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        assert_eq!(header(request, name), Some(value), "{name} in {request}");
    }
    assert_eq!(
        header(request, "sec-websocket-key").unwrap().len(),
        24,
        "{request}"
    );
    assert_eq!(
        header(request, "sec-websocket-extensions"),
        None,
        "{request}"
    );
}

#[test]
fn answers_that_are_no_handshake_fail_with_a_reason() {
    let upgrade =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    for (answer, says) in [
        (
            format!("{}\r\n", upgrade.replace("HTTP/1.1", "HTTP/1.0")),
            "HTTP/1.0, which cannot be upgraded",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>".to_owned(),
            "HTTP 200",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nnot you".to_owned(),
            "not you",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: /there?token=hunter2\r\n\r\n".to_owned(),
            "follows no redirect; its target is ws://127.0.0.1:",
        ),
        (format!("{upgrade}\r\n"), "Sec-WebSocket-Accept"),
        (
            format!("{upgrade}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"),
            "does not answer our key",
        ),
        ("hello there\r\n\r\n".to_owned(), "not HTTP"),
    ] {
        let server = Server::answering(answer.clone());
        let feed = Feed::connect(again(&server.ws(), 9));
        let reason = feed.end_reason();
        assert!(
            reason.starts_with("failed") && reason.contains(says),
            "{reason} for {answer:?}"
        );
        assert!(!reason.contains("hunter2"), "{reason}");
        assert_eq!(
            states(&feed.records()),
            ["connecting", "failed"],
            "not tried again: {answer:?}"
        );
    }
}

#[test]
fn a_101_that_is_no_proper_handshake_fails() {
    for (more, says) in [
        ("Sec-WebSocket-Protocol: other\r\n", "subprotocol other"),
        (
            "Sec-WebSocket-Extensions: x-other\r\n",
            "extension x-other, which was not offered",
        ),
        ("Sec-WebSocket-Accept: twice\r\n", "does not answer our key"),
    ] {
        let server = Server::start(move |_, peer| peer.accept(more, &[]));
        let mut spec = once(&server.ws());
        spec.web_socket.subprotocols = vec!["mine".into()];
        let reason = Feed::connect(spec).end_reason();
        assert!(reason.contains(says), "{reason}");
    }
    let server = Server::start(|_, peer| {
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
    });
    let reason = Feed::connect(once(&server.ws())).end_reason();
    assert!(reason.contains("Upgrade: websocket"), "{reason}");
}

#[test]
fn a_subprotocol_is_told_and_none_is_fine() {
    for (more, chosen) in [("Sec-WebSocket-Protocol: b\r\n", Some("b")), ("", None)] {
        let server = Server::start(move |_, peer| {
            peer.accept(more, &[]);
            peer.wait_for_end();
        });
        let mut spec = once(&server.ws());
        spec.web_socket.subprotocols = vec!["a".into(), "b".into()];
        let feed = Feed::connect(spec);
        feed.wait_for_state("open");
        feed.wait_for_status("subprotocol", |status| {
            status.subprotocol.as_deref() == chosen
        });
    }
}

#[test]
fn a_handshake_that_does_not_come_is_waited_for_no_longer_than_asked() {
    let server = Server::start(|_, peer| peer.wait_for_end());
    let mut spec = once(&server.ws());
    spec.http.response_timeout = Some(Duration::from_millis(200));
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.contains("no answer within 200 ms"), "{reason}");
}

#[test]
fn frames_that_come_with_the_handshake_arrive() {
    let server = Server::start(|_, peer| {
        let glued = [text("one"), text("two"), frame(TEXT, b"thr")].concat();
        peer.accept("", &glued);
        peer.send([frame(FIN | CONTINUATION, b"ee"), close(1000, "")].concat());
        peer.wait_for_end();
    });
    let records = Feed::connect(once(&server.ws())).to_end();
    assert_eq!(
        summaries(&records)[..3],
        ["text in one", "text in two", "text in three"]
    );
}

#[test]
fn fragments_make_a_message_and_control_frames_may_stand_between() {
    let server = accepting(|_, peer| {
        let frames = [
            frame(TEXT, b"a\xc3"),
            frame(FIN | PING, b"1"),
            frame(CONTINUATION, b"\xbc"),
            frame(FIN | PONG, b"unasked"),
            frame(FIN | CONTINUATION, b"b"),
            close(1000, ""),
        ];
        // Each byte is sent alone, because the result must not depend on the size of the reads.
        for byte in frames.concat() {
            peer.send([byte]);
        }
        peer.wait_for_end();
    });
    let records = Feed::connect(once(&server.ws())).to_end();
    assert_eq!(
        summaries(&records)[..4],
        [
            "ping in MQ==",
            "pong out MQ==",
            "pong in dW5hc2tlZA==",
            "text in aüb"
        ]
    );
    assert!(
        of_kind(&records, "pong")
            .iter()
            .all(|pong| pong["rtt_ms"].is_null())
    );
}

#[test]
fn messages_wait_for_the_connection_and_are_sent_once() {
    let gate = Gate::default();
    let inside = gate.clone();
    let server = accepting(move |number, peer| {
        let mut got = Vec::new();
        while got.len() < 3 - number {
            let (_, payload) = peer.read_frame().unwrap();
            got.push(String::from_utf8(payload).unwrap());
        }
        if number == 0 {
            assert_eq!(got, ["login", "a", "c"]);
            inside.wait();
        } else {
            assert_eq!(got, ["login", "d"]);
            peer.send(close(1000, ""));
            peer.wait_for_end();
        }
    });
    let mut spec = again(&server.ws(), 1);
    spec.web_socket.send_on_connect = vec![Outgoing::Text("login".into())];
    let feed = Feed::open(spec);
    for line in ["a", "b", "c"] {
        feed.handle.command(text_message(line));
    }
    feed.wait_for_status("queue", |status| status.queue.len() == 3);
    assert_eq!(feed.handle.backlog(), 3);
    let QueuedMessage { number, .. } = feed.handle.status().queue[1];
    feed.handle.command(FeedCommand::GiveUp(number));
    feed.handle.command(FeedCommand::GiveUp(number));
    feed.wait_for("message given up", |records| {
        summaries(records) == ["text out b given up before it was sent"]
    });
    feed.handle.command(FeedCommand::Connect);
    feed.wait_for("first conversation", |records| {
        summaries(records).len() == 4
    });
    feed.wait_for_status("empty queue", |status| status.queue.is_empty());
    gate.open();
    feed.wait_for_state("reconnecting");
    feed.handle.command(text_message("d"));
    feed.wait_for_status("queue", |status| status.queue.len() == 1);
    let records = feed.to_end();
    assert_eq!(
        summaries(&records)[1..],
        [
            "text out login",
            "text out a",
            "text out c",
            // No pong had confirmed the messages when the connection broke.
            "note",
            "text out login",
            "text out d",
            "close in 1000",
            "close out 1000"
        ]
    );
}

#[test]
fn every_message_is_sent_back_when_asked_to() {
    let server = accepting(|_, peer| {
        peer.send([text("x"), frame(FIN | BINARY, b"y"), frame(FIN | PING, b"")].concat());
        let mut got = Vec::new();
        while got.len() < 3 {
            got.push(peer.read_frame().unwrap());
        }
        got.sort();
        assert_eq!(
            got,
            [
                (TEXT, b"x".to_vec()),
                (BINARY, b"y".to_vec()),
                (PONG, vec![])
            ]
        );
        peer.send(close(1000, ""));
        peer.wait_for_end();
    });
    let mut spec = once(&server.ws());
    spec.web_socket.echo = true;
    let feed = Feed::connect(spec);
    assert!(feed.end_reason().starts_with("closed"));
    let out: Vec<_> = summaries(&feed.records())
        .into_iter()
        .filter(|line| line.contains(" out "))
        .collect();
    assert!(
        out.contains(&"text out x".to_owned()) && out.contains(&"binary out eQ==".to_owned()),
        "{out:?}"
    );
}

#[test]
fn wrong_control_messages_are_not_sent() {
    let server = accepting(|_, peer| {
        assert_eq!(peer.read_frame(), Some((PING, b"mine".to_vec())));
        peer.send([frame(FIN | PONG, b"mine"), close(1000, "")].concat());
        peer.wait_for_end();
    });
    let feed = Feed::connect(once(&server.ws()));
    feed.handle
        .command(FeedCommand::Send(Outgoing::Ping(vec![0; 126])));
    feed.handle
        .command(FeedCommand::Send(Outgoing::Ping(b"mine".to_vec())));
    let records = feed.to_end();
    assert_eq!(summaries(&records)[0], "note", "{records:#?}");
    assert_eq!(summaries(&records)[1], "ping out bWluZQ==");
    assert!(of_kind(&records, "pong")[0]["rtt_ms"].is_number());
}
