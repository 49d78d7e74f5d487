//! `tiny_http` behind the gate, reachable over one connection that nothing else can open.
//!
//! `tiny_http` serves every client that reaches its listener, reads request heads without a limit, and cannot drop a
//! request with a long body. Therefore its listener exists only for a short time: the gate connects, and then the
//! listener is closed for ever. All requests use this connection, one after the other.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Stream, routes};
use crate::SharedServer;
use crate::connection::Connection;
use crate::head::Head;

/// Time limit for one answer of `tiny_http`.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Header with the key of the visit that a request belongs to. A request without it comes from a foreign client.
pub(super) const VISIT: &str = "Visit";

/// Longest body that `tiny_http` reads by itself.
const READ_BODY: usize = 1024;

/// `tiny_http` with the connection to it and the request that it is processing.
pub(crate) struct Inner {
    server: Mutex<Arc<tiny_http::Server>>,
    /// Connection to `tiny_http`; `None` after a failed exchange, because the next bytes on the connection are unknown
    /// then.
    line: Mutex<Option<GateSocket>>,
    visit: Mutex<Option<Visit>>,
}

/// Request on its way through `tiny_http`.
struct Visit {
    key: String,
    connection: Arc<Connection>,
    stream: Option<Stream>,
}

/// Answer to one request.
pub(super) enum Reply {
    /// Status line, headers and body.
    Whole(Vec<u8>),
    /// The answer is an event stream, which the gate writes.
    Stream(Stream),
}

impl Inner {
    pub(crate) fn start() -> io::Result<Self> {
        let (server, line) = open()?;
        Ok(Self {
            server: Mutex::new(Arc::new(server)),
            line: Mutex::new(Some(line)),
            visit: Mutex::default(),
        })
    }

    /// Answers requests until the server ends. Runs on a separate thread.
    pub(crate) fn run(&self, shared: &SharedServer) {
        while !shared.life.is_stopping() {
            let server = Arc::clone(&self.server.lock());
            // This fails after a call of `unblock`. In this case the server ends, or another `tiny_http` replaces this
            // one.
            if let Ok(request) = server.recv() {
                routes::answer(shared, request);
            }
        }
    }

    /// Makes [`run`](Self::run) return from its wait for a request.
    pub(crate) fn unblock(&self) {
        self.server.lock().unblock();
    }

    /// Makes `tiny_http` answer the request of `connection`.
    pub(super) fn exchange(&self, connection: &Arc<Connection>, head: &Head) -> io::Result<Reply> {
        let mut line = self.line.lock();
        let mut open = match line.take() {
            Some(line) => line,
            None => self.reopen()?,
        };
        let key = new_key();
        *self.visit.lock() = Some(Visit {
            key: key.clone(),
            connection: Arc::clone(connection),
            stream: None,
        });
        let answer = open.exchange(&request(head, &key), head.method == "HEAD");
        let visit = self.visit.lock().take();
        let answer = answer?;
        *line = Some(open);
        let stream = visit.and_then(|visit| visit.stream);
        Ok(stream.map_or(Reply::Whole(answer), Reply::Stream))
    }

    /// Returns the client connection of the visit with this key, while its request is being answered.
    pub(super) fn visitor(&self, key: &str) -> Option<Arc<Connection>> {
        let visit = self.visit.lock();
        let visit = visit.as_ref().filter(|visit| visit.key == key)?;
        Some(Arc::clone(&visit.connection))
    }

    /// Passes a stream to the gate's thread, which waits for the answer to the visit with this key.
    pub(super) fn hand_back(&self, key: &str, stream: Stream) {
        let mut visit = self.visit.lock();
        if let Some(visit) = visit.as_mut().filter(|visit| visit.key == key) {
            visit.stream = Some(stream);
        }
    }

    /// Replaces `tiny_http` after a failure.
    fn reopen(&self) -> io::Result<GateSocket> {
        let (server, line) = open()?;
        let old = std::mem::replace(&mut *self.server.lock(), Arc::new(server));
        old.unblock();
        Ok(line)
    }
}

/// Starts `tiny_http`, connects to it, and closes its listener.
fn open() -> io::Result<(tiny_http::Server, GateSocket)> {
    // No other user can reach a socket in a private folder. If such a folder cannot be created, a port of the loopback
    // interface is used for a short time.
    #[cfg(unix)]
    if let Ok(folder) = private_folder()
        && let Ok(listener) = UnixListener::bind(folder.path().join("line"))
    {
        return open_at(listener);
    }
    open_at(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?)
}

#[cfg(unix)]
fn private_folder() -> io::Result<tempfile::TempDir> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    tempfile::Builder::new()
        .prefix("demo-server-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
}

fn open_at<L: Listen>(listener: L) -> io::Result<(tiny_http::Server, GateSocket)> {
    let listening = listener.try_clone()?;
    let mut line = GateSocket(listening.connect()?);
    let server = tiny_http::Server::from_listener(listener, None).map_err(io::Error::other)?;
    // The first exchange proves that `tiny_http` has accepted the connection.
    let key = new_key();
    line.0.write_all(greeting(&key).as_bytes())?;
    loop {
        let request = server
            .recv_timeout(ANSWER_TIME)?
            .ok_or(io::ErrorKind::TimedOut)?;
        if visit_key(&request) == Some(key.as_str()) {
            write(request, b"HTTP/1.1 204 No Content\r\n\r\n");
            break;
        }
        turn_away(request);
    }
    line.read_answer(false)?;
    // `tiny_http` closes its listener at the first failure to accept. A listener that does not block fails as soon as
    // no client waits. One more connection ends a wait that has already begun.
    listening.set_nonblocking()?;
    drop(listening.connect());
    loop {
        match server.recv_timeout(ANSWER_TIME) {
            Ok(Some(stranger)) => turn_away(stranger),
            Ok(None) => return Err(io::ErrorKind::TimedOut.into()),
            Err(_) => return Ok((server, line)),
        }
    }
}

