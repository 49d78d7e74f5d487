//! Drawing of the rows of a timeline, for each kind of record.

use std::ops::RangeInclusive;

use egui::accesskit::Role;
use egui::{Color32, FontId, Id, PointerButton, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::error_report::reports_error;
use feedscope_analysis::filter::ColumnValue;
use feedscope_analysis::listing::{ItemId, ListedLine};
use feedscope_core::feed::FeedCommand;
use feedscope_core::feed::QueuedMessage;
use feedscope_core::store::{Detail, Extent, ListingIndex, RowText};
use feedscope_core::{ConnectionState, Direction, KindTag, Moment};

use super::columns::{self, RowColumns};
use super::fold::{self, Fold};
use super::marks::Marks;
use super::meaning::{Meanings, RowMeaning};
use super::notes;
use super::texts::{self, Paint, TextSide};
use super::{Places, TimelinePlace, TimelineView, mouse};
use crate::columns::{Column, TimeForm};
use crate::command::Command;
use crate::field_columns;
use crate::payload_text::line_job;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::glyph_run::GlyphRuns;
use crate::widgets::icon::{self, Icon};
use crate::widgets::{cut, cut_middle, icon_button, one_line, paint_left, paint_right};
use crate::words;

/// Distance of a sign's center from its left edge, in points.
const SIGN_CENTER: f32 = 6.0;

/// Data of one pass over the rows in sight.
pub(super) struct Drawing<'a> {
    pub(super) place: &'a TimelinePlace<'a>,
    pub(super) columns: &'a RowColumns,
    pub(super) places: &'a Places,
    /// Topmost place with its fraction.
    pub(super) top: f64,
    pub(super) lines: &'a TimelineLines,
}

/// Records in sight.
pub(super) struct TimelineLines {
    /// Place of the first one in the listing.
    index: ListingIndex,
    listed: Vec<ListedLine>,
    /// Values of the columns of fields, for each of them; empty without such columns.
    values: Vec<Vec<ColumnValue>>,
    /// Texts in place of payloads.
    meanings: Meanings,
    /// Beginning that the payloads are shown without.
    folded: String,
}

impl TimelineLines {
    /// Reads the records in sight from the store, with as much of each payload as fits into this width.
    pub(super) fn new(
        place: &TimelinePlace<'_>,
        places: &Places,
        top: f64,
        text_width: f32,
        (fold, now): (&mut Fold, f64),
    ) -> Self {
        let index = ListingIndex((top.floor() as u64).saturating_sub(places.lead));
        // About 6 points for each character; four bytes hold one character of UTF-8.
        let characters = (text_width / 6.0).max(8.0) as usize;
        let fitting = fitting(places) as usize;
        let most = characters * 4;
        let mut lines =
            place
                .listing
                .lines(index, places.end, fitting, most + fold.needed_bytes(now));
        // Texts of a lens are shown whole, so that no beginning of their payloads is left out.
        let is_read = place.lens.is_some_and(|lens| lens.lens().is_some());
        let folded_lines = if is_read { &[] } else { &lines[..] };
        fold.sync(folded_lines, now);
        let folded = fold.beginning().to_owned();
        // The layout of a row must not cost more than its visible part.
        for line in &mut lines {
            let start = folded_bytes(&line.text, &folded);
            let preview = &mut line.text.preview;
            preview.truncate(preview.floor_char_boundary(start + most));
        }
        let fields = place.fields.borrow();
        let store = place.listing.store();
        let interpreter = place.interpreter();
        // A column may lie behind the beginning of the payload, so that whole records are read.
        let values = |line: &ListedLine| match store.record(line.text.row) {
            Some(record) => fields.values(&record.record().kind, &interpreter),
            None => Vec::new(),
        };
        let values = if fields.is_empty() {
            Vec::new()
        } else {
            lines.iter().map(values).collect()
        };
        Self {
            index,
            meanings: Meanings::new(place.lens, &lines),
            listed: lines,
            values,
            folded,
        }
    }

