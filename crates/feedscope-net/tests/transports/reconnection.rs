//! Ends of event streams, and the requests of reconnections.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use feedscope_core::feed::FeedCommand;

use crate::event_stream::{HEAD, whole};
use crate::feed::{DEADLINE, Feed, again, of_kind, once, states, summaries, word};
use crate::server::{Gate, Server, header, refused_address};

#[test]
fn a_reset_in_the_middle_of_an_event_loses_that_event_only() {
    let gate = Gate::default();
    let inside = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        peer.send("id: 1\ndata: whole\n\nid: 2\ndata: hal");
        peer.reset_at_end();
        inside.wait();
    });
    let feed = Feed::connect(once(&server.http()));
    feed.wait_for("the event", |records| {
        summaries(records) == ["event message 1 whole"]
    });
    gate.open();
    let reason = feed.end_reason();
    assert!(reason.contains("reset"), "{reason}");
    let records = feed.records();
    assert_eq!(summaries(&records), ["event message 1 whole", "note"]);
    let note = of_kind(&records, "note")[0];
    assert_eq!(note["code"], "unfinished_event");
    assert!(
        word(note, "text").ends_with("; id 2; a line without its end: data: hal"),
        "{note}"
    );
    assert_eq!(
        feed.handle.status().last_event_id,
        "1",
        "the unfinished block's id goes with it"
    );
}

#[test]
fn a_body_cut_short_of_its_length_is_no_orderly_end() {
    for body in [
        "Content-Length: 100\r\n\r\ndata: x\n\n",
        "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: x\n\n\r\n",
    ] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{body}"
        ));
        let feed = Feed::connect(once(&server.http()));
        let reason = feed.end_reason();
        assert!(
            reason.starts_with("failed: connection lost"),
            "{reason} for {body:?}"
        );
        assert_eq!(summaries(&feed.records()), ["event message x"]);
    }
}

#[test]
fn reconnections_carry_the_last_event_id_until_it_changes() {
    let server = Server::start(|number, peer| match number {
        0 => peer.send(format!("{HEAD}retry: 100\nid: 5\ndata: a\n\n")),
        // The first reconnections are refused in different ways.
        1 => {}
        2 => peer.send("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\n\r\n"),
        3 => peer.send(format!("{HEAD}id: 6\ndata: b\n\n")),
        _ => peer.send(format!("{HEAD}id\ndata: c\n\n")),
    });
    let feed = Feed::connect(again(&server.http(), 5));
    let records = feed.to_end();
    let ids: Vec<_> = server
        .requests()
        .iter()
        .map(|head| header(head, "last-event-id").map(str::to_owned))
        .collect();
    let some = |id: &str| Some(id.to_owned());
    assert_eq!(
        ids,
        [None, some("5"), some("5"), some("5"), some("6"), None]
    );
    let waits = records
        .iter()
        .filter(|record| record["state"] == "reconnecting");
    let delays: Vec<_> = waits
        .map(|record| record["delay_ms"].as_u64().unwrap())
        .collect();
    assert!(delays.iter().all(|&delay| delay >= 100), "{delays:?}");
    assert_eq!(word(records.last().unwrap(), "state"), "closed");
}

#[test]
fn an_id_that_a_header_cannot_carry_is_not_sent_in_part() {
    let server = Server::start(|number, peer| {
        peer.send(if number == 0 {
            format!("{HEAD}retry: 100\nid: č\u{1}7\ndata\n\n")
        } else {
            format!("{HEAD}id: 8\ndata\n\n")
        });
    });
    let records = Feed::connect(again(&server.http(), 2)).to_end();
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(|request| header(request, "last-event-id").map(str::to_owned))
        .collect();
    assert_eq!(sent, [None, None, Some("8".to_owned())]);
    let notes = of_kind(&records, "note");
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0]["code"], "last_event_id_not_sent");
    assert_eq!(notes[0]["connection"], 2);
    assert_eq!(
        notes[0]["text"],
        "the last event ID is not sent, because a header cannot carry its control characters: č␁7"
    );
}

#[test]
fn an_id_that_is_not_sent_is_noted_once_until_the_feed_is_open_again() {
    let server = Server::start(|number, peer| {
        peer.send(match number {
            0 | 3 => format!("{HEAD}retry: 100\nid: \u{1}{number}\ndata\n\n"),
            1 | 2 | 4 => "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n".to_owned(),
            _ => format!("{HEAD}id: 8\ndata\n\n"),
        });
    });
    let records = Feed::connect(again(&server.http(), 5)).to_end();
    let notes: Vec<_> = of_kind(&records, "note")
        .into_iter()
        .map(|note| note["connection"].as_u64().unwrap())
        .collect();
    assert_eq!(notes, [2, 5], "{records:#?}");
}

