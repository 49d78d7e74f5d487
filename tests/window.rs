//! Tests of the window's behavior through its accessibility tree, without a display.

mod answers;
mod clicks;
mod columns;
mod compare;
mod decoders;
mod demo;
mod demo_live;
mod fields;
mod files;
mod files_dropped;
mod files_unreadable;
mod filter;
mod filter_corrections;
mod find;
mod fixture;
mod guarded_server;
mod hand;
mod hover;
mod inspector;
mod inspector_matches;
mod inspector_place;
mod jumps;
mod kept_marks;
mod kept_measures;
mod keyboard;
mod keyboard_tasks;
mod latest;
mod layout;
mod lens;
mod links;
mod live;
mod measured;
mod menu_keys;
mod menus;
mod messages;
mod options;
mod pane_focus;
mod panes;
mod plot;
mod plot_by_key;
mod plot_over_rows;
mod reasons;
mod recordings;
mod replay;
mod rows;
mod saved;
mod saved_again;
mod saved_messages;
mod saved_secrets;
mod saving;
mod second_opinion;
mod selection;
mod session;
mod session_recordings;
mod session_secrets;
mod sheet_trees;
mod side;
mod suggestions;
mod tab_order;
mod trace;
mod trees;
mod typing;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::ConnectionState;
use feedscope_core::connection::Failure;
use feedscope_core::feed::{FeedCommand, FeedStatus, Outgoing, QueuedMessage};
use feedscope_core::protocol::CloseCode;
use feedscope_ui::{Command, DemoCommand, FeedId, PaneCommand, SettingCommand};

use fixture::{CHAT, EVENTS, Fixture, LEFT, NOW, labels};

fn feed_commands(commands: &[Command], feed: FeedId) -> Vec<FeedCommand> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Feed(id, command) if *id == feed => Some(command.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn each_state_is_said_in_words() {
    for (state, words) in [
        (ConnectionState::Idle, "State: idle"),
        (ConnectionState::Connecting, "State: connecting"),
        (ConnectionState::Open, "State: open"),
        (ConnectionState::Reconnecting, "State: reconnecting"),
        (ConnectionState::Closing, "State: closing"),
        (ConnectionState::Closed, "State: closed"),
        (ConnectionState::Failed, "State: failed"),
    ] {
        let mut window = Fixture::default().harness(1280.0, 800.0);
        window.state_mut().set_status(
            0,
            FeedStatus {
                state,
                ..FeedStatus::default()
            },
        );
        window.step();
        let left = window.query_all_by_role(Role::Status).next();
        assert_eq!(
            left.and_then(|node| node.accesskit_node().label())
                .as_deref(),
            Some(words)
        );
    }
}

#[test]
fn enter_sends_the_message_and_up_recalls_it() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .type_text("hello");
    window.step();
    window.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .type_text("there");
    window.step();
    assert!(
        window.state().commands.is_empty(),
        "Shift Enter does not send"
    );
    window.key_press(Key::Enter);
    window.run_steps(2);
    let sent = FeedCommand::Send(Outgoing::Text("hello\nthere".to_owned()));
    assert_eq!(feed_commands(&window.state().commands, CHAT), [sent]);
    let value = |window: &egui_kittest::Harness<'_, Fixture>| {
        window
            .get_by_role_and_label(Role::MultilineTextInput, "Message")
            .value()
            .unwrap_or_default()
    };
    assert_eq!(value(&window), "");
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    assert_eq!(value(&window), "hello\nthere");
}

#[test]
fn a_url_is_typed_and_entered() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let enter = |window: &mut egui_kittest::Harness<'_, Fixture>, text: &str| {
        let fields: Vec<_> = window
            .get_all_by_role_and_label(Role::TextInput, "URL")
            .collect();
        fields[0].focus();
        window.run_steps(2);
        window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.run_steps(2);
        let fields: Vec<_> = window
            .get_all_by_role_and_label(Role::TextInput, "URL")
            .collect();
        fields[0].type_text(text);
        window.step();
        window.key_press(Key::Enter);
        window.run_steps(2);
    };
    enter(&mut window, "ftp://example.org/feed");
    assert!(window.state().commands.is_empty());
    let alert = window
        .get_by_role(Role::Alert)
        .accesskit_node()
        .label()
        .unwrap_or_default();
    assert!(alert.contains("ftp"), "{alert}");
    enter(&mut window, "localhost:8080/events");
    let url = url::Url::parse("http://localhost:8080/events").unwrap();
    assert_eq!(
        window.state().commands,
        [Command::Pane(PaneCommand::ConnectTo { pane: LEFT, url })]
    );
    assert!(
        window.query_by_role(Role::Alert).is_none(),
        "the error goes with its cause"
    );
}

