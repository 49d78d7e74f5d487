//! Scrolling part of a sheet. Keys scroll it, and its bar is always in sight where there is more than fits.

use egui::containers::scroll_area::ScrollAreaOutput;
use egui::style::{ScrollAnimation, ScrollStyle};
use egui::{Key, Memory, Modifiers, Popup, ScrollArea, Ui, vec2};

use super::opening::passes_shown;

/// Distance that an arrow key scrolls, in points. A page keeps as much of the former one in sight.
const LINE: f32 = 40.0;

/// Width of the bar, which lies in the margin of the sheet, and its distance from the contents.
const BAR: f32 = 8.0;
const GAP: f32 = 4.0;

/// What the scrolling part of a sheet contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text alone. Buttons are beside it.
    Text,
    /// Also fields or buttons. The one that has the focus needs keys, and those beside the part as well.
    Fields,
    /// Entries that the keys of the sheet choose. The chosen one is scrolled into sight.
    Entries,
}

/// Draws the contents in a scrolling area.
pub(crate) fn show<R>(
    ui: &mut Ui,
    area: ScrollArea,
    content: Content,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> ScrollAreaOutput<R> {
    let usual = ui.spacing().scroll;
    let scroll = &mut ui.spacing_mut().scroll;
    scroll.bar_width = BAR;
    scroll.floating_width = BAR;
    scroll.bar_outer_margin = -(BAR + GAP);
    keep_in_sight(scroll);
    let shown = area.show(ui, |ui| {
        ui.spacing_mut().scroll = usual;
        let result = add_contents(ui);
        let way = way(ui, content);
        if way != 0.0 {
            ui.scroll_with_delta_animation(vec2(0.0, -way), ScrollAnimation::none());
        }
        result
    });
    ui.spacing_mut().scroll = usual;
    settle(ui);
    shown
}

/// Makes a bar visible also while the pointer is elsewhere, so that people see that there is more.
pub(crate) fn keep_in_sight(scroll: &mut ScrollStyle) {
    scroll.dormant_background_opacity = 1.0;
    // The bar is as bright as dim text until the pointer is on it.
    scroll.dormant_handle_opacity = 0.5;
    scroll.active_background_opacity = 1.0;
    scroll.active_handle_opacity = 0.5;
    scroll.interact_background_opacity = 1.0;
}

/// Requests further passes before a sheet is presented for the first time. The first pass of egui finds the width of the
/// sheet, the second one the heights of its rows at this width.
fn settle(ui: &Ui) {
    if passes_shown(ui, ui.scope_id()) < 2 {
        ui.request_discard("a sheet was opened");
    }
}

/// Returns the distance that the keys of this pass scroll down.
fn way(ui: &Ui, content: Content) -> f32 {
    /// Distance beyond every end.
    const ALL: f32 = 1e6;
    if content == Content::Entries || Popup::is_any_open(ui.ctx()) {
        return 0.0;
    }
    let is_free = ui.memory(Memory::focused).is_none();
    let scrolls = is_free || content == Content::Text;
    let page = (ui.clip_rect().height() - LINE).max(LINE);
    let keys = [
        (Key::PageDown, page, true),
        (Key::PageUp, -page, true),
        (Key::ArrowDown, LINE, scrolls),
        (Key::ArrowUp, -LINE, scrolls),
        (Key::Home, -ALL, scrolls),
        (Key::End, ALL, scrolls),
        // The space bar presses the button that has the focus.
        (Key::Space, page, is_free),
    ];
    ui.input_mut(|input| {
        let taken = keys.into_iter().filter(|(_, _, is_ours)| *is_ours);
        let ways = taken.map(|(key, way, _)| {
            let count = input.count_and_consume_key(Modifiers::NONE, key);
            way * count as f32
        });
        ways.sum()
    })
}
