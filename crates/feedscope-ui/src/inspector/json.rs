//! Foldable tree of a JSON payload. Values keep their original notation. Only the rows in sight are processed, so that
//! the cost does not depend on their total number.

mod folds;
mod keys;
mod line;
mod shown;

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use feedscope_analysis::filter::ColumnValue;
use feedscope_core::payload::base64_text;
use feedscope_core::payload::json::{Shape, unescaped};

use crate::plot::drag_number;
use crate::theme::size;
use crate::widgets::menu::KeyMenu;
use crate::widgets::scroll_bar;
use folds::Folds;
pub(super) use shown::{CurrentMatch, ShownTree};

/// Height of a row in points.
const ROW: f32 = size::LINE;

/// State of a tree: folded values, selection and position.
#[derive(Default)]
pub(super) struct JsonTree {
    /// Folded values.
    folds: Folds,
    /// Selected value, which receives the keys.
    pub(super) chosen: Option<usize>,
    /// Topmost row in sight, with its fraction.
    top: f64,
    /// The selected value must become visible in the next pass.
    reveal: bool,
    /// Value with a match that must become visible in the next pass.
    sought: Option<usize>,
    /// All rows were visible in the last pass, with their whole values.
    shows_all: bool,
    /// Menu of a value that a key has opened.
    menu: Option<KeyMenu<usize>>,
}

/// Request about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TreeWish {
    /// Copies the value. A string is copied without quotation marks and escapes.
    CopyValue(usize),
    /// Copies the path to the value.
    CopyPath(usize),
    /// Copies the key and the value: `price: 42.25`.
    CopyPair(usize),
    /// Shows only records with this value.
    Only(usize),
    /// Hides records with this value.
    Without(usize),
    /// Finds the next record with this value.
    FindNext(usize),
    /// Shows the field as a column of the rows.
    ShowColumn(usize),
    /// Adds the field to the plot, or removes it if it is there.
    TogglePlot(usize),
    /// Plots the field of the records with the same key as this one.
    PlotOfKey(usize),
    /// Plots the field in place of other numbers.
    PlotOnly(usize),
    /// Shows the newest values by the field.
    LatestBy(usize),
    /// Check that this number counts up by one.
    CheckSequence(usize),
    /// Shows the decoded base64 of the value.
    ShowDecoded(usize),
}

impl ShownTree<'_> {
    /// Returns the first value that has a row. A root with members has none, because its members are the first rows.
    fn first(&self) -> usize {
        usize::from(self.outline.node(0).next > 1)
    }

    /// Returns the text of a value. A string is returned without quotation marks and escapes.
    pub(super) fn value(&self, node: usize) -> String {
        let written = String::from_utf8_lossy(self.written(node));
        match self.outline.node(node).shape {
            Shape::String => unescaped(&written),
            _ => written.into_owned(),
        }
    }

    /// Returns the filter for records with this value, or with another one if `not`. Objects and arrays have none.
    pub(super) fn filter(&self, node: usize, not: bool) -> Option<String> {
        /// Maximum length of a value in a filter, in bytes.
        const LONGEST: usize = 1_024;
        let is_whole = matches!(
            self.outline.node(node).shape,
            Shape::Object(_) | Shape::Array(_)
        );
        let written = self.written(node);
        if is_whole || written.len() > LONGEST {
            return None;
        }
        let path = self.outline.path(self.text, node);
        let operator = if not { "!=" } else { "==" };
        let value = String::from_utf8_lossy(written);
        Some(format!("{path} {operator} {value}"))
    }

    /// Returns the name of a value and the value: `price: 42.25`.
    pub(super) fn pair(&self, node: usize) -> String {
        let path = self.outline.path(self.text, node);
        let key = path.rsplit('.').next().unwrap_or(&path);
        format!("{key}: {}", self.value(node))
    }

    /// Returns true if a value is a number, also as decimal text.
    fn is_plottable(&self, node: usize) -> bool {
        match self.outline.node(node).shape {
            Shape::Number => true,
            Shape::String => ColumnValue::Text(self.value(node)).is_number(),
            _ => false,
        }
    }

    /// Returns the path of a value that is a number.
    pub(super) fn plottable_path(&self, node: usize) -> Option<String> {
        let is_plottable = self.is_plottable(node);
        is_plottable.then(|| self.outline.path(self.text, node))
    }

    /// Describes the kind of a value, or returns the value itself if it is `true`, `false` or `null`.
    pub(super) fn what(&self, node: usize) -> String {
        match self.outline.node(node).shape {
            Shape::Number => "a number".to_owned(),
            Shape::String => "a text".to_owned(),
            Shape::Object(_) => "an object".to_owned(),
            Shape::Array(_) => "an array".to_owned(),
            Shape::Literal => self.value(node),
        }
    }

    /// Returns true if a value is a string.
    pub(super) fn is_string(&self, node: usize) -> bool {
        self.outline.node(node).shape == Shape::String
    }

    /// Returns true if a value is a string whose beginning looks like base64.
    pub(super) fn may_be_base64(&self, node: usize) -> bool {
        /// Number of bytes to examine, because decoding a long string takes too long.
        const LOOKED_AT: usize = 4_096;
        let inner = match self.written(node) {
            [b'"', inner @ .., b'"'] if self.is_string(node) => inner,
            _ => return false,
        };
        // JSON may escape the slash, which belongs to base64's alphabet.
        let beginning = unescaped(&String::from_utf8_lossy(
            &[b"\"", &inner[..inner.len().min(LOOKED_AT)], b"\""].concat(),
        ));
        // The beginning of a long string is cut to whole groups of four characters.
        let whole_groups = if inner.len() > LOOKED_AT {
            beginning.len() / 4 * 4
        } else {
            beginning.len()
        };
        base64_text::decoded(&beginning.as_bytes()[..whole_groups]).is_some()
    }

    /// Returns the value in its original notation.
    fn written(&self, node: usize) -> &[u8] {
        &self.text[self.outline.range(self.text, node)]
    }
}

