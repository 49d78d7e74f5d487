//! Pings that wait for their pong, and the messages that no pong has confirmed yet. It measures; it never decides that
//! a peer is gone.
//!
//! A peer reads in order. Its pong to a ping therefore proves that everything sent before that ping arrived. Messages
//! sent after the ping stay unconfirmed, also where they were sent before the pong came back.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use feedscope_core::Moment;

/// How many unanswered pings are remembered: a pong to an older one is as good as unasked for.
const REMEMBERED: usize = 16;

/// The pings of one connection.
#[derive(Debug, Default)]
pub(super) struct Pings {
    /// Messages sent before the oldest unanswered ping and not confirmed.
    before: Unconfirmed,
    unanswered: VecDeque<Ping>,
    count: u64,
}

/// A ping without its pong.
#[derive(Debug)]
struct Ping {
    payload: Bytes,
    sent_at: Moment,
    /// Messages sent after this ping and before the next one.
    after: Unconfirmed,
}

/// Messages that were handed to the socket and that may not have arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unconfirmed {
    /// Their number.
    pub(super) count: u64,
    /// Time at which the first of them was sent.
    pub(super) first_at: Option<Moment>,
}

impl Unconfirmed {
    fn add(&mut self, later: Self) {
        self.count += later.count;
        self.first_at = self.first_at.or(later.first_at);
    }
}

impl Pings {
    /// A payload for the next keepalive ping: a counter, readable in the timeline.
    pub(super) fn next_payload(&mut self) -> Bytes {
        self.count += 1;
        self.count.to_string().into()
    }

    /// Notes that a ping was handed to the socket.
    pub(super) fn sent(&mut self, payload: Bytes, at: Moment) {
        if self.unanswered.len() == REMEMBERED
            && let Some(forgotten) = self.unanswered.pop_front()
        {
            self.before.add(forgotten.after);
        }
        self.unanswered.push_back(Ping {
            payload,
            sent_at: at,
            after: Unconfirmed::default(),
        });
    }

    /// Notes that a message was handed to the socket.
    pub(super) fn message_sent(&mut self, at: Moment) {
        let newest = self.unanswered.back_mut();
        newest
            .map_or(&mut self.before, |ping| &mut ping.after)
            .add(Unconfirmed {
                count: 1,
                first_at: Some(at),
            });
    }

    /// The round-trip time, where a pong answers one of our pings. The peer may answer the newest of several only
    /// (RFC 6455 5.5.3), so those before it are answered too.
    pub(super) fn answered(&mut self, payload: &[u8], at: Moment) -> Option<Duration> {
        let index = self
            .unanswered
            .iter()
            .position(|ping| ping.payload == payload)?;
        let answered = self.unanswered.drain(..=index).next_back()?;
        self.before = answered.after;
        Some(at.since(answered.sent_at))
    }

    /// Messages that no pong has confirmed.
    pub(super) fn unconfirmed(&self) -> Unconfirmed {
        let mut all = self.before;
        for ping in &self.unanswered {
            all.add(ping.after);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_answers_its_ping_and_those_before_it() {
        let mut pings = Pings::default();
        for millis in [10, 20, 30] {
            let payload = pings.next_payload();
            pings.sent(payload, Moment::from_millis(millis));
        }
        assert_eq!(
            pings.answered(b"2", Moment::from_millis(25)),
            Some(Duration::from_millis(5))
        );
        assert_eq!(
            pings.answered(b"1", Moment::from_millis(25)),
            None,
            "answered along with the second"
        );
        assert_eq!(pings.answered(b"unasked", Moment::from_millis(25)), None);
        assert_eq!(
            pings.answered(b"3", Moment::from_millis(31)),
            Some(Duration::from_millis(1))
        );
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut pings = Pings::default();
        for _ in 0..100 {
            let payload = pings.next_payload();
            pings.sent(payload, Moment::START);
        }
        assert_eq!(pings.unanswered.len(), REMEMBERED);
        assert_eq!(pings.answered(b"84", Moment::START), None);
        assert_eq!(pings.answered(b"85", Moment::START), Some(Duration::ZERO));
    }

    #[test]
    fn a_pong_confirms_what_was_sent_before_its_ping() {
        let at = Moment::from_millis;
        let unconfirmed = |count, first_at: u64| Unconfirmed {
            count,
            first_at: Some(at(first_at)),
        };
        let mut pings = Pings::default();
        assert_eq!(pings.unconfirmed(), Unconfirmed::default());
        pings.message_sent(at(1));
        pings.message_sent(at(2));
        assert_eq!(pings.unconfirmed(), unconfirmed(2, 1));
        pings.sent("a".into(), at(3));
        pings.message_sent(at(4));
        pings.sent("b".into(), at(5));
        pings.message_sent(at(6));
        assert_eq!(pings.unconfirmed(), unconfirmed(4, 1));
        // Sent after the ping, before its pong: not confirmed by it.
        pings.answered(b"a", at(7)).unwrap();
        assert_eq!(pings.unconfirmed(), unconfirmed(2, 4));
        // A pong that nobody asked for confirms nothing.
        assert_eq!(pings.answered(b"x", at(8)), None);
        assert_eq!(pings.unconfirmed(), unconfirmed(2, 4));
        pings.answered(b"b", at(9)).unwrap();
        assert_eq!(pings.unconfirmed(), unconfirmed(1, 6));
    }

    #[test]
    fn messages_of_a_forgotten_ping_stay_unconfirmed() {
        let mut pings = Pings::default();
        for number in 0..100_u64 {
            let payload = pings.next_payload();
            pings.sent(payload, Moment::from_millis(number));
            pings.message_sent(Moment::from_millis(number));
        }
        assert_eq!(pings.unconfirmed().count, 100);
        pings.answered(b"85", Moment::START).unwrap();
        assert_eq!(pings.unconfirmed().count, 16);
    }
}
