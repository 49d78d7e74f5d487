//! Measures of a feed: counts, rates, intervals, sizes, silence, connections and losses over its whole life.
//!
//! [`Measures`] takes records one by one, so that a sink, a recorder and a reader of files compute the same figures.
//! [`StoreMeasures`] is the analysis that computes them from a store. Both keep counts and histograms, never a record.
//!
//! ```
//! use feedscope_analysis::measures::Measures;
//! use feedscope_core::{Kind, Moment, Record, Stamp, Timestamp};
//!
//! let mut measures = Measures::default();
//! for ms in [0, 100, 200, 1_200] {
//!     let stamp = Stamp { moment: Moment::from_millis(ms), utc: Timestamp::default() };
//!     let kind = Kind::Event { event: b"price", id: b"", data: b"101.5" };
//!     measures.add(&Record { stamp, connection: 1, kind });
//! }
//! let figures = measures.figures(Some(Moment::from_millis(2_000)));
//! assert_eq!((figures.records, figures.bytes), (4, 20));
//! assert_eq!(figures.rate.unwrap().mean, 2.0);
//! assert_eq!(figures.longest_silence_ms, Some(1_000.0));
//! ```

mod figures;
mod gap_rows;
mod histogram;
mod id_steps;
mod latency;
mod life;
mod missing;
mod of_fields;
mod of_store;
mod percentiles;
mod rate;
mod sequence;
mod server_time;
mod text_ends;
mod type_counts;

pub use figures::{Figures, Rate, WireFigures};
pub use gap_rows::{GapRow, GapRows, StoreGapRows};
pub use histogram::Histogram;
pub use latency::Latency;
pub use of_fields::{MeasuredFields, SequenceGap, SequenceWatch};
pub use of_store::StoreMeasures;
pub use percentiles::{Percentiles, Times};
pub use sequence::{FaultCounts, SequenceFaults};
pub use type_counts::Types;

pub(crate) use of_fields::key_text;
pub(crate) use server_time::ServerTime;

use std::time::Duration;

use crate::interpret::Interpreter;
use feedscope_core::ConnectionState;
use feedscope_core::gap::Gap;
use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::time::{Moment, Stamp};

use id_steps::IdSteps;
use life::Life;
use of_fields::FieldMeasures;
use percentiles::{NANOS_PER_MILLI, millis};
use rate::BusiestSecond;
use type_counts::TypeCounts;

/// Reason that figures of time are absent.
const SAME_TIMES: &str =
    "all records have the same time, so that rates and intervals are not known";

/// The measures of one feed so far.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// Decoders of the payloads whose fields are measured.
    interpreter: Interpreter,
    /// Times of the first and the newest record of any kind.
    span: Option<(Moment, Moment)>,
    records: u64,
    bytes: u64,
    types: TypeCounts,
    received: Received,
    life: Life,
    ids: IdSteps,
    /// The gap of the newest reconnection has not arrived.
    awaits_resume: bool,
    /// The losses and repetitions at resumes; `None` while no gap reported a number.
    resumes: Option<(u64, u64)>,
    round_trips: Histogram,
    last_round_trip: Option<Duration>,
    /// Messages received, as they were transferred; `None` where the source has no frames.
    wire: Option<WireBytes>,
    fields: FieldMeasures,
    /// Records that were let go before they were measured.
    unread: u64,
    /// Number of times between two recordings of the feed.
    pauses: u64,
    /// Start of the present one of these times; `None` after its end.
    paused_since: Option<Moment>,
    /// Sum of these times.
    unrecorded: Duration,
}

/// The payloads that arrived.
#[derive(Clone, Debug, Default)]
struct Received {
    count: u64,
    last: Option<Moment>,
    busiest_second: BusiestSecond,
    /// In nanoseconds.
    intervals: Histogram,
    sizes: Histogram,
    /// Time from the first `open` to the first payload.
    first_wait: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct WireBytes {
    transferred: u64,
    payload: u64,
}

impl Measures {
    /// Measures without a record, which also look at these fields of the payloads.
    pub fn of_fields(fields: MeasuredFields) -> Self {
        Self {
            fields: FieldMeasures::new(fields),
            ..Self::default()
        }
    }

    /// Reads the fields in payloads as `interpreter` reads them. Sizes stay those of the payloads as received.
    pub fn set_interpreter(&mut self, interpreter: Interpreter) {
        self.interpreter = interpreter;
    }

