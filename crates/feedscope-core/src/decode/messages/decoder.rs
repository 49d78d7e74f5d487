//! Decoder from bytes to messages and control frames (RFC 6455 5), for any division into chunks.
//!
//! It sends no answer: the owner of the connection sends pongs and close frames.

use tungstenite::protocol::frame::coding::{Control, OpCode};

use super::assembly::Assembly;
use super::frame::{CutHeader, Frame, MAX_CONTROL_BYTES, Rules};
use super::inflate::Inflater;
use super::mask::apply_mask;
use super::{ProtocolError, Role, Traffic, WireItem};
use crate::decode::DeflateAgreement;
use crate::protocol::CloseCode;

/// Decoder for the received bytes of one connection, for any division into chunks.
///
/// A message is not copied if it is complete in the input, in one frame, unmasked and uncompressed. Any other message
/// is assembled in a buffer that the next message uses again. The buffer grows as bytes arrive, and not by the length
/// in a header. Text is checked as UTF-8 while it arrives, even if it is inflated.
///
/// An error ends the connection. Items before the error were passed on; nothing after it is.
///
/// ```
/// use feedscope_core::decode::{DataOpcode, MessageDecoder, MessageEncoder, Role, WireItem};
///
/// let mut wire = Vec::new();
/// MessageEncoder::server(None).encode_message(DataOpcode::Text, b"tick", &mut wire);
///
/// let mut decoder = MessageDecoder::new(Role::Client, None, 1 << 20);
/// let mut seen = Vec::new();
/// decoder.feed(&wire, &mut |item: WireItem<'_>| {
///     if let WireItem::Message { data, .. } = item {
///         seen.push(data.to_vec());
///     }
/// })?;
/// assert_eq!(seen, [b"tick"]);
/// # Ok::<(), feedscope_core::decode::ProtocolError>(())
/// ```
#[derive(Debug)]
pub struct MessageDecoder {
    rules: Rules,
    stage: Stage,
    assembly: Assembly,
    /// Payload of a control frame that is split between chunks. A control frame may arrive between the fragments of a
    /// message.
    control: Vec<u8>,
    traffic: Traffic,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// A header is next, of which these bytes have arrived.
    Header(CutHeader),
    /// The payload of a frame is next, of which `done` bytes have arrived.
    Payload { frame: Frame, done: u64 },
    /// A close frame has arrived.
    Closed,
    /// The peer broke the protocol.
    Failed(ProtocolError),
}

impl Stage {
    const START: Self = Self::Header(CutHeader::NONE);
}

impl MessageDecoder {
    /// Creates a decoder for a new connection; `role` is the role of this end.
    ///
    /// `deflate` is the result of the handshake. A message of more than `max_message_bytes`, on the wire or inflated,
    /// causes [`ProtocolError::TooLong`] as soon as its length is known.
    pub fn new(role: Role, deflate: Option<DeflateAgreement>, max_message_bytes: u64) -> Self {
        let inflater = deflate.map(|agreement| {
            // Received messages are compressed by the peer.
            let context_takeover = !agreement.no_context_takeover(role.peer());
            Inflater::new(context_takeover, max_message_bytes)
        });
        Self {
            rules: Rules {
                role,
                deflate: deflate.is_some(),
            },
            stage: Stage::START,
            assembly: Assembly::new(max_message_bytes, inflater),
            control: Vec::new(),
            traffic: Traffic::default(),
        }
    }

