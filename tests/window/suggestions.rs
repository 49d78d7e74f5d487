//! Suggestions below the filter field and the URL field, by keyboard and by mouse.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;
use feedscope_ui::{Command, ConnectionForm, PaneCommand, SavedCommand, SavedConnectionScene};

use super::fixture::{Fixture, LEFT};

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

fn type_text(window: &mut Harness<'_, Fixture>, text: &str) {
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(3);
}

/// Creates a window whose left feed has prices of three symbols.
fn window() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    for number in 0..30_u64 {
        let symbol = ["ACME", "HOOLI", "INITECH"][number as usize % 3];
        let data = format!("{{\"symbol\":\"{symbol}\",\"price\":{number}}}");
        fixture.push(
            0,
            number,
            Kind::Event {
                event: if number % 10 == 9 { b"news" } else { b"price" },
                id: b"",
                data: data.as_bytes(),
            },
        );
    }
    fixture.harness(1280.0, 800.0)
}

/// Returns the entries of an open list, and the chosen one.
fn entries(window: &Harness<'_, Fixture>, list: &str) -> (Vec<String>, Option<String>) {
    let Some(list) = window.query_by_role_and_label(Role::ListBox, list) else {
        return (Vec::new(), None);
    };
    let (mut all, mut chosen) = (Vec::new(), None);
    let options = list.query_all_by_role(Role::ListBoxOption);
    let options: Vec<_> = options.collect();
    for (index, node) in options.iter().enumerate() {
        let node = node.accesskit_node();
        assert_eq!(node.position_in_set(), Some(index + 1));
        assert_eq!(node.size_of_set(), Some(options.len()));
        let label = node.label().unwrap_or_default();
        if node.is_selected() == Some(true) {
            chosen = Some(label.clone());
        }
        all.push(label);
    }
    (all, chosen)
}

const FILTER_LIST: &str = "Suggestions for the filter";
const URL_LIST: &str = "Saved connections and URLs";

fn text_of(window: &Harness<'_, Fixture>, field: &str) -> (String, bool) {
    let mut fields = window.get_all_by_role_and_label(Role::TextInput, field);
    let node = fields.next().unwrap();
    let text = node.value().unwrap_or_default();
    // While the list is open, its chosen entry counts as focused.
    let node = node.accesskit_node();
    let is_focused = node.is_focused() || node.active_descendant().is_some();
    (text, is_focused)
}

#[test]
fn down_in_an_empty_filter_builds_a_condition_by_arrow_keys() {
    let mut window = window();
    type_text(&mut window, "/");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    let (all, chosen) = entries(&window, FILTER_LIST);
    assert_eq!(
        all,
        ["type:price 27", "type:news 3", ".price 30", ".symbol 30"]
    );
    assert_eq!(chosen.as_deref(), Some("type:price 27"));
    // The field keeps the focus, and a screen reader reads the chosen entry.
    let field = |window: &Harness<'_, Fixture>| {
        let mut fields = window.get_all_by_role_and_label(Role::TextInput, "Filter");
        let node = fields.next().unwrap();
        let active = node.accesskit_node().active_descendant();
        active.and_then(|node| node.label())
    };
    assert_eq!(field(&window).as_deref(), Some("type:price 27"));
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(field(&window).as_deref(), Some(".symbol 30"));
    press(&mut window, Modifiers::NONE, Key::Enter);
    // The values of the field follow.
    assert_eq!(text_of(&window, "Filter"), (".symbol == ".to_owned(), true));
    let (all, _) = entries(&window, FILTER_LIST);
    assert_eq!(all, ["\"ACME\" 10", "\"HOOLI\" 10", "\"INITECH\" 10"]);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let text = ".symbol == \"HOOLI\"".to_owned();
    assert_eq!(text_of(&window, "Filter"), (text, true));
    assert_eq!(entries(&window, FILTER_LIST).0, [""; 0]);
    window.get_by_role_and_label(Role::Status, "10 hits");
    // Nothing is left to complete, so that Down leaves the field.
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(!text_of(&window, "Filter").1);
}

#[test]
fn down_opens_the_list_again_when_the_focus_has_returned() {
    let mut window = window();
    for _ in 0..3 {
        type_text(&mut window, "/");
        press(&mut window, Modifiers::NONE, Key::ArrowDown);
        assert_eq!(entries(&window, FILTER_LIST).0.len(), 4);
        press(&mut window, Modifiers::NONE, Key::Escape);
        assert_eq!(text_of(&window, "Filter"), (String::new(), true));
        press(&mut window, Modifiers::NONE, Key::ArrowDown);
        assert_eq!(entries(&window, FILTER_LIST).0.len(), 4);
        press(&mut window, Modifiers::NONE, Key::Escape);
        press(&mut window, Modifiers::NONE, Key::Escape);
        assert!(!text_of(&window, "Filter").1);
    }
}