#[test]
fn retry_after_is_kept_and_cut_short_by_the_user() {
    let server = Server::start(|number, peer| {
        peer.send(if number == 0 {
            "HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\n\r\n"
        } else {
            HEAD
        });
    });
    let feed = Feed::connect(again(&server.http(), 1));
    let records = feed.wait_for_state("reconnecting");
    assert!(
        records.last().unwrap()["delay_ms"].as_u64().unwrap() >= 3_600_000,
        "{records:#?}"
    );
    feed.wait_for_status("end of the wait", |status| status.retry_at.is_some());
    feed.handle.command(FeedCommand::RetryNow);
    assert_eq!(
        states(&feed.to_end()),
        ["connecting", "reconnecting", "connecting", "open", "closed"]
    );
}

#[test]
fn what_a_resume_lost_stands_before_the_event_that_told() {
    let server = Server::start(|number, peer| {
        let ids = if number == 0 {
            "retry: 100\nid: 1\ndata\n\nid: 2\ndata\n\n"
        } else {
            "id: 5\ndata\n\n"
        };
        peer.send(format!("{HEAD}{ids}"));
    });
    let feed = Feed::connect(again(&server.http(), 1));
    let records = feed.to_end();
    let kinds: Vec<_> = records.iter().map(|record| word(record, "kind")).collect();
    assert!(
        kinds.ends_with(&["state", "gap", "event", "state"]),
        "{kinds:?}"
    );
    let gap = of_kind(&records, "gap")[0];
    assert_eq!(
        (&gap["missing"], &gap["connection"]),
        (&2.into(), &2.into()),
        "{gap:#?}"
    );
    assert_eq!(feed.handle.status().missed, Some(2));
}

#[test]
fn disconnecting_ends_the_stream_and_is_neutral() {
    let (ended, seen) = sync_channel(1);
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        peer.wait_for_end();
        ended.send(()).unwrap();
    });
    let feed = Feed::connect(again(&server.http(), 9));
    feed.wait_for_state("open");
    feed.handle.command(FeedCommand::Disconnect);
    assert_eq!(
        states(&feed.to_end()),
        ["connecting", "open", "closing", "closed"]
    );
    seen.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn an_attempt_and_a_wait_can_be_stopped() {
    let server = Server::start(|_, peer| peer.wait_for_end());
    let feed = Feed::connect(again(&server.http(), 9));
    server.wait_for_requests(1);
    feed.handle.command(FeedCommand::Disconnect);
    assert_eq!(states(&feed.to_end()), ["connecting", "closing", "closed"]);

    let feed = Feed::connect(again(&format!("http://{}/", refused_address()), 9));
    feed.wait_for_state("reconnecting");
    feed.handle.command(FeedCommand::Disconnect);
    assert_eq!(
        states(&feed.to_end()),
        ["connecting", "reconnecting", "closed"]
    );
}

#[test]
fn a_feed_can_be_connected_again_with_its_id() {
    let server = whole("id: 3\ndata\n\n");
    let feed = Feed::connect(once(&server.http()));
    feed.to_end();
    feed.handle.command(FeedCommand::Connect);
    let records = feed.to_end();
    assert_eq!(
        states(&records),
        [
            "connecting",
            "open",
            "closed",
            "connecting",
            "open",
            "closed"
        ]
    );
    assert_eq!(records.last().unwrap()["connection"], 2);
    assert_eq!(header(&server.requests()[1], "last-event-id"), Some("3"));
}

#[test]
fn a_feed_that_never_was_connected_ends_when_told_to() {
    let feed = Feed::open(once("http://127.0.0.1:1/"));
    assert!(!feed.handle.wait_ended(Duration::ZERO));
    feed.handle.command(FeedCommand::Disconnect);
    assert!(feed.handle.wait_ended(DEADLINE));
    assert!(feed.records().is_empty());
}

#[test]
fn dropping_the_handle_ends_the_stream() {
    let (ended, seen) = sync_channel(1);
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        peer.wait_for_end();
        ended.send(()).unwrap();
    });
    let feed = Feed::connect(again(&server.http(), 9));
    feed.wait_for_state("open");
    let _net = feed.drop_handle();
    seen.recv_timeout(DEADLINE).unwrap();
}

#[test]
fn the_newest_id_is_published_while_the_stream_is_open() {
    let server = Server::start(|_, peer| {
        peer.send_feed_head();
        peer.send("id: 12\ndata\n\n");
        peer.wait_for_end();
    });
    let feed = Feed::connect(once(&server.http()));
    feed.wait_for_status("last event ID", |status| status.last_event_id == "12");
}
