//! Recordings from a store to a file and back: whole, cut, damaged, continued and divided.

mod damage;
mod ended_feeds;
#[path = "../../../feedscope-core/tests/support/every_kind.rs"]
mod every_kind;
mod golden;
mod round_trip;
mod slow_disk;
mod writing;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use every_kind::every_kind;
use feedscope_core as under_test;
use feedscope_core::connection::{ConnectionState, StateChange};
use feedscope_core::decode::WireInfo;
use feedscope_core::gap::Gap;
use feedscope_core::protocol::CloseCode;
use feedscope_core::store::{RowNumber, Store, StoreWriter};
use feedscope_core::{Direction, Kind, Moment, NoteCode, Record, Sink as _, Stamp, Timestamp};
use tempfile::TempDir;

use super::*;

const DEADLINE: Duration = Duration::from_mins(1);

/// Waits for a condition.
fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "no {what}");
        std::thread::yield_now();
    }
}

fn target(path: &Path) -> RecordingTarget {
    RecordingTarget {
        path: path.to_owned(),
        existing: Existing::Refuse,
        left_free: 0,
    }
}

fn description(name: &str) -> FeedDescription {
    FeedDescription {
        name: name.to_owned(),
        url: Some(format!("http://localhost/{name}?token=***")),
        protocol: "event-stream".to_owned(),
        engine: Some("native".to_owned()),
        ..FeedDescription::default()
    }
}

fn recorded(name: &str, store: &Store) -> RecordedFeed {
    RecordedFeed {
        description: description(name),
        store: store.clone(),
        from: RowNumber(0),
    }
}

/// Records these feeds to a file that ends cleanly.
fn record(path: &Path, feeds: Vec<RecordedFeed>) -> RecordingProgress {
    Recorder::start(target(path), None, feeds, || {})
        .unwrap()
        .finish()
}

fn stamp(ms: u64) -> Stamp {
    Stamp {
        moment: Moment::from_millis(ms),
        utc: Timestamp::from_micros(1_795_240_154_000_000 + ms as i64 * 1_000),
    }
}

fn push(writer: &mut StoreWriter, ms: u64, kind: Kind<'_>) {
    writer.push(&Record {
        stamp: stamp(ms),
        connection: 1,
        kind,
    });
}

fn comment(writer: &mut StoreWriter, ms: u64, text: &str) {
    let data = text.as_bytes();
    push(writer, ms, Kind::Comment { data });
}

/// The text of each comment, and the code of each note, of an opened feed.
fn texts(feed: &OpenedFeed) -> Vec<String> {
    let end = feed.store.extent().end;
    let text = |row| {
        let owned = feed.store.record(row).unwrap();
        match owned.record().kind {
            Kind::Comment { data } => String::from_utf8_lossy(data).into_owned(),
            Kind::Note { code, .. } => format!("note {code}"),
            Kind::State(change) => {
                let reason = change.reason.as_deref().unwrap_or_default();
                format!("{}: {reason}", change.state.word())
            }
            other => panic!("{other:?}"),
        }
    };
    RowNumber::each(RowNumber(0)..end).map(text).collect()
}

fn open_one(path: &Path) -> OpenedRecording {
    open(&[path.to_owned()]).unwrap()
}

/// Records of the golden files. They are not those of the other tests, because these files never change.
fn samples() -> Vec<Kind<'static>> {
    let change = StateChange {
        state: ConnectionState::Reconnecting,
        attempt: Some(2),
        reconnects: Some(7),
        delay_ms: Some(300),
        status: Some(503),
        reason: Some("no".to_owned()),
    };
    let gap = Gap {
        missing: Some(3),
        repeated: None,
        from: "1".to_owned(),
        to: "5".to_owned(),
    };
    let wire = |frames, compressed, wire_bytes| WireInfo {
        frames,
        compressed,
        wire_bytes,
    };
    let (incoming, outgoing) = (Direction::In, Direction::Out);
    let event = |event, id, data| Kind::Event { event, id, data };
    vec![
        Kind::State(change),
        event(b"message", b"", b"a price"),
        event(b"price", b"17", b"{\"a\":1}"),
        event(&[b't'; 70], b"18", b"\xff\x00"),
        Kind::Comment { data: b"still" },
        Kind::Retry { ms: u64::MAX },
        Kind::Text {
            direction: incoming,
            data: "hé".as_bytes(),
            failed: None,
            wire: Some(wire(70_000, false, 9)),
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
            wire: Some(wire(1, true, 1)),
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
        Kind::Close {
            direction: incoming,
            code: CloseCode(4001),
            reason: "bye",
        },
        Kind::Gap(gap),
        Kind::Note {
            code: NoteCode("let_go"),
            text: "a sentence",
        },
    ]
}

/// Copies the bytes of a file up to `len` into another one.
fn cut(path: &Path, folder: &TempDir, len: u64) -> PathBuf {
    let bytes = fs::read(path).unwrap();
    let cut = folder.path().join("cut.feedscope");
    fs::write(&cut, &bytes[..len as usize]).unwrap();
    cut
}
