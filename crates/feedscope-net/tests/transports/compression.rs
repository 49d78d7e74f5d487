//! Compressed event streams: an event is available as soon as its block was flushed, and does not wait for the next
//! event.

use std::io::Write;
use std::sync::Arc;

use feedscope_core::protocol::Engine;
use parking_lot::Mutex;

use crate::feed::{Feed, again, of_kind, once, summaries, word};
use crate::server::{Gate, Peer, Server, header};

/// Destination of an encoder. The sender empties it.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn encoder(encoding: &str, wire: Wire) -> Box<dyn Write> {
    match encoding {
        "gzip" => Box::new(flate2::write::GzEncoder::new(
            wire,
            flate2::Compression::default(),
        )),
        "br" => Box::new(brotli::CompressorWriter::new(wire, 4096, 5, 20)),
        "zstd" => Box::new(zstd::Encoder::new(wire, 3).unwrap()),
        other => panic!("{other}"),
    }
}

fn send_compressed(encoding: &str, peer: &mut Peer, first_seen: &Gate) {
    peer.send(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: {encoding}\r\n\r\n"
    ));
    let wire = Wire::default();
    let mut encoder = encoder(encoding, wire.clone());
    for event in ["data: one\n\n", "data: two\n\n"] {
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.flush().unwrap();
        peer.send(std::mem::take(&mut *wire.0.lock()));
        first_seen.wait();
    }
}

#[test]
fn an_event_is_there_when_its_compressed_block_was_flushed() {
    for encoding in ["gzip", "br", "zstd"] {
        let gate = Gate::default();
        let first_seen = gate.clone();
        let server = Server::start(move |_, peer| send_compressed(encoding, peer, &first_seen));
        let feed = Feed::connect(once(&server.http()));
        feed.wait_for(encoding, |records| {
            summaries(records) == ["event message one"]
        });
        gate.open();
        // The server does not end the compressed data, which a note reports.
        feed.wait_for(encoding, |records| {
            summaries(records) == ["event message one", "event message two", "note"]
        });
        let accepted = server.requests()[0].clone();
        let accepted = header(&accepted, "accept-encoding").unwrap();
        assert!(accepted.contains(encoding), "{accepted}");
    }
}

#[test]
fn compression_is_not_offered_when_it_is_not_wanted() {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n");
    let mut spec = once(&server.http());
    spec.transport.compression = false;
    assert_eq!(
        summaries(&Feed::connect(spec).to_end()),
        ["event message x"]
    );
    assert_eq!(header(&server.requests()[0], "accept-encoding"), None);
}

/// Returns an answer with these header lines and this body. The body ends with the connection.
fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn names_of_codings_are_compared_without_case() {
    let body = gzip("data: x\n\n");
    let chunked = [
        format!("{:x}\r\n", body.len()).as_bytes(),
        &body,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    for (headers, body) in [
        ("Content-Encoding: GZIP", &body),
        ("Content-Encoding: x-gzip", &body),
        ("Content-Encoding: identity,\tGzip", &body),
        (
            "Content-Encoding: identity\r\nContent-Encoding: gzip",
            &body,
        ),
        ("Content-Encoding: deflate", &body),
        ("Transfer-Encoding: gzip, chunked", &chunked),
        ("Content-Encoding: none", &b"data: x\n\n".to_vec()),
    ] {
        for engine in [Engine::Native, Engine::EventsourceClient] {
            let server = Server::answering(answer(headers, body));
            let mut spec = once(&server.http());
            spec.reading.choose(engine);
            // Codings are decoded although the request did not accept any.
            spec.transport.compression = false;
            let records = Feed::connect(spec).to_end();
            assert_eq!(
                summaries(&records),
                ["event message x"],
                "{headers} {engine:?}"
            );
        }
    }
}

#[test]
fn an_unknown_coding_fails_with_its_name() {
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let server = Server::answering(answer("Content-Encoding: gzip, Compress", b"data: x\n\n"));
        let mut spec = again(&server.http(), 3);
        spec.reading.choose(engine);
        let feed = Feed::connect(spec);
        assert_eq!(
            feed.end_reason(),
            "failed: the answer has the content coding Compress, which cannot be decoded here"
        );
        assert_eq!(summaries(&feed.records()), [""; 0], "the body is not read");
        assert_eq!(
            server.requests().len(),
            1,
            "another attempt would end in the same way"
        );
    }
}

#[test]
fn a_character_set_in_the_wrong_header_is_named() {
    let server = Server::answering(answer("Content-Encoding: utf-8", b"data: x\n\n"));
    let records = Feed::connect(once(&server.http())).to_end();
    assert_eq!(summaries(&records), ["event message x"]);
    let open = records
        .iter()
        .find(|record| record["state"] == "open")
        .unwrap();
    assert_eq!(
        open["reason"],
        "its Content-Encoding, utf-8, is no coding of the body; the body was read as it is"
    );
}

#[test]
fn bytes_that_were_not_decoded_are_reported() {
    let body = gzip("data: x\n\n");
    for (body, says) in [
        (&body[..body.len() - 8], "ended without its end mark"),
        (
            &[&body[..], b"garbage"].concat()[..],
            "ignored 7 bytes after the end",
        ),
    ] {
        let server = Server::answering(answer("Content-Encoding: gzip", body));
        let records = Feed::connect(once(&server.http())).to_end();
        assert_eq!(summaries(&records), ["event message x", "note"]);
        let note = of_kind(&records, "note")[0];
        assert_eq!(note["code"], "content_coding");
        assert!(word(note, "text").contains(says), "{note}");
    }
    let server = Server::answering(answer("Content-Encoding: gzip", b"data: x\n\n"));
    let reason = Feed::connect(once(&server.http())).end_reason();
    assert!(
        reason.contains("it does not begin like gzip data: data: x"),
        "{reason}"
    );
}

#[test]
fn the_first_line_of_a_compressed_refusal_is_shown() {
    let body = gzip("the quota is used up\n");
    let head =
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n";
    let server = Server::answering([head.as_bytes(), &body].concat());
    let reason = Feed::connect(once(&server.http())).end_reason();
    assert!(reason.ends_with("the quota is used up"), "{reason}");
}
