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
mod tests {
    use super::*;

    /// Feeds ids, where `|` is a resume, and returns the gaps, each with the id that it came before. The payload is the id,
    /// with what follows an apostrophe.
    fn gaps(script: &str) -> Vec<(String, String)> {
        let mut tracker = GapTracker::new();
        let mut gaps = Vec::new();
        for id in script.split(' ') {
            match id {
                "|" => tracker.on_resume(),
                // An event without any id, which a list cut at spaces cannot hold.
                "-" => gaps.extend(
                    tracker
                        .on_event(b"", b"")
                        .map(|gap| ("-".to_owned(), gap.to_string())),
                ),
                data => {
                    let id = data.split('\'').next().unwrap_or_default();
                    let finding = tracker.on_event(id.as_bytes(), data.as_bytes());
                    gaps.extend(finding.map(|gap| (id.to_owned(), gap.to_string())));
                }
            }
        }
        gaps
    }

    fn check(script: &str, expected: &[(&str, &str)]) {
        let gaps = gaps(script);
        let gaps: Vec<_> = gaps
            .iter()
            .map(|(id, gap)| (id.as_str(), gap.as_str()))
            .collect();
        assert_eq!(gaps, expected, "{script}");
    }

    const UNKNOWN: &str = "ids do not show what was missed";

    #[test]
    fn consecutive_ids_tell_what_was_missed() {
        check("1 2 3 | 4 5", &[("4", "nothing missed")]);
        check(
            "1062 1063 | 1073",
            &[("1073", "9 missed between id 1063 and 1073")],
        );
        check("0 1 | 3", &[("3", "1 missed between id 1 and 3")]);
        check("1 2", &[]);
        check("1 2 |", &[]);
        check(
            "18446744073709551613 18446744073709551614 | 18446744073709551615",
            &[("18446744073709551615", "nothing missed")],
        );
    }

    #[test]
    fn repetitions_are_counted_until_the_stream_goes_past_them() {
        check("1 2 3 4 | 2 3 4 5", &[("5", "3 repeated")]);
        check("1 2 3 4 | 4 5", &[("5", "1 repeated")]);
        check(
            "1 2 3 4 | 3 4 7",
            &[("7", "2 missed after id 4, 2 repeated")],
        );
        check("1 2 3 4 | 3 4", &[]);
    }

    #[test]
    fn a_gap_says_between_which_ids() {
        let mut tracker = GapTracker::new();
        assert_eq!(tracker.on_event(b"7", b"7"), None);
        assert_eq!(tracker.on_event(b"8", b"8"), None);
        tracker.on_resume();
        assert_eq!(tracker.on_event(b"7", b"7"), None);
        assert_eq!(tracker.on_event(b"8", b"8"), None);
        let gap = Gap {
            missing: Some(1),
            repeated: Some(2),
            from: "8".to_owned(),
            to: "7".to_owned(),
        };
        assert_eq!(tracker.on_event(b"10", b"10"), Some(IdFinding::Gap(gap)));
        tracker.on_resume();
        let gap = Gap {
            missing: Some(4),
            repeated: Some(0),
            from: "10".to_owned(),
            to: "15".to_owned(),
        };
        assert_eq!(tracker.on_event(b"15", b"15"), Some(IdFinding::Gap(gap)));
    }

    #[test]
    fn every_break_is_judged_for_itself() {
        check(
            "1 2 | 3 | 4 | 6 | 6 7",
            &[
                ("3", "nothing missed"),
                ("4", "nothing missed"),
                ("6", "1 missed between id 4 and 6"),
                ("7", "1 repeated"),
            ],
        );
        // Nothing came in between, or nothing that decides: there is one finding.
        check("1 2 | | | 5", &[("5", "2 missed between id 2 and 5")]);
        check(
            "1 2 3 | 2 | 3 5",
            &[("5", "1 missed after id 3, 2 repeated")],
        );
    }

    #[test]
    fn an_id_that_is_left_out_within_a_connection_is_missing() {
        check(
            "1 2 3 4 6 7 10 11",
            &[
                ("6", "1 missed between id 4 and 6"),
                ("10", "2 missed between id 7 and 10"),
            ],
        );
        // Three steps by one come first.
        check("1 2 3 5 6", &[]);
        check("2 4 6 8 10 12", &[]);
        check("a b c d f", &[]);
        check(
            "- 7 7 8 - 9 10 10 12",
            &[("12", "1 missed between id 10 and 12")],
        );
        // IDs that come again are reported with the next one.
        check("1 2 3 4 5 3 4 6 7", &[("6", "2 repeated")]);
        check("1 2 3 4 2 7", &[("7", "2 missed after id 4, 1 repeated")]);
        // An id of another kind in between changes nothing.
        check("1 2 3 4 x 5 7", &[("7", "1 missed between id 5 and 7")]);
        // The server counts anew.
        check(
            "500 501 502 503 1 2 3 4 6",
            &[("1", UNKNOWN), ("6", "1 missed between id 4 and 6")],
        );
    }