    /// Counts a record. Records arrive in the order of their times.
    pub fn add(&mut self, record: &Record<'_>) {
        let now = record.stamp.moment;
        self.resume(now);
        let start = match &mut self.span {
            Some((start, last)) => {
                *last = now.max(*last);
                *start
            }
            none => none.insert((now, now)).0,
        };
        match &record.kind {
            Kind::Event { event, id, data } => {
                self.types.add(event);
                self.receive(start, record.stamp, data);
                self.ids.on_event(event, id, data);
            }
            Kind::Line { data } => {
                self.types.add(record.kind.word().as_bytes());
                self.receive(start, record.stamp, data);
            }
            Kind::Text {
                direction,
                data,
                failed,
                wire,
            }
            | Kind::Binary {
                direction,
                data,
                failed,
                wire,
            } => {
                // A message that was never sent is no payload of the feed.
                if failed.is_some() {
                    return;
                }
                self.types.add(record.kind.word().as_bytes());
                if *direction == Direction::Out {
                    return self.count(data);
                }
                self.receive(start, record.stamp, data);
                let bytes = self.wire.get_or_insert_default();
                // A message without the information took one frame of its own length.
                bytes.transferred += wire.map_or(data.len() as u64, |wire| wire.wire_bytes);
                bytes.payload += data.len() as u64;
            }
            Kind::Pong { rtt: Some(rtt), .. } => {
                self.round_trips.add(rtt.as_nanos() as u64);
                self.last_round_trip = Some(*rtt);
            }
            // Ids begin anew with each connection.
            Kind::State(change) => {
                self.life.enter(now, change);
                if change.state == ConnectionState::Idle {
                    self.pause(now);
                }
                self.ids.on_connection();
                self.awaits_resume |= change.state == ConnectionState::Reconnecting;
            }
            // The first gap after a reconnection is that of the resume. Holes within a connection are counted from the
            // ids, because an id may still arrive late.
            Kind::Gap(gap) if self.awaits_resume => {
                self.awaits_resume = false;
                self.add_gap(gap);
            }
            _ => {}
        }
    }

    /// Nothing is recorded from here on, up to the next record. The feed is neither silent nor closed in this time.
    fn pause(&mut self, now: Moment) {
        self.paused_since = Some(now);
        self.received.last = None;
        self.pauses += 1;
    }

    /// Ends the time of which nothing is recorded, if there is one.
    #[inline]
    fn resume(&mut self, now: Moment) {
        if let Some(since) = self.paused_since {
            self.paused_since = None;
            self.unrecorded += now.since(since);
            // A recording may begin while the feed is open.
            self.life.assume_open(now);
        }
    }

    /// Counts records that were let go before they could be measured. A note reports them.
    pub fn add_unread(&mut self, records: u64) {
        self.unread += records;
    }

    /// The figures up to `end`, or up to the newest record, as for a file.
    pub fn figures(&self, end: Option<Moment>) -> Figures {
        let Some((start, last)) = self.span else {
            return Figures {
                notes: self.notes(),
                ..Figures::default()
            };
        };
        // A record after the present time comes from another clock, and must not make a duration negative.
        let end = end.unwrap_or(last).max(last);
        let whole = end.since(start).saturating_sub(self.unrecorded);
        let seconds = whole.as_secs_f64();
        let has_states = self.life.changes > 0;
        // The records of some files have no times of their own, and have all the same one.
        let has_times = seconds > 0.0 || self.records < 2;
        let mut notes = self.notes();
        if !has_times {
            notes.push(SAME_TIMES.to_owned());
        }
        Figures {
            seconds: has_times.then_some(seconds),
            records: self.records,
            bytes: self.bytes,
            types: self.types.types(),
            other_types: self.types.others(),
            rate: (seconds > 0.0).then(|| Rate {
                mean: self.received.count as f64 / seconds,
                max_1s: self.received.busiest_second.most(),
            }),
            interval_ms: Percentiles::of(&self.received.intervals, NANOS_PER_MILLI)
                .filter(|_| has_times),
            size_bytes: Percentiles::of(&self.received.sizes, 1.0),
            longest_silence_ms: self.longest_silence(end).filter(|_| has_times).map(millis),
            // Lines from another program have no states. Their absence is not a count of 0.
            connections: has_states.then_some(self.life.connections),
            reconnects: has_states.then_some(self.life.reconnects),
            time_to_open_ms: Times::of(&self.life.time_to_open, self.life.last_time_to_open),
            open_ratio: (has_states && seconds > 0.0)
                .then(|| self.life.open_time(end).as_secs_f64() / seconds),
            missed: self.losses().map(|(missed, _)| missed),
            repeated: self.losses().map(|(_, repeated)| repeated),
            rtt_ms: Times::of(&self.round_trips, self.last_round_trip),
            latency_ms: self.fields.latency(),
            sequences: self.fields.sequences(),
            wire: self
                .wire
                .filter(|wire| wire.transferred > 0)
                .map(|wire| WireFigures {
                    bytes: wire.transferred,
                    ratio: wire.payload as f64 / wire.transferred as f64,
                }),
            notes,
        }
    }

