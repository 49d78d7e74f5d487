//! A record's compact entry, and the two forms in which a reader gets a record back: cut for a line, or whole.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::chunk::Chunk;
use super::layout::{ENTRY_LEN, u32_at, u64_at};
use super::rows::Rows;
use crate::connection::StateChange;
use crate::decode::WireInfo;
use crate::gap::Gap;
use crate::record::{Direction, Kind, KindTag, Record};
use crate::time::{Moment, Stamp};

/// What [`Row::flags`] holds.
pub(super) mod flag {
    pub(crate) const IN: u8 = 1;
    pub(crate) const OUT: u8 = 2;
    pub(crate) const FAILED: u8 = 4;
    pub(crate) const TYPE_INLINE: u8 = 8;
    pub(crate) const WIRE: u8 = 16;
    pub(crate) const CLASS_SHIFT: u32 = 5;
}

/// The head of a message with [`flag::WIRE`]: whether it was compressed, and how many frames it took.
pub(super) const WIRE_HEAD_BYTES: usize = 1 + size_of::<u32>();

/// The entry of a record: 32 bytes above its own. In a chunk it lies as bytes, little-endian, in this order.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) moment: Moment,
    /// Where its bytes begin in the chunk: the head (inline type, id, why it failed, or how it went over the wire), then
    /// the payload.
    pub(super) offset: u32,
    pub(super) payload_len: u32,
    pub(super) head_len: u32,
    pub(super) connection: u32,
    /// Close code, round trip, bytes on the wire or length of an inline type, by kind.
    pub(super) extra: u32,
    pub(super) type_ref: u16,
    pub(super) tag: KindTag,
    pub(super) flags: u8,
}

impl Row {
    pub(super) fn encode(&self) -> [u8; ENTRY_LEN] {
        let mut entry = [0; ENTRY_LEN];
        entry[..8].copy_from_slice(&self.moment.as_nanos().to_le_bytes());
        entry[8..12].copy_from_slice(&self.offset.to_le_bytes());
        entry[12..16].copy_from_slice(&self.payload_len.to_le_bytes());
        entry[16..20].copy_from_slice(&self.head_len.to_le_bytes());
        entry[20..24].copy_from_slice(&self.connection.to_le_bytes());
        entry[24..28].copy_from_slice(&self.extra.to_le_bytes());
        entry[28..30].copy_from_slice(&self.type_ref.to_le_bytes());
        entry[30] = self.tag as u8;
        entry[31] = self.flags;
        entry
    }

    pub(super) fn decode(entry: &[u8; ENTRY_LEN]) -> Self {
        // A kind that a later version made up is something to note, no more.
        let tag = KindTag::ALL.get(usize::from(entry[30]));
        Self {
            moment: Moment::from_nanos(u64_at(entry, 0)),
            offset: u32_at(entry, 8),
            payload_len: u32_at(entry, 12),
            head_len: u32_at(entry, 16),
            connection: u32_at(entry, 20),
            extra: u32_at(entry, 24),
            type_ref: u16::from_le_bytes([entry[28], entry[29]]),
            tag: tag.copied().unwrap_or(KindTag::Note),
            flags: entry[31],
        }
    }

    /// Where the bytes of the row with this entry begin.
    pub(super) fn offset_in(entry: &[u8; ENTRY_LEN]) -> usize {
        u32_at(entry, 8) as usize
    }

    /// The number of the class of the row with this entry.
    pub(super) fn class_in(entry: &[u8; ENTRY_LEN]) -> u8 {
        entry[31] >> flag::CLASS_SHIFT
    }

    pub(super) fn direction(&self) -> Option<Direction> {
        match self.flags & (flag::IN | flag::OUT) {
            flag::IN => Some(Direction::In),
            flag::OUT => Some(Direction::Out),
            _ => None,
        }
    }

    pub(super) fn head(&self) -> Range<usize> {
        let start = self.offset as usize;
        start..start + self.head_len as usize
    }

    pub(super) fn payload(&self) -> Range<usize> {
        let start = self.head().end;
        start..start + self.payload_len as usize
    }

    pub(super) fn whole(&self) -> Range<usize> {
        self.offset as usize..self.payload().end
    }

    /// How it went over the wire, where its head tells.
    pub(super) fn wire(&self, head: &[u8]) -> Option<WireInfo> {
        if self.flags & flag::WIRE == 0 {
            return None;
        }
        let &[compressed, ref frames @ ..] = head.as_array::<WIRE_HEAD_BYTES>()?;
        Some(WireInfo {
            frames: u32::from_le_bytes(*frames),
            compressed: compressed != 0,
            wire_bytes: u64::from(self.extra),
        })
    }

    /// How long after our ping a pong came, where it answers one.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        let micros = self.extra.checked_sub(1)?;
        Some(Duration::from_micros(u64::from(micros)))
    }

    /// Whether it can be one whose bytes lie within the first `end` and not before `start`.
    pub(super) fn is_sound(&self, start: usize, end: usize) -> bool {
        let lens = [self.offset, self.head_len, self.payload_len];
        let whole_end: u64 = lens.iter().map(|&len| u64::from(len)).sum();
        let inline = if self.flags & flag::TYPE_INLINE == 0 {
            0
        } else {
            self.extra
        };
        start <= self.offset as usize && whole_end <= end as u64 && inline <= self.head_len
    }
}

/// A record as a line of the timeline shows it: its payload cut, its text decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct RowText {
    /// The store's number of the row, from 0 for the first that ever came.
    pub row: u64,
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
            Kind::Comment { data } | Kind::Ping { data, .. } => {
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

/// A record kept by a reader, with its whole payload. Full chunks are shared, not copied.
#[derive(Clone)]
pub struct OwnedRecord {
    pub(super) chunk: Arc<Chunk>,
    pub(super) at: usize,
}

impl OwnedRecord {
    /// The store's number of the row.
    pub fn row(&self) -> u64 {
        self.chunk.first_row() + self.at as u64
    }

    /// The record, borrowed.
    pub fn record(&self) -> Record<'_> {
        self.chunk.rows().record(self.at)
    }

    /// The bytes that came as its payload.
    pub fn payload(&self) -> &[u8] {
        self.chunk.rows().payload(self.at)
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
