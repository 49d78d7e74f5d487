//! Tests of `permessage-deflate` in both directions. Sent data must stay in the agreed window. Received data is
//! inflated for every form of compression, and never needs more memory than the limit allows.

use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, MessageDecoder, MessageEncoder, ProtocolError, Role, WindowBits,
};
use flate2::{Compress, Compression, FlushCompress};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::item::{MessageItem, decode};
use crate::properties::config;
use crate::reference::inflate;
use crate::wire::{BINARY, CONTINUATION, TEXT, WireFrame, wire};

const NO_LIMIT: u64 = 1 << 24;

/// Maximum distance of a reference in zlib, and the history that a new compressor needs.
const WINDOW: usize = 32 << 10;

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).expect("from 8 to 15")
}

fn datas(items: &[MessageItem]) -> Vec<&[u8]> {
    items
        .iter()
        .map(|item| match item {
            MessageItem::Message { data, .. } => &**data,
            other => panic!("{other:?} is no message"),
        })
        .collect()
}

/// Returns bytes that repeat at some distance with a few changes, so that a compressor uses references of this
/// distance.
fn repeating(distance: usize, length: usize) -> Vec<u8> {
    let mut state = distance as u32;
    let mut data: Vec<u8> = Vec::with_capacity(length);
    for index in 0..length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let byte = (state >> 24) as u8;
        data.push(if index < distance || byte < 3 {
            byte
        } else {
            data[index - distance]
        });
    }
    data
}

/// Returns the payload of the only frame in `wire`, which is not masked.
fn payload(wire: &[u8]) -> &[u8] {
    match wire[1] {
        126 => &wire[4..],
        127 => &wire[10..],
        _ => &wire[2..],
    }
}

/// The sizes include 2^8 bytes, which zlib does not support. The larger window that is used instead is never used
/// completely.
#[test]
fn what_is_sent_refers_no_further_back_than_the_window() {
    for size in 8..=15 {
        let agreement = DeflateAgreement {
            server_max_window_bits: bits(size),
            ..DeflateAgreement::default()
        };
        let mut encoder = MessageEncoder::server(Some(agreement)).compress_from(0);
        let mut stream = Vec::new();
        let mut sent = Vec::new();
        let window = 1 << size;
        for distance in [1, 100, 200, 240, 249, 250, 251, 255, 256, 257, 300]
            .into_iter()
            .chain([window - 263, window - 262, window - 261, window - 1, window])
            .filter(|distance| (1..=WINDOW as i32).contains(distance))
        {
            let message = repeating(distance as usize, 3 * window as usize + 1000);
            let mut wire = Vec::new();
            encoder.encode_message(DataOpcode::Binary, &message, &mut wire);
            stream.extend_from_slice(payload(&wire));
            stream.extend_from_slice(&[0x00, 0x00, 0xFF, 0xFF]);
            sent.extend_from_slice(&message);
        }
        let inflated = inflate(&stream);
        assert_eq!(inflated.data.len(), sent.len());
        assert!(inflated.data == sent, "2^{size}");
        assert!(
            inflated.farthest <= window as usize,
            "{} bytes back in a window of {window}",
            inflated.farthest
        );
        // The complete window is used, except for the bytes that zlib reserves to look ahead. Therefore the window is
        // the actual bound.
        assert_eq!(inflated.farthest, (window as usize).max(512) - 262);
    }
}

#[test]
fn each_message_by_itself_can_be_read_by_itself() {
    let agreement = DeflateAgreement {
        server_no_context_takeover: true,
        ..DeflateAgreement::default()
    };
    let message = repeating(50, 500);
    let mut encoder = MessageEncoder::server(Some(agreement));
    let mut wires = Vec::new();
    for _ in 0..3 {
        let mut wire = Vec::new();
        let info = encoder.encode_message(DataOpcode::Binary, &message, &mut wire);
        assert!(info.compressed);
        let block = [payload(&wire), &[0x00, 0x00, 0xFF, 0xFF]].concat();
        assert!(inflate(&block).data == message);
        wires.push(wire);
    }
    assert_eq!(wires[0], wires[2]);
}

#[test]
fn messages_that_refer_to_those_before_get_shorter() {
    let mut encoder = MessageEncoder::server(Some(DeflateAgreement::default()));
    let message = repeating(500, 500);
    let mut wire = Vec::new();
    let first = encoder.encode_message(DataOpcode::Binary, &message, &mut wire);
    let second = encoder.encode_message(DataOpcode::Binary, &message, &mut wire);
    assert!(second.wire_bytes < 30 && second.wire_bytes < first.wire_bytes / 10);
    let traffic = encoder.traffic();
    assert_eq!(traffic.plain_bytes, 1000);
    assert_eq!(traffic.wire_bytes, first.wire_bytes + second.wire_bytes);
}

