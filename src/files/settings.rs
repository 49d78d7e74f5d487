//! The settings file: what is in it, read and saved without ever losing what someone else wrote there. It applies
//! nothing.
//!
//! Keys that this version does not know, comments and the order of lines stay as they are. A file that does not parse is
//! never overwritten.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use feedscope_core::feed::FeedSpec;
use feedscope_core::size_text::{format_size, parse_size};
use toml_edit::{Array, Document, DocumentMut, InlineTable, Item, Value};

/// So many URLs are remembered.
pub const MOST_RECENT_URLS: usize = 12;

/// What is kept from one run to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The window's theme.
    pub theme: Theme,
    /// Whether the window shows UTC instead of local time.
    pub utc: bool,
    /// The window's size in points.
    pub window_size: Option<[f32; 2]>,
    /// The demo's tour is not to open by itself.
    pub tour_dismissed: bool,
    /// How much memory a feed's records may take, in bytes, where the command line does not say.
    pub budget: Option<u64>,
    /// How many bytes of a feed's older records are kept on disk, where the command line does not say; 0 for none.
    pub disk_history: Option<u64>,
    /// The URLs last used, newest first, without secrets.
    pub recent_urls: Vec<String>,
    /// The columns that timelines show, by name; `None` for the usual ones.
    pub columns: Option<Vec<String>>,
    /// The widths of columns that do not have their usual one, in points.
    pub column_widths: BTreeMap<String, f32>,
    /// Whether rows tell how long after the row above they came, instead of the time of day.
    pub time_since_above: bool,
}

impl Settings {
    /// Puts a URL in front of those last used.
    pub fn remember_url(&mut self, url: String) {
        self.recent_urls.retain(|known| *known != url);
        self.recent_urls.insert(0, url);
        self.recent_urls.truncate(MOST_RECENT_URLS);
    }
}

/// Which look is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the desktop says.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Dark, Self::Light];

    fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// The file that settings are kept in.
#[derive(Debug, Default)]
pub struct SettingsFile {
    /// `None` where settings are not kept.
    path: Option<PathBuf>,
    /// What the file says, as far as we read or wrote it.
    in_file: Settings,
}

impl SettingsFile {
    /// `settings.toml` in the user's configuration folder, if there is one.
    pub fn usual_path() -> Option<PathBuf> {
        Some(
            ProjectDirs::from("", "", "feedscope")?
                .config_dir()
                .join("settings.toml"),
        )
    }

    /// Reads the file; a missing one says nothing. Where it cannot be understood, the defaults hold and it is left alone.
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

    /// Writes what has changed since the file was read or written; nothing where nothing has.
    ///
    /// The new file takes the old one's place in one step, so that a crash leaves one or the other.
    pub fn save(&mut self, settings: &Settings) -> Result<(), SettingsProblem> {
        let Some(path) = self.path.clone().filter(|_| *settings != self.in_file) else {
            return Ok(());
        };
        match merge(&path, &self.in_file, settings)
            .and_then(|text| replace(&path, &text).map_err(Problem::Write))
        {
            Ok(()) => {
                self.in_file = settings.clone();
                Ok(())
            }
            Err(what) => {
                if matches!(what, Problem::Syntax { .. }) {
                    // Someone is editing it: from now on it is theirs.
                    self.path = None;
                }
                Err(SettingsProblem { path, what })
            }
        }
    }
}

/// Why settings could not be read or saved, as one sentence.
#[derive(Debug)]
pub struct SettingsProblem {
    path: PathBuf,
    what: Problem,
}

#[derive(Debug)]
enum Problem {
    Read(io::Error),
    Syntax { line: usize, message: String },
    Write(io::Error),
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            Problem::Read(error) => write!(
                f,
                "{path} cannot be read: {error}. The defaults hold, and nothing is saved."
            ),
            Problem::Syntax { line, message } => {
                write!(
                    f,
                    "{path}, line {line}: {message}. The file is kept as it is, and nothing is saved in it."
                )
            }
            Problem::Write(error) => write!(
                f,
                "{path} cannot be written: {error}. The settings hold for this run only."
            ),
        }
    }
}

impl std::error::Error for SettingsProblem {}

/// The file's text; `None` where there is no file.
fn read(path: &Path) -> Result<Option<String>, Problem> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::Read(error)),
    }
}

