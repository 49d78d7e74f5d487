//! Actions on a row or a value from its menu, confirmations of copies, and links of figures to their rows.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::connection::{Advice, StateChange};
use feedscope_core::feed::{FeedCommand, FeedStatus, Outgoing};
use feedscope_core::gap::Gap;
use feedscope_core::{ConnectionState, Direction, Kind};
use feedscope_ui::{Command, PaneCommand};

use super::fixture::{CHAT, Fixture, LEFT, is_focused};

fn one_pane(push: impl FnOnce(&mut Fixture)) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    push(&mut fixture);
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(2);
    window
}

fn event<'a>(event: &'a str, data: &'a str) -> Kind<'a> {
    Kind::Event {
        event: event.as_bytes(),
        id: b"",
        data: data.as_bytes(),
    }
}

fn rows(window: &Harness<'_, Fixture>) -> Vec<String> {
    let items = window.query_all_by_role(Role::ListBoxOption);
    items
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn selected(window: &Harness<'_, Fixture>) -> Vec<String> {
    let items = window.query_all_by_role(Role::ListBoxOption);
    items
        .filter(|node| node.accesskit_node().is_selected() == Some(true))
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

/// Opens the menu of the row whose label ends with this text, and clicks an item.
fn choose(window: &mut Harness<'_, Fixture>, row: &str, item: &str) {
    let items = window.query_all_by_role(Role::ListBoxOption);
    let is_wanted = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(row))
    };
    let mut rows: Vec<_> = items.filter(is_wanted).collect();
    rows.pop().unwrap().click_secondary();
    window.run_steps(3);
    window.get_by_label_contains(item).click();
    window.run_steps(6);
}

fn filter(window: &Harness<'_, Fixture>) -> String {
    let field = window.get_by_role_and_label(Role::TextInput, "Filter");
    field.value().unwrap_or_default()
}

#[test]
fn a_row_filters_by_its_type() {
    let push = |fixture: &mut Fixture| {
        for n in 0..4 {
            let name = if n % 2 == 0 { "price" } else { "news" };
            fixture.push(0, n, event(name, &format!("row {n}")));
        }
    };
    let mut window = one_pane(push);
    choose(&mut window, "row 2", "Only this type");
    assert_eq!(filter(&window), "type:price");
    assert!(rows(&window).iter().all(|row| row.contains("price")));
    let mut window = one_pane(push);
    choose(&mut window, "row 2", "Without this type");
    assert_eq!(filter(&window), "-type:price");
    assert_eq!(rows(&window).len(), 2);
}

#[test]
fn a_long_type_filters_by_all_of_its_name() {
    let long = "x".repeat(200);
    let other = format!("{}y", "x".repeat(150));
    let push = |fixture: &mut Fixture| {
        for (n, name) in [&long, &other, &long].into_iter().enumerate() {
            fixture.push(0, n as u64, event(name, &format!("row {n}")));
        }
    };
    let mut window = one_pane(push);
    choose(&mut window, "row 2", "Only this type");
    assert_eq!(filter(&window), format!("type:{long}"));
    assert_eq!(rows(&window).len(), 2);
}

#[test]
fn a_row_is_copied_in_each_form_and_each_copy_is_confirmed() {
    let mut window = one_pane(|fixture| fixture.push_events(0..3));
    choose(&mut window, "tick 1", "Copy payload");
    choose(&mut window, "tick 1", "Copy row");
    choose(&mut window, "tick 1", "Copy as JSON");
    let copied = &window.state().copied;
    assert_eq!(copied[0], "tick 1");
    assert!(
        copied[1].ends_with("\tin\tprice\t1\ttick 1"),
        "{}",
        copied[1]
    );
    let json: serde_json::Value = serde_json::from_str(&copied[2]).unwrap();
    assert_eq!(json["data"], "tick 1");
    let size = format!("Copied {} B", copied[2].len());
    window.get_by_label(&size);
    // The message disappears by itself.
    window.run_steps(20);
    assert!(window.query_by_label(&size).is_none());
}

