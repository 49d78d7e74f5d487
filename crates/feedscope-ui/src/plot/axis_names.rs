//! Marks of the axes of a plot, for programs that read the window aloud. Nothing is drawn here.

use egui::accesskit::Role;
use egui::{Rect, Response, Sense, Ui, WidgetInfo};
use egui_plot::{GridMark, HPlacement, PlotTransform};

/// Height of the marks below a plot in points.
const BELOW: f32 = 20.0;

/// Axis with marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AxisPlace {
    Below,
    Beside(HPlacement),
}

impl AxisPlace {
    fn name(self) -> &'static str {
        match self {
            Self::Below => "Marks of the lower axis",
            Self::Beside(HPlacement::Left) => "Marks of the left axis",
            Self::Beside(HPlacement::Right) => "Marks of the right axis",
        }
    }

    fn area(self, frame: Rect, outer: Rect) -> Rect {
        match self {
            Self::Below => frame
                .with_min_y(frame.bottom())
                .with_max_y(frame.bottom() + BELOW),
            Self::Beside(HPlacement::Left) => frame
                .with_min_x(outer.left().min(frame.left()))
                .with_max_x(frame.left()),
            Self::Beside(HPlacement::Right) => frame
                .with_min_x(frame.right())
                .with_max_x(outer.right().max(frame.right())),
        }
    }
}

/// Gives the marks of an axis a node of the accessibility tree. `plot` is the area of the plot, and `outer` the one with its
/// axes.
pub(super) fn name_marks(
    ui: &Ui,
    (plot, transform, outer): (&Response, &PlotTransform, Rect),
    place: AxisPlace,
    marks: &[GridMark],
    text: impl Fn(&GridMark) -> String,
) {
    // The node exists only for a program that reads it.
    if marks.is_empty() || !ui.ctx().has_accesskit_node(plot.id) {
        return;
    }
    let area = place.area(*transform.frame(), outer);
    let response = ui.interact(area, plot.id.with(place.name()), Sense::hover());
    response.widget_info(|| {
        let texts: Vec<String> = marks.iter().map(&text).collect();
        let label = format!("{}: {}", place.name(), texts.join(", "));
        WidgetInfo::labeled(Role::Label, true, label)
    });
}
