//! Small parts of the window: strips, buttons, chips, icons and shortened text. They do not depend on feeds.

mod cut_text;
pub(crate) mod glyph_run;
pub(crate) mod icon;
pub(crate) mod menu;
pub(crate) mod opening;
pub(crate) mod scroll_bar;
pub(crate) mod sheet_scroll;
pub(crate) mod switch;
pub(crate) mod text_field;

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{
    Align2, Color32, Context, FontId, Frame, Galley, Id, Key, Modal, ModalResponse, Modifiers,
    PointerState, Popup, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use crate::focus_ring::focus_answer;
use crate::theme::{Palette, font, size};
pub(crate) use cut_text::{
    cut, cut_middle, cut_sentence, measured, one_line, shortened_sentence, steady_width,
};
use icon::Icon;

/// Horizontal strip that is filled from both ends.
pub(crate) struct Strip {
    /// Area that has not been taken.
    rect: Rect,
    /// Distance between neighbors in points.
    gap: f32,
}

impl Strip {
    /// Creates a strip in this area.
    pub(crate) fn new(rect: Rect, padding: f32, gap: f32) -> Self {
        Self {
            rect: rect.shrink2(vec2(padding, 0.0)),
            gap,
        }
    }

    /// Takes an area at the left end, centered vertically.
    pub(crate) fn left(&mut self, width: f32, height: f32) -> Rect {
        let rect = Rect::from_min_size(
            pos2(self.rect.left(), self.rect.center().y - height / 2.0),
            vec2(width, height),
        );
        self.rect.set_left(rect.right() + self.gap);
        rect
    }

    /// Takes an area at the right end, centered vertically.
    pub(crate) fn right(&mut self, width: f32, height: f32) -> Rect {
        let min = pos2(
            self.rect.right() - width,
            self.rect.center().y - height / 2.0,
        );
        self.rect.set_right(min.x - self.gap);
        Rect::from_min_size(min, vec2(width, height))
    }

    /// Returns the area between both ends.
    pub(crate) fn rest(&self, height: f32) -> Rect {
        let min = pos2(self.rect.left(), self.rect.center().y - height / 2.0);
        Rect::from_min_size(min, vec2(self.rect.width().max(0.0), height))
    }

    /// Returns the width of that area.
    pub(crate) fn room(&self) -> f32 {
        self.rect.width()
    }
}

/// Draws a sentence in a menu. The layout of a menu would stretch its lines to even edges on both sides.
pub(crate) fn menu_text(ui: &mut Ui, text: egui::RichText) -> Response {
    ui.vertical(|ui| ui.add(egui::Label::new(text).wrap()))
        .inner
}

/// Style of a button.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Main action of its surroundings.
    Primary,
    /// Other action.
    Plain,
    /// Action without a frame.
    Ghost,
}

/// Returns the width of a button with this text.
pub(crate) fn button_width(ui: &Ui, text: &str, look: Look) -> f32 {
    let padding = if look == Look::Ghost { 16.0 } else { 24.0 };
    (measured(ui, text, button_font(look)) + padding).ceil()
}

/// Returns the font of a button.
fn button_font(look: Look) -> FontId {
    // Other buttons have the regular weight at the same size.
    if look == Look::Primary {
        font::strong_label()
    } else {
        FontId {
            size: 12.5,
            ..font::words()
        }
    }
}

/// Draws a button with a text.
pub(crate) fn button(ui: &Ui, rect: Rect, id: Id, text: &str, look: Look) -> Response {
    let response = pressable(ui, rect, id, text);
    let palette = Palette::of(ui);
    let color = button_ground(ui, &response, look);
    let inner = rect.shrink2(vec2(6.0, 0.0));
    let galley = cut(ui, text, button_font(look), color, inner.width());
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, palette.text);
    response
}

/// Draws a button with an icon. `name` is its accessible name and its tooltip.
pub(crate) fn icon_button(ui: &Ui, rect: Rect, id: Id, icon: Icon, name: &str) -> Response {
    let response = pressable(ui, rect, id, name);
    let color = button_ground(ui, &response, Look::Ghost);
    icon::paint(ui.painter(), icon, rect.center(), color);
    name_on_hover(response, name)
}

