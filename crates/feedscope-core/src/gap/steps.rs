//! Steps between the IDs of a connection. Where IDs count up by one, an ID that is left out was never received.

/// Number of steps by one after which IDs are expected to count up.
const LEARNING_STEPS: u8 = 3;

/// Number of steps over which other steps are counted.
const WINDOW: u8 = 100;

/// Check of the steps between the IDs of a feed.
#[derive(Debug)]
pub(super) enum Steps {
    /// Too few steps by one in a row so far.
    Learning { last: Option<u64>, by_one: u8 },
    /// IDs count up by one, so that an ID that is left out is missing.
    Watching(StepWatch),
    /// Too many steps were not by one. The IDs do not show missing records.
    Ended,
}

#[derive(Debug)]
pub(super) struct StepWatch {
    /// First ID since the server began to count.
    first: u64,
    /// Highest ID so far.
    last: u64,
    /// Number of received IDs at or below `last` since then.
    repeated: u64,
    /// First of these IDs as it was written.
    first_repeated: Option<Vec<u8>>,
    /// Number of steps in the current window, and how many of them were not by one.
    steps: u8,
    others: u8,
}

/// Result of one step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IdStep {
    /// Nothing to report.
    Usual,
    /// IDs are missing, or were repeated.
    Hole(Hole),
    /// The server counts anew after this ID.
    Restart { last: u64 },
    /// The check ends now.
    Ended,
}

/// IDs that are missing or were repeated before one ID.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hole {
    pub(super) missing: u64,
    pub(super) repeated: u64,
    /// Highest ID before.
    pub(super) last: u64,
    /// First ID after it that was repeated, or else the next one.
    pub(super) to: Vec<u8>,
}

impl Default for Steps {
    fn default() -> Self {
        Self::Learning {
            last: None,
            by_one: 0,
        }
    }
}

impl Steps {
    /// Takes in a new ID. `first` is the first ID since the server began to count.
    #[inline]
    pub(super) fn on_id(&mut self, id: &[u8], first: Option<u64>) -> IdStep {
        match self {
            Self::Ended => IdStep::Usual,
            Self::Learning { last, by_one } => {
                let number = parse(id);
                // Any other step begins the learning anew.
                let is_by_one = number.is_some() && number == last.and_then(|it| it.checked_add(1));
                *by_one = if is_by_one { *by_one + 1 } else { 0 };
                *last = number;
                if let (Some(last), LEARNING_STEPS) = (number, *by_one) {
                    let begin = last - u64::from(LEARNING_STEPS);
                    // An ID above the first of these steps belongs to an earlier count of the server.
                    let first = first.filter(|first| *first <= begin).unwrap_or(begin);
                    *self = Self::Watching(StepWatch::new(first, last));
                }
                IdStep::Usual
            }
            Self::Watching(watch) => {
                let number = parse(id);
                // Nearly all IDs of a feed that counts are the next number.
                if number.is_some_and(|it| it.checked_sub(1) == Some(watch.last))
                    && watch.repeated == 0
                {
                    watch.on_next();
                    return IdStep::Usual;
                }
                watch.steps += 1;
                let step = watch.unusual(id, number);
                if let IdStep::Restart { .. } = step {
                    *self = Self::Learning {
                        last: number,
                        by_one: 0,
                    };
                // IDs that jump in most steps do not count, so that their holes mean nothing.
                } else if watch.others > WINDOW / 2 {
                    *self = Self::Ended;
                    return IdStep::Ended;
                } else {
                    watch.end_window();
                }
                step
            }
        }
    }

    /// Takes in the ID after one for which [`is_counting_at`](Self::is_counting_at) was true.
    #[inline]
    pub(super) fn on_next(&mut self) {
        if let Self::Watching(watch) = self {
            watch.on_next();
        }
    }

    /// Returns true if IDs count up by one, this is the newest of them, and nothing waits to be reported.
    pub(super) fn is_counting_at(&self, id: &[u8]) -> bool {
        matches!(self, Self::Watching(watch) if watch.repeated == 0 && parse(id) == Some(watch.last))
    }

    /// Highest ID, if IDs count up by one.
    pub(super) fn last(&self) -> Option<u64> {
        match self {
            Self::Watching(watch) => Some(watch.last),
            Self::Learning { .. } | Self::Ended => None,
        }
    }

    /// Takes out the repeated IDs that have not been reported: their number, and the first of them.
    pub(super) fn take_repeated(&mut self) -> Option<(u64, Vec<u8>)> {
        match self {
            Self::Watching(watch) => {
                let repeated = std::mem::take(&mut watch.repeated);
                Some((repeated, watch.first_repeated.take()?))
            }
            Self::Learning { .. } | Self::Ended => None,
        }
    }

    /// Continues at an ID after a resume.
    pub(super) fn continue_at(&mut self, number: u64) {
        match self {
            Self::Watching(watch) => watch.last = number,
            Self::Learning { last, .. } => *last = Some(number),
            Self::Ended => {}
        }
    }

    /// Begins to learn again, because the server counts anew.
    pub(super) fn restart_at(&mut self, number: Option<u64>) {
        if !matches!(self, Self::Ended) {
            *self = Self::Learning {
                last: number,
                by_one: 0,
            };
        }
    }
}

impl StepWatch {
    fn new(first: u64, last: u64) -> Self {
        Self {
            first,
            last,
            repeated: 0,
            first_repeated: None,
            steps: 0,
            others: 0,
        }
    }

    /// Handles an ID that is one more than the last.
    #[inline]
    fn on_next(&mut self) {
        self.last += 1;
        self.steps += 1;
        self.end_window();
    }

    /// Handles an ID that is not one more than the last, or the first one after repeated IDs.
    #[cold]
    fn unusual(&mut self, id: &[u8], number: Option<u64>) -> IdStep {
        let Some(number) = number else {
            self.others += 1;
            return IdStep::Usual;
        };
        if number > self.last {
            let missing = number - self.last - 1;
            self.others += u8::from(missing > 0);
            // The repetitions end with the first new ID, and are reported together with the hole.
            let repeated = std::mem::take(&mut self.repeated);
            let to = self.first_repeated.take();
            let hole = Hole {
                missing,
                repeated,
                last: self.last,
                to: to.unwrap_or_else(|| id.to_vec()),
            };
            self.last = number;
            return IdStep::Hole(hole);
        }
        self.others += 1;
        // More repetitions than there were IDs mean that the server counts anew.
        if number < self.first || self.repeated > self.last - self.first {
            return IdStep::Restart { last: self.last };
        }
        self.repeated += 1;
        self.first_repeated.get_or_insert_with(|| id.to_vec());
        IdStep::Usual
    }

    fn end_window(&mut self) {
        if self.steps >= WINDOW {
            (self.steps, self.others) = (0, 0);
        }
    }
}

/// An id as an integer: decimal digits and nothing else, within 64 bits.
pub(super) fn parse(id: &[u8]) -> Option<u64> {
    if id.is_empty() {
        return None;
    }
    id.iter().try_fold(0_u64, |number, byte| match byte {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}
