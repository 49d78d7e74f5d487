//! Layout of the columns in a row, their header, and the edges that resize them.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Response, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::TimelinePlace;
use crate::columns::{Column, FeedColumns, TimeForm};
use crate::command::{Command, SettingCommand};
use crate::shortcuts::{Shortcut, ViewShortcut, key_name};
use crate::theme::{Palette, font};
use crate::widgets::{bottom_line, cut, cut_middle, name_on_hover, paint_left, paint_right, panel};
use crate::words;

/// Distance of the first column from the edge, in points.
const LEFT: f32 = 12.0;
/// Gap between two columns in points.
pub(super) const GAP: f32 = 12.0;
/// Width of the sign (an arrow or another icon) in points.
const SIGN: f32 = 12.0;
/// Distance of the payload from the right edge, where the scroll handle is.
const RIGHT: f32 = 16.0;

/// Room of the name of the payload in the header, in points.
pub(super) const NAME_OF_PAYLOAD: f32 = 64.0;

/// Positions of the columns in a row, from left to right.
#[derive(Clone)]
pub(super) struct RowColumns {
    /// Positions of the visible columns, in the order of [`Column::ALL`].
    cells: [Option<RowCell>; Column::ALL.len()],
    /// Left edge of the sign that shows the kind of the record; `None` if it has no room.
    pub(super) sign: Option<f32>,
    /// The time has room for milliseconds.
    pub(super) has_milliseconds: bool,
    /// Width of a character in points.
    pub(super) character: f32,
    /// Columns of fields that have room, with their places among all of them.
    pub(super) fields: Vec<(usize, RowCell)>,
    /// Left edge of the payload.
    pub(super) text: f32,
    /// Width of the payload.
    pub(super) text_width: f32,
}

/// Position of a column.
#[derive(Clone, Copy)]
pub(super) struct RowCell {
    pub(super) left: f32,
    pub(super) width: f32,
}

impl RowCell {
    /// Returns the right edge.
    pub(super) fn right(self) -> f32 {
        self.left + self.width
    }
}

/// Column that has room in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum RowPart {
    /// Column with its width.
    Column(Column, f32),
    /// Sign of the record's kind.
    Sign,
    /// Field with its place and width.
    Field(usize, f32),
}

/// Step in which the columns of a row give way.
#[derive(Clone, Copy)]
enum ReductionStep {
    /// Shortens a column to this number of characters, as far as necessary.
    Shorten(Column, usize),
    /// Removes a column.
    Remove(Column),
    /// Removes the sign.
    RemoveSign,
    /// Removes columns of fields from the right, as far as necessary.
    RemoveFields,
}

/// Steps in their order. The first ones shorten what is longer than usual, so that nothing disappears because of it.
const STEPS: [ReductionStep; 14] = [
    ReductionStep::Shorten(Column::Connection, 4),
    ReductionStep::Shorten(Column::Size, 8),
    ReductionStep::Shorten(Column::Id, 8),
    ReductionStep::Shorten(Column::Type, 14),
    ReductionStep::Shorten(Column::Time, MILLISECONDS.len()),
    ReductionStep::Remove(Column::Connection),
    ReductionStep::Remove(Column::Size),
    ReductionStep::Remove(Column::Id),
    ReductionStep::Shorten(Column::Type, 7),
    ReductionStep::RemoveSign,
    ReductionStep::Remove(Column::Type),
    // The milliseconds give way.
    ReductionStep::Shorten(Column::Time, SECONDS.len()),
    ReductionStep::RemoveFields,
    ReductionStep::Remove(Column::Time),
];

/// Forms of a time of day, which give the width of its column.
const MILLISECONDS: &str = "05:49:14.524";
const SECONDS: &str = "05:49:14";

impl RowPart {
    /// Returns the width with the gap behind it.
    fn room(self) -> f32 {
        match self {
            Self::Column(_, width) | Self::Field(_, width) => width + GAP,
            Self::Sign => SIGN + GAP,
        }
    }

