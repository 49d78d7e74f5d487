//! Record as a line of the timeline, with a cut payload and decoded text. It keeps no chunk.

use std::time::Duration;

use super::number::RowNumber;
use super::rows::Rows;
use crate::connection::StateChange;
use crate::gap::Gap;
use crate::protocol::CloseCode;
use crate::record::{Direction, Kind, KindTag};
use crate::time::Stamp;

/// Record as a line of the timeline: its payload is cut, and its text is decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct RowText {
    /// Number of the row in the store, from 0 for the first record of the feed.
    pub row: RowNumber,
    /// Time at which the record arrived.
    pub stamp: Stamp,
    /// Number of the feed's connection that the record belongs to.
    pub connection: u32,
    /// Kind of the record.
    pub tag: KindTag,
    /// Direction of the data, if the kind has one.
    pub direction: Option<Direction>,
    /// Event type of an event, cut; code of a note; or the word of any other kind.
    pub name: String,
    /// Last event ID in force, cut; empty for none.
    pub id: String,
    /// Complete size of the payload in bytes; 0 for kinds without a payload.
    pub size: u64,
    /// First bytes of the payload as text; empty for kinds with a complete `detail`.
    pub preview: String,
    /// Reason for which a message was never sent.
    pub failed: Option<String>,
    /// Additional data of some kinds.
    pub detail: Detail,
}

/// Additional data of some kinds besides the payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Detail {
    /// No additional data.
    #[default]
    None,
    /// Transition of a connection.
    State(StateChange),
    /// Gap at a resume.
    Gap(Gap),
    /// Close code.
    Close(CloseCode),
    /// Round-trip time.
    RoundTrip(Duration),
    /// Reconnection time in milliseconds.
    ReconnectionTime(u64),
}

/// Maximum length of ids and names in a line. The inspector shows more of them, and a copy contains all.
const NAME_BYTES: usize = 128;

impl RowText {
    pub(super) fn of(rows: Rows<'_>, at: usize, preview_bytes: usize) -> Self {
        let row = rows.row(at);
        let kind = rows.kind_of(&row);
        let mut text = Self {
            row: rows.first_row + at as u64,
            stamp: rows.stamp(at),
            connection: row.connection,
            tag: row.tag,
            direction: row.direction(),
            name: row.tag.word().to_owned(),
            id: String::new(),
            size: u64::from(row.payload_len),
            preview: String::new(),
            failed: None,
            detail: Detail::None,
        };
        match kind {
            Kind::Event { event, id, data } => {
                text.name = lossy_prefix(event, NAME_BYTES);
                text.id = lossy_prefix(id, NAME_BYTES);
                text.preview = lossy_prefix(data, preview_bytes);
            }
            Kind::Comment { data } | Kind::Line { data } | Kind::Ping { data, .. } => {
                text.preview = lossy_prefix(data, preview_bytes);
            }
            Kind::Text { data, failed, .. } => {
                text.preview = lossy_prefix(data, preview_bytes);
                text.failed = failed.map(str::to_owned);
            }
            Kind::Binary { data, failed, .. } => {
                text.preview = hex_prefix(data, preview_bytes);
                text.failed = failed.map(str::to_owned);
            }
            Kind::Pong { data, rtt, .. } => {
                text.preview = lossy_prefix(data, preview_bytes);
                text.detail = rtt.map_or(Detail::None, Detail::RoundTrip);
            }
            Kind::Close { code, reason, .. } => {
                reason.clone_into(&mut text.preview);
                text.detail = Detail::Close(code);
            }
            Kind::Note {
                code,
                text: sentence,
            } => {
                code.as_str().clone_into(&mut text.name);
                sentence.clone_into(&mut text.preview);
                // A note has no payload from the wire.
                text.size = 0;
            }
            Kind::State(change) => (text.detail, text.size) = (Detail::State(change), 0),
            Kind::Gap(gap) => (text.detail, text.size) = (Detail::Gap(gap), 0),
            Kind::Retry { ms } => (text.detail, text.size) = (Detail::ReconnectionTime(ms), 0),
        }
        text
    }
}

/// Returns the first `most` bytes as text, with U+FFFD for bytes that are not UTF-8. A character that is divided by the
/// cut is left out.
fn lossy_prefix(bytes: &[u8], most: usize) -> String {
    let cut = bytes.len() > most;
    let mut text = String::new();
    let mut chunks = bytes[..bytes.len().min(most)].utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        // The last piece of a cut text may be a part of a character.
        let halved = cut && chunks.peek().is_none();
        if !chunk.invalid().is_empty() && !halved {
            text.push('\u{fffd}');
        }
    }
    text
}

/// Returns the first bytes in hexadecimal, in at most `most` characters.
fn hex_prefix(bytes: &[u8], most: usize) -> String {
    let mut text = String::new();
    // Each byte needs two digits and a space.
    for byte in bytes.iter().take(most / 3) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
        text.push(' ');
    }
    // Remove the last space.
    text.pop();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_does_not_make_up_a_broken_character() {
        assert_eq!(lossy_prefix("aé".as_bytes(), 2), "a");
        assert_eq!(lossy_prefix("aé".as_bytes(), 3), "aé");
        assert_eq!(lossy_prefix(b"a\xffb", 9), "a\u{fffd}b");
        assert_eq!(lossy_prefix(b"a\xff", 2), "a\u{fffd}");
        assert_eq!(hex_prefix(&[0, 0x9f, 255], 9), "00 9f ff");
        assert_eq!(hex_prefix(&[0, 0x9f, 255], 8), "00 9f");
    }
}
