//! Order of Tab: it follows the reading order through the whole window, and Shift Tab goes the same way back.
//!
//! `UPDATE_TREES=1` writes the list of the demo's stops anew.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;

use super::fixture::{Fixture, is_focused};
use super::trees::compare;

/// Part of the window that has the focus.
#[derive(Clone, Debug, PartialEq)]
struct Stop {
    role: Role,
    name: String,
    area: Rect,
}

fn focused(window: &Harness<'_, Fixture>) -> Option<Stop> {
    let node = window.query_all_by(is_focused).last()?;
    // The node of a list passes its focus on to the selected row.
    let item = node.accesskit_node();
    let list = (item.role() == Role::ListBoxOption)
        .then(|| window.query_all_by_role(Role::ListBox))
        .and_then(|mut lists| lists.find(|list| list.rect().contains_rect(node.rect())));
    let node = list.unwrap_or(node);
    let item = node.accesskit_node();
    Some(Stop {
        role: item.role(),
        name: item.label().unwrap_or_default(),
        area: node.rect(),
    })
}

/// Walks until the first stop is reached again, and returns all stops.
fn walk(window: &mut Harness<'_, Fixture>, modifiers: Modifiers) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    loop {
        window.key_press_modifiers(modifiers, Key::Tab);
        window.run_steps(3);
        let stop = focused(window).expect("each step leads to a part with a name");
        assert!(!stop.name.is_empty(), "{stop:?} after {:?}", stops.last());
        let is_field = matches!(stop.role, Role::TextInput | Role::MultilineTextInput);
        assert!(is_field || has_ring(window, &stop), "{stop:?} has no ring");
        if stops.first().is_some_and(|first| *first == stop) {
            return stops;
        }
        assert!(stops.len() < 200, "the walk does not end: {stop:?}");
        stops.push(stop);
    }
}

/// Returns true if the last pass has painted a ring around a stop. The items of a tree have it in common.
fn has_ring(window: &Harness<'_, Fixture>, stop: &Stop) -> bool {
    let area = stop.area;
    let mut shapes = window.output().shapes.iter();
    shapes.any(|clipped| match &clipped.shape {
        Shape::Rect(shape) => {
            // The part below an edge of its pane has no ring.
            let is_around = shape.rect.intersects(area);
            let is_close =
                stop.role == Role::TreeItem || area.expand(4.0).contains_rect(shape.rect);
            let is_wide = shape.rect.width() + 5.0 >= area.width();
            shape.stroke.width >= 2.0 && is_around && is_close && is_wide
        }
        _ => false,
    })
}

/// Checks that each step goes to the right or down.
fn check_reading_order(stops: &[Stop]) {
    // The edges between panes come last, because they belong to no pane.
    let stops: Vec<&Stop> = stops
        .iter()
        .filter(|stop| stop.role != Role::Splitter)
        .collect();
    for step in stops.windows(2) {
        let (from, to) = (step[0].area, step[1].area);
        let is_below = to.center().y > from.center().y + 6.0;
        let is_right = to.left() > from.left();
        // A row that was below the edge of its list is scrolled up to the place of the row before.
        let is_scrolled = to.x_range() == from.x_range() && to.top() >= from.top();
        assert!(is_below || is_right || is_scrolled, "{step:#?}");
    }
}

fn exchange() -> Fixture {
    let mut fixture = Fixture::default();
    for number in 0..60_u64 {
        let symbol = ["ACME", "ACNE"][number as usize % 2];
        let data = format!("{{\"symbol\":\"{symbol}\",\"price\":{}}}", 100 + number);
        let kind = Kind::Event {
            event: b"tick",
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, 190_000 + number * 1_000, kind);
    }
    fixture
}

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn run_command(window: &mut Harness<'_, Fixture>, letters: &str) {
    press(window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    let field = window.get_by_role_and_label(Role::TextInput, "Command");
    field.type_text(letters);
    window.run_steps(2);
    press(window, Modifiers::NONE, Key::Enter);
    window.run_steps(4);
}

#[test]
fn tab_walks_through_the_whole_demo_and_back() {
    let mut fixture = exchange();
    fixture.demo.tour_dismissed = false;
    let mut window = fixture.harness(1280.0, 800.0);
    let stops = walk(&mut window, Modifiers::NONE);
    check_reading_order(&stops);
    let lines = stops
        .iter()
        .map(|stop| format!("{:?} {:?}\n", stop.role, stop.name));
    compare(&lines.collect::<String>(), "tab_order");
    // The focus is on the first stop again, so that the way back begins with the last one.
    let mut back = walk(&mut window, Modifiers::SHIFT);
    back.reverse();
    assert_eq!(back, stops);
}

#[test]
fn tab_follows_the_reading_order_through_every_part_of_a_pane() {
    for (size, commands, stop) in [
        ([1280.0, 800.0], &["find"][..], "Next match"),
        ([1280.0, 800.0], &["go to a row"], "Close the bar"),
        ([1280.0, 800.0], &["plot"], "Copy CSV"),
        ([1280.0, 800.0], &["latest"], "Latest"),
        ([1280.0, 800.0], &["measures"], "Measures"),
        ([1280.0, 800.0], &["marks and colors"], "Close this part"),
        ([640.0, 480.0], &["find"], "Next match"),
        ([640.0, 480.0], &["measures"], "Measures"),
    ] {
        let mut fixture = exchange();
        fixture.panes.truncate(1);
        let mut window = fixture.harness(size[0], size[1]);
        press(&mut window, Modifiers::NONE, Key::ArrowUp);
        for letters in commands {
            run_command(&mut window, letters);
        }
        // A field that a command opened has the focus, and the walk begins at the start of the window.
        press(&mut window, Modifiers::NONE, Key::F1);
        press(&mut window, Modifiers::NONE, Key::Escape);
        let mut stops = walk(&mut window, Modifiers::NONE);
        let has_stop = stops.iter().any(|it| it.name.starts_with(stop));
        assert!(has_stop, "{commands:?}: {stops:#?}");
        let corner = |stop: &Stop| stop.area.top() * 100.0 + stop.area.left();
        let first = (0..stops.len())
            .min_by(|&a, &b| corner(&stops[a]).total_cmp(&corner(&stops[b])))
            .unwrap();
        stops.rotate_left(first);
        check_reading_order(&stops);
    }
}
