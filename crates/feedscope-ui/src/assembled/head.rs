//! Headers of the answers: the section, one answer, folded reasoning, and the reason of a failure.

use egui::accesskit::Role;
use egui::{Color32, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::assembled::PartKind;
use feedscope_analysis::lenses::{Assembled, AssembledAnswer};

use super::state::{AnswerWish, AssembledForm, AssembledView};
use crate::ids::PaneId;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, chip, chip_width, cut,
    icon_button, paint_left,
};
use crate::words;

/// Draws the tabs that choose between the rows and the answers.
pub(super) fn tabs(ui: &Ui, pane: PaneId, rect: Rect, is_chosen: &mut bool) {
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, size::PADDING, 6.0);
    for (name, chooses) in [("Records", false), ("Answers", true)] {
        let place = strip.left(chip_width(ui, name, false), size::CHIP);
        let id = Id::unique(("answers tab", pane, name));
        if chip(ui, place, id, None, name, *is_chosen == chooses).clicked() {
            *is_chosen = chooses;
            ui.ctx().request_repaint();
        }
    }
}

/// Draws the header of the section.
pub(super) fn show(
    ui: &Ui,
    pane: PaneId,
    rect: Rect,
    assembled: &Assembled,
    view: &mut AssembledView,
) {
    let palette = Palette::of(ui);
    let mut strip = Strip::new(rect, size::PADDING, 6.0);
    let cross = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    let id = |name: &str| Id::unique(("answers", pane, name));
    let compare = (assembled.answers.len() > 1)
        .then(|| strip.right(chip_width(ui, "compare", false), size::CHIP));
    // The title gets the rest, because it can be cut.
    let markdown = strip.right(chip_width(ui, "Markdown", false), size::CHIP);
    let title = strip.rest(20.0);
    let name = cut(
        ui,
        "Answers",
        font::strong_label(),
        palette.text,
        title.width(),
    );
    let width = name.size().x;
    paint_left(ui, title.left(), title.center().y, name);
    // Answers that were let go are counted too.
    let count = assembled.let_go + assembled.answers.len() as u64;
    let room = (title.width() - width - 8.0).max(0.0);
    let counted = cut(ui, &words::answers(count), font::label(), palette.dim, room);
    paint_left(ui, title.left() + width + 8.0, title.center().y, counted);
    if chip(
        ui,
        markdown,
        id("markdown"),
        None,
        "Markdown",
        view.form == AssembledForm::Markdown,
    )
    .clicked()
    {
        view.form = switched(view.form, AssembledForm::Markdown);
    }
    if let Some(rect) = compare {
        let response = chip(
            ui,
            rect,
            id("compare"),
            None,
            "compare",
            view.form == AssembledForm::Compared,
        );
        if response.on_hover_text(words::COMPARE_ANSWERS).clicked() {
            view.form = switched(view.form, AssembledForm::Compared);
        }
    }
    if icon_button(ui, cross, id("close"), Icon::Cross, "Close the answers").clicked() {
        view.is_closed = true;
    }
}

/// Returns the form after its chip was clicked.
fn switched(form: AssembledForm, chip: AssembledForm) -> AssembledForm {
    match chip {
        _ if form == chip && chip == AssembledForm::Markdown => AssembledForm::Plain,
        _ if form == chip => AssembledForm::Markdown,
        _ => chip,
    }
}

