//! Harmful clients: they send data without an end, stop in the middle, or leave their answers unread.

use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;

use demo_server::DemoServer;

use crate::support::{
    EventStream, PATIENCE, Program, WebSocket, connect, frame, request, server, wait_until,
};

/// Largest number of bytes that all clients of a server leave waiting, with one message of the greatest length on its
/// way.
const MOST_WAITING: usize = (80 << 20) + (16 << 20);

/// Largest number of bytes that wait for one client if its messages are short.
const MOST_UNREAD: usize = 5 << 20;

fn waiting(server: &DemoServer) -> usize {
    server.clients().iter().map(|client| client.waiting).sum()
}

/// Client that repeats a message and never reads.
struct Deaf {
    socket: WebSocket,
    message: Vec<u8>,
    sent: usize,
    /// Largest number of bytes that it sends.
    most: usize,
}

impl Deaf {
    fn open(server: &DemoServer, path: &str, message: Vec<u8>) -> Self {
        let socket = WebSocket::open(&server.ws_url(), path);
        socket.socket.set_nonblocking(true).unwrap();
        Self {
            socket,
            message,
            sent: 0,
            most: usize::MAX,
        }
    }

    /// Sends as much as the server accepts at this moment. Returns false if that is nothing.
    fn send_some(&mut self) -> bool {
        let begun = self.sent;
        while self.sent < self.most {
            let at = self.sent % self.message.len();
            let end = self
                .message
                .len()
                .min(at.saturating_add(self.most - self.sent));
            match self.socket.socket.write(&self.message[at..end]) {
                Ok(n) => self.sent += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // The server has closed the connection.
                Err(_) => return false,
            }
        }
        self.sent > begun
    }

    /// Sends until the server accepts no more, and then reads all answers.
    fn fill(&mut self, server: &DemoServer) {
        // Number of checks without progress after which the server counts as no longer reading.
        const QUIET: usize = 100;
        let mut quiet = 0;
        wait_until("the server has stopped reading", || {
            quiet = if self.send_some() { 0 } else { quiet + 1 };
            let waiting = waiting(server);
            assert!(waiting <= MOST_UNREAD, "{waiting} bytes wait");
            quiet > QUIET
        });
    }
}

#[test]
fn reading_pauses_while_the_answers_to_a_client_wait() {
    let server = server();
    for (path, message) in [
        ("/echo", frame(0x82, &vec![7; 256 << 10])),
        ("/echo", frame(0x82, b"x")),
        ("/echo", frame(0x81, b"")),
        ("/chat", frame(0x81, b"/who")),
        ("/ticker", frame(0x89, &[7; 125])),
    ] {
        let mut deaf = Deaf::open(&server, path, message);
        // The server writes nothing, so that the buffers of the system need not be filled first.
        server.stall(true);
        deaf.fill(&server);
        server.stall(false);
        assert_eq!(server.clients().len(), 1, "{path}");
        drop(deaf);
        wait_until("it is gone", || server.clients().is_empty());
    }
}

#[test]
fn a_client_that_reads_again_gets_every_answer() {
    let server = server();
    let payload = vec![7; 256 << 10];
    let message = frame(0x82, &payload);
    let length = message.len();
    let mut deaf = Deaf::open(&server, "/echo", message);
    server.stall(true);
    deaf.fill(&server);
    server.stall(false);
    deaf.socket.socket.set_nonblocking(false).unwrap();
    let whole = deaf.sent / length;
    assert!(whole > 4, "{whole} messages");
    for _ in 0..whole {
        assert!(deaf.socket.expect().payload == payload);
    }
}

