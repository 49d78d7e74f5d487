//! Bytes to messages and control frames (RFC 6455 5), however they are cut. It answers nothing: pongs and close frames
//! are for whoever holds the connection.

use tungstenite::protocol::frame::coding::{Control, OpCode};

use super::assembly::Assembly;
use super::frame::{CutHeader, Frame, MAX_CONTROL_BYTES, Rules};
use super::inflate::Inflater;
use super::mask::apply_mask;
use super::{ProtocolError, Role, Traffic, WireItem};
use crate::decode::DeflateAgreement;

/// Decodes what comes over one connection, however its bytes are cut.
///
/// A message that lies whole in the input, in one frame and neither masked nor compressed, is handed out without being
/// copied. Any other is put together in a buffer that grows as bytes arrive, never by what a header promises, and that
/// the next message uses again. Text is checked as UTF-8 while it arrives, also where it is inflated.
///
/// A fault ends the connection: what came before it was handed out, nothing is after it.
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
    /// The payload of a control frame that was cut; they come between the fragments of a message.
    control: Vec<u8>,
    traffic: Traffic,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// A header is next, of which this came.
    Header(CutHeader),
    /// A frame's payload, of which `done` bytes came.
    Payload { frame: Frame, done: u64 },
    /// A close frame came.
    Closed,
    /// The peer broke the protocol.
    Failed(ProtocolError),
}

impl Stage {
    const START: Self = Self::Header(CutHeader::NONE);
}

impl MessageDecoder {
    /// A decoder for a new connection; `role` is our own.
    ///
    /// `deflate` is what the handshake settled. A message of more than `max_message_bytes`, as it comes or inflated,
    /// is a [`ProtocolError::TooLong`] as soon as that shows.
    pub fn new(role: Role, deflate: Option<DeflateAgreement>, max_message_bytes: u64) -> Self {
        let inflater = deflate.map(|agreement| {
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

    /// Decodes the next bytes of the connection and hands what they complete to `out`, in order.
    ///
    /// Bytes after a close frame are ignored (RFC 6455 5.5.1).
    ///
    /// # Errors
    /// The peer broke the protocol, with these bytes or earlier ones.
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

    /// What came so far.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Memory, in bytes, that the message under way or the last ones occupy, the inflater's own tables apart.
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

    /// Takes the plainest messages as long as they lie whole in `rest`: nothing below them has to be asked, and no
    /// stage to be kept. Returns what follows of `rest`.
    #[inline]
    fn plain_messages<'a>(
        &mut self,
        mut rest: &'a [u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<&'a [u8], ProtocolError> {
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

    /// Begins a frame, or takes it whole where it lies so in `rest`; returns what follows of `rest`.
    #[inline]
    fn begin_frame<'a>(
        &mut self,
        frame: Frame,
        rest: &'a [u8],
        out: &mut impl FnMut(WireItem<'_>),
    ) -> Result<&'a [u8], ProtocolError> {
        if let OpCode::Data(data) = frame.opcode {
            let (payload, after) = split_at_most(rest, frame.length);
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

/// Splits off up to `length` bytes.
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

/// RFC 6455 5.5.1: nothing, or a close code and a reason.
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
    let code = u16::from_be_bytes(*code);
    if !may_be_sent(code) {
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

/// Whether a close code may stand in a frame: RFC 6455 7.4 and the registry that it opened at IANA.
pub(super) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
