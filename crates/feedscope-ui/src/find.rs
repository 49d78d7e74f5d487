//! Find bar: steps through matches without filtering. It has the same syntax as a filter. The app runs the search.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Id, Key, Modifiers, Rect, RichText, Sense, Stroke, Ui, WidgetInfo};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_analysis::lenses::{LensName, LensPass};
use feedscope_core::store::{ClassSet, ListingIndex, RowNumber, Store};

use crate::filter::{Typed, is_same_lens};
use crate::ids::PaneId;
use crate::inspector::{Inspector, MatchPosition};
use crate::shortcuts::{FindStep, Shortcut, ViewShortcut, with_key};
use crate::theme::{Palette, font, size};
use crate::timeline::TimelineView;
use crate::widgets::icon::Icon;
use crate::widgets::text_field::text_field;
use crate::widgets::{
    ICON_BUTTON, Strip, bottom_line, cut_sentence, field_ground, icon_button, measured, paint_left,
    panel,
};
use crate::words;

/// Find bar of one view.
#[derive(Default)]
pub(crate) struct FindBar {
    is_open: bool,
    /// Expression to find, without the view's own filter.
    typed: Typed,
    /// Inputs of the present hits; `None` if there are no hits.
    made_of: Option<MadeOf>,
    hits: Option<Scan>,
    /// Step that was requested before the bar is drawn.
    step: Option<FindStep>,
    /// The step waits until the search is complete.
    waits: bool,
}

/// Inputs that the matches belong to.
struct MadeOf {
    find: Arc<Filter>,
    /// Hits of the view's filter, if the bar searches among them.
    within: Option<Scan>,
    shown: ClassSet,
    /// Lens that the records were read by.
    lens: Option<(LensPass, Option<LensName>)>,
}

/// Rows to search.
pub(crate) struct FindContext<'a> {
    pub(crate) store: &'a Store,
    pub(crate) shown: ClassSet,
    pub(crate) context: ParseContext,
    /// Hits that replace the rows; the bar then searches among them only.
    pub(crate) within: Option<&'a Scan>,
    /// Pass of the lens, which also has the decoders.
    pub(crate) lens: Option<&'a LensPass>,
}

/// Returns the ID of a pane's find field, so that a shortcut can focus it.
pub(crate) fn id(pane: PaneId) -> Id {
    Id::unique(("find", pane))
}

impl FindBar {
    /// Returns true if the bar is open.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Opens the bar with the last expression.
    pub(crate) fn open(&mut self, ui: &Ui, pane: PaneId) {
        self.is_open = true;
        ui.memory_mut(|memory| memory.request_focus(id(pane)));
        super::widgets::select_all(ui, id(pane), self.typed.text.chars().count());
    }

    /// Closes the bar. The expression is kept.
    pub(crate) fn close(&mut self) {
        self.is_open = false;
        self.forget_hits();
    }

    /// Drops the matches but not the expression.
    pub(crate) fn forget_hits(&mut self) {
        self.made_of = None;
        self.hits = None;
    }

    /// Opens the bar with this expression, and requests a step to the next match as soon as there is one.
    pub(crate) fn find(&mut self, expression: &str) {
        self.is_open = true;
        expression.clone_into(&mut self.typed.text);
        self.step = Some(FindStep::Next);
        self.waits = true;
    }

    /// Requests a step for the next pass, or opens the bar if it is closed.
    pub(crate) fn step(&mut self, ui: &Ui, pane: PaneId, step: FindStep) {
        if self.is_open {
            self.step = Some(step);
        } else {
            self.open(ui, pane);
        }
    }

