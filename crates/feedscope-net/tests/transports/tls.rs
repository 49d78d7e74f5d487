//! TLS: certificates that cannot be verified, servers without TLS, and `insecure`.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use feedscope_core::feed::FeedSpec;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use tungstenite::handshake::derive_accept_key;

use crate::authority::{Authority, Issued};
use crate::feed::{Feed, again, once, states, summaries};
use crate::server::{Peer, Server, close, header, text};

/// Self-signed certificate for `localhost` and 127.0.0.1, valid for a hundred years. It was made for these tests and is
/// used nowhere else.
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

/// Reads a request, if the client still sends one, and answers it.
fn serve(peer: &mut Peer, answer: &str) {
    serve_with(server_config(), peer, answer);
}

fn serve_with(config: Arc<ServerConfig>, peer: &mut Peer, answer: &str) {
    converse(config, peer, |_head| answer.into());
}

/// Serves an event or a message over TLS, depending on the protocol of the request.
pub(crate) fn serve_both(peer: &mut Peer) {
    converse(server_config(), peer, feed_or_message);
}

fn feed_or_message(head: &str) -> Vec<u8> {
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
}

/// Answers one request over TLS with the self-signed certificate.
pub(crate) fn answer(peer: &mut Peer, answer: &'static str) {
    serve(peer, answer);
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
    spec.transport.insecure = true;
    assert_eq!(
        summaries(&Feed::connect(spec).to_end()),
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
fn a_server_that_closes_during_the_handshake_is_tried_again() {
    // The first server reads the whole first record of the client, and the second one leaves a part of it, which resets the
    // connection.
    let reads_all = Server::start_raw(|_, peer| {
        let mut header = [0; 5];
        peer.socket.read_exact(&mut header).unwrap();
        let mut record = vec![0; u16::from_be_bytes([header[3], header[4]]).into()];
        peer.socket.read_exact(&mut record).unwrap();
    });
    let reads_a_part = Server::start_raw(|_, peer| {
        peer.socket.read_exact(&mut [0; 5]).unwrap();
    });
    for (scheme, server) in [
        ("https", &reads_all),
        ("wss", &reads_all),
        ("https", &reads_a_part),
        ("wss", &reads_a_part),
    ] {
        let feed = Feed::connect(again(&server.url(scheme, "/"), 1));
        let reason = feed.end_reason();
        let expected = "the server closed the connection during the TLS handshake";
        assert!(reason.contains(expected), "{scheme}: {reason}");
        let states = feed.records();
        assert!(self::states(&states).contains(&"reconnecting"), "{scheme}");
    }
}

#[test]
fn a_server_with_tls_is_no_plain_one() {
    let server = Server::start_raw(|_, peer| serve(peer, FEED));
    let reason = Feed::connect(once(&server.url("http", "/"))).end_reason();
    assert!(reason.starts_with("failed"), "{reason}");
}

/// Starts a server that presents this certificate.
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
    spec.transport.ca_file = Some(authority.file());
    let feed = Feed::connect(spec.clone());
    assert_eq!(summaries(&feed.to_end()), ["event message secret"]);
    // The TLS handshake succeeds here too, but the answer is no opening handshake.
    spec.url = server.url("wss", "/").parse().unwrap();
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.starts_with("failed: HTTP 200"), "{reason}");
}

#[test]
fn a_server_certificate_that_the_user_names_is_trusted_for_its_names() {
    let authority = Authority::new();
    let own = Authority::self_signed(&["127.0.0.1", "a.localhost"], 4000);
    let config = Arc::new(authority.server(&own, false));
    let server = Server::start_raw(move |_, peer| {
        converse(Arc::clone(&config), peer, feed_or_message);
    });
    let (file, _) = authority.files(&own);
    let spec = |scheme: &str, host: &str| {
        let mut spec = again(&format!("{scheme}://{host}:{}/", server.port()), 9);
        spec.transport.ca_file = Some(file.clone());
        spec
    };
    for host in ["127.0.0.1", "a.localhost"] {
        for (scheme, expected) in [("https", "event message secret"), ("wss", "text in secret")] {
            let mut spec = spec(scheme, host);
            spec.life.max_reconnects = Some(0);
            assert_eq!(summaries(&Feed::connect(spec).to_end())[0], expected);
        }
    }
    let reason = Feed::connect(spec("https", "localhost")).end_reason();
    assert!(
        reason.ends_with("it is made out to 127.0.0.1 and a.localhost, not to localhost"),
        "{reason}"
    );
    // Another certificate with the same names is as unknown as any other.
    let other = Authority::self_signed(&["127.0.0.1"], 4000);
    let mut spec = spec("https", "127.0.0.1");
    spec.transport.ca_file = Some(authority.files(&other).0);
    let reason = Feed::connect(spec).end_reason();
    assert!(
        reason.ends_with("it is self-signed and not among the trusted certificates"),
        "{reason}"
    );
}

