//! Compression of messages to payloads (RFC 7692 7.2.1). It handles no frames and does not select the messages to
//! compress.

use flate2::{Compress, Compression, FlushCompress};

use super::output_buffer::OutputBuffer;
use crate::decode::WindowBits;

/// Smallest window with which zlib compresses raw data.
///
/// If a window of 2^8 bytes is agreed on, this window of 2^9 bytes is used. zlib reserves 262 bytes of a window to look
/// ahead, so that it never refers back more than 250 bytes.
const SMALLEST_WINDOW_BITS: u8 = 9;

/// Minimum growth of the output.
const SMALLEST_STEP: usize = 1 << 10;

/// Minimum room for output. With less room, zlib may write a flush twice.
const SMALLEST_ROOM: usize = 16;

/// End of every flush, which RFC 7692 7.2.1 removes.
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// Compressed form of an empty message (RFC 7692 7.2.3.6).
const EMPTY: &[u8] = &[0x00];

/// Compressor for the messages of one direction of a connection.
#[derive(Debug)]
pub(super) struct Deflater {
    window_bits: WindowBits,
    /// True if messages may refer to earlier messages.
    context_takeover: bool,
    /// Created with the first message, because most feeds send none and it needs a quarter of a MiB.
    stream: Option<Compress>,
    output: OutputBuffer,
}

impl Deflater {
    pub(super) fn new(window_bits: WindowBits, context_takeover: bool) -> Self {
        Self {
            window_bits,
            context_takeover,
            stream: None,
            output: OutputBuffer::default(),
        }
    }

    /// Compresses a message. Returns `None` if the message should be sent uncompressed.
    pub(super) fn compress(&mut self, message: &[u8]) -> Option<&[u8]> {
        if message.is_empty() {
            return Some(EMPTY);
        }
        self.output.truncate(0);
        if !self.write(message) {
            // The next compressor starts without a history, which is valid at any time.
            self.stream = None;
            return None;
        }
        if let Some(payload) = self.output.filled().strip_suffix(&TAIL) {
            let length = payload.len();
            self.output.truncate(length);
        }
        if self.context_takeover {
            // Send it even if it became longer, because later messages refer to it.
            return Some(self.output.filled());
        }
        if let Some(stream) = &mut self.stream {
            stream.reset();
        }
        (self.output.len() < message.len()).then_some(self.output.filled())
    }

    /// Frees the memory that a huge message used.
    pub(super) fn let_go(&mut self, kept: usize) {
        self.output.truncate(0);
        self.output.shrink(kept);
    }

    fn write(&mut self, message: &[u8]) -> bool {
        let bits = self.window_bits.get().max(SMALLEST_WINDOW_BITS);
        let stream = self.stream.get_or_insert_with(|| {
            Compress::new_with_window_bits(Compression::default(), false, bits)
        });
        let mut rest = message;
        loop {
            // A flush needs a minimum room; see `SMALLEST_ROOM`.
            if self.output.room().len() < SMALLEST_ROOM {
                self.output.grow(self.output.len().max(SMALLEST_STEP));
            }
            let (taken_before, given_before) = (stream.total_in(), stream.total_out());
            let flush = FlushCompress::Sync;
            if stream.compress(rest, self.output.room(), flush).is_err() {
                return false;
            }
            rest = &rest[(stream.total_in() - taken_before) as usize..];
            self.output
                .advance((stream.total_out() - given_before) as usize);
            // If room is left, all output has been written.
            if rest.is_empty() && self.output.has_room() {
                return true;
            }
        }
    }
}
