//! Changes of the file of saved connections. Only the lines that differ are written, so that comments and the order stay.
//!
//! The file is read again before it is written, and compared once more before the new content replaces it: a version that
//! was not read is never overwritten. A file that does not parse is never written.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{MessageContent, OptionValue, SavedConnection, SavedConnections, SavedMessage};
use crate::regular_file::read_regular;

/// Number of times that a change begins anew because another program has written the file meanwhile.
const MOST_TRIES: usize = 5;

/// Keys of a connection that are no options of a feed.
const KEYS: [&str; 9] = [
    "url", "group", "filter", "columns", "latest", "measures", "env_file", "headers", "messages",
];

/// Change of the file.
#[derive(Clone, Copy, Debug)]
pub enum Edit<'a> {
    /// Adds a connection.
    Add(&'a SavedConnection),
    /// Replaces a connection by another one, which may have another name.
    Replace {
        /// Connection in the file.
        former: &'a SavedConnection,
        /// Connection in its place.
        new: &'a SavedConnection,
    },
    /// Removes the connection of this name.
    Remove(&'a str),
    /// Replaces a message of a connection. Without a former message the new one is added; without a new one the former is
    /// removed.
    Message {
        /// Name of the connection.
        connection: &'a str,
        /// Message in the file.
        former: Option<&'a SavedMessage>,
        /// Message in its place.
        new: Option<&'a SavedMessage>,
    },
}

/// Reason that the file was not changed, displayed as one sentence.
#[derive(Debug)]
pub struct EditProblem(String);

impl fmt::Display for EditProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EditProblem {}

impl SavedConnections {
    /// Changes the file at `path`, which is created if it does not exist. Returns the new content.
    ///
    /// # Errors
    ///
    /// Fails if the file does not parse, cannot be read or written, or if the names do not allow the change.
    pub fn edit(path: &Path, edit: Edit<'_>) -> Result<Self, EditProblem> {
        let named = |error: io::Error| {
            EditProblem(format!("{} cannot be written: {error}", path.display()))
        };
        for _ in 0..MOST_TRIES {
            let before = read(path).map_err(named)?;
            let text = before.clone().unwrap_or_default();
            let after = edited(path, &text, edit)?;
            // The result is checked before it is written.
            let content = Self::parse(path, after.clone()).map_err(|what| {
                EditProblem(format!(
                    "the change is left out, because the file could not be read after it: {}",
                    super::ConnectionsProblem {
                        path: path.to_owned(),
                        what
                    }
                ))
            })?;
            if after == text {
                return Ok(content);
            }
            if write(path, before.as_deref(), &after).map_err(named)? {
                return Ok(content);
            }
        }
        Err(EditProblem(format!(
            "{} is not changed, because another program is writing it",
            path.display()
        )))
    }
}

/// Returns the text of a file with these connections.
///
/// # Errors
///
/// Fails if two of them have the same name, or a name that no connection can have.
pub fn text_of(connections: &[SavedConnection]) -> Result<String, EditProblem> {
    let path = Path::new("connections.toml");
    let add =
        |text: String, connection: &SavedConnection| edited(path, &text, Edit::Add(connection));
    let text = connections.iter().try_fold(String::new(), add)?;
    SavedConnections::parse(path, text.clone()).map_err(|what| {
        let path = path.to_owned();
        EditProblem(super::ConnectionsProblem { path, what }.to_string())
    })?;
    Ok(text)
}

/// Returns the text of the file; `None` if it does not exist.
fn read(path: &Path) -> io::Result<Option<String>> {
    match read_regular(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces the file, unless it is not what it was before. Returns false in this case.
fn write(path: &Path, before: Option<&str>, after: &str) -> io::Result<bool> {
    // A link stays, and the file behind it is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_new| path.to_owned());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // The new file is for the user alone, because it may contain secrets.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(after.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.as_file().sync_all()?;
    if read(&path)?.as_deref() != before {
        return Ok(false);
    }
    file.persist(&path).map_err(|error| error.error)?;
    Ok(true)
}

/// Returns the text with the change.
fn edited(path: &Path, text: &str, edit: Edit<'_>) -> Result<String, EditProblem> {
    let parsed = SavedConnections::parse(path, text.to_owned()).map_err(|what| {
        let problem = super::ConnectionsProblem {
            path: path.to_owned(),
            what,
        };
        EditProblem(format!("{problem}. The file is kept as it is"))
    })?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| EditProblem(error.message().to_owned()))?;
    let is_taken = |name: &str| parsed.find(name).is_some();
    let taken = |name: &str| EditProblem(format!("there is a connection `{name}` already"));
    let missing = |name: &str| EditProblem(format!("there is no connection `{name}` any more"));
    // The text between the tables stays as it is.
    match edit {
        Edit::Add(new) => {
            if is_taken(&new.name) {
                return Err(taken(&new.name));
            }
            let mut table = Table::new();
            if !document.is_empty() {
                table.decor_mut().set_prefix("\n");
            }
            update(&mut table, &SavedConnection::default(), new);
            document.insert(&new.name, Item::Table(table));
        }
        Edit::Replace { former, new } => {
            let name = former.name.as_str();
            if parsed.find(name).ok_or_else(|| missing(name))? != former {
                return Err(EditProblem(format!(
                    "`{name}` has changed in the file meanwhile. Open this form again to see the changes"
                )));
            }
            if name != new.name && is_taken(&new.name) {
                return Err(taken(&new.name));
            }
            let item = document.get_mut(name);
            if let Some(table) = item.and_then(Item::as_table_like_mut) {
                update(table, former, new);
            }
            if name != new.name
                && let Some(item) = document.remove(name)
            {
                // A table keeps its place in the file, because it remembers it.
                document.insert(&new.name, item);
            }
        }
        Edit::Remove(name) => {
            document.remove(name).ok_or_else(|| missing(name))?;
        }
        Edit::Message {
            connection: name,
            former,
            new,
        } => {
            let connection = parsed.find(name).ok_or_else(|| missing(name))?;
            let item = document.get_mut(name);
            if let Some(table) = item.and_then(Item::as_table_like_mut) {
                edit_message(table, connection, former, new)?;
            }
        }
    }
    Ok(document.to_string())
}

/// Writes the differences between two connections.
fn update(table: &mut dyn TableLike, former: &SavedConnection, new: &SavedConnection) {
    if new.url != former.url {
        set(table, "url", new.url.as_str().into());
    }
    // An empty value removes its key.
    let texts = [
        ("group", &former.group, &new.group),
        ("filter", &former.filter, &new.filter),
    ];
    for (key, before, after) in texts {
        if before != after {
            set_or_remove(table, key, after.as_deref().map(Value::from));
        }
    }
    if new.env_file != former.env_file {
        let file = new.env_file.as_ref().map(|file| file.to_string_lossy());
        set_or_remove(table, "env_file", file.map(|file| file.as_ref().into()));
    }
    if new.headers != former.headers {
        let headers = new.headers.iter();
        let headers: InlineTable = headers
            .map(|(name, value)| (name.as_str(), Value::from(value.as_str())))
            .collect();
        let headers = (!headers.is_empty()).then_some(Value::InlineTable(headers));
        set_or_remove(table, "headers", headers);
    }
    if new.columns != former.columns {
        let columns = (!new.columns.is_empty()).then(|| array(&new.columns));
        set_or_remove(table, "columns", columns);
    }
    if new.latest != former.latest {
        let latest = (!new.latest.is_empty()).then(|| array(&new.latest));
        set_or_remove(table, "latest", latest);
    }
    if new.measures != former.measures {
        let measures = (!new.measures.is_empty()).then(|| new.measures.to_value());
        set_or_remove(table, "measures", measures);
    }
    update_options(table, former, new);
    if new.messages != former.messages {
        update_messages(table, &new.messages);
    }
}

/// Writes the differences between the options of two connections.
fn update_options(table: &mut dyn TableLike, former: &SavedConnection, new: &SavedConnection) {
    let is_kept = |name: &str| new.options.iter().any(|option| option.name == name);
    for option in &former.options {
        if !is_kept(&option.name) {
            remove_option(table, &option.name);
        }
    }
    for option in &new.options {
        let mut before = former.options.iter();
        if before.any(|known| known == option) {
            continue;
        }
        let value = match &option.value {
            OptionValue::Flag(flag) => Value::from(*flag),
            OptionValue::One(text) => scalar(text),
            OptionValue::Many(texts) => array(texts),
        };
        // The key may be written with either sign.
        let dashed = table.contains_key(&option.name);
        let key = if dashed {
            option.name.clone()
        } else {
            option.name.replace('-', "_")
        };
        if !KEYS.contains(&key.as_str()) {
            set(table, &key, value);
        }
    }
}

fn remove_option(table: &mut dyn TableLike, name: &str) {
    table.remove(name);
    table.remove(&name.replace('-', "_"));
}

/// Writes the messages anew.
fn update_messages(table: &mut dyn TableLike, messages: &[SavedMessage]) {
    table.remove("messages");
    if messages.is_empty() {
        return;
    }
    let tables: ArrayOfTables = messages.iter().map(message).collect();
    table.insert("messages", Item::ArrayOfTables(tables));
}

/// Replaces, adds or removes one message of a connection. The lines of the others stay as they are.
fn edit_message(
    table: &mut dyn TableLike,
    connection: &SavedConnection,
    former: Option<&SavedMessage>,
    new: Option<&SavedMessage>,
) -> Result<(), EditProblem> {
    let messages = &connection.messages;
    let place = former.and_then(|former| messages.iter().position(|it| it == former));
    match (former, place, new) {
        (_, Some(place), None) if messages.len() > 1 => {
            let item = table.get_mut("messages");
            match item {
                Some(Item::ArrayOfTables(tables)) => {
                    tables.remove(place);
                }
                Some(Item::Value(Value::Array(array))) => {
                    array.remove(place);
                }
                _ => {}
            }
        }
        (_, Some(_), None) => {
            table.remove("messages");
        }
        (_, Some(place), Some(new)) => {
            let item = table.get_mut("messages");
            let table: Option<&mut dyn TableLike> = match item {
                Some(Item::ArrayOfTables(tables)) => tables.get_mut(place).map(|it| it as _),
                Some(Item::Value(Value::Array(array))) => {
                    let value = array.get_mut(place).and_then(Value::as_inline_table_mut);
                    value.map(|it| it as _)
                }
                _ => None,
            };
            if let Some(table) = table {
                let (key, content) = content_of(new);
                for other in ["text", "base64", "hex", "file"] {
                    if other != key {
                        table.remove(other);
                    }
                }
                set(table, key, content);
            }
        }
        // A message that is gone needs no removal, unless its content is another one now.
        (Some(former), None, new) => {
            let name = former.name.as_deref();
            if new.is_some() || messages.iter().any(|it| it.name.as_deref() == name) {
                let name = name.unwrap_or_default();
                let connection = &connection.name;
                return Err(EditProblem(format!(
                    "the message `{name}` of `{connection}` has changed in the file meanwhile"
                )));
            }
        }
        (None, None, None) => {}
        (None, None, Some(new)) => {
            if let Some(name) = &new.name
                && messages.iter().any(|it| it.name.as_ref() == Some(name))
            {
                let connection = &connection.name;
                return Err(EditProblem(format!(
                    "`{connection}` has a message `{name}` already"
                )));
            }
            match table.get_mut("messages") {
                Some(Item::ArrayOfTables(tables)) => tables.push(message(new)),
                Some(Item::Value(Value::Array(array))) => {
                    array.push(message(new).into_inline_table());
                }
                _ => update_messages(table, std::slice::from_ref(new)),
            }
        }
    }
    Ok(())
}

/// Returns the key and the value of the content of a message.
fn content_of(message: &SavedMessage) -> (&'static str, Value) {
    match &message.content {
        MessageContent::Text(text) => ("text", Value::from(text.as_str())),
        MessageContent::Base64(text) => ("base64", Value::from(text.as_str())),
        MessageContent::Hex(text) => ("hex", Value::from(text.as_str())),
        MessageContent::File(path) => ("file", Value::from(path.to_string_lossy().as_ref())),
    }
}

fn message(message: &SavedMessage) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            table.insert(key, toml_edit::value(value));
        }
    };
    put("name", message.name.as_deref().map(Value::from));
    let (key, content) = content_of(message);
    put(key, Some(content));
    put("key", message.key.as_deref().map(Value::from));
    put("every", message.every.as_deref().map(Value::from));
    put("when", message.when.as_deref().map(Value::from));
    put("once", message.once.then(|| Value::from(true)));
    put(
        "limit",
        message.limit.map(|limit| Value::from(i64::from(limit))),
    );
    table
}

/// Returns a number as one, and any other text as a text.
fn scalar(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => number.into(),
        _ => text.into(),
    }
}

fn array(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(String::as_str).collect::<Array>())
}

fn set_or_remove(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    match value {
        Some(value) => set(table, key, value),
        None => drop(table.remove(key)),
    }
}

/// Sets a value. The comment behind a former value stays.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(former) = table.get_mut(key).and_then(Item::as_value_mut) {
        *value.decor_mut() = former.decor().clone();
        *former = value;
    } else {
        table.insert(key, toml_edit::value(value));
    }
}

#[cfg(test)]
mod tests;
