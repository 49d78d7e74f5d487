//! Saved connections on the command line: an argument that is a name becomes the connection's URL and options. An option
//! on the command line replaces that of the file.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, CommandFactory as _, Parser};
use feedscope_core::url_text::parse_url;
use feedscope_files::connections::{
    EnvFile, MessageContent, OptionValue, SavedConnection, SavedConnections, SavedMessage,
    TrustedProjects,
};
use feedscope_files::curl;
use url::Url;

use super::options::{FeedArguments, SavedArguments, Uses};
use super::reading::ReadingArguments;
use super::variables::{ValueSources, Variables, names};
use super::{Environment, not_a_feed};
use crate::automatic::{Automatic, AutomaticContent, Template, TemplatePart, Trigger};
use crate::plan::{FeedOptions, FeedPlan};

/// Names that commands have, so that no connection can have them.
pub const COMMANDS: [&str; 7] = [
    "tail",
    "record",
    "serve",
    "convert",
    "stats",
    "connections",
    "demo",
];

/// Options of a connection that change only how its payloads are read: the decoders of both directions, the lens, and
/// the schema.
pub const READING_OPTIONS: [&str; 4] = ["decode", "decode-sent", "lens", SCHEMA];

/// Option with the path of a schema, which is found beside the file of the connection.
const SCHEMA: &str = "proto";

/// Feeds that the arguments of a run name, with the options of each.
pub(super) struct NamedFeeds {
    /// URL and options of each feed, in order.
    pub(super) feeds: Vec<(Url, FeedOptions)>,
    /// Options of the command line alone, for feeds that no argument names.
    pub(super) options: FeedOptions,
    /// Sentences about parts of the file that are not known.
    pub(super) warnings: Vec<String>,
}

/// File of the connections that are opened, and the values of variables.
pub struct ConnectionSource<'a> {
    /// Path of the file, beside which other files are found.
    pub file: Option<&'a Path>,
    /// The file belongs to a project, so that other files must be in its folder.
    pub is_project: bool,
    /// Reads a variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads an entry of the keyring.
    pub keyring: &'a dyn Fn(&str) -> Result<String, String>,
}

/// Returns the plan of a connection, and the names of options that do not exist.
///
/// # Errors
///
/// A sentence about a variable without a value, or about a wrong option.
pub fn plan_of(
    connection: &SavedConnection,
    source: &ConnectionSource<'_>,
) -> Result<(FeedPlan, Vec<String>), String> {
    let environment = Environment {
        variable: source.variable,
        keyring: source.keyring,
        connections: None,
        trusted: None,
    };
    let folder = source.file.and_then(Path::parent).map(Path::to_owned);
    let env_file = match &connection.env_file {
        Some(file) => {
            let path = beside(folder.as_deref(), file, source.is_project)?;
            Some(EnvFile::load(&path)?)
        }
        None => None,
    };
    let mut variables = SavedVariables {
        environment: &environment,
        folder,
        is_project: source.is_project,
        env_file,
        inserted: Vec::new(),
    };
    let url = variables.url(connection)?;
    let uses = Uses::of_urls(std::slice::from_ref(&url));
    let mut unknown = Vec::new();
    let options = variables.options(connection, &[], uses, &mut unknown)?;
    Ok((options.at(url), unknown))
}

/// Returns the names of the variables that a connection uses, in order.
pub fn variables_of(connection: &SavedConnection) -> Vec<String> {
    let mut variables: Vec<String> = Vec::new();
    for text in texts_of(connection) {
        for name in names(text) {
            if !variables.iter().any(|known| known == name) {
                variables.push(name.to_owned());
            }
        }
    }
    variables
}

/// Returns the texts of a connection in which variables are replaced.
fn texts_of(connection: &SavedConnection) -> Vec<&str> {
    let mut texts = vec![connection.url.as_str()];
    texts.extend(connection.headers.iter().map(|(_, value)| value.as_str()));
    for option in &connection.options {
        match &option.value {
            OptionValue::Flag(_) => {}
            OptionValue::One(text) => texts.push(text),
            OptionValue::Many(many) => texts.extend(many.iter().map(String::as_str)),
        }
    }
    for message in &connection.messages {
        if let MessageContent::Text(text) = &message.content {
            texts.push(text);
        }
    }
    texts
}

