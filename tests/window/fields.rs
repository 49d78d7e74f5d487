//! Columns of fields, and beginnings that payloads have in common.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;
use feedscope_ui::{Command, SettingCommand};

use super::fixture::{EVENTS, Fixture, rows};

/// Window with one pane over ticks of an exchange.
fn exchange() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for number in 0..12_u64 {
        let data = format!(
            "{{\"type\":\"ticker\",\"symbol\":\"{}\",\"price\":\"{}.50\"}}",
            ["ACME", "ACNE"][number as usize % 2],
            100 + number
        );
        fixture.push(
            0,
            number * 10,
            Kind::Event {
                event: b"message",
                id: b"",
                data: data.as_bytes(),
            },
        );
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    window
}

fn headers(window: &Harness<'_, Fixture>) -> Vec<String> {
    let names = window.query_all_by_role(Role::ColumnHeader);
    names
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn open_columns(window: &mut Harness<'_, Fixture>) {
    window
        .get_by_role_and_label(Role::ColumnHeader, "payload")
        .click_secondary();
    window.run_steps(3);
}

#[test]
fn the_columns_for_a_feed_are_three_clicks_away() {
    let mut window = exchange();
    assert_eq!(headers(&window), ["time", "type", "size", "payload"]);
    open_columns(&mut window);
    window.get_by_label("Columns for this feed").click();
    window.run_steps(4);
    assert_eq!(
        headers(&window),
        ["time", "type", "size", ".symbol", ".price", "payload"]
    );
    let kept = Command::Setting(SettingCommand::Fields(
        EVENTS,
        vec![".symbol".to_owned(), ".price".to_owned()],
    ));
    assert_eq!(window.state().commands.last(), Some(&kept));
    // A row names the values of its columns, and then its whole payload.
    let last = rows(&window).pop().unwrap();
    assert!(last.contains("ACNE 111.50 {\"type\":\"ticker\""), "{last}");
    // A column is removed in the same menu.
    open_columns(&mut window);
    window
        .get_by_role_and_label(Role::MenuItemCheckBox, ".symbol")
        .click();
    window.run_steps(3);
    assert_eq!(
        headers(&window),
        ["time", "type", "size", ".price", "payload"]
    );
}

#[test]
fn a_typed_field_becomes_a_column() {
    let mut window = exchange();
    open_columns(&mut window);
    let field = window.get_by_role_and_label(Role::TextInput, "Field to show as a column");
    field.focus();
    window.run_steps(2);
    let field = window.get_by_role_and_label(Role::TextInput, "Field to show as a column");
    field.type_text(".price |");
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert!(window.state().commands.is_empty(), "it is no expression");
    let field = window.get_by_role_and_label(Role::TextInput, "Field to show as a column");
    field.focus();
    window.run_steps(2);
    let field = window.get_by_role_and_label(Role::TextInput, "Field to show as a column");
    field.type_text("tonumber");
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    let kept = Command::Setting(SettingCommand::Fields(
        EVENTS,
        vec![".price |tonumber".to_owned()],
    ));
    assert_eq!(window.state().commands.last(), Some(&kept));
}

#[test]
fn a_text_that_is_typed_in_the_open_menu_becomes_a_column() {
    let mut window = exchange();
    open_columns(&mut window);
    for letter in [".", "n"] {
        window.event(egui::Event::Text(letter.to_owned()));
        window.run_steps(2);
    }
    window.key_press(Key::Enter);
    window.run_steps(3);
    let kept = Command::Setting(SettingCommand::Fields(EVENTS, vec![".n".to_owned()]));
    assert_eq!(window.state().commands.last(), Some(&kept));
}

#[test]
fn a_value_of_the_tree_becomes_a_column() {
    let mut window = exchange();
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    window.get_by_label_contains("price: ").click_secondary();
    window.run_steps(3);
    window.get_by_label("Show as column").click();
    window.run_steps(4);
    assert!(headers(&window).contains(&".price".to_owned()));
}

#[test]
fn equal_beginnings_are_folded_until_the_user_wants_them() {
    let mut window = exchange();
    // All payloads have room.
    assert!(window.query_by_label_contains("equal characters").is_none());
    window.set_size(egui::vec2(480.0, 480.0));
    // They are compared at most twice a second.
    window.run_steps(40);
    // `{"type":"ticker","symbol":` is the beginning of all payloads.
    let switch = |window: &Harness<'_, Fixture>| {
        let node = window.get_by_label_contains("26 equal characters");
        let label = node.accesskit_node().label().unwrap_or_default();
        (label, node.accesskit_node().toggled())
    };
    assert_eq!(switch(&window).0, "26 equal characters folded");
    // Whole payloads are read out and copied.
    let all = rows(&window);
    let whole = "{\"type\":\"ticker\",\"symbol\":\"AC";
    assert!(all.iter().all(|row| row.contains(whole)), "{all:?}");
    window.get_by_label_contains("26 equal characters").click();
    window.run_steps(3);
    assert_eq!(switch(&window).0, "26 equal characters shown");
}

