//! Ends of WebSockets: closing handshakes, broken protocols, and peers that vanish or never read.

use std::time::{Duration, Instant};

use feedscope_core::feed::{FeedCommand, FeedSpec, Outgoing};
use feedscope_core::protocol::CloseCode;

use super::web_socket::{accepting, again, once, text_message};
use crate::feed::{DEADLINE, Feed, of_kind, states, summaries, word};
use crate::server::{
    BINARY, CLOSE, CONTINUATION, FIN, Gate, PING, PONG, Server, TEXT, close, frame, text,
};

#[test]
fn broken_protocols_are_closed_with_the_code_that_says_so() {
    let masked = [&[FIN | TEXT, 0x81][..], &[1, 2, 3, 4], &[b'x' ^ 1]].concat();
    for (frames, code) in [
        (masked, 1002),
        (frame(FIN | 3, b""), 1002),
        (frame(FIN | 0x40 | TEXT, b""), 1002),
        (frame(FIN | CONTINUATION, b"nothing to continue"), 1002),
        (frame(PING, b""), 1002),
        (frame(FIN | PING, &[0; 126]), 1002),
        (frame(FIN | CLOSE, &[3]), 1002),
        (frame(FIN | TEXT, b"\xff"), 1007),
        (
            [frame(TEXT, b"\xc3"), frame(FIN | CONTINUATION, b"(")].concat(),
            1007,
        ),
        (frame(FIN | BINARY, &[0; 1025]), 1009),
        (
            [
                frame(BINARY, &[0; 600]),
                frame(FIN | CONTINUATION, &[0; 600]),
            ]
            .concat(),
            1009,
        ),
        (
            vec![FIN | BINARY, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255],
            1009,
        ),
    ] {
        let (sent, codes) = std::sync::mpsc::sync_channel(1);
        let offense = frames.clone();
        let server = accepting(move |_, peer| {
            peer.send([text("before"), offense.clone(), text("after")].concat());
            sent.send(peer.read_close_code()).unwrap();
        });
        let mut spec = again(&server.ws(), 0);
        spec.keeping.max_message = 1024;
        let feed = Feed::connect(spec);
        let reason = feed.end_reason();
        assert!(
            reason.starts_with("failed") && reason.contains(&code.to_string()),
            "{reason} for {frames:?}"
        );
        assert_eq!(
            codes.recv_timeout(DEADLINE).unwrap(),
            Some(code),
            "{reason}"
        );
        let records = feed.records();
        let said = summaries(&records);
        assert_eq!(said[0], "text in before");
        assert!(said.last().unwrap().starts_with("close out"), "{said:?}");
        assert_eq!(of_kind(&records, "close")[0]["code"], code);
    }
}

#[test]
fn closes_of_the_peer_are_answered_and_told() {
    for (sent, told_as, ends) in [
        (
            close(1000, "done"),
            vec!["close in done 1000", "close out done 1000"],
            "closed",
        ),
        (
            close(1001, ""),
            vec!["close in 1001", "close out 1001"],
            "failed",
        ),
        (
            close(4321, "why"),
            vec!["close in why 4321", "close out why 4321"],
            "failed",
        ),
        (
            frame(FIN | CLOSE, b""),
            vec!["close in 1005", "close out 1005"],
            "failed",
        ),
    ] {
        let server = accepting(move |_, peer| {
            peer.send(&sent);
            peer.wait_for_end();
        });
        let feed = Feed::connect(again(&server.ws(), 0));
        let reason = feed.end_reason();
        assert!(reason.starts_with(ends), "{reason}");
        assert_eq!(summaries(&feed.records()), told_as);
    }
}

#[test]
fn a_close_that_is_not_1000_is_followed_by_a_reconnection() {
    let server = accepting(|number, peer| {
        peer.send(close(if number == 0 { 1012 } else { 1000 }, ""));
        peer.wait_for_end();
    });
    let records = Feed::connect(again(&server.ws(), 1)).to_end();
    assert_eq!(
        states(&records),
        [
            "connecting",
            "open",
            "reconnecting",
            "connecting",
            "open",
            "closed"
        ],
        "{records:#?}"
    );
}

