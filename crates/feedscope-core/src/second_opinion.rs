//! Comparison of two engines on the same bytes: the records that each reports, in order, and the first difference.
//!
//! It does not decode; both engines report their own results.

mod difference;
mod opinion;
mod told;

use std::collections::VecDeque;
use std::sync::Arc;

pub use difference::{Difference, Field};
pub use opinion::{Opinion, Standing};
pub use told::{Ending, Told};

use crate::protocol::Protocol;

/// Number of bytes of a connection that are compared: 64 MiB. The comparison ends after it and reports this.
pub const MOST_BYTES: u64 = 64 << 20;

/// Maximum number of records that one engine may be behind the other on the same bytes. More count as a difference.
const MOST_BEHIND: usize = 64;

/// Comparison of two engines on one connection, while their records arrive.
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
    /// Records that one engine has reported and the other has not.
    waiting: VecDeque<Told>,
    /// True if the waiting records are those of the native engine.
    native_ahead: bool,
    agreed: u64,
    difference: Option<Arc<Difference>>,
}

impl Comparison {
    /// Creates the comparison for a connection with this protocol, from its beginning.
    pub fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            waiting: VecDeque::new(),
            native_ahead: false,
            agreed: 0,
            difference: None,
        }
    }

    /// Adds the next record of the native engine.
    pub fn native_tells(&mut self, told: Told) {
        self.take(told, true);
    }

    /// Adds the next record of the other engine.
    pub fn other_tells(&mut self, told: Told) {
        self.take(told, false);
    }

    /// Ends the comparison after both engines have ended. A record of only one engine is a difference.
    pub fn end(&mut self) {
        if let Some(alone) = self.waiting.pop_front() {
            self.differ(alone, None);
        }
    }

    /// Returns the number of records that both engines reported equally.
    pub fn agreed(&self) -> u64 {
        self.agreed
    }

    /// Returns the first difference. Nothing after it is compared.
    pub fn difference(&self) -> Option<&Arc<Difference>> {
        self.difference.as_ref()
    }

    fn take(&mut self, told: Told, native: bool) {
        if self.difference.is_some() {
            return;
        }
        // Only one engine is ahead at a time, so that one queue is enough.
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
        // An ending is not a record and does not count.
        } else if !matches!(told, Told::Ending(_)) {
            self.agreed += 1;
        }
    }

    /// Records the difference between `ahead`, from the engine that was ahead, and `behind` from the other engine.
    fn differ(&mut self, ahead: Told, behind: Option<Told>) {
        let (native, other) = if self.native_ahead {
            (Some(ahead), behind)
        } else {
            (behind, Some(ahead))
        };
        // Nothing after the first difference is compared.
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
