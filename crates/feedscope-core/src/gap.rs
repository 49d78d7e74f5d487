//! Records that a resume lost or repeated, computed from the ids before and after it.
//!
//! Payloads only decide whether an id came again with its event or with another one. If the ids do not show a number, it
//! is `None`.

mod kept_ids;
mod next_id;
mod sample;
mod steps;

use std::fmt;

use kept_ids::{KeptIds, Words};
use next_id::NextId;
use sample::Sample;
use serde::{Deserialize, Serialize};
use steps::{Hole, IdStep, Steps, parse};

/// Losses and repetitions of a resume, as the ids on both sides of it show them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Number of records that never came, where ids are consecutive integers; `None` where the ids do not show it.
    pub missing: Option<u64>,
    /// Number of records that came a second time; `None` where the ids do not show it.
    pub repeated: Option<u64>,
    /// The last id before the connection was lost.
    pub from: String,
    /// The first id after it.
    pub to: String,
}

impl Gap {
    /// Creates the gap of a hole within a connection.
    fn of_hole(hole: &Hole) -> Self {
        Self {
            missing: Some(hole.missing),
            repeated: Some(hole.repeated),
            from: hole.last.to_string(),
            to: text(&hole.to),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            missing,
            repeated,
            from,
            to,
        } = self;
        match (missing, repeated) {
            (Some(0), Some(0) | None) => f.write_str("nothing missed"),
            (Some(missing), Some(0) | None) => {
                write!(f, "{missing} missed between id {from} and {to}")
            }
            (Some(0) | None, Some(repeated)) => write!(f, "{repeated} repeated"),
            (Some(missing), Some(repeated)) => {
                write!(f, "{missing} missed after id {from}, {repeated} repeated")
            }
            (None, None) => f.write_str("ids do not show what was missed"),
        }
    }
}

/// Finding about the ids of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdFinding {
    /// Records are missing or were repeated, or a resume was settled.
    Gap(Gap),
    /// The ids have counted up by one, but do so no longer. Holes between them are not reported from here on.
    NoLongerCounting,
}

impl fmt::Display for IdFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap(gap) => gap.fmt(f),
            Self::NoLongerCounting => f.write_str(
                "the IDs no longer count up by one, so that missing ones are not reported any more",
            ),
        }
    }
}

/// Watches the ids of one feed, and reports what a resume lost or repeated, and ids that are left out within a
/// connection.
///
/// Within a connection, ids are expected to count up after three steps by one. From then on, an id that is left out is
/// missing. If more than half of 100 steps are other ones, this check ends with one finding.
///
/// IDs show losses where they are integers that grow by one. The last two IDs before the break decide this: `41` and
/// `42` grow by one; `40` and `42`, or `a` and `b`, do not. Where they do not, the first event after the resume gets the
/// finding "ids do not show what was missed". Where they do, the IDs after the resume decide:
///
/// - An ID beyond the last one: the IDs between them are missing, and those that came again before it are repeated.
/// - An ID at or below the last one: it is a repetition, and the finding waits for the first ID beyond.
/// - An ID below the first one of the feed, more repetitions than there can be, or the first or the last ID with another
///   payload than before: the server counts anew, so that the IDs do not show a loss.
/// - An event without an ID of its own, and up to 15 more: they decide nothing.
///
/// An event without an id of its own is seen here with the one in force, or with none. So the last id from before the
/// break may come first after it without being a repetition, and is counted as one only in a feed that never had such
/// events.
///
/// With no resume pending, an event costs a comparison with the ID that follows, and a short copy. IDs are parsed if they
/// differ from it.
#[derive(Debug, Default)]
pub struct GapTracker {
    ids: KeptIds,
    /// The first id since the server began to count, where it was an integer.
    first: Option<u64>,
    /// Payloads of the events with the first id and with the last one.
    first_sample: Sample,
    last_sample: Sample,
    has_events_without_id: bool,
    pending: Option<Box<Resume>>,
    steps: Steps,
    /// ID that is expected next; nothing while IDs do not count up, and while a resume is pending.
    next: NextId,
}

