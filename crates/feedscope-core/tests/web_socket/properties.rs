//! Properties of the decoder for any frames, any bytes, and any division into chunks.

use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, MessageDecoder, MessageEncoder, ProtocolError, Role, Traffic,
    WindowBits, WireInfo,
};
use feedscope_core::protocol::CloseCode;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use crate::item::{Decoded, MessageItem, decode};
use crate::pieces::cut_at;
use crate::wire::{CLOSE, CONTINUATION, WireFrame, wire};

/// Limit that exceeds every connection here.
const NO_LIMIT: u64 = 1 << 20;

pub(crate) fn config(cases: u32) -> ProptestConfig {
    // The seed is fixed, so that a run can be repeated. Another seed finds other cases.
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(6_455),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Returns payloads that are relevant for some rule: text, incomplete text, codes, and compressed data.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 16] = [
        b"",
        b"a",
        b"Hello",
        "€".as_bytes(),
        b"\xE2\x82",
        b"\xAC",
        b"\xFF",
        b"\x03\xE8",
        b"\x03\xE8bye",
        b"\x03\xEC",
        b"\xF2\x48\xCD\xC9\xC9\x07\x00",
        b"\xF3\x48\xCD\xC9\xC9\x07\x00",
        b"\xF2\x00\x11\x00\x00",
        b"\x00\x05\x00\xFA\xFFHello",
        b"\x00",
        &[b'*'; 200],
    ];
    prop_oneof![
        8 => select(pieces.to_vec()).prop_map(<[u8]>::to_vec),
        2 => vec(select(pieces.to_vec()), 0..4).prop_map(|pieces| pieces.concat()),
        1 => vec(any::<u8>(), 0..50),
    ]
}

/// Returns mostly valid frames, so that errors also occur later in a connection.
fn frame(masked: bool) -> impl Strategy<Value = WireFrame> {
    let opcode = prop_oneof![
        30 => select(vec![0_u8, 1, 1, 2, 9, 10]),
        1 => select(vec![3_u8, 8, 8, 11, 15]),
    ];
    let reserved = prop_oneof![
        20 => Just([false; 3]),
        10 => Just([true, false, false]),
        1 => any::<[bool; 3]>(),
    ];
    let mask = prop_oneof![20 => Just(masked), 1 => any::<bool>()];
    let length_bytes = prop_oneof![20 => Just(None), 1 => select(vec![Some(2), Some(8)])];
    (
        opcode,
        reserved,
        mask,
        any::<[u8; 4]>(),
        payload(),
        prop::bool::weighted(0.7),
        length_bytes,
    )
        .prop_map(
            |(opcode, reserved, masked, key, payload, last, length_bytes)| WireFrame {
                last: last || opcode > 7,
                reserved,
                mask: masked.then_some(key),
                length_bytes,
                ..WireFrame::new(opcode, &payload)
            },
        )
}

/// Connection to this end.
#[derive(Clone, Debug)]
struct Connection {
    role: Role,
    deflate: Option<DeflateAgreement>,
    bytes: Vec<u8>,
}

fn connection() -> impl Strategy<Value = Connection> {
    (any::<bool>(), agreement()).prop_flat_map(|(server, deflate)| {
        vec(frame(server), 0..12).prop_map(move |mut frames| {
            make_sense(&mut frames, deflate.is_some());
            Connection {
                role: if server { Role::Server } else { Role::Client },
                deflate,
                bytes: wire(&frames),
            }
        })
    })
}

/// Changes most starts within a message to continuations, and the reverse, because otherwise most connections would
/// fail early.
fn make_sense(frames: &mut [WireFrame], deflate: bool) {
    let mut inside = false;
    for (index, frame) in frames.iter_mut().enumerate() {
        if frame.opcode > 2 {
            frame.reserved[0] &= index % 7 == 6;
            continue;
        }
        if index % 9 != 8 {
            frame.opcode = match (inside, frame.opcode) {
                (true, _) => CONTINUATION,
                (false, CONTINUATION) => 1,
                (false, opcode) => opcode,
            };
            frame.reserved[0] &= deflate && !inside;
        }
        inside = !frame.last;
    }
}

fn agreement() -> impl Strategy<Value = Option<DeflateAgreement>> {
    let bits = || (8_u8..=15).prop_map(|bits| WindowBits::new(bits).expect("from 8 to 15"));
    let agreement = (any::<bool>(), any::<bool>(), bits(), bits()).prop_map(
        |(server, client, server_bits, client_bits)| DeflateAgreement {
            server_no_context_takeover: server,
            client_no_context_takeover: client,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
        },
    );
    proptest::option::of(agreement)
}