fn parse(text: &str) -> Result<Settings, Problem> {
    let document = Document::parse(text)
        .map_err(|error| Problem::syntax(text, error.span(), error.message()))?;
    let mut settings = Settings::default();
    for (key, item) in document.iter() {
        let wrong = |message| Err(Problem::syntax(text, item.span(), message));
        match key {
            "theme" => match Theme::ALL
                .into_iter()
                .find(|theme| item.as_str() == Some(theme.word()))
            {
                Some(theme) => settings.theme = theme,
                None => return wrong("`theme` is \"system\", \"dark\" or \"light\""),
            },
            "utc" => match item.as_bool() {
                Some(utc) => settings.utc = utc,
                None => return wrong("`utc` is true or false"),
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
            "recent_urls" => match strings(item) {
                Some(urls) => {
                    settings.recent_urls = urls.into_iter().take(MOST_RECENT_URLS).collect();
                }
                None => return wrong("`recent_urls` is a list of texts"),
            },
            "columns" => match strings(item) {
                Some(columns) => settings.columns = Some(columns),
                None => return wrong("`columns` is a list of texts"),
            },
            "column_widths" => match widths(item) {
                Some(widths) => settings.column_widths = widths,
                None => {
                    return wrong(
                        "`column_widths` names columns with numbers, such as { id = 80 }",
                    );
                }
            },
            "time_since_above" => match item.as_bool() {
                Some(since_above) => settings.time_since_above = since_above,
                None => return wrong("`time_since_above` is true or false"),
            },
            // A later version's, or the user's own.
            _ => {}
        }
    }
    Ok(settings)
}

/// A length that a window can have.
fn points(value: &Value) -> Option<f32> {
    let points = value
        .as_float()
        .or_else(|| value.as_integer().map(|whole| whole as f64))?;
    (points >= 1.0 && points <= f64::from(u16::MAX)).then_some(points as f32)
}

fn widths(item: &Item) -> Option<BTreeMap<String, f32>> {
    let width = |(name, item): (&str, &Item)| Some((name.to_owned(), points(item.as_value()?)?));
    item.as_table_like()?.iter().map(width).collect()
}

fn window_size(item: &Item) -> Option<[f32; 2]> {
    let sides = item.as_array()?;
    match (sides.len(), sides.get(0), sides.get(1)) {
        (2, Some(width), Some(height)) => Some([points(width)?, points(height)?]),
        _ => None,
    }
}

fn size(item: &Item, least: u64) -> Option<u64> {
    parse_size(item.as_str()?).filter(|&bytes| bytes >= least)
}

fn strings(item: &Item) -> Option<Vec<String>> {
    item.as_array()?
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

impl Problem {
    fn syntax(text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let before = &text.as_bytes()[..span.map_or(0, |span| span.start.min(text.len()))];
        let line = before.split(|&byte| byte == b'\n').count();
        Self::Syntax {
            line,
            message: message.trim_end_matches(['\n', '.']).replace('\n', "; "),
        }
    }
}

/// The file's text as it is now, with what differs between `before` and `after` put in.
fn merge(path: &Path, before: &Settings, after: &Settings) -> Result<String, Problem> {
    let text = read(path)?.unwrap_or_default();
    // What another window wrote meanwhile is kept, what someone broke meanwhile too.
    parse(&text)?;
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Problem::syntax(&text, error.span(), error.message())
    })?;
    if after.theme != before.theme {
        put(&mut document, "theme", after.theme.word().into());
    }
    if after.utc != before.utc {
        put(&mut document, "utc", after.utc.into());
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
    if after.recent_urls != before.recent_urls {
        put(
            &mut document,
            "recent_urls",
            Value::Array(one_a_line(&after.recent_urls)),
        );
    }
    merge_columns(&mut document, before, after);
    Ok(document.to_string())
}

fn merge_columns(document: &mut DocumentMut, before: &Settings, after: &Settings) {
    if after.columns != before.columns {
        match &after.columns {
            Some(columns) => {
                let columns: Array = columns.iter().map(String::as_str).collect();
                put(document, "columns", Value::Array(columns));
            }
            None => drop(document.remove("columns")),
        }
    }
    if after.column_widths != before.column_widths {
        let whole =
            |(name, width): (&String, &f32)| (name.clone(), i64::from(width.round() as u16));
        let widths: InlineTable = after.column_widths.iter().map(whole).collect();
        put(document, "column_widths", Value::InlineTable(widths));
    }
    if after.time_since_above != before.time_since_above {
        put(document, "time_since_above", after.time_since_above.into());
    }
}

/// Sets a key and leaves the comments around it alone.
fn put(document: &mut DocumentMut, key: &str, mut value: Value) {
    if let Some(old) = document.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    document[key] = Item::Value(value);
}

fn one_a_line(urls: &[String]) -> Array {
    let mut array: Array = urls.iter().map(String::as_str).collect();
    for value in array.iter_mut() {
        value.decor_mut().set_prefix("\n    ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    array
}

/// Puts `text` in the place of the file at `path`, at once and whole.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Where the file is a link to one that is kept elsewhere, that one is meant.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = write_new(&new, &path, text).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        fs::remove_file(&new).ok();
    }
    written
}

/// The new file has the old one's permissions, and has reached the disk.
fn write_new(new: &Path, old: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(new)?;
    if let Ok(known) = fs::metadata(old) {
        file.set_permissions(known.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
