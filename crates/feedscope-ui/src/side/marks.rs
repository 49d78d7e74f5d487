//! Marks of the rows, filters with a color, and changes of the fields, each with a way to its row.

use egui::accesskit::Role;
use egui::{Id, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::parts::{child, entry, heading, paragraph};
use super::place::{SidePlace, SideWish};
use crate::annotations::MOST_RULES;
use crate::focus_ring::reveal_focus;
use crate::theme::{Palette, font};
use crate::widgets::icon::Icon;
use crate::widgets::text_field::{form_field, is_entered};
use crate::widgets::{cut, icon_button, measured, paint_left, paint_right};
use crate::words;

/// Height of a row.
const ROW: f32 = 24.0;

/// State of the list.
#[derive(Default)]
pub(super) struct MarksView {
    /// Text of the filter that is being typed.
    typed: String,
    /// Reason that it is no filter.
    problem: Option<String>,
    /// The reason is new, and may be out of sight.
    reveals_problem: bool,
}

impl MarksView {
    /// Draws the list.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        place: &SidePlace<'_>,
        area: Rect,
    ) -> Option<SideWish> {
        let id = Id::unique(("marks", place.pane));
        let mut child = child(ui, area, id);
        let mut wish = None;
        ScrollArea::vertical()
            .id_salt(id)
            .auto_shrink(false)
            .show(&mut child, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                heading(ui, "Marks");
                wish = marks(ui, place);
                heading(ui, "Colors of rows");
                wish = wish.take().or_else(|| self.rules(ui, place));
                let (changes, notes) = (place.notes.changes(), place.notes.change_notes());
                if !changes.is_empty() || !notes.is_empty() {
                    heading(ui, "Changes of fields");
                }
                for change in &changes {
                    let time = place.time_or_row(change.stamp.utc, change.row);
                    let id = Id::unique(("change", change.row.0, &change.path, place.pane));
                    if entry(ui, id, &time, &change.to_string(), "").clicked() {
                        wish = Some(SideWish::GoTo(change.row));
                    }
                }
                for note in &notes {
                    let color = Palette::of(ui).dim;
                    paragraph(ui, note, color);
                }
                reveal_focus(ui);
            });
        wish
    }

    /// Takes the reason that a typed text is no filter. The text stays in the field.
    pub(super) fn refuse(&mut self, text: String, problem: String) {
        self.typed = text;
        self.problem = Some(problem);
        self.reveals_problem = true;
    }

    /// Draws the filters with a color, and the field for another one.
    fn rules(&mut self, ui: &mut Ui, place: &SidePlace<'_>) -> Option<SideWish> {
        let mut wish = None;
        let palette = Palette::of(ui);
        for (index, rule) in place.notes.rules().iter().enumerate() {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            let square =
                Rect::from_center_size(pos2(rect.left() + 17.0, rect.center().y), vec2(9.0, 9.0));
            ui.painter()
                .rect_filled(square, 2.0, palette.series[rule.color]);
            let id = Id::unique(("rule", index, place.pane));
            let response = ui.interact(rect.with_max_x(rect.right() - 40.0), id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &rule.text));
            let room = rect.width() - 76.0;
            let text = cut(ui, &rule.text, font::mono(), palette.text, room);
            paint_left(ui, rect.left() + 30.0, rect.center().y, text);
            let cross = Rect::from_center_size(
                pos2(rect.right() - 24.0, rect.center().y),
                vec2(20.0, 20.0),
            );
            if icon_button(
                ui,
                cross,
                id.with("remove"),
                Icon::Cross,
                "Remove this color",
            )
            .clicked()
            {
                wish = Some(SideWish::RemoveRule(index));
            }
        }
        if place.notes.rules().len() < MOST_RULES {
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                let edit = form_field(&mut self.typed)
                    .id(Id::unique(("new rule", place.pane)))
                    .hint_text("Filter, such as .size > 5000")
                    .font(font::mono())
                    .desired_width((ui.available_width() - 24.0).max(40.0));
                let response = ui.add(edit);
                response.widget_info(|| {
                    WidgetInfo::labeled(Role::TextInput, true, "Filter for a color")
                });
                if is_entered(&response) {
                    self.problem = None;
                    wish = Some(SideWish::AddRule(std::mem::take(&mut self.typed)));
                }
            });
        }
        if let Some(problem) = &self.problem {
            let response = paragraph(ui, problem, palette.fail);
            if std::mem::take(&mut self.reveals_problem) {
                response.scroll_to_me(None);
            }
        }
        wish
    }
}

/// Draws the marks, each with its text and the time since the mark before.
fn marks(ui: &mut Ui, place: &SidePlace<'_>) -> Option<SideWish> {
    let palette = Palette::of(ui);
    let mut wish = None;
    let mut before = None;
    for (row, mark) in place.notes.marks() {
        let time = place.time_or_row(mark.stamp.utc, row);
        let since = before.map_or_else(String::new, |before| {
            words::since_above(mark.stamp.moment, before)
        });
        let has_times = !place.feed.source.lacks_times();
        before = has_times.then_some(mark.stamp.moment);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        let id = Id::unique(("mark", row.0, place.pane));
        let y = rect.center().y;
        let time_width = measured(ui, &time, font::mono());
        let go = Rect::from_x_y_ranges(
            rect.left()..=rect.left() + 24.0 + time_width,
            rect.y_range(),
        );
        let response = ui.interact(go, id, Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("Mark {time} {}", mark.note))
        });
        let color = if response.hovered() || response.has_focus() {
            palette.text
        } else {
            palette.flag
        };
        paint_left(
            ui,
            rect.left() + 12.0,
            y,
            cut(ui, &time, font::mono(), color, time_width + 4.0),
        );
        if response.clicked() {
            wish = Some(SideWish::GoTo(row));
        }
        response.on_hover_text("To the row of this mark");
        let cross = Rect::from_center_size(pos2(rect.right() - 24.0, y), vec2(20.0, 20.0));
        if icon_button(
            ui,
            cross,
            id.with("remove"),
            Icon::Cross,
            "Remove this mark",
        )
        .clicked()
        {
            wish = Some(SideWish::RemoveMark(row));
        }
        let since = cut(ui, &since, font::small(), palette.dim, 90.0);
        let field = Rect::from_x_y_ranges(
            go.right() + 4.0..=rect.right() - 46.0 - since.size().x,
            rect.shrink2(vec2(0.0, 2.0)).y_range(),
        );
        paint_right(ui, rect.right() - 40.0, y, since);
        let mut note = mark.note.clone();
        let edit = egui::TextEdit::singleline(&mut note)
            .id(id.with("note"))
            .hint_text("Note")
            .font(font::label())
            .desired_width(field.width());
        let response = ui.put(field, edit);
        response.widget_info(|| {
            WidgetInfo::labeled(Role::TextInput, true, format!("Note of the mark {time}"))
        });
        if response.changed() {
            wish = Some(SideWish::NoteMark(row, note));
        }
    }
    if before.is_none() {
        paragraph(ui, words::marks_hint(&place.mark_key), palette.dim);
    }
    wish
}
