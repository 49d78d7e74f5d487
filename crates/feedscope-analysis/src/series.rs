//! Lines of a plot: a numeric field, rates, sizes, intervals or latencies of a feed over time, one line for each value of
//! a key. Records without times are plotted over their rows. Nothing is drawn here.
//!
//! ```
//! use feedscope_analysis::fields::Path;
//! use feedscope_analysis::interpret::Interpreter;
//! use feedscope_analysis::series::{Axis, Quantity, SeriesChoice, SeriesPass};
//! use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store};
//! use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp};
//!
//! let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
//! for data in [&br#"{"symbol":"A","price":"1.5"}"#[..], br#"{"symbol":"B","price":7}"#] {
//!     writer.push(&Record { stamp: Stamp::default(), connection: 1, kind: Kind::Line { data } });
//! }
//! let pass = SeriesPass::new(&store, Interpreter::default(), Axis::Time);
//! let series = pass.add(SeriesChoice {
//!     quantity: Quantity::Field(Path::parse(".price").unwrap()),
//!     key: Some(Path::parse(".symbol").unwrap().into()),
//!     only: None,
//! });
//! while !pass.task().step(1 << 20).is_done {}
//! let lines = series.value();
//! let points = lines.lines()[0].points().sampled(Moment::START..=Moment::from_millis(1), 100);
//! assert_eq!((lines.lines()[0].key(), points[0].value), ("A", 1.5));
//! ```

mod axis;
mod distribution;
mod pass;
mod pyramid;

pub use axis::Axis;
pub use distribution::{Bar, Distribution};
pub use pass::{SeriesPass, StoreSeries};
pub use pyramid::{Point, Pyramid};

use std::collections::{HashMap, VecDeque};
use std::fmt;

use feedscope_core::numbers::{counted, grouped};
use feedscope_core::store::RowNumber;
use feedscope_core::{ConnectionState, Kind, Moment, Record};

use crate::fields::{FieldReader, FoundValue, FoundValues, MOST_PATHS, Path, Unread, Value};
use crate::interpret::Interpreter;
use crate::measures::{ServerTime, key_text};
use crate::record_key::RecordKey;

/// Number of lines. More cannot be distinguished in a plot, and each may take 5 MiB.
pub const MOST_LINES: usize = 32;

/// Number of the newest interruptions that are kept.
const MOST_BREAKS: usize = 1_000;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Number that a plot shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A number in the payloads, also as decimal text.
    Field(Path),
    /// Received records in each second.
    RecordRate,
    /// Received payload bytes in each second.
    ByteRate,
    /// Payload bytes of each received record.
    Size,
    /// Milliseconds since the received record before.
    Interval,
    /// Milliseconds from the server's time in the payload to the arrival.
    Latency(Path),
    /// Milliseconds from a ping of ours to its pong.
    RoundTrip,
}

/// Contents of a plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesChoice {
    /// The number.
    pub quantity: Quantity,
    /// Value that distinguishes one line from another; one line for all records where it is absent.
    pub key: Option<RecordKey>,
    /// The only value of the key that has a line; `None` for all of them.
    pub only: Option<String>,
}

/// Time without a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// End of the connection.
    pub start: Moment,
    /// Start of the next connection; `None` if there is none yet.
    pub end: Option<Moment>,
}

/// Lines of a feed so far.
#[derive(Debug)]
pub struct Series {
    choice: SeriesChoice,
    axis: Axis,
    lines: Vec<SeriesLine>,
    /// Places of the lines.
    by_key: HashMap<Box<str>, usize>,
    breaks: VecDeque<Break>,
    /// Records with keys beyond [`MOST_LINES`].
    left_out: u64,
    /// Received records without a number for this plot.
    without_number: u64,
    /// Received records with a number beyond the range of floats, which has no place in a plot.
    beyond_range: u64,
    /// A record has the key, or a number for this plot.
    has_key: bool,
    has_number: bool,
    /// Records that were let go before they were read.
    unread: u64,
}

/// One line.
#[derive(Debug)]
pub struct SeriesLine {
    key: Box<str>,
    points: Pyramid,
    /// Time of the newest record, for intervals.
    last: Option<Moment>,
    /// Second that is being counted, for rates.
    second: Option<Second>,
}

/// Sum of a second that is not over.
#[derive(Clone, Copy, Debug)]
struct Second {
    number: u64,
    row: RowNumber,
    sum: f64,
}

/// Returns the beginning of a sentence about a number of records.
fn records_have(count: u64) -> String {
    let verb = if count == 1 { "has" } else { "have" };
    format!("{} {verb}", counted(count, "record"))
}

