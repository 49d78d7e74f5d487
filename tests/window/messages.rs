//! Saved messages: sent by a chip or a key, at an interval and as answers, and stopped by one key.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{ConnectionsFile, KeptSettings};
use feedscope_core::ConnectionState;

use super::whole::{self, Whole, until};

/// Number of sent records with this payload.
fn sent(window: &Whole, text: &str) -> usize {
    let feed = window.state().feeds().remove(0);
    let end = feed.store.extent().end;
    let rows = feed.store.rows(
        feedscope_core::store::Shown::NONE.with(feedscope_core::store::Class::Sent, true),
        feedscope_core::store::RowNumber(0),
        end,
        10_000,
        100,
    );
    rows.iter().filter(|row| row.preview == text).count()
}

fn buttons(window: &Whole) -> Vec<String> {
    let buttons = window.query_all_by_role(Role::Button);
    buttons
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn has_button(window: &Whole, name: &str) -> bool {
    buttons(window).iter().any(|button| button == name)
}

/// Opens a connection with saved messages in the left pane.
fn open(messages: &str) -> (Whole, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path.clone()),
        ..ConnectionsFile::default()
    };
    let mut window = whole::demo(kept);
    let url = window.state().demo().unwrap().ws_url();
    std::fs::write(&path, format!("[echo]\nurl = \"{url}/echo\"\n{messages}")).unwrap();
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    until(&mut window, "the entry", |window| {
        window
            .query_by_role_and_label(Role::ListBoxOption, "echo")
            .is_some()
    });
    window.key_press(Key::Enter);
    until(&mut window, "the feed", |window| {
        let feed = window.state().feeds().remove(0);
        feed.name.is_some() && feed.status.state == ConnectionState::Open
    });
    (window, folder)
}

#[test]
fn saved_messages_are_sent_by_hand_and_answered() {
    let (mut window, _folder) = open(
        "[[echo.messages]]\nname = \"hello\"\ntext = \"hi ${counter}\"\n\
         [[echo.messages]]\nname = \"pong\"\ntext = \"pong\"\nwhen = \"/^hi 2$/\"\n",
    );
    until(&mut window, "the chips", |window| {
        has_button(window, "Send hello") && has_button(window, "Stop pong")
    });
    window.get_by_label("Send hello").click();
    until(&mut window, "the first", |window| sent(window, "hi 1") == 1);
    window.key_press_modifiers(Modifiers::ALT, Key::Num1);
    until(&mut window, "the second and its answer", |window| {
        sent(window, "hi 2") == 1 && sent(window, "pong") == 1
    });
    // A key without a message that is sent by hand does nothing.
    window.key_press_modifiers(Modifiers::ALT, Key::Num2);
    window.run_steps(2);
    assert_eq!(sent(&window, "pong"), 1);
}

#[test]
fn a_message_at_an_interval_is_visible_and_stops_by_one_key() {
    let (mut window, _folder) =
        open("[[echo.messages]]\nname = \"beat\"\ntext = \"beat\"\nevery = \"20ms\"\n");
    until(&mut window, "two beats", |window| sent(window, "beat") >= 2);
    assert!(has_button(&window, "Stop beat"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Period);
    until(&mut window, "the end", |window| {
        has_button(window, "Start beat")
    });
    // Everything that was handed over is sent, and no further message follows.
    until(&mut window, "an empty queue", |window| {
        window.state().feeds()[0].status.queue.is_empty()
    });
    let before = sent(&window, "beat");
    window.get_by_label("Start beat").click();
    until(&mut window, "further beats", |window| {
        sent(window, "beat") > before
    });
    // Nothing is sent while the feed is not open.
    window.key_press_modifiers(Modifiers::COMMAND, Key::D);
    until(&mut window, "the closed feed", |window| {
        window.state().feeds()[0].status.state == ConnectionState::Closed
    });
    assert!(
        window.state().feeds()[0].messages[0]
            .automatic
            .clone()
            .unwrap()
            .next_in
            .is_none()
    );
}

#[test]
fn the_window_ends_a_feed_with_messages() {
    let (mut window, _folder) =
        open("[[echo.messages]]\nname = \"beat\"\ntext = \"beat\"\nevery = \"20ms\"\n");
    until(&mut window, "a beat", |window| sent(window, "beat") >= 1);
    let clients = |window: &Whole| window.state().demo().unwrap().clients().len();
    let before = clients(&window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    // The closed pane is disconnected although its messages were running.
    until(&mut window, "one client less", |window| {
        clients(window) < before
    });
}
