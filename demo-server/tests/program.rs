//! The server as a program.

use std::process::Command;

use crate::support::{EventStream, PROGRAM, Program, WebSocket};

#[test]
fn it_prints_a_url_a_line_and_serves_them() {
    let program = Program::start(&["--port", "0", "--tick-ms=10"]);
    assert_eq!(program.urls.len(), 11, "{:?}", program.urls);
    let (events, echo) = (program.url("/events"), program.url("/echo"));
    assert!(events.starts_with("http://127.0.0.1:"));
    assert!(program.url("/chat").starts_with("ws://127.0.0.1:"));
    EventStream::open(events, "/events", &[]).expect();
    WebSocket::open(echo, "/echo");
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
