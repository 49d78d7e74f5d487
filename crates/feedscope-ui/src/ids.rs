//! Numbers of feeds and panes within a run.

/// ID of a feed within a run. It is not used again for another feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeedId(pub u32);

/// ID of a pane within a run. It is not used again for another pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaneId(pub u32);
