//! Messages to compressed payloads (RFC 7692 7.2.1). It knows no frames and never decides which message is worth it.

use flate2::{Compress, Compression, FlushCompress};

use super::output_buffer::OutputBuffer;
use crate::decode::WindowBits;

/// The smallest window that zlib compresses raw data with. Agreed on a window of 2^8 bytes, we use this one of 2^9: zlib
/// keeps 262 bytes of a window for what it looks ahead, so that it never refers further back than 250 bytes.
const SMALLEST_WINDOW_BITS: u8 = 9;

/// What the output grows by at least.
const SMALLEST_STEP: usize = 1 << 10;

/// With less room than this zlib may write a flush twice.
const SMALLEST_ROOM: usize = 16;

/// What every flush ends with and RFC 7692 7.2.1 has taken off.
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// RFC 7692 7.2.3.6: an empty message, compressed.
const EMPTY: &[u8] = &[0x00];

/// Compresses the messages of one direction of a connection.
#[derive(Debug)]
pub(super) struct Deflater {
    window_bits: WindowBits,
    /// Whether messages refer to those before them.
    context_takeover: bool,
    /// Made for the first message, since most feeds send none and it takes a quarter of a MiB.
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

    /// Compresses a message; returns nothing where it is better sent as it is.
    pub(super) fn compress(&mut self, message: &[u8]) -> Option<&[u8]> {
        if message.is_empty() {
            return Some(EMPTY);
        }
        self.output.truncate(0);
        if !self.write(message) {
            // A new one begins without a past, which the peer can follow at any time.
            self.stream = None;
            return None;
        }
        if let Some(payload) = self.output.filled().strip_suffix(&TAIL) {
            let length = payload.len();
            self.output.truncate(length);
        }
        if self.context_takeover {
            // Also where it got longer: messages to come refer to it.
            return Some(self.output.filled());
        }
        if let Some(stream) = &mut self.stream {
            stream.reset();
        }
        (self.output.len() < message.len()).then_some(self.output.filled())
    }

    /// Lets memory go that a huge message left behind.
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
            // Room that is left says that all of it came out.
            if rest.is_empty() && self.output.has_room() {
                return true;
            }
        }
    }
}