/// Returns the names of saved connections among the arguments that a window has to ask for, because a variable has no
/// value or a project's file was not allowed. The other arguments stay in `typed`.
pub(super) fn take_asked(
    typed: &mut Vec<String>,
    arguments: &SavedArguments,
    environment: &Environment<'_>,
) -> Vec<String> {
    let mut file = File::new(
        arguments.connections.clone(),
        arguments.allow_project,
        environment,
    );
    let mut needs_question = |typed: &String| -> bool {
        let Ok(FeedArgument::Saved(saved)) = file.target(typed) else {
            return false;
        };
        let env_file = saved.env_file.as_ref().and_then(|env_file| {
            let folder = file.path().and_then(Path::parent)?;
            EnvFile::load(&folder.join(env_file)).ok()
        });
        let has_value = |name: &String| {
            let in_file = env_file.as_ref().and_then(|env_file| env_file.get(name));
            in_file.is_some()
                || name.starts_with("keyring:")
                || (environment.variable)(name).is_some()
        };
        // A wrong file of variables is reported when the connection is opened.
        let is_complete = variables_of(&saved).iter().all(has_value);
        !is_complete || file.variables(&[FeedArgument::Saved(saved)]).is_err()
    };
    typed
        .extract_if(.., |typed| needs_question(typed))
        .collect()
}

/// An argument that names a feed.
enum FeedArgument {
    Url(Url),
    Saved(Box<SavedConnection>),
    /// Of a command line of curl.
    Curl(Box<SavedConnection>),
}

impl FeedArgument {
    /// Its part of a sentence; `None` for a URL.
    fn name(&self) -> Option<String> {
        match self {
            Self::Url(_) => None,
            Self::Saved(saved) => Some(format!("the connection `{}`", saved.name)),
            Self::Curl(_) => Some("--curl".to_owned()),
        }
    }
}

/// Options of a feed without anything else, to parse those of a saved connection.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct OptionLine {
    #[command(flatten)]
    feed: FeedArguments,
    #[command(flatten)]
    reading: ReadingArguments,
}

/// Returns the feeds for the arguments `typed`. `matches` are those of the command that has the options.
pub(super) fn feeds(
    typed: &[String],
    arguments: FeedArguments,
    matches: &ArgMatches,
    environment: &Environment<'_>,
) -> Result<NamedFeeds, String> {
    let mut file = File::new(
        arguments.saved.connections.clone(),
        arguments.saved.allow_project,
        environment,
    );
    let mut targets = Vec::with_capacity(typed.len());
    for typed in typed {
        targets.push(file.target(typed)?);
    }
    for line in &arguments.saved.curl {
        let imported = curl::parse(line).map_err(|problem| format!("--curl: {problem}"))?;
        let unknown = imported.not_understood.iter();
        let unknown =
            unknown.map(|part| format!("--curl: `{part}` is not understood and has no effect"));
        file.warnings.extend(unknown);
        targets.push(FeedArgument::Curl(Box::new(imported.connection)));
    }
    let mut urls = Vec::new();
    let mut variables = file.variables(&targets)?;
    for (target, variables) in targets.iter().zip(&mut variables) {
        urls.push(match target {
            FeedArgument::Url(url) => url.clone(),
            FeedArgument::Saved(saved) | FeedArgument::Curl(saved) => {
                let problem = |problem| format!("{}: {problem}", target.name().unwrap_or_default());
                variables.url(saved).map_err(problem)?
            }
        });
    }
    // Options are checked against all feeds of the run, as without saved connections.
    let uses = Uses::of_urls(&urls);
    let given = given(matches);
    let options = arguments.options(environment.sources(), uses)?;
    let mut feeds = Vec::with_capacity(urls.len());
    for ((target, variables), url) in targets.iter().zip(variables).zip(urls) {
        let options = match target {
            FeedArgument::Url(_) => options.clone(),
            FeedArgument::Saved(saved) | FeedArgument::Curl(saved) => {
                let mut warnings = Vec::new();
                let options = variables
                    .options(saved, &given, uses, &mut warnings)
                    .map_err(|problem| {
                        format!("{}: {problem}", target.name().unwrap_or_default())
                    })?;
                file.warn(&saved.name, &warnings);
                options
            }
        };
        feeds.push((url, options));
    }
    Ok(NamedFeeds {
        feeds,
        options,
        warnings: file.warnings,
    })
}

