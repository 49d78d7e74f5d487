//! Tests of the demo's strip and panel: their content, the commands of clicks, and their room in small windows.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Timestamp;
use feedscope_ui::{ActiveFault, ClientScene, Command, DemoCommand, MeasuredFeed};

use super::fixture::{Fixture, LEFT, RIGHT, is_focused, labels};

fn with_tour() -> Fixture {
    let mut fixture = Fixture::default();
    fixture.demo.tour_dismissed = false;
    fixture
}

fn open_page<'a>(fixture: Fixture, page: &str) -> Harness<'a, Fixture> {
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label("Tour").click();
    window.run_steps(2);
    window.get_by_role_and_label(Role::Tab, page).click();
    window.run_steps(2);
    window
}

/// Returns the commands to the demo server that a click on `label` gives.
fn asked(window: &mut Harness<'_, Fixture>, label: &str) -> Vec<DemoCommand> {
    window.state_mut().commands.clear();
    window.get_by_label(label).click();
    window.run_steps(2);
    let commands = window.state().commands.iter();
    commands
        .filter_map(|command| match command {
            Command::Demo(command) => Some(command.clone()),
            _ => None,
        })
        .collect()
}

fn fault(name: &str, feed: Option<&str>, on: bool) -> DemoCommand {
    DemoCommand::Fault {
        name: name.to_owned(),
        feed: feed.map(str::to_owned),
        on,
    }
}

#[test]
fn the_tour_is_open_at_the_start_and_each_step_is_one_click() {
    let mut window = with_tour().harness(1280.0, 800.0);
    for (label, command) in [
        ("Drop both connections", DemoCommand::Drop),
        ("Say hello to the bot", DemoCommand::Hello),
        ("Flood 50,000 a second", DemoCommand::Flood(Some(LEFT))),
        ("Cut mid-event", fault("cut", Some("/events"), true)),
        ("Same ticks over both protocols", DemoCommand::Compare),
    ] {
        assert_eq!(asked(&mut window, label), [command], "{label}");
    }
    // The last click has opened the page with the measurements.
    window.get_by_label("Open /events and /ticker");
    assert!(
        labels(&window)
            .iter()
            .all(|label| label != "Drop both connections")
    );
}

#[test]
fn steps_say_what_a_click_does_now() {
    let mut fixture = with_tour();
    fixture.demo.flooded = Some(RIGHT);
    fixture.demo.active = vec![ActiveFault {
        name: "cut".to_owned(),
        feed: Some("/events".to_owned()),
    }];
    let mut window = fixture.harness(1280.0, 800.0);
    assert_eq!(
        asked(&mut window, "Stop cutting"),
        [fault("cut", Some("/events"), false)]
    );
    let stops: Vec<_> = window.get_all_by_label("Stop the flood").collect();
    assert_eq!(stops.len(), 2, "in the strip and in the tour");
}

#[test]
fn the_tour_is_dismissed_for_good_and_opened_again() {
    let mut window = with_tour().harness(1280.0, 800.0);
    let dismissed = asked(&mut window, "Don't show at start");
    assert_eq!(dismissed, [DemoCommand::TourAtStart(false)]);
    window.get_by_label("Close the panel").click();
    window.run_steps(2);
    assert!(window.query_by_label("Say hello to the bot").is_none());
    window.key_press(Key::F1);
    window.run_steps(3);
    window.state_mut().commands.clear();
    window
        .get_by_label("Show the demo's tour")
        .click_accesskit();
    window.run_steps(2);
    let shown = Command::Demo(DemoCommand::Show(true));
    assert_eq!(window.state().commands, [shown]);
    window.get_by_label("Say hello to the bot");

    let dismissed = Fixture::default().harness(1280.0, 800.0);
    assert!(dismissed.query_by_label("Say hello to the bot").is_none());
}

#[test]
fn where_there_is_no_room_the_tour_is_a_button_and_gives_the_panes_back() {
    let mut window = with_tour().harness(640.0, 480.0);
    assert!(window.query_by_label("Say hello to the bot").is_none());
    window.get_by_label("Tour").click();
    window.run_steps(2);
    assert_eq!(
        asked(&mut window, "Say hello to the bot"),
        [DemoCommand::Hello]
    );
    assert!(window.query_by_label("Say hello to the bot").is_none());
    assert_eq!(window.query_all_by_role(Role::Status).count(), 1);
}

#[test]
fn a_key_for_a_pane_closes_a_panel_that_covers_the_panes() {
    let mut window = with_tour().harness(640.0, 480.0);
    window.get_by_label("Tour").click();
    window.run_steps(2);
    assert_eq!(window.query_all_by_role(Role::Status).count(), 0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::L);
    window.run_steps(3);
    assert_eq!(window.query_all_by_role(Role::Status).count(), 1);
    // The typed text goes to the field at once.
    let typed = "localhost:9";
    window
        .input_mut()
        .events
        .push(egui::Event::Text(typed.to_owned()));
    window.run_steps(2);
    let field = window.get_by(is_focused);
    assert!(
        field.value().is_some_and(|url| url.contains(typed)),
        "{field:?}"
    );
}

