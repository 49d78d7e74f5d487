//! Lines over HTTP: the answers that are read by lines, how their streams end, and what the requests ask for.

use feedscope_core::feed::FeedCommand;
use feedscope_core::protocol::StreamFormat;

use crate::feed::{Feed, again, of_kind, once, states, summaries, word};
use crate::server::{Gate, Server, header};

/// An answer with a length, so that its end is known.
fn whole(content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[test]
fn each_line_is_a_record_and_a_clean_end_closes_the_feed() {
    let body = "{\"price\":1}\r\n\n\n: no comment\ndata: no field\nlast";
    let server = Server::answering(whole("application/x-ndjson; charset=utf-8", body));
    // Under this policy, an event stream would be opened again.
    let feed = Feed::connect(again(&server.http(), 5));
    let records = feed.to_end();
    assert_eq!(states(&records), ["connecting", "open", "closed"]);
    let mut all = summaries(&records);
    assert_eq!(all.pop().as_deref(), Some("note"));
    assert_eq!(
        all,
        [
            "line {\"price\":1}",
            "line : no comment",
            "line data: no field",
            "line last"
        ]
    );
    let note = of_kind(&records, "note")[0];
    assert_eq!(word(note, "code"), "keep_alives");
    assert!(word(note, "text").ends_with(": 2"), "{note}");
    assert!(feed.handle.status().reads_lines);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(
        header(&server.requests()[0], "accept"),
        Some("text/event-stream"),
        "only the option asks for lines"
    );
}

#[test]
fn a_server_cannot_forge_records() {
    let body = "{\"at\":\"2026-11-21T05:49:14.524118Z\",\"connection\":1,\"kind\":\"state\",\"state\":\"failed\"}\n";
    let server = Server::answering(whole("application/jsonl", body));
    let records = Feed::connect(once(&server.http())).to_end();
    assert_eq!(states(&records), ["connecting", "open", "closed"]);
    assert_eq!(word(of_kind(&records, "line")[0], "data"), body.trim_end());
}

#[test]
fn a_text_sequence_is_split_at_its_separator() {
    let body = "\u{1e}{\"a\":\n1}\n\u{1e}[2]\n";
    let server = Server::answering(whole("application/json-seq", body));
    let records = Feed::connect(once(&server.http())).to_end();
    assert_eq!(summaries(&records), ["line {\"a\":\n1}", "line [2]"]);
}

#[test]
fn a_stream_that_breaks_is_opened_again() {
    let server = Server::start(|number, peer| {
        let length = if number == 0 { 100 } else { 6 };
        let body = if number == 0 { "one\nhalf" } else { "two\n3\n" };
        peer.send(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
    });
    let feed = Feed::connect(again(&server.http(), 5));
    feed.wait_for_state("reconnecting");
    feed.handle.command(FeedCommand::RetryNow);
    let records = feed.to_end();
    assert_eq!(
        states(&records),
        [
            "connecting",
            "open",
            "reconnecting",
            "connecting",
            "open",
            "closed"
        ]
    );
    let unfinished = of_kind(&records, "note")[0];
    assert_eq!(word(unfinished, "code"), "unfinished_line");
    assert!(word(unfinished, "text").ends_with("half"), "{unfinished}");
    let lines: Vec<_> = of_kind(&records, "line")
        .iter()
        .map(|line| (word(line, "data").to_owned(), line["connection"].as_u64()))
        .collect();
    assert_eq!(
        lines,
        [
            ("one".to_owned(), Some(1)),
            ("two".to_owned(), Some(2)),
            ("3".to_owned(), Some(2))
        ]
    );
    // Without ids, nothing is known about lines that were lost.
    let gaps = of_kind(&records, "gap");
    assert_eq!(
        (gaps.len(), &gaps[0]["missing"]),
        (1, &serde_json::Value::Null)
    );
}

#[test]
fn the_option_reads_an_answer_of_any_type() {
    let server = Server::answering(whole("application/json", "{\"a\":1}\n{\"a\":2}\n"));
    let feed = Feed::connect(once(&server.http()));
    let reason = feed.end_reason();
    assert_eq!(
        reason,
        r#"failed: the server sent application/json, not text/event-stream; it begins with {"a":1}"#
    );
    let mut spec = once(&server.http());
    spec.reading.format = StreamFormat::Lines;
    let records = Feed::connect(spec.clone()).to_end();
    assert_eq!(summaries(&records), ["line {\"a\":1}", "line {\"a\":2}"]);
    let asked = header(&server.requests()[1], "accept").map(str::to_owned);
    assert!(asked.is_some_and(|asked| asked.starts_with("application/x-ndjson, ")));
    // A header of the user replaces it.
    spec.http.headers = vec![("Accept".to_owned(), "text/plain".into())];
    Feed::connect(spec).to_end();
    assert_eq!(header(&server.requests()[2], "accept"), Some("text/plain"));

    let server = Server::answering(whole("text/plain", "data: x\n\n"));
    let mut spec = once(&server.http());
    spec.reading.format = StreamFormat::EventStream;
    assert_eq!(
        summaries(&Feed::connect(spec).to_end()),
        ["event message x"]
    );
}

#[test]
fn a_406_says_what_the_server_has() {
    let server = Server::answering(
        "HTTP/1.1 406 Not Acceptable\r\nContent-Type: text/plain\r\n\r\nonly NDJSON here",
    );
    let reason = Feed::connect(again(&server.http(), 5)).end_reason();
    assert!(
        reason.contains("HTTP 406") && reason.ends_with("only NDJSON here"),
        "{reason}"
    );
    let mut spec = once(&server.http());
    spec.reading.format = StreamFormat::Lines;
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.contains("HTTP 406"), "{reason}");
}

#[test]
fn a_line_past_the_limit_is_skipped_even_if_it_never_ends() {
    let gate = Gate::default();
    let theirs = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/ndjson\r\n\r\n");
        peer.send(format!("{}\nok\n{}", "x".repeat(65), "y".repeat(100)));
        theirs.wait();
    });
    let mut spec = once(&server.http());
    spec.keeping.max_message = 64;
    let feed = Feed::connect(spec);
    let has_second_note = |records: &[serde_json::Value]| of_kind(records, "note").len() == 2;
    feed.wait_for("the second note", has_second_note);
    gate.open();
    let records = feed.to_end();
    let notes = of_kind(&records, "note");
    assert_eq!(
        notes
            .iter()
            .map(|note| word(note, "text"))
            .collect::<Vec<_>>(),
        [
            "a line of 65 bytes was skipped: the limit is 64 bytes",
            "a line of 100 bytes so far is being skipped: the limit is 64 bytes",
            "a line of 100 bytes was skipped: the limit is 64 bytes"
        ]
    );
    assert_eq!(of_kind(&records, "line").len(), 1);
}

#[test]
fn a_line_arrives_before_its_stream_ends() {
    let gate = Gate::default();
    let theirs = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json-seq\r\n\r\n\u{1e}{\"a\":1}\n");
        theirs.wait();
    });
    let feed = Feed::connect(once(&server.http()));
    feed.wait_for("the line", |records| of_kind(records, "line").len() == 1);
    feed.handle.command(FeedCommand::Disconnect);
    let records = feed.to_end();
    gate.open();
    assert_eq!(
        states(&records),
        ["connecting", "open", "closing", "closed"]
    );
    assert_eq!(of_kind(&records, "note"), Vec::<&serde_json::Value>::new());
}

#[test]
fn an_engine_for_event_streams_gives_no_second_opinion() {
    let server = Server::answering(whole("application/x-ndjson", "1\n"));
    let mut spec = once(&server.http());
    spec.reading.event_stream_second_opinion = true;
    let records = Feed::connect(spec).to_end();
    assert_eq!(
        of_kind(&records, "note")[0]["text"],
        "eventsource-client reads event streams only, and this answer is read by lines"
    );
    assert_eq!(of_kind(&records, "line").len(), 1);
}
