//! First line of the inspector: kind, size and time of the record.

use egui::text::{LayoutJob, TextFormat};
use feedscope_core::Kind;
use feedscope_core::store::OwnedRecord;
use jiff::tz::TimeZone;

use super::chosen::has_payload;
use crate::theme::{Palette, font};
use crate::words;

/// Lays out the line: `event price · id 1074 · 118 B · arrived …`.
///
/// `broken_json` is the byte from which on a payload is not JSON any more, with the text there. `is_decoding` is true while
/// the payload is shown as received, because its decoded form is not available yet.
pub(super) fn job(
    palette: &Palette,
    record: &OwnedRecord,
    broken_json: Option<(usize, String)>,
    is_decoding: bool,
    zone: Option<&TimeZone>,
) -> LayoutJob {
    let payload = record.payload();
    let record = record.record();
    let mut job = LayoutJob::default();
    let mut add =
        |text: &str, color| job.append(text, 0.0, TextFormat::simple(font::mono(), color));
    let direction = record
        .kind
        .direction()
        .map_or("", |direction| match direction {
            feedscope_core::Direction::In => "received ",
            feedscope_core::Direction::Out => "sent ",
        });
    add(direction, palette.dim);
    add(record.kind.word(), palette.text);
    match &record.kind {
        Kind::Event { event, id, .. } => {
            add(" ", palette.dim);
            add(&words::beginning(event), palette.string);
            if !id.is_empty() {
                add(" · id ", palette.dim);
                add(&words::beginning(id), palette.number);
            }
        }
        Kind::Close { code, .. } => add(&format!(" {code} {}", code.meaning()), palette.number),
        Kind::Pong { rtt: Some(rtt), .. } => add(
            &format!(" · rtt {}", words::round_trip(*rtt)),
            palette.number,
        ),
        Kind::Note { code, .. } => add(&format!(" {code}"), palette.number),
        _ => {}
    }
    if has_payload(&record.kind) {
        // Only messages have frames and compression.
        let wire = match record.kind {
            Kind::Text { wire, .. } | Kind::Binary { wire, .. } => wire,
            _ => None,
        };
        let size = words::message_size(payload.len() as u64, wire);
        add(&format!(" · {size}"), palette.dim);
    }
    if is_decoding {
        add(words::DECODING, palette.wait);
    } else if let Some((at, found)) = broken_json {
        add(&words::broken_json(at, &found), palette.wait);
    }
    if let Some(zone) = zone {
        let time = words::date_and_time(record.stamp.utc, zone);
        add(&format!(" · {time}"), palette.dim);
    }
    let connection = format!(" · connection {}", record.connection);
    add(&connection, palette.dim);
    job
}
