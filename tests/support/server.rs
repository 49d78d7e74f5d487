//! Small server with given answers. It only recognizes the blank line at the end of a request's head.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::spawn;

/// Treatment of a connection after the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The server closes the connection.
    Close,
    /// The connection stays open until the client closes it.
    Stay,
}

/// Server on a free port. It ends when it is dropped.
pub(crate) struct Server {
    address: String,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server that answers every request with `answer`, which contains head and body.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>, after: After) -> Self {
        let answer = answer.into();
        Self::responding(move |_| answer.clone(), after)
    }

    /// Starts a server that passes the head of each request to `respond` and sends the bytes that it returns.
    pub(crate) fn responding(
        respond: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
        after: After,
    ) -> Self {
        let respond = Arc::new(respond);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        spawn("server", move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::Acquire) {
                    return;
                }
                let respond = Arc::clone(&respond);
                spawn("answer", move || serve(&socket, &*respond, after));
            }
        });
        Self { address, over }
    }

    /// Starts a server that answers with an event stream of this body.
    pub(crate) fn event_stream(body: &str, after: After) -> Self {
        Self::answering(
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{body}"),
            after,
        )
    }

    /// Returns a URL with this scheme and path.
    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // This connection ends the wait for the next one.
        TcpStream::connect(&self.address).ok();
    }
}

/// Serves one request. Errors are ignored here, because the client notices them.
fn serve(socket: &TcpStream, respond: &impl Fn(&str) -> Vec<u8>, after: After) {
    let Ok(reader) = socket.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(reader);
    let mut head = String::new();
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if !matches!(reader.read_line(&mut line), Ok(1..)) {
            return;
        }
        head.push_str(&line);
    }
    let mut out = socket;
    if out.write_all(&respond(&head)).is_err() {
        return;
    }
    if after == After::Close {
        socket.shutdown(Shutdown::Write).ok();
    }
    // Wait for the client to close: closing earlier could discard data that it has not read.
    reader.read_to_end(&mut Vec::new()).ok();
}

/// Returns an address on which no server listens.
pub(crate) fn refused_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
