//! Comparison of the feed with another one by a key: the difference of arrivals as numbers and over time, records that
//! only one of both has, and the first difference of payloads.

use egui::accesskit::Role;
use egui::{Id, Popup, Pos2, Rect, ScrollArea, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::columns::{offered_record_keys, offered_sequences};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::pairs::{Alone, ComparedSide, FeedComparison, FeedPairs};
use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::Point;
use feedscope_core::store::{RowNumber, Store};

use super::parts::{child, entry, heading, key_menu, menu_button, paragraph};
use super::place::{SidePlace, SideWish};
use crate::focus_ring::reveal_focus;
use crate::ids::FeedId;
use crate::lacking::Lacking;
use crate::numbers::{self, Number};
use crate::theme::{Palette, font};
use crate::widgets::menu;
use crate::widgets::{Strip, cut, cut_middle, measured, paint_left, paint_right};
use crate::{offers, time_cursor, words};

/// Number of fields that the menu offers.
const OFFERED: usize = 6;

/// Number of records that each list shows.
const LISTED: usize = 100;

/// Left edge of the values in points.
const VALUES: f32 = 128.0;

/// Height of the line of differences.
const PLOT: f32 = 64.0;

/// Number of characters before the first difference of two payloads that are shown.
const CONTEXT: usize = 24;

/// Share of the width that the name of the other feed takes beside a payload.
const LONGEST_NAME: f32 = 0.35;

/// Number of characters from the first difference on that are in sight.
const DIFFERENCE: f32 = 12.0;

/// Width of an entry without its texts in points.
const ENTRY_MARGINS: f32 = 36.0;

/// Reason why a comparison has no differences of arrival.
const NO_DIFFERENCES: &str =
    "A file without times is compared, so that differences of arrival are not known.";

/// State of the comparison.
#[derive(Default)]
pub(super) struct CompareView {
    /// Other feeds of the window.
    others: Vec<OtherFeed>,
    with: Option<FeedId>,
    key: Option<RecordKey>,
    comparison: Option<FeedComparison>,
    /// Readers of the payloads of both feeds in the comparison.
    readers: [Interpreter; 2],
}

/// Feed that can be compared.
#[derive(Clone)]
pub(crate) struct OtherFeed {
    pub(crate) id: FeedId,
    pub(crate) name: String,
    pub(crate) store: Store,
    /// Its records have no times.
    pub(crate) lacks_times: bool,
    /// Reader of its payloads.
    pub(crate) interpreter: Interpreter,
}

/// Values of a comparison, copied out of it before anything is drawn.
struct ShownComparison {
    figures: Vec<ComparedFigure>,
    points: Vec<Point>,
    change: Option<[RowNumber; 2]>,
    only_here: Vec<(RowNumber, Alone)>,
    only_there: Vec<(RowNumber, Alone)>,
    counts: [u64; 2],
    notes: Vec<String>,
}

/// A figure of the comparison.
struct ComparedFigure {
    name: &'static str,
    numbers: Vec<Number>,
}

impl CompareView {
    /// Takes the other feeds of the window. The comparison ends with its feed.
    pub(super) fn set_others(&mut self, others: Vec<OtherFeed>) {
        if self.with.is_some() && !others.iter().any(|other| Some(other.id) == self.with) {
            self.with = None;
            self.comparison = None;
        }
        // Two feeds need no choice.
        if self.with.is_none() && self.comparison.is_none() && others.len() == 1 {
            self.with = Some(others[0].id);
        }
        self.others = others;
    }

    /// Returns the analysis to run.
    pub(super) fn task(&self) -> Option<Task> {
        self.comparison.as_ref().map(FeedComparison::task)
    }

    /// Reads the payloads of the feed with another interpreter.
    pub(super) fn read_with(&mut self, interpreter: &Interpreter) {
        self.readers[0] = interpreter.clone();
        self.comparison = None;
    }

    /// Compares from the oldest records on.
    fn start(&mut self, store: &Store) {
        let other = self.others.iter().find(|it| Some(it.id) == self.with);
        self.comparison = other.zip(self.key.clone()).map(|(other, key)| {
            self.readers[1] = other.interpreter.clone();
            FeedComparison::reading([store, &other.store], key, self.readers.clone())
        });
    }

    /// Returns true if the comparison has not begun, or the other feed is read in another way.
    fn is_stale(&self) -> bool {
        let other = self.others.iter().find(|it| Some(it.id) == self.with);
        let can_compare = other.is_some() && self.key.is_some();
        let is_current = self.comparison.is_some()
            && other.is_none_or(|other| other.interpreter == self.readers[1]);
        can_compare && !is_current
    }

    /// Draws the comparison. `head` is the free part of the head.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        place: &SidePlace<'_>,
        head: Rect,
        area: Rect,
    ) -> Option<SideWish> {
        if self.choices(ui, place, head) || self.is_stale() {
            self.start(&place.feed.store);
            ui.ctx().request_repaint();
        }
        let other = self.others.iter().find(|it| Some(it.id) == self.with);
        let id = Id::unique(("compare", place.pane));
        let mut child = child(ui, area, id);
        let (Some(comparison), Some(other)) = (&self.comparison, other) else {
            let text = if self.others.is_empty() {
                "Open the other feed in a pane of its own."
            } else {
                "Choose the other feed, and a field that both feeds have and that distinguishes their records, such as a number."
            };
            let color = Palette::of(&child).dim;
            paragraph(&mut child, text, color);
            return None;
        };
        let has_times = !place.feed.source.lacks_times() && !other.lacks_times;
        let shown = ShownComparison::of(&comparison.pairs(), place, (area.width(), has_times));
        let mut wish = None;
        ScrollArea::vertical()
            .id_salt(id)
            .auto_shrink(false)
            .show(&mut child, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for sentence in self.lacking(ui, place, (comparison, other)) {
                    let color = Palette::of(ui).wait;
                    paragraph(ui, sentence, color);
                }
                if !has_times {
                    paragraph(ui, NO_DIFFERENCES, Palette::of(ui).dim);
                }
                for figure in &shown.figures {
                    figure.show(ui, place);
                }
                wish = differences(ui, place, &shown.points);
                if let Some(rows) = shown.change {
                    heading(ui, "First different payloads");
                    wish = wish
                        .take()
                        .or_else(|| change(ui, place, (other, &self.readers), rows));
                }
                heading(ui, &words::only_in("here", shown.counts[0]));
                for (row, alone) in &shown.only_here {
                    let lacks_times = place.feed.source.lacks_times();
                    if alone_entry(ui, place, ("here", *row), (alone, lacks_times)) {
                        wish = Some(SideWish::GoTo(*row));
                    }
                }
                heading(ui, &words::only_in(&other.name, shown.counts[1]));
                for (row, alone) in &shown.only_there {
                    if alone_entry(ui, place, ("there", *row), (alone, other.lacks_times)) {
                        wish = Some(SideWish::GoToOther(other.id, *row));
                    }
                }
                reveal_focus(ui);
                for note in &shown.notes {
                    heading(ui, note);
                }
            });
        wish
    }

    /// Returns sentences about feeds of which no record has the key.
    fn lacking(
        &self,
        ui: &Ui,
        place: &SidePlace<'_>,
        (comparison, other): (&FeedComparison, &OtherFeed),
    ) -> Vec<String> {
        let Some(key) = self.key.as_ref().map(RecordKey::to_string) else {
            return Vec::new();
        };
        let sides = [
            (&place.feed.store, None),
            (&other.store, Some(other.name.as_str())),
        ];
        let sides = ComparedSide::BOTH.into_iter().zip(sides).zip(&self.readers);
        let lacks = ComparedSide::BOTH.map(|side| comparison.pairs().lacks_key(side));
        let lacking = sides.filter(|((side, _), _)| lacks[*side as usize]);
        let sentence = |((side, (store, feed)), reader): ((ComparedSide, _), &Interpreter)| {
            let id = Id::unique(("compared without key", side as usize, place.pane));
            Lacking::new(ui, id, (store, reader), &key, feed).sentence
        };
        lacking.map(sentence).collect()
    }

    /// Draws the menus of the other feed and of the key. Returns true if one was changed.
    fn choices(&mut self, ui: &Ui, place: &SidePlace<'_>, head: Rect) -> bool {
        let mut strip = Strip::new(head, 4.0, 4.0);
        let mut menu = |name: &str, text: &str, about: &str| {
            let id = Id::unique((name, place.pane));
            menu_button(ui, &mut strip, id, name, text).on_hover_text(about)
        };
        let key = self.key.as_ref().map(RecordKey::to_string);
        let key = menu(
            "Key of the pairs",
            key.as_deref().unwrap_or("Key"),
            "Field whose value makes a pair of two records",
        );
        let with = self.others.iter().find(|it| Some(it.id) == self.with);
        let with = menu(
            "Compared feed",
            with.map_or("with…", |it| it.name.as_str()),
            "Feed that is compared with the one of this pane",
        );
        let mut is_changed = false;
        Popup::menu(&with).show(|ui| {
            for other in &self.others {
                if ui.button(&other.name).clicked() {
                    self.with = Some(other.id);
                    is_changed = true;
                    ui.close();
                }
            }
        });
        menu::lasting(&key).show(|ui| {
            let store = &place.feed.store;
            let id = Id::unique(("pair keys", place.pane));
            let offers = offers::kept(ui, id, || {
                let reader = &self.readers[0];
                let keys = offered_record_keys(store, reader, OFFERED);
                // The ID names a record by itself. A type names many.
                let (ids, keys) = keys.into_iter().partition(|key| key == "id");
                let mut offers: Vec<String> = ids;
                offers.extend(offered_sequences(store, reader, OFFERED));
                for path in keys {
                    if path != "type" && !offers.contains(&path) {
                        offers.push(path);
                    }
                }
                offers
            });
            if let Some(key) = key_menu(ui, &offers) {
                self.key = Some(key);
                is_changed = true;
            }
        });
        is_changed
    }
}

