//! Tests of the formats: what is written is read back, and files of others are read as they are.

mod golden;
mod lines;
mod tables;

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
        ..FeedInfo::default()
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
