//! Session as its file contains it.

use std::io;
use std::path::PathBuf;

use demo_server::{DemoServer, Options};
use feedscope_files::connections::SavedConnection;
use feedscope_files::measured_paths::MeasuredPaths;
use feedscope_ui::WindowSession;
use serde::{Deserialize, Serialize};

/// State of a window that the next start restores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Feeds of the panes.
    pub(super) feeds: Vec<SavedFeed>,
    /// Panes in the order in which they were opened.
    pub(super) panes: Vec<SavedPane>,
    /// Layout, and the state of the views.
    pub(super) window: WindowSession,
    /// Limits in bytes for each feed's records in memory and on disk, for this run.
    #[serde(skip)]
    pub(super) limits: (Option<u64>, Option<u64>),
}

/// Feed of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedFeed {
    pub(super) source: SessionSource,
    /// The feed was connected or about to connect.
    pub(super) is_connected: bool,
    /// Reason for which it had failed.
    #[serde(default)]
    pub(super) failure: Option<String>,
    /// Names of the visible columns; `None` for the usual ones.
    #[serde(default)]
    pub(super) columns: Option<Vec<String>>,
    /// Fields of payloads that are columns.
    #[serde(default)]
    pub(super) fields: Vec<String>,
    /// Paths of the table of newest values, the key first.
    #[serde(default)]
    pub(super) latest: Vec<String>,
    /// Paths of the fields that the measures read.
    #[serde(default)]
    pub(super) measures: MeasuredPaths,
    /// Rows show the time since the row above.
    #[serde(default)]
    pub(super) time_since_above: bool,
    /// Decoders of received and of sent payloads, and the lens; `None` for the usual ones.
    #[serde(default)]
    pub(super) reading: [Option<String>; 3],
    /// Path of the schema for the decoders.
    #[serde(default)]
    pub(super) schema: Option<String>,
}

/// Origin of a feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionSource {
    /// Connection, with the name under which it is saved.
    Connection(Box<SavedConnection>),
    /// Path of a feed on the demo server, whose ports change.
    Demo { path: String, is_web_socket: bool },
    /// First feed of a file, as earlier versions wrote it.
    File(PathBuf),
    /// Feed at a place in files that were opened together.
    Files { paths: Vec<PathBuf>, place: usize },
}

impl SessionSource {
    /// Returns the files of a feed, and its place in them; `None` for a feed of another origin.
    pub(super) fn files(&self) -> Option<(&[PathBuf], usize)> {
        match self {
            Self::File(path) => Some((std::slice::from_ref(path), 0)),
            Self::Files { paths, place } => Some((paths, *place)),
            Self::Connection(_) | Self::Demo { .. } => None,
        }
    }
}

/// Pane of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedPane {
    pub(super) id: u32,
    /// Index of its feed.
    pub(super) feed: Option<usize>,
}

impl Session {
    /// Returns true if a feed is not one of the demo's.
    pub(super) fn has_own_feed(&self) -> bool {
        let mut feeds = self.feeds.iter();
        feeds.any(|feed| !matches!(feed.source, SessionSource::Demo { .. }))
    }

    /// Sets the limits for each feed's records.
    #[must_use]
    pub(in crate::app) fn keeping(self, limits: (Option<u64>, Option<u64>)) -> Self {
        Self { limits, ..self }
    }

    /// Starts the demo server if a feed needs it.
    pub(in crate::app) fn start_demo(&self) -> io::Result<Option<DemoServer>> {
        let mut feeds = self.feeds.iter();
        let uses_demo = feeds.any(|feed| matches!(feed.source, SessionSource::Demo { .. }));
        uses_demo
            .then(|| DemoServer::start(Options::default()))
            .transpose()
    }
}
