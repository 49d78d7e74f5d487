//! Command `feedscope demo`.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io;
use std::net::TcpListener;

use crate::support::program::{Program, run};

#[cfg(unix)]
#[test]
fn its_urls_are_printed_and_it_serves_until_a_signal() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let running = Program::new(&["demo"]).spawn();
        let url_of = |path: &str| loop {
            let line = running.line();
            if line.ends_with(path) {
                return line;
            }
        };
        let events = url_of("/events");
        let tail = Program::new(&["tail", &events]).spawn();
        tail.record_where(|record| record["kind"] == "event");
        drop(tail);
        running.signal(signal);
        running.end().expect_status(status);
    }
}

#[cfg(unix)]
#[test]
fn every_feed_is_named() {
    let running = Program::new(&["demo"]).spawn();
    running.line();
    running.signal("INT");
    let ended = running.end();
    for path in ["/events", "/chat", "/echo", "/talk"] {
        assert!(
            ended.out.iter().any(|line| line.ends_with(path)),
            "no {path} in {ended:#?}"
        );
    }
    assert!(
        ended.out.iter().all(
            |line| line.starts_with("http://127.0.0.1:") || line.starts_with("ws://127.0.0.1:")
        )
    );
}

#[cfg(unix)]
#[test]
fn faults_hold_from_the_start_for_the_feeds_they_were_asked_for() {
    let running = Program::new(&["demo", "--fault", "wrong-type@/events"]).spawn();
    let url_of = |path: &str| loop {
        let line = running.line();
        if line.ends_with(path) {
            return line;
        }
    };
    let (talk, events) = (url_of("/talk"), url_of("/events"));
    let failed = run(&["tail", &events, "--reconnect", "never"]);
    failed.expect_status(1);
    failed.expect_complaint(&["text/html"]);
    let tail = Program::new(&["tail", &talk]).spawn();
    tail.record_where(|record| record["kind"] == "event");
    drop(tail);
    running.signal("INT");
    running.end().expect_status(130);
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_output_that_takes_nothing_ends_the_program() {
    for arguments in [
        &["demo"][..],
        &["--help"],
        &["--version"],
        &["tail", "--help"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ended = Program::new(arguments).with_output(full).spawn().end();
        ended.expect_status(1);
        ended.expect_complaint(&["standard output", "No space left on device"]);
    }
}

#[test]
fn a_reader_that_has_left_ends_the_demo_and_no_help() {
    let unread = || {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        writer
    };
    let ended = Program::new(&["demo"]).with_output(unread()).spawn().end();
    ended.expect_status(1);
    ended.expect_complaint(&["standard output"]);
    let ended = Program::new(&["--help"])
        .with_output(unread())
        .spawn()
        .end();
    ended.expect_status(0);
    assert_eq!(ended.err, "");
}

#[test]
fn a_fault_that_there_is_none_of_is_named() {
    for (typed, named) in [("tea", "tea"), ("cut@/tea", "/tea")] {
        let ended = run(&["demo", "--fault", typed]);
        ended.expect_status(2);
        ended.expect_complaint(&["--fault", named]);
    }
}

#[test]
fn a_taken_port_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&["demo", "--port", &port]);
    ended.expect_status(1);
    ended.expect_complaint(&["taken", &port]);
    assert_eq!(ended.out, [""; 0]);
}
