//! Files that are dragged from another program: a frame over the window while they are above it, and their paths when
//! they are dropped.

use std::path::PathBuf;

use egui::accesskit::{Live, Role};
use egui::{Id, Order, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use crate::theme::{Palette, font};
use crate::widgets::cut;

/// Draws the frame while files are above the window. Returns the files that were dropped in this pass.
pub(crate) fn show(ui: &Ui, window: Rect) -> Vec<PathBuf> {
    let (hovered, dropped) = ui.input(|input| {
        let dropped = input.raw.dropped_files.iter();
        let paths = dropped.map(|file| file.path().to_owned());
        (input.raw.hovered_files.len(), paths.collect())
    });
    // The desktop reports the number before the paths.
    if hovered > 0 {
        let palette = Palette::of(ui);
        let layer = egui::LayerId::new(Order::Tooltip, Id::unique("drop target"));
        let painter = ui.ctx().layer_painter(layer);
        let frame = window.shrink(4.0);
        painter.rect(
            frame,
            8.0,
            palette.bg.gamma_multiply(0.85),
            Stroke::new(2.0, palette.open),
            StrokeKind::Inside,
        );
        let text = if hovered == 1 {
            "Drop the file to open it"
        } else {
            "Drop the files to open them"
        };
        let galley = cut(ui, text, font::title(), palette.text, frame.width());
        let at = frame.center() - galley.size() / 2.0;
        painter.galley(at, galley, palette.text);
        let id = Id::unique("drop target text");
        let response = ui.interact(frame, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
        ui.ctx()
            .accesskit_node_builder(id, |node| node.set_live(Live::Polite));
    }
    dropped
}
