//! Header of one frame, parsed and checked alone (RFC 6455 5.2, 5.5). It does not consider earlier frames.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::{ProtocolError, Role};

/// Maximum length of a header: two bytes, a length of eight bytes and a masking key of four.
const LONGEST_HEADER: usize = 14;

/// Maximum payload of a control frame (RFC 6455 5.5).
pub(super) const MAX_CONTROL_BYTES: usize = 125;

/// Maximum length of a payload. The most significant bit of a length is 0 (RFC 6455 5.2).
const MAX_LENGTH: u64 = i64::MAX as u64;

/// Frame without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) last: bool,
    pub(super) opcode: OpCode,
    /// RSV1, with which `permessage-deflate` marks the first frame of a compressed message.
    pub(super) compressed: bool,
    pub(super) mask: Option<[u8; 4]>,
    /// Length of the payload in bytes.
    pub(super) length: u64,
}

/// Rules for the check of a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) role: Role,
    /// True if `permessage-deflate` was negotiated.
    pub(super) deflate: bool,
}

impl Rules {
    /// Parses the header at the start of `bytes`. Returns it with its length, or `None` if bytes are missing.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Option<(Frame, usize)>, ProtocolError> {
        let mut cursor = Cursor::new(bytes);
        let (header, length) = match FrameHeader::parse(&mut cursor) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            // A slice has no read errors, so that the only possible error is a reserved opcode.
            Err(_) => {
                return Err(ProtocolError::ReservedOpcode {
                    opcode: bytes[0] & 0x0F,
                });
            }
        };
        let header_length = cursor.position() as usize;
        self.check_bits(&header)?;
        check_length(&header, length, header_length)?;
        let frame = Frame {
            last: header.is_final,
            opcode: header.opcode,
            compressed: header.rsv1,
            mask: header.mask,
            length,
        };
        Ok(Some((frame, header_length)))
    }

    /// Parses the most common header of a server: an unfragmented and uncompressed message of at most 125 bytes.
    ///
    /// It leaves any other header to [`Self::read`], which gives the same result for this one.
    #[inline]
    pub(super) fn read_plainest(self, bytes: &[u8]) -> Option<(Frame, usize)> {
        let &[first @ (0x81 | 0x82), length @ 0..=125, ..] = bytes else {
            return None;
        };
        let frame = Frame {
            last: true,
            opcode: OpCode::from(first & 0x0F),
            compressed: false,
            mask: None,
            length: u64::from(length),
        };
        (self.role == Role::Client).then_some((frame, 2))
    }

    fn check_bits(self, header: &FrameHeader) -> Result<(), ProtocolError> {
        // RFC 7692 6.1: only the first frame of a message may have RSV1.
        let starts_message = matches!(header.opcode, OpCode::Data(Data::Text | Data::Binary));
        if header.rsv1 && !(self.deflate && starts_message) {
            // The common cause is a proxy that removed the header about compression.
            return Err(if starts_message && !header.rsv2 && !header.rsv3 {
                ProtocolError::CompressedWithoutAgreement
            } else {
                ProtocolError::ReservedBit { bit: 1 }
            });
        }
        if header.rsv2 || header.rsv3 {
            let bit = if header.rsv2 { 2 } else { 3 };
            return Err(ProtocolError::ReservedBit { bit });
        }
        match (self.role, header.mask) {
            (Role::Client, Some(_)) => Err(ProtocolError::Masked),
            (Role::Server, None) => Err(ProtocolError::Unmasked),
            (Role::Client, None) | (Role::Server, Some(_)) => Ok(()),
        }
    }
}

fn check_length(
    header: &FrameHeader,
    length: u64,
    header_length: usize,
) -> Result<(), ProtocolError> {
    if let OpCode::Control(_) = header.opcode {
        if !header.is_final {
            return Err(ProtocolError::FragmentedControlFrame);
        }
        if length > MAX_CONTROL_BYTES as u64 {
            return Err(ProtocolError::ControlFrameTooLong { bytes: length });
        }
    }
    if length > MAX_LENGTH {
        return Err(ProtocolError::LengthOutOfRange);
    }
    if header.len(length) != header_length {
        return Err(ProtocolError::LengthNotMinimal);
    }
    Ok(())
}

/// Bytes of a header that is split between chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct CutHeader {
    bytes: [u8; LONGEST_HEADER],
    length: u8,
}

impl CutHeader {
    pub(super) const NONE: Self = Self {
        bytes: [0; LONGEST_HEADER],
        length: 0,
    };

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Parses a header that begins or continues with `bytes`. Returns the number of its bytes in `bytes`. If the header
    /// is still incomplete, it keeps all bytes and returns `None`.
    #[inline]
    pub(super) fn read(
        &mut self,
        rules: Rules,
        bytes: &[u8],
    ) -> Result<Option<(Frame, usize)>, ProtocolError> {
        if self.length == 0
            && let Some(found) = rules.read(bytes)?
        {
            return Ok(Some(found));
        }
        let had = usize::from(self.length);
        let more = bytes.len().min(LONGEST_HEADER - had);
        // The copy is small, because a header has at most 14 bytes.
        self.bytes[had..had + more].copy_from_slice(&bytes[..more]);
        self.length += more as u8;
        let found = rules.read(&self.bytes[..had + more])?;
        Ok(found.map(|(frame, header_length)| (frame, header_length - had)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_agrees_with_the_plain_way() {
        let mut plainest = 0;
        for role in [Role::Client, Role::Server] {
            for deflate in [false, true] {
                let rules = Rules { role, deflate };
                for first in 0..=u8::MAX {
                    for second in 0..=u8::MAX {
                        let bytes = [first, second, 0, 200, 0, 0, 0, 0, 1, 0, 1, 2, 3, 4];
                        if let Some(found) = rules.read_plainest(&bytes) {
                            assert_eq!(rules.read(&bytes), Ok(Some(found)), "{bytes:x?}");
                            plainest += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(plainest, 2 * 2 * 126);
    }
}
