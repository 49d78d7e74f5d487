//! Requests about the panes themselves. Menus, tabs, buttons and keys make them, and the window carries them out.

use crate::ids::{FeedId, PaneId};

/// Request about a pane itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaneRequest {
    /// Opens another pane: a second view of a feed, or a pane without a feed.
    Open(Placement, Option<FeedId>),
    /// Closes this pane.
    Close(PaneId),
    /// Opens the pane that was closed last again.
    Reopen,
    /// Opens the dialog for a file to open.
    OpenFile,
    /// Opens the dialog that saves the records of a pane.
    SaveAs(PaneId),
    /// Opens the form that saves the connection of the focused pane.
    Save,
    /// Opens the dialog for the file of a recording.
    RecordTo(FeedId),
}

/// Placement of a new pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Right of a pane, with half of its width.
    Right(PaneId),
    /// Below a pane, with half of its height.
    Below(PaneId),
    /// As a tab behind a pane.
    Tab(PaneId),
    /// In the grid of all panes or beside one of them, as long as each pane stays readable; else as a tab behind this one.
    Roomiest(PaneId),
}

/// Direction from a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaneDirection {
    Left,
    Right,
    Up,
    Down,
}

impl PaneDirection {
    pub(crate) const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Up, Self::Down];
}