impl ShownComparison {
    fn of(pairs: &FeedPairs, place: &SidePlace<'_>, (width, has_times): (f32, bool)) -> Self {
        let listed = |side| -> Vec<(RowNumber, Alone)> {
            let only = pairs.only_in(side).take(LISTED);
            only.map(|(row, alone)| (row, alone.clone())).collect()
        };
        let points = pairs.points();
        let span = points.first().zip(points.last()).filter(|_| has_times);
        let points = span.map_or_else(Vec::new, |(first, last)| {
            // Pairs of a late record have an earlier time than the newest pair.
            let end = last.at.max(place.now.moment);
            points.sampled(first.at..=end, width as usize)
        });
        Self {
            figures: figures(pairs, has_times),
            points,
            change: pairs.first_change(),
            only_here: listed(ComparedSide::Base),
            only_there: listed(ComparedSide::Other),
            counts: ComparedSide::BOTH.map(|side| pairs.only_in_count(side)),
            notes: pairs.notes(),
        }
    }
}

/// Returns the figures of a comparison. An unknown value is absent.
fn figures(pairs: &FeedPairs, has_times: bool) -> Vec<ComparedFigure> {
    let difference = pairs.difference();
    let percentile = |percent| difference.percentile(percent).filter(|_| has_times);
    let of_pairs = |micros: Option<i64>| micros.filter(|_| has_times);
    let figure = |name, numbers| ComparedFigure { name, numbers };
    let ms = |micros: i64| words::signed_ms(micros as f64 / 1_000.0);
    let mut figures = vec![figure(
        "pairs",
        vec![Number::new(
            "records in both feeds",
            words::count(difference.count()),
            "Number of records of this feed that the other feed has with the same value of the key, since both feeds began.",
        )],
    )];
    if let (Some(median), Some(p99)) = (percentile(50), percentile(99)) {
        let half = Number::new(
            "p50 of the differences of arrival",
            ms(median),
            "Arrival in the other feed minus arrival here: 50 % of all pairs have at most this difference, within 1 %. A \
             positive difference means that the other feed is later.",
        );
        let nearly_all = Number::new(
            "p99 of the differences of arrival",
            ms(p99),
            "Arrival in the other feed minus arrival here: 99 % of all pairs have at most this difference, within 1 %. A \
             positive difference means that the other feed is later.",
        );
        let numbers = vec![half.after_words("p50 "), nearly_all.after_words(", p99 ")];
        figures.push(figure("difference", numbers));
    }
    if let (Some(min), Some(max)) = (of_pairs(difference.min()), of_pairs(difference.max())) {
        let least = Number::new(
            "smallest difference of arrival",
            ms(min),
            "Smallest arrival in the other feed minus arrival here, over all pairs.",
        );
        let most = Number::new(
            "greatest difference of arrival",
            ms(max),
            "Greatest arrival in the other feed minus arrival here, over all pairs.",
        );
        figures.push(figure("range", vec![least, most.after_words(" to ")]));
    }
    figures.push(figure(
        "different",
        vec![Number::new(
            "pairs with different payloads",
            words::counted(pairs.changed(), "pair"),
            "Pairs whose payloads are not the same bytes, since both feeds began.",
        )],
    ));
    let [here, there] = ComparedSide::BOTH.map(|side| words::count(pairs.waiting(side)));
    let here = Number::new(
        "records of this feed without a partner yet",
        here,
        "Records of this feed before the first pair or after the last one, whose partners may have arrived before the \
         other feed began, or may still arrive.",
    );
    let there = Number::new(
        "records of the other feed without a partner yet",
        there,
        "Records of the other feed before the first pair or after the last one, whose partners may have arrived before \
         this feed began, or may still arrive.",
    );
    let numbers = vec![
        here.before_words(" here"),
        there.after_words(", ").before_words(" there"),
    ];
    figures.push(figure("no partner yet", numbers));
    figures
}

