//! `feedscope demo`.

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

#[test]
fn a_taken_port_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&["demo", "--port", &port]);
    ended.expect_status(1);
    ended.expect_complaint(&["taken", &port]);
    assert_eq!(ended.out, [""; 0]);
}
