//! Frames in their form on the wire, valid or invalid. They are written without the code under test.

/// Frame; the default is the last and only frame of an empty binary message.
#[derive(Clone, Debug)]
pub(crate) struct WireFrame {
    pub(crate) last: bool,
    /// Bits RSV1 to RSV3.
    pub(crate) reserved: [bool; 3],
    pub(crate) opcode: u8,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) payload: Vec<u8>,
    /// Length in the header, if it differs from that of the payload.
    pub(crate) length: Option<u64>,
    /// Number of bytes after the first for the length (0, 2 or 8), if it is not the minimum.
    pub(crate) length_bytes: Option<usize>,
}

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

impl WireFrame {
    pub(crate) fn new(opcode: u8, payload: &[u8]) -> Self {
        Self {
            last: true,
            reserved: [false; 3],
            opcode,
            mask: None,
            payload: payload.to_vec(),
            length: None,
            length_bytes: None,
        }
    }

    /// Creates a frame with RSV1, which marks a compressed message (RFC 7692 6.1).
    pub(crate) fn compressed(opcode: u8, payload: &[u8]) -> Self {
        Self {
            reserved: [true, false, false],
            ..Self::new(opcode, payload)
        }
    }

    pub(crate) fn more(self) -> Self {
        Self {
            last: false,
            ..self
        }
    }

    /// Appends the frame to the bytes of a connection.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut first = self.opcode | u8::from(self.last) << 7;
        for (set, bit) in self.reserved.iter().zip([0x40, 0x20, 0x10]) {
            first |= if *set { bit } else { 0 };
        }
        let length = self.length.unwrap_or(self.payload.len() as u64);
        let least = match length {
            0..=125 => 0,
            126..=0xFFFF => 2,
            _ => 8,
        };
        let masked = u8::from(self.mask.is_some()) << 7;
        out.push(first);
        match self.length_bytes.unwrap_or(least) {
            0 => out.push(masked | length as u8),
            2 => {
                out.push(masked + 126);
                out.extend_from_slice(&(length as u16).to_be_bytes());
            }
            _ => {
                out.push(masked + 127);
                out.extend_from_slice(&length.to_be_bytes());
            }
        }
        match self.mask {
            Some(key) => {
                out.extend_from_slice(&key);
                out.extend(
                    self.payload
                        .iter()
                        .zip(key.iter().cycle())
                        .map(|(a, b)| a ^ b),
                );
            }
            None => out.extend_from_slice(&self.payload),
        }
    }
}

pub(crate) fn wire(frames: &[WireFrame]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for frame in frames {
        frame.write(&mut bytes);
    }
    bytes
}
