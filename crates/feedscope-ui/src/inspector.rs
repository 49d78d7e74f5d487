//! Inspector: the selected record in full, in several forms. It keeps the record even if the store lets it go, and
//! copies its bytes only where necessary.
//!
//! `chosen` computes the data of the record, in the pass or as an analysis. `json` draws it as a tree, and `sheet` as
//! text, as a difference or as a dump.

mod chosen;
mod discard;
mod headline;
mod json;
mod meaning;
mod sheet;
mod tab;

use base64::Engine as _;
use egui::accesskit::Role;
use egui::{Context, CursorIcon, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Content;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::job::Job;
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::Kind;
use feedscope_core::payload::json::NoOutline;
use feedscope_core::payload::text_rows::TextRows;
use feedscope_core::store::RowNumber;
use jiff::tz::TimeZone;
use parking_lot::Mutex;

use crate::ids::PaneId;
use crate::payload_text::Signs;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, chip, chip_width, cut,
    icon_button, one_line, paint_left, panel, scroll_bar, top_line,
};
use crate::words;
use chosen::Chosen;
use json::TreeWish;
use sheet::{HexRows, Ink, TextLines, TextSheet};
use tab::InspectorTab;

/// Maximum bytes of a text that is copied within the pass.
const COPIED_AT_ONCE: u64 = 1 << 20;
/// Maximum bytes of a record that is dropped within the pass.
const DROPPED_AT_ONCE: usize = 1 << 20;
/// Maximum bytes that are passed to the clipboard. The desktop keeps a larger text in memory more than once.
const MOST_COPIED: u64 = 512 << 20;

/// Height in points until the user chooses another one, where no more room is left.
const HEIGHT: f32 = 196.0;

/// Height of a pane for rows and inspector up to which the inspector has its usual height, in points.
const USUAL_ROOM: f32 = 640.0;

/// Height of the filter row, the header, the line about several rows, and four rows, in points.
const LEAST_FOR_ROWS: f32 = size::FILTER_ROW + 24.0 + size::SELECTION_LINE + 4.0 * size::ROW;

/// Height of the filter row, the header and two rows, which stay in sight above the highest inspector, in points.
const FEWEST_ROWS: f32 = size::FILTER_ROW + 24.0 + 2.0 * size::ROW;

/// Smallest and largest height in points.
const HEIGHTS: (f32, f32) = (64.0, 1_200.0);

/// Height with some lines of the payload, in points. A low pane has fewer rows instead.
const WITH_LINES: f32 = 124.0;

/// State of a pane's inspector.
pub(crate) struct Inspector {
    /// Height that the user has chosen, in points.
    chosen_height: Option<f32>,
    /// Height in the last pass.
    height: f32,
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
    key: Option<Path>,
    /// The difference is that to the previous record of the same key.
    is_by_key: bool,
    /// Reader of the payloads.
    interpreter: Interpreter,
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
    /// Plots the field.
    Plot(String),
    /// Plots the field of the records with the same key as this one.
    PlotOfKey(String),
    /// Plots the field beside other numbers.
    AddToPlot(String),
    /// Shows the newest values by the field.
    LatestBy(String),
    /// Check that the number at this path counts up by one.
    CheckSequence(String),
}

impl Default for Inspector {
    fn default() -> Self {
        Self {
            chosen_height: None,
            height: HEIGHT,
            tab: InspectorTab::Json,
            chosen: None,
            signs: Signs::default(),
            copying: None,
            too_much: false,
            action: None,
            key: None,
            is_by_key: true,
            interpreter: Interpreter::default(),
        }
    }
}

