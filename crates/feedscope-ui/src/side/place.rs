//! Area and data of the part beside the rows, and the requests that it returns.

use egui::Rect;
use feedscope_analysis::listing::Listing;
use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::Quantity;
use feedscope_core::store::RowNumber;
use feedscope_core::{Stamp, Timestamp};
use jiff::tz::TimeZone;

use crate::annotations::Annotations;
use crate::ids::{FeedId, PaneId};
use crate::scene::FeedScene;
use crate::timeline::Selection;
use crate::words;

/// Request of the user, which the pane carries out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SideWish {
    /// Plots a number.
    Plot(Quantity),
    /// Plots a number with one line for each value of a key.
    PlotByKey(Quantity, RecordKey),
    /// Selects a row.
    GoTo(RowNumber),
    /// Selects a row of another feed, in its pane.
    GoToOther(FeedId, RowNumber),
    /// Selects the next row with a gap that the server's IDs show.
    NextGap,
    /// Adds a condition to the filter.
    Narrow(String),
    /// Changes the text of a mark.
    NoteMark(RowNumber, String),
    /// Removes a mark.
    RemoveMark(RowNumber),
    /// Gives the rows that match a filter a color.
    AddRule(String),
    /// Removes a color, by its index.
    RemoveRule(usize),
}

/// Area of the part, and the data that it needs.
pub(crate) struct SidePlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) feed: &'a FeedScene,
    /// Time up to which the feed is shown.
    pub(crate) now: Stamp,
    pub(crate) zone: &'a TimeZone,
    /// Marks and colors of the view.
    pub(crate) notes: &'a Annotations,
    /// Selected rows, with the list that contains them.
    pub(crate) selected: Option<(&'a Listing, &'a Selection)>,
    /// Name of the key that marks a row; empty without one.
    pub(crate) mark_key: String,
}

impl SidePlace<'_> {
    /// Returns the time of day of a record, or its row if the file has no times.
    pub(super) fn time_or_row(&self, at: Timestamp, row: RowNumber) -> String {
        if self.feed.source.lacks_times() {
            words::row_number(row.0 + 1)
        } else {
            self.time_of_day(at)
        }
    }

    /// Returns the time of day of a record that has one.
    pub(super) fn time_of_day(&self, at: Timestamp) -> String {
        words::time_of_day(at, self.zone)
    }
}
