//! Records of the feeds that the window follows, 50 in each millisecond.

use std::io::Write as _;

use feedscope_core::store::StoreWriter;
use feedscope_core::{Direction, Kind, Moment, Record, Sink as _, Stamp, Timestamp};

/// Function that pushes a record with this number.
pub(crate) type Tick = fn(&mut StoreWriter, u64);

/// Number of keys of [`push_keyed`].
pub(crate) const KEYS: u64 = 10_000;

/// Number of fields of [`push_wide`].
pub(crate) const FIELDS: u64 = 20;

/// Pushes an event of about a hundred bytes. Each differs from the others.
pub(crate) fn push_tick(writer: &mut StoreWriter, number: u64) {
    let (whole, part) = (number % 997, number % 100);
    push(writer, number, |data| {
        write!(
            data,
            "{{\"symbol\":\"ACME\",\"price\":{whole}.{part:02},\"volume\":{number},\"book\":{{\"bid\":[55.1,900],\"ask\":[55.2,700]}}}}"
        )
    });
}

/// Pushes an event with one of many keys. In every fifth block of records there are few keys, so that the window offers the
/// field as a key.
pub(crate) fn push_keyed(writer: &mut StoreWriter, number: u64) {
    const BLOCK: u64 = 2_000;
    let key = if number / BLOCK % 5 == 4 {
        number % 50
    } else {
        // The factor has no divisor in common with the number of keys, so that all keys occur.
        number * 7_919 % KEYS
    };
    let (whole, part) = (number % 997, number % 100);
    push(writer, number, |data| {
        write!(
            data,
            "{{\"symbol\":\"K{key:05}\",\"price\":{whole}.{part:02}}}"
        )
    });
}

/// Pushes an event with many fields.
pub(crate) fn push_wide(writer: &mut StoreWriter, number: u64) {
    push(writer, number, |data| {
        for field in 0..FIELDS {
            let start = if field == 0 { '{' } else { ',' };
            let value = number * (field + 1) % 9_973;
            write!(data, "{start}\"f{field}\":{value}")?;
        }
        write!(data, "}}")
    });
}

/// Pushes a message of JSON-RPC: two requests, their answers and six notifications in turns.
pub(crate) fn push_call(writer: &mut StoreWriter, number: u64) {
    let (turn, call) = (number % 10, number / 10);
    let mut data = Vec::with_capacity(128);
    let is_request = turn < 2;
    let text = match turn {
        0 | 1 => write!(
            data,
            "{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"subscribe\",\"params\":{{\"symbol\":\"ACME\",\"depth\":{turn}}}}}",
            2 * call + turn
        ),
        4 | 5 => write!(
            data,
            "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"price\":{}.5,\"volume\":{number}}}}}",
            2 * call + turn - 4,
            number % 997
        ),
        _ => write!(
            data,
            "{{\"jsonrpc\":\"2.0\",\"method\":\"tick\",\"params\":{{\"symbol\":\"ACME\",\"price\":{}.5,\"volume\":{number}}}}}",
            number % 997
        ),
    };
    text.unwrap();
    let kind = Kind::Text {
        direction: if is_request {
            Direction::Out
        } else {
            Direction::In
        },
        data: &data,
        failed: None,
        wire: None,
    };
    writer.push(&Record {
        stamp: stamp(number / 50),
        connection: 1,
        kind,
    });
}

/// Pushes an event whose payload `write` writes.
fn push(
    writer: &mut StoreWriter,
    number: u64,
    write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>,
) {
    let mut id = [0_u8; 20];
    let mut rest = &mut id[..];
    write!(rest, "{number}").unwrap();
    let id_len = 20 - rest.len();
    let mut data = Vec::with_capacity(512);
    write(&mut data).unwrap();
    let kind = Kind::Event {
        event: b"price",
        id: &id[..id_len],
        data: &data,
    };
    writer.push(&Record {
        stamp: stamp(number / 50),
        connection: 1,
        kind,
    });
}

/// Returns the time at some milliseconds after the start.
pub(crate) fn stamp(ms: u64) -> Stamp {
    Stamp {
        moment: Moment::from_millis(ms),
        utc: Timestamp::from_micros(1_795_240_000_000_000 + ms as i64 * 1_000),
    }
}
