//! Keyboard focus of the panes: where it returns after a part was left by Escape and after a pane was closed. Menus and sheets
//! are in `menu_focus` and `sheet_focus`.

use egui::{Memory, Ui, WidgetRect};

use super::Window;
use crate::pane::PaneView;
use crate::scene::Scene;
use crate::shortcuts::is_covered;
use crate::timeline::{self, List};
use crate::{menu_focus, sheet_focus};

impl Window {
    /// Returns the focus of a sheet or a pane that was closed, and prepares that of an open menu. It is called before the
    /// widgets of a pass. Returns true if the user leaves a part of a pane by Escape.
    pub(super) fn begin_focus(&mut self, ui: &Ui, scene: &Scene<'_>) -> bool {
        sheet_focus::give_back(ui, |widget| self.may_return_to(ui, widget));
        menu_focus::keep_in_menu(ui);
        if is_covered(ui) {
            return false;
        }
        let is_there = |id| scene.panes.iter().any(|pane| pane.id == id);
        if self.activity.take_lost_focus(ui, is_there) {
            match self.activity.widget_of(self.focused) {
                Some(widget) => ui.memory_mut(|memory| memory.request_focus(widget)),
                None if scene.feed_of(self.focused).is_some() => {
                    timeline::focus(ui, self.focused, self.list_with_keys());
                }
                None => {}
            }
        }
        self.activity.note_focus(ui, self.focused);
        self.activity.is_escaped(ui)
    }

    /// Notes the focus at the end of a pass, after its widgets. `is_escaped` means that the user left a part of a pane by
    /// Escape: the rows have the keys then, so that Tab and the arrow keys go on from the selected one.
    pub(super) fn end_focus(&mut self, ui: &Ui, is_escaped: bool) {
        menu_focus::finish(ui, |widget| self.may_return_to(ui, widget));
        sheet_focus::note(ui);
        let list = timeline::list_id(self.focused, self.list_with_keys());
        let is_drawn = ui
            .ctx()
            .viewport(|viewport| viewport.this_pass.widgets.get(list).is_some());
        if is_escaped && is_drawn && !is_covered(ui) && ui.memory(Memory::focused).is_none() {
            ui.memory_mut(|memory| memory.request_focus(list));
        }
    }

    /// Returns true if the focus may return to a widget: it is in no other pane than the one that has the keys.
    fn may_return_to(&self, ui: &Ui, widget: &WidgetRect) -> bool {
        let pane = self.activity.pane_of(ui, widget);
        pane.is_none_or(|pane| pane == self.focused)
    }

    /// Returns the list of the focused pane that has the keys.
    fn list_with_keys(&self) -> List {
        let view = self.panes.get(&self.focused);
        view.map_or(List::Rows, PaneView::list_with_keys)
    }
}
