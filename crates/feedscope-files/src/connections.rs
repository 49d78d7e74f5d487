//! Saved connections: the file `connections.toml`, in the user's configuration folder or in a project.
//!
//! The file is read as it is: variables such as `${NAME}` are replaced where a connection is used, so that a missing one
//! concerns no other connection. The names and values of options are not checked here.

mod edit;
mod env_file;
mod secrets;
mod trust;

pub use edit::{Edit, EditProblem, text_of};
pub use env_file::EnvFile;
pub(crate) use secrets::unescaped;
pub use secrets::{ReplacedSecret, UsedVariables, escaped, has_variable, variable_name};
pub use trust::TrustedProjects;

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::{Deserialize, Serialize};
use toml_edit::{Document, Item, TableLike, Value};

use crate::measured_paths::MeasuredPaths;
use crate::regular_file::read_regular;

/// The file that `feedscope connections --example` prints.
pub const EXAMPLE: &str = include_str!("connections/example.toml");

/// The saved connections of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedConnections {
    path: PathBuf,
    text: String,
    all: Vec<SavedConnection>,
    unknown: Vec<UnknownKey>,
}

/// One saved connection. Variables in its texts are not replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedConnection {
    /// The name by which it is opened.
    pub name: String,
    /// The URL.
    pub url: String,
    /// The group in which it is listed.
    pub group: Option<String>,
    /// Names and values of request headers, in order.
    pub headers: Vec<(String, String)>,
    /// Further options of the feed.
    pub options: Vec<SavedOption>,
    /// The filter of its pane.
    pub filter: Option<String>,
    /// The columns of its pane. In a session they belong to the feed, so that none are written here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The paths of its table of newest values, the key first. A session has them beside the connection, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub latest: Vec<String>,
    /// The paths of the fields that its measures read. A session has them beside the connection, too.
    #[serde(skip_serializing_if = "MeasuredPaths::is_empty")]
    pub measures: MeasuredPaths,
    /// A file with variables.
    pub env_file: Option<PathBuf>,
    /// Messages to send by hand, at an interval or as an answer.
    pub messages: Vec<SavedMessage>,
}

/// An option of a feed, under its long name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedOption {
    /// The name in the form of the command line: `connect-timeout`.
    pub name: String,
    /// The value.
    pub value: OptionValue,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    /// `true` or `false`.
    Flag(bool),
    /// A text or number.
    One(String),
    /// A list.
    Many(Vec<String>),
}

/// A saved message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedMessage {
    /// Its name, for people.
    pub name: Option<String>,
    /// What is sent.
    pub content: MessageContent,
    /// The interval at which it is sent, such as `20s`.
    pub every: Option<String>,
    /// The filter over arriving data that it answers.
    pub when: Option<String>,
    /// Answers once per connection.
    pub once: bool,
    /// Most answers in a second.
    pub limit: Option<u32>,
    /// The key that sends it in the window, such as `1` for Alt 1.
    pub key: Option<String>,
}

/// The content of a saved message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageContent {
    /// A text message.
    Text(String),
    /// A binary message, as base64.
    Base64(String),
    /// A binary message, as hexadecimal digits.
    Hex(String),
    /// The content of a file beside this one.
    File(PathBuf),
}

impl Default for MessageContent {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// A key that a connection does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// The line of the file, from 1.
    pub line: usize,
    /// The key with the names of its tables.
    pub key: String,
}

/// Failure to read the file, displayed as one sentence.
#[derive(Debug)]
pub struct ConnectionsProblem {
    path: PathBuf,
    what: ReadProblem,
}

#[derive(Debug)]
enum ReadProblem {
    Read(io::Error),
    Syntax {
        line: usize,
        column: usize,
        message: String,
    },
}

impl SavedConnections {
    /// Returns the path of `connections.toml` in the user's configuration folder, if there is such a folder.
    pub fn usual_path() -> Option<PathBuf> {
        let folders = ProjectDirs::from("", "", "feedscope")?;
        Some(folders.config_dir().join("connections.toml"))
    }

