//! Text that is typed after a command whose field does not exist, such as a message in a pane to which nothing can be sent. It
//! was meant for that field, so that it becomes neither commands nor a part of another field.

use egui::{Event, Key, Ui};

/// Time after the command in which typed text is dropped, in seconds.
const FIRST: f64 = 3.0;

/// Time after each dropped character, in seconds.
const NEXT: f64 = 1.5;

/// Typed text that has no field.
#[derive(Default)]
pub(crate) struct RefusedTyping {
    /// Time of the window until which it is dropped, in seconds.
    until: Option<f64>,
}

impl RefusedTyping {
    /// Drops the text that is typed next.
    pub(crate) fn begin(&mut self, ui: &Ui) {
        self.until = Some(ui.input(|input| input.time) + FIRST);
    }

    /// Takes the text from the input. Enter, Escape, Tab, an arrow, a key of a command and a click end it.
    pub(crate) fn take_keys(&mut self, ui: &Ui) {
        let Some(until) = self.until else { return };
        ui.input_mut(|input| {
            let now = input.time;
            let mut until = Some(until).filter(|until| now < *until);
            input.events.retain(|event| {
                let Some(end) = until else { return true };
                match meaning(event) {
                    Meaning::Text => until = Some(end.max(now + NEXT)),
                    Meaning::End { is_taken } => {
                        until = None;
                        return !is_taken;
                    }
                    Meaning::Other => return true,
                }
                false
            });
            self.until = until;
        });
    }
}

/// Meaning of an event for the typed text.
enum Meaning {
    Text,
    /// The text ends. The key that would send it is taken, too.
    End {
        is_taken: bool,
    },
    Other,
}

fn meaning(event: &Event) -> Meaning {
    match event {
        Event::Text(_) | Event::Paste(_) | Event::Ime(_) => Meaning::Text,
        Event::PointerButton { pressed: true, .. } => Meaning::End { is_taken: false },
        Event::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } => {
            let is_command = modifiers.command || modifiers.alt;
            let writes = key.symbol_or_name().chars().count() == 1
                || matches!(key, Key::Space | Key::Backspace | Key::Delete);
            match key {
                Key::Enter if !is_command => Meaning::End { is_taken: true },
                Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight => {
                    Meaning::End { is_taken: false }
                }
                _ if writes && !is_command => Meaning::Text,
                _ => Meaning::End { is_taken: false },
            }
        }
        _ => Meaning::Other,
    }
}
