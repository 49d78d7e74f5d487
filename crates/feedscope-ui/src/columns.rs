//! Columns of the rows, chosen for each feed: their visibility, widths and time format, and the menu that changes them.

mod choice;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use egui::{RichText, Ui};
use feedscope_analysis::measures::MeasuredFields;

use crate::field_columns::FieldColumns;
use crate::ids::FeedId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::words;
pub use choice::{Column, ColumnChoice, TimeForm};

/// Columns of one feed: the user's choice, and the room that the received content takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FeedColumns {
    pub(crate) choice: ColumnChoice,
    pub(crate) content: ColumnContent,
    /// The feed is a file whose records have no times.
    pub(crate) lacks_times: bool,
}

impl FeedColumns {
    /// Returns true if a column is visible where there is room for it. An empty one is not.
    pub(crate) fn has(&self, column: Column) -> bool {
        self.choice.has(column) && self.empty(column).is_none()
    }

    /// Returns why no row has content for a column; `None` if a row has some.
    pub(crate) fn empty(&self, column: Column) -> Option<&'static str> {
        match column {
            Column::Id if self.content.longest(column) == 0 => Some("empty: no record has an ID"),
            Column::Time if self.lacks_times => Some("empty: the file has no times"),
            _ => None,
        }
    }

    /// Returns the width that a column should have, for characters of this width.
    pub(crate) fn width(&self, column: Column, character: f32) -> f32 {
        let fitting = self.characters(column) as f32 * character;
        self.choice.width(column).unwrap_or(fitting.ceil())
    }

    /// Returns the width in which a column shows its longest content, for a double click on its edge.
    pub(crate) fn fitted(&self, column: Column, character: f32) -> ColumnChoice {
        let longest = self.content.longest(column);
        // A longer content than a column takes by itself gets its room only on request.
        if longest > MOST_CHARACTERS {
            let width = longest as f32 * character;
            self.choice.with_width(column, width.ceil())
        } else {
            self.choice.fitted(column)
        }
    }

    /// Returns the number of characters that a column fits.
    fn characters(&self, column: Column) -> usize {
        let longest = self.content.longest(column);
        match (column, self.choice.time_form) {
            (Column::Time, TimeForm::Clock) => "05:49:14.524".len(),
            (Column::Time, TimeForm::SinceAbove) => "+59 min 59 s".len(),
            (Column::Connection, _) => longest.clamp("conn".len(), MOST_CHARACTERS),
            // Types vary more than IDs, so that the width grows in larger steps.
            (Column::Type, _) => longest
                .next_multiple_of(2)
                .clamp("message".len(), MOST_CHARACTERS),
            (Column::Id, _) => longest.clamp(3, MOST_CHARACTERS),
            (Column::Size, _) => "999.9 kB".len(),
        }
    }
}

/// Number of characters that a column takes by itself at most. A longer content is cut in its middle.
const MOST_CHARACTERS: usize = 24;

/// Longest content of each column so far, in characters. It only grows, so that a width does not change back and forth
/// while rows come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ColumnContent([u16; Column::ALL.len()]);

impl ColumnContent {
    /// Takes in a text of a column.
    pub(crate) fn add(&mut self, column: Column, text: &str) {
        let longest = &mut self.0[column as usize];
        // The number of bytes is never smaller, and it is known without reading the text.
        if text.len() > usize::from(*longest) {
            let characters = text.chars().count().min(usize::from(u16::MAX)) as u16;
            *longest = characters.max(*longest);
        }
    }

    fn longest(&self, column: Column) -> usize {
        usize::from(self.0[column as usize])
    }
}

/// Columns of all feeds. They are in cells, because they change while they are drawn.
#[derive(Default)]
pub(crate) struct AllColumns {
    of_feeds: BTreeMap<FeedId, Cell<FeedColumns>>,
    fields: BTreeMap<FeedId, RefCell<FieldColumns>>,
    /// Paths of the table of newest values, the key first.
    latest: BTreeMap<FeedId, RefCell<Vec<String>>>,
    measured: BTreeMap<FeedId, RefCell<KeptMeasured>>,
}

/// Fields that the measures of a feed read.
#[derive(Default)]
pub(crate) struct KeptMeasured {
    pub(crate) fields: MeasuredFields,
    /// Number of times that the program has set them. A view takes them over after each time.
    pub(crate) times_set: u64,
}

impl AllColumns {
    /// Sets the choice for a feed.
    pub(crate) fn set(&mut self, feed: FeedId, choice: ColumnChoice) {
        self.of_feeds.entry(feed).or_default().get_mut().choice = choice;
    }

    /// Sets the fields that are columns of a feed.
    pub(crate) fn set_fields(&mut self, feed: FeedId, fields: &[String]) {
        self.fields.entry(feed).or_default().get_mut().set(fields);
    }

    /// Sets the key and the columns of the newest values of a feed, the key first.
    pub(crate) fn set_latest(&mut self, feed: FeedId, paths: Vec<String>) {
        *self.latest.entry(feed).or_default().get_mut() = paths;
    }

