//! Newest record of each value of a field as a table: its number, the change, the recent past, rate and age. A click filters
//! the rows by the key.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Color32, Id, Popup, Pos2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::columns::{offered_keys, offered_numbers};
use feedscope_analysis::fields::{FieldReader, Path, Value};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::latest::{KeptNumber, KeptRecord, KeyRecords, Latest, StoreLatest};
use feedscope_analysis::series::Quantity;
use feedscope_core::Moment;
use feedscope_core::store::Store;

use super::parts::{line_in, path_menu};
use super::place::{SidePlace, SideWish};
use crate::pointer::DRAG_WAY;
use crate::theme::{Palette, font, size};
use crate::widgets::{
    Look, Strip, button, button_width, chip, chip_width, cut, cut_middle, measured, paint_left,
    paint_right, scroll_bar, take_bottom, take_top,
};
use crate::{offers, words};

/// Height of a row.
const ROW: f32 = 22.0;

/// Height of the names of the columns, and of the line with the field that finds keys.
const NAMES: f32 = 24.0;
const FIND: f32 = 32.0;

/// Time for which a changed number is marked.
const MARKED: Duration = Duration::from_millis(500);

/// Minimum time between two orders of the rows, in seconds.
const ORDERED_EVERY: f64 = 1.0;

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

/// Column by which the rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LatestColumn {
    Key,
    Value,
    Change,
    Rate,
    Age,
}

/// Function that returns the paths of fields for a menu.
type Offered = fn(&Store, &Interpreter, usize) -> Vec<String>;

/// State of the table.
pub(crate) struct LatestView {
    /// Reader of the payloads.
    interpreter: Interpreter,
    latest: Option<StoreLatest>,
    key: Option<Path>,
    number: Option<Path>,
    column: LatestColumn,
    is_descending: bool,
    /// Places of the keys in their order.
    order: Vec<usize>,
    /// Time of the pass in which they were ordered, and the number of keys then.
    ordered: Option<(f64, usize)>,
    /// Place of the pointer when the first order was made. A pointer that rests there does not read the table yet.
    resting: Option<Pos2>,
    /// Part of the names of the keys in the table.
    typed: String,
    /// First row in sight.
    top: f64,
    /// Key that was clicked.
    chosen: Option<String>,
}

impl Default for LatestView {
    fn default() -> Self {
        Self {
            interpreter: Interpreter::default(),
            latest: None,
            key: None,
            number: None,
            column: LatestColumn::Rate,
            is_descending: true,
            order: Vec::new(),
            ordered: None,
            resting: None,
            typed: String::new(),
            top: 0.0,
            chosen: None,
        }
    }
}

/// Row of the table.
struct LatestRow {
    name: String,
    value: String,
    change: Option<ValueChange>,
    spark: Vec<f32>,
    rate: f64,
    age: Duration,
    is_late: bool,
    /// Time for which the number stays marked, because it has changed a moment ago.
    marked_for: Option<Duration>,
}

/// Difference of the newest number and the one before.
struct ValueChange {
    text: String,
    direction: Ordering,
}

/// Positions of the columns, from left to right.
struct LatestLayout {
    key: (f32, f32),
    value_right: f32,
    change_right: Option<f32>,
    spark: Option<(f32, f32)>,
    rate_right: f32,
    age_right: f32,
}

impl LatestView {
    /// Shows the newest values by this field.
    pub(super) fn choose_key(&mut self, store: &Store, key: Path) {
        if self.key.as_ref() == Some(&key) {
            return;
        }
        // The first number is chosen, so that the table shows values at once.
        let number = self.number.take().or_else(|| {
            let offers = offered_numbers(store, &self.interpreter, 1);
            offers.first().and_then(|path| Path::parse(path).ok())
        });
        *self = Self {
            interpreter: self.interpreter.clone(),
            key: Some(key),
            number,
            ..Self::default()
        };
        self.start(store);
    }