impl JsonTree {
    /// Returns the number of rows that are not hidden by folds.
    fn rows(&self, shown: &ShownTree<'_>) -> usize {
        shown.outline.len() - shown.first() - self.folds.hidden()
    }

    /// Returns the value in a row.
    fn node(&self, shown: &ShownTree<'_>, row: usize) -> usize {
        self.folds.node(row + shown.first())
    }

    /// Returns the row of a value.
    fn row(&self, shown: &ShownTree<'_>, node: usize) -> usize {
        self.folds.row(node).saturating_sub(shown.first())
    }

    /// Folds or unfolds a value that has members.
    fn toggle(&mut self, shown: &ShownTree<'_>, node: usize) {
        let next = shown.outline.node(node).next;
        if next > node + 1 {
            self.folds.toggle(node, next);
        }
    }

    /// Makes a value visible in the next pass, also if it is folded away.
    pub(super) fn seek(&mut self, node: usize) {
        self.sought = Some(node);
    }

    /// Returns true if all values were visible in the last pass.
    pub(super) fn shows_all(&self) -> bool {
        self.shows_all
    }

    /// Unfolds the objects and arrays around the requested value, and scrolls to it unless it is visible.
    fn show_sought(&mut self, shown: &ShownTree<'_>, fitting: f64) {
        let Some(node) = self.sought.take() else {
            return;
        };
        let mut holder = shown.outline.parent(node);
        while let Some(folded) = holder {
            if self.folds.is_folded(folded) {
                self.toggle(shown, folded);
            }
            holder = shown.outline.parent(folded);
        }
        let row = self.row(shown, node) as f64;
        if row < self.top || row + 1.0 > self.top + fitting {
            // A third of the page shows what is above it.
            self.top = (row - (fitting / 3.0).floor()).max(0.0);
        }
    }

    /// Opens the menu of the selected value in the next pass.
    pub(super) fn open_menu(&mut self) {
        self.menu = self.chosen.map(KeyMenu::requested);
    }

