//! Texts about the wire: frames and compression of messages, and the comparison with another engine.

use feedscope_core::decode::{Traffic, WireInfo};
use feedscope_core::feed::WireTraffic;
use feedscope_core::protocol::Protocol;
use feedscope_core::second_opinion::{self, Opinion, OpinionState};

use super::{bytes, count, counted};

/// Returns the size of a message, with its frames and compression where they matter: `212 B`,
/// `3 frames · 212 B compressed to 61 B`.
pub(crate) fn message_size(plain: u64, wire: Option<WireInfo>) -> String {
    let Some(wire) = wire else {
        return bytes(plain);
    };
    let frames = match wire.frames {
        1 => String::new(),
        frames => format!("{} frames · ", count(u64::from(frames))),
    };
    let compressed = if wire.compressed {
        format!(" compressed to {}", bytes(wire.wire_bytes))
    } else {
        String::new()
    };
    format!("{frames}{}{compressed}", bytes(plain))
}

/// Returns the frames and the compression of an open WebSocket as names and values. Plain messages of one frame each
/// give no entry.
pub(crate) fn wire_facts(wire: &WireTraffic) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    for (name, traffic) in [
        ("compression, received", &wire.received),
        ("compression, sent", &wire.sent),
    ] {
        // An agreed compression that no message uses is not mentioned.
        if traffic.compressed_messages > 0 {
            facts.push((name, savings(traffic)));
        }
    }
    for (name, traffic) in [
        ("frames, received", &wire.received),
        ("frames, sent", &wire.sent),
    ] {
        if traffic.data_frames > traffic.messages {
            let messages = counted(traffic.messages, "message");
            facts.push((
                name,
                format!("{} for {messages}", count(traffic.data_frames)),
            ));
        }
    }
    facts
}

/// Formats the effect of compression: `3.1 MB as 1.2 MB: 61 % saved`.
fn savings(traffic: &Traffic) -> String {
    let sizes = format!(
        "{} as {}",
        bytes(traffic.plain_bytes),
        bytes(traffic.wire_bytes)
    );
    match traffic.saved_bytes() {
        // Compression can make short messages longer.
        saved @ ..0 => format!("{sizes}: costs {}", bytes(saved.unsigned_abs())),
        _ => format!("{sizes}: {:.0} % saved", (1.0 - traffic.ratio()) * 100.0),
    }
}

/// Returns the explanation of the comparison before it starts.
pub(crate) fn comparison_offer(protocol: Protocol) -> String {
    let other = protocol.other_engine().name();
    let mib = second_opinion::MOST_BYTES >> 20;
    let without_compression = match protocol {
        Protocol::EventStream => "",
        Protocol::WebSocket => " Compression is off meanwhile.",
    };
    format!(
        "The same bytes go to Feedscope's own engine, which follows the standard, and to {other}, a library that many \
         programs use. The first record in which they differ is shown. Up to the first {mib} MiB of each connection are \
         compared. Feedscope reconnects to compare from the start.{without_compression}"
    )
}

/// Returns the progress or the result of the comparison.
pub(crate) fn comparison_standing(opinion: &Opinion) -> String {
    let agreed = match opinion.agreed {
        1 => "1 record agrees".to_owned(),
        more => format!("{} records agree", count(more)),
    };
    match &opinion.standing {
        OpinionState::Waiting => "Waiting for a connection.".to_owned(),
        OpinionState::Comparing => format!("{agreed} so far."),
        OpinionState::Limit => format!(
            "{agreed}. The rest of the connection, after the first {} MiB, is not compared.",
            second_opinion::MOST_BYTES >> 20
        ),
        OpinionState::Ended => format!("{agreed}, to the end of the connection."),
        OpinionState::Differs(difference) => {
            let place = format!("First difference: record {}", count(difference.number));
            match opinion.agreed {
                0 => format!("{place}."),
                _ => format!("{place} of its connection. Before that, {agreed}."),
            }
        }
    }
}

/// Returns the state of a comparison of two engines in few words.
pub(crate) fn second_engine(opinion: Option<&Opinion>) -> &'static str {
    match opinion.map(|opinion| &opinion.standing) {
        None | Some(OpinionState::Waiting) => "second engine waits",
        Some(OpinionState::Comparing) => "second engine agrees",
        Some(OpinionState::Limit | OpinionState::Ended) => "second engine agreed",
        Some(OpinionState::Differs(_)) => "second engine differs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_how_it_went_over_the_wire() {
        let wire = |frames, compressed, wire_bytes| {
            Some(WireInfo {
                frames,
                compressed,
                wire_bytes,
            })
        };
        assert_eq!(message_size(212, None), "212 B");
        assert_eq!(
            message_size(212, wire(3, true, 61)),
            "3 frames · 212 B compressed to 61 B"
        );
        assert_eq!(
            message_size(0, wire(1, true, 1)),
            "0 B compressed to 1 B",
            "told also where it costs"
        );
        assert_eq!(
            message_size(9_000, wire(1_200, false, 9_000)),
            "1,200 frames · 9.0 kB"
        );
    }

    #[test]
    fn an_open_connection_tells_what_compression_saves() {
        let plain = Traffic {
            messages: 3,
            data_frames: 3,
            wire_bytes: 300,
            plain_bytes: 300,
            ..Traffic::default()
        };
        let with = |received| {
            wire_facts(&WireTraffic {
                received,
                sent: plain,
            })
        };
        assert_eq!(with(plain), []);
        let compressed = Traffic {
            compressed_messages: 1,
            wire_bytes: 75,
            ..plain
        };
        assert_eq!(
            with(compressed),
            [(
                "compression, received",
                "300 B as 75 B: 75 % saved".to_owned()
            )]
        );
        let costly = Traffic {
            wire_bytes: 310,
            ..compressed
        };
        assert_eq!(with(costly)[0].1, "300 B as 310 B: costs 10 B");
        let fragmented = Traffic {
            data_frames: 7,
            ..plain
        };
        assert_eq!(
            with(fragmented),
            [("frames, received", "7 for 3 messages".to_owned())]
        );
    }
}
