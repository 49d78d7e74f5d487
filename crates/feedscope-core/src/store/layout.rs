//! Layout of a chunk as one block of bytes, in memory and in files alike. Reads and writes no file.
//!
//! A block describes itself, so that a file of blocks is opened by its headers alone: each header gives the start of the
//! next block, the rows in this one, their times, and their number in each class. All numbers are little-endian.
//! `docs/format.md` describes the files that consist of such blocks, and the rules for later versions.
//!
//! | part | bytes | contents |
//! |---|---|---|
//! | header | 192 | see below |
//! | entries | 32 a row | see [`Row`](super::row::Row) |
//! | anchors | 24 each | first row it applies to (`u64`), a moment (`u64`, ns) and its UTC (`i64`, µs since 1970) |
//! | type ends | 4 each | end of the name of each event type among the names (`u32`) |
//! | type names | | the event types that entries refer to by number, one after the other |
//! | bytes | | the bytes that the entries point into |
//! | padding | 0 to 7 | zeros, up to a multiple of 8 |
//!
//! | header | type | contents |
//! |---|---|---|
//! | 0 | 8 bytes | `FEEDROWS` |
//! | 8 | `u32` | version of the layout: 2 |
//! | 12 | `u32` | rows |
//! | 16 | `u64` | length of the block, header and padding included |
//! | 24 | `u64` | number of the first row in its store |
//! | 32, 40 | `u64` | moments of the first and the last row, in ns |
//! | 48, 56 | `i64` | UTC of the first and the last row, in µs since 1970 |
//! | 64 | `u32` | anchors |
//! | 68 | `u32` | event types |
//! | 72 | `u32` | length of the type names |
//! | 76 | `u32` | length of the bytes |
//! | 80 | `i64` | latest UTC of any row, in µs since 1970, because clocks jump |
//! | 88 | `u32` | number of the feed in a file; 0 in a block that is in no file |
//! | 92 | `u32` | flags: bit 0 marks a tail block; bit 1 is set where the field at 168 has a value |
//! | 96 | `u64` | clock domain: moments can be compared where it is equal; 0 in a block that is in no file |
//! | 104 | 16 × `u32` | rows of each [`Class`](super::Class), by its number |
//! | 168 | `u32` | bytes of the received payloads, if bit 1 of the flags is set; else zeros |
//! | 172 | 12 bytes | zeros |
//! | 184 | `u32` | CRC-32 of everything after the header |
//! | 188 | `u32` | CRC-32 of the header up to here |
//!
//! A reader ignores flags of bits 1 to 15 that it does not know, and refuses a block with an unknown flag of bits 16 to
//! 31. It accepts class and kind numbers that it does not know.

use std::fmt;
use std::ops::Range;

use crc32fast::Hasher;

use super::number::RowNumber;
use super::shown::{Class, ClassCounts};
use crate::time::{Moment, Stamp, Timestamp};

/// First bytes of every block.
const MAGIC: &[u8; 8] = b"FEEDROWS";
/// Version of the layout that is written. Version 1 was used only in files without a name, so that no file has it.
const VERSION: u32 = 2;
pub(super) const HEADER_LEN: usize = BlockHeader::LEN;
pub(super) const ENTRY_LEN: usize = 32;
pub(super) const ANCHOR_LEN: usize = 24;
pub(super) const TYPE_END_LEN: usize = 4;
/// Every block begins at a multiple of this.
const ALIGNMENT: u64 = 8;
const COUNTS_AT: usize = 104;
const RECEIVED_BYTES_AT: usize = 168;
const BODY_CHECKSUM_AT: usize = HEADER_LEN - 8;
const CHECKSUM_AT: usize = HEADER_LEN - 4;
/// Flag of a tail block.
const TAIL_FLAG: u32 = 1;
/// Flag of a header that counts the bytes of the received payloads. Headers of earlier versions do not.
const RECEIVED_BYTES_FLAG: u32 = 2;
/// Maximum number of rows, anchors or event types of a block. A chunk has at most 32,768 rows. The limit bounds the memory of
/// a reader: a block of a wrong length would be read whole, and rows that cannot be read are replaced one by one.
const MOST_ROWS: u32 = 1 << 20;
/// Flags that a reader must know in order to read a block.
const REQUIRED_FLAGS: u32 = 0xffff_0000;

