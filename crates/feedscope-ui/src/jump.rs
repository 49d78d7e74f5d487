//! Bar for going to a row by its number, a percentage or a time. `core` parses the text.

use egui::accesskit::Role;
use egui::{EventFilter, Id, Key, Modifiers, Rect, RichText, Sense, Ui, WidgetInfo, vec2};
use feedscope_analysis::jump::JumpTarget;
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::store::{ListingIndex, RowNumber};
use feedscope_core::{Moment, Timestamp};
use jiff::tz::TimeZone;

use crate::ids::PaneId;
use crate::theme::{Palette, font, size};
use crate::timeline::{self, List, TimelineView};
use crate::widgets::icon::Icon;
use crate::widgets::text_field::text_field;
use crate::widgets::{
    ICON_BUTTON, Strip, bottom_line, cut, field_ground, icon_button, measured, name_on_hover,
    paint_left, panel,
};
use crate::words;

/// Jump bar of one view.
#[derive(Default)]
pub(crate) struct JumpBar {
    is_open: bool,
    text: String,
}

/// Area of the bar, with the time and zone for parsing times. A file without times has no zone.
pub(crate) struct JumpBarPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) now: Timestamp,
    pub(crate) zone: Option<&'a TimeZone>,
}

/// Result of parsing the typed text.
enum ParsedJump {
    /// The field is empty.
    Nothing,
    /// The text is neither a row nor a time.
    NotUnderstood,
    /// The text is a time, and the rows have none.
    NoTimes,
    /// There are no rows.
    Empty,
    /// Target with its place, and the item there if it exists.
    Place(JumpTarget, ListingIndex, Option<ItemId>),
}

impl JumpBar {
    /// Returns true if the bar is open.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Opens the bar with the last text.
    pub(crate) fn open(&mut self, ui: &Ui, pane: PaneId) {
        self.is_open = true;
        ui.memory_mut(|memory| memory.request_focus(id(pane)));
        super::widgets::select_all(ui, id(pane), self.text.chars().count());
    }

    /// Closes the bar. The text is kept.
    pub(crate) fn close(&mut self) {
        self.is_open = false;
    }

    /// Draws the bar and moves the view to the typed target. Returns the moment of the row there if the target is a time.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &JumpBarPlace<'_>,
        listing: &Listing,
        view: &mut TimelineView,
    ) -> Option<Moment> {
        let JumpBarPlace { pane, rect, .. } = *place;
        panel(ui, rect);
        bottom_line(ui, rect);
        let mut strip = Strip::new(rect, size::PADDING, 6.0);
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let width = (strip.room() * 0.4).clamp(100.0, 240.0);
        let field = strip.left(width.min(strip.room()), size::BUTTON);
        let wish = self.field(ui, pane, field);
        let end = view.end(listing.store());
        let answer = self.answer(place, listing, end);
        let rows = listing.rank(end).0;
        let close_id = Id::unique(("jump close", pane));
        let close = icon_button(ui, close, close_id, Icon::Cross, "Close the bar");
        show_answer(ui, place, strip.rest(size::BUTTON), &answer, rows);
        let mut moment = None;
        match (wish, answer) {
            // Enter without a valid target leaves the bar open, and the focus in its field.
            (Wish::Go, ParsedJump::Place(target, at, item)) => {
                // A target past the end goes to the last row, as the answer beside the field announces.
                let last = ListingIndex(rows.saturating_sub(1));
                let last = listing.select(last).map(|item| item.id);
                let item = item.filter(|_| at.0 < rows).or(last);
                view.jump_to(listing.store(), item);
                if target.is_time() {
                    let stamp = item.and_then(|item| listing.store().stamp(item.row));
                    moment = stamp.map(|stamp| stamp.moment);
                }
                timeline::focus(ui, pane, List::Rows);
                self.close();
            }
            (Wish::Leave, _) => self.close(),
            _ if close.clicked() => self.close(),
            _ => {}
        }
        moment
    }

    /// Parses the text and finds the row.
    fn answer(&self, place: &JumpBarPlace<'_>, listing: &Listing, end: RowNumber) -> ParsedJump {
        if self.text.trim().is_empty() {
            return ParsedJump::Nothing;
        }
        // A typed time is in the zone of the displayed times.
        let zone = place.zone;
        let offset = zone.map_or(0, |zone| words::offset_seconds(place.now, zone));
        let Some(target) = JumpTarget::parse(&self.text, place.now, offset) else {
            return ParsedJump::NotUnderstood;
        };
        if zone.is_none() && target.is_time() {
            return ParsedJump::NoTimes;
        }
        match target.place(listing, end) {
            Some(at) => {
                let item = listing.select(at).map(|item| item.id);
                ParsedJump::Place(target, at, item)
            }
            None => ParsedJump::Empty,
        }
    }

    /// Draws the field and returns the pressed key's meaning.
    fn field(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) -> Wish {
        let palette = Palette::of(ui);
        let id = id(pane);
        let focused = ui.memory(|memory| memory.has_focus(id));
        let key = |key| focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let wish = if key(Key::Enter) {
            Wish::Go
        } else if key(Key::Escape) {
            Wish::Leave
        } else {
            Wish::Stay
        };
        field_ground(ui, rect, focused);
        let inner = rect.shrink2(vec2(9.0, 0.0));
        let hint = RichText::new("Go to")
            .font(font::label())
            .color(palette.dim);
        let edit = text_field(&mut self.text, id, inner)
            .font(font::mono())
            .hint_text(hint)
            // Up and Down leave the field.
            .event_filter(EventFilter {
                horizontal_arrows: true,
                escape: true,
                ..EventFilter::default()
            });
        let response = ui.place(inner, edit).accessible_name("Go to");
        if wish == Wish::Leave {
            response.surrender_focus();
        }
        wish
    }
}

