//! Filter field with its tools: the number of hits, the place of the hits, and a menu of values.

use std::ops::Range;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{FocusDirection, Id, Key, Modifiers, Rect, RichText, Sense, Stroke, Ui, WidgetInfo};
use feedscope_analysis::filter::{ParseContext, narrowed};

use super::suggested::Suggested;
use super::{FilterView, HitsEntry, ValuesMenu, typed_path};
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::suggestions::SuggestionKey;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::text_field::text_field;
use crate::widgets::{
    Strip, cursor_to_end, cut, field_ground, icon_button, measured, name_on_hover, paint_right,
    toggle_button,
};
use crate::words;

/// Minimum width of the typed text in points.
const LEAST_TEXT: f32 = 90.0;

/// Side of the buttons in the field, in points.
const TOOL: f32 = 20.0;

/// Returns the ID of a pane's filter field, so that a shortcut can focus it.
pub(crate) fn id(pane: PaneId) -> Id {
    Id::unique(("filter", pane))
}

/// Returns the ID of the button that opens the menu of values.
fn values_id(pane: PaneId) -> Id {
    Id::unique(("filter values", pane))
}

/// Opens the menu of values.
pub(crate) fn open_values(ui: &Ui, pane: PaneId) {
    // The button must not lose the focus to the field, because the arrow keys go to the menu then.
    ui.memory_mut(|memory| memory.request_focus(values_id(pane)));
    egui::Popup::open_id(ui.ctx(), values_id(pane).with("popup"));
}

/// Draws the field and stores the typed text.
pub(crate) fn show(
    ui: &mut Ui,
    pane: PaneId,
    rect: Rect,
    feed: &FeedScene,
    filter: &mut FilterView,
    context: ParseContext,
) {
    let id = id(pane);
    let focused = ui.memory(|memory| memory.has_focus(id));
    field_ground(ui, rect, focused);
    if filter.problem().is_some() {
        let stroke = Stroke::new(1.0, Palette::of(ui).fail);
        ui.painter()
            .rect_stroke(rect, size::RADIUS, stroke, egui::StrokeKind::Inside);
    }
    // The tools take the right end, and the text gets the rest. The text comes first, because Tab visits it first.
    let mut strip = Strip::new(rect, 3.0, 2.0);
    let values = strip.right(TOOL, TOOL);
    let places = (!filter.typed.text.is_empty()).then(|| Tools::take(ui, &mut strip, filter));
    let rest = strip.rest(rect.height()).with_min_x(rect.left() + 9.0);
    if focused && ui.input_mut(|input| input.consume_key(Modifiers::ALT, Key::ArrowDown)) {
        // As in every combined field of a desktop.
        open_values(ui, pane);
    }
    let offered = offer(ui, focused, feed, filter, context);
    filter.sync_meant(&feed.store, context);
    edit(ui, rest, (pane, focused), filter);
    // The list comes after the field, which loses the focus by a click outside of it.
    if let Some(offered) = offered {
        suggest(ui, (id, rect), offered, filter);
    }
    if let Some(places) = places {
        places.show(ui, pane, filter);
    }
    offer_values(ui, values, pane, feed, filter, context);
}

/// Suggestions of a pass, with the effect of its keys.
struct Offered {
    suggested: Suggested,
    /// The suggestions are known completely.
    is_answered: bool,
    key: SuggestionKey,
}

/// Handles the keys of the suggestions before the field does. Returns `None` without the focus.
fn offer(
    ui: &Ui,
    focused: bool,
    feed: &FeedScene,
    filter: &mut FilterView,
    context: ParseContext,
) -> Option<Offered> {
    let values = filter
        .values
        .get_or_insert_with(|| ValuesMenu::new(&feed.store, &filter.interpreter));
    if !std::mem::replace(&mut filter.was_focused, focused) && focused {
        // The answer is ready before the user asks for it.
        values.ask();
    }
    if !focused {
        filter.suggestions.leave();
        return None;
    }
    let text = &filter.typed.text;
    let (suggested, is_answered) = values.suggested(text, context);
    // The list opens while the values are counted.
    let count = suggested.entries.len().max(usize::from(!is_answered));
    let key = filter.suggestions.keys(ui, text, count);
    // The names of fields cannot be guessed, so that they are shown while a path is typed.
    let path = typed_path(text).filter(|path| path.len() > 1);
    let is_complete =
        |path: &str| matches!(&suggested.entries[..], [only] if only.shown.text == path);
    let is_helpful = path.is_some_and(|path| !is_complete(path));
    filter
        .suggestions
        .offer(text, is_helpful && !suggested.entries.is_empty());
    Some(Offered {
        suggested,
        is_answered,
        key,
    })
}