    /// Widens the columns that are too narrow for these records. Returns true if one was.
    pub(super) fn widen(&self, place: &TimelinePlace<'_>) -> bool {
        let columns = place.columns;
        let mut fields = place.fields.borrow_mut();
        let mut is_field_changed = false;
        for values in &self.values {
            is_field_changed |= fields.widen(values);
        }
        let mut widened = columns.get();
        let texts = self.listed.iter().map(|line| &line.text).enumerate();
        for (at, line) in texts.filter(|(_, line)| !is_sentence(line)) {
            let part = self.meanings.of(at).and_then(|meaning| meaning.part());
            let name = part.unwrap_or_else(|| words::row_name(line));
            widened.content.add(Column::Type, name);
            widened.content.add(Column::Id, &line.id);
        }
        let is_changed = widened.content != columns.get().content;
        columns.set(widened);
        is_changed || is_field_changed
    }
}

/// Returns the length of the beginning that a row is shown without.
fn folded_bytes(line: &RowText, folded: &str) -> usize {
    let is_folded =
        !folded.is_empty() && fold::is_foldable(line) && line.preview.starts_with(folded);
    if is_folded { folded.len() } else { 0 }
}

/// Returns the number of rows that are at least partly in sight.
fn fitting(places: &Places) -> u64 {
    places.fitting.ceil() as u64 + 1
}

/// Returns true for a row that consists of a sentence, which begins after the type and takes the rest of the row.
fn is_sentence(line: &RowText) -> bool {
    matches!(line.tag, KindTag::State | KindTag::Gap | KindTag::Note)
}

impl Drawing<'_> {
    /// Returns the area of the row at a place. It is on whole pixels, so that text stays sharp while it moves.
    fn rect(&self, ui: &Ui, place: u64) -> Rect {
        let rows = self.place.rows;
        let scale = ui.ctx().pixels_per_point();
        let y = rows.top() + ((place as f64 - self.top) * f64::from(size::ROW)) as f32;
        Rect::from_min_size(
            pos2(rows.left(), (y * scale).round() / scale),
            vec2(rows.width(), size::ROW),
        )
    }
}

/// Draws the rows in sight: the line about missing records, the records, and the queued messages.
pub(super) fn paint(
    ui: &mut Ui,
    drawing: &Drawing<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    commands: &mut Vec<Command>,
) {
    let places = drawing.places;
    let first = drawing.top.floor() as u64;
    let fitting = fitting(places);
    if first < places.lead {
        let problem = feed.store.spill_problem();
        lead_row(ui, drawing.rect(ui, 0), &places.extent, problem.as_deref());
    }
    let TimelineLines {
        index,
        listed: lines,
        values,
        ..
    } = drawing.lines;
    let at_cursor = notes::at_cursor(ui, drawing.place, lines);
    view.runs.begin(ui);
    let mut above = moment_above(drawing, *index);
    for (i, line) in lines.iter().enumerate() {
        let rect = drawing.rect(ui, places.lead + index.0 + i as u64);
        if rect.top() >= drawing.place.rows.bottom() {
            break;
        }
        view.painted.push(rect.top(), line.item.id);
        let values = values.get(i).map_or(&[][..], Vec::as_slice);
        let meaning = drawing.lines.meanings.of(i);
        let content = (above, values, meaning.as_ref());
        record_row(ui, drawing, rect, line, content, view);
        if at_cursor == Some(i) {
            notes::frame(ui, rect);
        }
        above = Some(line.text.stamp.moment);
    }
    view.runs.paint(ui);
    // Queued messages are below the last row, and only those in sight are drawn.
    let below = places.lead + places.rows;
    for (i, queued) in (0..places.queued).zip(feed.status.queue.iter()) {
        if below + i + 1 > first && below + i < first + fitting {
            queued_row(
                ui,
                drawing,
                drawing.rect(ui, below + i),
                feed,
                queued,
                commands,
            );
        }
    }
}

