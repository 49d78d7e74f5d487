//! Chain of decoders, one for each coding of a body. Each decoder stores at most one piece of output, so that a small
//! body that decodes to a huge one uses little memory. This module does not read headers or sockets.

use bytes::Bytes;
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::{
    BrotliDecoder, DecodeV2, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use feedscope_core::connection::Failure;
use feedscope_core::safe_text::excerpt;

use super::coding::Coding;

/// Largest size of a decoded piece in bytes.
const PIECE_BYTES: usize = 32 << 10;

/// Number of bytes of trailing garbage that are kept for the sentence about it.
const GARBAGE_SAMPLE: usize = 256;

/// First bytes of gzip data (RFC 1952, 2.3.1).
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// First bytes of a zstd frame (RFC 8878, 3.1.1).
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Decoders of one body.
pub(super) struct Decoding {
    /// Decoders in the order in which they run. The first one reads the bytes of the body, and the last one writes the
    /// decoded bytes.
    stages: Vec<Stage>,
    buffer: Box<[u8]>,
}

impl Decoding {
    /// Creates the decoders for codings in the order in which they were applied.
    pub(super) fn new(applied: &[Coding]) -> Self {
        Self {
            stages: applied
                .iter()
                .rev()
                .map(|&coding| Stage::new(coding))
                .collect(),
            buffer: vec![0; PIECE_BYTES].into(),
        }
    }

    /// Adds received bytes. The pieces of earlier bytes must have been taken.
    pub(super) fn push(&mut self, chunk: Bytes) {
        if let Some(first) = self.stages.first_mut() {
            first.input = chunk;
        }
    }

    /// Returns the next decoded piece; `None` if more bytes are needed for it.
    pub(super) fn next_piece(&mut self) -> Result<Option<Bytes>, Failure> {
        let last = self.stages.len() - 1;
        // The last decoder runs first. Each one that needs input runs the one before it.
        let mut at = last;
        loop {
            let written = self.stages[at].decode(&mut self.buffer)?;
            let piece = Bytes::copy_from_slice(&self.buffer[..written]);
            match (piece.is_empty(), at) {
                (true, 0) => return Ok(None),
                (true, _) => at -= 1,
                (false, _) if at == last => return Ok(Some(piece)),
                (false, _) => {
                    at += 1;
                    self.stages[at].input = piece;
                }
            }
        }
    }

    /// Returns a sentence about bytes that are missing or were ignored, after the body has ended.
    pub(super) fn remark(&mut self) -> Option<String> {
        let buffer = &mut self.buffer;
        self.stages
            .iter_mut()
            .find_map(|stage| stage.remark(buffer))
    }
}

/// Decoder with its input.
struct Stage {
    coding: Coding,
    /// `None` until the first byte shows which of the three formats of deflate data it is.
    decoder: Option<Box<dyn DecodeV2 + Send>>,
    input: Bytes,
    /// Copy of the first input, for the sentence on data that has another form.
    start: Bytes,
    phase: Phase,
    has_output: bool,
    /// True if the last call filled the output buffer, so that the decoder may hold more output.
    is_output_full: bool,
    /// Fault that was found after some output, which is delivered first.
    fault: Option<String>,
}

/// Position of a decoder in its data.
enum Phase {
    /// Before the first byte.
    Start,
    /// Inside a gzip member or a zstd frame.
    Inside,
    /// After a member or frame. The stored bytes may begin another one.
    Between { held: Vec<u8> },
    /// After the end of all data. The bytes that follow are ignored, as gunzip and curl do.
    Garbage { bytes: u64, first: Vec<u8> },
}

impl Stage {
    fn new(coding: Coding) -> Self {
        Self {
            coding,
            decoder: None,
            input: Bytes::new(),
            start: Bytes::new(),
            phase: Phase::Start,
            has_output: false,
            is_output_full: false,
            fault: None,
        }
    }

    /// Decodes into `buffer`. Returns the number of bytes written. It is 0 only if more input is needed.
    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        if let Some(fault) = self.fault.take() {
            return Err(self.damaged(&fault));
        }
        loop {
            match &mut self.phase {
                Phase::Start => {
                    let Some(&first) = self.input.first() else {
                        return Ok(0);
                    };
                    self.start = self.input.clone();
                    self.decoder = Some(decoder(self.coding, first));
                    self.phase = Phase::Inside;
                }
                Phase::Inside => {
                    // A decoder whose output did not fill the buffer has no more output without more input.
                    if self.input.is_empty() && !self.is_output_full {
                        return Ok(0);
                    }
                    let written = self.decode_inside(buffer)?;
                    if written > 0 {
                        return Ok(written);
                    }
                }
                Phase::Between { held } => {
                    let Some(next) = next_member(self.coding, held, &mut self.input) else {
                        return Ok(0);
                    };
                    match next {
                        Next::Member(start) => self.begin_member(start)?,
                        Next::Garbage(first) => {
                            let bytes = first.len() as u64;
                            self.phase = Phase::Garbage { bytes, first };
                        }
                    }
                }
                Phase::Garbage { bytes, first } => {
                    let room = GARBAGE_SAMPLE.saturating_sub(first.len());
                    first.extend_from_slice(&self.input[..self.input.len().min(room)]);
                    *bytes += self.input.len() as u64;
                    self.input = Bytes::new();
                    return Ok(0);
                }
            }
        }
    }

    fn decode_inside(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(0);
        };
        let mut input = PartialBuffer::new(&self.input[..]);
        let mut output = WriteBuffer::new_initialized(buffer);
        let decoded = if self.input.is_empty() && self.coding != Coding::Zstd {
            // A call without input returns stored output only with the zstd decoder.
            decoder.flush(&mut output).map(|_flushed| false)
        } else {
            decoder.decode(&mut input, &mut output)
        };
        let (read, written) = (input.written_len(), output.written_len());
        self.is_output_full = output.has_no_spare_space();
        self.has_output |= written > 0;
        match decoded {
            Ok(true) => self.phase = Phase::Between { held: Vec::new() },
            // Without this check, such a decoder would run for ever.
            Ok(false) if read == 0 && written == 0 && !self.input.is_empty() => {
                return Err(self.damaged("the decoder does not proceed"));
            }
            Ok(false) => {}
            Err(error) if written > 0 => self.fault = Some(error.to_string()),
            Err(error) => return Err(self.damaged(&error.to_string())),
        }
        self.input = self.input.slice(read..);
        Ok(written)
    }

    /// Begins another gzip member or zstd frame, whose first bytes are in `start` and the rest in the input.
    fn begin_member(&mut self, start: Vec<u8>) -> Result<(), Failure> {
        if let Some(decoder) = &mut self.decoder
            && let Err(error) = decoder.reinit()
        {
            return Err(self.damaged(&error.to_string()));
        }
        let mut bytes = start;
        bytes.extend_from_slice(&self.input);
        self.input = bytes.into();
        self.phase = Phase::Inside;
        Ok(())
    }

    fn damaged(&self, detail: &str) -> Failure {
        let coding = self.coding.name().to_owned();
        let detail = if self.has_output {
            detail.to_owned()
        } else {
            format!(
                "it does not begin like {coding} data: {}",
                excerpt(&self.start)
            )
        };
        Failure::DamagedCoding { coding, detail }
    }

    fn remark(&mut self, buffer: &mut [u8]) -> Option<String> {
        let name = self.coding.name();
        match &self.phase {
            Phase::Start => None,
            Phase::Inside => {
                let mut output = WriteBuffer::new_initialized(buffer);
                let is_whole = self
                    .decoder
                    .as_mut()
                    .is_some_and(|decoder| decoder.finish(&mut output).unwrap_or(false));
                (!is_whole).then(|| {
                    format!(
                        "the {name} data of the body ended without its end mark; its last bytes may be missing"
                    )
                })
            }
            Phase::Between { held } if held.is_empty() => None,
            Phase::Between { held } => Some(garbage(name, held.len() as u64, held)),
            Phase::Garbage { bytes, first } => Some(garbage(name, *bytes, first)),
        }
    }
}

