//! Feed `/flood`: items of the requested number, size and rate, over either protocol.

use std::io::{self, Write as _};
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::path::RequestTarget;
use crate::source::{Data, Due, Put, Source, SourceItem};

/// Size of the largest item in bytes.
const LARGEST: u64 = 1 << 20;

/// Size of the largest item that is stored completely in memory, which is fast. The padding of larger items is written
/// without being stored.
const LARGEST_WHOLE: usize = 16 << 10;

/// Approximate number of bytes that are passed on at once.
const AT_ONCE: usize = 56 << 10;

/// Interval between two steps of a flood with a rate. Shorter steps cause wake-ups without a visible effect.
const STEP: Duration = Duration::from_millis(1);

const BEFORE_ID: &[u8] = b"{\"id\":";
const BEFORE_PAD: &[u8] = b",\"pad\":\"";
const AFTER_PAD: &[u8] = b"\"}";

/// Flood for one client.
#[derive(Clone, Debug)]
pub(crate) struct Flood {
    /// Items a second; 0 means no limit.
    rate: u64,
    /// Size of an item's data in bytes, as close as its number allows.
    size: usize,
    /// Number of the last item; `None` for a flood without an end.
    last: Option<u64>,
    next: u64,
    first: u64,
    started: Instant,
    looked: Option<Instant>,
    /// Newest item, without its padding if it is large; empty before the first item.
    data: Vec<u8>,
    /// Number of digits in the item's number.
    digits: usize,
    /// Length of the item's padding, and the position in `data` before which the padding is.
    padding: usize,
    padding_at: usize,
}

impl Flood {
    /// Parses `rate`, `size` and `n`. The flood continues after `last_event_id`. An `Err` contains a sentence about the
    /// fault.
    pub(crate) fn parse(
        target: &RequestTarget<'_>,
        last_event_id: Option<&str>,
        now: Instant,
    ) -> Result<Self, String> {
        let size = target.number("size")?.unwrap_or(100);
        if size > LARGEST {
            return Err(format!("size is at most {LARGEST}\n"));
        }
        // A client that returns gets the events after the last one that it had.
        let first = last_event_id
            .and_then(|id| id.parse::<u64>().ok())
            .map_or(1, |id| id.saturating_add(1));
        Ok(Self {
            rate: target.number("rate")?.unwrap_or(0),
            size: size as usize,
            last: target.number("n")?.filter(|n| *n > 0),
            next: first,
            first,
            started: now,
            looked: None,
            data: Vec::new(),
            digits: 0,
            padding: 0,
            padding_at: 0,
        })
    }

    /// Returns true if a client that reconnects has already received everything.
    pub(crate) fn is_over(&self) -> bool {
        self.last.is_some_and(|last| self.next > last)
    }

    /// Returns the number of the last item that the rate allows until `now`.
    fn allowed(&self, now: Instant) -> u64 {
        if self.rate == 0 {
            return u64::MAX;
        }
        let elapsed = now.saturating_duration_since(self.started).as_nanos();
        // The product may exceed 64 bits.
        let count = elapsed * u128::from(self.rate) / 1_000_000_000;
        // The first item is due at once.
        self.first
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX))
    }

    fn due_at(&self) -> Instant {
        let nanos =
            u128::from(self.next - self.first) * 1_000_000_000 / u128::from(self.rate.max(1));
        let due =
            self.started + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX >> 1));
        // The time is rounded up. Otherwise it would be a nanosecond before its item is due.
        let due = due + Duration::from_nanos(1);
        self.looked.map_or(due, |looked| due.max(looked + STEP))
    }

    /// Creates the next item. It differs from the previous item only in its number. If possible, only the number is
    /// written, because a flood must cost the server less than its reader.
    fn make(&mut self) {
        let place = self.digits_place();
        if !count_up(&mut self.data[place]) {
            self.make_anew();
        }
    }

    fn make_anew(&mut self) {
        self.data.clear();
        self.data.extend_from_slice(BEFORE_ID);
        write!(self.data, "{}", self.next).ok();
        self.digits = self.data.len() - BEFORE_ID.len();
        self.data.extend_from_slice(BEFORE_PAD);
        let missing = self.size.saturating_sub(self.data.len() + AFTER_PAD.len());
        self.padding_at = self.data.len();
        if self.size > LARGEST_WHOLE {
            self.padding = missing;
        } else {
            self.data.resize(self.padding_at + missing, b'x');
        }
        self.data.extend_from_slice(AFTER_PAD);
    }

    /// Returns the newest item.
    fn item(&self) -> SourceItem<'_> {
        let (start, end) = self.data.split_at(self.padding_at);
        SourceItem {
            event: None,
            id: &self.data[self.digits_place()],
            data: Data {
                start,
                padding: self.padding,
                end,
            },
        }
    }

    /// Returns the position of the number in the item.
    fn digits_place(&self) -> Range<usize> {
        let start = BEFORE_ID.len().min(self.data.len());
        start..start + self.digits
    }
}

