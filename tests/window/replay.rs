//! Replay of a recording in the window: the time bar, its keys, and the rows that a view shows.

use std::cell::RefCell;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{App, KeptSettings};
use feedscope::plan::WindowFeeds;
use feedscope_core::connection::StateChange;
use feedscope_core::replay::{Replay, Speed};
use feedscope_core::store::Store;
use feedscope_core::{Kind, Moment};
use feedscope_ui::{Command, FileScene, FileStage, ReplayAction, ReplayScene};

use super::fixture::{EVENTS, Fixture, NOW, labels, rows};
use super::hand::{click, drag};
use super::whole::{Whole, app_window, until};

fn ms(ms: u64) -> Moment {
    Moment::from_millis(ms)
}

/// Window whose left pane shows a recording with a tick each second, from 0 to 20 s.
fn fixture() -> Fixture {
    fixture_of(|second| format!("tick {second}"))
}

/// Window whose left pane shows a recording with these payloads, one each second.
fn fixture_of(data: impl Fn(u64) -> String) -> Fixture {
    let mut fixture = Fixture::default();
    for second in 0..=20_u64 {
        let data = data(second);
        let kind = Kind::Event {
            event: b"",
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, second * 1_000, kind);
    }
    let store = fixture.panes[0].feed.as_ref().unwrap().store.clone();
    let file = FileScene {
        path: "captures/a.feedscope".to_owned(),
        is_recording: true,
        stage: FileStage::Complete,
        span: store.span(),
        ..FileScene::default()
    };
    fixture.set_file(0, file);
    let stores: Arc<[Store]> = Arc::from([store.clone()]);
    let clock = Replay::new(ms(0), ms(20_000));
    fixture.panes[0].feed.as_mut().unwrap().replay = Some(ReplayScene {
        end: store.end_at(clock.position()),
        clock,
        moves: 0,
        stores,
    });
    fixture
}

/// Changes the replay of the left pane, as the app does.
fn change(fixture: &mut Fixture, act: impl FnOnce(&mut ReplayScene)) {
    let feed = fixture.panes[0].feed.as_mut().unwrap();
    let replay = feed.replay.as_mut().unwrap();
    act(replay);
    replay.end = feed.store.end_at(replay.clock.position());
}

fn seek(fixture: &mut Fixture, to: u64) {
    change(fixture, |replay| {
        replay.clock.seek(NOW, ms(to));
        replay.moves += 1;
    });
}

fn play(fixture: &mut Fixture, from: u64) {
    change(fixture, |replay| {
        replay.clock.seek(NOW, ms(from));
        replay.clock.play(NOW);
    });
}

/// Number of the last tick in sight.
fn last_tick(window: &Harness<'_, Fixture>) -> Option<u64> {
    let rows = rows(window);
    let number = |row: &String| row.rsplit_once("tick ")?.1.parse().ok();
    rows.iter().filter_map(number).max()
}

fn selected(window: &Harness<'_, Fixture>) -> Option<String> {
    let mut items = window.query_all_by_role(Role::ListBoxOption);
    let node = items.find(|node| node.accesskit_node().is_selected() == Some(true))?;
    node.accesskit_node().label()
}

fn replayed(actions: &[ReplayAction]) -> Vec<Command> {
    let command = |action: &ReplayAction| Command::Replay(EVENTS, *action);
    actions.iter().map(command).collect()
}

