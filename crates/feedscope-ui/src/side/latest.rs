//! Newest record of each value of a field as a table: its values, the change of the first one and its recent past, rate and
//! age. A click filters the rows by the key.

mod choices;
mod columns;
mod kept;
mod names;
mod order;
mod row;
mod state;

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::columns::offered_numbers;
use feedscope_analysis::fields::{FieldReader, Path, Value};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::latest::{KeptRecord, KeyOrder, OrderBy, StoreLatest};
use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::Quantity;
use feedscope_core::store::{RowNumber, Store};

use super::place::{SidePlace, SideWish};
use crate::lacking::Lacking;
use crate::pointer::DRAG_WAY;
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, measured, paint_left, scroll_bar, take_bottom, take_top};
use crate::words;
pub(super) use columns::NEXT_VALUE;
use columns::{FIND, LatestLayout, NAMES, ROW};
use row::LatestRow;
pub(super) use state::LatestView;

impl LatestView {
    /// Shows the newest values by this field.
    pub(super) fn choose_key(&mut self, store: &Store, key: RecordKey) {
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let mut columns = std::mem::take(&mut self.columns);
        if columns.is_empty() {
            // The first number is chosen, so that the table shows values at once.
            let offers = offered_numbers(store, &self.interpreter, 1);
            columns.extend(offers.first().and_then(|path| Path::parse(path).ok()));
        }
        *self = Self {
            interpreter: self.interpreter.clone(),
            end: self.end,
            key: Some(key),
            columns,
            is_restored: true,
            ..Self::default()
        };
        self.start(store);
    }

    fn choose_columns(&mut self, store: &Store, columns: Vec<Path>) {
        self.columns = columns;
        self.longest_numbers.clear();
        if matches!(self.by, OrderBy::Value(_)) {
            // The values have other places.
            self.by = OrderBy::Rate;
        }
        self.start(store);
    }

    fn start(&mut self, store: &Store) {
        self.requested = None;
        self.ordered = (0, 0);
        self.order.clear();
        self.latest = self.key.clone().map(|key| {
            let columns = self.columns.clone();
            let latest = StoreLatest::reading(store, key, columns, self.interpreter.clone());
            latest.set_limit(self.end);
            let order = KeyOrder::new(&latest);
            (latest, order)
        });
    }

    /// Shows the values of the rows before this one; those of all rows without it.
    pub(super) fn read_until(&mut self, end: Option<RowNumber>) {
        self.end = end.unwrap_or(RowNumber::MAX);
        if let Some((latest, _)) = &self.latest {
            latest.set_limit(self.end);
        }
    }

    /// Restores the choice of a feed, the key first. A choice of the user in this pane stays.
    pub(super) fn restore(&mut self, store: &Store, kept: &[String]) {
        if std::mem::replace(&mut self.is_restored, true) || self.key.is_some() {
            return;
        }
        let Some((key, columns)) = kept.split_first() else {
            return;
        };
        if let Ok(key) = RecordKey::parse(key) {
            let columns = columns.iter().filter_map(|path| Path::parse(path).ok());
            self.columns = columns.collect();
            self.key = Some(key);
            self.start(store);
        }
    }

    /// Returns the choice, the key first; empty without a key.
    pub(super) fn choice(&self) -> Vec<String> {
        let Some(key) = &self.key else {
            return Vec::new();
        };
        let columns = self.columns.iter().map(Path::to_string);
        std::iter::once(key.to_string()).chain(columns).collect()
    }

