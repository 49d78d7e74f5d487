//! Tests of the formats: what is written is read back, and files of others are read as they are.

mod golden;

use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use feedscope_core::NoteCode;
use feedscope_core::connection::{ConnectionState, StateChange};
use feedscope_core::decode::WireInfo;
use feedscope_core::gap::Gap;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::time::{Stamp, Timestamp};
use proptest::prelude::*;

use super::*;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// 2026-11-21T05:49:14.524118Z.
const AT: i64 = 1_795_240_154_524_118;

/// Feeds and lines of a file that was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) feeds: Vec<FeedInfo>,
    pub(super) lines: Vec<String>,
}

impl ItemSink for Read {
    fn add_feed(&mut self, feed: &FeedInfo) {
        self.feeds.push(feed.clone());
    }

    fn push(&mut self, item: FileItem<'_>) {
        let mut line = Vec::new();
        let name = self.feeds[item.feed()].name.clone();
        item.write_json_line(&mut line, Some(&name));
        self.lines.push(String::from_utf8(line).unwrap());
    }
}

impl Read {
    /// Lines without the members that all records have.
    pub(super) fn short(&self) -> Vec<&str> {
        let short = |line: &str| line.find("\"kind\"").unwrap_or_default();
        self.lines
            .iter()
            .map(|line| line[short(line)..].trim_end())
            .collect()
    }
}

pub(super) fn options() -> ReadOptions {
    ReadOptions {
        name: "stream".to_owned(),
        max_message: 1 << 20,
        now: Box::new(|| Timestamp::from_micros(AT)),
    }
}

pub(super) fn read(format: Format, bytes: &[u8]) -> (Read, Vec<String>) {
    let mut reader = reader(
        format,
        FileInput::new(Cursor::new(bytes.to_vec())),
        options(),
    )
    .unwrap();
    let mut read = Read::default();
    while reader.read(&mut read).unwrap() {}
    (read, reader.remarks())
}

/// Output that can be looked at when its writer is gone.
#[derive(Clone, Default)]
struct KeptOutput(Arc<Mutex<Vec<u8>>>);