fn has(window: &Harness<'_, Fixture>, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

#[test]
fn the_bar_is_there_only_with_a_recording() {
    let window = Fixture::default().harness(1280.0, 800.0);
    assert!(!has(&window, "Play the recording"));
    let mut window = fixture().harness(1280.0, 800.0);
    assert!(has(&window, "Play the recording"));
    assert!(has(&window, "a.feedscope, 20.0 s of 20.0 s"));
    let slider = window.get_by_role_and_label(Role::Slider, "Position in the recording");
    assert_eq!(slider.accesskit_node().numeric_value(), Some(100.0));
    let bar = slider.rect();
    assert!((bar.height() - 72.0).abs() < 0.1, "{bar:?}");
    // The bar stays when another pane receives the keys.
    let url = window.get_by_role_and_label(Role::TextInput, "URL").rect();
    click(&mut window, url.center(), 1);
    assert!(has(&window, "Play the recording"));
}

#[test]
fn a_recording_that_plays_shows_the_rows_up_to_its_position() {
    let mut window = fixture().harness(1280.0, 800.0);
    assert_eq!(last_tick(&window), Some(20));
    play(window.state_mut(), 7_500);
    window.run_steps(2);
    assert_eq!(last_tick(&window), Some(7));
    assert!(has(&window, "State: replay 1 ×"));
    assert!(has(&window, "Pause the recording"));
    assert!(has(&window, "a.feedscope, 7.5 s of 20.0 s"));
    change(window.state_mut(), |replay| {
        replay
            .clock
            .advance(NOW + std::time::Duration::from_secs(2), |_| (None, None));
    });
    window.run_steps(2);
    assert_eq!(last_tick(&window), Some(9));
    // The rows that were in sight stay when it stops, and the last played one is selected.
    change(window.state_mut(), |replay| replay.clock.pause());
    window.run_steps(3);
    assert!(has(&window, "State: recording"));
    assert!(selected(&window).unwrap().ends_with("tick 9"));
    assert_eq!(last_tick(&window), Some(20));
    assert!(!labels(&window).iter().any(|label| label.ends_with("new")));
    assert_eq!(window.state().commands, []);
}

#[test]
fn a_recording_that_was_played_to_its_end_plays_again_past_a_selected_row() {
    let mut window = fixture().harness(1280.0, 800.0);
    seek(window.state_mut(), 6_000);
    window.run_steps(2);
    assert!(selected(&window).unwrap().ends_with("tick 6"));
    // The row stays selected while later ones are played.
    play(window.state_mut(), 6_000);
    window.run_steps(2);
    change(window.state_mut(), |replay| {
        let end = NOW + std::time::Duration::from_mins(1);
        replay.clock.advance(end, |_| (None, None));
    });
    window.run_steps(2);
    assert!(
        window.state().panes[0]
            .feed
            .as_ref()
            .unwrap()
            .replay
            .as_ref()
            .unwrap()
            .clock
            .is_at_end()
    );
    // The app plays from the beginning then, where that row has not been played.
    play(window.state_mut(), 2_500);
    window.run_steps(3);
    assert_eq!(window.state().commands, []);
    assert_eq!(last_tick(&window), Some(2));
    assert_eq!(selected(&window), None);
}

#[test]
fn a_filter_is_bounded_by_the_position_too() {
    let mut window = fixture().harness(1280.0, 800.0);
    window
        .state_mut()
        .window
        .set_filter(super::fixture::LEFT, "/tick 1/");
    window.run_steps(3);
    assert_eq!(last_tick(&window), Some(19));
    play(window.state_mut(), 12_500);
    window.run_steps(3);
    assert_eq!(last_tick(&window), Some(12));
    // The search is not done anew for another position.
    play(window.state_mut(), 5_000);
    window.run_steps(3);
    assert_eq!(last_tick(&window), Some(1));
}

#[test]
fn the_newest_values_by_key_are_those_at_the_position() {
    let mut fixture = fixture_of(|second| {
        let symbol = if second % 2 == 0 { "ACME" } else { "ACNE" };
        format!(r#"{{"symbol":"{symbol}","price":{second}}}"#)
    });
    fixture.panes.truncate(1);
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    let kept = [".symbol", ".price"].map(str::to_owned);
    window.state_mut().window.set_latest(EVENTS, kept.to_vec());
    for label in ["More", "Latest by key…"] {
        window.get_by_label(label).click();
        window.run_steps(6);
    }
    let shown = |window: &mut Harness<'_, Fixture>, symbol: &str| {
        window.run_steps(6);
        let rows = labels(window);
        let row = rows
            .into_iter()
            .find(|row| row.starts_with(symbol) && row.contains(" ago"));
        row.unwrap_or_default()
    };
    let is = |row: &str, value: &str, age: &str| {
        assert!(row.contains(value) && row.contains(age), "{row}");
    };
    is(&shown(&mut window, "ACME"), "ACME 20, up 2", "0 ms ago");
    is(&shown(&mut window, "ACNE"), "ACNE 19, up 2", "1.0 s ago");
    // Back, forward, and back to a moment between two records.
    for (to, acme, acne) in [
        (
            4_000,
            ("ACME 4, up 2", "0 ms ago"),
            ("ACNE 3, up 2", "1.0 s ago"),
        ),
        (
            9_000,
            ("ACME 8, up 2", "1.0 s ago"),
            ("ACNE 9, up 2", "0 ms ago"),
        ),
        (
            2_500,
            ("ACME 2, up 2", "500 ms ago"),
            ("ACNE 1,", "1.5 s ago"),
        ),
    ] {
        seek(window.state_mut(), to);
        is(&shown(&mut window, "ACME"), acme.0, acme.1);
        is(&shown(&mut window, "ACNE"), acne.0, acne.1);
    }
    // A key whose first record is later has no row.
    seek(window.state_mut(), 0);
    assert_eq!(shown(&mut window, "ACNE"), "");
    // The values are those of the position while it plays, and those of all rows at the end.
    play(window.state_mut(), 6_000);
    is(&shown(&mut window, "ACME"), "ACME 6, up 2", "0 ms ago");
    change(window.state_mut(), |replay| {
        let later = NOW + std::time::Duration::from_secs(4);
        replay.clock.advance(later, |_| (None, None));
    });
    is(&shown(&mut window, "ACME"), "ACME 10, up 2", "0 ms ago");
    seek(window.state_mut(), 20_000);
    is(&shown(&mut window, "ACME"), "ACME 20, up 2", "0 ms ago");
}

#[test]
fn keys_play_step_and_change_the_speed() {
    let mut window = fixture().harness(1280.0, 800.0);
    seek(window.state_mut(), 4_200);
    window.run_steps(2);
    assert!(selected(&window).unwrap().ends_with("tick 4"));
    window.key_press(Key::Space);
    window.run_steps(2);
    for sign in [".", ",", "+"] {
        window.event(Event::Text(sign.to_owned()));
        window.run_steps(2);
    }
    window.key_press(Key::Minus);
    window.run_steps(2);
    let expected = [
        ReplayAction::Toggle,
        ReplayAction::StandAt(ms(5_000)),
        // The app of this test does not move the position, so that the step back is from there.
        ReplayAction::StandAt(ms(3_000)),
        ReplayAction::Faster,
        ReplayAction::Slower,
    ];
    assert_eq!(window.state().commands, replayed(&expected));
}

#[test]
fn a_selected_row_is_the_position() {
    let mut window = fixture().harness(1280.0, 800.0);
    let row = window.get_by(|node| {
        node.role() == Role::ListBoxOption
            && node.label().is_some_and(|label| label.ends_with("tick 6"))
    });
    let at = row.rect().center();
    click(&mut window, at, 1);
    assert_eq!(
        window.state().commands,
        replayed(&[ReplayAction::StandAt(ms(6_000))])
    );
}

#[test]
fn a_row_after_the_position_ends_the_replay() {
    let mut window = fixture().harness(1280.0, 800.0);
    play(window.state_mut(), 3_000);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run_steps(2);
    let field = window.get_by_role_and_label(Role::TextInput, "Find");
    field.type_text("/tick 14/");
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(
        window.state().commands.last(),
        replayed(&[ReplayAction::StandAt(ms(14_000))]).last()
    );
}

/// Point on the axis at a part of the time.
fn on_axis(window: &Harness<'_, Fixture>, part: f32) -> Pos2 {
    let area = window
        .get_by_role_and_label(Role::Slider, "Position in the recording")
        .rect()
        .shrink2(egui::vec2(12.0, 0.0));
    pos2(area.left() + part * area.width(), area.center().y)
}

#[test]
fn the_handle_is_dragged_with_a_chip_and_the_lists_follow() {
    for (width, height) in [(1280.0, 800.0), (640.0, 480.0)] {
        let mut window = fixture().harness(width, height);
        let (from, to) = (on_axis(&window, 0.25), on_axis(&window, 0.5));
        drag(&mut window, from, to);
        let moves: Vec<f64> = window
            .state()
            .commands
            .iter()
            .filter_map(|command| match command {
                Command::Replay(EVENTS, ReplayAction::MoveTo(at)) => {
                    Some(at.as_nanos() as f64 / 1e9)
                }
                _ => None,
            })
            .collect();
        let (first, last) = (moves[0], moves[moves.len() - 1]);
        assert!((first - 5.0).abs() < 0.1, "{moves:?}");
        assert!((last - 10.0).abs() < 0.1, "{moves:?}");
        // The time of this test stands, so that the lists follow once and at the end.
        assert_eq!(moves.len(), 2);
    }
}

#[test]
fn arrow_keys_move_by_one_percent_and_to_the_next_gap() {
    let mut fixture = fixture();
    let change = StateChange {
        attempt: Some(1),
        ..StateChange::to(feedscope_core::ConnectionState::Reconnecting)
    };
    fixture.push(0, 20_000, Kind::State(change));
    change_to(&mut fixture, 10_000);
    let mut window = fixture.harness(1280.0, 800.0);
    let slider = window.get_by_role_and_label(Role::Slider, "Position in the recording");
    slider.focus();
    window.run_steps(3);
    for (modifiers, key) in [
        (Modifiers::NONE, Key::ArrowRight),
        (Modifiers::NONE, Key::ArrowLeft),
        (Modifiers::COMMAND, Key::ArrowRight),
        (Modifiers::NONE, Key::Home),
        (Modifiers::NONE, Key::End),
    ] {
        window.key_press_modifiers(modifiers, key);
        window.run_steps(2);
    }
    let moves = [10_200, 9_800, 20_000, 0, 20_000].map(|at| ReplayAction::MoveTo(ms(at)));
    assert_eq!(window.state().commands, replayed(&moves));
}

fn change_to(fixture: &mut Fixture, at: u64) {
    change(fixture, |replay| replay.clock.seek(NOW, ms(at)));
}

#[test]
fn switches_and_speeds_are_requests() {
    let mut window = fixture().harness(1280.0, 800.0);
    window.get_by_label("Skip silence over 5 s").click();
    window.run_steps(2);
    window.get_by_label("Repeat").click();
    window.run_steps(2);
    window.get_by_label("Speed: 1 ×").click();
    window.run_steps(3);
    window.get_by_label("10 ×").click();
    window.run_steps(2);
    let ten = Speed::all().find(|speed| (speed.factor() - 10.0).abs() < 1e-9);
    let expected = [
        ReplayAction::SkipSilence(true),
        ReplayAction::Repeat(true),
        ReplayAction::SetSpeed(ten.unwrap()),
    ];
    assert_eq!(window.state().commands, replayed(&expected));
}

#[test]
fn the_trace_and_the_states_are_those_of_the_position() {
    let state = |state| Kind::State(feedscope_core::connection::StateChange::to(state));
    let mut fixture = fixture();
    for nth in 0..3 {
        fixture.push(
            0,
            20_000 + nth,
            state(feedscope_core::ConnectionState::Open),
        );
    }
    change(&mut fixture, |replay| {
        replay.clock.set_span(ms(0), ms(20_002));
    });
    let changes = |window: &Harness<'_, Fixture>| {
        let mut strips = window.query_all_by_label_contains("Connection history");
        strips.next().unwrap().accesskit_node().label().unwrap()
    };
    let mut window = fixture.harness(1280.0, 800.0);
    assert!(
        changes(&window).contains(": 3 changes: "),
        "{}",
        changes(&window)
    );
    seek(window.state_mut(), 20_001);
    window.run_steps(2);
    assert!(
        changes(&window).contains(": 2 changes: "),
        "{}",
        changes(&window)
    );
    seek(window.state_mut(), 1_000);
    window.run_steps(2);
    assert!(
        changes(&window).ends_with("0 changes"),
        "{}",
        changes(&window)
    );
}

