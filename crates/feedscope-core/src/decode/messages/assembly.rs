//! Assembly of the current message: fragments to payload, checked and limited while they arrive (RFC 6455 5.4, 8.1).
//!
//! It does not read the bits of a header.

use tungstenite::protocol::frame::coding::Data;

use super::frame::Frame;
use super::inflate::Inflater;
use super::mask::apply_mask;
use super::utf8::{NotUtf8, Utf8Check, check_whole};
use super::{DataOpcode, KEPT_CAPACITY, ProtocolError, WireInfo, WireItem};

/// Number of bytes that are unmasked at once before they are inflated.
const UNMASKED_AT_ONCE: usize = 4 << 10;

/// Assembles messages, one at a time.
#[derive(Debug)]
pub(super) struct Assembly {
    limit: u64,
    under_way: Option<UnderWay>,
    /// Payload so far, if it is not compressed.
    payload: Vec<u8>,
    inflater: Option<Inflater>,
}

/// Known properties of a message that has begun.
#[derive(Clone, Copy, Debug)]
struct UnderWay {
    opcode: DataOpcode,
    wire: WireInfo,
    text: Utf8Check,
}

impl Assembly {
    pub(super) fn new(limit: u64, inflater: Option<Inflater>) -> Self {
        Self {
            limit,
            under_way: None,
            payload: Vec::new(),
            inflater,
        }
    }

    /// Begins a data frame.
    pub(super) fn begin_frame(&mut self, data: Data, frame: &Frame) -> Result<(), ProtocolError> {
        let (limit, wire_limit) = (self.limit, self.wire_limit());
        let under_way = match (data, &mut self.under_way) {
            (Data::Continue, None) => return Err(ProtocolError::NothingToContinue),
            (Data::Continue, Some(under_way)) => under_way,
            (_, Some(_)) => return Err(ProtocolError::MessageInsideMessage),
            (data, none) => {
                // RFC 7692 6: only the first frame has the bit for compression.
                if let (true, Some(inflater)) = (frame.compressed, &mut self.inflater) {
                    inflater.begin();
                }
                none.insert(UnderWay::new(data, frame.compressed))
            }
        };
        let wire = &mut under_way.wire;
        wire.frames = wire.frames.saturating_add(1);
        wire.wire_bytes = wire.wire_bytes.saturating_add(frame.length);
        // Refuse a message by its header, before its bytes arrive.
        let allowed = if wire.compressed { wire_limit } else { limit };
        if wire.wire_bytes > allowed {
            return Err(ProtocolError::TooLong { limit });
        }
        Ok(())
    }

