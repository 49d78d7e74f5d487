//! Tests of the text form.

use std::time::Duration;

use feedscope_core::connection::StateChange;
use feedscope_core::gap::Gap;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind};
use feedscope_core::time::Stamp;
use feedscope_core::{ConnectionState, NoteCode};

use super::*;

fn line_of(form: &TextForm, kind: Kind<'_>) -> String {
    let stamp = Stamp {
        utc: Timestamp::from_micros(1_795_240_154_524_118),
        ..Stamp::default()
    };
    let mut out = Vec::new();
    form.write_line(
        &mut out,
        &Record {
            stamp,
            connection: 1,
            kind,
        },
    );
    String::from_utf8(out).unwrap()
}

fn form(feed: Option<&str>, colored: bool) -> TextForm {
    TextForm {
        feed: feed.map(str::to_owned),
        feed_width: 6,
        zone: TimeZone::UTC,
        colored,
        columns: None,
        interpreter: Interpreter::default(),
    }
}

fn check(kind: Kind<'_>, expected: &str) {
    assert_eq!(
        line_of(&form(None, false), kind),
        format!("05:49:14.524{expected}\n")
    );
}

fn change(state: ConnectionState) -> StateChange {
    StateChange::to(state)
}

#[test]
fn each_kind_has_its_line() {
    let direction = Direction::In;
    check(
        Kind::Event {
            event: b"message",
            id: b"41",
            data: b"{}",
        },
        " ↓ message      41       {}",
    );
    check(
        Kind::Event {
            event: b"a-very-long-type",
            id: b"",
            data: b"x",
        },
        " ↓ a-very-long-type          x",
    );
    check(
        Kind::Comment { data: b"tick" },
        " ↓ comment               tick",
    );
    check(Kind::Line { data: b"[1]" }, " ↓ line                  [1]");
    check(Kind::Retry { ms: 3000 }, " ↓ retry                 3000 ms");
    check(
        Kind::Text {
            direction: Direction::Out,
            data: b"hi",
            failed: Some("stopped"),
            wire: None,
        },
        " ↑ text                  hi  (not sent: stopped)",
    );
    check(
        Kind::Binary {
            direction,
            data: &[0, 255],
            failed: None,
            wire: None,
        },
        " ↓ binary                2 B 00 ff",
    );
    check(
        Kind::Close {
            direction,
            code: CloseCode(1001),
            reason: "bye",
        },
        " ↓ close                 1001 bye",
    );
    let gap = Gap {
        missing: Some(3),
        repeated: None,
        from: "4".to_owned(),
        to: "8".to_owned(),
    };
    check(
        Kind::Gap(gap),
        " · gap                   3 missed between id 4 and 8",
    );
    check(
        Kind::Note {
            code: NoteCode::CLOCK_JUMP,
            text: "late",
        },
        " · note                  late",
    );
    let rtt = Some(Duration::from_micros(1_042));
    check(
        Kind::Pong {
            direction,
            data: b"",
            rtt,
        },
        " ↓ pong                  round trip 1.0 ms",
    );
}

#[test]
fn columns_of_fields_have_their_numbers_at_the_right() {
    let columns = TextColumns::parse("time,type,.symbol,.price,.note").unwrap();
    let form = form(None, false).with_columns(Some(columns));
    let line = |data: &str| {
        line_of(
            &form,
            Kind::Line {
                data: data.as_bytes(),
            },
        )
    };
    let first = line(r#"{"symbol":"ACME","price":101.5,"note":"x"}"#);
    assert_eq!(first, "05:49:14.524  line  ACME  101.5  x\n");
    let lines = [
        (r#"{"symbol":"B","price":"7"}"#, "line  B         7"),
        (
            r#"{"symbol":"\u001b[2J","price":"high"}"#,
            "line  ␛[2J  high",
        ),
        // A record without the fields shows its payload.
        (r#"{"heartbeat":1}"#, "line  {\"heartbeat\":1}"),
        ("no JSON", "line  no JSON"),
    ];
    for (data, expected) in lines {
        assert_eq!(line(data), format!("05:49:14.524  {expected}\n"));
    }
    let closed = line_of(&form, Kind::State(change(ConnectionState::Closed)));
    assert_eq!(closed, "05:49:14.524  closed\n");
}

#[test]
fn parts_of_a_record_may_be_columns() {
    let columns = TextColumns::parse("direction,size,id,payload").unwrap();
    let form = form(Some("feed"), false).with_columns(Some(columns));
    let line = |id: &str, data: &str| {
        let kind = Kind::Event {
            event: b"",
            id: id.as_bytes(),
            data: data.as_bytes(),
        };
        line_of(&form, kind)
    };
    assert_eq!(line("1", "twelve bytes"), "feed   ↓  12  1  twelve bytes\n");
    assert_eq!(line("", "x"), "feed   ↓   1     x\n");
}

#[test]
fn transitions_say_what_there_is_to_say() {
    check(Kind::State(change(ConnectionState::Closed)), " · closed");
    let open = StateChange {
        status: Some(200),
        ..change(ConnectionState::Open)
    };
    check(Kind::State(open), " · open                  HTTP 200");
    let reconnecting = StateChange {
        attempt: Some(2),
        delay_ms: Some(3100),
        reason: Some("lost\u{1b}".to_owned()),
        ..change(ConnectionState::Reconnecting)
    };
    check(
        Kind::State(reconnecting),
        " · reconnecting          lost␛; attempt 2 in 3.1 s",
    );
    let far = StateChange {
        attempt: Some(2),
        delay_ms: Some(259_200_000),
        ..change(ConnectionState::Reconnecting)
    };
    check(
        Kind::State(far),
        " · reconnecting          attempt 2 in 3 days",
    );
}

#[test]
fn escape_sequences_pass_nowhere() {
    let evil = "\u{1b}[2J\u{202e}";
    let bytes = evil.as_bytes();
    for kind in [
        Kind::Event {
            event: bytes,
            id: bytes,
            data: bytes,
        },
        Kind::Comment { data: bytes },
        Kind::Text {
            direction: Direction::In,
            data: bytes,
            failed: Some(evil),
            wire: None,
        },
        Kind::Close {
            direction: Direction::In,
            code: CloseCode(1000),
            reason: evil,
        },
        Kind::Note {
            code: NoteCode(evil),
            text: evil,
        },
        Kind::State(StateChange {
            reason: Some(evil.to_owned()),
            ..change(ConnectionState::Failed)
        }),
    ] {
        let line = line_of(&form(Some(evil), false), kind);
        assert!(
            !line.trim_end().contains(['\u{1b}', '\u{202e}', '\n']),
            "{line:?}"
        );
    }
}

#[test]
fn feeds_are_named_and_colors_end_where_they_began() {
    let line = line_of(&form(Some("chat"), true), Kind::Comment { data: b"x" });
    assert!(line.contains(" chat  "), "{line:?}");
    assert!(
        line.rfind("\u{1b}[0m") > line.rfind("\u{1b}[2m"),
        "{line:?}"
    );
}
