//! Compact entry of a record: 32 bytes with its kind and the position of its bytes. It contains no chunk.

use std::ops::Range;
use std::time::Duration;

use super::layout::{ENTRY_LEN, u32_at, u64_at};
use crate::decode::WireInfo;
use crate::record::{Direction, KindTag};
use crate::time::Moment;

/// Bits of [`Row::flags`]. All other bits are 0, and readers ignore them.
pub(super) mod flag {
    pub(crate) const IN: u8 = 1;
    pub(crate) const OUT: u8 = 2;
    pub(crate) const FAILED: u8 = 4;
    pub(crate) const TYPE_INLINE: u8 = 8;
    pub(crate) const WIRE: u8 = 16;
}

/// Number of bits for the number of an event type. The bits above them contain the class.
const TYPE_BITS: u32 = 12;

/// Maximum number of event types in a chunk.
pub(super) const MOST_TYPES: usize = 1 << TYPE_BITS;

/// Length of the head of a message with [`flag::WIRE`]: one byte for the compression, and the number of frames.
pub(super) const WIRE_HEAD_BYTES: usize = 1 + size_of::<u32>();

/// Entry of a record: 32 bytes in addition to its own.
///
/// In a block it is stored as bytes, little-endian: moment (8), offset, payload length, head length, connection, extra
/// (4 each), event type in the lower 12 bits and class in the upper 4 bits (2), kind (1), flags (1).
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) moment: Moment,
    /// Offset of its bytes in the chunk: first the head (inline type, id, reason of a failure, or form on the wire),
    /// then the payload.
    pub(super) offset: u32,
    pub(super) payload_len: u32,
    pub(super) head_len: u32,
    pub(super) connection: u32,
    /// Close code, round-trip time, bytes on the wire or length of an inline type, depending on the kind.
    pub(super) extra: u32,
    /// Number of the event type, below [`MOST_TYPES`].
    pub(super) type_ref: u16,
    /// Number of the class.
    pub(super) class: u8,
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
        let type_and_class = self.type_ref | u16::from(self.class) << TYPE_BITS;
        entry[28..30].copy_from_slice(&type_and_class.to_le_bytes());
        entry[30] = self.tag.number();
        entry[31] = self.flags;
        entry
    }

    #[inline]
    pub(super) fn decode(entry: &[u8; ENTRY_LEN]) -> Self {
        let type_and_class = u16::from_le_bytes([entry[28], entry[29]]);
        Self {
            moment: Moment::from_nanos(u64_at(entry, 0)),
            offset: u32_at(entry, 8),
            payload_len: u32_at(entry, 12),
            head_len: u32_at(entry, 16),
            connection: u32_at(entry, 20),
            extra: u32_at(entry, 24),
            type_ref: type_and_class & (MOST_TYPES as u16 - 1),
            class: Self::class_in(entry),
            // A kind of a later version becomes a note with its text.
            tag: KindTag::of_number(entry[30]).unwrap_or(KindTag::Note),
            flags: entry[31],
        }
    }

    /// Adapts an entry to a chunk in which its bytes are this much later.
    pub(super) fn move_by(entry: &mut [u8; ENTRY_LEN], later: u32) {
        Self::set_offset(entry, u32_at(entry, 8) + later);
    }

    /// Adapts the entry of an event to a chunk in which types have these numbers.
    pub(super) fn renumber_type(entry: &mut [u8; ENTRY_LEN], types: &[u16]) {
        let is_event = entry[30] == KindTag::Event.number() && entry[31] & flag::TYPE_INLINE == 0;
        if is_event {
            let type_and_class = u16::from_le_bytes([entry[28], entry[29]]);
            let number = type_and_class & (MOST_TYPES as u16 - 1);
            let own = types.get(usize::from(number)).copied().unwrap_or(number);
            Self::set_type(entry, own);
        }
    }

    /// Replaces the number of the event type in an entry.
    pub(super) fn set_type(entry: &mut [u8; ENTRY_LEN], number: u16) {
        let type_and_class = number | u16::from(Self::class_in(entry)) << TYPE_BITS;
        entry[28..30].copy_from_slice(&type_and_class.to_le_bytes());
    }

    /// Replaces the number of the class in an entry, which is below 16.
    pub(super) fn set_class(entry: &mut [u8; ENTRY_LEN], class: u8) {
        let type_bits = entry[29] & ((1 << (TYPE_BITS - u8::BITS)) - 1);
        entry[29] = type_bits | class << (TYPE_BITS - u8::BITS);
    }

    /// Replaces the start of the bytes in an entry.
    pub(super) fn set_offset(entry: &mut [u8; ENTRY_LEN], offset: u32) {
        entry[8..12].copy_from_slice(&offset.to_le_bytes());
    }

    /// Returns the start of the bytes of the row with this entry.
    #[inline]
    pub(super) fn offset_in(entry: &[u8; ENTRY_LEN]) -> usize {
        u32_at(entry, 8) as usize
    }

    /// Returns the class number of the row with this entry, below 16.
    #[inline]
    pub(super) fn class_in(entry: &[u8; ENTRY_LEN]) -> u8 {
        entry[29] >> (TYPE_BITS - u8::BITS)
    }

    pub(super) fn direction(&self) -> Option<Direction> {
        match self.flags & (flag::IN | flag::OUT) {
            flag::IN => Some(Direction::In),
            flag::OUT => Some(Direction::Out),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn head(&self) -> Range<usize> {
        let start = self.offset as usize;
        start..start + self.head_len as usize
    }

    #[inline]
    pub(super) fn payload(&self) -> Range<usize> {
        let start = self.head().end;
        start..start + self.payload_len as usize
    }

    pub(super) fn whole(&self) -> Range<usize> {
        self.offset as usize..self.payload().end
    }

    /// Returns the length of the payload, if it was received: of an event, a line or a message.
    #[inline]
    pub(super) fn received(&self) -> Option<u32> {
        let is_received = match self.tag {
            KindTag::Event | KindTag::Line => true,
            KindTag::Text | KindTag::Binary => self.direction() != Some(Direction::Out),
            _ => false,
        };
        is_received.then_some(self.payload_len)
    }

    /// Returns the form of the message on the wire, if its head contains it.
    pub(super) fn wire(&self, head: &[u8]) -> Option<WireInfo> {
        // The head of any other message contains the reason of a failure, or nothing.
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

    /// Returns the round-trip time of a pong, if it answers a ping of this program.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        // The value 0 means that there is none.
        let micros = self.extra.checked_sub(1)?;
        Some(Duration::from_micros(u64::from(micros)))
    }

    /// Returns true if the entry is valid for bytes from `start` to `end`.
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
