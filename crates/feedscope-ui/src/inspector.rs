//! Inspector: the selected record in full, in several forms. It keeps the record even if the store lets it go, and
//! copies its bytes only where necessary. `placing` decides where it is: below the rows, or beside them in a wide pane.
//!
//! `chosen` computes the data of the record, in the pass or as an analysis. `forms` draws it: with `json` as a tree, and
//! with `sheet` as text, as a difference or as a dump. `copying` passes it to the clipboard.

mod chosen;
mod copying;
mod discard;
mod forms;
mod head;
mod headline;
mod json;
mod matches;
mod meaning;
mod place;
mod placing;
mod sheet;
mod tab;

use egui::accesskit::Role;
use egui::{Context, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::job::Job;
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_analysis::record_key::RecordKey;
use feedscope_core::store::RowNumber;
use jiff::tz::TimeZone;
use parking_lot::Mutex;

use crate::ids::PaneId;
use crate::payload_text::Signs;
use crate::shortcuts::FindStep;
use crate::theme::Palette;
use crate::widgets::{one_line, paint_left, panel, top_line};
use chosen::Chosen;
use matches::WantedMatch;
pub(crate) use matches::{MatchPosition, Searched};
pub use place::InspectorPlace;
use tab::InspectorTab;

/// Maximum bytes of a record that is dropped within the pass.
const DROPPED_AT_ONCE: usize = 1 << 20;

/// State of a pane's inspector.
pub(crate) struct Inspector {
    place: InspectorPlace,
    /// The pane of the last pass has room for it beside the rows.
    is_wide: bool,
    /// Tab that the user has chosen. A record without this form is shown in another one.
    tab: InspectorTab,
    /// Selected record, if a row is selected that the store still has.
    chosen: Option<Chosen>,
    /// Widths and marks of the characters in payloads.
    signs: Signs,
    /// Text that is being prepared for the clipboard, with its size.
    copying: Option<(Job<Mutex<Option<String>>>, u64)>,
    /// The selection is too large to be copied.
    too_much: bool,
    /// Request about a value that the pane carries out.
    action: Option<ValueAction>,
    /// Field whose values name the subject of a record.
    key: Option<RecordKey>,
    /// The difference is that to the previous record of the same key.
    is_by_key: bool,
    /// Reader of the payloads.
    interpreter: Interpreter,
    /// Expressions whose matches are marked.
    searched: Searched,
    /// Record that the find bar went to, and the match to show there.
    entered: Option<(RowNumber, WantedMatch)>,
    /// Names of the plotted numbers, which are paths for fields.
    plotted: Vec<String>,
}

/// Request about a value of a record. Each contains a filter or a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueAction {
    /// Adds a condition to the filter of the view.
    Narrow(String),
    /// Selects the item at the other end of a pair.
    GoTo(ItemId),
    /// Finds the next record.
    FindNext(String),
    /// Shows the field as a column of the rows.
    ShowColumn(String),
    /// Adds the field to the plot, or removes it if it is there.
    TogglePlot(String),
    /// Plots the field of the records with the same key as this one.
    PlotOfKey(String),
    /// Plots the field in place of other numbers.
    PlotOnly(String),
    /// Shows the newest values by the field.
    LatestBy(String),
    /// Check that the number at this path counts up by one.
    CheckSequence(String),
    /// Shows a sentence on why nothing happens.
    Explain(String),
}

impl Default for Inspector {
    fn default() -> Self {
        Self {
            place: InspectorPlace::default(),
            is_wide: false,
            tab: InspectorTab::Json,
            chosen: None,
            signs: Signs::default(),
            copying: None,
            too_much: false,
            action: None,
            key: None,
            is_by_key: true,
            interpreter: Interpreter::default(),
            searched: Searched::default(),
            entered: None,
            plotted: Vec::new(),
        }
    }
}

impl Inspector {
    /// Loads the record of the selected row, if it is not the present one. `listing` is the list that it is in.
    pub(crate) fn choose(&mut self, listing: &Listing, row: Option<RowNumber>) {
        if self.chosen.as_ref().map(|chosen| chosen.record.row()) == row {
            let is_other = self.chosen.as_mut().map(|it| it.set_listing(listing));
            if is_other == Some(true) && self.key.is_some() && self.is_by_key {
                self.sync_key();
            }
            return;
        }
        self.too_much = false;
        let next = row
            .and_then(|row| listing.store().record(row))
            .map(|record| Chosen::new(listing, record, &self.interpreter));
        let last = std::mem::replace(&mut self.chosen, next);
        if self.key.is_some() && self.is_by_key {
            self.sync_key();
        }
        // Freeing a large payload takes longer than a pass may, so that another thread does it.
        if let Some(last) = last.filter(|last| last.content.bytes().len() > DROPPED_AT_ONCE) {
            discard::discard(last);
        }
    }

    /// Reads the payloads with another interpreter. The record is loaded again.
    pub(crate) fn read_with(&mut self, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.chosen = None;
    }

    /// Shows the difference of two records of a list: what the later one changed.
    pub(crate) fn compare(&mut self, listing: &Listing, earlier: RowNumber, later: RowNumber) {
        self.choose(listing, Some(later));
        if let Some((chosen, other)) = self.chosen.as_mut().zip(listing.store().record(earlier)) {
            chosen.compare_with(other);
            self.tab = InspectorTab::Diff;
        }
    }

    /// Sets the names of the plotted numbers, which are paths for fields, for the menu of a value.
    pub(crate) fn set_plotted(&mut self, plotted: Vec<String>) {
        self.plotted = plotted;
    }

