//! Several selected rows: by Shift, Ctrl, a drag and the keyboard; their line, copies of them, and differences.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fixture::Fixture;
use super::hand;

fn window() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..100);
    let mut window = fixture.harness(800.0, 800.0);
    window.run_steps(2);
    window
}

fn rows(window: &Harness<'_, Fixture>) -> Vec<(Pos2, String, bool)> {
    let items = window.query_all_by_role(Role::ListBoxOption);
    let row = |node: egui_kittest::Node<'_>| {
        let item = node.accesskit_node();
        let is_selected = item.is_selected() == Some(true);
        Some((node.rect().center(), item.label()?, is_selected))
    };
    items.filter_map(row).collect()
}

/// Returns the numbers of the selected ticks in sight.
fn selected(window: &Harness<'_, Fixture>) -> Vec<u64> {
    let rows = rows(window).into_iter().filter(|row| row.2);
    rows.map(|row| row.1.split_once("tick ").unwrap().1.parse().unwrap())
        .collect()
}

/// Returns the position of the row of a tick.
fn at(window: &Harness<'_, Fixture>, tick: u64) -> Pos2 {
    let suffix = format!("tick {tick}");
    let mut rows = rows(window).into_iter();
    rows.find(|row| row.1.ends_with(&suffix)).unwrap().0
}

fn click(window: &mut Harness<'_, Fixture>, tick: u64, modifiers: Modifiers) {
    let pos = at(window, tick);
    window.hover_at(pos);
    window.step();
    for pressed in [true, false] {
        window.event(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers,
        });
        window.run_steps(3);
    }
}

fn line(window: &Harness<'_, Fixture>) -> Option<String> {
    let line = window.query_by_label_contains(" rows · ")?;
    line.accesskit_node().label()
}

#[test]
fn shift_and_ctrl_select_several_rows() {
    let mut window = window();
    click(&mut window, 84, Modifiers::NONE);
    assert_eq!(line(&window), None);
    click(&mut window, 86, Modifiers::SHIFT);
    assert_eq!(selected(&window), [84, 85, 86]);
    // Each tick has seven bytes.
    assert!(
        line(&window).unwrap().starts_with("3 rows · "),
        "{:?}",
        line(&window)
    );
    assert!(
        line(&window).unwrap().ends_with(" · 21 B"),
        "{:?}",
        line(&window)
    );
    click(&mut window, 88, Modifiers::COMMAND);
    assert_eq!(selected(&window), [84, 85, 86, 88]);
    click(&mut window, 85, Modifiers::COMMAND);
    assert_eq!(selected(&window), [84, 86, 88]);
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert_eq!(selected(&window), [0; 0]);
    assert_eq!(line(&window), None);
}

#[test]
fn a_drag_selects_rows_and_scrolls_beyond_the_edge() {
    let mut window = window();
    let (from, to) = (at(&window, 97), at(&window, 93));
    hand::drag(&mut window, from, to);
    assert_eq!(selected(&window), [93, 94, 95, 96, 97]);
    window.key_press(Key::Escape);
    window.run_steps(3);
    // The pointer stays above the list.
    let from = at(&window, 97);
    window.hover_at(from);
    window.step();
    window.event(hand::button(from, PointerButton::Primary, true));
    window.run_steps(2);
    window.hover_at(egui::pos2(from.x, 5.0));
    window.run_steps(20);
    window.event(hand::button(
        egui::pos2(from.x, 5.0),
        PointerButton::Primary,
        false,
    ));
    window.run_steps(3);
    let count: u64 = line(&window)
        .unwrap()
        .split_once(' ')
        .unwrap()
        .0
        .parse()
        .unwrap();
    assert!(count > 30, "{count}");
}