    /// Returns the number of columns of values.
    pub(super) fn values(&self) -> usize {
        self.columns.len()
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(super) fn read_with(&mut self, store: &Store, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.start(store);
    }

    /// Returns the field by which the values are shown.
    pub(super) fn key(&self) -> Option<&RecordKey> {
        self.key.as_ref()
    }

    /// Returns the analyses to run.
    pub(super) fn tasks(&self) -> impl Iterator<Item = Task> {
        let latest = self.latest.iter();
        latest.flat_map(|(latest, order)| [latest.task(), order.task()])
    }

    /// Draws the table. `head` is the free part of the head.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        place: &SidePlace<'_>,
        head: Rect,
        mut area: Rect,
    ) -> Option<SideWish> {
        let has_times = !place.feed.source.lacks_times();
        let room = self.layout(ui, area, has_times).values.len();
        self.choices(ui, place, head, room);
        let Some((latest, _)) = self.latest.clone() else {
            self.offers(ui, place, area, None);
            return None;
        };
        let table = latest.value();
        // Records after the position may have the key.
        if table.lacks_key() && self.end == RowNumber::MAX {
            let key = table.record_key().to_string();
            drop(table);
            let id = Id::unique(("latest without key", place.pane));
            let read = (&place.feed.store, &self.interpreter);
            let lacking = Lacking::new(ui, id, read, &key, None);
            self.offers(ui, place, area, Some(lacking));
            return None;
        }
        let find = take_top(&mut area, FIND);
        self.find(ui, place, find, table.keys().len());
        let kept = self.chosen.as_deref().and_then(|name| table.key(name));
        let kept: Vec<KeptRecord> = kept.map_or_else(Vec::new, |key| key.kept().cloned().collect());
        let wish = self.chosen_records(ui, place, &mut area, &kept);
        let notes = table.notes();
        if let Some(note) = notes.first() {
            let line = take_bottom(&mut area, size::LINE);
            let text = cut(
                ui,
                note,
                font::small(),
                Palette::of(ui).dim,
                line.width() - 24.0,
            );
            paint_left(ui, line.left() + 12.0, line.center().y, text);
        }
        // The names and the rows have the same columns.
        let names_place = take_top(&mut area, NAMES);
        let pointer = ui.input(|input| input.pointer.latest_pos());
        if self.ordered.1 == 0 {
            self.resting = pointer;
        }
        let has_moved = pointer
            .zip(self.resting)
            .is_none_or(|(now, then)| now.distance(then) > DRAG_WAY);
        if has_moved {
            // The pointer may come back to its first place later.
            self.resting = None;
        }
        let is_under_pointer = ui.rect_contains_pointer(area);
        let is_pressed = ui.input(|input| input.pointer.any_down());
        let is_read = is_under_pointer && (has_moved || is_pressed) || self.has_focus;
        self.order(ui, &table, place.now.moment, is_read);
        let fitting = (area.height() / ROW).max(1.0);
        // A replay that went back has fewer keys than the last order.
        let is_present = |at: &&usize| **at < table.keys().len();
        let present = self.order.iter().filter(is_present).count();
        let most = (present as f64 - f64::from(fitting)).max(0.0);
        if is_under_pointer {
            let moved = ui.input(|input| input.smooth_scroll_delta().y);
            self.top -= f64::from(moved / ROW);
        }
        self.top = self.top.clamp(0.0, most);
        let now = has_times.then_some(place.now.moment);
        // Only the rows in sight are copied out of the table.
        let first = self.top.floor() as usize;
        let shown = self
            .order
            .iter()
            .filter(is_present)
            .skip(first)
            .take(fitting.ceil() as usize + 1);
        let rows: Vec<LatestRow> = shown
            .filter_map(|at| table.keys().get(*at))
            .map(|key| LatestRow::of(key, self.columns.len(), now))
            .collect();
        // The lock ends before anything is drawn, so that no step waits for it.
        drop(table);
        let names = rows.iter().map(|row| row.name.chars().count());
        self.longest_name = names.fold(self.longest_name, usize::max);
        self.longest_numbers.resize(self.columns.len().max(1), 0);
        for (column, longest) in self.longest_numbers.iter_mut().enumerate() {
            let numbers = rows.iter().filter_map(|row| row.number_length(column));
            *longest = numbers.fold(*longest, usize::max);
        }
        let layout = self.layout(ui, area, has_times);
        // A column is one of texts if a visible row has a text in it.
        let is_text = |column: &usize| rows.iter().any(|row| row.is_text(*column) == Some(true));
        let texts: Vec<usize> = (0..layout.values.len()).filter(is_text).collect();
        self.names(ui, place, names_place, &layout, &texts);
        let clicked = self.rows(ui, place, area, &layout, &rows);
        if let Some(top) = self.scroll(ui, place, area, fitting, most) {
            self.top = top;
        }
        clicked.or(wish)
    }

