//! Keys in a menu, the keyboard focus after it, and the roles of its entries.

use egui::accesskit::{Role, Toggled};
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fixture::{Fixture, is_focused};
use super::hand;
use super::keyboard::{press, window};

const NONE: Modifiers = Modifiers::NONE;

/// Types a text as a keyboard does: without looking which widget has the focus.
pub(super) fn type_blindly(window: &mut Harness<'_, Fixture>, text: &str) {
    for letter in text.chars() {
        window.event(Event::Text(letter.to_string()));
        window.run_steps(2);
    }
}

/// Clicks the first widget with this name as a hand does.
pub(super) fn click(window: &mut Harness<'_, Fixture>, name: &str) {
    let at = window.query_all_by_label(name).next().unwrap().rect();
    hand::click(window, at.center(), 1);
    window.run_steps(3);
}

/// Clicks the last widget with this name, which is in the last pane.
pub(super) fn click_last(window: &mut Harness<'_, Fixture>, name: &str) {
    let at = window.query_all_by_label(name).last().unwrap().rect();
    hand::click(window, at.center(), 1);
    window.run_steps(3);
}

/// Returns the name and the value of the widget with the focus.
pub(super) fn focus(window: &Harness<'_, Fixture>) -> Option<(String, String)> {
    let node = window.query_all_by(is_focused).next()?;
    let label = node.accesskit_node().label().unwrap_or_default();
    // The list of rows passes the focus on to its selected row.
    Some((label, node.value().unwrap_or_default()))
}

pub(super) fn focused_name(window: &Harness<'_, Fixture>) -> String {
    focus(window).unwrap_or_default().0
}

/// Puts the cursor before the last word of "one two" in the composer or in the filter of the first pane.
pub(super) fn write(window: &mut Harness<'_, Fixture>, field: &str) {
    let (modifiers, key) = match field {
        "Message" => {
            press(window, Modifiers::COMMAND, Key::Num2);
            (Modifiers::COMMAND, Key::M)
        }
        _ => (Modifiers::COMMAND | Modifiers::SHIFT, Key::F),
    };
    press(window, modifiers, key);
    type_blindly(window, "one two");
    for _ in "two".chars() {
        press(window, NONE, Key::ArrowLeft);
    }
    assert_eq!(
        focus(window),
        Some((field.to_owned(), "one two".to_owned()))
    );
}

#[test]
fn escape_in_a_menu_returns_to_the_field_with_its_text_and_cursor() {
    for (field, menu, arrows) in [
        ("Message", "Text ▾", 1),
        ("Message", "Text ▾", 0),
        ("Filter", "Values to filter by", 1),
        ("Filter", "Values to filter by", 0),
        ("Filter", "More", 1),
    ] {
        let mut window = window();
        write(&mut window, field);
        let entries = |window: &Harness<'_, Fixture>| window.query_all_by_role(Role::Menu).count();
        click(&mut window, menu);
        assert_eq!(entries(&window), 1, "{menu}");
        for _ in 0..arrows {
            press(&mut window, NONE, Key::ArrowDown);
        }
        press(&mut window, NONE, Key::Escape);
        assert_eq!(entries(&window), 0, "{menu}");
        type_blindly(&mut window, "a/");
        let text = Some((field.to_owned(), "one a/two".to_owned()));
        assert_eq!(focus(&window), text, "{menu}, {arrows}");
        assert_eq!(window.state().commands, [], "{menu}, {arrows}");
    }
}

#[test]
fn escape_in_a_menu_that_a_key_opened_returns_to_the_widget_before() {
    let mut window = window();
    write(&mut window, "Message");
    press(&mut window, NONE, Key::Tab);
    assert_eq!(focused_name(&window), "Text ▾");
    press(&mut window, NONE, Key::Enter);
    press(&mut window, NONE, Key::ArrowDown);
    assert_eq!(focused_name(&window), "JSON");
    press(&mut window, NONE, Key::Escape);
    assert_eq!(focused_name(&window), "Text ▾");
    // The menu of the values is opened from within the field.
    write(&mut window, "Filter");
    press(&mut window, Modifiers::ALT, Key::ArrowDown);
    press(&mut window, NONE, Key::ArrowDown);
    assert_ne!(focused_name(&window), "Filter");
    press(&mut window, NONE, Key::Escape);
    assert_eq!(focused_name(&window), "Filter");
}

