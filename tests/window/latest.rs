//! Newest values by key: the table beside the rows, its keys and its columns.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;
use feedscope_ui::{Command, SettingCommand};

use super::fixture::{EVENTS, Fixture};
use super::side::{exchange, open, open_latest_by_symbol, tick};

/// Rows of the table by their texts.
fn table(window: &Harness<'_, Fixture>) -> Vec<String> {
    let rows = window.query_all_by_role(Role::ListBoxOption);
    let labels = rows.filter_map(|node| node.accesskit_node().label());
    labels.filter(|label| label.contains(" ago")).collect()
}

#[test]
fn each_symbol_has_its_newest_price_after_three_clicks() {
    let mut window = exchange(1280.0, 800.0);
    open_latest_by_symbol(&mut window);
    let rows = table(&window);
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows[0].starts_with("ACME 102.25, up 2.00"), "{rows:?}");
    assert!(rows[1].starts_with("ACNE 103.25, "), "{rows:?}");
    assert!(rows[2].starts_with("RARE 100.25, "), "{rows:?}");
    // The order of the keys is turned around.
    window.get_by_label("Order by .symbol").click();
    window.run_steps(6);
    window.get_by_label("Order by .symbol").click();
    window.run_steps(6);
    assert!(table(&window)[0].starts_with("RARE"));
    // A click filters the rows, and shows the kept records of the key.
    window.get_by_label_contains("RARE 100.25").click();
    window.run_steps(6);
    let filter = window.get_by_role_and_label(Role::TextInput, "Filter");
    assert_eq!(
        filter.accesskit_node().value().as_deref(),
        Some(".symbol == \"RARE\"")
    );
    let kept = "{\"symbol\":\"RARE\",\"price\":\"100.25\",\"seq\":7}";
    assert!(window.query_all_by_role(Role::Button).any(|node| {
        node.accesskit_node()
            .label()
            .is_some_and(|label| label.ends_with(kept))
    }));
}

#[test]
fn records_that_come_after_an_order_count_in_the_next_one_although_the_feed_is_silent() {
    let mut window = exchange(1280.0, 800.0);
    open_latest_by_symbol(&mut window);
    assert!(table(&window)[2].starts_with("RARE"));
    for number in 0..400_u64 {
        let data = format!(
            "{{\"symbol\":\"RARE\",\"price\":\"9\",\"seq\":{}}}",
            90 + number
        );
        window.state_mut().push(0, 290_000, tick(&data));
    }
    window.step();
    // Nothing else changes, so that the window must ask for the pass that orders the rows.
    let root = &window.output().viewport_output[&egui::ViewportId::ROOT];
    assert!(root.repaint_delay <= std::time::Duration::from_secs(1));
    window.run_steps(6);
    assert!(
        table(&window)[0].starts_with("RARE"),
        "{:?}",
        table(&window)
    );
}

#[test]
fn keys_are_found_by_a_part_of_their_name() {
    let mut window = exchange(1280.0, 800.0);
    open_latest_by_symbol(&mut window);
    let field = window.get_by_role_and_label(Role::TextInput, "Filter keys");
    field.focus();
    field.type_text("ac");
    window.run_steps(6);
    let rows = table(&window);
    assert_eq!(rows.len(), 2, "{rows:?}");
}

#[test]
fn the_difference_is_that_to_the_previous_record_of_the_key() {
    let mut window = exchange(1280.0, 800.0);
    open_latest_by_symbol(&mut window);
    let rows = window.query_all_by_role(Role::ListBoxOption);
    let is_acme = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.contains("\"symbol\":\"ACME\""))
    };
    let acme: Vec<_> = rows.filter(is_acme).collect();
    acme[acme.len() - 1].click();
    window.run_steps(6);
    window
        .get_by_role_and_label(Role::Tab, "Diff with previous")
        .click();
    window.run_steps(6);
    // The symbols alternate every second.
    window.get_by_label_contains("2.0 s earlier");
    window
        .get_by_role_and_label(Role::CheckBox, "by .symbol")
        .click();
    window.run_steps(6);
    window.get_by_label_contains("1.0 s earlier");
}

#[test]
fn several_fields_are_columns_of_the_newest_values_and_are_kept_for_the_feed() {
    let mut window = exchange(1280.0, 800.0);
    open_latest_by_symbol(&mut window);
    let width = |window: &Harness<'_, Fixture>| {
        let row = window.get_by_label_contains("ACME 102.25");
        row.rect().width()
    };
    let narrow = width(&window);
    window.get_by_label("Columns .price").click();
    window.run_steps(4);
    // The menu stays open, so that several columns are chosen one after the other.
    window
        .get_by_role_and_label(Role::MenuItemCheckBox, ".seq")
        .click();
    window.run_steps(6);
    let field = window.get_by_role_and_label(Role::TextInput, "Path of the field");
    field.focus();
    field.type_text(".nothing");
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(6);
    window.get_by_label("Columns .price +2");
    let rows = table(&window);
    assert!(
        rows[0].starts_with("ACME 102.25, up 2.00, 62, , "),
        "{rows:?}"
    );
    assert!(width(&window) > narrow);
    let latest = |window: &Harness<'_, Fixture>| {
        let mut commands = window.state().commands.iter().rev();
        commands.find_map(|command| match command {
            Command::Setting(SettingCommand::Latest(_, paths)) => Some(paths.clone()),
            _ => None,
        })
    };
    let paths = [".symbol", ".price", ".seq", ".nothing"].map(str::to_owned);
    assert_eq!(latest(&window).unwrap(), paths);
    // A click on a checked column removes it.
    window
        .get_by_role_and_label(Role::MenuItemCheckBox, ".price")
        .click();
    window.run_steps(6);
    assert!(table(&window)[0].starts_with("ACME 62, up 2, , "));
    window.key_press(Key::Escape);
    window.run_steps(4);
    // A column orders the rows.
    window.get_by_label("Order by .seq").click();
    window.run_steps(6);
    assert!(
        table(&window)[0].starts_with("ACNE 63"),
        "{:?}",
        table(&window)
    );
}

