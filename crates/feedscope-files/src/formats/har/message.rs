//! Messages and events as HAR has them, and the parts of an entry that need decoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;
use feedscope_core::NoteCode;
use feedscope_core::decode::WireInfo;
use feedscope_core::record::{Direction, Kind};
use feedscope_core::time::Timestamp;
use serde::Deserialize;

use super::super::input::FileInput;
use super::super::item::ReadError;
use super::MICROS;
use super::remarks::Remarks;
use super::spool::Spool;

/// Times above this are milliseconds since 1970, as Playwright writes them. Others are seconds.
const LEAST_MILLISECONDS: f64 = 1e11;

/// Message of a WebSocket.
#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default, rename = "type")]
    way: String,
    #[serde(default)]
    pub(super) time: Option<f64>,
    #[serde(default)]
    opcode: Option<f64>,
    #[serde(default)]
    data: Option<String>,
    #[serde(default, rename = "_frames")]
    frames: Option<u32>,
    #[serde(default, rename = "_compressedBytes")]
    compressed_bytes: Option<u64>,
}

impl Message {
    /// Passes the message on as a record.
    pub(super) fn with_kind<T>(self, remarks: &mut Remarks, act: impl FnOnce(Kind<'_>) -> T) -> T {
        let direction = match &*self.way {
            "send" => Direction::Out,
            _ => Direction::In,
        };
        remarks.without_data += u64::from(self.data.is_none());
        let text = self.data.unwrap_or_default();
        // Binary data is base64. A program that wrote it otherwise keeps its text.
        let bytes = || {
            STANDARD
                .decode(&text)
                .unwrap_or_else(|_error| text.clone().into_bytes())
        };
        let wire = |len: usize| {
            let is_known = self.frames.is_some() || self.compressed_bytes.is_some();
            is_known.then(|| WireInfo {
                frames: self.frames.unwrap_or(1),
                compressed: self.compressed_bytes.is_some(),
                wire_bytes: self.compressed_bytes.unwrap_or(len as u64),
            })
        };
        if self.way == "error" {
            return act(Kind::Note {
                code: NoteCode::ERROR,
                text: &text,
            });
        }
        // Opcodes are those of RFC 6455 11.8; proxies record control frames too.
        match self.opcode.map_or(1, |opcode| opcode as i64) {
            2 => {
                let data = &bytes();
                act(Kind::Binary {
                    direction,
                    data,
                    failed: None,
                    wire: wire(data.len()),
                })
            }
            9 => act(Kind::Ping {
                direction,
                data: text.as_bytes(),
            }),
            10 => act(Kind::Pong {
                direction,
                data: text.as_bytes(),
                rtt: None,
            }),
            _ => act(Kind::Text {
                direction,
                data: text.as_bytes(),
                failed: None,
                wire: wire(text.len()),
            }),
        }
    }
}

/// Event of an event stream.
#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    pub(super) time: Option<f64>,
    #[serde(default, rename = "eventName")]
    name: Option<String>,
    #[serde(default, rename = "eventId")]
    id: Option<String>,
    #[serde(default)]
    data: Option<String>,
}

impl Event {
    pub(super) fn kind(&self, remarks: &mut Remarks) -> Kind<'_> {
        remarks.without_data += u64::from(self.data.is_none());
        Kind::Event {
            event: self.name.as_deref().unwrap_or("message").as_bytes(),
            id: self.id.as_deref().unwrap_or_default().as_bytes(),
            data: self.data.as_deref().unwrap_or_default().as_bytes(),
        }
    }
}

/// Returns a time; `None` where it is not known.
pub(super) fn timestamp(time: Option<f64>) -> Option<Timestamp> {
    let time = time.filter(|time| time.is_finite() && *time > 0.0)?;
    let seconds = if time > LEAST_MILLISECONDS {
        time / 1e3
    } else {
        time
    };
    Some(Timestamp::from_micros((seconds * MICROS).round() as i64))
}

/// Returns the bytes of a body.
pub(super) fn content(content: Spool, is_base64: bool) -> Result<FileInput, ReadError> {
    let bytes = content.read()?;
    Ok(if is_base64 {
        FileInput::new(DecoderReader::new(bytes, &STANDARD))
    } else {
        FileInput::new(bytes)
    })
}

/// Parses an integer.
pub(super) fn integer(piece: &[u8]) -> Option<u64> {
    std::str::from_utf8(piece).ok()?.trim().parse().ok()
}
