//! Plot of a feed below its rows: lines of one or several numbers over time, one for each value of a key. A click on a
//! point leads to its record, and the selected record has a line in the plot. Records without times are plotted over their
//! rows.

mod axis_names;
mod bars;
mod chart;
mod collected;
mod csv;
mod drop;
mod form;
mod head;
mod histogram;
mod interruption;
mod lanes;
mod legend;
mod look;
mod open;
mod picture;
mod range;
mod scale;
mod session;
mod table;
mod time_axis;
mod without_times;

use egui::{Rect, Ui};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::{Axis, Quantity, SeriesPass};
use feedscope_core::store::{RowNumber, Store};

use crate::widgets::{panel, take_top, top_line};
pub(crate) use drop::drag_number;
use form::LineForm;
pub(crate) use open::PlotPlace;
use open::{AxisSide, ChosenBy, MOST_NUMBERS, OpenPlot, PlotWish};
use range::ShownRange;
pub use session::PlotSession;

/// Height of the head in points.
const HEAD: f32 = 34.0;

/// Lowest height with room for axes.
pub(crate) const LEAST_HEIGHT: f32 = 120.0;

/// State of the plot of a pane.
#[derive(Default)]
pub(crate) struct PlotView {
    open: Option<OpenPlot>,
    /// Reader of the payloads.
    interpreter: Interpreter,
    /// Horizontal axis.
    axis: Axis,
    /// The next feed has the same data, so that the plot remains.
    is_kept: bool,
    /// The user has just asked for the plot, or for a number in it.
    is_asked: bool,
}

impl PlotView {
    /// Returns true once after the user has asked for the plot.
    pub(crate) fn take_asked(&mut self) -> bool {
        std::mem::take(&mut self.is_asked)
    }

    /// Opens the plot of a number, or shows only this number in it.
    pub(crate) fn plot_only(&mut self, store: &Store, quantity: Quantity) {
        self.is_asked = true;
        if let Some(open) = &mut self.open {
            open.numbers = vec![open.number(quantity, AxisSide::Left)];
            open.chosen_by = ChosenBy::User;
            open.contents_changed();
        } else {
            let pass = SeriesPass::new(store, self.interpreter.clone(), self.axis);
            self.open = Some(OpenPlot::new(pass, quantity));
        }
    }

    /// Opens the plot of a number, with one line for each value of a key.
    pub(crate) fn plot_by_key(&mut self, store: &Store, quantity: Quantity, key: RecordKey) {
        self.add(store, quantity);
        self.change(store, PlotWish::Key(Some(key)));
    }

    /// Opens the plot of a number of the records with one value of a key.
    pub(crate) fn plot_one_key(
        &mut self,
        store: &Store,
        quantity: Quantity,
        (key, value): (RecordKey, String),
    ) {
        self.add(store, quantity);
        if let Some(open) = &mut self.open {
            (open.key, open.only) = (Some(key), Some(value));
        }
        self.read_again(store);
    }

    /// Adds a number to the plot, or opens the plot of it.
    pub(crate) fn add(&mut self, store: &Store, quantity: Quantity) {
        let open = self.open.as_ref();
        if open.is_some_and(|open| open.chosen_by == ChosenBy::User) {
            self.is_asked = true;
            self.change(store, PlotWish::Add(quantity));
        } else {
            self.plot_only(store, quantity);
        }
    }

    /// Adds a number to the plot, or removes it if it is there. The plot closes with its last number.
    pub(crate) fn toggle(&mut self, store: &Store, quantity: Quantity) {
        let numbers = self.open.iter().flat_map(|open| &open.numbers);
        match numbers
            .map(|it| &it.quantity)
            .position(|it| *it == quantity)
        {
            Some(place) => self.change(store, PlotWish::Remove(place)),
            None => self.add(store, quantity),
        }
    }

    /// Opens the plot of the rate, from which another number can be chosen. The first number that is added takes its place.
    pub(crate) fn open(&mut self, store: &Store) {
        self.is_asked = true;
        if self.open.is_none() {
            self.plot_only(store, Quantity::RecordRate);
            if let Some(open) = &mut self.open {
                open.chosen_by = ChosenBy::Program;
            }
        }
    }

    /// Returns the names of the plotted numbers that the user has chosen, which are paths for fields.
    pub(crate) fn chosen(&self) -> Vec<String> {
        let open = self.open.iter();
        let open = open.filter(|open| open.chosen_by == ChosenBy::User);
        let numbers = open.flat_map(|open| &open.numbers);
        numbers.map(|number| number.quantity.to_string()).collect()
    }

