//! Code that several targets share: the division of bytes. It does not read the bytes.

use pieces::cut_at;

#[path = "../../crates/feedscope-core/tests/support/pieces.rs"]
mod pieces;

/// Returns the bytes in pieces, divided at these positions. A position after the end continues from the start.
pub fn cut<'a>(bytes: &'a [u8], places: &[u16]) -> Vec<&'a [u8]> {
    let within = |&place: &u16| usize::from(place) % (bytes.len() + 1);
    cut_at(bytes, places.iter().map(within))
}
