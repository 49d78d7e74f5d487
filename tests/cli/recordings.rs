//! Recording, showing and playing feeds as processes.

mod damaged;
mod served;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use demo_server::DemoServer;
use serde_json::Value;
use tempfile::TempDir;

use super::quick_demo;
use crate::support::DEADLINE;
use crate::support::program::{Ended, Program, record, run, run_for};
use crate::support::server::{After, Server};

/// Stream with every kind of line, which ends in order.
const STREAM: &str = "retry: 100\n: hello\n\n: \n\nid: 1\ndata: one\n\nevent: price\nid: 2\ndata: {\"a\":1}\ndata: two\n\n\
    id\ndata:\n\ndata:  spaces \n\nid: 3\ndata: \u{202e}caf\u{e9}\n\n";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// URL of a feed of the demo server, by its scheme and path.
fn url(demo: &DemoServer, (scheme, path): (&str, &str)) -> String {
    let is_it = |url: &String| url.starts_with(scheme) && url.ends_with(path);
    demo.urls().into_iter().find(is_it).unwrap()
}

const EVENTS: (&str, &str) = ("http", "/events");
const CHAT: (&str, &str) = ("ws", "/chat");
const ECHO: (&str, &str) = ("ws", "/echo");

/// Records this body to a file.
fn record_stream(path: &Path, body: &str) -> Ended {
    let server = Server::event_stream(body, After::Close);
    let stream = server.url("http", "/stream?token=s3cret");
    let arguments = ["record", &stream, "-O", text(path), "--reconnect", "never"];
    run(&arguments)
}

/// The records that a server sent, without their times and connections.
fn arrived(ended: &Ended) -> Vec<Value> {
    let mut records = ended.records();
    records.retain(|record| {
        let kind = record["kind"].as_str().unwrap();
        let is_received = record["direction"].as_str().is_none_or(|way| way == "in");
        is_received && ["event", "comment", "retry", "text", "binary"].contains(&kind)
    });
    for record in &mut records {
        let fields = record.as_object_mut().unwrap();
        for name in ["at", "connection", "frames", "compressed_bytes"] {
            fields.remove(name);
        }
    }
    records
}

#[test]
fn a_recording_keeps_the_reading_of_its_feed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    // {"price":7}
    let server = Server::event_stream("data: eyJwcmljZSI6N30=\n\n", After::Close);
    let stream = server.url("http", "/");
    let arguments = ["record", &stream, "-O", text(&path), "--reconnect", "never"];
    let reading = ["--decode", "base64", "--lens", "json-rpc"];
    let ended = run(&[&arguments[..], &reading].concat());
    ended.expect_status(0);
    let bytes = std::fs::read(&path).unwrap();
    let content = String::from_utf8_lossy(&bytes);
    let kept = r#""reading":{"decode":"base64","lens":"json-rpc"}"#;
    assert!(content.contains(kept), "{content}");
    // The payloads are recorded as received, and read as before.
    let event = |arguments: &[&str]| {
        let ended = run(&[&["tail", text(&path)], arguments].concat());
        let mut records = ended.records().into_iter();
        records.find(|record| record["kind"] == "event").unwrap()
    };
    let read = event(&[]);
    assert_eq!(read["data"], "eyJwcmljZSI6N30=");
    assert_eq!(read["read"]["data"]["price"], 7, "{read}");
    assert_eq!(read["read"]["lens"], "json-rpc", "{read}");
    event(&["--where", ".price == 7"]);
    // Each option has priority over the recording.
    let plain = event(&["--decode", "none", "--lens", "none"]);
    assert_eq!(plain["read"], Value::Null, "{plain}");
    let failed = event(&["--decode", "hex"]);
    assert_eq!(failed["read"]["lens"], "json-rpc", "{failed}");
    assert_eq!(failed["read"]["step"], 1, "{failed}");
    let ended = run(&["stats", text(&path), "-o", "json", "--where", ".price == 7"]);
    let stats = &ended.records()[0];
    assert_eq!(stats["records"], 1, "{stats}");
    assert_eq!(stats["calls"]["lens"], "json-rpc", "{stats}");
    // A copy of the recording is read so, too.
    let copy = folder.path().join("copy.feedscope");
    run(&["convert", text(&path), text(&copy)]).expect_status(0);
    let ended = run(&["stats", text(&copy), "-o", "json"]);
    assert_eq!(ended.records()[0]["calls"]["lens"], "json-rpc");
    let wrong = run(&["record", &stream, "-O", text(&path), "--decode", "rot13"]);
    wrong.expect_status(2);
}

