//! Tests of the demo end to end: an action in the panel must be visible in the panes at once.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::KeptSettings;
use feedscope_core::{ConnectionState, Moment};

use super::whole::{DEADLINE, Whole, until};

/// Maximum time until a click has a visible effect.
const AT_ONCE: Duration = Duration::from_millis(100);

fn demo() -> Whole {
    demo_with(KeptSettings::default())
}

/// Starts the demo and waits until its feeds are open.
fn demo_with(kept: KeptSettings) -> Whole {
    let mut window = super::whole::demo(kept);
    until(&mut window, "both open", |window| {
        states(window) == [ConnectionState::Open; 2]
    });
    window
}

/// Returns the states that the panes show.
fn states(window: &Whole) -> Vec<ConnectionState> {
    let states = [
        ConnectionState::Idle,
        ConnectionState::Connecting,
        ConnectionState::Open,
        ConnectionState::Reconnecting,
        ConnectionState::Closing,
        ConnectionState::Closed,
        ConnectionState::Failed,
    ];
    let told = window.query_all_by_role(Role::Status);
    told.filter_map(|node| {
        let label = node.accesskit_node().label()?;
        let word = label.strip_prefix("State: ")?.to_owned();
        states.into_iter().find(|state| state.word() == word)
    })
    .collect()
}

/// Returns the number of records in a pane's feed.
fn records(window: &Whole, pane: usize) -> u64 {
    let feeds = window.state().feeds();
    feeds.get(pane).map_or(0, |feed| feed.store.extent().end.0)
}

fn path(window: &Whole, pane: usize) -> String {
    let feeds = window.state().feeds();
    feeds.get(pane).map_or_else(String::new, |feed| {
        feed.source.url().unwrap().path().to_owned()
    })
}

/// Clicks in one pass. Returns the time until `condition` holds in a later pass.
fn shown_after_click(
    window: &mut Whole,
    label: &str,
    condition: impl Fn(&Whole) -> bool,
) -> Duration {
    window.get_by_label(label).click_accesskit();
    let started = Instant::now();
    window.step();
    until(window, label, condition);
    started.elapsed()
}

/// Asserts that a try is fast enough, within as many as the time allows: on a busy machine, many tries are slow.
fn assert_at_once(what: &str, mut one_try: impl FnMut() -> Duration) {
    let mut tries = Vec::new();
    let began = Instant::now();
    while began.elapsed() < DEADLINE {
        tries.push(one_try());
        if tries.iter().any(|time| *time <= AT_ONCE) {
            println!("{what}: {tries:?}");
            return;
        }
    }
    panic!("{what} took {tries:?}");
}

#[test]
fn a_drop_shows_at_once() {
    let mut window = demo();
    assert_at_once("drop", || {
        until(&mut window, "open", |window| {
            states(window) == [ConnectionState::Open; 2]
        });
        shown_after_click(&mut window, "Drop connections", |window| {
            states(window)
                .iter()
                .all(|state| *state != ConnectionState::Open)
        })
    });
}

#[test]
fn a_refusal_shows_at_once() {
    let mut window = demo();
    assert_at_once("refuse", || {
        window.state().demo().unwrap().refuse_for(Duration::ZERO);
        until(&mut window, "open", |window| {
            states(window) == [ConnectionState::Open; 2]
                && window.query_all_by_label("Refuse for 10 s").count() == 2
        });
        let buttons: Vec<_> = window.get_all_by_label("Refuse for 10 s").collect();
        buttons[0].click_accesskit();
        drop(buttons);
        let started = Instant::now();
        window.step();
        until(&mut window, "refused", |window| {
            states(window)
                .iter()
                .all(|state| *state != ConnectionState::Open)
                && window.query_all_by_label_contains("Refusing for").count() == 2
        });
        started.elapsed()
    });
}

