//! The beginning that most payloads of a view have in common, so that rows can begin where they differ. It changes no
//! payload.

/// Number of equal characters from which a beginning is left out. A shorter one costs no more than its mark.
pub const SHORTEST: usize = 16;

/// Longest beginning in bytes that is compared.
pub const LONGEST: usize = 512;

/// Part of the payloads that must begin alike, in percent. A different payload now and then is shown whole.
const MOST_PERCENT: usize = 75;

/// Returns the beginning that most of the payloads have in common, cut where a JSON token starts; empty if there is none
/// of [`SHORTEST`] bytes.
///
/// ```
/// use feedscope_analysis::beginnings::common_beginning;
///
/// let payloads = [&br#"{"type":"ticker","seq":28109,"price":1}"#[..], br#"{"type":"ticker","seq":28110,"price":1}"#];
/// assert_eq!(common_beginning(payloads), br#"{"type":"ticker","seq":"#);
/// ```
pub fn common_beginning<'a>(payloads: impl IntoIterator<Item = &'a [u8]>) -> &'a [u8] {
    let beginning = |payload: &'a [u8]| &payload[..payload.len().min(LONGEST)];
    let mut payloads: Vec<&[u8]> = payloads.into_iter().map(beginning).collect();
    if payloads.len() < 2 {
        return &[];
    }
    // In sorted payloads, the first and the last of some neighbors have the beginning of all of them in common.
    payloads.sort_unstable();
    let neighbors = (payloads.len() * MOST_PERCENT).div_ceil(100).max(2);
    let shared = payloads.windows(neighbors).map(|some| {
        let (first, last) = (some[0], some[neighbors - 1]);
        &first[..equal_bytes(first, last)]
    });
    let longest = shared.max_by_key(|shared| shared.len()).unwrap_or_default();
    let cut = &longest[..token_start(longest)];
    if cut.len() < SHORTEST { &[] } else { cut }
}

fn equal_bytes(one: &[u8], other: &[u8]) -> usize {
    one.iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count()
}

/// Returns the offset of the last place at which a token of JSON starts, or a word of another text.
fn token_start(text: &[u8]) -> usize {
    let (mut start, mut in_string, mut is_escaped) = (0, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => {
                in_string = !in_string;
                // A string that is complete is followed by another token.
                start = if in_string { at } else { at + 1 };
            }
            _ if in_string => {}
            b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\n' | b'\r' => {
                start = at + 1;
            }
            _ => {}
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(payloads: &[&str], expected: &str) {
        let shared = common_beginning(payloads.iter().map(|payload| payload.as_bytes()));
        assert_eq!(String::from_utf8_lossy(shared), expected);
    }

    #[test]
    fn the_cut_is_where_a_token_starts() {
        check(
            &[
                r#"{"type":"ticker","price":101.5}"#,
                r#"{"type":"ticker","price":102}"#,
            ],
            r#"{"type":"ticker","price":"#,
        );
        check(
            &[
                r#"{"type":"content_block_delta","text":"Hello"}"#,
                r#"{"type":"content_block_delta","text":"Help"}"#,
            ],
            r#"{"type":"content_block_delta","text":"#,
        );
        // The brackets and commas within a string are no tokens.
        check(
            &[
                r#"{"a":1,"text":"one, {two: b"}"#,
                r#"{"a":1,"text":"one, {two: c"}"#,
            ],
            "",
        );
        check(
            &["INFO request served path=/a", "INFO request served path=/b"],
            "INFO request served ",
        );
        check(
            &[
                r#"{"quote":"a \" b","number":17}"#,
                r#"{"quote":"a \" b","number":18}"#,
            ],
            r#"{"quote":"a \" b","number":"#,
        );
    }

    #[test]
    fn a_few_different_payloads_change_nothing() {
        let ticks =
            [10, 11, 12, 13].map(|price| format!("{{\"symbol\":\"ACME\",\"price\":{price}}}"));
        let mut payloads: Vec<&str> = ticks.iter().map(String::as_str).collect();
        payloads.push("{\"heartbeat\":true}");
        check(&payloads, "{\"symbol\":\"ACME\",\"price\":");
        payloads.extend(["{\"a\":1}", "{\"b\":1}"]);
        check(&payloads, "");
        check(&["one payload alone has nothing in common"], "");
        check(&[], "");
    }

    #[test]
    fn equal_payloads_keep_their_last_token() {
        check(
            &["heartbeat of the server", "heartbeat of the server"],
            "heartbeat of the ",
        );
    }

    proptest! {
        #[test]
        fn enough_payloads_begin_with_it(
            payloads in proptest::collection::vec("\\{\"symbol\":\"(ACME|ACNE)\",\"price\":[0-9]{1,3}\\}", 0..40),
        ) {
            let shared = common_beginning(payloads.iter().map(String::as_bytes));
            let same = payloads.iter().filter(|payload| payload.as_bytes().starts_with(shared)).count();
            prop_assert!(same * 100 >= payloads.len() * MOST_PERCENT);
        }
    }
}
