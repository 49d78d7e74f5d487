//! TLS: certificates that do not verify, servers that do not speak it, and `insecure`.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use tungstenite::handshake::derive_accept_key;

use crate::authority::{Authority, Issued};
use crate::feed::{Feed, again, once, states, told};
use crate::server::{Peer, Server, close, header, text};

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
    serve_with(server_config(), peer, answer);
}

fn serve_with(config: Arc<ServerConfig>, peer: &mut Peer, answer: &str) {
    converse(config, peer, |_head| answer.into());
}

/// Serves an event and a message over TLS, whichever protocol is asked for.
pub(crate) fn serve_both(peer: &mut Peer) {
    converse(server_config(), peer, |head| {
        match header(head, "sec-websocket-key") {
            None => FEED.into(),
            Some(key) => {
                let head = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {}\r\n\r\n",
                    derive_accept_key(key.as_bytes())
                );
                [head.into_bytes(), text("secret"), close(1000, "")].concat()
            }
        }
    });
}

fn converse(config: Arc<ServerConfig>, peer: &mut Peer, answer: impl Fn(&str) -> Vec<u8>) {
    let mut connection = ServerConnection::new(config).unwrap();
    let mut stream = Stream::new(&mut connection, &mut peer.socket);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    stream
        .write_all(&answer(&String::from_utf8_lossy(&head)))
        .ok();
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

/// A server that shows this certificate.
fn showing(authority: &Authority, issued: &Issued, wants_client: bool) -> Server {
    let config = Arc::new(authority.server(issued, wants_client));
    Server::start_raw(move |_, peer| serve_with(Arc::clone(&config), peer, FEED))
}

#[test]
fn an_authority_in_a_file_is_trusted_besides_the_systems() {
    let authority = Authority::new();
    let server = showing(&authority, &authority.issue(&["127.0.0.1"]), false);
    let mut spec = once(&server.url("https", "/"));
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.ends_with("no authority known here has signed it"),
        "{reason}"
    );
    spec.ca_file = Some(authority.file());
    let feed = Feed::connect(spec.clone());
    assert_eq!(told(&feed.to_end()), ["event message secret"]);
    // The handshake of TLS succeeds as well, and what comes then is no opening handshake.
    spec.url = server.url("wss", "/").parse().unwrap();
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.starts_with("failed: HTTP 200"), "{reason}");
}

#[test]
fn a_certificate_that_does_not_fit_is_told_in_words() {
    let authority = Authority::new();
    for (issued, says) in [
        (
            authority.issue_until(&["127.0.0.1"], 2020),
            "it expired on 2020-01-02",
        ),
        (
            authority.issue(&["a.test", "b.test"]),
            "it is made out to a.test and b.test, not to 127.0.0.1",
        ),
        (
            authority.issue(&["127.0.0.9"]),
            "it is made out to 127.0.0.9, not to 127.0.0.1",
        ),
    ] {
        let server = showing(&authority, &issued, false);
        let mut spec = again(&server.url("https", "/"), 9);
        spec.ca_file = Some(authority.file());
        let reason = Feed::connect(spec).end_reason();
        let said = reason.strip_prefix("failed: the certificate of 127.0.0.1:");
        assert!(said.is_some_and(|said| said.ends_with(says)), "{reason}");
    }
}

#[test]
fn a_client_shows_its_certificate_where_a_server_wants_one() {
    let authority = Authority::new();
    let server = showing(&authority, &authority.issue(&["127.0.0.1"]), true);
    let mut spec = once(&server.url("https", "/"));
    spec.ca_file = Some(authority.file());
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.ends_with("TLS failed: the other side wants a client certificate"),
        "{reason}"
    );
    let (certificate, key) = authority.files(&authority.issue(&["somebody"]));
    spec.client_certificate = Some(certificate);
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.contains("certificate and its key cannot be read"),
        "{reason}"
    );
    spec.client_key = Some(key);
    let feed = Feed::connect(spec);
    assert_eq!(told(&feed.to_end()), ["event message secret"]);
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = once("https://127.0.0.1:1/");
    spec.ca_file = Some(folder.path().join("none.pem"));
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.contains("none.pem cannot be read (no such file"),
        "{reason}"
    );
    std::fs::write(folder.path().join("none.pem"), "not PEM").unwrap();
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.contains("no certificate (PEM)"), "{reason}");
}
