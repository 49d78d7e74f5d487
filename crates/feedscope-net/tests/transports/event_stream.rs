//! Event streams: answers that are accepted or refused, the ends of streams, and the requests of reconnections.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::protocol::Engine;

use crate::feed::{DEADLINE, Feed, again, of_kind, once, states, summaries, word};
use crate::server::{Gate, Server, header, refused_address};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

fn whole(body: &str) -> Server {
    Server::answering(format!("{HEAD}{body}"))
}

#[test]
fn a_stream_is_told_from_connecting_to_closed() {
    let server = whole(
        ": hi\nretry: 2500\n\nevent: price\nid: 7\ndata: a\ndata: b\n\ndata: c\n\ndata: unfinished\n",
    );
    let feed = Feed::connect(once(&server.http()));
    let records = feed.to_end();
    assert_eq!(states(&records), ["connecting", "open", "closed"]);
    assert_eq!(
        summaries(&records),
        [
            "comment hi",
            "retry",
            "event price 7 a\nb",
            "event message 7 c",
            "note"
        ]
    );
    assert_eq!(last_note(&records).0, "unfinished_event");
    assert_eq!(records[1]["status"], 200);
    assert!(
        records.iter().all(|record| record["connection"] == 1),
        "{records:#?}"
    );
    assert_eq!(of_kind(&records, "retry")[0]["ms"], 2500);
    assert_eq!(feed.handle.status().last_event_id, "7");
}

#[test]
fn the_request_says_what_the_standard_and_the_user_want() {
    let server = whole("");
    let mut spec = once(
        &server
            .url("http", "/feed?a=b#fragment")
            .replace("//", "//user:p%20w@"),
    );
    spec.http.headers = vec![
        ("X-Mine".into(), "1".into()),
        ("Accept".into(), "*/*".into()),
    ];
    spec.http.last_event_id = "41".into();
    Feed::connect(spec).to_end();
    let request = &server.requests()[0];
    assert!(
        request.starts_with("GET /feed?a=b HTTP/1.1\r\n"),
        "{request}"
    );
    for (name, value) in [
        ("accept", "*/*"),
        ("cache-control", "no-cache"),
        ("pragma", "no-cache"),
        (
            "user-agent",
            concat!("feedscope/", env!("CARGO_PKG_VERSION")),
        ),
        ("authorization", "Basic dXNlcjpwIHc="),
        ("x-mine", "1"),
        ("last-event-id", "41"),
    ] {
        assert_eq!(header(request, name), Some(value), "{name} in {request}");
    }
    assert_eq!(
        request.to_lowercase().matches("\naccept:").count(),
        1,
        "{request}"
    );
}

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
            "a chunk is longer or shorter than its length says",
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
    const LIMIT: Duration = Duration::from_millis(150);
    let gate = Gate::default();
    let inside = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        inside.wait();
        peer.send("data: late\n\n");
    });
    let mut spec = once(&server.http());
    spec.http.response_timeout = Some(LIMIT);
    let asked = Instant::now();
    let feed = Feed::connect(spec);
    feed.wait_for("the answer", |records| states(records).contains(&"open"));
    // The limit is real time. The body begins when it would have passed since the request.
    while asked.elapsed() < 2 * LIMIT {
        std::thread::yield_now();
    }
    gate.open();
    assert_eq!(summaries(&feed.to_end()), ["event message late"]);
}

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
fn chunks_are_no_borders() {
    let body = "3\r\nda\u{74}\r\n6\r\na: x\n\n\r\n0\r\n\r\n";
    let server = Server::answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
    ));
    let feed = Feed::connect(once(&server.http()));
    assert_eq!(summaries(&feed.to_end()), ["event message x"]);
    assert!(feed.end_reason().starts_with("closed"));
}