impl Write for KeptOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes records of feeds that have these names.
pub(super) fn written(
    format: Format,
    options: &WriteOptions,
    feeds: &[FeedInfo],
    items: &[FileItem<'_>],
) -> Result<(Vec<u8>, Vec<String>), WriteError> {
    let out = KeptOutput::default();
    let mut writer = writer(format, Box::new(out.clone()), options)?;
    for feed in feeds {
        writer.add_feed(feed)?;
    }
    let cells = vec![Cell::Text("=1+1".to_owned()); options.columns.len()];
    for item in items {
        writer.write(item, &cells)?;
    }
    let remarks = writer.finish()?;
    let bytes = out.0.lock().unwrap().clone();
    Ok((bytes, remarks))
}

pub(super) fn feed(name: &str) -> FeedInfo {
    FeedInfo {
        name: name.to_owned(),
        url: Some(format!("http://a.test/{name}")),
        protocol: Some(FeedProtocol::EventStream),
        engine: Some("native".to_owned()),
        is_own: true,
        is_named: true,
        started: None,
    }
}

pub(super) fn item(feed: usize, micros: i64, kind: Kind<'_>) -> FileItem<'_> {
    FileItem::Record {
        feed,
        record: Record {
            stamp: Stamp {
                utc: Timestamp::from_micros(AT + micros),
                ..Stamp::default()
            },
            connection: 2,
            kind,
        },
        extra: "",
    }
}

pub(super) fn kinds() -> Vec<Kind<'static>> {
    let (incoming, outgoing) = (Direction::In, Direction::Out);
    let change = StateChange {
        state: ConnectionState::Reconnecting,
        attempt: Some(2),
        reconnects: Some(7),
        delay_ms: Some(3_000),
        status: Some(503),
        reason: Some("lost \u{1b}[0m".to_owned()),
    };
    let gap = Gap {
        missing: Some(3),
        repeated: None,
        from: "1".to_owned(),
        to: "5".to_owned(),
    };
    vec![
        Kind::State(change),
        Kind::Event {
            event: b"message",
            id: b"",
            data: b"plain\ntext",
        },
        Kind::Event {
            event: b"price",
            id: b"17",
            data: b"\xff",
        },
        Kind::Comment { data: b"\x00" },
        Kind::Retry { ms: u64::MAX },
        Kind::Text {
            direction: incoming,
            data: "h\u{e9} \u{2028}".as_bytes(),
            failed: None,
            wire: Some(WireInfo {
                frames: 3,
                compressed: true,
                wire_bytes: 9,
            }),
        },
        Kind::Text {
            direction: outgoing,
            data: b"lost",
            failed: Some("stopped"),
            wire: None,
        },
        Kind::Binary {
            direction: outgoing,
            data: &[0, 255],
            failed: None,
            wire: Some(WireInfo {
                frames: 2,
                compressed: false,
                wire_bytes: 2,
            }),
        },
        Kind::Ping {
            direction: outgoing,
            data: b"1",
        },
        Kind::Pong {
            direction: incoming,
            data: b"1",
            rtt: Some(Duration::from_micros(1_042)),
        },
        Kind::Pong {
            direction: incoming,
            data: b"",
            rtt: None,
        },
        Kind::Close {
            direction: incoming,
            code: CloseCode(4001),
            reason: "bye",
        },
        Kind::Gap(gap),
        Kind::Note {
            code: NoteCode("let_go"),
            text: "a \"sentence\"",
        },
        Kind::Line { data: b"{\"a\":1}" },
    ]
}

#[test]
fn lines_of_json_lose_nothing() {
    let feeds = [feed("ticks"), feed("chat")];
    let items: Vec<_> = kinds()
        .into_iter()
        .enumerate()
        .map(|(at, kind)| item(at % 2, at as i64, kind))
        .collect();
    let (bytes, remarks) =
        written(Format::Ndjson, &WriteOptions::default(), &feeds, &items).unwrap();
    assert_eq!(remarks, Vec::<String>::new());
    let (read, remarks) = read(Format::Ndjson, &bytes);
    assert_eq!((read.feeds.as_slice(), remarks), (&feeds[..], Vec::new()));
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').skip(2).collect();
    assert_eq!(read.lines, lines);
}

#[test]
fn a_recording_loses_nothing() {
    let feeds = [feed("ticks"), feed("chat")];
    let items: Vec<_> = kinds()
        .into_iter()
        .enumerate()
        .map(|(at, kind)| item(at % 2, at as i64, kind))
        .collect();
    let options = WriteOptions::default();
    let (bytes, remarks) = written(Format::Feedscope, &options, &feeds, &items).unwrap();
    assert_eq!(remarks, Vec::<String>::new());
    let (mut read, remarks) = read(Format::Feedscope, &bytes);
    assert_eq!(remarks, Vec::<String>::new());
    let mut expected = Read::default();
    for info in &feeds {
        expected.add_feed(info);
    }
    for item in items {
        expected.push(item);
    }
    // The items have equal moments, so that those of each feed come together.
    read.lines.sort();
    expected.lines.sort();
    assert_eq!(read.lines, expected.lines);
    for (info, expected) in read.feeds.iter().zip(feeds) {
        assert!(info.started.is_some());
        assert_eq!(
            FeedInfo {
                started: None,
                ..info.clone()
            },
            expected
        );
    }
    let zstd = zstd::encode_all(&bytes[..], 1).unwrap();
    assert_eq!(
        super::tests::read(Format::Feedscope, &zstd).0.lines.len(),
        read.lines.len()
    );
}

#[test]
fn a_recording_reports_what_later_versions_wrote() {
    let unknown = FileItem::Unknown {
        feed: 0,
        stamp: Stamp::default(),
        connection: 4,
        kind: "weather",
        extra: ",\"sky\":[1]",
    };
    let FileItem::Record { record, .. } = item(0, 0, Kind::Retry { ms: 1 }) else {
        unreachable!()
    };
    let more = FileItem::Record {
        feed: 0,
        record,
        extra: ",\"later\":1",
    };
    let options = WriteOptions::default();
    let (bytes, remarks) =
        written(Format::Feedscope, &options, &[feed("a")], &[unknown, more]).unwrap();
    assert_eq!(
        remarks,
        [
            "members that this version does not know are left out of 1 record",
            "1 record of unknown kinds became notes"
        ]
    );
    let (read, _) = read(Format::Feedscope, &bytes);
    assert_eq!(
        read.short()[0],
        "\"kind\":\"note\",\"code\":\"weather\",\"text\":\"{\\\"sky\\\":[1]}\"}"
    );
}

#[test]
fn unknown_members_and_kinds_pass_through() {
    let file = "{\"at\":\"2026-11-21T05:49:14.524118Z\",\"connection\":1,\"feed\":\"a\",\"kind\":\"comment\",\"data\":\"x\",\"later\":[1,2]}\n\
        {\"at\":\"2026-11-21T05:49:14.524119Z\",\"connection\":1,\"feed\":\"a\",\"kind\":\"weather\",\"sky\":\"gr\\u00fcn\"}\n";
    let (read, _) = read(Format::Ndjson, file.as_bytes());
    assert_eq!(read.lines.concat(), file);
}

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
            "2 lines that Feedscope did not write have no times",
            "1 empty line left out"
        ]
    );
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

