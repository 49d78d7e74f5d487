//! Comparison of a scan with a test of each stored record, for any order of pushes, steps and dropped rows.

use std::sync::Arc;

use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_core::decode::WireInfo;
use feedscope_core::store::{Class, ClassSet, ListingIndex, RowNumber, Store};
use feedscope_core::{Direction, Kind, Moment, Record, Sink as _, Stamp, Timestamp};
use proptest::prelude::*;

const TYPED: &[&str] = &[
    "",
    "a",
    "ab",
    "Ab",
    "-ab",
    "-Ab",
    "-ab -b",
    "-ab b",
    "-ab .n",
    "-ab type:price",
    "-/a.c/",
    "-/x*/",
    "é",
    "É",
    "\"b a\"",
    "/a.c/",
    "/a.*b/",
    "/^ab/",
    "/b$/",
    "/b\\b/",
    "/[ab]{2}/i",
    "/x*/",
    "a b",
    "\"\\\":4,\\\"a\"",
    "type:price",
    "type:price ab",
    "id:7 a",
    "size:>3",
    "size:>3 -a",
    "is:out",
    ".n > 2",
    ".n > 2 type:price",
    "a .n",
    "7",
];

#[derive(Clone, Debug)]
enum Act {
    Push {
        price: bool,
        out: bool,
        id: String,
        data: String,
    },
    /// A record that fills a large part of a chunk, so that chunks become full and are let go.
    PushLarge(String),
    Step(usize),
    Clear,
}

fn act() -> impl Strategy<Value = Act> {
    let data = || prop_oneof![4 => "[abcABéÉ ]{0,6}", 1 => (0..5_u8).prop_map(|n| format!("{{\"n\":{n},\"a\":\"b\"}}"))];
    prop_oneof![
        40 => (any::<bool>(), any::<bool>(), "[7ab]{0,2}", data()).prop_map(|(price, out, id, data)| Act::Push { price, out, id, data }),
        4 => data().prop_map(Act::PushLarge),
        12 => (0..400_usize).prop_map(Act::Step),
        1 => Just(Act::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_scan_finds_what_trying_each_record_finds(
        acts in proptest::collection::vec(act(), 0..150),
        typed in proptest::sample::select(TYPED),
        hides_sent in any::<bool>(),
    ) {
        let filter = Arc::new(Filter::parse(typed, &ParseContext::default()).unwrap());
        let shown = ClassSet::ALL.with(Class::Sent, !hides_sent);
        // Four large payloads exceed this budget.
        let (mut writer, store) = Store::new(2 << 20);
        let scan = Scan::new(&store, Arc::clone(&filter), shown);
        let wire = WireInfo { frames: u32::from_le_bytes(*b"abAB"), compressed: true, wire_bytes: 7 };
        let mut plain: Vec<bool> = Vec::new();
        for (number, act) in acts.iter().enumerate() {
            let large;
            let record = match act {
                Act::Push { price, out, id, data } => {
                    let (event, direction) = (if *price { &b"price"[..] } else { b"ab" }, Direction::Out);
                    let kind = match out {
                        // Data of a message besides its payload must not match.
                        true if *price => Kind::Text { direction, data: data.as_bytes(), failed: None, wire: Some(wire) },
                        true => Kind::Text { direction, data: data.as_bytes(), failed: Some("ab"), wire: None },
                        false => Kind::Event { event, id: id.as_bytes(), data: data.as_bytes() },
                    };
                    Some(kind)
                }
                Act::PushLarge(data) => {
                    large = format!("{}{data}", ".".repeat(600_000));
                    Some(Kind::Comment { data: large.as_bytes() })
                }
                Act::Step(budget) => {
                    let progress = scan.step(*budget);
                    prop_assert!(progress.looked_at <= progress.total);
                    prop_assert_eq!(progress.done, progress.looked_at == progress.total);
                    None
                }
                Act::Clear => {
                    store.clear();
                    None
                }
            };
            if let Some(kind) = record {
                let (moment, utc) = (Moment::from_millis(number as u64), Timestamp::from_micros(number as i64 * 1_000));
                let record = Record { stamp: Stamp { moment, utc }, connection: 1, kind };
                let class = Class::of(record.kind.tag(), record.kind.direction());
                plain.push(shown.has(class) && filter.matches(&record));
                writer.push(&record);
                writer.flush();
            }
        }
        let mut steps = 0;
        while !scan.step(10_000).done {
            steps += 1;
            prop_assert!(steps < 10_000, "it does not get done");
        }
        let extent = store.extent();
        let kept = RowNumber::each(extent.first..extent.end);
        let expected: Vec<RowNumber> = kept.filter(|row| plain[row.0 as usize]).collect();
        prop_assert_eq!(extent.end.0, plain.len() as u64);
        prop_assert_eq!(scan.count(), expected.len() as u64);
        prop_assert_eq!(&scan.rows(ListingIndex(0), usize::MAX), &expected);
        for (place, &row) in expected.iter().enumerate() {
            let place = ListingIndex(place as u64);
            prop_assert_eq!(scan.select(place), Some(row));
            prop_assert_eq!(scan.rank(row), place);
        }
    }

    #[test]
    fn nothing_typed_panics(text in "[-a.( \\[\\]/:\"|é=<>?*\\\\)0-9]{0,24}", prefix in prop_oneof![Just(""), Just(".a"), Just("size:>"), Just("after:"), Just("/")]) {
        let typed = format!("{prefix}{text}");
        match Filter::parse(&typed, &ParseContext::default()) {
            Ok(filter) => {
                for range in filter.highlights("a.b éa 1/2") {
                    prop_assert!("a.b éa 1/2".get(range).is_some_and(|part| !part.is_empty()));
                }
                let kind = Kind::Comment { data: br#"{"a":[1,{"b":"a.b"}]}"# };
                let _either: bool = filter.matches(&Record { stamp: Stamp::default(), connection: 1, kind });
            }
            Err(problem) => {
                prop_assert!(typed.get(problem.at.clone()).is_some(), "{:?} of {:?}", problem.at, typed);
                prop_assert!(!problem.to_string().is_empty());
            }
        }
    }
}
