//! Compressed event streams: an event is there as soon as its block was flushed, not when the next one comes.

use std::io::Write;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::feed::{Feed, once, told};
use crate::server::{Gate, Peer, Server, header};

/// Where an encoder writes, emptied by whoever sends it.
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
        feed.wait_for(encoding, |records| told(records) == ["event message one"]);
        gate.open();
        feed.wait_for(encoding, |records| {
            told(records) == ["event message one", "event message two"]
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
    spec.compression = false;
    assert_eq!(told(&Feed::connect(spec).to_end()), ["event message x"]);
    assert_eq!(header(&server.requests()[0], "accept-encoding"), None);
}
