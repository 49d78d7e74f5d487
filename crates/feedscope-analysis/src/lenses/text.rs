//! Texts and bytes in the forms that rows and JSON need.

/// Returns a text as JSON.
pub(super) fn text_json(text: &str) -> String {
    // Texts always serialize.
    serde_json::to_string(text).unwrap_or_default()
}

/// Returns bytes in their JSON form.
pub(super) fn bytes_json(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    format!("{{\"$bytes\":\"{text}\"}}")
}

/// Returns the first characters of a text.
pub(super) fn shortened(text: &str, most: usize) -> &str {
    // A character takes a byte or more.
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