/// Draws the list of suggestions below the field, and puts the chosen one into the text.
fn suggest(ui: &Ui, (id, rect): (Id, Rect), offered: Offered, filter: &mut FilterView) {
    let Offered {
        mut suggested,
        is_answered,
        key,
    } = offered;
    let shown = suggested.entries.iter().map(|it| it.shown.clone());
    let shown: Vec<_> = shown.collect();
    let empty = if is_answered {
        words::NO_VALUES
    } else {
        words::LOOKING_FOR_VALUES
    };
    let name = "Suggestions for the filter";
    let clicked = filter.suggestions.show(ui, (id, rect), name, &shown, empty);
    let accepted = match key {
        SuggestionKey::Accepted(index) => Some(index),
        SuggestionKey::None => clicked,
    };
    let Some(index) = accepted.filter(|index| *index < suggested.entries.len()) else {
        return;
    };
    let chosen = suggested.entries.swap_remove(index);
    filter.typed.text = chosen.result;
    cursor_to_end(ui, id, filter.typed.text.chars().count());
    ui.memory_mut(|memory| memory.request_focus(id));
    ui.ctx().request_repaint();
    if chosen.is_partial {
        // The values of the field come next.
        filter.suggestions.open();
    } else {
        filter.suggestions.close();
    }
}

/// Draws the button and the menu of values.
fn offer_values(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    feed: &FeedScene,
    filter: &mut FilterView,
    context: ParseContext,
) {
    let button = icon_button(
        ui,
        rect,
        values_id(pane),
        Icon::Unfolded,
        "Values to filter by",
    );
    let values = filter
        .values
        .get_or_insert_with(|| ValuesMenu::new(&feed.store, &filter.interpreter));
    if let Some(chosen) = values.show(&button) {
        filter.typed.text = narrowed(&filter.typed.text, &chosen, &context);
    }
}

impl FilterView {
    /// Replaces the typed text by the filter that the user probably means.
    pub(super) fn take_meant(&mut self, ui: &Ui, pane: PaneId) {
        let Some(meant) = self.meant.take() else {
            return;
        };
        self.typed.text = meant;
        let id = id(pane);
        cursor_to_end(ui, id, self.typed.text.chars().count());
        ui.memory_mut(|memory| memory.request_focus(id));
        ui.ctx().request_repaint();
    }

    /// Returns the result of the filter in a long and a short form: the number of hits, or that the typed text does not
    /// apply.
    fn result(&self) -> Option<[String; 2]> {
        if self.problem().is_some() || self.missing_path().is_some() {
            return Some([words::NOT_APPLIED.to_owned(), words::NOT_APPLIED.to_owned()]);
        }
        let progress = self.hits()?.progress();
        Some([words::found(&progress), words::found_short(&progress)])
    }
}

/// Places of the tools of a filter and of its result.
struct Tools {
    clear: Rect,
    below: Rect,
    /// The number of hits with the progress, in the longest form that fits.
    found: Option<(Rect, String)>,
}

impl Tools {
    /// Takes the places off the right end of a strip.
    fn take(ui: &Ui, strip: &mut Strip, filter: &FilterView) -> Self {
        let clear = strip.right(TOOL, TOOL);
        let below = strip.right(TOOL, TOOL);
        let found = filter.result().and_then(|texts| {
            let width = |text: &str| {
                // The width grows in steps of about two digits, so that another digit does not move the typed text.
                (measured(ui, text, font::small()) / 12.0).ceil() * 12.0
            };
            let text = texts
                .into_iter()
                .find(|text| strip.room() - width(text) >= LEAST_TEXT)?;
            Some((strip.right(width(&text), TOOL), text))
        });
        Self {
            clear,
            below,
            found,
        }
    }

