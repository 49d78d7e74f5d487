//! State of a plot that is in sight, and the data of the pane that it needs.

use std::time::Duration;

use egui::{Id, Rect, Ui};
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::{Axis, Quantity, SeriesChoice, SeriesPass, StoreSeries};
use feedscope_core::store::Store;
use feedscope_core::{Moment, Timestamp};
use jiff::tz::TimeZone;

use super::bars::Bars;
use super::form::LineForm;
use super::picture::Picture;
use super::range::{Limits, ShownRange};
use crate::ids::PaneId;
use crate::lacking::Lacking;
use crate::{time_cursor, words};

/// Number of plotted numbers. Each may have a line for every value of the key.
pub(super) const MOST_NUMBERS: usize = 4;

/// Plot that is in sight.
pub(super) struct OpenPlot {
    /// Pass over the records that reads all numbers.
    pub(super) pass: SeriesPass,
    /// Numbers in the order in which they were added, at least one.
    pub(super) numbers: Vec<PlottedNumber>,
    /// Value that distinguishes one line of a number from another.
    pub(super) key: Option<RecordKey>,
    /// The only value of the key that has a line; `None` for all of them.
    pub(super) only: Option<String>,
    pub(super) range: ShownRange,
    pub(super) form: LineForm,
    pub(super) is_logarithmic: bool,
    /// Each line has a part of the height and a scale of its own.
    pub(super) has_lanes: bool,
    /// The numbers are shown as a table in place of the lines.
    pub(super) is_table: bool,
    /// Starts of the times without a connection that keep their length.
    pub(super) unfolded: Vec<Moment>,
    pub(super) bars: Bars,
    pub(super) picture: Picture,
    /// Number that had no place beside the others.
    pub(super) refused: Option<Quantity>,
    pub(super) chosen_by: ChosenBy,
}

/// Number of a plot.
pub(super) struct PlottedNumber {
    pub(super) series: StoreSeries,
    pub(super) quantity: Quantity,
    pub(super) axis: AxisSide,
}

/// Origin of the plotted numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChosenBy {
    User,
    /// The first number that the user adds takes the place of this one.
    Program,
}

/// Side of the plot at which the axis of a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AxisSide {
    Left,
    Right,
}

/// Request of the user about the contents of the plot.
pub(super) enum PlotWish {
    /// Shows another number in the place of this one.
    Change(usize, Quantity),
    Add(Quantity),
    Remove(usize),
    /// Moves the number at this place to an axis.
    Axis(usize, AxisSide),
    /// Draws a line for each value of this field.
    Key(Option<RecordKey>),
    Close,
}

/// Area of the plot, and the data that it needs.
pub(crate) struct PlotPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) store: &'a Store,
    pub(crate) interpreter: &'a Interpreter,
    /// The present, or the newest record of a file that has ended.
    pub(crate) now: Moment,
    /// No more records follow.
    pub(crate) has_ended: bool,
    pub(crate) utc: Timestamp,
    pub(crate) zone: &'a TimeZone,
    /// Horizontal axis of the plot. On an axis of rows, `now` is the place of the newest row.
    pub(crate) axis: Axis,
    /// Position of the selected record on the axis.
    pub(crate) selected: Option<Moment>,
    /// A filter selects the rows. The plot contains all records.
    pub(crate) is_filtered: bool,
}

impl PlotPlace<'_> {
    /// Returns the seconds since midnight at a moment, in the zone of the window, or the number of the row there.
    pub(super) fn clock(&self, at: Moment) -> f64 {
        const DAY: i64 = 86_400 * 1_000_000;
        if self.axis == Axis::Rows {
            return Axis::rows_before(at);
        }
        let micros = self.timestamp(at).as_micros();
        let instant = jiff::Timestamp::from_microsecond(micros);
        let offset = instant.map_or(0, |instant| self.zone.to_offset(instant).seconds());
        (micros + i64::from(offset) * 1_000_000).rem_euclid(DAY) as f64 / 1e6
    }

    /// Returns the text of a position on the axis: a time of day, or the number of a row.
    pub(super) fn position_text(&self, at: Moment) -> String {
        match self.axis {
            Axis::Time => words::time_of_day(self.timestamp(at), self.zone),
            Axis::Rows => words::row_number(Axis::row_at(at)),
        }
    }

    /// Returns a moment as the time of the wall clock.
    fn timestamp(&self, at: Moment) -> Timestamp {
        let ago = self.now.since(at).as_micros() as i64 - at.since(self.now).as_micros() as i64;
        Timestamp::from_micros(self.utc.as_micros() - ago)
    }

    /// Returns the time under the pointer of the window. Rows are at no time.
    pub(super) fn cursor(&self, ui: &Ui) -> Option<Moment> {
        let cursor = time_cursor::get(ui).filter(|_| self.axis == Axis::Time)?;
        Some(self.moment(cursor))
    }

    /// Sets the time under the pointer of the window, unless the plot is over rows.
    pub(super) fn set_cursor(&self, ui: &Ui, at: Moment) {
        if self.axis == Axis::Time {
            time_cursor::set(ui, self.timestamp(at));
        }
    }

    /// Returns a time of the wall clock as a moment.
    fn moment(&self, at: Timestamp) -> Moment {
        let ago = self.utc.as_micros() - at.as_micros();
        let distance = Duration::from_micros(ago.unsigned_abs());
        if ago < 0 {
            self.now + distance
        } else {
            self.now - distance
        }
    }

    /// Returns the position of a point for a table of another program, which reads numbers of rows without separators.
    pub(super) fn csv_position(&self, at: Moment) -> String {
        match self.axis {
            Axis::Time => self.position_text(at),
            Axis::Rows => Axis::row_at(at).to_string(),
        }
    }

    /// Returns the text of a mark of the axis. The marks are some seconds or rows apart.
    pub(super) fn mark_text(&self, at: Moment, step: f64) -> String {
        match self.axis {
            Axis::Time => words::axis_time(&self.axis_time(at), step),
            Axis::Rows => words::count(Axis::row_at(at)),
        }
    }

    /// Returns the time of day at a mark of the axis.
    fn axis_time(&self, at: Moment) -> String {
        /// Marks are not closer. The position of a mark is less exact.
        const MICROS: i64 = 1_000;
        let micros = self.timestamp(at).as_micros() + MICROS / 2;
        let rounded = micros - micros.rem_euclid(MICROS);
        words::time_of_day(Timestamp::from_micros(rounded), self.zone)
    }
}