impl ComparedFigure {
    fn show(&self, ui: &mut Ui, place: &SidePlace<'_>) {
        let palette = Palette::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        let id = Id::unique(("compared", self.name, place.pane));
        let response = ui.interact(rect, id, Sense::hover());
        let label = format!("{} {}", self.name, numbers::sentence(&self.numbers));
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
        let (left, y) = (rect.left() + 12.0, rect.center().y);
        let name = cut(ui, self.name, font::label(), palette.dim, VALUES - 8.0);
        paint_left(ui, left, y, name);
        let left = left + VALUES;
        let room = left..=(rect.right() - 12.0).max(left);
        let look = (&font::mono(), palette.text);
        let pointed_at = numbers::paint(ui, id, (room, y), &self.numbers, look);
        // Beside the numbers, the first one stands for the figure.
        if let Some(number) = pointed_at.or(self.numbers.first()) {
            response.on_hover_text(number.about);
        }
    }
}

/// Draws the differences over time, with their limits. A click selects the record of the nearest pair.
fn differences(ui: &mut Ui, place: &SidePlace<'_>, points: &[Point]) -> Option<SideWish> {
    let (first, last) = points.first().zip(points.last())?;
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), PLOT), Sense::hover());
    let id = Id::unique(("differences", place.pane));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| {
        let text = "Differences of arrivals over time. A click selects the record of a pair";
        WidgetInfo::labeled(Role::Button, true, text)
    });
    let values = points.iter().map(|point| point.value);
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.clone().fold(f64::NEG_INFINITY, f64::max);
    let area = rect.shrink2(vec2(12.0, 8.0));
    // The limits have a column of their own, so that no text covers the line.
    let area = area.with_max_x(area.right() - 76.0);
    for (value, y) in [(most, area.top() + 6.0), (least, area.bottom() - 6.0)] {
        let text = cut(
            ui,
            &words::signed_ms(value),
            font::small(),
            palette.dim,
            72.0,
        );
        paint_right(ui, rect.right() - 12.0, y, text);
    }
    let span = last.at.since(first.at).as_secs_f64().max(1e-9);
    let height = (most - least).max(f64::MIN_POSITIVE);
    let at = |point: &Point| {
        let part = point.at.since(first.at).as_secs_f64() / span;
        // Equal differences are a line at the bottom.
        let above = (point.value - least) / height;
        pos2(
            area.left() + area.width() * part as f32,
            area.bottom() - area.height() * above as f32,
        )
    };
    // A difference holds until the next pair.
    let mut corners: Vec<Pos2> = Vec::new();
    for corner in points.iter().map(at) {
        corners.extend(corners.last().map(|last| pos2(corner.x, last.y)));
        corners.push(corner);
    }
    let line = Stroke::new(1.0, palette.series[0]);
    ui.painter().add(Shape::line(corners, line));
    let pointer = response.hover_pos()?;
    let distance = |point: &Point| (at(point).x - pointer.x).abs();
    let point = points
        .iter()
        .min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
    let x = at(point).x;
    let stroke = Stroke::new(1.0, palette.dim);
    ui.painter().vline(x, area.y_range(), stroke);
    if let Some(stamp) = place.feed.store.stamp(point.row) {
        time_cursor::set(ui, stamp.utc);
    }
    let is_clicked = response.clicked();
    let text = format!(
        "{} in record {}; {span:.1} s from the first pair to the last one",
        words::signed_ms(point.value),
        words::count(point.row.0 + 1)
    );
    response.on_hover_text_at_pointer(text);
    is_clicked.then_some(SideWish::GoTo(point.row))
}