/// Properties of a block in a file, besides its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockTags {
    /// Number of the feed in the file.
    pub feed: u32,
    /// True for rows that a later block is expected to contain again.
    pub is_tail: bool,
    /// Clock that the moments were read from: moments of two blocks can be compared where it is equal.
    pub clock_domain: u64,
}

/// Header of a block: the facts about its rows that are known without reading them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockHeader {
    pub(super) first_row: RowNumber,
    pub(super) rows: u32,
    pub(super) anchors: u32,
    pub(super) types: u32,
    pub(super) type_names_len: u32,
    pub(super) bytes_len: u32,
    pub(super) first: Stamp,
    pub(super) last: Stamp,
    pub(super) latest: Timestamp,
    pub(super) tags: BlockTags,
    pub(super) counts: ClassCounts,
    /// Bytes of the payloads that were received; `None` in a header of an earlier version.
    pub(super) received_bytes: Option<u32>,
    pub(super) body_checksum: u32,
}

/// Reason that bytes are not a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockProblem {
    /// They end before the block does.
    Cut {
        /// Length of the block where its header is whole, else of the header.
        needed: u64,
    },
    /// They do not begin as a block does.
    NotABlock,
    /// A later version of Feedscope wrote them.
    LaterVersion(u32),
    /// A later version of Feedscope wrote them, with these flags that a reader must know.
    UnknownFlags(u32),
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
            Self::UnknownFlags(flags) => {
                write!(f, "it has the unknown flags {flags:#x}, of a later version")
            }
            Self::Damaged => f.write_str("its header is damaged"),
        }
    }
}

impl std::error::Error for BlockProblem {}

/// Places of the parts of a block in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BlockParts {
    pub(super) entries: Range<usize>,
    pub(super) anchors: Range<usize>,
    pub(super) type_ends: Range<usize>,
    pub(super) type_names: Range<usize>,
    pub(super) bytes: Range<usize>,
}

impl BlockHeader {
    /// Length of every header in bytes.
    pub const LEN: usize = 192;

    /// Number of the first row in its store.
    pub fn first_row(&self) -> RowNumber {
        self.first_row
    }

    /// Number of rows.
    pub fn row_count(&self) -> u32 {
        self.rows
    }

    /// Arrival of the first row.
    pub fn first(&self) -> Stamp {
        self.first
    }

    /// Arrival of the last row.
    pub fn last(&self) -> Stamp {
        self.last
    }

    /// Feed, clock and role of the block in its file.
    pub fn tags(&self) -> BlockTags {
        self.tags
    }

    /// Number of rows of a class.
    pub fn count(&self, class: Class) -> u32 {
        self.counts[class as usize]
    }

    /// Returns true if `body` is what was written after the header, by its checksum.
    pub fn is_body(&self, body: &[u8]) -> bool {
        checksum([body]) == self.body_checksum
    }

