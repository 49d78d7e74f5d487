//! A JSON payload as a tree that folds. Values stay as they were written; only the lines in sight are laid out.

use std::collections::HashSet;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Id, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use feedscope_core::payload::json::{Name, Node, Outline, Shape, unescaped};

use super::super::PaneId;
use super::super::payload_text::append_line;
use super::super::theme::{Palette, font};
use super::super::widgets::icon::{self, Icon};
use super::super::widgets::{one_line, paint_left};

/// The height of a line.
const LINE: f32 = 19.0;
/// How far a value stands in from the one that holds it.
const INDENT: f32 = 14.0;
/// A value longer than this is cut before it is laid out; copying takes all of it.
const VALUE_BYTES: usize = 4_096;

/// A payload's outline and what of it is folded.
pub(super) struct JsonTree {
    outline: Outline,
    folded: HashSet<usize>,
    /// The nodes that are not inside a folded one, in order.
    shown: Vec<usize>,
}

impl JsonTree {
    /// The tree of a text; `None` where it is no JSON.
    pub(super) fn of(text: &str) -> Option<Self> {
        let outline = Outline::of(text).ok()?;
        let mut tree = Self {
            outline,
            folded: HashSet::new(),
            shown: Vec::new(),
        };
        tree.list();
        Some(tree)
    }

    fn node(&self, number: usize) -> Node {
        self.outline.node(number)
    }

    /// The whole is told by the headline already, so its members are the first lines.
    fn has_members(&self) -> bool {
        self.node(0).next > 1
    }

    fn list(&mut self) {
        self.shown.clear();
        let mut number = usize::from(self.has_members());
        while number < self.outline.len() {
            self.shown.push(number);
            number = if self.folded.contains(&number) {
                self.node(number).next
            } else {
                number + 1
            };
        }
    }

    fn toggle(&mut self, number: usize) {
        if !self.folded.remove(&number) {
            self.folded.insert(number);
        }
        self.list();
    }

    pub(super) fn show(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect, text: &str) {
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("json", pane)));
        child.set_clip_rect(ui.clip_rect().intersect(rect));
        child.spacing_mut().item_spacing.y = 0.0;
        let mut toggled = None;
        ScrollArea::vertical()
            .id_salt(("json tree", pane))
            .auto_shrink(false)
            .show_rows(&mut child, LINE, self.shown.len(), |ui, range| {
                for &number in &self.shown[range] {
                    let (line, _) =
                        ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
                    if self.line(ui, pane, line, number, text) {
                        toggled = Some(number);
                    }
                }
            });
        if let Some(number) = toggled {
            self.toggle(number);
        }
    }

    /// Draws a line; returns whether it is to be folded or unfolded.
    fn line(&self, ui: &Ui, pane: PaneId, rect: Rect, number: usize, text: &str) -> bool {
        let palette = Palette::of(ui);
        let node = self.node(number);
        let foldable = node.next > number + 1;
        let folded = self.folded.contains(&number);
        let response = ui.interact(rect, Id::unique(("json line", pane, number)), Sense::CLICK);
        let name = self.name_of(number, text);
        response.widget_info(|| {
            WidgetInfo::labeled(
                Role::TreeItem,
                true,
                format!("{name}: {}", self.value_of(number, text)),
            )
        });
        if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, palette.raise);
        }
        let depth = node.depth - u32::from(self.has_members());
        let left = rect.left() + depth as f32 * INDENT;
        if foldable {
            let shape = if folded { Icon::Folded } else { Icon::Unfolded };
            icon::paint(
                ui.painter(),
                shape,
                pos2(left + 5.0, rect.center().y),
                palette.dim,
            );
        }
        let mut job = LayoutJob::default();
        job.append(&name, 0.0, TextFormat::simple(font::mono(), palette.key));
        if node.name != Name::Root {
            job.append(": ", 0.0, TextFormat::simple(font::mono(), palette.dim));
        }
        let color = match node.shape {
            Shape::String => palette.string,
            Shape::Number | Shape::Literal => palette.number,
            Shape::Object(_) | Shape::Array(_) => palette.faint,
        };
        let format = TextFormat::simple(font::mono(), color);
        append_line(
            ui,
            &mut job,
            &self.value_of(number, text),
            &format,
            palette.faint,
        );
        job.wrap = one_line(rect.right() - left - 20.0);
        paint_left(
            ui,
            left + 14.0,
            rect.center().y,
            ui.painter().layout_job(job),
        );
        self.menu(&response, number, text);
        foldable && response.clicked()
    }

    fn menu(&self, response: &egui::Response, number: usize, text: &str) {
        response.context_menu(|ui| {
            let node = self.node(number);
            let whole = &text[self.outline.range(text.as_bytes(), number)];
            if ui.button("Copy value").clicked() {
                let value = if node.shape == Shape::String {
                    unescaped(whole)
                } else {
                    whole.to_owned()
                };
                ui.ctx().copy_text(value);
                ui.close();
            }
            if ui.button("Copy path").clicked() {
                ui.ctx()
                    .copy_text(self.outline.path(text.as_bytes(), number));
                ui.close();
            }
        });
    }

    fn name_of(&self, number: usize, text: &str) -> String {
        match self.node(number).name {
            Name::Root => String::new(),
            Name::Key(_) => {
                let key = self.outline.key(text.as_bytes(), number);
                unescaped(&text[key.unwrap_or_default()])
            }
            Name::Index(index) => index.to_string(),
        }
    }

    /// A value as it is written, cut; how many values it holds for an object or an array.
    fn value_of(&self, number: usize, text: &str) -> String {
        let counted = |count: usize, noun: &str| {
            format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
        };
        match self.node(number).shape {
            Shape::Object(count) => format!("{{ {} }}", counted(count, "field")),
            Shape::Array(count) => format!("[ {} ]", counted(count, "item")),
            _ => {
                let whole = &text[self.outline.range(text.as_bytes(), number)];
                whole[..whole.floor_char_boundary(VALUE_BYTES)].to_owned()
            }
        }
    }
}
