//! Saved messages of a feed, as the window shows them.

use std::time::Duration;

/// Saved message of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageScene {
    /// Name of the message, or the beginning of its text.
    pub name: String,
    /// Keys that send it, as written in the settings: `1` is `Alt 1`.
    pub key: Option<String>,
    /// It is in the file of saved connections, so that it can be edited and removed.
    pub is_saved: bool,
    /// Sending without the user; `None` for a message that is sent by hand.
    pub automatic: Option<AutomaticScene>,
}

/// Message that is sent without the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutomaticScene {
    /// Interval; `None` for other occasions.
    pub every: Option<Duration>,
    /// Filter over arriving data that it answers.
    pub when: Option<String>,
    /// It is sent when the feed opens.
    pub is_on_connect: bool,
    /// The user has not stopped it.
    pub is_on: bool,
    /// Time until it is sent next, while the feed is open.
    pub next_in: Option<Duration>,
    /// Number of times that it was sent in this connection.
    pub sent: u64,
}
