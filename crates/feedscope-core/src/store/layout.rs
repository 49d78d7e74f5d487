//! How a chunk is laid out as one block of bytes, in memory and in files alike. Reads and writes no file.
//!
//! A block describes itself, so that a file of blocks opens by its headers alone: each header tells where the next block
//! begins, which rows are in this one, when they came and how many there are of each class. Everything is little-endian:
//!
//! | part | bytes | what |
//! |---|---|---|
//! | header | 128 | see below |
//! | entries | 32 a row | see [`Row`](super::row::Row) |
//! | anchors | 24 each | from which row on (`u64`), at which moment (`u64`, ns), UTC stood where (`i64`, µs since 1970) |
//! | type ends | 4 each | where the name of each event type ends among the names (`u32`) |
//! | type names | | the event types that entries refer to by number, one after the other |
//! | bytes | | what the entries point into |
//! | padding | 0 to 7 | zeros, up to a multiple of 8 |
//!
//! | header | type | what |
//! |---|---|---|
//! | 0 | 8 bytes | `FEEDROWS` |
//! | 8 | `u32` | version of the layout: 1 |
//! | 12 | `u32` | rows |
//! | 16 | `u64` | length of the block, header and padding included |
//! | 24 | `u64` | the store's number of the first row |
//! | 32, 40 | `u64` | moments of the first and the last row, in ns |
//! | 48, 56 | `i64` | UTC of the first and the last row, in µs since 1970 |
//! | 64 | `u32` | anchors |
//! | 68 | `u32` | event types |
//! | 72 | `u32` | length of the type names |
//! | 76 | `u32` | length of the bytes |
//! | 80 | 6 × `u32` | rows of each [`Class`], in the order of their numbers |
//! | 104 | `i64` | latest UTC of any row, in µs since 1970: clocks jump |
//! | 112 | 8 bytes | zeros |
//! | 120 | `u32` | CRC-32 of everything after the header |
//! | 124 | `u32` | CRC-32 of the header up to here |

use std::fmt;
use std::ops::Range;

use flate2::Crc;

use super::number::RowNumber;
use super::shown::Class;
use crate::time::{Moment, Stamp, Timestamp};

const MAGIC: &[u8; 8] = b"FEEDROWS";
const VERSION: u32 = 1;
pub(super) const HEADER_LEN: usize = 128;
pub(super) const ENTRY_LEN: usize = 32;
pub(super) const ANCHOR_LEN: usize = 24;
pub(super) const TYPE_END_LEN: usize = 4;
/// Every block begins at a multiple of this.
const ALIGNMENT: u64 = 8;
const CHECKSUM_AT: usize = HEADER_LEN - 4;

/// What a block's header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) first_row: RowNumber,
    pub(super) rows: u32,
    pub(super) anchors: u32,
    pub(super) types: u32,
    pub(super) type_names_len: u32,
    pub(super) bytes_len: u32,
    pub(super) first: Stamp,
    pub(super) last: Stamp,
    pub(super) latest: Timestamp,
    pub(super) counts: [u32; Class::COUNT],
    pub(super) body_checksum: u32,
}

/// Why bytes are no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockProblem {
    /// They end before the block does; so many bytes are needed in all.
    Cut {
        /// The block's length where its header is whole, else the header's.
        needed: u64,
    },
    /// They do not begin as a block does.
    NotABlock,
    /// A later version of Feedscope wrote them.
    LaterVersion(u32),
    /// The header is damaged.
    Damaged,
}

impl fmt::Display for BlockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { needed } => write!(f, "it is cut off: {needed} bytes are needed"),
            Self::NotABlock => f.write_str("it is not a block of records"),
            Self::LaterVersion(version) => {
                write!(f, "it is of version {version}, which is a later one")
            }
            Self::Damaged => f.write_str("its header is damaged"),
        }
    }
}

impl std::error::Error for BlockProblem {}

/// Where the parts of a block lie in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) entries: Range<usize>,
    pub(super) anchors: Range<usize>,
    pub(super) type_ends: Range<usize>,
    pub(super) type_names: Range<usize>,
    pub(super) bytes: Range<usize>,
}

impl Header {
    /// How long the block is, header and padding included.
    pub(super) fn block_len(&self) -> u64 {
        (HEADER_LEN as u64 + self.body_len()).next_multiple_of(ALIGNMENT)
    }