#[test]
fn only_payloads_that_match_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let server = Server::event_stream(
        ": hello\n\ndata: {\"a\":1}\n\ndata: {\"a\":5}\n\ndata: no\n\n",
        After::Close,
    );
    let stream = server.url("http", "/");
    let arguments = ["record", &stream, "-O", text(&path), "--reconnect", "never"];
    let ended = run(&[&arguments[..], &["--where", ".a > 2", "-o", "json"]].concat());
    ended.expect_complaint(&["2 records do not match `.a > 2` and were not recorded"]);
    assert_eq!(ended.records()[0]["records"], 1);
    let shown = run(&["tail", text(&path)]);
    let kinds = |kind| {
        let records = shown.records().into_iter();
        records
            .filter(|record| record["kind"] == kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("event").len(), 1);
    assert_eq!(kinds("event")[0]["data"], "{\"a\":5}");
    assert_eq!(kinds("comment").len(), 1);
    assert!(kinds("state").len() > 2, "{shown:#?}");
}

#[test]
fn a_lens_decides_what_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let answers = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}\n\ndata: \
        {\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32601,\"message\":\"no\"}}\n\n";
    let server = Server::event_stream(answers, After::Close);
    let stream = server.url("http", "/");
    let arguments = ["record", &stream, "-O", text(&path), "--reconnect", "never"];
    let reading = ["--lens", "json-rpc", "--where", "is:error"];
    run(&[&arguments[..], &reading].concat())
        .expect_complaint(&["1 record does not match `is:error` and was not recorded"]);
    let shown = run(&["tail", text(&path), "--count-only"]);
    shown.expect_status(0);
    assert_eq!(shown.records()[0]["events"], 1);
    // Which requests have no answer is known only at the end.
    let refused = run(&[&arguments[..], &["--where", "is:unanswered", "--force"]].concat());
    assert_eq!(refused.status, 2);
}

#[test]
fn a_file_shows_what_tail_showed() {
    let demo = quick_demo();
    let folder = Folder::new();
    for (name, form, feeds) in [
        ("json", "json", vec![EVENTS]),
        ("text", "text", vec![EVENTS]),
        ("socket", "json", vec![CHAT]),
        ("both", "json", vec![EVENTS, CHAT]),
    ] {
        let path = folder.path(&format!("{name}.feedscope"));
        let urls: Vec<String> = feeds.into_iter().map(|feed| url(&demo, feed)).collect();
        let mut arguments = vec!["tail", "-o", form, "--record", text(&path), "--force"];
        arguments.extend(urls.iter().map(String::as_str));
        let live = run_for(&arguments, |ended| ended.out.len() > 5);
        live.expect_status(0);
        assert!(live.out.len() > 5, "{live:#?}");
        let file = run(&["tail", text(&path), "-o", form]);
        file.expect_status(0);
        // Two feeds are merged by time, and in a live run by the order of their batches.
        let sorted = |ended: &Ended| {
            let mut lines = ended.out.clone();
            if urls.len() > 1 {
                lines.sort();
            }
            lines
        };
        assert_eq!(sorted(&file), sorted(&live), "{name}");
        assert_eq!(file.err, "");
    }
}

#[test]
fn a_recorded_stream_is_printed_counted_and_selected() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let ended = record_stream(&path, STREAM);
    ended.expect_status(0);
    assert!(ended.out.is_empty(), "{ended:#?}");
    ended.expect_complaint(&["stream", "records"]);
    let file = run(&["tail", text(&path)]);
    file.expect_status(0);
    let states = file
        .records()
        .into_iter()
        .filter_map(|record| record["state"].as_str().map(str::to_owned));
    assert_eq!(states.collect::<Vec<_>>(), ["connecting", "open", "closed"]);
    assert_eq!(arrived(&file).len(), 8);
    let counted = run(&["tail", text(&path), "--count-only"]);
    let summary = record(&counted.out[0]);
    assert_eq!(
        (&summary["kind"], &summary["events"]),
        (&"summary".into(), &5.into())
    );
    let named = run(&["tail", text(&path), "--feed", "stream"]);
    assert_eq!(named.out, file.out);
    let unknown = run(&["tail", text(&path), "--feed", "other"]);
    unknown.expect_status(2);
    unknown.expect_complaint(&["other", "stream"]);
    // A folder stands for its recordings.
    let all = run(&["tail", text(folder.0.path())]);
    assert_eq!(all.out, file.out);
}