/// Opens a file of lines, one each 100 ms.
fn opened(folder: &std::path::Path, count: u32) -> Whole {
    let path = folder.join("ticks.ndjson");
    let line = |nth: u32| {
        let (second, part) = (nth / 10 % 60, nth % 10);
        format!(
            "{{\"at\":\"2026-11-21T05:49:{second:02}.{part}00000Z\",\"connection\":1,\"kind\":\"line\",\"data\":\"tick {nth}\"}}\n"
        )
    };
    std::fs::write(&path, (0..count).map(line).collect::<String>()).unwrap();
    let files = WindowFeeds::Files(vec![path]);
    app_window(App::new(files, None, KeptSettings::default()).unwrap())
}

#[test]
fn a_file_is_played_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(folder.path(), 200);
    let replay = |window: &Whole| {
        window
            .state()
            .feeds()
            .first()
            .and_then(|feed| feed.replay.clone())
    };
    until(&mut window, "the bar", |window| replay(window).is_some());
    window.get_by_label("Speed: 1 ×").click();
    window.run_steps(3);
    window.get_by_label("20 ×").click();
    window.run_steps(2);
    window.get_by_label("Play the recording").click();
    window.run_steps(2);
    let ends = RefCell::new(Vec::new());
    until(&mut window, "the end", |window| {
        let replay = replay(window).unwrap();
        ends.borrow_mut().push(replay.end.0);
        replay.clock.is_at_end()
    });
    let ends = ends.into_inner();
    assert!(ends.is_sorted(), "{ends:?}");
    assert_eq!(ends.last(), Some(&200));
    until(&mut window, "the last row", |window| {
        window.query_by_label("Play the recording").is_some()
    });
}