/// Returns the time of the record above the one at `index`, or `None` if there is none or the column does not show it.
fn moment_above(drawing: &Drawing<'_>, index: ListingIndex) -> Option<Moment> {
    let asked = drawing.place.columns.get().choice.time_form == TimeForm::SinceAbove;
    let above = index.checked_sub(1).filter(|_| asked)?;
    let places = drawing.places;
    let lines = places.listing.lines(above, places.end, 1, 0);
    lines.first().map(|line| line.text.stamp.moment)
}

/// Draws the line about records that were let go.
fn lead_row(ui: &Ui, rect: Rect, extent: &Extent, problem: Option<&str>) {
    let palette = Palette::of(ui);
    ui.painter()
        .rect_filled(rect, 0.0, palette.wait.gamma_multiply(tint::ROW));
    let text = words::let_go(extent, problem);
    paint_left(
        ui,
        rect.left() + size::PADDING,
        rect.center().y,
        cut(ui, &text, font::label(), palette.dim, rect.width() - 40.0),
    );
}

/// Draws the row of a record and handles its input.
fn record_row(
    ui: &Ui,
    drawing: &Drawing<'_>,
    rect: Rect,
    listed: &ListedLine,
    (above, values, meaning): (Option<Moment>, &[ColumnValue], Option<&RowMeaning<'_>>),
    view: &mut TimelineView,
) {
    let palette = Palette::of(ui);
    let Drawing { place, columns, .. } = drawing;
    let (item, line) = (listed.item.id, &listed.text);
    let visible = rect.intersect(place.rows);
    // The row is not focusable: the list has the focus for all rows, and arrow keys move over them.
    let response = ui.interact(
        // The right edge is left to the scroll handle.
        visible.with_max_x(visible.right() - mouse::HANDLE),
        mouse::row_id(place.pane, place.list, item),
        Sense::CLICK,
    );
    let time = time_of_day(place, line);
    let sentence = words::row_sentence(line);
    let selected = view.selection.contains(item);
    describe(
        &response,
        drawing.places,
        (listed, values, meaning),
        sentence.as_deref(),
        &time,
        selected,
    );
    // The mouse is handled before the rows are drawn. This is a click by a screen reader.
    if response.clicked() && !response.clicked_by(PointerButton::Primary) {
        let other = Some(item).filter(|item| !view.selection.is_only(*item));
        view.select(drawing.places, other);
    }
    if response.secondary_clicked() {
        view.menu.asked = Some(item);
    }
    if let Some(ground) = ground(palette, line, selected, response.hovered()) {
        ui.painter().rect_filled(rect, 0.0, ground);
    }
    let note = notes::paint(ui, place, columns, &response, rect, line, selected);
    let dim = palette.dim_in_row(selected);
    let y = rect.center().y;
    if let Some(left) = columns.sign {
        let (shape, color) = sign(palette, line);
        icon::paint(ui.painter(), shape, pos2(left + SIGN_CENTER, y), color);
    }
    let marked = place.marks.columns(palette, line);
    let is_error = line.tag == KindTag::Event && line.name == "error"
        || reports_error(line.preview.as_bytes())
        || meaning.is_some_and(RowMeaning::has_error);
    let runs = &mut view.runs;
    let mut cell = |column, text: &str, ground| {
        let color = if is_error && column == Column::Type {
            palette.fail
        } else {
            dim
        };
        column_text(
            ui,
            runs,
            columns,
            (column, y),
            text,
            Paint { color, ground },
        );
    };
    let time = time_text(drawing, line, above, view.reference).unwrap_or(time);
    cell(Column::Time, &time, None);
    cell(Column::Connection, &line.connection.to_string(), None);
    let part = meaning.and_then(RowMeaning::part);
    let name = part.unwrap_or_else(|| words::row_name(line));
    let sentence = sentence.as_deref();
    let left = columns.text;
    let right = (left + columns.text_width - note).max(left);
    if is_sentence(line) {
        let paint = Paint {
            color: dim,
            ground: marked.name,
        };
        let left = sentence_start(ui, runs, columns, (name, y), paint, right);
        let room = left..=right.max(left);
        payload(ui, runs, (room, y), (line, 0), sentence, &place.marks, dim);
        return;
    }
    cell(Column::Type, name, marked.name);
    cell(Column::Id, &line.id, marked.id);
    if line.size > 0 || sentence.is_none() {
        cell(Column::Size, &words::bytes(line.size), marked.size);
    }
    field_cells(ui, runs, columns, values, y);
    if let Some(meaning) = meaning {
        // Texts of a lens have no common beginning that could be left out.
        let (font, color) = meaning.look(palette, dim);
        let look = (meaning.text.as_str(), font, color);
        return row_text(ui, runs, (left..=right, y), line, look, &place.marks);
    }
    let folded = &drawing.lines.folded;
    let start = folded_bytes(line, folded);
    let left = if start > 0 {
        fold_mark(ui, left, y, palette.faint, (*place, item), folded);
        left + columns.character
    } else {
        left
    };
    let room = left..=right;
    let content = (line, start);
    payload(ui, runs, (room, y), content, sentence, &place.marks, dim);
}

/// Describes a row for screen readers. Its words come first, because a listener decides by them.
fn describe(
    response: &Response,
    places: &Places,
    (listed, values, meaning): (&ListedLine, &[ColumnValue], Option<&RowMeaning<'_>>),
    sentence: Option<&str>,
    time: &str,
    selected: bool,
) {
    let line = &listed.text;
    response.widget_info(|| {
        let direction = line.direction.map(|direction| match direction {
            Direction::In => "received",
            Direction::Out => "sent",
        });
        let text = meaning.map(|meaning| meaning.text.as_str());
        let text = text.or(sentence).unwrap_or(&line.preview);
        let part = meaning.and_then(RowMeaning::part);
        let fields = values.iter().map(field_columns::text);
        let parts = [
            direction,
            Some(part.unwrap_or_else(|| words::row_name(line))),
            Some(line.id.as_str()),
        ];
        let parts = parts.into_iter().flatten().chain(fields).chain([text]);
        let parts: Vec<&str> = parts.filter(|it| !it.is_empty()).collect();
        WidgetInfo::labeled(Role::ListBoxOption, true, parts.join(" "))
    });
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_selected(selected);
        if !time.is_empty() {
            node.set_description(time);
        }
        node.set_position_in_set(places.listing.rank(listed.item.id).0 as usize + 1);
        node.set_size_of_set(places.rows as usize);
    });
}