/// Draws the main button of a bar with an icon. `hint` is its tooltip.
pub(crate) fn primary_icon_button(
    ui: &Ui,
    rect: Rect,
    id: Id,
    icon: Icon,
    name: &str,
    hint: &str,
) -> Response {
    let response = pressable(ui, rect, id, name);
    let color = button_ground(ui, &response, Look::Primary);
    icon::paint(ui.painter(), icon, rect.center(), color);
    name_on_hover(response, hint)
}

/// Shows the accessible name of a widget as its tooltip. A screen reader does not read it a second time.
pub(crate) fn name_on_hover(response: Response, name: &str) -> Response {
    response.on_hover_ui(|ui| {
        ui.set_max_width(ui.spacing().tooltip_width);
        ui.label(name);
    })
}

/// Describes an option of a list to a screen reader. `place` is the index of the option and the length of the list.
pub(crate) fn describe_option(
    response: &Response,
    place: (usize, usize),
    is_chosen: bool,
    name: impl Fn() -> String,
) {
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, name().trim_end()));
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_selected(is_chosen);
        node.set_position_in_set(place.0 + 1);
        node.set_size_of_set(place.1);
    });
}

/// Describes a tab to a screen reader. A tab is selected; only a switch is on or off.
pub(crate) fn describe_tab(response: &Response, is_selected: bool, name: &str) {
    response.widget_info(|| WidgetInfo::labeled(Role::Tab, true, name));
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_selected(is_selected));
}

/// Returns a sheet over the window, which receives all input until it is closed.
/// A screen reader announces the name.
pub(crate) fn sheet(ui: &Ui, id: Id, name: &str) -> Sheet {
    let frame = Frame::popup(ui.style()).inner_margin(16.0);
    let area = Modal::default_area(id).accessible_name(name);
    Sheet(Modal::new(id).area(area).frame(frame))
}

/// Sheet over the window.
pub(crate) struct Sheet(Modal);

impl Sheet {
    /// Draws the sheet with its final size in the first pass. By itself, the room of a pass would be the size of the pass
    /// before, so that a sheet with a scrolling part would grow while it is open.
    pub(crate) fn show<R>(
        self,
        ctx: &Context,
        add_contents: impl FnOnce(&mut Ui) -> R,
    ) -> ModalResponse<R> {
        let height = ctx.content_rect().height();
        let was_hidden = show_pointer(ctx);
        let had_menu = Popup::is_any_open(ctx);
        let response = self.0.show(ctx, |ui| {
            ui.set_max_height(height);
            add_contents(ui)
        });
        if was_hidden {
            hide_pointer(ctx);
        }
        if had_menu && !Popup::is_any_open(ctx) {
            // The key has closed a menu of the sheet, and must not close the sheet as well.
            ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        }
        response
    }
}

/// Hides the pointer from the widgets that are drawn next while a sheet is above them. egui keeps a tooltip open as long as the
/// pointer rests, so that it would stay above a sheet that a key opens.
pub(crate) fn hide_covered_pointer(ctx: &Context) {
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        hide_pointer(ctx);
    }
}

/// Hides the pointer until [`show_pointer`].
fn hide_pointer(ctx: &Context) {
    let pointer = ctx.input_mut(|input| std::mem::take(&mut input.pointer));
    ctx.data_mut(|data| data.insert_temp(hidden_pointer(), pointer));
}

/// Shows the pointer to the widgets that are drawn next. Returns true if it was hidden.
pub(crate) fn show_pointer(ctx: &Context) -> bool {
    let hidden = ctx.data_mut(|data| data.remove_temp::<PointerState>(hidden_pointer()));
    let was_hidden = hidden.is_some();
    if let Some(pointer) = hidden {
        ctx.input_mut(|input| input.pointer = pointer);
    }
    was_hidden
}

