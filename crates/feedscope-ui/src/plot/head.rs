//! Head of a plot: menus of its numbers and its key, and switches.

use egui::accesskit::Role;
use egui::{Button, Id, Popup, Rect, Response, Sense, Ui, WidgetInfo};
use feedscope_analysis::columns::{offered_numbers, offered_record_keys, offered_times};
use feedscope_analysis::fields::Path;
use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::{Axis, Quantity};

use super::csv;
use super::form::LineForm;
use super::open::{AxisSide, MOST_NUMBERS, OpenPlot, PlotPlace, PlotWish};
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::menu;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, chip, chip_width, cut, cut_middle, icon_button,
    measured, name_on_hover, paint_left,
};
use crate::{offers, side, words};

/// Number of fields that the menus offer.
pub(super) const OFFERED: usize = 8;

/// Widest button of a number in points.
const WIDEST: f32 = 180.0;

/// Longest value of a key in its button, in characters.
const LONGEST_KEY: usize = 18;

/// Switch or action of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    /// Follows the newest record of a live feed.
    Follow,
    /// Shows the whole file.
    Whole,
    Table,
    Form(LineForm),
    Lanes,
    Log,
    CopyCsv,
    CopyPicture,
}

impl Switch {
    const ALL: [Self; 11] = [
        Self::Follow,
        Self::Whole,
        Self::Table,
        Self::Form(LineForm::Line),
        Self::Form(LineForm::Steps),
        Self::Form(LineForm::Scatter),
        Self::Form(LineForm::Histogram),
        Self::Lanes,
        Self::Log,
        Self::CopyCsv,
        Self::CopyPicture,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Follow => "Follow",
            Self::Whole => "Whole",
            Self::Table => "Table",
            Self::Form(form) => form.name(),
            Self::Lanes => "Lanes",
            Self::Log => "Log",
            Self::CopyCsv => "Copy CSV",
            Self::CopyPicture => "Copy picture",
        }
    }

    /// Returns the explanation of the switch.
    fn about(self) -> &'static str {
        match self {
            Self::Follow => "Keeps the end of the plot at the newest record",
            Self::Whole => "Shows the whole file",
            Self::Table => "Shows the numbers of each line as a table",
            Self::Form(form) => form.about(),
            Self::Lanes => "Draws each line in a lane with its own scale",
            Self::Log => "Uses a logarithmic axis, which leaves out numbers that are not positive",
            Self::CopyCsv => "Copies the points in sight as a table for other programs",
            Self::CopyPicture => "Copies the plot as a picture",
        }
    }
}

impl OpenPlot {
    /// Draws the head. Returns the request of the user.
    pub(super) fn head(&mut self, ui: &Ui, place: &PlotPlace<'_>, rect: Rect) -> Option<PlotWish> {
        let pane = place.pane;
        let mut strip = Strip::new(rect, 8.0, 4.0);
        // The cross has the right end and comes last, because Tab visits the parts from the left.
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let mut wish = None;
        for (at, number) in self.numbers.iter().enumerate() {
            let name = number.quantity.to_string();
            let menu = self.menu(ui, &mut strip, ("Plotted number", at), &name, place);
            menu::lasting(&menu).show(|ui| {
                if let Some(quantity) = choose_quantity(ui, place, &self.others(Some(at))) {
                    wish = Some(PlotWish::Change(at, quantity));
                }
                if self.numbers.len() > 1 {
                    ui.separator();
                    wish = self.number_actions(ui, at).or(wish.take());
                }
            });
        }
        if self.numbers.len() < MOST_NUMBERS {
            let add = self.menu(ui, &mut strip, ("Add a number", 0), "+", place);
            menu::lasting(&add).show(|ui| {
                if let Some(quantity) = choose_quantity(ui, place, &self.others(None)) {
                    wish = Some(PlotWish::Add(quantity));
                }
            });
        }
        let key = match (&self.key, &self.only) {
            (Some(_), Some(value)) => format!("only {}", cut_middle(value, LONGEST_KEY)),
            (Some(key), None) => format!("by {key}"),
            (None, _) => "one line".to_owned(),
        };
        let split = self.menu(ui, &mut strip, ("Lines", 0), &key, place);
        menu::lasting(&split).show(|ui| {
            if let Some(key) = choose_key(ui, place) {
                wish = Some(PlotWish::Key(key));
            }
        });
        if place.is_filtered {
            unfiltered(ui, place, &mut strip);
        }
        self.switches(ui, place, &mut strip);
        let id = Id::unique(("plot close", pane));
        if icon_button(ui, close, id, Icon::Cross, "Close the plot").clicked() {
            wish = Some(PlotWish::Close);
        }
        wish
    }

