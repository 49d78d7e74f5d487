//! Figures below the trace: the present state of a feed as numbers. It does not draw them.

use egui::Color32;
use feedscope_core::feed::{FeedSpec, FeedStatus};
use feedscope_core::protocol::Protocol;
use feedscope_core::rates::Rates;
use feedscope_core::{ConnectionState, Moment};

use super::figure_link::FigureLink;
use super::outages::Outages;
use super::scale::TracePlace;
use crate::feed_source::{FeedSource, FileSource, LiveSource};
use crate::scene::FeedScene;
use crate::theme::Palette;
use crate::words;

/// Figure of the statistics: a number in strong type with the words around it. Some figures have a color.
#[derive(Default)]
pub(super) struct Figure {
    pub(super) before: &'static str,
    /// Number in strong type.
    pub(super) number: String,
    pub(super) after: String,
    /// Color of the whole figure; `None` for the usual colors.
    pub(super) color: Option<Color32>,
    /// Target of a click.
    pub(super) link: Option<FigureLink>,
    /// Name for screen readers, and the number with its unit.
    pub(super) spoken: (&'static str, String),
    /// Meaning, span and unit.
    pub(super) about: &'static str,
    /// Order in which the figures give way where there is no room for all.
    pub(super) priority: Priority,
}

/// Importance of a figure. Where there is no room for all of them, the least important ones give way first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Priority {
    Uptime,
    RoundTrip,
    #[default]
    Size,
    LastRecord,
    LetGo,
    Drops,
    Rate,
    /// Something to look at, such as a long silence or messages that wait.
    Notable,
    Records,
    Losses,
}

