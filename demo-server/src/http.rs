//! The HTTP side. A gate of ours stands before `tiny_http`; it owns the sockets, `tiny_http` the requests.
//!
//! `tiny_http` never gives a socket out: it cannot cut a connection, time out a half-sent request, bound a head or end a
//! write to a client that does not read, and a stream holds one of its threads for life. So clients connect to the
//! gate. It reads one whole request within limits, checks where it comes from, and passes it on to `tiny_http` over a
//! connection of its own that only it may use. What is answered shortly comes back the same way. What is a stream is
//! handed back as a value ([`Stream`]) and written by the gate's thread straight to the client.
//!
//! That `tiny_http` sees only whole requests with `Connection: close` also keeps its thread pool from leaving
//! connections waiting, and an absurd Content-Length from reaching it.

mod routes;

pub(crate) use routes::status_fault;

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::Shared;
use crate::answer::Answer;
use crate::connection::Connection;
use crate::event_stream::{self, Manner};
use crate::head::{Head, HeadError};
use crate::source::Source;

/// How long a client has for its request.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// How long `tiny_http` has for an answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// An event stream that is to be written.
pub(crate) struct Stream {
    manner: Manner,
    source: Box<dyn Source>,
}

/// `tiny_http`, and whose requests are with it.
pub(crate) struct Inside {
    server: Mutex<Arc<tiny_http::Server>>,
    /// By the address from which the gate passed the request on.
    visits: Mutex<HashMap<SocketAddr, Visit>>,
}

struct Visit {
    connection: Arc<Connection>,
    stream: Option<Stream>,
}

impl Inside {
    pub(crate) fn start() -> io::Result<Self> {
        Ok(Self {
            server: Mutex::new(new_server()?),
            visits: Mutex::default(),
        })
    }

    /// Answers requests until the server ends. Runs on a thread of its own.
    pub(crate) fn run(&self, shared: &Shared) {
        while !shared.life.is_stopping() {
            let server = Arc::clone(&self.server.lock());
            match server.recv() {
                Ok(request) => routes::answer(shared, request),
                // Out of descriptors, its accept loop has ended for good: begin anew when there are some again.
                Err(_) if !shared.life.is_stopping() => {
                    shared.life.wait_while_refusing(Duration::from_millis(50));
                    if let Ok(new) = new_server() {
                        *self.server.lock() = new;
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// Brings [`run`](Self::run) back from waiting for a request.
    pub(crate) fn unblock(&self) {
        self.server.lock().unblock();
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let address = self.server.lock().server_addr().to_ip();
        let socket = TcpStream::connect(address.ok_or(io::ErrorKind::AddrNotAvailable)?)?;
        socket.set_read_timeout(Some(ANSWER_TIME))?;
        socket.set_write_timeout(Some(ANSWER_TIME))?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }

    /// On whose behalf the gate passed on what comes from `address`.
    fn visitor(&self, address: SocketAddr) -> Option<Arc<Connection>> {
        let visits = self.visits.lock();
        visits.get(&address).map(|v| Arc::clone(&v.connection))
    }

    /// Hands a stream back to the gate's thread that waits for an answer at `address`.
    fn hand_back(&self, address: SocketAddr, stream: Stream) {
        if let Some(visit) = self.visits.lock().get_mut(&address) {
            visit.stream = Some(stream);
        }
    }
}

fn new_server() -> io::Result<Arc<tiny_http::Server>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let server = tiny_http::Server::from_listener(listener, None).map_err(io::Error::other)?;
    Ok(Arc::new(server))
}

/// Serves one client: one request, and what comes of it. Runs on the connection's own thread.
pub(crate) fn serve(shared: &Shared, connection: &Arc<Connection>) {
    match serve_request(shared, connection) {
        Ok(()) => connection.close_gently(),
        Err(HeadError::Bad(answer)) => {
            connection.write(&answer.to_bytes(true)).ok();
            connection.close_gently();
        }
        Err(HeadError::Gone) => {}
    }
}

fn serve_request(shared: &Shared, connection: &Arc<Connection>) -> Result<(), HeadError> {
    let port = shared.http_port();
    let mut head = Head::read(connection, REQUEST_TIME)?;
    head.check_access(port, port)?;
    let body = head.read_body(connection, REQUEST_TIME)?;
    match pass_on(&shared.inside, connection, &head, &body) {
        Ok(None) => Ok(()),
        Ok(Some(mut stream)) => Ok(event_stream::run(
            connection,
            stream.manner,
            stream.source.as_mut(),
        )?),
        Err(_) if connection.is_cut() => Err(HeadError::Gone),
        Err(_) => Err(Answer::text(503, "the server has its hands full\n")
            .with("Retry-After", "1")
            .into()),
    }
}

/// Has the request answered; `Some` where the answer is a stream that has yet to be written.
fn pass_on(
    inside: &Inside,
    connection: &Arc<Connection>,
    head: &Head,
    body: &[u8],
) -> io::Result<Option<Stream>> {
    let mut socket = inside.connect()?;
    let address = socket.local_addr()?;
    let visit = Visit {
        connection: Arc::clone(connection),
        stream: None,
    };
    inside.visits.lock().insert(address, visit);
    let result = exchange(&mut socket, connection, head, body);
    let visit = inside.visits.lock().remove(&address);
    result.map(|()| visit.and_then(|visit| visit.stream))
}

fn exchange(
    socket: &mut TcpStream,
    connection: &Connection,
    head: &Head,
    body: &[u8],
) -> io::Result<()> {
    /// What the gate has dealt with, or must say itself.
    const OURS: [&str; 9] = [
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let keep = |key: &str| !OURS.contains(&key.to_ascii_lowercase().as_str());
    let more = if body.is_empty() {
        "Connection: close\r\n".to_owned()
    } else {
        format!("Connection: close\r\nContent-Length: {}\r\n", body.len())
    };
    let mut request = head.to_bytes(keep, &more);
    request.extend_from_slice(body);
    socket.write_all(&request)?;
    let mut buf = [0; 16 << 10];
    loop {
        match socket.read(&mut buf)? {
            0 => return Ok(()),
            n => connection.write(&buf[..n])?,
        }
    }
}