    #[test]
    fn a_hole_before_a_break_does_not_hide_what_the_break_lost() {
        check(
            "1 2 3 4 6 | 9",
            &[
                ("6", "1 missed between id 4 and 6"),
                ("9", "2 missed between id 6 and 9"),
            ],
        );
        check(
            "1 2 3 4 5 4 | 6 8",
            &[("6", "1 repeated"), ("8", "1 missed between id 6 and 8")],
        );
    }

    #[test]
    fn ids_that_no_longer_count_up_end_the_check_with_one_finding() {
        let sparse: Vec<String> = (0..80).map(|n| (100 + 10 * n).to_string()).collect();
        let gaps = gaps(&format!("1 2 3 4 {}", sparse.join(" ")));
        assert_eq!(gaps.len(), 51);
        let ended = IdFinding::NoLongerCounting.to_string();
        assert_eq!(gaps[50].1, ended);
        assert!(
            gaps[..50]
                .iter()
                .all(|(_, gap)| gap.contains("missed between"))
        );
        // Half of the steps are few enough.
        let half: Vec<String> = (0..300).map(|n| (100 + n + n / 2).to_string()).collect();
        let gaps = self::gaps(&format!("96 97 98 99 {}", half.join(" ")));
        assert!(gaps.len() > 100);
        assert!(gaps.iter().all(|(_, gap)| *gap != ended));
    }

    #[test]
    fn other_ids_do_not_tell() {
        check("a b | c", &[("c", UNKNOWN)]);
        check("- - | -", &[("-", UNKNOWN)]);
        check("| 1", &[("1", UNKNOWN)]);
        // Only one id came before the break, so that their growth is unknown.
        check("5 | 6", &[("6", UNKNOWN)]);
        check("10 20 30 | 40", &[("40", UNKNOWN)]);
        check("3 2 1 | 0", &[("0", UNKNOWN)]);
        check("1 2 | c", &[("c", UNKNOWN)]);
        check("1 2 | +3", &[("+3", UNKNOWN)]);
        check(
            "1 2 | 18446744073709551616",
            &[("18446744073709551616", UNKNOWN)],
        );
        check("18446744073709551615 0 | 1", &[("1", UNKNOWN)]);
    }

    #[test]
    fn a_server_that_counts_anew_repeats_nothing() {
        check("500 501 502 | 1 2 3", &[("1", UNKNOWN)]);
        check(
            "500 501 | 1 2 | 3",
            &[("1", UNKNOWN), ("3", "nothing missed")],
        );
        // More repetitions than there were events.
        check("1 2 3 | 1 2 1 2", &[("1", UNKNOWN)]);
        // Other events have the same ids: the first one, or the last one.
        check("1 2 3 | 1'new 2'new 3'new 4", &[("1", UNKNOWN)]);
        check("1 2 3 | 2'new 3'new 4", &[("3", UNKNOWN)]);
        check(
            "1 2 3 4 5 | 4'new 5'new 6 | 6'newer 7'newer",
            &[("5", UNKNOWN), ("7", "nothing missed")],
        );
        // An event with the ID in force, which is none of its own.
        check("1 2 3 | 3'hello 4", &[("4", "nothing missed")]);
        check("1 2 3 | 3 4", &[("4", "1 repeated")]);
    }

    #[test]
    fn events_without_an_id_of_their_own_say_nothing() {
        // A greeting at the top of each connection, with the id in force or with none.
        check("- 1 2 3 | 3 4", &[("4", "nothing missed")]);
        check("- 1 2 3 | - 4", &[("4", "nothing missed")]);
        check("- 1 2 3 | - 7", &[("7", "3 missed between id 3 and 7")]);
        check("1 1 2 2 3 3 | 4", &[("4", "nothing missed")]);
        check("1 2 3 | 3 3 4", &[("4", "nothing missed")]);
        check("1 2 3 | 2 2 3 3 4", &[("4", "2 repeated")]);
        let nothing_else = "1 2 |".to_owned() + &" -".repeat(15);
        check(&nothing_else, &[]);
        check(&(nothing_else + " -"), &[("-", UNKNOWN)]);
    }

    #[test]
    fn sentences() {
        let gap = |missing, repeated| {
            Gap {
                missing,
                repeated,
                from: "4".to_owned(),
                to: "9".to_owned(),
            }
            .to_string()
        };
        assert_eq!(gap(Some(0), Some(0)), "nothing missed");
        assert_eq!(gap(Some(0), None), "nothing missed");
        assert_eq!(gap(Some(4), None), "4 missed between id 4 and 9");
        assert_eq!(gap(None, Some(4)), "4 repeated");
        assert_eq!(gap(None, None), UNKNOWN);
    }
}
