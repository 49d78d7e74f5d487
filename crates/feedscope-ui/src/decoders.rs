//! Chip in the filter row that names the decoders of a feed. Its menu changes them, and offers those that fit.

use egui::{Button, Id, Popup, Rect, RichText};
use egui::{SetOpenCommand, Ui, WidgetInfo, accesskit::Role};
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::protocol::Protocol;

use crate::ids::PaneId;
use crate::lens::{FeedLens, ReadingTexts, Typed, TypedChains};
use crate::theme::{Palette, font};
use crate::widgets;
use crate::widgets::text_field::{form_field, is_entered};
use crate::words;

/// Returns the width of the chip; `None` if there is none, because no decoder is chosen or offered.
pub(crate) fn chip_width(ui: &Ui, pane: PaneId, lens: &FeedLens, opens: bool) -> Option<f32> {
    let is_used = !lens.decoders.borrow().is_identity() || lens.offered().is_some();
    let is_open = Popup::is_id_open(ui.ctx(), menu_id(pane));
    (is_used || is_open || opens).then(|| widgets::chip_width(ui, &text(lens), false))
}

/// Draws the chip and its menu. Returns texts that name a schema, whose file is read elsewhere.
pub(crate) fn show_chip(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    lens: &FeedLens,
    opens: bool,
) -> Option<ReadingTexts> {
    let is_on = !lens.decoders.borrow().is_identity();
    let id = Id::unique(("decoders", pane));
    let response = widgets::chip(ui, rect, id, None, &text(lens), is_on);
    let opened = opens.then_some(SetOpenCommand::Bool(true));
    let toggled = response.clicked().then_some(SetOpenCommand::Toggle);
    let is_new = !Popup::is_id_open(ui.ctx(), menu_id(pane));
    let mut texts = None;
    widgets::menu::lasting(&response)
        .id(menu_id(pane))
        .open_memory(opened.or(toggled))
        .show(|ui| texts = menu(ui, lens, is_new));
    response.on_hover_text(words::about_decoders(
        &lens.decoders.borrow(),
        lens.offered(),
    ));
    texts
}

fn menu_id(pane: PaneId) -> Id {
    Id::unique(("decoders menu", pane))
}

/// Returns the text of the chip.
fn text(lens: &FeedLens) -> String {
    words::decoders_chip(&lens.decoders.borrow(), lens.offered())
}

/// Draws the entries of the menu. `is_new` means that it has just been opened.
fn menu(ui: &mut Ui, lens: &FeedLens, is_new: bool) -> Option<ReadingTexts> {
    const WIDTH: f32 = 330.0;
    ui.set_max_width(WIDTH);
    let palette = Palette::of(ui);
    let present = lens.decoders.borrow().clone();
    let about = words::about_decoders(&present, lens.offered());
    let about = RichText::new(about).font(font::label()).color(palette.dim);
    widgets::menu_text(ui, about);
    ui.separator();
    let mut chosen = None;
    if let Some(chain) = lens.offered()
        && ui.button(words::decode_with(chain)).clicked()
    {
        chosen = Some(Typed::Decoders(Interpreter::for_received(chain.clone())));
    }
    if !present.is_identity() && ui.add(Button::new(words::DO_NOT_DECODE)).clicked() {
        chosen = Some(Typed::Decoders(Interpreter::default()));
    }
    let mut typed = lens.typed.borrow_mut();
    let typed = &mut *typed;
    // Without an offer, the user can only type a chain.
    let takes_focus = is_new && lens.offered().is_none();
    let is_entered = fields(ui, typed, (lens.protocol, WIDTH - 16.0), takes_focus);
    if ui.button(words::APPLY_DECODERS).clicked() || is_entered {
        chosen = typed.parse(lens.choice.get());
    }
    if let Some(problem) = &typed.problem {
        let problem = RichText::new(problem).font(font::small());
        widgets::menu_text(ui, problem.color(palette.fail));
    }
    let chosen = chosen?;
    ui.close();
    // The rows were drawn before the choice.
    ui.ctx().request_repaint();
    match chosen {
        Typed::Decoders(chosen) => {
            *lens.decoders.borrow_mut() = chosen;
            None
        }
        Typed::WithSchema(texts) => Some(texts),
    }
}

/// Draws the fields for the chains and the schema, each below its name. The first one gets the focus if `takes_focus` is
/// true. Returns true if the user pressed Enter in one.
fn fields(
    ui: &mut Ui,
    typed: &mut TypedChains,
    (protocol, width): (Protocol, f32),
    mut takes_focus: bool,
) -> bool {
    let palette = Palette::of(ui);
    let mut entered = false;
    for (name, text, hint, about) in [
        (
            words::DECODERS_OF_RECEIVED,
            &mut typed.received,
            words::CHAIN_HINT,
            words::DECODER_NAMES,
        ),
        (
            words::DECODERS_OF_SENT,
            &mut typed.sent,
            words::CHAIN_HINT,
            words::DECODER_NAMES,
        ),
        (
            words::SCHEMA,
            &mut typed.schema,
            words::SCHEMA_HINT,
            words::ABOUT_SCHEMA,
        ),
    ] {
        if name == words::DECODERS_OF_SENT && protocol == Protocol::EventStream {
            continue;
        }
        ui.label(RichText::new(name).font(font::small()).color(palette.dim));
        let hint = RichText::new(hint).font(font::mono());
        let edit = form_field(text)
            .font(font::mono())
            .hint_text(hint.color(palette.dim))
            .desired_width(width);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
        entered |= is_entered(&response);
        if std::mem::take(&mut takes_focus) {
            response.request_focus();
        }
        response.on_hover_text(about);
    }
    entered
}
