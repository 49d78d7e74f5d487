//! Faults of the server that are switched on, for one feed or for all feeds. The code that writes reads them here.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::path::Feed;

/// Fault of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Connections stay open and send nothing. The delayed data follows when the fault is cleared.
    Stall,
    /// A new connection is answered with this HTTP status. A 503 has `Retry-After: 2`.
    Status(u16),
    /// A new event stream has the type `text/html`.
    WrongType,
    /// A connection is cut in the middle of its tenth write.
    Cut,
    /// Every byte is written separately.
    Split,
    /// Every tenth event or tick contains a byte that is not UTF-8.
    BadUtf8,
    /// Every tenth event or tick is sent twice.
    RepeatIds,
    /// Every tenth event or tick is left out.
    SkipIds,
    /// Every write is delayed by this time.
    Delay(Duration),
}

impl Fault {
    /// One fault of each kind, in the order in which they are offered.
    pub const ALL: [Self; 11] = [
        Self::Stall,
        Self::Status(500),
        Self::Status(503),
        Self::Status(204),
        Self::WrongType,
        Self::Cut,
        Self::Split,
        Self::BadUtf8,
        Self::RepeatIds,
        Self::SkipIds,
        Self::Delay(Duration::from_millis(250)),
    ];

    /// Returns a sentence about the behavior of a correct client with this fault.
    pub const fn expectation(self) -> &'static str {
        match self {
            Self::Stall => {
                "A client stays connected; a WebSocket client that pings finds out and reconnects."
            }
            Self::Status(503) => {
                "A client that reconnects after server errors waits as long as Retry-After requires."
            }
            Self::Status(204) => "HTTP 204 means \"do not reconnect\": the event stream ends.",
            Self::Status(_) => {
                "A browser gives up for good; a persistent client tries again, more and more slowly."
            }
            Self::WrongType => "An EventSource fails for good and reports the type that it got.",
            Self::Cut => {
                "The partial event is discarded and arrives again, complete, after the reconnection."
            }
            Self::Split => "Data arrives in small pieces; the events are the same.",
            Self::BadUtf8 => {
                "An event stream shows U+FFFD; a WebSocket is closed with 1007 and reopened."
            }
            Self::RepeatIds => "The measures and the comparison count the ids that came again.",
            Self::SkipIds => "The missing ids are noticed.",
            Self::Delay(_) => "Everything arrives late.",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stall => f.write_str("stall"),
            Self::Status(status) => write!(f, "status-{status}"),
            Self::WrongType => f.write_str("wrong-type"),
            Self::Cut => f.write_str("cut"),
            Self::Split => f.write_str("split"),
            Self::BadUtf8 => f.write_str("bad-utf8"),
            Self::RepeatIds => f.write_str("repeat-ids"),
            Self::SkipIds => f.write_str("skip-ids"),
            Self::Delay(time) => write!(f, "delay-{}", time.as_millis()),
        }
    }
}

/// Unknown name of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no fault; there are", self.0)?;
        for fault in Fault::ALL {
            write!(f, " {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownFault {}

impl FromStr for Fault {
    type Err = UnknownFault;

    /// Parses the text of [`Display`](fmt::Display). The number in `delay-250` is a delay in milliseconds, up to a
    /// minute.
    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        if let Some(fault) = Self::ALL.into_iter().find(|f| f.to_string() == name) {
            return Ok(fault);
        }
        name.strip_prefix("delay-")
            .and_then(|millis| millis.parse().ok())
            .filter(|millis| *millis <= 60_000)
            .map(|millis| Self::Delay(Duration::from_millis(millis)))
            .ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// Faults that are switched on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// True if any fault is on, so that a server without faults needs only one load for each write.
    any: AtomicBool,
    on: Mutex<Vec<(Option<Feed>, Fault)>>,
}

impl Faults {
    /// Switches `fault` on for `feed`, or for every feed if it is `None`. It replaces a fault of the same kind.
    pub(crate) fn set(&self, feed: Option<Feed>, fault: Fault) {
        let mut on = self.on.lock();
        on.retain(|(of, old)| *of != feed || !same_kind(*old, fault));
        on.push((feed, fault));
        self.any.store(true, Ordering::Release);
    }

    /// Switches all faults of `feed` off, or all faults if it is `None`.
    pub(crate) fn clear(&self, feed: Option<Feed>) {
        let mut on = self.on.lock();
        on.retain(|(of, _)| feed.is_some() && *of != feed);
        self.any.store(!on.is_empty(), Ordering::Release);
    }

    pub(crate) fn remove(&self, feed: Option<Feed>, fault: Fault) {
        let mut on = self.on.lock();
        on.retain(|entry| *entry != (feed, fault));
        self.any.store(!on.is_empty(), Ordering::Release);
    }

    pub(crate) fn list(&self) -> Vec<(Option<Feed>, Fault)> {
        self.on.lock().clone()
    }

    /// Returns the first result of `pick` for the faults on `feed`. A connection whose feed is not known yet has only
    /// the faults of all feeds.
    pub(crate) fn find<T>(
        &self,
        feed: Option<Feed>,
        pick: impl FnMut(Fault) -> Option<T>,
    ) -> Option<T> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let on = self.on.lock();
        on.iter()
            // `None` in the list stands for all feeds.
            .filter(|(of, _)| of.is_none() || *of == feed)
            .map(|(_, fault)| *fault)
            .find_map(pick)
    }

    pub(crate) fn has(&self, feed: Option<Feed>, fault: Fault) -> bool {
        self.find(feed, |on| (on == fault).then_some(())).is_some()
    }
}

fn same_kind(a: Fault, b: Fault) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for fault in Fault::ALL {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        assert_eq!(
            "delay-7".parse(),
            Ok(Fault::Delay(Duration::from_millis(7)))
        );
        for name in ["", "stal", "delay-", "delay-x", "delay-60001", "status-200"] {
            let error = name.parse::<Fault>().unwrap_err();
            assert!(error.to_string().contains("stall"), "{error}");
        }
    }

    #[test]
    fn an_expectation_is_plain_text() {
        for fault in Fault::ALL {
            let sentence = fault.expectation();
            assert!(!sentence.contains(['`', '*', '_']), "{sentence}");
        }
    }

    #[test]
    fn a_fault_holds_for_its_feed_or_for_all() {
        let faults = Faults::default();
        assert!(!faults.has(Some(Feed::Events), Fault::Split));
        faults.set(Some(Feed::Events), Fault::Split);
        assert!(faults.has(Some(Feed::Events), Fault::Split));
        assert!(!faults.has(Some(Feed::Chat), Fault::Split));
        faults.set(None, Fault::Status(500));
        faults.set(None, Fault::Status(503));
        assert!(faults.has(Some(Feed::Chat), Fault::Status(503)));
        assert!(!faults.has(Some(Feed::Chat), Fault::Status(500)));
        faults.clear(Some(Feed::Events));
        assert_eq!(faults.list(), [(None, Fault::Status(503))]);
        faults.clear(None);
        assert_eq!(faults.list(), []);
        assert!(!faults.has(None, Fault::Status(503)));
    }
}
