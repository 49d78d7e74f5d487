//! Server that sends numbered records as fast as the client reads them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use parking_lot::Mutex;
use tungstenite::handshake::derive_accept_key;

/// Content and form of a flood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pour {
    pub(crate) web_socket: bool,
    pub(crate) records: u64,
    /// Size of each record's data in bytes.
    pub(crate) bytes: usize,
    /// WebSocket messages are binary (opcode 2).
    pub(crate) binary: bool,
}

/// Server for one feed. Its thread ends with the process.
pub(crate) struct Server {
    url: String,
    finished: Arc<Mutex<Option<Instant>>>,
}

/// Approximate number of bytes in one write.
const AT_ONCE: usize = 256 << 10;

impl Server {
    pub(crate) fn start(pour: Pour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if pour.web_socket { "ws" } else { "http" };
        let url = format!("{scheme}://{}/", listener.local_addr().unwrap());
        let finished = Arc::new(Mutex::new(None));
        let end = Arc::clone(&finished);
        thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                for socket in listener.incoming() {
                    // A client that closes the connection early is not an error.
                    if serve(&socket.unwrap(), pour).is_ok() {
                        *end.lock() = Some(Instant::now());
                    }
                }
            })
            .unwrap();
        Self { url, finished }
    }

    pub(crate) fn url(&self) -> url::Url {
        url::Url::parse(&self.url).unwrap()
    }

    /// Returns the time at which the last byte was passed to the system.
    pub(crate) fn finished(&self) -> Option<Instant> {
        *self.finished.lock()
    }
}

fn serve(mut socket: &TcpStream, pour: Pour) -> std::io::Result<()> {
    let mut key = String::new();
    for line in BufReader::new(socket).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            value.clone_into(&mut key);
        }
    }
    let head = if pour.web_socket {
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        )
    } else {
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".to_owned()
    };
    socket.write_all(head.as_bytes())?;
    let mut number = 1;
    let one = record(pour);
    let count = (AT_ONCE / one.bytes.len()).max(1);
    let mut many = one.bytes.repeat(count);
    while number <= pour.records {
        let now = count.min((pour.records - number + 1) as usize);
        for record in many.chunks_exact_mut(one.bytes.len()).take(now) {
            for &at in &one.numbers {
                write!(&mut record[at..at + DIGITS], "{number:0DIGITS$}")?;
            }
            number += 1;
        }
        socket.write_all(&many[..now * one.bytes.len()])?;
    }
    if pour.web_socket {
        // This is a close frame with code 1000.
        socket.write_all(&[0x88, 2, 3, 0xe8])?;
    }
    Ok(())
}

/// Number of digits of a record's number.
const DIGITS: usize = 10;

/// Bytes of a record on the wire, and the positions of its number.
struct OnTheWire {
    bytes: Vec<u8>,
    numbers: Vec<usize>,
}

fn record(pour: Pour) -> OnTheWire {
    let mut bytes = Vec::new();
    let mut numbers = Vec::new();
    if pour.web_socket {
        bytes.push(if pour.binary { 0x82 } else { 0x81 });
        match pour.bytes {
            len @ 0..126 => bytes.push(len as u8),
            len @ 126..=0xffff => {
                bytes.push(126);
                bytes.extend((len as u16).to_be_bytes());
            }
            len => {
                bytes.push(127);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
    } else {
        bytes.extend(b"id: ");
        numbers.push(bytes.len());
        bytes.extend([b'0'; DIGITS]);
        bytes.extend(b"\ndata: ");
    }
    numbers.push(bytes.len());
    bytes.extend([b'0'; DIGITS]);
    bytes.extend(std::iter::repeat_n(b'.', pour.bytes - DIGITS));
    if !pour.web_socket {
        bytes.extend(b"\n\n");
    }
    OnTheWire { bytes, numbers }
}
