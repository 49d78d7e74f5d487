//! Hexadecimal dump of bytes: sixteen in a row, with their offset, and printable ones as text.
//!
//! Any part of the dump is created alone, so that the dump of a large payload never exists as a whole.

use std::ops::Range;

/// Number of bytes in a row.
pub const BYTES_A_ROW: usize = 16;

/// Number of characters of a full row, with the line feed at its end.
pub const ROW_LEN: u64 = 76;

/// Column at which the bytes as text begin.
const TEXT: usize = 59;

/// Returns the number of characters of the dump of `bytes` bytes. The last row has no line feed.
pub fn dump_len(bytes: usize) -> u64 {
    let Some(last) = bytes.checked_sub(1) else {
        return 0;
    };
    // The last row may have fewer bytes.
    let in_last = last % BYTES_A_ROW + 1;
    (last / BYTES_A_ROW) as u64 * ROW_LEN + (TEXT + in_last) as u64
}

/// Appends the row with this number, without a line feed. It appends nothing after the last row.
pub fn write_row(bytes: &[u8], row: usize, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let start = row * BYTES_A_ROW;
    let Some(line) = bytes.get(start..bytes.len().min(start + BYTES_A_ROW)) else {
        return;
    };
    let digit = |value: usize| char::from(HEX[value & 15]);
    // The offset has eight digits.
    out.extend((0..8).rev().map(|place| digit(start >> (place * 4))));
    out.push_str("  ");
    for &byte in line {
        out.push(digit(usize::from(byte >> 4)));
        out.push(digit(usize::from(byte)));
        out.push(' ');
    }
    // Blanks replace the missing bytes of the last row.
    out.extend(std::iter::repeat_n(' ', 3 * (BYTES_A_ROW - line.len()) + 1));
    out.extend(line.iter().map(|&byte| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    }));
}

/// Returns the characters of the dump in `range`, with a line feed after each row.
pub fn dump(bytes: &[u8], range: Range<u64>) -> String {
    let range = range.start..range.end.min(dump_len(bytes.len()));
    if range.is_empty() {
        return String::new();
    }
    // Only the rows of the range are created.
    let (first, last) = (range.start / ROW_LEN, (range.end - 1) / ROW_LEN);
    let mut out = String::with_capacity((range.end - range.start + 2 * ROW_LEN) as usize);
    for row in first..=last {
        write_row(bytes, row as usize, &mut out);
        out.push('\n');
    }
    // The first row may begin before the range.
    let from = (range.start - first * ROW_LEN) as usize;
    out.truncate(from + (range.end - range.start) as usize);
    out.drain(..from);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_are_shown_sixteen_a_row() {
        let bytes: Vec<u8> = (0x3e..0x50).collect();
        assert_eq!(
            dump(&bytes, 0..u64::MAX),
            "00000000  3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d  >?@ABCDEFGHIJKLM\n\
             00000010  4e 4f                                            NO"
        );
        assert_eq!(dump(b"", 0..10), "");
    }

    proptest! {
        /// A part of the dump equals the same part of the whole dump.
        #[test]
        fn parts_are_parts_of_the_whole(
            bytes in proptest::collection::vec(any::<u8>(), 0..100),
            from in 0..600_u64,
            len in 0..600_u64,
        ) {
            let whole = dump(&bytes, 0..u64::MAX);
            prop_assert_eq!(whole.len() as u64, dump_len(bytes.len()));
            let (from, to) = (from.min(whole.len() as u64), (from + len).min(whole.len() as u64));
            prop_assert_eq!(&dump(&bytes, from..to), &whole[from as usize..to as usize]);
        }
    }
}