#[test]
fn escape_in_the_menu_of_a_row_returns_to_the_rows() {
    let mut window = window();
    press(&mut window, NONE, Key::ArrowUp);
    let before = focused_name(&window);
    assert!(before.ends_with("tick 99"), "{before:?}");
    press(&mut window, Modifiers::SHIFT, Key::F10);
    window.run_steps(3);
    press(&mut window, NONE, Key::ArrowDown);
    assert_eq!(focused_name(&window), "Without this type");
    press(&mut window, NONE, Key::Escape);
    assert_eq!(focused_name(&window), before);
    press(&mut window, NONE, Key::ArrowUp);
    let after = focused_name(&window);
    assert!(after.ends_with("tick 98"), "{after:?}");
}

#[test]
fn a_choice_by_the_mouse_returns_to_the_field_and_a_click_elsewhere_leaves_it() {
    let mut window = window();
    write(&mut window, "Message");
    click_last(&mut window, "More");
    click(&mut window, "Copy the URL");
    assert_eq!(window.state().copied.len(), 1);
    assert_eq!(focused_name(&window), "Message");
    // A click beside the menu leaves the field, as it does without a menu.
    click_last(&mut window, "More");
    hand::click(&mut window, egui::pos2(960.0, 300.0), 1);
    window.run_steps(3);
    assert_eq!(window.query_all_by_role(Role::Menu).count(), 0);
    assert_ne!(focused_name(&window), "Message");
}

#[test]
fn keys_work_in_a_menu_that_the_mouse_opened() {
    for (key, entry) in [
        (Key::Home, "Text"),
        (Key::ArrowDown, "Escapes"),
        (Key::ArrowUp, "Text"),
        (Key::Enter, "JSON"),
    ] {
        let mut window = window();
        click(&mut window, "Text ▾");
        click(&mut window, "JSON");
        write(&mut window, "Message");
        click(&mut window, "JSON ▾");
        press(&mut window, NONE, key);
        if key != Key::Enter {
            assert_eq!(focused_name(&window), entry, "{key:?}");
            press(&mut window, NONE, Key::Enter);
        }
        assert_eq!(window.query_all_by_role(Role::Menu).count(), 0, "{key:?}");
        window.get_by_label(&format!("{entry} ▾"));
        let text = Some(("Message".to_owned(), "one two".to_owned()));
        assert_eq!(focus(&window), text, "{key:?}");
        assert_eq!(window.state().commands, [], "{key:?}");
    }
    // A menu without a present choice begins at its ends.
    for (key, entry) in [
        (Key::Home, "Plot…"),
        (Key::ArrowDown, "Plot…"),
        (Key::End, "Close the pane Ctrl W"),
        (Key::ArrowUp, "Close the pane Ctrl W"),
    ] {
        let mut window = window();
        click(&mut window, "More");
        press(&mut window, NONE, Key::Enter);
        assert_eq!(window.query_all_by_role(Role::Menu).count(), 1);
        press(&mut window, NONE, key);
        assert_eq!(focused_name(&window), entry, "{key:?}");
    }
    // The last entry is no form.
    let mut window = window();
    click(&mut window, "Text ▾");
    press(&mut window, NONE, Key::End);
    assert_eq!(focused_name(&window), "Save this message…");
}

#[test]
fn home_and_end_in_a_text_field_of_a_menu_move_its_cursor() {
    let mut window = window();
    let at = window.get_by_label_contains("tick 99").rect().center();
    hand::secondary_click(&mut window, at);
    window
        .get_by_role_and_label(Role::TextInput, "Field to show as a column")
        .focus();
    window.run_steps(2);
    type_blindly(&mut window, ".b");
    press(&mut window, NONE, Key::Home);
    type_blindly(&mut window, ".a");
    let (name, value) = focus(&window).unwrap();
    assert_eq!(
        (name.as_str(), value.as_str()),
        ("Field to show as a column", ".a.b")
    );
}