#[test]
fn a_peer_that_vanishes_is_no_close() {
    let server = accepting(|_, peer| peer.send(text("before")));
    let feed = Feed::connect(once(&server.ws()));
    let reason = feed.end_reason();
    assert!(reason.contains("1006"), "{reason}");
    assert_eq!(summaries(&feed.records()), ["text in before"]);

    let gate = Gate::default();
    let inside = gate.clone();
    let server = accepting(move |_, peer| {
        peer.reset_at_end();
        inside.wait();
    });
    let feed = Feed::connect(once(&server.ws()));
    feed.wait_for_state("open");
    gate.open();
    let reason = feed.end_reason();
    assert!(reason.contains("reset"), "{reason}");
}

/// Returns the texts of the notes about messages that may not have arrived.
fn unconfirmed(records: &[serde_json::Value]) -> Vec<String> {
    of_kind(records, "note")
        .iter()
        .filter(|note| note["code"] == "unconfirmed")
        .map(|note| word(note, "text").to_owned())
        .collect()
}

#[test]
fn a_note_counts_the_messages_that_a_broken_connection_may_have_lost() {
    let gate = Gate::default();
    let inside = gate.clone();
    let server = accepting(move |_, peer| {
        assert_eq!(peer.read_frame(), Some((TEXT, b"a".to_vec())));
        assert_eq!(peer.read_frame(), Some((PING, b"p".to_vec())));
        peer.send(frame(FIN | PONG, b"p"));
        // The peer closes the connection with two messages unread.
        peer.reset_at_end();
        inside.wait();
    });
    let feed = Feed::connect(again(&server.ws(), 0));
    feed.wait_for_state("open");
    feed.handle.command(text_message("a"));
    feed.handle
        .command(FeedCommand::Send(Outgoing::Ping(b"p".to_vec())));
    feed.wait_for("pong", |records| !of_kind(records, "pong").is_empty());
    feed.handle.command(text_message("b"));
    feed.handle.command(text_message("c"));
    feed.wait_for("messages", |records| of_kind(records, "text").len() == 3);
    gate.open();
    let records = feed.to_end();
    let notes = unconfirmed(&records);
    assert_eq!(notes.len(), 1, "{records:#?}");
    assert!(
        notes[0].starts_with("up to 2 messages sent in the last "),
        "{notes:?}"
    );
    // The note precedes the state that it explains.
    assert_eq!(word(records.last().unwrap(), "state"), "failed");
}