#[test]
fn a_flood_shows_at_once_and_goes_back() {
    let mut window = demo();
    assert_at_once("flood", || {
        let took = shown_after_click(&mut window, "Flood 50,000/s", |window| {
            let mut rows = window.query_all_by_role(Role::ListBoxOption);
            rows.any(|row| {
                row.accesskit_node()
                    .label()
                    .is_some_and(|label| label.contains("\"pad\":\"x"))
            })
        });
        let buttons: Vec<_> = window.get_all_by_label("Stop the flood").collect();
        buttons[0].click_accesskit();
        drop(buttons);
        window.step();
        until(&mut window, "the ticker again", |window| {
            path(window, 0) == "/events"
                && states(window)[0] == ConnectionState::Open
                && window.query_by_label("Flood 50,000/s").is_some()
        });
        took
    });
}

#[test]
fn the_end_of_a_flood_restores_the_records_and_leaves_closed_panes_as_they_were() {
    let mut window = demo();
    until(&mut window, "ticks", |window| records(window, 0) > 3);
    let feed = |window: &Whole| window.state().feeds()[0].id;
    let before = feed(&window);
    let chat = window.state().feeds()[1].id;
    // The pane of the chat is closed before the flood.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    window.run_steps(2);
    assert_eq!(window.state().feeds().len(), 1);
    let click = |window: &mut Whole, name: &str| {
        until(window, name, |window| {
            window.query_all_by_label(name).next().is_some()
        });
        let button = window.query_all_by_label(name).next().unwrap();
        button.click_accesskit();
        window.step();
    };
    click(&mut window, "Flood 50,000/s");
    until(&mut window, "records of the flood", |window| {
        path(window, 0) == "/flood" && records(window, 0) > 0
    });
    click(&mut window, "Stop the flood");
    // The records of the flood can be restored, and it does not flood again.
    // The message is there for a few passes only.
    until(&mut window, "the message", |window| {
        let message = window.query_by_label_contains("Flood stopped. Its records can be restored.");
        message.is_some()
    });
    click(&mut window, "Restore");
    until(&mut window, "the flood's records", |window| {
        window.state().feeds().len() == 2 && records(window, 1) > 0
    });
    assert_eq!(path(&window, 1), "/flood");
    until(&mut window, "the end of the flood", |window| {
        let state = window.state().feeds()[1].source.state();
        state == Some(ConnectionState::Closed)
    });
    until(&mut window, "the ticker", |window| {
        path(window, 0) == "/events"
    });
    assert_eq!(feed(&window), before);
    let kept = records(&window, 0);
    until(&mut window, "more ticks", |window| {
        records(window, 0) > kept
    });
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    until(&mut window, "the chat", |window| {
        window.state().feeds().len() == 3
    });
    assert_eq!(window.state().feeds()[2].id, chat);
}

#[test]
fn a_stall_shows_at_once() {
    let mut window = demo();
    until(&mut window, "ticks", |window| records(window, 0) > 5);
    assert_at_once("stall", || {
        window.get_by_label("Stall").click_accesskit();
        let stalled = Instant::now();
        window.step();
        // The panes show it by the lack of new records during five ticks.
        let (mut count, mut newest) = (records(&window, 0), stalled.elapsed());
        while stalled.elapsed() < newest + Duration::from_secs(1) {
            std::thread::yield_now();
            window.step();
            if records(&window, 0) != count {
                (count, newest) = (records(&window, 0), stalled.elapsed());
            }
        }
        window.get_by_label("Go on").click_accesskit();
        until(&mut window, "ticks again", |window| {
            records(window, 0) > count && window.query_by_label("Stall").is_some()
        });
        newest
    });
}

#[test]
fn a_cut_mid_event_loses_nothing() {
    let mut window = demo();
    window.get_by_label("Cut mid-event").click_accesskit();
    window.step();
    let reconnects = |window: &Whole| {
        let feeds = window.state().feeds();
        feeds
            .first()
            .map_or(0, |feed| feed.source.status().unwrap().reconnects)
    };
    until(&mut window, "cut twice", |window| reconnects(window) >= 2);
    window.get_by_label("Stop cutting").click_accesskit();
    window.step();
    // The first event after a resume shows if records are missing.
    let missed = |window: &Whole| {
        let feeds = window.state().feeds();
        feeds
            .first()
            .and_then(|feed| feed.source.status().unwrap().missed)
    };
    until(&mut window, "open, and an event", |window| {
        states(window)[0] == ConnectionState::Open && missed(window).is_some()
    });
    assert_eq!(missed(&window), Some(0));
    assert_eq!(
        states(&window)[1],
        ConnectionState::Open,
        "the chat is not concerned"
    );
}

