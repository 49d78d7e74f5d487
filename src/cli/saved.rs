//! Saved connections on the command line: an argument that is a name becomes the connection's URL and options. An option
//! on the command line replaces that of the file.

mod given;
mod variables;

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use feedscope_core::url_text::parse_url;
use feedscope_files::connections::{
    EnvFile, MessageContent, OptionValue, SavedConnection, SavedConnections, SavedMessage,
};
use feedscope_files::curl;
use url::Url;

use super::argument::not_a_feed;
use super::environment::Environment;
use super::options::{FeedArguments, SavedArguments, Uses};
use super::variables::{expand_known, names};
use crate::automatic::Automatic;
use crate::plan::{FeedOptions, FeedPlan};
use given::given;
pub(super) use given::{first_of_connection, has_options};
use variables::{SCHEMA, SavedVariables, beside};

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

/// Returns one message of a connection, as the feed sends it.
///
/// # Errors
///
/// A sentence about a variable without a value, or about a wrong content.
pub fn message_of(
    message: &SavedMessage,
    source: &ConnectionSource<'_>,
) -> Result<Automatic, String> {
    let environment = Environment {
        variable: source.variable,
        keyring: source.keyring,
        connections: None,
        trusted: None,
    };
    let mut variables = SavedVariables {
        environment: &environment,
        folder: source.file.and_then(Path::parent).map(Path::to_owned),
        is_project: source.is_project,
        env_file: None,
        inserted: Vec::new(),
    };
    variables.automatic(message)
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

/// Returns a text with values in place of the variables that `lookup` knows. The others stay.
pub fn with_known(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    expand_known(text, lookup)
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
