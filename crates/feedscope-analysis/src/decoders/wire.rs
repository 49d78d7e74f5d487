//! Protocol Buffers without a schema: fields by their numbers, and the likely form of each value.
//!
//! The wire does not name types. Varints are shown as unsigned numbers. Eight or four bytes are shown as floating point
//! if that gives a usual number, else as an integer. Other values are text if they are printable, a message if they have
//! the form of one, else bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cursor::Cursor;
use super::failure::{DecodeProblem, StepFailure};
use super::json_text::JsonText;

/// Maximum depth of nested messages, as in the libraries of Protocol Buffers.
const MAX_DEPTH: usize = 100;

/// Returns the JSON text of a message.
pub(super) fn to_json(input: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    let mut out = JsonText::new(limit, input.len());
    let mut reader = WireReader {
        cursor: Cursor { input, at: 0 },
    };
    reader.message(&mut out, None, 0)?;
    out.check(input.len())?;
    Ok(out.into_bytes())
}

/// Returns the ranges of the top-level fields of a message, up to the first damage.
pub(super) fn fields(input: &[u8]) -> (Vec<Range<usize>>, Option<StepFailure>) {
    let mut reader = WireReader {
        cursor: Cursor { input, at: 0 },
    };
    let mut ranges = Vec::new();
    while reader.cursor.at < input.len() {
        let start = reader.cursor.at;
        let skipped = reader
            .tag()
            .and_then(|(number, kind)| reader.skip(number, kind, 0));
        match skipped {
            Ok(()) => ranges.push(start..reader.cursor.at),
            Err(failure) => return (ranges, Some(failure)),
        }
    }
    (ranges, None)
}

/// Form of a value on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WireType {
    Varint,
    Fixed64,
    Bytes,
    GroupStart,
    GroupEnd,
    Fixed32,
}

struct WireReader<'a> {
    cursor: Cursor<'a>,
}

impl WireReader<'_> {
    fn varint(&mut self) -> Result<u64, StepFailure> {
        let start = self.cursor.at;
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.cursor.take(1)?[0];
            // The tenth byte has one bit.
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(StepFailure::wrong(
            start,
            "the number is longer than 64 bits",
        ))
    }

    fn tag(&mut self) -> Result<(u32, WireType), StepFailure> {
        let start = self.cursor.at;
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok();
        let number = number.filter(|number| (1..=536_870_911).contains(number));
        let Some(number) = number else {
            return Err(StepFailure::wrong(start, "no field has this number"));
        };
        let wire = match tag & 7 {
            0 => WireType::Varint,
            1 => WireType::Fixed64,
            2 => WireType::Bytes,
            3 => WireType::GroupStart,
            4 => WireType::GroupEnd,
            5 => WireType::Fixed32,
            _ => return Err(StepFailure::wrong(start, "no value has this wire type")),
        };
        Ok((number, wire))
    }

    fn length(&mut self) -> Result<usize, StepFailure> {
        let length = self.varint()?;
        // A length beyond the address space is also beyond the input.
        Ok(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn skip(&mut self, number: u32, wire: WireType, depth: usize) -> Result<(), StepFailure> {
        let start = self.cursor.at;
        match wire {
            WireType::Varint => self.varint().map(|_| ()),
            WireType::Fixed64 => self.cursor.take(8).map(|_| ()),
            WireType::Fixed32 => self.cursor.take(4).map(|_| ()),
            WireType::Bytes => {
                let length = self.length()?;
                self.cursor.take(length).map(|_| ())
            }
            WireType::GroupEnd => Err(StepFailure::wrong(start, "a group ends that did not begin")),
            WireType::GroupStart if depth == MAX_DEPTH => {
                Err(StepFailure::new(start, DecodeProblem::TooDeep))
            }
            WireType::GroupStart => loop {
                match self.tag()? {
                    (of, WireType::GroupEnd) if of == number => return Ok(()),
                    (of, wire) => self.skip(of, wire, depth + 1)?,
                }
            },
        }
    }

    /// Appends a message up to the end of the input, or up to the end of the group of this number.
    fn message(
        &mut self,
        out: &mut JsonText,
        group: Option<u32>,
        depth: usize,
    ) -> Result<(), StepFailure> {
        if depth == MAX_DEPTH {
            return Err(StepFailure::new(self.cursor.at, DecodeProblem::TooDeep));
        }
        // Values are written beside the output, because those of one field may be apart.
        let mut values = out.part();
        let mut by_field: BTreeMap<u32, Vec<Range<usize>>> = BTreeMap::new();
        loop {
            if group.is_none() && self.cursor.at == self.cursor.input.len() {
                break;
            }
            let start = self.cursor.at;
            let (number, wire) = self.tag()?;
            let value_start = values.len();
            match wire {
                WireType::Varint => values.unsigned(self.varint()?),
                WireType::Fixed64 => fixed64(&mut values, self.cursor.take(8)?),
                WireType::Fixed32 => fixed32(&mut values, self.cursor.take(4)?),
                WireType::Bytes => {
                    let length = self.length()?;
                    string(&mut values, self.cursor.take(length)?, depth);
                }
                WireType::GroupStart => self.message(&mut values, Some(number), depth + 1)?,
                WireType::GroupEnd if group == Some(number) => break,
                WireType::GroupEnd => {
                    return Err(StepFailure::wrong(start, "a group ends that did not begin"));
                }
            }
            values.check(self.cursor.at)?;
            let ranges = by_field.entry(number).or_default();
            ranges.push(value_start..values.len());
        }
        out.push(b'{');
        for (place, (number, ranges)) in by_field.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.name(number.to_string().as_bytes());
            let is_list = ranges.len() > 1;
            if is_list {
                out.push(b'[');
            }
            for (place, range) in ranges.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                out.raw(&values.bytes()[range.clone()]);
            }
            if is_list {
                out.push(b']');
            }
        }
        out.push(b'}');
        Ok(())
    }
}

fn fixed64(out: &mut JsonText, bytes: &[u8]) {
    let bytes = <[u8; 8]>::try_from(bytes).unwrap_or_default();
    let float = f64::from_le_bytes(bytes);
    if is_usual(float) {
        out.float(float);
    } else {
        out.unsigned(u64::from_le_bytes(bytes));
    }
}

fn fixed32(out: &mut JsonText, bytes: &[u8]) {
    let bytes = <[u8; 4]>::try_from(bytes).unwrap_or_default();
    let float = f32::from_le_bytes(bytes);
    if is_usual(f64::from(float)) {
        out.float32(float);
    } else {
        out.unsigned(u64::from(u32::from_le_bytes(bytes)));
    }
}

/// Returns true for a size that people write. Integers read as floating point are mostly far smaller or larger.
fn is_usual(value: f64) -> bool {
    (1e-9..1e15).contains(&value.abs())
}

/// Appends a value of any length in its likely form.
fn string(out: &mut JsonText, bytes: &[u8], depth: usize) {
    // Text comes first, because short texts may also have the form of a message.
    let text = std::str::from_utf8(bytes).ok();
    let is_printable = |text: &&str| {
        let is_control = |sign: char| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t');
        !text.contains(is_control)
    };
    if let Some(text) = text.filter(is_printable) {
        return out.text(text);
    }
    let start = out.len();
    let mut reader = WireReader {
        cursor: Cursor {
            input: bytes,
            at: 0,
        },
    };
    if reader.message(out, None, depth + 1).is_err() {
        out.truncate(start);
        out.blob(bytes);
    }
}