/// Draws the header of one answer: its state, and the buttons for the whole text.
pub(super) fn answer(ui: &mut Ui, pane: PaneId, answer: &AssembledAnswer) -> Option<AnswerWish> {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
    let (state, color) = state(palette, answer);
    let title = words::answer_title(answer.number, answer.document.choice());
    let stop = answer.document.stop_reason().map(words::stop_reason);
    let text = [Some(title.as_str()), Some(state), stop.as_deref()];
    let text: Vec<&str> = text.into_iter().flatten().collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text.join(", ")));
    ui.painter().rect_filled(rect, 0.0, palette.raise);
    let mut strip = Strip::new(rect, 12.0, 6.0);
    let id = |name: &str| Id::unique(("answer", pane, answer.number, name));
    // The places are taken from the right, and the buttons are drawn from the left.
    let save = strip.right(button_width(ui, "Save…", Look::Ghost), size::BUTTON);
    let copy = strip.right(button_width(ui, "Copy", Look::Ghost), size::BUTTON);
    let rest = strip.rest(20.0);
    let mut x = rest.left();
    let mut add = |text: &str, font, color: Color32| {
        let room = (rest.right() - x).max(0.0);
        let galley = cut(ui, text, font, color, room);
        let width = galley.size().x;
        paint_left(ui, x, rest.center().y, galley);
        x += width + 12.0;
    };
    add(&title, font::strong_label(), palette.text);
    add(state, font::label(), color);
    if let Some(stop) = &stop {
        add(stop, font::label(), palette.dim);
    }
    if button(ui, copy, id("copy"), "Copy", Look::Ghost).clicked() {
        ui.ctx().copy_text(answer.whole_text());
    }
    button(ui, save, id("save"), "Save…", Look::Ghost)
        .clicked()
        .then_some(AnswerWish::Save(answer.number))
}

/// Returns the state of an answer in a word, with its color.
fn state(palette: &Palette, answer: &AssembledAnswer) -> (&'static str, Color32) {
    let document = &answer.document;
    if document.error().is_some() {
        ("failed", palette.fail)
    } else if answer.is_growing && !document.is_complete() {
        ("growing …", palette.wait)
    } else {
        ("complete", palette.open)
    }
}

/// Draws the line of the reasoning. Returns true if it was clicked.
pub(super) fn reasoning(
    ui: &mut Ui,
    pane: PaneId,
    answer: &AssembledAnswer,
    is_open: bool,
) -> bool {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let id = Id::unique(("reasoning", pane, answer.number));
    let response = ui.interact(rect, id, Sense::click());
    let document = &answer.document;
    let parts = document.parts().iter();
    let count = parts
        .filter(|part| part.kind == PartKind::Reasoning)
        .count() as u64;
    let text = words::reasoning(count);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_expanded(is_open));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 0.0, palette.raise);
    }
    let y = rect.center().y;
    let shape = if is_open {
        Icon::Unfolded
    } else {
        Icon::Folded
    };
    icon::paint(
        ui.painter(),
        shape,
        pos2(rect.left() + 16.0, y),
        palette.dim,
    );
    let galley = cut(ui, &text, font::label(), palette.dim, rect.width() - 40.0);
    let width = galley.size().x;
    paint_left(ui, rect.left() + 28.0, y, galley);
    // The first line shows the subject of the reasoning.
    if !is_open {
        let line = document
            .reasoning()
            .trim_start()
            .lines()
            .next()
            .unwrap_or_default();
        let room = rect.width() - width - 54.0;
        let preview = cut(ui, line, font::label(), palette.faint, room.max(0.0));
        paint_left(ui, rect.left() + 40.0 + width, y, preview);
    }
    response.clicked()
}

/// Draws the reason of an answer that failed.
pub(super) fn failure(ui: &mut Ui, pane: PaneId, number: u64, error: &str) {
    let palette = Palette::of(ui);
    let width = ui.available_width() - 44.0;
    let galley = ui.painter().layout(
        error.to_owned(),
        font::label(),
        palette.fail,
        width.max(40.0),
    );
    let height = galley.size().y + 12.0;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let response = ui.interact(rect, Id::unique(("failure", pane, number)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, error));
    ui.painter()
        .rect_filled(rect, 0.0, palette.fail.gamma_multiply(tint::ROW));
    icon::paint(
        ui.painter(),
        Icon::Cross,
        rect.left_center() + vec2(18.0, 0.0),
        palette.fail,
    );
    let at = pos2(rect.left() + 32.0, rect.top() + 6.0);
    ui.painter().galley(at, galley, palette.fail);
}