fn hidden_pointer() -> Id {
    Id::unique("hidden pointer")
}

/// Draws a button with an icon and a word, which has a frame only under the pointer.
pub(crate) fn icon_text_button(ui: &Ui, rect: Rect, id: Id, icon: Icon, text: &str) -> Response {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    let lit = response.hovered() || response.has_focus();
    if lit {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    let color = if lit { palette.text } else { palette.dim };
    let y = rect.center().y;
    icon::paint(ui.painter(), icon, pos2(rect.left() + 14.0, y), color);
    let left = pos2(rect.left() + 24.0, y);
    ui.painter()
        .text(left, Align2::LEFT_CENTER, text, font::label(), color);
    response
}

/// Draws a button with an icon that can be on or off.
pub(crate) fn toggle_button(
    ui: &Ui,
    rect: Rect,
    id: Id,
    icon: Icon,
    name: &str,
    on: bool,
) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), on, name));
    if on {
        ui.painter()
            .rect_filled(rect, size::RADIUS, Palette::of(ui).selection);
    }
    let mut color = button_ground(ui, &response, Look::Ghost);
    if on {
        color = Palette::of(ui).text;
    }
    icon::paint(ui.painter(), icon, rect.center(), color);
    name_on_hover(response, name)
}

/// Draws a chip that can be on or off, with an optional icon before its text.
pub(crate) fn chip(
    ui: &Ui,
    rect: Rect,
    id: Id,
    icon: Option<(Icon, Color32)>,
    text: &str,
    on: bool,
) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), on, text));
    let palette = Palette::of(ui);
    let (fill, border, color) = if on {
        (palette.selection, Color32::TRANSPARENT, palette.text)
    } else {
        (
            if response.hovered() {
                palette.hover
            } else {
                Color32::TRANSPARENT
            },
            palette.line,
            palette.dim,
        )
    };
    let radius = rect.height() / 2.0;
    ui.painter().rect(
        rect,
        radius,
        fill,
        Stroke::new(1.0, border),
        StrokeKind::Inside,
    );
    // The icon has its own color only while the chip is on.
    let mut left = rect.left() + 9.0;
    if let Some((icon, tint)) = icon {
        icon::paint(
            ui.painter(),
            icon,
            pos2(left + 4.0, rect.center().y),
            if on { tint } else { color },
        );
        left += 13.0;
    }
    ui.painter().text(
        pos2(left, rect.center().y),
        Align2::LEFT_CENTER,
        text,
        font::small(),
        color,
    );
    response
}

/// Returns the width of a chip.
pub(crate) fn chip_width(ui: &Ui, text: &str, icon: bool) -> f32 {
    (measured(ui, text, font::small()) + if icon { 31.0 } else { 18.0 }).ceil()
}

/// Creates the response of a button with this accessible name.
fn pressable(ui: &Ui, rect: Rect, id: Id, name: &str) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    response
}

/// Paints the background of a button. Returns the color of its content.
fn button_ground(ui: &Ui, response: &Response, look: Look) -> Color32 {
    let palette = Palette::of(ui);
    // A pressed button stays lit even if the pointer leaves it.
    let lit = response.hovered() || response.is_pointer_button_down_on();
    let (fill, border, color) = match look {
        Look::Primary => {
            // The primary button has no lighter color of its own, so that it is mixed.
            let fill = if lit {
                palette.open.lerp_to_gamma(palette.text, 0.12)
            } else {
                palette.open
            };
            (fill, fill, palette.on_accent)
        }
        Look::Plain => (
            if lit { palette.hover } else { palette.raise },
            palette.line,
            palette.text,
        ),
        Look::Ghost if lit => (palette.hover, Color32::TRANSPARENT, palette.text),
        Look::Ghost => (Color32::TRANSPARENT, Color32::TRANSPARENT, palette.dim),
    };
    ui.painter().rect(
        response.rect,
        size::RADIUS,
        fill,
        Stroke::new(1.0, border),
        StrokeKind::Inside,
    );
    color
}

