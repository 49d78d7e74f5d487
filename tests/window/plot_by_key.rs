//! Plot with a line for each value of a key: its legend, its table, and keys that no record has.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::fixture::{Fixture, type_by_click};
use super::plot::{act_on_price, choose, exchange, labels, plot_price, ticks};

/// Returns a window with a plot of the price that has a line for each symbol.
fn split_by_symbol(fixture: Fixture, width: f32, height: f32) -> Harness<'static, Fixture> {
    let mut window = fixture.harness(width, height);
    window.run_steps(4);
    plot_price(&mut window);
    choose(&mut window, "Lines one line", "By .symbol");
    window
}

#[test]
fn a_price_is_a_line_after_three_clicks_and_splits_by_symbol() {
    let mut window = exchange();
    plot_price(&mut window);
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Plotted number .price");
    choose(&mut window, "Lines one line", "By .symbol");
    window.get_by_label("Plot of 2 lines");
    // The numbers are also a table.
    window
        .get_by_role_and_label(Role::CheckBox, "Table")
        .click();
    window.run_steps(3);
    let labels = labels(&window);
    for text in [
        "ACME",
        "ACNE",
        "largest of ACME: 900.5",
        "smallest of ACNE: 100.5",
        "points of ACME: 30",
    ] {
        assert!(
            labels.iter().any(|label| label == text),
            "{text} in {labels:?}"
        );
    }
}

#[test]
fn the_price_of_one_symbol_is_a_line_after_three_clicks() {
    let mut window = exchange();
    act_on_price(&mut window, "ACNE", "Plot of the same key");
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Lines only ACNE");
    window
        .get_by_role_and_label(Role::CheckBox, "Copy CSV")
        .click();
    window.run_steps(3);
    let copied = window.state().copied.last().unwrap();
    assert_eq!(copied.lines().count(), 31, "{copied}");
    // All symbols have a line again.
    choose(&mut window, "Lines only ACNE", "By .symbol");
    window.get_by_label("Plot of 2 lines");
}

#[test]
fn a_key_that_no_record_has_is_reported_with_the_nearest_one() {
    let mut window = exchange();
    plot_price(&mut window);
    window.get_by_label("Lines one line").click();
    window.run_steps(3);
    type_by_click(&mut window, "Path of the field", ".sy");
    window.get_by_label("No record has .sy. Nearest: .symbol");
}

#[test]
fn names_without_room_are_counted_at_the_end_of_the_legend() {
    let fixture = ticks(|number| {
        format!(
            "{{\"symbol\":\"the name of symbol {}\",\"price\":{number}}}",
            number % 12
        )
    });
    let window = split_by_symbol(fixture, 1280.0, 800.0);
    window.get_by_label("Plot of 12 lines");
    let named: Vec<String> = labels(&window)
        .into_iter()
        .filter(|label| label.contains("the name"))
        .collect();
    let (others, shown) = named.split_last().unwrap();
    let count = others[1..].split(':').next().unwrap();
    assert_eq!(
        count.parse::<usize>().unwrap() + shown.len(),
        12,
        "{named:?}"
    );
    assert!(others.ends_with("the name of symbol 11"), "{others}");
}

#[test]
fn the_keys_scroll_the_table_of_a_plot() {
    let fixture = ticks(|number| format!("{{\"symbol\":\"S{}\",\"price\":{number}}}", number % 30));
    let mut window = split_by_symbol(fixture, 640.0, 480.0);
    window
        .get_by_role_and_label(Role::CheckBox, "Table")
        .click();
    window.run_steps(4);
    let table = window.get_by_role_and_label(Role::Table, "Numbers of the plot");
    let area = table.rect();
    let is_in_sight = |window: &Harness<'_, Fixture>, name: &str| {
        let name = format!("largest of {name}:");
        let mut nodes = window.query_all_by_label_contains(&name);
        nodes.any(|node| area.contains(node.rect().center()))
    };
    assert!(is_in_sight(&window, "S0") && !is_in_sight(&window, "S29"));
    table.focus();
    window.run_steps(2);
    window.key_press(Key::End);
    // The scrolling takes some passes.
    window.run_steps(40);
    assert!(!is_in_sight(&window, "S0") && is_in_sight(&window, "S29"));
    window.key_press(Key::Home);
    window.run_steps(40);
    assert!(is_in_sight(&window, "S0"));
}