impl OpenPlot {
    pub(super) fn new(pass: SeriesPass, quantity: Quantity) -> Self {
        let mut open = Self {
            pass,
            numbers: Vec::new(),
            key: None,
            only: None,
            range: ShownRange::default(),
            form: LineForm::default(),
            is_logarithmic: false,
            has_lanes: false,
            is_table: false,
            unfolded: Vec::new(),
            bars: Bars::default(),
            picture: Picture::default(),
            refused: None,
            chosen_by: ChosenBy::User,
        };
        open.numbers.push(open.number(quantity, AxisSide::Left));
        open
    }

    /// Starts to read a number.
    pub(super) fn number(&self, quantity: Quantity, axis: AxisSide) -> PlottedNumber {
        let series = self.pass.add(SeriesChoice {
            quantity: quantity.clone(),
            key: self.key.clone(),
            only: self.only.clone(),
        });
        PlottedNumber {
            series,
            quantity,
            axis,
        }
    }

    /// Returns true if all numbers need the times of the records, which they do not have.
    pub(super) fn lacks_times(&self, place: &PlotPlace<'_>) -> bool {
        let mut numbers = self.numbers.iter();
        place.axis == Axis::Rows && numbers.all(|number| number.quantity.needs_times())
    }

    /// Returns the positions from the oldest point of all lines, or from the first row on an axis of rows, to the present.
    pub(super) fn limits(&self, place: &PlotPlace<'_>) -> Limits {
        // A file is shown from its first row on, also if this row has no point.
        if place.axis == Axis::Rows {
            let first = place.store.extent().first;
            let first = place.axis.position(Moment::START, first);
            return Limits::new(Some(first), place.now, place.has_ended);
        }
        let first = self.numbers.iter().filter_map(|number| {
            let series = number.series.value();
            let lines = series.lines().iter();
            lines
                .filter_map(|line| line.points().first())
                .map(|point| point.at)
                .min()
        });
        Limits::new(first.min(), place.now, place.has_ended)
    }

    /// Returns sentences about fields that no record has: the key or numbers.
    pub(super) fn lacking(&self, ui: &Ui, place: &PlotPlace<'_>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for number in &self.numbers {
            let series = number.series.value();
            let key = series.lacking_key().map(RecordKey::to_string);
            let field = series.lacking_field().map(Path::to_string);
            names.extend(key.into_iter().chain(field));
        }
        names.dedup();
        let id = Id::unique(("plot without field", place.pane));
        let read = (place.store, place.interpreter);
        let sentence = |name: &String| Lacking::new(ui, id, read, name, None).sentence;
        names.iter().map(sentence).collect()
    }

    /// Returns the sentences below a plot: those about fields that no record has, and then `others`.
    pub(super) fn notes(&self, ui: &Ui, place: &PlotPlace<'_>, others: Vec<String>) -> Vec<String> {
        self.lacking(ui, place).into_iter().chain(others).collect()
    }

    /// Returns the plotted numbers except the one at a place.
    pub(super) fn others(&self, except: Option<usize>) -> Vec<Quantity> {
        let numbers = self.numbers.iter().enumerate();
        let others = numbers.filter(|(place, _)| Some(*place) != except);
        others.map(|(_, number)| number.quantity.clone()).collect()
    }

    /// Forgets everything that belongs to the former contents.
    pub(super) fn contents_changed(&mut self) {
        self.bars = Bars::default();
        self.refused = None;
    }

    /// Returns the name of a line.
    pub(super) fn name_of(&self, number: &PlottedNumber, key: &str) -> String {
        match (self.numbers.len(), key) {
            (_, "") => number.quantity.to_string(),
            (1, _) => key.to_owned(),
            _ => format!("{} {key}", number.quantity),
        }
    }
}