    fn choose_number(&mut self, store: &Store, number: Option<Path>) {
        self.number = number;
        self.start(store);
    }

    fn start(&mut self, store: &Store) {
        self.ordered = None;
        self.order.clear();
        self.latest = self.key.clone().map(|key| {
            StoreLatest::reading(store, key, self.number.clone(), self.interpreter.clone())
        });
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(super) fn read_with(&mut self, store: &Store, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.start(store);
    }

    /// Returns the field by which the values are shown.
    pub(super) fn key(&self) -> Option<&Path> {
        self.key.as_ref()
    }

    /// Returns the analysis to run.
    pub(super) fn task(&self) -> Option<Task> {
        self.latest.as_ref().map(StoreLatest::task)
    }

    /// Draws the table. `head` is the free part of the head.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        place: &SidePlace<'_>,
        head: Rect,
        mut area: Rect,
    ) -> Option<SideWish> {
        self.choices(ui, place, head);
        let Some(latest) = self.latest.clone() else {
            self.offers(ui, place, area);
            return None;
        };
        let find = take_top(&mut area, FIND);
        let table = latest.value();
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
        let names = take_top(&mut area, NAMES);
        let layout = LatestLayout::of(area);
        self.names(ui, place, names, &layout);
        let pointer = ui.input(|input| input.pointer.latest_pos());
        if self.ordered.is_none() {
            self.resting = pointer;
        }
        let is_resting = pointer
            .zip(self.resting)
            .is_some_and(|(now, then)| now.distance(then) <= DRAG_WAY);
        let is_under_pointer = ui.rect_contains_pointer(area);
        self.order(
            ui,
            &table,
            place.now.moment,
            is_under_pointer && !is_resting,
        );
        let fitting = (area.height() / ROW).max(1.0);
        let most = (self.order.len() as f64 - f64::from(fitting)).max(0.0);
        if is_under_pointer {
            let moved = ui.input(|input| input.smooth_scroll_delta().y);
            self.top -= f64::from(moved / ROW);
        }
        self.top = self.top.clamp(0.0, most);
        // Only the rows in sight are copied out of the table.
        let first = self.top.floor() as usize;
        let shown = self
            .order
            .iter()
            .skip(first)
            .take(fitting.ceil() as usize + 1);
        let rows: Vec<LatestRow> = shown
            .filter_map(|at| table.keys().get(*at))
            .map(|key| LatestRow::of(key, place.now.moment))
            .collect();
        // The lock ends before anything is drawn, so that no step waits for it.
        drop(table);
        let clicked = self.rows(ui, place, area, &layout, &rows);
        if let Some(top) = self.scroll(ui, place, area, fitting, most) {
            self.top = top;
        }
        clicked.or(wish)
    }