#[test]
fn entries_of_menus_have_the_roles_of_entries() {
    let mut window = window();
    click(&mut window, "Text ▾");
    let state = |window: &Harness<'_, Fixture>, role, name: &str| {
        let node = window.get_by_role_and_label(role, name);
        node.accesskit_node().toggled()
    };
    let form = |window: &Harness<'_, Fixture>, name| state(window, Role::MenuItemRadio, name);
    assert_eq!(form(&window, "Text"), Some(Toggled::True));
    assert_eq!(form(&window, "Ping"), Some(Toggled::False));
    press(&mut window, NONE, Key::Escape);
    let at = window.get_by_label_contains("tick 99").rect().center();
    hand::secondary_click(&mut window, at);
    let column = |window: &Harness<'_, Fixture>, name| state(window, Role::MenuItemCheckBox, name);
    assert_eq!(state(&window, Role::MenuItem, "Copy payload"), None);
    assert_eq!(column(&window, "size"), Some(Toggled::True));
    assert_eq!(column(&window, "connection"), Some(Toggled::False));
    // The controls behind the menu keep theirs.
    window.get_by_role_and_label(Role::Button, "Text ▾");
}

#[test]
fn a_choice_in_a_sheet_acts_as_a_menu_does() {
    // The whole sheet is in sight.
    let mut window = Fixture::default().harness(1280.0, 1100.0);
    press(&mut window, Modifiers::COMMAND, Key::Comma);
    window.run_steps(2);
    assert_eq!(focused_name(&window), "Headers");
    type_blindly(&mut window, "X-A: 1");
    let combo = |window: &Harness<'_, Fixture>| {
        let node = window.get_by_role_and_label(Role::ComboBox, "Format");
        (node.rect().center(), node.value().unwrap_or_default())
    };
    let (at, before) = combo(&window);
    for (keys, expected) in [
        (&[Key::ArrowDown, Key::Escape][..], &before),
        (&[Key::Enter][..], &before),
        (&[Key::End, Key::Home, Key::Enter][..], &before),
    ] {
        hand::click(&mut window, at, 1);
        window.run_steps(3);
        for key in keys {
            press(&mut window, NONE, *key);
        }
        assert_eq!(&combo(&window).1, expected, "{keys:?}");
        assert_eq!(focused_name(&window), "Headers", "{keys:?}");
    }
    hand::click(&mut window, at, 1);
    window.run_steps(3);
    press(&mut window, NONE, Key::End);
    press(&mut window, NONE, Key::Enter);
    assert_ne!(combo(&window).1, before);
    // The letters go on where they were.
    type_blindly(&mut window, "2");
    assert_eq!(focus(&window).unwrap().1, "X-A: 12");
    assert_eq!(window.state().commands, []);
}

#[test]
fn escape_in_the_menu_of_a_saved_connection_leaves_the_list_open() {
    let mut fixture = Fixture::default();
    fixture.recent = vec!["http://127.0.0.1:9/recent".to_owned()];
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::K);
    type_blindly(&mut window, "rec");
    let entry = focus(&window);
    let at = window.get_by_label_contains("/recent").rect().center();
    hand::secondary_click(&mut window, at);
    assert_eq!(window.query_all_by_role(Role::Menu).count(), 1);
    press(&mut window, NONE, Key::ArrowDown);
    press(&mut window, NONE, Key::Escape);
    assert_eq!(window.query_all_by_role(Role::Menu).count(), 0);
    assert_eq!(focus(&window), entry);
    type_blindly(&mut window, "ent");
    let typed = |window: &Harness<'_, Fixture>| {
        let mut fields = window.query_all_by_role(Role::TextInput);
        fields.any(|field| field.value().as_deref() == Some("recent"))
    };
    assert!(typed(&window));
    press(&mut window, NONE, Key::Escape);
    assert!(window.query_by_label_contains("/recent").is_none());
}