    /// Draws the result and the tools.
    fn show(self, ui: &Ui, pane: PaneId, filter: &mut FilterView) {
        if let Some((rect, text)) = self.found
            && let Some([long, _]) = filter.result()
        {
            let is_wrong = filter.problem().is_some();
            let response = ui.interact(rect, Id::unique(("filter found", pane)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &long));
            let palette = Palette::of(ui);
            let color = if is_wrong { palette.fail } else { palette.dim };
            let galley = cut(ui, &text, font::small(), color, rect.width());
            paint_right(ui, rect.right(), rect.center().y, galley);
            name_on_hover(response, &long);
        }
        let below = toggle_button(
            ui,
            self.below,
            Id::unique(("filter below", pane)),
            Icon::Below,
            "Hits below the rows, in a list of their own",
            filter.is_below,
        );
        if below.clicked() {
            filter.is_below = !filter.is_below;
        }
        let id = Id::unique(("filter clear", pane));
        if icon_button(ui, self.clear, id, Icon::Cross, "Clear the filter").clicked() {
            filter.typed.text.clear();
        }
    }
}

/// Draws the text field and handles its keys.
fn edit(ui: &mut Ui, rect: Rect, (pane, focused): (PaneId, bool), filter: &mut FilterView) {
    let id = id(pane);
    let palette = Palette::of(ui);
    // Tab takes the filter that is meant, as a shell completes a word.
    let takes_tab = focused && filter.meant.is_some() && !filter.suggestions.is_shown();
    if takes_tab {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab)) {
            filter.take_meant(ui, pane);
        } else if ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::Tab)) {
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::Previous));
        }
    }
    let problem = filter
        .problem()
        .map(|problem| marked(&filter.typed.text, problem.at.clone()));
    let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, _width: f32| {
        // The text may have changed since it was parsed, so that the position may be outside of it.
        let at = problem
            .clone()
            .filter(|at| buffer.as_str().get(at.clone()).is_some());
        ui.painter().layout_job(job(palette, buffer.as_str(), at))
    };
    let hint = words::FILTER_HINTS
        .into_iter()
        .find(|hint| measured(ui, hint, font::label()) <= rect.width())
        .unwrap_or_default();
    let edit = text_field(&mut filter.typed.text, id, rect)
        .font(font::mono())
        .hint_text(RichText::new(hint).font(font::label()).color(palette.dim))
        .layouter(&mut layouter)
        .lock_focus(takes_tab);
    // The filter applies while it is typed, so that Enter leads to the hits. It is taken before the field sees it, because
    // the field must keep the focus while there are no hits.
    if focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        filter.entry = HitsEntry::Wanted;
    }
    let response = ui.place(rect, edit).accessible_name("Filter");
    if focused && ui.input(|input| input.key_pressed(Key::Escape)) {
        if filter.typed.text.is_empty() {
            response.surrender_focus();
        } else {
            filter.typed.text.clear();
        }
    }
    let is_free = focused && !filter.suggestions.is_open();
    if is_free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown)) {
        // The next arrow key then moves over the rows.
        ui.memory_mut(|memory| memory.surrender_focus(id));
        filter.entry = HitsEntry::Wanted;
    }
    if filter.typed.text.is_empty() && !focused {
        response.on_hover_text(words::FILTER_HELP);
    }
}

/// Returns the part of the text that a problem refers to. If something is missing, it is the character before.
fn marked(text: &str, at: Range<usize>) -> Range<usize> {
    let end = at.end.min(text.len());
    if at.start < end {
        return at.start..end;
    }
    let before = text[..end].char_indices().next_back();
    before.map_or(0..end, |(start, _)| start..end)
}

/// Lays out the text with the wrong part underlined.
fn job(palette: &Palette, text: &str, problem: Option<Range<usize>>) -> LayoutJob {
    let plain = TextFormat::simple(font::mono(), palette.text);
    let wrong = TextFormat {
        color: palette.fail,
        underline: Stroke::new(1.0, palette.fail),
        ..plain.clone()
    };
    let mut job = LayoutJob::default();
    job.wrap.max_rows = 1;
    job.wrap.max_width = f32::INFINITY;
    // Without a problem, the marked part is empty and at the end.
    let at = problem.unwrap_or(text.len()..text.len());
    job.append(&text[..at.start], 0.0, plain.clone());
    job.append(&text[at.clone()], 0.0, wrong);
    job.append(&text[at.end..], 0.0, plain);
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_marked_where_it_is() {
        assert_eq!(marked("size:big", 5..8), 5..8);
        assert_eq!(marked(".a >é", 6..6), 4..6);
        assert_eq!(marked("", 0..0), 0..0);
    }
}
