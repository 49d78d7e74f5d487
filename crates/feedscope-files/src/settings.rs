//! Settings file: its values, and how they are read and saved. Other modules apply them.
//!
//! A save changes only the keys whose values have changed. Keys that this version does not know, comments and the order
//! of lines stay as they are. A file that does not parse is never overwritten.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use feedscope_core::ThemeChoice;
use feedscope_core::feed::FeedSpec;
use feedscope_core::size_text::{format_size, parse_size};
use toml_edit::{Array, ArrayOfTables, Document, DocumentMut, InlineTable, Item, Table, Value};

/// Maximum number of feeds whose columns are kept.
pub const MOST_FEEDS_WITH_COLUMNS: usize = 100;

use crate::recording::LEAST_SESSIONS_LIMIT;
use crate::regular_file::read_regular;

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

/// The file that settings are kept in.
#[derive(Debug, Default)]
pub struct SettingsFile {
    /// Path of the file; `None` if settings are not saved.
    path: Option<PathBuf>,
    /// Values in the file as last read or written.
    in_file: Settings,
}

impl SettingsFile {
    /// Returns the path of `settings.toml` in the user's configuration folder, if there is such a folder.
    pub fn usual_path() -> Option<PathBuf> {
        Some(
            ProjectDirs::from("", "", "feedscope")?
                .config_dir()
                .join("settings.toml"),
        )
    }

    /// Reads the file. A missing file gives the defaults.
    ///
    /// If the file cannot be read or parsed, the defaults apply and the file is never written in this run.
    pub fn load(path: PathBuf) -> (Self, Settings, Option<SettingsProblem>) {
        match read(&path).and_then(|text| text.map_or(Ok(Settings::default()), |text| parse(&text)))
        {
            Ok(settings) => (
                Self {
                    path: Some(path),
                    in_file: settings.clone(),
                },
                settings,
                None,
            ),
            Err(what) => (
                Self::default(),
                Settings::default(),
                Some(SettingsProblem { path, what }),
            ),
        }
    }

    /// Writes the values that have changed since the file was last read or written. Does nothing if none has.
    ///
    /// The new file replaces the old one in one step, so that a crash leaves either the old or the new content.
    pub fn save(&mut self, settings: &Settings) -> Result<(), SettingsProblem> {
        let Some(path) = self.path.clone().filter(|_| *settings != self.in_file) else {
            return Ok(());
        };
        match merge(&path, &self.in_file, settings)
            .and_then(|text| replace(&path, &text).map_err(SettingsReadProblem::Write))
        {
            Ok(()) => {
                self.in_file = settings.clone();
                Ok(())
            }
            Err(what) => {
                if matches!(what, SettingsReadProblem::Syntax { .. }) {
                    // Someone is editing the file, so that this run does not write it any more.
                    self.path = None;
                }
                Err(SettingsProblem { path, what })
            }
        }
    }
}

/// Failure to read or save the settings, displayed as one sentence.
#[derive(Debug)]
pub struct SettingsProblem {
    path: PathBuf,
    what: SettingsReadProblem,
}

#[derive(Debug)]
enum SettingsReadProblem {
    Read(io::Error),
    Syntax { line: usize, message: String },
    Write(io::Error),
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            SettingsReadProblem::Read(error) => write!(
                f,
                "{path} cannot be read: {error}. The defaults hold, and nothing is saved."
            ),
            SettingsReadProblem::Syntax { line, message } => {
                write!(
                    f,
                    "{path}, line {line}: {message}. The file is kept as it is, and nothing is saved in it."
                )
            }
            SettingsReadProblem::Write(error) => write!(
                f,
                "{path} cannot be written: {error}. The settings hold for this run only."
            ),
        }
    }
}

impl std::error::Error for SettingsProblem {}

/// Returns the text of the file, or `None` if there is no file.
fn read(path: &Path) -> Result<Option<String>, SettingsReadProblem> {
    match read_regular(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingsReadProblem::Read(error)),
    }
}

/// Parses the text of the file. A known key with a wrong value is an error.
fn parse(text: &str) -> Result<Settings, SettingsReadProblem> {
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
                         `time_since_above`, `fields` and `latest` as needed",
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

impl SettingsReadProblem {
    /// Returns a syntax error at the line where `span` starts, with the parser's message as one sentence.
    fn syntax(text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let before = &text.as_bytes()[..span.map_or(0, |span| span.start.min(text.len()))];
        let line = before.split(|&byte| byte == b'\n').count();
        Self::Syntax {
            line,
            message: message.trim_end_matches(['\n', '.']).replace('\n', "; "),
        }
    }
}

/// Returns the present text of the file with the differences between `before` and `after` inserted.
fn merge(path: &Path, before: &Settings, after: &Settings) -> Result<String, SettingsReadProblem> {
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

/// Replaces the file at `path` with `text` in one step.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // If the path is a symbolic link, replace the file that it points to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    // The process ID makes the name unique among windows that save at the same time.
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = write_new(&new, &path, text).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        fs::remove_file(&new).ok();
    }
    written
}

/// Writes the new file to disk with the permissions of the old one.
fn write_new(new: &Path, old: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(new)?;
    if let Ok(known) = fs::metadata(old) {
        file.set_permissions(known.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    // Without this, a crash after the rename could leave an empty file.
    file.sync_all()
}

#[cfg(test)]
mod tests;