impl GapTracker {
    /// A tracker that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection is open again: the events from here on came after a break.
    ///
    /// If the previous connection delivered nothing that shows its own losses, both losses are reported together.
    pub fn on_resume(&mut self) {
        self.next = NextId::default();
        let before_last = parse(&self.ids.before_last());
        let counted = parse(&self.ids.last())
            .filter(|last| before_last.is_some() && before_last == last.checked_sub(1));
        // A hole just before the break does not matter if the ids have counted up before.
        let last = self.steps.last().or(counted);
        let repeated = self.steps.take_repeated();
        self.pending
            .get_or_insert_with(|| Box::new(Resume::new(last, repeated)));
    }

    /// An event arrived, with this last event ID in force and this payload. Returns what the resume lost once that is known, or what is
    /// missing since the event before. In the timeline it belongs before this event.
    #[inline]
    pub fn on_event(&mut self, id: &[u8], data: &[u8]) -> Option<IdFinding> {
        let words = Words::of(id);
        if self.next.is(words) {
            self.ids.keep_next(words);
            self.last_sample = Sample::of(data);
            self.next.advance();
            self.steps.on_next();
            return None;
        }
        self.on_other(id, Sample::of(data))
    }

    /// Handles an ID that is not the expected one.
    fn on_other(&mut self, id: &[u8], sample: Sample) -> Option<IdFinding> {
        if self.pending.is_some() || self.ids.is_empty() {
            return self.settle(id, sample).map(IdFinding::Gap);
        }
        if id.is_empty() || !self.ids.keep(id) {
            self.has_events_without_id = true;
            return None;
        }
        self.last_sample = sample;
        let step = self.steps.on_id(id, self.first);
        self.next = if self.steps.is_counting_at(id) {
            NextId::after(id)
        } else {
            NextId::default()
        };
        match step {
            IdStep::Usual => None,
            IdStep::Hole(hole) => Some(IdFinding::Gap(Gap::of_hole(&hole))),
            IdStep::Restart { last } => {
                self.begin_at(id, sample);
                Some(IdFinding::Gap(Gap {
                    from: last.to_string(),
                    to: text(id),
                    ..Gap::default()
                }))
            }
            IdStep::Ended => Some(IdFinding::NoLongerCounting),
        }
    }

    /// The rare events: the first ones of a feed, and those after a resume until it is settled. The last id stays the
    /// one from before the break until then.
    #[cold]
    fn settle(&mut self, id: &[u8], sample: Sample) -> Option<Gap> {
        let Some(mut resume) = self.pending.take() else {
            self.has_events_without_id |= id.is_empty();
            self.begin_at(id, sample);
            return None;
        };
        let is_first = sample == self.first_sample;
        let is_last = sample == self.last_sample;
        match resume.check(id, self.first, (is_first, is_last)) {
            ResumeCheck::WithoutId => {
                self.has_events_without_id = true;
                self.pending = Some(resume);
                None
            }
            ResumeCheck::Repetition => {
                self.pending = Some(resume);
                None
            }
            ResumeCheck::Beyond { number, missing } => {
                let (repeated, to) = resume.repetitions(self.has_events_without_id);
                let from = text(&self.ids.last());
                let to = text(to.unwrap_or(id));
                // As if the missing ones had come: a connection of a single event can be judged at the next break.
                self.ids.keep((number - 1).to_string().as_bytes());
                self.ids.keep(id);
                self.last_sample = sample;
                self.steps.continue_at(number);
                Some(Gap {
                    missing: Some(missing),
                    repeated: Some(repeated),
                    from,
                    to,
                })
            }
            ResumeCheck::Unknown => {
                let gap = Gap {
                    missing: None,
                    repeated: None,
                    from: text(&self.ids.last()),
                    to: text(id),
                };
                if !id.is_empty() {
                    self.begin_at(id, sample);
                }
                Some(gap)
            }
        }
    }

