//! Meanings of WebSocket close codes (RFC 6455 7.4 and its IANA registry). It does not decide on the reaction to a
//! code.

/// Returns the meaning of a close code in a few words that can follow the number.
pub fn close_code_meaning(code: u16) -> &'static str {
    match code {
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

#[cfg(test)]
mod tests {
    use super::close_code_meaning;

    #[test]
    fn every_code_has_a_meaning_that_can_stand_after_the_number() {
        for code in 0..=u16::MAX {
            let meaning = close_code_meaning(code);
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
            .map(|&code| close_code_meaning(code))
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
            assert_eq!(
                close_code_meaning(first),
                close_code_meaning(last),
                "{first} to {last}"
            );
        }
        assert_eq!(close_code_meaning(1006), "no close frame");
    }
}
