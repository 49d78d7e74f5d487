//! A disk that is slower than the feeds: nothing is lost without a report.

use std::io::{self, Write};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::*;

/// Number of bytes that a disk may still write.
#[derive(Default)]
struct Allowance {
    bytes: Mutex<u64>,
    changed: Condvar,
}

impl Allowance {
    fn add(&self, bytes: u64) {
        let mut allowed = self.bytes.lock();
        *allowed = allowed.saturating_add(bytes);
        self.changed.notify_all();
    }
}

/// Disk that waits for its allowance.
struct SlowDisk {
    out: Box<dyn Write + Send>,
    allowance: Arc<Allowance>,
}

impl Write for SlowDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut allowed = self.allowance.bytes.lock();
        while *allowed == 0 {
            self.allowance.changed.wait(&mut allowed);
        }
        let some = (*allowed).min(bytes.len() as u64);
        *allowed -= some;
        drop(allowed);
        self.out.write_all(&bytes[..some as usize])?;
        Ok(some as usize)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[test]
fn a_flood_on_a_slow_disk_loses_nothing_without_a_report() {
    const ROUNDS: u64 = 20;
    const RECORDS_A_ROUND: u64 = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(2 << 20);
    let allowance = Arc::new(Allowance::default());
    let file = FileWriter::create(&target(&path)).unwrap().through(|out| {
        let allowance = Arc::clone(&allowance);
        Box::new(SlowDisk { out, allowance })
    });
    // The description is written before the thread starts.
    allowance.add(4 << 10);
    let feeds = vec![recorded("one", &store)];
    let recorder = Recorder::start_with(file, target(&path), None, feeds, || {}).unwrap();
    let padding = "x".repeat(10 << 10);
    for round in 0..ROUNDS {
        // A flood of 132 MB/s, and a disk of 30 MB/s.
        for row in round * RECORDS_A_ROUND..(round + 1) * RECORDS_A_ROUND {
            comment(&mut writer, row, &format!("{row} {padding}"));
        }
        allowance.add(RECORDS_A_ROUND * padding.len() as u64 * 30 / 132);
    }
    // The feed has never waited for the disk.
    let pushed = ROUNDS * RECORDS_A_ROUND;
    assert_eq!(store.extent().end, RowNumber(pushed));
    allowance.add(u64::MAX);
    let progress = recorder.finish();
    assert_eq!(progress.failure, None);
    assert!(progress.lost > 0, "the disk was not slow");
    assert_eq!(progress.records + progress.lost, pushed);

    let opened = open_one(&path);
    assert_eq!(
        (opened.ending, opened.damage.len()),
        (RecordingEnd::Clean, 0)
    );
    let store = &opened.feeds[0].store;
    // Each record is in the file, or in the number of a note at its place.
    let mut next = 0;
    let mut reported = 0;
    for row in RowNumber::each(RowNumber(0)..store.extent().end) {
        let owned = store.record(row).unwrap();
        match owned.record().kind {
            Kind::Comment { data } => {
                let number = format!("{next} ");
                assert!(data.starts_with(number.as_bytes()), "{next}");
                next += 1;
            }
            Kind::Note { code, text } => {
                assert_eq!(code, NoteCode::NOT_RECORDED);
                let count: u64 = text.split(' ').next().unwrap().parse().unwrap();
                next += count;
                reported += count;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((next, reported), (pushed, progress.lost));
}
