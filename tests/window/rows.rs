//! Tests of the timeline: the rows in sight, and the input that moves them.

use egui::accesskit::Role;
use egui::{Event, Key, MouseWheelUnit, TouchPhase, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::connection::StateChange;
use feedscope_core::decode::WireInfo;
use feedscope_core::{ConnectionState, Direction, Kind};

use super::fixture::{Fixture, rows};

/// Returns the first and the last number in the left pane at 1280×800.
pub(super) fn first_and_last(window: &Harness<'_, Fixture>) -> (u64, u64) {
    let shown = rows(window);
    let number = |label: &String| {
        label
            .rsplit(' ')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(u64::MAX)
    };
    (
        shown.first().map_or(u64::MAX, number),
        shown.last().map_or(u64::MAX, number),
    )
}

/// Creates a window with this many events in its left pane, which receives the keys.
pub(super) fn window_with(events: u64) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.push_events(0..events);
    fixture.harness(1280.0, 800.0)
}

fn wheel(window: &mut Harness<'_, Fixture>, points: f32) {
    window.hover_at(egui::pos2(300.0, 400.0));
    window.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
    // A turn of the wheel is spread over several passes.
    window.run_steps(60);
}

#[test]
fn the_view_follows_the_newest_record() {
    let mut window = window_with(1_000);
    assert_eq!(first_and_last(&window).1, 999);
    window.state_mut().push_events(1_000..1_500);
    window.step();
    assert_eq!(first_and_last(&window).1, 1_499);
}

#[test]
fn a_reader_who_scrolled_up_stays_put_and_is_told_what_is_new() {
    let mut window = window_with(1_000);
    wheel(&mut window, 231.0);
    let held = first_and_last(&window);
    assert_eq!(held.1, 989, "ten and a half rows of 22 points");
    window.state_mut().push_events(1_000..2_204);
    window.step();
    assert_eq!(first_and_last(&window), held);
    window.get_by_label("1,204 new").click();
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 2_203);
    assert!(window.query_by_label_contains(" new").is_none());
}

#[test]
fn keys_land_to_the_row_in_a_long_timeline() {
    let mut window = window_with(300_000);
    window.key_press(Key::Home);
    window.run_steps(2);
    let (first, last) = first_and_last(&window);
    assert_eq!(first, 0);
    let page = last - first;
    window.key_press(Key::PageDown);
    window.run_steps(2);
    let next = first_and_last(&window).0;
    assert!(
        next > 0 && next <= page,
        "a page further is {next}, with {page} rows in sight"
    );
    window.key_press(Key::End);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 299_999);
    // This is a row and a half, which positions in 32-bit points could not express here.
    wheel(&mut window, 33.0);
    assert_eq!(first_and_last(&window).1, 299_998);
}

#[test]
fn arrows_choose_records_and_the_inspector_shows_them() {
    let mut window = window_with(100);
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    let payload =
        |window: &Harness<'_, Fixture>| window.get_by_label("Payload").value().unwrap_or_default();
    assert_eq!(payload(&window), "tick 99");
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    assert_eq!(payload(&window), "tick 98");
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(window.query_by_label("Payload").is_none());
}

#[test]
fn a_click_chooses_a_record_and_another_keeps_it() {
    let mut window = window_with(10);
    for _ in 0..2 {
        window.get_by_label_contains("tick 4").click();
        window.run_steps(60);
        assert_eq!(
            window.get_by_label("Payload").value().unwrap_or_default(),
            "tick 4"
        );
    }
}

#[test]
fn a_closed_inspector_leaves_the_list_where_it_is() {
    let mut window = window_with(1_000);
    window.get_by_label_contains("tick 985").click();
    window.run_steps(3);
    window.state_mut().push_events(1_000..3_000);
    window.run_steps(2);
    let first = first_and_last(&window).0;
    let place = window.get_by_label_contains("tick 985").rect();
    window.get_by_label("Close the inspector").click();
    window.run_steps(3);
    assert!(window.query_by_label("Payload").is_none());
    assert_eq!(first_and_last(&window).0, first);
    let now = window.get_by_label_contains("tick 985").rect();
    assert_eq!(now, place);
    window.state_mut().push_events(3_000..4_000);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).0, first);
    // The pill and End follow again.
    window.key_press(Key::End);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 3_999);
}