    fn is(self, other: Column) -> bool {
        matches!(self, Self::Column(column, _) if column == other)
    }
}

/// Width of the payload beside columns of fields, which the user has chosen in its place.
const PAYLOAD_BESIDE_FIELDS: f32 = 160.0;

/// Returns the columns that have room in a row of this width, from left to right. Without columns of fields, the payload
/// begins in the left half of the row. `fields` are the widths of those columns in characters.
fn parts(row_width: f32, columns: &FeedColumns, fields: &[usize], character: f32) -> Vec<RowPart> {
    let half = row_width / 2.0 - LEFT;
    let room = if fields.is_empty() {
        half
    } else {
        (row_width - PAYLOAD_BESIDE_FIELDS - LEFT - RIGHT).max(half)
    };
    let mut parts: Vec<RowPart> = Column::ALL
        .into_iter()
        .flat_map(|column| {
            let width = || columns.width(column, character);
            let part = columns
                .has(column)
                .then(|| RowPart::Column(column, width()));
            // The sign follows the columns about the time and the connection.
            let sign = (column == Column::Type).then_some(RowPart::Sign);
            sign.into_iter().chain(part)
        })
        .collect();
    let of_field =
        |(place, width): (usize, &usize)| RowPart::Field(place, width_of(*width, character));
    parts.extend(fields.iter().enumerate().map(of_field));
    for step in STEPS {
        let excess = parts.iter().map(|part| part.room()).sum::<f32>() - room;
        if excess <= 0.0 {
            break;
        }
        match step {
            ReductionStep::Shorten(column, least) => {
                // A time since the row above has no milliseconds that could give way.
                let is_clock = columns.choice.time_form == TimeForm::Clock;
                let is_kept = column == Column::Time && least < MILLISECONDS.len() && !is_clock;
                let least = width_of(least, character);
                for part in parts.iter_mut().filter(|_| !is_kept) {
                    if let RowPart::Column(it, width) = part
                        && *it == column
                    {
                        *width = (*width - excess).max(width.min(least));
                    }
                }
            }
            ReductionStep::Remove(column) => parts.retain(|part| !part.is(column)),
            ReductionStep::RemoveSign => parts.retain(|part| *part != RowPart::Sign),
            ReductionStep::RemoveFields => {
                let mut left = excess;
                // Fields are the last parts.
                while left > 0.0
                    && let Some(part) = parts.pop_if(|part| matches!(part, RowPart::Field(..)))
                {
                    left -= part.room();
                }
            }
        }
    }
    parts
}

/// Returns the width of this number of characters.
fn width_of(characters: usize, character: f32) -> f32 {
    (characters as f32 * character).ceil()
}

impl RowColumns {
    /// Lays out the columns in a row of this area.
    pub(super) fn new(ui: &Ui, rect: Rect, columns: &FeedColumns, widths: &[usize]) -> Self {
        let character = ui
            .ctx()
            .fonts_mut(|fonts| fonts.glyph_width(&font::mono(), '0'));
        let mut x = rect.left() + LEFT;
        let mut cells = [None; Column::ALL.len()];
        let mut sign = None;
        let mut fields = Vec::new();
        for part in parts(rect.width(), columns, widths, character) {
            match part {
                RowPart::Column(column, width) => {
                    cells[column as usize] = Some(RowCell { left: x, width });
                    x += width + GAP;
                }
                RowPart::Sign => {
                    sign = Some(x);
                    x += SIGN + GAP;
                }
                RowPart::Field(place, width) => {
                    fields.push((place, RowCell { left: x, width }));
                    x += width + GAP;
                }
            }
        }
        let time = cells[Column::Time as usize].map_or(0.0, |cell: RowCell| cell.width);
        Self {
            cells,
            sign,
            has_milliseconds: time >= width_of(MILLISECONDS.len(), character) - 0.5,
            character,
            fields,
            text: x,
            text_width: (rect.right() - RIGHT - x).max(0.0),
        }
    }

