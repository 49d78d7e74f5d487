//! Files of every readable format, of any bytes, and good ones in which bytes were changed or cut: reading one ends in a
//! bounded time, without a panic, and what was read can be written in every format.

#![no_main]

use arbitrary::Arbitrary;
use feedscope_core::Timestamp;
use feedscope_files::formats::{
    FeedInfo, FeedWriter, Format, Input, Item, ItemSink, ReadOptions, WriteOptions, reader, writer,
};
use libfuzzer_sys::fuzz_target;

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

/// Longest message. It is small, so that the fuzzer finds the limit.
const MOST_MESSAGE: u64 = 1 << 10;

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
    let options = ReadOptions {
        name: "fuzz".to_owned(),
        max_message: MOST_MESSAGE,
        now: Box::new(|| Timestamp::from_micros(1_795_240_154_524_118)),
    };
    let input = Input::new(std::io::Cursor::new(bytes));
    let Ok(mut reader) = reader(format, input, options) else {
        return;
    };
    let to = Format::ALL[usize::from(case.to) % Format::ALL.len()];
    let out = Box::new(std::io::sink());
    let mut target = Target {
        writer: writer(to, out, &WriteOptions::default()).ok(),
        feeds: 0,
    };
    while let Ok(true) = reader.read(&mut target) {}
    if let Some(writer) = target.writer {
        writer.finish().ok();
    }
});

struct Target {
    /// `None` after the format had no room for a feed.
    writer: Option<Box<dyn FeedWriter>>,
    feeds: usize,
}

impl ItemSink for Target {
    fn add_feed(&mut self, feed: &FeedInfo) {
        self.feeds += 1;
        if self
            .writer
            .as_mut()
            .is_some_and(|writer| writer.add_feed(feed).is_err())
        {
            self.writer = None;
        }
    }

    fn push(&mut self, item: Item<'_>) {
        assert!(
            item.feed() < self.feeds,
            "each feed comes before its first item"
        );
        if self
            .writer
            .as_mut()
            .is_some_and(|writer| writer.write(&item, &[]).is_err())
        {
            self.writer = None;
        }
    }
}
