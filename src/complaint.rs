//! Complaints: sentences on standard error about what went wrong.

use std::io::{self, Write as _};

use crate::escape::marked;

/// Writes one sentence to standard error. A failure to write is ignored, because there is no other place to report it.
pub fn complain(about: &str, what: &str) {
    let sentence = format!("feedscope: {}: {}\n", marked(about), marked(what));
    io::stderr().write_all(sentence.as_bytes()).ok();
}
