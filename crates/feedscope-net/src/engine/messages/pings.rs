//! Pings that wait for their pong. It measures; it never decides that a peer is gone.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use feedscope_core::Moment;

/// How many unanswered pings are remembered: a pong to an older one is as good as unasked for.
const REMEMBERED: usize = 16;

/// The pings of one connection.
#[derive(Debug, Default)]
pub(super) struct Pings {
    unanswered: VecDeque<(Bytes, Moment)>,
    count: u64,
}

impl Pings {
    /// A payload for the next keepalive ping: a counter, readable in the timeline.
    pub(super) fn next_payload(&mut self) -> Bytes {
        self.count += 1;
        self.count.to_string().into()
    }

    /// A ping was handed to the socket.
    pub(super) fn sent(&mut self, payload: Bytes, at: Moment) {
        if self.unanswered.len() == REMEMBERED {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back((payload, at));
    }

    /// The round-trip time, where a pong answers one of our pings. The peer may answer the newest of several only
    /// (RFC 6455 5.5.3), so those before it are answered too.
    pub(super) fn answered(&mut self, payload: &[u8], at: Moment) -> Option<Duration> {
        let index = self
            .unanswered
            .iter()
            .position(|(sent, _)| sent == payload)?;
        let (_, sent_at) = self.unanswered.drain(..=index).next_back()?;
        Some(at.since(sent_at))
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
}
