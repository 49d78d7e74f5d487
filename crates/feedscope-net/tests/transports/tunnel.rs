//! Tunnels through HTTP proxies. WebSockets use one with and without TLS. A refusal is attributed to the proxy.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::thread;

use feedscope_core::connection::Advice;
use feedscope_core::feed::{FeedSpec, HostOverride};
use feedscope_core::protocol::Engine;

use crate::feed::{Feed, again, of_kind, once, states, summaries};
use crate::server::{Peer, Server, close, header, refused_address, text};
use crate::tls;

/// Host that only the proxy can resolve.
const HIDDEN: &str = "feed.invalid";

/// Starts an HTTP proxy that connects each CONNECT to the same port on this machine. It answers other requests itself.
pub(crate) fn http_proxy() -> Server {
    Server::start(|_, peer| {
        let Some(target) = peer.head.strip_prefix("CONNECT ") else {
            peer.send_feed_head();
            peer.send("data: by proxy\n\n");
            return;
        };
        let (host_and_port, _) = target.split_once(' ').unwrap();
        let port: u16 = host_and_port.rsplit_once(':').unwrap().1.parse().unwrap();
        peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
        relay(peer, port);
    })
}

/// Copies bytes in both directions until one side ends.
fn relay(peer: &mut Peer, port: u16) {
    let mut there = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (mut from, mut to) = (peer.socket.try_clone().unwrap(), there.try_clone().unwrap());
    let up = thread::Builder::new().spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut there, &mut peer.socket).ok();
    peer.socket.shutdown(Shutdown::Both).ok();
    up.unwrap().join().unwrap().ok();
}

fn through(proxy: &str, mut spec: FeedSpec) -> FeedSpec {
    spec.transport.proxy = Some(proxy.parse().unwrap());
    spec.transport.insecure = true;
    spec
}

#[test]
fn a_web_socket_without_tls_goes_through_a_tunnel() {
    let server = Server::start(|_, peer| {
        peer.accept("", &[text("hello"), close(1000, "")].concat());
        peer.read_close_code();
    });
    for engine in [Engine::Native, Engine::TokioTungstenite] {
        let proxy = http_proxy();
        let url = format!("ws://{HIDDEN}:{}/chat?a=b", server.port());
        let address = proxy.url("http", "").replace("//", "//ada:s3cret@");
        let mut spec = through(&address, once(&url));
        spec.reading.choose(engine);
        let feed = Feed::connect(spec);
        assert_eq!(summaries(&feed.to_end())[0], "text in hello");
        let requests = proxy.requests();
        let target = format!("{HIDDEN}:{}", server.port());
        assert!(
            requests[0].starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")),
            "{requests:?}"
        );
        assert_eq!(header(&requests[0], "host"), Some(target.as_str()));
        assert_eq!(
            header(&requests[0], "proxy-authorization"),
            Some("Basic YWRhOnMzY3JldA==")
        );
    }
    for request in server.requests() {
        assert!(
            request.starts_with("GET /chat?a=b HTTP/1.1\r\n"),
            "{request}"
        );
        assert_eq!(header(&request, "proxy-authorization"), None);
    }
}

#[test]
fn a_tunnel_for_tls_ends_at_the_server() {
    let server = Server::start_raw(|_, peer| tls::serve_both(peer));
    for (scheme, expected) in [("https", "event message secret"), ("wss", "text in secret")] {
        let proxy = http_proxy();
        let url = format!("{scheme}://{HIDDEN}:{}/x?token=hunter2", server.port());
        let feed = Feed::connect(through(&proxy.url("http", ""), once(&url)));
        assert_eq!(summaries(&feed.to_end())[0], expected);
        let requests = proxy.requests().concat();
        assert!(requests.starts_with("CONNECT "), "{requests}");
        assert!(!requests.contains("hunter2"), "{requests}");
    }
}

#[test]
fn the_answer_of_the_server_in_a_tunnel_is_not_attributed_to_the_proxy() {
    let server = Server::answering(
        "HTTP/1.1 407 Proxy Authentication Required\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n",
    );
    let proxy = http_proxy();
    let url = format!("ws://{HIDDEN}:{}/", server.port());
    let reason = Feed::connect(through(&proxy.url("http", ""), once(&url))).end_reason();
    assert!(
        reason.starts_with("failed: HTTP 407") && !reason.contains("127.0.0.1"),
        "{reason}"
    );
}

