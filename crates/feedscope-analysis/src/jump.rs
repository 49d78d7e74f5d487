//! Positions in a timeline that people type: a row, a percentage, a time of day, or a time before now. It reads no
//! clock and keeps no position.

use crate::filter::{MICROS_PER_DAY, When};
use crate::listing::Listing;
use feedscope_core::store::{ListingIndex, RowNumber, Store};
use feedscope_core::time::Timestamp;

/// Position that a user typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum JumpTarget {
    /// Row with this number, from 1.
    Row(u64),
    /// Fraction of all rows, from 0 to 1.
    Part(f64),
    /// First row at or after this time.
    At(Timestamp),
    /// First row at or after this time of day, in a zone that is `ahead_micros` ahead of UTC. The day is that of the rows.
    OfDay {
        /// Time since midnight in microseconds.
        micros: i64,
        /// Offset of the zone in microseconds.
        ahead_micros: i64,
    },
}

impl JumpTarget {
    /// Parses typed text: `120000`, `50 %`, `05:49:10`, an RFC 3339 time, or `-5m` and `-1h30m`
    /// before `now`. Returns `None` for any other text. A time without an offset is in the window's zone.
    pub fn parse(text: &str, now: Timestamp, zone_offset_seconds: i32) -> Option<Self> {
        let text = text.trim();
        if let Some(percent) = text.strip_suffix('%') {
            let percent: f64 = percent.trim_end().parse().ok()?;
            return (0.0..=100.0)
                .contains(&percent)
                .then_some(Self::Part(percent / 100.0));
        }
        if let Some(ago) = text.strip_prefix(['-', '−']) {
            // The program accepts a hyphen and a minus sign (U+2212).
            let micros = now.as_micros().checked_sub(duration_micros(ago)?)?;
            return Some(Self::At(Timestamp::from_micros(micros)));
        }
        // Separators of thousands are accepted.
        let is_digit = |sign: char| sign.is_ascii_digit() || matches!(sign, ',' | '_' | ' ');
        if text.contains(|sign: char| sign.is_ascii_digit()) && text.chars().all(is_digit) {
            let digits = text.replace([',', '_', ' '], "");
            return digits.parse().ok().filter(|&row| row > 0).map(Self::Row);
        }
        Some(match When::parse(text, zone_offset_seconds)? {
            When::At(at) => Self::At(at),
            When::OfDay {
                micros,
                ahead_micros,
            } => Self::OfDay {
                micros,
                ahead_micros,
            },
        })
    }

    /// Returns true for a time.
    pub fn is_time(self) -> bool {
        matches!(self, Self::At(_) | Self::OfDay { .. })
    }

    /// Returns the index of the row among those of `listing` before row `end`; `None` if there are no rows.
    ///
    /// A row number after the last row, and a time after the last row, give the index after the last row.
    pub fn place(self, listing: &Listing, end: RowNumber) -> Option<ListingIndex> {
        let rows = listing.rank(end).0;
        if rows == 0 {
            return None;
        }
        Some(match self {
            // Typed row numbers begin with 1.
            Self::Row(row) => ListingIndex((row - 1).min(rows)),
            Self::Part(part) => ListingIndex((part * (rows - 1) as f64).round() as u64),
            Self::At(at) => listing.rank(listing.store().row_at(at).min(end)),
            Self::OfDay {
                micros,
                ahead_micros,
            } => {
                let when = When::OfDay {
                    micros,
                    ahead_micros,
                };
                let at = on_day_of_rows(when, listing.store(), end);
                listing.rank(listing.store().row_at(at).min(end))
            }
        })
    }
}

/// Returns the occurrence of a time of day that is meant: the last one within the rows before `end`, or else the one that is
/// nearest to them.
fn on_day_of_rows(when: When, store: &Store, end: RowNumber) -> Timestamp {
    let time_of = |row| store.stamp(row).map(|stamp| stamp.utc).unwrap_or_default();
    let first = time_of(store.extent().first);
    let last = time_of(RowNumber(end.0.saturating_sub(1)));
    let before = when.last_before(last);
    let after = before.as_micros() + MICROS_PER_DAY;
    let is_nearer = after - last.as_micros() < first.as_micros() - before.as_micros();
    if is_nearer {
        Timestamp::from_micros(after)
    } else {
        before
    }
}

