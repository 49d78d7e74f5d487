//! Find: steps through the matches, in both lists and among the hits of the filter.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::filter::{numbers, press, type_filter, window_with};
use super::fixture::{Fixture, rows};
#[test]
fn find_steps_through_matches_and_around_the_end() {
    let mut window = window_with(1_000);
    press(&mut window, Modifiers::COMMAND, Key::F);
    window
        .get_by_role_and_label(Role::TextInput, "Find")
        .type_text("/tick 77/");
    window.run_steps(3);
    window.get_by_role_and_label(Role::Status, "11 found");
    assert_eq!(numbers(&window).last(), Some(&999), "nothing is filtered");
    let payload =
        |window: &Harness<'_, Fixture>| window.get_by_label("Payload").value().unwrap_or_default();
    // No match is in sight, so that the nearest one above comes first.
    for (modifiers, key, at, status) in [
        (Modifiers::NONE, Key::Enter, "tick 779", "11 of 11"),
        (Modifiers::NONE, Key::Enter, "tick 77", "1 of 11"),
        (Modifiers::NONE, Key::F3, "tick 770", "2 of 11"),
        (Modifiers::SHIFT, Key::F3, "tick 77", "1 of 11"),
        (Modifiers::SHIFT, Key::Enter, "tick 779", "11 of 11"),
    ] {
        press(&mut window, modifiers, key);
        assert_eq!(payload(&window), at);
        window.get_by_role_and_label(Role::Status, status);
        assert!(rows(&window).iter().any(|row| row.ends_with(at)), "{at}");
    }
    window.get_by_label_contains("Next match").click();
    window.run_steps(3);
    assert_eq!(payload(&window), "tick 77");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(
        window
            .query_by_role_and_label(Role::TextInput, "Find")
            .is_none()
    );
    assert_eq!(payload(&window), "tick 77", "what was found stays chosen");
}

#[test]
fn what_is_found_in_sight_stays_there_when_the_inspector_opens() {
    let mut window = window_with(1_000);
    let first = numbers(&window)[0];
    press(&mut window, Modifiers::COMMAND, Key::F);
    let text = format!("\"tick {first}\" /{first}/");
    window
        .get_by_role_and_label(Role::TextInput, "Find")
        .type_text(&text);
    window.run_steps(3);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(numbers(&window).contains(&first));
}

#[test]
fn both_lists_show_what_was_found() {
    for number in [9_970, 9_979, 9_997, 97, 5_397] {
        let mut window = window_with(10_000);
        type_filter(&mut window, "7");
        window
            .get_by_label("Hits below the rows, in a list of their own")
            .click();
        window.run_steps(3);
        press(&mut window, Modifiers::COMMAND, Key::F);
        window
            .get_by_role_and_label(Role::TextInput, "Find")
            .type_text(&format!("/k {number}$/"));
        window.run_steps(3);
        press(&mut window, Modifiers::NONE, Key::Enter);
        let shown = numbers(&window);
        assert_eq!(
            shown.iter().filter(|&&it| it == number).count(),
            2,
            "{number}: {shown:?}"
        );
        // Newer rows do not move the row away.
        window.state_mut().push_events(17_000..17_100);
        window.run_steps(2);
        assert_eq!(numbers(&window), shown);
    }
}

#[test]
fn find_looks_among_the_hits_of_the_filter() {
    let mut window = window_with(1_000);
    type_filter(&mut window, "/tick 7/");
    press(&mut window, Modifiers::COMMAND, Key::F);
    window
        .get_by_role_and_label(Role::TextInput, "Find")
        .type_text("99");
    window.run_steps(3);
    window.get_by_role_and_label(Role::Status, "1 found");
    window
        .get_by_role_and_label(Role::TextInput, "Find")
        .type_text(" size:x");
    window.run_steps(3);
    let alert = window.get_by_role(Role::Alert).accesskit_node().label();
    assert!(alert.unwrap_or_default().contains("no size"));
}