/// The file with the connections of a run, which is read when the first name is looked up.
struct File<'a> {
    environment: &'a Environment<'a>,
    /// Path of a project's file.
    project: Option<PathBuf>,
    allow_project: bool,
    /// What the file contains, or the sentence about it.
    content: Option<Result<Option<SavedConnections>, String>>,
    warnings: Vec<String>,
}

impl<'a> File<'a> {
    fn new(
        project: Option<PathBuf>,
        allow_project: bool,
        environment: &'a Environment<'a>,
    ) -> Self {
        Self {
            environment,
            project,
            allow_project,
            content: None,
            warnings: Vec::new(),
        }
    }

    fn path(&self) -> Option<&Path> {
        let usual = self.environment.connections.as_deref();
        self.project.as_deref().or(usual)
    }

    /// The feed that an argument names. A name comes before a host that looks the same.
    fn target(&mut self, typed: &str) -> Result<FeedArgument, String> {
        let as_url = || parse_url(typed).map_err(|problem| not_a_feed(typed, &problem));
        // A URL is never looked up, so that a broken file does not concern it.
        if typed.contains("://") {
            return as_url().map(FeedArgument::Url);
        }
        match self.find(typed) {
            Ok(Some(connection)) => Ok(FeedArgument::Saved(Box::new(connection))),
            Ok(None) => as_url().map(FeedArgument::Url),
            // The file is broken: what is no URL either was a name.
            Err(problem) => match as_url() {
                Ok(url) => {
                    self.warnings.push(problem);
                    Ok(FeedArgument::Url(url))
                }
                Err(_no_url) => Err(problem),
            },
        }
    }

    fn find(&mut self, name: &str) -> Result<Option<SavedConnection>, String> {
        if self.content.is_none() {
            let loaded = match self.path() {
                Some(path) => SavedConnections::load(path).map_err(|problem| problem.to_string()),
                None => Ok(None),
            };
            let loaded = match (loaded, &self.project) {
                (Ok(None), Some(path)) => Err(format!("{} does not exist", path.display())),
                (loaded, _) => loaded,
            };
            self.content = Some(loaded);
        }
        let content = match &self.content {
            Some(Ok(Some(content))) => content,
            Some(Err(problem)) => return Err(problem.clone()),
            Some(Ok(None)) | None => return Ok(None),
        };
        let found = content.find(name).cloned();
        if found.is_some() && COMMANDS.contains(&name) {
            return Err(format!(
                "`{name}` is a command and cannot be the name of a connection"
            ));
        }
        Ok(found)
    }