/// Returns positions at which bytes are divided.
fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..8)
}

fn cut<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    cut_at(bytes, cuts.iter().map(|cut| cut.index(bytes.len() + 1)))
}

impl Connection {
    fn decode<'a>(
        &'a self,
        limit: u64,
        chunks: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Decoded, Traffic) {
        let mut decoder = MessageDecoder::new(self.role, self.deflate, limit);
        let decoded = decode(&mut decoder, chunks);
        // Memory for text and for the inflated data before it, and one step after the limit.
        let most = match self.deflate {
            None => limit,
            Some(_) => 2 * limit + (64 << 10) + 1,
        };
        assert!(
            decoder.capacity() as u64 <= most + 125,
            "{}",
            decoder.capacity()
        );
        (decoded, *decoder.traffic())
    }
}

/// One item to send.
#[derive(Clone, Debug)]
enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

fn sent() -> impl Strategy<Value = Sent> {
    let repeated =
        (vec(any::<u8>(), 1..50), 1_usize..100).prop_map(|(data, times)| data.repeat(times));
    let words = vec(
        select(vec!["price", "€", "101.25", "{\"id\":", "}", "😀", " "]),
        0..200,
    );
    prop_oneof![
        3 => words.prop_map(|words| Sent::Text(words.concat())),
        1 => any::<String>().prop_map(Sent::Text),
        2 => repeated.prop_map(Sent::Binary),
        1 => vec(any::<u8>(), 0..500).prop_map(Sent::Binary),
        1 => vec(any::<u8>(), 0..=125).prop_map(Sent::Ping),
        1 => vec(any::<u8>(), 0..=125).prop_map(Sent::Pong),
    ]
}

