//! List of suggestions below a text field. The field keeps the focus, and the arrow keys move in the list.

use egui::accesskit::Role;
use egui::{
    Area, Frame, Id, Key, Modifiers, Order, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};

use crate::theme::{Palette, font, size};
use crate::widgets::{cut, cut_middle, describe_option, measured, paint_left, paint_right};
use crate::words;

/// Minimum width of the list in points.
const LEAST_WIDTH: f32 = 260.0;

/// Maximum number of rows in sight.
const MOST_ROWS: f32 = 12.0;

/// Entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suggestion {
    pub(crate) text: String,
    /// Additional text at the right edge, such as a count.
    pub(crate) detail: String,
}

/// State of the list of one field.
#[derive(Default)]
pub(crate) struct Suggestions {
    /// Index of the chosen entry while the list is open.
    chosen: Option<usize>,
    /// The list is shown without a chosen entry while the user types. Enter belongs to the field then.
    is_offered: bool,
    /// Text for which the user has closed the list. Down leaves the field then.
    refused: Option<String>,
    /// The chosen entry must be visible after this pass.
    scrolls: bool,
}

/// Effect of the keys on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SuggestionKey {
    /// The field handles the keys.
    None,
    /// The user accepts the entry with this index.
    Accepted(usize),
}

impl Suggestions {
    /// Returns true while the list is open.
    pub(crate) fn is_open(&self) -> bool {
        self.chosen.is_some()
    }

    /// Returns true while the list is visible, with or without a chosen entry.
    pub(crate) fn is_shown(&self) -> bool {
        self.is_open() || self.is_offered
    }

    /// Opens the list at its first entry.
    pub(crate) fn open(&mut self) {
        self.chosen = Some(0);
        self.refused = None;
        self.scrolls = true;
    }

    /// Closes the list.
    pub(crate) fn close(&mut self) {
        self.chosen = None;
        self.is_offered = false;
    }

    /// Closes the list of a field without the focus. When the focus returns, Down opens it again.
    pub(crate) fn leave(&mut self) {
        self.close();
        self.refused = None;
    }

    /// Shows the list without a chosen entry if it is helpful for `typed`, unless the user has closed it.
    pub(crate) fn offer(&mut self, typed: &str, is_helpful: bool) {
        self.is_offered = is_helpful && self.refused.as_deref() != Some(typed);
    }

    /// Handles the keys of a focused field, before the field does. `count` is the number of entries for `typed`.
    pub(crate) fn keys(&mut self, ui: &Ui, typed: &str, count: usize) -> SuggestionKey {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let Some(chosen) = self.chosen else {
            // Nothing has been typed that would make Down a step out of the field.
            let is_refused = !typed.is_empty() && self.refused.as_deref() == Some(typed);
            if count > 0 && !is_refused && pressed(Key::ArrowDown) {
                self.open();
            } else if self.is_offered && pressed(Key::Escape) {
                self.refused = Some(typed.to_owned());
            }
            return SuggestionKey::None;
        };
        if pressed(Key::Escape) {
            self.chosen = None;
            self.refused = Some(typed.to_owned());
            return SuggestionKey::None;
        }
        let Some(last) = count.checked_sub(1) else {
            // There is nothing to choose any more.
            self.chosen = None;
            return SuggestionKey::None;
        };
        let before = chosen.min(last);
        let mut chosen = before;
        if pressed(Key::ArrowDown) {
            chosen = if chosen == last { 0 } else { chosen + 1 };
        }
        if pressed(Key::ArrowUp) {
            chosen = chosen.checked_sub(1).unwrap_or(last);
        }
        self.scrolls |= chosen != before;
        self.chosen = Some(chosen);
        if pressed(Key::Enter) {
            return SuggestionKey::Accepted(chosen);
        }
        SuggestionKey::None
    }

