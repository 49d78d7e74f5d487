//! Numbers with their explanations. Each number on screen has a name in the accessibility tree, and a hover with its meaning,
//! its span and its unit.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use egui::accesskit::Role;
use egui::{Color32, FontId, Id, Rect, Response, Sense, Ui, WidgetInfo};

use crate::widgets::{cut_sentence, paint_left};

/// Number with the words around it and its explanation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Number {
    /// Name for screen readers, such as `p50 of the intervals`.
    pub(crate) name: Cow<'static, str>,
    pub(crate) before: &'static str,
    /// Number with its unit.
    pub(crate) text: String,
    pub(crate) after: Cow<'static, str>,
    /// Meaning, span and unit.
    pub(crate) about: &'static str,
}

impl Number {
    /// Returns a number without words around it.
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        text: String,
        about: &'static str,
    ) -> Self {
        Self {
            name: name.into(),
            text,
            about,
            ..Self::default()
        }
    }

    /// Adds the words before the number.
    pub(crate) fn after_words(self, before: &'static str) -> Self {
        Self { before, ..self }
    }

    /// Adds the words after the number.
    pub(crate) fn before_words(self, after: impl Into<Cow<'static, str>>) -> Self {
        Self {
            after: after.into(),
            ..self
        }
    }

    /// Returns the number with the words around it.
    fn words(&self) -> String {
        format!("{}{}{}", self.before, self.text, self.after)
    }
}

/// Returns numbers and their words as one text.
pub(crate) fn sentence(numbers: &[Number]) -> String {
    numbers.iter().map(Number::words).collect()
}

/// Gives a number in an area a node of the accessibility tree.
pub(crate) fn name_number(ui: &Ui, area: Rect, id: Id, number: &Number) -> Response {
    let response = ui.interact(area, id, Sense::hover());
    response.widget_info(|| {
        let label = format!("{}: {}", number.name, number.text);
        WidgetInfo::labeled(Role::Label, true, label)
    });
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_description(number.about));
    response
}

/// Draws numbers from left to right in their room, and names each of them. Returns the number under the pointer.
pub(crate) fn paint<'a>(
    ui: &Ui,
    id: Id,
    (room, y): (RangeInclusive<f32>, f32),
    numbers: &'a [Number],
    (font, color): (&FontId, Color32),
) -> Option<&'a Number> {
    let (mut left, right) = room.into_inner();
    let mut pointed_at = None;
    for (place, number) in numbers.iter().enumerate() {
        let width = (right - left).max(0.0);
        let galley = cut_sentence(ui, &number.words(), font.clone(), color, width);
        let size = galley.size();
        paint_left(ui, left, y, galley);
        let next = left + size.x;
        let area = Rect::from_x_y_ranges(left..=next, y - 10.0..=y + 10.0);
        // A number without room is named as well, because a listener needs no room.
        if name_number(ui, area, id.with(("number", place)), number).hovered() {
            pointed_at = Some(number);
        }
        left = next;
    }
    pointed_at
}
