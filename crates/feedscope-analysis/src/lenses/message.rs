//! Messages of a feed among its records, and the text of their decoded payloads.

use feedscope_core::ConnectionState;
use feedscope_core::record::Kind;

use super::json::Json;
use super::text::{bytes_json, text_json};

/// Returns true for a state with which another connection begins.
pub(super) fn is_new_connection(state: ConnectionState) -> bool {
    matches!(
        state,
        ConnectionState::Connecting | ConnectionState::Reconnecting
    )
}

/// Returns the event type of a message, and true for binary data; `None` for records that are no messages.
pub(super) fn message_parts<'a>(kind: &Kind<'a>) -> Option<(&'a [u8], bool)> {
    match kind {
        Kind::Event { event, .. } => Some((event, false)),
        Kind::Line { .. } | Kind::Text { .. } => Some((b"", false)),
        Kind::Binary { .. } => Some((b"", true)),
        _ => None,
    }
}

/// Returns the JSON text of decoded bytes: a document as it is, other text as a string, or bytes.
pub(super) fn decoded_data(bytes: &[u8]) -> String {
    if let Some(json) = Json::parse(bytes) {
        return json.raw().to_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text_json(text),
        Err(_not_text) => bytes_json(bytes),
    }
}
