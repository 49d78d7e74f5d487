//! Two engines on the same bytes: what each tells, in order, and the first thing that they tell differently.
//! Never decodes: both tell what they made of the bytes.

mod difference;
mod opinion;
mod told;

use std::collections::VecDeque;
use std::sync::Arc;

pub use difference::{Difference, Field};
pub use opinion::{Opinion, Standing};
pub use told::{Ending, Told};

use crate::protocol::Protocol;

/// How many bytes of a connection are compared: 64 MiB. Past it the comparison ends, and says so.
pub const MOST_BYTES: u64 = 64 << 20;

/// How far one engine may be behind the other on the same bytes before that counts as a difference.
const MOST_BEHIND: usize = 64;

/// What two engines tell of one connection, taken as it comes.
///
/// ```
/// use feedscope_core::protocol::Protocol;
/// use feedscope_core::second_opinion::{Comparison, Told};
///
/// let mut comparison = Comparison::new(Protocol::EventStream);
/// let comment = |text: &str| Told::Comment(text.to_owned());
/// comparison.native_tells(comment("a"));
/// comparison.other_tells(comment("a"));
/// assert_eq!((comparison.agreed(), comparison.difference()), (1, None));
/// comparison.other_tells(comment("c"));
/// comparison.native_tells(comment("b"));
/// let difference = comparison.difference().unwrap();
/// assert_eq!(difference.number, 2);
/// assert_eq!(difference.native, Some(comment("b")));
/// ```
#[derive(Debug)]
pub struct Comparison {
    protocol: Protocol,
    /// What one told that the other did not yet.
    waiting: VecDeque<Told>,
    /// Whether that is the native engine's.
    native_ahead: bool,
    agreed: u64,
    difference: Option<Arc<Difference>>,
}

impl Comparison {
    /// Of a connection that speaks this, from its beginning.
    pub fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            waiting: VecDeque::new(),
            native_ahead: false,
            agreed: 0,
            difference: None,
        }
    }

    /// The native engine tells its next.
    pub fn native_tells(&mut self, told: Told) {
        self.take(told, true);
    }

    /// The other engine tells its next.
    pub fn other_tells(&mut self, told: Told) {
        self.take(told, false);
    }

    /// Neither tells more.
    pub fn end(&mut self) {
        if let Some(alone) = self.waiting.pop_front() {
            self.differ(alone, None);
        }
    }

    /// How many records both told alike.
    pub fn agreed(&self) -> u64 {
        self.agreed
    }

    /// The first thing that they tell differently. Nothing after it counts.
    pub fn difference(&self) -> Option<&Arc<Difference>> {
        self.difference.as_ref()
    }

    fn take(&mut self, told: Told, native: bool) {
        if self.difference.is_some() {
            return;
        }
        if self.waiting.is_empty() {
            self.native_ahead = native;
        }
        if self.native_ahead == native {
            self.waiting.push_back(told);
            if self.waiting.len() > MOST_BEHIND {
                self.end();
            }
            return;
        }
        let Some(first) = self.waiting.pop_front() else {
            return;
        };
        if first != told {
            self.differ(first, Some(told));
        } else if !matches!(told, Told::Ending(_)) {
            self.agreed += 1;
        }
    }

    /// The engine that was ahead tells `ahead` where the other tells `behind`.
    fn differ(&mut self, ahead: Told, behind: Option<Told>) {
        let (native, other) = if self.native_ahead {
            (Some(ahead), behind)
        } else {
            (behind, Some(ahead))
        };
        self.waiting = VecDeque::new();
        self.difference = Some(Arc::new(Difference {
            protocol: self.protocol,
            number: self.agreed + 1,
            native,
            other,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data: &str) -> Told {
        Told::Text(data.to_owned())
    }

    #[test]
    fn either_may_be_ahead_for_a_while() {
        let mut comparison = Comparison::new(Protocol::WebSocket);
        for round in 0..3 {
            for number in 0..MOST_BEHIND {
                let told = text(&format!("{round} {number}"));
                match round {
                    1 => comparison.other_tells(told),
                    _ => comparison.native_tells(told),
                }
            }
            for number in 0..MOST_BEHIND {
                let told = text(&format!("{round} {number}"));
                match round {
                    1 => comparison.native_tells(told),
                    _ => comparison.other_tells(told),
                }
            }
        }
        comparison.end();
        assert_eq!(comparison.agreed(), 3 * MOST_BEHIND as u64);
        assert_eq!(comparison.difference(), None);
    }

    #[test]
    fn one_that_tells_nothing_differs_before_the_end() {
        let mut comparison = Comparison::new(Protocol::WebSocket);
        for _ in 0..=MOST_BEHIND {
            assert_eq!(comparison.difference(), None);
            comparison.native_tells(text("a"));
        }
        let difference = comparison.difference().cloned().unwrap();
        assert_eq!(
            (difference.number, &difference.native, &difference.other),
            (1, &Some(text("a")), &None)
        );
        comparison.other_tells(text("too late"));
        comparison.end();
        assert_eq!(comparison.difference(), Some(&difference));
    }

    #[test]
    fn what_one_tells_alone_at_the_end_is_a_difference() {
        let mut comparison = Comparison::new(Protocol::WebSocket);
        comparison.native_tells(text("a"));
        comparison.other_tells(text("a"));
        comparison.other_tells(text("b"));
        comparison.end();
        let difference = comparison.difference().unwrap();
        assert_eq!(
            (difference.number, &difference.native, &difference.other),
            (2, &None, &Some(text("b")))
        );
    }

    #[test]
    fn endings_are_compared_and_are_no_records() {
        let mut comparison = Comparison::new(Protocol::WebSocket);
        comparison.native_tells(text("a"));
        comparison.native_tells(Told::Ending(Ending::default()));
        comparison.other_tells(text("a"));
        comparison.other_tells(Told::Ending(Ending::default()));
        comparison.end();
        assert_eq!((comparison.agreed(), comparison.difference()), (1, None));
    }
}