/// Sends the item. Returns the item that the other end must decode.
fn send(encoder: &mut MessageEncoder, sent: &Sent, wire: &mut Vec<u8>) -> MessageItem {
    let message = |opcode, data: &[u8], wire: WireInfo| MessageItem::Message {
        opcode,
        data: data.to_vec(),
        wire,
    };
    match sent {
        Sent::Text(text) => {
            let info = encoder.encode_message(DataOpcode::Text, text.as_bytes(), wire);
            message(DataOpcode::Text, text.as_bytes(), info)
        }
        Sent::Binary(data) => {
            let info = encoder.encode_message(DataOpcode::Binary, data, wire);
            message(DataOpcode::Binary, data, info)
        }
        Sent::Ping(payload) => {
            encoder
                .encode_ping(payload, wire)
                .expect("125 bytes at most");
            MessageItem::Ping(payload.clone())
        }
        Sent::Pong(payload) => {
            encoder
                .encode_pong(payload, wire)
                .expect("125 bytes at most");
            MessageItem::Pong(payload.clone())
        }
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn any_cut_gives_the_same(connection in connection(), cuts in cuts()) {
        let bytes = &connection.bytes;
        let whole = connection.decode(NO_LIMIT, [&**bytes]);
        prop_assert_eq!(&whole, &connection.decode(NO_LIMIT, cut(bytes, &cuts)));
        prop_assert_eq!(&whole, &connection.decode(NO_LIMIT, bytes.chunks(1)));
    }

    #[test]
    fn any_cut_gives_the_same_within_a_limit(connection in connection(), cuts in cuts(), limit in 0_u64..300) {
        let bytes = &connection.bytes;
        let whole = connection.decode(limit, [&**bytes]);
        prop_assert_eq!(&whole, &connection.decode(limit, cut(bytes, &cuts)));
        prop_assert_eq!(&whole, &connection.decode(limit, bytes.chunks(1)));
    }

    #[test]
    fn any_cut_of_any_bytes_gives_the_same(
        bytes in vec(any::<u8>(), 0..300),
        server: bool,
        deflate in agreement(),
        cuts in cuts(),
        limit in 0_u64..1000,
    ) {
        let role = if server { Role::Server } else { Role::Client };
        let connection = Connection { role, deflate, bytes };
        let bytes = &connection.bytes;
        let whole = connection.decode(limit, [&**bytes]);
        prop_assert_eq!(&whole, &connection.decode(limit, cut(bytes, &cuts)));
        prop_assert_eq!(&whole, &connection.decode(limit, bytes.chunks(1)));
    }

    /// Tests invalid compressed data, which random frames rarely contain.
    #[test]
    fn any_cut_of_any_deflated_bytes_gives_the_same(
        payloads in vec(vec(any::<u8>(), 0..100), 1..4),
        text: bool,
        by_itself: bool,
        cuts in cuts(),
        limit in 0_u64..3000,
    ) {
        let opcode = if text { 1 } else { 2 };
        let frames: Vec<_> = payloads.iter().map(|payload| WireFrame::compressed(opcode, payload)).collect();
        let deflate = DeflateAgreement { server_no_context_takeover: by_itself, ..DeflateAgreement::default() };
        let connection = Connection { role: Role::Client, deflate: Some(deflate), bytes: wire(&frames) };
        let bytes = &connection.bytes;
        let whole = connection.decode(limit, [&**bytes]);
        prop_assert_eq!(&whole, &connection.decode(limit, cut(bytes, &cuts)));
        prop_assert_eq!(&whole, &connection.decode(limit, bytes.chunks(1)));
    }

    /// An error is permanent, and no message is longer than its limit.
    #[test]
    fn a_fault_lasts_and_a_limit_holds(connection in connection(), limit in 0_u64..300) {
        let mut decoder = MessageDecoder::new(connection.role, connection.deflate, limit);
        let (items, error) = decode(&mut decoder, [&*connection.bytes]);
        for item in items {
            if let MessageItem::Message { data, .. } = item {
                prop_assert!(data.len() as u64 <= limit);
            }
        }
        if let Some(error) = error {
            prop_assert_eq!(decoder.feed(b"\x81\x00", &mut |_| panic!("an item")), Err(error));
            prop_assert!(matches!(error.close_code().0, 1002 | 1007 | 1009));
            prop_assert_eq!(error.close_code() == CloseCode::MESSAGE_TOO_BIG, matches!(error, ProtocolError::TooLong { .. }));
        }
    }

    #[test]
    fn what_one_end_encodes_the_other_decodes(
        sent in vec(sent(), 0..12),
        from_client: bool,
        deflate in agreement(),
        compress_from in select(vec![0_usize, 64, 300]),
        fragment_at in prop_oneof![2 => Just(usize::MAX), 1 => 1_usize..300],
        keys in any::<[u8; 4]>(),
        cuts in cuts(),
        close in proptest::option::of((1000_u16..=1003, "[a-zä€]{0,40}")),
    ) {
        let (encoder, role) = if from_client {
            let mut keys = keys;
            let next = move || { keys[0] = keys[0].wrapping_add(89); keys };
            (MessageEncoder::client(deflate, next), Role::Server)
        } else {
            (MessageEncoder::server(deflate), Role::Client)
        };
        let mut encoder = encoder.compress_from(compress_from).fragment_at(fragment_at);
        let mut bytes = Vec::new();
        let mut expected: Vec<_> = sent.iter().map(|sent| send(&mut encoder, sent, &mut bytes)).collect();
        let close = close.as_ref().map(|(code, reason)| (CloseCode(*code), reason.as_str()));
        encoder.encode_close(close, &mut bytes).unwrap();
        expected.push(MessageItem::Close {
            code: close.map(|(code, _)| code.0),
            reason: close.map_or_else(String::new, |(_, reason)| reason.to_owned()),
        });

        let mut decoder = MessageDecoder::new(role, deflate, NO_LIMIT);
        let (items, error) = decode(&mut decoder, cut(&bytes, &cuts));
        prop_assert_eq!(error, None);
        prop_assert_eq!(items, expected);
        prop_assert_eq!(decoder.traffic(), encoder.traffic());
    }
}

#[test]
fn control_frames_that_nobody_may_send_are_not_encoded() {
    let mut encoder = MessageEncoder::server(None);
    let mut wire = Vec::new();
    let long = [b'a'; 126];
    let text = "a".repeat(124);
    let outcomes = [
        encoder.encode_ping(&long, &mut wire),
        encoder.encode_pong(&long, &mut wire),
        encoder.encode_close(Some((CloseCode(1000), &text)), &mut wire),
        encoder.encode_close(Some((CloseCode(1005), "")), &mut wire),
        encoder.encode_close(Some((CloseCode(999), "")), &mut wire),
    ];
    let said: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_err().to_string())
        .collect();
    assert_eq!(
        said,
        [
            "a control frame holds 125 bytes, these are 126",
            "a control frame holds 125 bytes, these are 126",
            "a control frame holds 125 bytes, these are 126",
            "1005 is no close code that may be sent",
            "999 is no close code that may be sent",
        ]
    );
    assert!(wire.is_empty());
    encoder
        .encode_close(Some((CloseCode(1000), &text[1..])), &mut wire)
        .unwrap();
    assert_eq!(wire[..2], [0x80 | CLOSE, 125]);
    assert_eq!(encoder.traffic().control_frames, 1);
}
