//! Tests with the volumes of Autobahn's sections 9, 10, 12 and 13: long messages and many messages, in frames and
//! chunks of many sizes.

use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, MessageDecoder, MessageEncoder, Role, WindowBits,
};

use crate::item::{MessageItem, decode};

const NO_LIMIT: u64 = 1 << 24;

/// Returns text with characters of every length, and numbers that do not repeat.
fn text(length: usize) -> Vec<u8> {
    let mut text = String::with_capacity(length + 64);
    let mut index: u32 = 0;
    while text.len() < length {
        index = index.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push_str("{\"price\":");
        text.push_str(&(index >> 8).to_string());
        text.push_str(",\"unit\":\"€ ü 😀\"}\n");
    }
    let end = (0..=length)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .expect("0 is one");
    text.truncate(end);
    text.into_bytes()
}

fn check(message: &[u8], opcode: DataOpcode, fragment: usize, chunk: usize) {
    let mut encoder = MessageEncoder::server(None).fragment_at(fragment);
    let mut wire = Vec::new();
    let info = encoder.encode_message(opcode, message, &mut wire);
    assert_eq!(
        info.frames as usize,
        message.len().div_ceil(fragment).max(1)
    );
    let mut decoder = MessageDecoder::new(Role::Client, None, NO_LIMIT);
    let (items, error) = decode(&mut decoder, wire.chunks(chunk));
    assert_eq!(error, None);
    let [
        MessageItem::Message {
            opcode: got,
            data,
            wire,
        },
    ] = &*items
    else {
        panic!("{items:?}");
    };
    assert!(*got == opcode && data == message && *wire == info);
}

#[test]
fn long_messages_in_one_frame_or_many_and_in_chunks() {
    for opcode in [DataOpcode::Text, DataOpcode::Binary] {
        for length in [64 << 10, 256 << 10, 1 << 20, 4 << 20] {
            check(&text(length), opcode, usize::MAX, 64 << 10);
        }
        let message = text(1 << 20);
        for fragment in [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10] {
            check(&message, opcode, fragment, 64 << 10);
        }
        for chunk in [64, 128, 256, 512, 1024, 2048] {
            check(&message, opcode, usize::MAX, chunk);
        }
        // Autobahn 10.1.1.
        check(&text(65536), opcode, 1300, 4096);
    }
}

#[test]
fn compressed_messages_of_every_size_under_every_agreement() {
    let bits = |bits| WindowBits::new(bits).unwrap();
    for size in [8, 9, 12, 15] {
        for no_context_takeover in [false, true] {
            let agreement = DeflateAgreement {
                server_no_context_takeover: no_context_takeover,
                client_no_context_takeover: no_context_takeover,
                server_max_window_bits: bits(size),
                client_max_window_bits: bits(size),
            };
            for (length, times) in [
                (0, 3),
                (16, 100),
                (64, 100),
                (256, 100),
                (1024, 50),
                (4096, 20),
                (16384, 8),
                (131_072, 3),
            ] {
                for fragment in [usize::MAX, 256] {
                    exchange(agreement, &text(length), times, fragment);
                }
            }
        }
    }
}

/// Sends a message several times from client to server and back.
fn exchange(agreement: DeflateAgreement, message: &[u8], times: usize, fragment: usize) {
    let server = MessageEncoder::server(Some(agreement));
    let client = MessageEncoder::client(Some(agreement), || [0xA5, 0x5A, 0x0F, 0xF0]);
    for (encoder, role) in [(server, Role::Client), (client, Role::Server)] {
        let mut encoder = encoder.compress_from(0).fragment_at(fragment);
        let mut decoder = MessageDecoder::new(role, Some(agreement), NO_LIMIT);
        for _ in 0..times {
            let mut wire = Vec::new();
            let info = encoder.encode_message(DataOpcode::Text, message, &mut wire);
            let (items, error) = decode(&mut decoder, wire.chunks(1000));
            assert_eq!(error, None);
            let [MessageItem::Message { data, wire, .. }] = &*items else {
                panic!("{items:?}");
            };
            assert!(data == message && *wire == info);
        }
        assert_eq!(decoder.traffic(), encoder.traffic());
    }
}
