//! Many clients at once, among them harmful ones.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Barrier, Condvar, Mutex};
use std::thread;

use crate::support::{
    EventStream, PATIENCE, Program, WebSocket, authority, connect, request, server, wait_until,
};

#[test]
fn two_hundred_and_fifty_six_of_each_kind_get_every_tick_in_order() {
    const EACH: usize = 256;
    const TICKS: u64 = 50;
    // The server runs in a separate process, because one process has too few file descriptors for both ends.
    let program = Program::start(&["--tick-ms", "20"]);
    let base = |path: &str| program.url(path).strip_suffix(path).unwrap();
    let (http, ws) = (base("/events"), base("/ticker"));
    let barrier = Barrier::new(2 * EACH);
    // All clients have begun before the first one ends, so that all of them are served at the same time.
    let (begun, changed) = (Mutex::new(0), Condvar::new());
    let begin = || {
        let mut count = begun.lock().unwrap();
        *count += 1;
        changed.notify_all();
        let (_count, waited) = changed
            .wait_timeout_while(count, PATIENCE, |count| *count < 2 * EACH)
            .unwrap();
        assert!(!waited.timed_out(), "not all have begun");
    };
    thread::scope(|scope| {
        for _ in 0..EACH {
            scope.spawn(|| {
                barrier.wait();
                let mut stream = EventStream::open(http, "/events", &[]);
                let first = stream.expect().number();
                begin();
                for next in 1..TICKS {
                    assert_eq!(stream.expect().number(), first + next);
                }
            });
            scope.spawn(|| {
                barrier.wait();
                let mut socket = WebSocket::open(ws, "/ticker");
                let id = |socket: &mut WebSocket| socket.expect().json()["id"].as_u64().unwrap();
                let first = id(&mut socket);
                begin();
                for next in 1..TICKS {
                    assert_eq!(id(&mut socket), first + next);
                }
            });
        }
    });
}

#[test]
fn a_client_that_never_reads_holds_up_nobody() {
    let server = server();
    let url = server.http_url();
    let mut deaf = Vec::new();
    for path in ["/flood", "/flood?size=100000", "/events"] {
        let mut socket = connect(&url);
        socket
            .write_all(request(&url, "GET", path, &[]).as_bytes())
            .unwrap();
        deaf.push(socket);
    }
    let deaf_socket = WebSocket::open(&server.ws_url(), "/flood");
    wait_until("the floods have run into full buffers", || {
        let flooded = server.clients();
        flooded
            .iter()
            .filter(|client| client.sent > 1_000_000)
            .count()
            == 3
    });
    let mut stream = EventStream::open(&url, "/events", &[]);
    let first = stream.expect().number();
    for next in 1..100 {
        assert_eq!(stream.expect().number(), first + next);
    }
    let mut echo = WebSocket::open(&server.ws_url(), "/echo");
    echo.send_text("through");
    assert_eq!(echo.expect().text(), "through");
    drop((deaf, deaf_socket));
}

#[test]
fn half_requests_keep_nobody_out() {
    let server = server();
    let (http, ws) = (server.http_url(), server.ws_url());
    let halves: Vec<TcpStream> = (0..100)
        .map(|n| {
            let mut socket = connect(if n % 2 == 0 { &http } else { &ws });
            socket.write_all(b"GET /events HTTP/1.1\r\nHo").unwrap();
            socket
        })
        .collect();
    EventStream::open(&http, "/events", &[]).expect();
    WebSocket::open(&ws, "/echo");
    drop(halves);
}

#[test]
fn a_thousand_connections_opened_and_dropped_leave_nothing_behind() {
    let server = server();
    let (http, ws) = (server.http_url(), server.ws_url());
    for n in 0..1_000 {
        let base = if n % 2 == 0 { &http } else { &ws };
        // The queue of connections that are not accepted yet may be full for a moment.
        let mut socket = None;
        wait_until("there is room at the door", || {
            socket = TcpStream::connect(authority(base)).ok();
            socket.is_some()
        });
        let mut socket = socket.unwrap();
        match n % 3 {
            0 => {}
            1 => socket.write_all(b"GET /ev").unwrap(),
            _ if n % 2 == 0 => {
                let text = request(base, "GET", "/events", &[]);
                socket.write_all(text.as_bytes()).ok();
            }
            _ => {
                let text = WebSocket::handshake(base, "/chat", &[]);
                socket.write_all(text.as_bytes()).ok();
            }
        }
    }
    wait_until("they are forgotten", || server.clients().is_empty());
    EventStream::open(&http, "/events", &[]).expect();
    let mut chat = WebSocket::open(&ws, "/chat");
    chat.expect_type("welcome");
}

#[test]
fn more_than_a_port_takes_are_turned_away_and_the_rest_served() {
    // The server runs in a separate process, because one process has too few file descriptors for both ends.
    let program = Program::start(&[]);
    let url = program.url("/events");
    let mut held: Vec<EventStream> = (0..400)
        .map(|_| EventStream::open(url, "/events", &[]))
        .collect();
    // All clients have their feed, so that the server closes the additional connection without an answer.
    let mut one_more = connect(url);
    assert_eq!(one_more.read(&mut [0]).unwrap_or(0), 0);
    held.truncate(300);
    let text = request(url, "GET", "/events", &[]);
    wait_until("there is room again", || {
        let mut socket = connect(url);
        let mut start = [0; 12];
        socket.write_all(text.as_bytes()).is_ok()
            && socket.read_exact(&mut start).is_ok()
            && &start == b"HTTP/1.1 200"
    });
}