/// Draws the target of the typed text, or a hint about the syntax.
fn show_answer(ui: &Ui, place: &JumpBarPlace<'_>, rect: Rect, answer: &ParsedJump, rows: u64) {
    let palette = Palette::of(ui);
    let (forms, color, role) = match answer {
        ParsedJump::Nothing => {
            let forms = words::jump_hint(rows, place.zone.is_some());
            (forms.to_vec(), palette.dim, Role::Status)
        }
        ParsedJump::NotUnderstood => {
            let forms = if place.zone.is_some() {
                words::JUMP_PROBLEM.map(str::to_owned).to_vec()
            } else {
                vec![words::JUMP_PROBLEM_WITHOUT_TIMES.to_owned()]
            };
            (forms, palette.fail, Role::Alert)
        }
        ParsedJump::NoTimes => {
            let forms = vec![words::FILE_HAS_NO_TIMES.to_owned()];
            (forms, palette.fail, Role::Alert)
        }
        ParsedJump::Empty => (vec![words::NO_ROWS.to_owned()], palette.dim, Role::Status),
        ParsedJump::Place(target, at, _) if at.0 >= rows => (
            vec![words::beyond(*target, rows)],
            palette.wait,
            Role::Status,
        ),
        ParsedJump::Place(_, at, _) => (vec![words::row_of(*at, rows)], palette.dim, Role::Status),
    };
    let response = ui.interact(
        rect,
        Id::unique(("jump status", place.pane)),
        Sense::hover(),
    );
    let text = &forms[0];
    response.widget_info(|| WidgetInfo::labeled(role, true, text));
    // The longest form that fits is shown, and the tooltip has the whole text.
    let mut fitting = forms
        .iter()
        .filter(|form| measured(ui, form, font::small()) <= rect.width());
    let shown = fitting.next().or(forms.last()).unwrap_or(text);
    let galley = cut(ui, shown, font::small(), color, rect.width());
    paint_left(ui, rect.left(), rect.center().y, galley);
    name_on_hover(response, text);
}

/// Effect of the keys in the field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Stay,
    Go,
    Leave,
}

/// Returns the ID of a pane's field.
fn id(pane: PaneId) -> Id {
    Id::unique(("jump", pane))
}