#[test]
fn all_clients_together_leave_a_limited_number_of_bytes_waiting() {
    const CLIENTS: usize = 12;
    let server = server();
    let mut small = WebSocket::open(&server.ws_url(), "/echo");
    let message = frame(0x82, &vec![7; 15 << 20]);
    let mut deaf: Vec<Deaf> = (0..CLIENTS)
        .map(|_| Deaf::open(&server, "/echo", message.clone()))
        .collect();
    server.stall(true);
    // The server closes the connections with the most waiting bytes, until the others fit.
    wait_until("some are cut off", || {
        for client in &mut deaf {
            client.send_some();
        }
        let waiting = waiting(&server);
        assert!(waiting <= MOST_WAITING, "{waiting} bytes wait");
        server.clients().len() <= CLIENTS / 2
    });
    server.stall(false);
    small.send_text("undisturbed");
    assert_eq!(small.expect().text(), "undisturbed");
}

#[test]
fn messages_that_do_not_end_are_limited_too() {
    const CLIENTS: usize = 8;
    let server = server();
    let mut small = WebSocket::open(&server.ws_url(), "/echo");
    // The fragments have pings between them. The server answers one ping each time.
    let mut pieces = frame(0x00, &vec![7; 200_000]);
    pieces.extend(frame(0x89, b""));
    let whole = frame(0x82, &vec![7; 16 << 20]);
    let mut begun: Vec<Deaf> = (0..CLIENTS)
        .map(|n| {
            let mut client = if n % 2 == 0 {
                let mut client = Deaf::open(&server, "/echo", pieces.clone());
                client.socket.send(0x02, b"begun");
                client
            } else {
                Deaf::open(&server, "/echo", whole.clone())
            };
            // One such message is allowed, but those of all clients together are too large.
            client.most = (16 << 20) - 300_000;
            client
        })
        .collect();
    wait_until("one is cut off", || {
        for client in &mut begun {
            client.send_some();
        }
        server.clients().len() <= CLIENTS
    });
    small.send_text("undisturbed");
    assert_eq!(small.expect().text(), "undisturbed");
}