/// Number of plotted numbers that one reader takes, each with a path of its own beside the common key.
const MOST_READ: usize = MOST_PATHS - 1;

/// Reads records for the lines of several numbers, so that a payload is decoded and read once for all of them.
#[derive(Debug)]
pub struct SeriesReader {
    reader: FieldReader,
    interpreter: Interpreter,
    places: Vec<PathPlaces>,
}

/// Places of the paths of one number among those of the reader.
#[derive(Clone, Copy, Debug)]
struct PathPlaces {
    value: Option<usize>,
    key: Option<usize>,
}

/// What a payload contains at the paths of one number.
#[derive(Clone, Copy)]
enum ReadPayload<'a> {
    /// The number needs no look into the payload.
    Unneeded,
    /// The payload is not the JSON of the reader.
    Unread,
    Found {
        value: FoundValue<'a>,
        key: Option<FoundValue<'a>>,
    },
}

impl SeriesReader {
    /// Creates the reader of up to seven choices with the same key, whose payloads `interpreter` reads.
    pub fn of<'a>(
        choices: impl IntoIterator<Item = &'a SeriesChoice>,
        interpreter: Interpreter,
    ) -> Self {
        let mut paths: Vec<Path> = Vec::new();
        let mut place = |path: Option<&Path>| {
            let path = path?;
            let known = paths.iter().position(|known| known == path);
            Some(known.unwrap_or_else(|| {
                paths.push(path.clone());
                paths.len() - 1
            }))
        };
        let of_choice = |choice: &SeriesChoice| PathPlaces {
            value: place(choice.quantity.path()),
            key: place(choice.key.as_ref().and_then(RecordKey::field)),
        };
        Self {
            places: choices.into_iter().map(of_choice).collect(),
            reader: FieldReader::new(paths).unwrap_or_default(),
            interpreter,
        }
    }

    /// Adds a record to the lines of each choice, in the order of the choices. Returns true if one has changed.
    pub fn add<'s>(
        &self,
        row: RowNumber,
        record: &Record<'_>,
        all: impl IntoIterator<Item = &'s mut Series>,
    ) -> bool {
        let size = record.kind.received().map(<[u8]>::len);
        // Without a path, no payload is decoded.
        let decoded = (size.is_some() && !self.reader.is_empty())
            .then(|| self.interpreter.received(&record.kind))
            .flatten()
            .unwrap_or_default();
        let found = match (size, self.reader.is_empty()) {
            (Some(_), false) => Some(self.reader.read(&decoded)),
            _ => None,
        };
        let mut is_changed = false;
        for (series, places) in all.into_iter().zip(&self.places) {
            is_changed |= match size {
                Some(size) => series.receive(row, record, size, places.read(found.as_ref())),
                None => series.note(row, record),
            };
        }
        is_changed
    }
}

impl PathPlaces {
    fn read<'a>(self, found: Option<&Result<FoundValues<'a>, Unread>>) -> ReadPayload<'a> {
        match found {
            _ if self.value.is_none() && self.key.is_none() => ReadPayload::Unneeded,
            None => ReadPayload::Unneeded,
            Some(Err(_)) => ReadPayload::Unread,
            Some(Ok(values)) => ReadPayload::Found {
                value: self
                    .value
                    .map_or(FoundValue::Missing, |place| values[place]),
                key: self.key.map(|place| values[place]),
            },
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(path) => path.fmt(f),
            Self::RecordRate => f.write_str("records per second"),
            Self::ByteRate => f.write_str("bytes per second"),
            Self::Size => f.write_str("size"),
            Self::Interval => f.write_str("interval"),
            Self::Latency(path) => write!(f, "latency {path}"),
            Self::RoundTrip => f.write_str("round trip"),
        }
    }
}

impl Quantity {
    /// Parses the text of a quantity; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let with_names = [
            Self::RecordRate,
            Self::ByteRate,
            Self::Size,
            Self::Interval,
            Self::RoundTrip,
        ];
        let named = with_names.into_iter().find(|it| it.to_string() == text);
        // The text of a path begins with a dot, so that no name is one.
        named.or_else(|| match text.strip_prefix("latency ") {
            Some(path) => Path::parse(path).ok().map(Self::Latency),
            None => Path::parse(text).ok().map(Self::Field),
        })
    }

    /// Unit of the numbers; empty for fields, whose unit is unknown.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Field(_) => "",
            Self::RecordRate => "/s",
            Self::ByteRate => "B/s",
            Self::Size => "B",
            Self::Interval | Self::Latency(_) | Self::RoundTrip => "ms",
        }
    }

    /// Returns true if the number is computed from the times of the records.
    pub fn needs_times(&self) -> bool {
        match self {
            Self::Field(_) | Self::Size => false,
            Self::RecordRate
            | Self::ByteRate
            | Self::Interval
            | Self::Latency(_)
            | Self::RoundTrip => true,
        }
    }

    /// Path that is read from each payload.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Field(path) | Self::Latency(path) => Some(path),
            Self::RecordRate | Self::ByteRate | Self::Size | Self::Interval | Self::RoundTrip => {
                None
            }
        }
    }
}