    /// Draws the button of a menu.
    fn menu(
        &self,
        ui: &Ui,
        strip: &mut Strip,
        (name, at): (&str, usize),
        label: &str,
        place: &PlotPlace<'_>,
    ) -> Response {
        let width = button_width(ui, label, Look::Plain).min(WIDEST);
        // All buttons share the strip of a narrow plot with the menu of its switches.
        let room = (strip.room() - ICON_BUTTON.x) / (self.numbers.len() + 1) as f32;
        let rect = strip.left(width.min(room.max(ICON_BUTTON.x)), size::BUTTON);
        let id = Id::unique((name, at, place.pane));
        let response = button(ui, rect, id, label, Look::Plain);
        // The button is known by its purpose, not by its present value.
        let full_name = if label == "+" {
            name.to_owned()
        } else {
            format!("{name} {label}")
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &full_name));
        name_on_hover(response, &full_name)
    }

    /// Draws the actions about one of several numbers.
    fn number_actions(&self, ui: &mut Ui, at: usize) -> Option<PlotWish> {
        let mut wish = None;
        for (axis, name) in [
            (AxisSide::Left, "Axis at the left"),
            (AxisSide::Right, "Axis at the right"),
        ] {
            if ui.radio(self.numbers[at].axis == axis, name).clicked() {
                wish = Some(PlotWish::Axis(at, axis));
                ui.close();
            }
        }
        if ui.button("Remove from the plot").clicked() {
            wish = Some(PlotWish::Remove(at));
            ui.close();
        }
        wish
    }

    /// Draws the switches for which there is room, and a menu with the others.
    fn switches(&mut self, ui: &Ui, place: &PlotPlace<'_>, strip: &mut Strip) {
        let pane = place.pane;
        let width_of = |switch: &Switch| chip_width(ui, switch.name(), false) + 4.0;
        let switches = self.offered_switches(place);
        let all: f32 = switches.iter().map(width_of).sum();
        let has_menu = all > strip.room() + 4.0;
        let menu = has_menu.then(|| strip.right(ICON_BUTTON.x, ICON_BUTTON.y));
        let mut chosen = None;
        let mut fitting = 0;
        for switch in switches.iter().copied() {
            let width = chip_width(ui, switch.name(), false);
            if strip.room() < width {
                break;
            }
            fitting += 1;
            let id = Id::unique(("plot", switch.name(), pane));
            let rect = strip.left(width, size::CHIP);
            let response = chip(ui, rect, id, None, switch.name(), self.is_on(switch));
            if response.clicked() {
                chosen = Some(switch);
            }
            name_on_hover(response, switch.about());
        }
        if let Some(rect) = menu {
            let id = Id::unique(("more of the plot", pane));
            let more = icon_button(ui, rect, id, Icon::Dots, "More about the plot");
            Popup::menu(&more).show(|ui| {
                for switch in &switches[fitting..] {
                    let response = match switch {
                        Switch::Form(_) => ui.radio(self.is_on(*switch), switch.name()),
                        Switch::CopyCsv | Switch::CopyPicture => ui.button(switch.name()),
                        _ => ui.checkbox(&mut self.is_on(*switch), switch.name()),
                    };
                    if response.clicked() {
                        chosen = Some(*switch);
                        ui.close();
                    }
                    response.on_hover_text(switch.about());
                }
            });
        }
        if let Some(switch) = chosen {
            self.carry_out(ui, place, switch);
        }
    }

    /// Returns the switches that have an effect on the present picture.
    fn offered_switches(&self, place: &PlotPlace<'_>) -> Vec<Switch> {
        // The sentence in place of lines has no form.
        if self.lacks_times(place) {
            return Vec::new();
        }
        let is_histogram = self.form == LineForm::Histogram;
        let mut switches = Switch::ALL.to_vec();
        switches.retain(|switch| match switch {
            Switch::Follow => !place.has_ended,
            Switch::Whole => place.has_ended,
            Switch::Lanes => !self.is_table && !is_histogram,
            Switch::Log => !self.is_table,
            _ => true,
        });
        switches
    }

    fn is_on(&self, switch: Switch) -> bool {
        match switch {
            Switch::Follow | Switch::Whole => self.range.follows(),
            Switch::Table => self.is_table,
            Switch::Form(form) => self.form == form,
            Switch::Lanes => self.has_lanes,
            Switch::Log => self.is_logarithmic,
            Switch::CopyCsv | Switch::CopyPicture => false,
        }
    }

    fn carry_out(&mut self, ui: &Ui, place: &PlotPlace<'_>, switch: Switch) {
        match switch {
            Switch::Follow | Switch::Whole => self.range.toggle(&self.limits(place)),
            Switch::Table => self.is_table = !self.is_table,
            Switch::Form(form) => {
                self.form = form;
                // A form of the lines has no meaning for the table.
                self.is_table = false;
            }
            Switch::Lanes => self.has_lanes = !self.has_lanes,
            Switch::Log => self.is_logarithmic = !self.is_logarithmic,
            Switch::CopyCsv => {
                let numbers = self.numbers.iter();
                let numbers = numbers.map(|it| (it.quantity.to_string(), it.series.value()));
                let shown = self.range.shown(&self.limits(place));
                let text = csv::text(place.axis, numbers, shown, |at| place.csv_position(at));
                ui.ctx().copy_text(text);
            }
            Switch::CopyPicture => self.picture.request(ui, place.rect),
        }
    }
}