#[test]
fn what_is_short_or_would_get_longer_is_sent_as_it_is() {
    let by_itself = DeflateAgreement {
        client_no_context_takeover: true,
        ..DeflateAgreement::default()
    };
    let mut encoder = MessageEncoder::client(Some(by_itself), || [1, 2, 3, 4]);
    let mut wire = Vec::new();
    let info = encoder.encode_message(DataOpcode::Text, &[b'a'; 63], &mut wire);
    assert_eq!((info.compressed, info.wire_bytes), (false, 63));
    let info = encoder.encode_message(DataOpcode::Text, &[b'a'; 64], &mut wire);
    assert!(info.compressed && info.wire_bytes < 10);
    let noise = repeating(1000, 1000);
    let info = encoder.encode_message(DataOpcode::Binary, &noise, &mut wire);
    assert_eq!((info.compressed, info.wire_bytes), (false, 1000));
    let mut decoder = MessageDecoder::new(Role::Server, Some(by_itself), NO_LIMIT);
    let (items, error) = decode(&mut decoder, [&*wire]);
    assert_eq!(error, None);
    assert_eq!(datas(&items), [&[b'a'; 63][..], &[b'a'; 64], &noise]);
}

/// The limit applies to the message, and not only to the wire: a message of exactly this length is valid, even if
/// compression made it longer.
#[test]
fn a_message_does_not_get_too_long_by_its_compression() {
    let noise = repeating(5000, 5000);
    let agreement = DeflateAgreement::default();
    let mut encoder = MessageEncoder::server(Some(agreement));
    let mut wire = Vec::new();
    let info = encoder.encode_message(DataOpcode::Binary, &noise, &mut wire);
    assert!(info.compressed && info.wire_bytes > 5000);
    let mut decoder = MessageDecoder::new(Role::Client, Some(agreement), 5000);
    let (items, error) = decode(&mut decoder, [&*wire]);
    assert_eq!(error, None);
    assert!(datas(&items) == [&*noise]);
}

/// A stream of empty blocks would never end.
#[test]
fn a_compressed_message_that_says_nothing_is_bounded_too() {
    let agreement = DeflateAgreement::default();
    let empty_blocks = [0x00, 0x00, 0x00, 0xFF, 0xFF].repeat(100);
    let mut frames = vec![WireFrame::compressed(BINARY, &empty_blocks).more()];
    frames.extend(vec![
        WireFrame::new(CONTINUATION, &empty_blocks).more();
        100
    ]);
    let mut decoder = MessageDecoder::new(Role::Client, Some(agreement), 1000);
    let (items, error) = decode(&mut decoder, wire(&frames).chunks(100));
    assert_eq!(
        (items.len(), error),
        (0, Some(ProtocolError::TooLong { limit: 1000 }))
    );
}

/// 32 MiB are compressed to about 32 KiB. The error occurs before the end of the frame, and memory stays near the
/// limit.
#[test]
fn a_bomb_ends_with_too_long_and_is_never_in_memory() {
    for (context_takeover, opcode) in [(true, TEXT), (false, TEXT), (true, BINARY), (false, BINARY)]
    {
        let agreement = DeflateAgreement {
            server_no_context_takeover: !context_takeover,
            ..DeflateAgreement::default()
        };
        let mut compress = Compress::new(Compression::default(), false);
        let mut bomb = Vec::with_capacity(1 << 20);
        let zeros = vec![0; 32 << 20];
        compress
            .compress_vec(&zeros, &mut bomb, FlushCompress::Sync)
            .unwrap();
        assert_eq!(compress.total_in(), zeros.len() as u64);
        let bytes = wire(&[WireFrame::compressed(opcode, &bomb[..bomb.len() - 4])]);

        let limit = 100_000;
        for chunk in [bytes.len(), 1000, 1] {
            let mut decoder = MessageDecoder::new(Role::Client, Some(agreement), limit);
            let mut fed = 0;
            let error = bytes.chunks(chunk).find_map(|chunk| {
                fed += chunk.len();
                decoder.feed(chunk, &mut |_| panic!("a message")).err()
            });
            assert_eq!(error, Some(ProtocolError::TooLong { limit }));
            assert!(chunk == bytes.len() || fed < 2000, "after {fed} bytes");
            assert!(
                decoder.capacity() as u64 <= limit + 1,
                "{}",
                decoder.capacity()
            );
        }
    }
}