#[test]
fn a_message_that_came_back_is_not_counted_as_lost() {
    let gate = Gate::default();
    let inside = gate.clone();
    let server = accepting(move |_, peer| {
        assert_eq!(peer.read_frame(), Some((TEXT, b"Hello".to_vec())));
        peer.send(text(r#"{"from":"guest","text":"Hello"}"#));
        inside.wait();
        peer.reset_at_end();
    });
    let feed = Feed::connect(again(&server.ws(), 0));
    feed.wait_for_state("open");
    feed.handle.command(text_message("Hello"));
    feed.wait_for("echo", |records| of_kind(records, "text").len() == 2);
    gate.open();
    let records = feed.to_end();
    assert_eq!(unconfirmed(&records), [""; 0]);
    assert_eq!(word(records.last().unwrap(), "state"), "failed");
}

#[test]
fn a_closing_handshake_confirms_every_message() {
    let server = accepting(|_, peer| {
        assert_eq!(peer.read_frame(), Some((TEXT, b"a".to_vec())));
        assert_eq!(peer.read_close_code(), Some(1000));
        peer.send(close(1000, ""));
    });
    let feed = Feed::connect(once(&server.ws()));
    feed.wait_for_state("open");
    feed.handle.command(text_message("a"));
    feed.wait_for("message", |records| !of_kind(records, "text").is_empty());
    feed.handle.command(FeedCommand::Disconnect);
    assert_eq!(unconfirmed(&feed.to_end()), [""; 0]);
    // A peer that closes the connection without a close frame confirms nothing.
    let server = accepting(|_, peer| {
        assert_eq!(peer.read_close_code(), Some(1000));
    });
    let feed = Feed::connect(once(&server.ws()));
    feed.wait_for_state("open");
    feed.handle.command(text_message("a"));
    feed.wait_for("message", |records| !of_kind(records, "text").is_empty());
    feed.handle.command(FeedCommand::Disconnect);
    let notes = unconfirmed(&feed.to_end());
    assert!(
        notes.len() == 1 && notes[0].starts_with("up to 1 message sent"),
        "{notes:?}"
    );
}

#[test]
fn disconnecting_makes_the_closing_handshake() {
    let server = accepting(|_, peer| {
        assert_eq!(peer.read_close_code(), Some(1000));
        // A message that was already on its way is still recorded.
        peer.send([text("last words"), close(1000, "")].concat());
    });
    let feed = Feed::connect(again(&server.ws(), 9));
    feed.wait_for_state("open");
    feed.handle.command(FeedCommand::Disconnect);
    let records = feed.to_end();
    assert_eq!(
        states(&records),
        ["connecting", "open", "closing", "closed"]
    );
    assert_eq!(
        summaries(&records),
        ["close out 1000", "text in last words", "close in 1000"]
    );
}

#[test]
fn a_close_that_was_entered_carries_its_code() {
    let server = accepting(|_, peer| {
        assert_eq!(peer.read_frame(), Some((TEXT, b"first".to_vec())));
        let (opcode, payload) = peer.read_frame().unwrap();
        assert_eq!((opcode, &payload[..]), (CLOSE, &b"\x0f\xa1that is all"[..]));
        peer.send(close(4001, ""));
    });
    let feed = Feed::connect(again(&server.ws(), 9));
    feed.handle.command(text_message("first"));
    feed.handle.command(FeedCommand::Send(Outgoing::Close {
        code: CloseCode(4001),
        reason: "that is all".into(),
    }));
    let records = feed.to_end();
    assert_eq!(
        states(&records),
        ["connecting", "open", "closing", "closed"]
    );
    assert_eq!(
        summaries(&records),
        [
            "text out first",
            "close out that is all 4001",
            "close in 4001"
        ]
    );
}

#[test]
fn a_peer_that_never_answers_a_close_is_left_after_three_seconds() {
    let server = accepting(|_, peer| peer.wait_for_end());
    let feed = Feed::connect(once(&server.ws()));
    feed.wait_for_state("open");
    let start = Instant::now();
    feed.handle.command(FeedCommand::Disconnect);
    assert_eq!(
        states(&feed.to_end()),
        ["connecting", "open", "closing", "closed"]
    );
    assert!(
        start.elapsed() >= Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn the_keepalive_measures_round_trips() {
    let server = accepting(|_, peer| {
        for _ in 0..2 {
            let (opcode, payload) = peer.read_frame().unwrap();
            assert_eq!(opcode, PING);
            peer.send(frame(FIN | PONG, &payload));
        }
        peer.send(close(1000, ""));
        peer.wait_for_end();
    });
    let mut spec = once(&server.ws());
    // The connection ends if a ping is not answered before the next one is due. The interval is long enough for a busy
    // machine.
    spec.web_socket.keepalive = Some(Duration::from_secs(2));
    let feed = Feed::connect(spec);
    let records = feed.to_end();
    assert_eq!(
        summaries(&records)[..4],
        [
            "ping out MQ==",
            "pong in MQ==",
            "ping out Mg==",
            "pong in Mg=="
        ]
    );
    assert!(
        of_kind(&records, "pong")
            .iter()
            .all(|pong| pong["rtt_ms"].as_f64().unwrap() >= 0.0)
    );
    assert!(feed.handle.status().rtt.is_some());
}

#[test]
fn a_half_open_peer_is_found_by_the_keepalive() {
    // The peer accepts all data and never sends any, like a host that was disconnected behind its router.
    let server = accepting(|_, peer| peer.wait_for_end());
    let mut spec = once(&server.ws());
    spec.web_socket.keepalive = Some(Duration::from_millis(50));
    let feed = Feed::connect(spec);
    let reason = feed.end_reason();
    assert!(reason.contains("no answer to a ping"), "{reason}");
    assert_eq!(summaries(&feed.records()), ["ping out MQ=="]);
}

#[test]
fn a_peer_that_sends_is_alive_even_if_it_answers_no_ping() {
    let server = accepting(|_, peer| {
        // The peer sends data all the time, until it has received three pings. Two intervals without data would end the
        // connection, so that the interval is long enough for a busy machine.
        let mut asked = 0;
        while asked < 3 {
            peer.send(text("tick"));
            if peer.speaks_within(Duration::from_millis(20)) {
                assert_eq!(peer.read_frame().unwrap().0, PING);
                asked += 1;
            }
        }
        peer.send(close(1000, ""));
        peer.wait_for_end();
    });
    let mut spec = once(&server.ws());
    spec.web_socket.keepalive = Some(Duration::from_secs(2));
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.starts_with("closed"), "{reason}");
}

/// Fills all buffers between the client and a peer that does not read.
fn clog(feed: &Feed) {
    feed.wait_for_state("open");
    for _ in 0..64 {
        feed.handle
            .command(FeedCommand::Send(Outgoing::Binary(vec![0; 1 << 20])));
    }
    feed.wait_for_status("clogged socket", |status| !status.queue.is_empty());
}

/// Starts a server that never reads. It sends these bytes after the gate opens.
fn deaf(gate: &Gate, says: Vec<u8>) -> Server {
    let inside = gate.clone();
    accepting(move |_, peer| {
        inside.wait();
        peer.send(&says);
        // The connection stays open and unread for longer than any test runs.
        Gate::default().wait();
    })
}

#[test]
fn a_peer_that_never_reads_is_still_heard() {
    let gate = Gate::default();
    let server = deaf(&gate, text("hear me"));
    let feed = Feed::connect(once(&server.ws()));
    clog(&feed);
    gate.open();
    feed.wait_for("message", |records| {
        summaries(records).contains(&"text in hear me".to_owned())
    });
    assert!(!feed.handle.status().queue.is_empty());
}

#[test]
fn a_peer_that_never_reads_does_not_stop_disconnecting() {
    let gate = Gate::default();
    let server = deaf(&gate, Vec::new());
    let feed = Feed::connect(again(&server.ws(), 9));
    clog(&feed);
    feed.handle.command(FeedCommand::Disconnect);
    // It ends although the peer reads only after the gate opens.
    assert_eq!(
        states(&feed.to_end()),
        ["connecting", "open", "closing", "closed"]
    );
    assert!(
        !feed.handle.status().queue.is_empty(),
        "what was not handed over waits on"
    );
    gate.open();
}

#[test]
fn a_peer_that_never_reads_is_found_by_the_keepalive() {
    let gate = Gate::default();
    let server = deaf(&gate, Vec::new());
    let mut spec = once(&server.ws());
    spec.web_socket.keepalive = Some(Duration::from_millis(300));
    let feed = Feed::connect(spec);
    clog(&feed);
    let reason = feed.end_reason();
    assert!(reason.contains("no answer to a ping"), "{reason}");
    gate.open();
}

#[test]
fn what_is_echoed_to_a_peer_that_never_reads_is_bounded() {
    let message = frame(FIN | BINARY, &vec![0; 1 << 20]);
    let gate = Gate::default();
    gate.open();
    let server = deaf(&gate, message.repeat(40));
    let mut spec = once(&server.ws());
    spec.web_socket.echo = true;
    let feed = Feed::connect(spec);
    feed.wait_for("message that is not echoed", |records| {
        records.iter().any(|record| {
            record["failed"]
                .as_str()
                .is_some_and(|why| why.contains("not echoed"))
        })
    });
    feed.wait_for("all messages", |records| {
        records
            .iter()
            .filter(|record| record["direction"] == "in")
            .count()
            == 40
    });
}

#[test]
fn ending_everything_ends_a_connection_at_once() {
    let (ended, seen) = std::sync::mpsc::sync_channel(1);
    let server = accepting(move |_, peer| {
        peer.wait_for_end();
        ended.send(()).unwrap();
    });
    let spec: FeedSpec = once(&server.ws());
    let feed = Feed::connect(spec);
    feed.wait_for_state("open");
    let handle = feed.drop_net();
    seen.recv_timeout(DEADLINE).unwrap();
    assert!(
        !handle.wait_ended(DEADLINE),
        "it did not end: it was cut off"
    );
}

#[test]
fn what_still_waits_when_the_feed_is_dropped_is_told_as_not_sent() {
    let feed = Feed::open(once("ws://127.0.0.1:1/"));
    feed.handle.command(text_message("never said"));
    feed.wait_for_status("a message that waits", |status| status.queue.len() == 1);
    feed.drop_handle_and_wait_for("the message", |records| {
        summaries(records) == ["text out never said the feed was closed before it was sent"]
    });
}
