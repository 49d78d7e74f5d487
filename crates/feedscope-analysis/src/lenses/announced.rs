//! Interval of keep-alive messages that a server announces to its client.

use std::time::Duration;

use serde::Deserialize;

use super::LensName;
use super::keeper::{OFFERED_HEART_BEAT, early};

/// Longest message that is searched for an interval, in bytes.
const LONGEST_GREETING: usize = 16 << 10;

/// Interval that a server announces for the messages of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnouncedInterval {
    /// The client sends at this interval.
    Every(Duration),
    /// The client need not send.
    Never,
}

/// Returns the interval that a received message announces; `None` for other messages.
pub fn announced_interval(lens: LensName, message: &[u8]) -> Option<AnnouncedInterval> {
    if message.len() > LONGEST_GREETING {
        return None;
    }
    match lens {
        LensName::SocketIo => {
            #[derive(Deserialize)]
            struct Handshake {
                #[serde(rename = "pingInterval")]
                ping_interval: u64,
            }
            // `0` is the type of the first packet.
            let handshake = message.strip_prefix(b"0")?;
            let handshake: Handshake = serde_json::from_slice(handshake).ok()?;
            let interval = Duration::from_millis(handshake.ping_interval);
            (!interval.is_zero()).then_some(AnnouncedInterval::Every(interval))
        }
        LensName::Stomp => {
            let text = std::str::from_utf8(message).ok()?;
            let mut lines = text.trim_start_matches(['\r', '\n']).lines();
            if lines.next()? != "CONNECTED" {
                return None;
            }
            let mut headers = lines.take_while(|line| !line.is_empty());
            let beats = headers.find_map(|line| line.strip_prefix("heart-beat:"));
            // Without the header, no side sends heart-beats.
            let Some((_, wanted)) = beats.and_then(|beats| beats.split_once(',')) else {
                return Some(AnnouncedInterval::Never);
            };
            let wanted = Duration::from_millis(wanted.trim().parse().ok()?);
            Some(if wanted.is_zero() {
                AnnouncedInterval::Never
            } else {
                AnnouncedInterval::Every(early(wanted.max(OFFERED_HEART_BEAT)))
            })
        }
        _ => None,
    }
}