#[test]
fn a_table_guards_what_a_spreadsheet_would_execute() {
    let data = |data: &'static str| {
        item(
            0,
            0,
            Kind::Line {
                data: data.as_bytes(),
            },
        )
    };
    let items = [
        data("=cmd|' /C calc'!A0"),
        data("-12.5e3"),
        data("a,\"b\"\nc"),
        data("+1-1"),
        data("\t=1"),
    ];
    let options = WriteOptions {
        columns: vec!["price".to_owned()],
        ..WriteOptions::default()
    };
    let (bytes, remarks) = written(Format::Csv, &options, &[feed("a")], &items).unwrap();
    let mut table = ::csv::Reader::from_reader(&bytes[..]);
    let headers = table.headers().unwrap().clone();
    assert_eq!(headers.get(headers.len() - 1), Some("price"));
    let at = headers.iter().position(|name| name == "data").unwrap();
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    let cells: Vec<_> = rows.iter().map(|row| row[at].to_owned()).collect();
    assert_eq!(
        cells,
        [
            "'=cmd|' /C calc'!A0",
            "-12.5e3",
            "a,\"b\"\nc",
            "'+1-1",
            "'\t=1"
        ]
    );
    assert_eq!(&rows[0][headers.len() - 1], "'=1+1");
    assert!(
        remarks[0].starts_with("8 cells begin with '"),
        "{remarks:?}"
    );
    let options = WriteOptions {
        unguarded: true,
        ..options
    };
    let (bytes, remarks) = written(Format::Csv, &options, &[feed("a")], &items[..1]).unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains(",=cmd|"));
    assert_eq!(remarks, Vec::<String>::new());
}

#[test]
fn every_field_of_a_line_has_a_column() {
    let (bytes, _) = written(
        Format::Csv,
        &WriteOptions::default(),
        &[feed("a")],
        &kinds()
            .into_iter()
            .map(|kind| item(0, 0, kind))
            .collect::<Vec<_>>(),
    )
    .unwrap();
    let mut table = ::csv::Reader::from_reader(&bytes[..]);
    let headers = table.headers().unwrap().clone();
    for (row, kind) in table.records().map(Result::unwrap).zip(kinds()) {
        let mut line = Vec::new();
        item(0, 0, kind).write_json_line(&mut line, Some("a"));
        let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
        for (name, value) in line.as_object().unwrap() {
            let at = headers.iter().position(|header| header == name).unwrap();
            let expected = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => String::new(),
                other => other.to_string(),
            };
            assert_eq!(row[at], expected, "{name} of {line}");
        }
    }
}