#[test]
fn both_protocols_are_measured_side_by_side() {
    let mut window = demo();
    until(&mut window, "ticks and the chat", |window| {
        records(window, 0) > 25 && records(window, 1) > 3
    });
    window
        .get_by_label("Same ticks over both protocols")
        .click_accesskit();
    window.step();
    until(&mut window, "both feeds", |window| {
        path(window, 0) == "/events" && path(window, 1) == "/ticker"
    });
    // Only the chat was replaced, which has few records.
    until(&mut window, "the number of replaced records", |window| {
        let message = window.query_by_label_contains("Another feed took the place of ");
        let text = message.and_then(|node| node.accesskit_node().label());
        let number = text.and_then(|text| text.split(' ').nth(6)?.parse::<u64>().ok());
        number.is_some_and(|number| number < 20)
    });
    let line = |window: &Whole, name: &str| {
        // The text of a label is its value.
        window.query_by_label_contains(name)?.value()
    };
    until(&mut window, "bytes of both", |window| {
        line(window, "Bytes per message: ").is_some_and(|line| line.matches(" + ").count() == 2)
    });
    // The head of a frame has 4 bytes for a payload of 126 bytes and more (RFC 6455 5.2).
    let bytes = line(&window, "Bytes per message: ").unwrap();
    assert!(bytes.ends_with(" + 4.0) over WebSocket"), "{bytes}");
    window
        .get_by_label("Drop both connections")
        .click_accesskit();
    window.step();
    until(&mut window, "both recovered", |window| {
        line(window, "Recovery: ").is_some_and(|line| line.matches("1 drop").count() == 2)
    });
    until(&mut window, "ticks over both", |window| {
        line(window, "Lost: ").is_some_and(|line| !line.contains("Lost: 0 of 0"))
            && [0, 1].iter().all(|pane| {
                let feeds = window.state().feeds();
                let feed = &feeds[*pane];
                let (received, last) = feed.store.received();
                received.records > 20
                    && last > Some(feed.source.status().unwrap().since)
                    && feed.source.status().unwrap().since > Moment::START
            })
    });
    let lost = line(&window, "Lost: ").unwrap();
    assert!(
        lost.starts_with("Lost: 0 of ") && !lost.contains(" 0 of 0 "),
        "{lost}"
    );
    let over_web_socket = lost.rsplit(", ").next().unwrap();
    assert!(
        !over_web_socket.starts_with("0 of "),
        "a second of ticks is gone: {lost}"
    );
    window
        .get_by_label("Ticker and chat again")
        .click_accesskit();
    window.step();
    until(&mut window, "the chat", |window| path(window, 1) == "/chat");
}

#[test]
fn hello_reaches_the_bot_wherever_the_chat_is() {
    let mut window = demo();
    let rows_with = |window: &Whole, part: &str| {
        let rows = window.query_all_by_role(Role::ListBoxOption);
        rows.filter(|row| {
            row.accesskit_node()
                .label()
                .is_some_and(|label| label.contains(part))
        })
        .count()
    };
    window
        .get_by_label("Say hello to the bot")
        .click_accesskit();
    window.step();
    until(&mut window, "hello", |window| {
        rows_with(window, "sent text Hello, bot!") == 1
    });
    assert_eq!(path(&window, 1), "/chat");
    until(&mut window, "the bot", |window| {
        rows_with(window, "\"from\":\"bot\"") > 0
    });
}

#[test]
fn the_tour_stays_away_once_dismissed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let mut window = demo_with(KeptSettings::load(path.clone()));
    window.get_by_label("Don't show at start").click_accesskit();
    window.run_steps(2);
    window.get_by_label("Show at start");
    drop(window);
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("tour_dismissed = true")
    );
    let window = demo_with(KeptSettings::load(path));
    assert!(window.query_by_label("Say hello to the bot").is_none());
}