    /// The variables for each target. A project's file must have been allowed.
    fn variables(&mut self, targets: &[FeedArgument]) -> Result<Vec<SavedVariables<'a>>, String> {
        let saved = targets.iter().filter_map(|target| match target {
            FeedArgument::Saved(saved) => Some(&**saved),
            FeedArgument::Url(_) | FeedArgument::Curl(_) => None,
        });
        let saved: Vec<_> = saved.collect();
        let content = match &self.content {
            Some(Ok(Some(content))) => Some(content),
            _ => None,
        };
        if let Some(content) = content.filter(|_| !saved.is_empty()) {
            if let Some(project) = &self.project {
                self.check_project(project, content, &saved)?;
            }
            let unknown = content.unknown().iter();
            let path = content.path().display();
            self.warnings.extend(unknown.map(|unknown| {
                format!(
                    "{path}, line {}: unknown key `{}`",
                    unknown.line, unknown.key
                )
            }));
        }
        let folder = self.path().and_then(Path::parent).map(Path::to_owned);
        let is_project = self.project.is_some();
        let of_target = |target: &FeedArgument| {
            let env_file = match target {
                FeedArgument::Saved(saved) => match &saved.env_file {
                    Some(file) => Some(EnvFile::load(&beside(
                        folder.as_deref(),
                        file,
                        is_project,
                    )?)?),
                    None => None,
                },
                FeedArgument::Url(_) | FeedArgument::Curl(_) => None,
            };
            Ok(SavedVariables {
                environment: self.environment,
                folder: folder.clone(),
                is_project,
                env_file,
                inserted: Vec::new(),
            })
        };
        targets.iter().map(of_target).collect()
    }

    /// Refuses the content of a project's file that was not allowed.
    fn check_project(
        &self,
        project: &Path,
        content: &SavedConnections,
        saved: &[&SavedConnection],
    ) -> Result<(), String> {
        let trusted = self.environment.trusted.as_ref();
        if self.allow_project {
            // A content that cannot be remembered has to be allowed again.
            if let Some(trusted) = trusted {
                trusted.allow(content.text()).ok();
            }
            return Ok(());
        }
        if trusted.is_some_and(|trusted| trusted.contains(content.text())) {
            return Ok(());
        }
        let uses: Vec<_> = saved.iter().map(|saved| use_of(saved)).collect();
        Err(format!(
            "{} has not been allowed with this content: {}. Give --allow-project to allow it",
            project.display(),
            uses.join("; ")
        ))
    }

    fn warn(&mut self, name: &str, options: &[String]) {
        let path = self.path().map(|path| path.display().to_string());
        let path = path.unwrap_or_default();
        self.warnings.extend(options.iter().map(|option| {
            format!("{path}: the connection `{name}` has an unknown key `{option}`")
        }));
    }
}

/// A sentence about the variables and files that a connection would send, and where.
pub fn use_of(saved: &SavedConnection) -> String {
    let mut variables = variables_of(saved);
    variables.sort_unstable();
    let files = saved
        .messages
        .iter()
        .filter_map(|message| match &message.content {
            MessageContent::File(file) => Some(file.display().to_string()),
            _ => None,
        });
    let files = files.chain(saved.env_file.iter().map(|file| file.display().to_string()));
    let schemas = saved.options.iter().filter(|it| it.name == SCHEMA);
    let files = files.chain(schemas.filter_map(|option| match &option.value {
        OptionValue::One(file) => Some(file.clone()),
        OptionValue::Flag(_) | OptionValue::Many(_) => None,
    }));
    let files: Vec<_> = files.collect();
    let listed = |what: &str, names: &[String]| {
        if names.is_empty() {
            format!("no {what}")
        } else {
            format!("{what} {}", names.join(", "))
        }
    };
    // Variables in the URL are not replaced here, because they may be secrets.
    let origin = match saved
        .url
        .splitn(4, '/')
        .take(3)
        .collect::<Vec<_>>()
        .join("/")
    {
        origin if origin.contains('@') => "its URL".to_owned(),
        origin => origin,
    };
    format!(
        "`{}` would use {} and {}, and connect to {origin}",
        saved.name,
        listed("variables", &variables),
        listed("files", &files)
    )
}

/// The path of a file that a connection names, beside the file of the connections. A project's must stay in its folder.
fn beside(folder: Option<&Path>, file: &Path, is_project: bool) -> Result<PathBuf, String> {
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

/// Variables of one connection.
struct SavedVariables<'a> {
    environment: &'a Environment<'a>,
    folder: Option<PathBuf>,
    is_project: bool,
    env_file: Option<EnvFile>,
    inserted: Vec<(String, String)>,
}

