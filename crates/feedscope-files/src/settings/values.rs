//! Values of the settings, and their limits. This module reads and writes no file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use feedscope_core::ThemeChoice;

use crate::measured_paths::MeasuredPaths;

/// Maximum number of feeds whose columns are kept.
pub const MOST_FEEDS_WITH_COLUMNS: usize = 100;

/// Maximum number of recent URLs that are kept.
pub const MOST_RECENT_URLS: usize = 12;

/// Values that are kept from one run to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The window's theme.
    pub theme: ThemeChoice,
    /// Shows UTC instead of local time.
    pub utc: bool,
    /// The next window restores the session of the last one; `None` is true.
    pub restore_session: Option<bool>,
    /// The window's size in points.
    pub window_size: Option<[f32; 2]>,
    /// The user has dismissed the demo's tour, so that it does not open by itself.
    pub tour_dismissed: bool,
    /// Memory budget for each feed's records, in bytes. The command line has priority.
    pub budget: Option<u64>,
    /// Limit for each feed's older records on disk, in bytes; 0 turns them off. The command line has priority.
    pub disk_history: Option<u64>,
    /// Folder for recordings that get no path; `None` for one in the user's documents.
    pub recordings_folder: Option<PathBuf>,
    /// Every session of the window is recorded.
    pub record_sessions: bool,
    /// Space for the recordings of sessions, in bytes.
    pub sessions_limit: Option<u64>,
    /// The URLs last used, newest first, without secrets.
    pub recent_urls: Vec<String>,
    /// Columns of the feeds that have none of their own.
    pub columns: ColumnSettings,
    /// Columns of single feeds, the one changed last at the end. A feed is a URL without its query.
    pub feed_columns: Vec<(String, ColumnSettings)>,
    /// Keys of commands of the window, by the command's name. The window checks the names; it never changes them.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Columns of rows, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnSettings {
    /// Names of the visible columns; `None` for the default columns.
    pub shown: Option<Vec<String>>,
    /// Widths in points of the columns that do not fit their content.
    pub widths: BTreeMap<String, f32>,
    /// Rows show the time since the row above instead of the time of day.
    pub time_since_above: bool,
    /// Fields of payloads that are columns, as jq expressions.
    pub fields: Vec<String>,
    /// Paths of the table of newest values, the key first.
    pub latest: Vec<String>,
    /// Paths of the fields that the measures read.
    pub measures: MeasuredPaths,
}

impl Settings {
    /// Moves a URL to the front of the recent ones, and drops the oldest beyond the limit.
    pub fn remember_url(&mut self, url: String) {
        self.recent_urls.retain(|known| *known != url);
        self.recent_urls.insert(0, url);
        self.recent_urls.truncate(MOST_RECENT_URLS);
    }

    /// Returns the columns of a feed, or those of all feeds if it has none of its own.
    pub fn columns_of(&self, feed: &str) -> &ColumnSettings {
        let own = self.feed_columns.iter().find(|(name, _)| name == feed);
        own.map_or(&self.columns, |(_, columns)| columns)
    }

    /// Sets the columns of a feed, and drops those of the feed whose change is the longest ago beyond the limit.
    pub fn set_columns_of(&mut self, feed: String, columns: ColumnSettings) {
        self.feed_columns.retain(|(name, _)| *name != feed);
        // A feed that looks like all others needs no entry.
        if columns != self.columns {
            self.feed_columns.push((feed, columns));
        }
        if self.feed_columns.len() > MOST_FEEDS_WITH_COLUMNS {
            self.feed_columns.remove(0);
        }
    }
}