    /// Sets the field whose values name the subject of a record.
    pub(crate) fn set_key(&mut self, key: Option<&RecordKey>) {
        if self.key.as_ref() != key {
            self.key = key.cloned();
            self.sync_key();
        }
    }

    /// Compares with the previous record of the same key, or of the same type.
    fn sync_key(&mut self) {
        let key = self.key.as_ref().filter(|_| self.is_by_key);
        if let Some(chosen) = &mut self.chosen {
            chosen.compare_by_key(key);
        }
    }

    /// Sets the expressions whose matches are marked in the payload.
    pub(crate) fn mark(&mut self, searched: Searched) {
        self.searched = searched;
    }

    /// Moves to another match within the payload of `row`. Returns false if the record is not shown, has no further match in
    /// this direction, or is short enough that all matches are visible at once.
    pub(crate) fn step_match(&mut self, row: RowNumber, step: FindStep) -> bool {
        let tab = self.tab;
        let chosen = self.chosen.as_mut();
        let chosen = chosen.filter(|chosen| chosen.record.row() == row && !chosen.shows_all(tab));
        chosen.is_some_and(|chosen| chosen.matches.step(step))
    }

    /// Requests that the first or last match of `row` becomes visible, because the find bar goes there by a step.
    pub(crate) fn enter_matches(&mut self, row: RowNumber, step: FindStep) {
        self.entered = Some((row, WantedMatch::entered_by(step)));
    }

    /// Returns the position of the find bar within the payload of `row`; `None` if it is not shown or has no match.
    pub(crate) fn match_position(&self, row: RowNumber) -> Option<MatchPosition> {
        let chosen = self.chosen.as_ref();
        let chosen = chosen.filter(|chosen| chosen.record.row() == row)?;
        chosen.matches.position()
    }

    /// Finds the matches in the payload, and makes the requested one visible.
    fn show_matches(&mut self) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let row = chosen.record.row();
        if let Some((_, wanted)) = self.entered.take_if(|(entered, _)| *entered == row) {
            chosen.matches.want(wanted);
        }
        chosen.show_matches(&self.searched);
    }

    /// Takes out the request about a value.
    pub(crate) fn take_action(&mut self) -> Option<ValueAction> {
        self.action.take()
    }

    /// Returns true if it shows a record.
    pub(crate) fn is_open(&self) -> bool {
        self.chosen.is_some()
    }

    /// Moves the keyboard focus to the content.
    pub(crate) fn take_keys(&self, ctx: &Context, pane: PaneId) {
        if let Some(chosen) = &self.chosen {
            let id = chosen.tab(self.tab).id(pane);
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
    }

    /// Opens the menu of the selected JSON value if the tree has the focus. Returns false if it has not.
    pub(crate) fn open_menu(&mut self, ui: &Ui, pane: PaneId) -> bool {
        let has_focus = ui.memory(|memory| memory.has_focus(InspectorTab::Json.id(pane)));
        let tree = self.chosen.as_mut().filter(|_| has_focus);
        let tree = tree.and_then(|chosen| Some(chosen.tree()?.0));
        tree.map(json::JsonTree::open_menu).is_some()
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        let copying = self.copying.as_ref().and_then(|(made, _)| made.task());
        let chosen = self.chosen.iter().flat_map(Chosen::tasks);
        copying.into_iter().chain(chosen)
    }

    /// Draws the inspector. Returns true if it was closed. Without a zone, the records have no times.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        (zone, lens): (Option<&TimeZone>, Option<&LensPass>),
    ) -> bool {
        let palette = Palette::of(ui);
        self.hand_over(ui.ctx());
        panel(ui, rect);
        top_line(ui, rect);
        self.show_edge(ui, pane, rect);
        if let Some(chosen) = &mut self.chosen {
            chosen.take_in();
            chosen.decode();
        }
        self.show_matches();
        // From top to bottom: tabs and buttons, the headline, the content.
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), 34.0));
        let closed = self.head(ui, pane, head);
        let Some(chosen) = &self.chosen else {
            return closed;
        };
        let line = Rect::from_min_size(
            pos2(rect.left() + 14.0, head.bottom() + 4.0),
            vec2(rect.width() - 28.0, 20.0),
        );
        let mut job = headline::job(
            palette,
            &chosen.record,
            chosen.broken_json(),
            chosen.is_decoding(),
            zone,
        );
        let heard = ui.interact(
            line,
            Id::unique(("inspector headline", pane)),
            Sense::hover(),
        );
        heard.widget_info(|| WidgetInfo::labeled(Role::Label, true, &job.text));
        job.wrap = one_line(line.width());
        let galley = ui.painter().layout_job(job);
        paint_left(ui, line.left(), line.center().y, galley);
        let mut body = Rect::from_min_max(
            pos2(line.left(), line.bottom() + 2.0),
            rect.max - vec2(6.0, 4.0),
        );
        if let Some(lens) = lens {
            let (height, partner) = meaning::show(ui, pane, body, lens, chosen.record.row());
            body.set_top(body.top() + height);
            self.action = partner.map(ValueAction::GoTo).or(self.action.take());
        }
        let tab = chosen.tab(self.tab);
        match tab {
            InspectorTab::Json => self.json(ui, pane, body, zone.is_some()),
            InspectorTab::Text => self.text(ui, pane, body),
            InspectorTab::Hex => self.hex(ui, pane, body),
            InspectorTab::Diff => self.diff(ui, pane, body, zone),
            InspectorTab::Decoded => self.decoded(ui, pane, body),
        }
        closed
    }
}
