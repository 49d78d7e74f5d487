//! Sample of a payload. Two payloads with different samples are different; equal samples decide nothing.

/// Length of a payload with four of its parts. It is taken for each event, so that it costs a few register moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    len: usize,
    parts: [u64; 4],
}

impl Sample {
    #[inline]
    pub(super) fn of(data: &[u8]) -> Self {
        let len = data.len();
        let Some(last) = len.checked_sub(size_of::<u64>()) else {
            let mut part = [0; size_of::<u64>()];
            part[..len].copy_from_slice(data);
            return Self {
                len,
                parts: [u64::from_le_bytes(part), 0, 0, 0],
            };
        };
        let part = |at: usize| {
            let part = data[at..].first_chunk();
            part.map_or(0, |part| u64::from_le_bytes(*part))
        };
        Self {
            len,
            parts: [
                part(last / 4),
                part(last / 2),
                part(last / 4 * 3),
                part(last),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_all_lengths_have_samples() {
        for len in 0..70 {
            let data = vec![b'a'; len];
            assert_eq!(Sample::of(&data), Sample::of(&data.clone()));
            assert_ne!(Sample::of(&data), Sample::of(&vec![b'a'; len + 1]));
            if let Some(end) = len.checked_sub(1) {
                let mut other = data.clone();
                other[end] = b'b';
                assert_ne!(Sample::of(&data), Sample::of(&other), "{len}");
            }
        }
    }
}