/// Draws the menu of the number. Returns the chosen one. Those that are in the plot already are not offered.
fn choose_quantity(ui: &mut Ui, place: &PlotPlace<'_>, plotted: &[Quantity]) -> Option<Quantity> {
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
    let all = fields.chain(others).chain(latencies.map(Quantity::Latency));
    for quantity in all.filter(|quantity| !plotted.contains(quantity)) {
        let has_times = place.axis == Axis::Time || !quantity.needs_times();
        let button = ui.add_enabled(has_times, Button::new(quantity.to_string()));
        if button
            .on_disabled_hover_text(words::FILE_HAS_NO_TIMES)
            .clicked()
        {
            chosen = Some(quantity);
            ui.close();
        }
    }
    if let Some(path) = side::typed_path(ui) {
        chosen = Some(Quantity::Field(path));
        ui.close();
    }
    chosen
}

/// Draws the menu of the key. Returns the chosen field, or nothing for one line.
#[expect(
    clippy::option_option,
    reason = "the outer one is a choice, the inner one its value"
)]
fn choose_key(ui: &mut Ui, place: &PlotPlace<'_>) -> Option<Option<RecordKey>> {
    let mut chosen = None;
    if ui.button("One line").clicked() {
        chosen = Some(None);
        ui.close();
    }
    let id = Id::unique(("plotted keys", place.pane));
    let paths = offers::kept(ui, id, || {
        offered_record_keys(place.store, place.interpreter, OFFERED)
    });
    for path in paths.iter() {
        if side::key_button(ui, &format!("By {path}"), path).clicked() {
            chosen = RecordKey::parse(path).ok().map(Some);
            ui.close();
        }
    }
    if let Some(key) = side::typed_key(ui) {
        chosen = Some(Some(key));
        ui.close();
    }
    chosen
}

/// States that the filter of the rows does not apply to the plot. The menu of switches keeps its room.
fn unfiltered(ui: &Ui, place: &PlotPlace<'_>, strip: &mut Strip) {
    let text = "all records";
    let width = measured(ui, text, font::small()) + 8.0;
    if strip.room() < width + ICON_BUTTON.x {
        return;
    }
    let rect = strip.left(width, size::BUTTON);
    let color = Palette::of(ui).dim;
    let galley = cut(ui, text, font::small(), color, rect.width());
    paint_left(ui, rect.left() + 4.0, rect.center().y, galley);
    let id = Id::unique(("plot without filter", place.pane));
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response.on_hover_text(
        "The filter selects rows only. The plot contains the numbers of all records. The menu of lines divides them by a key.",
    );
}
