//! A server of a few lines that gives every request the same bytes. It knows no protocol beyond the blank line that ends
//! a request's head.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::spawn;

/// What happens to a connection after the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It is closed in order.
    Close,
    /// It stays open until the client goes.
    Stay,
}

/// A server on a free port; it ends when dropped.
pub(crate) struct Server {
    address: String,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Answers every request with `answer`, head and body.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>, after: After) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        spawn("server", move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::Acquire) {
                    return;
                }
                let answer = Arc::clone(&answer);
                spawn("answer", move || serve(&socket, &answer, after));
            }
        });
        Self { address, over }
    }

    /// An event stream with this body.
    pub(crate) fn event_stream(body: &str, after: After) -> Self {
        Self::answering(
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{body}"),
            after,
        )
    }

    /// A URL with this scheme and path.
    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // Ends its wait for the next connection.
        TcpStream::connect(&self.address).ok();
    }
}

/// Whatever goes wrong here, the client sees.
fn serve(socket: &TcpStream, answer: &[u8], after: After) {
    let Ok(reader) = socket.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if !matches!(reader.read_line(&mut line), Ok(1..)) {
            return;
        }
    }
    let mut out = socket;
    if out.write_all(answer).is_err() {
        return;
    }
    if after == After::Close {
        socket.shutdown(Shutdown::Write).ok();
    }
    // Until the client goes; closing earlier could take back what it has not read.
    reader.read_to_end(&mut Vec::new()).ok();
}

/// An address on which nothing listens.
pub(crate) fn refused_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
