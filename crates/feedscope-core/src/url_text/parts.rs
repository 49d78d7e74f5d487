//! Parts of a URL's text that are found without parsing it.

/// Returns the part before the path: user, host and port.
pub(super) fn authority(text: &str) -> &str {
    text.find(['/', '?', '#', '\\'])
        .map_or(text, |end| &text[..end])
}

/// Returns true if the text has the form of a URL's scheme (RFC 3986 3.1).
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}
