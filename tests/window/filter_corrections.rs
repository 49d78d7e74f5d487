//! Corrections of a typed filter: a field without its dot, numbers compared with texts, and a misspelled path.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::filter::{filter_text, press, type_filter};
use super::fixture::Fixture;

/// Window over JSON payloads with numbers, and with numbers as texts.
fn window_with_fields() -> Harness<'static, Fixture> {
    let data = |number: u64| {
        format!(
            "{{\"symbol\":\"{}\",\"price\":{},\"size\":\"{number}.5\"}}",
            ["ACME", "ACNE"][number as usize % 2],
            100 + number
        )
    };
    let fixture = Fixture::of_events("price", |number| number * 10, data);
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    window
}

#[test]
fn a_filter_without_its_dot_is_corrected_by_tab_or_by_a_click() {
    let mut window = window_with_fields();
    type_filter(&mut window, "price > 140");
    window.run_steps(6);
    window.get_by_role_and_label(Role::Status, "0 hits");
    window.get_by_label("Did you mean .price > 140?");
    press(&mut window, Modifiers::NONE, Key::Tab);
    window.run_steps(4);
    assert_eq!(filter_text(&window), ".price > 140");
    window.get_by_role_and_label(Role::Status, "19 hits");
    assert!(window.query_by_label_contains("Did you mean").is_none());
    // The field has kept the focus, and a second Tab leaves it as usual.
    type_filter(&mut window, " and symbol == ACME");
    window.run_steps(6);
    let corrected = "Did you mean .price > 140 and .symbol == \"ACME\"?";
    window.get_by_label(corrected).click();
    window.run_steps(6);
    assert_eq!(filter_text(&window), ".price > 140 and .symbol == \"ACME\"");
    window.get_by_role_and_label(Role::Status, "9 hits");
    press(&mut window, Modifiers::NONE, Key::Tab);
    let mut fields = window.get_all_by_role_and_label(Role::TextInput, "Filter");
    assert!(!fields.next().unwrap().is_focused());
}

#[test]
fn a_comparison_of_a_number_with_texts_is_reported() {
    let mut window = window_with_fields();
    // jq orders each text after each number, so that all records match.
    type_filter(&mut window, ".size > 40");
    window.run_steps(6);
    window.get_by_role_and_label(Role::Status, "60 hits");
    window
        .get_by_label("Did you mean (.size|tonumber) > 40?")
        .click();
    window.run_steps(6);
    window.get_by_role_and_label(Role::Status, "20 hits");
}

#[test]
fn a_path_that_no_record_has_names_the_nearest_one() {
    let mut window = window_with_fields();
    type_filter(&mut window, ".prcie");
    window.run_steps(6);
    window.get_by_label("Did you mean .price?");
    let alert = window.get_by_role(Role::Alert).accesskit_node().label();
    let alert = alert.unwrap_or_default();
    assert!(alert.contains("no record has a value at .prcie"), "{alert}");
}

#[test]
fn a_misspelled_qualifier_is_corrected() {
    let mut window = window_with_fields();
    type_filter(&mut window, "tipe:price");
    window.run_steps(6);
    window.get_by_role_and_label(Role::Status, "0 hits");
    window.get_by_label("Did you mean type:price?").click();
    window.run_steps(6);
    assert_eq!(filter_text(&window), "type:price");
    window.get_by_role_and_label(Role::Status, "60 hits");
}
