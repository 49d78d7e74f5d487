//! The small blocks of a recording: descriptions of feeds, the index and the trailer. Reads and writes no file.
//!
//! | header | type | contents |
//! |---|---|---|
//! | 0 | 8 bytes | `FEEDFILE`, `FEEDINDX` or `FEEDLAST` |
//! | 8 | `u32` | version: 1 |
//! | 12 | `u32` | zeros |
//! | 16 | `u64` | length of the block, header included; in `FEEDLAST` the start of the index |
//! | 24 | `u32` | CRC-32 of the content |
//! | 28 | `u32` | CRC-32 of the header up to here |

use feedscope_core::store::{BlockHeader, checksum};
use serde::{Deserialize, Serialize};

/// Length of the header of a small block.
pub(super) const HEADER_LEN: usize = 32;

/// Greatest length of a description. A longer one is damaged.
pub(super) const LONGEST_DESCRIPTION: u64 = 64 << 10;

/// Version of the small blocks that is written.
const VERSION: u32 = 1;

/// Every block begins at a multiple of this.
pub(super) const ALIGNMENT: u64 = 8;

/// Length of an entry of the index: the start of a block and a copy of its header.
pub(super) const INDEX_ENTRY_LEN: usize = 8 + BlockHeader::LEN;

/// Kind of a small block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SmallKind {
    /// Description of a feed.
    Feed,
    /// Index of all blocks.
    Index,
    /// Trailer.
    Last,
}

impl SmallKind {
    const ALL: [Self; 3] = [Self::Feed, Self::Index, Self::Last];

    fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::Feed => b"FEEDFILE",
            Self::Index => b"FEEDINDX",
            Self::Last => b"FEEDLAST",
        }
    }
}

/// Header of a small block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SmallHeader {
    pub(super) kind: SmallKind,
    /// Length of the block, or the start of the index in a trailer.
    pub(super) value: u64,
    /// CRC-32 of the content.
    pub(super) checksum: u32,
}

/// Reason that bytes are no header of a small block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SmallProblem {
    /// They do not begin as one, or are damaged.
    NotOne,
    /// A later version of Feedscope wrote them.
    LaterVersion(u32),
}

impl SmallHeader {
    /// Length of the block with its header.
    pub(super) fn block_len(&self) -> u64 {
        match self.kind {
            SmallKind::Last => HEADER_LEN as u64,
            SmallKind::Feed | SmallKind::Index => self.value,
        }
    }

    /// Reads the header at the beginning of `bytes`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, SmallProblem> {
        let head = bytes.first_chunk::<HEADER_LEN>();
        let head = head.ok_or(SmallProblem::NotOne)?;
        let mut kinds = SmallKind::ALL.into_iter();
        let kind = kinds.find(|kind| head.starts_with(kind.magic()));
        let kind = kind.ok_or(SmallProblem::NotOne)?;
        // The version is checked before anything else is believed.
        let version = u32_at(head, 8);
        if version > VERSION {
            return Err(SmallProblem::LaterVersion(version));
        }
        let header = Self {
            kind,
            value: u64::from_le_bytes(std::array::from_fn(|i| head[16 + i])),
            checksum: u32_at(head, 24),
        };
        let len = header.block_len();
        // A length that is no multiple of the alignment would lead into the middle of a block.
        let is_sound = version == VERSION
            && u32_at(head, 28) == checksum([&head[..28]])
            && len >= HEADER_LEN as u64
            && len.is_multiple_of(ALIGNMENT);
        is_sound.then_some(header).ok_or(SmallProblem::NotOne)
    }

    fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        out[..8].copy_from_slice(self.kind.magic());
        out[8..12].copy_from_slice(&VERSION.to_le_bytes());
        out[16..24].copy_from_slice(&self.value.to_le_bytes());
        out[24..28].copy_from_slice(&self.checksum.to_le_bytes());
        let checksum = checksum([&out[..28]]);
        out[28..].copy_from_slice(&checksum.to_le_bytes());
        out
    }
}

