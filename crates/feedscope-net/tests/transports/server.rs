//! Server with raw sockets. Each test provides a script for the data and the end of each connection.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tungstenite::handshake::derive_accept_key;

use crate::feed::DEADLINE;

pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<ServedRequests>,
}

#[derive(Default)]
struct ServedRequests {
    stopping: AtomicBool,
    requests: Mutex<Vec<String>>,
    requested: Condvar,
}

impl Server {
    /// Runs `script` for each connection, in a separate thread, with the number of the connection from 0. The request
    /// has been read before.
    pub(crate) fn start(script: impl Fn(usize, &mut Peer) + Send + Sync + 'static) -> Self {
        Self::start_raw(move |number, peer| {
            if peer.read_request() {
                script(number, peer);
            }
        })
    }

    /// Does the same without reading a request.
    pub(crate) fn start_raw(script: impl Fn(usize, &mut Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(ServedRequests::default());
        let (theirs, script) = (Arc::clone(&shared), Arc::new(script));
        thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                for (number, socket) in listener.incoming().enumerate() {
                    if theirs.stopping.load(Ordering::Acquire) {
                        return;
                    }
                    let mut peer = Peer::new(socket.unwrap(), Arc::clone(&theirs));
                    let script = Arc::clone(&script);
                    let thread = thread::Builder::new().name(format!("connection {number}"));
                    thread.spawn(move || script(number, &mut peer)).unwrap();
                }
            })
            .unwrap();
        Self { address, shared }
    }

    /// Answers every request with these bytes, and closes the connection.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, peer| peer.send(&answer))
    }

    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn http(&self) -> String {
        self.url("http", "/feed")
    }

    pub(crate) fn ws(&self) -> String {
        self.url("ws", "/chat")
    }

    /// Returns the heads of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().clone()
    }

    /// Waits until this number of requests have arrived.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let mut requests = self.shared.requests.lock();
        while requests.len() < count {
            let waited = self.shared.requested.wait_for(&mut requests, DEADLINE);
            assert!(!waited.timed_out(), "only these requests: {requests:?}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        TcpStream::connect(self.address).ok();
    }
}

/// Gate at which a script waits until the test opens it.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }

    pub(crate) fn wait(&self) {
        let mut open = self.0.0.lock();
        while !*open && !self.0.1.wait_for(&mut open, DEADLINE).timed_out() {}
    }
}

/// Returns an address on which no program listens.
pub(crate) fn refused_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Server's side of one connection.
pub(crate) struct Peer {
    pub(crate) socket: TcpStream,
    pub(crate) head: String,
    shared: Arc<ServedRequests>,
}

impl Peer {
    fn new(socket: TcpStream, shared: Arc<ServedRequests>) -> Self {
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        socket.set_write_timeout(Some(DEADLINE)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self {
            socket,
            head: String::new(),
            shared,
        }
    }

    /// Reads the head of a request. Returns false if the client closed the connection before the head was complete.
    fn read_request(&mut self) -> bool {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            if self.socket.read(&mut byte).unwrap_or(0) == 0 {
                return false;
            }
            head.push(byte[0]);
        }
        self.head = String::from_utf8_lossy(&head).into_owned();
        self.shared.requests.lock().push(self.head.clone());
        self.shared.requested.notify_all();
        true
    }

    /// Sends bytes. A failure is ignored, because in some tests the client closes the connection early.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).ok();
    }

    /// Sends the head of an event stream without a length. Its body ends with the connection.
    pub(crate) fn send_feed_head(&mut self) {
        self.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    }

    /// Accepts the opening handshake. The answer contains more header lines, each of which ends with CR LF, and `glued`
    /// follows it in the same write.
    pub(crate) fn accept(&mut self, more: &str, glued: &[u8]) {
        let key = header(&self.head, "sec-websocket-key").unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n{more}\r\n"
        );
        self.send([head.as_bytes(), glued].concat());
    }

    /// Makes the end of this connection a reset.
    pub(crate) fn reset_at_end(&mut self) {
        socket2::SockRef::from(&self.socket)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }

    /// Reads one frame. Returns its opcode and its unmasked payload; `None` at the end of the connection.
    pub(crate) fn read_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.socket.read_exact(&mut head).ok()?;
        assert_eq!(head[1] & 0x80, 0x80, "a client masks what it sends");
        let length = match head[1] & 0x7f {
            126 => {
                let mut length = [0; 2];
                self.socket.read_exact(&mut length).ok()?;
                usize::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                self.socket.read_exact(&mut length).ok()?;
                usize::try_from(u64::from_be_bytes(length)).unwrap()
            }
            length => usize::from(length),
        };
        let mut mask = [0; 4];
        self.socket.read_exact(&mut mask).ok()?;
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload).ok()?;
        for (index, byte) in payload.iter_mut().enumerate() {
            *byte ^= mask[index % 4];
        }
        Some((head[0] & 0x0f, payload))
    }

    /// Returns true if the client sends data or closes the connection before the limit.
    pub(crate) fn speaks_within(&mut self, limit: Duration) -> bool {
        self.socket.set_read_timeout(Some(limit)).unwrap();
        let speaks = self.socket.peek(&mut [0]).is_ok();
        self.socket.set_read_timeout(Some(DEADLINE)).unwrap();
        speaks
    }

    /// Reads frames until the client sends a close frame. Returns its close code; `None` if the connection ends without
    /// one.
    pub(crate) fn read_close_code(&mut self) -> Option<u16> {
        while let Some((opcode, payload)) = self.read_frame() {
            if opcode == CLOSE {
                return payload
                    .first_chunk()
                    .map(|code| u16::from_be_bytes(*code))
                    .or(Some(1005));
            }
        }
        None
    }

    /// Keeps the connection open until the client closes it.
    pub(crate) fn wait_for_end(&mut self) {
        let mut space = [0; 4096];
        loop {
            match self.socket.read(&mut space) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
/// Flag of the last frame of a message.
pub(crate) const FIN: u8 = 0x80;

/// Returns a frame of a server, which is not masked.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(length as u8),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

pub(crate) fn text(payload: &str) -> Vec<u8> {
    frame(FIN | TEXT, payload.as_bytes())
}

pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(
        FIN | CLOSE,
        &[&code.to_be_bytes(), reason.as_bytes()].concat(),
    )
}

/// Returns the value of a header in the head of a request.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