impl SeriesLine {
    fn new(key: &str) -> Self {
        Self {
            key: key.into(),
            points: Pyramid::default(),
            last: None,
            second: None,
        }
    }

    /// Value of the key; empty where the choice has no key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its points.
    pub fn points(&self) -> &Pyramid {
        &self.points
    }

    /// Adds to the sum of a second. A second with its sum is a point when the next one begins.
    fn count(&mut self, at: Moment, row: RowNumber, amount: f64) {
        let number = at.as_nanos() / NANOS_PER_SECOND;
        let start = Second {
            number,
            row,
            sum: amount,
        };
        let Some(second) = &mut self.second else {
            self.second = Some(start);
            return;
        };
        if number <= second.number {
            second.sum += amount;
            return;
        }
        // The sum is final only now, because more records of the second could have arrived.
        let done = std::mem::replace(second, start);
        self.push_second(done.number, done.row, done.sum);
        // A silence has two points, whatever its length is.
        if number > done.number + 1 {
            self.push_second(done.number + 1, done.row, 0.0);
        }
        if number > done.number + 2 {
            self.push_second(number - 1, done.row, 0.0);
        }
    }

    fn push_second(&mut self, number: u64, row: RowNumber, value: f64) {
        self.points.push(Point {
            at: Moment::from_nanos(number.saturating_mul(NANOS_PER_SECOND)),
            value,
            row,
        });
    }
}

impl Series {
    /// Creates a plot without points.
    pub fn new(choice: SeriesChoice, axis: Axis) -> Self {
        Self {
            choice,
            axis,
            lines: Vec::new(),
            by_key: HashMap::new(),
            breaks: VecDeque::new(),
            left_out: 0,
            without_number: 0,
            beyond_range: 0,
            has_key: false,
            has_number: false,
            unread: 0,
        }
    }

    /// Contents of the plot.
    pub fn choice(&self) -> &SeriesChoice {
        &self.choice
    }

    /// Lines in the order of their first records.
    pub fn lines(&self) -> &[SeriesLine] {
        &self.lines
    }

    /// Times without a connection, oldest first.
    pub fn breaks(&self) -> impl Iterator<Item = Break> {
        self.breaks.iter().copied()
    }

