//! Errors of HTTP/2, from a server that writes its frames by hand.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::sync::Arc;

use feedscope_core::connection::Advice;
use feedscope_core::feed::FeedSpec;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::authority::Authority;
use crate::feed::{Feed, again, once, states, summaries};
use crate::server::{Peer, Server};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const PROTOCOL_ERROR: u32 = 1;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;
const HTTP_1_1_REQUIRED: u32 = 13;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The other side of one HTTP/2 connection.
struct Wire {
    stream: StreamOwned<ServerConnection, std::net::TcpStream>,
    request: u32,
}

impl Wire {
    /// Reads until the first request has arrived.
    fn accept(config: Arc<ServerConfig>, peer: &Peer) -> Option<Self> {
        let connection = ServerConnection::new(config).unwrap();
        let mut stream = StreamOwned::new(connection, peer.socket.try_clone().unwrap());
        let mut preface = [0; PREFACE.len()];
        stream.read_exact(&mut preface).ok()?;
        assert_eq!(preface, PREFACE);
        let mut wire = Self { stream, request: 0 };
        wire.send(&frame(SETTINGS, 0, 0, &[]));
        while wire.request == 0 {
            let mut head = [0; 9];
            wire.stream.read_exact(&mut head).ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            wire.stream.read_exact(&mut vec![0; length as usize]).ok()?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            match head[3] {
                HEADERS => wire.request = stream,
                SETTINGS if head[4] == 0 => wire.send(&frame(SETTINGS, 1, 0, &[])),
                _ => {}
            }
        }
        Some(wire)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).ok();
        self.stream.flush().ok();
    }

    /// The head of an event stream, with one more header.
    fn head(&mut self, name: &str, value: &str) {
        let mut block = Vec::new();
        for (name, value) in [
            (":status", "200"),
            ("content-type", "text/event-stream"),
            (name, value),
        ] {
            // A literal without indexing and without Huffman's coding (RFC 7541 6.2.2).
            block.push(0);
            for text in [name, value] {
                block.push(u8::try_from(text.len()).unwrap());
                block.extend_from_slice(text.as_bytes());
            }
        }
        self.send(&frame(HEADERS, 4, self.request, &block));
    }

    fn event(&mut self, data: &str) {
        let bytes = format!("data: {data}\n\n");
        self.send(&frame(DATA, 0, self.request, bytes.as_bytes()));
    }

    fn go_away(&mut self, last_stream: u32, code: u32, text: &str) {
        let payload = [
            &last_stream.to_be_bytes()[..],
            &code.to_be_bytes(),
            text.as_bytes(),
        ]
        .concat();
        self.send(&frame(GOAWAY, 0, 0, &payload));
    }

    fn reset(&mut self, code: u32) {
        self.send(&frame(RST_STREAM, 0, self.request, &code.to_be_bytes()));
    }

    /// Waits until the client has closed the connection.
    fn wait_for_end(&mut self) {
        while self.stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
    }
}

/// A server for HTTP/2 alone.
fn server(script: impl Fn(usize, &mut Wire) + Send + Sync + 'static) -> (Server, Authority) {
    let authority = Authority::new();
    let mut config = authority.server(&authority.issue(&["127.0.0.1"]), false);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let config = Arc::new(config);
    let server = Server::start_raw(move |number, peer| {
        if let Some(mut wire) = Wire::accept(Arc::clone(&config), peer) {
            script(number, &mut wire);
        }
    });
    (server, authority)
}

fn spec(server: &Server, authority: &Authority, spec: fn(&str) -> FeedSpec) -> FeedSpec {
    let mut spec = spec(&server.url("https", "/feed"));
    spec.transport.ca_file = Some(authority.file());
    spec
}

fn end_reason(script: impl Fn(usize, &mut Wire) + Send + Sync + 'static) -> String {
    let (server, authority) = server(script);
    Feed::connect(spec(&server, &authority, once)).end_reason()
}

#[test]
fn the_code_and_the_text_of_a_goaway_are_shown() {
    let expected = "failed: the server closed the HTTP/2 connection: ENHANCE_YOUR_CALM (11), \
         the load is too high for the server; it says: too_many_pings";
    // In the middle of the stream, and the connection ends without a farewell.
    let reason = end_reason(|_, wire| {
        wire.head("x", "y");
        wire.event("1");
        wire.go_away(wire.request, ENHANCE_YOUR_CALM, "too_many_pings");
    });
    assert_eq!(reason, expected);
    // Before the head of an answer that was promised.
    let reason = end_reason(|_, wire| {
        wire.go_away(wire.request, ENHANCE_YOUR_CALM, "too_many_pings");
    });
    assert_eq!(reason, expected);
    // In place of an answer.
    let reason = end_reason(|_, wire| {
        wire.go_away(0, ENHANCE_YOUR_CALM, "too_many_pings");
        wire.wait_for_end();
    });
    assert_eq!(reason, expected);
}

#[test]
fn a_stream_goes_on_after_a_goaway_that_spares_it() {
    let (server, authority) = server(|_, wire| {
        wire.head("x", "y");
        wire.go_away(wire.request, 0, "");
        wire.event("1");
        wire.send(&frame(DATA, 1, wire.request, b"data: 2\n\n"));
        wire.wait_for_end();
    });
    let records = Feed::connect(spec(&server, &authority, once)).to_end();
    assert_eq!(summaries(&records), ["event message 1", "event message 2"]);
    assert_eq!(
        records.last().unwrap()["reason"],
        "the server ended the stream"
    );
}

