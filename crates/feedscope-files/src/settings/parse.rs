//! Values of the settings from the text of their file. A key that this version does not know is passed over.

use std::collections::BTreeMap;

use feedscope_core::feed::FeedSpec;
use feedscope_core::size_text::parse_size;
use toml_edit::{Document, Item, Table, Value};

use super::problem::SettingsReadProblem;
use super::values::{ColumnSettings, MOST_RECENT_URLS, Settings};
use crate::measured_paths::MeasuredPaths;
use crate::recording::LEAST_SESSIONS_LIMIT;

/// Parses the text of the file. A known key with a wrong value is an error.
pub(super) fn parse(text: &str) -> Result<Settings, SettingsReadProblem> {
    let document = Document::parse(text)
        .map_err(|error| SettingsReadProblem::syntax(text, error.span(), error.message()))?;
    let mut settings = Settings::default();
    for (key, item) in document.iter() {
        let wrong = |message| Err(SettingsReadProblem::syntax(text, item.span(), message));
        match key {
            "theme" => match item.as_str().and_then(|name| name.parse().ok()) {
                Some(theme) => settings.theme = theme,
                None => return wrong("`theme` is \"system\", \"dark\" or \"light\""),
            },
            "utc" => match item.as_bool() {
                Some(utc) => settings.utc = utc,
                None => return wrong("`utc` is true or false"),
            },
            "restore_session" => match item.as_bool() {
                Some(restores) => settings.restore_session = Some(restores),
                None => return wrong("`restore_session` is true or false"),
            },
            "tour_dismissed" => match item.as_bool() {
                Some(dismissed) => settings.tour_dismissed = dismissed,
                None => return wrong("`tour_dismissed` is true or false"),
            },
            "window_size" => match window_size(item) {
                Some(size) => settings.window_size = Some(size),
                None => return wrong("`window_size` is two numbers, such as [1280, 800]"),
            },
            "budget" => match size(item, FeedSpec::LEAST_BUDGET) {
                Some(budget) => settings.budget = Some(budget),
                None => return wrong("`budget` is a size such as \"512M\", at least \"16M\""),
            },
            "disk_history" => match size(item, FeedSpec::LEAST_DISK_HISTORY) {
                Some(bytes) => settings.disk_history = Some(bytes),
                None => match item.as_integer() {
                    Some(0) => settings.disk_history = Some(0),
                    _ => {
                        return wrong(
                            "`disk_history` is a size such as \"8G\", at least \"64M\", or 0",
                        );
                    }
                },
            },
            "recordings_folder" => match item.as_str() {
                Some(folder) => settings.recordings_folder = Some(folder.into()),
                None => return wrong("`recordings_folder` is the path of a folder"),
            },
            "record_sessions" => match item.as_bool() {
                Some(records) => settings.record_sessions = records,
                None => return wrong("`record_sessions` is true or false"),
            },
            "sessions_limit" => match size(item, LEAST_SESSIONS_LIMIT) {
                Some(bytes) => settings.sessions_limit = Some(bytes),
                None => {
                    return wrong("`sessions_limit` is a size such as \"2G\", at least \"64M\"");
                }
            },
            "recent_urls" => match strings(item) {
                Some(urls) => {
                    settings.recent_urls = urls.into_iter().take(MOST_RECENT_URLS).collect();
                }
                None => return wrong("`recent_urls` is a list of texts"),
            },
            "columns" => match strings(item) {
                Some(columns) => settings.columns.shown = Some(columns),
                None => return wrong("`columns` is a list of texts"),
            },
            "column_widths" => match widths(item) {
                Some(widths) => settings.columns.widths = widths,
                None => {
                    return wrong(
                        "`column_widths` names columns with numbers, such as { id = 80 }",
                    );
                }
            },
            "time_since_above" => match item.as_bool() {
                Some(since_above) => settings.columns.time_since_above = since_above,
                None => return wrong("`time_since_above` is true or false"),
            },
            "feed_columns" => match feed_columns(item) {
                Some(columns) => settings.feed_columns = columns,
                None => {
                    return wrong(
                        "`feed_columns` is a list of tables with the text `feed`, and `columns`, `column_widths`, \
                         `time_since_above`, `fields`, `latest` and `measures` as needed",
                    );
                }
            },
            "keys" => match keys(item) {
                Some(keys) => settings.keys = keys,
                None => {
                    return wrong(
                        "`keys` names commands with a key or a list of keys, such as { help = \"F1\" }",
                    );
                }
            },
            // The key belongs to a later version or to the user.
            _ => {}
        }
    }
    Ok(settings)
}

/// Parses a length in points that a window can have.
fn points(value: &Value) -> Option<f32> {
    // TOML distinguishes 80 from 80.0; both are accepted.
    let points = value
        .as_float()
        .or_else(|| value.as_integer().map(|whole| whole as f64))?;
    (points >= 1.0 && points <= f64::from(u16::MAX)).then_some(points as f32)
}

/// Parses a table of column names and widths.
fn widths(item: &Item) -> Option<BTreeMap<String, f32>> {
    let width = |(name, item): (&str, &Item)| Some((name.to_owned(), points(item.as_value()?)?));
    item.as_table_like()?.iter().map(width).collect()
}

/// Parses a table of command names, each with a key or a list of keys. An empty text stands for no key.
fn keys(item: &Item) -> Option<BTreeMap<String, Vec<String>>> {
    let of_command = |(name, item): (&str, &Item)| {
        let keys = match item.as_str() {
            Some("") => Vec::new(),
            Some(key) => vec![key.to_owned()],
            None => strings(item)?,
        };
        Some((name.to_owned(), keys))
    };
    item.as_table_like()?.iter().map(of_command).collect()
}

/// Parses the columns of single feeds.
fn feed_columns(item: &Item) -> Option<Vec<(String, ColumnSettings)>> {
    let tables = item.as_array_of_tables()?.iter();
    let of_feed = |table: &Table| {
        let mut columns = ColumnSettings::default();
        if let Some(item) = table.get("columns") {
            columns.shown = Some(strings(item)?);
        }
        if let Some(item) = table.get("column_widths") {
            columns.widths = widths(item)?;
        }
        if let Some(item) = table.get("time_since_above") {
            columns.time_since_above = item.as_bool()?;
        }
        if let Some(item) = table.get("fields") {
            columns.fields = strings(item)?;
        }
        if let Some(item) = table.get("latest") {
            columns.latest = strings(item)?;
        }
        if let Some(item) = table.get("measures") {
            // A key in it that is not known belongs to a later version.
            columns.measures = MeasuredPaths::parse(item, |_, _| {})?;
        }
        Some((table.get("feed")?.as_str()?.to_owned(), columns))
    };
    tables.map(of_feed).collect()
}

/// Parses a window's width and height.
fn window_size(item: &Item) -> Option<[f32; 2]> {
    let sides = item.as_array()?;
    match (sides.len(), sides.get(0), sides.get(1)) {
        (2, Some(width), Some(height)) => Some([points(width)?, points(height)?]),
        _ => None,
    }
}

/// Parses a size such as "512M" of at least `least` bytes.
fn size(item: &Item, least: u64) -> Option<u64> {
    parse_size(item.as_str()?).filter(|&bytes| bytes >= least)
}

/// Parses an array that consists of strings only.
fn strings(item: &Item) -> Option<Vec<String>> {
    item.as_array()?
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}
