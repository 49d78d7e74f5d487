//! A JSON payload as a tree that folds. Values stay as they were written; only the rows in sight are looked at, however
//! many there are.

mod folds;
mod keys;
mod line;

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use feedscope_core::Timestamp;
use feedscope_core::payload::base64_text;
use feedscope_core::payload::json::{Changed, Outline, Shape, unescaped};

use super::super::theme::size;
use super::super::widgets::scroll_bar;
use folds::Folds;

/// The height of a row.
const ROW: f32 = size::LINE;

/// What is drawn as a tree.
pub(super) struct Shown<'a> {
    pub(super) outline: &'a Outline,
    pub(super) text: &'a [u8],
    /// When the record arrived: times in it are told against that.
    pub(super) arrival: Timestamp,
    /// How numbers differ from those of the last record about the same thing.
    pub(super) changed: &'a [Changed],
}

/// What of a tree is folded, chosen and in sight.
#[derive(Default)]
pub(super) struct JsonTree {
    folds: Folds,
    /// The value that the keyboard is on.
    pub(super) chosen: Option<usize>,
    /// The topmost row in sight, with its fraction.
    top: f64,
    /// The chosen value is brought into sight.
    reveal: bool,
}

/// What is wanted of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TreeWish {
    /// Its text; of a string what it says.
    CopyValue(usize),
    /// The path to it.
    CopyPath(usize),
    /// What its base64 stands for.
    ShowDecoded(usize),
}

impl Shown<'_> {
    /// The whole is told by the headline already, so its members are the first rows.
    fn first(&self) -> usize {
        usize::from(self.outline.node(0).next > 1)
    }

    /// A value's text; of a string what it says.
    pub(super) fn value(&self, node: usize) -> String {
        let written = String::from_utf8_lossy(self.written(node));
        match self.outline.node(node).shape {
            Shape::String => unescaped(&written),
            _ => written.into_owned(),
        }
    }

    pub(super) fn is_string(&self, node: usize) -> bool {
        self.outline.node(node).shape == Shape::String
    }

    /// Whether a value is a string that looks like base64, by its beginning.
    pub(super) fn may_be_base64(&self, node: usize) -> bool {
        const LOOKED_AT: usize = 4_096;
        let inner = match self.written(node) {
            [b'"', inner @ .., b'"'] if self.is_string(node) => inner,
            _ => return false,
        };
        // Escaped slashes are as good as plain ones.
        let beginning = unescaped(&String::from_utf8_lossy(
            &[b"\"", &inner[..inner.len().min(LOOKED_AT)], b"\""].concat(),
        ));
        let whole_groups = if inner.len() > LOOKED_AT {
            beginning.len() / 4 * 4
        } else {
            beginning.len()
        };
        base64_text::decoded(&beginning.as_bytes()[..whole_groups]).is_some()
    }

    fn written(&self, node: usize) -> &[u8] {
        &self.text[self.outline.range(self.text, node)]
    }
}

impl JsonTree {
    fn rows(&self, shown: &Shown<'_>) -> usize {
        shown.outline.len() - shown.first() - self.folds.hidden()
    }

    fn node(&self, shown: &Shown<'_>, row: usize) -> usize {
        self.folds.node(row + shown.first())
    }

    fn row(&self, shown: &Shown<'_>, node: usize) -> usize {
        self.folds.row(node).saturating_sub(shown.first())
    }

    fn toggle(&mut self, shown: &Shown<'_>, node: usize) {
        let next = shown.outline.node(node).next;
        if next > node + 1 {
            self.folds.toggle(node, next);
        }
    }

    /// Draws it and obeys pointer and keys.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        id: Id,
        rect: Rect,
        shown: &Shown<'_>,
    ) -> Option<TreeWish> {
        let page = rect.with_max_x(rect.right() - scroll_bar::WIDTH);
        let response = ui.interact(page, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, "JSON"));
        if response.clicked_elsewhere() && response.has_focus() {
            response.surrender_focus();
        }
        let fitting = f64::from(rect.height() / ROW);
        let mut wish = self.keys(ui, id, shown, fitting);
        self.scroll(ui, id, rect, shown, fitting);
        let mut child = ui.new_child(UiBuilder::new().max_rect(page).id_salt(id));
        child.set_clip_rect(ui.clip_rect().intersect(page));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let rows = self.rows(shown);
        let scale = ui.ctx().pixels_per_point();
        for row in self.top as usize..rows {
            let y = page.top() + ((row as f64 - self.top) * f64::from(ROW)) as f32;
            if y >= page.bottom() {
                break;
            }
            let y = (y * scale).round() / scale;
            let place = Rect::from_min_size(pos2(page.left(), y), vec2(page.width(), ROW));
            let node = self.node(shown, row);
            let is_chosen = self.chosen == Some(node);
            let drawn = line::Line {
                node,
                rect: place,
                folded: self.folds.is_folded(node),
                chosen: is_chosen && focused,
            };
            let line = drawn.show(&child, id, shown);
            wish = menu(&line, shown, node).or(wish);
            if line.clicked() || line.secondary_clicked() {
                self.chosen = Some(node);
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            if line.clicked() {
                self.toggle(shown, node);
                // What is below moves: it is drawn in its new place in the next pass.
                ui.ctx().request_repaint();
                break;
            }
        }
        wish
    }

    /// The wheel, the bar, and bringing the chosen value into sight.
    fn scroll(&mut self, ui: &Ui, id: Id, rect: Rect, shown: &Shown<'_>, fitting: f64) {
        let rows = self.rows(shown) as f64;
        let lowest = (rows - fitting).max(0.0);
        if ui.rect_contains_pointer(rect) {
            let moved = ui.input(|input| input.smooth_scroll_delta().y);
            self.top -= f64::from(moved / ROW);
        }
        if let Some(chosen) = self.chosen.filter(|_| std::mem::take(&mut self.reveal)) {
            let row = self.row(shown, chosen) as f64;
            self.top = self.top.clamp((row + 1.0 - fitting).max(0.0), row);
        }
        self.top = self.top.clamp(0.0, lowest);
        if lowest > 0.0 {
            let (share, part) = (fitting / rows, self.top / lowest);
            let bar = id.with("bar");
            if let Some(part) = scroll_bar::show(ui, rect, bar, "Tree position", share, part) {
                self.top = part * lowest;
            }
        }
    }
}

fn menu(line: &Response, shown: &Shown<'_>, node: usize) -> Option<TreeWish> {
    let mut wish = None;
    line.context_menu(|ui| {
        let mut item = |text, wished| {
            if ui.button(text).clicked() {
                wish = Some(wished);
                ui.close();
            }
        };
        item("Copy value", TreeWish::CopyValue(node));
        item("Copy path", TreeWish::CopyPath(node));
        if shown.may_be_base64(node) {
            item("Show decoded", TreeWish::ShowDecoded(node));
        }
    });
    wish
}
