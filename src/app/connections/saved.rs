//! Saved connections that a window uses, and what is known about their variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use feedscope_core::url_text::masked_text;
use feedscope_files::connections::{
    EditProblem, EnvFile, OptionValue, ReplacedSecret, SavedConnection, SavedConnections,
    SavedMessage, SavedOption, TrustedProjects,
};
use feedscope_ui::{ConnectionForm, FeedId, PaneId, SavedConnectionScene, SavedScene};
use parking_lot::Mutex;

use super::asking::corrected;
use super::new_message::{NewMessage, WrittenMessage};
use super::typed::{Destination, TypedValues};
use super::watch::FileWatch;
use crate::cli::saved::variables_of;
use crate::plan::FeedPlan;

/// File of saved connections that a window uses.
#[derive(Clone, Debug, Default)]
pub struct ConnectionsFile {
    /// Path of the file; `None` if there are no saved connections.
    pub path: Option<PathBuf>,
    /// The file belongs to a project, so that its content must be allowed.
    pub is_project: bool,
    /// Contents that the user has allowed.
    pub trusted: Option<TrustedProjects>,
}

/// Saved connections, and what is known about their variables.
pub(in crate::app) struct WindowSavedConnections {
    pub(super) file: ConnectionsFile,
    pub(super) watch: Option<FileWatch>,
    pub(super) content: SavedConnections,
    /// Version of the content in the scene.
    pub(super) version: u64,
    pub(super) scene: SavedScene,
    /// Values that the user typed for variables.
    pub(super) typed: TypedValues,
    /// Values that variables have replaced in the form that is open, and their destination.
    pub(super) replaced: Option<(Destination, Vec<ReplacedSecret>)>,
    /// Panes of connections that the command line opened, until their file is read.
    pub(super) unread: Vec<(PaneId, String)>,
    /// Connections that are opened as soon as the file has been read.
    pub(super) first: Vec<String>,
    /// Connections that are ready to be opened.
    pub(super) planned: Arc<Mutex<Vec<Planned>>>,
    /// Message that is saved together with the connection of the form that is open.
    pub(super) with_message: Option<NewMessage>,
    /// Results of changes of the file.
    pub(super) changes: Arc<Mutex<Vec<FileChange>>>,
}

impl WindowSavedConnections {
    /// Starts to watch the file.
    pub(in crate::app) fn start(file: ConnectionsFile, wake: impl Fn() + Send + 'static) -> Self {
        let path = file.path.clone();
        let scene = SavedScene {
            file: path
                .as_ref()
                .map_or_else(String::new, |path| path.display().to_string()),
            ..SavedScene::default()
        };
        Self {
            watch: path.and_then(|path| FileWatch::start(path, wake).ok()),
            file,
            content: SavedConnections::default(),
            version: 0,
            scene,
            typed: TypedValues::default(),
            replaced: None,
            unread: Vec::new(),
            first: Vec::new(),
            planned: Arc::default(),
            with_message: None,
            changes: Arc::default(),
        }
    }

    /// Returns the path of the file.
    pub(in crate::app) fn path(&self) -> Option<&Path> {
        self.file.path.as_deref()
    }

    /// Returns true if the file belongs to a project.
    pub(in crate::app) fn is_project(&self) -> bool {
        self.file.is_project
    }

    /// Returns the connections as the window shows them.
    pub(in crate::app) fn scene(&self) -> &SavedScene {
        &self.scene
    }

    /// Returns the connections of the file.
    pub(super) fn connections(&self) -> &[SavedConnection] {
        self.content.all()
    }

    /// Returns the destination of a connection.
    pub(super) fn destination(&self, connection: &SavedConnection) -> Destination {
        let in_file = self.env_file(connection);
        destination(connection, in_file.as_ref())
    }

    /// Returns the values that the user typed for the destination of a connection.
    pub(super) fn typed_for(&self, connection: &SavedConnection) -> BTreeMap<String, String> {
        self.typed.of(&self.destination(connection))
    }

    /// Returns the variables of a connection whose values the user typed.
    pub(super) fn typed_variables(&self, connection: &SavedConnection) -> Vec<String> {
        let typed = self.typed_for(connection);
        let mut variables = variables_of(connection);
        variables.retain(|name| typed.contains_key(name));
        variables
    }

    /// Keeps the values that the user typed for variables of a connection.
    pub(super) fn keep_typed(
        &mut self,
        connection: &SavedConnection,
        values: Vec<(String, String)>,
    ) {
        let destination = self.destination(connection);
        for (name, value) in values {
            let value = corrected(connection, &name, &value);
            self.typed.insert(destination.clone(), name, value);
        }
        self.rebuild_scene();
    }