    /// The server begins to count, or counts anew.
    fn begin_at(&mut self, id: &[u8], sample: Sample) {
        self.first = parse(id);
        (self.first_sample, self.last_sample) = (sample, sample);
        self.ids.keep(id);
        self.ids.forget_before_last();
        self.steps.restart_at(self.first);
    }
}

/// How many events without an id of their own are too many to wait for one that has: more than a greeting and a
/// replayed heartbeat at the top of a connection.
const PATIENCE: u32 = 16;

/// A resume that is not settled yet.
#[derive(Clone, Debug)]
struct Resume {
    /// The last ID before the break, where IDs grow by one.
    last: Option<u64>,
    /// Ids below the last that came again.
    repeated: u64,
    /// The first of them, as it was written.
    first_repeated: Option<Vec<u8>>,
    /// The last id came again, or an event that has none of its own carried it.
    last_repeated: Option<Vec<u8>>,
    /// The newest id since the resume.
    newest: Option<u64>,
    without_id: u32,
}

/// Meaning of one event for a resume.
enum ResumeCheck {
    WithoutId,
    Repetition,
    Beyond { number: u64, missing: u64 },
    Unknown,
}

impl Resume {
    /// Creates a resume. `repeated` are ids that came again before the break and have not been reported: their number
    /// and the first of them.
    fn new(last: Option<u64>, repeated: Option<(u64, Vec<u8>)>) -> Self {
        let (repeated, first_repeated) =
            repeated.map_or((0, None), |(count, id)| (count, Some(id)));
        Self {
            last,
            repeated,
            first_repeated,
            last_repeated: None,
            newest: None,
            without_id: 0,
        }
    }

    /// Checks one event. `is_first` and `is_last` are true for the payloads that came with the first id and with the last one.
    fn check(
        &mut self,
        id: &[u8],
        first: Option<u64>,
        (is_first, is_last): (bool, bool),
    ) -> ResumeCheck {
        let (Some(last), Some(first)) = (self.last, first) else {
            return ResumeCheck::Unknown;
        };
        let number = parse(id);
        // An event that sets no ID has the one before (HTML standard, section 9.2.6), which is no repetition.
        if id.is_empty() || (number.is_some() && number == self.newest) {
            self.without_id += 1;
            return if self.without_id < PATIENCE {
                ResumeCheck::WithoutId
            } else {
                ResumeCheck::Unknown
            };
        }
        self.newest = number;
        match number {
            Some(number) if number > last => ResumeCheck::Beyond {
                number,
                missing: number - last - 1,
            },
            // Alone, it is the ID in force, which another event has. After others, the server counts anew.
            Some(number) if number == last && !is_last => {
                if self.repeated > 0 {
                    ResumeCheck::Unknown
                } else {
                    ResumeCheck::WithoutId
                }
            }
            Some(number) if number == last => {
                self.last_repeated = Some(id.to_vec());
                ResumeCheck::Repetition
            }
            // More repetitions than there were events mean that the numbers have begun again.
            Some(number) if number == first && !is_first => ResumeCheck::Unknown,
            Some(number) if number >= first && self.repeated < last - first => {
                self.repeated += 1;
                self.first_repeated.get_or_insert_with(|| id.to_vec());
                ResumeCheck::Repetition
            }
            _ => ResumeCheck::Unknown,
        }
    }

    /// How many ids came again, and the first of them.
    fn repetitions(&self, has_events_without_id: bool) -> (u64, Option<&[u8]>) {
        // With repetitions below it the last one belongs to the replay; alone it may be a greeting.
        let last = self
            .last_repeated
            .as_deref()
            .filter(|_| self.repeated > 0 || !has_events_without_id);
        let first = self.first_repeated.as_deref().or(last);
        (self.repeated + u64::from(last.is_some()), first)
    }
}

fn text(id: &[u8]) -> String {
    String::from_utf8_lossy(id).into_owned()
}

#[cfg(test)]
mod tests;
