//! Tasks of `docs/keys.md` from start to end by keyboard alone. Tasks with a test of their own elsewhere are not repeated.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::feed::{FeedCommand, FeedStatus, Outgoing};
use feedscope_core::gap::Gap;
use feedscope_core::{ConnectionState, Kind};
use feedscope_ui::{Command, PaneCommand};

use super::fixture::{CHAT, EVENTS, Fixture, NOW, is_focused, rows};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;

/// Prices of five symbols, an error, and a gap.
fn window() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    for number in 0..40_u64 {
        let symbol = ["ACME", "GLOBEX", "HOOLI", "INITECH", "UMBRELLA"][number as usize % 5];
        let data = format!("{{\"symbol\":\"{symbol}\",\"n\":{number}}}");
        let event: &[u8] = if number == 20 { b"error" } else { b"price" };
        let kind = Kind::Event {
            event,
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, 1_000 + number * 1_000, kind);
    }
    let gap = Gap {
        missing: Some(2),
        repeated: None,
        from: "39".to_owned(),
        to: "42".to_owned(),
    };
    fixture.push(0, 42_000, Kind::Gap(gap));
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    window
}

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn type_text(window: &mut Harness<'_, Fixture>, text: &str) {
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(4);
}

/// Returns the name of the part that has the focus.
fn focus(window: &Harness<'_, Fixture>) -> String {
    let node = window.query_all_by(is_focused).last();
    node.and_then(|node| node.accesskit_node().label())
        .unwrap_or_default()
}

/// Presses Tab until a part with this name has the focus. Returns the number of steps.
fn tab_to(window: &mut Harness<'_, Fixture>, name: &str) -> usize {
    for steps in 1..40 {
        press(window, NONE, Key::Tab);
        if focus(window).starts_with(name) {
            return steps;
        }
    }
    panic!("Tab does not lead to {name}");
}

fn selected(window: &Harness<'_, Fixture>) -> Vec<String> {
    let items = window.query_all_by_role(Role::ListBoxOption);
    let chosen = items.filter(|node| node.accesskit_node().is_selected() == Some(true));
    chosen
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

#[test]
fn one_symbol_and_its_rows_are_found() {
    let mut window = window();
    type_text(&mut window, "/");
    type_text(&mut window, ".symbol ==");
    press(&mut window, NONE, Key::ArrowDown);
    press(&mut window, NONE, Key::ArrowDown);
    press(&mut window, NONE, Key::Enter);
    window.get_by_role_and_label(Role::Status, "8 hits");
    let all = rows(&window);
    assert_eq!(all.len(), 8, "{all:?}");
    // Enter leads to the first hit, and the arrow keys move on from there.
    press(&mut window, NONE, Key::Enter);
    assert_eq!(selected(&window), all[..1]);
    press(&mut window, NONE, Key::ArrowDown);
    assert_eq!(selected(&window), all[1..2]);
    // A row that is selected among the hits stays selected.
    type_text(&mut window, "/");
    press(&mut window, NONE, Key::Enter);
    assert_eq!(selected(&window), all[1..2]);
}

#[test]
fn the_last_value_is_in_sight_although_fewer_were_known_before() {
    let mut window = window();
    type_text(&mut window, "/");
    type_text(&mut window, ".symbol ==");
    press(&mut window, NONE, Key::ArrowDown);
    let options = window.query_all_by_role(Role::ListBoxOption);
    let is_value = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.starts_with('"'))
    };
    let values: Vec<_> = options.filter(is_value).collect();
    assert_eq!(values.len(), 5);
    // A click reaches only what is in sight.
    let last = values[4].accesskit_node().label().unwrap();
    values[4].click();
    drop(values);
    window.run_steps(4);
    let symbol = last.split(' ').next().unwrap();
    let field = window
        .query_all_by_role_and_label(Role::TextInput, "Filter")
        .next();
    let text = field.and_then(|field| field.value()).unwrap();
    assert_eq!(text, format!(".symbol == {symbol}").replace("== ", "=="));
}

#[test]
fn what_a_drop_lost_is_found() {
    let mut window = window();
    type_text(&mut window, "/");
    type_text(&mut window, "type:gap");
    press(&mut window, NONE, Key::Enter);
    let found = selected(&window);
    assert!(
        found.len() == 1 && found[0].starts_with("gap "),
        "{found:?}"
    );
}

#[test]
fn two_records_are_compared() {
    let mut window = window();
    press(&mut window, NONE, Key::ArrowUp);
    press(&mut window, NONE, Key::ArrowUp);
    press(&mut window, Modifiers::SHIFT, Key::ArrowUp);
    assert_eq!(selected(&window).len(), 2);
    let steps = tab_to(&mut window, "Difference");
    assert!(steps < 25, "{steps} steps");
    press(&mut window, NONE, Key::Enter);
    window.run_steps(4);
    let diff = window.query_all_by_label_contains("\"n\"");
    assert!(diff.count() > 0 || window.query_all_by_label_contains("n:").count() > 0);
}

#[test]
fn a_record_is_compared_with_the_one_before() {
    let mut window = window();
    // The newest record is the gap.
    press(&mut window, NONE, Key::ArrowUp);
    press(&mut window, NONE, Key::ArrowUp);
    let steps = tab_to(&mut window, "Diff with previous");
    assert!(steps < 12, "{steps} steps");
    press(&mut window, NONE, Key::Enter);
    window.get_by_label_contains(" earlier");
}

#[test]
fn a_ping_is_written_and_sent() {
    let mut window = window();
    window.state_mut().set_status(
        1,
        FeedStatus {
            state: ConnectionState::Open,
            since: NOW,
            ..FeedStatus::default()
        },
    );
    press(&mut window, CTRL, Key::Num2);
    press(&mut window, CTRL, Key::M);
    assert_eq!(focus(&window), "Message");
    assert_eq!(tab_to(&mut window, "Text ▾"), 1);
    press(&mut window, NONE, Key::Enter);
    for _ in 0..12 {
        if focus(&window) == "Ping" {
            break;
        }
        press(&mut window, NONE, Key::ArrowDown);
    }
    press(&mut window, NONE, Key::Enter);
    assert_eq!(focus(&window), "Message");
    type_text(&mut window, "hi");
    press(&mut window, NONE, Key::Enter);
    let sent = FeedCommand::Send(Outgoing::Ping(b"hi".to_vec()));
    assert_eq!(window.state().commands, [Command::Feed(CHAT, sent)]);
}

#[test]
fn a_second_view_and_a_closed_pane_need_one_key() {
    let mut window = window();
    press(&mut window, CTRL, Key::Backslash);
    press(&mut window, CTRL, Key::W);
    let left = super::fixture::LEFT;
    assert_eq!(
        window.state().commands,
        [
            Command::Pane(PaneCommand::Open(Some(EVENTS))),
            Command::Pane(PaneCommand::Close(left)),
        ]
    );
}

#[test]
fn hidden_comments_of_a_silent_feed_are_shown() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push(
        0,
        1_000,
        Kind::Comment {
            data: b"keep-alive",
        },
    );
    fixture.set_status(
        0,
        FeedStatus {
            state: ConnectionState::Open,
            since: NOW,
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(2);
    tab_to(&mut window, "Show comments");
    press(&mut window, NONE, Key::Enter);
    assert_eq!(rows(&window).len(), 1);
}
