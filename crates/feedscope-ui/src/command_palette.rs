//! Command palette: a field over a list of everything that can be done, found by some of its letters. It lists the items
//! that the window passes in and returns the chosen one.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Frame, Id, Key, Modal, Modifiers, Rect, RichText, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ranking::{self, Ranked};
use crate::shortcuts::Shortcut;
use crate::theme::{self, Palette, font, size};
use crate::widgets::icon::{self, Icon};
use crate::widgets::text_field::text_field;
use crate::widgets::{
    bottom_line, cut, describe_option, measured, one_line, paint_left, paint_right, top_line,
};

/// Item of the palette.
pub(crate) struct PaletteItem {
    /// Heading of the items of one kind, which are neighbors.
    pub(crate) section: &'static str,
    pub(crate) icon: Icon,
    /// Text that the typed letters are searched in.
    pub(crate) name: String,
    /// Name in the settings. The typed letters are searched in it, too.
    pub(crate) id: &'static str,
    /// Additional text beside the name.
    pub(crate) detail: String,
    /// Name of the key that has the same effect.
    pub(crate) key: String,
    pub(crate) wish: PaletteRequest,
}

/// Effect of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PaletteRequest {
    Run(Shortcut),
}

/// Result of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PaletteOutcome {
    Stay,
    Close,
    Chosen(PaletteRequest),
}

/// State of the palette while it is open.
#[derive(Default)]
pub(crate) struct CommandPalette {
    typed: String,
    /// Index of the chosen one among the listed items.
    chosen: usize,
    /// The palette was drawn before, so that its field has the focus.
    is_drawn: bool,
}

/// Heights in points.
const FIELD: f32 = 44.0;
const SECTION: f32 = 26.0;
const ITEM: f32 = 30.0;
const FOOT: f32 = 40.0;

