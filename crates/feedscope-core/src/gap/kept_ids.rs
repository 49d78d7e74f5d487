//! IDs that are kept from one event to the next. A short ID costs a few register moves. This file does not read IDs as
//! numbers.

/// The longest ID whose bytes fit into the two words of [`Words`].
const SHORT: usize = 16;

/// Length of an ID, with its bytes where it is short, in a form that compares and copies without a loop.
///
/// `head` and `tail` hold the first and the last bytes and overlap where the ID is shorter than both; together with
/// the length they identify a short ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    head: u64,
    tail: u64,
    len: usize,
}

impl Words {
    #[inline]
    pub(super) fn of(id: &[u8]) -> Self {
        let len = id.len();
        let (head, tail) =
            // Both words overlap in an ID that is shorter than 16 bytes, so that each length is one comparison.
            if let (Some(first), Some(last)) = (id.first_chunk::<8>(), id.last_chunk()) {
                (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
            } else if let (Some(first), Some(last)) = (id.first_chunk::<4>(), id.last_chunk()) {
                (
                    u64::from(u32::from_le_bytes(*first)),
                    u64::from(u32::from_le_bytes(*last)),
                )
            } else if let (Some(first), Some(last)) = (id.first(), id.last()) {
                (
                    // First, middle and last byte are all bytes of an ID of up to three.
                    u64::from(*first) | u64::from(id[len / 2]) << 8,
                    u64::from(*last),
                )
            } else {
                (0, 0)
            };
        Self { head, tail, len }
    }

    /// Returns true if the words contain the whole ID and the ID is not empty.
    #[inline]
    pub(super) fn is_short_id(&self) -> bool {
        (1..=SHORT).contains(&self.len)
    }

    /// Returns the value by which `head` and `tail` grow when the last byte grows by one. It is in `head` too if the ID is
    /// not longer than that.
    pub(super) fn step_of_last_byte(self) -> (u64, u64) {
        match self.len {
            0 => (0, 0),
            1 => (0x0101, 1),
            2 => (0x0100, 1),
            3 => (0, 1),
            4 => (1 << 24, 1 << 24),
            5..8 => (0, 1 << 24),
            8 => (1 << 56, 1 << 56),
            _ => (0, 1 << 56),
        }
    }

    /// Adds a value of [`step_of_last_byte`](Self::step_of_last_byte).
    #[inline]
    pub(super) fn add(&mut self, (head, tail): (u64, u64)) {
        self.head = self.head.wrapping_add(head);
        self.tail = self.tail.wrapping_add(tail);
    }

    /// The bytes of a short id.
    pub(super) fn to_vec(self) -> Vec<u8> {
        let Self { head, tail, len } = self;
        let (head, tail) = (head.to_le_bytes(), tail.to_le_bytes());
        let mut bytes = vec![0; len];
        match len {
            0 => {}
            1..4 => {
                bytes[0] = head[0];
                bytes[len / 2] = head[1];
                bytes[len - 1] = tail[0];
            }
            4..8 => {
                bytes[..4].copy_from_slice(&head[..4]);
                bytes[len - 4..].copy_from_slice(&tail[..4]);
            }
            _ => {
                bytes[..8].copy_from_slice(&head);
                bytes[len - 8..].copy_from_slice(&tail);
            }
        }
        bytes
    }
}

/// The two newest ids of a feed. A long one costs a copy into a buffer that is used again, a short one not even that.
#[derive(Debug, Default)]
pub(super) struct KeptIds {
    last: Words,
    before_last: Words,
    /// The bytes of the last id, where it is long; stale otherwise.
    long_last: Vec<u8>,
    /// The same of the one before it.
    long_before_last: Vec<u8>,
}

impl KeptIds {
    /// Whether no id was ever kept.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.last.len == 0
    }

    /// Keeps `id` as the last one, unless it is the last one already. Returns whether it was new.
    #[inline]
    pub(super) fn keep(&mut self, id: &[u8]) -> bool {
        let words = Words::of(id);
        let is_long = words.len > SHORT;
        // Two words determine a short ID completely; a long one is compared byte by byte.
        if words == self.last && (!is_long || id == self.long_last) {
            return false;
        }
        if is_long || self.last.len > SHORT {
            self.keep_long(id);
        }
        self.before_last = self.last;
        self.last = words;
        true
    }

    /// Keeps a short ID that is known to differ from the last one, which is short too.
    #[inline]
    pub(super) fn keep_next(&mut self, id: Words) {
        self.before_last = self.last;
        self.last = id;
    }

    fn keep_long(&mut self, id: &[u8]) {
        // The memory of the older ID is used again.
        std::mem::swap(&mut self.long_last, &mut self.long_before_last);
        self.long_last.clear();
        self.long_last.extend_from_slice(id);
    }

    /// Forgets all but the last id.
    pub(super) fn forget_before_last(&mut self) {
        self.before_last = Words::default();
    }

    /// The last id; empty where none was kept.
    pub(super) fn last(&self) -> Vec<u8> {
        if self.last.len > SHORT {
            self.long_last.clone()
        } else {
            self.last.to_vec()
        }
    }

    /// The id before it; empty where there was none.
    pub(super) fn before_last(&self) -> Vec<u8> {
        if self.before_last.len > SHORT {
            self.long_before_last.clone()
        } else {
            self.before_last.to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_plain_list(
            ids in proptest::collection::vec(proptest::collection::vec(b'0'..b'3', 0..24), 0..40),
        ) {
            let mut kept = KeptIds::default();
            let mut plain = vec![Vec::new(), Vec::new()];
            for id in ids {
                let is_new = plain.last() != Some(&id);
                prop_assert_eq!(kept.keep(&id), is_new);
                if is_new {
                    plain.push(id);
                }
                let [.., before_last, last] = plain.as_slice() else { unreachable!("it began with two") };
                prop_assert_eq!(&kept.last(), last);
                prop_assert_eq!(&kept.before_last(), before_last);
                prop_assert_eq!(kept.is_empty(), last.is_empty());
            }
        }

        #[test]
        fn any_change_of_a_byte_makes_another_id(
            mut id in proptest::collection::vec(any::<u8>(), 1..24),
            at: prop::sample::Index,
        ) {
            let mut kept = KeptIds::default();
            kept.keep(&id);
            prop_assert!(!kept.keep(&id));
            let at = at.index(id.len());
            id[at] ^= 1;
            prop_assert!(kept.keep(&id));
        }
    }
}
