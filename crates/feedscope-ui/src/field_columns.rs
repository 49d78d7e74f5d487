//! Columns of rows that show fields of the payloads, chosen for each feed, and the part of the menu that changes them.

use std::cell::RefCell;

use egui::accesskit::Role;
use egui::{RichText, Ui, WidgetInfo};
use feedscope_analysis::columns::{Columns, filled_columns};
use feedscope_analysis::filter::{Column, ColumnValue};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::listing::Listing;
use feedscope_core::Kind;

use crate::theme::{Palette, font};
use crate::widgets::menu::take_typed_text;
use crate::widgets::text_field::{form_field, is_entered};
use crate::{offers, words};

/// Maximum number of columns of fields, so that a row stays readable.
const MOST: usize = 20;

/// Number of columns that the menu offers at once.
const OFFERED: usize = 6;

/// Longest and shortest automatic width of a column, in characters.
const WIDEST: usize = 24;
const NARROWEST: usize = 4;

/// Fields of the payloads that are columns of one feed.
#[derive(Default)]
pub(crate) struct FieldColumns {
    paths: Vec<String>,
    reader: Columns,
    content: Vec<FieldContent>,
    /// Text in the field of the menu.
    typed: String,
    /// Reason that the typed text is no column.
    problem: Option<String>,
}

/// Content of a column so far. It only grows, so that a width does not change back and forth.
#[derive(Clone, Copy, Debug, Default)]
struct FieldContent {
    /// Number of characters of the longest value.
    longest: usize,
    has_numbers: bool,
    has_others: bool,
}

impl FieldColumns {
    /// Returns true if there are no columns.
    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns the expressions, from left to right.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Replaces the columns. Expressions that do not parse are left out.
    pub(crate) fn set(&mut self, paths: &[String]) {
        let parses = |path: &&String| Column::parse_list(path).is_ok_and(|list| list.len() == 1);
        self.paths = paths.iter().filter(parses).take(MOST).cloned().collect();
        // Each expression was parsed above, so that none is left out here.
        let columns = self.paths.iter().flat_map(|path| Column::parse_list(path));
        self.reader = Columns::new(columns.flatten().collect());
        self.content = vec![FieldContent::default(); self.paths.len()];
    }

    /// Adds a column. Returns false if it is there already, is no expression, or there are too many.
    pub(crate) fn add(&mut self, path: &str) -> bool {
        let before = self.paths.len();
        if !self.paths.iter().any(|known| known == path) {
            self.set(&[&self.paths[..], &[path.to_owned()]].concat());
        }
        self.paths.len() > before
    }

    /// Returns the values of a record as `interpreter` reads it, from left to right.
    pub(crate) fn values(&self, kind: &Kind<'_>, interpreter: &Interpreter) -> Vec<ColumnValue> {
        self.reader.values_as(kind, interpreter)
    }

    /// Widens the columns that are too narrow for these values. Returns true if one was.
    pub(crate) fn widen(&mut self, values: &[ColumnValue]) -> bool {
        let mut is_changed = false;
        for (content, value) in self.content.iter_mut().zip(values) {
            let characters = text(value).chars().count();
            if characters > content.longest {
                content.longest = characters;
                is_changed = true;
            }
            // An empty cell decides nothing about the alignment of the header.
            if characters > 0 {
                content.has_numbers |= value.is_number();
                content.has_others |= !value.is_number();
            }
        }
        is_changed
    }

    /// Returns the widths of the columns in characters.
    pub(crate) fn widths(&self) -> Vec<usize> {
        let columns = self.paths.iter().zip(&self.content);
        columns
            .map(|(path, content)| {
                let name = path.chars().count().min(WIDEST / 2);
                content.longest.max(name).clamp(NARROWEST, WIDEST)
            })
            .collect()
    }

    /// Returns true for a column of numbers, which are at its right.
    pub(crate) fn is_number(&self, place: usize) -> bool {
        let content = self.content.get(place);
        content.is_some_and(|content| content.has_numbers && !content.has_others)
    }
}

/// Returns the text of a value in a row.
pub(crate) fn text(value: &ColumnValue) -> &str {
    match value {
        ColumnValue::Missing => "",
        ColumnValue::Bool(true) => "true",
        ColumnValue::Bool(false) => "false",
        ColumnValue::Number(text) | ColumnValue::Text(text) | ColumnValue::Json(text) => text,
    }
}

/// Effect of the items about fields.
#[derive(Default)]
pub(crate) struct FieldChange {
    /// The columns have changed.
    pub(crate) is_changed: bool,
    /// Condition for the records that have the new columns.
    pub(crate) condition: Option<String>,
}