#[test]
fn the_measures_of_a_recording_are_printed_at_its_end() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let server = Server::event_stream(STREAM, After::Close);
    let stream = server.url("http", "/stream");
    let arguments = [
        "record",
        &stream,
        "-O",
        text(&path),
        "--reconnect",
        "never",
        "-o",
        "json",
    ];
    let ended = run(&arguments);
    ended.expect_status(0);
    assert_eq!((ended.out.len(), ended.err.as_str()), (1, ""), "{ended:#?}");
    let measures = record(&ended.out[0]);
    assert_eq!(
        (&measures["feed"], &measures["records"]),
        (&"stream".into(), &5.into())
    );
}

#[test]
fn no_secret_is_in_a_recording() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let server = Server::event_stream("data: x\n\n", After::Close);
    let stream = server.url("http", "/stream?token=s3cret");
    let stream = stream.replace("http://", "http://user:s3cret@");
    let ended = run(&[
        "record",
        &stream,
        "-O",
        text(&path),
        "-H",
        "X-Api-Key: s3cret",
        "-d",
        "s3cret",
        "--reconnect",
        "never",
    ]);
    assert!(path.exists(), "{ended:#?}");
    let bytes = fs::read(&path).unwrap();
    for secret in ["s3cret", "czNjcmV0", "dXNlcjpzM2NyZXQ"] {
        let found = bytes
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "{secret}");
    }
}

#[test]
fn an_existing_file_and_a_second_writer_are_refused_without_a_connection() {
    let demo = quick_demo();
    let events = url(&demo, EVENTS);
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let arguments = ["record", &events, "-O", text(&path)];
    let first = Program::new(&arguments).spawn();
    until("file", || path.exists());
    for more in [&[][..], &["--append"], &["--force"]] {
        let second = run(&[&arguments[..], more].concat());
        second.expect_status(1);
        second.expect_complaint(&["a.feedscope", "another program"]);
    }
    first.signal("INT");
    first.end().expect_status(130);
    let clean = run(&["tail", text(&path)]);
    clean.expect_status(0);
    assert!(!clean.out.concat().contains("torn_end"), "{clean:#?}");
    let again = run(&arguments);
    again.expect_status(2);
    again.expect_complaint(&["--append", "--force"]);
    let longer = run(&[&arguments[..], &["--append", "--duration", "0.3"]].concat());
    longer.expect_status(0);
    assert!(run(&["tail", text(&path)]).out.len() > clean.out.len());
    until("end of all connections", || demo.clients().is_empty());
}

#[test]
fn a_recording_that_is_killed_keeps_what_was_written_before() {
    let demo = quick_demo();
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let events = url(&demo, EVENTS);
    let program = Program::new(&["tail", &events, "--record", text(&path)]).spawn();
    // The tail blocks bring the first records into the file while it is written.
    let mut lines: Vec<_> = (0..20).map(|_| program.line()).collect();
    until("records in the file", || {
        run(&["tail", text(&path)]).out.starts_with(&lines)
    });
    program.signal("KILL");
    let printed = lines.len();
    lines.extend(program.end().out);
    let file = run(&["tail", text(&path)]);
    file.expect_status(0);
    let note = record(file.out.last().unwrap());
    assert_eq!(note["code"], "torn_end");
    let found = &file.out[..file.out.len() - 1];
    assert!(found.len() >= printed, "{found:#?}");
    let common = found.len().min(lines.len());
    assert_eq!(found[..common], lines[..common]);
}

#[test]
fn a_file_is_followed_while_it_is_written() {
    let demo = quick_demo();
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let events = url(&demo, EVENTS);
    let writer = Program::new(&["record", &events, "-O", text(&path)]).spawn();
    until("file", || path.exists());
    let reader = Program::new(&["tail", text(&path), "--follow"]).spawn();
    reader.reach_state("open");
    for _ in 0..20 {
        reader.record_where(|record| record["kind"] == "event");
    }
    writer.signal("TERM");
    writer.end().expect_status(143);
    // The end of the recording ends the reader too.
    let ended = reader.end();
    ended.expect_status(0);
    assert_eq!(record(ended.out.last().unwrap())["state"], "closed");
}