impl Figure {
    fn with(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
}

/// Name of the figure of a silence.
const SILENCE: &str = "time since the last payload";

/// Meaning, span and unit of the figures.
const RATE: &str = "Received payloads per second, over the last two seconds.";
const BYTE_RATE: &str = "Bytes of received payloads per second, over the last two seconds.";
const UP: &str = "Time since the connection was opened.";
const ROUND_TRIP: &str = "Time from the last ping to its pong.";
const DROPS: &str = "Open connections that were lost, since the start of the feed.";
const DROPS_AND_ATTEMPTS: &str = "Open connections that were lost since the start of the feed, and attempts to open it again since then. The planned attempt is not counted.";
const RECORDS: &str = "Records of all kinds since the start of the feed.";
const HIDDEN: &str = "Records of all kinds since the start of the feed. The chips beside the filter hide kinds of records.";
const BYTES: &str = "Bytes of all received payloads.";
const SPAN: &str = "Time from the first record to the last one.";
const LET_GO: &str =
    "Oldest records that are no longer kept, because memory and disk history are limited.";

/// Returns the figures, the most important one first.
pub(super) fn figures(
    feed: &FeedScene,
    now: Moment,
    palette: &Palette,
    outages: &Outages,
    place: &TracePlace<'_>,
) -> Vec<Figure> {
    let LiveSource { spec, status } = match &feed.source {
        FeedSource::Live(live) => live,
        FeedSource::File(source) => {
            return figures_of_file(place, feed, source, outages, faults(place, palette));
        }
    };
    // The window is not drawn again while nothing happens, so that the last rate would stay after the end.
    let (records, bytes) = if status.state.is_live() {
        feed.store.per_second(now, Rates::SLICE * 4)
    } else {
        Default::default()
    };
    let (_, last) = feed.store.received();
    // The number and its unit have different type.
    let bytes = words::bytes(bytes as u64);
    let (bytes, unit) = bytes.split_once(' ').unwrap_or((&bytes, ""));
    let bytes = (bytes.to_owned(), format!(" {unit}/s"));
    let mut figures = vec![
        figure("rate", "", (words::rate(records), "/s".to_owned()), RATE).with(Priority::Rate),
        figure("bytes per second", "", bytes, BYTE_RATE),
    ];
    figures.extend(queue(status, palette));
    // After the end, this time would only grow.
    let last = last.filter(|_| status.state.is_live());
    figures.extend(silence(place, now, last, palette));
    if status.state == ConnectionState::Open {
        let up = words::duration(now.since(status.since));
        figures.push(
            figure("time since the opening", "up ", (up, String::new()), UP).with(Priority::Uptime),
        );
    }
    if let (Protocol::WebSocket, Some(rtt)) = (spec.protocol(), status.rtt) {
        let rtt = (words::round_trip(rtt), String::new());
        let rtt = figure("newest round trip", "rtt ", rtt, ROUND_TRIP);
        figures.push(rtt.with(Priority::RoundTrip));
    }
    figures.push(drops(status, outages));
    figures.extend(losses(status, outages, palette));
    figures.extend(faults(place, palette));
    figures.extend(second_opinion(spec, status, palette));
    let extent = feed.store.extent();
    figures.push(all_records(extent.end.0, place));
    figures.extend(let_go(feed, palette));
    figures
}

/// Returns the figure of the faults of a chosen sequence.
fn faults(place: &TracePlace<'_>, palette: &Palette) -> Option<Figure> {
    let gaps = place.gaps?.value();
    let faults = gaps.count();
    let has_all_rows = gaps.rows().len() as u64 == faults;
    Some(Figure {
        after: format!("{} in the sequence", words::counted(faults, "fault")),
        spoken: ("faults of the sequence", words::count(faults)),
        about: if has_all_rows {
            "Holes, repetitions and wrong orders of the chosen number, since the first record."
        } else {
            "Holes, repetitions and wrong orders of the chosen number, since the first record. Only the first 10,000 rows are marked."
        },
        color: Some(palette.wait).filter(|_| faults > 0),
        priority: Priority::Notable,
        link: Some(FigureLink::Faults).filter(|_| faults > 0),
        ..Figure::default()
    })
}

/// Returns the figure of a second engine that reads the same bytes.
fn second_opinion(spec: &FeedSpec, status: &FeedStatus, palette: &Palette) -> Option<Figure> {
    spec.second_opinion()?;
    let opinion = status.second_opinion.as_ref();
    let differs = opinion.is_some_and(|opinion| opinion.difference().is_some());
    Some(Figure {
        after: words::second_engine(opinion).to_owned(),
        color: Some(palette.wait).filter(|_| differs),
        priority: Priority::Notable,
        link: Some(FigureLink::SecondOpinion),
        about: "A second engine reads the same bytes, and its records are compared.",
        ..Figure::default()
    })
}

/// Returns the figure of the present silence.
fn silence(
    place: &TracePlace<'_>,
    now: Moment,
    last: Option<Moment>,
    palette: &Palette,
) -> Option<Figure> {
    // Without a record, there is no silence to measure.
    let last = last?;
    if let Some(quiet) = place.quiet {
        return Some(Figure {
            before: "quiet ",
            number: words::whole_seconds(quiet),
            spoken: (SILENCE, words::whole_seconds(quiet)),
            color: Some(palette.wait),
            priority: Priority::Notable,
            about: "Time since the last received payload. The feed was never silent for so long before.",
            ..Figure::default()
        });
    }
    // Whole seconds, because a time that changes in each pass would move the figures after it.
    Some(Figure {
        before: "last ",
        number: words::whole_seconds(now.since(last)),
        spoken: (SILENCE, words::whole_seconds(now.since(last))),
        after: " ago".to_owned(),
        priority: Priority::LastRecord,
        about: "Time since the last received payload, in whole seconds.",
        ..Figure::default()
    })
}

/// Returns the figures of a file or of a recording.
fn figures_of_file(
    place: &TracePlace<'_>,
    feed: &FeedScene,
    source: &FileSource,
    outages: &Outages,
    faults: Option<Figure>,
) -> Vec<Figure> {
    let (received, _) = feed.store.received();
    // The number and its unit have different type.
    let length = words::bytes(received.bytes);
    let (length, unit) = length.split_once(' ').unwrap_or((&length, ""));
    let received = Figure {
        number: length.to_owned(),
        after: format!(" {unit} received"),
        spoken: ("received bytes", format!("{length} {unit}")),
        about: BYTES,
        ..Figure::default()
    };
    let mut figures = vec![all_records(feed.store.extent().end.0, place), received];
    let file = &source.file;
    if let Some((first, last)) = file.span.filter(|_| !file.lacks_times()) {
        let span = words::duration(last.moment.since(first.moment));
        let span = (span, String::new());
        figures.push(figure("length of the file", "over ", span, SPAN));
    }
    // A file without connections has none to lose.
    if outages.drops > 0 {
        let drops = counted("drops", outages.drops, "drop", DROPS);
        figures.push(drops.with(Priority::Drops));
    }
    figures.extend(faults);
    figures
}

/// Returns the figure of the messages that wait for the connection.
fn queue(status: &FeedStatus, palette: &Palette) -> Option<Figure> {
    let count = status.queue.len() as u64;
    (count > 0).then(|| Figure {
        after: format!("{} waiting to be sent", words::counted(count, "message")),
        color: Some(palette.wait),
        priority: Priority::Notable,
        spoken: ("messages in the queue", words::count(count)),
        about: "Messages that are sent when the feed is open.",
        ..Figure::default()
    })
}

/// Returns the figure of lost connections, and of the attempts since the feed was last open. An attempt that is planned does
/// not count yet.
fn drops(status: &FeedStatus, outages: &Outages) -> Figure {
    let mut drops = counted("drops", outages.drops, "drop", DROPS).with(Priority::Drops);
    let is_planned = status.state == ConnectionState::Reconnecting;
    let attempts = u64::from(status.attempt).saturating_sub(u64::from(is_planned));
    if status.state != ConnectionState::Open && (attempts > 1 || attempts == 1 && is_planned) {
        drops.after = format!("{}, {}", drops.after, words::counted(attempts, "attempt"));
        drops.about = DROPS_AND_ATTEMPTS;
        let (lost, tried) = (words::count(outages.drops), words::count(attempts));
        drops.spoken = (
            "drops, and attempts to open again",
            format!("{lost}, {tried}"),
        );
    }
    drops
}

/// Returns the figure of lost records. Only known facts are stated.
fn losses(status: &FeedStatus, outages: &Outages, palette: &Palette) -> Option<Figure> {
    let (after, color, link) = match status.missed {
        // After another loss of the connection, it would be a statement about the present one.
        Some(0) if status.state != ConnectionState::Open => return None,
        Some(0) => (
            "resumed without loss".to_owned(),
            palette.open,
            FigureLink::Gaps,
        ),
        Some(missed) => {
            let text = format!("{} missed", words::count(missed));
            (text, palette.fail, FigureLink::Missed)
        }
        None if !outages.without.is_zero() => {
            let without = words::duration(outages.without);
            let text = format!("messages of {without} unknown");
            (text, palette.wait, FigureLink::Drops)
        }
        None => return None,
    };
    Some(Figure {
        after,
        color: Some(color),
        priority: Priority::Losses,
        link: Some(link),
        about: "Events that never arrived, as far as IDs and reconnections show it.",
        ..Figure::default()
    })
}

/// Returns the figure of the records that are no longer kept.
fn let_go(feed: &FeedScene, palette: &Palette) -> Option<Figure> {
    let count = feed.store.extent().let_go;
    // The row above the oldest record has the whole sentence.
    let has_problem = feed.store.spill_problem().is_some();
    let words = if has_problem {
        " let go, disk history ended"
    } else {
        " let go"
    };
    (count > 0).then(|| Figure {
        number: words::count(count),
        after: words.to_owned(),
        color: has_problem.then_some(palette.fail),
        priority: if has_problem {
            Priority::Notable
        } else {
            Priority::LetGo
        },
        spoken: ("records that were let go", words::count(count)),
        about: LET_GO,
        ..Figure::default()
    })
}

/// Returns a number with its unit and the word before it.
fn figure(
    name: &'static str,
    before: &'static str,
    (number, unit): (String, String),
    about: &'static str,
) -> Figure {
    Figure {
        before,
        spoken: (name, format!("{number}{unit}")),
        number,
        after: unit,
        about,
        ..Figure::default()
    }
}

/// Returns the figure of all records, with those that the chips hide.
fn all_records(count: u64, place: &TracePlace<'_>) -> Figure {
    let mut records = counted("all records", count, "record", RECORDS).with(Priority::Records);
    if let Some(hidden) = words::hidden_records(place.hidden) {
        records.after = format!("{}, {hidden}", records.after);
        records.spoken.1 = format!("{}, {hidden}", records.spoken.1);
        records.about = HIDDEN;
    }
    records
}

/// Returns a number with its noun in the singular or plural.
fn counted(name: &'static str, value: u64, noun: &str, about: &'static str) -> Figure {
    let plural = if value == 1 { "" } else { "s" };
    Figure {
        number: words::count(value),
        spoken: (name, words::count(value)),
        after: format!(" {noun}{plural}"),
        about,
        ..Figure::default()
    }
}