    /// Changes the contents of the plot.
    fn change(&mut self, store: &Store, wish: PlotWish) {
        let Some(open) = &mut self.open else {
            return;
        };
        open.contents_changed();
        open.chosen_by = ChosenBy::User;
        match wish {
            PlotWish::Change(place, quantity) => {
                open.numbers[place] = open.number(quantity, open.numbers[place].axis);
            }
            PlotWish::Add(quantity) => {
                if open.numbers.iter().any(|it| it.quantity == quantity) {
                    return;
                }
                if open.numbers.len() == MOST_NUMBERS {
                    open.refused = Some(quantity);
                    return;
                }
                // Two fields rarely have the same magnitude, and other numbers have units.
                let axis = match open.numbers.first() {
                    Some(first) if shares_axis(&first.quantity, &quantity) => first.axis,
                    _ => AxisSide::Right,
                };
                open.numbers.push(open.number(quantity, axis));
            }
            PlotWish::Remove(place) => {
                open.numbers.remove(place);
                if open.numbers.is_empty() {
                    self.open = None;
                }
            }
            PlotWish::Axis(place, axis) => open.numbers[place].axis = axis,
            PlotWish::Key(key) => {
                (open.key, open.only) = (key, None);
                self.read_again(store);
            }
            PlotWish::Close => self.open = None,
        }
    }

    /// Reads all numbers from the oldest record on.
    fn read_again(&mut self, store: &Store) {
        let Some(open) = &mut self.open else {
            return;
        };
        open.pass = SeriesPass::new(store, self.interpreter.clone(), self.axis);
        let numbers = open.numbers.iter();
        open.numbers = numbers
            .map(|it| open.number(it.quantity.clone(), it.axis))
            .collect();
        open.contents_changed();
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(crate) fn read_with(&mut self, store: &Store, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.read_again(store);
    }

    /// Sets the horizontal axis. With another one, the records are read again from the oldest one on. A file may turn out to
    /// have no times only when it has been read.
    pub(crate) fn set_axis(&mut self, store: &Store, axis: Axis) {
        if self.axis == axis {
            return;
        }
        self.axis = axis;
        if let Some(open) = &mut self.open {
            open.range = ShownRange::default();
            open.unfolded.clear();
        }
        self.read_again(store);
    }

    /// Keeps the plot for the next feed, which has the same data.
    pub(crate) fn keep(&mut self) {
        self.is_kept = true;
    }

    /// Returns the plot for another feed: the present one if it is kept. The records have other times.
    pub(crate) fn of_next_feed(&mut self, store: Option<&Store>) -> Self {
        let former = std::mem::take(self);
        let Some(store) = store.filter(|_| former.is_kept) else {
            return Self::default();
        };
        let mut next = Self {
            is_kept: false,
            ..former
        };
        if let Some(open) = &mut next.open {
            open.range = ShownRange::default();
            open.unfolded.clear();
        }
        next.read_again(store);
        next
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.open.iter().map(|open| open.pass.task())
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
        open.picture.copy_taken(ui);
        let mut wish = open.head(ui, place, head);
        let clicked = match (open.is_table, open.form) {
            _ if open.lacks_times(place) => {
                wish = open.without_times(ui, place, area).or(wish);
                None
            }
            (true, _) => {
                open.table(ui, place, area);
                None
            }
            (false, LineForm::Histogram) => open.histogram(ui, place, area),
            (false, _) => open.lines(ui, place, area),
        };
        if let Some(wish) = wish {
            self.change(place.store, wish);
            ui.ctx().request_repaint();
        }
        clicked
    }

    /// Draws the place where a dragged number can be dropped, and plots the number when it is released there. `rows` is
    /// the area of the rows above the plot.
    pub(crate) fn take_dropped(&mut self, ui: &Ui, store: &Store, rows: Rect, plot: Rect) {
        let dropped = match &self.open {
            Some(open) => drop::target(ui, plot, open.numbers.len() < MOST_NUMBERS, true),
            None => drop::target(ui, drop::band(rows), true, false),
        };
        if let Some(path) = dropped {
            self.add(store, Quantity::Field(path));
            ui.ctx().request_repaint();
        }
    }
}

/// Returns true if the numbers have the same unit. The unit of a field is unknown.
fn shares_axis(one: &Quantity, other: &Quantity) -> bool {
    one.unit() == other.unit() && !one.unit().is_empty()
}
