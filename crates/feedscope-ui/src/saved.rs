//! Saved connections: the list that `Ctrl K` opens, the form for one of them, and the question for missing variables.

mod ask;
mod form;
mod list;
mod listed;
mod typed;

use crate::ids::{FeedId, PaneId};

pub(crate) use ask::AskSheet;
pub(crate) use form::SavedSheet;
pub(crate) use list::{ConnectionList, SavedListOutcome as ListOutcome};

/// Saved connections as the window shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedScene {
    /// Path of their file.
    pub file: String,
    /// Sentence about a file that cannot be read. The former connections stay.
    pub problem: Option<String>,
    /// Connections in the order of the file.
    pub connections: Vec<SavedConnectionScene>,
}

/// One saved connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedConnectionScene {
    /// Values that its form shows.
    pub form: ConnectionForm,
    /// URL without secrets.
    pub shown_url: String,
    /// Variables that it uses. The second value is true if the variable has a value.
    pub variables: Vec<(String, bool)>,
}

/// Values of the form of a connection, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionForm {
    /// Name by which it is opened.
    pub name: String,
    /// Group in which it is listed; empty for none.
    pub group: String,
    /// URL, where variables stay variables.
    pub url: String,
    /// Headers, one a line.
    pub headers: String,
    /// Subprotocols, separated by commas.
    pub subprotocols: String,
    /// Messages that are sent on every connection, one a line.
    pub send_on_connect: String,
    /// Filter of the pane.
    pub filter: String,
}

/// Question that must be answered before a connection is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskScene {
    /// Connection that the question is about.
    pub subject: AskSubject,
    /// Title of the question.
    pub title: String,
    /// URL without secrets.
    pub url: String,
    /// Variables without a value.
    pub variables: Vec<AskedVariable>,
    /// Reason of a server that did not accept the former values. An empty field keeps such a value.
    pub refusal: Option<String>,
    /// Sentence about what a project's file would use and where it would connect, if this was not allowed before.
    pub trust: Option<String>,
}

/// Connection that a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskSubject {
    /// Saved connection with this name, and the pane for it; `None` for a new one.
    Saved(String, Option<PaneId>),
    /// Feed that is open, but needs values.
    Feed(FeedId),
    /// Command line of another program, and the pane for it; `None` for a new one.
    Line(String, Option<PaneId>),
}

/// Variable that the user is asked for, with the text around it: `Authorization: Bearer ` and nothing after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedVariable {
    /// Name of the variable.
    pub name: String,
    /// Text before the value.
    pub before: String,
    /// Text after the value.
    pub after: String,
}

/// Value that looks like a secret, and the variable that can be written in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSecret {
    /// Place of the value within a sentence, such as `the header Authorization`.
    pub place: String,
    /// Name of the variable.
    pub variable: String,
}

/// Connection of a pane that is about to be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaveScene {
    /// Values of its form.
    pub form: ConnectionForm,
    /// Values that look like secrets.
    pub secrets: Vec<FoundSecret>,
    /// Name of the message that is saved with the connection.
    pub message: Option<String>,
    /// Name of the saved connection that the feed belongs to, which is replaced if the form keeps this name.
    pub replaces: Option<String>,
}
