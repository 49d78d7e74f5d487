//! Choice of the key and of the columns, and the field that finds keys.

use egui::accesskit::Role;
use egui::{Id, Rect, RichText, Sense, Ui, WidgetInfo, vec2};
use feedscope_analysis::columns::{offered, offered_numbers, offered_record_keys};
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::latest::MOST_COLUMNS;
use feedscope_analysis::record_key::RecordKey;
use feedscope_core::store::Store;

use super::state::LatestView;
use crate::lacking::Lacking;
use crate::side::parts::{key_menu, menu_button, typed_path};
use crate::side::place::SidePlace;
use crate::theme::{Palette, font, size};
use crate::widgets::menu;
use crate::widgets::text_field::form_field;
use crate::widgets::{Strip, chip, chip_width, cut, measured, name_on_hover, paint_left, take_top};
use crate::{offers, words};

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

/// Function that returns the paths of fields for a menu.
type Offered = fn(&Store, &Interpreter, usize) -> Vec<String>;

impl LatestView {
    /// Draws the menus of the key and of the columns.
    pub(super) fn choices(&mut self, ui: &Ui, place: &SidePlace<'_>, head: Rect, has_room: usize) {
        let store = &place.feed.store;
        let mut strip = Strip::new(head, 4.0, 4.0);
        let mut menu = |name: &str, text: &str| {
            menu_button(ui, &mut strip, Id::unique((name, place.pane)), name, text)
        };
        let key = self.key.as_ref().map(RecordKey::to_string);
        let key = menu("Key", key.as_deref().unwrap_or("Key"));
        let columns = self.key.is_some().then(|| {
            let text = match &self.columns[..] {
                [] => "Columns".to_owned(),
                [one] => one.to_string(),
                [first, others @ ..] => format!("{first} +{}", others.len()),
            };
            menu("Columns", &text)
        });
        let interpreter = self.interpreter.clone();
        let offers = |ui: &Ui, name: &str, offered: Offered| {
            let id = Id::unique((name, place.pane));
            offers::kept(ui, id, || offered(store, &interpreter, OFFERED))
        };
        let mut wanted = None;
        menu::lasting(&key).show(|ui| {
            let offers = offers(ui, "latest keys", offered_record_keys);
            wanted = key_menu(ui, &offers);
        });
        if let Some(key) = wanted {
            self.choose_key(store, key);
            ui.ctx().request_repaint();
        }
        let Some(columns) = columns else { return };
        let mut wanted = None;
        // Several columns are chosen one after the other.
        menu::lasting(&columns).show(|ui| {
            let numbers = offers(ui, "latest numbers", offered_numbers);
            let others = offers(ui, "latest columns", offered);
            let offers = numbers.iter().chain(others.iter());
            wanted = self.column_menu(ui, offers, has_room);
        });
        if let Some(wanted) = wanted {
            self.choose_columns(store, wanted);
            ui.ctx().request_repaint();
        }
    }

    /// Draws the menu of the columns. Returns the columns after a change.
    fn column_menu<'a>(
        &self,
        ui: &mut Ui,
        offers: impl Iterator<Item = &'a String>,
        has_room: usize,
    ) -> Option<Vec<Path>> {
        let palette = Palette::of(ui);
        let note = |ui: &mut Ui, text: &str| {
            ui.label(RichText::new(text).font(font::small()).color(palette.dim));
        };
        note(ui, "Newest values of");
        let mut columns = self.columns.clone();
        let chosen: Vec<String> = columns.iter().map(Path::to_string).collect();
        let mut toggled = None;
        for (place, path) in chosen.iter().enumerate() {
            ui.horizontal(|ui| {
                let text = RichText::new(path).font(font::mono());
                if ui.checkbox(&mut true, text).clicked() {
                    toggled = Some(path.clone());
                }
                if place >= has_room {
                    note(ui, words::TOO_NARROW);
                }
            });
        }
        let is_full = columns.len() >= MOST_COLUMNS;
        let key = self.key.as_ref().map(RecordKey::to_string);
        let mut listed = chosen.clone();
        listed.extend(key);
        for path in offers {
            // A number is in both lists of offers.
            if listed.contains(path) {
                continue;
            }
            listed.push(path.clone());
            let text = RichText::new(path).font(font::mono());
            let mut is_chosen = false;
            let checkbox = egui::Checkbox::new(&mut is_chosen, text);
            if ui.add_enabled(!is_full, checkbox).clicked() {
                toggled = Some(path.clone());
            }
        }
        if is_full {
            note(ui, "There is no room for more columns.");
        } else if let Some(path) = typed_path(ui) {
            toggled = Some(path.to_string()).filter(|path| !chosen.contains(path));
        }
        let toggled = toggled?;
        match chosen.iter().position(|path| *path == toggled) {
            Some(place) => drop(columns.remove(place)),
            None => columns.push(Path::parse(&toggled).ok()?),
        }
        Some(columns)
    }

    /// Draws the offers while no key is chosen, or while no record has the chosen one.
    pub(super) fn offers(
        &mut self,
        ui: &Ui,
        place: &SidePlace<'_>,
        area: Rect,
        lacking: Option<Lacking>,
    ) {
        let store = &place.feed.store;
        let id = Id::unique(("latest offers", place.pane));
        let interpreter = self.interpreter.clone();
        let read = || offered_record_keys(store, &interpreter, OFFERED);
        let offered = offers::kept(ui, id, read);
        let lacking = lacking.map(|it| (it.sentence, it.nearest));
        let (sentence, nearest) =
            lacking.unwrap_or_else(|| (words::choose_key(offered.is_empty()).to_owned(), None));
        let text = sentence.as_str();
        let mut rest = area.shrink2(vec2(12.0, 8.0));
        let line = take_top(&mut rest, size::LINE);
        let response = ui.interact(line, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        let galley = cut(ui, text, font::label(), Palette::of(ui).dim, line.width());
        paint_left(ui, line.left(), line.center().y, galley);
        // A narrow part has no room for the whole sentence.
        name_on_hover(response, text);
        let mut strip = Strip::new(take_top(&mut rest, 30.0), 0.0, 6.0);
        let others = offered
            .iter()
            .filter(|path| Some(*path) != nearest.as_ref());
        for path in nearest.iter().chain(others) {
            let width = chip_width(ui, path, false);
            if width > strip.room() {
                break;
            }
            let id = Id::unique(("latest by", path, place.pane));
            let rect = strip.left(width, size::CHIP);
            if chip(ui, rect, id, None, path, false).clicked()
                && let Ok(key) = RecordKey::parse(path)
            {
                self.choose_key(store, key);
                ui.ctx().request_repaint();
            }
        }
    }

    /// Draws the field that finds keys, and their number.
    pub(super) fn find(&mut self, ui: &mut Ui, place: &SidePlace<'_>, rect: Rect, keys: usize) {
        let mut strip = Strip::new(rect, 12.0, 8.0);
        let count = words::counted(keys as u64, "key");
        let width = measured(ui, &count, font::small());
        let at = strip.right(width, size::LINE);
        paint_left(
            ui,
            at.left(),
            at.center().y,
            cut(ui, &count, font::small(), Palette::of(ui).dim, width),
        );
        let field = strip.rest(size::BUTTON);
        let edit = form_field(&mut self.typed)
            .id(Id::unique(("filter keys", place.pane)))
            .hint_text("Filter keys")
            .font(font::mono())
            .desired_width(field.width());
        let response = ui.put(field, edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Filter keys"));
        if response.changed() {
            self.order_again();
            self.top = 0.0;
        }
    }
}
