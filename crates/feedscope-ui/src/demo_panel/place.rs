//! Values and functions that the pages of the demo panel share.

use egui::{Rect, Ui};
use jiff::tz::TimeZone;

use crate::command::Command;
use crate::demo_scene::{DemoCommand, DemoScene};
use crate::ids::PaneId;
use crate::theme::font;

/// Area and data of a page.
pub(crate) struct DemoPagePlace<'a> {
    pub(crate) rect: Rect,
    pub(crate) demo: &'a DemoScene,
    /// Pane that receives the keys.
    pub(crate) focused: PaneId,
    pub(crate) zone: &'a TimeZone,
}

/// Paints words into `rect` from its top on, on as many lines as there is room for.
pub(super) fn paragraph(ui: &Ui, rect: Rect, text: &str, color: egui::Color32) {
    let font = font::small();
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, color, rect.width());
    job.wrap.max_rows = ((rect.height() / 14.0) as usize).max(1);
    job.wrap.overflow_character = Some('…');
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(rect.min, galley, color);
}

/// Adds a command for the demo server.
pub(super) fn ask(commands: &mut Vec<Command>, command: DemoCommand) {
    commands.push(Command::Demo(command));
}
