//! Comparison with tungstenite's message layer, on frames without compression: both give the same items, and an error
//! at the same position.
//!
//! Intentional differences are excluded: tungstenite accepts lengths that use more bytes than necessary, and changes
//! invalid close codes to 1002.

use std::io::{self, Read, Write};

use feedscope_core::decode::{DataOpcode, MessageDecoder, Role};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tungstenite::protocol::{Role as TheirRole, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use crate::item::{MessageItem, decode};
use crate::properties::config;
use crate::wire::{CONTINUATION, WireFrame, wire};

const LIMIT: usize = 1000;

/// Item of both layers.
#[derive(Debug, PartialEq, Eq)]
enum LayerItem {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
    /// Close code of an error.
    Fault(u16),
}

/// Bytes to read. Written bytes are dropped.
struct Stream<'a>(&'a [u8]);

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn ours(role: Role, bytes: &[u8]) -> Vec<LayerItem> {
    let mut decoder = MessageDecoder::new(role, None, LIMIT as u64);
    let (items, error) = decode(&mut decoder, [bytes]);
    let said = |item| match item {
        MessageItem::Message {
            opcode: DataOpcode::Text,
            data,
            ..
        } => LayerItem::Text(data),
        MessageItem::Message {
            opcode: DataOpcode::Binary,
            data,
            ..
        } => LayerItem::Binary(data),
        MessageItem::Ping(payload) => LayerItem::Ping(payload),
        MessageItem::Pong(payload) => LayerItem::Pong(payload),
        MessageItem::Close { code, reason } => LayerItem::Close(code, reason),
    };
    let mut said: Vec<_> = items.into_iter().map(said).collect();
    said.extend(error.map(|error| LayerItem::Fault(error.close_code().0)));
    said
}

fn theirs(role: TheirRole, bytes: &[u8]) -> Vec<LayerItem> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMIT))
        .max_frame_size(Some(LIMIT));
    let mut socket = WebSocket::from_raw_socket(Stream(bytes), role, Some(config));
    let mut said = Vec::new();
    loop {
        said.push(match socket.read() {
            Ok(Message::Text(text)) => LayerItem::Text(text.as_bytes().to_vec()),
            Ok(Message::Binary(data)) => LayerItem::Binary(data.to_vec()),
            Ok(Message::Ping(payload)) => LayerItem::Ping(payload.to_vec()),
            Ok(Message::Pong(payload)) => LayerItem::Pong(payload.to_vec()),
            Ok(Message::Close(frame)) => {
                let code = frame.as_ref().map(|frame| frame.code.into());
                let reason = frame.map_or_else(String::new, |frame| frame.reason.to_string());
                said.push(LayerItem::Close(code, reason));
                return said;
            }
            // The bytes have ended.
            Err(Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return said,
            Err(Error::Utf8(_)) => LayerItem::Fault(1007),
            Err(Error::Capacity(_)) => LayerItem::Fault(1009),
            Err(Error::Protocol(_)) => LayerItem::Fault(1002),
            Ok(Message::Frame(_)) | Err(_) => panic!("nothing that reading gives"),
        });
        if let Some(LayerItem::Fault(_)) = said.last() {
            return said;
        }
    }
}

fn frame(masked: bool) -> impl Strategy<Value = WireFrame> {
    let opcode = prop_oneof![
        40 => select(vec![0_u8, 1, 1, 2, 9, 10]),
        2 => select(vec![3_u8, 7, 11, 15]),
        2 => Just(8_u8),
    ];
    let payload = prop_oneof![
        4 => select(vec!["", "a", "Hello", "Grüße", "€", "😀"]).prop_map(|text| text.as_bytes().to_vec()),
        1 => select(vec![&b"\xE2\x82"[..], b"\xAC", b"\xFF", b"a\xC3", b"\xA4b"]).prop_map(<[u8]>::to_vec),
        1 => (0_usize..700).prop_map(|length| vec![b'*'; length]),
    ];
    let reserved = prop_oneof![40 => Just([false; 3]), 1 => any::<[bool; 3]>()];
    let mask = prop_oneof![40 => Just(masked), 1 => any::<bool>()];
    let last = prop::bool::weighted(0.6);
    (
        opcode,
        payload,
        reserved,
        mask,
        any::<[u8; 4]>(),
        last,
        any::<bool>(),
    )
        .prop_map(
            |(opcode, payload, reserved, mask, key, last, odd)| WireFrame {
                last: last || (opcode > 7 && !odd),
                reserved,
                mask: mask.then_some(key),
                ..WireFrame::new(
                    opcode,
                    &if opcode == 8 {
                        close(&payload)
                    } else {
                        payload
                    },
                )
            },
        )
}

/// Returns the payload of a close frame: nothing, one byte, or a valid code with the given reason.
fn close(reason: &[u8]) -> Vec<u8> {
    match reason {
        [] => Vec::new(),
        [byte] => vec![*byte],
        reason => [b"\x03\xE8", reason].concat(),
    }
}

/// Changes most data frames so that they are valid at their position.
fn make_sense(frames: &mut [WireFrame]) {
    let mut inside = false;
    for (index, frame) in frames.iter_mut().enumerate() {
        if frame.opcode > 7 {
            continue;
        }
        if index % 11 != 10 && frame.opcode < 3 {
            frame.opcode = if inside {
                CONTINUATION
            } else {
                frame.opcode.max(1)
            };
        }
        inside = !frame.last;
    }
}

/// Returns true if no frame has several errors. When tungstenite reads from a client, it treats an unmasked frame of a
/// server as a masked one. Therefore it may report another error of such a frame.
fn single_fault(frames: &[WireFrame], masked: bool) -> bool {
    frames.iter().all(|frame| {
        let faults = [
            frame.mask.is_some() != masked,
            frame.reserved != [false; 3],
            matches!(frame.opcode, 3..=7 | 11..),
            frame.opcode > 7 && (!frame.last || frame.payload.len() > 125),
            frame.payload.len() > LIMIT,
        ];
        faults.iter().filter(|fault| **fault).count() <= 1
    })
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn both_layers_say_the_same(
        (server, mut frames) in any::<bool>().prop_flat_map(|server| (Just(server), vec(frame(server), 0..15)))
    ) {
        make_sense(&mut frames);
        prop_assume!(single_fault(&frames, server));
        let bytes = wire(&frames);
        let (role, their_role) = if server {
            (Role::Server, TheirRole::Server)
        } else {
            (Role::Client, TheirRole::Client)
        };
        prop_assert_eq!(ours(role, &bytes), theirs(their_role, &bytes));
    }
}