    /// Draws the tree and handles pointer and keys.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        id: Id,
        rect: Rect,
        shown: &ShownTree<'_>,
    ) -> Option<TreeWish> {
        let page = rect.with_max_x(rect.right() - scroll_bar::WIDTH);
        let response = ui.interact(page, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, "JSON"));
        if response.clicked_elsewhere() && response.has_focus() {
            response.surrender_focus();
        }
        // A low pane may have no room for a whole row.
        let fitting = f64::from(rect.height() / ROW).max(1.0);
        let mut wish = self.keys(ui, id, shown, fitting);
        self.scroll(ui, id, rect, shown, fitting);
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(page)
                .id_salt(id)
                .accessibility_parent(id),
        );
        child.set_clip_rect(ui.clip_rect().intersect(page));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let rows = self.rows(shown);
        let scale = ui.ctx().pixels_per_point();
        // The loop ends at the lower edge, so that its length does not depend on the number of rows.
        for row in self.top as usize..rows {
            let y = page.top() + ((row as f64 - self.top) * f64::from(ROW)) as f32;
            if y >= page.bottom() {
                break;
            }
            let y = (y * scale).round() / scale;
            let place = Rect::from_min_size(pos2(page.left(), y), vec2(page.width(), ROW));
            let node = self.node(shown, row);
            let is_chosen = self.chosen == Some(node);
            let drawn = line::TreeLine {
                node,
                rect: place,
                folded: self.folds.is_folded(node),
                chosen: is_chosen && focused,
                selected: is_chosen,
                row,
                rows,
            };
            let (line, is_cut) = drawn.show(&child, id, shown);
            self.shows_all &= !is_cut;
            drag_number(&line, || shown.plottable_path(node));
            if is_chosen {
                let line = line.id.accesskit_id();
                let describe = |node: &mut egui::accesskit::Node| node.set_active_descendant(line);
                ui.ctx().accesskit_node_builder(id, describe);
            }
            wish = self.menu_of(id, &line, shown, node).or(wish);
            if line.clicked() || line.secondary_clicked() {
                self.chosen = Some(node);
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            if line.clicked() {
                self.toggle(shown, node);
                // The rows below have moved, so that they are drawn in the next pass.
                ui.ctx().request_repaint();
                break;
            }
        }
        wish
    }

    /// Handles the wheel and the scroll bar, and makes the selected value visible.
    fn scroll(&mut self, ui: &Ui, id: Id, rect: Rect, shown: &ShownTree<'_>, fitting: f64) {
        self.show_sought(shown, fitting);
        let rows = self.rows(shown) as f64;
        let lowest = (rows - fitting).max(0.0);
        if ui.rect_contains_pointer(rect) {
            let moved = ui.input(|input| input.smooth_scroll_delta().y);
            self.top -= f64::from(moved / ROW);
        }
        // The shortest distance that makes the whole row visible.
        if let Some(chosen) = self.chosen.filter(|_| std::mem::take(&mut self.reveal)) {
            let row = self.row(shown, chosen) as f64;
            self.top = self.top.clamp((row + 1.0 - fitting).max(0.0), row);
        }
        self.top = self.top.clamp(0.0, lowest);
        self.shows_all = lowest <= 0.0;
        if lowest > 0.0 {
            let (share, part) = (fitting / rows, self.top / lowest);
            let bar = id.with("bar");
            if let Some(part) = scroll_bar::show(ui, rect, bar, "Tree position", share, part) {
                self.top = part * lowest;
            }
        }
    }

    /// Draws the context menu of a line.
    fn menu_of(
        &mut self,
        tree: Id,
        line: &Response,
        shown: &ShownTree<'_>,
        node: usize,
    ) -> Option<TreeWish> {
        let at = line.rect.left_bottom() + vec2(24.0, 0.0);
        KeyMenu::show(&mut self.menu, (line, node), at, tree, |ui| {
            entries(ui, shown, node)
        })
    }
}

/// Draws the entries of the menu of a value.
fn entries(ui: &mut Ui, shown: &ShownTree<'_>, node: usize) -> Option<TreeWish> {
    let mut wish = None;
    let mut item = |text, wished| {
        if ui.button(text).clicked() {
            wish = Some(wished);
            ui.close();
        }
    };
    if shown.filter(node, false).is_some() {
        item("Only this value", TreeWish::Only(node));
        item("Without this value", TreeWish::Without(node));
        item("Find next with this value", TreeWish::FindNext(node));
    }
    if shown.is_plottable(node) {
        let path = shown.outline.path(shown.text, node);
        let is_plotted = shown.plotted.contains(&path);
        let has_others = shown.plotted.len() > usize::from(is_plotted);
        let plot = match (is_plotted, has_others) {
            (true, _) => "Remove from the plot",
            (false, true) => "Add to plot",
            (false, false) => "Plot",
        };
        item(plot, TreeWish::TogglePlot(node));
        if has_others {
            item("Plot only this number", TreeWish::PlotOnly(node));
        }
        item("Plot of the same key", TreeWish::PlotOfKey(node));
        item(
            "Report holes in this sequence",
            TreeWish::CheckSequence(node),
        );
    }
    item("Show as column", TreeWish::ShowColumn(node));
    item("Latest by this field", TreeWish::LatestBy(node));
    item("Copy value", TreeWish::CopyValue(node));
    item("Copy key and value", TreeWish::CopyPair(node));
    item("Copy path", TreeWish::CopyPath(node));
    if shown.may_be_base64(node) {
        item("Show decoded", TreeWish::ShowDecoded(node));
    }
    wish
}