#[test]
fn the_kept_fields_of_the_newest_values_are_there_again() {
    let mut window = exchange(640.0, 480.0);
    let kept = [".symbol", ".seq", ".price"].map(str::to_owned);
    window.state_mut().window.set_latest(EVENTS, kept.to_vec());
    open(&mut window, "Latest by key…");
    let rows = table(&window);
    assert!(rows[0].starts_with("ACME 62, up 2, 102.25, "), "{rows:?}");
    assert_eq!(window.state().window.latest_of(EVENTS), kept);
}

#[test]
fn the_type_and_the_id_of_events_are_keys() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for number in 0..20_u64 {
        let data = format!("{{\"price\":\"{}.25\"}}", 100 + number % 7);
        let kind = Kind::Event {
            event: [&b"quote"[..], b"trade"][number as usize % 2],
            id: if number == 19 { b"old" } else { b"new" },
            data: data.as_bytes(),
        };
        fixture.push(0, 190_000 + number * 1_000, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    open(&mut window, "Latest by key…");
    window.get_by_role_and_label(Role::CheckBox, "type").click();
    window.run_steps(6);
    let rows = table(&window);
    assert!(rows[0].starts_with("trade 105.25"), "{rows:?}");
    assert!(rows[1].starts_with("quote 104.25"), "{rows:?}");
    // A click on a row filters by the type.
    let row = |label: &str| {
        let label = label.to_owned();
        move |node: &egui_kittest::Node<'_>| {
            let name = node.accesskit_node().label().unwrap_or_default();
            name.starts_with(&label) && name.contains(" ago")
        }
    };
    let rows = window.query_all_by_role(Role::ListBoxOption);
    rows.into_iter().find(row("trade")).unwrap().click();
    window.run_steps(6);
    let filter = |window: &Harness<'_, Fixture>| {
        let field = window.get_by_role_and_label(Role::TextInput, "Filter");
        field.value().unwrap_or_default()
    };
    assert_eq!(filter(&window), "type:trade");
    window.get_by_label("Key type").click();
    window.run_steps(4);
    window.get_by_role_and_label(Role::MenuItem, "id").click();
    window.run_steps(6);
    let rows = window.query_all_by_role(Role::ListBoxOption);
    rows.into_iter().find(row("old")).unwrap().click();
    window.run_steps(6);
    assert!(filter(&window).contains("id:old"), "{}", filter(&window));
    assert_eq!(
        window.state().window.latest_of(EVENTS),
        ["id".to_owned(), ".price".to_owned()]
    );
}

#[test]
fn a_key_that_no_record_has_names_the_nearest_field() {
    let mut window = exchange(1280.0, 800.0);
    window
        .state_mut()
        .window
        .set_latest(EVENTS, vec![".sy".to_owned(), ".price".to_owned()]);
    open(&mut window, "Latest by key…");
    window.get_by_label("No record has .sy. Nearest: .symbol");
    window
        .get_by_role_and_label(Role::CheckBox, ".symbol")
        .click();
    window.run_steps(6);
    let rows = table(&window);
    assert!(rows[0].starts_with("ACME 102.25"), "{rows:?}");
    assert!(window.query_by_label_contains("No record has").is_none());
}

#[test]
fn a_feed_without_fields_has_no_key_to_choose() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for number in 0..20_u64 {
        fixture.push(0, 190_000 + number * 1_000, tick("no JSON"));
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    open(&mut window, "Latest by key…");
    window.get_by_label("No field of the newest records names a series. Key takes any path.");
}

#[test]
fn views_on_one_feed_with_different_keys_keep_the_one_chosen_last() {
    let mut window = exchange(1280.0, 1600.0);
    open_latest_by_symbol(&mut window);
    window.state_mut().open_second_view();
    window.run_steps(4);
    window.get_all_by_label("More").nth(1).unwrap().click();
    window.run_steps(3);
    window.get_by_label("Latest by key…").click();
    window.run_steps(6);
    // The second view begins with the kept key.
    let menus = window.get_all_by_label("Key .symbol");
    menus.last().unwrap().click();
    window.run_steps(4);
    let field = window.get_by_role_and_label(Role::TextInput, "Path of the field");
    field.focus();
    field.type_text(".price");
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(6);
    window.get_by_label("Key .symbol");
    window.get_by_label("Key .price");
    let choices = |window: &Harness<'_, Fixture>| {
        let commands = window.state().commands.iter();
        let choices = commands.filter_map(|command| match command {
            Command::Setting(SettingCommand::Latest(_, paths)) => Some(paths[0].clone()),
            _ => None,
        });
        choices.collect::<Vec<_>>()
    };
    assert_eq!(choices(&window), [".symbol", ".price"]);
}
