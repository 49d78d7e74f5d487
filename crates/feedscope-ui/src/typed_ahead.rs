//! Keys that arrive together in one pass. egui moves the focus at most once in a pass, so that keys after a Tab would reach
//! the field before it. They wait for the next pass.

use egui::{Event, Key};

/// Input that waits for the next pass.
#[derive(Default)]
pub struct TypedAhead {
    events: Vec<Event>,
}

impl TypedAhead {
    /// Takes the input of a pass, and leaves the part that this pass can handle. Returns true if some input waits.
    pub fn take_in(&mut self, events: &mut Vec<Event>) -> bool {
        if !self.events.is_empty() {
            // The order of the input stays.
            events.splice(0..0, self.events.drain(..));
        }
        let after_tab = events.iter().position(is_tab).map(|at| at + 1);
        // Without further keys, the pointer need not wait.
        if let Some(at) = after_tab.filter(|at| events[*at..].iter().any(is_typed)) {
            self.events = events.split_off(at);
        }
        !self.events.is_empty()
    }
}

fn is_tab(event: &Event) -> bool {
    matches!(
        event,
        Event::Key {
            key: Key::Tab,
            pressed: true,
            ..
        }
    )
}

fn is_typed(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { pressed: true, .. } | Event::Text(_) | Event::Paste(_) | Event::Ime(_)
    )
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, RawInput, TextEdit};

    use super::*;

    fn tab(pressed: bool) -> Event {
        Event::Key {
            key: Key::Tab,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        }
    }

    #[test]
    fn a_text_after_several_tabs_reaches_the_right_field() {
        let context = egui::Context::default();
        let mut fields = [const { String::new() }; 5];
        let mut pass = |events: Vec<Event>| {
            let input = RawInput {
                events,
                ..RawInput::default()
            };
            let output = context.run_ui(input, |ui| {
                for (number, field) in fields.iter_mut().enumerate() {
                    let response = ui.add(TextEdit::singleline(field));
                    if number == 0 && ui.memory(|memory| memory.focused().is_none()) {
                        response.request_focus();
                    }
                }
            });
            output.drop_without_applying_deltas();
        };
        pass(Vec::new());
        pass(Vec::new());
        let mut ahead = TypedAhead::default();
        let mut events: Vec<Event> = (0..4).flat_map(|_| [tab(true), tab(false)]).collect();
        events.push(Event::Text("a".to_owned()));
        let mut passes = 1;
        while ahead.take_in(&mut events) {
            pass(std::mem::take(&mut events));
            passes += 1;
        }
        pass(events);
        assert_eq!(passes, 5);
        assert_eq!(fields.join("|"), "||||a");
    }

    #[test]
    fn other_input_does_not_wait() {
        let mut ahead = TypedAhead::default();
        let mut events = vec![Event::Text("a".to_owned()), tab(true), tab(false)];
        events.push(Event::PointerGone);
        assert!(!ahead.take_in(&mut events));
        assert_eq!(events.len(), 4);
    }
}