#[test]
fn keys_reach_every_step() {
    let mut window = with_tour().harness(1280.0, 800.0);
    for _ in 0..60 {
        window.key_press(Key::Tab);
        window.step();
        if window
            .get_by_label("Cut mid-event")
            .accesskit_node()
            .is_focused()
        {
            break;
        }
    }
    window.state_mut().commands.clear();
    window.key_press(Key::Enter);
    window.run_steps(2);
    let cut = Command::Demo(fault("cut", Some("/events"), true));
    assert_eq!(window.state().commands, [cut]);
}

#[test]
fn faults_are_switched_for_all_feeds_or_for_one() {
    let mut fixture = Fixture::default();
    fixture.demo.active = vec![ActiveFault {
        name: "split".to_owned(),
        feed: None,
    }];
    let mut window = open_page(fixture, "Faults");
    assert_eq!(
        asked(&mut window, "status-503"),
        [fault("status-503", None, true)]
    );
    assert_eq!(asked(&mut window, "split"), [fault("split", None, false)]);
    assert_eq!(
        asked(&mut window, "Switch all off"),
        [DemoCommand::ClearFaults]
    );
    window.get_by_label("For all feeds ▾").click();
    window.run_steps(2);
    window.get_by_label("/flood (WebSocket)").click();
    window.run_steps(2);
    let of_one = fault("split", Some("/flood (WebSocket)"), true);
    assert_eq!(asked(&mut window, "split"), [of_one]);
}

#[test]
fn active_faults_stand_in_the_strip_until_they_are_cleared() {
    let mut fixture = Fixture::default();
    fixture.demo.active = ["cut", "split", "skip-ids", "bad-utf8", "wrong-type"]
        .map(|name| ActiveFault {
            name: name.to_owned(),
            feed: Some("/events".to_owned()),
        })
        .to_vec();
    let mut window = fixture.harness(1280.0, 800.0);
    let off = fault("cut", Some("/events"), false);
    assert_eq!(asked(&mut window, "Switch off cut /events"), [off]);
    assert_eq!(asked(&mut window, "Clear all"), [DemoCommand::ClearFaults]);
    window.get_by_label_contains(" more").click();
    window.run_steps(2);
    window.get_by_label("status-503");
}

#[test]
fn a_narrow_strip_folds_what_is_secondary() {
    let mut window = Fixture::default().harness(480.0, 480.0);
    window.get_by_label("Drop connections");
    assert!(window.query_by_label("Flood 50,000/s").is_none());
    window.get_by_label("More of the demo").click();
    window.run_steps(2);
    assert_eq!(
        asked(&mut window, "Flood 50,000/s"),
        [DemoCommand::Flood(Some(LEFT))]
    );
}

#[test]
fn the_strip_floods_the_chosen_pane() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::Num2);
    window.step();
    assert_eq!(
        asked(&mut window, "Flood 50,000/s"),
        [DemoCommand::Flood(Some(RIGHT))]
    );
}

#[test]
fn what_is_measured_stands_side_by_side() {
    let mut fixture = Fixture::default();
    let comparison = &mut fixture.demo.comparison;
    comparison.event_stream = MeasuredFeed {
        shown: true,
        wire_bytes: Some(217.2),
        payload_bytes: Some(171.0),
        drops: 1,
        recovery: Some(std::time::Duration::from_millis(1_042)),
        received: 90,
        ..MeasuredFeed::default()
    };
    comparison.web_socket = MeasuredFeed {
        shown: true,
        lost: 8,
        repeated: 1,
        received: 1_092,
        ..MeasuredFeed::default()
    };
    let mut window = open_page(fixture, "SSE against WebSocket");
    for told in [
        "Bytes per message: 217.2 (171.0 + 46.2) over SSE, – over WebSocket",
        "Recovery: 1.042 s (1 drop) over SSE, – over WebSocket",
        "Lost: 0 of 90 over SSE, 8 of 1,100, 1 repeated over WebSocket",
    ] {
        window.get_by_label(told);
    }
    assert_eq!(
        asked(&mut window, "Drop both connections"),
        [DemoCommand::Drop]
    );
}

#[test]
fn clients_are_listed() {
    let mut fixture = Fixture::default();
    fixture.demo.clients = vec![ClientScene {
        address: "127.0.0.1:50000".to_owned(),
        feed: "/events".to_owned(),
        since: Timestamp::from_micros(1_795_240_154_524_118),
        sent: 1_400,
        waiting: 0,
    }];
    let window = open_page(fixture, "Clients");
    window
        .get_by_label("Client 127.0.0.1:50000: /events, since 05:49:14, 1.4 kB sent, 0 B waiting");
}
