//! Tests of the layout: nothing overlaps and nothing is cut off at any usual size and scale.

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Event, Key, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::connection::Advice;
use feedscope_core::feed::{FeedStatus, Outgoing, QueuedMessage};
use feedscope_core::{ConnectionState, Direction, Kind};
use feedscope_ui::ActiveFault;

use super::fixture::{Fixture, NOW};
use super::plot;

/// Usual sizes of windows, and the smallest one.
const SIZES: [(f32, f32); 6] = [
    (640.0, 480.0),
    (480.0, 360.0),
    (700.0, 900.0),
    (900.0, 600.0),
    (1280.0, 800.0),
    (2560.0, 1400.0),
];

/// Creates panes in the states that take the most room.
fn crowded() -> Fixture {
    let mut fixture = Fixture::default();
    fixture.push_events(0..500);
    for number in 0..40 {
        let data = format!(
            "{{\"type\":\"message\",\"number\":{number},\"text\":\"{}\"}}",
            "long ".repeat(40)
        );
        fixture.push(
            1,
            number,
            Kind::Text {
                direction: Direction::Out,
                data: data.as_bytes(),
                failed: None,
                wire: None,
            },
        );
    }
    let queue = vec![QueuedMessage {
        number: 1,
        message: Arc::new(Outgoing::Text("waits".to_owned())),
    }];
    let retry_at = Some(NOW + Duration::from_secs(29));
    let state = ConnectionState::Reconnecting;
    fixture.set_status(
        1,
        FeedStatus {
            state,
            attempt: 12,
            retry_at,
            queue: queue.into(),
            ..FeedStatus::default()
        },
    );
    let reason = Some(
        "the server sent text/html; charset=utf-8, not text/event-stream: the page begins with <!doctype html>",
    );
    let failed = FeedStatus {
        state: ConnectionState::Failed,
        reason: reason.map(str::to_owned),
        advice: Some(Advice::CheckPath),
        ..FeedStatus::default()
    };
    fixture.set_status(0, failed);
    fixture
}

/// Returns the widgets for input, with their names.
fn controls(window: &egui_kittest::Harness<'_, Fixture>) -> Vec<(String, Rect)> {
    const ROLES: [Role; 7] = [
        Role::Button,
        Role::CheckBox,
        Role::TextInput,
        Role::MultilineTextInput,
        Role::Status,
        Role::Alert,
        Role::Tab,
    ];
    window
        .query_all_by(|node| ROLES.contains(&node.role()))
        .map(|node| {
            (
                node.accesskit_node().label().unwrap_or_default(),
                node.rect(),
            )
        })
        .collect()
}

#[test]
fn controls_never_overlap_and_stay_inside() {
    for (width, height) in SIZES {
        for scale in [1.0, 2.0] {
            let mut window = crowded().harness_at(width, height, scale);
            for pane in ["/events", "/chat"] {
                // If the panes are tabs, each tab is checked.
                if let Some(tab) = window.query_by_role_and_label(Role::Tab, pane) {
                    tab.click();
                    window.run_steps(2);
                }
                check(&window, egui::vec2(width, height), pane);
            }
        }
    }
}

/// Asserts that no widget leaves the window, overlaps another one or is too small to hit.
fn check(window: &egui_kittest::Harness<'_, Fixture>, size: egui::Vec2, what: &str) {
    let inside = Rect::from_min_size(egui::Pos2::ZERO, size).expand(0.5);
    let found = controls(window);
    for (i, (name, rect)) in found.iter().enumerate() {
        assert!(
            inside.contains_rect(*rect) && rect.width() >= 8.0 && rect.height() >= 8.0,
            "{name} is at {rect:?} in {size:?}, {what}"
        );
        for (other, other_rect) in &found[i + 1..] {
            let shared = rect.intersect(*other_rect);
            assert!(
                shared.width() <= 0.5 || shared.height() <= 0.5,
                "{name} {rect:?} overlaps {other} {other_rect:?} in {size:?}, {what}"
            );
        }
    }
}

