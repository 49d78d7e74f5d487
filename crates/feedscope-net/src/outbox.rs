//! Messages that wait for the connection, in the order in which they were entered. It never sends anything.

use std::collections::VecDeque;

use feedscope_core::feed::{Outgoing, QueuedMessage};
use feedscope_core::record::{Direction, Kind, Sink};

use crate::batch::Batch;

/// The messages of one feed that were not handed to a socket yet.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<QueuedMessage>,
    last_number: u64,
    /// Whether it changed since [`Outbox::take_changed`] was last asked.
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

    /// The message whose turn it is, taken out: it is never sent again.
    pub(crate) fn take_next(&mut self) -> Option<Outgoing> {
        let next = self.waiting.pop_front()?;
        self.changed = true;
        Some(next.message)
    }

    /// Takes the message of this number out; `None` where it was sent or given up before.
    pub(crate) fn take(&mut self, number: u64) -> Option<Outgoing> {
        let at = self
            .waiting
            .iter()
            .position(|queued| queued.number == number)?;
        self.changed = true;
        self.waiting.remove(at).map(|queued| queued.message)
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waits, oldest first.
    pub(crate) fn list(&self) -> Vec<QueuedMessage> {
        self.waiting.iter().cloned().collect()
    }

    /// Whether it changed since this was last asked.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}

/// Records a message that never goes out, and why.
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
        // Control frames have no field for it: nothing of theirs is lost but the wish.
        Outgoing::Ping(_) => batch.note("not_sent", &format!("a ping: {why}")),
        Outgoing::Close { code, .. } => {
            batch.note("not_sent", &format!("a close with code {code}: {why}"));
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