    /// Draws the menus of the key and the number.
    fn choices(&mut self, ui: &Ui, place: &SidePlace<'_>, head: Rect) {
        let store = &place.feed.store;
        let mut strip = Strip::new(head, 4.0, 4.0);
        let mut menu = |name: &str, chosen: Option<&Path>, none: &str| {
            let text = chosen.map_or_else(|| none.to_owned(), Path::to_string);
            let label = format!("{text} ▾");
            let width = button_width(ui, &label, Look::Plain).min(strip.room());
            let id = Id::unique((name, place.pane));
            let response = button(ui, strip.left(width, size::BUTTON), id, &label, Look::Plain);
            // The button is known by its purpose, not by its present value.
            response
                .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name} {text}")));
            response
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
    fn offers(&mut self, ui: &Ui, place: &SidePlace<'_>, area: Rect) {
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
    fn find(&mut self, ui: &mut Ui, place: &SidePlace<'_>, rect: Rect, keys: usize) {
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

    /// Draws the kept records of the chosen key at the bottom, because the store may have let go of them.
    fn chosen_records(
        &mut self,
        ui: &Ui,
        place: &SidePlace<'_>,
        area: &mut Rect,
        kept: &[KeptRecord],
    ) -> Option<SideWish> {
        let name = self.chosen.clone()?;
        let height = NAMES + kept.len() as f32 * ROW;
        // A low part keeps its table.
        if kept.is_empty() || area.height() < height + 4.0 * ROW {
            return None;
        }
        let palette = Palette::of(ui);
        let mut rect = take_bottom(area, height);
        crate::widgets::top_line(ui, rect);
        let title = take_top(&mut rect, NAMES);
        let text = format!("Last records of {name}");
        paint_left(
            ui,
            title.left() + 12.0,
            title.center().y,
            cut(ui, &text, font::small(), palette.dim, title.width() - 24.0),
        );
        let mut wish = None;
        for record in kept {
            let line = take_top(&mut rect, ROW);
            let time = place.time_of_day(record.stamp().utc);
            let payload = if record.is_left_out() {
                Cow::Borrowed("too long to be kept here")
            } else {
                String::from_utf8_lossy(record.payload())
            };
            let id = Id::unique(("kept record", record.row().0, place.pane));
            let response = ui.interact(line, id, Sense::click());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("{time} {payload}"))
            });
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(line, 0.0, palette.raise);
            }
            let y = line.center().y;
            let time = cut(ui, &time, font::mono(), palette.dim, line.width());
            let left = line.left() + 12.0;
            let next = left + time.size().x + 12.0;
            paint_left(ui, left, y, time);
            // The layout of a row must not cost more than its visible part.
            let payload = &payload[..payload.floor_char_boundary(400)];
            let mut job = crate::payload_text::line_job(
                ui,
                payload,
                &font::mono(),
                palette.text,
                palette.faint,
            );
            job.wrap = crate::widgets::one_line(line.right() - next - 12.0);
            paint_left(ui, next, y, ui.painter().layout_job(job));
            if response.clicked() {
                wish = Some(SideWish::GoTo(record.row()));
            }
        }
        wish
    }

    /// Draws the names of the columns, which order the rows.
    fn names(&mut self, ui: &Ui, place: &SidePlace<'_>, rect: Rect, layout: &LatestLayout) {
        crate::widgets::bottom_line(ui, rect);
        let key = self.key.as_ref().map(Path::to_string).unwrap_or_default();
        let number = self
            .number
            .as_ref()
            .map_or_else(|| "newest".to_owned(), Path::to_string);
        let columns = [
            (LatestColumn::Key, key, layout.key.0, layout.key.1, false),
            (
                LatestColumn::Value,
                number,
                layout.key.1 + 8.0,
                layout.value_right,
                true,
            ),
            (
                LatestColumn::Change,
                "change".to_owned(),
                layout.value_right + 8.0,
                layout.change_right.unwrap_or(0.0),
                true,
            ),
            (
                LatestColumn::Rate,
                "/s".to_owned(),
                layout.rate_right - 40.0,
                layout.rate_right,
                true,
            ),
            (
                LatestColumn::Age,
                "age".to_owned(),
                layout.rate_right + 8.0,
                layout.age_right,
                true,
            ),
        ];
        for (column, name, left, right, is_number) in columns {
            let area = Rect::from_x_y_ranges(left..=right, rect.y_range());
            if area.width() < 12.0 {
                continue;
            }
            let palette = Palette::of(ui);
            let is_on = self.column == column;
            let id = Id::unique(("latest column", column as u8, place.pane));
            let response = ui.interact(area, id, Sense::click());
            let label = format!("Order by {name}");
            response.widget_info(|| WidgetInfo::selected(Role::ColumnHeader, true, is_on, &label));
            let arrow = match (is_on, self.is_descending) {
                (true, true) => " ▾",
                (true, false) => " ▴",
                (false, _) => "",
            };
            let color = if is_on { palette.text } else { palette.dim };
            let galley = cut(
                ui,
                &format!("{name}{arrow}"),
                font::small(),
                color,
                area.width(),
            );
            if is_number {
                paint_right(ui, right, rect.center().y, galley);
            } else {
                paint_left(ui, left, rect.center().y, galley);
            }
            if response.clicked() {
                // Texts begin with the first letter, and numbers with the largest.
                self.is_descending = if is_on {
                    !self.is_descending
                } else {
                    column != LatestColumn::Key
                };
                self.column = column;
                self.ordered = None;
            }
            response.on_hover_text(about(column));
        }
    }

    /// Orders the keys. The order changes at most once a second and never under the pointer.
    fn order(&mut self, ui: &Ui, table: &Latest, now: Moment, is_under_pointer: bool) {
        let time = ui.input(|input| input.time);
        let keys = table.keys();
        if let Some((ordered_at, count)) = self.ordered {
            let next = ordered_at + ORDERED_EVERY;
            if time < next {
                // Values that arrived since the last order count in the next one, also if nothing arrives any more.
                let wait = Duration::from_secs_f64((next - time).max(0.0));
                ui.ctx().request_repaint_after(wait);
                return;
            }
            if is_under_pointer {
                // New keys come last, so that nothing moves under the pointer.
                let typed = &self.typed;
                let new = count..keys.len();
                self.order
                    .extend(new.filter(|at| is_shown(&keys[*at], typed)));
                self.ordered = Some((time, keys.len()));
                return;
            }
        }
        let parsed = |number: Option<&KeptNumber>| number?.text.parse::<f64>().ok();
        let value = |key: &KeyRecords| parsed(key.number());
        let change = |key: &KeyRecords| Some(value(key)? - parsed(key.previous_number())?);
        let rank: Vec<f64> = keys
            .iter()
            .map(|key| match self.column {
                LatestColumn::Key => 0.0,
                LatestColumn::Value => value(key).unwrap_or(f64::NEG_INFINITY),
                LatestColumn::Change => change(key).unwrap_or(f64::NEG_INFINITY),
                LatestColumn::Rate => key.rate(now),
                LatestColumn::Age => key.age(now).as_secs_f64(),
            })
            .collect();
        self.order = (0..keys.len())
            .filter(|at| is_shown(&keys[*at], &self.typed))
            .collect();
        let (column, is_descending) = (self.column, self.is_descending);
        self.order.sort_by(|one, other| {
            let by_name = keys[*one].name().cmp(keys[*other].name());
            match (column, is_descending) {
                (LatestColumn::Key, true) => by_name.reverse(),
                (LatestColumn::Key, false) => by_name,
                (_, true) => rank[*other].total_cmp(&rank[*one]).then(by_name),
                (_, false) => rank[*one].total_cmp(&rank[*other]).then(by_name),
            }
        });
        self.ordered = Some((time, keys.len()));
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
        for (at, row) in rows.iter().enumerate() {
            let top = area.top() - above + at as f32 * ROW;
            let rect = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), ROW));
            let id = Id::unique(("latest row", &row.name, place.pane));
            let seen = rect
                .intersect(area)
                .with_max_x(area.right() - scroll_bar::WIDTH);
            let response = ui.interact(seen, id, Sense::click());
            let is_chosen = self.chosen.as_deref() == Some(&*row.name);
            response.widget_info(|| {
                WidgetInfo::selected(Role::ListBoxOption, true, is_chosen, row.label())
            });
            row.paint(
                ui,
                rect,
                layout,
                is_chosen,
                response.hovered() || response.has_focus(),
            );
            repaint_in = repaint_in.max(row.marked_for);
            if response.clicked() {
                self.chosen = Some(row.name.clone()).filter(|_| !is_chosen);
                // A click with Ctrl compares keys in the plot, and a plain one shows the records of the key.
                let adds_line = ui.input(|input| input.modifiers.command);
                let key = self.key.clone();
                wish = if adds_line {
                    let number = self.number.clone().map(Quantity::Field);
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
        let path = self.key.as_ref()?;
        let latest = self.latest.as_ref()?.value();
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

/// Returns true if the name of a key contains the typed text, in letters of any case.
fn is_shown(key: &KeyRecords, typed: &str) -> bool {
    let typed = typed.trim();
    typed.is_empty() || key.name().to_lowercase().contains(&typed.to_lowercase())
}

/// Returns the meaning of a column, with its span and unit.
fn about(column: LatestColumn) -> &'static str {
    match column {
        LatestColumn::Key => {
            "Values of the field. A click on a row filters the records by its value."
        }
        LatestColumn::Value => {
            "Number in the newest record of the key. It is marked for half a second after a change."
        }
        LatestColumn::Change => {
            "Difference of the number and the one in the record of the same key before."
        }
        LatestColumn::Rate => "Records of the key per second, over the last two minutes.",
        LatestColumn::Age => {
            "Time since the newest record of the key. It has a color if the key was never silent for so long."
        }
    }
}

/// Returns the difference of two numbers with as many decimals as the longer one has.
fn change(before: &str, now: &str) -> Option<ValueChange> {
    let (old, new): (f64, f64) = (before.parse().ok()?, now.parse().ok()?);
    let decimals = |text: &str| {
        text.split_once('.')
            .map_or(0, |(_, decimals)| decimals.len())
    };
    // A float has no more exact decimals.
    let most = decimals(before).max(decimals(now)).min(9);
    let text = if before.contains(['e', 'E']) || now.contains(['e', 'E']) {
        words::axis_number((new - old).abs(), "")
    } else {
        format!("{:.most$}", (new - old).abs())
    };
    Some(ValueChange {
        text,
        direction: new.partial_cmp(&old)?,
    })
}

impl LatestRow {
    fn of(key: &KeyRecords, now: Moment) -> Self {
        let (number, before) = (key.number(), key.previous_number());
        let change = before
            .zip(number)
            .and_then(|(before, number)| change(&before.text, &number.text));
        let age = key.age(now);
        // Records without the number do not remove the mark of a change.
        let number_age = number.map_or(age, |number| now.since(number.at));
        let has_changed = change
            .as_ref()
            .is_some_and(|change| change.direction != Ordering::Equal);
        let number = number.map(|number| number.text.to_string());
        let value = number.unwrap_or_else(|| {
            // Without a number, the beginning of the payload stands for it.
            let text = String::from_utf8_lossy(key.newest().payload());
            text.chars()
                .take(60)
                .map(crate::payload_text::visible)
                .collect()
        });
        Self {
            name: key.name().to_owned(),
            value,
            change,
            spark: key.spark(now).into_iter().flatten().collect(),
            rate: key.rate(now),
            age,
            is_late: key.is_late(now),
            marked_for: MARKED.checked_sub(number_age).filter(|_| has_changed),
        }
    }

    /// Returns the text for screen readers.
    fn label(&self) -> String {
        let change = self.change.as_ref().map_or_else(String::new, |change| {
            format!(", {} {}", direction_word(change.direction), change.text)
        });
        format!(
            "{} {}{change}, {} per second, {} ago",
            self.name,
            self.value,
            words::significant(self.rate),
            words::duration(self.age)
        )
    }

    fn paint(&self, ui: &Ui, rect: Rect, layout: &LatestLayout, is_chosen: bool, is_lit: bool) {
        let palette = Palette::of(ui);
        if is_chosen {
            ui.painter().rect_filled(rect, 0.0, palette.selection);
        } else if is_lit {
            ui.painter().rect_filled(rect, 0.0, palette.raise);
        }
        let y = rect.center().y;
        let dim = palette.dim_in_row(is_chosen);
        let character = measured(ui, "0", font::mono());
        let mono = |text: &str, color: Color32, width: f32| {
            let fitting = (width / character).floor().max(1.0) as usize;
            cut(ui, &cut_middle(text, fitting), font::mono(), color, width)
        };
        let (left, right) = layout.key;
        paint_left(ui, left, y, mono(&self.name, palette.text, right - left));
        if let (Some(right), Some(change)) = (layout.change_right, &self.change) {
            let (sign, color) = match change.direction {
                Ordering::Greater => ("▴", palette.open),
                Ordering::Less => ("▾", palette.fail),
                Ordering::Equal => ("", dim),
            };
            if self.marked_for.is_some() {
                let ground =
                    Rect::from_x_y_ranges(layout.value_right + 6.0..=right + 4.0, rect.y_range());
                ui.painter().rect_filled(
                    ground.shrink2(vec2(0.0, 2.0)),
                    3.0,
                    color.gamma_multiply(0.18),
                );
            }
            let color = if self.marked_for.is_some() {
                palette.text
            } else {
                color
            };
            let text = format!("{sign} {}", change.text);
            paint_right(
                ui,
                right,
                y,
                mono(text.trim_start(), color, right - layout.value_right - 8.0),
            );
        }
        let room = layout.value_right - layout.key.1 - 8.0;
        paint_right(
            ui,
            layout.value_right,
            y,
            mono(&self.value, palette.text, room),
        );
        if let Some((left, right)) = layout.spark {
            let area = Rect::from_x_y_ranges(left..=right, rect.top() + 5.0..=rect.bottom() - 5.0);
            line_in(ui, area, &self.spark, dim);
        }
        let rate = words::significant(self.rate);
        paint_right(
            ui,
            layout.rate_right,
            y,
            cut(ui, &rate, font::small(), dim, 40.0),
        );
        let color = if self.is_late { palette.wait } else { dim };
        let age = words::duration(self.age);
        paint_right(
            ui,
            layout.age_right,
            y,
            cut(ui, &age, font::small(), color, 56.0),
        );
    }
}

fn direction_word(direction: Ordering) -> &'static str {
    match direction {
        Ordering::Greater => "up",
        Ordering::Less => "down",
        Ordering::Equal => "unchanged",
    }
}