#[test]
fn the_pill_counts_only_records_below_the_rows_in_sight() {
    let mut window = window_with(1_000);
    window.key_press(Key::ArrowUp);
    window.run_steps(3);
    window.state_mut().push_events(1_000..1_204);
    window.run_steps(3);
    window.get_by_label("204 new");
    // Each key shows one more row at the lower edge.
    for _ in 0..50 {
        window.key_press(Key::ArrowDown);
        window.run_steps(2);
    }
    let payload = window.get_by_label("Payload").value();
    assert_eq!(payload.as_deref(), Some("tick 1049"));
    assert_eq!(first_and_last(&window).1, 1_049);
    window.get_by_label("154 new");
    // Rows above the place where the list stopped are not new.
    window.key_press(Key::Home);
    window.run_steps(2);
    window.get_by_label("204 new");
}

#[test]
fn after_a_selection_the_arrow_keys_begin_in_sight() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..40);
    let error = Kind::Event {
        event: b"error",
        id: b"",
        data: b"tick 40",
    };
    fixture.push(0, 4, error);
    fixture.push_events(41..3_000);
    let mut window = fixture.harness(1280.0, 800.0);
    let press = |window: &mut Harness<'_, Fixture>, key| {
        window.key_press(key);
        window.run_steps(3);
    };
    let payload = |window: &Harness<'_, Fixture>| window.get_by_label("Payload").value().unwrap();
    for key in [Key::ArrowUp, Key::ArrowDown] {
        press(&mut window, Key::F8);
        assert_eq!(payload(&window), "tick 40");
        press(&mut window, Key::Escape);
        press(&mut window, key);
        assert_eq!(payload(&window), "tick 40", "the row that was selected");
        press(&mut window, Key::Escape);
    }
    // The row that was selected is out of sight.
    for key in [Key::ArrowUp, Key::ArrowDown] {
        press(&mut window, Key::F8);
        press(&mut window, Key::Escape);
        for _ in 0..10 {
            press(&mut window, Key::PageDown);
        }
        let (first, last) = first_and_last(&window);
        press(&mut window, key);
        let at: u64 = payload(&window)["tick ".len()..].parse().unwrap();
        let edge = if key == Key::ArrowUp { last } else { first };
        // Half of the row at the edge may be out of sight.
        assert!(at.abs_diff(edge) <= 1, "{at} of {first} to {last}");
        press(&mut window, Key::Escape);
        press(&mut window, Key::End);
    }
    // A list that follows begins with the newest row.
    press(&mut window, Key::ArrowUp);
    assert_eq!(payload(&window), "tick 2999");
}

#[test]
fn home_and_end_move_a_selection_along_and_end_follows() {
    let mut window = window_with(1_000);
    let press = |window: &mut Harness<'_, Fixture>, key| {
        window.key_press(key);
        window.run_steps(3);
    };
    let payload = |window: &Harness<'_, Fixture>| window.get_by_label("Payload").value().unwrap();
    press(&mut window, Key::ArrowUp);
    press(&mut window, Key::ArrowUp);
    assert_eq!(payload(&window), "tick 998");
    press(&mut window, Key::Home);
    assert_eq!(payload(&window), "tick 0");
    assert_eq!(first_and_last(&window).0, 0);
    press(&mut window, Key::ArrowDown);
    assert_eq!(payload(&window), "tick 1");
    assert_eq!(first_and_last(&window).0, 0);
    press(&mut window, Key::End);
    assert_eq!(payload(&window), "tick 999");
    window.state_mut().push_events(1_000..3_000);
    window.run_steps(3);
    assert_eq!(first_and_last(&window).1, 2_999, "the list follows");
    assert_eq!(payload(&window), "tick 999", "the record to read stays");
    // Without a selection, only the list moves, and the keys begin with a record in sight.
    press(&mut window, Key::Escape);
    press(&mut window, Key::Home);
    assert!(window.query_by_label("Payload").is_none());
    assert_eq!(first_and_last(&window).0, 0);
    press(&mut window, Key::ArrowDown);
    assert_eq!(payload(&window), "tick 0");
}

