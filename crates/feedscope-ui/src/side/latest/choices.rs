//! Choice of the key and of the number, and the field that finds keys.

use egui::accesskit::Role;
use egui::{Id, Popup, Rect, Sense, Ui, WidgetInfo, vec2};
use feedscope_analysis::columns::{offered_keys, offered_numbers};
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::store::Store;

use super::state::LatestView;
use crate::side::parts::{menu_button, path_menu};
use crate::side::place::SidePlace;
use crate::theme::{Palette, font, size};
use crate::widgets::{Strip, chip, chip_width, cut, measured, paint_left, take_top};
use crate::{offers, words};

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

/// Function that returns the paths of fields for a menu.
type Offered = fn(&Store, &Interpreter, usize) -> Vec<String>;

impl LatestView {
    /// Draws the menus of the key and the number.
    pub(super) fn choices(&mut self, ui: &Ui, place: &SidePlace<'_>, head: Rect) {
        let store = &place.feed.store;
        let mut strip = Strip::new(head, 4.0, 4.0);
        let mut menu = |name: &str, chosen: Option<&Path>, none: &str| {
            let text = chosen.map_or_else(|| none.to_owned(), Path::to_string);
            menu_button(ui, &mut strip, Id::unique((name, place.pane)), name, &text)
        };
        let key = menu("Key", self.key.as_ref(), "Key");
        let number = self
            .key
            .is_some()
            .then(|| menu("Number", self.number.as_ref(), "no number"));
        let mut wanted = None;
        let interpreter = self.interpreter.clone();
        let offers = |ui: &Ui, name: &str, offered: Offered| {
            let id = Id::unique((name, place.pane));
            offers::kept(ui, id, || offered(store, &interpreter, OFFERED))
        };
        Popup::menu(&key).show(|ui| {
            let offers = offers(ui, "latest keys", offered_keys);
            wanted = path_menu(ui, &offers);
        });
        if let Some(key) = wanted.take() {
            self.choose_key(store, key);
            ui.ctx().request_repaint();
        }
        if let Some(number) = number {
            Popup::menu(&number).show(|ui| {
                let offers = offers(ui, "latest numbers", offered_numbers);
                wanted = path_menu(ui, &offers);
            });
        }
        if wanted.is_some() {
            self.choose_number(store, wanted);
            ui.ctx().request_repaint();
        }
    }

    /// Draws the offers while no key is chosen.
    pub(super) fn offers(&mut self, ui: &Ui, place: &SidePlace<'_>, area: Rect) {
        let store = &place.feed.store;
        let mut rest = area.shrink2(vec2(12.0, 8.0));
        let line = take_top(&mut rest, size::LINE);
        let text = "Choose the field that names a series, such as a symbol:";
        let response = ui.interact(
            line,
            Id::unique(("latest offers", place.pane)),
            Sense::hover(),
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        paint_left(
            ui,
            line.left(),
            line.center().y,
            cut(ui, text, font::label(), Palette::of(ui).dim, line.width()),
        );
        let mut strip = Strip::new(take_top(&mut rest, 30.0), 0.0, 6.0);
        let id = Id::unique(("latest offers", place.pane));
        let interpreter = self.interpreter.clone();
        for path in offers::kept(ui, id, || offered_keys(store, &interpreter, OFFERED)).iter() {
            let width = chip_width(ui, path, false);
            if width > strip.room() {
                break;
            }
            let id = Id::unique(("latest by", path, place.pane));
            let rect = strip.left(width, size::CHIP);
            if chip(ui, rect, id, None, path, false).clicked()
                && let Ok(key) = Path::parse(path)
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
        let edit = egui::TextEdit::singleline(&mut self.typed)
            .id(Id::unique(("filter keys", place.pane)))
            .hint_text("Filter keys")
            .font(font::mono())
            .desired_width(field.width());
        let response = ui.put(field, edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Filter keys"));
        if response.changed() {
            self.ordered = None;
            self.top = 0.0;
        }
    }
}
