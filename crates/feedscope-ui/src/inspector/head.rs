//! Head of the inspector: the tabs of the record, the switches of a tab, the progress of a copy, and the buttons that
//! copy the payload and close the inspector.

use egui::{Id, Rect, Ui};

use super::Inspector;
use super::copying::MOST_COPIED;
use super::forms::{set_wraps, wraps};
use super::tab::{self, InspectorTab};
use crate::ids::PaneId;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, chip, chip_width, cut_sentence,
    icon_button, paint_left,
};
use crate::words;

impl Inspector {
    /// Draws tabs and buttons. Returns true if the inspector was closed.
    pub(super) fn head(&mut self, ui: &Ui, pane: PaneId, rect: Rect) -> bool {
        bottom_line(ui, rect);
        let mut strip = Strip::new(rect, 8.0, 4.0);
        let cross = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let copy = strip.right(button_width(ui, "Copy", Look::Ghost), size::BUTTON);
        let aside = self
            .is_wide
            .then(|| strip.right(ICON_BUTTON.x, ICON_BUTTON.y));
        // Those places are at the right end, and their buttons come last, because Tab visits them in this order.
        self.head_of_chosen(ui, pane, &mut strip);
        if let Some(aside) = aside {
            self.place_button(ui, pane, aside);
        }
        if button(ui, copy, Id::unique(("copy", pane)), "Copy", Look::Ghost).clicked() {
            self.copy_payload(ui.ctx());
        }
        let close = Id::unique(("inspector close", pane));
        icon_button(ui, cross, close, Icon::Cross, "Close the inspector").clicked()
    }

    /// Draws the button that moves the inspector beside the rows, or below them.
    fn place_button(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let (icon, name) = if self.is_beside() {
            (Icon::Below, "Inspector below the rows")
        } else {
            (Icon::Panes, "Inspector beside the rows")
        };
        let id = Id::unique(("inspector place", pane));
        if icon_button(ui, rect, id, icon, name).clicked() {
            self.switch_place();
            // The rows have been drawn already.
            ui.ctx().request_repaint();
        }
    }

    /// Draws the tabs of the record, the switch for long lines, and the progress of a copy.
    fn head_of_chosen(&mut self, ui: &Ui, pane: PaneId, strip: &mut Strip) {
        let Some(chosen) = &self.chosen else { return };
        let on = chosen.tab(self.tab);
        let tabs: Vec<InspectorTab> = InspectorTab::ALL
            .into_iter()
            .filter(|&tab| chosen.has(tab))
            .collect();
        if let Some(tab) = tab::show(ui, strip, pane, &tabs, on, chosen.is_of_two) {
            self.tab = tab;
        }
        // The places are taken from the right, and the chips are made from the left, because Tab visits them so.
        let by_key = self.key_place(ui, strip, on);
        let wraps = wraps(ui.ctx());
        let width = chip_width(ui, "wrap", false);
        if on.is_wrapped() && strip.room() >= width {
            let place = strip.right(width, size::CHIP);
            let id = Id::unique(("wrap", pane));
            if chip(ui, place, id, None, "wrap", wraps)
                .on_hover_text(words::WRAP_HINT)
                .clicked()
            {
                set_wraps(ui.ctx(), !wraps);
            }
        }
        if let Some((place, name)) = by_key {
            self.key_chip(ui, place, pane, &name);
        }
        let said = match &self.copying {
            _ if self.too_much => words::too_much_to_copy(MOST_COPIED),
            Some((_, bytes)) => words::copying(*bytes),
            None => return,
        };
        let rest = strip.rest(20.0);
        let color = Palette::of(ui).wait;
        let galley = cut_sentence(ui, &said, font::small(), color, rest.width() - 8.0);
        paint_left(ui, rest.left() + 8.0, rest.center().y, galley);
    }

    /// Takes the place of the switch between the previous record of the same key and that of the same type.
    fn key_place(&self, ui: &Ui, strip: &mut Strip, on: InspectorTab) -> Option<(Rect, String)> {
        let key = self.key.as_ref().filter(|_| on == InspectorTab::Diff)?;
        let name = format!("by {key}");
        let width = chip_width(ui, &name, false);
        (strip.room() >= width).then(|| (strip.right(width, size::CHIP), name))
    }

    /// Draws that switch.
    fn key_chip(&mut self, ui: &Ui, place: Rect, pane: PaneId, name: &str) {
        let id = Id::unique(("diff by key", pane));
        let response = chip(ui, place, id, None, name, self.is_by_key);
        if response.clicked() {
            self.is_by_key = !self.is_by_key;
            self.sync_key();
        }
        response.on_hover_text("Compare with the previous record that has the same value there");
    }
}
