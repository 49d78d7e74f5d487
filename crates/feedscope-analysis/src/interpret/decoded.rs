//! Decoded bytes in the form in which a view shows them.

use super::Content;

/// Output of a decoder for a view.
#[derive(Clone)]
pub struct Decoded {
    /// Decoded bytes.
    pub content: Content,
    /// True if they are printable text.
    pub is_text: bool,
}