/// Returns the time of day of a record; an empty text if its file has no times.
fn time_of_day(place: &TimelinePlace<'_>, line: &RowText) -> String {
    if place.columns.get().lacks_times {
        return String::new();
    }
    words::time_of_day(line.stamp.utc, place.zone)
}

/// Returns the text of the time column; `None` for the time of day with milliseconds.
fn time_text(
    drawing: &Drawing<'_>,
    line: &RowText,
    above: Option<Moment>,
    reference: Option<Moment>,
) -> Option<String> {
    let Drawing { place, columns, .. } = drawing;
    Some(match (place.columns.get().choice.time_form, above) {
        _ if let Some(reference) = reference => {
            words::since_reference(line.stamp.moment, reference)
        }
        (TimeForm::Clock, _) if columns.has_milliseconds => return None,
        (TimeForm::Clock, _) => words::time_in_seconds(line.stamp.utc, place.zone),
        (TimeForm::SinceAbove, Some(above)) => words::since_above(line.stamp.moment, above),
        (TimeForm::SinceAbove, None) => String::new(),
    })
}

/// Draws the type of a row that consists of a sentence. Returns the left edge of the sentence, which follows the type and
/// takes the room of the ID, the size and the fields as well.
fn sentence_start(
    ui: &Ui,
    runs: &mut GlyphRuns,
    columns: &RowColumns,
    (name, y): (&str, f32),
    paint: Paint,
    right: f32,
) -> f32 {
    let Some(cell) = columns.cell(Column::Type) else {
        let field = columns.fields.first();
        return field.map_or(columns.text, |(_, cell)| cell.left);
    };
    let at = (TextSide::Left, cell.left, y);
    let width = texts::mono(ui, runs, at, name, paint, right - cell.left);
    cell.right().max(cell.left + width) + columns::GAP
}

