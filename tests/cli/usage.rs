//! Wrong usage, and help.

use crate::support::program::{Program, run};
use crate::support::server::{After, Server};

#[test]
fn wrong_usage_names_what_is_wrong_and_ends_with_2() {
    for (arguments, part) in [
        (&["tail"][..], "URL"),
        (&["tail", "ftp://localhost/"], "ftp"),
        (&["tail", "no-such-connection"], "no-such-connection"),
        (&["no-such-connection"], "no-such-connection"),
        (&["tail", "http://"], "http://"),
        (&["tail", "localhost", "--nonsense"], "--nonsense"),
        (&["tail", "localhost", "--duration", "x"], "--duration"),
        (&["tail", "localhost", "-H", "no colon"], "-H"),
        (
            &["tail", "localhost", "-H", "X: ${FEEDSCOPE_NOWHERE}"],
            "FEEDSCOPE_NOWHERE",
        ),
        (&["tail", "localhost", "--send", "x"], "--send"),
        (&["tail", "ws://localhost", "-d", "x"], "--data"),
        (&["tail", "ws://localhost", "-X", "POST"], "--request"),
        (
            &["tail", "ws://localhost", "--engine", "eventsource-client"],
            "--engine eventsource-client",
        ),
        (
            &["tail", "localhost", "-d", "@no-such-file"],
            "no-such-file cannot be read",
        ),
        (&["tail", "ws://localhost", "--json", "{}"], "--json"),
        (
            &["tail", "localhost", "--send-on-connect", "x"],
            "--send-on-connect",
        ),
        (&["tail", "localhost", "-X", "GET /"], "--request"),
        (&["tail", "localhost", "--key", "key.pem"], "--cert"),
        (
            &["tail", "localhost", "--resolve", "localhost:80"],
            "--resolve",
        ),
        (
            &["tail", "localhost", "--unix-socket", "a", "-x", "localhost"],
            "--unix-socket",
        ),
        (&["--size", "1x1"], "--size"),
        (&["demo", "--port", "x"], "--port"),
    ] {
        let ended = run(arguments);
        ended.expect_status(2);
        ended.expect_complaint(&[part]);
        assert_eq!(ended.out, [""; 0], "{arguments:?}");
    }
}

#[test]
fn a_wrong_proxy_of_the_environment_is_wrong_usage_as_a_wrong_option_is() {
    const WRONG: &str = "http://p:hunter2@127.0.0.1:99999";
    for arguments in [
        &["tail", "http://feed.invalid/"][..],
        &["tail", "ws://feed.invalid/"],
        &["http://feed.invalid/"],
    ] {
        let program = Program::new(arguments).variable("http_proxy", WRONG);
        let ended = program.spawn().end();
        ended.expect_status(2);
        ended.expect_complaint(&["variable http_proxy cannot be used", "invalid port number"]);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    let ended = run(&["tail", "http://feed.invalid/", "--proxy", WRONG]);
    ended.expect_status(2);
    ended.expect_complaint(&["--proxy", "invalid port number"]);
    // Loopback uses no proxy of the environment.
    let server = Server::event_stream("data: x\n\n", After::Close);
    let url = server.url("http", "/");
    let program = Program::new(&["tail", &url, "--max-reconnects", "0"]);
    let ended = program.variable("http_proxy", WRONG).spawn().end();
    ended.expect_status(0);
}

#[test]
fn help_is_printed_where_it_was_asked_for() {
    for (arguments, part) in [
        (&["--help"][..], "Examples:"),
        (&["tail", "--help"], "--max-reconnects"),
        (&["demo", "--help"], "--port"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ] {
        let ended = run(arguments);
        ended.expect_status(0);
        assert!(ended.out.join("\n").contains(part), "{ended:#?}");
        assert_eq!(ended.err, "");
    }
}

#[test]
fn variables_reach_headers() {
    // This test only checks that the run is accepted. The network tests check the sent data.
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n", After::Close);
    let url = server.url("http", "/");
    let program = Program::new(&["tail", &url, "-H", "X-Token: ${FEEDSCOPE_TOKEN}"]);
    program
        .variable("FEEDSCOPE_TOKEN", "s3cret")
        .spawn()
        .end()
        .expect_status(0);
}
