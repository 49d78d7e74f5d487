//! Points of a plot as a table for other programs (RFC 4180).

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use feedscope_analysis::series::{Axis, Series};
use feedscope_core::Moment;
use parking_lot::MutexGuard;

/// Returns the points of a range, with a row for each. Points that are not kept whole are the extremes of their buckets.
/// `position` returns the text of a position on the axis: a time, or the number of a row.
pub(super) fn text<'a>(
    axis: Axis,
    numbers: impl Iterator<Item = (String, MutexGuard<'a, Series>)>,
    range: RangeInclusive<Moment>,
    position: impl Fn(Moment) -> String,
) -> String {
    let first = match axis {
        Axis::Time => "time",
        Axis::Rows => "row",
    };
    let mut text = format!("{first},number,line,value,record\r\n");
    for (number, series) in numbers {
        append(&mut text, &number, &series, &range, &position);
    }
    text
}

/// Appends the points of one number.
fn append(
    text: &mut String,
    number: &str,
    series: &Series,
    range: &RangeInclusive<Moment>,
    position: impl Fn(Moment) -> String,
) {
    /// Number of buckets of points that are not kept whole.
    const BUCKETS: usize = 10_000;
    let number = cell(number);
    for line in series.lines() {
        let (whole, has_all) = line.points().whole_points(range.clone());
        let points = if has_all {
            whole
        } else {
            line.points().sampled(range.clone(), BUCKETS)
        };
        let key = cell(line.key());
        for point in points.iter().filter(|point| range.contains(&point.at)) {
            let (at, value, row) = (position(point.at), point.value, point.row.0 + 1);
            // Writing to a string cannot fail.
            write!(text, "{at},{number},{key},{value},{row}\r\n").ok();
        }
    }
}

/// Returns a cell. A text that a spreadsheet would execute begins with an apostrophe.
fn cell(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let guard = if is_formula { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use feedscope_analysis::fields::Path;
    use feedscope_analysis::interpret::Interpreter;
    use feedscope_analysis::series::{Quantity, SeriesChoice, SeriesReader};
    use feedscope_core::store::RowNumber;
    use feedscope_core::{Kind, Record, Stamp};

    use super::*;

    #[test]
    fn every_point_of_the_range_is_a_row() {
        let path = |text: &str| Path::parse(text).unwrap();
        let choice = SeriesChoice {
            quantity: Quantity::Field(path(".p")),
            key: Some(path(".k").into()),
            only: None,
        };
        let mut series = Series::new(choice, Axis::Time);
        for (row, data) in [
            &br#"{"k":"=A1","p":1}"#[..],
            br#"{"k":"a,\"b\"","p":"2.5"}"#,
            br#"{"k":"late","p":3}"#,
        ]
        .into_iter()
        .enumerate()
        {
            let record = Record {
                stamp: Stamp {
                    moment: Moment::from_millis(row as u64),
                    ..Stamp::default()
                },
                connection: 1,
                kind: Kind::Line { data },
            };
            let reader = SeriesReader::of([series.choice()], Interpreter::default());
            reader.add(RowNumber(row as u64), &record, [&mut series]);
        }
        let range = Moment::START..=Moment::from_millis(1);
        let mut table = String::new();
        append(&mut table, ".p", &series, &range, |at| {
            (at.as_nanos() / 1_000_000).to_string()
        });
        assert_eq!(table, "0,.p,'=A1,1,1\r\n1,.p,\"a,\"\"b\"\"\",2.5,2\r\n");
    }
}