#[test]
fn an_answer_of_a_proxy_to_connect_is_attributed_to_it() {
    for (answer, says, advice) in [
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nweb sites only\n",
            "the proxy PROXY answered HTTP 403 Forbidden; it says: web sites only",
            Advice::CheckProxy,
        ),
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"Office\"\r\n\
             Proxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
            "HTTP 407 Proxy Authentication Required: the proxy PROXY requires a login \
             (Basic for “Office”, or Negotiate), or rejected the credentials",
            Advice::AddProxyCredentials,
        ),
        (
            "HTTP/1.1 301 Moved Permanently\r\nLocation: http://x.example/\r\n\r\n",
            "the proxy PROXY answered HTTP 301 Moved Permanently",
            Advice::CheckProxy,
        ),
    ] {
        let proxy = Server::answering(answer);
        let address = proxy.url("http", "");
        let says = says.replace("PROXY", address.trim_start_matches("http://"));
        for scheme in ["ws", "wss"] {
            let feed = Feed::connect(through(
                &address,
                again(&format!("{scheme}://{HIDDEN}/"), 9),
            ));
            assert_eq!(feed.end_reason(), format!("failed: {says}"), "{scheme}");
            assert_eq!(states(&feed.records()), ["connecting", "failed"]);
            assert_eq!(feed.handle.status().advice, Some(advice));
        }
    }
}

#[test]
fn a_proxy_with_tls_is_asked_over_tls() {
    let proxy = Server::start_raw(|_, peer| {
        tls::answer(
            peer,
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\nContent-Type: text/plain\r\n\r\nnot here",
        );
    });
    let url = proxy.url("https", "");
    let address = url.trim_start_matches("https://");
    for (scheme, says) in [
        ("ws", "answered HTTP 403 Forbidden; it says: not here"),
        ("wss", "answered HTTP 403 Forbidden; it says: not here"),
        // The HTTP library reveals no more.
        ("https", "did not let us through: it refused to connect"),
    ] {
        let mut spec = through(&url, once(&format!("{scheme}://{HIDDEN}/")));
        let reason = Feed::connect(spec.clone()).end_reason();
        assert_eq!(reason, format!("failed: the proxy {address} {says}"));
        spec.transport.insecure = false;
        let reason = Feed::connect(spec).end_reason();
        assert!(reason.contains("does not verify"), "{reason}");
    }
    let plain = Server::start_raw(|_, peer| peer.send("HTTP/1.1 403 Forbidden\r\n\r\n"));
    let url = plain.url("https", "");
    for scheme in ["ws", "wss"] {
        let spec = through(&url, once(&format!("{scheme}://{HIDDEN}/")));
        let reason = Feed::connect(spec).end_reason();
        assert!(
            reason.contains("the proxy 127.0.0.1:")
                && reason.ends_with("TLS failed: the other side does not speak TLS"),
            "{reason}"
        );
    }
}

#[test]
fn a_proxy_that_cannot_connect_for_now_is_asked_again() {
    let proxy = Server::start(|number, peer| {
        peer.send(match number {
            0 => "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\n\r\n",
            _ => "HTTP/1.1 403 Forbidden\r\n\r\n",
        });
    });
    let feed = Feed::connect(through(
        &proxy.url("http", ""),
        again(&format!("ws://{HIDDEN}/"), 9),
    ));
    let records = feed.to_end();
    assert_eq!(
        states(&records),
        ["connecting", "reconnecting", "connecting", "failed"]
    );
    let reason = records[1]["reason"].as_str().unwrap();
    assert!(reason.contains("answered HTTP 503"), "{reason}");
    assert_eq!(records[1]["status"], 503);
}

#[test]
fn a_proxy_that_does_not_answer_as_one_is_named() {
    let silent = Server::start(|_, _| {});
    let other = Server::answering("220 mail.example ESMTP\r\n");
    let gone = format!("http://{}", refused_address());
    for (proxy, says) in [
        (silent.url("http", ""), "it closed without an answer"),
        (other.url("http", ""), "it does not speak HTTP"),
        (gone, "connection refused"),
    ] {
        let address = proxy.trim_start_matches("http://");
        for scheme in ["ws", "wss"] {
            let spec = through(&proxy, once(&format!("{scheme}://{HIDDEN}/")));
            let reason = Feed::connect(spec).end_reason();
            assert_eq!(
                reason,
                format!("failed: the proxy {address} did not let us through: {says}")
            );
        }
    }
}

