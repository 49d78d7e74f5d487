//! Which columns rows have, how wide they are and how times are told, for all panes; and the menu that changes it. Draws
//! no row.

use egui::{RichText, Ui};

use super::theme::{Palette, font};

/// A column that can be shown, hidden and sized. The payload is always there and takes what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// When the record arrived.
    Time,
    /// Which of the feed's connections it came over.
    Connection,
    /// Its event type or kind.
    Type,
    /// The last event ID; event streams have one.
    Id,
    /// The payload's size.
    Size,
}

/// How the time column tells when a record arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// The time of day.
    #[default]
    Clock,
    /// How long after the row above.
    SinceAbove,
}

/// What the user wants of the columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnChoice {
    shown: [bool; Column::ALL.len()],
    widths: [f32; Column::ALL.len()],
    /// How times are told.
    pub time_form: TimeForm,
}

impl Column {
    /// All of them, from left to right.
    pub const ALL: [Self; 5] = [
        Self::Time,
        Self::Connection,
        Self::Type,
        Self::Id,
        Self::Size,
    ];

    /// What it is called, also in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Connection => "connection",
            Self::Type => "type",
            Self::Id => "id",
            Self::Size => "size",
        }
    }

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
    const NARROWEST: f32 = 16.0;
    const WIDEST: f32 = 600.0;

    /// Whether a column is shown where there is room for it.
    pub fn has(&self, column: Column) -> bool {
        self.shown[column as usize]
    }

    /// The same with a column shown or hidden.
    #[must_use]
    pub fn with(mut self, column: Column, shown: bool) -> Self {
        self.shown[column as usize] = shown;
        self
    }

    /// How wide a column is, in points.
    pub fn width(&self, column: Column) -> f32 {
        self.widths[column as usize]
    }

    /// The same with a column of another width, kept within reason.
    #[must_use]
    pub fn with_width(mut self, column: Column, width: f32) -> Self {
        self.widths[column as usize] = width.clamp(Self::NARROWEST, Self::WIDEST);
        self
    }

    /// The same with a column as wide as usual.
    #[must_use]
    pub(crate) fn with_usual_width(self, column: Column) -> Self {
        self.with_width(column, column.usual_width())
    }

    /// Whether a column has another width than usual.
    pub fn is_sized(&self, column: Column) -> bool {
        (self.width(column) - column.usual_width()).abs() > 0.5
    }
}

/// The menu's items; returns what they make of `choice`.
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
