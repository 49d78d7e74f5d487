//! Chip in the filter row that names the decoders of a feed. Its menu changes them, and offers those that fit.

use egui::{Align, Button, Id, Key, Label, Popup, PopupCloseBehavior, Rect, RichText};
use egui::{SetOpenCommand, TextEdit, Ui, WidgetInfo, accesskit::Role};
use feedscope_analysis::interpret::Interpreter;

use crate::ids::PaneId;
use crate::lens::FeedLens;
use crate::theme::{Palette, font};
use crate::widgets;
use crate::words;

/// Returns the width of the chip; `None` if there is none, because no decoder is chosen or offered.
pub(crate) fn chip_width(ui: &Ui, pane: PaneId, lens: &FeedLens, opens: bool) -> Option<f32> {
    let is_used = !lens.decoders.borrow().is_identity() || lens.offered().is_some();
    let is_open = Popup::is_id_open(ui.ctx(), menu_id(pane));
    (is_used || is_open || opens).then(|| widgets::chip_width(ui, &text(lens), false))
}

/// Draws the chip and its menu.
pub(crate) fn show_chip(ui: &Ui, rect: Rect, pane: PaneId, lens: &FeedLens, opens: bool) {
    let is_on = !lens.decoders.borrow().is_identity();
    let id = Id::unique(("decoders", pane));
    let response = widgets::chip(ui, rect, id, None, &text(lens), is_on);
    let opened = opens.then_some(SetOpenCommand::Bool(true));
    let toggled = response.clicked().then_some(SetOpenCommand::Toggle);
    Popup::menu(&response)
        .id(menu_id(pane))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .open_memory(opened.or(toggled))
        .show(|ui| menu(ui, lens));
    response.on_hover_text(words::about_decoders(
        &lens.decoders.borrow(),
        lens.offered(),
    ));
}

fn menu_id(pane: PaneId) -> Id {
    Id::unique(("decoders menu", pane))
}

/// Returns the text of the chip.
fn text(lens: &FeedLens) -> String {
    words::decoders_chip(&lens.decoders.borrow(), lens.offered())
}

/// Draws the entries of the menu.
fn menu(ui: &mut Ui, lens: &FeedLens) {
    const WIDTH: f32 = 330.0;
    ui.set_max_width(WIDTH);
    let palette = Palette::of(ui);
    let present = lens.decoders.borrow().clone();
    let about = words::about_decoders(&present, lens.offered());
    let about = RichText::new(about).font(font::label()).color(palette.dim);
    ui.add(Label::new(about).halign(Align::LEFT).wrap());
    ui.separator();
    let mut chosen = None;
    if let Some(chain) = lens.offered()
        && ui.button(words::decode_with(chain)).clicked()
    {
        chosen = Some(Interpreter::for_received(chain.clone()));
    }
    if !present.is_identity() && ui.add(Button::new(words::DO_NOT_DECODE)).clicked() {
        chosen = Some(Interpreter::default());
    }
    if chosen.is_some() {
        ui.close();
    }
    let mut typed = lens.typed.borrow_mut();
    let typed = &mut *typed;
    let mut is_entered = false;
    for (name, text) in [
        ("Decoders of received payloads", &mut typed.received),
        ("Decoders of sent payloads", &mut typed.sent),
    ] {
        ui.label(RichText::new(name).font(font::small()).color(palette.dim));
        let hint = RichText::new("base64,gzip,msgpack").font(font::mono());
        let edit = TextEdit::singleline(text)
            .font(font::mono())
            .hint_text(hint.color(palette.dim))
            .desired_width(WIDTH - 16.0);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
        is_entered |= response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        response.on_hover_text(words::DECODER_NAMES);
    }
    if ui.button(words::APPLY_DECODERS).clicked() || is_entered {
        chosen = typed.parse();
        if chosen.is_some() {
            ui.close();
        }
    }
    if let Some(problem) = &typed.problem {
        let problem = RichText::new(problem.to_string()).font(font::small());
        ui.add(Label::new(problem.color(palette.fail)).wrap());
    }
    if let Some(chosen) = chosen {
        *lens.decoders.borrow_mut() = chosen;
        // The rows were drawn before the choice.
        ui.ctx().request_repaint();
    }
}
