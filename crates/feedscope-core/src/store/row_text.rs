//! A record cut for a line of the timeline, with its text decoded. Keeps no chunk.

use std::time::Duration;

use super::number::RowNumber;
use super::rows::Rows;
use crate::connection::StateChange;
use crate::gap::Gap;
use crate::record::{Direction, Kind, KindTag};
use crate::time::Stamp;

/// A record as a line of the timeline shows it: its payload cut, its text decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct RowText {
    /// The store's number of the row, from 0 for the first that ever came.
    pub row: RowNumber,
    /// When it arrived.
    pub stamp: Stamp,
    /// The feed's connection that it belongs to.
    pub connection: u32,
    /// Its kind.
    pub tag: KindTag,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// The event type of an event, the code of a note, else the kind's own word.
    pub name: String,
    /// The last event ID in force, cut; empty for none.
    pub id: String,
    /// The payload's whole size in bytes; 0 where there is none to speak of.
    pub size: u64,
    /// The payload's first bytes as text; empty for kinds whose `detail` says it all.
    pub preview: String,
    /// Why it was given up, for a message that never went out.
    pub failed: Option<String>,
    /// What some kinds have besides.
    pub detail: Detail,
}

/// What some kinds have besides a payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// A transition.
    State(StateChange),
    /// A resume.
    Gap(Gap),
    /// A close code.
    Close(u16),
    /// A round trip.
    RoundTrip(Duration),
    /// A reconnection time in milliseconds.
    ReconnectionTime(u64),
}

/// Ids and names longer than this are cut in a line; the inspector shows them whole.
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
                code.clone_into(&mut text.name);
                sentence.clone_into(&mut text.preview);
                text.size = 0;
            }
            Kind::State(change) => (text.detail, text.size) = (Detail::State(change), 0),
            Kind::Gap(gap) => (text.detail, text.size) = (Detail::Gap(gap), 0),
            Kind::Retry { ms } => (text.detail, text.size) = (Detail::ReconnectionTime(ms), 0),
        }
        text
    }
}

/// The first `most` bytes as text, with U+FFFD for what is no UTF-8, but not for a character that the cut halved.
fn lossy_prefix(bytes: &[u8], most: usize) -> String {
    let cut = bytes.len() > most;
    let mut text = String::new();
    let mut chunks = bytes[..bytes.len().min(most)].utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        let halved = cut && chunks.peek().is_none();
        if !chunk.invalid().is_empty() && !halved {
            text.push('\u{fffd}');
        }
    }
    text
}

/// The first bytes in hexadecimal, in a line of at most `most` characters.
fn hex_prefix(bytes: &[u8], most: usize) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(most / 3) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
        text.push(' ');
    }
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