    /// Sentences about records that the lines do not show.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::from_iter(self.time_note());
        if self.left_out > 0 {
            let count = records_have(self.left_out);
            notes.push(format!(
                "{count} keys beyond the first {MOST_LINES}, which have no line"
            ));
        }
        if self.without_number > 0 {
            let quantity = &self.choice.quantity;
            let count = records_have(self.without_number);
            notes.push(format!("{count} no number for {quantity}"));
        }
        if self.beyond_range > 0 {
            let quantity = &self.choice.quantity;
            let count = records_have(self.beyond_range);
            notes.push(format!(
                "{count} a number for {quantity} that is too large to plot"
            ));
        }
        if self.unread > 0 {
            let count = grouped(self.unread);
            notes.push(format!("{count} records were let go before they were read"));
        }
        notes
    }

    /// Returns true if the number needs the times of the records, which they do not have. There are no lines then.
    fn lacks_times(&self) -> bool {
        self.axis == Axis::Rows && self.choice.quantity.needs_times()
    }

    /// Returns the reason why a number that needs the times of the records has no lines.
    pub fn time_note(&self) -> Option<String> {
        let quantity = &self.choice.quantity;
        let note = || format!("{quantity} has no line: the file has no times");
        self.lacks_times().then(note)
    }

    /// Returns the key if records were read and none of them has it.
    pub fn lacking_key(&self) -> Option<&RecordKey> {
        let is_lacking = self.has_number && !self.has_key;
        self.choice.key.as_ref().filter(|_| is_lacking)
    }

    /// Returns the field of the number if records were read and none of them has it.
    pub fn lacking_field(&self) -> Option<&Path> {
        let is_lacking = self.without_number > 0 && !self.has_number;
        self.choice.quantity.path().filter(|_| is_lacking)
    }

    /// Takes note of rows that were let go before they were read.
    pub fn skip(&mut self, rows: u64) {
        self.unread += rows;
    }

    /// Adds a record that is no received payload.
    fn note(&mut self, row: RowNumber, record: &Record<'_>) -> bool {
        // Without times, neither the length of a break nor that of a round trip is known.
        if self.axis == Axis::Rows {
            return false;
        }
        let at = record.stamp.moment;
        match &record.kind {
            Kind::State(change) => {
                self.enter(at, change.state);
                true
            }
            // A pong without a time answers no ping of this program.
            Kind::Pong { rtt: Some(rtt), .. } if self.choice.quantity == Quantity::RoundTrip => {
                let value = rtt.as_secs_f64() * 1_000.0;
                // Pongs have no payload in which a key could be.
                if let Some(line) = self.line("") {
                    line.points.push(Point { at, value, row });
                }
                true
            }
            _ => false,
        }
    }

    fn receive(
        &mut self,
        row: RowNumber,
        record: &Record<'_>,
        size: usize,
        payload: ReadPayload<'_>,
    ) -> bool {
        if self.lacks_times() {
            return false;
        }
        let (number, key) = match payload {
            // Rates, sizes and intervals without a key need no look into the payload.
            ReadPayload::Unneeded => (FoundValue::Missing, None),
            ReadPayload::Unread => {
                self.without_number += 1;
                return true;
            }
            ReadPayload::Found { value, key } => (value, key),
        };
        let name = self.choice.key.as_ref().map(|of| {
            let name = match of {
                RecordKey::Field(_) => key.and_then(FoundValue::value).map(|it| key_text(Some(it))),
                RecordKey::Id | RecordKey::Type => of.text(&record.kind, None),
            };
            self.has_key |= name.is_some();
            name.unwrap_or_default()
        });
        if let (Some(only), Some(name)) = (&self.choice.only, &name)
            && **name != **only
        {
            return false;
        }
        let at = self.axis.position(record.stamp.moment, row);
        let value = match &self.choice.quantity {
            Quantity::Field(_) => {
                let found = number.value();
                let value = found.and_then(Value::float);
                if value.is_none() && found.and_then(Value::number).is_some() {
                    self.beyond_range += 1;
                    return true;
                }
                value
            }
            Quantity::Latency(_) => {
                let sent = number.value().and_then(ServerTime::parse);
                sent.map(|sent| (record.stamp.utc.as_micros() - sent.micros) as f64 / 1_000.0)
            }
            Quantity::RecordRate => Some(1.0),
            Quantity::ByteRate | Quantity::Size => Some(size as f64),
            Quantity::Interval => Some(0.0),
            // A payload is no answer to a ping.
            Quantity::RoundTrip => return false,
        };
        let Some(value) = value else {
            self.without_number += 1;
            return true;
        };
        self.has_number = true;
        let is_interval = self.choice.quantity == Quantity::Interval;
        let is_rate = matches!(
            self.choice.quantity,
            Quantity::RecordRate | Quantity::ByteRate
        );
        let Some(line) = self.line(&name.unwrap_or_default()) else {
            self.left_out += 1;
            return true;
        };
        // The interval of a key ignores the records of other keys.
        let last = line.last.replace(at);
        if is_rate {
            line.count(at, row, value);
            return true;
        }
        let value = match (is_interval, last) {
            (false, _) => value,
            (true, Some(last)) => at.since(last).as_secs_f64() * 1_000.0,
            // The first record has no interval.
            (true, None) => return true,
        };
        line.points.push(Point { at, value, row });
        true
    }

    /// Returns the line of a key; `None` if there are too many.
    fn line(&mut self, text: &str) -> Option<&mut SeriesLine> {
        let place = match self.by_key.get(text) {
            Some(place) => *place,
            None if self.lines.len() == MOST_LINES => return None,
            None => {
                self.lines.push(SeriesLine::new(text));
                let place = self.lines.len() - 1;
                self.by_key.insert(text.into(), place);
                place
            }
        };
        self.lines.get_mut(place)
    }

    fn enter(&mut self, at: Moment, state: ConnectionState) {
        let open_break = self.breaks.back_mut().filter(|last| last.end.is_none());
        match (state, open_break) {
            // Only an open connection ends a break; attempts in between belong to it.
            (ConnectionState::Open, Some(last)) => last.end = Some(at),
            (ConnectionState::Open, None) | (_, Some(_)) => {}
            (_, None) => {
                self.breaks.push_back(Break {
                    start: at,
                    end: None,
                });
                if self.breaks.len() > MOST_BREAKS {
                    self.breaks.pop_front();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
