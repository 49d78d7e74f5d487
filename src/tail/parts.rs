//! Parts of a record as text for people: time, direction, type, ID and payload. Characters that could control a terminal
//! are replaced.

use std::io::Write as _;
use std::time::Duration;

use feedscope_core::connection::{StateChange, Wait};
use feedscope_core::record::{Direction, Kind};
use feedscope_core::safe_text::write_safe;
use feedscope_core::{ConnectionState, Timestamp};
use jiff::tz::TimeZone;

/// Number of bytes of a binary payload that are shown.
const HEX_BYTES: usize = 32;

/// Appends the time of day, such as `05:49:14.524`. A time outside of the range of calendars is written as in JSON.
pub(super) fn time(out: &mut Vec<u8>, zone: &TimeZone, at: Timestamp) {
    let Ok(timestamp) = jiff::Timestamp::from_microsecond(at.as_micros()) else {
        return out.extend_from_slice(&at.to_rfc3339());
    };
    let time = zone.to_datetime(timestamp).time();
    let (hour, minute, second, milli) = (
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond(),
    );
    put(
        out,
        format_args!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    );
}

/// Returns the sign of the direction, with a space on both sides.
pub(super) fn arrow(kind: &Kind<'_>) -> &'static str {
    match kind.direction() {
        Some(Direction::In) => " ↓ ",
        Some(Direction::Out) => " ↑ ",
        None => " · ",
    }
}

/// Returns the text of the type column: the state of a transition, the type of an event, or the kind of other records.
pub(super) fn name<'a>(kind: &Kind<'a>) -> &'a [u8] {
    match kind {
        Kind::State(change) => change.state.word().as_bytes(),
        Kind::Event { event, .. } => event,
        _ => kind.word().as_bytes(),
    }
}

/// Returns the text of the ID column.
pub(super) fn id<'a>(kind: &Kind<'a>) -> &'a [u8] {
    match kind {
        Kind::Event { id, .. } => id,
        _ => b"",
    }
}

/// Appends the text of the last column.
pub(super) fn payload(out: &mut Vec<u8>, kind: &Kind<'_>) {
    match kind {
        Kind::State(change) => transition(out, change),
        Kind::Event { data, .. } | Kind::Comment { data } | Kind::Line { data } => {
            write_safe(out, data);
        }
        Kind::Retry { ms } => put(out, format_args!("{ms} ms")),
        Kind::Text { data, failed, .. } => {
            write_safe(out, data);
            not_sent(out, *failed);
        }
        Kind::Binary { data, failed, .. } => {
            put(out, format_args!("{} B", data.len()));
            hex(out, data);
            not_sent(out, *failed);
        }
        Kind::Ping { data, .. } => hex(out, data),
        Kind::Pong { data, rtt, .. } => {
            if let Some(rtt) = rtt {
                put(
                    out,
                    format_args!("round trip {:.1} ms", rtt.as_secs_f64() * 1e3),
                );
            }
            hex(out, data);
        }
        Kind::Close { code, reason, .. } => {
            put(out, format_args!("{code} "));
            write_safe(out, reason.as_bytes());
        }
        Kind::Gap(gap) => write_safe(out, gap.to_string().as_bytes()),
        Kind::Note { text, .. } => write_safe(out, text.as_bytes()),
    }
}

/// Appends the known details of a transition: reason, HTTP status, attempt and delay.
fn transition(out: &mut Vec<u8>, change: &StateChange) {
    let start = out.len();
    let next = |out: &mut Vec<u8>| {
        if out.len() > start {
            out.extend_from_slice(b"; ");
        }
    };
    if let Some(reason) = &change.reason {
        write_safe(out, reason.as_bytes());
    }
    if let Some(status) = change.status
        && change.state == ConnectionState::Open
    {
        next(out);
        put(out, format_args!("HTTP {status}"));
    }
    // The first attempt is only worth a word if it is delayed.
    if let Some(attempt) = change.attempt
        && (attempt > 1 || change.delay_ms.is_some())
    {
        next(out);
        put(out, format_args!("attempt {attempt}"));
    }
    if let Some(ms) = change.delay_ms {
        let wait = Duration::from_millis(ms);
        if wait < Duration::from_mins(2) {
            put(out, format_args!(" in {:.1} s", wait.as_secs_f64()));
        } else {
            put(out, format_args!(" in {}", Wait(wait)));
        }
    }
}

fn not_sent(out: &mut Vec<u8>, failed: Option<&str>) {
    if let Some(reason) = failed {
        out.extend_from_slice(b"  (not sent: ");
        write_safe(out, reason.as_bytes());
        out.push(b')');
    }
}

/// Appends the first bytes with two hexadecimal digits each.
fn hex(out: &mut Vec<u8>, data: &[u8]) {
    for byte in &data[..data.len().min(HEX_BYTES)] {
        put(out, format_args!(" {byte:02x}"));
    }
    if data.len() > HEX_BYTES {
        out.extend_from_slice(" …".as_bytes());
    }
}

/// Appends `bytes` in a safe form, and spaces up to `width` characters.
pub(super) fn padded(out: &mut Vec<u8>, bytes: &[u8], width: usize) {
    let start = out.len();
    write_safe(out, bytes);
    // Counts characters, that is, every byte except for continuation bytes. The width that a terminal gives to each
    // character is unknown.
    let shown = out[start..]
        .iter()
        .filter(|&&byte| byte & 0xc0 != 0x80)
        .count();
    out.resize(out.len() + width.saturating_sub(shown), b' ');
}

/// Appends a formatted text.
pub(super) fn put(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what)
        .expect("a vector takes what it is given");
}