#[test]
fn a_closed_sheet_returns_the_focus_to_the_field_behind_it() {
    let command = Modifiers::COMMAND;
    for (modifiers, key) in [
        (NONE, Key::F1),
        (command | Modifiers::SHIFT, Key::P),
        (command, Key::Comma),
        (command, Key::K),
        (command, Key::O),
    ] {
        let mut window = window();
        write(&mut window, "Message");
        press(&mut window, modifiers, key);
        assert_ne!(focused_name(&window), "Message", "{key:?} opens a sheet");
        press(&mut window, NONE, Key::Escape);
        assert_eq!(focused_name(&window), "Message", "after {key:?}");
        type_blindly(&mut window, "x");
        let message = window.get_by_label("Message").value();
        assert_eq!(message.as_deref(), Some("one xtwo"), "after {key:?}");
        assert!(window.state().commands.is_empty(), "after {key:?}");
    }
}

/// Runs the command of the palette with this name.
fn run(window: &mut Harness<'_, Fixture>, command: &str) {
    press(window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    type_blindly(window, command);
    press(window, NONE, Key::Enter);
    window.run_steps(3);
}

#[test]
fn a_command_of_the_palette_gives_the_focus_to_its_field() {
    for (command, field) in [
        ("Edit the URL", "URL"),
        ("Filter", "Filter"),
        ("Find", "Find"),
    ] {
        let mut window = window();
        write(&mut window, "Message");
        run(&mut window, command);
        assert_eq!(focused_name(&window), field, "{command}");
    }
}

#[test]
fn a_menu_that_the_palette_opens_has_the_keys_before_the_field_behind_it() {
    let mut window = window();
    write(&mut window, "Message");
    run(&mut window, "Values to filter by");
    assert_eq!(window.query_all_by_role(Role::Menu).count(), 1);
    assert_ne!(focused_name(&window), "Message");
    press(&mut window, NONE, Key::Escape);
    assert_eq!(focused_name(&window), "Message");
}

#[test]
fn a_command_that_goes_to_another_pane_takes_the_focus_with_it() {
    let mut window = window();
    write(&mut window, "Message");
    run(&mut window, "Go to the next pane");
    assert_ne!(focused_name(&window), "Message");
}

#[test]
fn a_pane_that_a_key_opens_has_the_keys_and_not_the_field_before_it() {
    let mut window = window();
    write(&mut window, "Message");
    press(&mut window, Modifiers::COMMAND, Key::Backslash);
    window.state_mut().open_second_view();
    window.run_steps(4);
    assert_ne!(focused_name(&window), "Message");
    type_blindly(&mut window, "/x");
    assert_eq!(focus(&window), Some(("Filter".to_owned(), "x".to_owned())));
    assert_eq!(
        window.get_by_label("Message").value().as_deref(),
        Some("one two")
    );
}

#[test]
fn a_menu_of_another_pane_does_not_return_the_keys_to_the_composer() {
    let mut window = window();
    write(&mut window, "Message");
    // The menu of the first pane.
    click(&mut window, "More");
    assert_eq!(window.query_all_by_role(Role::Menu).count(), 1);
    press(&mut window, NONE, Key::Escape);
    assert_ne!(focused_name(&window), "Message");
    press(&mut window, NONE, Key::Enter);
    assert_eq!(window.state().commands, []);
}

#[test]
fn a_closed_pane_leaves_the_keys_to_the_pane_before_it() {
    let mut window = window();
    let active = |window: &Harness<'_, Fixture>| window.state().window.session().focused;
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    assert_eq!(active(&window), 1);
    press(&mut window, Modifiers::COMMAND, Key::Backslash);
    window.state_mut().open_second_view();
    window.run_steps(4);
    assert_eq!(active(&window), 2);
    window.state_mut().panes.pop();
    window.run_steps(4);
    assert_eq!(active(&window), 1);
}
