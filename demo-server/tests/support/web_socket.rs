//! WebSocket client that builds its frames itself, so that it can also send wrong ones.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;
use tungstenite::handshake::derive_accept_key;

use super::{authority, connect};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Frame: its first byte without FIN, and its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn text(&self) -> &str {
        assert_eq!(self.opcode, 1, "{self:?}");
        std::str::from_utf8(&self.payload).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap()
    }

    /// Returns the close code of a close frame.
    pub(crate) fn code(&self) -> u16 {
        assert_eq!(self.opcode, 8, "{self:?}");
        u16::from_be_bytes([self.payload[0], self.payload[1]])
    }
}

/// Open WebSocket.
pub(crate) struct WebSocket {
    pub(crate) socket: TcpStream,
    pub(crate) head: String,
}

impl WebSocket {
    pub(crate) fn open(base: &str, path: &str) -> Self {
        Self::open_with(base, path, &[])
    }

    pub(crate) fn open_with(base: &str, path: &str, headers: &[&str]) -> Self {
        let mut socket = connect(base);
        let request = Self::handshake(base, path, headers);
        socket.write_all(request.as_bytes()).unwrap();
        Self::opened(socket)
    }

    /// Reads the answer on a socket over which the request was already sent.
    pub(crate) fn opened(mut socket: TcpStream) -> Self {
        let head = read_head(&mut socket).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let accept = format!(
            "sec-websocket-accept: {}",
            derive_accept_key(KEY.as_bytes())
        );
        assert!(
            head.to_lowercase().contains(&accept.to_lowercase()),
            "{head}"
        );
        Self { socket, head }
    }

    /// Returns the request of an opening handshake.
    pub(crate) fn handshake(base: &str, path: &str, headers: &[&str]) -> String {
        let host = authority(base);
        let mut text = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
        );
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        text + "\r\n"
    }

    pub(crate) fn send_text(&mut self, text: &str) {
        self.send(0x81, text.as_bytes());
    }

    /// Sends a frame with this first byte, masked.
    pub(crate) fn send(&mut self, first: u8, payload: &[u8]) {
        self.socket.write_all(&frame(first, payload)).unwrap();
    }

    pub(crate) fn send_close(&mut self, code: u16) {
        self.send(0x88, &code.to_be_bytes());
    }

    pub(crate) fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 2];
        self.socket.read_exact(&mut head)?;
        assert_eq!(head[0] & 0xF0, 0x80, "whole messages without reserved bits");
        let length = match head[1] {
            126 => {
                let mut bytes = [0; 2];
                self.socket.read_exact(&mut bytes)?;
                usize::from(u16::from_be_bytes(bytes))
            }
            127 => {
                let mut bytes = [0; 8];
                self.socket.read_exact(&mut bytes)?;
                usize::try_from(u64::from_be_bytes(bytes)).unwrap()
            }
            short => {
                assert!(short < 126, "a server does not mask");
                usize::from(short)
            }
        };
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload)?;
        Ok(Frame {
            opcode: head[0] & 0x0F,
            payload,
        })
    }

    pub(crate) fn expect(&mut self) -> Frame {
        self.read().unwrap()
    }

    /// Returns the next JSON message of this type, and skips others.
    pub(crate) fn expect_type(&mut self, kind: &str) -> Value {
        loop {
            let json = self.expect().json();
            if json["type"] == kind {
                return json;
            }
        }
    }

    /// Returns true if the connection ends without another byte.
    pub(crate) fn ends(&mut self) -> bool {
        match self.socket.read(&mut [0]) {
            Ok(n) => n == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

/// Returns a masked frame with this first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    /// Bit above the length that marks a frame as masked.
    const MASKED: u8 = 0x80;
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(MASKED + short as u8),
        middle @ 126..65_536 => {
            bytes.push(MASKED + 126);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(MASKED + 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m));
    bytes
}

fn read_head(socket: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8(head).unwrap())
}
