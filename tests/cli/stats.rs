//! `stats`: the measures that it prints, and when it prints them.

use std::net::TcpListener;

use serde_json::Value;

use super::quick_demo;
use crate::support::program::{Ended, Program, run, run_for};
use crate::support::server::{After, Server};

/// The one object that was printed.
#[track_caller]
fn object(ended: &Ended) -> Value {
    let mut records = ended.records();
    assert_eq!(records.len(), 1, "{ended:#?}");
    records.remove(0)
}

#[test]
fn a_feed_that_ends_is_measured_exactly() {
    let body = "event: price\nid: 1\ndata: 12345\n\nevent: price\nid: 2\ndata: 123\n\ndata: é\n\n";
    let server = Server::event_stream(body, After::Close);
    let url = server.url("http", "/ticks?token=s3cret");
    let ended = run(&["stats", &url, "--reconnect", "never", "-o", "json"]);
    ended.expect_status(0);
    let stats = object(&ended);
    assert_eq!(stats["feed"], "ticks");
    assert!(!ended.out[0].contains("s3cret"), "{ended:#?}");
    assert_eq!(stats["records"], 3);
    assert_eq!(stats["bytes"], 10);
    assert_eq!(
        stats["types"],
        serde_json::json!({"price": 2, "message": 1})
    );
    assert_eq!(stats["connections"], 1);
    assert_eq!(stats["reconnects"], 0);
    assert_eq!(stats["size_bytes"]["p50"], 3.0);
    assert_eq!(stats["size_bytes"]["max"], 5.0);
    assert_eq!(stats["rate"]["max_1s"], 3);
    for number in ["seconds", "longest_silence_ms", "open_ratio"] {
        assert!(
            stats[number].as_f64().is_some_and(|number| number >= 0.0),
            "{stats}"
        );
    }
    assert_eq!(stats["time_to_open_ms"]["count"], 1);
    // Two ids count up, which is too few to believe them.
    assert_eq!(
        (&stats["missed"], &stats["latency_ms"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn text_is_for_people_and_the_default() {
    let demo = quick_demo();
    let events = format!("{}/events", demo.http_url());
    let chat = format!("{}/echo", demo.ws_url());
    let has_echo = |ended: &Ended| ended.out.join("\n").contains("text 2");
    let ended = run_for(&["stats", &events, &chat, "--send", "hello"], has_echo);
    ended.expect_status(0);
    let text = ended.out.join("\n");
    assert!(text.contains(&format!("events  {events}")), "{text}");
    assert!(text.contains(&format!("\n\necho  {chat}")), "{text}");
    assert!(
        text.contains("\n  connections   1 opened, 0 reconnections"),
        "{text}"
    );
    assert!(text.contains("\n  types         text 2"), "{text}");
    assert!(
        text.contains("\n  ids           0 missed, 0 repeated"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_prints_its_measures() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        let running = Program::new(&["stats", &url, "-o", "json"]).spawn();
        // The program watches signals before it connects.
        let connection = server.accept().unwrap();
        running.signal(signal);
        let ended = running.end();
        ended.expect_status(status);
        assert_eq!(object(&ended)["connections"], 0);
        drop(connection);
    }
}

#[test]
fn faults_of_the_ids_are_counted_within_a_connection() {
    let body = |ids: &[u32]| -> String {
        let event = |id: &u32| format!("id: {id}\ndata: {id}\n\n");
        ids.iter().map(event).collect()
    };
    for (ids, missed, repeated) in [
        (&[1, 2, 3, 4, 5][..], 0, 0),
        (&[1, 2, 3, 4, 8, 9], 3, 0),
        (&[1, 2, 3, 4, 5, 5, 6], 0, 1),
    ] {
        let server = Server::event_stream(&body(ids), After::Close);
        let url = server.url("http", "/");
        let stats = object(&run(&["stats", &url, "--reconnect", "never", "-o", "json"]));
        let counts = (&stats["missed"], &stats["repeated"]);
        assert_eq!(counts, (&missed.into(), &repeated.into()), "{ids:?}");
    }
}

#[test]
fn a_feed_that_was_never_open_has_a_complaint_and_figures() {
    let url = "http://127.0.0.1:9/";
    let ended = run(&["stats", url, "--reconnect", "never", "-o", "json"]);
    ended.expect_status(1);
    ended.expect_complaint(&[url]);
    let stats = object(&ended);
    assert_eq!(
        (&stats["records"], &stats["connections"]),
        (&0.into(), &0.into())
    );
    assert_eq!(stats["longest_silence_ms"], Value::Null);
}

#[test]
fn fields_are_measured_where_they_are_named() {
    let event = |seq: &str, symbol: &str, at: &str| {
        format!("data: {{\"seq\":{seq},\"symbol\":\"{symbol}\",\"at\":{at}}}\n\n")
    };
    // A clock far behind.
    let body = [
        event("1", "a", "1000000000000"),
        event("\"1\"", "b", "1000000000000"),
        event("4", "a", "1000000000000"),
        event("\"2\"", "b", "1000000000000"),
    ]
    .concat();
    let server = Server::event_stream(&body, After::Close);
    let url = server.url("http", "/");
    let fields = [
        "--time-field",
        ".at",
        "--sequence",
        ".seq",
        "--key",
        ".symbol",
    ];
    let common = ["stats", &url, "--reconnect", "never"];
    let ended = run(&[&common[..], &fields, &["-o", "json"]].concat());
    ended.expect_status(0);
    let stats = object(&ended);
    let latency = &stats["latency_ms"];
    assert_eq!(
        (&latency["field"], &latency["count"]),
        (&".at".into(), &4.into())
    );
    assert!(latency["offset_ms"].as_f64().unwrap() < -1e9, "{latency}");
    assert!(latency["max"].as_f64().unwrap() < 60_000.0, "{latency}");
    let faults = serde_json::json!([
        {"field": ".seq", "key": "a", "missing": 2, "repeated": 0, "out_of_order": 0},
        {"field": ".seq", "missing": 2, "repeated": 0, "out_of_order": 0},
    ]);
    assert_eq!(stats["sequences"], faults);
    let text = run(&[&common[..], &fields].concat()).out.join("\n");
    assert!(
        text.contains("\n                corrected: the server's clock is "),
        "{text}"
    );
    assert!(
        text.contains("2 missing, 0 repeated, 0 out of order at .seq, key a"),
        "{text}"
    );
}

#[test]
fn a_wrong_path_is_refused() {
    for (arguments, part) in [
        (["--time-field", ".a | length"], "is not a path"),
        (["--key", ".a"], "--cert, which is missing"),
    ] {
        let ended = run(&[&["stats", "localhost"], &arguments[..]].concat());
        ended.expect_status(2);
        ended.expect_complaint(&[part]);
    }
}

#[test]
fn only_matching_payloads_are_measured_and_shown() {
    let body = "event: a\ndata: {\"price\":99}\n\nevent: a\ndata: {\"price\":101}\n\nevent: b\ndata: {\"price\":500}\n\n";
    let server = Server::event_stream(body, After::Close);
    let url = server.url("http", "/");
    let filter = ["--where", "type:a .price > 100", "--reconnect", "never"];
    let stats = object(&run(&[&["stats", &url, "-o", "json"], &filter[..]].concat()));
    assert_eq!(
        (&stats["records"], &stats["connections"]),
        (&1.into(), &1.into())
    );
    let shown = run(&[&["tail", &url], &filter[..]].concat());
    shown.expect_status(0);
    let records = shown.records();
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["data"], "{\"price\":101}");
    let counted = run(&[&["tail", &url, "--count-only"], &filter[..]].concat());
    assert_eq!(object(&counted)["events"], 1);
    let wrong = run(&["tail", &url, "--where", "size:big"]);
    wrong.expect_status(2);
    wrong.expect_complaint(&["size:big"]);
}

#[test]
fn tail_reports_each_fault_of_a_sequence_before_its_record() {
    let body: String = [1, 2, 5]
        .map(|n| format!("data: {{\"n\":{n},\"k\":\"a\"}}\n\n"))
        .concat();
    let server = Server::event_stream(&body, After::Close);
    let url = server.url("http", "/");
    let arguments = [
        "tail",
        &url,
        "--reconnect",
        "never",
        "--sequence",
        ".n",
        "--key",
        ".k",
    ];
    let ended = run(&arguments);
    ended.expect_status(0);
    let records = ended.records();
    let place = records
        .iter()
        .position(|record| record["kind"] == "gap")
        .unwrap();
    let gap = &records[place];
    assert_eq!(
        (&gap["missing"], &gap["field"], &gap["key"]),
        (&2.into(), &".n".into(), &"a".into())
    );
    assert_eq!(
        (&gap["from"], &gap["to"], &gap["connection"]),
        (&"2".into(), &"5".into(), &1.into())
    );
    assert_eq!(records[place + 1]["data"], "{\"n\":5,\"k\":\"a\"}");
    let text = run(&[&arguments[..], &["-o", "text"]].concat())
        .out
        .join("\n");
    assert!(
        text.contains(" · gap                   2 missing at .n, key a between 2 and 5\n"),
        "{text}"
    );
}
