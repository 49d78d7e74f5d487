//! Plot of a feed below its rows: lines of a number over time, one for each value of a key. A click on a point leads to its
//! record, and the selected record has a line in the plot.

mod chart;
mod csv;
mod form;
mod head;
mod range;
mod table;

use std::time::Duration;

use egui::{Rect, Ui, pos2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::series::{Quantity, SeriesChoice, StoreSeries};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Moment, Timestamp};
use jiff::tz::TimeZone;

use crate::ids::PaneId;
use crate::widgets::{panel, take_top, top_line};
use crate::words;
use form::LineForm;
use range::ShownRange;

/// Height of the head in points.
const HEAD: f32 = 34.0;

/// Lowest height with room for axes.
const LEAST_HEIGHT: f32 = 120.0;

/// State of the plot of a pane.
#[derive(Default)]
pub(crate) struct PlotView {
    open: Option<OpenPlot>,
    /// Reader of the payloads.
    interpreter: Interpreter,
}

struct OpenPlot {
    series: StoreSeries,
    range: ShownRange,
    form: LineForm,
    is_logarithmic: bool,
    /// The numbers are shown as a table in place of the lines.
    is_table: bool,
}
/// Area of the plot, and the data that it needs.
pub(crate) struct PlotPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) store: &'a Store,
    pub(crate) interpreter: &'a Interpreter,
    pub(crate) now: Moment,
    pub(crate) utc: Timestamp,
    pub(crate) zone: &'a TimeZone,
    /// Time of the selected record.
    pub(crate) selected: Option<Moment>,
}

impl PlotPlace<'_> {
    /// Returns the time of day of a moment.
    fn time_of_day(&self, at: Moment) -> String {
        words::time_of_day(self.timestamp(at), self.zone)
    }

    /// Returns a moment as the time of the wall clock.
    fn timestamp(&self, at: Moment) -> Timestamp {
        let ago = self.now.since(at).as_micros() as i64 - at.since(self.now).as_micros() as i64;
        Timestamp::from_micros(self.utc.as_micros() - ago)
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
}

impl PlotView {
    /// Opens the plot of a number, or shows another number in it.
    pub(crate) fn plot(&mut self, store: &Store, quantity: Quantity) {
        let key = self.open.as_ref().and_then(|open| {
            let series = open.series.value();
            series.choice().key.clone()
        });
        self.choose(store, SeriesChoice { quantity, key });
    }

    /// Opens the plot of a number, with one line for each value of a key.
    pub(crate) fn plot_by_key(&mut self, store: &Store, quantity: Quantity, key: Path) {
        let key = Some(key);
        self.choose(store, SeriesChoice { quantity, key });
    }

    /// Opens the plot of the rate, from which another number can be chosen.
    pub(crate) fn open(&mut self, store: &Store) {
        if self.open.is_none() {
            self.plot(store, Quantity::RecordRate);
        }
    }

    fn choose(&mut self, store: &Store, choice: SeriesChoice) {
        let series = StoreSeries::reading(store, choice, self.interpreter.clone());
        match &mut self.open {
            Some(open) => open.series = series,
            None => {
                self.open = Some(OpenPlot {
                    series,
                    range: ShownRange::default(),
                    form: LineForm::default(),
                    is_logarithmic: false,
                    is_table: false,
                });
            }
        }
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(crate) fn read_with(&mut self, store: &Store, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        let choice = self
            .open
            .as_ref()
            .map(|it| it.series.value().choice().clone());
        if let Some(choice) = choice {
            self.choose(store, choice);
        }
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.open.iter().map(|open| open.series.task())
    }

    /// Returns the height of the plot if `room` is left for it and the rows together; 0 while it is closed.
    pub(crate) fn height(&self, room: f32) -> f32 {
        if self.open.is_none() {
            return 0.0;
        }
        (room * 0.45).clamp(LEAST_HEIGHT.min(room), 320.0)
    }

    /// Draws the plot. Returns the record of a point that was clicked.
    pub(crate) fn show(&mut self, ui: &mut Ui, place: &PlotPlace<'_>) -> Option<RowNumber> {
        let open = self.open.as_mut()?;
        let mut area = place.rect;
        panel(ui, area);
        top_line(ui, area);
        let head = take_top(&mut area, HEAD);
        let mut wanted = None;
        let stays = open.head(ui, place, head, &mut wanted);
        let clicked = if open.is_table {
            open.table(ui, place, area);
            None
        } else {
            open.lines(ui, place, area)
        };
        if let Some(choice) = wanted {
            self.choose(place.store, choice);
            ui.ctx().request_repaint();
        }
        if !stays {
            self.open = None;
        }
        clicked
    }
}

/// Returns the lowest part of an area for a plot, and takes it off.
pub(crate) fn take_bottom(area: &mut Rect, height: f32) -> Rect {
    let rect = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
    area.set_bottom(rect.top());
    rect
}