#[test]
fn a_server_certificate_that_the_user_names_may_not_have_expired() {
    let authority = Authority::new();
    let own = Authority::self_signed(&["127.0.0.1"], 2020);
    let server = showing(&authority, &own, false);
    let mut spec = again(&server.url("https", "/"), 9);
    spec.transport.ca_file = Some(authority.files(&own).0);
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.ends_with("it expired on 2020-01-02"), "{reason}");
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
        (
            authority.issue_for_clients(&["127.0.0.1"]),
            "it is made for clients, not for servers",
        ),
    ] {
        let server = showing(&authority, &issued, false);
        let mut spec = again(&server.url("https", "/"), 9);
        spec.transport.ca_file = Some(authority.file());
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
    spec.transport.ca_file = Some(authority.file());
    let (certificate, key) = authority.files(&authority.issue(&["somebody"]));
    spec.transport.client_certificate = Some(certificate);
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.contains("certificate and its key cannot be read"),
        "{reason}"
    );
    spec.transport.client_key = Some(key);
    let feed = Feed::connect(spec);
    assert_eq!(summaries(&feed.to_end()), ["event message secret"]);
}

#[test]
fn a_server_that_asks_for_a_client_certificate_is_told_apart_from_others() {
    let authority = Authority::new();
    let issued = authority.issue(&["127.0.0.1"]);
    // A server with TLS 1.2 only answers that the handshake failed.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = Arc::new(authority.server_of_versions(&issued, true, &[version]));
        let server = Server::start_raw(move |_, peer| serve_with(Arc::clone(&config), peer, FEED));
        for scheme in ["https", "wss"] {
            let mut spec = again(&server.url(scheme, "/"), 9);
            spec.transport.ca_file = Some(authority.file());
            let reason = Feed::connect(spec).end_reason();
            assert!(
                reason.ends_with("asked for a client certificate, and none was given"),
                "{version:?}: {reason}"
            );
        }
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named_also_where_no_tls_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.pem");
    let broken = folder.path().join("broken.pem");
    std::fs::write(&broken, "not PEM").unwrap();
    for url in [
        "https://127.0.0.1:1/",
        "http://127.0.0.1:1/",
        "ws://127.0.0.1:1/",
    ] {
        let failed = |change: &dyn Fn(&mut FeedSpec)| {
            let mut spec = again(url, 9);
            change(&mut spec);
            Feed::connect(spec).end_reason()
        };
        for reason in [
            failed(&|spec| spec.transport.ca_file = Some(missing.clone())),
            failed(&|spec| spec.transport.client_certificate = Some(missing.clone())),
            failed(&|spec| {
                spec.transport.client_certificate = Some(broken.clone());
                spec.transport.client_key = Some(missing.clone());
            }),
        ] {
            assert!(
                reason.contains("none.pem cannot be read (no such file"),
                "{url}: {reason}"
            );
        }
        let reason = failed(&|spec| spec.transport.ca_file = Some(broken.clone()));
        assert!(reason.contains("no certificate (PEM)"), "{url}: {reason}");
        let reason = failed(&|spec| spec.transport.client_certificate = Some(broken.clone()));
        assert!(
            reason.contains("there is no certificate"),
            "{url}: {reason}"
        );
    }
}

#[test]
fn a_private_key_that_does_not_belong_to_the_certificate_is_refused() {
    let authority = Authority::new();
    let (certificate, _) = authority.files(&authority.issue(&["one"]));
    let certificate = std::fs::read(certificate).unwrap();
    let (file, key) = authority.files(&authority.issue(&["another"]));
    std::fs::write(&file, certificate).unwrap();
    let mut spec = again("https://127.0.0.1:1/", 9);
    spec.transport.client_certificate = Some(file);
    spec.transport.client_key = Some(key.clone());
    let reason = Feed::connect(spec.clone()).end_reason();
    assert!(
        reason.contains("the private key belongs to another certificate"),
        "{reason}"
    );
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    std::fs::write(&key, encrypted).unwrap();
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.contains("the private key is encrypted"), "{reason}");
}
