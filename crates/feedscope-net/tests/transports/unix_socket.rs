//! Feeds over a Unix-domain socket. The URL then determines only the request.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use tungstenite::handshake::derive_accept_key;

use crate::feed::{Feed, once, summaries};
use crate::server::{header, text};

fn read_head(socket: &mut UnixStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

#[test]
fn both_protocols_go_over_a_socket_in_the_file_system() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::Builder::new().name("server".into());
    let server = server.spawn(move || {
        let mut heads = Vec::new();
        for _ in 0..2 {
            let mut socket = listener.accept().unwrap().0;
            let head = read_head(&mut socket);
            let answer = match header(&head, "sec-websocket-key") {
                None => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n".into(),
                Some(key) => format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {}\r\n\r\n",
                    derive_accept_key(key.as_bytes())
                ),
            };
            socket.write_all(answer.as_bytes()).unwrap();
            if header(&head, "upgrade").is_some() {
                socket.write_all(&text("y")).unwrap();
            }
            heads.push(head);
        }
        heads
    });
    for (url, expected) in [
        ("http://feed.invalid/a", "event message x"),
        ("ws://feed.invalid/b", "text in y"),
    ] {
        let mut spec = once(url);
        spec.transport.unix_socket = Some(path.clone());
        // A proxy is not used if a socket is given.
        spec.transport.proxy = Some("http://127.0.0.1:1".parse().unwrap());
        let feed = Feed::connect(spec);
        assert_eq!(summaries(&feed.to_end()), [expected]);
    }
    let heads = server.unwrap().join().unwrap();
    assert!(heads[0].starts_with("GET /a HTTP/1.1\r\n"), "{}", heads[0]);
    assert_eq!(header(&heads[1], "host"), Some("feed.invalid"));
}

#[test]
fn a_socket_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.sock");
    let mut spec = once("http://feed.invalid/");
    spec.transport.unix_socket = Some(path.clone());
    let missing = Feed::connect(spec.clone()).end_reason();
    assert!(
        missing.contains("cannot reach") && missing.contains("feed.sock"),
        "{missing}"
    );
    drop(UnixListener::bind(&path).unwrap());
    let refused = Feed::connect(spec).end_reason();
    assert!(
        refused.contains("nothing listens on") && refused.contains("feed.sock"),
        "{refused}"
    );
}
