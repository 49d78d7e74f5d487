//! Fuzz target for event streams of any bytes over two connections. The items are the same for any division of the
//! bytes. If no block exceeds the limit, they equal the result of the standard's steps.

#![no_main]

use arbitrary::Arbitrary;
use feedscope_core::decode::{EventStreamDecoder, Oversized};
use feedscope_fuzz::cut;
use item::{StreamItem, decode};
use libfuzzer_sys::fuzz_target;
use reference::{as_text, interpret};

#[path = "../../crates/feedscope-core/tests/event_stream/item.rs"]
mod item;
#[path = "../../crates/feedscope-core/tests/event_stream/reference.rs"]
mod reference;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Limit, which usually exceeds every block.
    limit: u16,
    /// Start of the second connection.
    second: u16,
    cuts: [u16; 4],
    bytes: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let connections = cut(input.bytes, &[input.second]);
    let whole = input.decoded(&connections, |bytes| vec![bytes]);
    assert_eq!(
        whole,
        input.decoded(&connections, |bytes| cut(bytes, &input.cuts))
    );
    assert_eq!(
        whole,
        input.decoded(&connections, |bytes| bytes.chunks(1).collect())
    );

    let mut decoder = EventStreamDecoder::new(u64::MAX);
    let items = decode(&mut decoder, [input.bytes]);
    let (said, last_event_id) = interpret(input.bytes, usize::MAX);
    assert_eq!(as_text(&items), said);
    assert_eq!(
        String::from_utf8_lossy(decoder.last_event_id()),
        last_event_id
    );
});

impl Input<'_> {
    /// Returns the items of the connections, the last event ID, and the length of the part that is being skipped at the
    /// end.
    fn decoded<'a>(
        &self,
        connections: &[&'a [u8]],
        pieces: impl Fn(&'a [u8]) -> Vec<&'a [u8]>,
    ) -> (Vec<StreamItem>, Vec<u8>, Option<Oversized>) {
        let mut decoder = EventStreamDecoder::new(u64::from(self.limit));
        let mut items = Vec::new();
        for bytes in connections {
            decoder.begin_connection();
            items.extend(decode(&mut decoder, pieces(bytes)));
        }
        (items, decoder.last_event_id().to_vec(), decoder.skipping())
    }
}
