//! Records of event streams: what a stream contains, in which pieces it arrives, and the bytes that form no record.

use feedscope_core::feed::{FeedCommand, Outgoing};

use crate::feed::{Feed, again, of_kind, once, states, summaries, word};
use crate::server::{Gate, Server, header};

pub(crate) const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

pub(crate) fn whole(body: &str) -> Server {
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
