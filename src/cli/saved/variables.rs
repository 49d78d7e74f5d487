//! One saved connection with its variables replaced: its URL, its options and its messages.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, CommandFactory as _, Parser as _};
use feedscope_core::url_text::parse_url;
use feedscope_files::connections::{
    EnvFile, MessageContent, OptionValue, SavedConnection, SavedMessage, escaped,
};
use url::Url;

use super::given::{Given, OptionLine};
use crate::automatic::{Automatic, AutomaticContent, Template, TemplatePart, Trigger};
use crate::cli::environment::Environment;
use crate::cli::options::Uses;
use crate::cli::variables::{ValueSources, Variables};
use crate::plan::FeedOptions;

/// Option with the path of a schema, which is found beside the file of the connection.
pub(super) const SCHEMA: &str = "proto";

/// Variables of one connection.
pub(super) struct SavedVariables<'a> {
    pub(super) environment: &'a Environment<'a>,
    pub(super) folder: Option<PathBuf>,
    pub(super) is_project: bool,
    pub(super) env_file: Option<EnvFile>,
    pub(super) inserted: Vec<(String, String)>,
}

impl SavedVariables<'_> {
    /// Replaces variables. The environment comes before the file of variables.
    fn with<T>(
        &mut self,
        replace: impl FnOnce(&mut Variables<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        // The file of variables has the defaults of a project, which the user's environment replaces.
        let lookup = |name: &str| {
            let in_file = || self.env_file.as_ref()?.get(name).map(str::to_owned);
            (self.environment.variable)(name).or_else(in_file)
        };
        let mut variables = Variables::new(ValueSources {
            variable: &lookup,
            keyring: self.environment.keyring,
        });
        // The inserted values are kept, so that no record shows them.
        let result = replace(&mut variables);
        let inserted = variables.inserted();
        self.inserted.extend(inserted);
        result
    }

    /// Returns the path of a file that the connection names.
    fn beside(&self, file: &Path) -> Result<PathBuf, String> {
        beside(self.folder.as_deref(), file, self.is_project)
    }

    /// Returns the URL of the connection, with its variables replaced.
    pub(super) fn url(&mut self, saved: &SavedConnection) -> Result<Url, String> {
        let expanded = self.with(|variables| variables.expand(&saved.url))?;
        self.add_encoded();
        // The sentence about a wrong URL must not contain a secret of it.
        parse_url(&expanded).map_err(|problem| {
            if expanded == saved.url {
                problem.to_string()
            } else {
                "its URL is no URL of a feed once its variables are replaced".to_owned()
            }
        })
    }

    /// Adds the values as a URL contains them, with escapes.
    fn add_encoded(&mut self) {
        let encoded = |value: &str| {
            let mut url = Url::parse("http://localhost/").ok()?;
            url.set_path(value);
            Some(url.path().trim_start_matches('/').to_owned())
        };
        let mut further = Vec::new();
        for (name, value) in &self.inserted {
            // A value in a path has other escapes than a value in a query.
            let forms = [
                encoded(value),
                Some(url::form_urlencoded::byte_serialize(value.as_bytes()).collect()),
            ];
            let other = forms.into_iter().flatten().filter(|form| form != value);
            further.extend(other.map(|form| (name.clone(), form)));
        }
        self.inserted.extend(further);
    }

    /// Returns the options of the connection, replaced by those that were given. Unknown ones are added to `unknown`.
    pub(super) fn options(
        mut self,
        saved: &SavedConnection,
        given: &[Given],
        uses: Uses,
        unknown: &mut Vec<String>,
    ) -> Result<FeedOptions, String> {
        let command = OptionLine::command();
        let mut line: Vec<OsString> = Vec::new();
        let is_given = |name: &str| given.iter().any(|given| given.name == name);
        for (name, value) in &saved.headers {
            let is_replaced = given.iter().any(|given| given.is_header(name));
            if !is_replaced {
                let value = self.with(|variables| variables.expand(value))?;
                // The value is complete: a `${` in it is not a variable again.
                line.push(format!("--header={name}: {}", escaped(&value)).into());
            }
        }
        for option in &saved.options {
            let Some(argument) = argument(&command, &option.name) else {
                unknown.push(option.name.replace('-', "_"));
                continue;
            };
            let name = argument.get_long().unwrap_or_default();
            // The command line comes before the file.
            if is_given(name) {
                continue;
            }
            let values: &[String] = match &option.value {
                OptionValue::Flag(false) => continue,
                OptionValue::Flag(true) => {
                    line.push(format!("--{name}").into());
                    continue;
                }
                OptionValue::One(value) => std::slice::from_ref(value),
                OptionValue::Many(values) => values,
            };
            for value in values {
                let mut value = self.with(|variables| variables.expand(value))?;
                // Paths are relative to the file of the connections.
                if name == SCHEMA {
                    let path = self.beside(Path::new(&value))?;
                    value = path.to_string_lossy().into_owned();
                }
                line.push(format!("--{name}={value}").into());
            }
        }
        // Options of the command line come last, in their order.
        line.extend(given.iter().flat_map(Given::arguments));
        let arguments = OptionLine::try_parse_from(line).map_err(|error| first_line(&error))?;
        let reading = arguments.reading.of_feed()?;
        let options = arguments.feed.options(self.environment.sources(), uses)?;
        let options = options.reading(&reading);
        let automatic = saved.messages.iter().map(|message| self.automatic(message));
        let automatic = automatic.collect::<Result<Vec<_>, String>>()?;
        Ok(match saved.name.as_str() {
            // A line of curl has no name.
            "" => options.with_automatic(automatic, self.inserted),
            name => options.with_saved(name, automatic, self.inserted),
        })
    }

    /// Returns the message with its occasion.
    pub(super) fn automatic(&mut self, saved: &SavedMessage) -> Result<Automatic, String> {
        let trigger = match (&saved.every, &saved.when) {
            (None, None) => Trigger::ByHand,
            (Some(_), Some(_)) => {
                return Err("a message has `every` or `when`, not both".to_owned());
            }
            (Some(every), None) => Trigger::every(every)?,
            (None, Some(when)) => Trigger::answer(when, saved.once, saved.limit)?,
        };
        let content = match &saved.content {
            MessageContent::Text(text) => {
                AutomaticContent::from(self.with(|variables| variables.template(text))?)
            }
            MessageContent::Base64(text) => crate::cli::options::from_base64(text)?.into(),
            MessageContent::Hex(text) => crate::cli::options::from_hex(text)?.into(),
            MessageContent::File(file) => {
                let path = self.beside(file)?;
                match String::from_utf8(crate::cli::options::read_file(&path.to_string_lossy())?) {
                    // A file is sent as it is: a text message if it is valid UTF-8, and variables in it stay as they
                    // are.
                    Ok(text) => AutomaticContent::from(Template(vec![TemplatePart::Text(text)])),
                    Err(bytes) => AutomaticContent::from(bytes.into_bytes()),
                }
            }
        };
        Ok(Automatic {
            name: saved.name.clone(),
            trigger,
            content,
            key: saved.key.clone(),
            saved: Some(saved.clone()),
        })
    }
}

/// Returns the path of a file that a connection names, beside the file of the connections. A project's must stay in its folder.
pub(super) fn beside(
    folder: Option<&Path>,
    file: &Path,
    is_project: bool,
) -> Result<PathBuf, String> {
    let Some(folder) = folder else {
        return Ok(file.to_owned());
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let path = folder.join(file);
    if is_project {
        let whole = |path: &Path| {
            path.canonicalize()
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))
        };
        if !whole(&path)?.starts_with(whole(folder)?) {
            return Err(format!(
                "{} is outside of the folder of the project's file",
                file.display()
            ));
        }
    }
    Ok(path)
}

/// Returns the argument with this long name, also in the plural: `subprotocols` is a list of `--subprotocol`.
fn argument<'c>(command: &'c clap::Command, name: &str) -> Option<&'c Arg> {
    let of_name = |name: &str| {
        command
            .get_arguments()
            .find(|argument| argument.get_long() == Some(name))
    };
    // These select the file itself.
    if matches!(name, "connections" | "allow-project" | "header" | "curl") {
        return None;
    }
    of_name(name).or_else(|| of_name(name.strip_suffix('s')?))
}

/// Returns the first line of a message of clap, which names the option.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