    /// Reads the file. `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not describe connections.
    pub fn load(path: &Path) -> Result<Option<Self>, ConnectionsProblem> {
        let problem = |what| ConnectionsProblem {
            path: path.to_owned(),
            what,
        };
        match read_regular(path) {
            Ok(text) => Self::parse(path, text).map(Some).map_err(problem),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(problem(ReadProblem::Read(error))),
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All connections in the order of the file.
    pub fn all(&self) -> &[SavedConnection] {
        &self.all
    }

    /// The connection of this name.
    pub fn find(&self, name: &str) -> Option<&SavedConnection> {
        self.all.iter().find(|connection| connection.name == name)
    }

    /// Keys that no version of this program up to this one knows.
    pub fn unknown(&self) -> &[UnknownKey] {
        &self.unknown
    }

    fn parse(path: &Path, text: String) -> Result<Self, ReadProblem> {
        let document = Document::parse(text.as_str())
            .map_err(|error| ReadProblem::syntax(&text, error.span(), error.message()))?;
        let mut parser = Parser {
            text: &text,
            unknown: Vec::new(),
        };
        let mut all = Vec::new();
        for (name, item) in document.iter() {
            // Each table is a connection, written with brackets or inline.
            match item.as_table_like() {
                Some(table) => all.push(parser.connection(name, table)?),
                None => parser.unknown(item.span(), name.to_owned()),
            }
        }
        let unknown = parser.unknown;
        Ok(Self {
            path: path.to_owned(),
            all,
            unknown,
            text,
        })
    }
}

/// Reads the items of one text.
struct Parser<'a> {
    text: &'a str,
    unknown: Vec<UnknownKey>,
}

impl Parser<'_> {
    fn connection(
        &mut self,
        name: &str,
        table: &dyn TableLike,
    ) -> Result<SavedConnection, ReadProblem> {
        let mut connection = SavedConnection {
            name: name.to_owned(),
            ..SavedConnection::default()
        };
        for (key, item) in table.iter() {
            match key {
                "url" => connection.url = self.string(key, item)?,
                "group" => connection.group = Some(self.string(key, item)?),
                "filter" => connection.filter = Some(self.string(key, item)?),
                "columns" => connection.columns = self.strings(key, item)?,
                "latest" => connection.latest = self.strings(key, item)?,
                "measures" => connection.measures = self.measures(name, item)?,
                "env_file" => connection.env_file = Some(self.string(key, item)?.into()),
                "headers" => connection.headers = self.headers(item)?,
                "messages" => connection.messages = self.messages(name, item)?,
                // Every other key is an option. The command line checks its name.
                _ => connection.options.push(self.option(key, item)?),
            }
        }
        // The problem is placed at the first key, because a missing one has no place.
        if connection.url.is_empty() {
            let message = format!("the connection `{name}` has no `url`");
            let first = table.iter().next().and_then(|(_, item)| item.span());
            return Err(self.wrong(first, &message));
        }
        Ok(connection)
    }

    fn option(&self, key: &str, item: &Item) -> Result<SavedOption, ReadProblem> {
        let value = match item.as_value() {
            Some(Value::Boolean(flag)) => OptionValue::Flag(*flag.value()),
            Some(Value::Array(_)) => OptionValue::Many(self.strings(key, item)?),
            // Numbers become texts, because the command line parses the options.
            Some(value) => match scalar(value) {
                Some(text) => OptionValue::One(text),
                None => {
                    return Err(self.wrong(item.span(), &format!("`{key}` is a text or number")));
                }
            },
            None => {
                return Err(self.wrong(
                    item.span(),
                    &format!("`{key}` is no option of a connection"),
                ));
            }
        };
        Ok(SavedOption {
            name: key.replace('_', "-"),
            value,
        })
    }

    fn measures(&mut self, name: &str, item: &Item) -> Result<MeasuredPaths, ReadProblem> {
        let unknown = |key: &str, item: &Item| {
            self.unknown(item.span(), format!("{name}.measures.{key}"));
        };
        MeasuredPaths::parse(item, unknown).ok_or_else(|| {
            self.wrong(
                item.span(),
                "`measures` names fields with paths, such as { time = \".at\", sequence = \".seq\", key = \".symbol\" }",
            )
        })
    }

