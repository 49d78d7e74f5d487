//! Recordings of any bytes, and good ones in which bytes were changed or cut: opening one and reading all of it ends in
//! a bounded time, without a panic.

#![no_main]

use std::cell::RefCell;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use arbitrary::Arbitrary;
use feedscope_core::record::write_json_line;
use feedscope_core::store::RowNumber;
use feedscope_files::recording::open;
use libfuzzer_sys::fuzz_target;
use tempfile::NamedTempFile;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any(&'a [u8]),
    /// A good file, with bytes changed and perhaps cut.
    Changed {
        which: u8,
        changes: Vec<(u16, u8)>,
        cut: Option<u16>,
    },
}

/// Good files, of each kind.
const FILES: [&[u8]; 3] = [
    include_bytes!("../../crates/feedscope-files/tests/recordings/v2-ended.feedscope"),
    include_bytes!("../../crates/feedscope-files/tests/recordings/v2-killed.feedscope"),
    include_bytes!("../../crates/feedscope-files/tests/recordings/v2-two-sessions.feedscope"),
];

/// Most records that are read. A header cannot stand for more rows than its file has bytes.
const MOST_ROWS: u64 = 100_000;

thread_local! {
    static FILE: RefCell<NamedTempFile> = RefCell::new(NamedTempFile::new().expect("there is a temporary folder"));
}

fuzz_target!(|input: Input<'_>| {
    let bytes = match input {
        Input::Any(bytes) => bytes.to_vec(),
        Input::Changed {
            which,
            changes,
            cut,
        } => {
            let mut bytes = FILES[usize::from(which) % FILES.len()].to_vec();
            for (at, byte) in changes {
                let at = usize::from(at) % bytes.len();
                bytes[at] = byte;
            }
            let end = cut.map_or(bytes.len(), usize::from);
            bytes.truncate(end);
            bytes
        }
    };
    FILE.with_borrow_mut(|file| {
        let written = file
            .as_file()
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(&bytes));
        written.expect("the disk has room");
        read(file.path());
    });
});

fn read(path: &Path) {
    let Ok(opened) = open(&[path.to_owned()]) else {
        return;
    };
    let mut line = Vec::new();
    for feed in &opened.feeds {
        let end = feed.store.extent().end.min(RowNumber(MOST_ROWS));
        for row in RowNumber::each(RowNumber(0)..end) {
            let owned = feed.store.record(row).expect("the header counts it");
            line.clear();
            write_json_line(&mut line, &owned.record(), None);
        }
    }
}