#[test]
fn a_chosen_record_stays_where_it_is_while_others_come() {
    let mut window = window_with(1_000);
    // The row is high enough that the inspector, which opens below, does not cover it.
    let place = |window: &Harness<'_, Fixture>| window.get_by_label_contains("tick 985").rect();
    let before = place(&window);
    window.get_by_label_contains("tick 985").click();
    window.run_steps(3);
    assert_eq!(place(&window), before, "the inspector opened");
    window.state_mut().push_events(1_000..1_204);
    window.run_steps(2);
    assert_eq!(place(&window), before, "others came");
    assert!(window.query_by_label("204 new").is_some());
    // The selection ends, and the view follows the newest row again.
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 1_203);
    // If the user scrolls away in the meantime, the view stays there.
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    wheel(&mut window, 231.0);
    let held = first_and_last(&window).0;
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).0, held);
}

#[test]
fn a_click_within_one_pass_chooses_once() {
    let mut window = window_with(1_000);
    let at = window.get_by_label_contains("tick 990").rect().center();
    window.hover_at(at);
    window.step();
    for pressed in [true, false] {
        window.input_mut().events.push(Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
    }
    window.run_steps(2);
    assert_eq!(
        window.get_by_label("Payload").value().unwrap_or_default(),
        "tick 990"
    );
}

#[test]
fn a_row_that_moves_under_the_pointer_is_chosen_when_it_is_pressed() {
    let mut window = window_with(1_000);
    let at = window.get_by_label_contains("tick 990").rect().center();
    window.hover_at(at);
    window.step();
    let button = |pressed| Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    window.event(button(true));
    window.step();
    window.state_mut().push_events(1_000..1_003);
    window.step();
    window.event(button(false));
    window.run_steps(2);
    assert_eq!(
        window.get_by_label("Payload").value().unwrap_or_default(),
        "tick 990"
    );
}

#[test]
fn pause_freezes_the_view_and_resume_goes_on() {
    let mut window = window_with(100);
    let pauses: Vec<_> = window.get_all_by_label("Pause").collect();
    pauses[0].click();
    window.step();
    window.state_mut().push_events(100..150);
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 99);
    window.get_by_label("50 new");
    window.get_by_label("Resume").click();
    window.run_steps(2);
    assert_eq!(first_and_last(&window).1, 149);
}

#[test]
fn chips_hide_and_show_kinds() {
    let mut fixture = Fixture::default();
    fixture.push(0, 1, Kind::Comment { data: b"heartbeat" });
    fixture.push_events(10..12);
    let mut window = fixture.harness(1280.0, 800.0);
    assert_eq!(
        rows(&window).len(),
        2,
        "comments are hidden until asked for"
    );
    window.get_by_label("comments").click();
    window.run_steps(2);
    assert_eq!(rows(&window).len(), 3);
    window.get_by_label("events").click();
    window.run_steps(2);
    assert_eq!(rows(&window).len(), 1);
}

#[test]
fn transitions_stand_in_order_with_the_data() {
    let mut fixture = Fixture::default();
    let change = |state, reason: Option<&str>| StateChange {
        state,
        attempt: Some(1),
        reconnects: Some(1),
        delay_ms: Some(3_000),
        status: None,
        reason: reason.map(str::to_owned),
    };
    fixture.push_events(10..11);
    let lost = change(
        ConnectionState::Reconnecting,
        Some("connection reset by peer"),
    );
    fixture.push(0, 2, Kind::State(lost));
    fixture.push(0, 3, Kind::State(change(ConnectionState::Connecting, None)));
    fixture.push_events(40..41);
    let window = fixture.harness(1280.0, 800.0);
    assert_eq!(
        rows(&window),
        [
            "received price 10 tick 10",
            "connection connection reset by peer; next attempt in 3.0 s",
            "connection connecting again",
            "received price 40 tick 40",
        ]
    );
}