#[test]
fn messages_of_mcap_are_objects_with_a_schema() {
    let event = |at, event: &'static str, data: &'static str| {
        item(
            0,
            at,
            Kind::Event {
                event: event.as_bytes(),
                id: b"",
                data: data.as_bytes(),
            },
        )
    };
    let mut items = vec![
        event(0, "price", "{\"price\": 1.50}"),
        event(1, "price", "17"),
        event(2, "price", "plain"),
    ];
    items.extend(kinds().into_iter().map(|kind| item(1, 3, kind)));
    let feeds = [feed("a/b"), feed("chat")];
    let (bytes, _) = written(Format::Mcap, &WriteOptions::default(), &feeds, &items).unwrap();
    let messages: Vec<_> = ::mcap::MessageStream::new(&bytes)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(messages.len(), items.len());
    let of = |topic: &str| {
        let found = messages
            .iter()
            .filter(|message| message.channel.topic == topic);
        found
            .map(|message| String::from_utf8(message.data.to_vec()).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("/a_b/price"),
        [
            "{\"price\": 1.50}",
            "{\"value\":17}",
            "{\"text\":\"plain\"}"
        ]
    );
    assert_eq!(of("/chat/binary/sent"), ["{\"base64\":\"AP8=\"}"]);
    assert_eq!(of("/chat/retry"), ["{\"value\":18446744073709551615}"]);
    // A state, a message that was not sent, a close, a gap and a note.
    let log = of("/chat/connection");
    assert_eq!(log.len(), 5, "{log:?}");
    assert!(
        log[0].contains("reconnecting, status 503, attempt 2, in 3000 ms, lost"),
        "{log:?}"
    );
    for message in &messages {
        let schema = message.channel.schema.as_ref().unwrap();
        assert_eq!(
            (&*schema.encoding, &*message.channel.message_encoding),
            ("jsonschema", "json")
        );
        let schema: serde_json::Value = serde_json::from_slice(&schema.data).unwrap();
        assert_eq!(schema["type"], "object");
        let data: serde_json::Value = serde_json::from_slice(&message.data).unwrap();
        for (name, value) in data.as_object().unwrap() {
            assert!(
                schema["properties"].get(name).is_some(),
                "{name}: {value} is not in {schema}"
            );
        }
    }
    let first = messages.iter().map(|message| message.log_time).min();
    assert_eq!(first, Some(AT as u64 * 1_000));
    let summary = ::mcap::Summary::read(&bytes).unwrap().unwrap();
    assert!(!summary.chunk_indexes.is_empty() && summary.stats.is_some());
}

/// Rows of a Parquet file as JSON.
fn parquet_rows(bytes: &[u8]) -> Vec<serde_json::Value> {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    let value = |field: &::parquet::record::Field| -> serde_json::Value {
        use ::parquet::record::Field;
        match field {
            Field::Null => serde_json::Value::Null,
            Field::Bool(value) => (*value).into(),
            Field::Long(value) | Field::TimestampMicros(value) => (*value).into(),
            Field::Double(value) => (*value).into(),
            Field::Str(value) => value.clone().into(),
            Field::Bytes(value) => value.data().to_vec().into(),
            other => panic!("{other:?}"),
        }
    };
    rows.map(|row| {
        let row = row.unwrap();
        let columns = row.get_column_iter();
        columns
            .map(|(name, field)| (name.clone(), value(field)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
    .collect()
}

#[test]
fn a_table_of_columns_has_every_field() {
    let feeds = [feed("a")];
    let items: Vec<_> = kinds().into_iter().map(|kind| item(0, 0, kind)).collect();
    let (bytes, _) = written(Format::Parquet, &WriteOptions::default(), &feeds, &items).unwrap();
    let rows = parquet_rows(&bytes);
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(items) {
        let mut line = Vec::new();
        item.write_json_line(&mut line, Some("a"));
        let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
        for (name, value) in line.as_object().unwrap() {
            let found = match name.as_str() {
                "at" => continue,
                "data_base64" => &row["data_bytes"],
                name => &row[name],
            };
            let is_same = match value {
                serde_json::Value::Number(number) if number.as_u64() == Some(u64::MAX) => {
                    found.as_i64() == Some(i64::MAX)
                }
                // The code of a close frame is a text, because that of a note is one.
                serde_json::Value::Number(number) if name == "code" => {
                    found.as_str() == Some(&number.to_string())
                }
                _ if name == "data_base64" => !found.is_null(),
                value => found == value,
            };
            assert!(is_same, "{name}: {value} became {found}");
        }
    }
}

#[test]
fn the_first_rows_decide_on_the_types_of_requested_columns() {
    let out = KeptOutput::default();
    let options = WriteOptions {
        columns: ["number", "flag", "text", "none"]
            .map(str::to_owned)
            .to_vec(),
        ..WriteOptions::default()
    };
    let mut writer = writer(Format::Parquet, Box::new(out.clone()), &options).unwrap();
    writer.add_feed(&feed("a")).unwrap();
    let number = |text: &str| Cell::Number(text.to_owned());
    let retry = || item(0, 0, Kind::Retry { ms: 1 });
    for cells in [
        [number("1"), Cell::Bool(true), number("2"), Cell::Empty],
        [
            Cell::Empty,
            Cell::Empty,
            Cell::Text("x".to_owned()),
            Cell::Empty,
        ],
        [
            number("2.5"),
            Cell::Bool(false),
            Cell::Json("[1]".to_owned()),
            Cell::Empty,
        ],
    ] {
        writer.write(&retry(), &cells).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), Vec::<String>::new());
    let bytes = out.0.lock().unwrap().clone();
    let rows = parquet_rows(&bytes);
    let columns = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    let null = serde_json::Value::Null;
    assert_eq!(columns("number"), [1.0.into(), null.clone(), 2.5.into()]);
    assert_eq!(columns("flag"), [true.into(), null.clone(), false.into()]);
    assert_eq!(columns("text"), ["2", "x", "[1]"]);
    assert_eq!(columns("none"), [null.clone(), null.clone(), null]);
}

#[test]
fn a_folder_has_a_file_for_each_feed_and_day() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("out");
    let mut writer = Box::new(FolderWriter::create(&path, Vec::new()).unwrap());
    for name in ["a", "b/c=1"] {
        writer.add_feed(&feed(name)).unwrap();
    }
    for (feed, at) in [(0, 0), (1, 1), (0, 2), (0, DAY), (0, DAY + 1)] {
        writer
            .write(&item(feed, at, Kind::Retry { ms: 7 }), &[])
            .unwrap();
    }
    assert!(!path.exists() && writer.partial().exists());
    writer.finish().unwrap();
    let rows = |file: &str| parquet_rows(&std::fs::read(path.join(file)).unwrap()).len();
    assert_eq!(rows("feed=a/date=2026-11-21/part-0001.parquet"), 2);
    assert_eq!(rows("feed=a/date=2026-11-22/part-0002.parquet"), 2);
    assert_eq!(rows("feed=b%2Fc%3D1/date=2026-11-21/part-0001.parquet"), 1);
    assert!(matches!(
        FolderWriter::create(&path, Vec::new()),
        Err(OutputError::Exists(_))
    ));
    // A folder that is not completed leaves nothing.
    let other = parent.path().join("other");
    drop(FolderWriter::create(&other, Vec::new()).unwrap());
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn endings_and_words_name_formats() {
    for (name, format) in [
        ("a.ndjson", Some(Format::Ndjson)),
        ("a.JSONL", Some(Format::Ndjson)),
        ("a.jsonl.gz", Some(Format::Ndjson)),
        ("b/a.sse.zst", Some(Format::Sse)),
        ("a.csv", Some(Format::Csv)),
        ("a.har.gz", Some(Format::Har)),
        ("a.mcap", Some(Format::Mcap)),
        ("a.parquet", Some(Format::Parquet)),
        ("a.feedscope.zst", Some(Format::Feedscope)),
        ("a.txt", None),
        ("ndjson", None),
    ] {
        assert_eq!(Format::of_path(Path::new(name)), format, "{name}");
    }
    for format in Format::ALL {
        assert_eq!(Format::of_word(format.word()), Some(format));
    }
}

proptest! {
    /// Any bytes are read without a panic, and each line is a record or left out.
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in Format::ALL.into_iter().filter(|format| format.is_read()) {
            let input = FileInput::new(Cursor::new(bytes.clone()));
            let mut read = Read::default();
            // A format may refuse the first bytes.
            if let Ok(mut reader) = reader(format, input, options()) {
                while let Ok(true) = reader.read(&mut read) {}
            }
        }
    }

    /// A recording, lines and an archive are read back as the same records, whatever the records are.
    #[test]
    fn round_trips_lose_nothing(
        records in proptest::collection::vec((0_usize..15, 0_usize..2, 1_u32..4, -3_i64..50, "\\PC{0,6}|[\\x00-\\x20\"\\\\]{0,3}"), 0..40),
        protocol in 0_usize..3,
    ) {
        let protocol = [FeedProtocol::EventStream, FeedProtocol::WebSocket, FeedProtocol::Lines][protocol];
        let feeds = ["a", "b"].map(|name| FeedInfo { protocol: Some(protocol), ..feed(name) });
        let all = kinds();
        let mut micros = 0;
        let items: Vec<_> = records
            .iter()
            .map(|(kind, feed, connection, step, text)| {
                // The clock sometimes goes back.
                micros += step * 1_000;
                let kind = match &all[kind % all.len()] {
                    Kind::Event { event, id, .. } => Kind::Event { event, id, data: text.as_bytes() },
                    Kind::Line { .. } => Kind::Line { data: text.as_bytes() },
                    Kind::Note { code, .. } => Kind::Note { code: *code, text },
                    other => other.clone(),
                };
                let FileItem::Record { record, extra, .. } = item(*feed, micros, kind) else {
                    unreachable!()
                };
                FileItem::Record { feed: *feed, record: Record { connection: *connection, ..record }, extra }
            })
            .collect();
        let mut expected = Read::default();
        for info in &feeds {
            expected.add_feed(info);
        }
        for item in &items {
            expected.push(item.clone());
        }
        // All items have the same moment, so that only the order within a feed is fixed.
        expected.lines.sort_by_key(|line| line.contains("\"feed\":\"b\""));
        for format in [Format::Feedscope, Format::Ndjson, Format::Har] {
            let (bytes, remarks) = written(format, &WriteOptions::default(), &feeds, &items).unwrap();
            prop_assert_eq!(remarks, Vec::<String>::new());
            let (mut read, _) = read(format, &bytes);
            read.lines.sort_by_key(|line| line.contains("\"feed\":\"b\""));
            prop_assert_eq!(&read.lines, &expected.lines, "{}", format.word());
        }
    }

    /// An event stream that was written is read back as the same events, if it has room for them.
    #[test]
    fn events_survive_their_text(
        events in proptest::collection::vec(("[a-z]{1,5}", "[0-9 :]{0,4}", "[ -~\n\u{e9}]{0,20}"), 0..20),
    ) {
        let items: Vec<_> = events
            .iter()
            .map(|(event, id, data)| item(0, 0, Kind::Event {
                event: event.as_bytes(),
                id: id.as_bytes(),
                data: data.as_bytes(),
            }))
            .collect();
        let (bytes, _) = written(Format::Sse, &WriteOptions::default(), &[feed("a")], &items).unwrap();
        let (read, _) = read(Format::Sse, &bytes);
        let mut expected = Read { feeds: vec![feed("a")], ..Read::default() };
        for item in items {
            expected.push(item);
        }
        prop_assert_eq!(read.short(), expected.short());
    }
}
