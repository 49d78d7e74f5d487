//! Properties of the decoder for any bytes and for any division into chunks.

use feedscope_core::decode::{EventStreamDecoder, Oversized};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use crate::item::{StreamItem, decode};
use crate::pieces::cut_at;
use crate::reference::{as_text, interpret};

/// Limit that exceeds every stream here.
const NO_LIMIT: u64 = 1 << 20;

/// Parts of streams: all bytes with a meaning in the standard, and bytes that are similar to them.
const PIECES: [&[u8]; 38] = [
    b"\n",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r",
    b"\r\n",
    b"\r\n\r\n",
    b"data",
    b"data:",
    b"data: ",
    b"data: a\n",
    b"data:\n\n",
    b"event",
    b"event: x",
    b"event:\n",
    b"id",
    b"id: 7\n",
    b"id: 8\r",
    b"id:\n",
    b"retry",
    b"retry: 10\n",
    b":",
    b": comment\n",
    b" ",
    b"  ",
    b"\0",
    b"7",
    b"a",
    b"\xEF\xBB\xBF",
    b"\xEF\xBB",
    b"\xBF",
    b"\xE2\x82\xAC",
    b"\xE2\x82",
    b"\xF0\x9F\x98\x80",
    b"\xF0\x9F",
    b"\xFF",
    b"\xC0\x8A",
    b"{\"price\": 101.25, \"symbol\": \"FSCP\"}",
];

fn stream() -> impl Strategy<Value = Vec<u8>> {
    vec(select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat())
}

fn ascii_stream() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<_> = PIECES
        .into_iter()
        .filter(|piece| piece.is_ascii())
        .collect();
    vec(select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

/// Returns positions at which a stream is divided.
fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..8)
}

fn cut<'a>(stream: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    cut_at(stream, cuts.iter().map(|cut| cut.index(stream.len() + 1)))
}

/// Returns the items of one connection, the last event ID, and the state at the end of the connection.
fn decoded(limit: u64, chunks: Vec<&[u8]>) -> (Vec<StreamItem>, Vec<u8>, String) {
    let mut decoder = EventStreamDecoder::new(limit);
    let items = decode(&mut decoder, chunks);
    let end = format!("{:?} {:?}", decoder.skipping(), decoder.unfinished());
    (items, decoder.last_event_id().to_vec(), end)
}

fn config() -> ProptestConfig {
    // The seed is fixed, so that a run can be repeated. Another seed finds other cases.
    ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(9_206),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_cut_gives_the_same(stream in stream(), cuts in cuts()) {
        let whole = decoded(NO_LIMIT, vec![&stream]);
        prop_assert_eq!(&whole, &decoded(NO_LIMIT, cut(&stream, &cuts)));
        prop_assert_eq!(&whole, &decoded(NO_LIMIT, stream.chunks(1).collect()));
    }

    #[test]
    fn any_cut_of_any_bytes_gives_the_same(stream in vec(any::<u8>(), 0..200), cuts in cuts()) {
        prop_assert_eq!(decoded(NO_LIMIT, vec![&stream]), decoded(NO_LIMIT, cut(&stream, &cuts)));
    }

    #[test]
    fn any_cut_gives_the_same_past_a_limit(stream in stream(), cuts in cuts(), limit in 0_u64..40) {
        let whole = decoded(limit, vec![&stream]);
        prop_assert_eq!(&whole, &decoded(limit, cut(&stream, &cuts)));
        prop_assert_eq!(&whole, &decoded(limit, stream.chunks(1).collect()));
    }

    /// Fields that are decoded one by one give the result of the standard, which decodes the stream before it is
    /// divided.
    #[test]
    fn the_standard_reads_the_same(stream in stream(), cuts in cuts()) {
        let (items, id, _) = decoded(NO_LIMIT, cut(&stream, &cuts));
        let (said, last_event_id) = interpret(&stream, usize::MAX);
        prop_assert_eq!(as_text(&items), said);
        prop_assert_eq!(String::from_utf8_lossy(&id), last_event_id);
    }

    #[test]
    fn the_standard_reads_any_bytes_the_same(stream in vec(any::<u8>(), 0..200)) {
        let (items, _, _) = decoded(NO_LIMIT, vec![&stream]);
        prop_assert_eq!(as_text(&items), interpret(&stream, usize::MAX).0);
    }

    #[test]
    fn a_limit_takes_what_it_says_and_nothing_else(stream in ascii_stream(), cuts in cuts(), limit in 0_u64..40) {
        let (items, id, _) = decoded(limit, cut(&stream, &cuts));
        let (said, last_event_id) = interpret(&stream, limit as usize);
        prop_assert_eq!(as_text(&items), said);
        prop_assert_eq!(id, last_event_id.into_bytes());
    }

    /// Every byte is in a record, in an item that reports it, or in the unfinished block.
    #[test]
    fn a_stream_ends_in_a_block_unless_all_of_it_was_reported(stream in ascii_stream()) {
        let mut decoder = EventStreamDecoder::new(NO_LIMIT);
        let before = decode(&mut decoder, [stream.as_slice()]);
        let unfinished = decoder.unfinished().is_some();
        // A blank line ends the block. Without a block, it adds nothing.
        let after = decode(&mut decoder, [&b"\n\n"[..]]);
        prop_assert_eq!(unfinished, !after.is_empty(), "{:?} then {:?}", before, after);
    }

    /// The state at the end of a connection does not affect the next connection.
    #[test]
    fn a_new_connection_begins_afresh(before in stream(), stream in stream(), limit in 0_u64..40) {
        let mut used = EventStreamDecoder::new(limit);
        decode(&mut used, [before.as_slice()]);
        used.begin_connection();
        let mut fresh = EventStreamDecoder::new(limit);
        fresh.set_last_event_id(used.last_event_id());
        prop_assert_eq!(decode(&mut used, [stream.as_slice()]), decode(&mut fresh, [stream.as_slice()]));
        prop_assert_eq!(used.last_event_id(), fresh.last_event_id());
        prop_assert_eq!(used.skipping(), fresh.skipping());
    }
}

/// All bytes of a block after the limit are counted and not stored.
#[test]
fn what_is_skipped_is_not_held() {
    let limit = 1 << 10;
    for (about, chunk) in [
        ("a line that never ends", "0123456789".repeat(50)),
        (
            "a block that never ends",
            format!("data: {}\n", "0".repeat(494)),
        ),
    ] {
        let mut decoder = EventStreamDecoder::new(limit);
        decode(&mut decoder, [&b"data: "[..]]);
        decode(&mut decoder, std::iter::repeat_n(chunk.as_bytes(), 100));
        let line_ends = if chunk.ends_with('\n') { 100 } else { 0 };
        let bytes = 6 + chunk.len() as u64 * 100 - line_ends;
        assert_eq!(decoder.skipping(), Some(Oversized::Event(bytes)), "{about}");
        // The buffers are private, but only they can be long in the debug form.
        assert!(format!("{decoder:?}").len() < 1000, "{about}");
    }
}