/// Draws the first pair with different payloads, from shortly before their difference on. A click selects the record.
fn change(
    ui: &mut Ui,
    place: &SidePlace<'_>,
    (other, readers): (&OtherFeed, &[Interpreter; 2]),
    rows: [RowNumber; 2],
) -> Option<SideWish> {
    let payload = |store: &Store, reader: &Interpreter, row: RowNumber| {
        let record = store.record(row)?;
        let record = record.record();
        let data = reader.received(&record.kind)?;
        Some(String::from_utf8_lossy(&data).into_owned())
    };
    let here = payload(&place.feed.store, &readers[0], rows[0]);
    let texts = here.zip(payload(&other.store, &readers[1], rows[1]));
    let Some((here, there)) = texts else {
        heading(ui, "These records were let go.");
        return None;
    };
    // A long name leaves room for the difference, and in a narrow part less is shown before it.
    let width = ui.available_width();
    let character = measured(ui, "0", font::mono());
    let name = cut_middle(&other.name, (width * LONGEST_NAME / character) as usize);
    let beside = measured(ui, &name, font::mono()).max(measured(ui, "here", font::mono()));
    let room = (width - beside - ENTRY_MARGINS) / measured(ui, "0", font::label());
    let start = words::difference_start(
        &here,
        &there,
        CONTEXT.min((room - DIFFERENCE).max(0.0) as usize),
    );
    let mut wish = None;
    let there_wish = SideWish::GoToOther(other.id, rows[1]);
    for (name, text, leads_to) in [
        ("here", &here, SideWish::GoTo(rows[0])),
        (&*name, &there, there_wish),
    ] {
        let mark = if start > 0 { "…" } else { "" };
        let text = format!("{mark}{}", &text[start.min(text.len())..]);
        let id = Id::unique(("first change", name, place.pane));
        let response = entry(ui, id, name, &text, "");
        if response.clicked() {
            wish = Some(leads_to);
        }
        response.on_hover_text("To this record of the pair");
    }
    wish
}

/// Draws a record that only one feed has. Returns true if it was clicked.
fn alone_entry(
    ui: &mut Ui,
    place: &SidePlace<'_>,
    (side, row): (&str, RowNumber),
    (alone, lacks_times): (&Alone, bool),
) -> bool {
    let id = Id::unique(("alone", side, row.0, place.pane));
    let time = if lacks_times {
        words::row_number(row.0 + 1)
    } else {
        place.time_of_day(alone.stamp.utc)
    };
    let response = entry(ui, id, &time, &alone.key, "");
    if response.hovered() && !lacks_times {
        time_cursor::set(ui, alone.stamp.utc);
    }
    let is_clicked = response.clicked();
    let about = if side == "here" {
        "To this record"
    } else {
        "To this record in the pane of the other feed"
    };
    response.on_hover_text(about);
    is_clicked
}
