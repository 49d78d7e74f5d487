//! A record's compact entry, and the two forms in which a reader gets a record back: cut for a line, or whole.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::chunk::Chunk;
use crate::connection::StateChange;
use crate::decode::WireInfo;
use crate::gap::Gap;
use crate::record::{Direction, Kind, KindTag, Record};
use crate::time::{Moment, Stamp, Timestamp};

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

/// The entry of a record: 32 bytes above its own.
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
    pub(super) fn class(&self) -> u8 {
        self.flags >> flag::CLASS_SHIFT
    }

    fn direction(&self) -> Option<Direction> {
        match self.flags & (flag::IN | flag::OUT) {
            flag::IN => Some(Direction::In),
            flag::OUT => Some(Direction::Out),
            _ => None,
        }
    }

    fn head(&self) -> Range<usize> {
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
    fn wire(&self, head: &[u8]) -> Option<WireInfo> {
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

    /// The event type, where it stands inline.
    pub(super) fn inline_type(&self) -> Range<usize> {
        let start = self.offset as usize;
        let len = if self.flags & flag::TYPE_INLINE == 0 {
            0
        } else {
            self.extra as usize
        };
        start..start + len
    }
}

/// Where UTC stood against the monotonic time, from which row on: a row keeps only its [`Moment`].
#[derive(Clone, Default)]
pub(super) struct Anchors {
    from_row: Vec<(u64, Stamp)>,
}

impl Anchors {
    /// Notes the relation that holds for `row`, if it is a new one.
    pub(super) fn note(&mut self, row: u64, stamp: Stamp) {
        let known = self
            .from_row
            .last()
            .is_some_and(|(_, anchor)| utc_at(*anchor, stamp.moment) == stamp.utc);
        if !known {
            self.from_row.push((row, stamp));
        }
    }

    /// Forgets what holds for no row from `first` on.
    pub(super) fn let_go_before(&mut self, first: u64) {
        let passed = self.from_row.partition_point(|(from, _)| *from <= first);
        self.from_row.drain(..passed.saturating_sub(1));
    }

    /// The relations that hold for `rows`, copied: one, unless the clock jumped among them.
    pub(super) fn over(&self, rows: Range<u64>) -> Self {
        let first = self
            .from_row
            .partition_point(|(from, _)| *from <= rows.start);
        let end = self.from_row.partition_point(|(from, _)| *from < rows.end);
        Self {
            from_row: self.from_row[first.saturating_sub(1)..end.max(first)].to_vec(),
        }
    }

    /// From which row to which each relation holds, oldest first; `end` is one past the newest row.
    pub(super) fn spans(&self, end: u64) -> impl Iterator<Item = (Range<u64>, Stamp)> {
        let ends = self.from_row.iter().skip(1).map(|&(from, _)| from);
        let starts = self.from_row.iter();
        starts
            .zip(ends.chain(std::iter::once(end)))
            .map(|(&(from, anchor), end)| (from..end, anchor))
    }

    pub(super) fn stamp(&self, row: u64, moment: Moment) -> Stamp {
        let at = self.from_row.partition_point(|(from, _)| *from <= row);
        let utc = at.checked_sub(1).map_or(Timestamp::default(), |at| {
            utc_at(self.from_row[at].1, moment)
        });
        Stamp { moment, utc }
    }
}

fn utc_at(anchor: Stamp, moment: Moment) -> Timestamp {
    // Microseconds of each, not of their difference: UTC is derived from the monotonic time in just this way, and a
    // difference cut once would disagree by one microsecond every other time, with a new anchor for each.
    let micros = (moment.as_nanos() / 1_000) as i64 - (anchor.moment.as_nanos() / 1_000) as i64;
    Timestamp::from_micros(anchor.utc.as_micros().saturating_add(micros))
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
    pub(super) fn of(
        chunk: &Chunk,
        at: usize,
        event_type: &[u8],
        stamp: Stamp,
        preview_bytes: usize,
    ) -> Self {
        let row = &chunk.rows[at];
        let kind = kind_of(chunk, at, event_type);
        let mut text = Self {
            row: chunk.first_row + at as u64,
            stamp,
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
    pub(super) event_type: Arc<[u8]>,
    pub(super) stamp: Stamp,
}

impl OwnedRecord {
    /// The store's number of the row.
    pub fn row(&self) -> u64 {
        self.chunk.first_row + self.at as u64
    }

    /// The record, borrowed.
    pub fn record(&self) -> Record<'_> {
        let connection = self.chunk.rows[self.at].connection;
        Record {
            stamp: self.stamp,
            connection,
            kind: kind_of(&self.chunk, self.at, &self.event_type),
        }
    }

    pub(super) fn row_entry(&self) -> &Row {
        &self.chunk.rows[self.at]
    }

    /// The event type, where it stands inline.
    pub(super) fn inline_type(&self) -> &[u8] {
        &self.chunk.bytes[self.row_entry().inline_type()]
    }

    /// The bytes that came as its payload.
    pub fn payload(&self) -> &[u8] {
        &self.chunk.bytes[self.chunk.rows[self.at].payload()]
    }
}

pub(super) fn kind_of<'a>(chunk: &'a Chunk, at: usize, event_type: &'a [u8]) -> Kind<'a> {
    let row = &chunk.rows[at];
    let (head, data) = (&chunk.bytes[row.head()], &chunk.bytes[row.payload()]);
    let direction = row.direction().unwrap_or(Direction::In);
    let failed = (row.flags & flag::FAILED != 0).then(|| utf8(head));
    match row.tag {
        KindTag::Event => {
            let inline = row.inline_type();
            let (event, id) = if inline.is_empty() {
                (event_type, head)
            } else {
                head.split_at(inline.len())
            };
            Kind::Event { event, id, data }
        }
        KindTag::Comment => Kind::Comment { data },
        KindTag::Retry => Kind::Retry {
            ms: utf8(data).parse().unwrap_or_default(),
        },
        KindTag::Text => Kind::Text {
            direction,
            data,
            failed,
            wire: row.wire(head),
        },
        KindTag::Binary => Kind::Binary {
            direction,
            data,
            failed,
            wire: row.wire(head),
        },
        KindTag::Ping => Kind::Ping { direction, data },
        KindTag::Pong => {
            let rtt = row
                .extra
                .checked_sub(1)
                .map(|micros| Duration::from_micros(u64::from(micros)));
            Kind::Pong {
                direction,
                data,
                rtt,
            }
        }
        KindTag::Close => Kind::Close {
            direction,
            code: row.extra as u16,
            reason: utf8(data),
        },
        KindTag::Note => Kind::Note {
            code: utf8(head),
            text: utf8(data),
        },
        KindTag::State => Kind::State(
            serde_json::from_slice(data).expect("written by this module from such a value"),
        ),
        KindTag::Gap => Kind::Gap(
            serde_json::from_slice(data).expect("written by this module from such a value"),
        ),
    }
}

/// Bytes that were a `str` when they were appended.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
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
    fn a_row_takes_32_bytes() {
        assert_eq!(size_of::<Row>(), 32);
    }

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
