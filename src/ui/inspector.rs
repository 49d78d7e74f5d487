//! The inspector: the chosen record whole, as text. It keeps the record that it shows, also when the store lets it go.

use base64::Engine as _;
use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    CursorIcon, Id, Rect, ScrollArea, Sense, TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use feedscope_core::Kind;
use feedscope_core::decode::close_code_meaning;
use feedscope_core::store::{OwnedRecord, Store};
use jiff::tz::TimeZone;

use super::payload_text::visible_lines;
use super::theme::{Palette, font, size};
use super::widgets::icon::Icon;
use super::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, icon_button, one_line, paint_left,
    top_line,
};
use super::words;

/// More than this is not laid out: a text of megabytes would stop the window. Copying takes all of it.
const SHOWN_BYTES: usize = 64 << 10;

/// A pane's inspector.
pub(crate) struct Inspector {
    /// Its height as the user wants it.
    height: f32,
    chosen: Option<Chosen>,
}

struct Chosen {
    record: OwnedRecord,
    /// The payload's beginning as text, decoded once.
    text: String,
    cut: bool,
}

impl Default for Inspector {
    fn default() -> Self {
        Self {
            height: 196.0,
            chosen: None,
        }
    }
}

impl Inspector {
    /// Takes the chosen row's record, if it is another one than before.
    pub(crate) fn choose(&mut self, store: &Store, row: Option<u64>) {
        if self.chosen.as_ref().map(|chosen| chosen.record.row()) == row {
            return;
        }
        self.chosen = row.and_then(|row| store.record(row)).map(|record| {
            let (text, cut) = text_of(&record);
            Chosen { record, text, cut }
        });
    }

    /// How high it is drawn where `room` is left for it and the rows; 0 while nothing is chosen.
    pub(crate) fn height(&self, room: f32) -> f32 {
        if self.chosen.is_some() {
            self.height.min(room * 0.5).max(64.0)
        } else {
            0.0
        }
    }

    /// The whole payload as it is copied: text as it came, bytes as base64.
    pub(crate) fn payload_to_copy(&self) -> Option<String> {
        self.chosen
            .as_ref()
            .map(|chosen| match chosen.record.record().kind {
                Kind::Binary { data, .. } => base64::engine::general_purpose::STANDARD.encode(data),
                _ if chosen.cut => String::from_utf8_lossy(chosen.record.payload()).into_owned(),
                _ => chosen.text.clone(),
            })
    }

    /// Draws it; returns whether it was closed.
    pub(crate) fn show(&mut self, ui: &mut Ui, pane: usize, rect: Rect, zone: &TimeZone) -> bool {
        let palette = Palette::of(ui);
        ui.painter().rect_filled(rect, 0.0, palette.panel);
        top_line(ui, rect);
        self.edge(ui, pane, rect);
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), 34.0));
        let mut strip = Strip::new(head, 8.0, 4.0);
        let closed = icon_button(
            ui,
            strip.right(ICON_BUTTON.x, ICON_BUTTON.y),
            Id::unique(("inspector close", pane)),
            Icon::Cross,
            "Close the inspector",
        )
        .clicked();
        let copy = strip.right(button_width(ui, "Copy", Look::Ghost), size::BUTTON);
        if button(ui, copy, Id::unique(("copy", pane)), "Copy", Look::Ghost).clicked()
            && let Some(text) = self.payload_to_copy()
        {
            ui.ctx().copy_text(text);
        }
        let Some(chosen) = &self.chosen else {
            return closed;
        };
        let mut job = headline(palette, chosen, zone);
        job.wrap = one_line(strip.room() - 8.0);
        paint_left(
            ui,
            rect.left() + 14.0,
            head.center().y,
            ui.painter().layout_job(job),
        );
        bottom_line(ui, head);
        let body = Rect::from_min_max(
            pos2(rect.left() + 14.0, head.bottom() + 6.0),
            rect.max - vec2(6.0, 4.0),
        );
        payload(ui, pane, body, chosen);
        closed
    }

    /// The upper edge is dragged to change the height.
    fn edge(&mut self, ui: &Ui, pane: usize, rect: Rect) {
        let grip = Rect::from_min_size(rect.min - vec2(0.0, 3.0), vec2(rect.width(), 6.0));
        let response = ui.interact(grip, Id::unique(("inspector edge", pane)), Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Inspector height"));
        if response.dragged() {
            self.height = (self.height - response.drag_delta().y).clamp(64.0, 1_200.0);
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
    }
}

fn payload(ui: &mut Ui, pane: usize, rect: Rect, chosen: &Chosen) {
    let palette = Palette::of(ui);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("inspector", pane)));
    child.set_clip_rect(ui.clip_rect().intersect(rect));
    ScrollArea::vertical()
        .id_salt(("inspector text", pane))
        .auto_shrink(false)
        .show(&mut child, |ui| {
            let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, width: f32| {
                // Sign for sign as long as the buffer, so that what is selected and copied is what came.
                let shown = visible_lines(buffer.as_str()).into_owned();
                let mut format = TextFormat::simple(font::mono(), palette.text);
                format.line_height = Some(19.0);
                let mut job = LayoutJob::single_section(shown, format);
                job.wrap.max_width = width;
                ui.painter().layout_job(job)
            };
            let mut text = chosen.text.as_str();
            let edit = TextEdit::multiline(&mut text)
                .id(Id::unique(("payload", pane)))
                .frame(egui::Frame::NONE)
                .layouter(&mut layouter)
                .desired_width(ui.available_width() - 12.0)
                .desired_rows(1);
            ui.add(edit).accessible_name("Payload");
            if chosen.cut {
                let size = words::bytes(chosen.record.payload().len() as u64);
                let shown = words::bytes(SHOWN_BYTES as u64);
                ui.label(
                    egui::RichText::new(format!(
                        "The first {shown} of {size} are shown; Copy takes all."
                    ))
                    .color(palette.dim),
                );
            }
        });
}