    /// Parses the text if it has changed, and restarts the search if its inputs have changed.
    pub(crate) fn sync(&mut self, standing: &FindContext<'_>) {
        if !self.is_open {
            return;
        }
        self.typed.parse_if_changed(standing.context);
        let Some(find) = self.typed.understood().cloned() else {
            self.forget_hits();
            return;
        };
        let lens = standing.lens.map(|lens| (lens.clone(), lens.lens()));
        let is_same = |of: &MadeOf| {
            let same_within = match (&of.within, standing.within) {
                (Some(scan), Some(other)) => scan.is(other),
                (None, None) => true,
                _ => false,
            };
            let same_lens = is_same_lens(lens.as_ref(), of.lens.as_ref());
            Arc::ptr_eq(&of.find, &find) && of.shown == standing.shown && same_within && same_lens
        };
        if self.made_of.as_ref().is_some_and(is_same) {
            return;
        }
        // Among hits, a match has to match the view's filter too.
        let filter = match standing.within {
            Some(scan) => Arc::new(scan.filter().and(&find)),
            None => Arc::clone(&find),
        };
        self.hits = Some(match standing.lens {
            Some(lens) => Scan::through(standing.store, filter, standing.shown, lens),
            None => Scan::new(standing.store, filter, standing.shown),
        });
        self.made_of = Some(MadeOf {
            find,
            within: standing.within.cloned(),
            shown: standing.shown,
            lens,
        });
    }

    /// Returns the matches while the bar is open.
    pub(crate) fn hits(&self) -> Option<&Scan> {
        self.hits.as_ref()
    }

    /// Returns the filter whose matches are marked in rows, while the bar is open.
    pub(crate) fn filter(&self) -> Option<&Filter> {
        self.expression().map(|filter| &**filter)
    }

    /// Returns the expression whose matches are marked in the payload of the selected record, while the bar is open.
    pub(crate) fn expression(&self) -> Option<&Arc<Filter>> {
        self.typed.understood().filter(|_| self.is_open)
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.hits.as_ref().map(Scan::task).into_iter()
    }

    /// Draws the bar and moves the view to the requested match: within the payload in the inspector, or in another record.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        (view, inspector): (&mut TimelineView, &mut Inspector),
    ) {
        panel(ui, rect);
        bottom_line(ui, rect);
        let mut strip = Strip::new(rect, size::PADDING, 6.0);
        // The places are taken from the right, and the widgets are made from the left, because Tab visits them so.
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let next = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let previous = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let field = strip.left(
            (strip.room() * 0.5).clamp(120.0, 360.0).min(strip.room()),
            size::BUTTON,
        );
        let leaves = self.field(ui, pane, field);
        for (step, place, icon, name) in [
            (
                FindStep::Previous,
                previous,
                Icon::ArrowUp,
                "Previous match",
            ),
            (FindStep::Next, next, Icon::ArrowDown, "Next match"),
        ] {
            let hint = with_key(ui, name, Shortcut::View(ViewShortcut::FindStep(step)));
            if icon_button(ui, place, Id::unique(("find", name, pane)), icon, &hint).clicked() {
                self.step = Some(step);
            }
        }
        let id = Id::unique(("find close", pane));
        let close = icon_button(ui, close, id, Icon::Cross, "Close the find bar");
        // A step may come from a button, from Enter in the field, or from F3 before this pass.
        if let (Some(step), Some(hits)) = (self.step, &self.hits) {
            // Before the search is complete, a nearer match may still be found.
            if !self.waits || hits.progress().done {
                self.step = None;
                self.waits = false;
                let selected = view.selected().map(|item| item.row);
                let is_within = selected
                    .filter(|&row| position(hits, row).is_some())
                    .is_some_and(|row| inspector.step_match(row, step));
                if !is_within && let Some(row) = stepped(hits, view, step) {
                    view.go_to(Some(row.into()));
                    inspector.enter_matches(row, step);
                }
            }
        } else if !self.waits {
            self.step = None;
        }
        let selected = view.selected().map(|item| item.row);
        let within = selected.and_then(|row| inspector.match_position(row));
        self.status(ui, pane, strip.rest(size::BUTTON), (selected, within));
        if leaves || close.clicked() {
            self.close();
        }
    }

    /// Draws the field. Returns true if Escape was pressed in it.
    fn field(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) -> bool {
        let palette = Palette::of(ui);
        let id = id(pane);
        let focused = ui.memory(|memory| memory.has_focus(id));
        // `focused` is checked here, so that the keys of another field are not taken.
        let keys =
            |modifiers, key| focused && ui.input_mut(|input| input.consume_key(modifiers, key));
        // Take the keys before the field does, because Enter would make it lose the focus.
        if keys(Modifiers::SHIFT, Key::Enter) {
            self.step = Some(FindStep::Previous);
        } else if keys(Modifiers::NONE, Key::Enter) {
            self.step = Some(FindStep::Next);
        }
        let leaves = keys(Modifiers::NONE, Key::Escape);
        field_ground(ui, rect, focused);
        if self.typed.problem().is_some() {
            let stroke = Stroke::new(1.0, palette.fail);
            ui.painter()
                .rect_stroke(rect, size::RADIUS, stroke, egui::StrokeKind::Inside);
        }
        let inner = rect.shrink2(egui::vec2(9.0, 0.0));
        let edit = text_field(&mut self.typed.text, id, inner)
            .font(font::mono())
            .hint_text(RichText::new("Find").font(font::label()).color(palette.dim));
        let response = ui.place(inner, edit).accessible_name("Find");
        if leaves {
            response.surrender_focus();
        }
        leaves
    }

    /// Draws the error in the expression, or the number of matches.
    fn status(
        &self,
        ui: &Ui,
        pane: PaneId,
        rect: Rect,
        (selected, within): (Option<RowNumber>, Option<MatchPosition>),
    ) {
        let palette = Palette::of(ui);
        let (text, color) = match (self.typed.problem(), &self.hits) {
            (Some(problem), _) => (problem.to_string(), palette.fail),
            (None, Some(hits)) => (status(hits, selected, within), palette.dim),
            (None, None) => return,
        };
        let role = if self.typed.problem().is_some() {
            Role::Alert
        } else {
            Role::Status
        };
        let response = ui.interact(rect, Id::unique(("find status", pane)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(role, true, &text));
        paint_left(
            ui,
            rect.left(),
            rect.center().y,
            cut_sentence(ui, &text, font::small(), color, rect.width()),
        );
        if measured(ui, &text, font::small()) > rect.width() {
            response.on_hover_text(text);
        }
    }
}

