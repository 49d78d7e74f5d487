//! Fuzz target for WebSocket connections with any frames and any bytes, with or without compression.
//!
//! The items and the protocol error are the same for any division of the bytes. No message is longer than the limit,
//! and an error is permanent.

#![no_main]

use arbitrary::Arbitrary;
use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, MessageDecoder, MessageEncoder, Role, WindowBits,
};
use feedscope_fuzz::cut;
use item::{Decoded, MessageItem, decode};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/feedscope-core/tests/web_socket/item.rs"]
mod item;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// True if the decoder has the role of the server.
    server: bool,
    deflate: Option<Deflate>,
    /// Maximum number of bytes of a message.
    limit: u16,
    cuts: [u16; 4],
    wire: Wire<'a>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Deflate {
    no_context_takeover: [bool; 2],
    window_bits: [u8; 2],
}

#[derive(Arbitrary, Debug)]
enum Wire<'a> {
    /// Mostly valid data, which random bytes rarely form.
    Pieces(Vec<Piece<'a>>),
    Bytes(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// A message in the form that the other end would send.
    Message {
        text: bool,
        data: &'a [u8],
        /// Number of repetitions of the data. Long messages compress well.
        times: u8,
    },
    /// A frame with any first byte, the required mask, and a correct length.
    Frame {
        first: u8,
        key: [u8; 4],
        payload: &'a [u8],
    },
    Bytes(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    let bytes = input.bytes();
    let whole = input.decoded([bytes.as_slice()]);
    assert_eq!(whole, input.decoded(cut(&bytes, &input.cuts)));
    assert_eq!(whole, input.decoded(bytes.chunks(1)));
});

impl Input<'_> {
    fn role(&self) -> Role {
        if self.server {
            Role::Server
        } else {
            Role::Client
        }
    }

    fn agreement(&self) -> Option<DeflateAgreement> {
        let bits = |number: u8| WindowBits::new(8 + number % 8).unwrap_or(WindowBits::MAX);
        self.deflate.map(|deflate| DeflateAgreement {
            server_no_context_takeover: deflate.no_context_takeover[0],
            client_no_context_takeover: deflate.no_context_takeover[1],
            server_max_window_bits: bits(deflate.window_bits[0]),
            client_max_window_bits: bits(deflate.window_bits[1]),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let pieces = match &self.wire {
            Wire::Bytes(bytes) => return bytes.to_vec(),
            Wire::Pieces(pieces) => pieces,
        };
        let encoder = if self.server {
            MessageEncoder::client(self.agreement(), || [1, 2, 3, 250])
        } else {
            MessageEncoder::server(self.agreement())
        };
        // A prime number, so that fragments end at different positions.
        let mut encoder = encoder.compress_from(0).fragment_at(251);
        let mut wire = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Message { text, data, times } => {
                    let opcode = if *text {
                        DataOpcode::Text
                    } else {
                        DataOpcode::Binary
                    };
                    let data = data.repeat(usize::from(*times % 32));
                    encoder.encode_message(opcode, &data, &mut wire);
                }
                Piece::Frame {
                    first,
                    key,
                    payload,
                } => {
                    let key = self.server.then_some(*key);
                    write_frame(*first, key, payload, &mut wire);
                }
                Piece::Bytes(bytes) => wire.extend_from_slice(bytes),
            }
        }
        wire
    }

    fn decoded<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
        let limit = u64::from(self.limit);
        let mut decoder = MessageDecoder::new(self.role(), self.agreement(), limit);
        let (items, error) = decode(&mut decoder, pieces);
        for item in &items {
            if let MessageItem::Message { opcode, data, .. } = item {
                assert!(data.len() as u64 <= limit);
                assert!(*opcode == DataOpcode::Binary || std::str::from_utf8(data).is_ok());
            }
        }
        // Memory for one message, for the inflated data before it with one step after the limit, and for a control
        // frame.
        let most = match self.deflate {
            None => limit,
            Some(_) => 2 * limit + (64 << 10) + 1,
        };
        assert!(decoder.capacity() as u64 <= most + 125);
        if error.is_some() {
            let again = decoder.feed(b"\x81\x00", &mut |_| panic!("an item after a fault"));
            assert_eq!(again.err(), error);
        }
        (items, error)
    }
}

fn write_frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8], out: &mut Vec<u8>) {
    let masked = u8::from(mask.is_some()) << 7;
    out.push(first);
    match payload.len() {
        short @ 0..=125 => out.push(masked + short as u8),
        long => {
            out.push(masked + 126);
            out.extend_from_slice(&(long as u16).to_be_bytes());
        }
    }
    let key = mask.unwrap_or_default();
    out.extend_from_slice(mask.as_ref().map_or(&[], |key| &key[..]));
    let bytes = payload.iter().zip(key.iter().cycle());
    out.extend(bytes.map(|(byte, key)| byte ^ key));
}
