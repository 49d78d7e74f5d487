//! Lines of plots, from records one by one.

use std::time::Duration;

use feedscope_core::connection::StateChange;
use feedscope_core::{Direction, Stamp, Timestamp};

use super::*;

/// Plot that receives records with numbered rows.
struct Plot {
    series: Series,
    row: u64,
}

impl Plot {
    fn new(quantity: Quantity, key: Option<&str>) -> Self {
        Self::over(Axis::Time, quantity, key)
    }

    /// Plot over time or rows.
    fn over(axis: Axis, quantity: Quantity, key: Option<&str>) -> Self {
        let choice = SeriesChoice {
            quantity,
            key: key.map(|key| RecordKey::parse(key).unwrap()),
            only: None,
        };
        Self {
            series: Series::new(choice, axis),
            row: 0,
        }
    }

    /// Plot of the records with one value of a key.
    fn only(quantity: Quantity, key: &str, only: &str) -> Self {
        let choice = SeriesChoice {
            quantity,
            key: Some(path(key).into()),
            only: Some(only.to_owned()),
        };
        Self {
            series: Series::new(choice, Axis::Time),
            row: 0,
        }
    }

    fn add(&mut self, ms: u64, kind: Kind<'_>) {
        let record = Record {
            stamp: Stamp {
                moment: Moment::from_millis(ms),
                utc: Timestamp::from_micros(1_795_240_154_000_000 + ms as i64 * 1_000),
            },
            connection: 1,
            kind,
        };
        let reader = SeriesReader::of([self.series.choice()], Interpreter::default());
        reader.add(RowNumber(self.row), &record, [&mut self.series]);
        self.row += 1;
    }

    fn line(&mut self, ms: u64, data: &str) {
        self.add(
            ms,
            Kind::Line {
                data: data.as_bytes(),
            },
        );
    }

    fn state(&mut self, ms: u64, state: ConnectionState) {
        self.add(ms, Kind::State(StateChange::to(state)));
    }

