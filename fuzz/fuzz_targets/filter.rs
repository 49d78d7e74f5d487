//! Fuzz target for filters of any text.
//!
//! A problem has a position in the text. A scan of fixed records finds the records that match one by one. The time is
//! bounded, because the fuzzer reports inputs that take too long.

#![no_main]

use std::sync::{Arc, LazyLock};

use feedscope_analysis::filter::{FieldPath, Filter, ParseContext, ProblemKind, Scan, narrowed};
use feedscope_core::decode::WireInfo;
use feedscope_core::protocol::CloseCode;
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, ListingIndex, RowNumber, ClassSet, Store};
use feedscope_core::{Direction, Kind, Moment, NoteCode, Record, Sink as _, Stamp, Timestamp};
use libfuzzer_sys::fuzz_target;

/// 2026-11-21T05:49:00Z.
const FIRST_MICROS: i64 = 1_795_240_140_000_000;

const TICK: &[u8] = br#"{"symbol":"ACME","price":101.5,"at":"2026-11-21T05:49:14Z","book":{"bid":[[55.1,900],[55,7]],"odd key":null}}"#;

static STORE: LazyLock<Store> = LazyLock::new(|| {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for (kind, number) in kinds().into_iter().zip(0..) {
        writer.push(&Record {
            stamp: Stamp {
                moment: Moment::from_millis(number),
                utc: Timestamp::from_micros(FIRST_MICROS + number as i64 * 1_000),
            },
            connection: 1,
            kind,
        });
    }
    writer.flush();
    store
});

fuzz_target!(|typed: &str| {
    let context = ParseContext::default();
    let filter = match Filter::parse(typed, &context) {
        Ok(filter) => filter,
        Err(problem) => {
            assert!(typed.get(problem.at.clone()).is_some(), "{problem:?}");
            assert!(!problem.to_string().is_empty());
            return;
        }
    };
    let text = "a.b éA 1/2 \u{212a}elvin";
    for range in filter.highlights(text) {
        assert!(text.get(range).is_some_and(|part| !part.is_empty()));
    }

    let all = STORE
        .portion(RowNumber(0), usize::MAX)
        .expect("there are records");
    let matching = all.records().filter(|(_, record)| filter.matches(record));
    let expected: Vec<RowNumber> = matching.map(|(row, _)| row).collect();
    let scan = Scan::new(&STORE, Arc::new(filter), ClassSet::ALL);
    while !scan.step(500).done {}
    assert_eq!(scan.rows(ListingIndex(0), usize::MAX), expected);

    // The compilation of a jq expression takes longer than everything else.
    let chosen = if typed.contains('.') {
        ".symbol == \"ACME\""
    } else {
        "type:price"
    };
    let narrower = narrowed(typed, chosen, &context);
    let problem = Filter::parse(&narrower, &context).err();
    let is_good = problem.is_none_or(|problem| problem.kind == ProblemKind::FieldTooLong);
    assert!(is_good, "{narrower}");
    if !typed.starts_with('.') {
        // Text that begins with a dot was compiled above.
        let _either = FieldPath::parse(typed);
    }
});

fn kinds() -> Vec<Kind<'static>> {
    let (incoming, outgoing) = (Direction::In, Direction::Out);
    let wire = |frames| WireInfo {
        frames,
        compressed: true,
        wire_bytes: 7,
    };
    vec![
        Kind::Event {
            event: b"price",
            id: b"17",
            data: TICK,
        },
        Kind::Event {
            event: b"Price",
            id: b"",
            data: b"",
        },
        Kind::Comment {
            data: b"still here",
        },
        Kind::Retry { ms: 3_000 },
        Kind::Line {
            data: b"{\"a\":[1]}",
        },
        Kind::Text {
            direction: incoming,
            data: "[1,2,null,\"é\",{\"a\":[true]}]".as_bytes(),
            failed: None,
            wire: Some(wire(u32::from_le_bytes(*b"abAB"))),
        },
        Kind::Text {
            direction: outgoing,
            data: b"a.b AC/E \"two words\"",
            failed: Some("stopped"),
            wire: None,
        },
        Kind::Binary {
            direction: incoming,
            data: b"\xff\x00\xe2\x82a",
            failed: None,
            wire: None,
        },
        Kind::Pong {
            direction: incoming,
            data: b"1",
            rtt: None,
        },
        Kind::Close {
            direction: incoming,
            code: CloseCode(1000),
            reason: "bye",
        },
        Kind::Note {
            code: NoteCode("let_go"),
            text: "2 records were let go",
        },
    ]
}
