//! Reasons of failures and of empty lists, and the ways out of them.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::KeptSettings;
use feedscope_core::connection::{Advice, StateChange};
use feedscope_core::feed::FeedStatus;
use feedscope_core::gap::Gap;
use feedscope_core::{ConnectionState, Direction, Kind};
use feedscope_ui::{Command, PaneCommand};
use url::Url;

use super::fixture::{Fixture, LEFT, NOW, labels, rows};
use super::guarded_server::GuardedServer;
use super::session::{self, kept, options};
use super::whole::{self, Whole, until};

/// Returns a status with this reason.
fn status(state: ConnectionState, attempt: u32, reason: &str) -> FeedStatus {
    FeedStatus {
        state,
        attempt,
        reconnects: attempt.into(),
        retry_at: Some(NOW + std::time::Duration::from_secs(9)),
        reason: Some(reason.to_owned()),
        ..FeedStatus::default()
    }
}

/// Returns the label that contains the figures of the left pane.
fn figures(window: &Harness<'_, Fixture>) -> String {
    let labels = window.query_all_by_role(Role::Label);
    let mut values = labels.filter_map(|node| node.value());
    values
        .find(|value| value.contains("/s, "))
        .unwrap_or_default()
}

const REFUSED: &str = "connection refused: nothing listens on 127.0.0.1:9102";

#[test]
fn the_reason_of_a_reconnection_is_complete_in_panes_of_any_width() {
    for (width, height) in [(1280.0, 800.0), (640.0, 480.0), (480.0, 360.0)] {
        for reason in [REFUSED, &format!("{REFUSED}; {REFUSED}; {REFUSED}")] {
            let mut fixture = Fixture::default();
            fixture.set_status(0, status(ConnectionState::Reconnecting, 2, reason));
            let window = fixture.harness(width, height);
            let line = window.get_by(|node| {
                // A label has its text as its value.
                let text = node.label().or_else(|| node.value());
                text.as_deref() == Some(reason)
            });
            let rect = line.rect();
            assert!(rect.left() >= 0.0 && rect.right() <= width, "{rect:?}");
        }
    }
}

#[test]
fn tls_that_ends_each_attempt_can_be_left_out_while_the_feed_is_tried_again() {
    let reason = "the server closed the connection during the TLS handshake";
    for (width, height) in [(1280.0, 800.0), (640.0, 480.0)] {
        let mut fixture = Fixture::default();
        let mut trying = status(ConnectionState::Reconnecting, 2, reason);
        trying.advice = Some(Advice::LeaveTlsOut);
        fixture.set_status(0, trying);
        let mut window = fixture.harness(width, height);
        window.get_by_label_contains("If the server has no TLS, open the address with http://");
        window.get_by(|node| {
            let text = node.label().or_else(|| node.value());
            text.as_deref() == Some(reason)
        });
        window.get_by_label("Open as http://").click();
        window.run_steps(2);
        let is_open =
            |command: &Command| matches!(command, Command::Pane(PaneCommand::ConnectTo { .. }));
        assert!(window.state().commands.iter().any(is_open), "{width}");
    }
}

#[test]
fn the_figures_count_the_attempts_that_were_made() {
    let mut fixture = Fixture::default();
    // The feed was never open. Its first attempt has failed.
    fixture.set_status(0, status(ConnectionState::Reconnecting, 2, REFUSED));
    let window = fixture.harness(1280.0, 800.0);
    let figures = figures(&window);
    assert!(figures.contains("0 drops, 1 attempt,"), "{figures}");
    let pill = labels(&window);
    assert!(pill.contains(&"State: reconnecting".to_owned()), "{pill:?}");
}

#[test]
fn the_figures_name_the_records_that_are_hidden() {
    let mut fixture = Fixture::default();
    fixture.push(0, 1, Kind::Comment { data: b"ping" });
    fixture.push_events(0..2);
    let mut window = fixture.harness(1280.0, 800.0);
    let found = figures(&window);
    assert!(found.ends_with("3 records, 1 comment hidden"), "{found}");
    window.get_by_label("comments").click();
    window.run_steps(3);
    let found = figures(&window);
    assert!(found.ends_with("3 records"), "{found}");
    // A WebSocket names its pings and pongs.
    let mut fixture = Fixture::default();
    fixture.panes.remove(0);
    fixture.push(
        1,
        1,
        Kind::Ping {
            direction: Direction::In,
            data: b"",
        },
    );
    let found = figures(&fixture.harness(1280.0, 800.0));
    assert!(found.ends_with("1 record, 1 ping/pong hidden"), "{found}");
}

