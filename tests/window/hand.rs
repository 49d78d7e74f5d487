//! Mouse input in the way of a hand: a press, some passes, a release. A click of the harness takes one pass for each.

use egui::accesskit::Role;
use egui::{Event, Modifiers, PointerButton, Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::ConnectionState;
use feedscope_core::feed::{FeedCommand, FeedStatus};
use feedscope_ui::{Command, FeedId};

use super::fixture::{CHAT, EVENTS, Fixture};

/// Returns an event of a mouse button.
pub(crate) fn button(at: Pos2, button: PointerButton, pressed: bool) -> Event {
    Event::PointerButton {
        pos: at,
        button,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

/// Presses the primary button for this many passes, during which the pointer trembles.
pub(crate) fn click<State>(window: &mut Harness<'_, State>, at: Pos2, passes: usize) {
    window.hover_at(at);
    window.step();
    window.event(button(at, PointerButton::Primary, true));
    window.step();
    for pass in 0..passes {
        window.hover_at(at + vec2(2.0 * (pass % 2) as f32, 0.0));
        window.step();
    }
    window.event(button(at, PointerButton::Primary, false));
    window.run_steps(2);
}

/// Drags from one point to another, and releases the button there.
pub(crate) fn drag<State>(window: &mut Harness<'_, State>, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.step();
    window.event(button(from, PointerButton::Primary, true));
    window.run_steps(2);
    for part in [0.1, 0.5, 1.0] {
        window.hover_at(from.lerp(to, part));
        window.run_steps(2);
    }
    window.event(button(to, PointerButton::Primary, false));
    window.run_steps(3);
}

/// Returns the areas of the URL fields, which show the layout of the panes.
fn layout(window: &Harness<'_, Fixture>) -> Vec<Rect> {
    let mut fields: Vec<Rect> = window
        .query_all_by_role_and_label(Role::TextInput, "URL")
        .map(|node| node.rect())
        .collect();
    fields.sort_by(|a, b| (a.min.x, a.min.y).partial_cmp(&(b.min.x, b.min.y)).unwrap());
    fields
}

/// Creates two panes, the left one in this state.
fn window_in(state: ConnectionState) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.set_status(
        0,
        FeedStatus {
            state,
            retry_at: Some(super::fixture::NOW + std::time::Duration::from_secs(9)),
            ..FeedStatus::default()
        },
    );
    fixture.harness(1280.0, 800.0)
}

#[test]
fn a_button_of_a_bar_acts_and_drags_nothing() {
    for (state, name, wanted) in [
        (ConnectionState::Open, "Disconnect", FeedCommand::Disconnect),
        (
            ConnectionState::Reconnecting,
            "Retry now",
            FeedCommand::RetryNow,
        ),
        (
            ConnectionState::Reconnecting,
            "Stop",
            FeedCommand::Disconnect,
        ),
        (ConnectionState::Failed, "Try again", FeedCommand::Connect),
        (ConnectionState::Closed, "Connect", FeedCommand::Connect),
    ] {
        for passes in [0, 1, 5] {
            let mut window = window_in(state);
            let before = layout(&window);
            let at = window.query_all_by_label(name).next().unwrap().rect();
            click(&mut window, at.center(), passes);
            assert_eq!(layout(&window), before, "{name}, {passes} passes");
            let acted = [Command::Feed(EVENTS, wanted.clone())];
            assert_eq!(window.state().commands, acted, "{name}, {passes} passes");
        }
    }
}

#[test]
fn the_menu_of_a_pane_opens_at_its_button() {
    let mut window = window_in(ConnectionState::Open);
    let before = layout(&window);
    let at = window.query_all_by_label("More").next().unwrap().rect();
    click(&mut window, at.center(), 5);
    assert_eq!(layout(&window), before);
    let item = window.get_by_label("Plot…").rect();
    assert!(
        (item.left() - at.left()).abs() < 240.0 && item.top() - at.bottom() < 120.0,
        "{item:?} {at:?}"
    );
}

#[test]
fn a_pane_is_dragged_by_its_grip_alone_and_only_after_some_way() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let before = layout(&window);
    let grip = |window: &Harness<'_, Fixture>| {
        let mut grips = window.query_all_by_label_contains("Drag to move the pane");
        grips.next().unwrap().rect().center()
    };
    let below = egui::pos2(960.0, 700.0);
    // The drags start between the state and the field, on the field, on a button, and on the line of figures.
    for from in [
        before[0].left_center() - vec2(4.0, 0.0),
        before[0].center(),
        before[0].right_center() + vec2(40.0, 0.0),
        before[0].center() + vec2(0.0, 60.0),
    ] {
        drag(&mut window, from, below);
        assert_eq!(layout(&window), before, "dragged from {from:?}");
    }
    // A long press that moves less than a click may is not a drag.
    let at = grip(&window);
    window.hover_at(at);
    window.step();
    window.event(button(at, PointerButton::Primary, true));
    window.run_steps(8);
    window.hover_at(at + vec2(5.0, 0.0));
    window.run_steps(8);
    window.event(button(at + vec2(5.0, 0.0), PointerButton::Primary, false));
    window.run_steps(3);
    assert_eq!(layout(&window), before);
    drag(&mut window, at, below);
    let after = layout(&window);
    assert!((after[0].min.x - after[1].min.x).abs() < 1.0, "{after:?}");
    assert!(after[1].min.y - after[0].min.y > 200.0, "{after:?}");
}

