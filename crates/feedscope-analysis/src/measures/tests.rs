//! Measures against figures worked out by hand, and against a plain computation over random records.

use feedscope_core::connection::StateChange;
use feedscope_core::decode::WireInfo;
use feedscope_core::{ConnectionState, Stamp};
use proptest::prelude::*;

use super::*;

fn at(ms: u64, kind: Kind<'_>) -> Record<'_> {
    let stamp = Stamp {
        moment: Moment::from_millis(ms),
        ..Stamp::default()
    };
    Record {
        stamp,
        connection: 1,
        kind,
    }
}

fn state<'a>(state: ConnectionState) -> Kind<'a> {
    Kind::State(StateChange::to(state))
}

fn event<'a>(event: &'a str, id: &'a str, data: &'a str) -> Kind<'a> {
    Kind::Event {
        event: event.as_bytes(),
        id: id.as_bytes(),
        data: data.as_bytes(),
    }
}

fn text(direction: Direction, data: &str) -> Kind<'_> {
    Kind::Text {
        direction,
        data: data.as_bytes(),
        failed: None,
        wire: None,
    }
}

fn figures(records: &[Record<'_>], end_ms: Option<u64>) -> Figures {
    let mut measures = Measures::default();
    for record in records {
        measures.add(record);
    }
    measures.figures(end_ms.map(Moment::from_millis))
}

#[test]
fn only_a_silence_longer_than_all_before_is_quiet() {
    let mut measures = Measures::default();
    for ms in [0, 5_000, 12_000] {
        measures.add(&at(ms, event("", "", "x")));
    }
    let quiet = |measures: &Measures, ms| measures.quiet(Moment::from_millis(ms));
    // Two intervals do not show what is usual.
    assert_eq!(quiet(&measures, 90_000), None);
    measures.add(&at(13_000, event("", "", "x")));
    assert_eq!(quiet(&measures, 20_000), None);
    assert_eq!(
        quiet(&measures, 20_001),
        Some(std::time::Duration::from_millis(7_001))
    );
    // A burst shows no usual silence.
    let mut burst = Measures::default();
    for ms in [0, 100, 200, 300, 400] {
        burst.add(&at(ms, event("", "", "x")));
    }
    assert_eq!(quiet(&burst, 90_000), None);
}

#[test]
fn the_time_between_two_recordings_is_neither_silent_nor_closed() {
    use ConnectionState::{Connecting, Idle, Open};
    let minutes = |minutes: u64| minutes * 60_000;
    let mut records = vec![
        at(0, state(Connecting)),
        at(0, state(Open)),
        at(1_000, event("", "256", "x")),
        at(2_000, event("", "257", "x")),
        at(2_000, state(Idle)),
        at(minutes(19), event("", "6067", "x")),
        at(minutes(19) + 3_000, event("", "6068", "x")),
    ];
    let found = figures(&records, None);
    assert_eq!(found.seconds, Some(5.0));
    // The second recording begins while the feed is open.
    assert_eq!(found.open_ratio, Some(1.0));
    assert_eq!(found.longest_silence_ms, Some(3_000.0));
    assert_eq!(found.rate.map(|rate| rate.mean), Some(0.8));
    let longest = found.interval_ms.map(|intervals| intervals.max);
    assert_eq!(longest, Some(3_000.0));
    assert_eq!(
        found.notes,
        ["nothing was recorded for 1138 s of the time: these are 2 recordings"]
    );
    records.truncate(5);
    records.push(at(minutes(19), state(Connecting)));
    let found = figures(&records, Some(minutes(19) + 8_000));
    assert_eq!(found.longest_silence_ms, Some(1_000.0));
    assert_eq!(found.open_ratio, Some(0.2));
}

#[test]
fn a_life_with_a_reconnection_has_these_figures() {
    use ConnectionState::{Connecting, Open, Reconnecting};
    let gap = Gap {
        missing: Some(2),
        repeated: Some(1),
        from: "2".to_owned(),
        to: "5".to_owned(),
    };
    let records = [
        at(1_000, state(Connecting)),
        at(1_040, state(Open)),
        at(1_540, event("price", "1", "1234")),
        at(1_550, event("price", "2", "12")),
        at(1_600, state(Reconnecting)),
        at(2_600, state(Connecting)),
        at(2_620, state(Open)),
        at(2_700, Kind::Gap(gap)),
        at(2_700, event("note", "5", "")),
        at(2_900, Kind::Comment { data: b"tick" }),
    ];
    let found = figures(&records, Some(5_000));
    let expected = Figures {
        seconds: Some(4.0),
        records: 3,
        bytes: 6,
        types: Types(vec![("price".to_owned(), 2), ("note".to_owned(), 1)]),
        rate: Some(Rate {
            mean: 0.75,
            max_1s: 2,
        }),
        interval_ms: found.interval_ms,
        size_bytes: Some(Percentiles {
            p50: 2.0,
            p90: 4.0,
            p99: 4.0,
            max: 4.0,
        }),
        longest_silence_ms: Some(2_300.0),
        connections: Some(2),
        reconnects: Some(1),
        time_to_open_ms: found.time_to_open_ms,
        open_ratio: Some(2.94 / 4.0),
        missed: Some(2),
        repeated: Some(1),
        ..Figures::default()
    };
    assert_eq!(found, expected);
    let intervals = found.interval_ms.unwrap();
    assert!((intervals.p50 - 10.0).abs() < 0.1, "{intervals:?}");
    assert!((intervals.max - 1_150.0).abs() < f64::EPSILON);
    let opening = found.time_to_open_ms.unwrap();
    assert_eq!((opening.count, opening.last, opening.max), (2, 20.0, 40.0));
}

#[test]
fn messages_count_in_both_directions_but_only_received_ones_have_a_rate() {
    let compressed = WireInfo {
        frames: 1,
        compressed: true,
        wire_bytes: 5,
    };
    let records = [
        at(0, text(Direction::Out, "hello")),
        at(10, text(Direction::In, "hello")),
        at(
            20,
            Kind::Binary {
                direction: Direction::In,
                data: &[0; 25],
                failed: None,
                wire: Some(compressed),
            },
        ),
        at(
            30,
            Kind::Text {
                direction: Direction::Out,
                data: b"late",
                failed: Some("stopped"),
                wire: None,
            },
        ),
        at(
            2_000,
            Kind::Pong {
                direction: Direction::In,
                data: b"",
                rtt: Some(Duration::from_micros(1_500)),
            },
        ),
    ];
    let found = figures(&records, None);
    assert_eq!((found.records, found.bytes), (3, 35));
    assert_eq!(found.rate.map(|rate| rate.mean), Some(1.0));
    assert_eq!(found.size_bytes.map(|sizes| sizes.p50), Some(5.0));
    let wire = found.wire.unwrap();
    assert_eq!((wire.bytes, wire.ratio), (10, 3.0));
    assert_eq!(found.rtt_ms.map(|times| times.last), Some(1.5));
    // A source without states has no connections.
    assert_eq!((found.connections, found.open_ratio), (None, None));
    assert_eq!((found.missed, found.repeated), (None, None));
}

#[test]
fn silence_counts_from_open_and_up_to_the_end() {
    let open = || at(0, state(ConnectionState::Open));
    for (records, end_ms, expected) in [
        (vec![], 100, None),
        (vec![open()], 4_000, Some(4_000.0)),
        (
            vec![open(), at(3_000, event("a", "", "b"))],
            3_500,
            Some(3_000.0),
        ),
        (
            vec![open(), at(10, event("a", "", "b"))],
            3_500,
            Some(3_490.0),
        ),
    ] {
        let found = figures(&records, Some(end_ms));
        assert_eq!(found.longest_silence_ms, expected, "{records:?}");
    }
}

#[test]
fn unknown_figures_are_absent_in_json() {
    let json = |records: &[Record<'_>]| serde_json::to_string(&figures(records, None)).unwrap();
    assert_eq!(json(&[]), r#"{"records":0,"bytes":0,"types":{}}"#);
    assert_eq!(
        json(&[at(0, Kind::Comment { data: b"" })]),
        r#"{"seconds":0.0,"records":0,"bytes":0,"types":{}}"#
    );
}

#[test]
fn ids_count_within_a_connection_and_resumes_are_added() {
    let mut records: Vec<_> = ["1", "2", "3", "4", "8"]
        .iter()
        .map(|id| at(0, event("a", id, "b")))
        .collect();
    records.push(at(1, state(ConnectionState::Reconnecting)));
    let gap = Gap {
        missing: Some(1),
        repeated: Some(0),
        ..Gap::default()
    };
    records.push(at(2, Kind::Gap(gap)));
    records.push(at(2, event("a", "10", "b")));
    let found = figures(&records, None);
    assert_eq!((found.missed, found.repeated), (Some(4), Some(0)));
    assert!(found.notes.is_empty());
    // Ids that count by ten after all show nothing.
    let tens: Vec<_> = (1..=150).map(|number| (number * 10).to_string()).collect();
    let tens = tens.iter().map(|id| at(3, event("a", id, "b")));
    records.extend(tens);
    let found = figures(&records, None);
    assert_eq!((found.missed, found.repeated), (Some(1), Some(0)));
    assert_eq!(found.notes.len(), 1);
}

/// The figures of events alone, computed from lists.
fn plain(events: &[(u64, usize)], end: u64) -> (f64, u64, Vec<u64>, u64) {
    let start = events[0].0;
    let seconds = (end - start) as f64 / 1e3;
    let busiest = (0..=(end - start) / 1_000)
        .map(|second| {
            let inside = |&&(ms, _): &&(u64, usize)| (ms - start) / 1_000 == second;
            events.iter().filter(inside).count() as u64
        })
        .max();
    let times = events.iter().map(|&(ms, _)| ms).chain([end]);
    let times: Vec<_> = times.collect();
    let steps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let silence = steps.max().unwrap_or(0);
    let mut sizes: Vec<_> = events.iter().map(|&(_, size)| size as u64).collect();
    sizes.sort_unstable();
    (
        events.len() as f64 / seconds,
        busiest.unwrap_or(0),
        sizes,
        silence,
    )
}

proptest! {
    #[test]
    fn figures_equal_a_plain_computation(
        steps in proptest::collection::vec((0..3_000_u64, 0..5_000_usize), 1..80),
        rest in 1..5_000_u64,
    ) {
        let mut ms = 0;
        let events: Vec<_> = steps.iter().map(|&(step, size)| { ms += step; (ms, size) }).collect();
        let end = ms + rest;
        let mut measures = Measures::default();
        let data = vec![b'x'; 5_000];
        for &(ms, size) in &events {
            measures.add(&at(ms, Kind::Event { event: b"a", id: b"", data: &data[..size] }));
        }
        let found = measures.figures(Some(Moment::from_millis(end)));
        let (mean, busiest, sizes, silence) = plain(&events, end);
        let rate = found.rate.unwrap();
        prop_assert!((rate.mean - mean).abs() <= mean * 1e-9);
        prop_assert_eq!(rate.max_1s, busiest);
        prop_assert_eq!(found.records, events.len() as u64);
        prop_assert_eq!(found.bytes, sizes.iter().sum::<u64>());
        prop_assert_eq!(found.longest_silence_ms, Some(silence as f64));
        let percentiles = found.size_bytes.unwrap();
        for (percent, figure) in [(50, percentiles.p50), (90, percentiles.p90), (99, percentiles.p99)] {
            let plain = sizes[(sizes.len() * percent).div_ceil(100) - 1] as f64;
            prop_assert!((figure - plain).abs() <= plain * 0.01, "{} {}", figure, plain);
        }
        prop_assert_eq!(Some(percentiles.max as u64), sizes.last().copied());
    }
}

#[test]
fn records_without_times_have_no_intervals() {
    let same = figures(
        &[at(5, event("", "", "x")), at(5, event("", "", "y"))],
        None,
    );
    assert_eq!((same.seconds, same.longest_silence_ms), (None, None));
    assert!(same.interval_ms.is_none() && same.size_bytes.is_some());
    assert_eq!(same.notes, [SAME_TIMES]);
    // A single record is no sign of a file without times.
    let single = figures(&[at(5, event("", "", "x"))], None);
    assert_eq!((single.seconds, single.notes.len()), (Some(0.0), 0));
    let two = figures(
        &[at(5, event("", "", "x")), at(6, event("", "", "y"))],
        None,
    );
    assert_eq!(two.seconds, Some(0.001));
    assert!(two.interval_ms.is_some() && two.notes.is_empty());
}
