//! Feeds of a plan: their options, and the items that they send.

use feedscope_core::feed::{FeedSpec, KeepingChanges, Outgoing, SpecChanges};
use feedscope_core::protocol::StreamFormat;
use feedscope_core::record::Secrets;
use feedscope_files::formats::Format;
use url::Url;

use super::input::{InputPlan, InputSource};
use crate::automatic::{Automatic, Trigger};
use crate::reading::FeedReading;

/// One feed to open, with the messages to send to it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedPlan {
    /// Feed's URL and options.
    pub spec: FeedSpec,
    /// Items to send once, in order, as soon as the feed is open.
    pub send: Vec<ToSend>,
    /// Name of a saved connection.
    pub name: Option<String>,
    /// Messages that are sent without a person.
    pub automatic: Vec<Automatic>,
    /// Values that no record shows.
    pub secrets: Secrets,
    /// Reading of its payloads.
    pub reading: FeedReading,
}

impl FeedPlan {
    /// Returns the plan of a feed with this URL and these options, and nothing else.
    pub fn of(spec: FeedSpec) -> Self {
        Self {
            spec,
            send: Vec::new(),
            name: None,
            automatic: Vec::new(),
            secrets: Secrets::default(),
            reading: FeedReading::default(),
        }
    }
}

/// Item to hand over to a feed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToSend {
    /// One message.
    Message(Outgoing),
    /// Every line of standard input, or every frame of STOMP, as a text message, as soon as it is read.
    InputLines,
}

/// Options that apply to every feed of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedOptions {
    /// Spec of a feed whose URL is a placeholder. [`at`](Self::at) inserts the real one.
    template: FeedSpec,
    send: Vec<ToSend>,
    name: Option<String>,
    automatic: Vec<Automatic>,
    /// Names and values that were inserted for variables.
    inserted: Vec<(String, String)>,
    /// Reading of the payloads.
    payloads: FeedReading,
}

impl FeedOptions {
    /// Returns options with the values of `template` and the items to send once.
    pub fn new(template: FeedSpec, send: Vec<ToSend>) -> Self {
        Self {
            template,
            send,
            name: None,
            automatic: Vec::new(),
            inserted: Vec::new(),
            payloads: FeedReading::default(),
        }
    }

    /// Reads payloads so. Choices that the options have already come first.
    #[must_use]
    pub fn reading(self, usual: &FeedReading) -> Self {
        Self {
            payloads: self.payloads.or(usual),
            ..self
        }
    }

    /// Returns true if standard input is to be sent to the feeds.
    pub(crate) fn reads_input(&self) -> bool {
        self.send().contains(&ToSend::InputLines)
    }

    /// Adds messages that are sent without a person, and values of variables that no record shows.
    #[must_use]
    pub fn with_automatic(
        mut self,
        automatic: Vec<Automatic>,
        inserted: Vec<(String, String)>,
    ) -> Self {
        self.automatic.extend(automatic);
        self.inserted.extend(inserted);
        self
    }

    /// Adds the parts of a saved connection of this name.
    #[must_use]
    pub fn with_saved(
        self,
        name: &str,
        automatic: Vec<Automatic>,
        inserted: Vec<(String, String)>,
    ) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..self.with_automatic(automatic, inserted)
        }
    }

    /// Sets the limits in bytes for each feed's records in memory and on disk; `None` is the default.
    #[must_use]
    pub fn keeping(self, budget: Option<u64>, disk_history: Option<u64>) -> Self {
        // Both limits are set in any case: a saved connection has none of its own.
        let keeping = KeepingChanges {
            max_message: None,
            budget: Some(budget),
            disk_history: Some(disk_history),
        };
        let changes = SpecChanges {
            keeping,
            ..SpecChanges::default()
        };
        Self {
            template: self.template.with(changes),
            ..self
        }
    }

    /// Returns the limits in bytes for each feed's records in memory and on disk.
    pub fn limits(&self) -> (Option<u64>, Option<u64>) {
        (
            self.template.keeping.budget,
            self.template.keeping.disk_history,
        )
    }

    /// Returns true if the user named the format of the feeds.
    pub fn names_format(&self) -> bool {
        self.template.reading.format != StreamFormat::Auto
    }

    /// Returns true if messages are sent without a person.
    pub fn has_automatic(&self) -> bool {
        self.automatic
            .iter()
            .any(|message| message.trigger != Trigger::ByHand)
    }

    /// Returns the format of files that the user named; `None` for the one that each file shows.
    pub fn named_format(&self) -> Option<Format> {
        match self.template.reading.format {
            StreamFormat::Auto => None,
            StreamFormat::EventStream => Some(Format::Sse),
            StreamFormat::Lines => Some(Format::Ndjson),
        }
    }

    /// Returns standard input as a source with these options. `feed` is the name of the one feed to show.
    pub fn of_standard_input(&self, feed: Option<String>) -> InputPlan {
        // A pipe has no name with an ending; most of them contain lines.
        let format = self.named_format().unwrap_or(Format::Ndjson);
        self.input(vec![InputSource::Standard { format }], feed)
    }

    /// Returns these sources with the options.
    pub fn input(&self, sources: Vec<InputSource>, feed: Option<String>) -> InputPlan {
        InputPlan {
            sources,
            feed,
            max_message: self.template.keeping.max_message,
        }
    }

    /// Items that are sent to every WebSocket.
    pub fn send(&self) -> &[ToSend] {
        &self.send
    }

    /// Returns the feed at `url` with these options. Nothing is sent to an event stream.
    pub fn at(&self, url: Url) -> FeedPlan {
        let spec = FeedSpec {
            url,
            ..self.template.clone()
        };
        // The same options apply to all feeds of a run, which may use both protocols.
        let send = if is_web_socket(&spec.url) {
            self.send.clone()
        } else {
            Vec::new()
        };
        FeedPlan {
            spec,
            send,
            name: self.name.clone(),
            automatic: self.automatic.clone(),
            secrets: Secrets::new(self.inserted.clone()),
            reading: self.payloads.clone(),
        }
    }
}

/// Returns true if the URL is a WebSocket, so that messages can be sent to it.
pub fn is_web_socket(url: &Url) -> bool {
    matches!(url.scheme(), "ws" | "wss")
}
