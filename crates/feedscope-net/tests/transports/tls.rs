//! TLS: certificates that do not verify, servers that do not speak it, and `insecure`.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::feed::{Feed, again, once, states, told};
use crate::server::{Peer, Server};

/// Made for these tests and used nowhere else: self-signed, for `localhost` and 127.0.0.1, valid for a
/// hundred years.
const CERTIFICATE: &[u8] = include_bytes!("self-signed.der");
const KEY: &[u8] = include_bytes!("self-signed.key.der");

fn server_config() -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY.to_vec()));
    let certificates = vec![CertificateDer::from(CERTIFICATE.to_vec())];
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .unwrap();
    Arc::new(config)
}

/// Reads a request, if the client still wants to make one, and answers it.
fn serve(peer: &mut Peer, answer: &str) {
    let mut connection = ServerConnection::new(server_config()).unwrap();
    let mut stream = Stream::new(&mut connection, &mut peer.socket);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    stream.write_all(answer.as_bytes()).ok();
    stream.conn.send_close_notify();
    stream.flush().ok();
}

const FEED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: secret\n\n";

#[test]
fn a_certificate_that_does_not_verify_fails_for_good_and_says_why() {
    let server = Server::start_raw(|_, peer| serve(peer, FEED));
    for scheme in ["https", "wss"] {
        let feed = Feed::connect(again(&server.url(scheme, "/"), 9));
        let reason = feed.end_reason();
        assert!(
            reason.starts_with("failed: the certificate of 127.0.0.1:"),
            "{reason}"
        );
        assert_eq!(
            states(&feed.records()),
            ["connecting", "failed"],
            "not tried again"
        );
    }
}

#[test]
fn any_certificate_is_taken_when_asked_to() {
    let server = Server::start_raw(|_, peer| serve(peer, FEED));
    let mut spec = once(&server.url("https", "/"));
    spec.insecure = true;
    assert_eq!(
        told(&Feed::connect(spec).to_end()),
        ["event message secret"]
    );
}

#[test]
fn a_server_without_tls_is_told_apart_from_a_bad_certificate() {
    let server = Server::start_raw(|_, peer| peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
    let feed = Feed::connect(again(&server.url("https", "/"), 9));
    let reason = feed.end_reason();
    assert!(
        reason.contains("TLS") && reason.contains("does not speak TLS"),
        "{reason}"
    );
    assert_eq!(states(&feed.records()), ["connecting", "failed"]);
}

#[test]
fn a_server_with_tls_is_no_plain_one() {
    let server = Server::start_raw(|_, peer| serve(peer, FEED));
    let reason = Feed::connect(once(&server.url("http", "/"))).end_reason();
    assert!(reason.starts_with("failed"), "{reason}");
}
