//! Source of a feed: a connection, or a file.

use std::sync::Arc;

use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::Protocol;
use feedscope_core::url_text::masked;
use url::Url;

use crate::file_scene::FileScene;

/// Source of a feed. Only a live source has options, a connection and the present time.
#[derive(Clone, Debug)]
pub enum FeedSource {
    /// Connection with these options.
    Live(Arc<FeedSpec>),
    /// File, whose records have the times of their own connection.
    File {
        /// File as the window shows it.
        file: Arc<FileScene>,
        /// URL that the file names for the feed, if it names one. Nothing connects to it.
        url: Option<Arc<Url>>,
        /// Protocol in which the records arrived.
        protocol: Protocol,
    },
}

impl FeedSource {
    /// Returns true for a source with a connection.
    pub fn is_live(&self) -> bool {
        self.spec().is_some()
    }

    /// Returns the URL and options of a connection.
    pub fn spec(&self) -> Option<&FeedSpec> {
        match self {
            Self::Live(spec) => Some(spec),
            Self::File { .. } => None,
        }
    }

    /// Returns the file.
    pub fn file(&self) -> Option<&FileScene> {
        match self {
            Self::Live(_) => None,
            Self::File { file, .. } => Some(file),
        }
    }

    /// Returns true for a file whose records have no times.
    pub fn lacks_times(&self) -> bool {
        self.file().is_some_and(FileScene::lacks_times)
    }

    /// Returns the URL of the feed. A file may name none.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Live(spec) => Some(&spec.url),
            Self::File { url, .. } => url.as_deref(),
        }
    }

    /// Returns the protocol in which the records arrived.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Live(spec) => spec.protocol(),
            Self::File { protocol, .. } => *protocol,
        }
    }

    /// Returns the URL without its secrets, or the path of the file.
    pub fn address(&self) -> String {
        match self {
            Self::Live(spec) => masked(&spec.url),
            Self::File { file, .. } => file.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_has_options() {
        let url = Url::parse("wss://u:s3cret@a.test/chat").unwrap();
        let live = FeedSource::Live(Arc::new(FeedSpec::new(url.clone())));
        let file = FeedSource::File {
            file: Arc::new(FileScene {
                path: "a.feedscope".to_owned(),
                ..FileScene::default()
            }),
            url: None,
            protocol: Protocol::WebSocket,
        };
        assert!(live.is_live() && live.file().is_none());
        assert!(!file.is_live() && file.file().is_some());
        assert_eq!(
            (live.protocol(), file.protocol()),
            (Protocol::WebSocket, Protocol::WebSocket)
        );
        assert!(live.url().is_some() && file.url().is_none());
        assert!(!live.address().contains("s3cret"));
        assert_eq!(file.address(), "a.feedscope");
    }
}
