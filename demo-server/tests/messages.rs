//! WebSocket feeds except for the chat, and the closing handshake.

use std::io::Write as _;

use crate::support::{WebSocket, server, still_server, wait_until};

#[test]
fn echo_sends_back_what_came_in_either_kind_and_any_size() {
    let server = server();
    let mut socket = WebSocket::open(&server.ws_url(), "/echo");
    // 0x88 at the start of a payload must not be taken for a close frame.
    for size in [0, 1, 125, 126, 65_535, 65_536, 1 << 20, 16 << 20] {
        let payload: Vec<u8> = (0..size).map(|n| (n as u8).wrapping_add(0x88)).collect();
        socket.send(0x82, &payload);
        let back = socket.expect();
        assert_eq!(back.opcode, 2);
        assert!(back.payload == payload, "{size} bytes differ");
    }
    for text in ["", "hello", "Zoë 💡\u{0}", &"ä".repeat(100_000)] {
        socket.send_text(text);
        assert_eq!(socket.expect().text(), text);
    }
}

#[test]
fn echo_joins_fragments_and_answers_pings_between_them() {
    let server = server();
    let mut socket = WebSocket::open(&server.ws_url(), "/echo");
    socket.send(0x01, b"Hel");
    socket.send(0x89, b"are you there");
    socket.send(0x80, b"lo");
    let pong = socket.expect();
    assert_eq!(
        (pong.opcode, pong.payload.as_slice()),
        (10, &b"are you there"[..])
    );
    assert_eq!(socket.expect().text(), "Hello");
}

#[test]
fn echo_takes_many_messages_before_any_is_read() {
    let server = server();
    let mut socket = WebSocket::open(&server.ws_url(), "/echo");
    // This is less than the server may store, so that no buffer of the system is needed.
    let payload = vec![7; 64 << 10];
    for _ in 0..60 {
        socket.send(0x82, &payload);
    }
    for _ in 0..60 {
        assert_eq!(socket.expect().payload.len(), payload.len());
    }
}

#[test]
fn echo_waits_for_no_time() {
    // A server that checked for messages at intervals would not answer while time stands still.
    let (server, _clock) = still_server();
    let mut socket = WebSocket::open(&server.ws_url(), "/echo");
    for _ in 0..200 {
        socket.send_text("ping");
        assert_eq!(socket.expect().text(), "ping");
    }
}

#[test]
fn a_close_is_answered_with_its_own_code_and_then_the_connection_ends() {
    let server = server();
    for path in ["/echo", "/chat", "/ticker", "/flood?rate=10"] {
        let mut socket = WebSocket::open(&server.ws_url(), path);
        socket.send_close(4_321);
        let close = loop {
            let frame = socket.expect();
            if frame.opcode == 8 {
                break frame;
            }
        };
        assert_eq!(close.code(), 4_321, "{path}");
        assert!(socket.ends(), "{path}");
    }
    wait_until("nobody is left", || server.clients().is_empty());
}

#[test]
fn what_breaks_the_protocol_is_closed_with_the_code_for_it() {
    let server = server();
    let too_long = vec![b'x'; 70_000];
    let cases: [(&str, &str, u8, &[u8], u16); 7] = [
        ("bad text", "/echo", 0x81, b"\xff\xfe", 1007),
        ("reserved opcode", "/echo", 0x83, b"", 1002),
        ("reserved bit", "/echo", 0xC1, b"x", 1002),
        ("lone continuation", "/echo", 0x80, b"x", 1002),
        ("long ping", "/echo", 0x89, &too_long[..126], 1002),
        ("cut code", "/echo", 0x88, b"\x03", 1002),
        ("too long for a chat", "/chat", 0x81, &too_long, 1009),
    ];
    for (what, path, first, payload, code) in cases {
        let mut socket = WebSocket::open(&server.ws_url(), path);
        socket.send(first, payload);
        let close = loop {
            let frame = socket.expect();
            if frame.opcode == 8 {
                break frame;
            }
        };
        assert_eq!(close.code(), code, "{what}");
        assert!(socket.ends(), "{what}");
    }
    let mut unmasked = WebSocket::open(&server.ws_url(), "/echo");
    unmasked.socket.write_all(b"\x81\x01x").unwrap();
    assert_eq!(unmasked.expect().code(), 1002);
    let mut huge = WebSocket::open(&server.ws_url(), "/echo");
    huge.socket
        .write_all(b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0")
        .unwrap();
    assert_eq!(huge.expect().code(), 1009);
}

#[test]
fn frames_that_came_with_the_handshake_are_not_lost() {
    let server = server();
    let url = server.ws_url();
    let mut socket = crate::support::connect(&url);
    let mut bytes = WebSocket::handshake(&url, "/echo", &[]).into_bytes();
    bytes.extend(b"\x81\x85\0\0\0\0early");
    socket.write_all(&bytes).unwrap();
    let mut socket = WebSocket::opened(socket);
    assert_eq!(socket.expect().text(), "early");
    socket.send_text("later");
    assert_eq!(socket.expect().text(), "later");
}

#[test]
fn the_ticker_says_the_ticks_of_the_events() {
    let server = server();
    let mut socket = WebSocket::open(&server.ws_url(), "/ticker");
    let first = socket.expect();
    let id = first.json()["id"].as_u64().unwrap();
    let resume = format!("Last-Event-ID: {}", id - 1);
    let mut stream = crate::support::EventStream::open(&server.http_url(), "/events", &[&resume]);
    assert_eq!(stream.expect().data, first.text());
    for next in 1..100 {
        let event = stream.expect();
        assert_eq!(event.number(), id + next);
        assert_eq!(socket.expect().text(), event.data);
    }
    socket.send(0x89, b"?");
    while socket.expect().opcode != 10 {}
}

#[test]
fn a_flood_of_messages_is_exactly_as_long_as_asked() {
    let server = server();
    let mut socket = WebSocket::open(&server.ws_url(), "/flood?n=5000&size=1000");
    for id in 1..=5_000 {
        let frame = socket.expect();
        assert_eq!(frame.payload.len(), 1_000);
        assert_eq!(frame.json()["id"], id);
    }
    assert_eq!(socket.expect().code(), 1000);
    socket.send_close(1000);
    assert!(socket.ends());
    let mut large = WebSocket::open(&server.ws_url(), "/flood?n=3&size=1048576");
    for id in 1..=3 {
        let frame = large.expect();
        assert_eq!(frame.payload.len(), 1 << 20);
        assert_eq!(frame.json()["id"], id);
    }
    assert_eq!(large.expect().code(), 1000);
}

#[test]
fn an_endless_flood_still_answers() {
    let server = server();
    let mut socket = WebSocket::open(&server.ws_url(), "/flood");
    socket.send(0x89, b"still there?");
    while socket.expect().opcode != 10 {}
    socket.send_close(1000);
    while socket.expect().opcode != 8 {}
    assert!(socket.ends());
}
