//! Recordings that `serve` plays to clients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

use super::{ECHO, Folder, STREAM, arrived, record_stream, text, url};
use crate::cli::quick_demo;
use crate::support::DEADLINE;
use crate::support::program::{Ended, Program, Running, run, run_for};
use crate::support::server::{After, Server};

/// Starts `serve`, and returns it with the URLs of its feeds.
fn serve(path: &Path, options: &[&str], feeds: usize) -> (Running, Vec<String>) {
    let arguments = [&["serve", text(path)], options].concat();
    let server = Program::new(&arguments).spawn();
    let urls = (0..feeds).map(|_| server.line()).collect();
    (server, urls)
}

#[test]
fn a_served_event_stream_is_the_recorded_one() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    record_stream(&path, STREAM);
    let recorded = arrived(&run(&["tail", text(&path)]));
    let (server, urls) = serve(&path, &["--end", "--speed", "0"], 1);
    let played = run(&["tail", &urls[0], "--reconnect", "never"]);
    assert_eq!(arrived(&played), recorded);
    assert!(urls[0].starts_with("http://127.0.0.1:") && urls[0].ends_with("/stream"));
    // A client resumes after its ID, and after the last one there is nothing more.
    let resumed = run(&[
        "tail",
        &urls[0],
        "--reconnect",
        "never",
        "--last-event-id",
        "1",
    ]);
    assert_eq!(arrived(&resumed), recorded[4..]);
    let over = run(&["tail", &urls[0], "--last-event-id", "3"]);
    over.expect_status(0);
    assert!(arrived(&over).is_empty());
    assert_eq!(over.records().last().unwrap()["state"], "closed");
    server.signal("INT");
    server.end().expect_status(130);
}

#[test]
fn a_served_web_socket_is_the_recorded_one() {
    let demo = quick_demo();
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let echo = url(&demo, ECHO);
    let arguments = ["record", &echo, "-O", text(&path), "--force"];
    let sent = ["--send", "caf\u{e9}", "--send", "two"];
    let recorded = || arrived(&run(&["tail", text(&path)]));
    let has_both = |_: &Ended| recorded().len() == 2;
    run_for(&[&arguments[..], &sent].concat(), has_both).expect_status(0);
    let recorded = recorded();
    assert_eq!(recorded.len(), 2, "{recorded:?}");
    let (_server, urls) = serve(&path, &["--speed", "0"], 1);
    assert!(urls[0].starts_with("ws://127.0.0.1:"), "{urls:?}");
    let played = run(&["tail", &urls[0]]);
    played.expect_status(0);
    assert_eq!(arrived(&played), recorded);
    let close = played
        .records()
        .into_iter()
        .find(|record| record["kind"] == "close");
    assert_eq!(close.unwrap()["code"], 1000);
}

#[test]
fn drops_are_played_one_connection_after_the_other() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let server = Server::event_stream("retry: 1\nid: 1\ndata: one\n\n", After::Close);
    let stream = server.url("http", "/stream");
    let arguments = [
        "record",
        &stream,
        "-O",
        text(&path),
        "--max-reconnects",
        "1",
    ];
    run(&arguments).expect_status(0);
    let file = run(&["tail", text(&path)]);
    let (_server, urls) = serve(&path, &["--drops"], 1);
    let played = run(&["tail", &urls[0], "--max-reconnects", "1"]);
    played.expect_status(0);
    assert_eq!(arrived(&played), arrived(&file));
    let connections = |ended: &Ended| {
        let records = ended.records().into_iter();
        records.filter(|record| record["state"] == "open").count()
    };
    assert_eq!((connections(&file), connections(&played)), (2, 2));
}

#[test]
fn the_pace_is_the_recorded_one() {
    let folder = Folder::new();
    let path = folder.path("a.ndjson");
    // Ten minutes are between the two events.
    let event = |at: &str| {
        format!(
            r#"{{"at":"2026-11-21T{at}Z","connection":1,"kind":"event","event":"a","id":"","data":"x"}}"#
        )
    };
    let lines = ["05:49:00.000000", "05:59:00.000000"].map(event);
    std::fs::write(&path, lines.join("\n")).unwrap();
    let (_server, urls) = serve(&path, &["--end", "--speed", "1200"], 1);
    let played = run(&["tail", &urls[0], "--reconnect", "never"]);
    played.expect_status(0);
    let records = played.records();
    let at =
        |record: &Value| -> jiff::Timestamp { record["at"].as_str().unwrap().parse().unwrap() };
    let events: Vec<_> = records
        .iter()
        .filter(|record| record["kind"] == "event")
        .collect();
    assert_eq!(events.len(), 2, "{played:#?}");
    // A busy machine may be late, but the second event is never early. At another speed it would be later than any run.
    let waited = at(events[1]).duration_since(at(&records[0])).as_secs_f64();
    assert!(waited >= 0.5, "{waited} s");
}

#[test]
fn only_pages_of_allowed_origins_may_read() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    record_stream(&path, "data: x\n\n");
    let options = [
        "--end",
        "--speed",
        "0",
        "--allow-origin",
        "https://app.test",
    ];
    let (_server, urls) = serve(&path, &options, 1);
    let host = urls[0].split('/').nth(2).unwrap();
    for (headers, status, part) in [
        (format!("Host: {host}"), 200, "data: x"),
        (
            format!("Host: {host}\r\nOrigin: https://app.test"),
            200,
            "access-control-allow-origin: https://app.test",
        ),
        (
            format!("Host: {host}\r\nOrigin: https://evil.test"),
            403,
            "--allow-origin",
        ),
        ("Host: evil.test".to_owned(), 421, "localhost"),
    ] {
        let mut socket = TcpStream::connect(host).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        let request = format!("GET /stream HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(socket);
        let mut answer = String::new();
        reader.read_line(&mut answer).unwrap();
        assert!(
            answer.contains(&format!(" {status} ")),
            "{headers}: {answer}"
        );
        reader.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(part), "{headers}: {answer}");
    }
}