    /// Divides the width of the table.
    fn layout(&self, ui: &Ui, area: Rect, has_times: bool) -> LatestLayout {
        let path = self.key.as_ref().map_or(0, |key| key.to_string().len());
        let characters = self.longest_name.max(path) + 1;
        let character = measured(ui, "0", font::mono());
        let width = |characters: usize| characters as f32 * character;
        let mut wanted: Vec<f32> = self.longest_numbers.iter().copied().map(width).collect();
        wanted.resize(self.columns.len().max(1), 0.0);
        LatestLayout::of(area, width(characters), &wanted, has_times)
    }

    /// Draws the rows. Returns the request of a click.
    fn rows(
        &mut self,
        ui: &mut Ui,
        place: &SidePlace<'_>,
        area: Rect,
        layout: &LatestLayout,
        rows: &[LatestRow],
    ) -> Option<SideWish> {
        let clip = ui.clip_rect();
        ui.set_clip_rect(clip.intersect(area));
        let above = (self.top.fract() as f32) * ROW;
        let mut wish = None;
        let mut repaint_in: Option<Duration> = None;
        self.has_focus = false;
        for (at, row) in rows.iter().enumerate() {
            let top = area.top() - above + at as f32 * ROW;
            let rect = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), ROW));
            let id = Id::unique(("latest row", &row.name, place.pane));
            let seen = rect
                .intersect(area)
                .with_max_x(area.right() - scroll_bar::WIDTH);
            let response = ui.interact(seen, id, Sense::click());
            self.has_focus |= response.has_focus();
            let is_chosen = self.chosen.as_deref() == Some(&*row.name);
            response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, row.label()));
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_selected(is_chosen));
            row.paint(
                ui,
                rect,
                layout,
                is_chosen,
                response.hovered() || response.has_focus(),
            );
            let column = row.name_numbers(ui, id, seen, layout, &self.columns);
            repaint_in = repaint_in.max(row.marked_for);
            let is_clicked = response.clicked();
            response.on_hover_ui(|ui| {
                ui.label(row.explanation(column.unwrap_or(OrderBy::Key)));
            });
            if is_clicked {
                self.chosen = Some(row.name.clone()).filter(|_| !is_chosen);
                // A click with Ctrl compares keys in the plot, and a plain one shows the records of the key.
                let adds_line = ui.input(|input| input.modifiers.command);
                let key = self.key.clone();
                wish = if adds_line {
                    let number = self.columns.first().cloned().map(Quantity::Field);
                    number
                        .zip(key)
                        .map(|(number, key)| SideWish::PlotByKey(number, key))
                } else {
                    self.condition(&row.name).map(SideWish::Narrow)
                };
            }
        }
        ui.set_clip_rect(clip);
        if let Some(time) = repaint_in {
            // The mark is removed in time, also if no record arrives.
            ui.ctx().request_repaint_after(time);
        }
        wish
    }

    /// Returns the filter for the records of a key.
    fn condition(&self, name: &str) -> Option<String> {
        let path = match self.key.as_ref()? {
            RecordKey::Field(path) => path,
            RecordKey::Id => return Some(words::qualified_id(name)),
            RecordKey::Type => return Some(words::qualified_type(name)),
        };
        let latest = self.latest.as_ref()?.0.value();
        let newest = latest.key(name)?.newest();
        let reader = FieldReader::new([path.clone()])?;
        let [found, ..] = reader.read(newest.payload()).ok()?;
        let is_text = found
            .value()
            .is_none_or(|value| matches!(value, Value::Text(_)));
        let value = if is_text {
            serde_json::to_string(name).ok()?
        } else {
            name.to_owned()
        };
        Some(format!("{path} == {value}"))
    }

    /// Draws the scroll bar. Returns the first row that the user scrolls to.
    fn scroll(
        &self,
        ui: &Ui,
        place: &SidePlace<'_>,
        area: Rect,
        fitting: f32,
        most: f64,
    ) -> Option<f64> {
        if most <= 0.0 {
            return None;
        }
        // The bar has a minimum length of its own.
        let share = f64::from(fitting) / self.order.len().max(1) as f64;
        let id = Id::unique(("latest scroll", place.pane));
        let part = scroll_bar::show(
            ui,
            area,
            id,
            "Position in the table",
            share,
            self.top / most,
        );
        part.map(|part| part * most)
    }
}
