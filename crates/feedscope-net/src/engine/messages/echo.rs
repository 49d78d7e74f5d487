//! Messages that wait to be sent back to the peer. This module does not send them.

use std::collections::VecDeque;

use feedscope_core::decode::DataOpcode;
use feedscope_core::feed::Outgoing;
use feedscope_core::record::Sink;

use super::layer::Sending;
use crate::batch::Batch;
use crate::outbox::record_unsent;

/// Largest number of bytes that wait to be echoed. A peer that exceeds it sends messages and does not read the echoes;
/// it is not only slow.
const ECHO_BYTES: usize = 16 << 20;

/// Echoes of one connection.
#[derive(Default)]
pub(super) struct Echo {
    waiting: VecDeque<Echoed>,
    bytes: usize,
}

/// Message to be sent back.
pub(super) enum Echoed {
    Text(String),
    Binary(Vec<u8>),
}

impl Echo {
    /// Adds a received message. If too many bytes wait, the message is recorded as not sent.
    pub(super) fn push<S: Sink>(&mut self, opcode: DataOpcode, data: &[u8], batch: &mut Batch<S>) {
        let message = match opcode {
            // Both message layers have already checked that the text is UTF-8.
            DataOpcode::Text => Echoed::Text(String::from_utf8_lossy(data).into_owned()),
            DataOpcode::Binary => Echoed::Binary(data.to_vec()),
        };
        // A single message is accepted at any length, if no other message waits.
        if self.bytes.saturating_add(data.len()) > ECHO_BYTES.max(data.len()) {
            let why = "not echoed: the peer does not read what is sent to it";
            return record_unsent(batch, &message.into(), why);
        }
        self.bytes += data.len();
        self.waiting.push_back(message);
    }

    /// Removes and returns the oldest message.
    pub(super) fn take_next(&mut self) -> Option<Echoed> {
        let message = self.waiting.pop_front()?;
        self.bytes -= match &message {
            Echoed::Text(text) => text.len(),
            Echoed::Binary(data) => data.len(),
        };
        Some(message)
    }

    /// Returns true if no message waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Echoed {
    pub(super) fn as_sending(&self) -> Sending<'_> {
        match self {
            Self::Text(text) => Sending::Text(text),
            Self::Binary(data) => Sending::Binary(data),
        }
    }
}

impl From<Echoed> for Outgoing {
    fn from(message: Echoed) -> Self {
        match message {
            Echoed::Text(text) => Self::Text(text),
            Echoed::Binary(data) => Self::Binary(data),
        }
    }
}
