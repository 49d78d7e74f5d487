//! Keys that arrive together in one pass, just after a key that closes a sheet, or just after a button of the mouse. They wait
//! for the next pass.
//!
//! egui moves the focus at most once in a pass, so that keys after a Tab would reach the field before it. A sheet takes the
//! keys until the end of the pass after the one that closes it. A field that a command opens has no focus before the next
//! pass, so that letters after such a key would become commands. A new pane is drawn only in that pass, so that its field has
//! the focus in the pass after it. A field that is clicked has the focus one pass later, too, and so has one that a click
//! beside it leaves for a moment.

use egui::{Event, Key, Modifiers};

/// Input that waits for the next pass.
#[derive(Default)]
pub struct TypedAhead {
    events: Vec<Event>,
    /// The last pass ended with a key that may have closed a sheet or opened a pane, so that this pass has no right place
    /// for keys.
    may_be_covered: bool,
}

impl TypedAhead {
    /// Takes the input of a pass, and leaves the part that this pass can handle. Returns true if some input waits.
    pub fn take_in(&mut self, events: &mut Vec<Event>) -> bool {
        if !self.events.is_empty() {
            // The order of the input stays.
            events.splice(0..0, self.events.drain(..));
        }
        let covered = std::mem::take(&mut self.may_be_covered);
        let end = if covered {
            events.iter().position(is_typed)
        } else {
            end_of_pass(events)
        };
        // Without further keys, the pointer need not wait.
        if let Some(at) = end.filter(|at| events[*at..].iter().any(is_typed)) {
            self.events = events.split_off(at);
        }
        self.may_be_covered = events
            .iter()
            .any(|event| may_close(event) || may_open_pane(event));
        !self.events.is_empty()
    }
}

/// Returns the place after the first key or button whose effect the following keys need; `None` if there is none.
fn end_of_pass(events: &[Event]) -> Option<usize> {
    let at = events.iter().enumerate().position(|(at, event)| {
        // A key that is held down repeats, and needs no pass for each time.
        let next = || events[at + 1..].iter().find(|event| is_typed(event));
        is_tab(event)
            || is_button(event)
            || may_close(event)
            || ((may_open(event) || moves(event)) && next().is_some_and(|it| !is_same(event, it)))
    })?;
    // A sheet must have the text before it asks whether the text is dropped.
    let is_escape = pressed(&events[at]).is_some_and(|(key, _)| key == Key::Escape);
    let follows = is_escape && events[..at].iter().any(is_typed);
    Some(if follows { at } else { at + 1 })
}

/// Returns true for a key that moves in a list. A list moves once in a pass.
fn moves(event: &Event) -> bool {
    pressed(event).is_some_and(|(key, _)| {
        matches!(
            key,
            Key::Home | Key::End | Key::PageUp | Key::PageDown | Key::ArrowUp | Key::ArrowDown
        )
    })
}

fn is_tab(event: &Event) -> bool {
    pressed(event).is_some_and(|(key, _)| key == Key::Tab)
}

/// Returns true if a button of the mouse was pressed or released.
fn is_button(event: &Event) -> bool {
    matches!(event, Event::PointerButton { .. })
}

/// Returns true for a key that may close a sheet.
fn may_close(event: &Event) -> bool {
    pressed(event).is_some_and(|(key, _)| matches!(key, Key::Escape | Key::Enter))
}

/// Returns true for a key of a command that may open a sheet, a menu or a field.
fn may_open(event: &Event) -> bool {
    match event {
        // A sign such as `/` is known by its text, which follows its key.
        Event::Text(text) => {
            text.len() == 1 && text.bytes().all(|sign| sign.is_ascii_punctuation())
        }
        _ => pressed(event).is_some_and(|(key, modifiers)| {
            modifiers.command || matches!(key, Key::F1 | Key::F2 | Key::F10 | Key::Menu)
        }),
    }
}

/// Returns true for a key of a command that may open a pane. The keys that move are held down, and open none.
fn may_open_pane(event: &Event) -> bool {
    pressed(event).is_some_and(|(key, modifiers)| {
        let is_letter = key.name().len() == 1 && key.name().as_bytes()[0].is_ascii_uppercase();
        modifiers.command && (is_letter || key == Key::Backslash)
    })
}

/// Returns true for two events of the same key.
fn is_same(event: &Event, other: &Event) -> bool {
    match (event, other) {
        (Event::Text(text), Event::Text(other)) => text == other,
        _ => pressed(event).is_some() && pressed(event) == pressed(other),
    }
}

/// Returns the pressed key with its modifiers.
fn pressed(event: &Event) -> Option<(Key, Modifiers)> {
    match event {
        Event::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } => Some((*key, *modifiers)),
        _ => None,
    }
}

fn is_typed(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { pressed: true, .. } | Event::Text(_) | Event::Paste(_) | Event::Ime(_)
    )
}

#[cfg(test)]
mod tests {
    use egui::{RawInput, TextEdit};

    use super::*;