#[test]
fn a_pane_that_can_go_nowhere_has_no_grip() {
    let has_grip = |window: &Harness<'_, Fixture>| {
        window
            .query_all_by_label_contains("Drag to move the pane")
            .count()
    };
    assert_eq!(has_grip(&Fixture::default().harness(1280.0, 800.0)), 2);
    // Stacked panes and tabs cannot be dragged, because the size of the window determines their places.
    assert_eq!(has_grip(&Fixture::default().harness(700.0, 900.0)), 0);
    assert_eq!(has_grip(&Fixture::default().harness(640.0, 480.0)), 0);
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    assert_eq!(has_grip(&fixture.harness(1280.0, 800.0)), 0);
}

#[test]
fn a_tab_is_chosen_when_it_is_pressed() {
    let mut window = Fixture::default().harness(640.0, 480.0);
    let tab = |window: &Harness<'_, Fixture>, name: &str| {
        window
            .get_by_role_and_label(Role::Tab, name)
            .rect()
            .center()
    };
    let at = tab(&window, "/chat");
    window.hover_at(at);
    window.step();
    window.event(button(at, PointerButton::Primary, true));
    window.run_steps(2);
    let chosen = |window: &Harness<'_, Fixture>| {
        let node = window.get_by_role_and_label(Role::Tab, "/chat");
        node.accesskit_node().is_selected() == Some(true)
    };
    assert!(chosen(&window), "at the press");
    window.event(button(at, PointerButton::Primary, false));
    window.run_steps(2);
    assert!(chosen(&window));
}

/// Presses and releases within one pass, as a touchpad's tap or a late frame does.
fn tap(window: &mut Harness<'_, Fixture>, at: Pos2) {
    for pressed in [true, false] {
        let event = button(at, PointerButton::Primary, pressed);
        window.input_mut().events.push(event);
    }
    window.run_steps(2);
}

/// Disconnects the feed of the pane that receives the keys, and returns that feed.
fn feed_with_keys(window: &mut Harness<'_, Fixture>) -> FeedId {
    window.state_mut().commands.clear();
    window.key_press_modifiers(Modifiers::COMMAND, egui::Key::D);
    window.run_steps(2);
    match window.state().commands.as_slice() {
        [Command::Feed(feed, FeedCommand::Disconnect)] => *feed,
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_go_to_the_pane_that_was_tapped_last() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    for (at, feed) in [(960.0, CHAT), (300.0, EVENTS), (960.0, CHAT)] {
        tap(&mut window, egui::pos2(at, 400.0));
        assert_eq!(feed_with_keys(&mut window), feed);
    }
    // If there are several presses in one pass, the last one counts.
    for at in [300.0, 960.0, 300.0] {
        for pressed in [true, false] {
            let at = egui::pos2(at, 400.0);
            let event = button(at, PointerButton::Primary, pressed);
            window.input_mut().events.push(event);
        }
    }
    window.run_steps(2);
    assert_eq!(feed_with_keys(&mut window), EVENTS);
}

#[test]
fn keys_go_to_the_pane_whose_widget_has_the_focus() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    assert_eq!(feed_with_keys(&mut window), EVENTS);
    let mut buttons: Vec<_> = window.query_all_by_label("Pause").collect();
    buttons.sort_by(|a, b| a.rect().min.x.total_cmp(&b.rect().min.x));
    buttons[1].focus();
    window.run_steps(2);
    assert_eq!(feed_with_keys(&mut window), CHAT);
    // Keys switch to the other pane, even though the focus was on the right.
    window.key_press_modifiers(Modifiers::COMMAND, egui::Key::Num1);
    window.run_steps(2);
    assert_eq!(feed_with_keys(&mut window), EVENTS);
    // Tab moves through all widgets, and the keys follow the focus from pane to pane.
    let mut feeds = Vec::new();
    for _ in 0..60 {
        window.key_press(egui::Key::Tab);
        window.run_steps(2);
        feeds.push(feed_with_keys(&mut window));
    }
    assert!(
        feeds.contains(&CHAT) && feeds.contains(&EVENTS),
        "{feeds:?}"
    );
}

/// Clicks with the secondary button.
pub(crate) fn secondary_click<State>(window: &mut Harness<'_, State>, at: Pos2) {
    window.hover_at(at);
    window.step();
    window.event(button(at, PointerButton::Secondary, true));
    window.step();
    window.event(button(at, PointerButton::Secondary, false));
    window.run_steps(3);
}
