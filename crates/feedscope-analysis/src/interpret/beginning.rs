//! Beginning of a payload, from which its form can be guessed.

/// Returns true if a payload begins like most JSON.
pub fn begins_like_json(payload: &[u8]) -> bool {
    matches!(beginning(payload).first(), Some(b'{' | b'['))
}

/// Returns the beginning of a payload, without white space before it.
pub(super) fn beginning(payload: &[u8]) -> &[u8] {
    payload[..payload.len().min(1 << 10)].trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_beginning() {
        assert!(begins_like_json(b" \n{\"a\":1}") && begins_like_json(b"[1]"));
        assert!(!begins_like_json(b"price") && !begins_like_json(b""));
    }
}
