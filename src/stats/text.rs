//! The report on a feed for people: a line for each measure, with the names and values in columns.

#[cfg(test)]
mod tests;

use std::fmt::{Display, Write as _};

use feedscope_analysis::lenses::CallFigures;
use feedscope_analysis::measures::{
    FaultCounts, Figures, Percentiles, SequenceFaults, Times, Types,
};
use feedscope_core::numbers::{counted, grouped, significant};
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
