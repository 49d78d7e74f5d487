//! Tests of the plans that arguments become.

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedSpec, Outgoing};
use feedscope_core::protocol::WebSocketEngine;
use feedscope_core::record::Secrets;

use std::time::Duration;

use clap::Args as _;
use feedscope_analysis::lenses::Choice;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::ThemeChoice;

use super::*;
use crate::plan::{FeedPlan, RunOutput, TailPlan, ToSend, WindowFeeds, WindowPlan};
use crate::reading::{FeedReading, RunReading};
use crate::tail::TextColumns;

mod window;

/// Parses `feedscope …` with one variable in the environment.
fn planned(arguments: &[&str]) -> Result<Plan, Refusal> {
    let variable = |name: &str| (name == "TOKEN").then(|| "s3cret".to_owned());
    let arguments = std::iter::once("feedscope").chain(arguments.iter().copied());
    plan(arguments.map(OsString::from), &variable)
}

/// Returns the plan of `feedscope tail …`. The arguments must be right.
fn tail(arguments: &[&str]) -> TailPlan {
    match planned(&[&["tail"], arguments].concat()) {
        Ok(Plan::Tail(plan)) => plan,
        other => panic!("{arguments:?}: {other:?}"),
    }
}

fn window(arguments: &[&str]) -> WindowPlan {
    match planned(arguments) {
        Ok(Plan::Window(plan)) => plan,
        other => panic!("{arguments:?}: {other:?}"),
    }
}

fn given(plan: &WindowPlan) -> Vec<&str> {
    match &plan.feeds {
        WindowFeeds::Demo(_)
        | WindowFeeds::Last(_)
        | WindowFeeds::Files(_)
        | WindowFeeds::Mixed(_)
        | WindowFeeds::Links(_) => Vec::new(),
        WindowFeeds::Given(feeds) => feeds.iter().map(|feed| feed.spec.url.as_str()).collect(),
    }
}

/// Asserts that arguments are refused as wrong usage, in a text with every one of `words`.
fn refused(arguments: &[&str], words: &[&str]) {
    let text = match planned(arguments) {
        Err(Refusal::Sentence(sentence)) => sentence,
        Err(Refusal::Arguments(error)) => {
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
            error.to_string()
        }
        Ok(plan) => panic!("{arguments:?} was taken: {plan:?}"),
    };
    for word in words {
        assert!(
            text.contains(word),
            "{arguments:?}: no {word:?} in {text:?}"
        );
    }
}

#[test]
fn how_much_is_kept_is_said_for_every_feed() {
    let feed = "localhost:8080/events";
    let plan = window(&[feed, "--budget", "1G", "--disk-history", "8G"]);
    let WindowFeeds::Given(feeds) = &plan.feeds else {
        panic!("a feed was given")
    };
    let spec = &feeds[0].spec;
    assert_eq!(
        (spec.keeping.budget, spec.keeping.disk_history),
        (Some(1 << 30), Some(8 << 30))
    );
    refused(&[feed, "--budget", "1M"], &["--budget", "16M"]);
    refused(&[feed, "--disk-history", "1M"], &["64M", "0"]);
    refused(&["tail", feed, "--budget", "1G"], &["--budget"]);
}

#[test]
fn commands_swallow_no_urls() {
    assert_eq!(
        given(&window(&["http://tail/", "http://demo/"])),
        ["http://tail/", "http://demo/"]
    );
    refused(&["http://localhost/", "tail"], &["tail", "first"]);
    refused(&["--theme", "dark", "demo"], &["demo", "first"]);
    refused(&["tail"], &["URL"]);
    assert_eq!(tail(&["http://tail/"]).feeds.len(), 1);
}

#[test]
fn wrong_usage_is_named() {
    refused(&["tail", "ftp://localhost/"], &["ftp"]);
    refused(&["tail", "nonsense"], &["nonsense"]);
    refused(&["nonsense"], &["nonsense"]);
    refused(&["tail", "localhost", "--what"], &["--what"]);
    refused(
        &["tail", "localhost", "--duration", "soon"],
        &["--duration", "soon"],
    );
    refused(
        &["tail", "localhost", "--max-message", "3G"],
        &["--max-message", "2G"],
    );
    refused(
        &["tail", "localhost", "--engine", "curl"],
        &["--engine", "native", "tokio-tungstenite"],
    );
    refused(
        &["tail", "localhost", "--engine", "curl"],
        &["--engine", "eventsource-client"],
    );
    refused(
        &["tail", "localhost", "--second-opinion", "native"],
        &["--second-opinion", "eventsource-client"],
    );
    refused(
        &["tail", "localhost", "--reconnect", "often"],
        &["--reconnect", "browser"],
    );
    refused(
        &["tail", "localhost", "--proxy", "ftp://localhost"],
        &["--proxy", "ftp"],
    );
    refused(&["tail", "localhost", "-o", "xml"], &["xml", "text"]);
    refused(&["--size", "9x9"], &["--size", "480x360"]);
    refused(&["--send", "-", "ws://localhost/"], &["--send -", "tail"]);
    refused(&["demo", "--port", "65536"], &["--port"]);
}

