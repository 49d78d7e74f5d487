//! The report on a feed for people: a line for each measure, with the names and values in columns.

use std::fmt::{Display, Write as _};

use feedscope_analysis::lenses::CallFigures;
use feedscope_analysis::measures::{
    FaultCounts, Figures, Percentiles, SequenceFaults, Times, Types,
};
use feedscope_core::safe_text::safe;

/// Width of the column with the names of the measures.
const NAME_WIDTH: usize = 14;

/// Number of types that are listed.
const MOST_TYPES: usize = 8;

/// Number of keys with faults that are listed.
const MOST_SEQUENCES: usize = 10;

/// Longest name of a type or key that is printed whole, in characters.
const LONGEST_TYPE: usize = 40;

/// Appends the lines on one feed.
pub(super) fn write(
    out: &mut String,
    name: &str,
    url: Option<&str>,
    figures: &Figures,
    calls: Option<&CallFigures>,
) {
    out.push_str(&safe(name));
    if let Some(url) = url {
        out.push_str("  ");
        out.push_str(&safe(url));
    }
    out.push('\n');
    let mut lines = MeasureLines { out };
    payloads(&mut lines, figures);
    connections(&mut lines, figures);
    fields(&mut lines, figures);
    if let Some(calls) = calls {
        calls_of(&mut lines, calls);
    }
    if let Some(wire) = &figures.wire {
        let (bytes, ratio) = (counted(wire.bytes, "byte"), significant(wire.ratio));
        let payloads = if ratio == "1" {
            "as many as the payloads have".to_owned()
        } else {
            format!("the payloads have {ratio} times as many")
        };
        lines.add("on the wire", &format!("{bytes}; {payloads}"));
    }
    for note in &figures.notes {
        lines.add("note", &safe(note));
    }
}

/// Lines with the names of measures in a column.
struct MeasureLines<'a> {
    out: &'a mut String,
}

impl MeasureLines<'_> {
    fn add(&mut self, name: &str, value: &dyn Display) {
        // Writing to a string cannot fail.
        writeln!(self.out, "  {name:NAME_WIDTH$}{value}").ok();
    }
}

/// Appends the counts of calls.
fn calls_of(lines: &mut MeasureLines<'_>, calls: &CallFigures) {
    let mut text = format!("{} of {}", counted(calls.calls, "request"), calls.lens);
    if calls.unanswered > 0 {
        write!(text, ", {} unanswered", calls.unanswered).ok();
    }
    if calls.keep_alives > 0 {
        write!(
            text,
            "; {}",
            counted(calls.keep_alives, "keep-alive message")
        )
        .ok();
    }
    lines.add("calls", &text);
    if let Some(ms) = &calls.ms {
        let text = format!(
            "{} ms (p50), {} ms (p99), {} ms at most",
            significant(ms.p50),
            significant(ms.p99),
            significant(ms.max)
        );
        lines.add("answers after", &text);
    }
    if !calls.errors.is_empty() {
        let shown = calls.errors.iter().take(MOST_TYPES);
        let errors: Vec<_> = shown
            .map(|error| format!("{} {}", error.count, safe(&error.code)))
            .collect();
        lines.add("errors", &errors.join(", "));
    }
    if calls.let_go > 0 {
        let text = format!(
            "{} forgotten, because too many waited",
            counted(calls.let_go, "request")
        );
        lines.add("note", &text);
    }
}

/// Appends the measures of payloads over time.
fn payloads(lines: &mut MeasureLines<'_>, figures: &Figures) {
    if let Some(seconds) = figures.seconds {
        let open = figures
            .open_ratio
            .map(|ratio| format!(", open for {} of it", percent(ratio)));
        lines.add(
            "time",
            &format!("{}{}", time(seconds * 1e3), open.unwrap_or_default()),
        );
    }
    lines.add(
        "payloads",
        &format!(
            "{}, {}",
            counted(figures.records, "record"),
            counted(figures.bytes, "byte")
        ),
    );
    if !figures.types.0.is_empty() {
        lines.add("types", &types(&figures.types, figures.other_types));
    }
    if let Some(rate) = figures.rate {
        let mean = significant(rate.mean);
        lines.add(
            "rate",
            &format!(
                "{mean} a second, {} in the busiest second",
                grouped(rate.max_1s)
            ),
        );
    }
    if let Some(intervals) = &figures.interval_ms {
        lines.add("intervals", &percentiles(intervals, time));
    }
    if let Some(sizes) = &figures.size_bytes {
        lines.add("sizes", &percentiles(sizes, bytes));
    }
    if let Some(silence) = figures.longest_silence_ms {
        lines.add("silence", &format!("{} at most", time(silence)));
    }
}

/// Appends the measures of connections.
fn connections(lines: &mut MeasureLines<'_>, figures: &Figures) {
    if let (Some(connections), Some(reconnects)) = (figures.connections, figures.reconnects) {
        lines.add(
            "connections",
            &format!(
                "{} opened, {}",
                grouped(connections),
                counted(reconnects, "reconnection")
            ),
        );
    }
    if let Some(times) = &figures.time_to_open_ms {
        lines.add("time to open", &self::times(times));
    }
    if let (Some(missed), Some(repeated)) = (figures.missed, figures.repeated) {
        lines.add(
            "ids",
            &format!("{} missed, {} repeated", grouped(missed), grouped(repeated)),
        );
    }
    if let Some(times) = &figures.rtt_ms {
        lines.add("round trip", &self::times(times));
    }
}

