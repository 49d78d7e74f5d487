//! How long a part of the window has been open.

use egui::{Id, Ui};

/// Returns the number of passes before this one in which a part was shown without a break: 0 in the pass that opens it. It
/// is called once in each pass that shows the part.
pub(crate) fn passes_shown(ui: &Ui, id: Id) -> u64 {
    let id = id.with("passes shown");
    let pass = ui.ctx().cumulative_pass_nr();
    // The first pass without a break, and the last one.
    let shown = ui.data(|data| data.get_temp::<(u64, u64)>(id));
    let first = shown
        .filter(|(_, last)| last + 1 >= pass)
        .map_or(pass, |(first, _)| first);
    ui.data_mut(|data| data.insert_temp(id, (first, pass)));
    pass - first
}

#[cfg(test)]
mod tests {
    use egui::{Context, RawInput};

    use super::*;

    #[test]
    fn a_part_that_was_closed_begins_again() {
        let ctx = Context::default();
        let shown = [true, true, true, false, true, true].map(|is_shown| {
            let mut passes = None;
            let output = ctx.run_ui(RawInput::default(), |ui| {
                passes = is_shown.then(|| passes_shown(ui, Id::unique("part")));
            });
            output.drop_without_applying_deltas();
            passes
        });
        assert_eq!(shown, [Some(0), Some(1), Some(2), None, Some(0), Some(1)]);
    }
}