#[test]
fn options_that_no_feed_uses_are_wrong_usage() {
    refused(&["tail", "localhost", "--send", "x"], &["--send", "ws://"]);
    refused(&["tail", "localhost", "--echo"], &["--echo"]);
    refused(
        &["tail", "ws://localhost", "--last-event-id", "7"],
        &["--last-event-id"],
    );
    let both = tail(&[
        "localhost",
        "ws://localhost",
        "--send",
        "x",
        "--last-event-id",
        "7",
    ]);
    assert_eq!(both.feeds[0].send, []);
    assert_eq!(
        both.feeds[1].send,
        [ToSend::Message(Outgoing::Text("x".to_owned()))]
    );
}

#[test]
fn messages_keep_their_order_whatever_their_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let text = |text: &str| ToSend::Message(Outgoing::Text(text.to_owned()));
    let bytes = |bytes: &[u8]| ToSend::Message(Outgoing::Binary(bytes.to_vec()));
    let plan = tail(&[
        "ws://localhost",
        "--send-file",
        &file("frame", b"CONNECT\n\n\0"),
        "--send",
        "a",
        "--send-base64",
        "AP8=",
        "--send-escaped",
        "b\\0",
        "--send",
        "-c",
        "--send-file",
        &file("bytes", b"\xff\n"),
        "--send-escaped=-",
    ]);
    assert_eq!(
        plan.feeds[0].send,
        [
            text("CONNECT\n\n\0"),
            text("a"),
            bytes(&[0, 0xff]),
            text("b\0"),
            text("-c"),
            bytes(b"\xff\n"),
            text("-"),
        ]
    );
}

#[test]
fn a_message_that_cannot_be_read_is_wrong_usage() {
    refused(
        &["tail", "ws://localhost", "--send-file", "/no/such/file"],
        &["--send-file: /no/such/file cannot be read"],
    );
    refused(
        &["tail", "ws://localhost", "--send-escaped", "\\q"],
        &["--send-escaped: `\\q` is no escape"],
    );
    refused(
        &["tail", "ws://localhost", "--send-base64", "?"],
        &["--send-base64: this is no base64"],
    );
    refused(
        &["tail", "localhost", "--send-base64", "AA=="],
        &["--send-base64 is for WebSockets"],
    );
    refused(
        &["tail", "ws://localhost", "--send", "-", "--send", "-"],
        &["--send - can be given once"],
    );
}

#[test]
fn columns_are_for_lines_of_text() {
    let plan = tail(&[
        "localhost",
        "-o",
        "text",
        "--columns",
        "time,.symbol,.price",
    ]);
    let columns = TextColumns::parse("time,.symbol,.price").unwrap();
    assert_eq!(plan.columns, Some(columns));
    refused(
        &["tail", "localhost", "--columns", ".price"],
        &["--columns is for lines of text", "-o text"],
    );
    refused(
        &["tail", "localhost", "-o", "text", "--columns", "price"],
        &["`price` is no column", "time, connection"],
    );
    refused(
        &["tail", "localhost", "-o", "text", "--columns", ".price |"],
        &["the column `.price |`"],
    );
}

#[test]
fn defaults_are_those_of_a_feed() {
    let plan = tail(&["localhost"]);
    let spec = FeedSpec::new("http://localhost/".parse().unwrap());
    assert_eq!(
        plan,
        TailPlan {
            reading: RunReading::default(),
            feeds: vec![FeedPlan {
                spec,
                send: Vec::new(),
                name: None,
                automatic: Vec::new(),
                secrets: Secrets::default(),
                reading: FeedReading::default(),
            }],
            input: None,
            duration: None,
            output: RunOutput::Json,
            columns: None,
            fields: MeasuredFields::default(),
            filter: None,
            record: None,
        }
    );
}

