//! Source of a feed: a connection with its status, or a file.

use std::sync::Arc;

use feedscope_core::ConnectionState;
use feedscope_core::feed::{FeedSpec, FeedStatus};
use feedscope_core::protocol::Protocol;
use feedscope_core::url_text::masked;
use jiff::tz::TimeZone;
use url::Url;

use crate::file_scene::{FileScene, FileStage};

/// Source of a feed. Only a live source has options, a connection with its status, and the present time.
#[derive(Clone, Debug)]
pub enum FeedSource {
    /// A connection.
    Live(LiveSource),
    /// A file, whose records have the times of their own connection.
    File(FileSource),
}

/// Connection of a feed.
#[derive(Clone, Debug)]
pub struct LiveSource {
    /// URL and options of the connection.
    pub spec: Arc<FeedSpec>,
    /// Status at the start of the pass.
    pub status: Arc<FeedStatus>,
}

/// Feed of a file.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// The file as the window shows it, with the progress of its opening.
    pub file: Arc<FileScene>,
    /// URL that the file names for the feed, if it names one. Nothing connects to it.
    pub url: Option<Arc<Url>>,
    /// Protocol in which the records arrived.
    pub protocol: Protocol,
    /// True if the records are lines, and not those of an event stream.
    pub reads_lines: bool,
}

impl FeedSource {
    /// Returns true for a source with a connection.
    pub fn is_live(&self) -> bool {
        self.live().is_some()
    }

    /// Returns the connection.
    pub fn live(&self) -> Option<&LiveSource> {
        match self {
            Self::Live(live) => Some(live),
            Self::File(_) => None,
        }
    }

    /// Returns the URL and options of a connection.
    pub fn spec(&self) -> Option<&FeedSpec> {
        self.live().map(|live| &*live.spec)
    }

    /// Returns the status of a connection.
    pub fn status(&self) -> Option<&FeedStatus> {
        self.live().map(|live| &*live.status)
    }

    /// Returns the state of a connection.
    pub fn state(&self) -> Option<ConnectionState> {
        self.status().map(|status| status.state)
    }

    /// Returns the number of messages that wait for the connection.
    pub(crate) fn waiting(&self) -> u64 {
        self.status().map_or(0, |status| status.queue.len() as u64)
    }

    /// Returns the file.
    pub fn file(&self) -> Option<&FileScene> {
        match self {
            Self::Live(_) => None,
            Self::File(source) => Some(&source.file),
        }
    }

    /// Returns true for a file that cannot be opened, so that there are no records.
    pub fn is_unreadable(&self) -> bool {
        let file = self.file();
        file.is_some_and(|file| file.stage == FileStage::Failed)
    }

    /// Returns true for a file whose records have no times.
    pub fn lacks_times(&self) -> bool {
        self.file().is_some_and(FileScene::lacks_times)
    }

    /// Returns the zone in which the times of the records are shown; `None` if they have no times.
    pub(crate) fn zone_of_times<'a>(&self, zone: &'a TimeZone) -> Option<&'a TimeZone> {
        Some(zone).filter(|_| !self.lacks_times())
    }

    /// Returns the URL of the feed. A file may name none.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Live(live) => Some(&live.spec.url),
            Self::File(source) => source.url.as_deref(),
        }
    }

    /// Returns the protocol in which the records arrived.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Live(live) => live.spec.protocol(),
            Self::File(source) => source.protocol,
        }
    }

    /// Returns true if the records are lines, and not those of an event stream.
    pub fn reads_lines(&self) -> bool {
        match self {
            Self::Live(live) => live.status.reads_lines,
            Self::File(source) => source.reads_lines,
        }
    }

    /// Returns the URL without its secrets, or the path of the file.
    pub fn address(&self) -> String {
        match self {
            Self::Live(live) => masked(&live.spec.url),
            Self::File(source) => source.file.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_has_options_and_a_status() {
        let url = Url::parse("wss://u:s3cret@a.test/chat").unwrap();
        let live = FeedSource::Live(LiveSource {
            spec: Arc::new(FeedSpec::new(url)),
            status: Arc::default(),
        });
        let file = FeedSource::File(FileSource {
            file: Arc::new(FileScene {
                path: "a.feedscope".to_owned(),
                ..FileScene::default()
            }),
            url: None,
            protocol: Protocol::WebSocket,
            reads_lines: false,
        });
        assert!(live.is_live() && live.file().is_none());
        assert!(!file.is_live() && file.file().is_some());
        assert_eq!(live.state(), Some(ConnectionState::Idle));
        assert!(file.spec().is_none() && file.status().is_none());
        assert_eq!(
            (live.protocol(), file.protocol()),
            (Protocol::WebSocket, Protocol::WebSocket)
        );
        assert!(live.url().is_some() && file.url().is_none());
        assert!(!live.address().contains("s3cret"));
        assert_eq!(file.address(), "a.feedscope");
    }
}
