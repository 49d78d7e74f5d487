//! Output of `tail`.

use std::fmt::Write as _;
#[cfg(unix)]
use std::io::{BufRead as _, BufReader, PipeWriter, Read as _};
#[cfg(unix)]
use std::time::Instant;

#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::Value;

use super::quick_demo;
#[cfg(unix)]
use crate::support::DEADLINE;
use crate::support::program::{Ended, Program, Running, record, run, run_for};
use crate::support::server::{After, Server};

fn kinds(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["kind"].as_str().unwrap())
        .collect()
}

fn states(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .filter_map(|record| record["state"].as_str())
        .collect()
}

#[test]
fn an_event_stream_is_told_from_connecting_to_closed() {
    let demo = quick_demo();
    let url = format!("{}/events", demo.http_url());
    let has_events = |ended: &Ended| {
        let records = ended.records();
        kinds(&records)
            .iter()
            .filter(|kind| **kind == "event")
            .count()
            > 5
    };
    let ended = run_for(&["tail", &url], has_events);
    ended.expect_status(0);
    let records = ended.records();
    let states = states(&records);
    assert_eq!(
        (states[0], states[1], *states.last().unwrap()),
        ("connecting", "open", "closed"),
        "{states:?}"
    );
    assert_eq!(
        (&records[0]["attempt"], &records[0]["reconnects"]),
        (&1.into(), &0.into())
    );
    assert_eq!(
        records
            .iter()
            .find(|record| record["state"] == "open")
            .unwrap()["status"],
        200
    );
    let ids: Vec<u64> = records
        .iter()
        .filter(|record| record["kind"] == "event")
        .map(|record| record["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(
        ids.len() > 5 && ids.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{ids:?}"
    );
    for record in &records {
        assert_eq!(
            (&record["connection"], &record["feed"]),
            (&1.into(), &Value::Null),
            "{record}"
        );
        assert!(
            record["at"]
                .as_str()
                .is_some_and(|at| at.len() == 27 && at.ends_with('Z')),
            "{record}"
        );
    }
    assert_eq!(ended.err, "");
}

#[test]
fn a_web_socket_is_told_with_what_was_sent_and_what_came() {
    let demo = quick_demo();
    let url = format!("{}/echo", demo.ws_url());
    let has_echo = |ended: &Ended| {
        let records = ended.records();
        kinds(&records)
            .iter()
            .filter(|kind| **kind == "text")
            .count()
            > 1
    };
    let ended = run_for(&["tail", &url, "--send", "hello"], has_echo);
    ended.expect_status(0);
    let records = ended.records();
    let texts: Vec<_> = records
        .iter()
        .filter(|record| record["kind"] == "text")
        .map(|record| {
            (
                record["direction"].as_str().unwrap(),
                record["data"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(texts, [("out", "hello"), ("in", "hello")]);
    assert_eq!(
        records
            .iter()
            .find(|record| record["state"] == "open")
            .unwrap()["status"],
        101
    );
    assert_eq!(states(&records).last(), Some(&"closed"));
    assert!(kinds(&records).contains(&"close"), "{ended:#?}");
}

#[test]
fn lines_of_standard_input_are_sent_in_their_place() {
    let demo = quick_demo();
    let url = format!("{}/echo", demo.ws_url());
    let arguments = [
        "tail", &url, "--send", "first", "--send", "-", "--send", "last",
    ];
    let mut running = Program::new(&arguments).with_input().spawn();
    let received = |expected: &str, running: &Running| {
        let record =
            running.record_where(|record| record["direction"] == "in" && record["kind"] == "text");
        assert_eq!(record["data"], expected);
    };
    received("first", &running);
    running.write("one\r\ntwo\n");
    received("one", &running);
    received("two", &running);
    running.write("three");
    running.close_input();
    received("three", &running);
    received("last", &running);
}

#[test]
fn frames_of_stomp_are_sent_whole_from_standard_input() {
    let demo = quick_demo();
    let url = format!("{}/echo", demo.ws_url());
    let mut running = Program::new(&["tail", &url, "--send", "-"])
        .with_input()
        .spawn();
    running.write("CONNECT\naccept-version:1.2\n\n\0\nDISCONNECT\n\n\0\n");
    running.close_input();
    for expected in ["CONNECT\naccept-version:1.2\n\n\0", "DISCONNECT\n\n\0"] {
        let record =
            running.record_where(|record| record["direction"] == "in" && record["kind"] == "text");
        assert_eq!(record["data"], expected);
    }
}

#[test]
fn several_feeds_have_short_names_and_never_their_urls() {
    let body = "data: x\n\n";
    let (one, other) = (
        Server::event_stream(body, After::Close),
        Server::event_stream(body, After::Close),
    );
    let urls = [
        one.url("http", "/events?token=s3cret"),
        other.url("http", "/a/events"),
        other.url("http", "/"),
    ];
    let ended = run(&[
        "tail",
        &urls[0],
        &urls[1],
        &urls[2],
        "--max-reconnects",
        "0",
    ]);
    ended.expect_status(0);
    for name in ["events", "events-2", "127.0.0.1"] {
        let of_feed: Vec<_> = ended
            .records()
            .into_iter()
            .filter(|record| record["feed"] == name)
            .collect();
        assert_eq!(
            kinds(&of_feed),
            ["state", "state", "event", "state"],
            "{name}: {ended:#?}"
        );
    }
    assert_eq!(ended.out.len(), 12);
    assert!(!ended.out.concat().contains("s3cret"));
}

#[test]
fn count_only_prints_the_summary_alone() {
    let server = Server::event_stream(
        ":no\nretry: 5000\ndata: abc\n\nid\ndata: de\ndata: f\n\ndata:\n\n",
        After::Close,
    );
    let ended = run(&[
        "tail",
        &server.url("http", "/"),
        "--max-reconnects",
        "0",
        "--count-only",
    ]);
    ended.expect_status(0);
    let [line] = &ended.out[..] else {
        panic!("{ended:#?}")
    };
    let summary = record(line);
    assert_eq!(
        (&summary["kind"], &summary["events"], &summary["bytes"]),
        (&"summary".into(), &3.into(), &7.into())
    );
    assert!(summary["seconds"].as_f64().unwrap() >= 0.0);
}

/// Returns the text output for an event that contains control sequences for terminals.
fn text_of_evil() -> Ended {
    let server = Server::event_stream(
        "event: \u{1b}[31m\nid: 7\ndata: a\u{202e}b\u{1b}]0;x\u{7}\ndata: \u{9b}c\n\n",
        After::Close,
    );
    let ended = run(&[
        "tail",
        &server.url("http", "/"),
        "--max-reconnects",
        "0",
        "-o",
        "text",
    ]);
    ended.expect_status(0);
    ended
}

#[test]
fn text_for_people_passes_no_escape_sequences_on() {
    let ended = text_of_evil();
    let text = ended.out.join("\n");
    assert!(
        !text
            .chars()
            .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
        "{text:?}"
    );
    assert!(text.contains("a<U+202E>b␛]0;x␇␊<U+009B>c"), "{text:?}");
}

#[test]
fn text_for_people_stands_in_columns() {
    let ended = text_of_evil();
    let rest: Vec<_> = ended.out.iter().map(|line| line.split_at(12)).collect();
    for (time, _) in &rest {
        let shape: String = time
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "00:00:00.000", "{ended:#?}");
    }
    assert_eq!(rest[0].1, " · connecting");
    assert_eq!(rest[1].1, " · open                  HTTP 200");
    assert!(
        rest[2].1.starts_with(" ↓ ␛[31m        7        a"),
        "{ended:#?}"
    );
}

/// Waits until the pipe has no room, so that the program waits for its reader.
#[cfg(unix)]
fn wait_until_full(pipe: &PipeWriter) {
    let at_once = Timespec::default();
    let until = Instant::now() + DEADLINE;
    while poll(&mut [PollFd::new(pipe, PollFlags::OUT)], Some(&at_once)).unwrap() > 0 {
        assert!(Instant::now() < until, "the pipe is not full");
        std::thread::yield_now();
    }
}

#[cfg(unix)]
#[test]
fn a_slow_reader_loses_nothing() {
    const EVENTS: u64 = 60_000;
    let mut body = String::new();
    for id in 1..=EVENTS {
        write!(body, "id: {id}\ndata: {id:0100}\n\n").unwrap();
    }
    let server = Server::event_stream(&body, After::Close);
    let (reader, writer) = std::io::pipe().unwrap();
    let running = Program::new(&["tail", &server.url("http", "/"), "--max-reconnects", "0"])
        .with_output(writer.try_clone().unwrap())
        .spawn();
    let mut reader = BufReader::new(reader);
    let mut text = String::new();
    for _ in 0..20 {
        wait_until_full(&writer);
        // The buffer of the reader holds several lines; reading all of them makes room in the pipe.
        reader.fill_buf().unwrap();
        let buffered = reader.buffer().len();
        reader
            .by_ref()
            .take(buffered as u64)
            .read_to_string(&mut text)
            .unwrap();
    }
    // The end of the pipe is not reached while this copy of its writing side is open.
    drop(writer);
    reader.read_to_string(&mut text).unwrap();
    running.end().expect_status(0);
    let ids = text
        .lines()
        .map(record)
        .filter(|record| record["kind"] == "event");
    let ids: Vec<u64> = ids
        .map(|record| record["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(
        ids.iter().copied().eq(1..=EVENTS),
        "{} of {EVENTS}",
        ids.len()
    );
}

#[test]
fn what_is_sent_on_connect_is_sent_on_every_connection() {
    let demo = quick_demo();
    let url = format!("{}/echo", demo.ws_url());
    let running = Program::new(&["tail", &url, "--send-on-connect", "login"]).spawn();
    let answer = |record: &Value| record["direction"] == "in" && record["data"] == "login";
    assert_eq!(running.record_where(answer)["connection"], 1);
    demo.drop_connections();
    assert_eq!(running.record_where(answer)["connection"], 2);
}

#[test]
fn columns_show_fields_in_place_of_the_payload() {
    let body = "data: {\"symbol\":\"ACME\",\"price\":\"101.50\"}\n\n\
        event: tick\ndata: {\"symbol\":\"B\",\"price\":7}\n\n: alive\n\n";
    let server = Server::event_stream(body, After::Close);
    let ended = run(&[
        "tail",
        &server.url("http", "/stream"),
        "--reconnect",
        "never",
        "-o",
        "text",
        "--columns",
        "type,.symbol,.price",
    ]);
    let received = |line: &&String| line.contains("ACME") || line.contains('B');
    let lines: Vec<&String> = ended.out.iter().filter(received).collect();
    // The states of the connection came first, so that their words are the widest types.
    assert_eq!(
        lines,
        ["message     ACME  101.50", "tick        B          7"]
    );
    assert!(
        ended.out.contains(&"comment     alive".to_owned()),
        "{ended:#?}"
    );
}
