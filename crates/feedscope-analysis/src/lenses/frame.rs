//! Record within a message, as a lens reads it, before it is paired.

use std::borrow::Cow;

/// One record of a protocol.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Frame {
    /// Words of the row, without direction, number and time.
    pub(super) words: String,
    /// Event, method, target, command or message type.
    pub(super) name: Option<Cow<'static, str>>,
    /// Namespace, session, destination or topic.
    pub(super) channel: Option<String>,
    /// ID of a request as JSON text.
    pub(super) id: Option<String>,
    /// Part that the record plays in a pair.
    pub(super) role: PairRole,
    /// Text of an error.
    pub(super) error: Option<String>,
    /// Code of an error, for counts.
    pub(super) error_code: Option<String>,
    /// Content as JSON text.
    pub(super) data: Option<String>,
    /// Part of a document, if the record consists of one.
    pub(super) part: Option<PartText>,
}

/// Text that a record adds to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartText {
    /// Name of the document's part, such as `text` or `tool call`.
    pub of: &'static str,
    /// Beginning of the added text, with its spaces and line ends.
    pub text: String,
}

/// Part that a record plays in a pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum PairRole {
    /// It stands alone.
    #[default]
    Alone,
    /// It only keeps the connection open.
    KeepAlive,
    /// It expects an answer from the other side.
    Asks(Key),
    /// It answers a request of the other side.
    Answers {
        /// Key of the request.
        key: Key,
        /// More answers may follow.
        has_more: bool,
    },
    /// The side that asked gives up a request of its own.
    Cancels(Key),
}

/// Key that a request and its answers have in common.
pub(super) type Key = String;

impl Frame {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            ..Self::default()
        }
    }

    pub(super) fn named(name: &str, words: impl Into<String>) -> Self {
        Self {
            name: Some(Cow::Owned(name.to_owned())),
            ..Self::new(words)
        }
    }

    pub(super) fn keep_alive(name: &str) -> Self {
        Self {
            role: PairRole::KeepAlive,
            ..Self::named(name, name)
        }
    }

    pub(super) fn with_role(self, role: PairRole) -> Self {
        Self { role, ..self }
    }

    pub(super) fn with_data(self, data: Option<impl Into<String>>) -> Self {
        Self {
            data: data.map(Into::into),
            ..self
        }
    }

    pub(super) fn with_channel(self, channel: Option<impl Into<String>>) -> Self {
        Self {
            channel: channel.map(Into::into),
            ..self
        }
    }

    pub(super) fn with_id(self, id: Option<impl Into<String>>) -> Self {
        Self {
            id: id.map(Into::into),
            ..self
        }
    }

    pub(super) fn with_error(self, error: Option<impl Into<String>>) -> Self {
        Self {
            error: error.map(Into::into),
            ..self
        }
    }
}

impl PairRole {
    pub(super) fn answers(key: impl Into<Key>) -> Self {
        Self::Answers {
            key: key.into(),
            has_more: false,
        }
    }
}
