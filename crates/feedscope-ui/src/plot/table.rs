//! Numbers of a plot as a table.

use egui::accesskit::Role;
use egui::{
    Align, Grid, Id, Key, Layout, Modifiers, Rect, Response, RichText, ScrollArea, Sense, Ui,
    UiBuilder, Vec2, WidgetInfo, vec2,
};
use feedscope_analysis::series::Axis;

use super::open::{OpenPlot, PlotPlace};
use crate::theme::{Palette, font, size};
use crate::widgets::text_field::keep_keys;
use crate::words;

/// Columns of the table, with their meaning, span and unit.
const COLUMNS: [(&str, &str); 6] = [
    (
        "line",
        "Plotted number, or the value of the key that has this line",
    ),
    ("newest", "Newest number of the line, with its unit"),
    ("at", "Time of the newest number"),
    (
        "smallest",
        "Smallest number of the line since the oldest record, with its unit",
    ),
    (
        "largest",
        "Largest number of the line since the oldest record, with its unit",
    ),
    (
        "points",
        "Number of records with the number since the oldest record",
    ),
];

/// Place of the column of the times.
const AT: usize = 2;

impl OpenPlot {
    /// Draws the numbers of each line, for people who do not see the plot.
    pub(super) fn table(&self, ui: &mut Ui, place: &PlotPlace<'_>, rect: Rect) {
        let id = Id::unique(("plot table keys", place.pane));
        let keys = ui.interact(rect, id, Sense::focusable_noninteractive());
        keys.widget_info(|| WidgetInfo::labeled(Role::Table, true, "Numbers of the plot"));
        let scrolled = scrolled(ui, id, rect.height());
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(12.0, 4.0)))
                .layout(Layout::top_down(Align::Min))
                .id_salt(("plot table", place.pane)),
        );
        let mono = |text: String| RichText::new(text).font(font::mono());
        ScrollArea::vertical().show(&mut child, |ui| {
            if scrolled != 0.0 {
                ui.scroll_with_delta(vec2(0.0, scrolled));
            }
            Grid::new(("plot table", place.pane))
                // The last column takes the rest of the width, so that it is empty.
                .num_columns(7)
                .spacing(vec2(24.0, 4.0))
                .show(ui, |ui| {
                    for (column, (name, about)) in COLUMNS.into_iter().enumerate() {
                        let about = match place.axis {
                            Axis::Rows if column == AT => "Row of the newest number",
                            _ => about,
                        };
                        let dim = Palette::of(ui).dim;
                        let text = RichText::new(name).font(font::small()).color(dim);
                        // The digits of numbers are below each other.
                        let response = if column == 0 {
                            ui.label(text)
                        } else {
                            at_right(ui, text)
                        };
                        response.on_hover_text(about);
                    }
                    ui.allocate_space(Vec2::ZERO);
                    ui.end_row();
                    for number in &self.numbers {
                        for line in number.series.value().lines() {
                            let points = line.points();
                            let (Some(last), Some((least, most))) =
                                (points.last(), points.extremes())
                            else {
                                continue;
                            };
                            let name = self.name_of(number, line.key());
                            let unit = number.quantity.unit();
                            let with_unit =
                                |value: f64| format!("{value} {unit}").trim_end().to_owned();
                            ui.label(mono(name.clone()));
                            let numbers = [
                                with_unit(last.value),
                                place.position_text(last.at),
                                with_unit(least),
                                with_unit(most),
                                words::count(points.count()),
                            ];
                            for (text, (column, about)) in numbers.into_iter().zip(&COLUMNS[1..]) {
                                let response = at_right(ui, mono(text.clone()));
                                response.widget_info(|| {
                                    let label = format!("{column} of {name}: {text}");
                                    WidgetInfo::labeled(Role::Label, true, label)
                                });
                                response.on_hover_text(*about);
                            }
                            ui.allocate_space(Vec2::ZERO);
                            ui.end_row();
                        }
                    }
                });
            let notes = self.numbers.iter().flat_map(|it| it.series.value().notes());
            let lacking = self.lacking(ui, place);
            for note in lacking.into_iter().chain(notes) {
                ui.label(
                    RichText::new(note)
                        .font(font::small())
                        .color(Palette::of(ui).dim),
                );
            }
        });
    }
}

/// Returns the distance by which the keys scroll the table while it has the keyboard focus. `page` is its height.
fn scrolled(ui: &Ui, id: Id, page: f32) -> f32 {
    /// More than any table is high.
    const END: f32 = 1e6;
    if !ui.memory(|memory| memory.has_focus(id)) {
        return 0.0;
    }
    keep_keys(ui, id);
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let mut distance = 0.0;
    for (key, by) in [
        (Key::ArrowUp, size::ROW),
        (Key::ArrowDown, -size::ROW),
        (Key::PageUp, page),
        (Key::PageDown, -page),
        (Key::Home, END),
        (Key::End, -END),
    ] {
        if pressed(key) {
            distance += by;
        }
    }
    if pressed(Key::Escape) {
        ui.memory_mut(|memory| memory.surrender_focus(id));
    }
    distance
}

/// Draws a text at the right edge of its cell.
fn at_right(ui: &mut Ui, text: RichText) -> Response {
    let layout = Layout::right_to_left(Align::Center);
    ui.with_layout(layout, |ui| ui.label(text)).inner
}