#[test]
fn the_banner_of_a_narrow_pane_is_complete_and_keeps_its_buttons_together() {
    let reason = "HTTP 401 Unauthorized: login required, or the credentials were rejected; it says: \
                  Incorrect API key provided. You can find your API key at https://platform.example/keys. \
                  Keys begin with sk and belong to one project only";
    for width in [1280.0, 900.0, 640.0, 480.0, 320.0] {
        let mut fixture = Fixture::default();
        fixture.panes.truncate(1);
        let mut failed = status(ConnectionState::Failed, 1, reason);
        failed.advice = Some(Advice::AddCredentials);
        fixture.set_status(0, failed);
        let mut window = fixture.harness(width, 700.0);
        let area = |window: &Harness<'_, Fixture>, name: &str| {
            let node = window.query_by_role_and_label(Role::Button, name);
            node.map(|node| node.rect())
        };
        let banner = window.get_by_role(Role::Alert).rect();
        let cure = area(&window, "Add a header…").unwrap();
        assert!(
            cure.left() >= 0.0 && cure.right() <= width,
            "{width}: {cure:?}"
        );
        assert!(
            !banner.shrink(1.0).intersects(cure),
            "{width}: {banner:?} {cure:?}"
        );
        if let Some(all) = area(&window, "Show all") {
            assert!((all.top() - cure.top()).abs() < 0.5, "{width}");
            assert!(all.right() <= width, "{width}: {all:?}");
            window.get_by_label("Show all").click();
            window.run_steps(3);
            assert!(area(&window, "Show less").is_some());
            let whole = window.get_by_role(Role::Alert).rect();
            assert!(whole.height() > banner.height(), "{width}");
        }
    }
}

#[test]
fn a_filter_without_hits_is_cleared_by_a_button_in_the_empty_list() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    fixture.window.set_filter(LEFT, "absent");
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(3);
    assert_eq!(rows(&window), [""; 0]);
    window.get_by_label("Clear filter").click();
    window.run_steps(3);
    assert_eq!(rows(&window).len(), 5);
    assert!(window.query_by_label("Clear filter").is_none());
}

#[test]
fn a_filter_is_not_the_reason_that_an_open_feed_has_no_records() {
    let mut fixture = Fixture::default();
    fixture.window.set_filter(LEFT, "absent");
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(3);
    window.get_by_label_contains("no event yet");
    assert!(window.query_by_label("Clear filter").is_none());
    // The states of a feed that was never open are records that the filter hides.
    let mut fixture = Fixture::default();
    let connecting = StateChange::to(ConnectionState::Connecting);
    fixture.push(0, 1, Kind::State(connecting));
    fixture.set_status(0, status(ConnectionState::Reconnecting, 2, REFUSED));
    fixture.window.set_filter(LEFT, "absent");
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(3);
    window.get_by_label("No record matches the filter");
    window.get_by_label("Clear filter");
}

#[test]
fn a_list_whose_records_were_cleared_says_so() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    let feed = fixture.panes[0].feed.as_ref().unwrap();
    feed.store.clear();
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(3);
    window.get_by_label("The records so far were cleared");
}

#[test]
fn a_message_names_the_key_for_records_that_another_url_replaces() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    let mut window = fixture.harness(1280.0, 800.0);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
    window.run_steps(3);
    window.event(egui::Event::Text("http://127.0.0.1:1/other".to_owned()));
    window.run_steps(2);
    window.key_press(egui::Key::Enter);
    window.run_steps(2);
    let commands = &window.state().commands;
    assert!(matches!(
        commands[..],
        [Command::Pane(PaneCommand::ConnectTo { .. })]
    ));
    window.get_by_label("Another feed took the place of 5 records. Restore: Ctrl Shift T");
}

/// Types another URL into the focused pane, and waits for the message about its records.
fn open_another_url(window: &mut Whole) {
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
    window.run_steps(3);
    window.event(egui::Event::Text("http://127.0.0.1:1/other".to_owned()));
    window.run_steps(2);
    window.key_press(egui::Key::Enter);
    until(window, "another feed", |window| {
        window.query_by_label("Restore").is_some()
    });
}

#[test]
fn a_message_about_replaced_records_has_a_button_that_restores_them() {
    let mut window = whole::demo(KeptSettings::default());
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 > 3
    });
    let before = window.state().feeds()[0].id;
    open_another_url(&mut window);
    assert!(window.state().feeds().iter().all(|feed| feed.id != before));
    window.get_by_label("Restore").click();
    until(&mut window, "the records", |window| {
        window.state().feeds().iter().any(|feed| feed.id == before)
    });
    window.run_steps(2);
    assert!(window.query_by_label("Restore").is_none());
}

