//! Recording that the entries of a HAR are put aside in, with a feed for the connections to one URL.

use std::fs::File;
use std::io::{self, BufWriter};

use feedscope_core::record::{Kind, Record};
use feedscope_core::time::{Moment, Stamp, Timestamp};

use super::super::item::{FeedInfo, FeedWriter as _, FileItem, ReadError, WriteError};
use super::super::native::{self, StoreReader};
use crate::disk_history::HistoryFolder;
use crate::recording::open_files;

/// Maximum size of a chunk of records that are put aside. An archive can have hundreds of connections at the same time, and
/// one chunk of each is in memory while their records are put in order.
const CHUNK_BYTES: usize = 64 << 10;

/// Recording that the entries are put aside in.
pub(super) struct PutAside {
    pub(super) writer: native::NativeWriter<BufWriter<File>>,
    pub(super) feeds: Vec<HarFeed>,
    /// UTC at the moment 0, in microseconds.
    pub(super) origin: Option<i64>,
}

/// Feed of one or several entries.
pub(super) struct HarFeed {
    pub(super) info: FeedInfo,
    /// Feedscope wrote its entries.
    pub(super) is_own: bool,
    pub(super) connections: u32,
    pub(super) last: Stamp,
}

impl PutAside {
    pub(super) fn new() -> Result<Self, ReadError> {
        let file = HistoryFolder::usual().temporary_file()?;
        Ok(Self {
            writer: native::NativeWriter::new(BufWriter::new(file)).with_chunk_bytes(CHUNK_BYTES),
            feeds: Vec::new(),
            origin: None,
        })
    }

    pub(super) fn complete(self) -> Result<StoreReader, ReadError> {
        let (file, _remarks) = self.writer.complete().map_err(read_error)?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let opened = open_files([(file, "the archive".into())])
            .map_err(|error| ReadError::Malformed(error.to_string()))?;
        Ok(StoreReader::of_recording(&opened))
    }

    /// Adds a record. Moments of a feed never go back.
    pub(super) fn push(
        &mut self,
        feed: usize,
        connection: u32,
        stamp: Stamp,
        kind: Kind<'_>,
    ) -> Result<(), ReadError> {
        let micros = (stamp.moment.as_nanos() / 1_000) as i64;
        self.origin
            .get_or_insert(stamp.utc.as_micros().saturating_sub(micros));
        // A clock that jumped back in the other program has no effect on the order.
        let target = &mut self.feeds[feed];
        let stamp = Stamp {
            moment: stamp.moment.max(target.last.moment),
            utc: stamp.utc,
        };
        target.last = stamp;
        let record = Record {
            stamp,
            connection,
            kind,
        };
        let item = FileItem::Record {
            feed,
            record,
            extra: "",
        };
        self.writer.write(&item, &[]).map_err(read_error)
    }

    /// Stamp of a time of which only UTC is known.
    pub(super) fn stamp_at(&mut self, utc: Timestamp) -> Stamp {
        let origin = *self.origin.get_or_insert(utc.as_micros());
        Stamp {
            moment: moment_since(origin, utc),
            utc,
        }
    }
}

/// Returns the moment of a time, counted from the origin in microseconds.
pub(super) fn moment_since(origin: i64, utc: Timestamp) -> Moment {
    let micros = utc.as_micros().saturating_sub(origin);
    Moment::from_nanos(u64::try_from(micros).unwrap_or(0).saturating_mul(1_000))
}

/// Failure to put records aside.
pub(super) fn read_error(error: WriteError) -> ReadError {
    match error {
        WriteError::Io(error) => ReadError::Io(error),
        WriteError::NoRoom(sentence) => ReadError::Malformed(sentence),
    }
}
