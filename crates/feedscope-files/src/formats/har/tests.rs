//! Tests of archives: those of other programs open with the right times, and those of Feedscope lose nothing.

use std::io::Cursor;

use feedscope_core::decode::WireInfo;

use super::super::tests::{Read, feed, item, kinds, options, read, written};
use super::super::*;
use super::*;

fn read_har(text: &str) -> (Read, Vec<String>) {
    read(Format::Har, text.as_bytes())
}

/// An archive with these entries.
fn archive(entries: &[&str]) -> String {
    let entries = entries.join(",");
    format!(
        "{{\"log\":{{\"version\":\"1.2\",\"creator\":{{\"name\":\"x\"}},\"entries\":[{entries}],\"pages\":[]}}}}"
    )
}

const SOCKET: &str = r#"{
  "_webSocketMessages": [
    {"type":"receive","time":1693314200.336985,"opcode":1,"data":"{\"a\":\"\u00e9\"}"},
    {"type":"send","time":1693314201.5,"opcode":2,"data":"AP8="},
    {"type":"receive","time":-1,"opcode":1},
    {"type":"error","time":1693314202,"opcode":-1,"data":"lost"}
  ],
  "_webSocketClose": {"code":4001,"reason":"bye"},
  "startedDateTime": "2023-08-29T13:03:20.195591+00:00",
  "request": {"url": "wss://u:s3cret@a.test/v3/channel?api_key=s3cret&x=1", "headers": [{"name":"Cookie","value":"s3cret"}]},
  "response": {"status": 101, "content": {}}
}"#;

#[test]
fn sockets_of_browsers_open_with_their_times() {
    // Playwright writes milliseconds.
    let milliseconds = SOCKET
        .replace("1693314200.336985", "1693314200336.985")
        .replace("1693314201.5", "1693314201500")
        .replace("1693314202", "1693314202000");
    for text in [SOCKET, &milliseconds] {
        let (read, remarks) = read_har(&archive(&[text]));
        assert_eq!(read.feeds[0].name, "channel");
        assert_eq!(
            read.feeds[0].url.as_deref(),
            Some("wss://u:***@a.test/v3/channel?api_key=***&x=1")
        );
        let expected = [
            r#"{"at":"2023-08-29T13:03:20.195591Z","connection":1,"feed":"channel","kind":"state","state":"open","status":101}"#,
            r#"{"at":"2023-08-29T13:03:20.336985Z","connection":1,"feed":"channel","kind":"text","direction":"in","data":"{\"a\":\"é\"}"}"#,
            r#"{"at":"2023-08-29T13:03:21.500000Z","connection":1,"feed":"channel","kind":"binary","direction":"out","data_base64":"AP8="}"#,
            r#"{"at":"2023-08-29T13:03:21.500000Z","connection":1,"feed":"channel","kind":"text","direction":"in","data":""}"#,
            r#"{"at":"2023-08-29T13:03:22.000000Z","connection":1,"feed":"channel","kind":"note","code":"error","text":"lost"}"#,
            r#"{"at":"2023-08-29T13:03:22.000000Z","connection":1,"feed":"channel","kind":"close","direction":"in","code":4001,"reason":"bye"}"#,
        ];
        let lines: Vec<_> = read.lines.iter().map(|line| line.trim_end()).collect();
        assert_eq!(lines, expected);
        assert_eq!(remarks, ["1 message without data"]);
    }
}

const EVENTS: &str = r#"{
  "startedDateTime": "2023-08-29T13:03:20.000Z",
  "request": {"url": "https://a.test/events"},
  "response": {"status": 200, "content": {"mimeType": "text/event-stream; charset=utf-8", "text": ": hi\nid: 7\ndata: a\n\n"}},
  "_eventSourceMessages": [{"time":1693314200.5,"eventName":"price","eventId":"7","data":"a"}]
}"#;

#[test]
fn events_have_times_where_the_archive_has_them() {
    let (read, remarks) = read_har(&archive(&[
        EVENTS,
        "{\"request\":{\"url\":\"https://a.test/x.png\"},\"response\":{\"content\":{\"text\":\"\"}}}",
    ]));
    assert_eq!(read.lines.len(), 2);
    assert!(
        read.lines[1].starts_with("{\"at\":\"2023-08-29T13:03:20.500000Z\""),
        "{read:?}"
    );
    assert_eq!(remarks, ["1 other request left out"]);
    // Without messages, the body is decoded, also where it is base64.
    let without = EVENTS.replace("_eventSourceMessages", "other");
    let base64 = without.replace(
        r#""text": ": hi\nid: 7\ndata: a\n\n""#,
        r#""text": "OiBoaQppZDogNwpkYXRhOiBhCgo=", "encoding": "base64""#,
    );
    for text in [without, base64] {
        let (read, remarks) = read_har(&archive(&[&text]));
        assert_eq!(
            read.short()[1..],
            [
                "\"kind\":\"comment\",\"data\":\"hi\"}",
                "\"kind\":\"event\",\"event\":\"message\",\"id\":\"7\",\"data\":\"a\"}",
            ]
        );
        assert!(
            remarks[0].starts_with("times are not known of the events of 1 connection"),
            "{remarks:?}"
        );
    }
    let lines = EVENTS
        .replace("text/event-stream", "application/x-ndjson")
        .replace("_eventSourceMessages", "other");
    let (read, _) = read_har(&archive(&[&lines]));
    assert_eq!(read.short()[1], "\"kind\":\"line\",\"data\":\": hi\"}");
    assert_eq!(read.lines.len(), 4);
}

