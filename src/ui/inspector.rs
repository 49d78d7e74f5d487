//! The inspector: the chosen record whole, as a JSON tree, as text or as bytes. It keeps the record that it shows, also when the store lets it go.

mod json;

use base64::Engine as _;
use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, CursorIcon, Id, Rect, ScrollArea, Sense, TextEdit, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};
use feedscope_core::Kind;
use feedscope_core::decode::close_code_meaning;
use feedscope_core::store::{OwnedRecord, Store};
use jiff::tz::TimeZone;

use super::payload_text::visible_lines;
use super::theme::{Palette, font, size};
use super::widgets::icon::Icon;
use super::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, icon_button, measured, one_line,
    paint_left, panel, top_line,
};
use super::{PaneId, words};
use json::JsonTree;

/// A JSON text longer than this is not taken apart: that would stop the window.
const TREE_BYTES: usize = 2 << 20;

/// More than this is not laid out: a text of megabytes would stop the window. Copying takes all of it.
const SHOWN_BYTES: usize = 64 << 10;

/// A pane's inspector.
pub(crate) struct Inspector {
    /// Its height as the user wants it.
    height: f32,
    /// What the user looks at; where a record has no such form, another is shown.
    tab: Tab,
    chosen: Option<Chosen>,
}

struct Chosen {
    record: OwnedRecord,
    /// The payload's beginning as text, decoded once.
    text: String,
    cut: bool,
    /// The payload as JSON, with its whole text.
    tree: Option<(JsonTree, String)>,
}

/// The forms in which a payload is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Json,
    Text,
    Hex,
}

impl Default for Inspector {
    fn default() -> Self {
        Self {
            height: 196.0,
            tab: Tab::Json,
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
            let tree = tree_of(&record);
            Chosen {
                record,
                text,
                cut,
                tree,
            }
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
    pub(crate) fn show(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect, zone: &TimeZone) -> bool {
        let palette = Palette::of(ui);
        panel(ui, rect);
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
        let Some(chosen) = &mut self.chosen else {
            return closed;
        };
        let tab = chosen.tab(self.tab);
        for other in [Tab::Json, Tab::Text, Tab::Hex]
            .into_iter()
            .filter(|&tab| chosen.has(tab))
        {
            let place = strip.left(measured(ui, other.name(), font::label()) + 18.0, 24.0);
            if tab_button(ui, place, pane, other, other == tab) {
                self.tab = other;
            }
        }
        bottom_line(ui, head);
        let mut job = headline(palette, chosen, zone);
        let line = Rect::from_min_size(
            pos2(rect.left() + 14.0, head.bottom() + 4.0),
            vec2(rect.width() - 28.0, 20.0),
        );
        ui.interact(
            line,
            Id::unique(("inspector headline", pane)),
            Sense::hover(),
        )
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, &job.text));
        job.wrap = one_line(line.width());
        paint_left(
            ui,
            line.left(),
            line.center().y,
            ui.painter().layout_job(job),
        );
        let body = Rect::from_min_max(
            pos2(line.left(), line.bottom() + 2.0),
            rect.max - vec2(6.0, 4.0),
        );
        match (tab, &mut chosen.tree) {
            (Tab::Json, Some((tree, text))) => tree.show(ui, pane, body, text),
            (Tab::Hex, _) => {
                let bytes = chosen.record.payload();
                let shown = &bytes[..bytes.len().min(SHOWN_BYTES)];
                payload(ui, pane, body, &hex_lines(shown), shown.len(), bytes.len());
            }
            _ => {
                let shown = if chosen.cut {
                    SHOWN_BYTES
                } else {
                    chosen.record.payload().len()
                };
                payload(
                    ui,
                    pane,
                    body,
                    &chosen.text,
                    shown,
                    chosen.record.payload().len(),
                );
            }
        }
        closed
    }

    /// The upper edge is dragged to change the height.
    fn edge(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let grip = Rect::from_min_size(rect.min - vec2(0.0, 3.0), vec2(rect.width(), 6.0));
        let response = ui.interact(grip, Id::unique(("inspector edge", pane)), Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Inspector height"));
        if response.dragged() {
            self.height = (self.height - response.drag_delta().y).clamp(64.0, 1_200.0);
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
    }
}

impl Tab {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Text => "Text",
            Self::Hex => "Hex",
        }
    }
}

impl Chosen {
    /// Whether the payload can be shown so.
    fn has(&self, tab: Tab) -> bool {
        match tab {
            Tab::Json => self.tree.is_some(),
            Tab::Text => true,
            Tab::Hex => has_payload(&self.record.record().kind),
        }
    }

    /// What is shown where `wanted` was asked for.
    fn tab(&self, wanted: Tab) -> Tab {
        match self.record.record().kind {
            _ if self.has(wanted) => wanted,
            Kind::Binary { .. } => Tab::Hex,
            _ => Tab::Text,
        }
    }
}

fn has_payload(kind: &Kind<'_>) -> bool {
    !matches!(
        kind,
        Kind::State(_) | Kind::Gap(_) | Kind::Retry { .. } | Kind::Note { .. }
    )
}

fn tab_button(ui: &Ui, rect: Rect, pane: PaneId, tab: Tab, on: bool) -> bool {
    let palette = Palette::of(ui);
    let response = ui.interact(
        rect,
        Id::unique(("inspector tab", pane, tab.name())),
        Sense::click(),
    );
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, tab.name()));
    if on || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    let color = if on { palette.text } else { palette.dim };
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        tab.name(),
        font::label(),
        color,
    );
    response.clicked()
}

/// Text that can be selected and copied; says where it was cut.
fn payload(ui: &mut Ui, pane: PaneId, rect: Rect, text: &str, shown: usize, whole: usize) {
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
            let mut text = text;
            let edit = TextEdit::multiline(&mut text)
                .id(Id::unique(("payload", pane)))
                .frame(egui::Frame::NONE)
                .layouter(&mut layouter)
                .desired_width(ui.available_width() - 12.0)
                .desired_rows(1);
            ui.add(edit).accessible_name("Payload");
            if shown < whole {
                let (shown, whole) = (words::bytes(shown as u64), words::bytes(whole as u64));
                let text = format!("The first {shown} of {whole} are shown; Copy takes all.");
                ui.label(egui::RichText::new(text).color(palette.dim));
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
    if has_payload(&record.kind) {
        let wire = match record.kind {
            Kind::Text { wire, .. } | Kind::Binary { wire, .. } => wire,
            _ => None,
        };
        let size = words::message_size(chosen.record.payload().len() as u64, wire);
        add(&format!(" · {size}"), palette.dim);
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
        _ => {
            let cut = payload.len() > SHOWN_BYTES;
            (
                String::from_utf8_lossy(&payload[..payload.len().min(SHOWN_BYTES)]).into_owned(),
                cut,
            )
        }
    }
}

/// The payload as a tree, where it is JSON of a size that can be taken apart at once.
fn tree_of(record: &OwnedRecord) -> Option<(JsonTree, String)> {
    let payload = record.payload();
    if payload.len() > TREE_BYTES || !has_payload(&record.record().kind) {
        return None;
    }
    let text = std::str::from_utf8(payload).ok()?.to_owned();
    Some((JsonTree::of(&text)?, text))
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
