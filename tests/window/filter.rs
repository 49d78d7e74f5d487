//! Tests of the filter, the find bar and the strip beside the scroll handle: typed text against the rows in sight.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::connection::StateChange;
use feedscope_core::{ConnectionState, Kind};

use super::fixture::{EVENTS, Fixture, rows};
use super::whole::{Whole, until};

/// Creates a window with this many events in its left pane, which receives the keys.
pub(super) fn window_with(events: u64) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.push_events(0..events);
    fixture.harness(1280.0, 800.0)
}

/// Appends text in the left pane's filter.
pub(super) fn type_filter(window: &mut Harness<'_, Fixture>, text: &str) {
    let fields: Vec<_> = window
        .get_all_by_role_and_label(Role::TextInput, "Filter")
        .collect();
    fields[0].focus();
    window.step();
    let fields: Vec<_> = window
        .get_all_by_role_and_label(Role::TextInput, "Filter")
        .collect();
    fields[0].type_text(text);
    window.run_steps(3);
}

pub(super) fn filter_text(window: &Harness<'_, Fixture>) -> String {
    let mut fields = window.get_all_by_role_and_label(Role::TextInput, "Filter");
    fields.next().unwrap().value().unwrap_or_default()
}

/// Returns the numbers of the events in sight.
pub(super) fn numbers(window: &Harness<'_, Fixture>) -> Vec<u64> {
    let number = |label: &String| label.rsplit(' ').next()?.parse().ok();
    rows(window).iter().filter_map(number).collect()
}

pub(super) fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

#[test]
fn hits_take_the_place_of_the_rows_while_one_types() {
    let mut window = window_with(1_000);
    type_filter(&mut window, "/tick 77/");
    assert_eq!(
        numbers(&window),
        [77, 770, 771, 772, 773, 774, 775, 776, 777, 778, 779]
    );
    window.get_by_role_and_label(Role::Status, "11 hits");
    type_filter(&mut window, " 777");
    assert_eq!(numbers(&window), [777]);
    window.get_by_role_and_label(Role::Status, "1 hit");
    window.state_mut().push_events(7_770..7_772);
    window.run_steps(2);
    assert_eq!(numbers(&window), [777, 7_770, 7_771]);
    window.get_by_label("Clear the filter").click();
    window.run_steps(2);
    assert_eq!(numbers(&window).last(), Some(&7_771));
    assert_eq!(filter_text(&window), "");
}

#[test]
fn a_bad_expression_is_said_and_the_view_stays() {
    let mut window = window_with(100);
    type_filter(&mut window, "/tick 5/");
    let before = numbers(&window);
    type_filter(&mut window, " size:big");
    let alert = window.get_by_role(Role::Alert).accesskit_node().label();
    assert_eq!(
        alert.as_deref(),
        Some("Not applied: big is no size; write >1k, <=100 or =0 · In force: /tick 5/")
    );
    assert_eq!(numbers(&window), before);
    window.get_by_role_and_label(Role::Status, "not applied");
    // Hiding a class in the meantime does not change the last valid filter.
    window.state_mut().push(
        0,
        90,
        Kind::Comment {
            data: b"tick 5 of a comment",
        },
    );
    // The chips are in a menu while the filter is used, so that the field has room.
    window.get_all_by_label("Show ▾").next().unwrap().click();
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::MenuItemCheckBox, "comments")
        .click();
    window.run_steps(3);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(rows(&window).len(), before.len() + 1);
    window.get_by_label("Clear the filter").click();
    window.run_steps(2);
    assert!(window.query_by_role(Role::Alert).is_none());
}

#[test]
fn a_path_that_no_record_has_keeps_the_rows() {
    let mut window = window_with(100);
    let all = numbers(&window);
    let alert = |window: &Harness<'_, Fixture>| {
        let alert = window.query_by_role(Role::Alert)?;
        alert.accesskit_node().label()
    };
    for part in [".", "p", "rice"] {
        type_filter(&mut window, part);
        window.run_steps(3);
        // The sentence takes the room of the first rows.
        let shown = numbers(&window);
        assert!(
            all.ends_with(&shown) && shown.len() + 3 > all.len(),
            "{part}"
        );
    }
    let expected = "Not applied: no record has a value at .price · All records are shown.";
    assert_eq!(alert(&window).as_deref(), Some(expected));
    type_filter(&mut window, " >");
    window.run_steps(3);
    assert!(all.ends_with(&numbers(&window)));
    let sentence = alert(&window).unwrap_or_default();
    assert!(sentence.starts_with("Not applied: "), "{sentence}");
    assert!(sentence.ends_with("All records are shown."), "{sentence}");
    window.get_by_role_and_label(Role::Status, "not applied");
    // A comparison is complete and applies at once, also without hits.
    type_filter(&mut window, " 100");
    window.run_steps(3);
    assert!(numbers(&window).is_empty());
    window.get_by_role_and_label(Role::Status, "0 hits");
    assert_eq!(alert(&window), None);
}

