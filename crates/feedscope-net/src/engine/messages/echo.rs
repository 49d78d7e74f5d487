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

/// Memory that a waiting message takes beside its bytes. Without it, empty messages would have no limit.
const MESSAGE_BYTES: usize = size_of::<Echoed>();

/// Echoes of one connection.
#[derive(Default)]
pub(super) struct Echo {
    waiting: VecDeque<Echoed>,
    /// Memory of all of them.
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
        let bytes = message.memory();
        // A single message is accepted at any length, if no other message waits.
        if self.bytes.saturating_add(bytes) > ECHO_BYTES.max(bytes) {
            let why = "not echoed: the peer does not read what is sent to it";
            return record_unsent(batch, &message.into(), why);
        }
        self.bytes += bytes;
        self.waiting.push_back(message);
    }

    /// Removes and returns the oldest message.
    pub(super) fn take_next(&mut self) -> Option<Echoed> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.memory();
        Some(message)
    }

    /// Returns true if no message waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Echoed {
    /// Returns the memory that the message takes in the list.
    fn memory(&self) -> usize {
        let data = match self {
            Self::Text(text) => text.len(),
            Self::Binary(data) => data.len(),
        };
        data + MESSAGE_BYTES
    }

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use feedscope_core::Record;

    use super::*;
    use crate::clock::Clock;

    /// Sink that keeps nothing.
    struct Nowhere;

    impl Sink for Nowhere {
        fn push(&mut self, _: &Record<'_>) {}

        fn flush(&mut self) {}
    }

    #[test]
    fn empty_messages_are_limited_too() {
        let mut batch = Batch::new(Nowhere, Arc::new(|| {}), Clock::new());
        let mut echo = Echo::default();
        let most = ECHO_BYTES / MESSAGE_BYTES;
        for _ in 0..most + 3 {
            echo.push(DataOpcode::Binary, b"", &mut batch);
        }
        assert_eq!(echo.waiting.len(), most);
        while echo.take_next().is_some() {}
        assert_eq!(echo.bytes, 0);
        echo.push(DataOpcode::Text, &vec![b'a'; 2 * ECHO_BYTES], &mut batch);
        assert!(!echo.is_empty(), "one message of any length");
    }
}