    /// Draws the list below the field. Without entries, it shows `empty`. Returns the clicked entry.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        (field, rect): (Id, Rect),
        name: &str,
        entries: &[Suggestion],
        empty: &str,
    ) -> Option<usize> {
        let chosen = self.chosen;
        if !self.is_shown() {
            return None;
        }
        let widest = entries.iter().map(|entry| wanted_width(ui, entry));
        let screen = ui.ctx().content_rect();
        let most = (screen.width() - 24.0).min(rect.width().max(560.0));
        let width = widest
            .fold(rect.width().max(LEAST_WIDTH), f32::max)
            .min(most);
        // The list moves to the left if it would leave the window.
        let left = rect.left().min(screen.right() - width - 14.0);
        let list = field.with("suggestions");
        let mut clicked = None;
        let area = Area::new(list)
            .order(Order::Foreground)
            .fixed_pos(pos2(left.max(screen.left() + 4.0), rect.bottom() + 2.0));
        area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).inner_margin(4.0).show(ui, |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
                let below = screen.bottom() - rect.bottom() - 20.0;
                let room = below.clamp(size::ROW * 2.0, size::ROW * MOST_ROWS);
                ScrollArea::vertical()
                    .max_height(room)
                    // The list may be higher than in the last pass, when fewer entries were known.
                    .min_scrolled_height(room)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        let id = ui.unique_id();
                        ui.ctx().accesskit_node_builder(id, |node| {
                            node.set_role(Role::ListBox);
                            node.set_label(name);
                        });
                        if entries.is_empty() {
                            note(ui, empty);
                        }
                        clicked = self.rows(ui, field, chosen, entries);
                    });
                if entries.len() as f32 * size::ROW > room {
                    let count = words::count(entries.len() as u64);
                    note(
                        ui,
                        &format!("{count} entries; the arrow keys show the others"),
                    );
                }
            });
        });
        clicked
    }

    /// Draws the entries. Returns the clicked one.
    fn rows(
        &mut self,
        ui: &mut Ui,
        field: Id,
        chosen: Option<usize>,
        entries: &[Suggestion],
    ) -> Option<usize> {
        let palette = Palette::of(ui);
        let chosen = chosen.map(|chosen| chosen.min(entries.len().saturating_sub(1)));
        let mut clicked = None;
        for (index, entry) in entries.iter().enumerate() {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
            // The field keeps the focus.
            let response = ui.interact(rect, field.with(("suggestion", index)), Sense::CLICK);
            let is_chosen = chosen == Some(index);
            describe_option(&response, (index, entries.len()), is_chosen, || {
                format!("{} {}", entry.text, entry.detail)
            });
            if is_chosen {
                ui.ctx().accesskit_node_builder(field, |node| {
                    node.set_active_descendant(response.id.accesskit_id());
                });
                ui.painter()
                    .rect_filled(rect, size::RADIUS, palette.selection);
                if std::mem::take(&mut self.scrolls) {
                    ui.scroll_to_rect(rect, None);
                }
            } else if response.hovered() {
                ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
            }
            if response.clicked() {
                clicked = Some(index);
            }
            let y = rect.center().y;
            let dim = palette.dim_in_row(is_chosen);
            let detail = cut(ui, &entry.detail, font::small(), dim, rect.width() / 2.0);
            let room = rect.width() - detail.size().x - 24.0;
            paint_right(ui, rect.right() - 8.0, y, detail);
            let fitting = (room / measured(ui, "0", font::mono())).max(1.0) as usize;
            let text = cut_middle(&entry.text, fitting);
            let galley = cut(ui, &text, font::mono(), palette.text, room);
            paint_left(ui, rect.left() + 8.0, y, galley);
        }
        clicked
    }
}

/// Returns the width that an entry needs in points.
fn wanted_width(ui: &Ui, entry: &Suggestion) -> f32 {
    measured(ui, &entry.text, font::mono()) + measured(ui, &entry.detail, font::small()) + 32.0
}

/// Draws the sentence of an empty list.
fn note(ui: &mut Ui, text: &str) {
    let area = vec2(ui.available_width(), size::ROW);
    let (rect, response) = ui.allocate_exact_size(area, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
    let galley = cut(
        ui,
        text,
        font::label(),
        Palette::of(ui).dim,
        rect.width() - 16.0,
    );
    paint_left(ui, rect.left() + 8.0, rect.center().y, galley);
}