/// Parses a duration such as `90s`, `1h30m` or `1.5 h`.
fn duration_micros(text: &str) -> Option<i64> {
    const UNITS: [(&str, f64); 5] = [
        ("ms", 1e3),
        ("s", 1e6),
        ("m", 60e6),
        ("h", 3_600e6),
        ("d", 86_400e6),
    ];
    let mut rest = text.trim_start();
    let mut micros = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        // `ms` precedes `m` in the list, so that the longer unit is found first.
        let (unit, factor) = UNITS.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        micros += number * factor;
        rest = rest[unit.len()..].trim_start();
    }
    Some(micros as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_core::record::{Kind, Record, Sink as _};
    use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, Store};
    use feedscope_core::time::{Moment, Stamp};

    /// 2026-11-21T06:00:00Z, in microseconds.
    const NOW: i64 = 1_795_240_800_000_000;

    fn described(text: &str) -> String {
        match JumpTarget::parse(text, Timestamp::from_micros(NOW), 3_600) {
            None => "nothing".to_owned(),
            Some(JumpTarget::At(at)) => at.to_string(),
            Some(JumpTarget::OfDay {
                micros,
                ahead_micros,
            }) => format!(
                "{} s of the day, {ahead_micros} µs ahead",
                micros as f64 / 1e6
            ),
            Some(target) => format!("{target:?}"),
        }
    }

    #[test]
    fn what_people_type_is_understood() {
        for (text, expected) in [
            ("1", "Row(1)"),
            (" 120,000 ", "Row(120000)"),
            ("1 204 332", "Row(1204332)"),
            ("50 %", "Part(0.5)"),
            ("0%", "Part(0.0)"),
            ("99.5%", "Part(0.995)"),
            ("-5m", "2026-11-21T05:55:00.000000Z"),
            ("- 1h 30m", "2026-11-21T04:30:00.000000Z"),
            ("-1.5h", "2026-11-21T04:30:00.000000Z"),
            ("-250ms", "2026-11-21T05:59:59.750000Z"),
            ("07:00", "25200 s of the day, 3600000000 µs ahead"),
            ("06:49:10.5", "24550.5 s of the day, 3600000000 µs ahead"),
            ("2026-11-21T05:49:10Z", "2026-11-21T05:49:10.000000Z"),
            ("2026-11-21 05:49:10", "2026-11-21T04:49:10.000000Z"),
        ] {
            assert_eq!(described(text), expected, "{text}");
        }
        for text in [
            "",
            "0",
            ",",
            "-",
            "-5",
            "-5x",
            "-m",
            "101 %",
            "-1 %",
            "%",
            "noon",
            "25:00",
            "2026-13-01T00:00Z",
            "99999999999999999999",
            "1.5",
        ] {
            assert_eq!(described(text), "nothing", "{text}");
        }
    }

    #[test]
    fn a_target_has_its_place_among_the_rows_shown() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for second in 0..10 {
            let data = if second % 2 == 0 { "even" } else { "odd" };
            let kind = match second {
                3 => Kind::Comment { data: b"hidden" },
                _ => Kind::Event {
                    event: b"",
                    id: b"",
                    data: data.as_bytes(),
                },
            };
            writer.push(&Record {
                stamp: Stamp {
                    moment: Moment::from_millis(second * 1_000),
                    utc: Timestamp::from_micros(NOW + second as i64 * 1_000_000),
                },
                connection: 1,
                kind,
            });
        }
        let listing = Listing::of_classes(&store, ClassSet::USUAL);
        let place = |target: JumpTarget, end| Some(target.place(&listing, RowNumber(end))?.0);
        let at = |second: i64| JumpTarget::At(Timestamp::from_micros(NOW + second * 1_000_000));
        assert_eq!(place(JumpTarget::Row(1), 10), Some(0));
        assert_eq!(place(JumpTarget::Row(9), 10), Some(8));
        assert_eq!(place(JumpTarget::Row(99), 10), Some(9), "behind the last");
        assert_eq!(place(JumpTarget::Part(1.0), 10), Some(8));
        assert_eq!(place(JumpTarget::Part(0.5), 10), Some(4));
        assert_eq!(place(at(0), 10), Some(0));
        assert_eq!(
            place(at(3), 10),
            Some(3),
            "the hidden row's place is the next one's"
        );
        assert_eq!(place(at(4), 10), Some(3));
        assert_eq!(place(at(99), 10), Some(9));
        assert_eq!(place(at(99), 5), Some(4), "a paused view ends earlier");
        assert_eq!(place(at(-99), 10), Some(0));
        assert_eq!(place(at(0), 0), None);
        // The rows are of 6:00:00 to 6:00:09, and in a zone that is an hour ahead, of 7:00:00 to 7:00:09.
        let of_day = |second: i64| JumpTarget::OfDay {
            micros: (7 * 3_600 + second) * 1_000_000,
            ahead_micros: 3_600_000_000,
        };
        assert_eq!(place(of_day(4), 10), Some(3));
        assert_eq!(place(of_day(0), 10), Some(0));
        for after in [10, 3_600, 10 * 3_600] {
            assert_eq!(place(of_day(after), 10), Some(9), "after the last");
        }
        for before in [-1, -3_600, -7 * 3_600] {
            assert_eq!(place(of_day(before), 10), Some(0), "before the first");
        }
        assert_eq!(place(of_day(8), 5), Some(4), "a paused view ends earlier");
    }
}