#[test]
fn a_proxy_is_reached_under_its_own_name() {
    let server = Server::start(|_, peer| peer.accept("", &text("hello")));
    let proxy = http_proxy();
    let mut spec = through(
        &format!("http://proxy.invalid:{}", proxy.port()),
        once(&format!("ws://{HIDDEN}:{}/", server.port())),
    );
    spec.transport.resolve = vec![HostOverride {
        host: "proxy.invalid".into(),
        port: proxy.port(),
        addresses: vec![[127, 0, 0, 1].into()],
    }];
    assert_eq!(
        summaries(&Feed::connect(spec.clone()).to_end()),
        ["text in hello"]
    );
    spec.transport.resolve.clear();
    let reason = Feed::connect(spec).end_reason();
    assert!(
        reason.starts_with("failed: the proxy proxy.invalid:")
            && reason.ends_with("did not let us through: its host has no address"),
        "{reason}"
    );
}

#[test]
fn malformed_header_lines_of_a_handshake_are_skipped_with_a_note() {
    for engine in [Engine::Native, Engine::TokioTungstenite] {
        let server = Server::start(|_, peer| {
            let lines = "PHP Warning: PHP Startup: Unable to load x\r\nName : value\r\n\
                 X Frame Options: DENY\r\nSet-Cookie: sid=hunter2\x7f\r\n";
            peer.accept(lines, &[text("hello"), close(1000, "")].concat());
            peer.read_close_code();
        });
        let mut spec = once(&server.ws());
        spec.reading.choose(engine);
        let records = Feed::connect(spec).to_end();
        let notes = of_kind(&records, "note");
        assert_eq!(notes.len(), 1, "{records:#?}");
        assert_eq!(notes[0]["code"], "skipped_header_lines");
        assert_eq!(
            notes[0]["text"],
            "3 malformed header lines of the answer were skipped, the first of them: \
             PHP Warning: PHP Startup: Unable to load x"
        );
        assert_eq!(notes[0]["connection"], 1);
        // The record of the state precedes the note.
        assert_eq!(records[1]["state"], "open");
        assert_eq!(records[2], *notes[0]);
    }
}

#[test]
fn a_handshake_that_breaks_http_is_explained() {
    let upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n";
    for (answer, says) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n".to_owned(),
            "breaks the rules of HTTP: its Content-Length is not a number: many",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n".to_owned(),
            "breaks the rules of HTTP: it has several values of Content-Length, which differ: 5 and 6",
        ),
        (
            "HTTP/1.1 twohundred OK\r\n\r\n".to_owned(),
            "breaks the rules of HTTP: its first line is HTTP/1.1 twohundred OK",
        ),
        (
            "HTTP/1.1 1000 OK\r\n\r\n".to_owned(),
            "breaks the rules of HTTP: its first line is HTTP/1.1 1000 OK",
        ),
        (
            "HTTP/1.1 200 OK\r\nX-Odd: a\0b\r\n\r\n".to_owned(),
            "breaks the rules of HTTP: it has a line that cannot be read: X-Odd: a␀b",
        ),
        (
            format!("{upgrade}{}\r\n", "X: y\r\n".repeat(600)),
            "breaks the rules of HTTP: it has more than 512 header lines",
        ),
        (
            "SSH-2.0-OpenSSH_9\r\n\r\n".to_owned(),
            "the answer is not HTTP: it begins with SSH-2.0-OpenSSH_9",
        ),
        (
            "\x15\x03\x01\0\x02\x02\x46".to_owned(),
            "the answer is not HTTP: it begins with TLS; https:// or wss:// may be right",
        ),
    ] {
        let server = Server::answering(answer);
        let feed = Feed::connect(again(&server.ws(), 9));
        let reason = feed.end_reason();
        assert!(reason.ends_with(says), "{reason}");
        assert_eq!(states(&feed.records()), ["connecting", "failed"]);
    }
}