#[test]
fn the_sentence_about_a_filter_covers_neither_header_nor_rows() {
    let mut window = window_with(100);
    type_filter(&mut window, ".price >");
    window.run_steps(3);
    let alert = window.get_by_role(Role::Alert).rect().shrink(1.0);
    let headers: Vec<_> = window.query_all_by_role(Role::ColumnHeader).collect();
    assert!(
        headers
            .iter()
            .all(|header| !header.rect().intersects(alert))
    );
    let list = window.query_all_by_role(Role::ListBox).next().unwrap();
    assert!(!list.rect().intersects(alert));
}

#[test]
fn a_broken_text_keeps_the_last_filter_with_hits() {
    let mut window = window_with(100);
    type_filter(&mut window, "/tick 5/");
    let before = numbers(&window);
    type_filter(&mut window, " .price");
    window.run_steps(3);
    assert_eq!(numbers(&window), before);
    type_filter(&mut window, " >");
    window.run_steps(3);
    assert_eq!(numbers(&window), before);
    let alert = window.get_by_role(Role::Alert).accesskit_node().label();
    assert!(alert.is_some_and(|it| it.ends_with("In force: /tick 5/")));
}

#[test]
fn a_broken_text_keeps_the_filter_in_sight() {
    let data = |number: u64| match number % 3 {
        0 => "{\"price\":1}".to_owned(),
        _ => format!("{{\"size\":{number}}}"),
    };
    let fixture = Fixture::of_events("trade", |number| number * 10, data);
    let mut window = fixture.harness(1280.0, 800.0);
    let in_force = |window: &Harness<'_, Fixture>, text: &str| {
        let alert = window.get_by_role(Role::Alert).accesskit_node().label();
        let alert = alert.unwrap_or_default();
        assert!(alert.ends_with(&format!("In force: {text}")), "{alert}");
    };
    let ends = [
        (".price", &[" >"][..]),
        (".price", &[">"]),
        ("price", &[" .prise", " >"]),
    ];
    for (begin, ends) in ends {
        type_filter(&mut window, "type:trade");
        let all = rows(&window).len();
        // The text is replaced as a whole.
        press(&mut window, Modifiers::COMMAND, Key::A);
        type_filter(&mut window, begin);
        window.run_steps(3);
        let shown = rows(&window);
        assert!(!shown.is_empty() && shown.len() < all, "{begin}");
        for end in ends {
            type_filter(&mut window, end);
            window.run_steps(3);
        }
        in_force(&window, begin);
        // The sentence takes the room of the first rows.
        let still = rows(&window);
        assert!(
            !still.is_empty() && shown.ends_with(&still),
            "{begin}{ends:?}"
        );
        window.get_by_label("Clear the filter").click();
        window.run_steps(3);
    }
}

#[test]
fn the_beginning_of_an_expression_is_no_filter_in_force() {
    let mut fixture = Fixture::default();
    let kind = Kind::Event {
        event: b"price",
        id: b"1",
        data: br#"{"symbol":"ACME"}"#,
    };
    fixture.push(0, 1, kind);
    let mut window = fixture.harness(1280.0, 800.0);
    for part in [".", "p", "rice >"] {
        type_filter(&mut window, part);
        window.run_steps(3);
    }
    let alert = window.get_by_role(Role::Alert).accesskit_node().label();
    assert!(alert.is_some_and(|it| it.ends_with("All records are shown.")));
}

#[test]
fn escape_empties_the_field_before_it_leaves_it() {
    let mut window = window_with(100);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    type_filter(&mut window, "/tick 9/");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(filter_text(&window), "");
    assert!(
        window.query_by_label("Payload").is_some(),
        "the inspector stays"
    );
    type_filter(&mut window, "x");
    assert_eq!(filter_text(&window), "x");
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(
        window.query_by_label("Payload").is_none(),
        "the keys are the rows' again"
    );
}

#[test]
fn a_slash_leads_to_the_filter_and_is_not_typed() {
    let mut window = window_with(10);
    window.event(Event::Text("/".to_owned()));
    window.run_steps(2);
    window.event(Event::Text("a/b".to_owned()));
    window.run_steps(2);
    assert_eq!(filter_text(&window), "a/b");
    window.event(Event::Text("/".to_owned()));
    window.run_steps(2);
    assert_eq!(filter_text(&window), "a/b/");
}