    /// Decodes the next bytes of the connection and passes the completed items to `out`, in order.
    ///
    /// Bytes after a close frame are ignored (RFC 6455 5.5.1).
    ///
    /// # Errors
    /// Returns an error if the peer broke the protocol, with these or with earlier bytes.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<(), ProtocolError> {
        let decoded = self.decode(bytes, out);
        if let Err(error) = decoded {
            self.stage = Stage::Failed(error);
        }
        decoded
    }

    /// Returns the counts of received data.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Returns the memory in bytes of the current message or the last ones, without the internal tables of the
    /// inflater.
    pub fn capacity(&self) -> usize {
        self.assembly.capacity() + self.control.capacity()
    }

    fn decode(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<(), ProtocolError> {
        let mut rest = bytes;
        loop {
            // Most input consists of plain messages, which need no stage.
            rest = self.plain_messages(rest, out)?;
            match &mut self.stage {
                Stage::Header(cut) => {
                    let Some((frame, length)) = cut.read(self.rules, rest)? else {
                        return Ok(());
                    };
                    rest = self.begin_frame(frame, &rest[length..], out)?;
                }
                Stage::Payload { frame, done } => {
                    let (frame, offset) = (*frame, *done);
                    let (piece, after) = split_at_most(rest, frame.length - offset);
                    *done += piece.len() as u64;
                    let complete = *done == frame.length;
                    self.push(&frame, offset, piece)?;
                    if !complete {
                        return Ok(());
                    }
                    self.end_frame(&frame, out)?;
                    rest = after;
                }
                Stage::Closed => return Ok(()),
                Stage::Failed(error) => return Err(*error),
            }
        }
    }

    /// Processes the simplest messages while they are complete in `rest`, without the assembly and without a change of
    /// the stage.
    ///
    /// Returns the remaining bytes.
    #[inline]
    fn plain_messages<'a>(
        &mut self,
        mut rest: &'a [u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<&'a [u8], ProtocolError> {
        // An unfinished frame or header must be completed first.
        if !matches!(&self.stage, Stage::Header(cut) if cut.is_empty()) {
            return Ok(rest);
        }
        while let Some((frame, header_length)) = self.rules.read_plainest(rest)
            && let OpCode::Data(data) = frame.opcode
            && let end = header_length + frame.length as usize
            && let Some(payload) = rest.get(header_length..end)
            && let Some((length, wire)) = self.assembly.whole(data, &frame, payload, out)?
        {
            self.traffic.count_message(length, wire);
            rest = &rest[end..];
        }
        Ok(rest)
    }

    /// Begins a frame, or processes it completely if its payload is complete in `rest`. Returns the remaining bytes.
    #[inline]
    fn begin_frame<'a>(
        &mut self,
        frame: Frame,
        rest: &'a [u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<&'a [u8], ProtocolError> {
        if let OpCode::Data(data) = frame.opcode {
            let (payload, after) = split_at_most(rest, frame.length);
            // A complete payload may need no copy.
            if payload.len() as u64 == frame.length
                && let Some((length, wire)) = self.assembly.whole(data, &frame, payload, out)?
            {
                self.traffic.count_message(length, wire);
                self.stage = Stage::START;
                return Ok(after);
            }
            self.assembly.begin_frame(data, &frame)?;
        }
        self.stage = Stage::Payload { frame, done: 0 };
        Ok(rest)
    }

    fn push(&mut self, frame: &Frame, offset: u64, piece: &[u8]) -> Result<(), ProtocolError> {
        if let OpCode::Data(_) = frame.opcode {
            return self.assembly.push(piece, frame.mask, offset);
        }
        let had = self.control.len();
        // The check of the header guarantees that the payload fits.
        self.control.reserve(MAX_CONTROL_BYTES - had);
        self.control.extend_from_slice(piece);
        if let Some(key) = frame.mask {
            apply_mask(&mut self.control[had..], key, offset);
        }
        Ok(())
    }

    fn end_frame(
        &mut self,
        frame: &Frame,
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<(), ProtocolError> {
        self.stage = Stage::START;
        match frame.opcode {
            OpCode::Data(_) if frame.last => {
                let (length, wire) = self.assembly.finish(out)?;
                self.traffic.count_message(length, wire);
            }
            OpCode::Data(_) => {}
            OpCode::Control(control) => {
                let item = control_item(control, &self.control)?;
                self.traffic.control_frames += 1;
                // RFC 6455 5.5.1: no data follows a close frame.
                if let WireItem::Close { .. } = item {
                    self.stage = Stage::Closed;
                }
                out(item);
                self.control.clear();
            }
        }
        Ok(())
    }
}

/// Splits off at most `length` bytes.
fn split_at_most(bytes: &[u8], length: u64) -> (&[u8], &[u8]) {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    bytes.split_at(length.min(bytes.len()))
}

fn control_item(control: Control, payload: &[u8]) -> Result<WireItem<'_>, ProtocolError> {
    match control {
        Control::Ping => Ok(WireItem::Ping(payload)),
        Control::Pong => Ok(WireItem::Pong(payload)),
        Control::Close => close_item(payload),
        Control::Reserved(opcode) => Err(ProtocolError::ReservedOpcode { opcode }),
    }
}

/// Parses a close frame: no payload, or a close code and a reason (RFC 6455 5.5.1).
fn close_item(payload: &[u8]) -> Result<WireItem<'_>, ProtocolError> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(WireItem::Close {
                code: None,
                reason: "",
            })
        } else {
            Err(ProtocolError::HalfCloseCode)
        };
    };
    let code = CloseCode(u16::from_be_bytes(*code));
    if !code.may_be_sent() {
        return Err(ProtocolError::CloseCode { code });
    }
    match std::str::from_utf8(reason) {
        Ok(reason) => Ok(WireItem::Close {
            code: Some(code),
            reason,
        }),
        Err(_) => Err(ProtocolError::CloseReasonNotUtf8),
    }
}
