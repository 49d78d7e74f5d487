//! State of the answers of a pane, and the requests of the user about them.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Sense, Ui, WidgetInfo, vec2};
use feedscope_core::store::RowNumber;

use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left};

/// State of the answers of a pane.
#[derive(Default)]
pub(crate) struct AssembledView {
    /// The user has closed the answers.
    pub(super) is_closed: bool,
    /// The tab with the answers is chosen in a narrow pane.
    pub(super) is_tab_chosen: bool,
    /// The pane was narrow in the last pass, so that the answers are a tab.
    pub(super) has_tabs: bool,
    pub(super) form: AssembledForm,
    /// Answers whose reasoning is unfolded, by their numbers.
    pub(super) unfolded: BTreeSet<u64>,
}

/// Form in which the answers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AssembledForm {
    #[default]
    Markdown,
    /// Text as received.
    Plain,
    /// The last two answers beside each other.
    Compared,
}

/// Request of the user about the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AnswerWish {
    /// Selects the record of a part.
    GoTo(RowNumber),
    /// Saves the text of the answer with this number.
    Save(u64),
}

/// Draws a sentence that a screen reader can read.
pub(super) fn sentence(ui: &mut Ui, text: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let color = Palette::of(ui).dim;
    let galley = cut(ui, text, font::label(), color, rect.width() - 24.0);
    paint_left(ui, rect.left() + 14.0, rect.center().y, galley);
}