impl CommandPalette {
    /// Draws the palette and handles its keys.
    pub(crate) fn show(&mut self, ui: &Ui, items: &[PaletteItem]) -> PaletteOutcome {
        let screen = ui.ctx().content_rect();
        let width = 680.0_f32.min(screen.width() - 32.0);
        let frame = Frame::popup(ui.style()).inner_margin(0.0);
        // The field stays at the same place while the number of items changes.
        let area = Modal::default_area(Id::unique("command palette"))
            .accessible_name("Commands")
            .anchor(
                Align2::CENTER_TOP,
                vec2(0.0, (screen.height() * 0.06).round()),
            );
        let modal = Modal::new(Id::unique("command palette"))
            .area(area)
            .frame(frame)
            .backdrop_color(theme::scrim())
            .show(ui.ctx(), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
                self.contents(ui, items, width, screen.height())
            });
        // Escape must not close anything behind the palette as well.
        let escaped = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        match modal.inner {
            Some(wish) => PaletteOutcome::Chosen(wish),
            None if escaped || modal.should_close() => PaletteOutcome::Close,
            None => PaletteOutcome::Stay,
        }
    }

    fn contents(
        &mut self,
        ui: &mut Ui,
        items: &[PaletteItem],
        width: f32,
        height: f32,
    ) -> Option<PaletteRequest> {
        let hits = listed(&self.typed, items);
        // The keys come before the field, which would take the arrow keys and Enter.
        let entered = self.keys(ui, &hits);
        let list = Id::unique("command palette list");
        let field = self.field(ui, width, hits.len(), items.len());
        // The field keeps the focus, and a screen reader announces the chosen item.
        let chosen = hits.get(self.chosen).map(|hit| list.with(hit.index));
        ui.ctx().accesskit_node_builder(field, |node| {
            if let Some(chosen) = chosen {
                node.set_active_descendant(chosen.accesskit_id());
            }
        });
        // Thirteen items fit at most, so that the palette leaves the feeds in sight.
        let room = (height * 0.88 - FIELD - FOOT - 40.0).clamp(ITEM * 2.0, ITEM * 13.0);
        let mut clicked = None;
        ScrollArea::vertical()
            .max_height(room)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                let id = ui.unique_id();
                ui.ctx().accesskit_node_builder(id, |node| {
                    node.set_role(Role::ListBox);
                    node.set_label("Commands");
                });
                clicked = self.list(ui, list, items, &hits, width);
            });
        if hits.is_empty() {
            let (rect, response) = ui.allocate_exact_size(vec2(width, ITEM), Sense::hover());
            let text = "No command has words with these letters";
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
            let color = Palette::of(ui).dim;
            let galley = cut(ui, text, font::label(), color, width - 30.0);
            paint_left(ui, rect.left() + 15.0, rect.center().y, galley);
        }
        foot(ui, width);
        let chosen = if entered { Some(self.chosen) } else { clicked };
        let hit = hits.get(chosen?)?;
        Some(items[hit.index].wish.clone())
    }

    /// Handles the keys that choose an item. Returns true if the chosen one is entered.
    fn keys(&mut self, ui: &Ui, hits: &[Ranked]) -> bool {
        const PAGE: usize = 10;
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = hits.len().saturating_sub(1);
        if pressed(Key::ArrowDown) {
            self.chosen = if self.chosen >= last {
                0
            } else {
                self.chosen + 1
            };
        }
        if pressed(Key::ArrowUp) {
            self.chosen = self.chosen.checked_sub(1).unwrap_or(last);
        }
        if pressed(Key::PageDown) {
            self.chosen += PAGE;
        }
        if pressed(Key::PageUp) {
            self.chosen = self.chosen.saturating_sub(PAGE);
        }
        self.chosen = self.chosen.min(last);
        pressed(Key::Enter)
    }

    /// Draws the field with the number of items. Returns the ID of the field.
    fn field(&mut self, ui: &mut Ui, width: f32, hits: usize, items: usize) -> Id {
        let palette = Palette::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(width, FIELD), Sense::hover());
        bottom_line(ui, rect);
        icon::paint(
            ui.painter(),
            Icon::Find,
            pos2(rect.left() + 22.0, rect.center().y),
            palette.dim,
        );
        let escape = key_cap(ui, rect.right() - 15.0, rect.center().y, "Esc");
        let count = format!("{hits} of {items}");
        let galley = cut(ui, &count, font::label(), palette.dim, 100.0);
        let left = escape.left() - 10.0 - galley.size().x;
        paint_right(ui, escape.left() - 10.0, rect.center().y, galley);
        let room = Rect::from_x_y_ranges(rect.left() + 40.0..=left - 10.0, rect.y_range());
        let id = field_id();
        let before = self.typed.clone();
        let hint = RichText::new("Type some letters of a command").color(palette.dim);
        let edit = text_field(&mut self.typed, id, room).hint_text(hint);
        let response = ui.place(room, edit).accessible_name("Command");
        if !std::mem::replace(&mut self.is_drawn, true) {
            response.request_focus();
        }
        if self.typed != before {
            // Other letters have other hits.
            self.chosen = 0;
        }
        response.id
    }

    /// Draws the items. Returns the place of the clicked one.
    fn list(
        &self,
        ui: &mut Ui,
        list: Id,
        items: &[PaletteItem],
        hits: &[Ranked],
        width: f32,
    ) -> Option<usize> {
        let palette = Palette::of(ui);
        let mut clicked = None;
        let mut section = "";
        for (place, hit) in hits.iter().enumerate() {
            let item = &items[hit.index];
            if item.section != section {
                section = item.section;
                let (rect, _) = ui.allocate_exact_size(vec2(width, SECTION), Sense::hover());
                let galley = cut(ui, section, font::small(), palette.dim, width - 30.0);
                paint_left(ui, rect.left() + 15.0, rect.center().y, galley);
            }
            let (_, rect) = ui.allocate_space(vec2(width, ITEM));
            let response = ui.interact(rect, list.with(hit.index), Sense::CLICK);
            let is_chosen = place == self.chosen;
            describe_option(&response, (place, hits.len()), is_chosen, || {
                format!("{} {}", item.name, item.key)
            });
            if is_chosen {
                ui.painter().rect_filled(rect, 0.0, palette.selection);
                // Only keys choose an item that is out of sight.
                if ui.input(|input| !input.events.is_empty()) && !ui.clip_rect().contains_rect(rect)
                {
                    ui.scroll_to_rect(rect, None);
                }
            } else if response.hovered() {
                ui.painter().rect_filled(rect, 0.0, palette.raise);
            }
            if response.clicked() {
                clicked = Some(place);
            }
            paint_item(ui, rect, item, hit, is_chosen);
        }
        clicked
    }
}

