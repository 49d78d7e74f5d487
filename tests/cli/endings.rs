//! Ends of `tail`, with their messages and exit status.

use super::quick_demo;
use crate::support::program::{Program, run};
use crate::support::server::{After, Server, refused_address};

#[test]
fn a_refused_connection_fails_and_says_so() {
    for scheme in ["http", "ws"] {
        let url = format!("{scheme}://{}/", refused_address());
        let ended = run(&["tail", &url, "--max-reconnects", "0"]);
        ended.expect_status(1);
        ended.expect_complaint(&["refused", &url]);
        let records = ended.records();
        let last = records.last().unwrap();
        assert_eq!(last["state"], "failed");
        assert!(
            last["reason"].as_str().unwrap().contains("refused"),
            "{last}"
        );
    }
}

#[test]
fn answers_that_are_no_feed_fail_with_a_sentence() {
    for (answer, parts) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            &["HTTP 404"][..],
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
            &["text/html", "text/event-stream"],
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
            &["HTTP 401"],
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n", &[""]),
    ] {
        let server = Server::answering(answer, After::Close);
        let ended = run(&["tail", &server.url("http", "/")]);
        ended.expect_status(1);
        ended.expect_complaint(parts);
        assert_eq!(ended.err.lines().count(), 1, "{ended:#?}");
    }
}

#[test]
fn a_web_socket_that_is_answered_with_a_page_fails() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
        After::Close,
    );
    let ended = run(&["tail", &server.url("ws", "/")]);
    ended.expect_status(1);
    ended.expect_complaint(&["HTTP 200"]);
}

#[test]
fn no_content_ends_a_feed_in_order() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n", After::Close);
    let ended = run(&["tail", &server.url("http", "/")]);
    ended.expect_status(0);
    assert_eq!(ended.records().last().unwrap()["state"], "closed");
}

#[test]
fn secrets_are_masked_where_a_failure_is_told() {
    let address = refused_address();
    let url = format!("http://user:s3cret@{address}/a?token=s3cret&page=2");
    let ended = run(&["tail", &url, "--reconnect", "never"]);
    ended.expect_status(1);
    ended.expect_complaint(&[&address, "page=2"]);
    assert!(!ended.err.contains("s3cret"), "{}", ended.err);
    assert!(!ended.out.concat().contains("s3cret"), "{:?}", ended.out);
}

#[test]
fn a_duration_without_a_connection_fails() {
    // The server reads the request and never answers.
    let server = Server::answering("", After::Stay);
    let ended = run(&["tail", &server.url("http", "/"), "--duration", "0.3"]);
    ended.expect_status(1);
    ended.expect_complaint(&["never open: asked", "no answer yet"]);
    assert_eq!(ended.records().last().unwrap()["state"], "closed");
}

#[test]
fn a_slow_answer_is_reported_while_it_is_awaited() {
    // The server reads the request and never answers.
    let server = Server::answering("", After::Stay);
    let url = server.url("http", "/");
    let ended = run(&["tail", "-o", "text", &url, "--duration", "7"]);
    ended.expect_complaint(&[
        "asked ",
        " s ago, no answer yet. Many servers send the head",
    ]);
}

#[test]
fn one_feed_that_fails_among_others_fails_the_run() {
    let well = Server::event_stream("data: x\n\n", After::Close);
    let refused = format!("http://{}/", refused_address());
    let ended = run(&[
        "tail",
        &well.url("http", "/well"),
        &refused,
        "--max-reconnects",
        "0",
    ]);
    ended.expect_status(1);
    ended.expect_complaint(&[&refused]);
    assert!(!ended.err.contains("/well"), "{}", ended.err);
}

