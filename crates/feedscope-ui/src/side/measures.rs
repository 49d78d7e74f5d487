//! Measures of a feed, or of its selected rows: the same figures as `feedscope stats` prints. A click on a figure plots its
//! history.

mod list;
mod row;

use std::ops::Range;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Id, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::columns::{offered_keys, offered_sequences, offered_times};
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::job::Job;
use feedscope_analysis::listing::ItemId;
use feedscope_analysis::measures::{Figures, MeasuredFields, StoreGapRows, StoreMeasures};
use feedscope_analysis::series::Quantity;
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{ConnectionState, Moment};

use super::parts::{child, typed_path};
use super::place::{SidePlace, SideWish};
use crate::columns::KeptMeasured;
use crate::focus_ring::reveal_focus;
use crate::row_copy::measure_job;
use crate::theme::{Palette, font, size};
use crate::widgets::menu;
use crate::widgets::{Look, Strip, button, button_width, chip, chip_width, cut, paint_left};
use crate::{offers, words};
use list::{Click, measures};
use row::{note, rates, row, sparkline};

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

/// Name of the field from which the latency is measured.
const TIME_OF_SERVER: &str = "Time of the server";

/// Number of rows that are measured within the pass.
const SMALL: u64 = 1_000;

/// Search for fields that fit a measure.
type Offers = fn(&Store, &Interpreter, usize) -> Vec<String>;

/// State of the measures.
#[derive(Default)]
pub(crate) struct MeasuresView {
    /// Reader of the payloads.
    interpreter: Interpreter,
    whole: Option<StoreMeasures>,
    gaps: Option<StoreGapRows>,
    fields: MeasuredFields,
    /// The user has chosen these fields in this pane, and they are not kept yet.
    is_chosen: bool,
    /// Number of times that the program had set the kept fields when this view took them over; `None` if it never has.
    times_set: Option<u64>,
    selected: Option<SelectedFigures>,
    is_of_selection: bool,
}

/// Figures of selected rows.
struct SelectedFigures {
    ranges: Vec<Range<ItemId>>,
    count: u64,
    figures: Job<Figures>,
}

impl MeasuresView {
    /// Starts the measures of a store.
    pub(crate) fn sync(&mut self, store: &Store) {
        let fields = &self.fields;
        let interpreter = &self.interpreter;
        self.whole.get_or_insert_with(|| {
            StoreMeasures::reading(store, fields.clone(), interpreter.clone())
        });
        if fields.sequence.is_some() && self.gaps.is_none() {
            let gaps = StoreGapRows::reading(store, fields.clone(), interpreter.clone());
            self.gaps = Some(gaps);
        }
    }

    /// Measures other fields, which the user has chosen.
    fn choose(&mut self, store: &Store, fields: MeasuredFields) {
        if self.fields != fields {
            self.measure(fields);
            self.is_chosen = true;
            self.sync(store);
        }
    }

    /// Measures these fields from the oldest record on.
    fn measure(&mut self, fields: MeasuredFields) {
        *self = Self {
            fields,
            interpreter: self.interpreter.clone(),
            is_chosen: self.is_chosen,
            times_set: self.times_set,
            is_of_selection: self.is_of_selection,
            ..Self::default()
        };
    }

    /// Takes over the kept fields if the program has set them, and returns the fields that the user has chosen since the
    /// last call. Several panes on a feed may measure different fields; the last choice is kept.
    pub(super) fn exchange(&mut self, kept: &mut KeptMeasured) -> Option<MeasuredFields> {
        if self.times_set != Some(kept.times_set) {
            self.times_set = Some(kept.times_set);
            // A choice of the user in this pane stays.
            if !self.is_chosen && self.fields != kept.fields {
                self.measure(kept.fields.clone());
            }
        }
        if !std::mem::take(&mut self.is_chosen) || self.fields == kept.fields {
            return None;
        }
        kept.fields.clone_from(&self.fields);
        Some(self.fields.clone())
    }