#[test]
fn reconnecting_offers_to_retry_and_to_stop() {
    let mut fixture = Fixture::default();
    let retry_at = Some(NOW + Duration::from_millis(2_400));
    fixture.set_status(
        1,
        FeedStatus {
            state: ConnectionState::Reconnecting,
            attempt: 3,
            retry_at,
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label("Retry now").click();
    window.step();
    window.get_by_label("Stop").click();
    window.step();
    let commands = feed_commands(&window.state().commands, CHAT);
    assert_eq!(commands, [FeedCommand::RetryNow, FeedCommand::Disconnect]);
}

#[test]
fn a_failed_feed_gets_the_advice_that_fits_its_reason() {
    let too_long = Failure::Protocol {
        code: CloseCode(1009),
        detail: "more than 67108864 bytes".to_owned(),
    };
    let refused = Failure::Refused {
        address: "127.0.0.1:9".to_owned(),
    };
    for (failure, words, other_words) in [
        (too_long, "--max-message", "host and port"),
        (refused, "host and port", "--max-message"),
    ] {
        let mut fixture = Fixture::default();
        fixture.set_status(
            0,
            FeedStatus {
                state: ConnectionState::Failed,
                reason: Some(failure.to_string()),
                advice: failure.advice(),
                ..FeedStatus::default()
            },
        );
        let window = fixture.harness(1280.0, 800.0);
        let alert = window.get_by_role(Role::Alert).accesskit_node().label();
        let alert = alert.unwrap();
        assert!(alert.contains(&failure.to_string()), "{alert}");
        assert!(
            alert.contains(words) && !alert.contains(other_words),
            "{alert}"
        );
    }
}

#[test]
fn a_failed_feed_says_why_and_offers_to_try_again() {
    let mut fixture = Fixture::default();
    let reason = "HTTP 404 Not Found: the server has no feed at this path";
    let failed = ConnectionState::Failed;
    fixture.set_status(
        0,
        FeedStatus {
            state: failed,
            reason: Some(reason.to_owned()),
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_role_and_label(Role::Alert, reason);
    window.get_by_label("Try again").click();
    window.step();
    assert_eq!(
        feed_commands(&window.state().commands, EVENTS),
        [FeedCommand::Connect]
    );
}

#[test]
fn a_long_reason_is_shown_whole_on_request() {
    let reason = format!("HTTP 500; it says: {}the end", "much more ".repeat(80));
    let mut fixture = Fixture::default();
    fixture.set_status(
        0,
        FeedStatus {
            state: ConnectionState::Failed,
            reason: Some(reason.clone()),
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    let height = |window: &egui_kittest::Harness<'_, Fixture>| {
        window
            .get_by_role_and_label(Role::Alert, &reason)
            .rect()
            .height()
    };
    let before = height(&window);
    window.get_by_label("Show all").click();
    window.run_steps(2);
    assert!(height(&window) > before + 40.0);
    window.get_by_label("Show less").click();
    window.run_steps(2);
    assert!((height(&window) - before).abs() < 0.5);
}

#[test]
fn a_slow_answer_is_shown_with_its_possible_cause() {
    let asked = |seconds| {
        let mut fixture = Fixture::default();
        fixture.set_status(
            0,
            FeedStatus {
                state: ConnectionState::Connecting,
                attempt: 1,
                asked_at: Some(NOW - Duration::from_secs(seconds)),
                ..FeedStatus::default()
            },
        );
        fixture
    };
    let window = asked(17).harness(1280.0, 800.0);
    let banner = window.get_by_label_contains("Asked 17 s ago, no answer yet");
    assert_eq!(banner.accesskit_node().role(), Role::Status);
    let window = asked(4).harness(1280.0, 800.0);
    assert!(window.query_by_label_contains("no answer yet").is_none());
    // The spinner turns while an answer is expected soon; after that only the seconds change.
    assert_eq!(
        asked(4).wants_repaint_in(),
        Some(Duration::from_millis(100))
    );
    assert_eq!(asked(17).wants_repaint_in(), Some(Duration::from_secs(1)));
}

#[test]
fn what_waits_is_shown_and_can_be_given_up() {
    let mut fixture = Fixture::default();
    let queue = vec![QueuedMessage {
        number: 7,
        message: Arc::new(Outgoing::Text("did you drop us?".to_owned())),
    }];
    fixture.set_status(
        1,
        FeedStatus {
            state: ConnectionState::Closed,
            queue: queue.into(),
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label("waiting to be sent: did you drop us?");
    window.get_by_label("Send when open");
    window.get_by_label("Do not send this message").click();
    window.step();
    assert_eq!(
        feed_commands(&window.state().commands, CHAT),
        [FeedCommand::GiveUp(7)]
    );
}

#[test]
fn the_demo_strip_drops_refuses_and_stalls() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    for button in ["Drop connections", "Refuse for 10 s", "Stall"] {
        window.get_by_label(button).click();
        window.step();
    }
    let asked = [
        DemoCommand::Drop,
        DemoCommand::Refuse(Duration::from_secs(10)),
        DemoCommand::Stall(true),
    ];
    assert_eq!(window.state().commands, asked.map(Command::Demo));
}

#[test]
fn the_help_sheet_opens_and_closes_by_key() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.key_press(Key::F1);
    window.run_steps(3);
    window.get_by_label("Disconnect, or connect again");
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(
        window
            .query_by_label("Disconnect, or connect again")
            .is_none()
    );
}

#[test]
fn keys_act_on_the_pane_that_was_chosen() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::D);
    window.step();
    assert_eq!(
        window.state().commands,
        [Command::Feed(CHAT, FeedCommand::Disconnect)]
    );
}

#[test]
fn a_pane_without_a_feed_offers_examples() {
    let mut fixture = Fixture::default();
    fixture.panes[0].feed = None;
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label("Connect to a feed");
    window.get_by_label("http://127.0.0.1:1/talk").click();
    window.step();
    let url = url::Url::parse("http://127.0.0.1:1/talk").unwrap();
    assert_eq!(
        window.state().commands,
        [Command::Pane(PaneCommand::ConnectTo { pane: LEFT, url })]
    );
}

#[test]
fn nothing_repaints_but_what_a_clock_shows() {
    use ConnectionState::{Closed, Failed, Open, Reconnecting};

    let due = |states: [ConnectionState; 2]| {
        let mut fixture = Fixture::default();
        for (pane, state) in states.into_iter().enumerate() {
            fixture.set_status(
                pane,
                FeedStatus {
                    state,
                    ..FeedStatus::default()
                },
            );
        }
        fixture.wants_repaint_in()
    };
    assert_eq!(due([Closed, Failed]), None);
    assert_eq!(due([Open, Closed]), Some(Duration::from_secs(1)));
    assert_eq!(due([Open, Reconnecting]), Some(Duration::from_millis(100)));
}

#[test]
fn nothing_moves_when_a_message_comes_or_goes() {
    for (width, height) in [
        (1280.0, 800.0),
        (900.0, 600.0),
        (640.0, 480.0),
        (480.0, 360.0),
    ] {
        let mut window = Fixture::default().harness(width, height);
        let places = |window: &egui_kittest::Harness<'_, Fixture>| -> Vec<(String, egui::Rect)> {
            let named = [
                "Filter",
                "URL",
                "Message",
                "Help and keys (F1)",
                "Feedscope",
            ];
            let nodes = named.into_iter().flat_map(|name| {
                let nodes = window.query_all_by_label(name);
                nodes
                    .map(|node| (name.to_owned(), node.rect()))
                    .collect::<Vec<_>>()
            });
            nodes.collect()
        };
        let before = places(&window);
        assert!(before.len() >= 3, "{before:?}");
        let notice = "settings.toml, line 3: the theme is not known. The file is kept as it is.";
        window.state_mut().notice = Some(notice.to_owned());
        window.run_steps(2);
        assert_eq!(places(&window), before, "{width}");
        let line = window.get_by_label("Show the message").rect();
        let inside = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
        assert!(
            inside.contains_rect(line) && line.width() > 60.0,
            "{line:?}"
        );
        for name in ["Open…", "Help and keys (F1)"] {
            let button = window.get_by_label(name).rect();
            assert!(!line.shrink(0.5).intersects(button), "{name} in {width}");
        }
        // The whole sentence is one key away, and so is its end.
        window.get_by_label("Show the message").focus();
        window.run_steps(2);
        window.key_press(Key::Enter);
        window.run_steps(3);
        window.get_by_role_and_label(Role::Label, notice);
        window
            .query_all_by_label("Remove the message")
            .last()
            .unwrap()
            .click();
        window.run_steps(2);
        assert_eq!(
            window.state().commands,
            [Command::Setting(SettingCommand::DismissNotice)]
        );
        window.state_mut().notice = None;
        window.run_steps(2);
        assert!(
            window
                .query_by_role_and_label(Role::Label, notice)
                .is_none()
        );
        assert_eq!(places(&window), before, "{width}");
    }
}

#[test]
fn what_the_whole_window_has_to_say_can_be_closed() {
    let mut fixture = Fixture::default();
    fixture.notice = Some("settings.toml, line 3: not understood".to_owned());
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_role_and_label(Role::Alert, "settings.toml, line 3: not understood");
    window.get_by_label("Remove the message").click();
    window.step();
    assert_eq!(
        window.state().commands,
        [Command::Setting(SettingCommand::DismissNotice)]
    );
    assert!(labels(&window).iter().any(|label| label == "Feedscope"));
}