    /// Time since the newest received payload, if the feed has never been silent for so long before; `None` for a usual
    /// silence, and before there are enough payloads to judge.
    pub fn quiet(&self, now: Moment) -> Option<Duration> {
        /// Shorter silences are not worth a mark.
        const SHORTEST: Duration = Duration::from_secs(1);
        /// Number of intervals that show the usual ones.
        const LEAST_INTERVALS: u64 = 3;
        /// Time in which a feed shows its usual silences. A short burst at the start shows none.
        const LEAST_OBSERVED: Duration = Duration::from_secs(10);
        let received = &self.received;
        let last = received.last?;
        let (start, _) = self.span?;
        let silence = now.since(last);
        let longest = Duration::from_nanos(received.intervals.max()?);
        let is_known =
            received.intervals.count() >= LEAST_INTERVALS && last.since(start) >= LEAST_OBSERVED;
        (is_known && silence >= SHORTEST && silence > longest).then_some(silence)
    }

    #[inline]
    fn count(&mut self, data: &[u8]) {
        self.records += 1;
        self.bytes += data.len() as u64;
    }

    #[inline]
    fn receive(&mut self, start: Moment, stamp: Stamp, data: &[u8]) {
        self.count(data);
        if self.interpreter.is_identity() {
            self.fields.receive(stamp.utc.as_micros(), data);
        } else if let Some(read) = self.interpreter.interpret(&Kind::Line { data }) {
            // A received line has the decoders of its direction.
            self.fields.receive(stamp.utc.as_micros(), read.bytes());
        }
        let now = stamp.moment;
        let received = &mut self.received;
        received.count += 1;
        received.sizes.add(data.len() as u64);
        received.busiest_second.add(start, now);
        if let Some(last) = received.last {
            received.intervals.add(now.since(last).as_nanos() as u64);
        } else if let Some(opened) = self.life.first_open.filter(|_| self.pauses == 0) {
            received.first_wait = now.since(opened);
        }
        received.last = Some(now);
    }

    fn add_gap(&mut self, gap: &Gap) {
        if gap.missing.is_none() && gap.repeated.is_none() {
            return;
        }
        let (missed, repeated) = self.resumes.get_or_insert_default();
        *missed += gap.missing.unwrap_or(0);
        *repeated += gap.repeated.unwrap_or(0);
    }

    /// What never arrived and what arrived again; `None` while ids do not show it.
    fn losses(&self) -> Option<(u64, u64)> {
        let (resumes, within) = (self.resumes, self.ids.counts());
        if resumes.is_none() && within.is_none() {
            return None;
        }
        let (missed, repeated) = resumes.unwrap_or_default();
        let (missed_within, repeated_within) = within.unwrap_or_default();
        Some((missed + missed_within, repeated + repeated_within))
    }

    fn longest_silence(&self, end: Moment) -> Option<Duration> {
        // Without a payload, the silence begins when the feed opens.
        let begin = match self.received.last {
            Some(last) => last,
            None if self.pauses == 0 => self.life.first_open?,
            // Nothing has arrived since the last time of which nothing is known.
            None => end,
        };
        let between = self.received.intervals.max().map(Duration::from_nanos);
        let longest = self.received.first_wait.max(between.unwrap_or_default());
        Some(longest.max(end.since(begin)))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.pauses > 0 {
            notes.push(format!(
                "nothing was recorded for {:.0} s of the time: these are {} recordings",
                self.unrecorded.as_secs_f64(),
                self.pauses + 1
            ));
        }
        if self.ids.is_given_up() {
            notes.push(
                "ids stopped counting up by one: they show no losses within a connection"
                    .to_owned(),
            );
        }
        if self.unread > 0 {
            let records = self.unread;
            notes.push(format!(
                "{records} records were let go before they were measured"
            ));
        }
        notes.extend(self.fields.notes());
        notes
    }
}

#[cfg(test)]
mod tests;
