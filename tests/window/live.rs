//! Tests of the two default panes end to end: the window shows what the server does, and no record is lost.

use std::time::Duration;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::KeptSettings;
use feedscope_core::store::{ClassSet, RowNumber};
use feedscope_core::{ConnectionState, KindTag};

use super::whole::{Whole, until};

fn demo() -> Whole {
    super::whole::demo(KeptSettings::default())
}

fn states(window: &Whole) -> Vec<String> {
    window
        .query_all_by_role(Role::Status)
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn both_are(window: &Whole, state: &str) -> bool {
    states(window) == [format!("State: {state}"), format!("State: {state}")]
}

/// Returns the records in sight of both panes.
fn rows(window: &Whole) -> Vec<String> {
    window
        .query_all_by_role(Role::ListBoxOption)
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

/// Returns the IDs of all events that the left pane's feed has stored, in order.
fn ids(window: &Whole) -> Vec<u64> {
    let feeds = window.state().feeds();
    let store = &feeds[0].store;
    let lines = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 10_000, 0);
    lines
        .iter()
        .filter(|line| line.tag == KindTag::Event)
        .map(|line| line.id.parse().unwrap())
        .collect()
}

#[test]
fn ticks_appear_and_the_bot_answers_what_is_typed() {
    let mut window = demo();
    until(&mut window, "both open", |window| both_are(window, "open"));
    until(&mut window, "ticks", |window| {
        rows(window)
            .iter()
            .any(|row| row.contains("received price "))
    });
    until(&mut window, "greeting", |window| {
        rows(window)
            .iter()
            .any(|row| row.ends_with("sent text Hello Server!"))
    });
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .type_text("what time is it?");
    window.step();
    window.key_press(Key::Enter);
    until(
        &mut window,
        "the message, sent and echoed to the room",
        |window| {
            let rows = rows(window);
            rows.iter()
                .any(|row| row.ends_with("sent text what time is it?"))
                && rows.iter().any(|row| {
                    row.contains("received text ") && row.contains("\"text\":\"what time is it?\"")
                })
        },
    );
    until(&mut window, "the bot's answers", |window| {
        rows(window)
            .iter()
            .filter(|row| row.contains("\"from\":\"bot\""))
            .count()
            >= 2
    });
}

#[test]
fn a_drop_is_seen_from_both_panes_and_nothing_is_lost() {
    let mut window = demo();
    until(&mut window, "both open", |window| both_are(window, "open"));
    until(&mut window, "some ticks", |window| ids(window).len() >= 5);
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .focus();
    window.step();
    window
        .state()
        .demo()
        .unwrap()
        .refuse_for(Duration::from_millis(200));
    window.get_by_label("Drop connections").click_accesskit();
    until(&mut window, "both reconnecting", |window| {
        both_are(window, "reconnecting")
    });
    // While the connection is away, one message is entered and one line is left unfinished.
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .type_text("sent meanwhile");
    window.step();
    window.key_press(Key::Enter);
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .type_text("half a li");
    until(&mut window, "both open again", |window| {
        both_are(window, "open")
    });
    let before = ids(&window).len();
    until(&mut window, "more ticks", |window| {
        ids(window).len() > before + 5
    });
    until(&mut window, "the message", |window| {
        rows(window)
            .iter()
            .any(|row| row.ends_with("sent text sent meanwhile"))
    });
    let ids = ids(&window);
    assert!(
        ids.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "ids run on: {ids:?}"
    );
    let sent = rows(&window)
        .iter()
        .filter(|row| row.ends_with("sent text sent meanwhile"))
        .count();
    assert_eq!(sent, 1, "handed over once");
    let message = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
    assert_eq!(
        message.value().as_deref(),
        Some("half a li"),
        "the line being typed is kept"
    );
}

#[test]
fn disconnect_stops_listening_and_the_rows_stay() {
    let mut window = demo();
    until(&mut window, "ticks", |window| ids(window).len() >= 3);
    window
        .get_all_by_label("Disconnect")
        .next()
        .unwrap()
        .click();
    until(&mut window, "closed", |window| {
        states(window)[0] == "State: closed"
    });
    let stored = ids(&window);
    assert!(stored.len() >= 3);
    let feeds = window.state().feeds();
    assert_eq!(feeds[0].source.state(), Some(ConnectionState::Closed));
    // The other pane is not affected.
    until(&mut window, "the chat", |window| {
        states(window)[1] == "State: open"
    });
    assert_eq!(ids(&window), stored);
}

#[test]
fn another_url_is_typed_into_a_pane() {
    let mut window = demo();
    until(&mut window, "both open", |window| both_are(window, "open"));
    let echo = format!("{}/echo", window.state().demo().unwrap().ws_url());
    window
        .get_all_by_role_and_label(Role::TextInput, "URL")
        .next()
        .unwrap()
        .focus();
    window.run_steps(2);
    window
        .get_all_by_role_and_label(Role::TextInput, "URL")
        .next()
        .unwrap()
        .type_text(&echo);
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "two composers", |window| {
        window
            .query_all_by_role_and_label(Role::MultilineTextInput, "Message")
            .count()
            == 2
            && both_are(window, "open")
    });
    let feeds = window.state().feeds();
    assert_eq!(feeds[0].source.url().unwrap().as_str(), echo);
}
