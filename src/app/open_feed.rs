//! Panes and open feeds as the app keeps them. They are values: the files of the app that use them change them.

use std::sync::Arc;
use std::time::Duration;

use feedscope_core::Moment;
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::Protocol;
use feedscope_core::record::Secrets;
use feedscope_core::store::{Class, ClassSet, Store};
use feedscope_files::connections::SavedConnection;
use feedscope_net::FeedHandle;
use feedscope_ui::{
    AutomaticScene, FeedId, FeedScene, FeedSource, FileSource, FileStage, LiveSource, MessageScene,
    PaneId,
};
use url::Url;

use crate::automatic::Trigger;
use crate::complaint::complain;
use crate::tail::automatic::Player;

/// Pane of the window, which shows one view of a feed.
pub(super) struct Pane {
    pub(super) id: PaneId,
    pub(super) feed: Option<FeedId>,
}

/// Time for which a closed pane can be opened again.
pub(super) const KEPT_FOR: Duration = Duration::from_mins(10);

/// Pane that can be opened again.
pub(super) struct Closed {
    pub(super) pane: Pane,
    /// Time at which it was closed.
    pub(super) at: Moment,
    /// The feed was connected or about to connect, so that it connects again.
    pub(super) was_live: bool,
}

/// Open feed with its records.
pub(super) struct OpenFeed {
    pub(super) id: FeedId,
    pub(super) source: OpenSource,
    pub(super) store: Store,
    /// Problem of the history on disk that was printed last.
    pub(super) printed_problem: Option<Arc<str>>,
    /// Name of its saved connection.
    pub(super) name: Option<String>,
    /// Connection of the feed when it was last saved in this run. Only what has changed since then is saved again.
    pub(super) saved_as: Option<Box<SavedConnection>>,
}

/// Source of an open feed. Only a live one takes commands.
pub(super) enum OpenSource {
    Live(Box<LiveFeed>),
    File(FileSource),
}

/// Connection of an open feed.
pub(super) struct LiveFeed {
    /// Options of the connection, and its status at the start of the present pass.
    pub(super) source: LiveSource,
    /// Values that were inserted for variables.
    pub(super) secrets: Secrets,
    /// Connection with variables whose values are not known, which a former run has left. The feed cannot connect.
    pub(super) lacking: Option<Box<SavedConnection>>,
    /// Reason that it is not connected again after a restart, as a sentence.
    pub(super) waits: Option<String>,
    /// Reason for which it had failed before the restart.
    pub(super) failed_before: Option<String>,
    /// Connection with variables whose values the user typed.
    pub(super) asked: Option<Box<AskedConnection>>,
    /// Saved messages, and those that are sent without the user.
    pub(super) player: Option<Player>,
    pub(super) handle: Arc<FeedHandle>,
}

/// Connection with variables whose values the user typed.
pub(super) struct AskedConnection {
    pub(super) connection: SavedConnection,
    /// Names of the variables.
    pub(super) variables: Vec<String>,
}

impl LiveFeed {
    /// Returns the URL and options of the connection.
    pub(super) fn spec(&self) -> &FeedSpec {
        &self.source.spec
    }

    /// Returns the reasons that it is not connected after a restart, as sentences.
    fn waits(&self) -> Option<String> {
        let before = self.failed_before.as_ref();
        let before = before.map(|reason| format!("Before the restart: {reason}"));
        let sentences: Vec<String> = self.waits.iter().cloned().chain(before).collect();
        (!sentences.is_empty()).then(|| sentences.join("\n"))
    }

    /// Returns true while an attempt, a connection or a wait exists. It is the newest state, and not that of the present
    /// pass.
    pub(super) fn is_active(&self) -> bool {
        self.handle.status().state.is_live()
    }
}

impl OpenFeed {
    /// Returns the connection; `None` for a file.
    pub(super) fn live(&self) -> Option<&LiveFeed> {
        match &self.source {
            OpenSource::Live(live) => Some(live),
            OpenSource::File(_) => None,
        }
    }

    /// Returns the connection to change it; `None` for a file.
    pub(super) fn live_mut(&mut self) -> Option<&mut LiveFeed> {
        match &mut self.source {
            OpenSource::Live(live) => Some(live),
            OpenSource::File(_) => None,
        }
    }

