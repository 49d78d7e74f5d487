//! Frames that wait to be written to one WebSocket, and the loop that writes them. Every frame goes out whole, in the
//! order in which it was pushed; after a close frame nothing does. Never reads.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tungstenite::Bytes;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};

use crate::budget::{Account, Budget, Holder};
use crate::connection::{BUFFER, Connection};
use crate::source::{Due, Item, Source};

/// Reading from a client pauses while more than this waits to be written to it.
pub(crate) const MOST_UNREAD: usize = 4 << 20;

/// Frames shorter than this are gathered into one write.
const SHORT: usize = 16 << 10;

/// Most bytes that items of a source are gathered into for one write.
const MOST_GATHERED: usize = 64 << 10;

/// Time limit for the answer of a client to a close frame.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// The sending side of one WebSocket.
#[derive(Debug)]
pub(crate) struct Outbox {
    connection: Arc<Connection>,
    account: Account,
    most: usize,
    queue: Mutex<Queue>,
    room: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    /// The size of `frames`.
    queued: Size,
    /// The size of those that are being written.
    writing: Size,
    /// The last frame has been pushed.
    ended: bool,
}

/// The size of some frames.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    frames: usize,
    bytes: usize,
}

impl Size {
    /// Bytes of memory that they take: their own, and those for keeping each of them.
    fn memory(self) -> usize {
        /// A place in the queue, and the allocation behind it.
        const EACH: usize = 128;
        self.bytes + self.frames * EACH
    }

    fn add(&mut self, frame: &Bytes) {
        self.frames += 1;
        self.bytes += frame.len();
    }

    fn remove(&mut self, frame: &Bytes) {
        self.frames -= 1;
        self.bytes -= frame.len();
    }

    fn of(frames: &[Bytes]) -> Self {
        let mut size = Self::default();
        for frame in frames {
            size.add(frame);
        }
        size
    }
}

