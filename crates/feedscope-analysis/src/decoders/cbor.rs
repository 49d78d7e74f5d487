//! CBOR (RFC 8949) to JSON text. A sequence of values (RFC 8742) is a list.

use std::fmt::Write as _;

use ciborium_ll::{Decoder, Error, Header};

use super::cursor::Cursor;
use super::failure::{DecodeProblem, StepFailure};
use super::json_text::{JsonText, MAX_DEPTH, all_values};

/// Tags that have a meaning here (RFC 8949 3.4). Other tags are passed over, because they only explain the value.
mod tag {
    pub(super) const EPOCH_TIME: u64 = 1;
    pub(super) const POSITIVE_BIGNUM: u64 = 2;
    pub(super) const NEGATIVE_BIGNUM: u64 = 3;
}

/// Longest big number that is written in digits. The work grows with the square of its length.
const LONGEST_BIGNUM: usize = 512;

/// Returns the JSON text of the values in `input`.
pub(super) fn to_json(input: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    all_values(input, limit, |out, at| {
        let mut reader = CborReader {
            cursor: Cursor { input, at },
        };
        reader.value(out, 0)?;
        Ok(reader.cursor.at)
    })
}

struct CborReader<'a> {
    cursor: Cursor<'a>,
}

impl CborReader<'_> {
    fn header(&mut self) -> Result<Header, StepFailure> {
        let rest = &self.cursor.input[self.cursor.at..];
        let mut decoder = Decoder::from(rest);
        match decoder.pull() {
            Ok(header) => {
                self.cursor.at += decoder.offset();
                Ok(header)
            }
            Err(Error::Io(_)) => Err(StepFailure::new(
                self.cursor.input.len(),
                DecodeProblem::Cut,
            )),
            Err(Error::Syntax(_)) => Err(StepFailure::wrong(
                self.cursor.at,
                "no value begins with this byte",
            )),
        }
    }

    fn value(&mut self, out: &mut JsonText, depth: usize) -> Result<(), StepFailure> {
        out.check(self.cursor.at)?;
        let start = self.cursor.at;
        match self.header()? {
            Header::Break => Err(StepFailure::wrong(start, "a break ends nothing")),
            header => self.value_of(header, out, start, depth),
        }
    }

    fn value_of(
        &mut self,
        header: Header,
        out: &mut JsonText,
        start: usize,
        depth: usize,
    ) -> Result<(), StepFailure> {
        if depth == MAX_DEPTH {
            return Err(StepFailure::new(start, DecodeProblem::TooDeep));
        }
        match header {
            Header::Positive(value) => out.unsigned(value),
            // RFC 8949 3.1: the value is -1 minus the number, which needs 65 bits.
            Header::Negative(value) => out.raw((-1 - i128::from(value)).to_string().as_bytes()),
            Header::Float(value) => out.float(value),
            Header::Simple(20) => out.raw(b"false"),
            Header::Simple(21) => out.raw(b"true"),
            Header::Simple(22 | 23) => out.raw(b"null"),
            Header::Simple(value) => {
                out.raw(b"{\"$simple\":");
                out.unsigned(u64::from(value));
                out.push(b'}');
            }
            Header::Break => return Err(StepFailure::wrong(start, "a break ends nothing")),
            Header::Tag(tag) => return self.tagged(tag, out, depth),
            Header::Bytes(length) => out.blob(&self.string(length, false)?),
            Header::Text(length) => {
                let text = self.string(length, true)?;
                out.text_or_bytes(&text);
            }
            Header::Array(length) => {
                out.push(b'[');
                let mut place = 0;
                while let Some((header, start)) = self.next(length, place)? {
                    if place > 0 {
                        out.push(b',');
                    }
                    self.value_of(header, out, start, depth + 1)?;
                    out.check(self.cursor.at)?;
                    place += 1;
                }
                out.push(b']');
            }
            Header::Map(length) => {
                out.push(b'{');
                let mut place = 0;
                while let Some((header, start)) = self.next(length, place)? {
                    if place > 0 {
                        out.push(b',');
                    }
                    let name_start = out.len();
                    self.value_of(header, out, start, depth + 1)?;
                    let key = out.bytes()[name_start..].to_vec();
                    out.truncate(name_start);
                    out.name(&key);
                    self.value(out, depth + 1)?;
                    place += 1;
                }
                out.push(b'}');
            }
        }
        Ok(())
    }

    /// Returns the header of the next item; `None` after the last one.
    fn next(
        &mut self,
        length: Option<usize>,
        place: usize,
    ) -> Result<Option<(Header, usize)>, StepFailure> {
        if length == Some(place) {
            return Ok(None);
        }
        let start = self.cursor.at;
        match self.header()? {
            Header::Break if length.is_none() => Ok(None),
            header => Ok(Some((header, start))),
        }
    }

    /// Returns the bytes of a string, whose pieces may be apart.
    fn string(&mut self, length: Option<usize>, is_text: bool) -> Result<Vec<u8>, StepFailure> {
        if let Some(length) = length {
            return self.cursor.take(length).map(<[u8]>::to_vec);
        }
        let mut all = Vec::new();
        loop {
            let start = self.cursor.at;
            match self.header()? {
                Header::Break => return Ok(all),
                Header::Bytes(Some(length)) if !is_text => {
                    all.extend_from_slice(self.cursor.take(length)?);
                }
                Header::Text(Some(length)) if is_text => {
                    all.extend_from_slice(self.cursor.take(length)?);
                }
                _ => {
                    let reason = "a piece of a string has another type";
                    return Err(StepFailure::wrong(start, reason));
                }
            }
        }
    }

    fn tagged(&mut self, tag: u64, out: &mut JsonText, depth: usize) -> Result<(), StepFailure> {
        let start = self.cursor.at;
        let header = self.header()?;
        match (tag, header) {
            (tag::EPOCH_TIME, Header::Positive(seconds))
                if i64::try_from(seconds).is_ok_and(|seconds| out.time(seconds, 0)) =>
            {
                Ok(())
            }
            (tag::EPOCH_TIME, Header::Float(seconds)) if seconds.is_finite() => {
                let whole = seconds.floor();
                // Microseconds are what 64 bits of floating point hold for present times.
                let micros = ((seconds - whole) * 1e6).round().min(999_999.0) as u32;
                if !out.time(whole as i64, micros * 1_000) {
                    out.float(seconds);
                }
                Ok(())
            }
            (tag::POSITIVE_BIGNUM | tag::NEGATIVE_BIGNUM, Header::Bytes(length)) => {
                let bytes = self.string(length, false)?;
                if bytes.len() > LONGEST_BIGNUM {
                    out.blob(&bytes);
                } else {
                    let digits = decimal(&bytes, tag == tag::NEGATIVE_BIGNUM);
                    out.raw(digits.as_bytes());
                }
                Ok(())
            }
            _ => self.value_of(header, out, start, depth + 1),
        }
    }
}

/// Returns the decimal digits of a big number. A negative one is -1 minus the number.
fn decimal(bytes: &[u8], is_negative: bool) -> String {
    /// Nine decimal digits are computed at a time.
    const BASE: u64 = 1_000_000_000;
    // Least significant part first.
    let mut parts: Vec<u64> = vec![0];
    let mut add = |factor: u64, plus: u64| {
        let mut carry = plus;
        for part in &mut parts {
            let value = *part * factor + carry;
            *part = value % BASE;
            carry = value / BASE;
        }
        if carry > 0 {
            parts.push(carry);
        }
    };
    for byte in bytes {
        add(256, u64::from(*byte));
    }
    if is_negative {
        add(1, 1);
    }
    let mut text = if is_negative { "-" } else { "" }.to_owned();
    let mut parts = parts.iter().rev();
    if let Some(first) = parts.next() {
        text.push_str(&first.to_string());
    }
    for part in parts {
        // Writing to a string cannot fail.
        write!(text, "{part:09}").ok();
    }
    text
}