#[test]
fn the_latest_changes_are_announced_at_most_every_five_seconds() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let announced = |window: &mut Harness<'_, Fixture>, ms: u64| {
        window.state_mut().passed = std::time::Duration::from_millis(ms);
        window.run_steps(2);
        let status = window.query_all_by_role(Role::Status);
        let mut labels = status.filter_map(|node| node.accesskit_node().label());
        labels.find(|label| label.contains(" new"))
    };
    window.state_mut().push_events(0..3);
    assert_eq!(announced(&mut window, 4_999), None);
    let first = Some("/events: 3 new".to_owned());
    assert_eq!(announced(&mut window, 5_000), first);
    // Further changes wait for the next interval and are added up.
    window.state_mut().push_events(3..5);
    assert_eq!(announced(&mut window, 7_000), first);
    window.state_mut().push_events(5..8);
    assert_eq!(announced(&mut window, 9_999), first);
    let second = Some("/events: 5 new".to_owned());
    assert_eq!(announced(&mut window, 10_000), second);
    // Without a change, nothing is announced again.
    assert_eq!(announced(&mut window, 60_000), second);
}

#[test]
fn rows_about_ends_and_gaps_are_plain_sentences() {
    let mut fixture = Fixture::default();
    let closed = StateChange {
        state: ConnectionState::Closed,
        attempt: None,
        reconnects: None,
        delay_ms: None,
        status: None,
        reason: Some("on request".to_owned()),
    };
    let stopped = StateChange {
        reason: Some("on request, while waiting to reconnect".to_owned()),
        ..closed.clone()
    };
    fixture.push(
        0,
        1,
        Kind::Gap(Gap {
            missing: Some(0),
            repeated: None,
            from: "542".to_owned(),
            to: "543".to_owned(),
        }),
    );
    fixture.push(0, 2, Kind::State(closed));
    fixture.push(0, 3, Kind::State(stopped));
    let window = fixture.harness(1280.0, 800.0);
    let expected = [
        "gap resumed after id 542: no event was missed",
        "connection closed: you disconnected",
        "connection closed: you stopped reconnecting",
    ];
    assert_eq!(rows(&window), expected);
}

#[test]
fn a_message_with_restore_ends_when_the_records_are_restored_by_a_key() {
    let mut window = whole::demo(KeptSettings::default());
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 > 3
    });
    open_another_url(&mut window);
    let modifiers = egui::Modifiers::COMMAND | egui::Modifiers::SHIFT;
    window.key_press_modifiers(modifiers, egui::Key::T);
    window.run_steps(3);
    assert!(window.query_by_label("Restore").is_none());
}

#[test]
fn a_pane_that_is_opened_again_does_not_repeat_a_request_with_an_effect() {
    let folder = tempfile::tempdir().unwrap();
    let server = GuardedServer::for_requests_with("x-desk: 7");
    let mut plan = options().at(Url::parse(&server.url("http", "/orders")).unwrap());
    plan.spec.http.headers = vec![("x-desk".to_owned(), "7".into())];
    plan.spec.http.body = Some(b"{}".to_vec().into());
    let mut window = session::open(vec![plan], kept(folder.path()));
    let state = |window: &Whole| window.state().feeds()[0].source.state();
    until(&mut window, "the answer", |window| {
        state(window) == Some(ConnectionState::Open)
    });
    let key = |window: &mut Whole, modifiers: Modifiers, key: Key| {
        window.key_press_modifiers(modifiers, key);
        window.run_steps(3);
    };
    key(&mut window, Modifiers::COMMAND, Key::N);
    key(&mut window, Modifiers::COMMAND, Key::Num1);
    key(&mut window, Modifiers::COMMAND, Key::W);
    key(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    until(&mut window, "the records", |window| {
        !window.state().feeds().is_empty() && has_row(window)
    });
    until(&mut window, "the end", |window| {
        state(window) == Some(ConnectionState::Closed)
    });
    window.run_steps(20);
    assert_eq!(server.lines("post ").len(), 1);
    // The user may send it again.
    window.get_by_label("Connect").click();
    until(&mut window, "the second request", |_window| {
        server.lines("post ").len() == 2
    });
}

/// Returns true if the row of the event is there.
fn has_row(window: &Whole) -> bool {
    let mut rows = window.query_all_by_role(Role::ListBoxOption);
    rows.any(|row| {
        let label = row.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(" a"))
    })
}
