//! What waits to be written to one WebSocket, and the loop that writes it. Every frame goes out whole, in the order in
//! which it was pushed; after a close frame nothing does. Never reads.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tungstenite::Bytes;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};

use crate::connection::Connection;
use crate::source::{Due, Source};

/// Bytes that may wait; who lets more pile up is cut off, or made to wait where the pushing is on its own behalf.
const MOST_BYTES: usize = 32 << 20;

/// Frames shorter than this are gathered into one write.
const SHORT: usize = 16 << 10;

/// How long a client has to answer a close frame.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// The sending side of one WebSocket.
#[derive(Debug)]
pub(crate) struct Outbox {
    connection: Arc<Connection>,
    most: usize,
    queue: Mutex<Queue>,
    room: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// The last frame has been pushed.
    ended: bool,
}

impl Outbox {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self {
            connection,
            most: MOST_BYTES,
            queue: Mutex::default(),
            room: Condvar::new(),
        }
    }

    /// Lets less wait: for feeds where others do the pushing.
    pub(crate) fn with_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Pushes a frame and returns at once. Where too much waits already, the client is cut off.
    pub(crate) fn push(&self, frame: Bytes) {
        let mut queue = self.queue.lock();
        if queue.bytes > self.most {
            queue.end_at_once();
            drop(queue);
            self.connection.cut();
            return;
        }
        self.add(queue, [frame]);
    }

    /// Pushes one frame in pieces, after waiting until there is room.
    pub(crate) fn push_patiently<const N: usize>(&self, frames: [Bytes; N]) {
        let mut queue = self.queue.lock();
        while queue.bytes > self.most && !queue.ended {
            self.room.wait(&mut queue);
        }
        self.add(queue, frames);
    }

    fn add<const N: usize>(
        &self,
        mut queue: parking_lot::MutexGuard<'_, Queue>,
        frames: [Bytes; N],
    ) {
        if queue.ended {
            return;
        }
        // RFC 6455 5.5.1: nothing is sent after a close frame. What follows the first may be a bare payload.
        queue.ended = frames.first().is_some_and(|frame| is_close(frame));
        for frame in frames {
            queue.bytes += frame.len();
            queue.frames.push_back(frame);
        }
        self.connection.set_waiting(queue.bytes);
        drop(queue);
        self.connection.poke();
    }

    /// Begins the closing handshake, unless that has happened.
    pub(crate) fn close(&self, code: CloseCode, reason: &'static str) {
        let frame = Frame::close(Some(CloseFrame {
            code,
            reason: reason.into(),
        }));
        self.add(self.queue.lock(), [encode(frame)]);
    }

    /// Writes until the last frame is out or the connection is over, then ends it. Runs on a thread of its own.
    pub(crate) fn run(&self, source: Option<Box<dyn Source>>) {
        if self.write_all(source).is_ok() {
            self.connection.end_writing();
            self.connection.cut_after(CLOSE_TIME);
        } else {
            self.connection.cut();
        }
        self.queue.lock().end_at_once();
        self.room.notify_all();
    }

    fn write_all(&self, mut source: Option<Box<dyn Source>>) -> io::Result<()> {
        let mut buffer = Vec::new();
        loop {
            let (frames, ended) = self.take();
            let idle = frames.is_empty();
            self.write_frames(frames, &mut buffer)?;
            if ended {
                return Ok(());
            }
            let now = Instant::now();
            let until = match source.as_ref().map_or(Due::WhenPoked, |s| s.due(now)) {
                Due::Now => {
                    let source = source.as_mut().expect("it has just said something");
                    self.connection.hold_while_stalled(|| source.waiting());
                    source.fill(now, &mut |item| put_text(&mut buffer, item.data));
                    self.connection.set_waiting(source.waiting());
                    self.connection.write(&buffer)?;
                    buffer.clear();
                    continue;
                }
                Due::At(at) => Some(at),
                Due::WhenPoked => None,
                Due::Over => {
                    self.close(CloseCode::Normal, "that was all");
                    continue;
                }
                Due::Lost => return Err(io::ErrorKind::ConnectionAborted.into()),
            };
            if idle && !self.connection.wait(until) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
    }

    fn take(&self) -> (VecDeque<Bytes>, bool) {
        let mut queue = self.queue.lock();
        queue.bytes = 0;
        self.connection.set_waiting(0);
        self.room.notify_all();
        (std::mem::take(&mut queue.frames), queue.ended)
    }

    /// Leaves `buffer` empty.
    fn write_frames(&self, frames: VecDeque<Bytes>, buffer: &mut Vec<u8>) -> io::Result<()> {
        for frame in frames {
            if frame.len() < SHORT {
                buffer.extend_from_slice(&frame);
            }
            if buffer.len() >= SHORT || (frame.len() >= SHORT && !buffer.is_empty()) {
                self.connection.write(buffer)?;
                buffer.clear();
            }
            if frame.len() >= SHORT {
                self.connection.write(&frame)?;
            }
        }
        if !buffer.is_empty() {
            self.connection.write(buffer)?;
            buffer.clear();
        }
        Ok(())
    }
}

impl Queue {
    fn end_at_once(&mut self) {
        self.ended = true;
        self.frames.clear();
        self.bytes = 0;
    }
}

/// A whole text message as the bytes of its frame.
pub(crate) fn text_frame(text: &str) -> Bytes {
    let mut out = Vec::with_capacity(text.len() + 10);
    put_text(&mut out, text.as_bytes());
    out.into()
}

/// The head of the one frame of a message; its payload follows as it is, for what a server sends is not masked.
pub(crate) fn message_head(kind: Data, length: usize) -> Bytes {
    let mut out = Vec::with_capacity(10);
    put_head(&mut out, kind, length);
    out.into()
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_head(out, Data::Text, text.len());
    out.extend_from_slice(text);
}

fn put_head(out: &mut Vec<u8>, kind: Data, length: usize) {
    let header = FrameHeader {
        opcode: OpCode::Data(kind),
        ..FrameHeader::default()
    };
    let done = header.format(length as u64, out);
    done.expect("writing into memory does not fail");
}

fn encode(frame: Frame) -> Bytes {
    let mut out = Vec::with_capacity(frame.len());
    let done = frame.format(&mut out);
    done.expect("writing into memory does not fail");
    out.into()
}

fn is_close(frame: &[u8]) -> bool {
    /// RFC 6455 5.2: FIN, no reserved bits, opcode 8.
    const CLOSE: u8 = 0x88;
    frame.first() == Some(&CLOSE)
}
