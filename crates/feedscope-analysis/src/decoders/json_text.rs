//! Writer of JSON text for decoded values, with a bound on its size.
//!
//! It has forms for values that JSON lacks: bytes, extensions and times. The caller writes the brackets and commas.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feedscope_core::Timestamp;

use super::failure::{DecodeProblem, StepFailure};

/// Maximum depth of nested values. Views of JSON have similar limits.
pub(super) const MAX_DEPTH: usize = 256;

/// JSON text that grows up to a limit.
pub(super) struct JsonText {
    bytes: Vec<u8>,
    limit: usize,
    input_bytes: usize,
}

impl JsonText {
    /// Creates an empty text. Its limit is reported with the ratio to the input.
    pub(super) fn new(limit: usize, input_bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(input_bytes.saturating_mul(2).min(limit)),
            limit,
            input_bytes,
        }
    }

    /// Creates an empty text with the same limit, for a part.
    pub(super) fn part(&self) -> Self {
        Self {
            bytes: Vec::new(),
            limit: self.limit,
            input_bytes: self.input_bytes,
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Removes everything after the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Inserts a bracket at `place`, for a list that is known to be one only after its first item.
    pub(super) fn insert(&mut self, place: usize, byte: u8) {
        self.bytes.insert(place, byte);
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn raw(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
    }

    /// Returns an error if the text is too large. `at` is the position in the input.
    pub(super) fn check(&self, at: usize) -> Result<(), StepFailure> {
        if self.bytes.len() > self.limit {
            return Err(StepFailure::too_large(at, self.limit, self.input_bytes));
        }
        Ok(())
    }

    pub(super) fn unsigned(&mut self, value: u64) {
        self.serialized(&value);
    }

    pub(super) fn signed(&mut self, value: i64) {
        self.serialized(&value);
    }

    /// Appends a number with the fewest digits that identify it; `null` for NaN and infinities.
    pub(super) fn float(&mut self, value: f64) {
        self.serialized(&value);
    }

    /// Appends a number of 32 bits with the fewest digits that identify it.
    pub(super) fn float32(&mut self, value: f32) {
        self.serialized(&value);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.serialized(text);
    }

    /// Appends the text of `bytes`, or their form as bytes if they are not UTF-8.
    pub(super) fn text_or_bytes(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text),
            Err(_not_text) => self.blob(bytes),
        }
    }

    pub(super) fn blob(&mut self, bytes: &[u8]) {
        self.raw(b"{\"$bytes\":\"");
        self.base64(bytes);
        self.raw(b"\"}");
    }

    pub(super) fn extension(&mut self, kind: i64, bytes: &[u8]) {
        self.raw(b"{\"$ext\":");
        self.signed(kind);
        self.raw(b",\"data\":\"");
        self.base64(bytes);
        self.raw(b"\"}");
    }

    /// Appends a time in ISO 8601; returns false for a time outside of the calendar.
    pub(super) fn time(&mut self, seconds: i64, nanos: u32) -> bool {
        /// Start of the year 0000 and end of the year 9999, in seconds.
        const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;
        /// Length of a time up to its seconds.
        const TO_SECONDS: usize = "2026-11-26T22:10:00".len();
        if !RANGE.contains(&seconds) || nanos > 999_999_999 {
            return false;
        }
        let written = Timestamp::from_micros(seconds * 1_000_000).to_rfc3339();
        self.push(b'"');
        self.raw(&written[..TO_SECONDS]);
        if nanos > 0 {
            let fraction = format!("{nanos:09}");
            self.push(b'.');
            self.raw(fraction.trim_end_matches('0').as_bytes());
        }
        self.raw(b"Z\"");
        true
    }

    /// Appends the name of a member, and a colon. A name that is not text is its JSON text.
    pub(super) fn name(&mut self, value: &[u8]) {
        if value.starts_with(b"\"") {
            self.raw(value);
        } else {
            self.text(&String::from_utf8_lossy(value));
        }
        self.push(b':');
    }

    fn base64(&mut self, bytes: &[u8]) {
        let start = self.bytes.len();
        self.bytes.resize(start + bytes.len().div_ceil(3) * 4, 0);
        // The room is computed from the same length.
        let written = STANDARD
            .encode_slice(bytes, &mut self.bytes[start..])
            .unwrap_or(0);
        self.bytes.truncate(start + written);
    }

    fn serialized<T: serde::Serialize + ?Sized>(&mut self, value: &T) {
        // A vector takes all bytes, and numbers and texts always serialize.
        serde_json::to_writer(&mut self.bytes, value).ok();
    }
}

/// Reads values until the end of the input. Several values are a list.
pub(super) fn all_values(
    input: &[u8],
    limit: usize,
    mut value: impl FnMut(&mut JsonText, usize) -> Result<usize, StepFailure>,
) -> Result<Vec<u8>, StepFailure> {
    let mut out = JsonText::new(limit, input.len());
    let mut at = value(&mut out, 0)?;
    if at < input.len() {
        out.insert(0, b'[');
        while at < input.len() {
            out.push(b',');
            at = value(&mut out, at)?;
            out.check(at)?;
        }
        out.push(b']');
    }
    out.check(at)?;
    Ok(out.into_bytes())
}

/// Returns `length` bytes of the input from `at` on, or a failure at the end of the input.
pub(super) fn taken(input: &[u8], at: usize, length: usize) -> Result<&[u8], StepFailure> {
    let end = at.checked_add(length);
    end.and_then(|end| input.get(at..end))
        .ok_or_else(|| StepFailure::new(input.len(), DecodeProblem::Cut))
}