#[test]
fn a_confirmation_covers_no_message_about_the_window() {
    for (width, height) in [(1280.0, 800.0), (900.0, 600.0), (640.0, 480.0)] {
        let mut fixture = Fixture::default();
        fixture.push_events(0..3);
        fixture.notice = Some("The settings cannot be read: they are a folder.".to_owned());
        let mut window = fixture.harness(width, height);
        let notice = |window: &Harness<'_, Fixture>| window.get_by_role(Role::Alert).rect();
        let before = notice(&window);
        window.key_press(Key::ArrowUp);
        window.run_steps(3);
        window.event(egui::Event::Copy);
        window.run_steps(3);
        let toast = window.get_by_label_contains("Copied ").rect();
        let number = notice(&window);
        assert!(!toast.intersects(number), "{width}: {toast:?} {number:?}");
        // The number of messages has room, and still leads to them.
        assert!(
            number.width() > 40.0 && before.contains_rect(number),
            "{number:?}"
        );
        window.run_steps(20);
        assert_eq!(notice(&window), before);
    }
}

#[test]
fn a_value_of_the_tree_filters_and_finds() {
    let push = |fixture: &mut Fixture| {
        for n in 0..6 {
            let symbol = if n % 3 == 0 { "ACME" } else { "HOOLI" };
            fixture.push(
                0,
                n,
                event("price", &format!(r#"{{"symbol":"{symbol}","n":{n}}}"#)),
            );
        }
    };
    for (item, expected, count) in [
        ("Only this value", r#".symbol == "ACME""#, 2),
        ("Without this value", r#".symbol != "ACME""#, 4),
    ] {
        let mut window = one_pane(push);
        tree_item(&mut window, r#""n":0}"#, item);
        assert_eq!(filter(&window), expected);
        assert_eq!(rows(&window).len(), count, "{item}");
    }
    let mut window = one_pane(push);
    tree_item(&mut window, r#""n":0}"#, "Find next with this value");
    window.run_steps(4);
    assert!(
        selected(&window)[0].ends_with(r#""n":3}"#),
        "{:?}",
        selected(&window)
    );
    assert_eq!(filter(&window), "");
    let mut window = one_pane(push);
    tree_item(&mut window, r#""n":0}"#, "Copy key and value");
    assert_eq!(window.state().copied, ["symbol: ACME"]);
}

/// Selects a row, and chooses an item in the menu of the first value of its tree.
fn tree_item(window: &mut Harness<'_, Fixture>, row: &str, item: &str) {
    let items = window.query_all_by_role(Role::ListBoxOption);
    let is_wanted = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(row))
    };
    let mut rows: Vec<_> = items.filter(is_wanted).collect();
    let at = rows.pop().unwrap().rect().center();
    super::hand::click(window, at, 1);
    window.run_steps(3);
    window.get_by_label_contains("symbol: \"").click_secondary();
    window.run_steps(3);
    window.get_by_label(item).click();
    window.run_steps(6);
}

#[test]
fn a_sent_message_is_sent_again() {
    let mut fixture = Fixture::default();
    fixture.panes.remove(0);
    let text = |direction, data| Kind::Text {
        direction,
        data,
        failed: None,
        wire: None,
    };
    fixture.push(1, 0, text(Direction::Out, b"hello".as_slice()));
    fixture.push(1, 1, text(Direction::In, b"welcome".as_slice()));
    let mut window = fixture.harness(900.0, 700.0);
    window.run_steps(2);
    choose(&mut window, "hello", "Send again");
    let message = Outgoing::Text("hello".to_owned());
    assert_eq!(
        window.state().commands,
        [Command::Feed(CHAT, FeedCommand::Send(message))]
    );
}

#[test]
fn f8_goes_to_the_next_error() {
    let mut window = one_pane(|fixture| {
        fixture.push_events(0..5);
        fixture.push(0, 9, event("error", "named"));
        fixture.push_events(10..15);
        fixture.push(0, 19, event("message", r#"{"error":{"code":401}}"#));
        fixture.push_events(20..25);
    });
    for (modifiers, expected) in [
        (Modifiers::NONE, "named"),
        (Modifiers::NONE, "401}}"),
        (Modifiers::NONE, "named"),
        (Modifiers::SHIFT, "401}}"),
    ] {
        window.key_press_modifiers(modifiers, Key::F8);
        window.run_steps(4);
        let selected = selected(&window);
        assert!(selected[0].ends_with(expected), "{selected:?}");
    }
}

#[test]
fn the_figure_of_missed_records_leads_to_its_rows() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    let gap = |to: &str| {
        Kind::Gap(Gap {
            missing: Some(1),
            repeated: Some(0),
            from: "1".to_owned(),
            to: to.to_owned(),
        })
    };
    fixture.push_events(0..100);
    fixture.push(0, 11, gap("3"));
    fixture.push_events(101..200);
    fixture.push(0, 21, gap("5"));
    fixture.push_events(200..300);
    fixture.set_status(
        0,
        FeedStatus {
            state: ConnectionState::Open,
            missed: Some(2),
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    for expected in ["id 1 and 3", "id 1 and 5", "id 1 and 3"] {
        window.run_steps(2);
        window.get_by_role_and_label(Role::Link, "2 missed").click();
        window.run_steps(3);
        let selected = selected(&window);
        assert!(selected[0].ends_with(expected), "{selected:?}");
    }
}

#[test]
fn an_advice_has_a_button_that_carries_it_out() {
    let failed = |advice, height| {
        let mut fixture = Fixture::default();
        fixture.set_status(
            0,
            FeedStatus {
                state: ConnectionState::Failed,
                reason: Some("refused".to_owned()),
                advice: Some(advice),
                ..FeedStatus::default()
            },
        );
        fixture.harness(1.6 * height, height)
    };
    let mut window = failed(Advice::AddCredentials, 800.0);
    window.get_by_label("Add a header…").click();
    window.run_steps(4);
    window.get_by_role_and_label(Role::Dialog, "Connection options");
    for (advice, role, field) in [
        (Advice::AddCredentials, Role::MultilineTextInput, "Headers"),
        (
            Advice::TrustCertificate,
            Role::TextInput,
            "CA certificates, file",
        ),
        (Advice::CheckProxy, Role::TextInput, "Proxy"),
        (
            Advice::ReplaceCertificate,
            Role::CheckBox,
            "Accept any certificate (insecure)",
        ),
        (Advice::ChooseFormat, Role::ComboBox, "Format"),
    ] {
        for height in [800.0, 480.0] {
            let mut window = failed(advice, height);
            let has_header = window.query_by_label("Add a header…").is_some();
            let button = if has_header {
                "Add a header…"
            } else {
                "Options…"
            };
            window.get_by_label(button).click();
            window.run_steps(6);
            // The field has the focus and is in sight.
            let field = window.get_by_role_and_label(role, field);
            assert!(field.is_focused(), "{advice:?}");
            let buttons = window.get_by_label("Apply and connect").rect();
            assert!(field.rect().bottom() <= buttons.top(), "{advice:?}");
            let title = window.get_by_role_and_label(Role::Label, "Connection options");
            assert!(
                field.rect().top() >= title.rect().bottom(),
                "{advice:?} {height}"
            );
        }
    }
    let mut window = failed(Advice::OpenAsWebSocket, 800.0);
    window.get_by_label("Open as ws://").click();
    window.run_steps(2);
    let [Command::Pane(PaneCommand::ConnectTo { pane: LEFT, url })] = &window.state().commands[..]
    else {
        panic!("{:?}", window.state().commands);
    };
    assert_eq!(url.scheme(), "ws");
}

#[test]
fn an_open_feed_without_events_says_so() {
    for (width, height) in [(1280.0, 800.0), (640.0, 480.0), (480.0, 360.0)] {
        explains_its_silence(width, height);
    }
}

/// Expects that a pane without events has a sentence and a button in sight, also below a notice.
fn explains_its_silence(width: f32, height: f32) {
    let mut fixture = Fixture::default();
    fixture.notice = Some("The settings cannot be read.".to_owned());
    fixture.panes.truncate(1);
    fixture.push(
        0,
        0,
        Kind::State(StateChange {
            status: Some(200),
            ..StateChange::to(ConnectionState::Open)
        }),
    );
    fixture.push(0, 1, Kind::Comment { data: b"keep" });
    fixture.set_status(
        0,
        FeedStatus {
            state: ConnectionState::Open,
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(width, height);
    window.run_steps(2);
    let list = window
        .get_by_role_and_label(Role::ListBox, "Records")
        .rect();
    let sentence = window.get_by_label_contains(" · 1 comment hidden · no event yet");
    let button = window.get_by_label("Show comments");
    for rect in [sentence.rect(), button.rect()] {
        assert!(
            list.contains_rect(rect),
            "{width}x{height}: {rect:?} in {list:?}"
        );
    }
    assert!(!sentence.rect().intersects(button.rect()));
    button.click();
    window.run_steps(3);
    assert!(rows(&window).iter().any(|row| row.ends_with("keep")));
    assert!(window.query_by_label_contains("no event yet").is_none());
}

#[test]
fn arrow_keys_stay_in_a_menu_that_the_pointer_opened() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.get_by_label("Text ▾").click();
    window.run_steps(3);
    let focused = |window: &Harness<'_, Fixture>| {
        let mut nodes = window.query_all_by(is_focused);
        nodes.next().and_then(|node| node.accesskit_node().label())
    };
    // More steps than the menu has entries.
    let mut names = Vec::new();
    for _ in 0..9 {
        window.key_press(Key::ArrowDown);
        window.run_steps(2);
        names.push(focused(&window).unwrap_or_default());
    }
    // The first key goes on from the lit entry.
    assert_eq!(names[0], "JSON", "{names:?}");
    assert!(names.contains(&"Text".to_owned()), "{names:?}");
    assert!(
        !names
            .iter()
            .any(|name| name.contains("Same ticks") || name == "Send"),
        "{names:?}"
    );
    // Enter chooses the entry, and nothing behind the menu.
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(window.state().commands, []);
}

#[test]
fn an_arrow_key_and_enter_choose_the_form_beside_the_lit_one() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    for (button, key, chosen) in [
        ("Text ▾", Key::ArrowDown, "JSON ▾"),
        ("JSON ▾", Key::ArrowUp, "Text ▾"),
    ] {
        window.get_by_label(button).focus();
        window.run_steps(2);
        for key in [Key::Enter, key, Key::Enter] {
            window.key_press(key);
            window.run_steps(3);
        }
        window.get_by_label(chosen);
    }
    assert_eq!(window.state().commands, []);
}

#[test]
fn a_field_of_a_menu_keeps_the_cursor_after_a_mistake() {
    let mut window = one_pane(|fixture| fixture.push(0, 1, event("a", "{\"p\":1}")));
    choose(&mut window, "{\"p\":1}", "Field to show as a column");
    let typed = |window: &Harness<'_, Fixture>| {
        let field = window.get_by_role_and_label(Role::TextInput, "Field to show as a column");
        (
            field.value().unwrap_or_default(),
            field.accesskit_node().is_focused(),
        )
    };
    for letters in [".p", "|"] {
        window.event(egui::Event::Text(letters.to_owned()));
        window.run_steps(2);
    }
    window.key_press(Key::Enter);
    window.run_steps(2);
    assert_eq!(typed(&window), (".p|".to_owned(), true));
    window.key_press(Key::Backspace);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(2);
    assert_eq!(typed(&window), (String::new(), true));
    window.get_by_role_and_label(Role::ColumnHeader, ".p");
}

#[test]
fn the_menu_of_a_row_marks_it() {
    let mut window = one_pane(|fixture| fixture.push(0, 1, event("a", "{\"p\":1}")));
    choose(&mut window, "{\"p\":1}", "Mark M");
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    window.run_steps(4);
    let note = |window: &Harness<'_, Fixture>| {
        window.query_by_label_contains("Note of the mark").is_some()
    };
    assert!(note(&window));
    choose(&mut window, "{\"p\":1}", "Remove the mark");
    assert!(!note(&window));
}
