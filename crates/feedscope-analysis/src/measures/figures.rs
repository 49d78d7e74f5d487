//! The measures of a feed as figures, for people and machines. An unknown figure is absent, not zero.

use serde::Serialize;

use super::latency::Latency;
use super::percentiles::{Percentiles, Times};
use super::sequence::SequenceFaults;
use super::type_counts::Types;

/// Figures of one feed over its whole life. The names of the fields are those of the JSON form.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Time from the first record of any kind to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Payloads (events, lines and messages), received and sent.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The number of payloads of each type: the event's type, or the word of another kind.
    pub types: Types,
    /// Payloads of further types, where there are too many types to list.
    #[serde(skip_serializing_if = "is_zero")]
    pub other_types: u64,
    /// Received payloads over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Times between successive received payloads, also across reconnections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<Percentiles>,
    /// Sizes of received payloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<Percentiles>,
    /// The longest time without a received payload, from the first `open` to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_silence_ms: Option<f64>,
    /// Connections that opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<u64>,
    /// Number of times that the feed began to wait before it connected again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnects: Option<u64>,
    /// Times from `connecting` to `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_open_ms: Option<Times>,
    /// The part of [`seconds`](Self::seconds) in which the feed was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ratio: Option<f64>,
    /// Events that never arrived, as the ids show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<u64>,
    /// Events that arrived again, as the ids show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeated: Option<u64>,
    /// Times from a ping of ours to its pong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt_ms: Option<Times>,
    /// Times from the server's time in a payload to its arrival, where a field was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<Latency>,
    /// Faults of a sequence of numbers, where a field was named: keys, worst first, then the sum.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<SequenceFaults>,
    /// Payloads as they were transferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wire: Option<WireFigures>,
    /// Sentences about figures that are absent or limited, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Received payloads over time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Payloads per second, over the whole time.
    pub mean: f64,
    /// Payloads in the busiest whole second, counted from the first record of any kind.
    pub max_1s: u64,
}

/// Received payloads as they were transferred.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WireFigures {
    /// Payload bytes of the frames, before decompression.
    pub bytes: u64,
    /// The payloads' bytes as a multiple of these.
    pub ratio: f64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
