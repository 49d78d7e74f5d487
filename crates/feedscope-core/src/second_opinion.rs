//! Comparison of two engines on the same bytes: the records that each reports, in order, and the first difference.
//!
//! It does not decode; both engines report their own results.

mod difference;
mod engine_report;
mod opinion;

use std::collections::VecDeque;
use std::sync::Arc;

pub use difference::{DifferentField, EngineDifference};
pub use engine_report::{EngineEnding, EngineReport};
pub use opinion::{Opinion, OpinionState};

use crate::protocol::Protocol;

/// Number of bytes of a connection that are compared: 64 MiB. The comparison ends after it and reports this.
pub const MOST_BYTES: u64 = 64 << 20;

/// Maximum number of records that one engine may be behind the other on the same bytes. More count as a difference.
const MOST_BEHIND: usize = 64;

/// Comparison of two engines on one connection, while their records arrive.
///
/// ```
/// use feedscope_core::protocol::Protocol;
/// use feedscope_core::second_opinion::{EngineAgreement, EngineReport};
///
/// let mut comparison = EngineAgreement::new(Protocol::EventStream);
/// let comment = |text: &str| EngineReport::Comment(text.to_owned());
/// comparison.add_native(comment("a"));
/// comparison.add_other(comment("a"));
/// assert_eq!((comparison.agreed(), comparison.difference()), (1, None));
/// comparison.add_other(comment("c"));
/// comparison.add_native(comment("b"));
/// let difference = comparison.difference().unwrap();
/// assert_eq!(difference.number, 2);
/// assert_eq!(difference.native, Some(comment("b")));
/// ```
#[derive(Debug)]
pub struct EngineAgreement {
    protocol: Protocol,
    /// Records that one engine has reported and the other has not.
    waiting: VecDeque<EngineReport>,
    /// True if the waiting records are those of the native engine.
    native_ahead: bool,
    agreed: u64,
    difference: Option<Arc<EngineDifference>>,
}

impl EngineAgreement {
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
    pub fn add_native(&mut self, report: EngineReport) {
        self.take(report, true);
    }

    /// Adds the next record of the other engine.
    pub fn add_other(&mut self, report: EngineReport) {
        self.take(report, false);
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
    pub fn difference(&self) -> Option<&Arc<EngineDifference>> {
        self.difference.as_ref()
    }

    fn take(&mut self, report: EngineReport, native: bool) {
        if self.difference.is_some() {
            return;
        }
        // Only one engine is ahead at a time, so that one queue is enough.
        if self.waiting.is_empty() {
            self.native_ahead = native;
        }
        if self.native_ahead == native {
            self.waiting.push_back(report);
            if self.waiting.len() > MOST_BEHIND {
                self.end();
            }
            return;
        }
        let Some(first) = self.waiting.pop_front() else {
            return;
        };
        if first != report {
            self.differ(first, Some(report));
        // An ending is not a record and does not count.
        } else if !matches!(report, EngineReport::Ending(_)) {
            self.agreed += 1;
        }
    }

    /// Records the difference between `ahead`, from the engine that was ahead, and `behind` from the other engine.
    fn differ(&mut self, ahead: EngineReport, behind: Option<EngineReport>) {
        let (native, other) = if self.native_ahead {
            (Some(ahead), behind)
        } else {
            (behind, Some(ahead))
        };
        // Nothing after the first difference is compared.
        self.waiting = VecDeque::new();
        self.difference = Some(Arc::new(EngineDifference {
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

    fn text(data: &str) -> EngineReport {
        EngineReport::Text(data.to_owned())
    }

    #[test]
    fn either_may_be_ahead_for_a_while() {
        let mut comparison = EngineAgreement::new(Protocol::WebSocket);
        for round in 0..3 {
            for number in 0..MOST_BEHIND {
                let report = text(&format!("{round} {number}"));
                match round {
                    1 => comparison.add_other(report),
                    _ => comparison.add_native(report),
                }
            }
            for number in 0..MOST_BEHIND {
                let report = text(&format!("{round} {number}"));
                match round {
                    1 => comparison.add_native(report),
                    _ => comparison.add_other(report),
                }
            }
        }
        comparison.end();
        assert_eq!(comparison.agreed(), 3 * MOST_BEHIND as u64);
        assert_eq!(comparison.difference(), None);
    }

    #[test]
    fn one_that_tells_nothing_differs_before_the_end() {
        let mut comparison = EngineAgreement::new(Protocol::WebSocket);
        for _ in 0..=MOST_BEHIND {
            assert_eq!(comparison.difference(), None);
            comparison.add_native(text("a"));
        }
        let difference = comparison.difference().cloned().unwrap();
        assert_eq!(
            (difference.number, &difference.native, &difference.other),
            (1, &Some(text("a")), &None)
        );
        comparison.add_other(text("too late"));
        comparison.end();
        assert_eq!(comparison.difference(), Some(&difference));
    }

    #[test]
    fn what_one_tells_alone_at_the_end_is_a_difference() {
        let mut comparison = EngineAgreement::new(Protocol::WebSocket);
        comparison.add_native(text("a"));
        comparison.add_other(text("a"));
        comparison.add_other(text("b"));
        comparison.end();
        let difference = comparison.difference().unwrap();
        assert_eq!(
            (difference.number, &difference.native, &difference.other),
            (2, &None, &Some(text("b")))
        );
    }

    #[test]
    fn endings_are_compared_and_are_no_records() {
        let mut comparison = EngineAgreement::new(Protocol::WebSocket);
        comparison.add_native(text("a"));
        comparison.add_native(EngineReport::Ending(EngineEnding::default()));
        comparison.add_other(text("a"));
        comparison.add_other(EngineReport::Ending(EngineEnding::default()));
        comparison.end();
        assert_eq!((comparison.agreed(), comparison.difference()), (1, None));
    }
}
