//! Masking (RFC 6455 5.3), which is its own inverse. It creates no keys.

/// Masks or unmasks bytes. The first of them is at `offset` in the payload of its frame.
pub(super) fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: u64) {
    let mut key = key;
    // Byte i of the payload uses byte i mod 4 of the key.
    key.rotate_left((offset % 4) as usize);
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies RFC 6455 5.3 byte by byte.
    fn plainly(bytes: &mut [u8], key: [u8; 4], offset: usize) {
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte ^= key[(offset + i) % 4];
        }
    }

    #[test]
    fn words_and_rest_agree_with_the_standard() {
        let key = [0x37, 0xFA, 0x21, 0x3D];
        for length in 0..40_u8 {
            for offset in 0..9 {
                let mut fast: Vec<u8> = (0..length).collect();
                let mut plain = fast.clone();
                apply_mask(&mut fast, key, offset as u64);
                plainly(&mut plain, key, offset);
                assert_eq!(fast, plain, "{length} bytes from {offset}");
            }
        }
    }
}
