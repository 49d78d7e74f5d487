//! Part beside the rows: measures of the feed and of selected rows, marks and colors. `latest` tests the newest values by key.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable as _};
use feedscope_core::Kind;

use super::compare::with_keys_of_comparison;
use super::fixture::{Fixture, type_by_click};

/// Event of the type `tick` with this payload.
pub(super) fn tick(data: &str) -> Kind<'_> {
    Kind::Event {
        event: b"tick",
        id: b"",
        data: data.as_bytes(),
    }
}

/// Window with one pane over prices of three symbols, the last of which came once. A number of a sequence is missing.
pub(super) fn exchange(width: f32, height: f32) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for number in 0..60_u64 {
        let symbol = match number {
            7 => "RARE",
            even if even % 2 == 0 => "ACME",
            _ => "ACNE",
        };
        let seq = if number < 30 { number } else { number + 4 };
        let data = format!(
            "{{\"symbol\":\"{symbol}\",\"price\":\"{}.25\",\"seq\":{seq}}}",
            100 + number % 7
        );
        fixture.push(0, 190_000 + number * 1_000, tick(&data));
    }
    let mut window = fixture.harness(width, height);
    window.run_steps(4);
    window
}

/// Opens an item of the pane's menu.
pub(super) fn open(window: &mut Harness<'_, Fixture>, item: &str) {
    window.get_by_label("More").click();
    window.run_steps(3);
    window.get_by_label(item).click();
    window.run_steps(6);
}

/// Opens the table of the newest values of each symbol.
pub(super) fn open_latest_by_symbol(window: &mut Harness<'_, Fixture>) {
    open(window, "Latest by key…");
    window
        .get_by_role_and_label(Role::CheckBox, ".symbol")
        .click();
    window.run_steps(6);
}

/// Text of the measure with this name.
pub(super) fn measure(window: &Harness<'_, Fixture>, name: &str) -> String {
    let nodes = window.query_all_by_label_contains(name);
    // A text without an effect has a value and no label.
    let labels = nodes.filter_map(|node| {
        let node = node.accesskit_node();
        node.label().or(node.value())
    });
    let mut found = labels.filter(|label| label.starts_with(name));
    found.next().unwrap_or_default()
}

#[test]
fn measures_are_those_of_the_feed_or_of_the_selected_rows() {
    let mut window = exchange(1280.0, 800.0);
    open(&mut window, "Measures…");
    assert!(measure(&window, "payloads").starts_with("payloads 60 in "));
    assert_eq!(
        measure(&window, "interval"),
        "interval p50 1,000 ms, p99 1,000 ms"
    );
    assert_eq!(measure(&window, "jitter"), "jitter 0 ms");
    // A click plots the history.
    window.get_by_label_contains("interval p50").click();
    window.run_steps(6);
    window.get_by_label("Plotted number interval");
    // Two selected rows have measures of their own.
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[1].click();
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    window.run_steps(6);
    window
        .get_by_role_and_label(Role::CheckBox, "2 rows")
        .click();
    window.run_steps(6);
    assert_eq!(measure(&window, "payloads"), "payloads 2 in 1.0 s");
}

#[test]
fn a_fault_of_a_sequence_leads_to_its_row() {
    let mut window = exchange(1280.0, 800.0);
    open(&mut window, "Measures…");
    window.get_by_label("Sequence none").click();
    window.run_steps(3);
    window.get_by_label(".seq").click();
    window.run_steps(6);
    assert_eq!(
        measure(&window, "sequence .seq"),
        "sequence .seq 4 missing, 0 repeated, 0 out of order"
    );
    window.get_by_label("1 fault in the sequence").click();
    window.run_steps(6);
    let is_selected = |node: &egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        node.is_selected() == Some(true)
            && node
                .label()
                .is_some_and(|label| label.contains("\"seq\":34"))
    };
    assert!(
        window
            .query_all_by_role(Role::ListBoxOption)
            .any(|node| is_selected(&node))
    );
}

