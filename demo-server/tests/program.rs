//! Server as a program.

use std::process::Command;

use crate::support::{EventStream, PROGRAM, Program, WebSocket, exchange, request};

#[test]
fn it_prints_a_url_a_line_and_serves_them() {
    let program = Program::start(&["--port", "0", "--tick-ms=10"]);
    assert_eq!(program.urls.len(), 12, "{:?}", program.urls);
    let (events, echo) = (program.url("/events"), program.url("/echo"));
    assert!(events.starts_with("http://127.0.0.1:"));
    assert!(program.url("/chat").starts_with("ws://127.0.0.1:"));
    EventStream::open(events, "/events", &[]).expect();
    WebSocket::open(echo, "/echo");
}

#[test]
fn the_last_url_orders_faults() {
    let program = Program::start(&[]);
    let control = program.urls.last().unwrap();
    let base = program.url("/events").replace("/events", "");
    let path = control.strip_prefix(&base).unwrap();
    let order = format!("{path}&do=fault&name=status-503&feed=/events");
    let answer = exchange(&base, &request(&base, "POST", &order, &[]));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let events = exchange(&base, &request(&base, "GET", "/events", &[]));
    assert_eq!(events.status, 503);
}

#[test]
fn wrong_usage_is_told_apart_from_a_taken_port() {
    for args in [
        &["--port"][..],
        &["--port", "x"],
        &["--nothing"],
        &["--fault", "x"],
        &["--fault", "cut@/x"],
    ] {
        let output = Command::new(PROGRAM).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("usage"), "{error}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(PROGRAM)
        .args(["--port", &port])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!output.stderr.is_empty());
}
