//! Time under the pointer. One pane sets it, and all panes show it.

use egui::{Id, Ui};
use feedscope_core::Timestamp;

/// Time under the pointer, and the number of the pass in which it was set.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    at: Timestamp,
    pass: u64,
}

/// Sets the time under the pointer. It is valid until the end of the next pass.
pub(crate) fn set(ui: &Ui, at: Timestamp) {
    if get(ui) != Some(at) {
        // Panes that are drawn already follow in the next pass.
        ui.ctx().request_repaint();
    }
    let pass = ui.ctx().cumulative_pass_nr();
    ui.data_mut(|data| data.insert_temp(Id::NULL, Cursor { at, pass }));
}

/// Returns the time under the pointer; `None` if the pointer is at no time.
pub(crate) fn get(ui: &Ui) -> Option<Timestamp> {
    let cursor: Cursor = ui.data(|data| data.get_temp(Id::NULL))?;
    let is_valid = cursor.pass + 1 >= ui.ctx().cumulative_pass_nr();
    is_valid.then_some(cursor.at)
}