    /// Time in milliseconds, value and row of each point of a line.
    fn points(&self, line: usize) -> Vec<(u64, f64, u64)> {
        let all = Moment::START..=Moment::from_millis(1 << 30);
        let (points, _) = self.series.lines()[line].points().whole_points(all);
        let parts = |point: &Point| (point.at.as_nanos() / 1_000_000, point.value, point.row.0);
        points.iter().map(parts).collect()
    }
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

#[test]
fn round_trips_come_from_pongs() {
    let mut plot = Plot::new(Quantity::RoundTrip, None);
    plot.line(0, "{}");
    for (ms, rtt) in [(5, Some(12)), (7, None), (9, Some(31))] {
        let rtt = rtt.map(Duration::from_millis);
        plot.add(
            ms,
            Kind::Pong {
                direction: Direction::In,
                data: b"",
                rtt,
            },
        );
    }
    assert_eq!(plot.points(0), [(5, 12.0, 1), (9, 31.0, 3)]);
    assert!(plot.series.notes().is_empty());
}

#[test]
fn a_field_has_a_line_for_each_key() {
    let mut plot = Plot::new(Quantity::Field(path(".price")), Some(".symbol"));
    plot.line(0, r#"{"symbol":"A","price":"1.50"}"#);
    plot.line(5, r#"{"symbol":"B","price":7}"#);
    plot.line(9, r#"{"symbol":"A","price":-2e3}"#);
    plot.line(9, r#"{"symbol":"A","price":"high"}"#);
    plot.line(9, "no JSON");
    plot.add(
        9,
        Kind::Text {
            direction: Direction::Out,
            data: br#"{"symbol":"A","price":3}"#,
            failed: None,
            wire: None,
        },
    );
    let keys: Vec<&str> = plot.series.lines().iter().map(SeriesLine::key).collect();
    assert_eq!(keys, ["A", "B"]);
    assert_eq!(plot.points(0), [(0, 1.5, 0), (9, -2000.0, 2)]);
    assert_eq!(plot.points(1), [(5, 7.0, 1)]);
    assert_eq!(plot.series.notes(), ["2 records have no number for .price"]);
}

#[test]
fn a_key_or_a_field_that_no_record_has_is_reported() {
    let mut plot = Plot::new(Quantity::Field(path(".price")), Some(".sy"));
    assert_eq!(plot.series.lacking_key(), None);
    plot.line(0, r#"{"symbol":"A","price":1}"#);
    assert_eq!(plot.series.lacking_key(), Some(&path(".sy").into()));
    assert_eq!(plot.series.lacking_field(), None);
    plot.line(1, r#"{"sy":"A","price":1}"#);
    assert_eq!(plot.series.lacking_key(), None);
    let mut plot = Plot::new(Quantity::Field(path(".pric")), None);
    plot.line(0, r#"{"price":1}"#);
    assert_eq!(plot.series.lacking_field(), Some(&path(".pric")));
}

#[test]
fn the_type_and_the_id_of_a_record_divide_lines() {
    for (key, expected) in [("type", ["quote", "trade"]), ("id", ["7", "8"])] {
        let mut series = Series::new(
            SeriesChoice {
                quantity: Quantity::Field(path(".p")),
                key: RecordKey::parse(key).ok(),
                only: None,
            },
            Axis::Time,
        );
        let choices = [series.choice().clone()];
        let reader = SeriesReader::of(&choices, Interpreter::default());
        for (row, (event, id)) in [(&b"quote"[..], &b"7"[..]), (b"trade", b"8")]
            .into_iter()
            .enumerate()
        {
            let record = Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event,
                    id,
                    data: br#"{"p":1}"#,
                },
            };
            reader.add(RowNumber(row as u64), &record, [&mut series]);
        }
        let keys: Vec<_> = series.lines().iter().map(SeriesLine::key).collect();
        assert_eq!(keys, expected);
    }
}

#[test]
fn one_key_has_the_only_line() {
    let mut plot = Plot::only(Quantity::Field(path(".price")), ".symbol", "B");
    for data in [
        r#"{"symbol":"A","price":"1.50"}"#,
        r#"{"symbol":"B","price":7}"#,
        r#"{"price":8}"#,
        r#"{"symbol":"A"}"#,
        r#"{"symbol":"B"}"#,
    ] {
        plot.line(0, data);
    }
    assert_eq!(
        (plot.series.lines().len(), plot.points(0)),
        (1, vec![(0, 7.0, 1)])
    );
    assert_eq!(plot.series.notes(), ["1 record has no number for .price"]);
}

#[test]
fn a_number_beyond_the_range_of_floats_is_counted_and_not_plotted() {
    let mut plot = Plot::new(Quantity::Field(path(".price")), None);
    for data in [
        r#"{"price":1e400}"#,
        r#"{"price":"-1e400"}"#,
        r#"{"price":8}"#,
    ] {
        plot.line(0, data);
    }
    assert_eq!(plot.points(0), vec![(0, 8.0, 2)]);
    assert_eq!(
        plot.series.notes(),
        ["2 records have a number for .price that is too large to plot"]
    );
}

#[test]
fn rates_count_whole_seconds_and_silence() {
    let mut plot = Plot::new(Quantity::RecordRate, None);
    for ms in [100, 200, 1_500, 5_999, 9_000] {
        plot.line(ms, "12345");
    }
    let points = plot.points(0);
    assert_eq!(
        points,
        [
            (0, 2.0, 0),
            (1_000, 1.0, 2),
            (2_000, 0.0, 2),
            (4_000, 0.0, 2),
            (5_000, 1.0, 3),
            (6_000, 0.0, 3),
            (8_000, 0.0, 3),
        ]
    );
    let mut bytes = Plot::new(Quantity::ByteRate, None);
    bytes.line(0, "12345");
    bytes.line(10, "1");
    bytes.line(1_000, "1");
    assert_eq!(bytes.points(0), [(0, 6.0, 0)]);
}

#[test]
fn intervals_are_those_of_each_key() {
    let mut plot = Plot::new(Quantity::Interval, Some(".k"));
    for (ms, key) in [(0, 1), (3, 2), (10, 1), (10, 2), (11, 1)] {
        plot.line(ms, &format!("{{\"k\":{key}}}"));
    }
    assert_eq!(plot.points(0), [(10, 10.0, 2), (11, 1.0, 4)]);
    assert_eq!(plot.points(1), [(10, 7.0, 3)]);
    let mut size = Plot::new(Quantity::Size, None);
    size.line(0, "12345");
    assert_eq!(size.points(0), [(0, 5.0, 0)]);
}

#[test]
fn latency_is_the_arrival_less_the_time_of_the_server() {
    let mut plot = Plot::new(Quantity::Latency(path(".at")), None);
    plot.line(200, r#"{"at":1795240154.150}"#);
    assert_eq!(plot.points(0), [(200, 50.0, 0)]);
    assert_eq!(plot.series.choice().quantity.unit(), "ms");
    assert_eq!(plot.series.choice().quantity.to_string(), "latency .at");
}

#[test]
fn keys_beyond_the_number_of_lines_are_counted() {
    let mut plot = Plot::new(Quantity::Size, Some(".k"));
    for key in 0..MOST_LINES + 3 {
        plot.line(0, &format!("{{\"k\":{key}}}"));
    }
    assert_eq!(plot.series.lines().len(), MOST_LINES);
    plot.series.skip(7);
    let notes = plot.series.notes();
    assert!(
        notes[0].starts_with("3 records have keys beyond"),
        "{notes:?}"
    );
    assert_eq!(notes[1], "7 records were let go before they were read");
}

#[test]
fn times_without_a_connection_are_breaks() {
    let mut plot = Plot::new(Quantity::Size, None);
    for (ms, state) in [
        (0, ConnectionState::Connecting),
        (5, ConnectionState::Open),
        (50, ConnectionState::Reconnecting),
        (60, ConnectionState::Connecting),
        (70, ConnectionState::Open),
        (90, ConnectionState::Closed),
    ] {
        plot.state(ms, state);
    }
    let breaks: Vec<_> = plot.series.breaks().collect();
    let moment = Moment::from_millis;
    let expected = [(0, Some(5)), (50, Some(70)), (90, None)];
    let expected = expected.map(|(start, end)| Break {
        start: moment(start),
        end: end.map(moment),
    });
    assert_eq!(breaks, expected);
}

#[test]
fn records_without_times_are_plotted_over_their_rows() {
    let mut plot = Plot::over(Axis::Rows, Quantity::Field(path(".p")), Some(".k"));
    // All records of such a file have the same moment.
    plot.line(0, r#"{"k":"A","p":5}"#);
    plot.state(0, ConnectionState::Closed);
    plot.line(0, r#"{"k":"B","p":7}"#);
    plot.line(0, r#"{"k":"A","p":6}"#);
    assert_eq!(plot.points(0), [(1_000, 5.0, 0), (4_000, 6.0, 3)]);
    assert_eq!(plot.points(1), [(3_000, 7.0, 2)]);
    // The length of a break is not known, so that no line is cut.
    assert_eq!(plot.series.breaks().count(), 0);
    let mut plot = Plot::over(Axis::Rows, Quantity::Size, None);
    plot.line(0, "abc");
    assert_eq!(plot.points(0), [(1_000, 3.0, 0)]);
    assert!(plot.series.notes().is_empty());
}

#[test]
fn numbers_that_need_times_have_no_line_over_rows() {
    for quantity in [
        Quantity::RecordRate,
        Quantity::ByteRate,
        Quantity::Interval,
        Quantity::Latency(path(".at")),
        Quantity::RoundTrip,
    ] {
        let mut plot = Plot::over(Axis::Rows, quantity.clone(), None);
        plot.line(0, r#"{"at":"2026-11-21T07:49:14Z"}"#);
        let pong = Kind::Pong {
            direction: Direction::In,
            data: b"",
            rtt: Some(Duration::from_millis(8)),
        };
        plot.add(0, pong);
        plot.line(0, r#"{"at":"2026-11-21T07:49:14Z"}"#);
        assert!(plot.series.lines().is_empty(), "{quantity}");
        let note = format!("{quantity} has no line: the file has no times");
        assert_eq!(plot.series.notes(), [note]);
    }
}

#[test]
fn a_quantity_is_read_as_it_is_called() {
    let path = || Path::parse(".book.bid").unwrap();
    for quantity in [
        Quantity::Field(path()),
        Quantity::RecordRate,
        Quantity::ByteRate,
        Quantity::Size,
        Quantity::Interval,
        Quantity::Latency(path()),
        Quantity::RoundTrip,
    ] {
        assert_eq!(Quantity::parse(&quantity.to_string()), Some(quantity));
    }
    for text in ["", "speed", "latency", "latency soon"] {
        assert_eq!(Quantity::parse(text), None, "{text}");
    }
}