impl Outbox {
    /// An outbox that cuts the client off where more than `most` bytes wait for it.
    pub(crate) fn new(connection: Arc<Connection>, budget: &Arc<Budget>, most: usize) -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| Self {
            connection,
            account: budget.open(this.clone()),
            most,
            queue: Mutex::default(),
            room: Condvar::new(),
        })
    }

    /// Bytes that this WebSocket keeps in memory.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Pushes the pieces of one frame and returns at once. Where too much waits already, the client is cut off.
    pub(crate) fn push<const N: usize>(&self, frames: [Bytes; N]) {
        let queue = self.queue.lock();
        let (ended, is_full) = (queue.ended, queue.memory() > self.most);
        drop(queue);
        if ended {
            return;
        }
        if is_full {
            self.evict();
        } else {
            self.add(frames);
        }
    }

    /// Waits while the client leaves too much unread. The reading thread calls this before each message.
    pub(crate) fn wait_for_room(&self) {
        let mut queue = self.queue.lock();
        while queue.memory() > MOST_UNREAD && !queue.ended {
            self.room.wait(&mut queue);
        }
    }

    /// True when nothing more will be written.
    pub(crate) fn has_ended(&self) -> bool {
        self.queue.lock().ended
    }

    fn add<const N: usize>(&self, frames: [Bytes; N]) {
        let memory = Size::of(&frames).memory();
        // Counted first, because the writer may be quick; without the lock, because this may evict the client itself.
        self.account.add(memory);
        let mut queue = self.queue.lock();
        if queue.ended {
            drop(queue);
            self.account.release(memory);
            return;
        }
        // RFC 6455 5.5.1: nothing is sent after a close frame. What follows the first may be a bare payload.
        queue.ended = frames.first().is_some_and(|frame| is_close(frame));
        for frame in frames {
            queue.queued.add(&frame);
            queue.frames.push_back(frame);
        }
        self.connection.set_waiting(queue.waiting());
        drop(queue);
        self.connection.poke();
    }

    /// Begins the closing handshake, unless that has happened.
    pub(crate) fn close(&self, code: CloseCode, reason: &'static str) {
        let frame = Frame::close(Some(CloseFrame {
            code,
            reason: reason.into(),
        }));
        self.add([encode(frame)]);
    }

    /// Writes until the last frame is out or the connection is over, then ends it. Runs on a thread of its own.
    pub(crate) fn run(&self, source: Option<Box<dyn Source>>) {
        if self.write_all(source).is_ok() {
            self.connection.end_writing();
            self.connection.cut_after(CLOSE_TIME);
        }
        self.evict();
    }

    fn write_all(&self, mut source: Option<Box<dyn Source>>) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(BUFFER);
        loop {
            let idle = !self.write_queued(&mut buffer)?;
            match self.queue.lock().left_after_the_end() {
                None => {}
                Some(0) => return Ok(()),
                // Nothing of a source may follow once the last frame is in the queue.
                Some(_) => continue,
            }
            let now = self.connection.clock().now();
            let until = match source.as_ref().map_or(Due::WhenPoked, |s| s.due(now)) {
                Due::Now => {
                    let source = source.as_mut().expect("it has just said something");
                    self.connection.hold_while_stalled(|| source.waiting());
                    source.fill(now, &mut |item| self.put_item(&mut buffer, item))?;
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

    /// Writes one long frame or several short ones. False where none waited. Leaves `buffer` empty.
    fn write_queued(&self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let mut queue = self.queue.lock();
        let long = queue.take_next(buffer);
        let written = queue.writing;
        drop(queue);
        if written.frames == 0 {
            return Ok(false);
        }
        let result = self.connection.write(long.as_deref().unwrap_or(buffer));
        drop(long);
        buffer.clear();
        let mut queue = self.queue.lock();
        queue.writing = Size::default();
        self.connection.set_waiting(queue.waiting());
        drop(queue);
        self.room.notify_all();
        self.account.release(written.memory());
        result.map(|()| true)
    }

    /// Appends an item to `buffer`, and writes that out where it would become too long.
    fn put_item(&self, buffer: &mut Vec<u8>, item: Item<'_>) -> io::Result<()> {
        put_head(buffer, Data::Text, item.data.len());
        item.data.pieces(|piece| {
            if buffer.len() + piece.len() > MOST_GATHERED {
                self.connection.write(buffer)?;
                buffer.clear();
            }
            buffer.extend_from_slice(piece);
            Ok(())
        })
    }
}

impl Holder for Outbox {
    fn evict(&self) {
        let mut queue = self.queue.lock();
        let freed = std::mem::take(&mut queue.queued);
        queue.ended = true;
        let frames = std::mem::take(&mut queue.frames);
        drop(queue);
        drop(frames);
        self.connection.cut();
        self.room.notify_all();
        self.account.release(freed.memory());
    }
}

impl Queue {
    /// The number of frames that are left, where the last one has been pushed.
    fn left_after_the_end(&self) -> Option<usize> {
        self.ended.then_some(self.frames.len())
    }

    /// Bytes that wait to be sent.
    fn waiting(&self) -> usize {
        self.queued.bytes + self.writing.bytes
    }

    fn memory(&self) -> usize {
        self.queued.memory() + self.writing.memory()
    }

    /// Takes the next frame out where it is a long one. Moves the next short ones into `buffer` otherwise.
    fn take_next(&mut self, buffer: &mut Vec<u8>) -> Option<Bytes> {
        while let Some(frame) = self.frames.pop_front_if(|frame| frame.len() < SHORT) {
            self.queued.remove(&frame);
            self.writing.add(&frame);
            buffer.extend_from_slice(&frame);
            if buffer.len() >= SHORT {
                return None;
            }
        }
        if !buffer.is_empty() {
            return None;
        }
        let long = self.frames.pop_front()?;
        self.queued.remove(&long);
        self.writing.add(&long);
        Some(long)
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
