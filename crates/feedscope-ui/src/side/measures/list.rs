//! Known measures with their meanings.

use std::time::Duration;

use feedscope_analysis::measures::{Figures, MeasuredFields};
use feedscope_analysis::series::Quantity;

use crate::numbers::{self, Number};
use crate::words;

/// Effect of a click on a measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Click {
    Nothing,
    Plot(Quantity),
    /// Leads to the next gap that the IDs show.
    NextGap,
    /// Leads to the next fault of the sequence.
    NextFault,
}

/// One measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measure {
    pub(super) name: String,
    pub(super) numbers: Vec<Number>,
    pub(super) click: Click,
    pub(super) is_loss: bool,
}

impl Measure {
    fn new(name: impl Into<String>, click: Click, numbers: Vec<Number>) -> Self {
        Self {
            name: name.into(),
            numbers,
            click,
            is_loss: false,
        }
    }

    /// Returns the numbers and their words as one text.
    pub(super) fn value(&self) -> String {
        numbers::sentence(&self.numbers)
    }
}

/// Returns the known measures with their meanings.
pub(super) fn measures(figures: &Figures, fields: &MeasuredFields) -> Vec<Measure> {
    let mut list = vec![records(figures)];
    list.extend(rate(figures));
    list.push(bytes(figures));
    list.extend(sizes(figures));
    list.extend(intervals(figures));
    list.extend(silence(figures));
    list.extend(latency(figures, fields));
    list.extend(round_trip(figures));
    list.extend(time_to_open(figures));
    list.extend(uptime(figures));
    list.extend(missed(figures));
    list.extend(sequence(figures));
    list
}

fn records(figures: &Figures) -> Measure {
    let mut numbers = vec![Number::new(
        "payloads",
        words::count(figures.records),
        "Events, lines and messages, received and sent, since the first record.",
    )];
    if let Some(seconds) = figures.seconds {
        let span = words::duration(Duration::from_secs_f64(seconds));
        let number = Number::new("measured time", span, "Time since the first record.");
        numbers.push(number.after_words(" in "));
    }
    Measure::new("payloads", Click::Nothing, numbers)
}

fn rate(figures: &Figures) -> Option<Measure> {
    let rate = figures.rate?;
    let mean = Number::new(
        "mean rate",
        format!("{} /s", words::significant(rate.mean)),
        "Received records per second: the mean over the whole time.",
    );
    let most = Number::new(
        "busiest second",
        format!("{} /s", words::count(rate.max_1s)),
        "Received records in the busiest second, counted in whole seconds from the first record.",
    );
    Some(Measure::new(
        "rate",
        Click::Plot(Quantity::RecordRate),
        vec![
            mean,
            most.after_words(", ")
                .before_words(" in the busiest second"),
        ],
    ))
}

fn bytes(figures: &Figures) -> Measure {
    let bytes = Number::new(
        "payload bytes",
        words::bytes(figures.bytes),
        "Bytes of all payloads, received and sent, since the first record.",
    );
    let mut numbers = vec![bytes.before_words(" received and sent")];
    // A feed of a single moment has no rate, and no plot of it.
    let mut click = Click::Nothing;
    if let Some(seconds) = figures.seconds.filter(|seconds| *seconds > 0.0) {
        let rate = words::bytes((figures.bytes as f64 / seconds).round() as u64);
        let number = Number::new(
            "mean of the payload bytes",
            format!("{rate}/s"),
            "Bytes of all payloads per second: the mean over the whole time.",
        );
        numbers.push(number.after_words(", "));
        click = Click::Plot(Quantity::ByteRate);
    }
    Measure::new("bytes", click, numbers)
}

