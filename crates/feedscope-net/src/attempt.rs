//! Values that an attempt to open a connection needs. The driver creates them, and the HTTP code and the engines use them.

use std::sync::Arc;

use feedscope_core::feed::FeedSpec;

use crate::clock::Clock;
use crate::http::{Clients, CookieJar};
use crate::progress::AttemptProgress;
use crate::second_opinion::Tee;

/// Values that an attempt needs.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) spec: Arc<FeedSpec>,
    /// Sent as `Last-Event-ID` if it is not empty.
    pub(crate) last_event_id: Vec<u8>,
    pub(crate) clients: Clients,
    pub(crate) cookies: Arc<CookieJar>,
    pub(crate) clock: Clock,
    /// Receives reports from the HTTP stack about the progress of the request.
    pub(crate) progress: AttemptProgress,
    /// Receives a copy of the connection's bytes for a second opinion.
    pub(crate) tee: Option<Tee>,
}
