//! The trace as an instrument: scale, span, the time under the pointer, and the rows that a click leads to.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Rect, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::connection::StateChange;
use feedscope_core::feed::FeedStatus;
use feedscope_core::gap::Gap;
use feedscope_core::{ConnectionState, Direction, Kind};
use feedscope_ui::{FileScene, FileStage};

use super::fixture::{Fixture, NOW, stamp};
use super::hand;

/// Time before the present at which event `number` arrives, in milliseconds.
const STEP: u64 = 500;

/// Makes a window whose left pane received two events a second for the last minute.
fn window() -> Harness<'static, Fixture> {
    let now = NOW.as_nanos() / 1_000_000;
    let mut fixture = Fixture::default();
    let open = StateChange::to(ConnectionState::Open);
    fixture.push(0, now - 90_000, Kind::State(open));
    for number in 0..120 {
        let data = format!("tick {number}");
        let event = Kind::Event {
            event: b"price",
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, now - 60_000 + number * STEP, event);
    }
    let text = Kind::Text {
        direction: Direction::In,
        data: b"hello",
        wire: None,
        failed: None,
    };
    fixture.push(1, now - 1_000, text);
    fixture.harness(1280.0, 800.0)
}

fn traces(window: &Harness<'_, Fixture>) -> Vec<(String, Rect)> {
    let nodes = window.query_all_by_label_contains("Message rate: ");
    let mut traces: Vec<(String, Rect)> = nodes
        .filter_map(|node| Some((node.accesskit_node().label()?, node.rect())))
        .collect();
    traces.sort_by(|a, b| a.1.left().total_cmp(&b.1.left()));
    traces
}

fn selected(window: &Harness<'_, Fixture>) -> Option<String> {
    let mut rows = window.query_all_by_role(Role::ListBoxOption);
    let row = rows.find(|row| row.accesskit_node().is_selected() == Some(true))?;
    row.accesskit_node().label()
}