    /// Returns the same columns with a payload that ends at `right` at the latest.
    pub(super) fn ending_at(&self, right: f32) -> Self {
        Self {
            text_width: self.text_width.min(right - self.text).max(0.0),
            ..self.clone()
        }
    }

    /// Returns the position of a column, if it is visible.
    pub(super) fn cell(&self, column: Column) -> Option<RowCell> {
        self.cells[column as usize]
    }

    /// Returns the number of characters that fit into a column.
    pub(super) fn fitting(&self, cell: RowCell) -> usize {
        // The tolerance covers the rounding of the width.
        ((cell.width + 0.5) / self.character).floor().max(1.0) as usize
    }

    /// Draws the header: the names of the columns, and between them the edges that resize them. Returns its response,
    /// because the menu of the columns belongs to it, too. With `has_reference`, the times are counted from a record.
    pub(super) fn header(
        &self,
        ui: &Ui,
        (place, has_reference): (&TimelinePlace<'_>, bool),
        rect: Rect,
        commands: &mut Vec<Command>,
    ) -> Response {
        panel(ui, rect);
        bottom_line(ui, rect);
        let id = Id::unique(("header", place.pane, place.list));
        let ground = ui.interact(rect, id, Sense::CLICK);
        let palette = Palette::of(ui);
        let name = |text: &str, cell: RowCell, is_right: bool| {
            // The path of a field has the look of a key, so that `.size` and the size differ.
            let is_field = text.starts_with(['.', '(', '[', '{']);
            let galley = if is_field {
                let text = cut_middle(text, self.fitting(cell));
                cut(ui, &text, font::mono(), palette.key, cell.width)
            } else {
                cut(ui, text, font::small(), palette.dim, cell.width)
            };
            let area = Rect::from_x_y_ranges(cell.left..=cell.right(), rect.y_range());
            let response = ui.interact(area, id.with(text), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, text));
            if is_right {
                paint_right(ui, cell.right(), rect.center().y, galley);
            } else {
                paint_left(ui, cell.left, rect.center().y, galley);
            }
            response
        };
        let choice = place.columns.get().choice;
        for column in Column::ALL {
            if let Some(cell) = self.cell(column) {
                let text = match (column, choice.time_form) {
                    (Column::Time, _) if has_reference => words::TIME_FROM_RECORD,
                    (Column::Time, TimeForm::SinceAbove) => "delta",
                    (Column::Connection, _) => "conn",
                    _ => column.word(),
                };
                let response = name(text, cell, is_number(column));
                if text == words::TIME_FROM_RECORD {
                    let key = key_name(ui, Shortcut::View(ViewShortcut::TimeReference));
                    response.on_hover_text(words::about_time_from_record(&key));
                }
                edge(ui, place, rect, column, cell, self.character, commands);
            }
        }
        let fields = place.fields.borrow();
        for (at, cell) in &self.fields {
            if let Some(path) = fields.paths().get(*at) {
                name(path, *cell, fields.is_number(*at));
            }
        }
        let payload = RowCell {
            left: self.text,
            width: self.text_width,
        };
        name("payload", payload, false);
        ground
    }

