//! Messages that wait for the connection, in the order in which they were entered. This module does not send them.

use std::collections::VecDeque;

use feedscope_core::feed::{Outgoing, QueuedMessage};
use feedscope_core::note_code::NOT_SENT;
use feedscope_core::record::{Direction, Kind, Sink};

use crate::batch::Batch;

/// Messages of one feed that were not handed to a socket yet.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<QueuedMessage>,
    last_number: u64,
    /// True if the outbox changed since the last call of [`Outbox::take_changed`].
    changed: bool,
}

impl Outbox {
    /// Appends a message.
    pub(crate) fn push(&mut self, message: Outgoing) {
        self.last_number += 1;
        self.changed = true;
        self.waiting.push_back(QueuedMessage {
            number: self.last_number,
            message,
        });
    }

    /// Removes and returns the oldest message. It is never sent again.
    pub(crate) fn take_next(&mut self) -> Option<Outgoing> {
        let next = self.waiting.pop_front()?;
        self.changed = true;
        Some(next.message)
    }

    /// Removes and returns the message with this number; `None` if it was sent or given up before.
    pub(crate) fn take(&mut self, number: u64) -> Option<Outgoing> {
        let at = self
            .waiting
            .iter()
            .position(|queued| queued.number == number)?;
        self.changed = true;
        self.waiting.remove(at).map(|queued| queued.message)
    }

    /// Returns true if no message waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns the waiting messages, oldest first.
    pub(crate) fn list(&self) -> Vec<QueuedMessage> {
        self.waiting.iter().cloned().collect()
    }

    /// Returns true if the outbox changed since the last call.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
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
        Outgoing::Ping(_) => batch.note(NOT_SENT, &format!("a ping: {why}")),
        Outgoing::Close { code, .. } => {
            batch.note(NOT_SENT, &format!("a close with code {code}: {why}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_in_order_and_once() {
        let mut outbox = Outbox::default();
        for text in ["a", "b", "c"] {
            outbox.push(Outgoing::Text(text.into()));
        }
        assert!(outbox.take_changed());
        assert_eq!(outbox.take(2), Some(Outgoing::Text("b".into())));
        assert_eq!(outbox.take(2), None);
        assert_eq!(outbox.take_next(), Some(Outgoing::Text("a".into())));
        assert_eq!(
            outbox.list(),
            [QueuedMessage {
                number: 3,
                message: Outgoing::Text("c".into())
            }]
        );
        assert!(outbox.take_changed());
        assert!(!outbox.take_changed());
    }
}