#[test]
fn a_column_that_cannot_be_seen_states_the_reason() {
    let reasons = |width: f32| {
        let mut fixture = Fixture::default();
        fixture.panes.truncate(1);
        let kind = Kind::Text {
            direction: feedscope_core::Direction::In,
            data: b"hi",
            wire: None,
            failed: None,
        };
        fixture.push(0, 1, kind);
        let mut window = fixture.harness(width, 800.0);
        let header = window.get_by_role_and_label(egui::accesskit::Role::ColumnHeader, "payload");
        let at = header.rect().center();
        super::hand::secondary_click(&mut window, at);
        let count = |text: &str| window.query_all_by_label_contains(text).count();
        (
            count("empty: no record has an ID"),
            count("hidden: too narrow"),
        )
    };
    assert_eq!(reasons(1280.0), (1, 0));
    let (empty, narrow) = reasons(360.0);
    assert!(empty == 1 && narrow >= 1, "{narrow}");
}

#[test]
fn a_narrow_header_names_the_columns_without_room() {
    let mut window = exchange();
    let note = |window: &Harness<'_, Fixture>| {
        let note = window.query_by_label_contains("No room for ");
        note.and_then(|note| note.value())
    };
    assert_eq!(note(&window), None);
    let fields = [".symbol", ".price"].map(str::to_owned);
    window.state_mut().window.set_fields(EVENTS, &fields);
    window.set_size(egui::vec2(430.0, 800.0));
    window.run_steps(4);
    assert!(headers(&window).contains(&".symbol".to_owned()));
    let note = note(&window).unwrap();
    assert!(
        note.contains("direction") && note.contains("type"),
        "{note}"
    );
}

/// Window with one pane over the messages of an exchange, most of which are changes of its book.
fn mixed() -> Harness<'static, Fixture> {
    let data = |number: u64| {
        let symbol = ["ACME", "ACNE"][number as usize % 2];
        match number % 5 {
            0 => format!(
                "{{\"type\":\"ticker\",\"symbol\":\"{symbol}\",\"price\":{}.5,\"low\":{}.5}}",
                100 + number * 7 % 11,
                90 + number * 3 % 7
            ),
            _ => format!("{{\"type\":\"book\",\"symbol\":\"{symbol}\",\"changes\":[{number}]}}"),
        }
    };
    let fixture = Fixture::of_events("message", |number| number * 10, data);
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    window
}

#[test]
fn a_field_of_a_rare_type_is_offered_for_its_type_only() {
    let mut window = mixed();
    open_columns(&mut window);
    window.get_by_label("Columns for this feed").click();
    window.run_steps(4);
    let system = ["time", "type", "size"];
    let with = |fields: &[&str]| {
        let names = system.iter().chain(fields).chain(&["payload"]);
        names.map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(headers(&window), with(&[".type", ".symbol"]));
    open_columns(&mut window);
    window.get_by_label("Columns for ticker").click();
    window.run_steps(4);
    let all = [".type", ".symbol", ".price", ".low"];
    assert_eq!(headers(&window), with(&all));
    // Without the filter, the new columns would be empty in most rows.
    let field = window.get_by_role_and_label(Role::TextInput, "Filter");
    assert_eq!(field.value().as_deref(), Some(".type == \"ticker\""));
    assert_eq!(rows(&window).len(), 12);
}

#[test]
fn the_columns_of_filtered_rows_are_those_of_the_hits() {
    let mut window = mixed();
    let field = window.get_by_role_and_label(Role::TextInput, "Filter");
    field.focus();
    window.step();
    let field = window.get_by_role_and_label(Role::TextInput, "Filter");
    field.type_text(".type == \"ticker\"");
    window.run_steps(6);
    open_columns(&mut window);
    assert!(window.query_by_label("Columns for this feed").is_none());
    window.get_by_label("Columns for the hits").click();
    window.run_steps(4);
    let headers = headers(&window);
    assert!(headers.contains(&".price".to_owned()), "{headers:?}");
    assert!(!headers.contains(&".type".to_owned()), "{headers:?}");
}
