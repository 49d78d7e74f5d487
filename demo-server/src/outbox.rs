//! Frames that wait to be written to one WebSocket, and the loop that writes them. Every frame is written completely,
//! in the order of the pushes. No frame follows a close frame. This module does not read.

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
use crate::source::{Due, Source, SourceItem};

/// Number of waiting bytes from which reading from the client pauses.
pub(crate) const MOST_UNREAD: usize = 4 << 20;

/// Length in bytes below which frames are combined into one write.
const SHORT: usize = 16 << 10;

/// Largest number of bytes of a source's items that are combined into one write.
const MOST_GATHERED: usize = 64 << 10;

/// Time limit for the answer of a client to a close frame.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Sending side of one WebSocket.
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
    /// Size of `frames`.
    queued: Size,
    /// Size of the frames that are being written.
    writing: Size,
    /// True after the last frame was pushed.
    ended: bool,
}

/// Size of some frames.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    frames: usize,
    bytes: usize,
}

impl Size {
    /// Returns the memory of the frames in bytes, including the memory for storing each of them.
    fn memory(self) -> usize {
        /// Bytes for an entry in the queue, and for its allocation.
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
    /// Creates an outbox that cuts the connection if more than `most` bytes wait for the client.
    pub(crate) fn new(connection: Arc<Connection>, budget: &Arc<Budget>, most: usize) -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| Self {
            connection,
            account: budget.open(this.clone()),
            most,
            queue: Mutex::default(),
            room: Condvar::new(),
        })
    }

    /// Returns the account of the bytes that this WebSocket stores in memory.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Pushes the pieces of one frame and returns at once. If too many bytes wait already, the connection is cut.
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

    /// Waits while the client leaves too many bytes unread. The reading thread calls this before each message.
    pub(crate) fn wait_for_room(&self) {
        let mut queue = self.queue.lock();
        while queue.memory() > MOST_UNREAD && !queue.ended {
            self.room.wait(&mut queue);
        }
    }

    /// Returns true if nothing more will be written.
    pub(crate) fn has_ended(&self) -> bool {
        self.queue.lock().ended
    }

    fn add<const N: usize>(&self, frames: [Bytes; N]) {
        let memory = Size::of(&frames).memory();
        // The bytes are counted first, because the writer may be fast. The lock is not held, because counting may evict
        // this client.
        self.account.add(memory);
        let mut queue = self.queue.lock();
        if queue.ended {
            drop(queue);
            self.account.release(memory);
            return;
        }
        // RFC 6455 5.5.1: no frame follows a close frame. The pieces after the first may be a bare payload.
        queue.ended = frames.first().is_some_and(|frame| is_close(frame));
        for frame in frames {
            queue.queued.add(&frame);
            queue.frames.push_back(frame);
        }
        self.connection.set_waiting(queue.waiting());
        drop(queue);
        self.connection.poke();
    }

    /// Begins the closing handshake, unless it has already begun.
    pub(crate) fn close(&self, code: CloseCode, reason: &'static str) {
        let frame = Frame::close(Some(CloseFrame {
            code,
            reason: reason.into(),
        }));
        self.add([encode(frame)]);
    }

    /// Writes until the last frame was written or the connection is over, and then ends the connection. Runs on a
    /// separate thread.
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
            // Queued frames precede the items of the source.
            let idle = !self.write_queued(&mut buffer)?;
            match self.queue.lock().left_after_the_end() {
                None => {}
                Some(0) => return Ok(()),
                // No item of a source may follow the last frame in the queue.
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

    /// Writes one long frame or several short ones. Returns false if none waited. `buffer` is empty afterwards.
    fn write_queued(&self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let mut queue = self.queue.lock();
        let long = queue.take_next(buffer);
        let written = queue.writing;
        drop(queue);
        if written.frames == 0 {
            return Ok(false);
        }
        let result = self.connection.write(long.as_deref().unwrap_or(buffer));
        // The memory of the frame is freed before its bytes are released from the account.
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

    /// Appends an item to `buffer`. If the buffer would become too long, it is written first.
    fn put_item(&self, buffer: &mut Vec<u8>, item: SourceItem<'_>) -> io::Result<()> {
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
        // The frames are freed without the lock, because there may be many.
        drop(frames);
        self.connection.cut();
        self.room.notify_all();
        self.account.release(freed.memory());
    }
}

impl Queue {
    /// Returns the number of remaining frames, if the last frame was pushed.
    fn left_after_the_end(&self) -> Option<usize> {
        self.ended.then_some(self.frames.len())
    }

    /// Returns the number of bytes that wait to be sent.
    fn waiting(&self) -> usize {
        self.queued.bytes + self.writing.bytes
    }

    fn memory(&self) -> usize {
        self.queued.memory() + self.writing.memory()
    }

    /// Removes and returns the next frame if it is long. Otherwise moves the next short frames into `buffer`.
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

/// Returns the frame of a whole text message.
pub(crate) fn text_frame(text: &str) -> Bytes {
    let mut out = Vec::with_capacity(text.len() + 10);
    put_text(&mut out, text.as_bytes());
    out.into()
}

/// Returns the head of a message with one frame. The payload follows unchanged, because frames of a server are not
/// masked.
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
    /// First byte of a close frame: FIN, no reserved bits, opcode 8 (RFC 6455 5.2).
    const CLOSE: u8 = 0x88;
    frame.first() == Some(&CLOSE)
}
