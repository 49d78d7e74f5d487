//! Measures of a feed, or of its selected rows: the same figures as `feedscope stats` prints. A click on a figure plots its
//! history.

use std::ops::Range;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Id, Popup, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::columns::{offered_keys, offered_sequences, offered_times};
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::job::Job;
use feedscope_analysis::listing::ItemId;
use feedscope_analysis::measures::{Figures, MeasuredFields, StoreGapRows, StoreMeasures};
use feedscope_analysis::series::Quantity;
use feedscope_core::Moment;
use feedscope_core::store::{RowNumber, Store};

use super::parts::{child, line_in, typed_path};
use super::place::{SidePlace, SideWish};
use crate::row_copy::measure_job;
use crate::theme::{Palette, font, size};
use crate::widgets::{Look, Strip, button, button_width, chip, chip_width, cut, paint_left};
use crate::{offers, words};

/// Height of a measure.
const ROW: f32 = 24.0;

/// Left edge of the values.
const VALUES: f32 = 112.0;

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

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
    selected: Option<SelectedFigures>,
    is_of_selection: bool,
}

/// Figures of selected rows.
struct SelectedFigures {
    ranges: Vec<Range<ItemId>>,
    count: u64,
    figures: Job<Figures>,
}

/// Effect of a click on a measure.
#[derive(Clone, Debug, PartialEq)]
enum Click {
    Nothing,
    Plot(Quantity),
    /// Leads to the next gap that the IDs show.
    NextGap,
    /// Leads to the next fault of the sequence.
    NextFault,
}

/// One measure.
#[derive(Clone, Debug, PartialEq)]
struct Measure {
    name: String,
    value: String,
    /// Meaning, span and unit.
    about: &'static str,
    click: Click,
    is_loss: bool,
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

    /// Measures other fields.
    fn choose(&mut self, store: &Store, fields: MeasuredFields) {
        // Other fields are measured from the oldest record on.
        if self.fields != fields {
            *self = Self {
                fields,
                interpreter: self.interpreter.clone(),
                is_of_selection: self.is_of_selection,
                ..Self::default()
            };
            self.sync(store);
        }
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(super) fn read_with(&mut self, interpreter: &Interpreter) {
        *self = Self {
            fields: self.fields.clone(),
            interpreter: interpreter.clone(),
            is_of_selection: self.is_of_selection,
            ..Self::default()
        };
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
        let figures = self.figures(place, count);
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
                        sparkline(ui, response.rect, &rates(place));
                    }
                    if response.clicked() {
                        wish = self.clicked(&measure.click, place);
                    }
                }
                for text in &figures.notes {
                    note(ui, text);
                }
                self.choices(ui, place);
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
            let end = place
                .feed
                .source
                .file()
                .is_none()
                .then_some(place.now.moment);
            // After its end, a feed is no longer silent.
            let end = end.filter(|_| place.feed.status.state.is_live());
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
        ui.add_space(6.0);
        for (name, about, chosen, offered) in [
            (
                "Time of the server",
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
            Popup::menu(&response).show(|ui| {
                let paths = offers::kept(ui, id, || offered(store, &self.interpreter, OFFERED));
                path_menu(ui, chosen, &paths);
            });
            response.on_hover_text(about);
        }
        self.choose(store, wanted);
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

/// Draws one measure.
fn row(ui: &mut Ui, place: &SidePlace<'_>, measure: &Measure) -> egui::Response {
    let palette = Palette::of(ui);
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    let can_click = measure.click != Click::Nothing;
    let sense = if can_click {
        Sense::click()
    } else {
        Sense::hover()
    };
    let id = Id::unique(("measure", &measure.name, place.pane));
    let response = ui.interact(rect, id, sense);
    let role = if can_click { Role::Button } else { Role::Label };
    let label = format!("{} {}", measure.name, measure.value);
    response.widget_info(|| WidgetInfo::labeled(role, true, &label));
    if measure.is_loss {
        let ground = palette.wait.gamma_multiply(crate::theme::tint::ROW);
        ui.painter().rect_filled(rect, 0.0, ground);
    }
    if can_click && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, 0.0, palette.raise);
    }
    let (name, value): (Color32, Color32) = if measure.is_loss {
        (palette.wait, palette.wait)
    } else {
        (palette.dim, palette.text)
    };
    let y = rect.center().y;
    let left = rect.left() + 12.0;
    paint_left(
        ui,
        left,
        y,
        cut(ui, &measure.name, font::label(), name, VALUES - 8.0),
    );
    let left = rect.left() + 12.0 + VALUES;
    let room = (rect.right() - left - 12.0).max(0.0);
    paint_left(
        ui,
        left,
        y,
        cut(ui, &measure.value, font::strong(12.0), value, room),
    );
    let hint = match measure.click {
        Click::Nothing => measure.about.to_owned(),
        Click::Plot(_) => format!("{} A click plots its history.", measure.about),
        Click::NextGap | Click::NextFault => {
            format!("{} A click leads to the next of these rows.", measure.about)
        }
    };
    if can_click {
        response
            .on_hover_cursor(CursorIcon::PointingHand)
            .on_hover_text(hint)
    } else {
        response.on_hover_text(hint)
    }
}