    /// Sets the fields that the measures of a feed read.
    pub(crate) fn set_measured(&mut self, feed: FeedId, fields: MeasuredFields) {
        let kept = self.measured.entry(feed).or_default().get_mut();
        kept.fields = fields;
        kept.times_set += 1;
    }

    /// Adds the default columns for new feeds. Those of closed feeds stay, because a closed feed can be opened again.
    pub(crate) fn sync<'a>(&mut self, feeds: impl Iterator<Item = &'a FeedScene>) {
        for feed in feeds {
            let columns = self.of_feeds.entry(feed.id).or_default();
            columns.get_mut().lacks_times = feed.source.lacks_times();
            self.fields.entry(feed.id).or_default();
            self.latest.entry(feed.id).or_default();
            self.measured.entry(feed.id).or_default();
        }
    }

    /// Returns the columns of a feed that the window shows.
    pub(crate) fn of(&self, feed: FeedId) -> Option<&Cell<FeedColumns>> {
        self.of_feeds.get(&feed)
    }

    /// Returns the columns of fields of a feed that the window shows.
    pub(crate) fn fields_of(&self, feed: FeedId) -> Option<&RefCell<FieldColumns>> {
        self.fields.get(&feed)
    }

    /// Returns the key and the columns of the newest values of a feed that the window shows.
    pub(crate) fn latest_of(&self, feed: FeedId) -> Option<&RefCell<Vec<String>>> {
        self.latest.get(&feed)
    }

    /// Returns the fields that the measures of a feed read which the window shows.
    pub(crate) fn measured_of(&self, feed: FeedId) -> Option<&RefCell<KeptMeasured>> {
        self.measured.get(&feed)
    }
}

/// Draws the items of the menu and returns the new choice. `has_room` is false for a column that has given way.
pub(crate) fn menu(
    ui: &mut Ui,
    columns: &FeedColumns,
    has_room: impl Fn(Column) -> bool,
) -> ColumnChoice {
    let choice = columns.choice;
    let mut wanted = choice;
    let caption = |ui: &mut Ui, text: &str| {
        let color = Palette::of(ui).dim;
        ui.label(RichText::new(text).font(font::small()).color(color));
    };
    caption(ui, "Columns of this feed");
    for column in Column::ALL {
        let mut shown = choice.has(column);
        // A column that is chosen and cannot be seen states the reason.
        let reason = columns.empty(column).filter(|_| shown);
        let reason =
            reason.or((columns.has(column) && !has_room(column)).then_some(words::TOO_NARROW));
        let clicked = ui.horizontal(|ui| {
            let clicked = ui.checkbox(&mut shown, column.word()).clicked();
            if let Some(reason) = reason {
                caption(ui, reason);
            }
            clicked
        });
        if clicked.inner {
            wanted = wanted.with(column, shown);
        }
    }
    ui.separator();
    caption(ui, "Times");
    for (form, text) in [
        (TimeForm::Clock, "Time of day"),
        (TimeForm::SinceAbove, "Delta to previous row"),
    ] {
        if ui.radio(choice.time_form == form, text).clicked() {
            wanted.time_form = form;
        }
    }
    ui.separator();
    if ui.button("Reset columns").clicked() {
        wanted = ColumnChoice::default();
        ui.close();
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_fits_the_content_and_only_grows() {
        let mut columns = FeedColumns::default();
        let characters = |columns: &FeedColumns| columns.width(Column::Type, 1.0) as usize;
        assert_eq!(characters(&columns), 7);
        for (text, expected) in [
            ("price", 7),
            ("subscribe", 10),
            ("a", 10),
            ("päyment_due", 12),
            ("response.output_text.delta", 24),
        ] {
            columns.content.add(Column::Type, text);
            assert_eq!(characters(&columns), expected, "{text}");
        }
        // A double click on the edge shows the whole content, also a long one.
        let fitted = columns.fitted(Column::Type, 1.0);
        assert_eq!(fitted.width(Column::Type), Some(26.0));
        columns.content.add(Column::Id, "120000");
        assert_eq!(columns.fitted(Column::Id, 1.0).width(Column::Id), None);
        assert_eq!(columns.width(Column::Id, 1.0) as usize, 6);
    }

    #[test]
    fn every_size_below_a_petabyte_fits_its_column() {
        let room = FeedColumns::default().width(Column::Size, 1.0) as usize;
        for size in [
            0,
            999,
            1_000,
            102_400,
            999_900,
            999_949_999,
            999_949_999_999,
        ] {
            let text = crate::words::bytes(size);
            assert!(text.len() <= room, "{text}");
        }
    }

    #[test]
    fn a_column_without_content_takes_no_room() {
        let mut columns = FeedColumns::default();
        assert!(!columns.has(Column::Id));
        columns.content.add(Column::Id, "");
        assert!(!columns.has(Column::Id));
        columns.content.add(Column::Id, "1");
        assert!(columns.has(Column::Id));
        columns.choice = columns.choice.with(Column::Id, false);
        assert!(!columns.has(Column::Id));
        columns.lacks_times = true;
        assert!(!columns.has(Column::Time) && columns.empty(Column::Time).is_some());
    }
}