/// Appends the measures of fields.
fn fields(lines: &mut MeasureLines<'_>, figures: &Figures) {
    if let Some(latency) = &figures.latency_ms {
        lines.add(
            "latency",
            &format!(
                "{}   of {}",
                percentiles(&latency.percentiles, time),
                grouped(latency.count)
            ),
        );
        if let Some(offset) = latency.offset_ms {
            lines.add("", &corrected(offset));
        }
    }
    for (place, sequence) in in_order(&figures.sequences)
        .take(MOST_SEQUENCES + 1)
        .enumerate()
    {
        // The sum of all keys is the last one.
        let name = if place == 0 { "sequence" } else { "" };
        lines.add(name, &self::sequence(sequence));
    }
    if figures.sequences.len() > MOST_SEQUENCES + 1 {
        let keys = figures.sequences.len() - 1 - MOST_SEQUENCES;
        lines.add(
            "",
            &format!("{} with faults", counted(keys as u64, "further key")),
        );
    }
}

/// The sum of all keys, then the keys, worst first.
fn in_order(sequences: &[SequenceFaults]) -> impl Iterator<Item = &SequenceFaults> {
    // The sum is the last entry, and the most important one for people.
    let (keys, sum) = sequences.split_at(sequences.len().saturating_sub(1));
    sum.iter().chain(keys)
}

/// The faults of one key, or of all.
fn sequence(of: &SequenceFaults) -> String {
    let FaultCounts {
        missing,
        repeated,
        out_of_order,
    } = of.faults;
    let key = of
        .key
        .as_deref()
        .map(|key| format!(", key {}", shortened(key)));
    format!(
        "{} missing, {} repeated, {} out of order at {}{}",
        grouped(missing),
        grouped(repeated),
        grouped(out_of_order),
        safe(&of.field),
        key.unwrap_or_default(),
    )
}

/// The sentence about clocks that differ by `offset` milliseconds.
fn corrected(offset: f64) -> String {
    let (distance, direction) = (
        time(offset.abs()),
        if offset > 0.0 { "ahead of" } else { "behind" },
    );
    format!(
        "corrected: the server's clock is {distance} {direction} ours, less the smallest latency"
    )
}

/// A text of limited length that a terminal prints as it is.
fn shortened(text: &str) -> String {
    let mut text = safe(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TYPE) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The most frequent types with their numbers.
fn types(types: &Types, others: u64) -> String {
    let mut text = String::new();
    for (name, count) in types.0.iter().take(MOST_TYPES) {
        let name = shortened(name);
        let comma = if text.is_empty() { "" } else { ", " };
        write!(text, "{comma}{name} {}", grouped(*count)).ok();
    }
    let listed = types.0.iter().skip(MOST_TYPES);
    let rest = others + listed.clone().map(|(_, count)| count).sum::<u64>();
    if rest > 0 {
        write!(text, ", others {}", grouped(rest)).ok();
    }
    text
}

fn percentiles(values: &Percentiles, format: impl Fn(f64) -> String) -> String {
    let columns = [
        ("p50", values.p50),
        ("p90", values.p90),
        ("p99", values.p99),
        ("max", values.max),
    ];
    let columns = columns.map(|(name, value)| format!("{name} {:<10}", format(value)));
    columns.concat().trim_end().to_owned()
}

fn times(times: &Times) -> String {
    if times.count == 1 {
        return time(times.last);
    }
    let columns = [("p50", times.p50), ("max", times.max), ("last", times.last)];
    let columns = columns.map(|(name, value)| format!("{name} {:<10}", time(value)));
    format!("{}of {}", columns.concat(), grouped(times.count))
}

/// A time in milliseconds with a unit that suits it.
fn time(ms: f64) -> String {
    const MS_PER_SECOND: f64 = 1e3;
    const MS_PER_MINUTE: f64 = 60.0 * MS_PER_SECOND;
    if ms < MS_PER_SECOND {
        return format!("{} ms", significant(ms));
    }
    if ms < MS_PER_MINUTE {
        return format!("{} s", significant(ms / MS_PER_SECOND));
    }
    // Longer times are rounded to whole seconds or minutes.
    let seconds = (ms / MS_PER_SECOND).round() as u64;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{} h {minutes} min", grouped(hours))
    } else {
        format!("{minutes} min {rest} s")
    }
}

fn bytes(bytes: f64) -> String {
    format!("{} B", grouped(bytes.round() as u64))
}

fn percent(ratio: f64) -> String {
    format!("{} %", significant(ratio * 100.0))
}

/// A number with three significant digits, or with all digits before the point.
fn significant(number: f64) -> String {
    let decimals = match number.abs() {
        0.0 => 0,
        small if small < 1.0 => 3,
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => return grouped(number.round() as u64),
    };
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number and what it counts: `1 byte`, `2,000 bytes`.
fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

/// A number with a comma before each group of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    // A comma precedes each further group of three digits.
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