/// Discards a request that arrived while the listener was open.
pub(super) fn turn_away(request: tiny_http::Request) {
    if request
        .body_length()
        .is_some_and(|length| length > READ_BODY)
    {
        // Dropping it would allocate the length that the client claims. The listener is closed now, so that this cannot
        // happen repeatedly.
        std::mem::forget(request);
    }
}

/// Returns the key of the visit that a request belongs to.
pub(super) fn visit_key(request: &tiny_http::Request) -> Option<&str> {
    let mut headers = request.headers().iter();
    let header = headers.find(|header| header.field.equiv(VISIT))?;
    Some(header.value.as_str())
}

/// Writes the whole answer to a request.
pub(super) fn write(request: tiny_http::Request, bytes: &[u8]) {
    let mut writer = request.into_writer();
    // A failure is noticed at the other end of the connection, where the gate replaces it.
    writer.write_all(bytes).and_then(|()| writer.flush()).ok();
}

fn new_key() -> String {
    format!("{:032x}", fastrand::u128(..))
}

fn greeting(key: &str) -> String {
    format!("GET / HTTP/1.1\r\n{VISIT}: {key}\r\n\r\n")
}

/// Returns the request for `tiny_http`. It contains only the parts that the routes read, so that nothing else can
/// disturb the connection.
fn request(head: &Head, key: &str) -> Vec<u8> {
    let keep = |name: &str| name.eq_ignore_ascii_case(routes::LAST_EVENT_ID);
    // `tiny_http` closes a connection after a request of HTTP/1.0 that does not ask to keep it open.
    head.to_bytes(
        keep,
        &format!("Connection: keep-alive\r\n{VISIT}: {key}\r\n"),
    )
}

/// Gate's end of the connection to `tiny_http`.
struct GateSocket(Box<dyn Socket>);

impl GateSocket {
    fn exchange(&mut self, request: &[u8], is_head: bool) -> io::Result<Vec<u8>> {
        self.0.write_all(request)?;
        self.read_answer(is_head)
    }

    /// Reads one answer. The answer to a HEAD request has no body, even if its head announces one.
    fn read_answer(&mut self, is_head: bool) -> io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        let mut buf = [0; 16 << 10];
        let mut end = None;
        // All bytes belong to this answer, because the next request is not sent before it is complete.
        while end.is_none_or(|end| answer.len() < end) {
            let n = match self.0.read(&mut buf) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => n,
                // A socket with a time limit fails in this way if the process was stopped and continues.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            answer.extend_from_slice(&buf[..n]);
            end = end.or_else(|| answer_length(&answer, is_head));
        }
        Ok(answer)
    }
}

/// Returns the length of the answer that begins here, as soon as its head is complete.
fn answer_length(answer: &[u8], is_head: bool) -> Option<usize> {
    const HEAD_END: &[u8] = b"\r\n\r\n";
    let at = answer.windows(HEAD_END.len()).position(|w| w == HEAD_END)?;
    let head = String::from_utf8_lossy(&answer[..at]);
    let body = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| !is_head && name.eq_ignore_ascii_case("Content-Length"))
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    Some(at + HEAD_END.len() + body)
}

trait Socket: Read + Write + Send {}

impl<T: Read + Write + Send> Socket for T {}

/// Listener that `tiny_http` can use.
trait Listen: Into<tiny_http::Listener> {
    /// Returns another handle to the same listener.
    fn try_clone(&self) -> io::Result<Self>;
    fn set_nonblocking(&self) -> io::Result<()>;
    fn connect(&self) -> io::Result<Box<dyn Socket>>;
}

impl Listen for TcpListener {
    fn try_clone(&self) -> io::Result<Self> {
        self.try_clone()
    }

    fn set_nonblocking(&self) -> io::Result<()> {
        self.set_nonblocking(true)
    }

    fn connect(&self) -> io::Result<Box<dyn Socket>> {
        let socket = TcpStream::connect(self.local_addr()?)?;
        socket.set_read_timeout(Some(ANSWER_TIME))?;
        socket.set_write_timeout(Some(ANSWER_TIME))?;
        socket.set_nodelay(true)?;
        Ok(Box::new(socket))
    }
}

#[cfg(unix)]
impl Listen for UnixListener {
    fn try_clone(&self) -> io::Result<Self> {
        self.try_clone()
    }

    fn set_nonblocking(&self) -> io::Result<()> {
        self.set_nonblocking(true)
    }

    fn connect(&self) -> io::Result<Box<dyn Socket>> {
        let socket = UnixStream::connect_addr(&self.local_addr()?)?;
        socket.set_read_timeout(Some(ANSWER_TIME))?;
        socket.set_write_timeout(Some(ANSWER_TIME))?;
        Ok(Box::new(socket))
    }
}