impl Inspector {
    /// Loads the record of the selected row, if it is not the present one. `listing` is the list that it is in.
    pub(crate) fn choose(&mut self, listing: &Listing, row: Option<RowNumber>) {
        if self.chosen.as_ref().map(|chosen| chosen.record.row()) == row {
            if let Some(chosen) = &mut self.chosen {
                chosen.set_listing(listing);
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

    /// Sets the field whose values name the subject of a record.
    pub(crate) fn set_key(&mut self, key: Option<&Path>) {
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

    /// Takes out the request about a value.
    pub(crate) fn take_action(&mut self) -> Option<ValueAction> {
        self.action.take()
    }

    /// Returns true if it shows a record.
    pub(crate) fn is_open(&self) -> bool {
        self.chosen.is_some()
    }

    /// Returns the height that the user has chosen.
    pub(crate) fn chosen_height(&self) -> Option<f32> {
        self.chosen_height.map(f32::round)
    }

    /// Sets the height, within its limits.
    pub(crate) fn set_height(&mut self, height: f32) {
        if height.is_finite() {
            self.chosen_height = Some(height.clamp(HEIGHTS.0, HEIGHTS.1));
        }
    }

    /// Returns the height if `room` is left for the inspector and the rows together; 0 while no row is selected.
    pub(crate) fn height(&self, room: f32) -> f32 {
        if self.chosen.is_some() {
            // Half of the room that the usual heights leave.
            let more = ((room - USUAL_ROOM) * 0.5).max(0.0);
            let most = room - FEWEST_ROWS;
            let wanted = self.chosen_height.unwrap_or_else(|| {
                // The rows keep half of the room, and at least some of them stay in sight.
                let usual = (room * 0.5).min(room - LEAST_FOR_ROWS);
                (HEIGHT + more).min(usual).max(WITH_LINES)
            });
            wanted.min(most).max(HEIGHTS.0)
        } else {
            0.0
        }
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

    /// Copies the whole payload: text as it was received, bytes as base64.
    pub(crate) fn copy_payload(&mut self, ctx: &Context) {
        let Some(chosen) = &self.chosen else {
            return;
        };
        let content = chosen.received.clone();
        let is_binary = matches!(chosen.record.record().kind, Kind::Binary { .. });
        let bytes = content.bytes().len() as u64;
        self.copy(ctx, bytes, move || {
            if is_binary {
                base64::engine::general_purpose::STANDARD.encode(content.bytes())
            } else {
                String::from_utf8_lossy(content.bytes()).into_owned()
            }
        });
    }

    /// Copies a text of about `bytes`. A large text is prepared on another thread.
    fn copy(&mut self, ctx: &Context, bytes: u64, make: impl FnOnce() -> String + Send + 'static) {
        self.too_much = bytes > MOST_COPIED;
        if self.too_much {
            return;
        }
        if bytes <= COPIED_AT_ONCE {
            ctx.copy_text(make());
        } else {
            let made = Job::in_one_go(move |_wanted| Some(Mutex::new(Some(make()))));
            self.copying = Some((made, bytes));
        }
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        let copying = self.copying.as_ref().and_then(|(made, _)| made.task());
        let chosen = self.chosen.iter().flat_map(Chosen::tasks);
        copying.into_iter().chain(chosen)
    }

    /// Passes a text that has been prepared to the clipboard.
    fn hand_over(&mut self, ctx: &Context) {
        let made = self.copying.as_ref().and_then(|(made, _)| made.get());
        // The text is taken out, so that it is not copied once more.
        if let Some(text) = made.map(|made| made.lock().take()) {
            self.copying = None;
            ctx.copy_text(text.unwrap_or_default());
        }
    }

    /// Draws the inspector. Returns true if it was closed.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        (zone, lens, has_times): (&TimeZone, Option<&LensPass>, bool),
    ) -> bool {
        let palette = Palette::of(ui);
        self.height = rect.height();
        self.hand_over(ui.ctx());
        panel(ui, rect);
        top_line(ui, rect);
        self.edge(ui, pane, rect);
        if let Some(chosen) = &mut self.chosen {
            chosen.take_in();
            chosen.decode();
        }
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
        let shown_zone = Some(zone).filter(|_| has_times);
        let mut job = headline::job(
            palette,
            &chosen.record,
            chosen.broken_json(),
            chosen.is_decoding(),
            shown_zone,
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
            InspectorTab::Json => self.json(ui, pane, body),
            InspectorTab::Text => self.text(ui, pane, body),
            InspectorTab::Hex => self.hex(ui, pane, body),
            InspectorTab::Diff => self.diff(ui, pane, body, zone),
            InspectorTab::Decoded => self.decoded(ui, pane, body),
        }
        closed
    }

    /// Draws tabs and buttons. Returns true if the inspector was closed.
    fn head(&mut self, ui: &Ui, pane: PaneId, rect: Rect) -> bool {
        bottom_line(ui, rect);
        let mut strip = Strip::new(rect, 8.0, 4.0);
        let cross = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let copy = strip.right(button_width(ui, "Copy", Look::Ghost), size::BUTTON);
        // Those places are at the right end, and their buttons come last, because Tab visits them in this order.
        self.head_of_chosen(ui, pane, &mut strip);
        if button(ui, copy, Id::unique(("copy", pane)), "Copy", Look::Ghost).clicked() {
            self.copy_payload(ui.ctx());
        }
        let close = Id::unique(("inspector close", pane));
        icon_button(ui, cross, close, Icon::Cross, "Close the inspector").clicked()
    }

    /// Draws the tabs of the record, the switch for long lines, and the progress of a copy.
    fn head_of_chosen(&mut self, ui: &Ui, pane: PaneId, strip: &mut Strip) {
        let Some(chosen) = &self.chosen else { return };
        let on = chosen.tab(self.tab);
        let tabs: Vec<InspectorTab> = InspectorTab::ALL
            .into_iter()
            .filter(|&tab| chosen.has(tab))
            .collect();
        if let Some(tab) = tab::show(ui, strip, pane, &tabs, on) {
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
        let galley = cut(ui, &said, font::small(), color, rest.width() - 8.0);
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

    /// Draws the payload as a tree of JSON values.
    fn json(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let id = InspectorTab::Json.id(pane);
        let bytes = chosen.content.bytes().len() as u64;
        let is_too_large = matches!(chosen.outline.get(), Some(Err(NoOutline::TooLarge)));
        let Some((tree, shown)) = chosen.tree() else {
            let sentence = if is_too_large {
                words::too_many_values()
            } else {
                words::reading(bytes)
            };
            return show_sentence(ui, id, rect, &sentence);
        };
        match tree.show(ui, id, rect, &shown) {
            Some(TreeWish::CopyPath(node)) => {
                let path = shown.outline.path(shown.text, node);
                ui.ctx().copy_text(path);
            }
            Some(TreeWish::CopyValue(node)) => {
                let size = shown.outline.range(shown.text, node).len() as u64;
                if size <= COPIED_AT_ONCE {
                    let value = shown.value(node);
                    ui.ctx().copy_text(value);
                } else {
                    self.copy_value(ui.ctx(), node);
                }
            }
            Some(TreeWish::CopyPair(node)) => ui.ctx().copy_text(shown.pair(node)),
            Some(TreeWish::Only(node)) => {
                self.action = shown.filter(node, false).map(ValueAction::Narrow);
            }
            Some(TreeWish::Without(node)) => {
                self.action = shown.filter(node, true).map(ValueAction::Narrow);
            }
            Some(TreeWish::FindNext(node)) => {
                self.action = shown.filter(node, false).map(ValueAction::FindNext);
            }
            Some(TreeWish::ShowColumn(node)) => {
                let path = shown.outline.path(shown.text, node);
                self.action = Some(ValueAction::ShowColumn(path));
            }
            Some(TreeWish::LatestBy(node)) => {
                let path = shown.outline.path(shown.text, node);
                self.action = Some(ValueAction::LatestBy(path));
            }
            Some(TreeWish::Plot(node)) => {
                self.action = shown.plottable_path(node).map(ValueAction::Plot);
            }
            Some(TreeWish::PlotOfKey(node)) => {
                self.action = shown.plottable_path(node).map(ValueAction::PlotOfKey);
            }
            Some(TreeWish::AddToPlot(node)) => {
                self.action = shown.plottable_path(node).map(ValueAction::AddToPlot);
            }
            Some(TreeWish::CheckSequence(node)) => {
                let path = shown.plottable_path(node);
                self.action = path.map(ValueAction::CheckSequence);
            }
            // The next pass decodes the selected value and has the tab.
            Some(TreeWish::ShowDecoded(node)) => {
                tree.chosen = Some(node);
                self.tab = InspectorTab::Decoded;
                ui.ctx().request_repaint();
            }
            None => {}
        }
    }

    /// Copies a large value on another thread.
    fn copy_value(&mut self, ctx: &Context, node: usize) {
        let Some((_, shown)) = self.chosen.as_mut().and_then(Chosen::tree) else {
            return;
        };
        let range = shown.outline.range(shown.text, node);
        let is_string = shown.is_string(node);
        let Some(chosen) = &self.chosen else {
            return;
        };
        // The value is read again from the bytes, because the tree is not available to the other thread.
        let content = chosen.content.clone();
        self.copy(ctx, range.len() as u64, move || {
            let written = String::from_utf8_lossy(&content.bytes()[range]).into_owned();
            if is_string {
                feedscope_core::payload::json::unescaped(&written)
            } else {
                written
            }
        });
    }

    /// Draws the payload as text.
    fn text(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let id = InspectorTab::Text.id(pane);
        let content = chosen.content.clone();
        let wish = show_text(
            ui,
            id,
            rect,
            &mut chosen.text,
            &content,
            &self.signs,
            Ink::Plain,
        );
        self.copy_part(ui.ctx(), content, wish);
    }

    /// Draws the payload as a hexadecimal dump.
    fn hex(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let id = InspectorTab::Hex.id(pane);
        // The dump shows the bytes before the decoders.
        let content = chosen.received.clone();
        let wish = show_hex(ui, id, rect, &mut chosen.hex, &content);
        self.copy_dump(ui.ctx(), content, wish);
    }

    /// Draws the differences from the previous record of the same type.
    fn diff(&mut self, ui: &Ui, pane: PaneId, rect: Rect, zone: &TimeZone) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let sentence = match chosen.previous.get() {
            None => words::LOOKING_BACK.to_owned(),
            Some(None) => words::NO_PREVIOUS.to_owned(),
            Some(Some(previous)) => words::compared_with(previous, &chosen.record, zone),
        };
        let (line, below) = first_line(rect);
        let id = InspectorTab::Diff.id(pane);
        show_sentence(ui, id.with("what"), line, &sentence);
        let record = &chosen.record;
        let bytes = record.payload().len() as u64;
        let is_known = matches!(chosen.previous.get(), Some(Some(_)));
        // The sheet is taken out, because the difference borrows `chosen`.
        let mut sheet = std::mem::take(&mut chosen.diff);
        let mut wish = None;
        match chosen.difference() {
            _ if !is_known => {}
            None => show_sentence(ui, id, below, &words::reading(bytes)),
            Some(None) => show_sentence(ui, id, below, &words::too_large_to_compare()),
            Some(Some(diff)) if diff.is_equal() => {
                show_sentence(ui, id, below, words::NOTHING_CHANGED);
            }
            Some(Some(diff)) => {
                let ink = Ink::Diff(&diff.lines, &diff.marked);
                let content = &diff.content;
                wish = show_text(ui, id, below, &mut sheet, content, &self.signs, ink)
                    .map(|range| (content.clone(), range));
            }
        }
        chosen.diff = sheet;
        if let Some((content, range)) = wish {
            self.copy_part(ui.ctx(), content, Some(range));
        }
    }

    /// Draws the bytes of a base64 value as text or as a dump.
    fn decoded(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let of = chosen.decoded.of;
        let path = chosen
            .tree()
            .zip(of)
            .map(|((_, shown), node)| shown.outline.path(shown.text, node));
        let Some(Some(decoded)) = chosen.decoded.result.get() else {
            return;
        };
        let (content, is_text) = (decoded.content.clone(), decoded.is_text);
        let (line, below) = first_line(rect);
        let bytes = content.bytes().len() as u64;
        let id = InspectorTab::Decoded.id(pane);
        let sentence = words::decoded_from(path.as_deref(), bytes, is_text);
        show_sentence(ui, id, line, &sentence);
        let sheet = &mut chosen.decoded.sheet;
        if is_text {
            let wish = show_text(ui, id, below, sheet, &content, &self.signs, Ink::Plain);
            self.copy_part(ui.ctx(), content, wish);
        } else {
            let wish = show_hex(ui, id, below, sheet, &content);
            self.copy_dump(ui.ctx(), content, wish);
        }
    }

    /// Copies a part of a text.
    fn copy_part(&mut self, ctx: &Context, content: Content, range: Option<std::ops::Range<u64>>) {
        let Some(range) = range else {
            return;
        };
        let range = range.start as usize..range.end as usize;
        self.copy(ctx, range.len() as u64, move || {
            String::from_utf8_lossy(&content.bytes()[range]).into_owned()
        });
    }

    /// Copies a part of a dump.
    fn copy_dump(&mut self, ctx: &Context, content: Content, range: Option<std::ops::Range<u64>>) {
        let Some(range) = range else {
            return;
        };
        self.copy(ctx, range.end - range.start, move || {
            feedscope_core::payload::hex::dump(content.bytes(), range)
        });
    }

    /// Handles the upper edge, which the user drags to change the height.
    fn edge(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let grip = Rect::from_min_size(rect.min - vec2(0.0, 3.0), vec2(rect.width(), 6.0));
        let response = ui.interact(grip, Id::unique(("inspector edge", pane)), Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Inspector height"));
        if response.dragged() {
            self.set_height(self.height - response.drag_delta().y);
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
    }
}

/// Draws a text. Returns the range to copy, if the user copies.
fn show_text(
    ui: &Ui,
    id: Id,
    rect: Rect,
    sheet: &mut TextSheet,
    content: &Content,
    signs: &Signs,
    ink: Ink<'_>,
) -> Option<std::ops::Range<u64>> {
    let width = rect.width() - scroll_bar::WIDTH;
    // Rows are computed from the widths of characters, without laying out the text.
    let other = |sign| signs.of(ui, sign).width;
    let ascii = column(ui);
    let wraps = wraps(ui.ctx());
    let rows = if wraps {
        TextRows::wrapped(width, ascii, &other)
    } else {
        TextRows::unwrapped(ascii, &other)
    };
    let lines = TextLines {
        bytes: content.bytes(),
        rows,
        signs,
        ink,
        cut: (!wraps).then_some(width),
    };
    sheet.show(ui, id, rect, &lines)
}

/// Draws bytes. Returns the range whose dump the user copies.
fn show_hex(
    ui: &Ui,
    id: Id,
    rect: Rect,
    sheet: &mut TextSheet,
    content: &Content,
) -> Option<std::ops::Range<u64>> {
    let rows = HexRows {
        bytes: content.bytes(),
        column: column(ui),
    };
    sheet.show(ui, id, rect, &rows)
}

/// Returns the width of a printable ASCII character in the payload's font.
fn column(ui: &Ui) -> f32 {
    ui.ctx()
        .fonts_mut(|fonts| fonts.glyph_width(&font::mono(), '0'))
}

/// Splits an area into a line for a sentence and the rest.
fn first_line(rect: Rect) -> (Rect, Rect) {
    let line = rect.with_max_y(rect.top() + size::LINE);
    (line, rect.with_min_y(line.bottom() + 2.0))
}

/// Draws a sentence in one line at the top of `rect`.
fn show_sentence(ui: &Ui, id: Id, rect: Rect, sentence: &str) {
    let palette = Palette::of(ui);
    let line = rect.with_max_y(rect.top() + size::LINE);
    let galley = cut(ui, sentence, font::label(), palette.dim, line.width());
    let response = ui.interact(line, id.with("says"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, sentence));
    paint_left(ui, line.left(), line.center().y, galley);
}

/// Returns true if long lines are wrapped. The setting applies to the whole window until the end of the run.
fn wraps(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(Id::unique("inspector wraps")))
        .unwrap_or(true)
}

/// Sets the wrapping of long lines.
fn set_wraps(ctx: &Context, wraps: bool) {
    ctx.data_mut(|data| data.insert_temp(Id::unique("inspector wraps"), wraps));
}
