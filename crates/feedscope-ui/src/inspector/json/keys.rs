//! Keys of a tree: the arrow keys move over values, fold and unfold them.

use egui::{Event, Id, Key, Ui};

use super::{JsonTree, ShownTree, TreeWish};
use crate::shortcuts::note_own_copy;
use crate::widgets::text_field::keep_keys;

impl JsonTree {
    /// Handles the pressed keys while the tree has the keyboard focus.
    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        id: Id,
        shown: &ShownTree<'_>,
        fitting: f64,
    ) -> Option<TreeWish> {
        if !ui.memory(|memory| memory.has_focus(id)) {
            return None;
        }
        keep_keys(ui, id);
        note_own_copy(ui, id);
        let chosen = self.chosen.unwrap_or_else(|| self.node(shown, 0));
        self.chosen = Some(chosen);
        let mut wish = None;
        for event in ui.input(|input| input.events.clone()) {
            match event {
                Event::Copy => {
                    let shift = ui.input(|input| input.modifiers.shift);
                    let chosen = self.chosen.unwrap_or_default();
                    wish = Some(if shift {
                        TreeWish::CopyPath(chosen)
                    } else {
                        TreeWish::CopyValue(chosen)
                    });
                }
                Event::Key {
                    key: Key::Escape,
                    pressed: true,
                    ..
                } => ui.memory_mut(|memory| memory.surrender_focus(id)),
                Event::Key {
                    key,
                    pressed: true,
                    modifiers,
                    ..
                } if modifiers.is_none() && key == Key::P => {
                    wish = Some(TreeWish::TogglePlot(self.chosen.unwrap_or_default()));
                }
                Event::Key {
                    key: Key::P,
                    pressed: true,
                    modifiers,
                    ..
                } if modifiers.shift_only() => {
                    wish = Some(TreeWish::PlotOnly(self.chosen.unwrap_or_default()));
                }
                Event::Key {
                    key,
                    pressed: true,
                    modifiers,
                    ..
                } if modifiers.is_none() => self.press(key, shown, fitting),
                _ => {}
            }
        }
        wish
    }

    /// Handles one key.
    fn press(&mut self, key: Key, shown: &ShownTree<'_>, fitting: f64) {
        let Some(chosen) = self.chosen else {
            return;
        };
        let row = self.row(shown, chosen);
        let last = self.rows(shown).saturating_sub(1);
        // One row of the former page stays in sight.
        let page = (fitting as usize).max(2) - 1;
        let has_members = shown.outline.node(chosen).next > chosen + 1;
        let is_open = has_members && !self.folds.is_folded(chosen);
        let parent = shown.outline.parent(chosen);
        let next = match key {
            Key::ArrowUp => row.saturating_sub(1),
            Key::ArrowDown => row + 1,
            Key::PageUp => row.saturating_sub(page),
            Key::PageDown => row + page,
            Key::Home => 0,
            Key::End => last,
            Key::ArrowRight if is_open => row + 1,
            // On a folded value or a leaf, the left arrow key goes to the parent.
            Key::ArrowLeft if !is_open => {
                parent.map_or(row, |parent| self.row(shown, parent.max(shown.first())))
            }
            Key::ArrowRight | Key::ArrowLeft | Key::Enter | Key::Space => {
                self.toggle(shown, chosen);
                row
            }
            _ => return,
        };
        self.chosen = Some(self.node(shown, next.min(last)));
        self.reveal = true;
    }
}