    /// Measures the sequence of this field. Its key belongs to another sequence and is dropped.
    pub(super) fn choose_sequence(&mut self, store: &Store, path: Path) {
        let fields = MeasuredFields {
            sequence: Some(path),
            key: None,
            ..self.fields.clone()
        };
        self.choose(store, fields);
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(super) fn read_with(&mut self, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.measure(self.fields.clone());
    }

    /// Shows the figures of the selected rows.
    pub(super) fn measure_selection(&mut self) {
        self.is_of_selection = true;
    }

    /// Returns the time of a silence that is longer than all before.
    pub(crate) fn quiet(&self, now: Moment) -> Option<Duration> {
        self.whole.as_ref()?.quiet(now)
    }

    /// Returns the rows with faults of the chosen sequence.
    pub(crate) fn gaps(&self) -> Option<&StoreGapRows> {
        self.gaps.as_ref()
    }

    /// Returns the analyses to run.
    pub(super) fn tasks(&self) -> impl Iterator<Item = Task> {
        let selected = self.selected.as_ref().and_then(|it| it.figures.task());
        let whole = self.whole.iter().map(StoreMeasures::task);
        let gaps = self.gaps.iter().map(StoreGapRows::task);
        selected.into_iter().chain(whole).chain(gaps)
    }

    /// Draws the measures. `head` is the free part of the head.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        place: &SidePlace<'_>,
        head: Rect,
        area: Rect,
    ) -> Option<SideWish> {
        // The switch counts the selected rows exactly, also those out of sight.
        let count = place
            .selected
            .map_or(0, |(listing, rows)| rows.count(listing));
        self.head(ui, place, head, count);
        let mut figures = self.figures(place, count);
        if place.feed.source.lacks_times() {
            figures = figures.map(without_times);
        }
        let mut wish = None;
        let id = Id::unique(("measures", place.pane));
        let mut child = child(ui, area, id);
        ScrollArea::vertical()
            .id_salt(id)
            .auto_shrink(false)
            .show(&mut child, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let Some(figures) = figures else {
                    ui.add_space(6.0);
                    note(ui, "The selected rows are being measured…");
                    return;
                };
                for measure in measures(&figures, &self.fields) {
                    let is_rate = measure.click == Click::Plot(Quantity::RecordRate);
                    let response = row(ui, place, &measure);
                    if is_rate && !self.is_of_selection {
                        sparkline(ui, response.rect, &measure, &rates(place));
                    }
                    if response.clicked() {
                        wish = self.clicked(&measure.click, place);
                    }
                }
                for text in &figures.notes {
                    note(ui, text);
                }
                self.choices(ui, place);
                reveal_focus(ui);
            });
        wish
    }

    fn clicked(&self, click: &Click, place: &SidePlace<'_>) -> Option<SideWish> {
        match click {
            Click::Nothing => None,
            Click::Plot(quantity) => Some(SideWish::Plot(quantity.clone())),
            Click::NextGap => Some(SideWish::NextGap),
            Click::NextFault => self.next_fault(place).map(SideWish::GoTo),
        }
    }

    /// Returns the next row with a fault after the selected one.
    fn next_fault(&self, place: &SidePlace<'_>) -> Option<RowNumber> {
        let current = place.selected.and_then(|(_, rows)| rows.current());
        let gaps = self.gaps.as_ref()?.value();
        gaps.next_after(current.map(|item| item.row))
    }

    /// Draws the switch between the whole feed and the selected rows.
    fn head(&mut self, ui: &Ui, place: &SidePlace<'_>, head: Rect, count: u64) {
        self.is_of_selection &= count > 1;
        let mut strip = Strip::new(head, 8.0, 4.0);
        let selected = words::counted(count, "row");
        for (name, of_selection) in [("Whole feed", false), (selected.as_str(), true)] {
            let width = chip_width(ui, name, false);
            if (of_selection && count < 2) || width > strip.room() {
                continue;
            }
            let id = Id::unique(("measured", of_selection, place.pane));
            let is_on = self.is_of_selection == of_selection;
            let rect = strip.left(width, size::CHIP);
            if chip(ui, rect, id, None, name, is_on).clicked() {
                self.is_of_selection = of_selection;
            }
        }
    }

    /// Returns the figures to show; `None` while the selected rows are being measured.
    fn figures(&mut self, place: &SidePlace<'_>, count: u64) -> Option<Figures> {
        let (Some((listing, selection)), true) = (place.selected, self.is_of_selection) else {
            self.selected = None;
            // A file ends with its last record, and a connection with the present time.
            // After its end, a feed is no longer silent.
            let state = place.feed.source.state();
            let is_live = state.is_some_and(ConnectionState::is_live);
            let end = is_live.then_some(place.now.moment);
            return self.whole.as_ref().map(|whole| whole.figures(end));
        };
        // The number differs if a filter found further rows within the ranges.
        let is_same = |it: &SelectedFigures| it.ranges == selection.ranges() && it.count == count;
        if !self.selected.as_ref().is_some_and(is_same) {
            let job = measure_job(
                listing,
                selection.ranges(),
                self.fields.clone(),
                self.interpreter.clone(),
            );
            self.selected = Some(SelectedFigures {
                ranges: selection.ranges().to_vec(),
                count,
                figures: job.done_at_once(count <= SMALL),
            });
        }
        self.selected.as_ref()?.figures.get().cloned()
    }

    /// Draws the menus that choose the measured fields.
    fn choices(&mut self, ui: &mut Ui, place: &SidePlace<'_>) {
        let store = &place.feed.store;
        let mut wanted = self.fields.clone();
        let lacks_times = place.feed.source.lacks_times();
        ui.add_space(6.0);
        for (name, about, chosen, offered) in [
            (
                TIME_OF_SERVER,
                "Field with the server's time, from which the latency is measured",
                &mut wanted.time,
                offered_times as Offers,
            ),
            (
                "Sequence",
                "Number that counts up by one, so that holes in it show lost records",
                &mut wanted.sequence,
                offered_sequences,
            ),
            (
                "Key of the sequence",
                "Field whose values have sequences of their own, such as a symbol",
                &mut wanted.key,
                offered_keys,
            ),
        ] {
            // Without the time of arrival, there is no latency.
            if lacks_times && name == TIME_OF_SERVER {
                continue;
            }
            let present = chosen
                .as_ref()
                .map_or_else(|| "none".to_owned(), Path::to_string);
            let rect = ui
                .allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover())
                .0;
            let label = cut(ui, name, font::label(), Palette::of(ui).dim, 132.0);
            paint_left(ui, rect.left() + 12.0, rect.center().y, label);
            let text = format!("{present} ▾");
            let width = button_width(ui, &text, Look::Plain).min(rect.width() - 156.0);
            let left = pos2(rect.left() + 144.0, rect.center().y - size::BUTTON / 2.0);
            let at = Rect::from_min_size(left, vec2(width, size::BUTTON));
            let response = button(ui, at, Id::unique((name, place.pane)), &text, Look::Plain);
            // The button is known by its purpose, not by its present value.
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("{name} {present}"))
            });
            let id = Id::unique((name, place.pane));
            menu::lasting(&response).show(|ui| {
                let paths = offers::kept(ui, id, || offered(store, &self.interpreter, OFFERED));
                path_menu(ui, chosen, &paths);
            });
            response.on_hover_text(about);
        }
        self.choose(store, wanted);
    }
}

/// Removes the figures that need the times of the records.
fn without_times(figures: Figures) -> Figures {
    Figures {
        seconds: None,
        rate: None,
        interval_ms: None,
        longest_silence_ms: None,
        latency_ms: None,
        ..figures
    }
}

/// Draws the menu of a field: none, the offers, and a typed path.
fn path_menu(ui: &mut Ui, chosen: &mut Option<Path>, offers: &[String]) {
    if ui.button("None").clicked() {
        *chosen = None;
        ui.close();
    }
    for path in offers {
        if ui.button(path).clicked() {
            *chosen = Path::parse(path).ok();
            ui.close();
        }
    }
    if let Some(path) = typed_path(ui) {
        *chosen = Some(path);
        ui.close();
    }
}