fn sizes(figures: &Figures) -> Option<Measure> {
    let sizes = figures.size_bytes?;
    let half = Number::new(
        "p50 of the sizes",
        words::bytes(sizes.p50 as u64),
        "Bytes of a received payload: 50 % have at most this size, over the whole time.",
    );
    let nearly_all = Number::new(
        "p99 of the sizes",
        words::bytes(sizes.p99 as u64),
        "Bytes of a received payload: 99 % have at most this size, over the whole time.",
    );
    let numbers = vec![half.after_words("p50 "), nearly_all.after_words(", p99 ")];
    Some(Measure::new("size", Click::Plot(Quantity::Size), numbers))
}

/// Returns the intervals and the jitter.
fn intervals(figures: &Figures) -> Vec<Measure> {
    let Some(intervals) = figures.interval_ms else {
        return Vec::new();
    };
    let half = Number::new(
        "p50 of the intervals",
        ms(intervals.p50),
        "Milliseconds between successive received records: 50 % of the times are at most this long, over the whole time.",
    );
    let nearly_all = Number::new(
        "p99 of the intervals",
        ms(intervals.p99),
        "Milliseconds between successive received records: 99 % of the times are at most this long, over the whole time.",
    );
    let jitter = Number::new(
        "spread of the intervals",
        ms((intervals.p99 - intervals.p50).max(0.0)),
        "Difference of p99 and p50 of the intervals over the whole time, in milliseconds. A steady feed has little.",
    );
    let plot = Click::Plot(Quantity::Interval);
    let numbers = vec![half.after_words("p50 "), nearly_all.after_words(", p99 ")];
    vec![
        Measure::new("interval", plot.clone(), numbers),
        Measure::new("jitter", plot, vec![jitter]),
    ]
}

fn silence(figures: &Figures) -> Option<Measure> {
    let longest = Duration::from_secs_f64(figures.longest_silence_ms? / 1e3);
    let number = Number::new(
        "longest time without a record",
        words::duration(longest),
        "Longest time without a received record since the feed first opened, including the present silence.",
    );
    Some(Measure::new(
        "silence",
        Click::Plot(Quantity::Interval),
        vec![number.before_words(" at most")],
    ))
}

fn latency(figures: &Figures, fields: &MeasuredFields) -> Option<Measure> {
    let latency = figures.latency_ms.as_ref()?;
    let half = Number::new(
        "p50 of the latencies",
        ms(latency.percentiles.p50),
        "Milliseconds from the server's time in a payload to its arrival: 50 % are at most this long, over the whole time.",
    );
    let nearly_all = Number::new(
        "p99 of the latencies",
        ms(latency.percentiles.p99),
        "Milliseconds from the server's time in a payload to its arrival: 99 % are at most this long, over the whole time.",
    );
    let mut numbers = vec![half.after_words("p50 "), nearly_all.after_words(", p99 ")];
    // The difference of the clocks is stated, because it has changed the figures.
    if let Some(offset) = latency.offset_ms {
        let number = Number::new(
            "error of the clock",
            words::signed_ms(offset),
            "Clock of the server minus this one. It is subtracted from the latencies together with the smallest delay,              which cannot be distinguished from it.",
        );
        numbers.push(number.after_words(", clock off by "));
    }
    let click = fields
        .time
        .clone()
        .map_or(Click::Nothing, |path| Click::Plot(Quantity::Latency(path)));
    let name = format!("latency {}", latency.field);
    Some(Measure::new(name, click, numbers))
}

fn round_trip(figures: &Figures) -> Option<Measure> {
    let times = figures.rtt_ms?;
    let last = Number::new(
        "newest round trip",
        ms(times.last),
        "Milliseconds from the last ping of this program to its pong.",
    );
    let half = Number::new(
        "p50 of the round trips",
        ms(times.p50),
        "Milliseconds from a ping of this program to its pong: 50 % are at most this long, of all pings.",
    );
    let most = Number::new(
        "longest round trip",
        ms(times.max),
        "Milliseconds from a ping of this program to its pong: the longest time of all pings.",
    );
    let numbers = vec![
        last.after_words("last "),
        half.after_words(", p50 "),
        most.after_words(", most "),
    ];
    let click = Click::Plot(Quantity::RoundTrip);
    Some(Measure::new("round trip", click, numbers))
}

