//! Scene: the values that the window shows in one pass.

use std::path::Path;
use std::sync::Arc;

use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{ConnectionState, Moment, Stamp};
use jiff::tz::TimeZone;

use crate::demo_scene::DemoScene;
use crate::feed_source::FeedSource;
use crate::ids::{FeedId, PaneId};
use crate::messages::MessageScene;
use crate::recording_scene::RecordingScene;
use crate::replay_scene::ReplayScene;
use crate::save::{FormatScene, SavingScene};
use crate::saved::SavedScene;
use crate::session_recordings_scene::SessionRecordingsScene;

/// Pane of the window, which shows one view of a feed.
#[derive(Clone)]
pub struct PaneScene {
    /// ID of the pane.
    pub id: PaneId,
    /// Feed in this pane, if it has one. Several panes may show the same feed.
    pub feed: Option<FeedScene>,
}

/// Feed as the window shows it.
#[derive(Clone)]
pub struct FeedScene {
    /// ID of the feed.
    pub id: FeedId,
    /// Source of the feed: a connection with its status, or a file.
    pub source: FeedSource,
    /// Records of the feed.
    pub store: Store,
    /// Name of its saved connection.
    pub name: Option<String>,
    /// Reason that a feed of the last window is not connected again, as a sentence.
    pub waits: Option<String>,
    /// Replay of the file; `None` while its records have no times to play.
    pub replay: Option<ReplayScene>,
    /// Saved messages, and those that are sent without the user.
    pub messages: Vec<MessageScene>,
    /// Recording of the feed, also after its end until the user closes the message about it.
    pub recording: Option<Arc<RecordingScene>>,
    /// Saving of its records in a format, also after its end until the user closes the message about it.
    pub saving: Option<Arc<SavingScene>>,
}

impl FeedScene {
    /// Creates the scene of a feed that has nothing but its records.
    pub fn new(id: FeedId, source: FeedSource, store: Store) -> Self {
        Self {
            id,
            source,
            store,
            name: None,
            waits: None,
            replay: None,
            messages: Vec::new(),
            recording: None,
            saving: None,
        }
    }

    /// Returns the time up to which the feed is shown: the present time, the position of a replay, or the time of the last
    /// record of a file.
    pub(crate) fn shown_at(&self, now: Stamp) -> Stamp {
        let position = self.replay.as_ref().zip(self.played_until());
        match (self.source.file(), position) {
            (Some(_), Some((replay, moment))) => Stamp {
                moment,
                utc: replay.utc_at(moment),
            },
            (Some(file), None) => file.span.map_or_else(Stamp::default, |(_, last)| last),
            (None, _) => now,
        }
    }

    /// Returns the position of a replay that is not at its end.
    pub(crate) fn played_until(&self) -> Option<Moment> {
        self.replay.as_ref()?.shown_until()
    }

    /// Returns the number after the last row that has been played, unless a replay is at its end.
    pub(crate) fn played_end(&self) -> Option<RowNumber> {
        let replay = self.replay.as_ref()?;
        replay.shown_until().map(|_| replay.end)
    }

    /// Returns true while messages are sent without the user.
    pub(crate) fn sends_by_itself(&self) -> bool {
        let automatic = self.messages.iter().filter_map(|it| it.automatic.as_ref());
        let is_open = self.source.state() == Some(ConnectionState::Open);
        is_open && automatic.into_iter().any(|it| it.is_on)
    }

    /// Returns true while a countdown to an automatic message is shown.
    pub(crate) fn counts_down(&self) -> bool {
        let automatic = self.messages.iter().filter_map(|it| it.automatic.as_ref());
        automatic.into_iter().any(|it| it.next_in.is_some())
    }

    /// Returns true while the feed is being recorded.
    pub(crate) fn is_recorded(&self) -> bool {
        self.recording.as_ref().is_some_and(|it| it.is_active())
    }

    /// Returns the URL without its secrets, or the path of the file.
    pub(crate) fn address(&self) -> String {
        self.source.address()
    }
}

/// Everything that the window shows in one pass.
pub struct Scene<'a> {
    /// Panes in the order in which they were opened.
    pub panes: &'a [PaneScene],
    /// Closed panes that [`PaneCommand::Reopen`](crate::PaneCommand::Reopen) can open, the one closed last at the end.
    pub closed: &'a [PaneId],
    /// The demo server, if it runs.
    pub demo: Option<DemoScene>,
    /// URLs that an empty pane offers: the demo's own feeds.
    pub examples: &'a [String],
    /// Recent URLs, newest first.
    pub recent: &'a [String],
    /// Folder to which a path without a folder belongs.
    pub folder: &'a Path,
    /// Formats in which records can be saved.
    pub formats: &'a [FormatScene],
    /// Saved connections.
    pub saved: &'a SavedScene,
    /// Recordings of sessions.
    pub session_recordings: &'a SessionRecordingsScene,
    /// The time of this pass.
    pub now: Stamp,
    /// Time zone of local times.
    pub time_zone: &'a TimeZone,
    /// Message about the whole window, such as a settings file that does not parse.
    pub notice: Option<&'a str>,
}

impl Scene<'_> {
    /// Returns the feed that a pane shows.
    pub fn feed_of(&self, pane: PaneId) -> Option<&FeedScene> {
        self.panes.iter().find(|it| it.id == pane)?.feed.as_ref()
    }

    /// Returns every feed once, in the order of the panes.
    pub fn feeds(&self) -> impl Iterator<Item = &FeedScene> {
        once_each(self.panes)
    }
}

/// Returns the feeds of these panes, each once.
pub fn once_each(panes: &[PaneScene]) -> impl Iterator<Item = &FeedScene> {
    let shown = |pane: &PaneScene| pane.feed.as_ref().map(|feed| feed.id);
    panes.iter().enumerate().filter_map(move |(i, pane)| {
        let feed = pane.feed.as_ref()?;
        let is_first = !panes[..i].iter().any(|it| shown(it) == Some(feed.id));
        is_first.then_some(feed)
    })
}
