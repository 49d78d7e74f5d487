//! `MessagePack` to JSON text. Each byte of the input is read once.

use rmp::Marker;

use super::cursor::Cursor;
use super::failure::{DecodeProblem, StepFailure};
use super::json_text::{JsonText, MAX_DEPTH, all_values};

/// Type of the extension that is a time.
const TIMESTAMP: i8 = -1;

/// Returns the JSON text of the values in `input`.
pub(super) fn to_json(input: &[u8], limit: usize) -> Result<Vec<u8>, StepFailure> {
    all_values(input, limit, |out, at| {
        let mut reader = MessagePackReader {
            cursor: Cursor { input, at },
        };
        reader.value(out, 0)?;
        Ok(reader.cursor.at)
    })
}

struct MessagePackReader<'a> {
    cursor: Cursor<'a>,
}

impl MessagePackReader<'_> {
    /// Reads the length that follows a marker, or returns the one that the marker contains.
    fn length(&mut self, marker: Marker) -> Result<usize, StepFailure> {
        Ok(match marker {
            Marker::FixStr(length) | Marker::FixArray(length) | Marker::FixMap(length) => {
                usize::from(length)
            }
            Marker::Str8 | Marker::Bin8 | Marker::Ext8 => usize::from(self.cursor.take(1)?[0]),
            Marker::Str16 | Marker::Bin16 | Marker::Array16 | Marker::Map16 | Marker::Ext16 => {
                usize::from(u16::from_be_bytes(self.cursor.array()?))
            }
            _ => u32::from_be_bytes(self.cursor.array()?) as usize,
        })
    }

    fn value(&mut self, out: &mut JsonText, depth: usize) -> Result<(), StepFailure> {
        // Without this check, a few bytes could describe an output of gigabytes.
        out.check(self.cursor.at)?;
        let start = self.cursor.at;
        let [marker] = self.cursor.array()?;
        match Marker::from_u8(marker) {
            Marker::FixPos(value) => out.unsigned(u64::from(value)),
            Marker::FixNeg(value) => out.signed(i64::from(value)),
            Marker::Null => out.raw(b"null"),
            Marker::True => out.raw(b"true"),
            Marker::False => out.raw(b"false"),
            Marker::U8 => out.unsigned(u64::from(u8::from_be_bytes(self.cursor.array()?))),
            Marker::U16 => out.unsigned(u64::from(u16::from_be_bytes(self.cursor.array()?))),
            Marker::U32 => out.unsigned(u64::from(u32::from_be_bytes(self.cursor.array()?))),
            Marker::U64 => out.unsigned(u64::from_be_bytes(self.cursor.array()?)),
            Marker::I8 => out.signed(i64::from(i8::from_be_bytes(self.cursor.array()?))),
            Marker::I16 => out.signed(i64::from(i16::from_be_bytes(self.cursor.array()?))),
            Marker::I32 => out.signed(i64::from(i32::from_be_bytes(self.cursor.array()?))),
            Marker::I64 => out.signed(i64::from_be_bytes(self.cursor.array()?)),
            Marker::F32 => out.float32(f32::from_be_bytes(self.cursor.array()?)),
            Marker::F64 => out.float(f64::from_be_bytes(self.cursor.array()?)),
            // Older writers use the string types for bytes as well, so that text is checked.
            marker @ (Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32) => {
                let length = self.length(marker)?;
                out.text_or_bytes(self.cursor.take(length)?);
            }
            // Bytes that are valid UTF-8 stay bytes here, because the sender has distinguished them from text.
            marker @ (Marker::Bin8 | Marker::Bin16 | Marker::Bin32) => {
                let length = self.length(marker)?;
                out.blob(self.cursor.take(length)?);
            }
            marker @ (Marker::FixArray(_) | Marker::Array16 | Marker::Array32) => {
                let length = self.length(marker)?;
                self.items(out, length, start, depth)?;
            }
            marker @ (Marker::FixMap(_) | Marker::Map16 | Marker::Map32) => {
                let length = self.length(marker)?;
                self.members(out, length, start, depth)?;
            }
            Marker::FixExt1 => self.extension(out, 1)?,
            Marker::FixExt2 => self.extension(out, 2)?,
            Marker::FixExt4 => self.extension(out, 4)?,
            Marker::FixExt8 => self.extension(out, 8)?,
            Marker::FixExt16 => self.extension(out, 16)?,
            marker @ (Marker::Ext8 | Marker::Ext16 | Marker::Ext32) => {
                let length = self.length(marker)?;
                self.extension(out, length)?;
            }
            Marker::Reserved => {
                return Err(StepFailure::wrong(start, "no value begins with this byte"));
            }
        }
        Ok(())
    }

    fn items(
        &mut self,
        out: &mut JsonText,
        length: usize,
        start: usize,
        depth: usize,
    ) -> Result<(), StepFailure> {
        if depth == MAX_DEPTH {
            return Err(StepFailure::new(start, DecodeProblem::TooDeep));
        }
        out.push(b'[');
        for place in 0..length {
            if place > 0 {
                out.push(b',');
            }
            self.value(out, depth + 1)?;
        }
        out.push(b']');
        Ok(())
    }

    fn members(
        &mut self,
        out: &mut JsonText,
        length: usize,
        start: usize,
        depth: usize,
    ) -> Result<(), StepFailure> {
        if depth == MAX_DEPTH {
            return Err(StepFailure::new(start, DecodeProblem::TooDeep));
        }
        out.push(b'{');
        for place in 0..length {
            if place > 0 {
                out.push(b',');
            }
            let name_start = out.len();
            self.value(out, depth + 1)?;
            if out.bytes().get(name_start) == Some(&b'"') {
                out.push(b':');
            } else {
                // The JSON text of the key becomes its name.
                let key = out.bytes()[name_start..].to_vec();
                out.truncate(name_start);
                out.name(&key);
            }
            self.value(out, depth + 1)?;
        }
        out.push(b'}');
        Ok(())
    }

    fn extension(&mut self, out: &mut JsonText, length: usize) -> Result<(), StepFailure> {
        let [kind] = self.cursor.array()?;
        let kind = i8::from_be_bytes([kind]);
        let data = self.cursor.take(length)?;
        if kind != TIMESTAMP || !timestamp(out, data) {
            out.extension(i64::from(kind), data);
        }
        Ok(())
    }
}

/// Appends a time in one of the three forms of the specification.
fn timestamp(out: &mut JsonText, data: &[u8]) -> bool {
    if let Ok(bytes) = <[u8; 4]>::try_from(data) {
        return out.time(i64::from(u32::from_be_bytes(bytes)), 0);
    }
    if let Ok(bytes) = <[u8; 8]>::try_from(data) {
        let both = u64::from_be_bytes(bytes);
        // 30 bits of nanoseconds are followed by 34 bits of seconds.
        return out.time((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32);
    }
    let Some((nanos, seconds)) = data.split_first_chunk::<4>() else {
        return false;
    };
    <[u8; 8]>::try_from(seconds)
        .is_ok_and(|seconds| out.time(i64::from_be_bytes(seconds), u32::from_be_bytes(*nanos)))
}