/// `event price · id 1074 · 118 B · arrived …`
fn headline(palette: &Palette, chosen: &Chosen, zone: &TimeZone) -> LayoutJob {
    let record = chosen.record.record();
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
            add(&String::from_utf8_lossy(event), palette.string);
            if !id.is_empty() {
                add(" · id ", palette.dim);
                add(&String::from_utf8_lossy(id), palette.number);
            }
        }
        Kind::Close { code, .. } => add(
            &format!(" {code} {}", close_code_meaning(*code)),
            palette.number,
        ),
        Kind::Pong { rtt: Some(rtt), .. } => add(
            &format!(" · rtt {}", words::round_trip(*rtt)),
            palette.number,
        ),
        Kind::Note { code, .. } => add(&format!(" {code}"), palette.number),
        _ => {}
    }
    if !matches!(
        record.kind,
        Kind::State(_) | Kind::Gap(_) | Kind::Retry { .. } | Kind::Note { .. }
    ) {
        add(
            &format!(" · {}", words::bytes(chosen.record.payload().len() as u64)),
            palette.dim,
        );
    }
    add(
        &format!(
            " · {} · connection {}",
            words::date_and_time(record.stamp.utc, zone),
            record.connection
        ),
        palette.dim,
    );
    job
}

/// The record's payload as text, cut; a sentence and its fields for kinds without one.
fn text_of(record: &OwnedRecord) -> (String, bool) {
    let payload = record.payload();
    match record.record().kind {
        Kind::State(change) => (
            format!("{}\n\n{}", words::transition(&change), fields(record)),
            false,
        ),
        Kind::Gap(gap) => (format!("{gap}\n\n{}", fields(record)), false),
        Kind::Retry { ms } => (format!("retry: {ms}"), false),
        Kind::Binary { data, .. } => {
            let shown = &data[..data.len().min(SHOWN_BYTES / 4)];
            (hex_lines(shown), shown.len() < data.len())
        }
        _ => {
            let cut = payload.len() > SHOWN_BYTES;
            (
                String::from_utf8_lossy(&payload[..payload.len().min(SHOWN_BYTES)]).into_owned(),
                cut,
            )
        }
    }
}

fn fields(record: &OwnedRecord) -> String {
    let mut line = Vec::new();
    feedscope_core::record::write_json_line(&mut line, &record.record(), None);
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

/// Sixteen bytes a line: offset, hexadecimal, the printable ones as text.
fn hex_lines(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    const FITS: &str = "a string takes what it is given";
    let mut out = String::with_capacity(bytes.len() * 5);
    for (i, line) in bytes.chunks(16).enumerate() {
        write!(out, "{:08x}  ", i * 16).expect(FITS);
        for byte in line {
            write!(out, "{byte:02x} ").expect(FITS);
        }
        out.extend(std::iter::repeat_n(' ', 3 * (16 - line.len()) + 1));
        out.extend(line.iter().map(|&byte| {
            if (0x20..0x7f).contains(&byte) {
                char::from(byte)
            } else {
                '.'
            }
        }));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_sixteen_a_line() {
        let bytes: Vec<u8> = (0x3e..0x50).collect();
        assert_eq!(
            hex_lines(&bytes),
            "00000000  3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d  >?@ABCDEFGHIJKLM\n\
             00000010  4e 4f                                            NO\n"
        );
    }
}