#[test]
fn a_typed_path_shows_suggestions_without_choosing_one() {
    let mut window = window();
    type_text(&mut window, "/");
    type_text(&mut window, "sym");
    assert_eq!(
        entries(&window, FILTER_LIST).0,
        [""; 0],
        "a text is searched"
    );
    press(&mut window, Modifiers::COMMAND, Key::A);
    type_text(&mut window, ".s");
    assert_eq!(
        entries(&window, FILTER_LIST),
        (vec![".symbol 30".to_owned()], None)
    );
    // Enter belongs to the field, and a complete path needs no list.
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(text_of(&window, "Filter"), (".s".to_owned(), true));
    type_text(&mut window, "ymbol");
    assert_eq!(entries(&window, FILTER_LIST).0, [""; 0]);
    press(&mut window, Modifiers::NONE, Key::Backspace);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(text_of(&window, "Filter"), (".symbo".to_owned(), true));
    assert_eq!(entries(&window, FILTER_LIST).0, [""; 0]);
}

#[test]
fn letters_narrow_the_suggestions_and_escape_closes_only_them() {
    let mut window = window();
    type_text(&mut window, "/");
    type_text(&mut window, ".sy");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(entries(&window, FILTER_LIST).0, [".symbol 30"]);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(text_of(&window, "Filter"), (".sy".to_owned(), true));
    assert_eq!(entries(&window, FILTER_LIST).0, [""; 0]);
    // After that, Down leads to the rows, until the text changes.
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(!text_of(&window, "Filter").1);
    type_text(&mut window, "/");
    type_text(&mut window, "m");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(entries(&window, FILTER_LIST).0, [".symbol 30"]);
    // A click chooses an entry as well.
    window.get_by_label(".symbol 30").click();
    window.run_steps(3);
    assert_eq!(text_of(&window, "Filter"), (".symbol == ".to_owned(), true));
}

/// Creates a window with a saved connection and two recent URLs.
fn window_with_urls() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    let urls = ["https://one.example/a", "wss://two.example/b?token=***"];
    fixture.recent = urls.map(str::to_owned).to_vec();
    fixture.saved.connections.push(SavedConnectionScene {
        form: ConnectionForm {
            name: "prices".to_owned(),
            ..ConnectionForm::default()
        },
        shown_url: "https://three.example/c".to_owned(),
        variables: Vec::new(),
    });
    fixture.harness(1280.0, 800.0)
}

#[test]
fn down_in_the_url_field_lists_saved_connections_and_recent_urls() {
    let ctrl_l = |window: &mut Harness<'_, Fixture>| press(window, Modifiers::COMMAND, Key::L);
    let mut window = window_with_urls();
    ctrl_l(&mut window);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    let (all, chosen) = entries(&window, URL_LIST);
    let expected = [
        "prices https://three.example/c",
        "https://one.example/a recent",
        "wss://two.example/b?token=*** recent",
        "http://127.0.0.1:1/talk example",
    ];
    assert_eq!(all, expected);
    assert_eq!(chosen.as_deref(), Some(expected[0]));
    // Escape closes the list before the field.
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(entries(&window, URL_LIST).0, [""; 0]);
    assert!(text_of(&window, "URL").1);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!text_of(&window, "URL").1);
    assert_eq!(window.state().commands, []);
    // The first entry is the saved connection.
    ctrl_l(&mut window);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    press(&mut window, Modifiers::NONE, Key::Enter);
    let opened = Command::Saved(SavedCommand::Open {
        name: "prices".to_owned(),
        pane: Some(LEFT),
        values: Vec::new(),
        is_allowed: false,
    });
    assert_eq!(window.state().commands, [opened]);
    assert!(!text_of(&window, "URL").1);
}

#[test]
fn typed_letters_search_the_urls_and_a_masked_one_must_be_completed() {
    let mut window = window_with_urls();
    press(&mut window, Modifiers::COMMAND, Key::L);
    type_text(&mut window, "two");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    let masked = "wss://two.example/b?token=***";
    assert_eq!(entries(&window, URL_LIST).0, [format!("{masked} recent")]);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(text_of(&window, "URL"), (masked.to_owned(), true));
    assert_eq!(window.state().commands, []);
    press(&mut window, Modifiers::NONE, Key::Escape);
    // The button opens the same list, and a click connects.
    let name = "Recent and saved URLs";
    window.get_all_by_label(name).next().unwrap().click();
    window.run_steps(3);
    assert_eq!(entries(&window, URL_LIST).0.len(), 4);
    window.get_by_label("https://one.example/a recent").click();
    window.run_steps(3);
    let url = "https://one.example/a".parse().unwrap();
    let connected = Command::Pane(PaneCommand::ConnectTo { pane: LEFT, url });
    assert_eq!(window.state().commands, [connected]);
}