    /// Draws the number of the chosen columns without room behind the name of the payload, if it fits before `right`. The tooltip
    /// names them.
    pub(super) fn note_hidden(&self, ui: &Ui, place: &TimelinePlace<'_>, header: Rect, right: f32) {
        let hidden = self.hidden(place);
        if hidden.is_empty() {
            return;
        }
        let hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
        let [note, about] = words::no_room_for(&hidden);
        let galley = cut(ui, &note, font::small(), Palette::of(ui).dim, f32::INFINITY);
        let right = right.min(self.text + self.text_width);
        let left = right - galley.size().x;
        let has_room = left >= self.text + NAME_OF_PAYLOAD;
        let area = if has_room {
            left..=right
        } else {
            self.text..=(self.text + NAME_OF_PAYLOAD).min(right.max(self.text))
        };
        let id = Id::unique(("hidden columns", place.pane, place.list));
        let area = Rect::from_x_y_ranges(area, header.y_range());
        let response = ui.interact(area, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &about));
        if has_room {
            paint_right(ui, right, header.center().y, galley);
        }
        name_on_hover(response, &about);
    }

    /// Returns the names of the chosen columns without room.
    fn hidden(&self, place: &TimelinePlace<'_>) -> Vec<String> {
        let columns = place.columns.get();
        // Without columns of fields, only the size and the ID give way in usual panes.
        if place.fields.borrow().is_empty() && self.cell(Column::Type).is_some() {
            return Vec::new();
        }
        let lacks = |column: &Column| columns.has(*column) && self.cell(*column).is_none();
        let of_record = Column::ALL.into_iter().filter(lacks);
        let sign = self.sign.is_none().then(|| "direction".to_owned());
        let names = of_record.map(|column| column.word().to_owned());
        let fields = place.fields.borrow();
        let shown = self.fields.len();
        // Fields give way from the right.
        let fields = fields.paths().iter().skip(shown).cloned();
        sign.into_iter().chain(names).chain(fields).collect()
    }
}

/// Returns true for a column of numbers, which are aligned right.
pub(super) fn is_number(column: Column) -> bool {
    matches!(column, Column::Connection | Column::Id | Column::Size)
}