/// Returns the ID of the field.
fn field_id() -> Id {
    Id::unique("command palette field")
}

/// Returns the hits of the typed letters, section by section.
fn listed(typed: &str, items: &[PaletteItem]) -> Vec<Ranked> {
    let texts: Vec<String> = items
        .iter()
        .map(|item| format!("{} {}", item.name, item.id.replace('_', " ")))
        .collect();
    // The matched letters behind the name are not drawn.
    let mut hits = ranking::rank_sentences(typed, texts.iter().map(String::as_str));
    // The section with the best hit comes first, and the order within a section stays.
    let mut sections: Vec<&str> = Vec::new();
    for hit in &hits {
        let section = items[hit.index].section;
        if !sections.contains(&section) {
            sections.push(section);
        }
    }
    let place = |hit: &Ranked| {
        sections
            .iter()
            .position(|it| *it == items[hit.index].section)
    };
    hits.sort_by_key(place);
    hits
}

/// Paints an item: its icon, its name with the matched letters, the additional text, and the key.
fn paint_item(ui: &Ui, rect: Rect, item: &PaletteItem, hit: &Ranked, is_chosen: bool) {
    let palette = Palette::of(ui);
    let dim = palette.dim_in_row(is_chosen);
    let y = rect.center().y;
    icon::paint(ui.painter(), item.icon, pos2(rect.left() + 21.0, y), dim);
    let mut right = rect.right() - 15.0;
    if !item.key.is_empty() {
        right = key_cap(ui, right, y, &item.key).left() - 10.0;
    }
    let plain = TextFormat::simple(font::words(), palette.text);
    let found = TextFormat {
        underline: Stroke::new(1.0, palette.open),
        ..TextFormat::simple(font::heading(), palette.open)
    };
    let mut job = LayoutJob::default();
    let mut letters = hit.matched.iter().peekable();
    for (at, character) in item.name.chars().enumerate() {
        let is_found = letters.next_if_eq(&&at).is_some();
        let format = if is_found { &found } else { &plain };
        job.append(character.encode_utf8(&mut [0; 4]), 0.0, format.clone());
    }
    if !item.detail.is_empty() {
        let format = TextFormat::simple(font::label(), dim);
        job.append(&item.detail, 10.0, format);
    }
    let left = rect.left() + 37.0;
    job.wrap = one_line(right - left);
    let galley = ui.painter().layout_job(job);
    paint_left(ui, left, y, galley);
}

/// Draws the foot with the keys of the palette.
fn foot(ui: &mut Ui, width: f32) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, FOOT), Sense::hover());
    top_line(ui, rect);
    let mut x = rect.left() + 15.0;
    for (key, text) in [("Enter", "run"), ("↑ ↓", "choose"), ("Esc", "close")] {
        let wide = measured(ui, key, font::small()) + 10.0;
        key_cap(ui, x + wide, rect.center().y, key);
        let galley = cut(ui, text, font::label(), palette.dim, 200.0);
        let room = galley.size().x;
        paint_left(ui, x + wide + 6.0, rect.center().y, galley);
        x += wide + room + 22.0;
    }
}

/// Paints the name of a key in a frame with its right edge at `right`. Returns its area.
fn key_cap(ui: &Ui, right: f32, y: f32, key: &str) -> Rect {
    let palette = Palette::of(ui);
    let galley = cut(ui, key, font::small(), palette.dim, f32::INFINITY);
    let area = vec2(galley.size().x + 10.0, 18.0);
    let rect = Rect::from_min_size(pos2(right - area.x, y - area.y / 2.0), area);
    let border = Stroke::new(1.0, palette.line);
    ui.painter().rect(
        rect,
        size::RADIUS / 2.0,
        palette.bg,
        border,
        StrokeKind::Inside,
    );
    paint_left(ui, rect.left() + 5.0, y, galley);
    rect
}
