//! Compressed messages (RFC 7692) of the native engine: offered, used in both directions, limited in size, and omitted
//! on request.

use std::io::Read as _;

use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, MessageDecoder, MessageEncoder, Role, WireItem,
};
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::protocol::{CloseCode, Engine};

use crate::feed::{Feed, of_kind, once, summaries};
use crate::server::{Gate, Peer, Server, header};

const CHOSEN: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/// Reads `most` messages of the client. Returns each one, and true if it was compressed.
fn read_messages(
    peer: &mut Peer,
    decoder: &mut MessageDecoder,
    most: usize,
) -> Vec<(Vec<u8>, bool)> {
    let (mut space, mut seen) = ([0; 4096], Vec::new());
    while seen.len() < most {
        let length = peer.socket.read(&mut space).unwrap();
        assert_ne!(length, 0, "the client went away");
        let decoded = decoder.feed(&space[..length], &mut |item| {
            if let WireItem::Message { data, wire, .. } = item {
                seen.push((data.to_vec(), wire.compressed));
            }
        });
        decoded.unwrap();
    }
    seen
}

#[test]
fn messages_are_compressed_both_ways_with_the_context_kept() {
    let agreement = DeflateAgreement::default();
    let gate = Gate::default();
    let seen = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.accept(CHOSEN, &[]);
        let mut encoder = MessageEncoder::server(Some(agreement));
        let mut decoder = MessageDecoder::new(Role::Server, Some(agreement), 1 << 20);
        for (message, compressed) in read_messages(peer, &mut decoder, 3) {
            assert!(compressed);
            let mut out = Vec::new();
            encoder.encode_message(DataOpcode::Text, &message, &mut out);
            peer.send(out);
        }
        // The status has the extension only while the connection is open.
        seen.wait();
        let mut out = Vec::new();
        encoder
            .encode_close(Some((CloseCode(1000), "")), &mut out)
            .unwrap();
        peer.send(out);
        peer.wait_for_end();
    });
    let feed = Feed::connect(once(&server.ws()));
    let text = "the same again and ".repeat(20);
    for _ in 0..3 {
        let message = Outgoing::Text(text.clone());
        feed.handle.command(FeedCommand::Send(message));
    }
    feed.wait_for_status("the extension", |status| {
        status
            .negotiated
            .iter()
            .any(|(name, value)| name == "extensions" && value.starts_with("permessage-deflate"))
    });
    gate.open();
    let records = feed.to_end();
    let texts = of_kind(&records, "text");
    assert_eq!(texts.len(), 6, "{records:#?}");
    assert!(texts.iter().all(|record| record["data"] == text.as_str()));
    for record in &texts {
        let compressed = record["compressed_bytes"].as_u64().unwrap();
        assert!((1..100).contains(&compressed), "{record}");
    }
    let offer = header(&server.requests()[0], "sec-websocket-extensions").map(str::to_owned);
    assert_eq!(
        offer.as_deref(),
        Some("permessage-deflate; client_max_window_bits")
    );
}

#[test]
fn frames_and_savings_are_told_of_each_message_and_of_the_connection() {
    let gate = Gate::default();
    let told_of = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.accept(CHOSEN, &[]);
        let mut encoder = MessageEncoder::server(Some(DeflateAgreement::default())).fragment_at(10);
        let mut out = Vec::new();
        encoder.encode_message(DataOpcode::Text, b"short", &mut out);
        encoder.encode_message(DataOpcode::Text, &[b'x'; 1000], &mut out);
        let mut plain = MessageEncoder::server(None).fragment_at(4);
        plain.encode_message(DataOpcode::Binary, &[1; 10], &mut out);
        peer.send(out);
        told_of.wait();
        peer.send([0x88, 0]);
        peer.wait_for_end();
    });
    let feed = Feed::connect(once(&server.ws()));
    feed.wait_for_status("the traffic", |status| {
        status.wire.is_some_and(|wire| wire.received.messages == 3)
    });
    let received = feed.handle.status().wire.unwrap().received;
    assert_eq!(
        (received.compressed_messages, received.plain_bytes),
        (1, 1015)
    );
    assert!(received.saved_bytes() > 900, "{received:?}");
    gate.open();
    let records = feed.to_end();
    let messages: Vec<_> = records
        .iter()
        .filter(|record| record.get("direction").is_some() && record["kind"] != "close")
        .map(|record| {
            (
                record["frames"].as_u64(),
                record["compressed_bytes"].as_u64(),
            )
        })
        .collect();
    let compressed = received.wire_bytes - 15;
    let frames = compressed.div_ceil(10);
    assert_eq!(
        messages,
        [
            (None, None),
            ((frames > 1).then_some(frames), Some(compressed)),
            (Some(3), None)
        ]
    );
    feed.wait_for_status("the end", |status| status.wire.is_none());
}

#[test]
fn a_small_frame_that_inflates_past_the_limit_is_closed_with_1009() {
    let server = Server::start(move |_, peer| {
        peer.accept(CHOSEN, &[]);
        let mut encoder = MessageEncoder::server(Some(DeflateAgreement::default()));
        let mut out = Vec::new();
        encoder.encode_message(DataOpcode::Binary, &vec![0; 1 << 20], &mut out);
        assert!(out.len() < 4096, "{}", out.len());
        peer.send(out);
        assert_eq!(peer.read_close_code(), Some(1009));
    });
    let mut spec = once(&server.ws());
    spec.keeping.max_message = 4096;
    let feed = Feed::connect(spec);
    let reason = feed.end_reason();
    assert!(reason.starts_with("failed: message too long"), "{reason}");
    assert_eq!(
        of_kind(&feed.records(), "note")[0]["code"],
        "message_too_long"
    );
}

#[test]
fn compression_is_not_offered_where_it_is_not_wanted_or_not_known() {
    let server = Server::answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let mut spec = once(&server.ws());
    spec.transport.compression = false;
    Feed::connect(spec.clone()).to_end();
    spec.transport.compression = true;
    spec.reading.choose(Engine::TokioTungstenite);
    assert!(summaries(&Feed::connect(spec).to_end()).is_empty());
    for request in server.requests() {
        assert_eq!(header(&request, "sec-websocket-extensions"), None);
    }
}