    fn tab(pressed: bool) -> Event {
        key(Key::Tab, pressed, Modifiers::NONE)
    }

    fn key(key: Key, pressed: bool, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        }
    }

    /// Returns the number of events of each pass until nothing waits.
    fn passes(ahead: &mut TypedAhead, mut events: Vec<Event>) -> Vec<usize> {
        let mut counts = Vec::new();
        while ahead.take_in(&mut events) {
            counts.push(std::mem::take(&mut events).len());
        }
        counts.push(events.len());
        counts
    }

    #[test]
    fn keys_after_a_closed_sheet_wait_until_it_is_gone() {
        let escape = |pressed| key(Key::Escape, pressed, Modifiers::NONE);
        let list = key(Key::K, true, Modifiers::COMMAND);
        let text = |text: &str| Event::Text(text.to_owned());
        let mut ahead = TypedAhead::default();
        // The release of the key does not wait. The list opens in the third pass, and the text reaches it in the fifth.
        let events = vec![
            escape(true),
            escape(false),
            list.clone(),
            text("a"),
            text("b"),
        ];
        assert_eq!(passes(&mut ahead, events), [1, 1, 1, 0, 2]);
        // The same if the key arrives in the pass after the one that closes the sheet.
        let mut ahead = TypedAhead::default();
        assert_eq!(passes(&mut ahead, vec![escape(true)]), [1]);
        assert_eq!(
            passes(&mut ahead, vec![escape(false), list.clone()]),
            [1, 1]
        );
        // A pass without keys is enough.
        let mut ahead = TypedAhead::default();
        assert_eq!(passes(&mut ahead, vec![escape(true)]), [1]);
        assert_eq!(passes(&mut ahead, Vec::new()), [0]);
        assert_eq!(passes(&mut ahead, vec![list]), [1]);
    }

    #[test]
    fn a_text_after_the_key_of_a_new_pane_waits_until_its_field_has_the_focus() {
        let new_pane = key(Key::N, true, Modifiers::COMMAND);
        let text = |text: &str| Event::Text(text.to_owned());
        let mut ahead = TypedAhead::default();
        let events = vec![new_pane.clone(), text("1"), text("2")];
        assert_eq!(passes(&mut ahead, events), [1, 0, 2]);
        // The same if the text arrives in the next pass.
        assert_eq!(passes(&mut ahead, vec![new_pane]), [1]);
        assert_eq!(passes(&mut ahead, vec![text("1")]), [0, 1]);
        assert_eq!(passes(&mut ahead, vec![text("2")]), [1]);
    }

    #[test]
    fn letters_after_the_sign_that_opens_a_field_wait_for_it() {
        let down = |of: Key| key(of, true, Modifiers::NONE);
        let text = |text: &str| Event::Text(text.to_owned());
        let mut ahead = TypedAhead::default();
        let events = vec![down(Key::Slash), text("/"), down(Key::T), text("t")];
        assert_eq!(passes(&mut ahead, events), [2, 2]);
        assert_eq!(passes(&mut ahead, vec![text("/"), text("t")]), [1, 1]);
        let arrow = vec![down(Key::Slash), text("/"), down(Key::ArrowDown)];
        assert_eq!(passes(&mut ahead, arrow), [2, 1]);
        // Within a text, signs have no effect but this.
        assert_eq!(passes(&mut ahead, vec![text("a"), text("b")]), [2]);
    }

    #[test]
    fn a_text_before_escape_and_each_step_in_a_list_have_passes_of_their_own() {
        let down = |of: Key| key(of, true, Modifiers::NONE);
        let text = |text: &str| Event::Text(text.to_owned());
        let mut ahead = TypedAhead::default();
        let events = vec![text("a"), text("b"), down(Key::Escape), text("c")];
        assert_eq!(passes(&mut ahead, events), [2, 1, 0, 1]);
        let mut ahead = TypedAhead::default();
        let events = vec![down(Key::Home), down(Key::ArrowDown), down(Key::ArrowDown)];
        assert_eq!(passes(&mut ahead, events), [1, 2]);
    }

    #[test]
    fn a_key_that_is_held_down_needs_no_pass_for_each_time() {
        let right = || key(Key::ArrowRight, true, Modifiers::COMMAND);
        let mut ahead = TypedAhead::default();
        let events = vec![right(), right(), right(), Event::Text("a".to_owned())];
        assert_eq!(passes(&mut ahead, events), [3, 1]);
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
    fn a_text_after_a_click_reaches_the_field_that_it_focuses() {
        let button = |pressed| Event::PointerButton {
            pos: egui::pos2(5.0, 5.0),
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let mut ahead = TypedAhead::default();
        let text = Event::Text("a".to_owned());
        let events = vec![button(true), button(false), text.clone()];
        assert_eq!(passes(&mut ahead, events), [1, 1, 1]);
        // The mouse alone does not wait, and neither does a text before it.
        let mut events = vec![text, button(true), button(false)];
        assert!(!ahead.take_in(&mut events));
        assert_eq!(events.len(), 3);
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
