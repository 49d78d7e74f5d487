//! Tests of the report as text.

use feedscope_analysis::measures::{Latency, Rate, WireFigures};

use super::*;

fn faults(key: Option<&str>) -> SequenceFaults {
    SequenceFaults {
        field: ".seq".to_owned(),
        key: key.map(str::to_owned),
        faults: FaultCounts {
            missing: 1_000,
            repeated: 2,
            out_of_order: 3,
        },
    }
}

#[test]
fn many_keys_with_faults_are_summed_up() {
    let mut sequences: Vec<_> = (0..15).map(|key| faults(Some(&key.to_string()))).collect();
    sequences.push(faults(None));
    let figures = Figures {
        sequences,
        ..Figures::default()
    };
    let mut out = String::new();
    write(&mut out, "a", None, &figures, None);
    assert_eq!(out.matches("missing").count(), 11, "{out}");
    assert!(
        out.ends_with("key 9\n                5 further keys with faults\n"),
        "{out}"
    );
}

#[test]
fn a_report_is_aligned() {
    let percentiles = Percentiles {
        p50: 10.0,
        p90: 12.5,
        p99: 150.0,
        max: 64_000.0,
    };
    let times = Times {
        count: 2,
        last: 2.0,
        p50: 2.0,
        max: 3.5,
    };
    let figures = Figures {
        seconds: Some(12.04),
        records: 1_234,
        bytes: 1,
        types: Types(vec![
            ("price".to_owned(), 1_200),
            ("note\u{7}".to_owned(), 34),
        ]),
        rate: Some(Rate {
            mean: 102.5,
            max_1s: 2_000,
        }),
        interval_ms: Some(percentiles),
        size_bytes: Some(percentiles),
        longest_silence_ms: Some(3_000.0),
        connections: Some(2),
        reconnects: Some(1),
        time_to_open_ms: Some(times),
        open_ratio: Some(0.982),
        missed: Some(3),
        repeated: Some(0),
        rtt_ms: Some(Times { count: 1, ..times }),
        latency_ms: Some(Latency {
            field: ".at".to_owned(),
            count: 1_200,
            min: -5_000.0,
            percentiles,
            offset_ms: Some(5_000.0),
            whole_seconds: false,
        }),
        sequences: vec![faults(Some("b\u{7}")), faults(None)],
        wire: Some(WireFigures {
            bytes: 500,
            ratio: 2.468,
        }),
        notes: vec!["a note".to_owned()],
        ..Figures::default()
    };
    let mut out = String::new();
    write(&mut out, "ticks", Some("http://h.test/"), &figures, None);
    let expected = "\
ticks  http://h.test/
  time          12 s, open for 98.2 % of it
  payloads      1,234 records, 1 byte
  types         price 1,200, note␇ 34
  rate          103 a second, 2,000 in the busiest second
  intervals     p50 10 ms     p90 12.5 ms   p99 150 ms    max 1 min 4 s
  sizes         p50 10 B      p90 13 B      p99 150 B     max 64,000 B
  silence       3 s at most
  connections   2 opened, 1 reconnection
  time to open  p50 2 ms      max 3.5 ms    last 2 ms      of 2
  ids           3 missed, 0 repeated
  round trip    2 ms
  latency       p50 10 ms     p90 12.5 ms   p99 150 ms    max 1 min 4 s   of 1,200
                corrected: the server's clock is 5 s ahead of ours, less the smallest latency
  sequence      1,000 missing, 2 repeated, 3 out of order at .seq
                1,000 missing, 2 repeated, 3 out of order at .seq, key b␇
  on the wire   500 bytes; the payloads have 2.47 times as many
  note          a note
";
    assert_eq!(out, expected);
}

#[test]
fn what_is_unknown_has_no_line() {
    let mut out = String::new();
    write(&mut out, "a", None, &Figures::default(), None);
    assert_eq!(out, "a\n  payloads      0 records, 0 bytes\n");
}

#[test]
fn times_have_a_unit_that_suits_them() {
    for (ms, expected) in [
        (0.0, "0 ms"),
        (0.0123, "0.012 ms"),
        (0.5, "0.5 ms"),
        (9.999, "10 ms"),
        (999.0, "999 ms"),
        (1_500.0, "1.5 s"),
        (59_940.0, "59.9 s"),
        (200_000.0, "3 min 20 s"),
        (90_000_000.0, "25 h 0 min"),
    ] {
        assert_eq!(time(ms), expected);
    }
}

#[test]
fn many_types_are_summed_up() {
    let many = (0..10).map(|number| (format!("t{number}"), 10 - number));
    let many = Types(many.collect());
    let text = types(&many, 5);
    assert!(text.ends_with("t7 3, others 8"), "{text}");
    let long = Types(vec![("x".repeat(50), 1)]);
    assert_eq!(types(&long, 0), format!("{}… 1", "x".repeat(40)));
}
