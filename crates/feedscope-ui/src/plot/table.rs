//! Numbers of a plot as a table.

use egui::{Align, Grid, Layout, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};

use super::open::{OpenPlot, PlotPlace};
use crate::theme::{Palette, font};
use crate::words;

impl OpenPlot {
    /// Draws the numbers of each line, for people who do not see the plot.
    pub(super) fn table(&self, ui: &mut Ui, place: &PlotPlace<'_>, rect: Rect) {
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(12.0, 4.0)))
                .layout(Layout::top_down(Align::Min))
                .id_salt(("plot table", place.pane)),
        );
        let mono = |text: String| RichText::new(text).font(font::mono());
        ScrollArea::vertical().show(&mut child, |ui| {
            Grid::new(("plot table", place.pane))
                .num_columns(6)
                .show(ui, |ui| {
                    for name in ["line", "newest", "at", "smallest", "largest", "points"] {
                        ui.label(
                            RichText::new(name)
                                .font(font::small())
                                .color(Palette::of(ui).dim),
                        );
                    }
                    ui.end_row();
                    for number in &self.numbers {
                        for line in number.series.value().lines() {
                            let points = line.points();
                            let (Some(last), Some((least, most))) =
                                (points.last(), points.extremes())
                            else {
                                continue;
                            };
                            ui.label(mono(self.name_of(number, line.key())));
                            ui.label(mono(last.value.to_string()));
                            ui.label(mono(place.time_of_day(last.at)));
                            ui.label(mono(least.to_string()));
                            ui.label(mono(most.to_string()));
                            ui.label(mono(words::count(points.count())));
                            ui.end_row();
                        }
                    }
                });
            let notes = self.numbers.iter().flat_map(|it| it.series.value().notes());
            for note in notes {
                ui.label(
                    RichText::new(note)
                        .font(font::small())
                        .color(Palette::of(ui).dim),
                );
            }
        });
    }
}
