//! Sizes in the form that people type: `65536`, `64M`, `8 GiB`. The limits are checked by the caller.

/// Units from the largest, each with its power of two.
const UNITS: [(char, u32); 4] = [('T', 40), ('G', 30), ('M', 20), ('K', 10)];

/// Parses a number of bytes, with `K`, `M`, `G` or `T` for the powers of 1024 and an optional `B` or `iB` after it.
/// Returns `None` for any other text, and for a number that exceeds 64 bits.
///
/// ```
/// use feedscope_core::size_text::parse_size;
/// assert_eq!(parse_size("64M"), Some(64 << 20));
/// assert_eq!(parse_size("a lot"), None);
/// ```
pub fn parse_size(typed: &str) -> Option<u64> {
    let upper = typed.trim().to_ascii_uppercase();
    // `64M`, `64MB` and `64MiB` have the same meaning.
    let plain = upper
        .strip_suffix("IB")
        .or_else(|| upper.strip_suffix('B'))
        .unwrap_or(&upper);
    let unit = UNITS.iter().find(|(unit, _)| plain.ends_with(*unit));
    let (digits, shift) = match unit {
        Some((_, shift)) => (&plain[..plain.len() - 1], *shift),
        None => (plain, 0),
    };
    let count: u64 = digits.trim_end().parse().ok()?;
    count.checked_mul(1 << shift)
}

/// Returns the shortest text that [`parse_size`] parses to this number of bytes.
pub fn format_size(bytes: u64) -> String {
    let unit = UNITS
        .iter()
        .find(|(_, shift)| bytes > 0 && bytes.trailing_zeros() >= *shift);
    match unit {
        Some((unit, shift)) => format!("{}{unit}", bytes >> shift),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_may_have_a_unit_and_an_end() {
        for (typed, expected) in [
            ("0", 0),
            ("1", 1),
            ("65536", 65_536),
            ("64K", 65_536),
            ("64k", 65_536),
            (" 64M ", 64 << 20),
            ("64MiB", 64 << 20),
            ("1 kB", 1024),
            ("2G", 2 << 30),
            ("3 TiB", 3 << 40),
        ] {
            assert_eq!(parse_size(typed), Some(expected), "{typed}");
        }
        for wrong in [
            "",
            "-1",
            "K",
            "B",
            "1P",
            "0.5G",
            "99999999999999999999",
            "99999999999T",
        ] {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for (bytes, written) in [
            (0, "0"),
            (1_000, "1000"),
            (1_536, "1536"),
            (512 << 20, "512M"),
            (8 << 30, "8G"),
            (1 << 50, "1024T"),
        ] {
            assert_eq!(format_size(bytes), written);
            assert_eq!(parse_size(written), Some(bytes));
        }
    }
}