#[test]
fn the_demo_panel_has_room_beside_the_panes_or_takes_their_place() {
    let active = |name: &str, feed: Option<&str>| ActiveFault {
        name: name.to_owned(),
        feed: feed.map(str::to_owned),
    };
    for (width, height) in SIZES {
        for faults in [0, 1, 3] {
            let mut fixture = crowded();
            fixture.demo.active = [
                active("cut", Some("/flood (WebSocket)")),
                active("repeat-ids", None),
                active("status-503", Some("/events")),
            ][..faults]
                .to_vec();
            fixture.demo.refusing_for = Some(Duration::from_secs(9));
            let mut window = fixture.harness(width, height);
            window.get_by_label("Tour").click();
            window.run_steps(2);
            for page in ["Try this", "SSE against WebSocket", "Faults", "Clients"] {
                window.get_by_role_and_label(Role::Tab, page).click();
                window.run_steps(2);
                let what = format!("{page} with {faults} faults");
                check(&window, egui::vec2(width, height), &what);
            }
        }
    }
}

#[test]
fn a_narrow_window_stacks_and_a_low_one_has_tabs() {
    let pills = |width, height| {
        let window = Fixture::default().harness(width, height);
        let rects: Vec<Rect> = window
            .query_all_by_role(Role::Status)
            .map(|node| node.rect())
            .collect();
        rects
    };
    let wide = pills(1280.0, 800.0);
    assert_eq!(wide.len(), 2);
    assert!(wide[0].top().total_cmp(&wide[1].top()).is_eq() && wide[0].left() < wide[1].left());
    let narrow = pills(800.0, 800.0);
    assert_eq!(narrow.len(), 2);
    assert!(
        narrow[0].left().total_cmp(&narrow[1].left()).is_eq() && narrow[0].top() < narrow[1].top()
    );
    assert_eq!(pills(640.0, 480.0).len(), 1);
}

#[test]
fn a_countdown_moves_nothing() {
    let url_field = |left_ms| {
        let mut fixture = Fixture::default();
        let retry_at = Some(NOW + Duration::from_millis(left_ms));
        let state = ConnectionState::Reconnecting;
        fixture.set_status(
            0,
            FeedStatus {
                state,
                attempt: 1,
                retry_at,
                ..FeedStatus::default()
            },
        );
        let window = fixture.harness(1280.0, 800.0);
        window
            .get_all_by_role_and_label(Role::TextInput, "URL")
            .next()
            .map(|node| node.rect())
    };
    assert_eq!(url_field(1_111), url_field(2_848));
}

#[test]
fn a_window_made_smaller_keeps_its_panes_and_lets_the_demo_panel_go() {
    let mut fixture = Fixture::default();
    fixture.demo.tour_dismissed = false;
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label("Try this");
    window.set_size(egui::vec2(640.0, 480.0));
    window.run_steps(3);
    assert!(window.query_by_label("Try this").is_none());
    assert_eq!(window.query_all_by_role(Role::Status).count(), 1);
    // On request, the panel opens even if it covers the panes.
    window.get_by_label("Tour").click_accesskit();
    window.run_steps(3);
    window.get_by_label("Try this");
}

#[test]
fn narrow_panes_fold_what_has_no_room() {
    for count in [3, 4, 5] {
        let mut fixture = crowded();
        for (id, of) in [(2, 1), (3, 0), (4, 1)].into_iter().take(count - 2) {
            let feed = fixture.panes[of].feed.clone();
            let id = feedscope_ui::PaneId(id);
            fixture.panes.push(feedscope_ui::PaneScene { id, feed });
        }
        // New panes without a placement form a row.
        let size = egui::vec2(1280.0, 800.0);
        let window = fixture.harness(size.x, size.y);
        assert_eq!(window.query_all_by_role(Role::Status).count(), count);
        check(&window, size, &format!("{count} panes"));
    }
}

