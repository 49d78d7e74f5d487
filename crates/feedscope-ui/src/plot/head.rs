//! Head of a plot: menus of its number and its key, and switches.

use egui::accesskit::Role;
use egui::{Id, Popup, Rect, Ui, WidgetInfo};
use feedscope_analysis::columns::{offered_keys, offered_numbers, offered_times};
use feedscope_analysis::fields::Path;
use feedscope_analysis::series::{Quantity, SeriesChoice};

use super::form::LineForm;
use super::{OpenPlot, PlotPlace, csv};
use crate::offers;
use crate::theme::size;
use crate::widgets::icon::Icon;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, chip, chip_width, icon_button,
};

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

impl OpenPlot {
    /// Draws the head. Returns false if the plot is to be closed.
    pub(super) fn head(
        &mut self,
        ui: &Ui,
        place: &PlotPlace<'_>,
        rect: Rect,
        wanted: &mut Option<SeriesChoice>,
    ) -> bool {
        let pane = place.pane;
        let mut strip = Strip::new(rect, 8.0, 4.0);
        // The cross has the right end and comes last, because Tab visits the parts from the left.
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let choice = self.series.value().choice().clone();
        let menu = |strip: &mut Strip, name: &str, label: String| {
            let width = button_width(ui, &label, Look::Plain).min(strip.room());
            let response = button(
                ui,
                strip.left(width, size::BUTTON),
                Id::unique((name, pane)),
                &label,
                Look::Plain,
            );
            // The button is known by its purpose, not by its present value.
            response
                .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name} {label}")));
            response
        };
        let number = menu(&mut strip, "Plotted number", choice.quantity.to_string());
        Popup::menu(&number).show(|ui| {
            if let Some(quantity) = choose_quantity(ui, place) {
                *wanted = Some(SeriesChoice {
                    quantity,
                    key: choice.key.clone(),
                });
            }
        });
        let key = match &choice.key {
            Some(key) => format!("by {key}"),
            None => "one line".to_owned(),
        };
        let split = menu(&mut strip, "Lines", key);
        Popup::menu(&split).show(|ui| {
            if let Some(choice) = choose_key(ui, place, &choice.quantity) {
                *wanted = Some(choice);
            }
        });
        self.switches(ui, place, &mut strip);
        let id = Id::unique(("plot close", pane));
        !icon_button(ui, close, id, Icon::Cross, "Close the plot").clicked()
    }

    /// Draws the switches of the head, as many as there is room for.
    fn switches(&mut self, ui: &Ui, place: &PlotPlace<'_>, strip: &mut Strip) {
        let pane = place.pane;
        let mut switch = |name: &str, is_on: bool| {
            let width = chip_width(ui, name, false);
            if strip.room() < width {
                return false;
            }
            let id = Id::unique(("plot", name, pane));
            chip(ui, strip.left(width, size::CHIP), id, None, name, is_on).clicked()
        };
        if switch("Follow", self.range.follows()) {
            self.range.toggle(place.now);
        }
        if switch("Table", self.is_table) {
            self.is_table = !self.is_table;
        }
        for form in LineForm::ALL {
            if switch(form.name(), self.form == form) {
                self.form = form;
            }
        }
        if switch("Log", self.is_logarithmic) {
            self.is_logarithmic = !self.is_logarithmic;
        }
        if switch("Copy CSV", false) {
            let series = self.series.value();
            let text = csv::text(&series, self.range.shown(place.now), |at| {
                place.time_of_day(at)
            });
            drop(series);
            ui.ctx().copy_text(text);
        }
    }
}

/// Draws the menu of the number. Returns the chosen one.
fn choose_quantity(ui: &mut Ui, place: &PlotPlace<'_>) -> Option<Quantity> {
    let store = place.store;
    let id = Id::unique(("plotted numbers", place.pane));
    let fields = offers::kept(ui, id, || {
        offered_numbers(store, place.interpreter, OFFERED)
    });
    let paths = fields.iter().filter_map(|path| Path::parse(path).ok());
    let others = [
        Quantity::RecordRate,
        Quantity::ByteRate,
        Quantity::Size,
        Quantity::Interval,
        Quantity::RoundTrip,
    ];
    let id = Id::unique(("plotted latencies", place.pane));
    let times = offers::kept(ui, id, || offered_times(store, place.interpreter, OFFERED));
    let latencies = times.iter().filter_map(|path| Path::parse(path).ok());
    let mut chosen = None;
    let fields = paths.map(Quantity::Field);
    for quantity in fields.chain(others).chain(latencies.map(Quantity::Latency)) {
        if ui.button(quantity.to_string()).clicked() {
            chosen = Some(quantity);
            ui.close();
        }
    }
    chosen
}

/// Draws the menu of the key. Returns the plot with the chosen lines.
fn choose_key(ui: &mut Ui, place: &PlotPlace<'_>, quantity: &Quantity) -> Option<SeriesChoice> {
    let mut chosen = None;
    let mut offer = |ui: &mut Ui, name: &str, key: Option<Path>| {
        if ui.button(name).clicked() {
            let quantity = quantity.clone();
            chosen = Some(SeriesChoice { quantity, key });
            ui.close();
        }
    };
    offer(ui, "One line", None);
    let id = Id::unique(("plotted keys", place.pane));
    let paths = offers::kept(ui, id, || {
        offered_keys(place.store, place.interpreter, OFFERED)
    });
    for path in paths.iter() {
        if let Ok(key) = Path::parse(path) {
            offer(ui, &format!("By {path}"), Some(key));
        }
    }
    chosen
}