/// Increases a decimal number by one. Returns false if the result needs more digits; the digits then have no meaning.
fn count_up(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return true;
        }
        *digit = b'0';
    }
    false
}

impl Source for Flood {
    fn due(&self, now: Instant) -> Due {
        if self.is_over() {
            Due::Over
        } else if self.allowed(now) >= self.next {
            Due::Now
        } else {
            Due::At(self.due_at())
        }
    }

    fn fill(&mut self, now: Instant, put: Put<'_>) -> io::Result<()> {
        let until = self.allowed(now).min(self.last.unwrap_or(u64::MAX - 1));
        let mut bytes = 0;
        while self.next <= until && bytes < AT_ONCE {
            self.make();
            let item = self.item();
            put(item)?;
            bytes += item.data.len();
            self.next += 1;
        }
        self.looked = Some(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(target: &str, last_event_id: Option<&str>) -> Result<Flood, String> {
        Flood::parse(&RequestTarget::parse(target), last_event_id, Instant::now())
    }

    fn flood(query: &str) -> Flood {
        parse(&format!("/flood?{query}"), None).unwrap()
    }

    fn take(flood: &mut Flood, now: Instant) -> Vec<(String, usize)> {
        let mut items = Vec::new();
        let put = &mut |item: SourceItem<'_>| {
            let mut data = Vec::new();
            item.data.pieces(|piece| data.write_all(piece))?;
            assert_eq!(data.len(), item.data.len());
            let json: serde_json::Value = serde_json::from_slice(&data).unwrap();
            let id = String::from_utf8(item.id.to_vec()).unwrap();
            assert_eq!(json["id"].to_string(), id);
            items.push((id, data.len()));
            Ok(())
        };
        flood.fill(now, put).unwrap();
        items
    }

    #[test]
    fn exactly_as_many_of_exactly_this_size() {
        let mut flood = flood("n=5&size=60");
        let now = Instant::now();
        let items = take(&mut flood, now);
        let ids: Vec<_> = items.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["1", "2", "3", "4", "5"]);
        assert!(items.iter().all(|(_, size)| *size == 60), "{items:?}");
        assert_eq!(flood.due(now), Due::Over);
    }

    #[test]
    fn a_large_item_is_whole_and_takes_little_memory() {
        for size in [LARGEST_WHOLE, LARGEST_WHOLE + 1, LARGEST as usize] {
            let mut flood = flood(&format!("n=12&size={size}"));
            let mut items = Vec::new();
            while flood.due(flood.started) == Due::Now {
                let now = flood.started;
                items.extend(take(&mut flood, now));
            }
            assert_eq!(items.len(), 12, "{size}");
            assert!(items.iter().all(|(_, length)| *length == size), "{items:?}");
            assert!(flood.data.capacity() <= 2 * LARGEST_WHOLE, "{size}");
        }
    }

    #[test]
    fn numbers_grow_a_digit_when_it_is_time() {
        for size in [0, 40] {
            let mut flood = flood(&format!("n=1200&size={size}"));
            let items = take(&mut flood, Instant::now());
            let ids: Vec<u64> = items.iter().map(|(id, _)| id.parse().unwrap()).collect();
            assert!(ids.iter().copied().eq(1..=1_200), "{ids:?}");
            assert!(size == 0 || items.iter().all(|(_, length)| *length == size));
        }
        let mut resumed = parse("/flood?n=1002", Some("998")).unwrap();
        let ids: Vec<_> = take(&mut resumed, Instant::now())
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        assert_eq!(ids, ["999", "1000", "1001", "1002"]);
    }

    #[test]
    fn a_rate_is_kept_however_seldom_anyone_looks() {
        let mut flood = flood("rate=1000&size=0");
        let start = flood.started;
        assert_eq!(take(&mut flood, start).len(), 1);
        let Due::At(at) = flood.due(start) else {
            panic!("the second is not due yet");
        };
        assert_eq!(flood.due(at), Due::Now);
        assert_eq!(
            take(&mut flood, start + Duration::from_secs(1)).len(),
            1_000
        );
    }

    #[test]
    fn a_comeback_goes_on_and_ends() {
        assert_eq!(parse("/flood?n=5", Some("3")).unwrap().next, 4);
        assert!(parse("/flood?n=5", Some("5")).unwrap().is_over());
        assert!(parse("/flood?n=5", Some("x")).unwrap().next == 1);
        assert!(parse("/flood?size=1048577", None).is_err());
        assert!(parse("/flood?rate=-1", None).is_err());
    }
}