/// The memory of a huge message is freed after it.
#[test]
fn memory_is_given_back_after_a_huge_message() {
    for deflate in [None, Some(DeflateAgreement::default())] {
        let mut encoder = MessageEncoder::server(deflate).fragment_at(1 << 20);
        let mut wire = Vec::new();
        encoder.encode_message(DataOpcode::Binary, &vec![7; 8 << 20], &mut wire);
        let mut decoder = MessageDecoder::new(Role::Client, deflate, NO_LIMIT);
        decode(&mut decoder, [&*wire]);
        wire.clear();
        encoder.encode_message(DataOpcode::Binary, &[7; 100], &mut wire);
        let (items, error) = decode(&mut decoder, [&*wire]);
        assert_eq!((items.len(), error), (1, None));
        assert!(decoder.capacity() <= 3 << 19, "{}", decoder.capacity());
        assert_eq!(decoder.traffic().plain_bytes, (8 << 20) + 100);
    }
}

/// One write to a compressor.
#[derive(Clone, Debug)]
struct Write {
    data: Vec<u8>,
    flush: FlushCompress,
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let flushes = [
        FlushCompress::None,
        FlushCompress::Partial,
        FlushCompress::Sync,
        FlushCompress::Full,
        FlushCompress::Finish,
    ];
    let data =
        (1_usize..3000, 0_usize..5000).prop_map(|(distance, length)| repeating(distance, length));
    let write = (data, select(flushes.to_vec())).prop_map(|(data, flush)| Write { data, flush });
    vec(write, 0..5)
}

/// Server that uses all forms of compression.
struct AnyServer {
    level: Compression,
    compress: Compress,
    context_takeover: bool,
    past: Vec<u8>,
}

impl AnyServer {
    fn new(level: u32, context_takeover: bool) -> Self {
        let level = Compression::new(level);
        Self {
            level,
            compress: Compress::new(level, false),
            context_takeover,
            past: Vec::new(),
        }
    }

    /// Returns the payload of one message, and the message.
    fn message(&mut self, writes: &[Write]) -> (Vec<u8>, Vec<u8>) {
        if !self.context_takeover {
            self.compress.reset();
            self.past.clear();
        }
        let mut payload = Vec::new();
        let start = self.past.len();
        for Write { data, flush } in writes {
            self.write(data, *flush, &mut payload);
        }
        self.write(&[], FlushCompress::Sync, &mut payload);
        match payload.strip_suffix(&[0x00, 0x00, 0xFF, 0xFF]) {
            Some(stripped) => payload.truncate(stripped.len()),
            // Nothing was written, because there was nothing to flush.
            None => payload.push(0x00),
        }
        (payload, self.past[start..].to_vec())
    }

    fn write(&mut self, data: &[u8], flush: FlushCompress, payload: &mut Vec<u8>) {
        payload.reserve(data.len() * 2 + 1000);
        let before = self.compress.total_in();
        self.compress
            .compress_vec(data, payload, flush)
            .expect("a stream takes anything");
        assert_eq!(self.compress.total_in() - before, data.len() as u64);
        self.past.extend_from_slice(data);
        if flush == FlushCompress::Finish {
            self.compress = Compress::new(self.level, false);
            let window = &self.past[self.past.len().saturating_sub(WINDOW)..];
            if !window.is_empty() {
                self.compress
                    .set_dictionary(window)
                    .expect("a new stream takes a window");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn however_it_was_deflated_it_is_inflated(
        messages in vec(writes(), 1..5),
        level in 0_u32..=9,
        context_takeover: bool,
        chunk in 1_usize..2000,
        fragment in 1_usize..3000,
    ) {
        let agreement = DeflateAgreement {
            server_no_context_takeover: !context_takeover,
            ..DeflateAgreement::default()
        };
        let mut server = AnyServer::new(level, context_takeover);
        let mut frames = Vec::new();
        let mut expected = Vec::new();
        for writes in &messages {
            let (payload, message) = server.message(writes);
            let mut pieces = payload.chunks(fragment).peekable();
            let mut first = true;
            while let Some(piece) = pieces.next() {
                let mut frame = WireFrame::new(CONTINUATION, piece);
                if first {
                    frame = WireFrame::compressed(BINARY, piece);
                }
                first = false;
                frame.last = pieces.peek().is_none();
                frames.push(frame);
            }
            expected.push(message);
        }
        let bytes = wire(&frames);
        for chunk in [chunk, bytes.len()] {
            let mut decoder = MessageDecoder::new(Role::Client, Some(agreement), NO_LIMIT);
            let (items, error) = decode(&mut decoder, bytes.chunks(chunk));
            prop_assert_eq!(error, None);
            prop_assert!(datas(&items) == expected);
        }
    }
}