/// Returns the text about the matches, with the position of the selected one and that within its payload.
fn status(scan: &Scan, selected: Option<RowNumber>, within: Option<MatchPosition>) -> String {
    let index = selected.and_then(|row| position(scan, row));
    let mut text = words::found_at(index, &scan.progress());
    if let Some(within) = within.filter(|within| index.is_some() && within.count > 1) {
        text.push_str(&words::found_within(
            within.current,
            within.count,
            within.is_capped,
        ));
    }
    text
}

/// Returns the position of a row among the matches; `None` for a row that is no match.
fn position(scan: &Scan, row: RowNumber) -> Option<ListingIndex> {
    let index = scan.rank(row);
    (scan.select(index) == Some(row)).then_some(index)
}

/// Returns the match to go to.
///
/// It is the next or previous match from the selected row, and wraps around at the ends. If no row is selected, it is
/// the first or last match in sight, or else the nearest one above.
fn stepped(scan: &Scan, view: &TimelineView, step: FindStep) -> Option<RowNumber> {
    let end = ListingIndex(scan.count());
    let last = end.checked_sub(1)?;
    let selected = view.selected().map(|item| item.row);
    let index = match (selected, step) {
        (Some(row), FindStep::Next) => {
            // Past the last match, the search wraps around to the first one.
            let after = scan.rank(row + 1);
            if after < end { after } else { ListingIndex(0) }
        }
        (Some(row), FindStep::Previous) => scan.rank(row).checked_sub(1).unwrap_or(last),
        (None, _) => {
            let sight = view.in_sight();
            let (first, end) = (scan.rank(sight.start), scan.rank(sight.end));
            match step {
                FindStep::Next if first < end => first,
                _ => end.checked_sub(1).unwrap_or(last),
            }
        }
    };
    scan.select(index)
}
