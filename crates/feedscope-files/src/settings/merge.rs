//! Changed values in the text of the settings file. Everything else in the text stays as it is.

use std::collections::BTreeMap;
use std::path::Path;

use feedscope_core::size_text::format_size;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::file_text::read;
use super::parse::parse;
use super::problem::SettingsReadProblem;
use super::values::{ColumnSettings, Settings};

/// Returns the present text of the file with the differences between `before` and `after` inserted.
pub(super) fn merge(
    path: &Path,
    before: &Settings,
    after: &Settings,
) -> Result<String, SettingsReadProblem> {
    let text = read(path)?.unwrap_or_default();
    // The file is read again, so that a change by another window is kept and a broken file is not overwritten.
    let in_file = parse(&text)?;
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        SettingsReadProblem::syntax(&text, error.span(), error.message())
    })?;
    if after.theme != before.theme {
        put(&mut document, "theme", after.theme.name().into());
    }
    if after.utc != before.utc {
        put(&mut document, "utc", after.utc.into());
    }
    if let Some(restores) = after.restore_session
        && after.restore_session != before.restore_session
    {
        put(&mut document, "restore_session", restores.into());
    }
    if after.tour_dismissed != before.tour_dismissed {
        put(&mut document, "tour_dismissed", after.tour_dismissed.into());
    }
    if let Some(size) = after
        .window_size
        .filter(|_| after.window_size != before.window_size)
    {
        put(
            &mut document,
            "window_size",
            Value::Array(
                size.iter()
                    .map(|side| i64::from(side.round() as u16))
                    .collect(),
            ),
        );
    }
    for (key, before, after) in [
        ("budget", before.budget, after.budget),
        ("disk_history", before.disk_history, after.disk_history),
    ] {
        if let Some(bytes) = after.filter(|_| after != before) {
            let value = match bytes {
                0 => Value::from(0),
                _ => format_size(bytes).into(),
            };
            put(&mut document, key, value);
        }
    }
    if let Some(folder) = &after.recordings_folder
        && after.recordings_folder != before.recordings_folder
    {
        put(
            &mut document,
            "recordings_folder",
            folder.to_string_lossy().as_ref().into(),
        );
    }
    if after.record_sessions != before.record_sessions {
        put(
            &mut document,
            "record_sessions",
            after.record_sessions.into(),
        );
    }
    if after.recent_urls != before.recent_urls {
        let urls = merge_recent(&before.recent_urls, &after.recent_urls, in_file.recent_urls);
        put(
            &mut document,
            "recent_urls",
            Value::Array(one_a_line(&urls)),
        );
    }
    merge_columns(&mut document, before, after);
    Ok(document.to_string())
}

/// Returns the URLs that this window has used since `before`, followed by those in the file, which another window may
/// have added.
fn merge_recent(before: &[String], after: &[String], in_file: Vec<String>) -> Vec<String> {
    // Used URLs move to the front, so that the rest of the list has the order that it had before.
    let is_rest = |rest: &[String]| {
        let mut known = before.iter();
        rest.iter().all(|url| known.any(|other| other == url))
    };
    let used = (0..=after.len()).find(|&start| is_rest(&after[start..]));
    let mut merged = Settings {
        recent_urls: in_file,
        ..Settings::default()
    };
    for url in after[..used.unwrap_or_default()].iter().rev() {
        merged.remember_url(url.clone());
    }
    merged.recent_urls
}

/// Inserts the differences in the settings of the columns.
fn merge_columns(document: &mut DocumentMut, before: &Settings, after: &Settings) {
    let (old, new) = (&before.columns, &after.columns);
    if new.shown != old.shown {
        match &new.shown {
            Some(columns) => put(document, "columns", names(columns)),
            None => drop(document.remove("columns")),
        }
    }
    if new.widths != old.widths {
        put(document, "column_widths", whole_widths(&new.widths));
    }
    if new.time_since_above != old.time_since_above {
        put(document, "time_since_above", new.time_since_above.into());
    }
    if after.feed_columns == before.feed_columns {
        return;
    }
    let of_feed = |(feed, columns): &(String, ColumnSettings)| {
        let mut table = Table::new();
        table["feed"] = feed.as_str().into();
        if let Some(shown) = &columns.shown {
            table["columns"] = names(shown).into();
        }
        if !columns.widths.is_empty() {
            table["column_widths"] = whole_widths(&columns.widths).into();
        }
        if columns.time_since_above {
            table["time_since_above"] = true.into();
        }
        if !columns.fields.is_empty() {
            table["fields"] = names(&columns.fields).into();
        }
        if !columns.latest.is_empty() {
            table["latest"] = names(&columns.latest).into();
        }
        if !columns.measures.is_empty() {
            table["measures"] = columns.measures.to_value().into();
        }
        table
    };
    let tables: ArrayOfTables = after.feed_columns.iter().map(of_feed).collect();
    if tables.is_empty() {
        document.remove("feed_columns");
    } else {
        document["feed_columns"] = Item::ArrayOfTables(tables);
    }
}

/// Returns names as an array.
fn names(names: &[String]) -> Value {
    Value::Array(names.iter().map(String::as_str).collect())
}

/// Returns widths as a table in one line. Whole points are precise enough, and easier to read in the file.
fn whole_widths(widths: &BTreeMap<String, f32>) -> Value {
    let whole = |(name, width): (&String, &f32)| (name.clone(), i64::from(width.round() as u16));
    Value::InlineTable(widths.iter().map(whole).collect::<InlineTable>())
}

/// Sets a key. Comments around the old value stay.
fn put(document: &mut DocumentMut, key: &str, mut value: Value) {
    if let Some(old) = document.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    document[key] = Item::Value(value);
}

/// Returns an array that is written with one URL on each line.
fn one_a_line(urls: &[String]) -> Array {
    let mut array: Array = urls.iter().map(String::as_str).collect();
    for value in array.iter_mut() {
        value.decor_mut().set_prefix("\n    ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    array
}