/// Draws a note below the measures.
fn note(ui: &mut Ui, text: &str) {
    ui.horizontal_wrapped(|ui| {
        ui.add_space(12.0);
        ui.label(
            egui::RichText::new(text)
                .font(font::small())
                .color(Palette::of(ui).dim),
        );
    });
}

/// Returns the records of each slice of the last two minutes.
fn rates(place: &SidePlace<'_>) -> Vec<f32> {
    let slices = place.feed.store.slices(place.now.moment);
    // The newest slice is not full.
    let shown = &slices[..slices.len().saturating_sub(1)];
    shown.iter().map(|slice| slice.records as f32).collect()
}

/// Draws values as a small line at the right end of a row.
fn sparkline(ui: &Ui, row: Rect, values: &[f32]) {
    let area = Rect::from_min_max(
        pos2(row.right() - 96.0, row.top() + 5.0),
        pos2(row.right() - 12.0, row.bottom() - 5.0),
    );
    line_in(ui, area, values, Palette::of(ui).dim);
}

/// Formats milliseconds as `feedscope stats` prints them.
fn ms(value: f64) -> String {
    format!("{} ms", words::significant(value))
}

/// Returns the known measures with their meanings.
fn measures(figures: &Figures, fields: &MeasuredFields) -> Vec<Measure> {
    let mut list = Vec::new();
    let mut add = |name: &str, value: String, about: &'static str, click: Click, is_loss: bool| {
        list.push(Measure {
            name: name.to_owned(),
            value,
            about,
            click,
            is_loss,
        });
    };
    let span = figures
        .seconds
        .map(Duration::from_secs_f64)
        .map(words::duration);
    let span = span.map_or_else(String::new, |span| format!(" in {span}"));
    add(
        "records",
        format!("{}{span}", words::count(figures.records)),
        "Events, lines and messages, received and sent, since the first record.",
        Click::Nothing,
        false,
    );
    if let Some(rate) = figures.rate {
        add(
            "rate",
            format!(
                "{} /s, most {} /s",
                words::significant(rate.mean),
                words::count(rate.max_1s)
            ),
            "Received records per second: the mean over the whole time, and the busiest second.",
            Click::Plot(Quantity::RecordRate),
            false,
        );
    }
    // A feed of a single moment has no rate.
    let per_second = figures.seconds.filter(|seconds| *seconds > 0.0);
    let per_second = per_second.map_or_else(String::new, |seconds| {
        let rate = words::bytes((figures.bytes as f64 / seconds).round() as u64);
        format!(", {rate}/s")
    });
    add(
        "bytes",
        format!("{}{per_second}", words::bytes(figures.bytes)),
        "Bytes of all payloads, and their mean per second over the whole time.",
        Click::Plot(Quantity::ByteRate),
        false,
    );
    if let Some(sizes) = figures.size_bytes {
        let value = format!(
            "p50 {}, p99 {}",
            words::bytes(sizes.p50 as u64),
            words::bytes(sizes.p99 as u64)
        );
        add(
            "size",
            value,
            "Bytes of each received payload: 50 % have at most p50, 99 % at most p99.",
            Click::Plot(Quantity::Size),
            false,
        );
    }
    if let Some(intervals) = figures.interval_ms {
        add(
            "interval",
            format!("p50 {}, p99 {}", ms(intervals.p50), ms(intervals.p99)),
            "Time between successive received records: 50 % of the times are at most p50, 99 % at most p99.",
            Click::Plot(Quantity::Interval),
            false,
        );
        add(
            "jitter",
            ms((intervals.p99 - intervals.p50).max(0.0)),
            "Difference of p99 and p50 of the intervals over the whole time, in milliseconds. A steady feed has little.",
            Click::Plot(Quantity::Interval),
            false,
        );
    }
    delays(figures, fields, &mut add);
    life(figures, &mut add);
    losses(figures, &mut add);
    list
}

