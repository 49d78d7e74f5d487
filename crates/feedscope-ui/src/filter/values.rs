//! Menu of values for a filter: event types, and fields of JSON payloads with their values. Opening the menu starts the
//! search, which runs on another thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::containers::menu::SubMenuButton;
use egui::{Button, Response, RichText, Ui};
use feedscope_analysis::filter::{FieldPath, event_types, field_values, fields};
use feedscope_core::store::Store;
use parking_lot::Mutex;

use crate::theme::{Palette, font};
use crate::words;

/// Number of newest rows to examine, which is enough to find frequent values.
const NEWEST: usize = 10_000;
/// Maximum number of values that a menu shows.
const MOST: usize = 14;

/// Values of one store. Clones share their state.
#[derive(Clone)]
pub struct Values {
    store: Store,
    state: Arc<Mutex<State>>,
}

/// State that the menu and the searching thread share.
#[derive(Default)]
struct State {
    /// Questions that have not been answered.
    asked: Vec<Question>,
    /// The menu was open in the last pass.
    is_open: bool,
    /// Event types that were found.
    types: Counted,
    /// Paths of fields that were found.
    fields: Counted,
    /// Values of the fields; `None` while they are being searched.
    of_field: BTreeMap<String, Option<Counted>>,
    /// The first search has ended, so that empty lists mean that there is nothing to offer.
    is_answered: bool,
}

/// Values with their number of occurrences, the most frequent first.
type Counted = Vec<(String, u64)>;

/// Search that the menu requests.
enum Question {
    TypesAndFields,
    OfField(String),
}

impl Values {
    /// Creates the values of a store. Nothing is searched before the menu is opened.
    pub(crate) fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            state: Arc::default(),
        }
    }

    /// Returns true if a question has not been answered.
    pub(crate) fn is_asked(&self) -> bool {
        !self.state.lock().asked.is_empty()
    }

    /// Answers all open questions. Returns true if there were any.
    pub(crate) fn look(&self) -> bool {
        let asked = std::mem::take(&mut self.state.lock().asked);
        let has_looked = !asked.is_empty();
        for question in asked {
            match question {
                Question::TypesAndFields => {
                    // The lock is not held during the search, because the menu takes it in each pass.
                    let types = event_types(&self.store, NEWEST, MOST);
                    let fields = fields(&self.store, NEWEST, MOST);
                    let mut state = self.state.lock();
                    (state.types, state.fields) = (types, fields);
                    state.is_answered = true;
                }
                Question::OfField(path) => {
                    let values = FieldPath::parse(&path).map_or_else(
                        |_| Vec::new(),
                        |path| field_values(&self.store, &path, NEWEST, MOST),
                    );
                    self.state.lock().of_field.insert(path, Some(values));
                }
            }
        }
        has_looked
    }

    /// Draws the menu while it is open. Returns the term of the filter that the user selects.
    pub(crate) fn menu(&self, button: &Response) -> Option<String> {
        let mut chosen = None;
        let menu = egui::Popup::menu(button).show(|ui| chosen = self.offers(ui));
        let mut state = self.state.lock();
        if menu.is_some() && !state.is_open {
            // Values of an earlier opening stay visible until the new ones are known.
            state.of_field.clear();
            state.asked.push(Question::TypesAndFields);
        }
        state.is_open = menu.is_some();
        chosen
    }

    /// Draws the entries of the menu.
    fn offers(&self, ui: &mut Ui) -> Option<String> {
        let mut chosen = None;
        let mut state = self.state.lock();
        let state = &mut *state;
        ui.set_min_width(220.0);
        if state.types.is_empty() && state.fields.is_empty() {
            let words = if state.is_answered {
                words::NO_VALUES
            } else {
                words::LOOKING_FOR_VALUES
            };
            caption(ui, words);
            return None;
        }
        if !state.types.is_empty() {
            caption(ui, words::TYPES_OFFERED);
        }
        for (name, count) in &state.types {
            if offer(ui, name, *count) {
                chosen = Some(words::qualified_type(name));
            }
        }
        if !state.fields.is_empty() {
            caption(ui, words::FIELDS_OFFERED);
        }
        let State {
            fields,
            of_field,
            asked,
            ..
        } = state;
        for (path, count) in fields.iter() {
            let button = Button::new(RichText::new(path).font(font::mono()))
                .right_text((count_text(ui, *count), SubMenuButton::arrow_atom(None)));
            let values = |ui: &mut Ui| offer_values(ui, of_field.get(path));
            let (_, menu) = SubMenuButton::from_button(button).ui(ui, values);
            let Some(menu) = menu else {
                continue;
            };
            if let Some(value) = menu.inner {
                chosen = Some(format!("{path} == {value}"));
            }
            // The values of a field are searched when its submenu is opened for the first time.
            if !of_field.contains_key(path) {
                of_field.insert(path.clone(), None);
                asked.push(Question::OfField(path.clone()));
            }
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
