//! Choice of columns: their visibility, widths and time format.

/// Column that can be hidden and resized. The payload is always visible and fills the remaining width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Time of arrival.
    Time,
    /// Number of the connection that carried the record.
    Connection,
    /// Event type, or the kind of the record.
    Type,
    /// Last event ID.
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

/// Columns that the user has chosen for a feed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColumnChoice {
    /// Visibility of each column, in the order of [`Column::ALL`].
    shown: [bool; Column::ALL.len()],
    /// Width of each column in points, in the same order; `None` if the column fits its content.
    widths: [Option<f32>; Column::ALL.len()],
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
}

impl Default for ColumnChoice {
    fn default() -> Self {
        Self {
            shown: Column::ALL.map(|column| column != Column::Connection),
            widths: [None; Column::ALL.len()],
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

    /// Returns the width that the user gave a column, in points; `None` if the column fits its content.
    pub fn width(&self, column: Column) -> Option<f32> {
        self.widths[column as usize]
    }

    /// Returns the choice with another width of a column, limited to sensible values.
    #[must_use]
    pub fn with_width(mut self, column: Column, width: f32) -> Self {
        self.widths[column as usize] = Some(width.clamp(Self::NARROWEST, Self::WIDEST));
        self
    }

    /// Returns the choice with a column that fits its content.
    #[must_use]
    pub fn fitted(mut self, column: Column) -> Self {
        self.widths[column as usize] = None;
        self
    }
}
