//! Drawing of one line of a tree: the name, the value, and additional information about the value.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Id, Rect, Response, Sense, Ui, WidgetInfo, pos2};
use feedscope_analysis::look_back::ChangedNumbers;
use feedscope_core::payload::json::{Name, Outline, Shape, unescaped};

use super::ShownTree;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{one_line, paint_left};
use crate::words;

/// Indentation of a value relative to its parent, in points.
const INDENT: f32 = 14.0;
/// Maximum depth of the indentation. Deeper values would leave the window.
const DEEPEST: u32 = 40;
/// Maximum bytes of a value that are laid out. Copying takes the whole value.
const VALUE_BYTES: usize = 4_096;
/// Maximum bytes of a key that are laid out.
const KEY_BYTES: usize = 512;

/// Line of a tree.
pub(super) struct TreeLine {
    pub(super) node: usize,
    pub(super) rect: Rect,
    pub(super) folded: bool,
    /// The line is drawn as the selected one, because the tree has the focus.
    pub(super) chosen: bool,
    /// The value is the selected one, also without the focus.
    pub(super) selected: bool,
    /// Number of the row among all rows that are not folded away.
    pub(super) row: usize,
    /// Number of these rows.
    pub(super) rows: usize,
}

impl TreeLine {
    /// Draws the line. Returns true beside the response if there was no room for the whole value.
    pub(super) fn show(&self, ui: &Ui, tree: Id, shown: &ShownTree<'_>) -> (Response, bool) {
        let Self {
            node: number, rect, ..
        } = *self;
        let palette = Palette::of(ui);
        let node = shown.outline.node(number);
        let seen = rect.intersect(ui.clip_rect());
        let response = ui.interact(seen, tree.with(number), Sense::CLICK | Sense::DRAG);
        let name = name_of(shown, number);
        let value = value_of(shown, number);
        let dim = palette.dim_in_row(self.chosen);
        let (beside, color) = beside(palette, dim, shown, number).unwrap_or_default();
        response.widget_info(|| {
            let text = format!("{name}: {value} {beside}");
            WidgetInfo::labeled(Role::TreeItem, true, text.trim_end())
        });
        ui.ctx().accesskit_node_builder(response.id, |item| {
            item.set_selected(self.selected);
            item.set_position_in_set(self.row + 1);
            item.set_size_of_set(self.rows);
            item.set_level((node.depth - shown.first() as u32 + 1) as usize);
            if node.next > number + 1 {
                item.set_expanded(!self.folded);
            }
        });
        if self.chosen {
            ui.painter()
                .rect_filled(rect, size::RADIUS / 2.0, palette.selection);
        } else if shown.current.is_some_and(|current| current.node == number) {
            let ground = palette.found.gamma_multiply(tint::CHANGED_PART);
            ui.painter().rect_filled(rect, 0.0, ground);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, palette.raise);
        }
        // The members of a root without a row have the depth 0.
        let depth = (node.depth - shown.first() as u32).min(DEEPEST);
        let left = rect.left() + depth as f32 * INDENT;
        if node.next > number + 1 {
            let shape = if self.folded {
                Icon::Folded
            } else {
                Icon::Unfolded
            };
            let at = pos2(left + 5.0, rect.center().y);
            icon::paint(ui.painter(), shape, at, dim);
        }
        let mut job = LayoutJob::default();
        let format = |color| TextFormat::simple(font::mono(), color);
        let marks = shown.marks;
        marks.append(ui, &mut job, &name, &format(palette.key));
        if node.name != Name::Root {
            job.append(": ", 0.0, format(dim));
        }
        let value_color = match node.shape {
            Shape::String => palette.string,
            Shape::Number | Shape::Literal => palette.number,
            Shape::Object(_) | Shape::Array(_) => dim,
        };
        marks.append(ui, &mut job, &value, &format(value_color));
        if !beside.is_empty() {
            job.append(&beside, 8.0, format(color));
        }
        job.wrap = one_line(rect.right() - left - 20.0);
        let galley = ui.painter().layout_job(job);
        let is_cut = galley.elided;
        paint_left(ui, left + 14.0, rect.center().y, galley);
        (response, is_cut)
    }
}

/// Returns the information beside a value: the change of a number, or the distance of a time from the arrival.
fn beside(
    palette: &Palette,
    dim: Color32,
    shown: &ShownTree<'_>,
    number: usize,
) -> Option<(String, Color32)> {
    match shown.outline.node(number).shape {
        Shape::Number => {
            let ChangedNumbers { since, numbers } = shown.changed?;
            let at = numbers
                .binary_search_by_key(&number, |changed| changed.node)
                .ok()?;
            let change = &numbers[at].change;
            let (arrow, color) = if change.rises {
                ('▲', palette.open)
            } else {
                ('▼', palette.fail)
            };
            let mut text = format!("{arrow} {}", change.by);
            // The record of the comparison is the same for all numbers.
            if at == 0 {
                let before = shown.arrival.map(|arrival| arrival.moment.since(*since));
                text.push_str(&words::since_similar(before));
            }
            Some((text, color))
        }
        Shape::String => {
            let written = std::str::from_utf8(shown.written(number)).ok()?;
            let text = words::against_arrival(written.trim_matches('"'), shown.arrival?.utc)?;
            Some((text, dim))
        }
        _ => None,
    }
}

/// Returns the name of a value: its key or index.
fn name_of(shown: &ShownTree<'_>, number: usize) -> String {
    match shown.outline.node(number).name {
        Name::Root => String::new(),
        Name::Index(index) => index.to_string(),
        Name::Key(start) => {
            // The end of a long key is not searched.
            let near = &shown.text[start..shown.text.len().min(start + KEY_BYTES)];
            match Outline::string_end(near, 0) {
                Some(end) => unescaped(&valid(&near[..end])),
                None => format!("{}…", valid(&near[1..])),
            }
        }
    }
}

/// Returns the beginning of a value in its original notation, or the number of members of an object or array. If the current
/// match is far from the beginning, the part around the match is returned.
fn value_of(shown: &ShownTree<'_>, number: usize) -> String {
    match shown.outline.node(number).shape {
        Shape::Object(count) => format!("{{ {} }}", words::counted(count as u64, "field")),
        Shape::Array(count) => format!("[ {} ]", words::counted(count as u64, "item")),
        _ => {
            /// Distance of a match from the beginning up to which it is probably visible, in bytes.
            const NEAR: usize = 80;
            /// Number of bytes before the match that are shown.
            const BEFORE: usize = 40;
            let written = shown.written(number);
            let of_this = shown.current.filter(|current| current.node == number);
            let distance = of_this.map(|current| {
                let start = shown.outline.node(number).start;
                current.at.saturating_sub(start)
            });
            match distance.filter(|distance| (NEAR..written.len()).contains(distance)) {
                Some(distance) => {
                    let mut from = distance - BEFORE;
                    // Bytes within a character begin with the bits 10.
                    while from < distance && written[from] & 0xc0 == 0x80 {
                        from += 1;
                    }
                    let end = written.len().min(from + VALUE_BYTES);
                    format!("…{}", valid(&written[from..end]))
                }
                None => valid(&written[..written.len().min(VALUE_BYTES)]),
            }
        }
    }
}

/// Returns the valid text at the beginning of bytes that may be cut within a character.
fn valid(bytes: &[u8]) -> String {
    let first = bytes.utf8_chunks().next();
    first.map_or_else(String::new, |chunk| chunk.valid().to_owned())
}