#[test]
fn the_chosen_row_stays_in_sight_where_it_is_a_hit() {
    let mut window = window_with(10_000);
    for _ in 0..5 {
        press(&mut window, Modifiers::NONE, Key::ArrowUp);
    }
    type_filter(&mut window, "5");
    let has_five = |number: &u64| number.to_string().contains('5');
    assert!(numbers(&window).iter().all(has_five));
    let y = |window: &Harness<'_, Fixture>| {
        let row = window.get_by_label_contains("tick 9995");
        row.rect().center().y
    };
    let before = y(&window);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!((y(&window) - before).abs() < 1.0, "it is where it was");
}

#[test]
fn a_reader_far_from_the_newest_stays_there() {
    let mut window = window_with(10_000);
    press(&mut window, Modifiers::NONE, Key::Home);
    type_filter(&mut window, "/tick 7/");
    assert_eq!(numbers(&window)[..3], [7, 70, 71]);
    window.get_by_label("1,111 hits");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(numbers(&window).contains(&7));
}

#[test]
fn the_view_stays_until_there_is_something_to_show() {
    let mut window = window_with(1_000);
    window.state_mut().searches = false;
    type_filter(&mut window, "/tick 77/");
    assert_eq!(numbers(&window).last(), Some(&999));
    window.state_mut().searches = true;
    window.run_steps(2);
    assert_eq!(numbers(&window).last(), Some(&779));
}

#[test]
fn what_is_new_is_counted_in_hits_and_pause_holds_them() {
    let mut window = window_with(1_000);
    type_filter(&mut window, "/tick 1/");
    let pauses: Vec<_> = window.get_all_by_label("Pause").collect();
    pauses[0].click();
    window.run_steps(2);
    let before = numbers(&window);
    window.state_mut().push_events(1_000..1_500);
    window.state_mut().push_events(2_000..3_000);
    window.run_steps(2);
    assert_eq!(numbers(&window), before);
    window.get_by_label("500 new").click();
    window.run_steps(2);
    assert_eq!(numbers(&window).last(), Some(&1_499));
}

#[test]
fn a_filter_goes_on_when_everything_is_let_go() {
    let mut window = window_with(1_000);
    type_filter(&mut window, "/tick 7/");
    let store = window.state().panes[0].feed.as_ref().unwrap().store.clone();
    store.clear();
    window.step();
    assert!(numbers(&window).is_empty());
    window.state_mut().push_events(1_000..1_800);
    window.run_steps(2);
    window.get_by_label("0 hits");
    window.state_mut().push_events(7_000..7_002);
    window.run_steps(2);
    assert_eq!(numbers(&window), [7_000, 7_001]);
}

#[test]
fn two_views_of_a_feed_have_filters_of_their_own() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..1_000);
    fixture.open_second_view();
    assert_eq!(fixture.panes[2].feed.as_ref().unwrap().id, EVENTS);
    let mut window = fixture.harness(1280.0, 800.0);
    type_filter(&mut window, "/tick 77/");
    let numbers = numbers(&window);
    assert!(numbers.contains(&777) && numbers.contains(&998));
    window.get_by_label("11 hits");
}

#[test]
fn hits_below_lead_to_their_neighbors() {
    let mut window = window_with(10_000);
    type_filter(&mut window, "/tick 77/");
    window
        .get_by_label("Hits below the rows, in a list of their own")
        .click();
    window.run_steps(3);
    let all = numbers(&window);
    assert!(all.contains(&9_999) && all.contains(&7_799), "{all:?}");
    window.get_by_label_contains("tick 7795").click();
    window.run_steps(3);
    assert_eq!(
        window.get_by_label("Payload").value().unwrap_or_default(),
        "tick 7795"
    );
    let neighbors = numbers(&window);
    assert!(
        neighbors.contains(&7_800) && neighbors.contains(&7_790),
        "{neighbors:?}"
    );
    assert_eq!(
        neighbors.iter().filter(|&&number| number == 7_795).count(),
        2
    );
    // The keys go to the list that was clicked.
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(
        window.get_by_label("Payload").value().unwrap_or_default(),
        "tick 7793"
    );
    window.get_by_label("Hits in place of the rows").click();
    window.run_steps(3);
    assert!(
        numbers(&window)
            .iter()
            .all(|number| number.to_string().starts_with("77"))
    );
}

