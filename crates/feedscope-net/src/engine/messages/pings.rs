//! Pings that wait for their pong, and messages whose arrival nothing has confirmed yet. This module only measures. It
//! does not decide whether the peer is lost.
//!
//! A peer reads in order. Therefore its pong proves that everything that was sent before the ping has arrived. Messages
//! that were sent after the ping stay unconfirmed, even if they were sent before the pong arrived. In the same way, a
//! message that came back confirms itself and the ones before it.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use feedscope_core::Moment;

/// Number of unanswered pings that are remembered. A pong for an older ping is handled like an unsolicited one.
const REMEMBERED: usize = 16;

/// Pings of one connection.
#[derive(Debug, Default)]
pub(super) struct Pings {
    /// Messages sent before the oldest unanswered ping and not confirmed.
    before: Unconfirmed,
    unanswered: VecDeque<Ping>,
    count: u64,
    /// Number of messages that were sent.
    sent: u64,
    /// Number of messages, from the first one on, that have arrived because one of them came back.
    returned: u64,
}

/// Ping that has no pong yet.
#[derive(Debug)]
struct Ping {
    payload: Bytes,
    sent_at: Moment,
    /// Messages sent after this ping and before the next one.
    after: Unconfirmed,
}

/// Messages that were handed to the socket and may not have arrived. They are in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unconfirmed {
    /// Number of the first of them, from 0.
    first: u64,
    /// Their number.
    pub(super) count: u64,
    /// Time at which the first of them was sent.
    pub(super) first_at: Option<Moment>,
}

impl Unconfirmed {
    fn add(&mut self, later: Self) {
        if self.count == 0 {
            *self = later;
        } else {
            self.count += later.count;
        }
    }

    /// Returns the messages without the first ones of the connection. The time stays, because it is a limit.
    fn without(self, arrived: u64) -> Self {
        let end = self.first + self.count;
        let first = self.first.max(arrived.min(end));
        if first == end {
            return Self::default();
        }
        Self {
            first,
            count: end - first,
            first_at: self.first_at,
        }
    }
}

impl Pings {
    /// Returns the payload of the next keepalive ping. It is a counter, so that people can read it in the timeline.
    pub(super) fn next_payload(&mut self) -> Bytes {
        self.count += 1;
        self.count.to_string().into()
    }

    /// Notes that a ping was handed to the socket.
    pub(super) fn sent(&mut self, payload: Bytes, at: Moment) {
        // The messages of a forgotten ping stay unconfirmed, so that they move to the ones before the oldest ping.
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

    /// Notes that a message was handed to the socket. Returns its number.
    pub(super) fn message_sent(&mut self, at: Moment) -> u64 {
        let first = self.sent;
        self.sent += 1;
        let newest = self.unanswered.back_mut();
        newest
            .map_or(&mut self.before, |ping| &mut ping.after)
            .add(Unconfirmed {
                first,
                count: 1,
                first_at: Some(at),
            });
        first
    }

    /// Notes that the message with this number came back, so that it has arrived with those before it.
    pub(super) fn came_back(&mut self, number: u64) {
        self.returned = self.returned.max(number + 1);
    }

    /// Returns the round-trip time if a pong answers one of our pings. Earlier pings then count as answered too,
    /// because a peer may answer only the newest of several pings (RFC 6455 5.5.3).
    pub(super) fn answered(&mut self, payload: &[u8], at: Moment) -> Option<Duration> {
        let index = self
            .unanswered
            .iter()
            .position(|ping| ping.payload == payload)?;
        let answered = self.unanswered.drain(..=index).next_back()?;
        self.before = answered.after;
        Some(at.since(answered.sent_at))
    }

    /// Returns the messages that nothing has confirmed.
    pub(super) fn unconfirmed(&self) -> Unconfirmed {
        let mut all = self.before.without(self.returned);
        for ping in &self.unanswered {
            all.add(ping.after.without(self.returned));
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
        // The times are one, two, four and six, for the numbers 0 to 3.
        let unconfirmed = |count: u64, first_at: u64| Unconfirmed {
            first: 4 - count,
            count,
            first_at: Some(at(first_at)),
        };
        let mut pings = Pings::default();
        assert_eq!(pings.unconfirmed(), Unconfirmed::default());
        pings.message_sent(at(1));
        pings.message_sent(at(2));
        assert_eq!(pings.unconfirmed().count, 2);
        pings.sent("a".into(), at(3));
        pings.message_sent(at(4));
        pings.sent("b".into(), at(5));
        pings.message_sent(at(6));
        assert_eq!(pings.unconfirmed(), unconfirmed(4, 1));
        // Sent after the ping and before its pong, so that the pong does not confirm it.
        pings.answered(b"a", at(7)).unwrap();
        assert_eq!(pings.unconfirmed(), unconfirmed(2, 4));
        // An unsolicited pong confirms nothing.
        assert_eq!(pings.answered(b"x", at(8)), None);
        assert_eq!(pings.unconfirmed(), unconfirmed(2, 4));
        pings.answered(b"b", at(9)).unwrap();
        assert_eq!(pings.unconfirmed(), unconfirmed(1, 6));
    }

    #[test]
    fn a_message_that_came_back_confirms_those_before_it() {
        let at = Moment::from_millis;
        let mut pings = Pings::default();
        pings.message_sent(at(1));
        let second = pings.message_sent(at(2));
        pings.sent("a".into(), at(3));
        let third = pings.message_sent(at(4));
        pings.message_sent(at(5));
        pings.came_back(second);
        assert_eq!(pings.unconfirmed().count, 2);
        assert_eq!(pings.unconfirmed().first_at, Some(at(4)));
        pings.came_back(third);
        assert_eq!(pings.unconfirmed().count, 1);
        // An earlier message that comes back later changes nothing.
        pings.came_back(0);
        assert_eq!(pings.unconfirmed().count, 1);
        let last = pings.message_sent(at(6));
        pings.came_back(last);
        assert_eq!(pings.unconfirmed(), Unconfirmed::default());
        // The next message is unconfirmed again.
        pings.message_sent(at(7));
        assert_eq!(pings.unconfirmed().count, 1);
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