    /// Returns the variables that have no value, for which the user can be asked.
    pub(in crate::app) fn missing(&self, connection: &SavedConnection) -> Vec<String> {
        let mut variables = variables_of(connection);
        if variables.is_empty() {
            return variables;
        }
        let in_file = self.env_file(connection);
        let typed = self.typed.of(&destination(connection, in_file.as_ref()));
        let has_value = |name: &String| {
            let in_file = in_file.as_ref().and_then(|file| file.get(name));
            in_file.is_some() || value(&typed, name).is_some() || name.starts_with("keyring:")
        };
        variables.retain(|name| !has_value(name));
        variables
    }

    pub(super) fn env_file(&self, connection: &SavedConnection) -> Option<EnvFile> {
        let folder = self.file.path.as_deref().and_then(Path::parent)?;
        EnvFile::load(&folder.join(connection.env_file.as_ref()?)).ok()
    }

    pub(super) fn rebuild_scene(&mut self) {
        let connections = self.content.all().iter().map(|connection| {
            let missing = self.missing(connection);
            let variables = variables_of(connection).into_iter().map(|name| {
                let has_value = !missing.contains(&name);
                (name, has_value)
            });
            SavedConnectionScene {
                form: form_of(connection),
                shown_url: masked_text(&connection.url),
                variables: variables.collect(),
            }
        });
        self.scene.connections = connections.collect();
    }
}

/// Change of the file that has ended.
pub(super) struct FileChange {
    /// Effect of the change; a sentence if the file is as it was.
    pub(super) result: Result<Written, String>,
    /// Beginning of the sentence about a message that was not changed; `None` if the change is about a connection.
    pub(super) about_message: Option<&'static str>,
    /// Version that the window had read when the change began.
    pub(super) version: u64,
}

/// Effect of a change that is in the file.
pub(super) struct Written {
    /// Sentence about the change.
    pub(super) done: String,
    /// The new content of the file.
    pub(super) content: SavedConnections,
    /// Feed that is a saved connection from now on.
    pub(super) link: Option<Link>,
    /// Feed whose connection was saved, with its connection at that time.
    pub(super) saved: Option<(FeedId, SavedConnection)>,
    /// Message that was changed.
    pub(super) message: Option<WrittenMessage>,
}

impl Written {
    /// Returns the effect of a change of connections, or the reason that there is none.
    pub(super) fn of(
        done: String,
        edited: Result<SavedConnections, EditProblem>,
    ) -> Result<Self, String> {
        Ok(Self {
            done,
            content: edited.map_err(|problem| problem.to_string())?,
            link: None,
            saved: None,
            message: None,
        })
    }
}

/// Feed that is a saved connection from now on.
pub(super) struct Link {
    pub(super) feed: FeedId,
    /// Name of the connection.
    pub(super) name: String,
    /// Messages of the feed by their places, as the file has them.
    pub(super) messages: Vec<(usize, SavedMessage)>,
}

/// Place of a connection that is about to be opened.
pub(super) enum OpenIn {
    /// This pane, or a new one.
    Pane(Option<PaneId>),
    /// This pane, or a new one. The field of the pane shows the line again if it cannot be opened.
    PaneOfLine(Option<PaneId>, OpenedLine),
    /// All panes of this feed, which is the same connection before the user was asked for values.
    PanesOf(FeedId),
}

/// Command line whose connection is opened.
pub(super) struct OpenedLine {
    /// Name of its program.
    pub(super) program: &'static str,
    pub(super) line: String,
}

/// Connection whose plan is ready, or the reason that there is none.
pub(super) struct Planned {
    pub(super) connection: SavedConnection,
    pub(super) place: OpenIn,
    pub(super) plan: Result<(FeedPlan, Vec<String>), String>,
}

/// Returns the value of a variable, typed for the destination or of the environment.
pub(super) fn value(typed: &BTreeMap<String, String>, name: &str) -> Option<String> {
    let typed = typed.get(name).cloned();
    typed.or_else(|| std::env::var(name).ok())
}

/// Returns the destination of a connection with the variables of this file.
fn destination(connection: &SavedConnection, in_file: Option<&EnvFile>) -> Destination {
    let known = |name: &str| {
        let in_file = || Some(in_file?.get(name)?.to_owned());
        std::env::var(name).ok().or_else(in_file)
    };
    Destination::of(connection, &known)
}

/// Returns the values of a connection's form.
pub(super) fn form_of(connection: &SavedConnection) -> ConnectionForm {
    let headers = connection.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}: {value}"));
    let texts = |name: &str| -> Vec<String> {
        let of_name = |option: &&SavedOption| option.name.trim_end_matches('s') == name;
        match connection.options.iter().find(of_name).map(|it| &it.value) {
            Some(OptionValue::Many(texts)) => texts.clone(),
            Some(OptionValue::One(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    };
    ConnectionForm {
        name: connection.name.clone(),
        group: connection.group.clone().unwrap_or_default(),
        url: connection.url.clone(),
        headers: headers.collect::<Vec<_>>().join("\n"),
        subprotocols: texts("subprotocol").join(", "),
        send_on_connect: texts("send-on-connect").join("\n"),
        filter: connection.filter.clone().unwrap_or_default(),
    }
}
