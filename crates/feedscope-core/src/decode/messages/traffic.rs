//! Counts of the data of a connection in one direction. It makes no decisions.

use super::WireInfo;

/// Messages and bytes of one direction of a connection, and the effect of compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Number of complete messages.
    pub messages: u64,
    /// Number of compressed messages among them.
    pub compressed_messages: u64,
    /// Number of frames of these messages.
    pub data_frames: u64,
    /// Number of pings, pongs and close frames.
    pub control_frames: u64,
    /// Payload bytes of the messages' frames on the wire.
    pub wire_bytes: u64,
    /// Payload bytes of the messages after inflation.
    pub plain_bytes: u64,
}

impl Traffic {
    /// Returns the number of bytes that compression saved. It is negative if the compressed form was longer.
    pub fn saved_bytes(&self) -> i64 {
        self.plain_bytes as i64 - self.wire_bytes as i64
    }

    /// Returns the bytes on the wire divided by the bytes of the messages; 1 without any bytes.
    pub fn ratio(&self) -> f64 {
        if self.plain_bytes == 0 {
            return 1.0;
        }
        self.wire_bytes as f64 / self.plain_bytes as f64
    }

    pub(super) fn count_message(&mut self, plain_bytes: usize, wire: WireInfo) {
        self.messages += 1;
        self.compressed_messages += u64::from(wire.compressed);
        self.data_frames += u64::from(wire.frames);
        self.wire_bytes += wire.wire_bytes;
        self.plain_bytes += plain_bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compression_saves_is_told_also_where_it_costs() {
        let mut traffic = Traffic::default();
        assert!((traffic.ratio() - 1.0).abs() < f64::EPSILON);
        let wire = WireInfo {
            frames: 2,
            compressed: true,
            wire_bytes: 25,
        };
        traffic.count_message(100, wire);
        assert_eq!(traffic.saved_bytes(), 75);
        assert!((traffic.ratio() - 0.25).abs() < f64::EPSILON);
        traffic.count_message(
            0,
            WireInfo {
                wire_bytes: 85,
                ..wire
            },
        );
        assert_eq!(traffic.saved_bytes(), -10);
        assert_eq!((traffic.messages, traffic.data_frames), (2, 4));
    }
}