/// Returns the texts that the last pass has painted.
fn painted(window: &egui_kittest::Harness<'_, Fixture>) -> Vec<String> {
    let shapes = window.output().shapes.iter();
    let texts = shapes.filter_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) => Some(text.galley.text().to_owned()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn six_narrow_tabs_are_told_apart_and_the_jump_bar_has_a_short_form() {
    let mut fixture = Fixture::default();
    for _ in 0..4 {
        fixture.open_second_view();
    }
    let mut window = fixture.harness(640.0, 480.0);
    window.run_steps(2);
    let tabs: Vec<String> = window
        .query_all_by_role(egui::accesskit::Role::Tab)
        .filter_map(|tab| tab.accesskit_node().label())
        .collect();
    assert!(tabs.len() >= 6, "{tabs:?}");
    // The tabs of the same feed have the numbers of their panes.
    let texts = painted(&window);
    for name in ["1 events", "2 chat", "3 events", "6 events"] {
        assert!(texts.iter().any(|text| text == name), "{texts:?}");
    }
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::G);
    window.run_steps(3);
    window.event(egui::Event::Text("zzz".to_owned()));
    window.run_steps(3);
    let texts = painted(&window);
    let is_whole = |text: &String| text.starts_with("Type a row number") && !text.contains('…');
    assert!(texts.iter().any(is_whole), "{texts:?}");
}

#[test]
fn records_and_losses_are_the_last_figures_to_give_way() {
    for width in [640.0, 420.0, 330.0] {
        let mut fixture = Fixture::default();
        fixture.panes.truncate(1);
        fixture.push_events(0..1_500);
        fixture.set_status(
            0,
            feedscope_core::feed::FeedStatus {
                state: feedscope_core::ConnectionState::Open,
                missed: Some(7),
                ..feedscope_core::feed::FeedStatus::default()
            },
        );
        let window = fixture.harness(width, 480.0);
        assert!(window.query_by_label("7 missed").is_some(), "{width}");
        let records = window.query_by_label_contains("all records: 1,500");
        assert!(records.is_some(), "{width}");
        let uptime = window.query_by_label_contains("time since the opening: ");
        assert_eq!(uptime.is_some(), width > 600.0, "{width}");
    }
}

#[test]
fn a_message_covers_no_button_of_the_bar() {
    for (width, height) in SIZES {
        let mut fixture = crowded();
        fixture.push_events(500..2_000);
        let mut window = fixture.harness(width, height);
        window.run_steps(2);
        window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Num1);
        window.run_steps(2);
        window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::W);
        window.run_steps(3);
        let message = window.get_by_label_contains("Pane closed, with ").rect();
        let inside = Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
        assert!(inside.contains_rect(message), "{message:?}");
        let buttons = window.query_all_by_role(Role::Button);
        let mut count = 0;
        for button in buttons {
            let name = button.accesskit_node().label().unwrap_or_default();
            // The field for connections gives way to a long message in a narrow window.
            let gives_way = name.starts_with("Open a saved") && width < 1_280.0;
            if name == "Restore" || gives_way || button.rect().top() > 40.0 {
                continue;
            }
            let shared = message.intersect(button.rect());
            let is_covered = shared.width() > 0.5 && shared.height() > 0.5;
            assert!(!is_covered, "{name} in {width} × {height}");
            count += 1;
        }
        assert!(count >= 5, "{count}");
    }
}