impl SavedVariables<'_> {
    /// Replaces variables. The environment comes before the file of variables.
    fn with<T>(
        &mut self,
        replace: impl FnOnce(&mut Variables<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let lookup = |name: &str| {
            let in_file = || self.env_file.as_ref()?.get(name).map(str::to_owned);
            (self.environment.variable)(name).or_else(in_file)
        };
        let mut variables = Variables::new(ValueSources {
            variable: &lookup,
            keyring: self.environment.keyring,
        });
        let result = replace(&mut variables);
        let inserted = variables.inserted();
        self.inserted.extend(inserted);
        result
    }

    /// Returns the path of a file that the connection names.
    fn beside(&self, file: &Path) -> Result<PathBuf, String> {
        beside(self.folder.as_deref(), file, self.is_project)
    }

    fn url(&mut self, saved: &SavedConnection) -> Result<Url, String> {
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
            let forms = [
                encoded(value),
                Some(url::form_urlencoded::byte_serialize(value.as_bytes()).collect()),
            ];
            let other = forms.into_iter().flatten().filter(|form| form != value);
            further.extend(other.map(|form| (name.clone(), form)));
        }
        self.inserted.extend(further);
    }

    /// The options of the connection, replaced by those that were given. Unknown ones are added to `unknown`.
    fn options(
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
                line.push(format!("--header={name}: {}", value.replace("${", "$${")).into());
            }
        }
        for option in &saved.options {
            let Some(argument) = argument(&command, &option.name) else {
                unknown.push(option.name.replace('-', "_"));
                continue;
            };
            let name = argument.get_long().unwrap_or_default();
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
    fn automatic(&mut self, saved: &SavedMessage) -> Result<Automatic, String> {
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
            MessageContent::Base64(text) => super::options::from_base64(text)?.into(),
            MessageContent::Hex(text) => super::options::from_hex(text)?.into(),
            MessageContent::File(file) => {
                let path = self.beside(file)?;
                match String::from_utf8(super::options::read_file(&path.to_string_lossy())?) {
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
        })
    }
}

/// The argument with this long name, also in the plural: `subprotocols` is a list of `--subprotocol`.
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

/// The first line of a message of clap, which names the option.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// An option that was given on the command line.
struct Given {
    /// Place among all arguments.
    place: usize,
    name: String,
    values: Vec<OsString>,
}

impl Given {
    /// The option as arguments.
    fn arguments(&self) -> Vec<OsString> {
        let name = format!("--{}", self.name);
        match &self.values[..] {
            [] => vec![name.into()],
            [value] => {
                let mut argument = OsString::from(name);
                argument.push("=");
                argument.push(value);
                vec![argument]
            }
            values => std::iter::once(name.into())
                .chain(values.iter().cloned())
                .collect(),
        }
    }

    fn is_header(&self, name: &str) -> bool {
        let value = self.values.first().map(|value| value.to_string_lossy());
        let own = value
            .as_deref()
            .and_then(|value| Some(value.split_once(':')?.0.trim()));
        self.name == "header" && own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Returns true if an option of a feed was given that a saved connection could have, too.
pub(super) fn has_options(matches: &ArgMatches) -> bool {
    let of_file = ["connections", "allow-project"];
    let given = given(matches);
    given
        .iter()
        .any(|given| !of_file.contains(&given.name.as_str()))
}

/// The options of a feed on the command line, in order.
fn given(matches: &ArgMatches) -> Vec<Given> {
    let command = OptionLine::command();
    let mut given = Vec::new();
    for argument in command.get_arguments() {
        let (id, Some(name)) = (argument.get_id().as_str(), argument.get_long()) else {
            continue;
        };
        // The program's own `--help` is no option of a feed.
        let is_there = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine);
        if !is_there {
            continue;
        }
        let places: Vec<_> = matches.indices_of(id).into_iter().flatten().collect();
        let occurrences: Vec<Vec<&OsStr>> = matches
            .get_raw_occurrences(id)
            .into_iter()
            .flatten()
            .map(Iterator::collect)
            .collect();
        // A flag stands alone: `--echo`.
        let takes_values = argument.get_action().takes_values();
        let mut place = places.iter().copied();
        for occurrence in occurrences {
            let own = place.next().unwrap_or_default();
            // Each value has a place of its own.
            for _ in 1..occurrence.len() {
                place.next();
            }
            let values = occurrence.iter().map(|&value| value.to_owned());
            given.push(Given {
                place: own,
                name: name.to_owned(),
                values: if takes_values {
                    values.collect()
                } else {
                    Vec::new()
                },
            });
        }
    }
    given.sort_by_key(|given| given.place);
    given
}

/// Files of the user for connections, as the program finds them.
pub(super) fn usual_files() -> (Option<PathBuf>, Option<TrustedProjects>) {
    (SavedConnections::usual_path(), TrustedProjects::usual())
}