    fn body_len(&self) -> u64 {
        [
            (self.rows, ENTRY_LEN),
            (self.anchors, ANCHOR_LEN),
            (self.types, TYPE_END_LEN),
            (self.type_names_len, 1),
            (self.bytes_len, 1),
        ]
        .iter()
        .map(|&(count, len)| u64::from(count) * len as u64)
        .sum()
    }

    /// One past the last row.
    pub(super) fn end_row(&self) -> RowNumber {
        self.first_row + u64::from(self.rows)
    }

    pub(super) fn parts(&self) -> Parts {
        let mut end = HEADER_LEN;
        let mut next = |count: u32, len: usize| {
            let start = end;
            end += count as usize * len;
            start..end
        };
        Parts {
            entries: next(self.rows, ENTRY_LEN),
            anchors: next(self.anchors, ANCHOR_LEN),
            type_ends: next(self.types, TYPE_END_LEN),
            type_names: next(self.type_names_len, 1),
            bytes: next(self.bytes_len, 1),
        }
    }

    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, MAGIC);
        put(8, &VERSION.to_le_bytes());
        put(12, &self.rows.to_le_bytes());
        put(16, &self.block_len().to_le_bytes());
        put(24, &self.first_row.0.to_le_bytes());
        put(32, &self.first.moment.as_nanos().to_le_bytes());
        put(40, &self.last.moment.as_nanos().to_le_bytes());
        put(48, &self.first.utc.as_micros().to_le_bytes());
        put(56, &self.last.utc.as_micros().to_le_bytes());
        put(64, &self.anchors.to_le_bytes());
        put(68, &self.types.to_le_bytes());
        put(72, &self.type_names_len.to_le_bytes());
        put(76, &self.bytes_len.to_le_bytes());
        for (class, count) in self.counts.iter().enumerate() {
            put(80 + 4 * class, &count.to_le_bytes());
        }
        put(104, &self.latest.as_micros().to_le_bytes());
        put(120, &self.body_checksum.to_le_bytes());
        let checksum = checksum([&out[..CHECKSUM_AT]]);
        out[CHECKSUM_AT..].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads the header at the beginning of `block`, and makes sure that the whole block is there.
    pub(super) fn decode(block: &[u8]) -> Result<Self, BlockProblem> {
        let Some(head) = block.first_chunk::<HEADER_LEN>() else {
            let begun = block.iter().zip(MAGIC).all(|(byte, magic)| byte == magic);
            return Err(if begun {
                BlockProblem::Cut {
                    needed: HEADER_LEN as u64,
                }
            } else {
                BlockProblem::NotABlock
            });
        };
        if !head.starts_with(MAGIC) {
            return Err(BlockProblem::NotABlock);
        }
        let version = u32_at(head, 8);
        if version > VERSION {
            return Err(BlockProblem::LaterVersion(version));
        }
        let header = Self::read(head);
        let sound = version == VERSION
            && u32_at(head, CHECKSUM_AT) == checksum([&head[..CHECKSUM_AT]])
            && u64_at(head, 16) == header.block_len()
            && header.counts.iter().map(|&n| u64::from(n)).sum::<u64>() == u64::from(header.rows)
            && header
                .first_row
                .0
                .checked_add(u64::from(header.rows))
                .is_some();
        if !sound {
            return Err(BlockProblem::Damaged);
        }
        if (block.len() as u64) < header.block_len() {
            return Err(BlockProblem::Cut {
                needed: header.block_len(),
            });
        }
        Ok(header)
    }

    fn read(head: &[u8; HEADER_LEN]) -> Self {
        let stamp = |moment: usize, utc: usize| Stamp {
            moment: Moment::from_nanos(u64_at(head, moment)),
            utc: Timestamp::from_micros(u64_at(head, utc) as i64),
        };
        Self {
            first_row: RowNumber(u64_at(head, 24)),
            rows: u32_at(head, 12),
            anchors: u32_at(head, 64),
            types: u32_at(head, 68),
            type_names_len: u32_at(head, 72),
            bytes_len: u32_at(head, 76),
            first: stamp(32, 48),
            last: stamp(40, 56),
            latest: Timestamp::from_micros(u64_at(head, 104) as i64),
            counts: std::array::from_fn(|class| u32_at(head, 80 + 4 * class)),
            body_checksum: u32_at(head, 120),
        }
    }
}

/// The CRC-32 of all parts, one after the other.
pub(super) fn checksum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let mut crc = Crc::new();
    parts.into_iter().for_each(|part| crc.update(part));
    crc.sum()
}

/// The number at `at`, which is well within `bytes`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// The number at `at`, which is well within `bytes`.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}