#[test]
fn wrong_files_and_options_are_refused() {
    let folder = Folder::new();
    let letter = folder.path("letter.txt");
    fs::write(
        &letter,
        "Dear Sir or Madam, this is a letter and not a recording.",
    )
    .unwrap();
    let recording = folder.path("a.feedscope");
    record_stream(&recording, "data: x\n\n");
    for (arguments, status, part) in [
        (&["tail", "missing.feedscope"][..], 2, "no such file"),
        (&["tail", text(&letter)], 1, "not a recording"),
        (&["tail", text(&letter)], 1, "--format lines"),
        (&["serve", text(&letter)], 1, "not a recording"),
        (&["serve", "http://localhost/"], 2, "serve plays files"),
        (&["tail", text(&recording), "localhost:1"], 2, "together"),
        (
            &["tail", text(&recording), "--duration", "1"],
            2,
            "--duration",
        ),
        (&["tail", text(&recording), "--echo"], 2, "--echo"),
        (&["tail", "localhost:1", "--follow"], 2, "--follow"),
        (&["tail", "localhost:1", "--append"], 2, "--record"),
        (&["record", "localhost:1"], 2, "--out"),
        (&["serve", text(&recording), "--feed", "none"], 2, "none"),
        (
            &["record", "localhost:1", "-O", "/no/such/folder/a.feedscope"],
            1,
            "/no/such/folder",
        ),
    ] {
        let ended = run(arguments);
        ended.expect_status(status);
        ended.expect_complaint(&[part]);
        assert!(ended.out.is_empty(), "{arguments:?}");
    }
}

/// Waits for a condition.
fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "no {what}");
        std::thread::yield_now();
    }
}

#[test]
fn payloads_and_values_of_variables_are_left_out_as_requested() {
    let folder = Folder::new();
    let record = |name: &str, options: &[&str]| {
        let server = Server::event_stream("data: my s3cret\n\ndata: private\n\n", After::Close);
        let path = folder.path(name);
        let stream = server.url("http", "/stream");
        let mut arguments = vec![
            "tail",
            &stream,
            "-H",
            "X-Key: ${KEY}",
            "--reconnect",
            "never",
        ];
        arguments.extend(["--record", text(&path)]);
        arguments.extend(options);
        let live = Program::new(&arguments)
            .variable("KEY", "s3cret")
            .spawn()
            .end();
        live.expect_status(0);
        let data = |ended: &Ended| {
            let mut records = ended.records();
            records.retain(|record| record["kind"] == "event");
            records
                .iter()
                .map(|record| record["data"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        (data(&live), data(&run(&["tail", text(&path)])))
    };
    let shown = ["my ‹KEY›".to_owned(), "private".to_owned()];
    let (live, recorded) = record("a.feedscope", &[]);
    assert_eq!((&live[..], &recorded[..]), (&shown[..], &shown[..]));
    let (live, recorded) = record("b.feedscope", &["--keep-secrets", "--mask", "private"]);
    assert_eq!(live, shown);
    assert_eq!(recorded, ["my s3cret", "‹masked, 7 bytes›"]);
    let ended = run(&["tail", "localhost:1", "--mask", "x"]);
    ended.expect_status(2);
    ended.expect_complaint(&["need --record"]);
}

/// Names of all files below a folder.
fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn parts_of_a_recording_become_parquet_files() {
    let folder = tempfile::tempdir().unwrap();
    let parquet = folder.path().join("capture");
    let record_parts = || {
        let server = Server::event_stream(STREAM, After::Close);
        let stream = server.url("http", "/stream");
        let arguments = [
            "record",
            &stream,
            "--parquet",
            text(&parquet),
            "--reconnect",
            "never",
        ];
        run(&arguments).expect_complaint(&["stream", "records"]);
    };
    record_parts();
    assert_eq!(files_below(folder.path()), ["part-0001.parquet"]);
    // A killed run has left a part beside the folder, which is converted by the next run.
    record_stream(&folder.path().join("capture-0007.feedscope"), STREAM);
    record_parts();
    let files = files_below(folder.path());
    let parts = [
        "part-0001.parquet",
        "part-0002.parquet",
        "part-0003.parquet",
    ];
    assert_eq!(files, parts);
    let refused = run(&[
        "record",
        "localhost:1",
        "--parquet",
        text(&parquet),
        "--append",
    ]);
    assert_eq!(refused.status, 2);
}