/// Draws the text of a column that is visible.
fn column_text(
    ui: &Ui,
    runs: &mut GlyphRuns,
    columns: &RowColumns,
    (column, y): (Column, f32),
    text: &str,
    paint: Paint,
) {
    let Some(cell) = columns.cell(column) else {
        return;
    };
    // The beginning and the end of a name distinguish it from others.
    let text = cut_middle(text, columns.fitting(cell));
    let at = if columns::is_number(column) {
        (TextSide::Right, cell.right(), y)
    } else {
        (TextSide::Left, cell.left, y)
    };
    texts::mono(ui, runs, at, &text, paint, cell.width);
}

/// Draws the columns of fields.
fn field_cells(
    ui: &Ui,
    runs: &mut GlyphRuns,
    columns: &RowColumns,
    values: &[ColumnValue],
    y: f32,
) {
    let paint = Paint {
        color: Palette::of(ui).text,
        ground: None,
    };
    for (place, cell) in &columns.fields {
        let value = values.get(*place).unwrap_or(&ColumnValue::Missing);
        let text = cut_middle(field_columns::text(value), columns.fitting(*cell));
        // Numbers are at the right, so that their digits are below each other.
        let at = if value.is_number() {
            (TextSide::Right, cell.right(), y)
        } else {
            (TextSide::Left, cell.left, y)
        };
        texts::mono(ui, runs, at, &text, paint, cell.width);
    }
}