/// Draws the items about fields. `has_room` is false for a field whose column has given way.
pub(crate) fn menu(
    ui: &mut Ui,
    (fields, has_room): (&RefCell<FieldColumns>, &dyn Fn(usize) -> bool),
    listing: &Listing,
    interpreter: &Interpreter,
) -> FieldChange {
    let palette = Palette::of(ui);
    let mut fields = fields.borrow_mut();
    let mut is_changed = false;
    ui.label(
        RichText::new("Fields")
            .font(font::small())
            .color(palette.dim),
    );
    // The list is changed after it has been drawn.
    let mut removed = None;
    for (place, path) in fields.paths.iter().enumerate() {
        let mut shown = true;
        ui.horizontal(|ui| {
            let path = RichText::new(path).font(font::mono());
            if ui.checkbox(&mut shown, path).clicked() {
                removed = Some(place);
            }
            if !has_room(place) {
                let reason = RichText::new(words::TOO_NARROW).font(font::small());
                ui.label(reason.color(palette.dim));
            }
        });
    }
    if let Some(place) = removed {
        let mut paths = fields.paths.clone();
        paths.remove(place);
        fields.set(&paths);
        is_changed = true;
    }
    let hint = RichText::new(".price")
        .font(font::mono())
        .color(palette.dim);
    // The number of columns above it changes, which must not make it another field.
    let field = ui.scope_id().with("typed field");
    take_typed_text(ui, field);
    let edit = form_field(&mut fields.typed)
        .id(field)
        .font(font::mono())
        .hint_text(hint)
        .desired_width(150.0);
    let response = ui.add(edit);
    response
        .widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Field to show as a column"));
    if response.changed() {
        fields.problem = None;
    }
    if is_entered(&response) {
        let typed = fields.typed.trim().to_owned();
        match Column::parse_list(&typed) {
            Ok(_) if fields.add(&typed) => {
                fields.typed.clear();
                is_changed = true;
            }
            Ok(_) => fields.problem = Some("this field is a column already".to_owned()),
            Err(problem) => fields.problem = Some(problem.kind.to_string()),
        }
    }
    if let Some(problem) = &fields.problem {
        ui.label(
            RichText::new(problem)
                .font(font::small())
                .color(palette.fail),
        );
    }
    let mut change = offer(ui, &mut fields, listing, interpreter);
    change.is_changed |= is_changed;
    change
}

/// Draws the buttons that add several columns at once: the fields that many records of the list have, and those of each type.
fn offer(
    ui: &mut Ui,
    fields: &mut FieldColumns,
    listing: &Listing,
    interpreter: &Interpreter,
) -> FieldChange {
    let id = ui.scope_id().with("offered columns");
    let offered = offers::kept(ui, id, || filled_columns(listing, interpreter, OFFERED));
    let mut chosen: Option<&Vec<String>> = None;
    if offered.paths.is_empty() {
        let color = Palette::of(ui).dim;
        let text = RichText::new(words::NO_FILLED_COLUMN).font(font::small());
        ui.label(text.color(color));
    } else {
        let about = words::columns_of(None, &offered.paths);
        let is_filtered = listing.newest_hits(1).is_some();
        let button = ui.button(words::columns_for(is_filtered));
        if button.on_hover_text(about).clicked() {
            chosen = Some(&offered.paths);
            ui.close();
        }
    }
    let mut chosen_type = None;
    for of_type in &offered.of_types {
        let text = format!("Columns for {}", words::shortened(&of_type.name));
        let condition = words::condition_of_type(of_type);
        let about = words::columns_of(Some(&condition), &of_type.paths);
        if ui.button(text).on_hover_text(about).clicked() {
            chosen_type = Some((condition, &of_type.paths));
            ui.close();
        }
    }
    // Without the condition, the new columns would be empty in most rows.
    let condition = chosen_type.map(|(condition, paths)| {
        chosen = Some(paths);
        condition
    });
    let mut is_changed = false;
    for path in chosen.into_iter().flatten() {
        is_changed |= fields.add(path);
    }
    FieldChange {
        is_changed,
        condition,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_added_once_and_read_in_order() {
        let mut fields = FieldColumns::default();
        assert!(fields.is_empty());
        assert!(fields.add(".symbol") && fields.add(".price"));
        assert!(!fields.add(".price") && !fields.add("price |") && !fields.add(".a,.b"));
        assert_eq!(fields.paths(), [".symbol", ".price"]);
        let kind = Kind::Line {
            data: br#"{"price":"101.50","symbol":"ACME"}"#,
        };
        let values = fields.values(&kind, &Interpreter::default());
        let texts: Vec<&str> = values.iter().map(text).collect();
        assert_eq!(texts, ["ACME", "101.50"]);
        assert!(fields.widen(&values) && !fields.widen(&values));
        assert_eq!(fields.widths(), [7, 6]);
        assert!(!fields.is_number(0) && fields.is_number(1) && !fields.is_number(2));
        fields.set(&[".a".to_owned(), "|".to_owned()]);
        assert_eq!(
            (fields.paths(), fields.widths()),
            (&[".a".to_owned()][..], vec![4])
        );
    }
}
