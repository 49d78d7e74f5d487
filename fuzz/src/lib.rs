//! What several targets need: bytes, cut. It never looks at them.

use pieces::cut_at;

#[path = "../../crates/feedscope-core/tests/support/pieces.rs"]
mod pieces;

/// The bytes in pieces, cut at these places; a place past the end begins at the start again.
pub fn cut<'a>(bytes: &'a [u8], places: &[u16]) -> Vec<&'a [u8]> {
    let within = |&place: &u16| usize::from(place) % (bytes.len() + 1);
    cut_at(bytes, places.iter().map(within))
}
