//! Forms of the selected record: a tree of JSON values, text, a dump, the difference from another record, and the bytes
//! of a decoded value. `copying` prepares a text that the user copies.

use egui::accesskit::Role;
use egui::{Context, Id, Rect, Sense, Ui, WidgetInfo};
use feedscope_analysis::interpret::Content;
use feedscope_core::payload::json::NoOutline;
use feedscope_core::payload::text_rows::TextRows;
use jiff::tz::TimeZone;

use super::copying::COPIED_AT_ONCE;
use super::json::{ShownTree, TreeWish};
use super::matches::MatchedParts;
use super::sheet::{HexRows, Ink, TextLines, TextSheet};
use super::tab::InspectorTab;
use super::{Inspector, ValueAction};
use crate::ids::PaneId;
use crate::payload_text::Signs;
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, paint_left, scroll_bar};
use crate::words;

impl Inspector {
    /// Draws the payload as a tree of JSON values.
    pub(super) fn json(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect, has_times: bool) {
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
        let plotted = &self.plotted;
        let shown = ShownTree {
            plotted,
            arrival: shown.arrival.filter(|_| has_times),
            ..shown
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
            Some(TreeWish::TogglePlot(node)) => {
                let action = shown.plottable_path(node).map(ValueAction::TogglePlot);
                self.action = action.or_else(|| Some(no_number(&shown, node)));
            }
            Some(TreeWish::PlotOfKey(node)) => {
                self.action = shown.plottable_path(node).map(ValueAction::PlotOfKey);
            }
            Some(TreeWish::PlotOnly(node)) => {
                let action = shown.plottable_path(node).map(ValueAction::PlotOnly);
                self.action = action.or_else(|| Some(no_number(&shown, node)));
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

    /// Draws the payload as text.
    pub(super) fn text(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let id = InspectorTab::Text.id(pane);
        let content = chosen.content.clone();
        let text = TextForm {
            content: &content,
            signs: &self.signs,
            ink: Ink::Plain,
            matched: chosen.matches.parts(),
        };
        let wish = text.show(ui, id, rect, &mut chosen.text);
        self.copy_part(ui.ctx(), content, wish);
    }

    /// Draws the payload as a hexadecimal dump.
    pub(super) fn hex(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let Some(chosen) = &mut self.chosen else {
            return;
        };
        let id = InspectorTab::Hex.id(pane);
        // The dump shows the bytes before the decoders.
        let content = chosen.received.clone();
        let wish = show_hex(ui, id, rect, &mut chosen.hex, &content);
        self.copy_dump(ui.ctx(), content, wish);
    }

    /// Draws the differences from the previous record of the same type. Without a zone, the records have no times.
    pub(super) fn diff(&mut self, ui: &Ui, pane: PaneId, rect: Rect, zone: Option<&TimeZone>) {
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
                let text = TextForm {
                    content,
                    signs: &self.signs,
                    ink,
                    matched: None,
                };
                let copied = text.show(ui, id, below, &mut sheet);
                wish = copied.map(|range| (content.clone(), range));
            }
        }
        chosen.diff = sheet;
        if let Some((content, range)) = wish {
            self.copy_part(ui.ctx(), content, Some(range));
        }
    }

    /// Draws the bytes of a base64 value as text or as a dump.
    pub(super) fn decoded(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
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
            let text = TextForm {
                content: &content,
                signs: &self.signs,
                ink: Ink::Plain,
                matched: None,
            };
            let wish = text.show(ui, id, below, sheet);
            self.copy_part(ui.ctx(), content, wish);
        } else {
            let wish = show_hex(ui, id, below, sheet, &content);
            self.copy_dump(ui.ctx(), content, wish);
        }
    }
}

/// Returns the message about a value that is no number and was to be plotted.
fn no_number(shown: &ShownTree<'_>, node: usize) -> ValueAction {
    let path = shown.outline.path(shown.text, node);
    ValueAction::Explain(words::not_plottable(&path, &shown.what(node)))
}

/// Text to draw, with its colors and marks.
struct TextForm<'a> {
    content: &'a Content,
    signs: &'a Signs,
    ink: Ink<'a>,
    /// Matches to mark.
    matched: Option<&'a MatchedParts>,
}

impl TextForm<'_> {
    /// Draws the text. Returns the range to copy, if the user copies.
    fn show(
        &self,
        ui: &Ui,
        id: Id,
        rect: Rect,
        sheet: &mut TextSheet,
    ) -> Option<std::ops::Range<u64>> {
        let width = rect.width() - scroll_bar::WIDTH;
        // Rows are computed from the widths of characters, without laying out the text.
        let other = |sign| self.signs.of(ui, sign).width;
        let ascii = column(ui);
        let wraps = wraps(ui.ctx());
        let rows = if wraps {
            TextRows::wrapped(width, ascii, &other)
        } else {
            TextRows::unwrapped(ascii, &other)
        };
        let lines = TextLines {
            bytes: self.content.bytes(),
            rows,
            signs: self.signs,
            ink: self.ink,
            matched: self.matched,
            cut: (!wraps).then_some(width),
        };
        sheet.show(ui, id, rect, &lines)
    }
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
pub(super) fn wraps(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(Id::unique("inspector wraps")))
        .unwrap_or(true)
}

/// Sets the wrapping of long lines.
pub(super) fn set_wraps(ctx: &Context, wraps: bool) {
    ctx.data_mut(|data| data.insert_temp(Id::unique("inspector wraps"), wraps));
}