#[test]
fn keys_select_several_rows_and_copy_them() {
    let mut window = window();
    click(&mut window, 96, Modifiers::NONE);
    for _ in 0..2 {
        window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
        window.run_steps(3);
    }
    assert_eq!(selected(&window), [96, 97, 98]);
    window.event(Event::Copy);
    window.run_steps(3);
    let copied = window.state().copied.last().unwrap().clone();
    let lines: Vec<Vec<&str>> = copied
        .lines()
        .map(|line| line.split('\t').skip(1).collect())
        .collect();
    let expected: Vec<Vec<String>> = (96..=98)
        .map(|n| {
            [
                "in".to_owned(),
                "price".to_owned(),
                n.to_string(),
                format!("tick {n}"),
            ]
            .to_vec()
        })
        .collect();
    assert_eq!(lines, expected);
    window.get_by_label("JSON lines").click();
    window.run_steps(3);
    let copied = window.state().copied.last().unwrap().clone();
    assert_eq!(copied.lines().count(), 3);
    assert!(copied.lines().all(|line| line.starts_with("{\"at\":\"")));
    window.get_by_label("Payloads").click();
    window.run_steps(3);
    let copied = window.state().copied.last().unwrap().clone();
    assert_eq!(copied, "tick 96\ntick 97\ntick 98");
    // All rows, also those out of sight.
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(3);
    assert!(line(&window).unwrap().starts_with("100 rows · "));
}

#[test]
fn the_difference_of_two_rows_is_shown() {
    let mut window = window();
    click(&mut window, 83, Modifiers::NONE);
    click(&mut window, 87, Modifiers::COMMAND);
    window.get_by_label("Difference").click();
    window.run_steps(4);
    // The inspector compares with the first of them, not with the record before.
    window.get_by_label_contains("earlier · id 83");
    window.get_by_role_and_label(Role::Tab, "Diff of two rows");
    // The record of one row is compared with the previous one again.
    click(&mut window, 86, Modifiers::NONE);
    window.run_steps(3);
    window.get_by_role_and_label(Role::Tab, "Diff with previous");
}

#[test]
fn the_line_of_a_narrow_pane_keeps_its_text_and_the_most_useful_buttons() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..100);
    let mut window = fixture.harness(640.0, 800.0);
    window.run_steps(4);
    click(&mut window, 97, Modifiers::NONE);
    click(&mut window, 99, Modifiers::COMMAND);
    let text = line(&window).unwrap();
    let node = window.get_by_label(&text);
    // A character takes at least 5.5 points on average.
    assert!(node.rect().width() >= 5.5 * text.len() as f32, "{text}");
    window.get_by_label("Difference");
    // The inspector has a button of this name, too.
    assert_eq!(window.query_all_by_label("Copy").count(), 2);
    assert!(window.query_by_label("JSON lines").is_none());
}

#[test]
fn a_low_list_beside_the_inspector_has_the_line_too() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..100);
    let mut window = fixture.harness(640.0, 400.0);
    window.run_steps(4);
    let last = rows(&window).pop().unwrap().1;
    let last = last.rsplit(' ').next().unwrap().parse().unwrap();
    click(&mut window, last, Modifiers::NONE);
    assert!(rows(&window).len() <= 4, "the list is low");
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    window.run_steps(3);
    let text = line(&window).unwrap();
    assert!(text.starts_with("2 rows"), "{text}");
    assert_eq!(selected(&window).len(), 2);
}

#[test]
fn a_list_that_is_not_full_goes_on_to_follow_after_the_selection() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..4);
    let mut window = fixture.harness(800.0, 600.0);
    window.run_steps(4);
    click(&mut window, 3, Modifiers::NONE);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(3);
    window.get_by_label("End the selection (Esc)").click();
    window.run_steps(3);
    assert_eq!(selected(&window), [0_u64; 0]);
    window.state_mut().push_events(4..100);
    window.run_steps(3);
    assert!(rows(&window).last().unwrap().1.ends_with("tick 99"));
}

#[test]
fn a_range_is_selected_by_a_quick_hand() {
    let mut window = window();
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    // Shift is pressed and released within one pass.
    let key = |key, pressed, modifiers| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    };
    for pressed in [true, false] {
        window.event(key(Key::ArrowUp, pressed, Modifiers::SHIFT));
    }
    window.run_steps(3);
    assert_eq!(selected(&window), [98, 99]);
}