/// Adds the longest silence, the latency and the round trips.
fn delays(
    figures: &Figures,
    fields: &MeasuredFields,
    add: &mut impl FnMut(&str, String, &'static str, Click, bool),
) {
    if let Some(silence) = figures.longest_silence_ms {
        add(
            "silence",
            format!(
                "{} at most",
                words::duration(Duration::from_secs_f64(silence / 1e3))
            ),
            "Longest time without a received record since the feed first opened, including the present silence.",
            Click::Plot(Quantity::Interval),
            false,
        );
    }
    if let Some(latency) = &figures.latency_ms {
        // The difference of the clocks is stated, because it has changed the figures.
        let corrected = latency.offset_ms.map_or_else(String::new, |offset| {
            format!(", clock off by {}", words::signed_ms(offset))
        });
        let value = format!(
            "p50 {}, p99 {}{corrected}",
            ms(latency.percentiles.p50),
            ms(latency.percentiles.p99)
        );
        let click = fields
            .time
            .clone()
            .map_or(Click::Nothing, |path| Click::Plot(Quantity::Latency(path)));
        add(
            &format!("latency {}", latency.field),
            value,
            "Time from the server's time in a payload to its arrival. Where the clocks differ, the smallest delay is \
             part of the clock's error.",
            click,
            false,
        );
    }
    if let Some(times) = figures.rtt_ms {
        add(
            "round trip",
            format!(
                "last {}, p50 {}, most {}",
                ms(times.last),
                ms(times.p50),
                ms(times.max)
            ),
            "Time from a ping of this program to its pong, of all pings.",
            Click::Plot(Quantity::RoundTrip),
            false,
        );
    }
}

/// Adds the measures of connections.
fn life(figures: &Figures, add: &mut impl FnMut(&str, String, &'static str, Click, bool)) {
    if let Some(times) = figures.time_to_open_ms {
        let (last, most) = (
            words::significant(times.last),
            words::significant(times.max),
        );
        add(
            "time to open",
            format!("last {last} ms, most {most} ms"),
            "Time from the start of an attempt until the connection is open.",
            Click::Nothing,
            false,
        );
    }
    if let Some(ratio) = figures.open_ratio {
        let reconnects = figures.reconnects.unwrap_or(0);
        add(
            "uptime",
            format!(
                "{:.1} %, {}",
                ratio * 100.0,
                words::counted(reconnects, "reconnect")
            ),
            "Part of the time since the first record in which the feed was open, and how often it began to reconnect.",
            Click::Nothing,
            false,
        );
    }
}

/// Adds the measures of losses.
fn losses(figures: &Figures, add: &mut impl FnMut(&str, String, &'static str, Click, bool)) {
    if let (Some(missed), Some(repeated)) = (figures.missed, figures.repeated) {
        add(
            "missed",
            format!(
                "{}, repeated {}",
                words::count(missed),
                words::count(repeated)
            ),
            "Records that never arrived, and those that arrived again, as the IDs show.",
            if missed + repeated > 0 {
                Click::NextGap
            } else {
                Click::Nothing
            },
            missed > 0,
        );
    }
    // The sum of all keys comes last.
    if let Some(all) = figures.sequences.last() {
        let faults = all.faults;
        let keys = figures.sequences.len() - 1;
        let keys = if keys == 0 {
            String::new()
        } else {
            format!(" in {}", words::counted(keys as u64, "key"))
        };
        let value = format!(
            "{} missing{keys}, {} repeated, {} out of order",
            words::count(faults.missing),
            words::count(faults.repeated),
            words::count(faults.out_of_order)
        );
        let has_faults = faults.missing + faults.repeated + faults.out_of_order > 0;
        add(
            &format!("sequence {}", all.field),
            value,
            "Numbers of the chosen sequence that were skipped, repeated or out of order, of all keys.",
            if has_faults {
                Click::NextFault
            } else {
                Click::Nothing
            },
            faults.missing > 0,
        );
    }
}