fn wheel(window: &mut Harness<'_, Fixture>, unit: MouseWheelUnit, y: f32) {
    window.event(Event::MouseWheel {
        unit,
        delta: vec2(0.0, y),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    window.run_steps(2);
}

#[test]
fn a_click_leads_to_the_record_of_that_time() {
    let mut window = window();
    let (label, rect) = traces(&window).swap_remove(0);
    assert_eq!(label, "Message rate: peak 2.0/s in 2 min");
    // The right edge is the present, and the width is two minutes.
    let at = |seconds: f32| {
        pos2(
            rect.right() - rect.width() * seconds / 120.0,
            rect.center().y,
        )
    };
    hand::click(&mut window, at(30.1), 2);
    // Thirty seconds ago, half of the 120 events had arrived.
    assert_eq!(selected(&window).as_deref(), Some("received price tick 59"));
    // A time before the first record leads to the first record.
    hand::click(&mut window, at(119.0), 2);
    let first = selected(&window).unwrap();
    assert!(first.contains("open"), "{first}");
}

/// Returns the places in the first trace, by the seconds before the present.
fn before_now(window: &Harness<'_, Fixture>) -> impl Fn(f32) -> egui::Pos2 + use<> {
    let (_, rect) = traces(window).swap_remove(0);
    move |seconds| {
        let x = rect.right() - rect.width() * seconds / 120.0;
        pos2(x, rect.center().y)
    }
}

/// Returns the number of selected rows in sight.
fn selected_rows(window: &Harness<'_, Fixture>) -> usize {
    let rows = window.query_all_by_role(Role::ListBoxOption);
    rows.filter(|row| row.accesskit_node().is_selected() == Some(true))
        .count()
}

#[test]
fn a_drag_selects_a_span_of_time_until_its_chip_is_clicked() {
    let mut window = window();
    let at = before_now(&window);
    // From 30.2 s to 25.2 s before the present, ten events arrived.
    hand::drag(&mut window, at(30.2), at(25.2));
    assert_eq!(selected_rows(&window), 10);
    window.get_by_label_contains("10 rows");
    let chip = window.get_by_label_contains(" ×");
    let label = chip.accesskit_node().label().unwrap();
    assert!(
        label.contains(" to ") && label.contains("4.9") || label.contains("5.0"),
        "{label}"
    );
    chip.click();
    window.run_steps(3);
    assert_eq!(selected_rows(&window), 0);
    assert!(window.query_by_label_contains(" ×").is_none());
}

#[test]
fn the_measures_and_the_filter_apply_to_the_span() {
    let mut window = window();
    let at = before_now(&window);
    hand::drag(&mut window, at(25.2), at(30.2));
    window.get_by_label("Measure").click();
    window.run_steps(4);
    let switch = window.get_by_role_and_label(Role::CheckBox, "10 rows");
    assert_eq!(
        switch.accesskit_node().toggled(),
        Some(egui::accesskit::Toggled::True)
    );
    window.get_by_label("Only this time").click();
    window.run_steps(6);
    let rows = window.query_all_by_role(Role::ListBoxOption);
    let ticks = rows.filter(|row| {
        let label = row.accesskit_node().label().unwrap_or_default();
        label.contains("tick")
    });
    assert_eq!(ticks.count(), 10);
}

#[test]
fn the_line_about_selected_rows_goes_with_the_last_of_them() {
    let mut window = window();
    let at = before_now(&window);
    hand::drag(&mut window, at(30.2), at(25.2));
    let line = |window: &Harness<'_, Fixture>| window.query_by_label("Only this time").is_some();
    assert!(line(&window));
    let type_filter = |window: &mut Harness<'_, Fixture>, text: &str| {
        let mut fields = window.query_all_by_role_and_label(Role::TextInput, "Filter");
        fields.next().unwrap().focus();
        drop(fields);
        window.run_steps(2);
        window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        window.step();
        window.event(egui::Event::Text(text.to_owned()));
        window.run_steps(6);
    };
    type_filter(&mut window, "nothing-has-this");
    assert!(!line(&window));
    // They are still selected.
    type_filter(&mut window, "tick");
    assert!(line(&window));
}

#[test]
fn keys_select_the_time_of_the_trace_and_between_marks() {
    let mut window = window();
    window.key_press_modifiers(Modifiers::ALT, Key::A);
    window.run_steps(4);
    // All 121 rows arrived within the last two minutes.
    window.get_by_label_contains("121 rows");
    let at = before_now(&window);
    for seconds in [40.1, 38.1] {
        hand::click(&mut window, at(seconds), 2);
        window.key_press(Key::M);
        window.run_steps(2);
    }
    window.key_press_modifiers(Modifiers::ALT, Key::M);
    window.run_steps(4);
    // The rows of both marks belong to the time between them.
    window.get_by_label_contains("5 rows");
}

#[test]
fn a_click_on_the_strip_leads_to_the_row_of_the_state() {
    let mut window = window();
    let (_, rect) = traces(&window).swap_remove(0);
    // The strip is below the trace.
    let at = pos2(rect.center().x, rect.bottom() + 4.0);
    hand::click(&mut window, at, 2);
    let row = selected(&window).unwrap();
    assert!(row.contains("open"), "{row}");
}

#[test]
fn the_wheel_and_keys_change_the_span_of_all_panes() {
    let mut window = window();
    let spans = |window: &Harness<'_, Fixture>| -> Vec<String> {
        let traces = traces(window).into_iter();
        traces
            .map(|(label, _)| label.rsplit(" in ").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(spans(&window), ["2 min", "2 min"]);
    let over = traces(&window)[1].1.center();
    window.hover_at(over);
    window.run_steps(2);
    wheel(&mut window, MouseWheelUnit::Line, -1.0);
    assert_eq!(spans(&window), ["10 min", "10 min"]);
    wheel(&mut window, MouseWheelUnit::Line, 1.0);
    wheel(&mut window, MouseWheelUnit::Line, 1.0);
    assert_eq!(spans(&window), ["30 s", "30 s"]);
    // A touchpad needs several small movements for one step.
    wheel(&mut window, MouseWheelUnit::Point, -25.0);
    assert_eq!(spans(&window), ["30 s", "30 s"]);
    wheel(&mut window, MouseWheelUnit::Point, -25.0);
    assert_eq!(spans(&window), ["2 min", "2 min"]);
    window.key_press_modifiers(Modifiers::ALT, Key::Minus);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::ALT, Key::Minus);
    window.run_steps(2);
    assert_eq!(spans(&window), ["1 h", "1 h"]);
    window.key_press_modifiers(Modifiers::ALT, Key::Plus);
    window.run_steps(2);
    assert_eq!(spans(&window), ["10 min", "10 min"]);
}

#[test]
fn a_complete_file_opens_with_the_shortest_span_that_holds_it() {
    let with = |stage: FileStage, live: bool| {
        let mut fixture = Fixture::default();
        fixture.push_events(0..30);
        let file = FileScene {
            path: "a.feedscope".to_owned(),
            is_recording: true,
            stage,
            span: Some((stamp(0), stamp(2_900))),
            ..FileScene::default()
        };
        fixture.set_file(0, file);
        if !live {
            fixture.panes.truncate(1);
        }
        fixture.harness(1280.0, 800.0)
    };
    let span = |window: &Harness<'_, Fixture>| traces(window)[0].0.clone();
    let mut window = with(FileStage::Complete, false);
    assert!(span(&window).ends_with(" in 10 s"), "{}", span(&window));
    // The choice of the user stays.
    window.key_press_modifiers(Modifiers::ALT, Key::Minus);
    window.run_steps(2);
    assert!(span(&window).ends_with(" in 30 s"), "{}", span(&window));
    // A file that grows and a live feed have the usual span.
    for window in [
        with(FileStage::BeingWritten, false),
        with(FileStage::Complete, true),
    ] {
        assert!(span(&window).ends_with(" in 2 min"), "{}", span(&window));
    }
}

#[test]
fn each_span_counts_the_same_records() {
    let mut window = window();
    let over = traces(&window)[0].1.center();
    window.hover_at(over);
    window.run_steps(2);
    // Two records a second are the rate in columns of 2.5 s and 15 s. A column of 250 ms has one record or none.
    let peaks = |window: &Harness<'_, Fixture>| traces(window)[0].0.clone();
    wheel(&mut window, MouseWheelUnit::Line, -1.0);
    assert_eq!(peaks(&window), "Message rate: peak 2.0/s in 10 min");
    wheel(&mut window, MouseWheelUnit::Line, -1.0);
    assert_eq!(peaks(&window), "Message rate: peak 2.0/s in 1 h");
    for _ in 0..3 {
        wheel(&mut window, MouseWheelUnit::Line, 1.0);
    }
    assert_eq!(peaks(&window), "Message rate: peak 4.0/s in 30 s");
    wheel(&mut window, MouseWheelUnit::Line, 1.0);
    assert_eq!(peaks(&window), "Message rate: peak 4.0/s in 10 s");
}

#[test]
fn the_menu_has_the_spans_and_one_scale_for_all_panes() {
    let mut window = window();
    let over = traces(&window)[0].1.center();
    hand::secondary_click(&mut window, over);
    window.get_by_label("10 min").click();
    window.run_steps(3);
    assert!(traces(&window)[1].0.ends_with("in 10 min"));
    hand::secondary_click(&mut window, over);
    window.get_by_label("Same scale in all panes").click();
    window.run_steps(3);
    hand::secondary_click(&mut window, over);
    let checked = window.get_by_label("Same scale in all panes");
    assert_eq!(
        checked.accesskit_node().toggled(),
        Some(egui::accesskit::Toggled::True)
    );
}

#[test]
fn a_long_span_counts_the_newest_records_too() {
    // The records of the last seconds are in a column of 15 seconds that is not full yet.
    let mut fixture = Fixture::default();
    fixture.passed = Duration::from_secs(9);
    let now = NOW.as_nanos() / 1_000_000 + 9_000;
    for number in 0..40 {
        let event = Kind::Event {
            event: b"price",
            id: b"",
            data: b"tick",
        };
        fixture.push(0, now - 4_000 + number * 100, event);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    let graph = traces(&window)[0].1;
    window.hover_at(graph.center());
    window.run_steps(2);
    for _ in 0..6 {
        wheel(&mut window, MouseWheelUnit::Line, -1.0);
    }
    let label = traces(&window).swap_remove(0).0;
    assert!(label.ends_with(" in 1 h"), "{label}");
    assert!(!label.contains("peak 0"), "{label}");
}

#[test]
fn the_figure_of_missed_records_leads_only_to_rows_that_miss_some() {
    let gap = |missing, repeated| {
        Kind::Gap(Gap {
            missing,
            repeated,
            from: "1".to_owned(),
            to: "11".to_owned(),
        })
    };
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for (missing, repeated) in [
        (Some(0), None),
        (Some(0), Some(0)),
        (None, None),
        (Some(9), None),
        (Some(0), Some(4)),
        (Some(6), Some(2)),
        (Some(0), None),
    ] {
        fixture.push(0, 100_000, gap(missing, repeated));
    }
    let status = |missed| FeedStatus {
        state: ConnectionState::Open,
        missed: Some(missed),
        ..FeedStatus::default()
    };
    fixture.set_status(0, status(15));
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(3);
    let click = |window: &mut Harness<'_, Fixture>, name: &str| {
        window.get_by_label(name).click();
        window.run_steps(4);
        selected(window).unwrap()
    };
    for part in ["9 missed", "6 missed", "9 missed"] {
        let row = click(&mut window, "15 missed");
        assert!(row.contains(part), "{part}: {row}");
    }
    // Without a loss, each resume is a proof.
    window.state_mut().set_status(0, status(0));
    window.run_steps(2);
    window.key_press(Key::Escape);
    window.run_steps(2);
    let row = click(&mut window, "resumed without loss");
    assert!(row.contains("no event was missed"), "{row}");
}

#[test]
fn no_part_of_a_figure_is_shown_beside_the_reason_of_a_loss() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    let lost = FeedStatus {
        state: ConnectionState::Reconnecting,
        missed: Some(15),
        attempt: 2,
        reason: Some("the server closed the connection without a close frame".to_owned()),
        ..FeedStatus::default()
    };
    fixture.set_status(0, lost);
    let mut window = fixture.harness(1280.0, 480.0);
    let mut counts = [0, 0];
    for width in (330..900).step_by(3) {
        let width = width as f32;
        window.set_size(vec2(width, 480.0));
        window.run_steps(2);
        match window.query_by_label("15 missed") {
            Some(figure) => {
                let right = figure.rect().right();
                assert!(right <= width - 8.0, "{right} in {width}");
                counts[0] += 1;
            }
            None => counts[1] += 1,
        }
        // The sentence for screen readers has all figures.
        window.get_by_label_contains(", 15 missed, 0 records");
    }
    assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
}

