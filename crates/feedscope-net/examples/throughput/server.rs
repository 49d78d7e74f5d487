//! Server that sends the same data to every client: an event stream or, after an upgrade, frames.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use tungstenite::handshake::derive_accept_key;

pub(crate) struct Server {
    pub(crate) address: String,
}

/// Function that sends everything after the head of the answer. Its second argument is true after an upgrade.
type Body = Arc<dyn Fn(&mut TcpStream, bool) + Send + Sync>;

impl Server {
    /// Starts a server of ticks, which are prepared before the first connection.
    pub(crate) fn ticks(events: u64) -> Self {
        let (stream, frames) = (event_stream_ticks(events), web_socket_ticks(events));
        Self::start(Arc::new(move |socket, upgraded| {
            let body = if upgraded { &frames } else { &stream };
            // A client that has read enough closes the connection.
            socket.write_all(body).ok();
        }))
    }

    pub(crate) fn start(body: Body) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                for socket in listener.incoming() {
                    serve(socket.unwrap(), &body);
                }
            })
            .unwrap();
        Self { address }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/", self.address)
    }
}

fn serve(mut socket: TcpStream, body: &Body) {
    socket.set_nodelay(true).unwrap();
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).unwrap();
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then_some(value)
    });
    let head = match key {
        Some(key) => format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        ),
        None => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".to_owned(),
    };
    socket.write_all(head.as_bytes()).unwrap();
    body(&mut socket, key.is_some());
}

/// Appends one event or, after an upgrade, one frame.
pub(crate) fn write_message(out: &mut Vec<u8>, data: &str, upgraded: bool) {
    if upgraded {
        out.extend([0x81, u8::try_from(data.len()).unwrap()]);
        out.extend(data.as_bytes());
    } else {
        out.extend(b"data: ");
        out.extend(data.as_bytes());
        out.extend(b"\n\n");
    }
}

/// Close frame with the code 1000.
pub(crate) const CLOSE: [u8; 4] = [0x88, 2, 3, 0xe8];

fn tick(number: u64) -> String {
    let price = 100 + number % 37;
    format!(
        r#"{{"symbol":"ACME","price":{price}.25,"volume":{number},"at":"2026-11-21T05:49:14.524118Z"}}"#
    )
}

fn event_stream_ticks(events: u64) -> Vec<u8> {
    let mut body = String::new();
    for number in 0..events {
        write!(body, "id: {number}\ndata: {}\n\n", tick(number)).unwrap();
    }
    body.into_bytes()
}

fn web_socket_ticks(events: u64) -> Vec<u8> {
    let mut body = Vec::new();
    for number in 0..events {
        write_message(&mut body, &tick(number), true);
    }
    body.extend(CLOSE);
    body
}