#[test]
fn hits_take_the_place_of_the_rows_where_there_is_no_room_for_two_lists() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..1_000);
    let mut window = fixture.harness(640.0, 480.0);
    type_filter(&mut window, "/tick 77/");
    window
        .get_by_label("Hits below the rows, in a list of their own")
        .click();
    window.run_steps(3);
    window.get_by_label("Hits in place of the rows");
    assert!(numbers(&window).contains(&999));
    // The inspector takes half of the room, and the find bar takes some more.
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::COMMAND, Key::F);
    assert!(window.query_by_label("Hits in place of the rows").is_none());
    let hits = numbers(&window);
    assert!(!hits.is_empty());
    assert!(
        hits.iter().all(|hit| hit.to_string().starts_with("77")),
        "{hits:?}"
    );
}

#[test]
fn values_are_offered_and_become_part_of_the_filter() {
    let mut fixture = Fixture::default();
    for number in 0..40_u64 {
        let symbol = if number % 4 == 0 { "ACME" } else { "HOOLI" };
        let data = format!(r#"{{"symbol":"{symbol}","n":{number}}}"#);
        let event: &[u8] = if number < 30 { b"price" } else { b"halt" };
        let kind = Kind::Event {
            event,
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, number, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    let open = |window: &mut Harness<'_, Fixture>| {
        let buttons: Vec<_> = window.get_all_by_label("Values to filter by").collect();
        buttons[0].click();
        window.run_steps(4);
    };
    open(&mut window);
    window.get_by_label_contains("halt 10").click();
    window.run_steps(3);
    assert_eq!(filter_text(&window), "type:halt");
    window.get_by_label("10 hits");
    open(&mut window);
    window.get_by_label_contains(".symbol 40").click();
    window.run_steps(4);
    window.get_by_label_contains("\"ACME\" 10").click();
    window.run_steps(4);
    assert_eq!(filter_text(&window), "type:halt .symbol == \"ACME\"");
    window.get_by_label("2 hits");
}

#[test]
fn a_click_on_the_strip_goes_to_what_is_marked_there() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..40_000);
    let lost = StateChange {
        state: ConnectionState::Reconnecting,
        attempt: Some(1),
        reconnects: Some(1),
        delay_ms: Some(3_000),
        status: None,
        reason: Some("connection reset by peer".to_owned()),
    };
    fixture.push(0, 4_000, Kind::State(lost));
    fixture.push_events(40_000..120_000);
    let mut window = fixture.harness(1280.0, 800.0);
    let strips: Vec<_> = window
        .get_all_by_role_and_label(Role::ScrollBar, "Timeline position")
        .collect();
    let track = strips[0].rect();
    // The thumb is 24 points long. Its middle is at the mark when the row is in the middle of the view. Two points
    // beside it are about 700 rows.
    let y = track.top() + 12.0 + (track.height() - 24.0) / 3.0 + 2.0;
    let at = egui::pos2(track.center().x, y);
    window.hover_at(at);
    window.step();
    for pressed in [true, false] {
        window.event(Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
    }
    window.run_steps(2);
    eprintln!("{:?} {:?}", rows(&window), track);
    let middle = rows(&window).len() / 2;
    let place = rows(&window)
        .iter()
        .position(|row| row.contains("connection reset by peer"));
    assert!(
        place.is_some_and(|place| place.abs_diff(middle) <= 2),
        "{place:?}"
    );
}

#[test]
fn everything_has_its_place_in_a_narrow_pane() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..1_000);
    let mut window = fixture.harness(640.0, 480.0);
    type_filter(&mut window, "/tick 77/");
    window.get_by_role_and_label(Role::Status, "11 hits");
    press(&mut window, Modifiers::COMMAND, Key::F);
    window.get_by_role_and_label(Role::TextInput, "Find");
    assert!(!numbers(&window).is_empty());
}

#[test]
fn what_the_network_brings_is_filtered_as_it_comes() {
    let mut window = super::whole::demo(feedscope::app::KeptSettings::default());
    let hits = |window: &Whole| -> Vec<String> {
        window
            .query_all_by_role(Role::ListBoxOption)
            .filter_map(|node| node.accesskit_node().label())
            .filter(|label| label.contains("received price "))
            .collect()
    };
    until(&mut window, "ticks", |window| !hits(window).is_empty());
    let field = window
        .get_all_by_role_and_label(Role::TextInput, "Filter")
        .next();
    field.unwrap().focus();
    window.step();
    let field = window
        .get_all_by_role_and_label(Role::TextInput, "Filter")
        .next();
    field.unwrap().type_text("ACME");
    let are_all = |window: &Whole, least: usize| {
        let hits = hits(window);
        hits.len() >= least && hits.iter().all(|hit| hit.contains("ACME"))
    };
    until(&mut window, "a hit", |window| are_all(window, 1));
    let so_far = hits(&window).len();
    until(&mut window, "further hits", |window| {
        are_all(window, so_far + 2)
    });
}