impl LatestLayout {
    /// Divides the width. The sparkline gives way first, then the change.
    fn of(area: Rect) -> Self {
        let age_right = area.right() - scroll_bar::WIDTH - 4.0;
        let rate_right = age_right - 60.0;
        // Wide enough for `12,345`.
        let mut right = rate_right - 44.0;
        let spark = (area.width() >= 390.0).then(|| {
            right -= 56.0;
            (right + 4.0, right + 52.0)
        });
        let change_right = (area.width() >= 330.0).then_some(right);
        let value_right = change_right.map_or(right, |right| right - 78.0);
        let left = area.left() + 12.0;
        let key_right = left + ((value_right - left) * 0.55).max(40.0);
        Self {
            key: (left, key_right),
            value_right,
            change_right,
            spark,
            rate_right,
            age_right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_the_decimals_of_its_numbers() {
        for (before, now, text, direction) in [
            ("0.7913", "0.7938", "0.0025", Ordering::Greater),
            ("7441.5", "5200", "2241.5", Ordering::Less),
            ("3", "3.0", "0.0", Ordering::Equal),
            ("1", "12", "11", Ordering::Greater),
        ] {
            let change = change(before, now).unwrap();
            assert_eq!((change.text.as_str(), change.direction), (text, direction));
        }
        assert!(change("1", "x").is_none());
    }

    #[test]
    fn a_narrow_table_keeps_its_key_and_value() {
        for width in [280.0, 340.0, 416.0, 900.0] {
            let area = Rect::from_min_size(pos2(100.0, 0.0), vec2(width, 200.0));
            let layout = LatestLayout::of(area);
            assert_eq!(layout.change_right.is_some(), width >= 330.0);
            assert_eq!(layout.spark.is_some(), width >= 390.0);
            assert!(
                layout.key.1 - layout.key.0 >= 40.0 && layout.value_right - layout.key.1 >= 40.0,
                "{width}"
            );
        }
    }
}