#[test]
fn a_narrow_pane_has_the_part_below_its_rows() {
    let mut window = exchange(640.0, 480.0);
    open(&mut window, "Measures…");
    let part = window.get_by_label("Close this part").rect();
    let rows: Vec<_> = window
        .query_all_by_role(Role::ListBoxOption)
        .map(|row| row.rect())
        .collect();
    assert!(rows.len() >= 2 && rows.iter().all(|row| row.bottom() <= part.top()));
    window.get_by_label("Close this part").click();
    window.run_steps(3);
    assert!(window.query_by_label("Close this part").is_none());
}

#[test]
fn a_feed_that_is_silent_for_longer_than_ever_is_quiet() {
    let mut window = exchange(1280.0, 800.0);
    // The last record is 51 s old, and the records were a second apart.
    assert!(window.query_by_label_contains("quiet 51 s").is_some());
    window.state_mut().push(0, 300_000, tick("{}"));
    window.run_steps(4);
    assert!(window.query_by_label_contains("quiet").is_none());
}

#[test]
fn a_marked_row_is_in_the_list_with_its_note() {
    let mut window = exchange(1280.0, 800.0);
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[2].click();
    window.run_steps(4);
    window.key_press(Key::M);
    window.run_steps(4);
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    window.run_steps(4);
    let field = window.get_by_label_contains("Note of the mark");
    field.focus();
    field.type_text("first spike");
    window.run_steps(4);
    // The note is at the end of its row, and the button in the list leads there.
    window.get_by_role_and_label(Role::Label, "first spike");
    let is_mark = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.starts_with("Mark ") && label.ends_with("first spike"))
    };
    assert!(
        window
            .query_all_by_role(Role::Button)
            .any(|node| is_mark(&node))
    );
    window.get_by_label("Remove this mark").click();
    window.run_steps(4);
    assert!(window.query_by_label_contains("Note of the mark").is_none());
}

#[test]
fn the_time_between_two_marks_is_shown() {
    let mut window = exchange(1280.0, 800.0);
    for row in [1, 5] {
        let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
        rows[row].click();
        window.run_steps(4);
        window.key_press(Key::M);
        window.run_steps(4);
    }
    // The records are a second apart.
    window.get_by_label("4.000 s between the last two marks");
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[2].hover();
    window.run_steps(4);
    window.get_by_label("-3.000 s from the selected row");
}

#[test]
fn a_filter_gives_rows_a_color_and_a_wrong_one_has_a_reason() {
    let mut window = exchange(1280.0, 800.0);
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    window.run_steps(4);
    let field = window.get_by_role_and_label(Role::TextInput, "Filter for a color");
    field.focus();
    field.type_text("size:>");
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(4);
    assert!(window.query_by_label("Remove this color").is_none());
    // The text stays, and so does the focus: letters are no keys, and complete the filter.
    let value = |window: &Harness<'_, Fixture>| {
        let field = window.get_by_role_and_label(Role::TextInput, "Filter for a color");
        field.accesskit_node().value().unwrap_or_default()
    };
    for text in [" ", "1"] {
        window.event(egui::Event::Text(text.to_owned()));
        window.run_steps(2);
    }
    assert_eq!(value(&window), "size:> 1");
    for key in [Key::Backspace, Key::Backspace] {
        window.key_press(key);
        window.run_steps(1);
    }
    window.event(egui::Event::Text("1".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(4);
    assert_eq!(value(&window), "");
    window.get_by_label("Remove this color");
    window.get_by_role_and_label(Role::Label, "size:>1");
    assert_eq!(window.state().commands, []);
}

#[test]
fn a_new_field_is_reported_once_at_its_row() {
    let mut window = exchange(1280.0, 800.0);
    for number in 0..2 {
        let data =
            format!("{{\"symbol\":\"ACME\",\"price\":\"1.5\",\"seq\":{number},\"extra\":1}}");
        window.state_mut().push(0, 299_000 + number, tick(&data));
        window.run_steps(4);
    }
    assert_eq!(window.query_all_by_label(".extra appeared").count(), 1);
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    window.run_steps(4);
    let is_change = |node: egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(" .extra appeared"))
    };
    let buttons = window.query_all_by_role(Role::Button);
    assert_eq!(buttons.filter(|node| is_change(*node)).count(), 1);
}

