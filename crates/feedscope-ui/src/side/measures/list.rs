//! Known measures with their meanings.

use std::time::Duration;

use feedscope_analysis::measures::{Figures, MeasuredFields};
use feedscope_analysis::series::Quantity;

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
    pub(super) value: String,
    /// Meaning, span and unit.
    pub(super) about: &'static str,
    pub(super) click: Click,
    pub(super) is_loss: bool,
}

/// Returns the known measures with their meanings.
pub(super) fn measures(figures: &Figures, fields: &MeasuredFields) -> Vec<Measure> {
    let mut list = Vec::new();
    let mut add = |name: &str, value: String, about: &'static str, click: Click, is_loss: bool| {
        list.push(Measure {
            name: name.to_owned(),
            value,
            about,
            click,
            is_loss,
        });
    };
    let span = figures
        .seconds
        .map(Duration::from_secs_f64)
        .map(words::duration);
    let span = span.map_or_else(String::new, |span| format!(" in {span}"));
    add(
        "records",
        format!("{}{span}", words::count(figures.records)),
        "Events, lines and messages, received and sent, since the first record.",
        Click::Nothing,
        false,
    );
    if let Some(rate) = figures.rate {
        add(
            "rate",
            format!(
                "{} /s, most {} /s",
                words::significant(rate.mean),
                words::count(rate.max_1s)
            ),
            "Received records per second: the mean over the whole time, and the busiest second.",
            Click::Plot(Quantity::RecordRate),
            false,
        );
    }
    // A feed of a single moment has no rate.
    let per_second = figures.seconds.filter(|seconds| *seconds > 0.0);
    let per_second = per_second.map_or_else(String::new, |seconds| {
        let rate = words::bytes((figures.bytes as f64 / seconds).round() as u64);
        format!(", {rate}/s")
    });
    add(
        "bytes",
        format!("{}{per_second}", words::bytes(figures.bytes)),
        "Bytes of all payloads, and their mean per second over the whole time.",
        Click::Plot(Quantity::ByteRate),
        false,
    );
    if let Some(sizes) = figures.size_bytes {
        let value = format!(
            "p50 {}, p99 {}",
            words::bytes(sizes.p50 as u64),
            words::bytes(sizes.p99 as u64)
        );
        add(
            "size",
            value,
            "Bytes of each received payload: 50 % have at most p50, 99 % at most p99.",
            Click::Plot(Quantity::Size),
            false,
        );
    }
    if let Some(intervals) = figures.interval_ms {
        add(
            "interval",
            format!("p50 {}, p99 {}", ms(intervals.p50), ms(intervals.p99)),
            "Time between successive received records: 50 % of the times are at most p50, 99 % at most p99.",
            Click::Plot(Quantity::Interval),
            false,
        );
        add(
            "jitter",
            ms((intervals.p99 - intervals.p50).max(0.0)),
            "Difference of p99 and p50 of the intervals over the whole time, in milliseconds. A steady feed has little.",
            Click::Plot(Quantity::Interval),
            false,
        );
    }
    delays(figures, fields, &mut add);
    life(figures, &mut add);
    losses(figures, &mut add);
    list
}

/// Adds the longest silence, the latency and the round trips.
fn delays(
    figures: &Figures,
    fields: &MeasuredFields,
    add: &mut impl FnMut(&str, String, &'static str, Click, bool),
) {
    if let Some(silence) = figures.longest_silence_ms {
        add(
            "silence",
            format!(
                "{} at most",
                words::duration(Duration::from_secs_f64(silence / 1e3))
            ),
            "Longest time without a received record since the feed first opened, including the present silence.",
            Click::Plot(Quantity::Interval),
            false,
        );
    }
    if let Some(latency) = &figures.latency_ms {
        // The difference of the clocks is stated, because it has changed the figures.
        let corrected = latency.offset_ms.map_or_else(String::new, |offset| {
            format!(", clock off by {}", words::signed_ms(offset))
        });
        let value = format!(
            "p50 {}, p99 {}{corrected}",
            ms(latency.percentiles.p50),
            ms(latency.percentiles.p99)
        );
        let click = fields
            .time
            .clone()
            .map_or(Click::Nothing, |path| Click::Plot(Quantity::Latency(path)));
        add(
            &format!("latency {}", latency.field),
            value,
            "Time from the server's time in a payload to its arrival. Where the clocks differ, the smallest delay is \
             part of the clock's error.",
            click,
            false,
        );
    }
    if let Some(times) = figures.rtt_ms {
        add(
            "round trip",
            format!(
                "last {}, p50 {}, most {}",
                ms(times.last),
                ms(times.p50),
                ms(times.max)
            ),
            "Time from a ping of this program to its pong, of all pings.",
            Click::Plot(Quantity::RoundTrip),
            false,
        );
    }
}

/// Adds the measures of connections.
fn life(figures: &Figures, add: &mut impl FnMut(&str, String, &'static str, Click, bool)) {
    if let Some(times) = figures.time_to_open_ms {
        let (last, most) = (
            words::significant(times.last),
            words::significant(times.max),
        );
        add(
            "time to open",
            format!("last {last} ms, most {most} ms"),
            "Time from the start of an attempt until the connection is open.",
            Click::Nothing,
            false,
        );
    }
    if let Some(ratio) = figures.open_ratio {
        let reconnects = figures.reconnects.unwrap_or(0);
        add(
            "uptime",
            format!(
                "{:.1} %, {}",
                ratio * 100.0,
                words::counted(reconnects, "reconnect")
            ),
            "Part of the time since the first record in which the feed was open, and how often it began to reconnect.",
            Click::Nothing,
            false,
        );
    }
}

/// Adds the measures of losses.
fn losses(figures: &Figures, add: &mut impl FnMut(&str, String, &'static str, Click, bool)) {
    if let (Some(missed), Some(repeated)) = (figures.missed, figures.repeated) {
        add(
            "missed",
            format!(
                "{}, repeated {}",
                words::count(missed),
                words::count(repeated)
            ),
            "Records that never arrived, and those that arrived again, as the IDs show.",
            if missed + repeated > 0 {
                Click::NextGap
            } else {
                Click::Nothing
            },
            missed > 0,
        );
    }
    // The sum of all keys comes last.
    if let Some(all) = figures.sequences.last() {
        let faults = all.faults;
        let keys = figures.sequences.len() - 1;
        let keys = if keys == 0 {
            String::new()
        } else {
            format!(" in {}", words::counted(keys as u64, "key"))
        };
        let value = format!(
            "{} missing{keys}, {} repeated, {} out of order",
            words::count(faults.missing),
            words::count(faults.repeated),
            words::count(faults.out_of_order)
        );
        let has_faults = faults.missing + faults.repeated + faults.out_of_order > 0;
        add(
            &format!("sequence {}", all.field),
            value,
            "Numbers of the chosen sequence that were skipped, repeated or out of order, of all keys.",
            if has_faults {
                Click::NextFault
            } else {
                Click::Nothing
            },
            faults.missing > 0,
        );
    }
}

/// Formats milliseconds as `feedscope stats` prints them.
fn ms(value: f64) -> String {
    format!("{} ms", words::significant(value))
}