/// Draws the edge right of a column in the header and handles its input. Dragging resizes the column; a double click
/// fits it to its content.
fn edge(
    ui: &Ui,
    place: &TimelinePlace<'_>,
    header: Rect,
    column: Column,
    cell: RowCell,
    character: f32,
    commands: &mut Vec<Command>,
) {
    let x = cell.right() + GAP / 2.0;
    let grip = Rect::from_x_y_ranges(x - 4.0..=x + 4.0, header.y_range());
    let id = Id::unique(("column edge", place.pane, place.list, column));
    let response = ui.interact(grip, id, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        let name = format!("Width of the {} column", column.word());
        WidgetInfo::labeled(Role::Splitter, true, name)
    });
    let mut columns = place.columns.get();
    if response.dragged() {
        // A column that has less room than it should have starts from the room that it has.
        let width = cell.width + response.drag_delta().x;
        columns.choice = columns.choice.with_width(column, width);
        place.columns.set(columns);
    } else if response.double_clicked() {
        columns.choice = columns.fitted(column, character);
        place.columns.set(columns);
    }
    // The settings are written once, when the drag ends.
    if response.drag_stopped() || response.double_clicked() {
        commands.push(Command::Setting(SettingCommand::Columns(
            place.feed,
            columns.choice,
        )));
    }
    let palette = Palette::of(ui);
    if response.hovered() || response.dragged() {
        let stroke = Stroke::new(1.0, palette.dim);
        ui.painter().vline(x, header.y_range(), stroke);
    } else {
        let mark = Rect::from_center_size(egui::pos2(x, header.center().y), vec2(1.0, 12.0));
        ui.painter().rect_filled(mark, 0.0, palette.line);
    }
    response
        .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal)
        .on_hover_text("Drag to resize, double click to fit");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::ColumnChoice;

    /// Width of a character in points.
    const CHARACTER: f32 = 7.2;

    /// Returns the names of the columns that have room, with the number of characters of each.
    fn shown(row_width: f32, columns: &FeedColumns) -> String {
        let parts = parts(row_width, columns, &[], CHARACTER);
        let used = LEFT + parts.iter().map(|part| part.room()).sum::<f32>();
        assert!(
            used <= row_width / 2.0 + 0.01,
            "the payload has less than half of {row_width}"
        );
        let name = |part: &RowPart| match part {
            RowPart::Column(column, width) => {
                format!("{} {}", column.word(), ((width + 0.5) / CHARACTER).floor())
            }
            RowPart::Sign => "sign".to_owned(),
            RowPart::Field(place, _) => format!("field {place}"),
        };
        parts.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn columns(event: &str, id: &str) -> FeedColumns {
        let mut columns = FeedColumns::default();
        columns.content.add(Column::Type, event);
        columns.content.add(Column::Id, id);
        columns
    }

    #[test]
    fn a_payload_ends_before_the_pill() {
        let columns = RowColumns {
            cells: [None; Column::ALL.len()],
            sign: None,
            has_milliseconds: true,
            character: CHARACTER,
            fields: Vec::new(),
            text: 200.0,
            text_width: 400.0,
        };
        let width = |right: f32| columns.ending_at(right).text_width.to_bits();
        // The pill is right of the payload, over its end, and left of its beginning.
        assert_eq!(
            [width(700.0), width(550.0), width(100.0)],
            [400.0_f32, 350.0, 0.0].map(f32::to_bits)
        );
    }

    #[test]
    fn columns_give_way_in_order() {
        let short = columns("price", "1074");
        for (width, expected) in [
            (1280.0, "time 12, sign, type 7, id 4, size 8"),
            (640.0, "time 12, sign, type 7, id 4, size 8"),
            (600.0, "time 12, sign, type 7, id 4"),
            (480.0, "time 12, sign, type 7, id 4"),
            (426.0, "time 12, sign, type 7"),
            (380.0, "time 12, type 7"),
            (320.0, "time 12"),
            (180.0, "time 9"),
            (160.0, ""),
        ] {
            assert_eq!(shown(width, &short), expected, "{width}");
        }
    }

    #[test]
    fn long_types_and_ids_become_shorter_before_anything_disappears() {
        let long = columns("response.output_text.delta", "1752345678901-0");
        for (width, expected) in [
            (1280.0, "time 12, sign, type 24, id 15, size 8"),
            (900.0, "time 12, sign, type 22, id 8, size 8"),
            (640.0, "time 12, sign, type 14, id 8"),
            (560.0, "time 12, sign, type 14"),
            (426.0, "time 12, sign, type 9"),
            (380.0, "time 12, type 7"),
        ] {
            assert_eq!(shown(width, &long), expected, "{width}");
        }
    }

    #[test]
    fn fields_take_the_room_of_the_payload_and_give_way_from_the_right() {
        let short = columns("price", "1074");
        let names = |width: f32| {
            let parts = parts(width, &short, &[8, 8, 8], CHARACTER);
            let used = LEFT + parts.iter().map(|part| part.room()).sum::<f32>();
            assert!(
                width - used - RIGHT >= 159.9 || used <= width / 2.0,
                "{width}"
            );
            let name = |part: &RowPart| match part {
                RowPart::Column(column, _) => column.word().to_owned(),
                RowPart::Sign => "sign".to_owned(),
                RowPart::Field(place, _) => place.to_string(),
            };
            parts.iter().map(name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(1_280.0), "time sign type id size 0 1 2");
        assert_eq!(names(640.0), "time sign type id 0 1 2");
        assert_eq!(names(480.0), "time 0 1 2");
        assert_eq!(names(400.0), "time 0 1");
        assert_eq!(names(200.0), "time");
    }

    #[test]
    fn the_payload_keeps_half_of_the_row_whatever_the_user_chose() {
        let mut wide = columns("price", "1074");
        wide.choice = ColumnChoice::default()
            .with(Column::Connection, true)
            .with_width(Column::Type, 600.0)
            .with_width(Column::Time, 300.0);
        for width in (160..2_000).step_by(7) {
            shown(width as f32, &wide);
        }
        wide.choice.time_form = TimeForm::SinceAbove;
        for width in (160..2_000).step_by(7) {
            shown(width as f32, &wide);
        }
    }
}