#[test]
fn connections_at_the_same_time_are_feeds_of_their_own() {
    let later = SOCKET.replace("13:03:20.195591", "13:05:20.195591");
    let (read, _) = read_har(&archive(&[SOCKET, SOCKET, &later]));
    let names: Vec<_> = read.feeds.iter().map(|feed| &*feed.name).collect();
    assert_eq!(names, ["channel", "channel-2"]);
    let connections = |name: &str| {
        let of_feed = format!("\"feed\":\"{name}\"");
        read.lines
            .iter()
            .filter(|line| line.contains(&of_feed))
            .count()
    };
    assert_eq!((connections("channel"), connections("channel-2")), (12, 6));
}

#[test]
fn an_archive_of_feedscope_loses_nothing() {
    for protocol in [
        FeedProtocol::WebSocket,
        FeedProtocol::EventStream,
        FeedProtocol::Lines,
    ] {
        let info = FeedInfo {
            protocol: Some(protocol),
            started: Some(feedscope_core::Timestamp::from_micros(1_000_000)),
            ..feed("a")
        };
        // The wall clock goes back between two records, and a message was sent twice.
        let items: Vec<_> = kinds()
            .into_iter()
            .chain(kinds())
            .enumerate()
            .map(|(at, kind)| {
                item(
                    0,
                    at as i64 * 1_000 - if at > 7 { 60_000_000 } else { 0 },
                    kind,
                )
            })
            .collect();
        let (bytes, remarks) = written(
            Format::Har,
            &WriteOptions::default(),
            std::slice::from_ref(&info),
            &items,
        )
        .unwrap();
        assert_eq!(remarks, Vec::<String>::new());
        let (read, remarks) = read(Format::Har, &bytes);
        assert_eq!(remarks, Vec::<String>::new());
        assert_eq!(read.feeds, [info]);
        let mut expected = Read::default();
        expected.add_feed(&read.feeds[0]);
        for item in items {
            expected.push(item);
        }
        assert_eq!(read.lines, expected.lines, "{}", protocol.word());
    }
}

#[test]
fn members_of_an_entry_may_come_in_any_order() {
    let items: Vec<_> = kinds().into_iter().map(|kind| item(0, 5, kind)).collect();
    let info = FeedInfo {
        url: None,
        protocol: Some(FeedProtocol::WebSocket),
        ..feed("a/b c")
    };
    let (bytes, _) = written(Format::Har, &WriteOptions::default(), &[info], &items).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("https://unknown.invalid/a%2Fb+c"), "{text}");
    // `serde_json` sorts the members.
    let sorted: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let (first, _) = read(Format::Har, &bytes);
    let (second, _) = read_har(&sorted.to_string());
    assert_eq!(first.lines, second.lines);
    assert_eq!(
        (first.feeds[0].url.clone(), &*first.feeds[0].name),
        (None, "a/b c")
    );
}

#[test]
fn chrome_finds_messages_of_every_form() {
    let kind = feedscope_core::record::Kind::Text {
        direction: feedscope_core::record::Direction::In,
        data: b"x",
        failed: None,
        wire: Some(WireInfo {
            frames: 2,
            compressed: true,
            wire_bytes: 9,
        }),
    };
    let info = FeedInfo {
        protocol: Some(FeedProtocol::WebSocket),
        ..feed("a")
    };
    let (bytes, _) = written(
        Format::Har,
        &WriteOptions::default(),
        &[info],
        &[item(0, 0, kind)],
    )
    .unwrap();
    let har: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let message = &har["log"]["entries"][0]["_webSocketMessages"][0];
    assert_eq!(message["type"], "receive");
    assert_eq!(message["time"], 1_795_240_154.524_118);
    assert_eq!(
        (&message["opcode"], &message["data"]),
        (&1.into(), &"x".into())
    );
}

#[test]
fn a_file_that_is_no_archive_is_an_error() {
    let whole = archive(&[SOCKET]);
    for text in [
        "",
        "[]",
        "{}",
        "{\"log\":1}",
        "{\"log\":{}}",
        "{\"log\":{\"entries\":7}}",
        &whole[..whole.len() - 3],
        &whole[..400],
    ] {
        let input = FileInput::new(Cursor::new(text.as_bytes().to_vec()));
        let mut reader = HarReader::new(input, options());
        let mut read = Read::default();
        let result = loop {
            match reader.read(&mut read) {
                Ok(true) => {}
                other => break other,
            }
        };
        assert!(result.is_err(), "{text}");
    }
}
