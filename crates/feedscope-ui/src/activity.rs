//! Tracker of the pane that the user clicked or focused last.

use egui::{Id, Rect, Ui, WidgetRect};

use crate::ids::PaneId;
use crate::pointer::presses;

/// Places of the panes and the keyboard focus of the last pass, from which a new press or focus finds its pane.
#[derive(Default)]
pub(crate) struct Activity {
    places: Vec<(PaneId, Rect)>,
    focus: Option<Id>,
    /// The user has asked for another pane, which is not there yet.
    awaits_pane: bool,
    /// Panes in the order in which they had the keys, the last one last.
    order: Vec<PaneId>,
}

impl Activity {
    /// Notes the pane that has the keys.
    pub(crate) fn note_active(&mut self, pane: PaneId) {
        if self.order.last() != Some(&pane) {
            self.order.retain(|other| *other != pane);
            self.order.push(pane);
        }
    }

    /// Returns the pane that had the keys last among those that are there, and forgets the others.
    pub(crate) fn last_active(&mut self, is_there: impl Fn(PaneId) -> bool) -> Option<PaneId> {
        self.order.retain(|pane| is_there(*pane));
        self.order.last().copied()
    }

    /// Notes that the user has asked for another pane.
    pub(crate) fn await_pane(&mut self) {
        self.awaits_pane = true;
    }

    /// Returns true once if the user has asked for another pane, which is there now.
    pub(crate) fn take_awaited(&mut self) -> bool {
        std::mem::take(&mut self.awaits_pane)
    }

    /// Takes the places of the panes of this pass.
    pub(crate) fn note_drawn(&mut self, places: Vec<(PaneId, Rect)>) {
        self.places = places;
    }

    /// Returns the pane that was pressed, as the last pass drew it. A press on a menu or a sheet is no press on a pane.
    pub(crate) fn pressed(&self, ui: &Ui) -> Option<PaneId> {
        let pane_at = |at| self.places.iter().find(|(_, rect)| rect.contains(at));
        let mut pressed = presses(ui)
            .into_iter()
            .filter_map(|press| pane_at(press.at));
        pressed.next_back().map(|(pane, _)| *pane)
    }

    /// Returns the pane of the widget that received the keyboard focus in this pass, if there is one. It is called once,
    /// at the end of the pass.
    pub(crate) fn focused(&mut self, ui: &Ui) -> Option<PaneId> {
        let focus = ui.memory(egui::Memory::focused);
        let before = std::mem::replace(&mut self.focus, focus);
        let widget = focus.filter(|id| before != Some(*id))?;
        // Not by `read_response`, which takes the focus away if the mouse was clicked elsewhere in this pass.
        let widget = ui
            .ctx()
            .viewport(|viewport| viewport.this_pass.widgets.get(widget).copied())?;
        self.pane_of(ui, &widget)
    }

    /// Returns the pane in which a widget is; `None` for one of the window, of a menu or of a sheet.
    pub(crate) fn pane_of(&self, ui: &Ui, widget: &WidgetRect) -> Option<PaneId> {
        let at = widget.rect.center();
        let mut places = self.places.iter();
        let pane = places.find(|(_, rect)| widget.layer_id == ui.layer_id() && rect.contains(at));
        pane.map(|(pane, _)| *pane)
    }
}
