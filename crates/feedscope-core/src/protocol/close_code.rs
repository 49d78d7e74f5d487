//! Close codes of WebSockets. This module does not decide on the reaction to a code.

use std::fmt;

/// Number in a WebSocket close frame that gives the reason for the close (RFC 6455 7.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(pub u16);

// The names are those of RFC 6455 7.4.1 and of its IANA registry.
impl CloseCode {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL_CLOSURE: Self = Self(1000);
    /// The server ends, or the browser leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer violated the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// The data is of a kind that is not accepted.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// The close frame had no code. This code is never sent.
    pub const NO_STATUS: Self = Self(1005);
    /// The data does not fit its type, such as text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// The message violates a policy of the receiver.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// The message is too long for the receiver.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The client needs an extension that was not agreed on.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// The server restarts.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The server is overloaded.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// Returns true for a code that a close frame may contain (RFC 6455 7.4).
    pub fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// Returns true for a code that applications define.
    pub fn is_of_application(self) -> bool {
        matches!(self.0, 4000..=4999)
    }

    /// Returns the meaning of the code in a few words that can follow the number.
    pub fn meaning(self) -> &'static str {
        match self.0 {
            1000 => "normal closure",
            1001 => "going away",
            1002 => "protocol error",
            1003 => "data of a kind that is not accepted",
            1004 => "reserved, without a meaning so far",
            1005 => "no close code given",
            1006 => "no close frame",
            1007 => "data that does not fit its type, such as text that is not UTF-8",
            1008 => "policy violation",
            1009 => "message too big",
            1010 => "an extension that the client needs was not agreed on",
            1011 => "internal error of the server",
            1012 => "the server restarts",
            1013 => "try again later",
            1014 => "bad answer from the server behind a gateway",
            1015 => "TLS handshake failed",
            1016..=2999 => "reserved for the protocol and its extensions",
            3000 => "unauthorized",
            3003 => "forbidden",
            3008 => "timeout",
            3001..=3999 => "registered by a library or framework",
            4000..=4999 => "application-defined",
            0..=999 | 5000.. => "not a close code",
        }
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::CloseCode;

    fn meaning(code: u16) -> &'static str {
        CloseCode(code).meaning()
    }

    #[test]
    fn every_code_has_a_meaning_that_can_stand_after_the_number() {
        for code in 0..=u16::MAX {
            let meaning = meaning(code);
            assert!(
                !meaning.is_empty() && !meaning.ends_with('.'),
                "{code}: {meaning:?}"
            );
        }
    }

    #[test]
    fn registered_codes_differ_and_ranges_hold_to_their_ends() {
        let registered = [
            1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
            1014, 1015, 3000, 3003, 3008,
        ];
        let ranges = [999, 1016, 3001, 4000];
        let mut meanings: Vec<_> = registered
            .iter()
            .chain(&ranges)
            .map(|&code| meaning(code))
            .collect();
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), registered.len() + ranges.len());
        for (first, last) in [
            (0, 999),
            (1016, 2999),
            (3001, 3002),
            (3009, 3999),
            (4000, 4999),
            (5000, u16::MAX),
        ] {
            assert_eq!(meaning(first), meaning(last), "{first} to {last}");
        }
        assert_eq!(meaning(1006), "no close frame");
    }
}