/// Paints the background of a text field.
pub(crate) fn field_ground(ui: &Ui, rect: Rect, focused: bool) {
    let palette = Palette::of(ui);
    let border = if focused { palette.open } else { palette.line };
    ui.painter().rect(
        rect,
        size::RADIUS,
        palette.bg,
        Stroke::new(1.0, border),
        StrokeKind::Inside,
    );
}

/// Selects the whole text of a text field.
pub(crate) fn select_all(ui: &Ui, id: Id, chars: usize) {
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let range =
        egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(chars));
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), id);
}

/// Moves the cursor of a text field behind its last character.
pub(crate) fn cursor_to_end(ui: &Ui, id: Id, chars: usize) {
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = egui::text::CCursor::new(chars);
    let range = egui::text::CCursorRange::one(end);
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), id);
}

/// Gives the focus to the harmless answer of a question, unless one of its two answers has it.
pub(crate) fn focus_harmless(ui: &Ui, harmless: &Response, other: &Response) {
    let focused = ui.memory(egui::Memory::focused);
    if focused.is_none_or(|id| id != harmless.id && id != other.id) {
        focus_answer(ui, harmless);
    }
}

/// Moves the focus to the first entry of a menu that a key has opened. It is called in each pass of the menu; the first
/// one only measures it.
pub(crate) fn enter_menu(ui: &Ui, needs_focus: &mut bool) {
    if !ui.is_sizing_pass() && std::mem::take(needs_focus) {
        ui.memory_mut(|memory| memory.move_focus(egui::FocusDirection::Down));
    }
}

/// Paints a galley with its left edge at `x`, centered vertically at `y`.
pub(crate) fn paint_left(ui: &Ui, x: f32, y: f32, galley: Arc<Galley>) {
    let at = snapped(ui, pos2(x, y - galley.size().y / 2.0));
    ui.painter().galley(at, galley, Color32::PLACEHOLDER);
}

/// Paints a galley with its right edge at `x`, centered vertically at `y`.
pub(crate) fn paint_right(ui: &Ui, x: f32, y: f32, galley: Arc<Galley>) {
    let width = galley.size().x;
    paint_left(ui, x - width, y, galley);
}

/// Rounds a position to whole pixels, so that text does not shift and stays sharp.
fn snapped(ui: &Ui, at: Pos2) -> Pos2 {
    let scale = ui.ctx().pixels_per_point();
    pos2(
        (at.x * scale).round() / scale,
        (at.y * scale).round() / scale,
    )
}

/// Returns the place of a widget that only screen readers find. It is empty, but finite, because programs compute with it.
pub(crate) fn nowhere(ui: &Ui) -> Rect {
    Rect::from_min_size(ui.max_rect().min, Vec2::ZERO)
}

/// Paints the background of a bar or a panel.
pub(crate) fn panel(ui: &Ui, rect: Rect) {
    ui.painter().rect_filled(rect, 0.0, Palette::of(ui).panel);
}

/// Paints a line along the bottom of `rect`.
pub(crate) fn bottom_line(ui: &Ui, rect: Rect) {
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, Palette::of(ui).line),
    );
}

/// Paints a line along the top of `rect`.
pub(crate) fn top_line(ui: &Ui, rect: Rect) {
    ui.painter().hline(
        rect.x_range(),
        rect.top() + 0.5,
        Stroke::new(1.0, Palette::of(ui).line),
    );
}

/// Size of a square icon button in points.
pub(crate) const ICON_BUTTON: Vec2 = Vec2::splat(size::BUTTON);

/// Cuts a strip off the top of `area` and returns it.
pub(crate) fn take_top(area: &mut Rect, height: f32) -> Rect {
    let strip = Rect::from_min_max(area.min, pos2(area.right(), area.top() + height));
    area.set_top(strip.bottom());
    strip
}

/// Cuts a strip off the bottom of `area` and returns it.
pub(crate) fn take_bottom(area: &mut Rect, height: f32) -> Rect {
    let strip = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
    area.set_bottom(strip.top());
    strip
}
