//! Tests of the formats of text that is read by lines: lines of JSON, other lines, and event streams.

use super::*;

#[test]
fn other_lines_are_records_of_their_own() {
    let file = "\u{feff}{\"at\":\"2026-11-21T05:49:15.000000Z\",\"connection\":1,\"kind\":\"retry\",\"ms\":1}\r\n\r\nplain\r\n{\"kind\":\"summary\",\"events\":1}";
    let (read, remarks) = read(Format::Ndjson, file.as_bytes());
    assert_eq!(
        read.lines,
        [
            "{\"at\":\"2026-11-21T05:49:15.000000Z\",\"connection\":1,\"feed\":\"stream\",\"kind\":\"retry\",\"ms\":1}\n",
            // A line without a time is not older than the record before it.
            "{\"at\":\"2026-11-21T05:49:15.000000Z\",\"connection\":1,\"feed\":\"stream\",\"kind\":\"line\",\"data\":\"plain\"}\n",
            "{\"at\":\"2026-11-21T05:49:15.000000Z\",\"connection\":1,\"feed\":\"stream\",\"kind\":\"line\",\"data\":\"{\\\"kind\\\":\\\"summary\\\",\\\"events\\\":1}\"}\n",
        ]
    );
    assert_eq!(
        remarks,
        [
            "2 lines that another program wrote have no times",
            "1 empty line left out"
        ]
    );
}

/// Any line may name another feed, which needs memory. None of the lines is lost.
#[test]
fn lines_of_too_many_feeds_are_plain_lines() {
    let line = |number: usize, kind: &str| {
        format!(
            "{{\"at\":\"2026-11-21T05:49:15.000000Z\",\"connection\":1,\"feed\":\"f{number}\",\"kind\":\"{kind}\",\"data\":\"x\"}}\n"
        )
    };
    let mut file: String = (0..10_002).map(|number| line(number, "comment")).collect();
    file.push_str("{\"kind\":\"feed\",\"feed\":\"more\"}\n");
    file.push_str(&line(9_999, "comment"));
    let (read, remarks) = read(Format::Ndjson, file.as_bytes());
    assert_eq!((read.feeds.len(), read.lines.len()), (10_000, 10_004));
    let lines = |kind: &str| {
        let kind = format!("\"kind\":\"{kind}\"");
        read.lines
            .iter()
            .filter(|line| line.contains(&kind))
            .count()
    };
    assert_eq!((lines("comment"), lines("line")), (10_001, 3));
    let expected = "3 lines read without times, because they are of feeds beyond the first 10,000";
    assert_eq!(remarks, [expected]);
}

#[test]
fn a_line_above_the_limit_is_noted() {
    let mut reader = reader(
        Format::Ndjson,
        FileInput::new(Cursor::new(b"12345678\n1234567\n".to_vec())),
        ReadOptions {
            max_message: 7,
            ..options()
        },
    )
    .unwrap();
    let mut read = Read::default();
    while reader.read(&mut read).unwrap() {}
    assert_eq!(
        read.short(),
        [
            "\"kind\":\"note\",\"code\":\"message_too_long\",\"text\":\"a line of 9 bytes was skipped: the limit is 7 bytes\"}",
            "\"kind\":\"line\",\"data\":\"1234567\"}",
        ]
    );
}

#[test]
fn an_event_stream_is_read_and_written() {
    let file =
        ": hi\nretry: 2500\nid: 7\nevent: price\ndata: a\ndata: b\n\ndata:  c\n\nid: \ndata: d\n\n";
    let (read_back, remarks) = read(Format::Sse, file.as_bytes());
    assert_eq!(
        read_back.short(),
        [
            "\"kind\":\"comment\",\"data\":\"hi\"}",
            "\"kind\":\"retry\",\"ms\":2500}",
            "\"kind\":\"event\",\"event\":\"price\",\"id\":\"7\",\"data\":\"a\\nb\"}",
            "\"kind\":\"event\",\"event\":\"message\",\"id\":\"7\",\"data\":\" c\"}",
            "\"kind\":\"event\",\"event\":\"message\",\"id\":\"\",\"data\":\"d\"}",
        ]
    );
    assert!(remarks[0].starts_with("the file has no times"));
    let items = [
        item(0, 0, Kind::Comment { data: b"hi" }),
        item(0, 0, Kind::Retry { ms: 2500 }),
        item(
            0,
            0,
            Kind::Event {
                event: b"price",
                id: b"7",
                data: b"a\nb",
            },
        ),
        item(
            0,
            0,
            Kind::Event {
                event: b"message",
                id: b"7",
                data: b" c",
            },
        ),
        item(
            0,
            0,
            Kind::Event {
                event: b"message",
                id: b"",
                data: b"d",
            },
        ),
    ];
    let (bytes, _) = written(Format::Sse, &WriteOptions::default(), &[feed("a")], &items).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), file);
}

#[test]
fn an_event_stream_has_room_for_one_event_stream() {
    let options = WriteOptions::default();
    let refused = |feeds: &[FeedInfo], items: &[FileItem<'_>]| {
        written(Format::Sse, &options, feeds, items)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&[feed("a"), feed("b")], &[]).contains("--feed a or --feed b"));
    let socket = FeedInfo {
        protocol: Some(FeedProtocol::WebSocket),
        ..feed("chat")
    };
    assert!(refused(&[socket], &[]).starts_with("chat is not an event stream"));
    let line = item(0, 0, Kind::Line { data: b"x" });
    let unnamed = FeedInfo {
        protocol: None,
        ..feed("x")
    };
    assert!(refused(&[unnamed], &[line]).contains("not an event stream"));
}

#[test]
fn an_unfinished_event_is_noted() {
    let (read, _) = read(Format::Sse, b"data: a\n\ndata: b");
    assert_eq!(read.lines.len(), 2);
    assert!(read.short()[1].contains("\"code\":\"unfinished_event\""));
}
