//! Line about what a file does not contain, until the user closes it. It is not an error.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2};

use super::PaneView;
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Strip, bottom_line, cut, icon_button, paint_left, panel, take_top,
};

impl PaneView {
    /// Draws the line at the top of `area`, and takes its part off.
    pub(super) fn show_file_note(
        &mut self,
        ui: &Ui,
        pane: PaneId,
        area: &mut Rect,
        feed: &FeedScene,
    ) {
        let note = feed.source.file().and_then(|file| file.note.as_ref());
        let Some(note) = note.filter(|note| self.closed_note.as_ref() != Some(note)) else {
            return;
        };
        let rect = take_top(area, size::BANNER);
        let palette = Palette::of(ui);
        panel(ui, rect);
        bottom_line(ui, rect);
        let mut strip = Strip::new(rect, 12.0, 8.0);
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let room = strip.rest(20.0);
        let response = ui.interact(room, Id::unique(("file note", pane)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, note));
        let center = pos2(room.left() + 6.0, room.center().y);
        icon::paint(ui.painter(), Icon::File, center, palette.dim);
        let galley = cut(ui, note, font::label(), palette.dim, room.width() - 20.0);
        let is_cut = galley.elided;
        paint_left(ui, room.left() + 20.0, room.center().y, galley);
        if is_cut {
            response.on_hover_text(note);
        }
        let id = Id::unique(("file note close", pane));
        if icon_button(ui, close, id, Icon::Cross, "Close this message").clicked() {
            self.closed_note = Some(note.clone());
        }
    }
}
