//! Tests of the matches in the inspector: the find bar steps through a long payload, and short ones are passed at once.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::{Direction, Kind};

use super::fixture::Fixture;

/// Returns a long JSON text. Its strings with `needle` are the elements 40, 120 and 200.
fn long_json() -> String {
    let value = |number: usize| match number {
        40 | 120 | 200 => format!("\"the needle {number}\""),
        _ => format!("\"hay {number}\""),
    };
    let values: Vec<_> = (0..240).map(value).collect();
    format!("{{\"list\":[{}]}}", values.join(","))
}

/// Returns a window whose right pane has these messages, with the find bar of this expression.
fn finding(messages: &[&str], expression: &str) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    for (number, message) in (0..).zip(messages) {
        let kind = Kind::Text {
            direction: Direction::In,
            data: message.as_bytes(),
            failed: None,
            wire: None,
        };
        fixture.push(1, number, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::TextInput, "Find")
        .type_text(expression);
    window.run_steps(3);
    window
}

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers) {
    window.key_press_modifiers(modifiers, Key::Enter);
    window.run_steps(4);
}

fn status(window: &Harness<'_, Fixture>) -> Vec<String> {
    let nodes = window.get_all_by_role(Role::Status);
    nodes
        .filter_map(|node| node.accesskit_node().label())
        .filter(|label| label.contains(" of ") || label.contains("found"))
        .collect()
}

/// Returns true if a line of the tree in sight has this text.
fn shows(window: &Harness<'_, Fixture>, text: &str) -> bool {
    let mut lines = window.query_all_by_role(Role::TreeItem);
    lines.any(|line| {
        line.accesskit_node()
            .label()
            .is_some_and(|label| label.contains(text))
    })
}

#[test]
fn find_steps_through_a_long_tree_and_then_to_the_next_record() {
    let long = long_json();
    let mut window = finding(&["{\"a\":\"needle, needle\"}", &long, "no"], "needle");
    assert_eq!(status(&window), ["1 of 2 · 2 in the record"]);
    // All matches of the short record are visible, so that the next step leads to the long one.
    for (number, expected) in [
        (40, "2 of 2 · 1 of 3 in the record"),
        (120, "2 of 2 · 2 of 3 in the record"),
        (200, "2 of 2 · 3 of 3 in the record"),
    ] {
        press(&mut window, Modifiers::NONE);
        assert!(shows(&window, &format!("the needle {number}")), "{number}");
        assert_eq!(status(&window), [expected]);
    }
    press(&mut window, Modifiers::SHIFT);
    assert!(shows(&window, "the needle 120"));
    // Around the end to the first record, and back to the last match of the long one.
    press(&mut window, Modifiers::NONE);
    press(&mut window, Modifiers::NONE);
    assert_eq!(status(&window), ["1 of 2 · 1 of 2 in the record"]);
    press(&mut window, Modifiers::SHIFT);
    assert!(shows(&window, "the needle 200"));
}

#[test]
fn the_only_record_is_searched_from_its_beginning_again() {
    let long = long_json();
    let mut window = finding(&[&long], "needle");
    for expected in ["1 of 3", "2 of 3", "3 of 3", "1 of 3"] {
        press(&mut window, Modifiers::NONE);
        let expected = format!("1 of 1 · {expected} in the record");
        assert_eq!(status(&window), [expected]);
    }
    assert!(shows(&window, "the needle 40"));
}

#[test]
fn a_value_that_is_too_long_for_its_line_is_shown_from_the_match_on() {
    let long = format!(
        "{{\"a\":\"{0} needle one {0} needle two {0}\"}}",
        "hay ".repeat(400)
    );
    let mut window = finding(&[&long], "needle");
    // Without a current match, the line shows the beginning of the value.
    assert!(shows(&window, "a: \"hay hay"));
    for (nth, number) in [(1, "one"), (2, "two"), (1, "one")] {
        press(&mut window, Modifiers::NONE);
        let around = "hay ".repeat(10);
        let expected = format!("a: …{} needle {number} hay", &around[1..]);
        assert!(shows(&window, &expected), "{expected}");
        let expected = format!("1 of 1 · {nth} of 2 in the record");
        assert_eq!(status(&window), [expected]);
    }
}

#[test]
fn a_match_opens_what_is_folded_around_it() {
    let long = long_json();
    let mut window = finding(&[&long], "needle");
    window
        .get_by_role_and_label(Role::TreeItem, "list: [ 240 items ]")
        .click();
    window.run_steps(3);
    assert!(!shows(&window, "hay"));
    window
        .get_by_role_and_label(Role::TextInput, "Find")
        .focus();
    window.run_steps(2);
    // The folded tree fits, so that the step goes around to the same record.
    press(&mut window, Modifiers::NONE);
    assert!(shows(&window, "the needle 40"));
}

#[test]
fn text_is_searched_as_the_tree_is() {
    let lines: Vec<_> = (0..400)
        .map(|number| match number {
            90 | 300 => format!("a needle in line {number}"),
            _ => format!("line {number}"),
        })
        .collect();
    let mut window = finding(&[&lines.join("\n")], "needle");
    let payload =
        |window: &Harness<'_, Fixture>| window.get_by_label("Payload").value().unwrap_or_default();
    for expected in ["a needle in line 90", "a needle in line 300"] {
        assert!(!payload(&window).contains(expected), "{expected}");
        press(&mut window, Modifiers::NONE);
        assert!(payload(&window).contains(expected), "{expected}");
    }
}

#[test]
fn a_selected_record_shows_the_first_match_of_the_filter() {
    let long = long_json();
    let mut window = finding(&["first", &long], "first");
    window.key_press(Key::Escape);
    window.run_steps(2);
    let filter = |window: &Harness<'static, Fixture>| {
        let fields = window.get_all_by_role_and_label(Role::TextInput, "Filter");
        fields.last().unwrap().focus();
    };
    filter(&window);
    window.run_steps(2);
    window.event(egui::Event::Text("needle".to_owned()));
    window.run_steps(6);
    window.get_by_role_and_label(Role::Status, "1 hit");
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[items.len() - 1].click();
    window.run_steps(4);
    assert!(shows(&window, "the needle 40"));
}