#[test]
fn a_closed_standard_output_ends_it_quietly() {
    let demo = quick_demo();
    let mut running = Program::new(&["tail", &format!("{}/events", demo.http_url())]).spawn();
    running.reach_state("open");
    running.close_output();
    let ended = running.end();
    ended.expect_status(0);
    assert_eq!(ended.err, "");
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_a_silent_feed_ends_it_in_order() {
    use std::io::{BufRead as _, BufReader};
    let demo = quick_demo();
    let server = Server::event_stream("data: x\n\n", After::Stay);
    let echo = format!("{}/echo", demo.ws_url());
    for url in [server.url("http", "/"), echo] {
        let (reader, writer) = std::io::pipe().unwrap();
        let running = Program::new(&["tail", &url]).with_output(writer).spawn();
        let mut lines = BufReader::new(reader).lines();
        assert!(lines.any(|line| line.unwrap().contains("\"open\"")));
        drop(lines);
        let ended = running.end();
        ended.expect_status(0);
        assert_eq!(ended.err, "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    use std::process::{Command, Stdio};
    let server = Server::event_stream("data: x\n\n", After::Stay);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_feedscope"))
        .args(["tail", &server.url("http", "/")])
        .stdin(Stdio::null())
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}

#[cfg(unix)]
#[test]
fn signals_end_it_with_their_status_and_close_in_order() {
    let demo = quick_demo();
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let running = Program::new(&["tail", &format!("{}/echo", demo.ws_url())]).spawn();
        running.reach_state("open");
        running.signal(signal);
        let ended = running.end();
        ended.expect_status(status);
        let records = ended.records();
        let closes: Vec<_> = records
            .iter()
            .filter(|record| record["kind"] == "close")
            .collect();
        assert!(
            closes.iter().any(|close| close["direction"] == "out"),
            "{ended:#?}"
        );
        assert!(
            closes.iter().any(|close| close["direction"] == "in"),
            "{ended:#?}"
        );
        assert_eq!(records.last().unwrap()["state"], "closed", "{ended:#?}");
        assert_eq!(ended.err, "");
    }
}

/// Prepares a run of the program by `env`, which sets the action for a signal at the start.
#[cfg(target_os = "linux")]
fn with_hang_up(how: &str, url: &str) -> Program {
    Program::by(&["env", &format!("--{how}-signal=HUP")], &["tail", url])
}

#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_closes_in_order() {
    let demo = quick_demo();
    let running = with_hang_up("default", &format!("{}/echo", demo.ws_url())).spawn();
    running.reach_state("open");
    running.signal("HUP");
    let ended = running.end();
    ended.expect_status(129);
    let records = ended.records();
    let is_ours =
        |record: &serde_json::Value| record["kind"] == "close" && record["direction"] == "out";
    assert!(records.iter().any(is_ours), "{ended:#?}");
    assert_eq!(records.last().unwrap()["state"], "closed", "{ended:#?}");
    assert_eq!(ended.err, "");
}

#[cfg(target_os = "linux")]
#[test]
fn nohup_is_respected() {
    let server = Server::event_stream("data: x\n\n", After::Stay);
    let running = with_hang_up("ignore", &server.url("http", "/")).spawn();
    running.reach_state("open");
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit stands for the first signal, SIGHUP.
    let last = ignored.and_then(|mask| mask.chars().next_back()?.to_digit(16));
    assert_eq!(last.map(|digit| digit & 1), Some(1), "{status}");
    running.signal("HUP");
    running.signal("TERM");
    running.end().expect_status(143);
}

#[cfg(unix)]
#[test]
fn a_peer_that_never_answers_holds_up_an_interruption_only_briefly() {
    let server = Server::event_stream("data: x\n\n", After::Stay);
    let running = Program::new(&["tail", &server.url("http", "/")]).spawn();
    running.record_where(|record| record["kind"] == "event");
    running.signal("INT");
    running.end().expect_status(130);
}

#[test]
fn a_server_that_closes_with_1000_ends_it() {
    let demo = quick_demo();
    // When it ends, the demo's server sends the close code 1001 ("going away"). Without reconnections the feed then
    // fails.
    let url = format!("{}/echo", demo.ws_url());
    let running = Program::new(&["tail", &url, "--max-reconnects", "0"]).spawn();
    running.reach_state("open");
    demo.stop();
    let ended = running.end();
    ended.expect_status(1);
    ended.expect_complaint(&[&url]);
}

#[test]
fn a_second_opinion_is_told_and_decides_the_exit_status() {
    let second_opinion = |body: &str| {
        let server = Server::event_stream(body, After::Close);
        let url = server.url("http", "/");
        let ended = run(&[
            "tail",
            &url,
            "--reconnect",
            "never",
            "--second-opinion",
            "eventsource-client",
        ]);
        assert_eq!(ended.err.lines().count(), 1, "{ended:#?}");
        ended
    };
    let ended = second_opinion("id: 1\ndata: a\n\n: b\n\n");
    ended.expect_status(0);
    ended.expect_complaint(&["eventsource-client agrees on 2 records"]);
    let ended = second_opinion("retry: 9\n\ndata: a\n\n");
    ended.expect_status(3);
    ended.expect_complaint(&[
        "eventsource-client differs: at record 1, native: retry",
        "other: event",
        "HTML 9.2.6",
    ]);
    let noted = ended.records();
    assert!(
        noted
            .iter()
            .any(|record| record["code"] == "second_opinion"),
        "{noted:#?}"
    );
}
