//! Requests, answers and event streams on a raw socket.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use super::{authority, connect};

/// Returns a request as text. It contains the `Host` of `base`, unless `headers` contain one.
pub(crate) fn request(base: &str, method: &str, path: &str, headers: &[&str]) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    if !headers
        .iter()
        .any(|h| h.to_lowercase().starts_with("host:"))
    {
        text = text + "Host: " + authority(base) + "\r\n";
    }
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text + "\r\n"
}

/// Complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends `text` and reads the answer to the end of the connection.
pub(crate) fn exchange(base: &str, text: &str) -> Answer {
    let mut socket = connect(base);
    socket.write_all(text.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    Answer {
        status: status(head),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

fn status(head: &str) -> u16 {
    let word = head
        .split(' ')
        .nth(1)
        .unwrap_or_else(|| panic!("no status: {head:?}"));
    word.parse().unwrap()
}

/// Block of an event stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) data: String,
    pub(crate) comment: bool,
    pub(crate) retry: String,
}

impl Event {
    pub(crate) fn number(&self) -> u64 {
        self.id.parse().unwrap()
    }
}

/// Open event stream.
pub(crate) struct EventStream {
    pub(crate) head: String,
    reader: BufReader<TcpStream>,
    chunked: bool,
    /// Number of bytes that are left in the chunk.
    left: usize,
}

impl EventStream {
    pub(crate) fn open(base: &str, path: &str, headers: &[&str]) -> Self {
        let stream = Self::open_raw(base, &request(base, "GET", path, headers));
        assert_eq!(status(&stream.head), 200, "{}", stream.head);
        stream
    }

    /// Sends this request and reads the head of the answer.
    pub(crate) fn open_raw(base: &str, request: &str) -> Self {
        let mut socket = connect(base);
        socket.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(socket);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head:?}");
        }
        Self {
            chunked: head.contains("Transfer-Encoding: chunked"),
            head,
            reader,
            left: 0,
        }
    }

    /// Returns the next event, and skips comments and retries; `None` at an orderly end of the body.
    pub(crate) fn next(&mut self) -> io::Result<Option<Event>> {
        loop {
            match self.next_block()? {
                Some(block) if block.comment || !block.retry.is_empty() => {}
                other => return Ok(other),
            }
        }
    }

    pub(crate) fn expect(&mut self) -> Event {
        self.next().unwrap().expect("the stream goes on")
    }

    /// Returns the next block, of any content.
    pub(crate) fn next_block(&mut self) -> io::Result<Option<Event>> {
        let mut block = Event::default();
        loop {
            let Some(line) = self.line()? else {
                return Ok(None);
            };
            let line = String::from_utf8_lossy(&line).into_owned();
            match line.split_once(": ") {
                Some(("", _)) => block.comment = true,
                Some(("event", value)) => value.clone_into(&mut block.kind),
                Some(("id", value)) => value.clone_into(&mut block.id),
                Some(("data", value)) => value.clone_into(&mut block.data),
                Some(("retry", value)) => value.clone_into(&mut block.retry),
                _ if line.is_empty() => return Ok(Some(block)),
                _ => panic!("no such line belongs here: {line:?}"),
            }
        }
    }

    /// Returns the next byte of the body.
    pub(crate) fn byte(&mut self) -> io::Result<Option<u8>> {
        if self.chunked && self.left == 0 {
            self.left = self.chunk_length()?;
            if self.left == 0 {
                return Ok(None);
            }
        }
        let mut byte = [0];
        if self.reader.read(&mut byte)? == 0 {
            return if self.chunked {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok(None)
            };
        }
        if self.chunked {
            self.left -= 1;
            if self.left == 0 {
                self.reader.read_exact(&mut [0; 2])?;
            }
        }
        Ok(Some(byte[0]))
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                None => return Ok(None),
                Some(b'\n') => return Ok(Some(line)),
                Some(byte) => line.push(byte),
            }
        }
    }

    fn chunk_length(&mut self) -> io::Result<usize> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        usize::from_str_radix(line.trim_end(), 16)
            .map_err(|e| io::Error::new(io::ErrorKind::UnexpectedEof, e))
    }
}
