//! Tests of a pane's options: the sheet opens from the menu, and is accepted or refused as a whole.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::ConnectionState;
use feedscope_core::decode::Traffic;
use feedscope_core::feed::{FeedCommand, FeedStatus, WireTraffic};
use feedscope_ui::{Command, PaneCommand};

use super::fixture::{EVENTS, Fixture, LEFT};

fn opened() -> Harness<'static, Fixture> {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    open(&mut window, 0);
    window
}

/// Opens the options of a pane.
fn open(window: &mut Harness<'_, Fixture>, pane: usize) {
    window.get_all_by_label("More").nth(pane).unwrap().click();
    window.run_steps(2);
    window.get_by_label_contains("Connection options…").click();
    window.run_steps(3);
}

#[test]
fn what_is_typed_reaches_the_feed() {
    let mut window = opened();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Headers")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Headers")
        .type_text("X-Room: lobby");
    window.step();
    window.get_by_label("Apply and connect").click_accesskit();
    window.run_steps(2);
    let [Command::Pane(PaneCommand::ConnectWith { pane: LEFT, spec })] =
        window.state().commands.as_slice()
    else {
        panic!("{:?}", window.state().commands);
    };
    assert_eq!(spec.http.headers, [("X-Room".to_owned(), "lobby".into())]);
    assert!(
        window.query_by_label("Apply and connect").is_none(),
        "the sheet is closed"
    );
}

#[test]
fn unchanged_options_keep_the_connection_and_changed_ones_say_what_they_replace() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..4);
    let mut window = fixture.harness(1280.0, 800.0);
    open(&mut window, 0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.run_steps(2);
    assert!(window.query_by_label("Apply and connect").is_none());
    assert_eq!(window.state().commands, []);
    open(&mut window, 0);
    window.event(egui::Event::Text("X-Room: lobby".to_owned()));
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.run_steps(2);
    assert!(matches!(
        window.state().commands[..],
        [Command::Pane(PaneCommand::ConnectWith { .. })]
    ));
    window.get_by_label(
        "Connected with other options, without the 4 earlier records. Restore: Ctrl Shift T",
    );
    window.get_by_label("Restore");
    // A closed feed connects, and keeps its records.
    window.state_mut().commands.clear();
    window.state_mut().set_status(
        0,
        FeedStatus {
            state: ConnectionState::Closed,
            ..FeedStatus::default()
        },
    );
    open(&mut window, 0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.run_steps(2);
    let connects = Command::Feed(EVENTS, FeedCommand::Connect);
    assert_eq!(window.state().commands, [connects]);
}

#[test]
fn decoders_are_changed_without_another_connection() {
    let mut window = opened();
    let field = "Decode received";
    let type_chain = |window: &mut Harness<'_, Fixture>, text: &str| {
        window.get_by_role_and_label(Role::TextInput, field).focus();
        window.step();
        let text_field = window.get_by_role_and_label(Role::TextInput, field);
        text_field.type_text(text);
        window.step();
        window.get_by_label("Apply and connect").click_accesskit();
        window.run_steps(2);
    };
    type_chain(&mut window, "hex,");
    window.get_by_label_contains("Decoders: there is no decoder");
    type_chain(&mut window, "gzip");
    let [Command::Pane(PaneCommand::Read { pane: LEFT, texts })] =
        window.state().commands.as_slice()
    else {
        panic!("{:?}", window.state().commands);
    };
    assert_eq!(texts.received.as_deref(), Some("hex,gzip"));
    // Nothing is sent to an event stream.
    open(&mut window, 0);
    assert!(window.query_by_label("Decode sent").is_none());
}

#[test]
fn an_open_connection_tells_what_was_negotiated_and_what_it_saves() {
    let mut fixture = Fixture::default();
    let received = Traffic {
        messages: 3,
        compressed_messages: 3,
        data_frames: 3,
        wire_bytes: 75,
        plain_bytes: 300,
        ..Traffic::default()
    };
    let sent = Traffic::default();
    let extension = ("extensions".to_owned(), "permessage-deflate".to_owned());
    fixture.set_status(
        1,
        FeedStatus {
            state: ConnectionState::Open,
            negotiated: vec![extension],
            wire: Some(WireTraffic { received, sent }),
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    open(&mut window, 1);
    for told in [
        "permessage-deflate",
        "compression, received",
        "300 B as 75 B: 75 % saved",
    ] {
        window.get_by_label(told);
    }
    assert!(window.query_by_label("compression, sent").is_none());
}

#[test]
fn escape_asks_before_typed_options_are_dropped() {
    let mut window = opened();
    let headers = |window: &Harness<'_, Fixture>| {
        let field = window.get_by_role_and_label(Role::MultilineTextInput, "Headers");
        field.accesskit_node().value().unwrap_or_default()
    };
    let escape = |window: &mut Harness<'_, Fixture>| {
        window.key_press(egui::Key::Escape);
        window.run_steps(3);
    };
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Headers")
        .type_text("X-Room: lobby");
    window.run_steps(2);
    escape(&mut window);
    window.get_by_role(Role::Alert);
    assert_eq!(headers(&window), "X-Room: lobby");
    assert!(window.get_by_label("Keep editing").is_focused());
    escape(&mut window);
    assert!(
        window
            .get_by_role_and_label(Role::MultilineTextInput, "Headers")
            .is_focused()
    );
    assert!(
        window.query_by_role(Role::Alert).is_none(),
        "one keeps editing"
    );
    assert_eq!(headers(&window), "X-Room: lobby");
    escape(&mut window);
    window.get_by_label("Discard the changes").click_accesskit();
    window.run_steps(3);
    assert!(window.query_by_label("Apply and connect").is_none());
    // Without changes, Escape closes the sheet at once.
    open(&mut window, 0);
    assert_eq!(headers(&window), "");
    escape(&mut window);
    assert!(window.query_by_label("Apply and connect").is_none());
    assert!(window.state().commands.is_empty());
}

#[test]
fn what_cannot_be_read_is_said_and_changes_nothing() {
    let mut window = opened();
    window
        .get_by_role_and_label(Role::TextInput, "Proxy")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::TextInput, "Proxy")
        .type_text("ftp://proxy");
    window.step();
    window.get_by_label("Apply and connect").click_accesskit();
    window.run_steps(2);
    assert!(window.state().commands.is_empty());
    window.get_by_label_contains("Proxy: `ftp` is not a kind of proxy");
    window.get_by_label("Cancel").click_accesskit();
    window.run_steps(2);
    assert!(window.query_by_label("Apply and connect").is_none());
}

#[test]
fn nothing_moves_when_the_sheet_asks_or_refuses() {
    let mut window = opened();
    let place = |window: &Harness<'_, Fixture>| {
        let apply = window.get_by_label("Apply and connect").rect();
        let field = window.get_by_role_and_label(Role::MultilineTextInput, "Headers");
        (apply, field.rect())
    };
    let before = place(&window);
    window.run_steps(4);
    assert_eq!(place(&window), before);
    let headers = window.get_by_role_and_label(Role::MultilineTextInput, "Headers");
    headers.type_text("no colon");
    window.run_steps(2);
    window.get_by_label("Apply and connect").click_accesskit();
    window.run_steps(3);
    window.get_by_label_contains("Headers: ");
    assert_eq!(place(&window), before);
    window.key_press(egui::Key::Escape);
    window.run_steps(3);
    window.get_by_label("Keep editing");
    assert_eq!(place(&window), before);
}