fn garbage(name: &str, bytes: u64, first: &[u8]) -> String {
    format!(
        "ignored {bytes} bytes after the end of the {name} data of the body: {}",
        excerpt(first)
    )
}

/// Returns the decoder for data that begins with this byte.
///
/// Servers disagree about `deflate`. Some send zlib data (RFC 1950), as the standard requires, others send raw deflate
/// data (RFC 1951), and some exchange it with `gzip`. The first byte distinguishes these formats. zlib data has 8 in
/// its low half, which no deflate encoder writes. 0x1F is the first byte of gzip data and of no deflate data.
fn decoder(coding: Coding, first: u8) -> Box<dyn DecodeV2 + Send> {
    match coding {
        Coding::Brotli => Box::new(BrotliDecoder::new()),
        Coding::Zstd => Box::new(ZstdDecoder::new()),
        Coding::Gzip | Coding::Deflate if first == GZIP_MAGIC[0] => Box::new(GzipDecoder::new()),
        Coding::Gzip | Coding::Deflate if first & 0x0f == 8 => Box::new(ZlibDecoder::new()),
        Coding::Gzip => Box::new(GzipDecoder::new()),
        Coding::Deflate => Box::new(DeflateDecoder::new()),
    }
}

/// Data after the end of a member or frame.
enum Next {
    /// Another member or frame with these first bytes.
    Member(Vec<u8>),
    /// Other data with these first bytes.
    Garbage(Vec<u8>),
}

/// Moves bytes from `input` to `held` until they show the kind of the next data; `None` if more input is needed.
fn next_member(coding: Coding, held: &mut Vec<u8>, input: &mut Bytes) -> Option<Next> {
    if coding == Coding::Gzip && held.is_empty() {
        // gunzip skips zeros between and after members, because tapes are filled up with zeros.
        let zeros = input.iter().take_while(|&&byte| byte == 0).count();
        *input = input.slice(zeros..);
    }
    while !input.is_empty() {
        held.push(input[0]);
        *input = input.slice(1..);
        match begins_member(coding, held) {
            None => {}
            Some(true) => return Some(Next::Member(std::mem::take(held))),
            Some(false) => return Some(Next::Garbage(std::mem::take(held))),
        }
    }
    None
}

/// Returns true for the first bytes of a member or frame, `None` if there are too few of them.
fn begins_member(coding: Coding, bytes: &[u8]) -> Option<bool> {
    let magic = match coding {
        Coding::Gzip => GZIP_MAGIC,
        // Skippable frames (RFC 8878, 3.1.2) begin with 0x50 to 0x5F and have the same length of magic number.
        Coding::Zstd if bytes[0] & 0xf0 == 0x50 => &[0x50, 0x2a, 0x4d, 0x18],
        Coding::Zstd => ZSTD_MAGIC,
        Coding::Brotli | Coding::Deflate => return Some(false),
    };
    let is_skippable = magic[0] == 0x50;
    let mut pairs = bytes.iter().zip(magic).enumerate();
    let fits = pairs.all(|(at, (byte, expected))| byte == expected || (is_skippable && at == 0));
    match (fits, bytes.len() >= magic.len()) {
        (false, _) => Some(false),
        (true, true) => Some(true),
        (true, false) => None,
    }
}

#[cfg(test)]
mod tests;