#[test]
fn half_requests_give_their_place_to_others() {
    const PLACES: usize = 400;
    // The server runs in a separate process, because one process has too few file descriptors for both ends.
    let program = Program::start(&["--tick-ms", "20"]);
    let base = |path: &str| program.url(path).strip_suffix(path).unwrap();
    let (http, ws) = (base("/events"), base("/echo"));
    let mut stream = EventStream::open(http, "/events", &[]);
    let mut echo = WebSocket::open(ws, "/echo");
    let mut last = stream.expect().number();
    for (url, half) in [
        (http, "GET / HT"),
        (http, ""),
        (ws, "GET /echo HTTP/1.1\r\n"),
    ] {
        let mut halves = Vec::new();
        for _ in 0..PLACES + 50 {
            let mut socket = connect(url);
            socket.write_all(half.as_bytes()).unwrap();
            halves.push(socket);
        }
        // Clients that have a feed keep it, and new clients get one.
        last += 1;
        assert_eq!(stream.expect().number(), last);
        echo.send_text(half);
        assert_eq!(echo.expect().text(), half);
        EventStream::open(http, "/events", &[]).expect();
        WebSocket::open(ws, "/echo");
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::fs;

    use super::*;
    use crate::support::exchange;

    /// Returns the ports on which a process listens, and the paths of its listening sockets in the file system.
    fn listeners(process: u32) -> Vec<String> {
        let sockets: Vec<String> = fs::read_dir(format!("/proc/{process}/fd"))
            .unwrap()
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter_map(|target| {
                let name = target.to_str()?.strip_prefix("socket:[")?;
                Some(name.trim_end_matches(']').to_owned())
            })
            .collect();
        let table = |name: &str| fs::read_to_string(format!("/proc/{process}/net/{name}")).unwrap();
        let mut found = Vec::new();
        for line in table("tcp").lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // 0A is the state LISTEN.
            if fields[3] == "0A" && sockets.iter().any(|inode| inode == fields[9]) {
                let (_, port) = fields[1].split_once(':').unwrap();
                found.push(u16::from_str_radix(port, 16).unwrap().to_string());
            }
        }
        for line in table("unix").lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // This is the flag of a socket that accepts connections.
            let listens = u32::from_str_radix(fields[3], 16).unwrap() & 0x1_0000 != 0;
            if listens && sockets.iter().any(|inode| inode == fields[6]) {
                found.push((*fields.get(7).unwrap_or(&"without a name")).to_owned());
            }
        }
        found.sort();
        found
    }

    fn ports(program: &Program) -> Vec<String> {
        let port = |path: &str| {
            let (_, rest) = program.url(path).rsplit_once(':').unwrap();
            rest.trim_end_matches(path).to_owned()
        };
        let mut ports = vec![port("/events"), port("/echo")];
        ports.sort();
        ports
    }

    fn files(program: &Program) -> usize {
        fs::read_dir(format!("/proc/{}/fd", program.id()))
            .unwrap()
            .count()
    }

    /// Waits until only the two ports listen. The thread of `tiny_http` closes its listener a moment after the URLs are printed.
    fn expect_two_ports(program: &Program) {
        wait_until("only the two ports listen", || {
            listeners(program.id()) == ports(program)
        });
    }

    #[test]
    fn nothing_listens_but_the_two_ports() {
        expect_two_ports(&Program::start(&[]));
    }

    #[test]
    fn it_serves_where_no_folder_can_be_made() {
        let program = Program::start_with(&[], &[("TMPDIR", "/nonexistent")]);
        expect_two_ports(&program);
        EventStream::open(program.url("/events"), "/events", &[]).expect();
    }

    #[test]
    fn no_body_keeps_a_file_open() {
        let program = Program::start(&[]);
        let url = program.url("/events").replace("/events", "");
        assert_eq!(
            exchange(&url, &request(&url, "GET", "/", &[])).status,
            200,
            "it is warm"
        );
        let before = files(&program);
        let evil = "Origin: https://evil.example";
        for (headers, body) in [
            (&["Content-Length: 2000", evil][..], 2_000),
            (&["Content-Length: 2000"], 2_000),
            (&["Content-Length: 2000"], 10),
            (&["Content-Length: 18446744073709551615"], 2_000),
            (&["Content-Length: +5"], 5),
            (&["Transfer-Encoding: chunked"], 100),
            (&["Content-Length: 2000", "Expect: 100-continue"], 0),
        ] {
            for _ in 0..60 {
                let mut socket = connect(&url);
                let text = request(&url, "POST", "/events", headers) + &"x".repeat(body);
                // The server may have refused the connection before the end of the text.
                socket.write_all(text.as_bytes()).ok();
            }
        }
        wait_until("all files are closed", || files(&program) <= before);
    }

    #[test]
    fn items_of_a_flood_that_nobody_reads_take_little_memory() {
        /// Size of an item in bytes. If the server stored whole items, two of these would wait for each client.
        const ITEM: usize = 1_000_000;
        const CLIENTS: usize = 100;
        let program = Program::start(&[]);
        let memory = || {
            let path = format!("/proc/{}/status", program.id());
            let status = fs::read_to_string(path).unwrap();
            let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
            let kib = line.split_whitespace().nth(1).unwrap();
            kib.parse::<usize>().unwrap() << 10
        };
        let before = memory();
        let url = program.url("/events").replace("/events", "");
        let ws = program.url("/echo").replace("/echo", "");
        let path = format!("/flood?size={ITEM}");
        let streams: Vec<TcpStream> = (0..CLIENTS)
            .map(|_| {
                let mut socket = connect(&url);
                socket
                    .write_all(request(&url, "GET", &path, &[]).as_bytes())
                    .unwrap();
                socket
            })
            .collect();
        let sockets: Vec<WebSocket> = (0..CLIENTS).map(|_| WebSocket::open(&ws, &path)).collect();
        for socket in streams.iter().chain(sockets.iter().map(|ws| &ws.socket)) {
            // Each client has begun to receive its first item.
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            assert_eq!(socket.peek(&mut [0]).unwrap(), 1);
        }
        let more = memory().saturating_sub(before);
        assert!(more < CLIENTS * ITEM / 2, "{more} bytes");
    }
}
