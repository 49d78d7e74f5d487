//! Runner for the tables of cases. It runs each case twice: record by record, and by a scan of a store with these
//! records.

use std::sync::Arc;

use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_core::connection::{ConnectionState, StateChange};
use feedscope_core::gap::Gap;
use feedscope_core::protocol::CloseCode;
use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, ListingIndex, Store};
use feedscope_core::{Direction, Kind, Moment, NoteCode, Record, Sink as _, Stamp, Timestamp};
use serde::Deserialize;

use crate::case_files;

/// 2026-11-21T05:49:00Z.
const BASE_MICROS: i64 = 1_795_240_140_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for those who read the file")]
    about: String,
    #[serde(default)]
    record: Vec<Row>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    #[serde(default)]
    data: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    out: bool,
    failed: Option<String>,
    /// Time in seconds after 05:49:00.
    #[serde(default)]
    second: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    typed: String,
    #[serde(default)]
    zone_offset_seconds: i32,
    rows: Option<Vec<u64>>,
    problem: Option<String>,
    at: Option<[usize; 2]>,
    text: Option<String>,
    highlights: Option<Vec<[usize; 2]>>,
}

#[test]
fn tables() {
    case_files::run_all("filter", 120, run);
}

#[test]
fn a_table_that_expects_something_else_fails() {
    let table = |case: &str| {
        format!("about = 'x'\n[[record]]\nkind = 'text'\ndata = 'abc'\n[[case]]\n{case}")
    };
    assert_eq!(run(&table("typed = 'b'\nrows = [0]")), Ok(1));
    for wrong in [
        "typed = 'b'\nrows = []",
        "typed = 'x'\nrows = [0]",
        "typed = 'b'",
        "typed = 'b'\nproblem = 'x'",
        "typed = 'size:x'\nrows = [0]",
        "typed = 'size:x'\nproblem = 'x is no size; write >1k, <=100 or =0'\nat = [0, 6]",
        "typed = 'b'\ntext = 'abc'\nhighlights = [[0, 1]]",
        "typed = 'b'\nrow = [0]",
    ] {
        assert!(run(&table(wrong)).is_err(), "{wrong}");
    }
}

/// Runs a table. Returns its number of cases, or the typed text of the first failed case.
fn run(text: &str) -> Result<usize, String> {
    let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    for case in &table.case {
        case.run(&table.record)
            .map_err(|problem| format!("{}: {problem}", case.typed))?;
    }
    Ok(table.case.len())
}

impl Case {
    fn run(&self, rows: &[Row]) -> Result<(), String> {
        let context = ParseContext {
            zone_offset_seconds: self.zone_offset_seconds,
        };
        let filter = match (Filter::parse(&self.typed, &context), &self.problem) {
            (Ok(filter), None) => filter,
            (Ok(_), Some(problem)) => return Err(format!("no problem, instead of {problem}")),
            (Err(problem), None) => return Err(format!("{problem} ({:?})", problem.at)),
            (Err(problem), Some(expected)) => {
                let at = self.at.map(|[start, end]| start..end);
                let good = problem.to_string() == *expected && at.is_none_or(|at| at == problem.at);
                return if good {
                    Ok(())
                } else {
                    Err(format!("{problem} ({:?})", problem.at))
                };
            }
        };
        if self.rows.is_none() && self.highlights.is_none() {
            return Err(String::from("nothing is expected"));
        }
        if let Some(expected) = &self.rows {
            compare(&one_by_one(&filter, rows), expected, "one by one")?;
        }
        if let (Some(text), Some(expected)) = (&self.text, &self.highlights) {
            let found: Vec<_> = filter
                .highlights(text)
                .into_iter()
                .map(|range| [range.start, range.end])
                .collect();
            compare(&found, expected, "highlights")?;
        }
        match &self.rows {
            Some(expected) => compare(&scanned(filter, rows), expected, "scanned"),
            None => Ok(()),
        }
    }
}

fn compare<T: PartialEq + std::fmt::Debug>(
    found: &[T],
    expected: &[T],
    how: &str,
) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{how} {found:?}, not {expected:?}"))
    }
}

fn one_by_one(filter: &Filter, rows: &[Row]) -> Vec<u64> {
    (0..)
        .zip(rows)
        .filter(|(_, row)| filter.matches(&row.record()))
        .map(|(number, _)| number)
        .collect()
}

fn scanned(filter: Filter, rows: &[Row]) -> Vec<u64> {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for row in rows {
        writer.push(&row.record());
    }
    writer.flush();
    let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
    while !scan.step(1).done {}
    let rows = scan.rows(ListingIndex(0), usize::MAX);
    rows.into_iter().map(|row| row.0).collect()
}

impl Row {
    fn record(&self) -> Record<'_> {
        let direction = if self.out {
            Direction::Out
        } else {
            Direction::In
        };
        let (data, failed) = (self.data.as_bytes(), self.failed.as_deref());
        let kind = match self.kind.as_str() {
            "event" => Kind::Event {
                event: self.event.as_bytes(),
                id: self.id.as_bytes(),
                data,
            },
            "comment" => Kind::Comment { data },
            "line" => Kind::Line { data },
            "retry" => Kind::Retry {
                ms: self.data.parse().expect("a retry has digits"),
            },
            "text" => Kind::Text {
                direction,
                data,
                failed,
                wire: None,
            },
            "binary" => Kind::Binary {
                direction,
                data,
                failed,
                wire: None,
            },
            "ping" => Kind::Ping { direction, data },
            "pong" => Kind::Pong {
                direction,
                data,
                rtt: None,
            },
            "close" => Kind::Close {
                direction,
                code: CloseCode(1000),
                reason: &self.data,
            },
            "note" => Kind::Note {
                code: NoteCode(&self.id),
                text: &self.data,
            },
            "gap" => Kind::Gap(Gap {
                missing: Some(3),
                repeated: None,
                from: String::from("1"),
                to: String::from("5"),
            }),
            "failed" => Kind::State(StateChange {
                status: Some(404),
                reason: Some(self.data.clone()),
                ..StateChange::to(ConnectionState::Failed)
            }),
            other => panic!("{other} is no kind"),
        };
        let utc = Timestamp::from_micros(BASE_MICROS + self.second as i64 * 1_000_000);
        Record {
            stamp: Stamp {
                moment: Moment::from_millis(self.second * 1_000),
                utc,
            },
            connection: 1,
            kind,
        }
    }
}