#[test]
fn every_option_reaches_its_feed() {
    let plan = tail(&[
        "ws://localhost/",
        "-H",
        "X-One: 1",
        "--header=Authorization: Bearer ${TOKEN}",
        "--subprotocol",
        "a",
        "--subprotocol",
        "b",
        "--send",
        "-1",
        "--send",
        "-",
        "--echo",
        "--reconnect",
        "browser",
        "--max-reconnects",
        "3",
        "--connect-timeout",
        "0.5",
        "--response-timeout",
        "1.5",
        "--keepalive",
        "0",
        "--max-message",
        "1K",
        "--engine",
        "tokio-tungstenite",
        "--second-opinion",
        "tokio-tungstenite",
        "-k",
        "-x",
        "localhost:3128",
        "--duration",
        "2",
        "-o",
        "text",
    ]);
    let header = |name: &str, value: &str| (name.to_owned(), value.into());
    let mut spec = FeedSpec::new("ws://localhost/".parse().unwrap());
    spec.http.headers = vec![
        header("X-One", "1"),
        header("Authorization", "Bearer s3cret"),
    ];
    spec.http.response_timeout = Some(Duration::from_millis(1_500));
    spec.web_socket.subprotocols = vec!["a".to_owned(), "b".to_owned()];
    spec.web_socket.echo = true;
    spec.web_socket.keepalive = None;
    spec.life.policy = ReconnectPolicy::Browser;
    spec.life.max_reconnects = Some(3);
    spec.transport.connect_timeout = Duration::from_millis(500);
    spec.transport.insecure = true;
    spec.transport.proxy = Some("http://localhost:3128/".parse().unwrap());
    spec.keeping.max_message = 1024;
    spec.reading.web_socket_engine = WebSocketEngine::TokioTungstenite;
    spec.reading.web_socket_second_opinion = true;
    let send = vec![
        ToSend::Message(Outgoing::Text("-1".to_owned())),
        ToSend::InputLines,
    ];
    let secrets = Secrets::new([("TOKEN".to_owned(), "s3cret".to_owned())]);
    let (name, automatic) = (None, Vec::new());
    let expected = FeedPlan {
        spec,
        send,
        name,
        automatic,
        secrets,
        reading: FeedReading::default(),
    };
    assert_eq!(plan.feeds, [expected]);
    assert_eq!(
        (plan.duration, plan.output),
        (Some(Duration::from_secs(2)), RunOutput::Text)
    );
    assert_eq!(
        tail(&["localhost", "--last-event-id", "7"]).feeds[0]
            .spec
            .http
            .last_event_id,
        "7"
    );
    assert_eq!(
        tail(&["localhost", "--count-only", "-o", "text"]).output,
        RunOutput::CountOnly
    );
}

#[test]
fn a_user_becomes_basic_authentication() {
    let headers = tail(&["localhost", "-u", "Aladdin:open sesame"]).feeds[0]
        .spec
        .http
        .headers
        .clone();
    assert_eq!(
        headers,
        [(
            "Authorization".to_owned(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".into()
        )]
    );
    refused(
        &["tail", "localhost", "-u", "a:b", "-H", "authorization: x"],
        &["-u", "-H"],
    );
}

#[test]
fn headers_that_cannot_be_sent_are_wrong_usage_and_never_repeated() {
    for (header, words) in [
        ("no-colon-s3cret", &["-H", "colon"][..]),
        (": s3cret", &["-H", "name"]),
        ("X Y: s3cret", &["X Y"]),
        ("X: s3cret\r\nY: 1", &["X", "line break"]),
        ("X: ${NOWHERE} s3cret", &["NOWHERE"]),
        ("X: ${TOKEN", &["`}`"]),
    ] {
        refused(&["tail", "localhost", "-H", header], words);
        let Err(Refusal::Sentence(sentence)) = planned(&["tail", "localhost", "-H", header]) else {
            panic!()
        };
        assert!(!sentence.contains("s3cret"), "{sentence}");
    }
}

#[test]
fn help_is_asked_for_and_no_mistake() {
    for arguments in [
        &["--help"][..],
        &["tail", "--help"],
        &["demo", "-h"],
        &["--version"],
    ] {
        let Err(Refusal::Arguments(error)) = planned(arguments) else {
            panic!("{arguments:?}")
        };
        assert_eq!(error.exit_code(), 0, "{arguments:?}");
    }
    Arguments::augment_args(clap::Command::new("x")).debug_assert();
}
