//! Compressed payloads, with a bound on the output.

use std::io::Read as _;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::failure::{DecodeProblem, StepFailure};

/// Window of deflate in bits: 32 KiB, the largest.
const WINDOW_BITS: u8 = 15;

/// First size of an output, which grows up to the limit.
const FIRST_OUTPUT_BYTES: usize = 4 << 10;

/// Decompresses the members of a gzip file.
pub(super) fn gzip(encoded: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    let mut output = Vec::new();
    let mut at = 0;
    // An empty input is a member that is cut.
    while at < encoded.len() || at == 0 {
        if at > 0 && !encoded[at..].starts_with(&[0x1f, 0x8b]) {
            return Err(StepFailure::new(at, DecodeProblem::LeftOver));
        }
        let member = Decompress::new_gzip(WINDOW_BITS);
        at += inflate(member, encoded, at, &mut output, limit)?;
    }
    Ok(output)
}

/// Decompresses zlib's form.
pub(super) fn zlib(encoded: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    whole(Decompress::new(true), encoded, limit)
}

/// Decompresses deflate, raw or in zlib's form. Senders use the name for both.
pub(super) fn deflate(encoded: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    let raw = || whole(Decompress::new(false), encoded, limit);
    if !has_zlib_head(encoded) {
        return raw();
    }
    // Raw data may begin with these bytes by chance.
    zlib(encoded, limit).or_else(|failed| raw().map_err(|_of_raw| failed))
}

/// Returns true if the input begins with the two bytes of zlib (RFC 1950 2.2).
pub(super) fn has_zlib_head(encoded: &[u8]) -> bool {
    match encoded {
        [method, flags, ..] => {
            method & 0x0f == 8
                && method >> 4 <= 7
                && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31)
        }
        _ => false,
    }
}

fn whole(state: Decompress, encoded: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    let mut output = Vec::new();
    let end = inflate(state, encoded, 0, &mut output, limit)?;
    if end < encoded.len() {
        return Err(StepFailure::new(end, DecodeProblem::LeftOver));
    }
    Ok(output)
}

/// Appends the content of one stream that begins at `start`. Returns its length in the input.
fn inflate(
    mut state: Decompress,
    encoded: &[u8],
    start: usize,
    output: &mut Vec<u8>,
    limit: usize,
) -> Result<usize, StepFailure> {
    let input = &encoded[start..];
    loop {
        let at = state.total_in() as usize;
        if output.len() == output.capacity() {
            if output.len() >= limit {
                return Err(StepFailure::too_large(start + at, limit, encoded.len()));
            }
            // The capacity is doubled, but never beyond the limit.
            let wanted = (output.len() * 2).clamp(FIRST_OUTPUT_BYTES.min(limit), limit);
            output.reserve_exact(wanted - output.len());
        }
        // A call may only consume input, or only give output.
        let before = output.len();
        let status = state.decompress_vec(&input[at..], output, FlushDecompress::None);
        let is_stuck = state.total_in() as usize == at && output.len() == before;
        match status {
            Ok(Status::StreamEnd) => return Ok(state.total_in() as usize),
            Ok(Status::Ok | Status::BufError) if is_stuck && output.len() < output.capacity() => {
                return Err(StepFailure::new(encoded.len(), DecodeProblem::Cut));
            }
            Ok(Status::Ok | Status::BufError) => {}
            Err(_error) => {
                let at = start + state.total_in() as usize;
                return Err(StepFailure::wrong(at, "the compressed data is damaged"));
            }
        }
    }
}

/// Decompresses the frames of Zstandard.
pub(super) fn zstd(encoded: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    let mut output = Vec::new();
    let mut rest = encoded;
    let place = |rest: &[u8]| encoded.len() - rest.len();
    while !rest.is_empty() || rest.len() == encoded.len() {
        let start = place(rest);
        let mut frame = match StreamingDecoder::new(&mut rest) {
            Ok(frame) => frame,
            // RFC 8878 3.1.2: a skippable frame has no content.
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let Some(after) = rest.get(length as usize..) else {
                    return Err(StepFailure::new(encoded.len(), DecodeProblem::Cut));
                };
                rest = after;
                continue;
            }
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                return Err(StepFailure::wrong(start, "the frame needs too much memory"));
            }
            Err(FrameDecoderError::DictNotProvided { .. }) => {
                return Err(StepFailure::wrong(start, "the frame needs a dictionary"));
            }
            Err(_error) if start > 0 => {
                return Err(StepFailure::new(start, DecodeProblem::LeftOver));
            }
            Err(_error) if encoded.len() < 4 => {
                return Err(StepFailure::new(encoded.len(), DecodeProblem::Cut));
            }
            Err(_error) => return Err(StepFailure::wrong(start, "no frame begins here")),
        };
        // One byte more than the limit shows that the output is too large.
        let room = (limit + 1).saturating_sub(output.len()) as u64;
        let read = std::io::Read::by_ref(&mut frame)
            .take(room)
            .read_to_end(&mut output);
        drop(frame);
        if output.len() > limit {
            return Err(StepFailure::too_large(place(rest), limit, encoded.len()));
        }
        if read.is_err() {
            let at = place(rest);
            return Err(if rest.is_empty() {
                StepFailure::new(at, DecodeProblem::Cut)
            } else {
                StepFailure::wrong(at, "the compressed data is damaged")
            });
        }
    }
    Ok(output)
}

/// Decompresses a stream of brotli.
pub(super) fn brotli(encoded: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    let alloc = StandardAlloc::default;
    // A strict decoder refuses the large windows that RFC 7932 does not have, and that need up to 1 GiB of memory.
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let mut output = vec![0; FIRST_OUTPUT_BYTES.min(limit)];
    let (mut at, mut left) = (0, encoded.len());
    let (mut written, mut room) = (0, output.len());
    loop {
        // The state counts the whole output, and this count is not needed.
        let mut total = 0;
        let result = BrotliDecompressStream(
            &mut left,
            &mut at,
            encoded,
            &mut room,
            &mut written,
            &mut output,
            &mut total,
            &mut state,
        );
        match result {
            BrotliResult::ResultSuccess => break,
            BrotliResult::NeedsMoreInput => {
                return Err(StepFailure::new(encoded.len(), DecodeProblem::Cut));
            }
            BrotliResult::ResultFailure => {
                return Err(StepFailure::wrong(at, "the compressed data is damaged"));
            }
            BrotliResult::NeedsMoreOutput if output.len() >= limit => {
                return Err(StepFailure::too_large(at, limit, encoded.len()));
            }
            BrotliResult::NeedsMoreOutput => {
                output.resize((output.len() * 2).min(limit), 0);
                room = output.len() - written;
            }
        }
    }
    if left > 0 {
        return Err(StepFailure::new(at, DecodeProblem::LeftOver));
    }
    output.truncate(written);
    Ok(output)
}
