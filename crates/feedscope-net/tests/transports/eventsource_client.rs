//! Engine `eventsource-client`: it delivers the same records as far as the crate provides them, with the same life of a
//! connection.

use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::Engine;

use crate::feed::{Feed, again, of_kind, once, states, summaries};
use crate::server::{Server, header, refused_address};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

fn read_by_the_crate(mut spec: FeedSpec) -> FeedSpec {
    spec.reading.choose(Engine::EventsourceClient);
    spec
}

#[test]
fn both_engines_tell_the_same_of_a_plain_feed() {
    let server = Server::answering(format!(
        "{HEAD}: hi\n\nretry: 2500\ndata: x\n\nevent: price\nid: 7\ndata: a\ndata: b\n\ndata: c\n\ndata: unfinished\n"
    ));
    let [native, other] = [
        once(&server.http()),
        read_by_the_crate(once(&server.http())),
    ]
    .map(|spec| {
        let feed = Feed::connect(spec);
        let records = feed.to_end();
        assert_eq!(feed.handle.status().last_event_id, "7");
        assert_eq!(states(&records), ["connecting", "open", "closed"]);
        assert_eq!(of_kind(&records, "retry")[0]["ms"], 2500);
        summaries(&records)
    });
    assert_eq!(native, other);
    assert_eq!(native[5..], ["note"], "the unfinished block");
}

#[test]
fn bytes_that_form_no_record_are_noted_as_with_the_native_engine() {
    let body = "id: 4\n\ndata: x\nDATA: y\n\nevent: z\ndata: w\n";
    let server = Server::answering(format!("{HEAD}{body}"));
    let [native, other] = [
        once(&server.http()),
        read_by_the_crate(once(&server.http())),
    ]
    .map(|spec| {
        let records = Feed::connect(spec).to_end();
        // The last record is the end of the feed.
        assert_eq!(records.last().unwrap()["state"], "closed");
        let notes = of_kind(&records, "note").into_iter();
        notes
            .map(|note| (note["code"].clone(), note["text"].clone()))
            .collect::<Vec<_>>()
    });
    assert_eq!(native.len(), 3, "{native:#?}");
    assert_eq!(native, other);
    // The crate gives up at a block of unknown fields alone.
    let server = Server::answering(format!("{HEAD}{{\"error\":\"overloaded\"}}\n\n"));
    let records = Feed::connect(read_by_the_crate(once(&server.http()))).to_end();
    assert_eq!(records.last().unwrap()["state"], "failed");
    let text = of_kind(&records, "note")[0]["text"].as_str().unwrap();
    assert!(text.contains("the body looks like a JSON error"), "{text}");
}

#[test]
fn reconnections_are_the_machines_and_send_the_last_id() {
    let server = Server::answering(format!("{HEAD}retry: 1\nid: 3\ndata: x\n\n"));
    let mut spec = read_by_the_crate(again(&server.http().replace("//", "//u:p@"), 2));
    spec.http.headers = vec![("X-Mine".into(), "1".into())];
    let records = Feed::connect(spec).to_end();
    assert_eq!(of_kind(&records, "event").len(), 3);
    assert_eq!(
        of_kind(&records, "gap").len(),
        2,
        "a resume is judged as ever"
    );
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(|head| header(head, "last-event-id").map(str::to_owned))
        .collect();
    assert_eq!(sent, [None, Some("3".into()), Some("3".into())]);
    let request = &server.requests()[2];
    assert_eq!(header(request, "authorization"), Some("Basic dTpw"));
    assert_eq!(header(request, "x-mine"), Some("1"));
}

#[test]
fn failures_are_told_as_ever() {
    let missing = Server::answering("HTTP/1.1 404 Not Found\r\n\r\n");
    let busy = Server::answering("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n");
    let odd = Server::answering(format!("{HEAD}data: x\n\nodd: field\n\n"));
    let endless = Server::answering(format!("{HEAD}data: {}", "x".repeat(1 << 20)));
    for (url, says) in [
        (missing.http(), "HTTP 404 Not Found"),
        (busy.http(), "it asks to wait 7 s"),
        (
            format!("http://{}/", refused_address()),
            "connection refused",
        ),
        (odd.http(), "the eventsource-client crate gave up"),
        (endless.http(), "longer than the limit of 1024 bytes"),
    ] {
        let mut spec = read_by_the_crate(once(&url));
        spec.keeping.max_message = 1024;
        let reason = Feed::connect(spec).end_reason();
        assert!(
            reason.starts_with("failed: ") && reason.contains(says),
            "{reason}"
        );
    }
}

#[test]
fn credentials_stay_with_their_origin_whatever_the_crate_would_do() {
    let away = Server::answering(format!("{HEAD}data: x\n\n"));
    let there = away.http();
    let first = Server::start(move |_, peer| {
        peer.send(format!(
            "HTTP/1.1 307 Elsewhere\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n"
        ));
    });
    let spec = read_by_the_crate(once(&first.http().replace("//", "//u:p@")));
    assert_eq!(
        summaries(&Feed::connect(spec).to_end()),
        ["event message x"]
    );
    assert_eq!(header(&away.requests()[0], "authorization"), None);
}