/// Returns a small block with this content, which is a multiple of 8 bytes long.
fn block(kind: SmallKind, content: &[u8]) -> Vec<u8> {
    let header = SmallHeader {
        kind,
        value: (HEADER_LEN + content.len()) as u64,
        checksum: checksum([content]),
    };
    [&header.encode(), content].concat()
}

/// Description of a feed in a recording. It contains no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedDescription {
    /// Number of the feed in the file, from 1. A later session in the same file has numbers of its own.
    pub feed: u32,
    /// Short name. Feeds of the same name, protocol and URL, in one file or in several, are one feed.
    pub name: String,
    /// URL with its secrets masked; `None` for a source without a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `event-stream`, `web-socket` or `lines`.
    pub protocol: String,
    /// Name of the engine that read the feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Time at which the recording of this feed began, as in JSON lines.
    pub started: String,
    /// Number of the first record that belongs to the recording.
    #[serde(default)]
    pub first_row: u64,
    /// Program and version that wrote the file.
    #[serde(default)]
    pub program: String,
    /// Reading of its payloads, which are recorded as received.
    #[serde(default, skip_serializing_if = "RecordedReading::is_empty")]
    pub reading: RecordedReading,
}

/// Reading of the payloads of a recorded feed, as the options of the command line have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordedReading {
    /// Decoders of received payloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode: Option<String>,
    /// Decoders of sent payloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode_sent: Option<String>,
    /// Name of the lens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Path of the schema for the decoder protobuf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proto: Option<String>,
}

impl RecordedReading {
    /// Returns true if nothing is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl FeedDescription {
    /// Returns the block of the description.
    pub(super) fn to_block(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec(self).expect("strings and numbers always serialize");
        // JSON may end with blanks, so that the content needs no length of its own.
        json.resize(json.len().next_multiple_of(ALIGNMENT as usize), b' ');
        block(SmallKind::Feed, &json)
    }

    /// Reads the content of a block with this header.
    pub(super) fn of_content(header: &SmallHeader, content: &[u8]) -> Option<Self> {
        if checksum([content]) != header.checksum {
            return None;
        }
        serde_json::from_slice(content).ok()
    }
}

/// Entry of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// Start of the block.
    pub(super) at: u64,
    /// Block of records, or a description, which is read where it is.
    pub(super) rows: Option<BlockHeader>,
}

/// Returns the index as a block, and the trailer behind it. `at` is the start of the index.
pub(super) fn index(entries: &[IndexEntry], at: u64) -> Vec<u8> {
    let mut content = Vec::with_capacity(entries.len() * INDEX_ENTRY_LEN);
    for entry in entries {
        content.extend(entry.at.to_le_bytes());
        match &entry.rows {
            Some(header) => content.extend(header.encode()),
            None => content.extend([0; BlockHeader::LEN]),
        }
    }
    let mut out = block(SmallKind::Index, &content);
    // The last block is at a fixed distance from the end, so that a reader finds the index without a search.
    let last = SmallHeader {
        kind: SmallKind::Last,
        value: at,
        checksum: 0,
    };
    out.extend(last.encode());
    out
}

/// Reads the content of an index; `None` where it is damaged.
pub(super) fn index_entries(header: &SmallHeader, content: &[u8]) -> Option<Vec<IndexEntry>> {
    let (entries, rest) = content.as_chunks::<INDEX_ENTRY_LEN>();
    if checksum([content]) != header.checksum || !rest.is_empty() {
        return None;
    }
    let entry = |entry: &[u8; INDEX_ENTRY_LEN]| {
        let (at, head) = entry.split_first_chunk::<8>()?;
        // Only blocks with rows have a header in the index; for the others it is zero.
        let is_rows = head.iter().any(|&byte| byte != 0);
        let rows = match is_rows.then(|| BlockHeader::decode(head)) {
            Some(header) => Some(header.ok()?),
            None => None,
        };
        Some(IndexEntry {
            at: u64::from_le_bytes(*at),
            rows,
        })
    };
    entries.iter().map(entry).collect()
}

fn u32_at(bytes: &[u8; HEADER_LEN], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}
