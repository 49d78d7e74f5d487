//! Chip in the filter row that names the lens. Its menu explains the lens, changes it, and finds what it has marked.

use egui::{Id, Popup, Rect, RichText, SetOpenCommand, Ui};
use feedscope_analysis::lenses::{Choice, LensName};

use super::FeedLens;
use crate::ids::PaneId;
use crate::menu_focus;
use crate::shortcuts::{Shortcut, ViewShortcut, key_name};
use crate::theme::{Palette, font};
use crate::widgets;
use crate::words;

/// Request from the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LensWish {
    /// Adds a condition to the filter.
    Narrow(&'static str),
    /// Shows the rows as they were received, or as the lens reads them.
    SwitchRaw,
}

/// Returns the width of the chip; `None` if there is none, because no lens is recognized or chosen.
pub(crate) fn width(ui: &Ui, pane: PaneId, lens: &FeedLens, opens: bool) -> Option<f32> {
    let is_named = lens.pass.lens().is_some() || lens.choice.get() != Choice::Auto;
    let is_open = Popup::is_id_open(ui.ctx(), menu_id(pane));
    (is_named || is_open || opens).then(|| widgets::chip_width(ui, &text(lens), false))
}

/// Draws the chip and its menu.
pub(crate) fn show(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    (lens, is_raw): (&FeedLens, bool),
    opens: bool,
) -> Option<LensWish> {
    let is_on = lens.pass.lens().is_some() && !is_raw;
    let id = Id::unique(("lens", pane));
    let response = widgets::chip(ui, rect, id, None, &text(lens), is_on);
    let mut wish = None;
    Popup::menu(&response)
        .id(menu_id(pane))
        .open_memory(
            opens
                .then_some(SetOpenCommand::Bool(true))
                .or_else(|| response.clicked().then_some(SetOpenCommand::Toggle)),
        )
        .show(|ui| wish = menu(ui, lens, is_raw));
    response.on_hover_text(words::why_lens(&lens.pass, lens.choice.get()));
    wish
}

fn menu_id(pane: PaneId) -> Id {
    Id::unique(("lens menu", pane))
}

/// Returns the text of the chip.
fn text(lens: &FeedLens) -> String {
    words::lens_chip(lens.pass.lens())
}

/// Draws the entries of the menu.
fn menu(ui: &mut Ui, lens: &FeedLens, is_raw: bool) -> Option<LensWish> {
    ui.set_max_width(330.0);
    let palette = Palette::of(ui);
    let why = words::why_lens(&lens.pass, lens.choice.get());
    let why = RichText::new(why).font(font::label()).color(palette.dim);
    widgets::menu_text(ui, why);
    if let Some(removed) = words::removed_pairs(&lens.pass) {
        let removed = RichText::new(removed).font(font::label());
        widgets::menu_text(ui, removed.color(palette.dim));
    }
    ui.separator();
    let chosen = lens.choice.get();
    let named = LensName::ALL.map(Choice::Named);
    for choice in [Choice::Auto].into_iter().chain(named).chain([Choice::Off]) {
        let entry = ui.radio(chosen == choice, words::lens_choice(choice));
        if chosen == choice {
            menu_focus::begin_at(ui, entry.id);
        }
        if entry.clicked() {
            lens.choice.set(choice);
            ui.ctx().request_repaint();
            ui.close();
        }
    }
    if lens.pass.is_idle() {
        return None;
    }
    ui.separator();
    let mut wish = None;
    let key = key_name(ui, Shortcut::View(ViewShortcut::Raw));
    let text = if is_raw {
        words::READ_ROWS
    } else {
        words::RAW_ROWS
    };
    if ui.add(egui::Button::new(text).shortcut_text(key)).clicked() {
        wish = Some(LensWish::SwitchRaw);
        ui.close();
    }
    let counts = [
        (
            lens.pass.unanswered().len() as u64,
            words::unanswered as fn(u64) -> String,
            "is:unanswered",
        ),
        (lens.pass.errors(), words::lens_errors, "is:error"),
        (
            lens.pass.keep_alives(),
            words::hide_keep_alives,
            "-is:keep-alive",
        ),
    ];
    for (count, text, condition) in counts {
        if count > 0 && ui.button(text(count)).clicked() {
            wish = Some(LensWish::Narrow(condition));
            ui.close();
        }
    }
    wish
}
