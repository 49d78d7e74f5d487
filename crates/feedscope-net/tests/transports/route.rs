//! Routes to a server: host overrides, IPv6 and SOCKS proxies, and the description of an open connection.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::thread;

use feedscope_core::feed::HostOverride;

use crate::feed::{Feed, once, summaries};
use crate::server::{Peer, Server, header, text};

const FEED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n";

#[test]
fn a_host_is_reached_where_the_user_says_it_is() {
    let server = Server::answering(FEED);
    let port = server.port();
    let mut spec = once(&format!("http://feed.localhost:{port}/"));
    let named = |port| HostOverride {
        host: "Feed.localhost".into(),
        port,
        addresses: vec![[127, 0, 0, 1].into()],
    };
    spec.transport.resolve = vec![named(port)];
    assert_eq!(
        summaries(&Feed::connect(spec).to_end()),
        ["event message x"]
    );
    let host = format!("feed.localhost:{port}");
    assert_eq!(header(&server.requests()[0], "host"), Some(host.as_str()));
}

#[test]
fn names_under_localhost_are_this_machine_whatever_the_resolver_knows() {
    let server = Server::start(|_, peer| {
        if header(&peer.head, "upgrade").is_some() {
            peer.accept("", &text("x"));
        } else {
            peer.send(FEED);
        }
    });
    for host in [
        "localhost",
        "localhost.",
        "app.localhost",
        "APP.b.Localhost.",
    ] {
        for (scheme, expected) in [("http", "event message x"), ("ws", "text in x")] {
            let url = format!("{scheme}://{host}:{}/", server.port());
            assert_eq!(summaries(&Feed::connect(once(&url)).to_end()), [expected]);
        }
    }
    let reason = Feed::connect(once(&format!(
        "http://app.localhost.invalid:{}/",
        server.port()
    )))
    .end_reason();
    assert!(reason.starts_with("failed: host not found"), "{reason}");
}

#[test]
fn ipv6_addresses_are_reached_and_written_in_brackets() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        eprintln!("not tested: this machine has no IPv6");
        return;
    };
    let address = listener.local_addr().unwrap();
    let server = thread::Builder::new().spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        let mut head = [0; 1024];
        assert!(socket.read(&mut head).unwrap() > 0);
        socket.write_all(FEED.as_bytes()).unwrap();
    });
    let feed = Feed::connect(once(&format!("http://{address}/")));
    assert_eq!(summaries(&feed.to_end()), ["event message x"]);
    server.unwrap().join().unwrap();
    let reason = Feed::connect(once(&format!("ws://{address}/"))).end_reason();
    assert!(
        reason.contains(&format!("nothing listens on {address}")),
        "{reason}"
    );
}

/// Acts as a SOCKS5 proxy (RFC 1928) for one connection. It answers with `reply`, and relays data if that is 0.
pub(crate) fn socks(peer: &mut Peer, reply: u8) -> io::Result<()> {
    let socket = &mut peer.socket;
    let mut head = [0; 2];
    socket.read_exact(&mut head)?;
    let mut methods = vec![0; head[1].into()];
    socket.read_exact(&mut methods)?;
    socket.write_all(&[5, 0])?;
    let mut request = [0; 4];
    socket.read_exact(&mut request)?;
    let mut length = [4];
    if request[3] == 3 {
        socket.read_exact(&mut length)?;
    }
    let mut host = vec![0; length[0].into()];
    socket.read_exact(&mut host)?;
    let mut port = [0; 2];
    socket.read_exact(&mut port)?;
    socket.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])?;
    if reply != 0 {
        return Ok(());
    }
    let mut there = TcpStream::connect(("127.0.0.1", u16::from_be_bytes(port)))?;
    let (mut from, mut to) = (socket.try_clone()?, there.try_clone()?);
    thread::Builder::new().spawn(move || io::copy(&mut from, &mut to).ok())?;
    io::copy(&mut there, socket)?;
    // The copying thread also owns the socket, so that dropping it here would not close the connection.
    socket.shutdown(Shutdown::Both)
}

#[test]
fn both_protocols_go_through_a_socks_proxy() {
    let proxy = Server::start_raw(|_, peer| {
        socks(peer, 0).ok();
    });
    let server = Server::start(|_, peer| {
        if header(&peer.head, "upgrade").is_some() {
            peer.accept("", &text("y"));
        } else {
            peer.send(FEED);
        }
    });
    for (scheme, expected) in [("http", "event message x"), ("ws", "text in y")] {
        // The proxy resolves the name, which cannot be resolved on this machine.
        let mut spec = once(&format!("{scheme}://feed.invalid:{}/", server.port()));
        spec.transport.proxy = Some(proxy.url("socks5h", "").parse().unwrap());
        assert_eq!(summaries(&Feed::connect(spec).to_end()), [expected]);
    }
}

#[test]
fn what_a_socks_proxy_refuses_is_told_as_its_refusal() {
    let refusing = Server::start_raw(|_, peer| {
        socks(peer, 5).ok();
    });
    let silent = Server::start_raw(|_, _| {});
    let web = Server::start_raw(|_, peer| peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
    for (proxy, says) in [
        (&refusing, "refused"),
        (&silent, "it closed without an answer"),
        (&web, "it does not speak SOCKS"),
    ] {
        let mut spec = once("http://feed.invalid/");
        let url = proxy.url("socks5h", "");
        spec.transport.proxy = Some(url.parse().unwrap());
        let reason = Feed::connect(spec).end_reason();
        let address = url.trim_start_matches("socks5h://");
        assert!(
            reason.starts_with(&format!(
                "failed: the proxy {address} did not let us through: "
            )) && reason.contains(says),
            "{reason}"
        );
    }
}

#[test]
fn an_open_connection_says_what_it_uses() {
    let server = Server::start(|_, peer| {
        if header(&peer.head, "upgrade").is_some() {
            peer.accept("Sec-WebSocket-Protocol: b\r\n", &[]);
        } else {
            peer.send_feed_head();
        }
        peer.wait_for_end();
    });
    let address = format!("127.0.0.1:{}", server.port());
    for (url, expected) in [
        (
            server.http(),
            vec![("HTTP version", "HTTP/1.1"), ("remote address", &address)],
        ),
        (
            server.ws(),
            vec![
                ("HTTP version", "HTTP/1.1"),
                ("remote address", &address),
                ("subprotocol", "b"),
            ],
        ),
    ] {
        let mut spec = once(&url);
        spec.web_socket.subprotocols = vec!["b".into()];
        let feed = Feed::connect(spec);
        feed.wait_for_state("open");
        feed.wait_for_status("what is used", |status| {
            let negotiated: Vec<_> = status
                .negotiated
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            negotiated == expected
        });
        feed.handle
            .command(feedscope_core::feed::FeedCommand::Disconnect);
        feed.to_end();
        feed.wait_for_status("nothing is used", |status| status.negotiated.is_empty());
    }
}