    /// Length of the block in bytes, header and padding included.
    pub fn block_len(&self) -> u64 {
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
    pub fn end_row(&self) -> RowNumber {
        self.first_row + u64::from(self.rows)
    }

    pub(super) fn parts(&self) -> BlockParts {
        // The parts follow each other without gaps.
        let mut end = HEADER_LEN;
        let mut next = |count: u32, len: usize| {
            let start = end;
            end += count as usize * len;
            start..end
        };
        BlockParts {
            entries: next(self.rows, ENTRY_LEN),
            anchors: next(self.anchors, ANCHOR_LEN),
            type_ends: next(self.types, TYPE_END_LEN),
            type_names: next(self.type_names_len, 1),
            bytes: next(self.bytes_len, 1),
        }
    }

    /// Returns the header as it stands in a file.
    pub fn encode(&self) -> [u8; Self::LEN] {
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
        put(80, &self.latest.as_micros().to_le_bytes());
        put(88, &self.tags.feed.to_le_bytes());
        let mut flags = if self.tags.is_tail { TAIL_FLAG } else { 0 };
        if let Some(bytes) = self.received_bytes {
            flags |= RECEIVED_BYTES_FLAG;
            put(RECEIVED_BYTES_AT, &bytes.to_le_bytes());
        }
        put(92, &flags.to_le_bytes());
        put(96, &self.tags.clock_domain.to_le_bytes());
        for (class, count) in self.counts.iter().enumerate() {
            put(COUNTS_AT + 4 * class, &count.to_le_bytes());
        }
        put(BODY_CHECKSUM_AT, &self.body_checksum.to_le_bytes());
        // The checksum comes last, because it covers all other fields.
        let checksum = checksum([&out[..CHECKSUM_AT]]);
        out[CHECKSUM_AT..].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads the header at the beginning of `bytes`, which need not contain the rest of the block.
    ///
    /// # Errors
    ///
    /// Fails if no header is there, or if it is damaged or of a later version.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockProblem> {
        let Some(head) = bytes.first_chunk::<HEADER_LEN>() else {
            // A file that is being written may end inside of a header.
            let begun = bytes.iter().zip(MAGIC).all(|(byte, magic)| byte == magic);
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
        // The version is checked before anything else is believed.
        let version = u32_at(head, 8);
        if version > VERSION {
            return Err(BlockProblem::LaterVersion(version));
        }
        if version < VERSION || u32_at(head, CHECKSUM_AT) != checksum([&head[..CHECKSUM_AT]]) {
            return Err(BlockProblem::Damaged);
        }
        // A later version may add flags that a reader can ignore, and others that it must know.
        let unknown = u32_at(head, 92) & REQUIRED_FLAGS;
        if unknown != 0 {
            return Err(BlockProblem::UnknownFlags(unknown));
        }
        let header = Self::read(head);
        // Lengths and counts are checked against each other, so that later code can rely on them.
        let is_bounded = [header.rows, header.anchors, header.types]
            .iter()
            .all(|&count| count <= MOST_ROWS);
        let sound = is_bounded
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
        Ok(header)
    }

    /// Reads the header at the beginning of `block`, and checks that the whole block is there.
    pub(super) fn decode_whole(block: &[u8]) -> Result<Self, BlockProblem> {
        let header = Self::decode(block)?;
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
            latest: Timestamp::from_micros(u64_at(head, 80) as i64),
            tags: BlockTags {
                feed: u32_at(head, 88),
                is_tail: u32_at(head, 92) & TAIL_FLAG != 0,
                clock_domain: u64_at(head, 96),
            },
            counts: std::array::from_fn(|class| u32_at(head, COUNTS_AT + 4 * class)),
            received_bytes: (u32_at(head, 92) & RECEIVED_BYTES_FLAG != 0)
                .then(|| u32_at(head, RECEIVED_BYTES_AT)),
            body_checksum: u32_at(head, BODY_CHECKSUM_AT),
        }
    }
}

/// Returns times from which the same UTC follows for each moment that is this many microseconds later, or earlier if they are
/// negative.
///
/// The clock may be noted earlier than the first row of a file. Its moment would then be negative, so that a later one is
/// taken together with its UTC.
pub(super) fn stamp_shifted(stamp: Stamp, micros: i64) -> Stamp {
    let before_zero = ((stamp.moment.as_nanos() / 1_000) as i64).saturating_add(micros);
    let later = before_zero.min(0).saturating_neg();
    Stamp {
        moment: moment_shifted(stamp.moment, micros.saturating_add(later)),
        utc: Timestamp::from_micros(stamp.utc.as_micros().saturating_add(later)),
    }
}

/// Returns the moment that is this many microseconds later, or earlier if they are negative, within the range of moments.
///
/// Whole microseconds keep the UTC of a row exact, because it is computed from the microseconds of two moments.
pub(super) fn moment_shifted(moment: Moment, micros: i64) -> Moment {
    let nanos = micros.saturating_mul(1_000);
    Moment::from_nanos(moment.as_nanos().saturating_add_signed(nanos))
}

/// CRC-32 of all parts, one after the other, as zlib computes it.
pub fn checksum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let mut crc = Hasher::new();
    parts.into_iter().for_each(|part| crc.update(part));
    crc.finalize()
}

/// CRC-32 of a buffer that only grows, for its bytes so far.
#[derive(Default)]
pub(super) struct GrowingChecksum {
    crc: Hasher,
}

impl GrowingChecksum {
    /// Adds the bytes that the buffer has got since the last call.
    pub(super) fn catch_up(&mut self, buffer: &[u8]) {
        self.crc.update(self.rest_of(buffer));
    }

    /// Appends the checksum of the whole buffer to another one.
    pub(super) fn append_to(&self, crc: &mut Hasher, buffer: &[u8]) {
        crc.combine(&self.crc);
        crc.update(self.rest_of(buffer));
    }

    fn rest_of<'a>(&self, buffer: &'a [u8]) -> &'a [u8] {
        buffer
            .get(self.crc.total_len() as usize..)
            .unwrap_or_default()
    }
}

/// Number at `at`, which is well within `bytes`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// Number at `at`, which is well within `bytes`.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}
