//! Fuzz target for text that people type outside of filters: URLs, sizes and positions. Nothing panics, a parsed value
//! is parsed equally after it was written, and a password is never shown.

#![no_main]

use feedscope_analysis::jump::JumpTarget;
use feedscope_core::Timestamp;
use feedscope_core::size_text::{format_size, parse_size};
use feedscope_core::url_text::{is_secret_header, masked, masked_text, parse_url};
use libfuzzer_sys::fuzz_target;

/// 2026-11-21T05:49:00Z.
const NOW_MICROS: i64 = 1_795_240_140_000_000;

fuzz_target!(|typed: &str| {
    match parse_url(typed) {
        Ok(url) => {
            let shown = masked(&url);
            assert_eq!(parse_url(url.as_str()).as_ref(), Ok(&url));
            let sentence = masked_text(&format!("{url} did not answer"));
            if let Some(password) = url.password().filter(|password| is_telling(password, &url)) {
                assert!(!shown.contains(password), "{shown}");
                assert!(!sentence.contains(password), "{sentence}");
            }
        }
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
    masked_text(typed);
    is_secret_header(typed);
    if let Some(bytes) = parse_size(typed) {
        assert_eq!(parse_size(&format_size(bytes)), Some(bytes));
    }
    for zone_offset_seconds in [0, -43_200, 50_400] {
        let now = Timestamp::from_micros(NOW_MICROS);
        if let Some(JumpTarget::Part(part)) = JumpTarget::parse(typed, now, zone_offset_seconds) {
            assert!((0.0..=1.0).contains(&part));
        }
    }
});

/// Returns true if an occurrence of the password must be the password itself, because the rest of the URL does not
/// contain it.
fn is_telling(password: &str, url: &url::Url) -> bool {
    let mut without = url.clone();
    let is_gone = without.set_password(None).is_ok();
    is_gone && password.len() > 3 && !without.as_str().contains(password) && !password.contains('*')
}
