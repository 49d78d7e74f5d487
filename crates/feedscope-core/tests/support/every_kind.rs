//! Records of every kind, with each form of their fields.
//!
//! A module that includes this file must import core as `under_test`, because core's own tests and other tests use
//! different names for it.

use std::time::Duration;

use super::under_test::connection::{ConnectionState, StateChange};
use super::under_test::decode::WireInfo;
use super::under_test::gap::Gap;
use super::under_test::protocol::CloseCode;
use super::under_test::{Direction, Kind, NoteCode};

/// Returns at least one record of every kind. Tests select some of them by their places, so that new ones are appended.
pub(super) fn every_kind() -> Vec<Kind<'static>> {
    let change = StateChange {
        attempt: Some(2),
        reconnects: Some(7),
        delay_ms: Some(300),
        status: Some(404),
        reason: Some("no".to_owned()),
        ..StateChange::to(ConnectionState::Failed)
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
        event(&[b't'; 70], b"18", b""),
        Kind::Comment {
            data: b"still here",
        },
        Kind::Retry { ms: u64::MAX },
        Kind::Text {
            direction: incoming,
            data: "hé".as_bytes(),
            failed: None,
            wire: None,
        },
        Kind::Text {
            direction: incoming,
            data: b"in pieces",
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
            wire: None,
        },
        Kind::Binary {
            direction: outgoing,
            data: b"squeezed",
            failed: None,
            wire: Some(wire(1, true, 3)),
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
            code: CloseCode(1006),
            reason: "lost the price",
        },
        Kind::Gap(gap),
        Kind::Note {
            code: NoteCode::NOT_RECORDED,
            text: "still",
        },
        Kind::Line {
            data: b"{\"a\":[1]}",
        },
        event(b"price", b"19", b"\xff\x00"),
    ]
}
