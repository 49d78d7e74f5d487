//! Jumps to a row by its number, a percentage or a time.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fixture::Fixture;
use super::rows::{first_and_last, window_with};
fn go_to(window: &mut Harness<'_, Fixture>, text: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(2);
    window
        .get_by_role_and_label(Role::TextInput, "Go to")
        .type_text(text);
    window.run_steps(2);
}

#[test]
fn a_row_number_a_part_and_a_time_lead_to_their_row() {
    // Ten records per millisecond start at 05:46:40. The present time is 05:51:40.
    let mut window = window_with(300_000);
    for (text, said, row) in [
        ("120000", "row 120,000 of 300,000", 119_999),
        ("50 %", "row 150,001 of 300,000", 150_000),
        ("05:46:52.345", "row 123,451 of 300,000", 123_450),
        ("2026-11-21T05:46:41Z", "row 10,001 of 300,000", 10_000),
        ("-4m58s", "row 20,001 of 300,000", 20_000),
        ("1", "row 1 of 300,000", 0),
    ] {
        go_to(&mut window, text);
        window.get_by_label(said);
        window.key_press(Key::Enter);
        window.run_steps(2);
        assert_eq!(first_and_last(&window).0, row, "{text}");
        let payload = window.get_by_label("Payload").value();
        assert_eq!(payload, Some(format!("tick {row}")));
        assert!(window.query_by_label("Go to").is_none(), "the bar closes");
        // A screen reader reads the row.
        let mut lists = window.get_all_by_role(Role::ListBox);
        assert!(lists.any(|list| list.accesskit_node().active_descendant().is_some()));
    }
    // Later records do not move the row away.
    go_to(&mut window, "300000");
    window.key_press(Key::Enter);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 299_999);
    window.state_mut().push_events(300_000..301_000);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).0, 299_999);
}

#[test]
fn what_leads_nowhere_is_said() {
    let mut window = window_with(100);
    go_to(&mut window, "noon");
    let alert = window.get_by_role(Role::Alert).accesskit_node().label();
    assert_eq!(
        alert.as_deref(),
        Some(
            "Type a row number (120000), a percentage (50 %) or a time (05:49:10, 2026-11-21 05:49, -5m)"
        )
    );
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(window.query_by_label("Go to").is_none());
    go_to(&mut window, "101");
    window.get_by_label("There are only 100 rows. Enter goes to the last row");
    window.key_press(Key::Enter);
    window.run_steps(2);
    assert_eq!(
        window.get_by_label("Payload").value().as_deref(),
        Some("tick 99")
    );
}