#[test]
fn a_time_is_shown_in_all_panes_of_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.ndjson");
    let line = |nth: u32| {
        let (feed, second) = (["a", "b"][nth as usize % 2], nth / 2);
        format!(
            "{{\"at\":\"2026-11-21T05:49:{second:02}.{nth:03}000Z\",\"feed\":\"{feed}\",\"connection\":1,\"kind\":\"line\",\"data\":\"{feed} at {second}\"}}\n"
        )
    };
    std::fs::write(&path, (0..100).map(line).collect::<String>()).unwrap();
    let files = WindowFeeds::Files(vec![path]);
    let mut window = app_window(App::new(files, None, KeptSettings::default()).unwrap());
    let has_selected = |window: &Whole, text: &str| {
        let mut items = window.query_all_by_role(Role::ListBoxOption);
        items.any(|node| {
            let node = node.accesskit_node();
            let is_named = node.label().is_some_and(|label| label.ends_with(text));
            is_named && node.is_selected() == Some(true)
        })
    };
    until(&mut window, "the replay of both feeds", |window| {
        let feeds = window.state().feeds();
        feeds.len() == 2 && feeds.iter().all(|feed| feed.replay.is_some())
    });
    for (typed, rows) in [
        ("2026-11-21T05:49:20Z", ["a at 20", "b at 19"]),
        ("2026-11-21T05:49:07Z", ["a at 7", "b at 6"]),
    ] {
        window.key_press_modifiers(Modifiers::COMMAND, Key::G);
        window.run_steps(3);
        window
            .get_by_role_and_label(Role::TextInput, "Go to")
            .type_text(typed);
        window.run_steps(2);
        window.key_press(Key::Enter);
        for row in rows {
            until(&mut window, row, |window| has_selected(window, row));
        }
    }
    // A row belongs to one feed.
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::TextInput, "Go to")
        .type_text("31");
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "row 31", |window| {
        has_selected(window, "a at 30")
    });
    window.run_steps(6);
    assert!(has_selected(&window, "b at 6"));
}