#[test]
fn plot_and_inspector_leave_six_rows_or_three_in_a_low_pane() {
    for size in [[1280.0, 800.0], [1280.0, 600.0], [640.0, 480.0]] {
        let mut window = plot::exchange();
        window.set_size(size.into());
        window.run_steps(3);
        let count = |window: &Harness<'_, Fixture>| {
            let list = window
                .get_by_role_and_label(Role::ListBox, "Records")
                .rect();
            let rows = window.query_all_by_role(Role::ListBoxOption);
            rows.filter(|row| list.contains(row.rect().center()))
                .count()
        };
        let is_open = |window: &Harness<'_, Fixture>, part: &str| {
            window.query_all_by_label(part).next().is_some()
        };
        window.key_press(Key::ArrowUp);
        window.run_steps(4);
        assert!(is_open(&window, "JSON") && count(&window) >= 3, "{size:?}");
        window.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::P);
        window.run_steps(3);
        window.event(Event::Text("plot".to_owned()));
        window.run_steps(2);
        window.key_press(Key::Enter);
        window.run_steps(6);
        assert!(
            is_open(&window, "Copy CSV") || is_open(&window, "Table"),
            "{size:?}"
        );
        assert!(count(&window) >= 3, "{size:?}: {}", count(&window));
        assert_eq!(is_open(&window, "JSON"), size[1] > 500.0, "{size:?}");
        // Enter asks for the inspector, which takes the place of the plot where there is no room for both.
        window.key_press(Key::Enter);
        window.run_steps(6);
        let least = if size[1] > 700.0 { 6 } else { 3 };
        assert!(
            is_open(&window, "JSON") && count(&window) >= least,
            "{size:?}: {}",
            count(&window)
        );
        assert_eq!(is_open(&window, "Table"), size[1] > 500.0, "{size:?}");
        // A sentence says what has lost its room.
        let sentence = "No room for the plot beside the inspector.";
        let says_it = window.query_by_label_contains(sentence).is_some();
        assert_eq!(says_it, size[1] < 500.0, "{size:?}");
        // The line about several rows takes none of them in a high pane.
        window.key_press_modifiers(egui::Modifiers::SHIFT, Key::ArrowUp);
        window.run_steps(6);
        assert!(count(&window) >= least, "{size:?}: {}", count(&window));
    }
}

#[test]
fn the_part_below_the_rows_that_was_opened_last_gets_the_room_and_a_notice_names_the_other() {
    let mut window = plot::exchange();
    window.set_size(egui::vec2(640.0, 480.0));
    window.run_steps(3);
    let command = |window: &mut Harness<'_, Fixture>, letters: &str| {
        window.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::P);
        window.run_steps(3);
        window.event(Event::Text(letters.to_owned()));
        window.run_steps(2);
        window.key_press(Key::Enter);
        window.run_steps(6);
    };
    let has_plot = |window: &Harness<'_, Fixture>| window.query_by_label("Table").is_some();
    let says = |window: &Harness<'_, Fixture>, lost: &str, opened: &str| {
        let sentence = format!("No room for {lost} beside {opened}.");
        window.query_by_label_contains(&sentence).is_some()
    };
    for (letters, name) in [
        ("latest by", "Latest"),
        ("measures", "Measures"),
        ("marks and", "Marks"),
    ] {
        let has_side =
            |window: &Harness<'_, Fixture>| window.query_by_label("Close this part").is_some();
        command(&mut window, letters);
        assert!(has_side(&window) && !has_plot(&window), "{name}");
        command(&mut window, "plot");
        assert!(has_plot(&window) && !has_side(&window), "{name}");
        assert!(says(&window, name, "the plot"), "{name}");
        // The command of a part without room gives it the room again, and does not close it.
        command(&mut window, letters);
        assert!(has_side(&window) && !has_plot(&window), "{name}");
        assert!(says(&window, "the plot", name), "{name}");
        command(&mut window, "plot");
        assert!(has_plot(&window) && !has_side(&window), "{name}");
        window.get_by_label("Close the plot").click();
        window.run_steps(6);
        assert!(has_side(&window) && !has_plot(&window), "{name} returns");
        command(&mut window, letters);
        assert!(!has_side(&window) && !has_plot(&window), "{name}");
    }
}
