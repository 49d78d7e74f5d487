//! Events that a connection skipped or sent again, as its ids show where they are whole numbers that count up by one.
//! Resumes between connections are the business of core's `GapTracker`.

use super::missing::Missing;
use super::text_ends::whole_number;

/// Number of steps by one, in a row, after which ids are taken for numbers that count up.
const STEPS_TO_BELIEVE: u8 = 3;

/// Number of steps after which the ids are judged again.
const WINDOW: u32 = 100;

/// Checks the ids of one feed, event by event.
///
/// An event without an id of its own is seen here with the one in force. Therefore an event with the id of the one before
/// it counts as repeated only if it is that event again, and not in a feed that has events without an id.
#[derive(Clone, Debug, Default)]
pub(super) struct IdSteps {
    belief: Belief,
    /// Number of the newest id of this connection.
    last: Option<u64>,
    /// The first and the highest number of this connection since the check began.
    first: u64,
    highest: u64,
    missing_ranges: Missing,
    missing: u64,
    repeated: u64,
    has_events_without_id: bool,
    newest: Sample,
    steps: u32,
    other_steps: u32,
}

/// The trust in the ids of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belief {
    /// So many steps by one came in a row.
    Learning(u8),
    Counting,
    /// The ids did not count up after all.
    GivenUp,
}

impl Default for Belief {
    fn default() -> Self {
        Self::Learning(0)
    }
}

impl IdSteps {
    /// An event of this type arrived, with this id in force.
    #[inline]
    pub(super) fn on_event(&mut self, event: &[u8], id: &[u8], data: &[u8]) {
        if id.is_empty() || self.belief == Belief::GivenUp {
            return;
        }
        let number = whole_number(id);
        match (number, self.last) {
            (Some(number), Some(last)) if number.checked_sub(1) == Some(last) => {
                self.step_by_one(number);
            }
            _ => self.on_other(event, number, data),
        }
        if !self.has_events_without_id {
            self.newest.set(event, data);
        }
    }

    /// A connection begins. The step from the last id of the one before it is a resume.
    pub(super) fn on_connection(&mut self) {
        self.last = None;
    }

    /// Events that were skipped, and events that came again, within connections; `None` if the ids do not show it.
    pub(super) fn counts(&self) -> Option<(u64, u64)> {
        (self.belief == Belief::Counting).then_some((self.missing, self.repeated))
    }

    /// Returns true if the check ended because the ids did not count up.
    pub(super) fn is_given_up(&self) -> bool {
        self.belief == Belief::GivenUp
    }

    #[inline]
    fn step_by_one(&mut self, number: u64) {
        self.last = Some(number);
        match self.belief {
            Belief::Counting => {
                // A step by one may repeat events that arrived before.
                if number > self.highest {
                    self.highest = number;
                } else {
                    self.count_lower(number);
                }
                self.end_step(false);
            }
            Belief::Learning(good) if good + 1 < STEPS_TO_BELIEVE => {
                self.belief = Belief::Learning(good + 1);
            }
            Belief::Learning(_) => {
                self.belief = Belief::Counting;
                // The steps that led to this belief have no faults.
                self.begin_at(number - u64::from(STEPS_TO_BELIEVE), number);
            }
            Belief::GivenUp => {}
        }
    }

    #[cold]
    fn on_other(&mut self, event: &[u8], number: Option<u64>, data: &[u8]) {
        let last = std::mem::replace(&mut self.last, number);
        if number == last && number.is_some() {
            let mut sample = Sample::default();
            sample.set(event, data);
            if self.newest != sample {
                self.has_events_without_id = true;
            } else if self.belief == Belief::Counting && !self.has_events_without_id {
                self.repeated += 1;
            }
            return;
        }
        match (self.belief, number, last) {
            // The first id of a connection is no step.
            (Belief::Counting, Some(number), None) => self.begin_at(number, number),
            (Belief::Counting, Some(number), Some(_)) => {
                if number > self.highest {
                    self.count_skipped(number);
                } else {
                    self.count_lower(number);
                }
                self.end_step(true);
            }
            (Belief::Counting, None, _) => self.end_step(true),
            (Belief::Learning(_), ..) => self.belief = Belief::Learning(0),
            (Belief::GivenUp, ..) => {}
        }
    }

    fn begin_at(&mut self, first: u64, highest: u64) {
        (self.first, self.highest) = (first, highest);
        self.missing_ranges.clear();
    }

