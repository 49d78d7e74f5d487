//! Entries of the list of connections.

use super::SavedConnectionScene;
use super::typed::TypedSource;

/// Entry of the list.
pub(super) enum ListedConnection<'a> {
    /// Source that the typed text names, with the text of the entry.
    Typed(TypedSource, String),
    Saved(&'a SavedConnectionScene),
    Recent(&'a str),
    /// Feed that works now, of the demo's server.
    Example(&'a str),
}

/// Action on an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Open,
    OpenInNew,
    Edit,
    Duplicate,
    Remove,
}

impl ListedConnection<'_> {
    pub(super) fn is_typed(&self) -> bool {
        matches!(self, Self::Typed(..))
    }

    /// Returns the name in the list.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Typed(_, name) => name,
            Self::Saved(saved) => &saved.form.name,
            Self::Recent(url) | Self::Example(url) => url,
        }
    }

    /// Returns the items of its menu.
    pub(super) fn actions(&self) -> &'static [(&'static str, Action)] {
        match self {
            Self::Typed(..) => &[],
            Self::Saved(_) => &[
                ("Open here", Action::Open),
                ("Open in a new pane", Action::OpenInNew),
                ("Edit…", Action::Edit),
                ("Duplicate", Action::Duplicate),
                ("Delete…", Action::Remove),
            ],
            Self::Recent(_) | Self::Example(_) => &[
                ("Open here", Action::Open),
                ("Open in a new pane", Action::OpenInNew),
                ("Save under a name…", Action::Edit),
            ],
        }
    }

    /// Returns the title above the entry.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Typed(..) => "As typed".to_owned(),
            Self::Saved(saved) if saved.form.group.is_empty() => "Saved connections".to_owned(),
            Self::Saved(saved) => format!("Saved connections · {}", saved.form.group),
            Self::Recent(_) => "Recent".to_owned(),
            Self::Example(_) => "Examples".to_owned(),
        }
    }
}