#[test]
fn payloads_that_would_deceive_or_that_no_font_has_are_drawn() {
    let mut fixture = Fixture::default();
    for text in [
        "\u{1b}[31mred\u{202e}evil",
        "\u{1f984}\u{10ffff}\u{0}",
        "日本語 العربية",
    ] {
        fixture.push(
            1,
            1,
            Kind::Text {
                direction: Direction::In,
                data: text.as_bytes(),
                failed: None,
                wire: None,
            },
        );
    }
    // A character without a glyph would make the pass panic.
    let window = fixture.harness(1280.0, 800.0);
    assert_eq!(rows(&window).len(), 3);
}

#[test]
fn the_inspector_tells_how_a_message_went_over_the_wire() {
    let mut fixture = Fixture::default();
    let plain = [b'x'; 212];
    for wire in [Some((3, 61)), None] {
        fixture.push(
            1,
            1,
            Kind::Text {
                direction: Direction::In,
                data: &plain,
                failed: None,
                wire: wire.map(|(frames, wire_bytes)| WireInfo {
                    frames,
                    compressed: true,
                    wire_bytes,
                }),
            },
        );
    }
    let mut window = fixture.harness(1280.0, 800.0);
    for (row, told) in [
        "received text · 3 frames · 212 B compressed to 61 B · ",
        "received text · 212 B · ",
    ]
    .into_iter()
    .enumerate()
    {
        let lines: Vec<_> = window.get_all_by_label_contains("xxxx").collect();
        lines[row].click();
        window.run_steps(3);
        window.get_by_label_contains(told);
    }
}

#[test]
fn a_json_payload_is_a_tree_that_folds() {
    let mut fixture = Fixture::default();
    let data = br#"{"symbol":"ACME","volume":12345678901234567890,"book":{"bid":[55.10,900]}}"#;
    fixture.push(
        1,
        1,
        Kind::Text {
            direction: Direction::In,
            data,
            failed: None,
            wire: None,
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label_contains("ACME").click();
    window.run_steps(3);
    let lines = |window: &Harness<'_, Fixture>| {
        let items = window.query_all_by_role(egui::accesskit::Role::TreeItem);
        items
            .filter_map(|node| node.accesskit_node().label())
            .collect::<Vec<_>>()
    };
    let unfolded = [
        "symbol: \"ACME\"",
        // A number beyond the range of a double is shown in its original notation.
        "volume: 12345678901234567890",
        "book: { 1 field }",
        "bid: [ 2 items ]",
        "0: 55.10",
        "1: 900",
    ];
    assert_eq!(lines(&window), unfolded);
    window.get_by_label("book: { 1 field }").click();
    window.run_steps(2);
    assert_eq!(lines(&window), unfolded[..3]);
    window.get_by_label("Text").click();
    window.run_steps(2);
    assert_eq!(
        window
            .get_by_label("Payload")
            .value()
            .unwrap_or_default()
            .as_bytes(),
        data
    );
    window.get_by_label("Hex").click();
    window.run_steps(2);
    assert!(
        window
            .get_by_label("Payload")
            .value()
            .unwrap_or_default()
            .starts_with("00000000  7b 22 73")
    );
}

#[test]
fn a_row_of_a_wide_list_is_clicked_also_between_its_columns() {
    let mut window = window_with(100);
    let row = window.get_by_label_contains("tick 90").rect();
    let edges: Vec<_> = window
        .query_all_by_label("Width of the type column")
        .collect();
    let x = edges[0].rect().center().x;
    super::hand::click(&mut window, egui::pos2(x, row.center().y), 1);
    assert_eq!(
        window.get_by_label("Payload").value().as_deref(),
        Some("tick 90")
    );
}

#[test]
fn the_header_names_times_that_are_counted_from_a_record() {
    let mut window = window_with(20);
    let is_named = |window: &Harness<'_, Fixture>| {
        let headers = window.query_all_by_role_and_label(Role::ColumnHeader, "from record");
        headers.count() == 1
    };
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[0].click();
    window.run_steps(3);
    assert!(!is_named(&window));
    for is_counted in [true, false] {
        window.key_press(Key::T);
        window.run_steps(3);
        assert_eq!(is_named(&window), is_counted);
    }
}