    fn headers(&self, item: &Item) -> Result<Vec<(String, String)>, ReadProblem> {
        let wrong = |span| {
            self.wrong(span, "`headers` names headers with texts, such as { Authorization = \"Bearer ${TOKEN}\" }")
        };
        let table = item.as_table_like().ok_or_else(|| wrong(item.span()))?;
        let header = |(name, item): (&str, &Item)| {
            let value = item.as_str().ok_or_else(|| wrong(item.span()))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        table.iter().map(header).collect()
    }

    fn messages(&mut self, name: &str, item: &Item) -> Result<Vec<SavedMessage>, ReadProblem> {
        // Messages are written as [[NAME.messages]] or as a list of inline tables.
        if let Some(tables) = item.as_array_of_tables() {
            return tables
                .iter()
                .map(|table| self.message(name, table))
                .collect();
        }
        let inline = item.as_array().map(|array| {
            let table = |value: &Value| value.as_inline_table().cloned();
            array.iter().map(table).collect::<Option<Vec<_>>>()
        });
        match inline.flatten() {
            Some(tables) => tables
                .iter()
                .map(|table| self.message(name, table))
                .collect(),
            None => Err(self.wrong(
                item.span(),
                "`messages` is a list of tables, each written [[NAME.messages]]",
            )),
        }
    }

    fn message(&mut self, name: &str, table: &dyn TableLike) -> Result<SavedMessage, ReadProblem> {
        let mut message = SavedMessage::default();
        let mut contents = Vec::new();
        let mut span = None;
        for (key, item) in table.iter() {
            span = span.or(item.span());
            match key {
                "name" => message.name = Some(self.string(key, item)?),
                "text" => contents.push(MessageContent::Text(self.string(key, item)?)),
                "base64" => contents.push(MessageContent::Base64(self.string(key, item)?)),
                "hex" => contents.push(MessageContent::Hex(self.string(key, item)?)),
                "file" => contents.push(MessageContent::File(self.string(key, item)?.into())),
                "every" => message.every = Some(self.string(key, item)?),
                "when" => message.when = Some(self.string(key, item)?),
                "once" => match item.as_bool() {
                    Some(once) => message.once = once,
                    None => return Err(self.wrong(item.span(), "`once` is true or false")),
                },
                "limit" => match item
                    .as_integer()
                    .and_then(|limit| u32::try_from(limit).ok())
                {
                    Some(limit) if limit > 0 => message.limit = Some(limit),
                    _ => return Err(self.wrong(item.span(), "`limit` is a number from 1")),
                },
                "key" => message.key = Some(self.string(key, item)?),
                _ => self.unknown(item.span(), format!("{name}.messages.{key}")),
            }
        }
        // Exactly one content is allowed.
        match (contents.pop(), contents.is_empty()) {
            (Some(content), true) => message.content = content,
            _ => {
                return Err(self.wrong(
                    span,
                    "a message has one of `text`, `base64`, `hex` and `file`",
                ));
            }
        }
        Ok(message)
    }

    fn string(&self, key: &str, item: &Item) -> Result<String, ReadProblem> {
        let text = item.as_str().map(str::to_owned);
        text.ok_or_else(|| self.wrong(item.span(), &format!("`{key}` is a text")))
    }

    fn strings(&self, key: &str, item: &Item) -> Result<Vec<String>, ReadProblem> {
        let strings = item
            .as_array()
            .and_then(|array| array.iter().map(scalar).collect());
        strings.ok_or_else(|| self.wrong(item.span(), &format!("`{key}` is a list of texts")))
    }

    fn unknown(&mut self, span: Option<Range<usize>>, key: String) {
        let (line, _) = place(self.text, span);
        self.unknown.push(UnknownKey { line, key });
    }

    fn wrong(&self, span: Option<Range<usize>>, message: &str) -> ReadProblem {
        ReadProblem::syntax(self.text, span, message)
    }
}

/// A text or number as it would be typed on the command line.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Float(number) => Some(number.value().to_string()),
        _ => None,
    }
}

/// The line and the column, in characters, at which a span starts.
fn place(text: &str, span: Option<Range<usize>>) -> (usize, usize) {
    let start = span.map_or(0, |span| span.start);
    // The column counts characters, as editors do.
    let before = text.get(..start).unwrap_or(text);
    // Lines and columns are counted from 1.
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

impl ReadProblem {
    fn syntax(text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let (line, column) = place(text, span);
        Self::Syntax {
            line,
            column,
            message: message.trim_end_matches(['\n', '.']).replace('\n', "; "),
        }
    }
}

impl fmt::Display for ConnectionsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            ReadProblem::Read(error) => write!(f, "{path} cannot be read: {error}"),
            ReadProblem::Syntax {
                line,
                column,
                message,
            } => write!(f, "{path}, line {line}, column {column}: {message}"),
        }
    }
}

impl std::error::Error for ConnectionsProblem {}

#[cfg(test)]
mod tests;
