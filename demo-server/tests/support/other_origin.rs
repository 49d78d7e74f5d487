//! Web server with another origin than the demo's. It answers every request with the same harmless page, and does not
//! depend on the tests' scripts.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const PAGE: &str =
    "<!doctype html><html lang=\"en\"><title>Elsewhere</title><p>A page of somebody else.";

/// Longest time for a request to arrive. Browsers open connections that they do not use.
const REQUEST_TIME: Duration = Duration::from_mins(1);

/// Running server. Dropping it ends it.
pub(crate) struct OtherOrigin {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    door: Option<JoinHandle<()>>,
}

impl OtherOrigin {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let ended = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ended);
        let door = start_thread(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if seen.load(Ordering::Acquire) {
                    return;
                }
                // The result is ignored, because a browser that has closed the connection needs no answer.
                start_thread(move || drop(answer(&socket)));
            }
        });
        Self {
            address,
            ended,
            door: Some(door),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for OtherOrigin {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        // The connection wakes the accepting thread, which then ends.
        if TcpStream::connect(self.address).is_ok() {
            self.door.take().map(JoinHandle::join);
        }
    }
}

fn start_thread(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name("other-origin".to_owned());
    thread.spawn(work).expect("a thread")
}

fn answer(mut socket: &TcpStream) -> io::Result<()> {
    socket.set_read_timeout(Some(REQUEST_TIME))?;
    let mut request = Vec::new();
    let mut bytes = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match socket.read(&mut bytes)? {
            0 => return Ok(()),
            n => request.extend_from_slice(&bytes[..n]),
        }
    }
    let length = PAGE.len();
    write!(
        socket,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{PAGE}"
    )
}
