//! Files of every readable format, of any bytes, and good ones in which bytes were changed or cut: reading one ends in a
//! bounded time, without a panic, and what was read can be written in every format.

#![no_main]

use arbitrary::Arbitrary;
use feedscope_files::formats::Format;
use hostile::convert;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/feedscope-files/tests/support/hostile.rs"]
#[expect(dead_code, reason = "the other target reads the text files")]
mod hostile;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    format: u8,
    /// Format to write.
    to: u8,
    content: Content<'a>,
}

#[derive(Arbitrary, Debug)]
enum Content<'a> {
    Any(&'a [u8]),
    /// A good file, with bytes changed and perhaps cut.
    Changed {
        changes: Vec<(u16, u8)>,
        cut: Option<u16>,
    },
}

/// Formats that are read, each with a good file.
const READ: [(Format, &[u8]); 5] = [
    (
        Format::Feedscope,
        include_bytes!("../../crates/feedscope-files/tests/formats/v1.feedscope"),
    ),
    (
        Format::Ndjson,
        include_bytes!("../../crates/feedscope-files/tests/formats/v1.ndjson"),
    ),
    (
        Format::Ndjson,
        include_bytes!("../../crates/feedscope-files/tests/formats/v1.ndjson.gz"),
    ),
    (
        Format::Sse,
        include_bytes!("../../crates/feedscope-files/tests/formats/v1.sse"),
    ),
    (
        Format::Har,
        include_bytes!("../../crates/feedscope-files/tests/formats/v1.har"),
    ),
];

fuzz_target!(|case: Case<'_>| {
    let (format, good) = READ[usize::from(case.format) % READ.len()];
    let bytes = match case.content {
        Content::Any(bytes) => bytes.to_vec(),
        Content::Changed { changes, cut } => {
            let mut bytes = good.to_vec();
            for (at, byte) in changes {
                let at = usize::from(at) % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(cut.map_or(bytes.len(), usize::from));
            bytes
        }
    };
    let to = Format::ALL[usize::from(case.to) % Format::ALL.len()];
    convert(format, bytes, to);
});
