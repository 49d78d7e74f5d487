//! Messages that wait for the connection, in the order in which they were entered. This module does not send them.

use std::collections::VecDeque;
use std::sync::Arc;

use feedscope_core::NoteCode;
use feedscope_core::feed::{Outgoing, QueuedMessage};
use feedscope_core::record::{Direction, Kind, Sink};

use crate::batch::Batch;

/// Maximum number of messages that wait.
pub(crate) const MOST_MESSAGES: usize = 10_000;

/// Maximum number of payload bytes that wait, in addition to one message of any length: 64 MiB.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// Messages of one feed that were not handed to a socket yet.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<QueuedMessage>,
    /// Payload bytes of all of them.
    bytes: usize,
    last_number: u64,
    /// The waiting messages as a list; `None` after a change.
    list: Option<Arc<[QueuedMessage]>>,
}

impl Outbox {
    /// Appends a message, or returns it with the reason if too many messages wait.
    pub(crate) fn push(&mut self, message: Outgoing) -> Result<(), (Outgoing, String)> {
        let length = message.payload_len();
        if self.waiting.len() >= MOST_MESSAGES {
            let why = format!("{MOST_MESSAGES} messages wait already");
            return Err((message, why));
        }
        if !self.is_empty() && self.bytes + length > MOST_BYTES {
            let why = format!("messages of {} bytes wait already", self.bytes);
            return Err((message, why));
        }
        self.bytes += length;
        self.last_number += 1;
        self.list = None;
        self.waiting.push_back(QueuedMessage {
            number: self.last_number,
            message: Arc::new(message),
        });
        Ok(())
    }

    /// Removes and returns the oldest message. It is never sent again.
    pub(crate) fn take_next(&mut self) -> Option<Arc<Outgoing>> {
        self.remove(0)
    }

    /// Removes and returns the message with this number; `None` if it was sent or given up before.
    pub(crate) fn take(&mut self, number: u64) -> Option<Arc<Outgoing>> {
        let at = self
            .waiting
            .iter()
            .position(|queued| queued.number == number)?;
        self.remove(at)
    }

    fn remove(&mut self, at: usize) -> Option<Arc<Outgoing>> {
        let QueuedMessage { message, .. } = self.waiting.remove(at)?;
        self.bytes -= message.payload_len();
        self.list = None;
        Some(message)
    }

    /// Returns true if no message waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns the waiting messages, oldest first. Their payloads are shared, not copied.
    pub(crate) fn list(&mut self) -> Arc<[QueuedMessage]> {
        let list = || self.waiting.iter().cloned().collect();
        Arc::clone(self.list.get_or_insert_with(list))
    }
}

/// Records a message that is never sent, with the reason.
pub(crate) fn record_unsent<S: Sink>(batch: &mut Batch<S>, message: &Outgoing, why: &str) {
    let (direction, failed) = (Direction::Out, Some(why));
    match message {
        Outgoing::Text(text) => batch.push(Kind::Text {
            direction,
            data: text.as_bytes(),
            failed,
            wire: None,
        }),
        Outgoing::Binary(data) => batch.push(Kind::Binary {
            direction,
            data,
            failed,
            wire: None,
        }),
        // Records of control frames have no field for a failure, so that a note reports it. A control frame contains no
        // data that could be lost.
        Outgoing::Ping(_) => batch.note(NoteCode::NOT_SENT, &format!("a ping: {why}")),
        Outgoing::Close { code, .. } => {
            batch.note(
                NoteCode::NOT_SENT,
                &format!("a close with code {code}: {why}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Outgoing {
        Outgoing::Text(text.to_owned())
    }

    #[test]
    fn messages_leave_in_order_and_once() {
        let mut outbox = Outbox::default();
        for name in ["a", "b", "c"] {
            outbox.push(text(name)).unwrap();
        }
        assert_eq!(outbox.list().len(), 3);
        assert_eq!(outbox.take(2).as_deref(), Some(&text("b")));
        assert_eq!(outbox.take(2), None);
        assert_eq!(outbox.take_next().as_deref(), Some(&text("a")));
        let last = QueuedMessage {
            number: 3,
            message: Arc::new(text("c")),
        };
        assert_eq!(*outbox.list(), [last]);
        assert!(Arc::ptr_eq(&outbox.list(), &outbox.list()));
        assert_eq!(outbox.bytes, 1);
    }

    #[test]
    fn a_message_beyond_the_limits_is_returned() {
        let mut outbox = Outbox::default();
        for _ in 0..MOST_MESSAGES {
            outbox.push(text("")).unwrap();
        }
        let (message, why) = outbox.push(text("one more")).unwrap_err();
        assert_eq!(
            (message, why.as_str()),
            (text("one more"), "10000 messages wait already")
        );

        let mut outbox = Outbox::default();
        let long = || Outgoing::Binary(vec![0; MOST_BYTES + 1]);
        outbox.push(long()).unwrap();
        assert!(outbox.push(text("a")).is_err());
        outbox.take_next().unwrap();
        outbox.push(long()).unwrap();
    }
}