#[test]
fn a_stream_that_is_reset_names_the_code() {
    let reason = end_reason(|_, wire| {
        wire.head("x", "y");
        wire.event("1");
        wire.reset(INTERNAL_ERROR);
        wire.wait_for_end();
    });
    assert_eq!(
        reason,
        "failed: the server ended the HTTP/2 stream: INTERNAL_ERROR (2), the server failed"
    );
}

#[test]
fn a_header_that_http_2_forbids_is_suspected() {
    for (name, value) in [
        ("connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("transfer-encoding", "chunked"),
    ] {
        let reason = end_reason(move |_, wire| {
            wire.head(name, value);
            wire.wait_for_end();
        });
        assert!(
            reason.starts_with(
                "failed: the head of the answer breaks the rules of HTTP/2: PROTOCOL_ERROR (1)"
            ) && reason.to_lowercase().contains(name),
            "{reason}"
        );
    }
}

#[test]
fn a_connection_that_just_ends_is_lost_without_a_link_to_a_manual() {
    let reason = end_reason(|_, wire| {
        wire.head("x", "y");
        wire.event("1");
        // Without unread bytes of the client, the system does not reset the connection.
        wire.stream.sock.shutdown(Shutdown::Write).unwrap();
        wire.wait_for_end();
    });
    assert_eq!(
        reason,
        "failed: connection lost: the server closed in the middle of it"
    );
}

#[test]
fn a_fault_is_not_met_for_ever() {
    let (server, authority) = server(|number, wire| {
        if number == 0 {
            wire.head("x", "y");
            wire.send(b"\0\0\0\x03\0\0\0\0\0");
        } else {
            wire.go_away(0, PROTOCOL_ERROR, "no");
        }
        wire.wait_for_end();
    });
    let mut spec = spec(&server, &authority, |url| again(url, 9));
    spec.life.max_reconnects = None;
    let feed = Feed::open(spec);
    feed.handle
        .command(feedscope_core::feed::FeedCommand::Connect);
    for round in 1..=2 {
        feed.wait_for("a wait", |records| {
            states(records)
                .iter()
                .filter(|state| **state == "reconnecting")
                .count()
                == round
        });
        feed.handle
            .command(feedscope_core::feed::FeedCommand::RetryNow);
    }
    let reason = feed.end_reason();
    assert!(
        reason.starts_with("failed: the server closed the HTTP/2 connection: PROTOCOL_ERROR (1)")
            && reason.ends_with(
                "three connections in a row ended with such a fault and delivered nothing"
            ),
        "{reason}"
    );
}

#[test]
fn a_server_that_is_busy_is_asked_again() {
    let (server, authority) = server(|number, wire| {
        if number == 0 {
            wire.reset(REFUSED_STREAM);
        } else {
            wire.head("x", "y");
            wire.send(&frame(DATA, 1, wire.request, b"data: 1\n\n"));
        }
        wire.wait_for_end();
    });
    let feed = Feed::connect(spec(&server, &authority, |url| again(url, 1)));
    feed.wait_for_state("reconnecting");
    feed.wait_for_status("the advice", |status| status.advice == Some(Advice::Wait));
    feed.handle
        .command(feedscope_core::feed::FeedCommand::RetryNow);
    let records = feed.to_end();
    assert_eq!(summaries(&records), ["event message 1"]);
    assert_eq!(
        records[1]["reason"],
        "the server ended the HTTP/2 stream: REFUSED_STREAM (7), the request was not processed"
    );
}

#[test]
fn a_request_that_requires_http_1_1_is_made_over_it() {
    let authority = Authority::new();
    let issued = authority.issue(&["127.0.0.1"]);
    let config = |protocol: &[u8]| {
        let mut config = authority.server(&issued, false);
        config.alpn_protocols = vec![protocol.to_vec()];
        Arc::new(config)
    };
    let (two, one) = (config(b"h2"), config(b"http/1.1"));
    let server = Server::start_raw(move |number, peer| {
        if number == 0 {
            let mut wire = Wire::accept(Arc::clone(&two), peer).unwrap();
            wire.reset(HTTP_1_1_REQUIRED);
            return wire.wait_for_end();
        }
        let connection = ServerConnection::new(Arc::clone(&one)).unwrap();
        let mut stream = StreamOwned::new(connection, peer.socket.try_clone().unwrap());
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"GET /feed HTTP/1.1\r\n"));
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
        stream.write_all(answer).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    });
    let records = Feed::connect(spec(&server, &authority, once)).to_end();
    assert_eq!(states(&records), ["connecting", "open", "closed"]);
    assert_eq!(summaries(&records), ["event message 1"]);
}

#[test]
fn the_version_and_the_cipher_of_tls_are_shown() {
    let authority = Authority::new();
    let issued = authority.issue(&["127.0.0.1"]);
    for (version, name, prefix) in [
        (
            &rustls::version::TLS12,
            "TLS 1.2, ",
            "TLS_ECDHE_ECDSA_WITH_",
        ),
        (&rustls::version::TLS13, "TLS 1.3, ", "TLS_AES_"),
    ] {
        let mut config = authority.server_of_versions(&issued, false, &[version]);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let config = Arc::new(config);
        let server = Server::start_raw(move |_, peer| {
            let mut wire = Wire::accept(Arc::clone(&config), peer).unwrap();
            wire.head("x", "y");
            wire.wait_for_end();
        });
        let feed = Feed::connect(spec(&server, &authority, once));
        feed.wait_for_state("open");
        feed.wait_for_status("the cipher", |status| {
            status.negotiated.iter().any(|(fact, value)| {
                fact == "TLS" && value.starts_with(name) && value[name.len()..].starts_with(prefix)
            })
        });
        feed.handle
            .command(feedscope_core::feed::FeedCommand::Disconnect);
        feed.to_end();
    }
}