#[test]
fn a_low_pane_shows_the_part_in_place_of_the_inspector() {
    let mut window = exchange(640.0, 480.0);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    let json = |window: &Harness<'_, Fixture>| {
        window
            .query_by_role_and_label(Role::Tab, "JSON")
            .map(|tab| tab.rect())
    };
    assert!(json(&window).is_some());
    open(&mut window, "Measures…");
    assert!(json(&window).is_none());
    let filter = window
        .get_by_role_and_label(Role::TextInput, "Filter")
        .rect();
    let part = window.get_by_label("Close this part").rect();
    assert!(filter.bottom() + 40.0 < part.top(), "{filter:?} {part:?}");
    window.get_by_label("Close this part").click();
    window.run_steps(4);
    assert!(json(&window).is_some());
}

#[test]
fn a_click_in_the_field_of_a_menu_lets_the_user_type() {
    let field = "Path of the field";
    let mut window = exchange(1280.0, 800.0);
    open_latest_by_symbol(&mut window);
    window.get_by_label("Key .symbol").click();
    window.run_steps(4);
    type_by_click(&mut window, field, ".seq");
    window.get_by_label("Key .seq");
    open(&mut window, "Measures…");
    window
        .get_by_label_contains("Time of the server none")
        .click();
    window.run_steps(4);
    type_by_click(&mut window, field, ".at");
    window.get_by_label_contains("Time of the server .at");
    let mut window = with_keys_of_comparison(Fixture::default());
    type_by_click(&mut window, field, ".seq");
    window.get_by_label("Key of the pairs .seq");
    // A menu that a key opened leaves the focus on its button.
    window.get_by_label("Key of the pairs .seq").focus();
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(4);
    for letter in [".", "n"] {
        window.event(egui::Event::Text(letter.to_owned()));
        window.run_steps(2);
    }
    window.key_press(Key::Enter);
    window.run_steps(4);
    window.get_by_label("Key of the pairs .n");
}

#[test]
fn each_number_has_a_name_and_an_explanation() {
    let mut window = exchange(1280.0, 800.0);
    open(&mut window, "Measures…");
    let explained = |window: &Harness<'_, Fixture>, text: &str| {
        let node = window.get_by_label(text);
        let about = node
            .accesskit_node()
            .data()
            .description()
            .map(str::to_owned);
        about.unwrap_or_default()
    };
    for (text, about) in [
        ("rate: 0.0/s", "over the last two seconds"),
        ("all records: 60", "since the start of the feed"),
        ("peak of the trace: 2/s", "in received records per second"),
        ("payloads: 60", "since the first record"),
        ("p50 of the intervals: 1,000 ms", "Milliseconds between"),
        ("p99 of the intervals: 1,000 ms", "99 %"),
        ("busiest second: 1 /s", "Received records"),
        (
            "longest time without a record: 51.0 s",
            "since the feed first opened",
        ),
    ] {
        assert!(explained(&window, text).contains(about), "{text}");
    }
    window.get_by_role_and_label(Role::Tab, "Latest").click();
    window.run_steps(4);
    window
        .get_by_role_and_label(Role::CheckBox, ".symbol")
        .click();
    window.run_steps(6);
    for (text, about) in [
        (".price of ACME: 102.25", "Number in the newest record"),
        ("change of ACME: up 2.00", "Difference of the number"),
        (
            "time since the newest record of RARE: 1 min 43 s",
            "Time since",
        ),
    ] {
        assert!(explained(&window, text).contains(about), "{text}");
    }
}

#[test]
fn a_measure_is_explained_under_the_pointer() {
    let mut window = exchange(1280.0, 800.0);
    open(&mut window, "Measures…");
    for (number, about) in [
        ("payloads: 60", "since the first record"),
        ("p50 of the intervals: 1,000 ms", "Milliseconds between"),
        ("busiest second: 1 /s", "Received records"),
    ] {
        window.hover_at(window.get_by_label(number).rect().center());
        // The explanation appears when the pointer rests.
        window.run_steps(12);
        let is_explanation = |node: &AccessKitNode<'_>| {
            let text = node.label().or(node.value()).unwrap_or_default();
            text.contains(about)
        };
        assert!(window.query_by(is_explanation).is_some(), "{number}");
    }
}
