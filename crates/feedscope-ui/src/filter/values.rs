//! Menu of values for a filter: event types, and fields of JSON payloads with their values. Opening the menu starts the
//! search, which runs on another thread.

use egui::containers::menu::SubMenuButton;
use egui::{Button, Response, RichText, Ui};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::filter::{Counted, Meant, Offers, ParseContext, meant};
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::store::Store;

use super::suggested::{Suggested, suggested};
use crate::theme::{Palette, font};
use crate::words;

/// Number of fields in the menu.
const MOST_FIELDS: usize = 14;

/// Menu of the values of one store.
pub(super) struct ValuesMenu {
    offers: Offers,
    /// The menu was open in the last pass.
    is_open: bool,
    /// Text that was corrected last, the number of fields that were known then, and the result.
    corrected: Option<(String, usize, Option<Meant>)>,
}

impl ValuesMenu {
    /// Creates the menu of a store whose payloads `interpreter` reads. Nothing is searched before it is opened.
    pub(super) fn new(store: &Store, interpreter: &Interpreter) -> Self {
        Self {
            offers: Offers::reading(store, interpreter.clone()),
            is_open: false,
            corrected: None,
        }
    }

    /// Returns the filter that the user probably means by a text. The fields are read again for each text.
    pub(super) fn meant(&mut self, text: &str, context: ParseContext) -> Option<&Meant> {
        let found = self.offers.found();
        let known = found.fields.len();
        let before = self.corrected.as_ref();
        if before.is_none_or(|(of, ..)| of != text) {
            self.offers.ask_again();
        }
        if before.is_none_or(|(of, fields, _)| of != text || *fields != known) {
            let result = meant(text, &found.fields, &context);
            self.corrected = Some((text.to_owned(), known, result));
        }
        self.corrected.as_ref()?.2.as_ref()
    }

    /// Returns the analysis to run.
    pub(super) fn task(&self) -> Task {
        self.offers.task()
    }

    /// Requests the types and fields, for suggestions below the field.
    pub(super) fn ask(&self) {
        self.offers.ask();
    }

    /// Returns the suggestions for a text, and requests the values that they need.
    pub(super) fn suggested(&self, text: &str, context: ParseContext) -> (Suggested, bool) {
        let found = self.offers.found();
        let suggested = suggested(text, &found, context);
        let is_answered = match &suggested.field {
            Some(path) => {
                self.offers.ask_values(path);
                found.values.get(path).is_some_and(Option::is_some)
            }
            None => found.is_answered,
        };
        (suggested, is_answered)
    }

    /// Draws the menu while it is open. Returns the term of the filter that the user selects.
    pub(super) fn show(&mut self, button: &Response) -> Option<String> {
        let mut chosen = None;
        let menu = egui::Popup::menu(button).show(|ui| chosen = self.entries(ui));
        let was_open = std::mem::replace(&mut self.is_open, menu.is_some());
        if self.is_open && !was_open {
            // Types and fields of an earlier opening stay visible until the new ones are known.
            self.offers.ask();
        }
        chosen
    }

    /// Draws the entries of the menu.
    fn entries(&self, ui: &mut Ui) -> Option<String> {
        let mut chosen = None;
        let found = self.offers.found();
        ui.set_min_width(220.0);
        if found.types.is_empty() && found.fields.is_empty() {
            let words = if found.is_answered {
                words::NO_VALUES
            } else {
                words::LOOKING_FOR_VALUES
            };
            caption(ui, words);
            return None;
        }
        if !found.types.is_empty() {
            caption(ui, words::TYPES_OFFERED);
        }
        for (name, count) in &found.types {
            if offer(ui, name, *count) {
                chosen = Some(words::qualified_type(name));
            }
        }
        if !found.fields.is_empty() {
            caption(ui, words::FIELDS_OFFERED);
        }
        for field in found.fields.iter().take(MOST_FIELDS) {
            let (path, count) = (&field.path, &field.count);
            let button = Button::new(RichText::new(path).font(font::mono()))
                .right_text((count_text(ui, *count), SubMenuButton::arrow_atom(None)));
            let values = |ui: &mut Ui| offer_values(ui, found.values.get(path));
            let (_, menu) = SubMenuButton::from_button(button).ui(ui, values);
            let Some(menu) = menu else {
                continue;
            };
            if let Some(value) = menu.inner {
                chosen = Some(format!("{path} == {value}"));
            }
            // The values of a field are searched when its submenu is opened for the first time.
            self.offers.ask_values(path);
        }
        if chosen.is_some() {
            egui::Popup::close_all(ui.ctx());
        }
        chosen
    }
}

/// Draws the values of a field. Returns the one that the user selects.
fn offer_values<'a>(ui: &mut Ui, values: Option<&'a Option<Counted>>) -> Option<&'a String> {
    ui.set_min_width(160.0);
    let Some(Some(values)) = values else {
        caption(ui, words::LOOKING_FOR_VALUES);
        return None;
    };
    if values.is_empty() {
        caption(ui, words::NO_VALUES);
    }
    let mut chosen = None;
    for (value, count) in values {
        if offer(ui, value, *count) {
            chosen = Some(value);
        }
    }
    chosen
}

/// Draws a title.
fn caption(ui: &mut Ui, text: &str) {
    ui.label(
        RichText::new(text)
            .font(font::small())
            .color(Palette::of(ui).dim),
    );
}

/// Draws an entry with its count. Returns true if it was clicked.
fn offer(ui: &mut Ui, name: &str, count: u64) -> bool {
    let button = Button::new(RichText::new(words::shortened(name)).font(font::mono()))
        .right_text(count_text(ui, count));
    let clicked = ui.add(button).clicked();
    if clicked {
        ui.close();
    }
    clicked
}

/// Returns the text of a count.
fn count_text(ui: &Ui, count: u64) -> RichText {
    RichText::new(words::count(count))
        .font(font::small())
        .color(Palette::of(ui).dim)
}