/// Draws the mark of a beginning that is left out. The beginning is in its tooltip.
fn fold_mark(
    ui: &Ui,
    left: f32,
    y: f32,
    color: Color32,
    (place, item): (&TimelinePlace<'_>, ItemId),
    folded: &str,
) {
    let galley = cut(ui, "…", font::mono(), color, f32::INFINITY);
    let area = Rect::from_min_size(pos2(left, y - size::ROW / 2.0), vec2(10.0, size::ROW));
    paint_left(ui, left, y, galley);
    let id = Id::unique(("folded", place.pane, place.list, item));
    let response = ui.interact(area.intersect(place.rows), id, Sense::hover());
    response.on_hover_text(folded);
}

/// Draws the last column: a sentence, or the payload as it was received, from byte `start` on.
fn payload(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (room, y): (RangeInclusive<f32>, f32),
    (line, start): (&RowText, usize),
    sentence: Option<&str>,
    marks: &Marks<'_>,
    dim: Color32,
) {
    let palette = Palette::of(ui);
    let (text, font_id, color) = match sentence {
        Some(sentence) => (sentence, font::label(), dim),
        None if line.tag == KindTag::Comment => (line.preview.as_str(), font::mono(), dim),
        None => (&line.preview[start..], font::mono(), palette.text),
    };
    row_text(ui, runs, (room, y), line, (text, font_id, color), marks);
}

/// Draws a text in the last column, beside the reason of a message that was not sent.
fn row_text(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (room, y): (RangeInclusive<f32>, f32),
    line: &RowText,
    (text, font_id, color): (&str, FontId, Color32),
    marks: &Marks<'_>,
) {
    let palette = Palette::of(ui);
    let (left, right) = room.into_inner();
    let mut width = right - left;
    if let Some(failed) = &line.failed {
        // The reason takes at most half of the width; the payload gets the rest.
        let reason = cut(
            ui,
            &format!("not sent: {failed}"),
            font::label(),
            palette.fail,
            width / 2.0,
        );
        width -= reason.size().x + 10.0;
        paint_right(ui, right, y, reason);
    }
    if font_id == font::mono() {
        let at = (left, y);
        return texts::payload(ui, runs, at, (line, text, color), marks, width);
    }
    let mut job = marks.job(ui, line, text, &font_id, color);
    job.wrap = one_line(width);
    paint_left(ui, left, y, ui.painter().layout_job(job));
}

/// Returns the icon and color of a row. The icon shows its kind even without the color.
fn sign(palette: &Palette, line: &RowText) -> (Icon, Color32) {
    match (&line.detail, line.direction) {
        (Detail::State(change), _) if change.state == ConnectionState::Reconnecting => {
            (Icon::Cross, palette.fail)
        }
        (Detail::State(change), _) => (
            Icon::of_state(change.state, 0.0),
            palette.state(change.state),
        ),
        (Detail::Gap(gap), _) => (
            Icon::Gap,
            if gap.missing == Some(0) {
                palette.open
            } else {
                palette.wait
            },
        ),
        (_, Some(Direction::In)) => (Icon::ArrowDown, palette.incoming),
        (_, Some(Direction::Out)) => (Icon::ArrowUp, palette.outgoing),
        (_, None) => (Icon::Dot, palette.wait),
    }
}

/// Returns the background color of a row, if it has one.
fn ground(palette: &Palette, line: &RowText, selected: bool, hovered: bool) -> Option<Color32> {
    if selected {
        return Some(palette.selection);
    }
    let color = match &line.detail {
        Detail::State(change) => Some(match change.state {
            ConnectionState::Open => palette.open,
            ConnectionState::Closed => palette.dim,
            // A drop is a loss, too, and has the color of its sign.
            ConnectionState::Failed | ConnectionState::Reconnecting => palette.fail,
            _ => palette.wait,
        }),
        Detail::Gap(gap) if gap.missing == Some(0) => Some(palette.open),
        Detail::Gap(_) => Some(palette.wait),
        _ if line.tag == KindTag::Note || line.failed.is_some() => Some(palette.wait),
        _ => None,
    };
    match color {
        Some(color) => Some(color.gamma_multiply(if hovered {
            tint::HOVERED_ROW
        } else {
            tint::ROW
        })),
        None => hovered.then(|| palette.raise.gamma_multiply(0.6)),
    }
}

/// Draws the row of a message that waits to be sent, with a button that gives it up.
fn queued_row(
    ui: &Ui,
    drawing: &Drawing<'_>,
    rect: Rect,
    feed: &FeedScene,
    queued: &QueuedMessage,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let columns = drawing.columns;
    let y = rect.center().y;
    let (name, text) = words::queued(&queued.message);
    let response = ui.interact(
        rect.intersect(drawing.place.rows),
        Id::unique(("queued", drawing.place.pane, queued.number)),
        Sense::hover(),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::ListBoxOption,
            true,
            format!("waiting to be sent: {text}"),
        )
    });
    if let Some(left) = columns.sign {
        let center = pos2(left + SIGN_CENTER, y);
        icon::paint(ui.painter(), Icon::ArrowUp, center, palette.wait);
    }
    if let Some(cell) = columns.cell(Column::Type) {
        let galley = cut(ui, name, font::mono(), palette.dim, cell.width);
        paint_left(ui, cell.left, y, galley);
    }
    let waiting = cut(
        ui,
        "waiting for the connection",
        font::label(),
        palette.wait,
        columns.text_width / 2.0,
    );
    let room = columns.text_width - waiting.size().x - 34.0;
    let mut job = line_job(ui, &text, &font::mono(), palette.text, palette.faint);
    job.wrap = one_line(room);
    let galley = ui.painter().layout_job(job);
    let after = columns.text + galley.size().x + 10.0;
    paint_left(ui, columns.text, y, galley);
    paint_left(ui, after, y, waiting);
    let cross = Rect::from_center_size(
        pos2(columns.text + columns.text_width - 6.0, y),
        vec2(20.0, 20.0),
    );
    let id = Id::unique(("give up", drawing.place.pane, queued.number));
    if icon_button(ui, cross, id, Icon::Cross, "Do not send this message").clicked() {
        commands.push(give_up(feed, queued.number));
    }
}

/// Returns the command that gives up a queued message. The timeline keeps the message, marked as failed.
pub(super) fn give_up(feed: &FeedScene, number: u64) -> Command {
    Command::Feed(feed.id, FeedCommand::GiveUp(number))
}
