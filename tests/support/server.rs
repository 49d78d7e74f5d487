//! Small server that answers every request with the same bytes, or those without a header differently. It only recognizes
//! the blank line at the end of a request's head.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

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
    /// Heads of the requests, in order.
    heads: Arc<Mutex<Vec<String>>>,
}

/// Answers of a server.
struct Answers {
    usual: Vec<u8>,
    /// Line that a head must contain for the usual answer, and the answer to other requests.
    required: Option<(String, Vec<u8>)>,
}

impl Server {
    /// Starts a server that answers every request with `answer`, which contains head and body.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>, after: After) -> Self {
        Self::start(
            Answers {
                usual: answer.into(),
                required: None,
            },
            after,
        )
    }

    /// Starts a server that sends an event to requests with this line in their head, and answers others with 401.
    pub(crate) fn for_requests_with(line: &str) -> Self {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        let refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_vec();
        Self::start(
            Answers {
                usual: format!("{head}data: a\n\n").into_bytes(),
                required: Some((line.to_owned(), refusal)),
            },
            After::Stay,
        )
    }

    fn start(answers: Answers, after: After) -> Self {
        let answers = Arc::new(answers);
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let all_heads = Arc::clone(&heads);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        spawn("server", move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::Acquire) {
                    return;
                }
                let answers = Arc::clone(&answers);
                let heads = Arc::clone(&all_heads);
                spawn("answer", move || serve(&socket, (&answers, after), &heads));
            }
        });
        Self {
            address,
            over,
            heads,
        }
    }

    /// Returns the lines with this beginning in the heads of the requests so far.
    pub(crate) fn lines(&self, beginning: &str) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        let lines = heads.iter().flat_map(|head| head.lines());
        let found = lines.filter(|line| line.to_ascii_lowercase().starts_with(beginning));
        found.map(str::to_owned).collect()
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
fn serve(socket: &TcpStream, (answers, after): (&Answers, After), heads: &Mutex<Vec<String>>) {
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
    let answer = match &answers.required {
        Some((required, refusal)) if !head.lines().any(|line| line == required) => refusal,
        _ => &answers.usual,
    };
    heads.lock().unwrap().push(head);
    let mut out = socket;
    if out.write_all(answer).is_err() {
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
