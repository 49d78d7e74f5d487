//! Contents of a plot whose numbers all need the times of the records, while the file has no times: the reason, and numbers
//! to choose from.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, vec2};
use feedscope_analysis::columns::offered_numbers;
use feedscope_analysis::fields::Path;
use feedscope_analysis::series::Quantity;

use super::head::OFFERED;
use super::open::{OpenPlot, PlotPlace, PlotWish};
use crate::offers;
use crate::theme::{Palette, font, size};
use crate::widgets::{Strip, chip, chip_width, cut, name_on_hover, paint_left, take_top};
use crate::words;

impl OpenPlot {
    /// Draws the reason and the numbers. Returns the choice of the user.
    pub(super) fn without_times(
        &self,
        ui: &Ui,
        place: &PlotPlace<'_>,
        area: Rect,
    ) -> Option<PlotWish> {
        let numbers: Vec<String> = self
            .numbers
            .iter()
            .map(|it| it.quantity.to_string())
            .collect();
        let sentence = words::not_plotted_without_times(&numbers);
        let mut rest = area.shrink2(vec2(12.0, 8.0));
        let line = take_top(&mut rest, size::LINE);
        let id = Id::unique(("plot without times", place.pane));
        let response = ui.interact(line, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &sentence));
        let galley = cut(
            ui,
            &sentence,
            font::label(),
            Palette::of(ui).dim,
            line.width(),
        );
        paint_left(ui, line.left(), line.center().y, galley);
        name_on_hover(response, &sentence);
        let id = Id::unique(("plotted numbers", place.pane));
        let fields = offers::kept(ui, id, || {
            offered_numbers(place.store, place.interpreter, OFFERED)
        });
        let paths = fields.iter().filter_map(|path| Path::parse(path).ok());
        let offered = paths.map(Quantity::Field).chain([Quantity::Size]);
        let mut strip = Strip::new(take_top(&mut rest, 30.0), 0.0, 6.0);
        let mut wish = None;
        for quantity in offered {
            let name = quantity.to_string();
            let width = chip_width(ui, &name, false);
            if width > strip.room() {
                break;
            }
            let id = Id::unique(("plot in place of a number", &name, place.pane));
            let rect = strip.left(width, size::CHIP);
            if chip(ui, rect, id, None, &name, false).clicked() {
                wish = Some(PlotWish::Change(0, quantity));
            }
        }
        wish
    }
}