    fn count_skipped(&mut self, number: u64) {
        let skipped = number - self.highest - 1;
        if skipped > 0 {
            self.missing += skipped;
            self.missing_ranges
                .add(i128::from(self.highest) + 1, i128::from(number) - 1);
        }
        self.highest = number;
    }

    fn count_lower(&mut self, number: u64) {
        if self.missing_ranges.remove(i128::from(number)) {
            self.missing -= 1;
        } else if number >= self.first {
            self.repeated += 1;
        }
    }

    #[inline]
    fn end_step(&mut self, is_other: bool) {
        self.steps += 1;
        self.other_steps += u32::from(is_other);
        if self.steps == WINDOW {
            if self.other_steps > WINDOW / 2 {
                self.belief = Belief::GivenUp;
            }
            (self.steps, self.other_steps) = (0, 0);
        }
    }
}

/// Number of bytes at each end of a payload that tell it from others.
const SAMPLE: usize = 32;

/// A part of an event by which it is recognized when it arrives again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sample {
    lengths: (usize, usize),
    first: [u8; SAMPLE],
    last: [u8; SAMPLE],
}

impl Sample {
    /// Replaces the sample. Its memory is written once, because this is done for every event.
    #[inline]
    fn set(&mut self, event: &[u8], data: &[u8]) {
        self.lengths = (event.len(), data.len());
        if let (Some(first), Some(last)) = (data.first_chunk(), data.last_chunk()) {
            self.first = *first;
            self.last = *last;
        } else {
            (self.first, self.last) = ([0; SAMPLE], [0; SAMPLE]);
            self.first[..data.len()].copy_from_slice(data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(steps: &mut IdSteps, id: u64) {
        let id = id.to_string();
        steps.on_event(b"price", id.as_bytes(), id.as_bytes());
    }

    /// The counts after these ids; a `|` is a new connection. An event with a `+` has no id of its own.
    fn counts(ids: &str) -> Option<(u64, u64)> {
        let mut steps = IdSteps::default();
        for id in ids.split(' ') {
            let own = id.trim_end_matches('+').as_bytes();
            match id {
                "|" => steps.on_connection(),
                id => steps.on_event(b"price", own, id.as_bytes()),
            }
        }
        steps.counts()
    }

    #[test]
    fn skipped_and_repeated_ids_are_counted_once_they_count_up() {
        for (ids, expected) in [
            ("1 2 3", None),
            ("1 2 3 4", Some((0, 0))),
            ("7 8 9 10 13 14", Some((2, 0))),
            ("1 2 3 4 7 6 8", Some((1, 0))),
            ("1 2 3 4 7 5 6 8", Some((0, 0))),
            ("1 2 3 4 5 3 4 5 6", Some((0, 3))),
            // Events without an id of their own carry the one in force.
            ("1 2 2+ 2+ 3 4 4+ 5", Some((0, 0))),
            ("1 2 2+ 3 4 5 6 6 7", Some((0, 0))),
            ("1 2 3 4 5 5 6 6 6", Some((0, 3))),
            // A step between two connections is a resume, which others judge.
            ("1 2 3 4 | 9 10 | 3 4 6", Some((1, 0))),
            ("1 2 3 | 4 5", None),
            ("5 10 15 20 25", None),
            ("a b c d e", None),
            ("1 2 1 2 3 4", Some((0, 0))),
            ("5 6 7 8 2 9", Some((0, 0))),
            ("9 10 11 12", Some((0, 0))),
            ("97 98 99 100 102", Some((1, 0))),
            ("01 02 03 04", None),
            (
                "18446744073709551612 18446744073709551613 18446744073709551614 18446744073709551615 1",
                Some((0, 0)),
            ),
        ] {
            assert_eq!(counts(ids), expected, "{ids}");
        }
    }

    #[test]
    fn ids_that_stop_counting_up_are_given_up() {
        let mut steps = IdSteps::default();
        (1..=4).for_each(|id| event(&mut steps, id));
        // Half of the steps are others: still believed.
        for pair in 1..=100 {
            event(&mut steps, pair * 10);
            event(&mut steps, pair * 10 + 1);
        }
        assert!(steps.counts().is_some());
        (1..=200).for_each(|id| event(&mut steps, 2_000 + id * 10));
        assert!(steps.is_given_up());
        assert_eq!(steps.counts(), None);
    }
}
