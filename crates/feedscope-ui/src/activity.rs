//! Tracker of the pane that the user clicked or focused last.

use std::collections::BTreeMap;

use egui::{Id, Key, Memory, Rect, Ui, WidgetRect};

use crate::ids::PaneId;
use crate::pointer::presses;
use crate::timeline::{List, list_id};

/// Places of the panes and the keyboard focus of the last pass, from which a new press or focus finds its pane.
#[derive(Default)]
pub(crate) struct Activity {
    places: Vec<(PaneId, Rect)>,
    focus: Option<Id>,
    /// The user has asked for another pane, which is not there yet.
    awaits_pane: bool,
    /// Panes in the order in which they had the keys, the last one last.
    order: Vec<PaneId>,
    /// Widget of each pane that had the focus last.
    widgets: BTreeMap<PaneId, Id>,
    /// A pane was closed, and the focus has not been returned yet.
    returns_focus: bool,
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
        let focus = ui.memory(Memory::focused);
        let before = std::mem::replace(&mut self.focus, focus);
        let widget = focus.filter(|id| before != Some(*id))?;
        // Not by `read_response`, which takes the focus away if the mouse was clicked elsewhere in this pass.
        self.pane_of_drawn(ui, widget)
    }

    /// Returns the pane in which a widget of this pass is.
    pub(crate) fn pane_of_drawn(&self, ui: &Ui, widget: Id) -> Option<PaneId> {
        let widget = ui
            .ctx()
            .viewport(|viewport| viewport.this_pass.widgets.get(widget).copied())?;
        self.pane_of(ui, &widget)
    }

    /// Returns true if Escape was pressed while a widget had the focus, and egui or that widget may take the focus from it.
    pub(crate) fn is_escaped(&self, ui: &Ui) -> bool {
        self.focus.is_some() && ui.input(|input| input.key_pressed(Key::Escape))
    }

    /// Returns true if Escape has taken the focus from a widget beside the rows of a pane.
    pub(crate) fn is_left(&self, ui: &Ui, pane: PaneId) -> bool {
        let is_list = |id| {
            [List::Rows, List::Hits]
                .map(|it| list_id(pane, it))
                .contains(&id)
        };
        let is_left = self.is_escaped(ui) && ui.memory(Memory::focused).is_none();
        is_left && self.focus.is_some_and(|widget| !is_list(widget))
    }

    /// Notes the widget with the focus for its pane. It is called at the beginning of a pass, while nothing lies above the
    /// panes. `active` is the pane that has the keys.
    pub(crate) fn note_focus(&mut self, ui: &Ui, active: PaneId) {
        match ui.memory(Memory::focused) {
            None => drop(self.widgets.remove(&active)),
            Some(widget) => {
                if let Some(pane) = drawn_before(ui, widget).and_then(|it| self.pane_of(ui, &it)) {
                    self.widgets.insert(pane, widget);
                }
            }
        }
    }

    /// Notes that a pane was closed, whose button may have taken the focus from a widget of another pane.
    pub(crate) fn note_closed(&mut self) {
        self.returns_focus = true;
    }

    /// Returns true once after a pane was closed if no widget has the focus. `is_there` is true for the panes that are left.
    pub(crate) fn take_lost_focus(&mut self, ui: &Ui, is_there: impl Fn(PaneId) -> bool) -> bool {
        if !std::mem::take(&mut self.returns_focus) {
            return false;
        }
        self.widgets.retain(|pane, _| is_there(*pane));
        // A widget of the closed pane is not drawn any more, but egui notices this only at the end of the pass.
        let is_gone = |widget| {
            let pane = drawn_before(ui, widget).and_then(|it| self.pane_of(ui, &it));
            pane.is_some_and(|pane| !is_there(pane))
        };
        ui.memory(Memory::focused).is_none_or(is_gone)
    }

    /// Returns the widget of a pane that had the focus last.
    pub(crate) fn widget_of(&self, pane: PaneId) -> Option<Id> {
        self.widgets.get(&pane).copied()
    }

    /// Returns the pane in which a widget is; `None` for one of the window, of a menu or of a sheet, and for the edge between
    /// two panes.
    pub(crate) fn pane_of(&self, ui: &Ui, widget: &WidgetRect) -> Option<PaneId> {
        let at = widget.rect.center();
        let mut places = self.places.iter();
        let pane = places.find(|(_, rect)| widget.layer_id == ui.layer_id() && rect.contains(at));
        let (pane, _) = pane?;
        let mut others = self.places.iter().filter(|(other, _)| other != pane);
        let is_between = others.any(|(_, rect)| rect.intersect(widget.interact_rect).is_positive());
        (!is_between).then_some(*pane)
    }
}

/// Returns a widget as the last pass drew it.
fn drawn_before(ui: &Ui, widget: Id) -> Option<WidgetRect> {
    ui.ctx()
        .viewport(|viewport| viewport.prev_pass.widgets.get(widget).copied())
}