#[test]
fn a_resume_without_loss_is_no_news_beside_a_new_loss() {
    let mut fixture = Fixture::default();
    let status = |state| FeedStatus {
        state,
        missed: Some(0),
        reason: Some("the server closed the connection".to_owned()),
        ..FeedStatus::default()
    };
    fixture.set_status(0, status(ConnectionState::Open));
    let mut window = fixture.harness(1280.0, 800.0);
    let has =
        |window: &Harness<'_, Fixture>| window.query_by_label("resumed without loss").is_some();
    assert!(has(&window));
    for state in [
        ConnectionState::Reconnecting,
        ConnectionState::Connecting,
        ConnectionState::Failed,
        ConnectionState::Closed,
    ] {
        window.state_mut().set_status(0, status(state));
        window.run_steps(2);
        assert!(!has(&window), "{state:?}");
    }
}

#[test]
fn the_history_of_a_connection_names_its_states() {
    let mut fixture = Fixture::default();
    let now = NOW.as_nanos() / 1_000_000;
    fixture.push(
        0,
        now - 60_000,
        Kind::State(StateChange::to(ConnectionState::Open)),
    );
    let lost = StateChange {
        reason: Some("the server ended the stream".to_owned()),
        ..StateChange::to(ConnectionState::Reconnecting)
    };
    fixture.push(0, now - 5_000, Kind::State(lost));
    let window = fixture.harness(1280.0, 800.0);
    let history = window.query_all_by_label_contains("Connection history: 2 changes: open since ");
    let label = history.last().unwrap().accesskit_node().label().unwrap();
    let end = "; reconnecting since ";
    assert!(label.contains(end), "{label}");
    assert!(label.ends_with(": the server ended the stream"), "{label}");
}
