//! Log of painted frames for `scripts/clicks.py`, in programs with the feature `inspection` alone.
//!
//! Each line is a JSON object about one frame: the presses of the mouse that it handled, and the rows that it painted, as
//! the accessibility tree has them. The tree is written by other code than the one that finds the row of a press, so that
//! the script can compare both.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use egui::accesskit::{Role, TreeUpdate};
use egui::{Context, Event, FullOutput, Key, Plugin, RawInput};
use serde::Serialize;

/// Variable of the environment with the path of the log.
const VARIABLE: &str = "FEEDSCOPE_FRAME_LOG";

/// Starts the log, if the environment names a file for it.
pub(super) fn install(ctx: &Context) -> io::Result<()> {
    if let Some(path) = std::env::var_os(VARIABLE) {
        ctx.add_plugin(FrameLog {
            file: BufWriter::new(File::create(path)?),
            frame: Frame::default(),
        });
    }
    Ok(())
}

/// Plugin that writes the log.
struct FrameLog {
    file: BufWriter<File>,
    /// Frame that is being drawn, or the last one.
    frame: Frame,
}

/// Line of the log.
#[derive(Default, Serialize)]
struct Frame {
    number: u64,
    /// Points of the presses that this frame handled.
    presses: Vec<[f32; 2]>,
    /// Escape was pressed, which ends a selection.
    has_escape: bool,
    rows: Vec<Row>,
}

/// Row that a frame painted.
#[derive(Serialize)]
struct Row {
    /// Number in its list, counted from 1.
    position: usize,
    label: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
    is_selected: bool,
}

impl Plugin for FrameLog {
    fn debug_name(&self) -> &'static str {
        "feedscope frame log"
    }

    fn setup(&mut self, ctx: &Context) {
        ctx.enable_accesskit();
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        let presses = input.events.iter().filter_map(|event| match event {
            Event::PointerButton {
                pos, pressed: true, ..
            } => Some([pos.x, pos.y]),
            _ => None,
        });
        let is_escape = |event: &Event| {
            matches!(
                event,
                Event::Key {
                    key: Key::Escape,
                    pressed: true,
                    ..
                }
            )
        };
        self.frame = Frame {
            has_escape: input.events.iter().any(is_escape),
            number: self.frame.number + 1,
            presses: presses.collect(),
            rows: Vec::new(),
        };
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        if let Some(update) = &output.platform_output.accesskit_update {
            self.frame.rows = rows(update);
        }
        // A log that cannot be written lacks frames, and the script reports those.
        if serde_json::to_writer(&mut self.file, &self.frame).is_ok() {
            self.file.write_all(b"\n").ok();
            self.file.flush().ok();
        }
    }
}

/// Returns the rows of all lists of records.
fn rows(update: &TreeUpdate) -> Vec<Row> {
    let rows = update.nodes.iter().filter_map(|(_, node)| {
        if node.role() != Role::ListBoxOption {
            return None;
        }
        let bounds = node.bounds()?;
        Some(Row {
            position: node.position_in_set()?,
            label: node.label()?.to_owned(),
            left: bounds.x0,
            top: bounds.y0,
            right: bounds.x1,
            bottom: bounds.y1,
            is_selected: node.is_selected() == Some(true),
        })
    });
    rows.collect()
}