    /// Returns true for a file that cannot be opened.
    pub(super) fn is_unreadable(&self) -> bool {
        match &self.source {
            OpenSource::Live(_) => false,
            OpenSource::File(source) => source.file.stage == FileStage::Failed,
        }
    }

    /// Returns the saved messages; `None` for a feed that nothing can be sent to.
    pub(super) fn player(&self) -> Option<&Player> {
        self.live()?.player.as_ref()
    }

    /// Returns the source as the window shows it.
    pub(super) fn shown_source(&self) -> FeedSource {
        match &self.source {
            OpenSource::Live(live) => FeedSource::Live(live.source.clone()),
            OpenSource::File(file) => FeedSource::File(file.clone()),
        }
    }

    /// Returns the URL under which the settings keep the columns of the feed. For a feed of a file without a URL, it is
    /// made from the name.
    pub(super) fn settings_url(&self) -> Url {
        match &self.source {
            OpenSource::Live(live) => live.spec().url.clone(),
            OpenSource::File(FileSource { url: Some(url), .. }) => Url::clone(url),
            OpenSource::File(FileSource {
                file,
                url: None,
                protocol,
                ..
            }) => {
                // A feed has no name until its file is opened.
                let name = if file.feed.is_empty() {
                    &file.path
                } else {
                    &file.feed
                };
                url_of_name(name, *protocol)
            }
        }
    }

    /// Prints a new problem of the history on disk on standard error.
    pub(super) fn report_disk_problem(&mut self) {
        let problem = self.store.spill_problem();
        if problem != self.printed_problem {
            if let Some(problem) = &problem {
                complain(&self.shown_source().address(), problem);
            }
            self.printed_problem = problem;
        }
    }

    /// Returns the saved messages as the window shows them.
    fn messages(&self) -> Vec<MessageScene> {
        let messages = self.player().into_iter().flat_map(Player::messages);
        let scenes = messages.map(|(message, standing)| {
            let (every, when) = match &message.trigger {
                Trigger::Answer { filter, .. } => (None, Some(filter.text().to_owned())),
                _ => (standing.interval, None),
            };
            // A message that the user sends has no occasion to show.
            let is_automatic = message.trigger != Trigger::ByHand;
            MessageScene {
                name: message
                    .name
                    .clone()
                    .unwrap_or_else(|| message.content.beginning()),
                key: message.key.clone(),
                is_saved: self.name.is_some() && message.saved.is_some(),
                automatic: is_automatic.then_some(AutomaticScene {
                    every,
                    when,
                    is_on_connect: message.trigger == Trigger::OnConnect,
                    is_on: standing.is_on,
                    next_in: standing.next_in,
                    sent: standing.sent,
                }),
            }
        });
        scenes.collect()
    }

    /// Returns the feed as the window shows it.
    pub(super) fn scene(&self) -> FeedScene {
        FeedScene {
            name: self.name.clone(),
            waits: self.live().and_then(LiveFeed::waits),
            messages: self.messages(),
            ..FeedScene::new(self.id, self.shown_source(), self.store.clone())
        }
    }
}

/// Returns the number of records of a feed that its user would miss; `None` if it has only states.
pub(super) fn missed_records(feed: &OpenFeed) -> Option<u64> {
    let end = feed.store.extent().end;
    let payloads = ClassSet::ALL.with(Class::States, false);
    (feed.store.rank(payloads, end).0 > 0).then_some(end.0)
}

/// Returns a URL that stands for the name of a feed in the settings. It is never shown, and nothing connects to it.
fn url_of_name(name: &str, protocol: Protocol) -> Url {
    let scheme = match protocol {
        Protocol::EventStream => "https",
        Protocol::WebSocket => "wss",
    };
    let mut url = Url::parse(&format!("{scheme}://unknown.invalid/")).expect("it is a URL");
    url.set_path(name);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_without_a_url_has_one_in_the_settings() {
        let url = url_of_name("a b/c", Protocol::WebSocket);
        assert_eq!(url.as_str(), "wss://unknown.invalid/a%20b/c");
    }
}