fn time_to_open(figures: &Figures) -> Option<Measure> {
    let times = figures.time_to_open_ms?;
    let last = Number::new(
        "newest time to open",
        ms(times.last),
        "Milliseconds from the start of the last successful attempt until the connection was open.",
    );
    let most = Number::new(
        "longest time to open",
        ms(times.max),
        "Milliseconds from the start of an attempt until the connection was open: the longest time of all connections.",
    );
    let numbers = vec![last.after_words("last "), most.after_words(", most ")];
    Some(Measure::new("time to open", Click::Nothing, numbers))
}

fn uptime(figures: &Figures) -> Option<Measure> {
    let ratio = Number::new(
        "part of the time that was open",
        format!("{:.1} %", figures.open_ratio? * 100.0),
        "Part of the time since the first record in which the feed was open, in percent.",
    );
    let reconnects = Number::new(
        "reconnections",
        words::counted(figures.reconnects.unwrap_or(0), "reconnect"),
        "Number of times that the feed began to reconnect, since the first record.",
    );
    let numbers = vec![ratio, reconnects.after_words(", ")];
    Some(Measure::new("uptime", Click::Nothing, numbers))
}

fn missed(figures: &Figures) -> Option<Measure> {
    let (missed, repeated) = (figures.missed?, figures.repeated?);
    let lost = Number::new(
        "records that never arrived",
        words::count(missed),
        "Records that never arrived, as the IDs show, since the first record.",
    );
    let again = Number::new(
        "records that arrived again",
        words::count(repeated),
        "Records that arrived again, as the IDs show, since the first record.",
    );
    let click = if missed + repeated > 0 {
        Click::NextGap
    } else {
        Click::Nothing
    };
    let numbers = vec![lost, again.after_words(", repeated ")];
    let mut measure = Measure::new("missed", click, numbers);
    measure.is_loss = missed > 0;
    Some(measure)
}

fn sequence(figures: &Figures) -> Option<Measure> {
    // The sum of all keys comes last.
    let (all, keys) = figures.sequences.split_last()?;
    let faults = all.faults;
    let missing = Number::new(
        "missing numbers of the sequence",
        words::count(faults.missing),
        "Numbers of the chosen sequence that were skipped, of all keys, since the first record.",
    );
    let mut numbers = vec![missing.before_words(" missing")];
    if !keys.is_empty() {
        let number = Number::new(
            "keys with faults in the sequence",
            words::counted(keys.len() as u64, "key"),
            "Keys in whose sequence a number was skipped, repeated or out of order, at most 100.",
        );
        numbers.push(number.after_words(" in "));
    }
    let repeated = Number::new(
        "repeated numbers of the sequence",
        words::count(faults.repeated),
        "Numbers of the chosen sequence that were equal to the one before, of all keys, since the first record.",
    );
    let out_of_order = Number::new(
        "disordered numbers of the sequence",
        words::count(faults.out_of_order),
        "Numbers of the chosen sequence that were not above the highest one before, of all keys, since the first record.",
    );
    numbers.push(repeated.after_words(", ").before_words(" repeated"));
    let disordered = out_of_order.after_words(", ");
    numbers.push(disordered.before_words(" out of order"));
    let has_faults = faults.missing + faults.repeated + faults.out_of_order > 0;
    let click = if has_faults {
        Click::NextFault
    } else {
        Click::Nothing
    };
    let mut measure = Measure::new(format!("sequence {}", all.field), click, numbers);
    measure.is_loss = faults.missing > 0;
    Some(measure)
}

/// Formats milliseconds as `feedscope stats` prints them.
fn ms(value: f64) -> String {
    format!("{} ms", words::significant(value))
}
