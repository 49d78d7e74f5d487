//! Columns of the rows in all panes: their visibility, widths and time format, and the menu that changes them.

use egui::{RichText, Ui};

use crate::theme::{Palette, font};

/// Column that can be hidden and resized. The payload is always visible and fills the remaining width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Time of arrival.
    Time,
    /// Number of the connection that carried the record.
    Connection,
    /// Event type, or the kind of the record.
    Type,
    /// Last event ID, for event streams only.
    Id,
    /// Size of the payload.
    Size,
}

/// Format of the time column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// The time of day.
    #[default]
    Clock,
    /// Time since the row above.
    SinceAbove,
}

/// Columns that the user has chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnChoice {
    /// Visibility of each column, in the order of [`Column::ALL`].
    shown: [bool; Column::ALL.len()],
    /// Width of each column in points, in the same order.
    widths: [f32; Column::ALL.len()],
    /// Format of the time column.
    pub time_form: TimeForm,
}

impl Column {
    /// All columns from left to right.
    pub const ALL: [Self; 5] = [
        Self::Time,
        Self::Connection,
        Self::Type,
        Self::Id,
        Self::Size,
    ];

    /// Returns the name of the column, in the window and in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Connection => "connection",
            Self::Type => "type",
            Self::Id => "id",
            Self::Size => "size",
        }
    }

    /// Returns the default width in points.
    fn usual_width(self) -> f32 {
        match self {
            Self::Time => 92.0,
            Self::Connection => 24.0,
            Self::Type => 74.0,
            Self::Id => 52.0,
            Self::Size => 56.0,
        }
    }
}

impl Default for ColumnChoice {
    fn default() -> Self {
        Self {
            shown: Column::ALL.map(|column| column != Column::Connection),
            widths: Column::ALL.map(Column::usual_width),
            time_form: TimeForm::default(),
        }
    }
}

impl ColumnChoice {
    /// Limits of a column's width, in points.
    const NARROWEST: f32 = 16.0;
    const WIDEST: f32 = 600.0;

    /// Returns true if a column is visible where there is room for it.
    pub fn has(&self, column: Column) -> bool {
        self.shown[column as usize]
    }

    /// Returns the choice with a column shown or hidden.
    #[must_use]
    pub fn with(mut self, column: Column, shown: bool) -> Self {
        self.shown[column as usize] = shown;
        self
    }

    /// Returns the width of a column in points.
    pub fn width(&self, column: Column) -> f32 {
        self.widths[column as usize]
    }

    /// Returns the choice with another width of a column, limited to sensible values.
    #[must_use]
    pub fn with_width(mut self, column: Column, width: f32) -> Self {
        self.widths[column as usize] = width.clamp(Self::NARROWEST, Self::WIDEST);
        self
    }

    /// Returns the choice with the default width of a column.
    #[must_use]
    pub(crate) fn with_usual_width(self, column: Column) -> Self {
        self.with_width(column, column.usual_width())
    }

    /// Returns true if the width of a column differs from its default.
    pub fn is_sized(&self, column: Column) -> bool {
        // The settings store whole points, so that smaller differences do not count.
        (self.width(column) - column.usual_width()).abs() > 0.5
    }
}

/// Draws the items of the menu and returns the new choice.
pub(crate) fn menu(ui: &mut Ui, choice: ColumnChoice) -> ColumnChoice {
    let mut wanted = choice;
    let caption = |ui: &mut Ui, text: &str| {
        let color = Palette::of(ui).dim;
        ui.label(RichText::new(text).font(font::small()).color(color));
    };
    caption(ui, "Columns");
    for column in Column::ALL {
        let mut shown = choice.has(column);
        if ui.checkbox(&mut shown, column.word()).clicked() {
            wanted = wanted.with(column, shown);
        }
    }
    ui.separator();
    caption(ui, "Times");
    for (form, text) in [
        (TimeForm::Clock, "time of day"),
        (TimeForm::SinceAbove, "since the row above"),
    ] {
        if ui.radio(choice.time_form == form, text).clicked() {
            wanted.time_form = form;
        }
    }
    ui.separator();
    if ui.button("Columns as usual").clicked() {
        wanted = ColumnChoice::default();
        ui.close();
    }
    wanted
}
