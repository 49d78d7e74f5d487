//! Event stream on the wire: head, chunks, fields (HTML 9.2.5, RFC 9112 7.1). This module uses no particular feed.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use crate::answer::{EVERYWHERE, status_line};
use crate::connection::{BUFFER, Connection};
use crate::source::{Due, Source, SourceItem};

/// Properties of an event stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// True for chunks, which show if a stream was cut or ended in order. HTTP/1.0 has no chunks.
    pub(crate) chunked: bool,
    /// Content type in the head.
    pub(crate) content_type: &'static str,
    /// Fields before the first event.
    pub(crate) opening: &'static str,
    /// Interval between two comments that show that the stream is alive.
    pub(crate) heartbeat: Option<Duration>,
}

/// Returns the head of an answer that is an event stream.
pub(crate) fn head(manner: Manner) -> String {
    let chunked = if manner.chunked {
        "Transfer-Encoding: chunked\r\n"
    } else {
        ""
    };
    let (status, kind) = (status_line(200), manner.content_type);
    format!("{status}{EVERYWHERE}Content-Type: {kind}\r\n{chunked}\r\n")
}

/// Streams the items of `source` until one side ends the stream.
///
/// The head is written separately, so that a client has an open connection before the first event.
pub(crate) fn run(
    connection: &Connection,
    manner: Manner,
    source: &mut dyn Source,
) -> io::Result<()> {
    connection.write(head(manner).as_bytes())?;
    let mut chunk = Chunk::new(manner.chunked);
    chunk.body().extend_from_slice(manner.opening.as_bytes());
    let beat = |from: Instant| manner.heartbeat.map(|every| from + every);
    let clock = connection.clock();
    let mut next_beat = beat(clock.now());
    loop {
        let now = clock.now();
        let until = match source.due(now) {
            Due::Now => {
                // During a stall, items stay in the source, which counts them as waiting.
                connection.hold_while_stalled(|| source.waiting());
                source.fill(now, &mut |item| put_event(&mut chunk, connection, item))?;
                connection.set_waiting(source.waiting());
                chunk.write(connection)?;
                continue;
            }
            Due::At(at) => Some(at),
            Due::WhenPoked => None,
            Due::Over => {
                chunk.write(connection)?;
                return chunk.write_last(connection);
            }
            Due::Lost => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        chunk.write(connection)?;
        // A heartbeat is due at intervals, even if items are sent in between.
        if next_beat.is_some_and(|at| at <= now) {
            chunk.body().extend_from_slice(b": heartbeat\n\n");
            chunk.write(connection)?;
            next_beat = beat(now);
        }
        if !connection.wait(until.into_iter().chain(next_beat).min()) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
    }
}

fn put_event(chunk: &mut Chunk, connection: &Connection, item: SourceItem<'_>) -> io::Result<()> {
    let body = chunk.body();
    if let Some(event) = item.event {
        body.extend_from_slice(b"event: ");
        body.extend_from_slice(event.as_bytes());
        body.push(b'\n');
    }
    body.extend_from_slice(b"id: ");
    body.extend_from_slice(item.id);
    body.extend_from_slice(b"\ndata: ");
    item.data.pieces(|piece| chunk.put(connection, piece))?;
    chunk.body().extend_from_slice(b"\n\n");
    Ok(())
}

/// Chunk of the body that is being built, with space for its length at the front.
struct Chunk {
    framed: bool,
    bytes: Vec<u8>,
}

impl Chunk {
    /// Space in bytes for eight hexadecimal digits and a line end.
    const ROOM: usize = 10;

    /// Largest size of a chunk in bytes. It limits the memory for a client that does not read.
    const MOST: usize = 64 << 10;

    fn new(framed: bool) -> Self {
        let mut bytes = Vec::with_capacity(BUFFER);
        bytes.resize(Self::ROOM, 0);
        Self { framed, bytes }
    }

    /// Returns the buffer to which the body of the chunk is appended.
    fn body(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Appends `piece`. If the chunk would become too long, it is written first.
    fn put(&mut self, connection: &Connection, piece: &[u8]) -> io::Result<()> {
        if self.bytes.len() + piece.len() > Self::MOST {
            self.write(connection)?;
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// Writes the chunk, if it is not empty, and begins the next one.
    fn write(&mut self, connection: &Connection) -> io::Result<()> {
        let length = self.bytes.len() - Self::ROOM;
        if length == 0 {
            // An empty chunk would end the body.
            return Ok(());
        }
        let mut start = Self::ROOM;
        if self.framed {
            let digits = format!("{length:x}\r\n");
            start -= digits.len();
            (&mut self.bytes[start..]).write_all(digits.as_bytes())?;
            self.bytes.extend_from_slice(b"\r\n");
        }
        let result = connection.write(&self.bytes[start..]);
        self.bytes.truncate(Self::ROOM);
        result
    }

    fn write_last(&self, connection: &Connection) -> io::Result<()> {
        if self.framed {
            connection.write(b"0\r\n\r\n")?;
        }
        Ok(())
    }
}