#[test]
fn every_byte_by_itself_says_the_same() {
    let body = "\u{feff}data: grüße\r\n\r\n: ok\ndata: a\rdata: b\r\r\u{feff}data: x\n\n";
    let told_by = |server: &Server| summaries(&Feed::connect(once(&server.http())).to_end());
    let apart = Server::start(move |_, peer| {
        peer.send_feed_head();
        for byte in body.bytes() {
            peer.send([byte]);
        }
    });
    // A byte order mark that is not at the start belongs to the name of its field, so that the field is unknown.
    let expected = [
        "event message grüße",
        "comment ok",
        "event message a\nb",
        "note",
    ];
    assert_eq!(told_by(&apart), expected);
    assert_eq!(told_by(&whole(body)), expected);
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
fn headers_of_the_user_replace_those_of_the_standard() {
    let server = whole("");
    let mut spec = once(&server.http());
    spec.http.headers = vec![
        ("Cache-Control".into(), "max-age=0".into()),
        ("Pragma".into(), "".into()),
    ];
    Feed::connect(spec).to_end();
    let request = &server.requests()[0];
    assert_eq!(header(request, "cache-control"), Some("max-age=0"));
    assert_eq!(header(request, "pragma"), Some(""));
}

#[test]
fn a_comment_past_the_limit_is_skipped_alone() {
    let long = "x".repeat(100);
    let server = whole(&format!("data: a\n: {long}\n\n: short\n"));
    let mut spec = once(&server.http());
    spec.keeping.max_message = 64;
    let records = Feed::connect(spec).to_end();
    assert_eq!(
        summaries(&records),
        ["note", "event message a", "comment short"]
    );
    assert_eq!(
        last_note(&records),
        (
            "message_too_long".to_owned(),
            "a comment of 102 bytes was skipped: the limit is 64 bytes".to_owned()
        )
    );
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
fn a_block_past_the_limit_is_skipped_and_said_to_be() {
    let long = "x".repeat(4096);
    let server = whole(&format!("data: a\n\ndata: {long}\n\ndata: b\n\n"));
    let mut spec = once(&server.http());
    spec.keeping.max_message = 1024;
    let records = Feed::connect(spec).to_end();
    let kinds: Vec<_> = records.iter().map(|record| word(record, "kind")).collect();
    assert_eq!(
        kinds,
        ["state", "state", "event", "note", "event", "state"],
        "{records:#?}"
    );
    assert_eq!(of_kind(&records, "note")[0]["code"], "message_too_long");
}

/// Returns the code and the text of the last note.
fn last_note(records: &[serde_json::Value]) -> (String, String) {
    let note = of_kind(records, "note").pop().expect("there is a note");
    (word(note, "code").to_owned(), word(note, "text").to_owned())
}

#[test]
fn bytes_that_form_no_record_are_reported() {
    for (body, code, says) in [
        (
            "{\"error\":{\"message\":\"model overloaded\"}}",
            "ignored_lines",
            "(40 bytes); nothing else has arrived on this connection, and the body looks like a JSON error",
        ),
        (
            "<html><body>Log in</body></html>\n",
            "ignored_lines",
            "the body looks like an HTML page",
        ),
        (
            "data: a\n\nDATA: b\n\n",
            "ignored_lines",
            "ignored 1 line (7 bytes); the line is not a field of an event stream: DATA: b",
        ),
        (
            "event: ping\n\n",
            "event_without_data",
            "the block has the type ping and no data",
        ),
        (
            "data: a\n\nid: 7\nevent: done\ndata: the last\n",
            "unfinished_event",
            "type done; id 7; data: the last",
        ),
    ] {
        let records = Feed::connect(once(&whole(body).http())).to_end();
        let (got_code, text) = last_note(&records);
        assert_eq!(got_code, code, "{body}");
        assert!(text.contains(says), "{body}: {text}");
        assert_eq!(word(records.last().unwrap(), "state"), "closed");
    }
}

#[test]
fn each_connection_reports_its_own_bytes() {
    let server = Server::start(|_, peer| peer.send(format!("{HEAD}retry: 100\n{{}}\n")));
    let records = Feed::connect(again(&server.http(), 1)).to_end();
    let connections: Vec<_> = of_kind(&records, "note")
        .iter()
        .map(|note| (word(note, "code").to_owned(), note["connection"].as_u64()))
        .collect();
    let code = || "ignored_lines".to_owned();
    assert_eq!(connections, [(code(), Some(1)), (code(), Some(2))]);
}

#[test]
fn what_the_user_cut_off_is_reported() {
    let gate = Gate::default();
    let end = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        peer.send("data: a\n\ndata: b\n");
        end.wait();
    });
    let feed = Feed::connect(once(&server.http()));
    feed.wait_for("the event", |records| {
        summaries(records) == ["event message a"]
    });
    feed.handle.command(FeedCommand::Disconnect);
    let (code, _) = last_note(&feed.to_end());
    assert_eq!(code, "unfinished_event");
    gate.open();
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
fn an_event_stream_takes_no_messages_and_says_so() {
    let server = Server::start(|_, peer| {
        peer.send_feed_head();
        peer.wait_for_end();
    });
    let feed = Feed::connect(once(&server.http()));
    feed.handle
        .command(FeedCommand::Send(Outgoing::Text("hello".into())));
    feed.wait_for("the message", |records| {
        summaries(records) == ["text out hello an event stream takes no messages"]
    });
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
fn the_newest_id_is_published_while_the_stream_is_open() {
    let server = Server::start(|_, peer| {
        peer.send_feed_head();
        peer.send("id: 12\ndata\n\n");
        peer.wait_for_end();
    });
    let feed = Feed::connect(once(&server.http()));
    feed.wait_for_status("last event ID", |status| status.last_event_id == "12");
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

#[test]
fn odd_blocks_are_told_as_the_standard_reads_them() {
    let server = Server::start(|_, peer| {
        peer.send_feed_head();
        peer.send(b"id: 1\n\nretry: 2000\n\ndata: \xff \xe2\x82");
        peer.send(b"\xac \xf0\x9f\n\nid: 2\n\n: \xc3\n\n");
        peer.send(format!("data: {}\n\ndata: after it\n\n", "x".repeat(100)));
    });
    let mut spec = once(&server.http());
    spec.keeping.max_message = 64;
    let feed = Feed::connect(spec);
    let mut records = feed.to_end();
    let without_data = records.extract_if(.., |record| record["code"] == "event_without_data");
    let text = without_data
        .map(|note| word(&note, "text").to_owned())
        .collect::<Vec<_>>()
        .join("\n");
    assert!(text.contains("the last event ID is now 1"), "{text}");
    assert_eq!(
        summaries(&records),
        [
            "retry",
            // The bytes are not UTF-8.
            "event message 1 /yDigqwg8J8=",
            "comment ww==",
            "note",
            "event message 2 after it"
        ]
    );
    let note = of_kind(&records, "note")[0];
    assert_eq!(note["code"], "message_too_long");
    assert!(word(note, "text").contains("limit is 64 bytes"), "{note}");
}

#[test]
fn an_event_that_is_too_long_is_told_though_it_never_ends() {
    let gate = Gate::default();
    let end = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send_feed_head();
        peer.send("x".repeat(100));
        end.wait();
    });
    let mut spec = once(&server.http());
    spec.keeping.max_message = 64;
    let feed = Feed::connect(spec);
    let notes = |records: &[serde_json::Value]| {
        of_kind(records, "note")
            .iter()
            .map(|note| word(note, "text").to_owned())
            .collect::<Vec<_>>()
    };
    feed.wait_for("a note", |records| !of_kind(records, "note").is_empty());
    gate.open();
    let notes = notes(&feed.to_end());
    assert_eq!(
        notes,
        [
            "an event of 100 bytes so far is being skipped: the limit is 64 bytes",
            "an event of 100 bytes was skipped: the limit is 64 bytes"
        ]
    );
}
