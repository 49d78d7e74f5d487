//! Saved connections, variables, settings, sessions and curl lines of any bytes: reading one ends without a panic.

#![no_main]

use std::cell::RefCell;
use std::fs;

use arbitrary::Arbitrary;
use hostile::TEXT_READERS;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

#[path = "../../crates/feedscope-files/tests/support/hostile.rs"]
#[expect(dead_code, reason = "the other target converts files")]
mod hostile;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    which: u8,
    /// Number of bytes of a good file that come first.
    good: u16,
    bytes: &'a [u8],
}

thread_local! {
    static FOLDER: RefCell<TempDir> = RefCell::new(tempfile::tempdir().expect("there is a temporary folder"));
}

fuzz_target!(|input: Input<'_>| {
    let reader = &TEXT_READERS[usize::from(input.which) % TEXT_READERS.len()];
    let good = reader.good.as_bytes();
    let good = &good[..usize::from(input.good).min(good.len())];
    FOLDER.with_borrow(|folder| {
        let path = folder.path().join("file");
        fs::write(&path, [good, input.bytes].concat()).expect("the disk has room");
        (reader.read)(&path);
    });
});
