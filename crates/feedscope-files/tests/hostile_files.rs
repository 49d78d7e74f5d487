//! Files of every kind that is read, with bytes changed, repeated and cut: reading them ends without a panic.

use std::fs;

use feedscope_files::formats::Format;
use hostile::{TEXT_READERS, convert};
use proptest::prelude::*;

#[path = "support/hostile.rs"]
mod hostile;

/// Formats that are read, each with a good file.
const FILES: [(Format, &[u8]); 6] = [
    (Format::Feedscope, include_bytes!("formats/v1.feedscope")),
    (Format::Ndjson, include_bytes!("formats/v1.ndjson")),
    (Format::Ndjson, include_bytes!("formats/v1.ndjson.gz")),
    (Format::Sse, include_bytes!("formats/v1.sse")),
    (Format::Har, include_bytes!("formats/v1.har")),
    (Format::Har, include_bytes!("formats/v1.har.zst")),
];

/// Changes of a file: bytes to replace, a part to repeat, and the new length.
#[derive(Clone, Debug)]
struct Changes {
    bytes: Vec<(prop::sample::Index, u8)>,
    repeated: Option<(prop::sample::Index, prop::sample::Index)>,
    len: Option<prop::sample::Index>,
}

fn changes() -> impl Strategy<Value = Changes> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(&b"\"'\\{}[]:,=#\n\0$^"[..])
    ];
    (
        prop::collection::vec((any::<prop::sample::Index>(), byte), 0..12),
        any::<Option<(prop::sample::Index, prop::sample::Index)>>(),
        any::<Option<prop::sample::Index>>(),
    )
        .prop_map(|(bytes, repeated, len)| Changes {
            bytes,
            repeated,
            len,
        })
}

impl Changes {
    fn of(&self, good: &[u8]) -> Vec<u8> {
        let mut changed = good.to_vec();
        for (at, byte) in &self.bytes {
            let at = at.index(good.len());
            changed[at] = *byte;
        }
        if let Some((one, other)) = &self.repeated {
            let (one, other) = (one.index(good.len()), other.index(good.len()));
            let part = changed[one.min(other)..one.max(other)].to_vec();
            changed.splice(one..one, part);
        }
        if let Some(len) = &self.len {
            changed.truncate(len.index(changed.len()));
        }
        changed
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn changed_files_are_converted_without_a_panic(
        which in 0..FILES.len(),
        to in 0..Format::ALL.len(),
        changes in changes(),
    ) {
        let (format, good) = FILES[which];
        convert(format, changes.of(good), Format::ALL[to]);
    }

    #[test]
    fn changed_texts_are_read_without_a_panic(
        which in 0..TEXT_READERS.len(),
        changes in changes(),
    ) {
        let reader = &TEXT_READERS[which];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, changes.of(reader.good.as_bytes())).unwrap();
        (reader.read)(&path);
    }
}
