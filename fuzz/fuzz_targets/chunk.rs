//! Fuzz target for blocks of records with any bytes, and for valid blocks with changes. All functions for a view return
//! without a panic and in a bounded time.

#![no_main]

use std::sync::LazyLock;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

use analyzing::analyze_everything;
use arbitrary::Arbitrary;
use every_kind::every_kind;
use feedscope_core as under_test;
use feedscope_core::store::{Spill, SpillJob, Store};
use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp, Timestamp};
use flate2::Crc;
use libfuzzer_sys::fuzz_target;
use reading::{open, read_everything};

#[path = "../../crates/feedscope-analysis/tests/support/blocks.rs"]
mod analyzing;
#[path = "../../crates/feedscope-core/tests/support/every_kind.rs"]
mod every_kind;
#[path = "../../crates/feedscope-core/tests/support/blocks.rs"]
mod reading;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any(&'a [u8]),
    /// A valid file, with changed bytes and possibly cut.
    Changed {
        changes: Vec<(u16, u8)>,
        /// True if the headers are adapted to their content.
        is_mended: bool,
        cut: Option<u16>,
    },
}

/// File of two blocks with any records, one after the other.
static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let block = block();
    let mut second = block.clone();
    let rows = number(&block, ROWS_AT);
    second[FIRST_ROW_AT..FIRST_ROW_AT + 4].copy_from_slice(&rows.to_le_bytes());
    let mut file = [block, second].concat();
    mend(&mut file);
    assert_eq!(open(file.clone()).len(), 2, "the file is good");
    file
});

fuzz_target!(|input: Input<'_>| {
    let file = match input {
        Input::Any(bytes) => bytes.to_vec(),
        Input::Changed {
            changes,
            is_mended,
            cut,
        } => {
            let mut file = FILE.clone();
            for (at, byte) in changes {
                let at = usize::from(at) % file.len();
                file[at] = byte;
            }
            if is_mended {
                mend(&mut file);
            }
            let end = cut.map_or(file.len(), usize::from);
            file.truncate(end);
            file
        }
    };
    if let Some(store) = read_everything(open(file)) {
        analyze_everything(&store);
    }
});

// --- headers, as crates/feedscope-core/src/store/layout.rs has them ----------------------------------------------

const HEADER_LEN: usize = 192;
const ROWS_AT: usize = 12;
const LENGTH_AT: usize = 16;
const FIRST_ROW_AT: usize = 24;
const PARTS_AT: usize = 64;
const COUNTS_AT: usize = 104;
const CLASSES: usize = 16;
const CHECKSUM_AT: usize = 188;

/// Adapts the header of each block to the numbers in it.
fn mend(file: &mut [u8]) {
    let mut rest = file;
    while let Some(head) = rest.first_chunk_mut::<HEADER_LEN>() {
        let rows = number(head, ROWS_AT);
        let counts = || (0..CLASSES).map(|class| COUNTS_AT + 4 * class);
        let counted: u64 = counts().map(|at| u64::from(number(head, at))).sum();
        if counted != u64::from(rows) {
            counts().for_each(|at| head[at..at + 4].fill(0));
            head[COUNTS_AT..COUNTS_AT + 4].copy_from_slice(&rows.to_le_bytes());
        }
        let lens = [24, 4, 1, 1].into_iter().zip((PARTS_AT..).step_by(4));
        let parts = lens.map(|(len, at)| len * u64::from(number(head, at)));
        let length = HEADER_LEN as u64 + 32 * u64::from(rows) + parts.sum::<u64>();
        let length = length.next_multiple_of(8);
        head[LENGTH_AT..LENGTH_AT + 8].copy_from_slice(&length.to_le_bytes());
        let mut crc = Crc::new();
        crc.update(&head[..CHECKSUM_AT]);
        head[CHECKSUM_AT..].copy_from_slice(&crc.sum().to_le_bytes());
        rest = usize::try_from(length)
            .ok()
            .and_then(|length| rest.get_mut(length..))
            .unwrap_or_default();
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]))
}

// --- a good block ------------------------------------------------------------------------------------------------

/// Receiver of the chunks that a store lets go.
struct Desk(SyncSender<SpillJob>);

impl Spill for Desk {
    fn limit(&self) -> u64 {
        u64::MAX
    }

    fn take(&self, job: SpillJob) -> Result<(), SpillJob> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
}

/// Returns the block of a store with a record of every kind.
fn block() -> Vec<u8> {
    let (desk, jobs) = sync_channel(1);
    let (mut writer, _store) = Store::with_spill(0, Box::new(Desk(desk)));
    // A record that is larger than a chunk completes the chunk before it.
    let large = vec![b'.'; 2 << 20];
    let last = Kind::Comment { data: &large };
    for (kind, number) in every_kind().into_iter().chain([last]).zip(0..) {
        // The clock jumps at some records.
        let jump = if number % 5 > 2 { 7_000_000 } else { 1_000 };
        writer.push(&Record {
            stamp: Stamp {
                moment: Moment::from_millis(number),
                utc: Timestamp::from_micros(number as i64 * jump),
            },
            connection: number as u32 / 3,
            kind,
        });
    }
    writer.flush();
    let job = jobs.try_recv().expect("the first chunk went");
    job.block().parts().flatten().copied().collect()
}
