//! Complaints: sentences on standard error about what went wrong.

use std::io::{self, Write as _};

use feedscope_core::safe_text::safe;

/// Writes one sentence to standard error. A failure to write is ignored, because there is no other place to report it.
pub fn complain(about: &str, what: &str) {
    let sentence = format!("feedscope: {}: {}\n", safe(about), safe(what));
    io::stderr().write_all(sentence.as_bytes()).ok();
}