    /// Adds the next bytes of the current frame. The first of them is at `offset` in its payload.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mask: Option<[u8; 4]>,
        offset: u64,
    ) -> Result<(), ProtocolError> {
        match &self.under_way {
            Some(under_way) if under_way.wire.compressed => self.inflate(bytes, mask, offset),
            Some(_) => self.append(bytes, mask, offset),
            None => Ok(()),
        }
    }

    /// Ends the message after its last frame. It passes the message on, and returns its length and its form on the
    /// wire.
    pub(super) fn finish(
        &mut self,
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<(usize, WireInfo), ProtocolError> {
        let Some(UnderWay { opcode, wire, text }) = self.under_way.take() else {
            return Err(ProtocolError::NothingToContinue);
        };
        let data = match &mut self.inflater {
            Some(inflater) if wire.compressed => {
                inflater.finish()?;
                inflater.message()
            }
            _ => &self.payload,
        };
        // A binary message pushed no text, so that this check succeeds.
        text.finish()?;
        out(WireItem::Message { opcode, data, wire });
        let length = data.len();
        self.payload.clear();
        if self.payload.capacity() > KEPT_CAPACITY {
            self.payload.shrink_to(KEPT_CAPACITY);
        }
        Ok((length, wire))
    }

    /// Processes a frame whose payload is complete in the input. If possible, it passes the message on without a copy.
    #[inline]
    pub(super) fn whole(
        &mut self,
        data: Data,
        frame: &Frame,
        bytes: &[u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<Option<(usize, WireInfo)>, ProtocolError> {
        let opcode = match data {
            Data::Text => DataOpcode::Text,
            Data::Binary => DataOpcode::Binary,
            Data::Continue | Data::Reserved(_) => return Ok(None),
        };
        // Any other frame needs the buffer, because it is a fragment, masked or compressed.
        let alone = frame.last && !frame.compressed && frame.mask.is_none();
        if !alone || self.under_way.is_some() || frame.length > self.limit {
            return Ok(None);
        }
        if opcode == DataOpcode::Text
            && let Err(error) = check_whole(bytes)
        {
            let at = error.valid_up_to() as u64;
            return Err(ProtocolError::TextNotUtf8 { at });
        }
        let wire = WireInfo {
            frames: 1,
            compressed: false,
            wire_bytes: frame.length,
        };
        out(WireItem::Message {
            opcode,
            data: bytes,
            wire,
        });
        Ok(Some((bytes.len(), wire)))
    }

    /// Returns the memory of the current or the last message.
    pub(super) fn capacity(&self) -> usize {
        self.payload.capacity() + self.inflater.as_ref().map_or(0, Inflater::capacity)
    }

    /// Returns the limit on the wire for a compressed message. Data that cannot be compressed becomes slightly longer,
    /// and compression alone must not make a message too long.
    fn wire_limit(&self) -> u64 {
        self.limit
            .saturating_add(self.limit / 8)
            .saturating_add(1 << 10)
    }

    fn append(
        &mut self,
        bytes: &[u8],
        mask: Option<[u8; 4]>,
        offset: u64,
    ) -> Result<(), ProtocolError> {
        let had = self.payload.len();
        self.make_room(bytes.len());
        self.payload.extend_from_slice(bytes);
        let new = &mut self.payload[had..];
        if let Some(key) = mask {
            apply_mask(new, key, offset);
        }
        match &mut self.under_way {
            Some(under_way) => under_way.check(new),
            None => Ok(()),
        }
    }

    /// Doubles the buffer as bytes arrive, up to the limit. It does not trust the length in a header.
    fn make_room(&mut self, more: usize) {
        let needed = self.payload.len() + more;
        if needed <= self.payload.capacity() {
            return;
        }
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let capacity = needed.max((2 * self.payload.capacity()).min(limit));
        self.payload.reserve_exact(capacity - self.payload.len());
    }

    fn inflate(
        &mut self,
        bytes: &[u8],
        mask: Option<[u8; 4]>,
        offset: u64,
    ) -> Result<(), ProtocolError> {
        let (Some(under_way), Some(inflater)) = (&mut self.under_way, &mut self.inflater) else {
            return Ok(());
        };
        let mut check = |new: &[u8]| under_way.check(new);
        let Some(key) = mask else {
            return inflater.push(bytes, &mut check);
        };
        let mut unmasked = [0; UNMASKED_AT_ONCE];
        let mut offset = offset;
        // The input is borrowed, so that a copy of each piece is unmasked.
        for piece in bytes.chunks(UNMASKED_AT_ONCE) {
            let unmasked = &mut unmasked[..piece.len()];
            unmasked.copy_from_slice(piece);
            apply_mask(unmasked, key, offset);
            inflater.push(unmasked, &mut check)?;
            offset += piece.len() as u64;
        }
        Ok(())
    }
}

impl UnderWay {
    fn new(data: Data, compressed: bool) -> Self {
        Self {
            opcode: match data {
                Data::Text => DataOpcode::Text,
                Data::Binary | Data::Continue | Data::Reserved(_) => DataOpcode::Binary,
            },
            wire: WireInfo {
                compressed,
                ..WireInfo::default()
            },
            text: Utf8Check::default(),
        }
    }

    fn check(&mut self, new: &[u8]) -> Result<(), ProtocolError> {
        match self.opcode {
            DataOpcode::Text => Ok(self.text.push(new)?),
            DataOpcode::Binary => Ok(()),
        }
    }
}

impl From<NotUtf8> for ProtocolError {
    fn from(NotUtf8 { at }: NotUtf8) -> Self {
        Self::TextNotUtf8 { at }
    }
}
