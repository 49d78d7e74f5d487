//! HTTP/2's GOAWAY frames (RFC 9113 6.8), found among the bytes that a server sends. The HTTP library passes on neither
//! their code nor their text, where the server closes the connection soon after them.

/// Length of a frame's head (RFC 9113 4.1).
const HEAD: usize = 9;

/// Type of the frame.
const GOAWAY: u8 = 7;

/// Bytes of a GOAWAY that are kept: the last stream, the code, and the beginning of the text.
const KEPT: usize = 8 + 200;

/// The reason that a server gave for closing a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GoAway {
    pub(crate) code: u32,
    /// Text for debugging; empty where there was none.
    pub(crate) text: String,
}

/// A position within a sequence of frames.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    /// Bytes of the head that have arrived.
    head_bytes: usize,
    /// Bytes of the payload that are still to come.
    left: usize,
    /// The payload so far, of a GOAWAY.
    payload: Vec<u8>,
}

impl Frames {
    /// Follows the frames through the next bytes; returns the newest GOAWAY that ended in them.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Option<GoAway> {
        let mut newest = None;
        while !bytes.is_empty() {
            // A read may end anywhere, even within the head of a frame (RFC 9113, section 4.1).
            if self.head_bytes < HEAD {
                let more = bytes.len().min(HEAD - self.head_bytes);
                self.head[self.head_bytes..][..more].copy_from_slice(&bytes[..more]);
                self.head_bytes += more;
                bytes = &bytes[more..];
                if self.head_bytes < HEAD {
                    break;
                }
                let [high, middle, low, ..] = self.head;
                self.left = u32::from_be_bytes([0, high, middle, low]) as usize;
                self.payload.clear();
            }
            let part = &bytes[..bytes.len().min(self.left)];
            if self.head[3] == GOAWAY {
                // The payload ends with text of the server, which may be long.
                let room = KEPT - self.payload.len();
                self.payload
                    .extend_from_slice(&part[..part.len().min(room)]);
            }
            self.left -= part.len();
            bytes = &bytes[part.len()..];
            if self.left == 0 {
                self.head_bytes = 0;
                newest = self.go_away().or(newest);
            }
        }
        newest
    }

    fn go_away(&self) -> Option<GoAway> {
        let (code, text) = self.payload.get(4..)?.split_first_chunk()?;
        (self.head[3] == GOAWAY).then(|| GoAway {
            code: u32::from_be_bytes(*code),
            text: String::from_utf8_lossy(text).trim().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 0], payload].concat()
    }

    fn go_away(code: u32, text: &str) -> Vec<u8> {
        frame(
            GOAWAY,
            &[&[0, 0, 0, 1][..], &code.to_be_bytes(), text.as_bytes()].concat(),
        )
    }

    #[test]
    fn the_newest_one_is_found_wherever_reads_cut_it() {
        let bytes = [
            frame(4, &[]),
            frame(0, &[GOAWAY; 300]),
            go_away(0, "soon"),
            frame(0, b"more"),
            go_away(11, "too_many_pings"),
            frame(3, &[0; 4]),
        ]
        .concat();
        for size in 1..bytes.len() {
            let mut frames = Frames::default();
            let mut newest = None;
            for piece in bytes.chunks(size) {
                newest = frames.read(piece).or(newest);
            }
            let expected = GoAway {
                code: 11,
                text: "too_many_pings".into(),
            };
            assert_eq!(newest, Some(expected), "{size}");
        }
    }

    #[test]
    fn other_frames_and_short_ones_are_passed_over() {
        let read = |bytes: &[u8]| Frames::default().read(bytes);
        assert_eq!(read(&frame(GOAWAY, &[0; 7])), None, "too short");
        assert_eq!(read(&frame(6, &[0; 8])), None, "a ping");
        assert_eq!(read(&go_away(2, "")).unwrap().text, "");
        let long = read(&go_away(2, &"x".repeat(16_000))).unwrap();
        assert_eq!(long.text.len(), KEPT - 8);
    }
}
