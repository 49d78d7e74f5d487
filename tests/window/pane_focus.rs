//! Keyboard focus in the panes: at questions and after them, after closed panes, presses of the mouse and Escape.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use feedscope_ui::{
    Command, ConnectionForm, PaneCommand, RecordingStage, SavedCommand, SavedConnectionScene,
};

use super::fixture::{Fixture, LEFT, RIGHT};
use super::hand;
use super::keyboard::{press, window};
use super::menu_keys::{click, click_last, focus, focused_name, type_blindly, write};
use super::recordings;

const NONE: Modifiers = Modifiers::NONE;

/// Returns true if the last pass has painted a ring around this area.
fn has_ring(window: &Harness<'_, Fixture>, area: Rect) -> bool {
    let mut shapes = window.output().shapes.iter();
    shapes.any(|clipped| match &clipped.shape {
        Shape::Rect(shape) => {
            let is_around = (shape.rect.center() - area.center()).length() < 2.0;
            shape.stroke.width >= 2.0 && is_around && shape.rect.width() + 5.0 >= area.width()
        }
        _ => false,
    })
}

/// Checks that a question has put the focus on this answer, where the user sees it.
fn check_question(window: &Harness<'_, Fixture>, answer: &str) {
    assert_eq!(focused_name(window), answer);
    let area = window.get_by_role_and_label(Role::Button, answer).rect();
    assert!(has_ring(window, area), "{answer} has no ring");
}

/// Checks that the window has closed the left pane and that the message gets the next text.
fn check_message_after_closed(window: &mut Harness<'_, Fixture>) {
    let closed = [Command::Pane(PaneCommand::Close(LEFT))];
    assert_eq!(window.state().commands, closed);
    window.state_mut().panes.remove(0);
    window.run_steps(4);
    type_blindly(window, "x");
    assert_eq!(focus(window), Some(message("one xtwo")));
}

fn close_by_menu(window: &mut Harness<'_, Fixture>, is_left: bool) {
    if is_left {
        click(window, "More");
    } else {
        click_last(window, "More");
    }
    click(window, "Close the pane Ctrl W");
}

/// Way in which the user leaves a question.
#[derive(Clone, Copy, Debug)]
enum Leaving {
    Mouse,
    Enter,
    Escape,
}

fn leave(window: &mut Harness<'_, Fixture>, answer: &str, leaving: Leaving) {
    match leaving {
        Leaving::Mouse => click(window, answer),
        Leaving::Enter => press(window, NONE, Key::Enter),
        Leaving::Escape => press(window, NONE, Key::Escape),
    }
    window.run_steps(3);
    assert!(window.query_by_label(answer).is_none(), "{leaving:?}");
}

fn message(text: &str) -> (String, String) {
    ("Message".to_owned(), text.to_owned())
}

#[test]
fn a_question_about_a_pane_returns_the_focus_to_the_message() {
    for leaving in [Leaving::Mouse, Leaving::Enter, Leaving::Escape] {
        let mut window = window();
        write(&mut window, "Message");
        close_by_menu(&mut window, false);
        check_question(&window, "Keep it");
        leave(&mut window, "Keep it", leaving);
        type_blindly(&mut window, "x");
        assert_eq!(focus(&window), Some(message("one xtwo")), "{leaving:?}");
        assert_eq!(window.state().commands, [], "{leaving:?}");
    }
}

#[test]
fn a_question_about_another_pane_returns_the_focus_to_the_message() {
    for leaving in [Leaving::Mouse, Leaving::Enter, Leaving::Escape] {
        let mut fixture = Fixture::default();
        let feed = fixture.panes[0].feed.as_mut().unwrap();
        feed.recording = Some(recordings::scene(RecordingStage::Running));
        let mut window = fixture.harness(1280.0, 800.0);
        write(&mut window, "Message");
        close_by_menu(&mut window, true);
        check_question(&window, "Keep it");
        leave(&mut window, "Keep it", leaving);
        type_blindly(&mut window, "x");
        assert_eq!(focus(&window), Some(message("one xtwo")), "{leaving:?}");
    }
    // A pane that is closed leaves the focus to the other one.
    let mut fixture = Fixture::default();
    let feed = fixture.panes[0].feed.as_mut().unwrap();
    feed.recording = Some(recordings::scene(RecordingStage::Running));
    let mut window = fixture.harness(1280.0, 800.0);
    write(&mut window, "Message");
    close_by_menu(&mut window, true);
    click(&mut window, "Close the pane");
    check_message_after_closed(&mut window);
}

#[test]
fn a_question_in_the_list_of_connections_returns_to_its_search() {
    let mut fixture = Fixture::default();
    fixture.saved.connections.push(SavedConnectionScene {
        form: ConnectionForm {
            name: "desk".to_owned(),
            ..ConnectionForm::default()
        },
        shown_url: "https://desk.test/".to_owned(),
        variables: Vec::new(),
    });
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::K);
    type_blindly(&mut window, "de");
    let entry = window.get_by_role_and_label(Role::ListBoxOption, "desk");
    let at = entry.rect().center();
    hand::secondary_click(&mut window, at);
    click(&mut window, "Delete…");
    check_question(&window, "Keep it");
    leave(&mut window, "Keep it", Leaving::Enter);
    type_blindly(&mut window, "sk");
    let mut fields = window.query_all_by_role(Role::TextInput);
    assert!(fields.any(|field| field.value().as_deref() == Some("desk")));
    let is_deleted = |command: &Command| matches!(command, Command::Saved(SavedCommand::Delete(_)));
    assert!(!window.state().commands.iter().any(is_deleted));
}

#[test]
fn another_pane_that_is_closed_returns_the_focus_to_the_message() {
    let mut window = window();
    write(&mut window, "Message");
    close_by_menu(&mut window, true);
    check_message_after_closed(&mut window);
    // The same by a middle click on a tab, in a window with room for one pane.
    let mut fixture = Fixture::default();
    fixture.push_events(0..100);
    let mut window = fixture.harness(640.0, 480.0);
    write(&mut window, "Message");
    let tabs = window.query_all_by_role(Role::Tab);
    let other = tabs
        .map(|tab| tab.rect().center())
        .min_by(|a, b| a.x.total_cmp(&b.x));
    let at = other.unwrap();
    window.hover_at(at);
    window.run_steps(2);
    for pressed in [true, false] {
        window.event(hand::button(at, PointerButton::Middle, pressed));
        window.step();
    }
    check_message_after_closed(&mut window);
}

#[test]
fn a_closed_pane_leaves_the_focus_to_the_rows_of_the_other_one() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, Modifiers::COMMAND, Key::W);
    let closed = [Command::Pane(PaneCommand::Close(RIGHT))];
    assert_eq!(window.state().commands, closed);
    window.state_mut().panes.pop();
    window.run_steps(4);
    assert_eq!(focused_name(&window), "Records");
    press(&mut window, NONE, Key::ArrowUp);
    assert!(focused_name(&window).ends_with("tick 99"));
}

/// Returns the area of the composer, which ends `below` the button.
fn composer(window: &Harness<'_, Fixture>, below: f32) -> Rect {
    let field = window.get_by_label("Message").rect();
    let send = window.get_by_label("Send").rect();
    Rect::from_min_max(field.min, send.max + egui::vec2(8.0, below))
}

#[test]
fn a_press_beside_the_controls_of_the_composer_stays_in_the_message() {
    // A high composer has hints below the button.
    for (size, text, below) in [
        ([1280.0, 800.0], "one two", 25.0),
        ([1280.0, 800.0], "", 25.0),
        ([640.0, 480.0], "one two", 7.0),
        ([640.0, 480.0], "", 7.0),
    ] {
        let new_window = || {
            let mut window = Fixture::default().harness(size[0], size[1]);
            press(&mut window, Modifiers::COMMAND, Key::Num2);
            press(&mut window, Modifiers::COMMAND, Key::M);
            type_blindly(&mut window, text);
            assert_eq!(focus(&window), Some(message(text)));
            window
        };
        let first = new_window();
        let area = composer(&first, below);
        let controls: Vec<Rect> = first
            .query_all_by_role(Role::Button)
            .map(|node| node.rect())
            .collect();
        let mut points = Vec::new();
        for x in [0.1, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99] {
            for y in [0.05, 0.3, 0.6, 0.8, 0.9, 0.97] {
                points.push(area.lerp_inside(egui::vec2(x, y)));
            }
        }
        let send = first.get_by_label("Send").rect();
        points.extend([
            send.right_center() + egui::vec2(4.0, 0.0),
            send.center_bottom() + egui::vec2(0.0, 4.0),
            send.center_top() - egui::vec2(0.0, 4.0),
        ]);
        points.retain(|at: &Pos2| !controls.iter().any(|rect| rect.contains(*at)));
        assert!(points.len() > 20, "{points:?}");
        let mut window = first;
        for at in points {
            for passes in [0, 3] {
                hand::click(&mut window, at, passes);
                assert_eq!(
                    focus(&window),
                    Some(message(text)),
                    "{size:?} {at:?} {passes}"
                );
            }
        }
    }
}

#[test]
fn tab_goes_on_from_a_row_that_was_pressed() {
    let by_key = {
        let mut window = window();
        press(&mut window, NONE, Key::ArrowUp);
        press(&mut window, NONE, Key::Tab);
        focused_name(&window)
    };
    assert!(!by_key.is_empty() && by_key != "URL", "{by_key:?}");
    for passes in [0, 3] {
        let mut window = window();
        let row = window.get_by_label_contains("tick 99").rect();
        hand::click(&mut window, row.center(), passes);
        window.run_steps(2);
        assert!(focused_name(&window).ends_with("tick 99"));
        press(&mut window, NONE, Key::Tab);
        assert_eq!(focused_name(&window), by_key, "{passes}");
    }
}

#[test]
fn the_edge_between_the_panes_leaves_the_keys_to_their_pane() {
    let mut window = window();
    click_last(&mut window, "Filter");
    for _ in 0..60 {
        press(&mut window, NONE, Key::Tab);
        if focused_name(&window) == "Edge between panes" {
            break;
        }
    }
    assert_eq!(focused_name(&window), "Edge between panes");
    press(&mut window, Modifiers::COMMAND, Key::W);
    let closed = |pane| Command::Pane(PaneCommand::Close(pane));
    let commands = &window.state().commands;
    assert!(commands.contains(&closed(RIGHT)), "{commands:?}");
}

#[test]
fn the_menu_of_a_row_has_the_keys_and_returns_them_to_the_rows() {
    let mut window = window();
    let row = window.get_by_label_contains("tick 99").rect();
    hand::secondary_click(&mut window, row.center());
    let is_open = |window: &Harness<'_, Fixture>| window.query_all_by_role(Role::Menu).count() == 1;
    assert!(is_open(&window));
    press(&mut window, NONE, Key::Enter);
    assert!(is_open(&window), "Enter chooses nothing yet");
    press(&mut window, NONE, Key::Escape);
    assert!(!is_open(&window));
    assert!(focused_name(&window).ends_with("tick 99"));
}

#[test]
fn a_button_with_the_focus_leaves_the_copy_to_the_rows() {
    let mut window = window();
    press(&mut window, NONE, Key::ArrowUp);
    press(&mut window, Modifiers::SHIFT, Key::ArrowUp);
    window.get_by_label("Difference").focus();
    window.run_steps(2);
    assert_eq!(focused_name(&window), "Difference");
    window.event(Event::Copy);
    window.run_steps(4);
    let copied = window.state().copied.join("\n");
    assert!(
        copied.contains("tick 98") && copied.contains("tick 99"),
        "{copied:?}"
    );
    // A text field copies its own text.
    window.state_mut().copied.clear();
    write(&mut window, "Filter");
    press(&mut window, Modifiers::COMMAND, Key::A);
    window.event(Event::Copy);
    window.run_steps(4);
    assert_eq!(window.state().copied, ["one two"]);
}

#[test]
fn escape_on_a_button_of_the_inspector_goes_back_to_the_selected_row() {
    let mut window = window();
    press(&mut window, NONE, Key::ArrowUp);
    let row = focused_name(&window);
    assert!(row.ends_with("tick 99"), "{row:?}");
    for name in ["Diff with previous", "Close the inspector"] {
        window.get_by_label(name).focus();
        window.run_steps(2);
        assert_eq!(focused_name(&window), name);
        press(&mut window, NONE, Key::Escape);
        assert_eq!(focused_name(&window), row, "after {name}");
        assert!(window.query_by_label("Diff with previous").is_some());
    }
    // The content of the record gives the focus back as well.
    press(&mut window, NONE, Key::Enter);
    assert_ne!(focused_name(&window), row);
    press(&mut window, NONE, Key::Escape);
    assert_eq!(focused_name(&window), row);
    // The next one closes the inspector.
    press(&mut window, NONE, Key::Escape);
    assert!(window.query_by_label("Diff with previous").is_none());
    assert_eq!(focused_name(&window), "Records");
}

#[test]
fn escape_on_a_button_of_the_find_bar_closes_the_bar() {
    let mut window = window();
    press(&mut window, NONE, Key::ArrowUp);
    let row = focused_name(&window);
    press(&mut window, Modifiers::COMMAND, Key::F);
    press(&mut window, NONE, Key::Tab);
    assert_ne!(focused_name(&window), "Find");
    press(&mut window, NONE, Key::Escape);
    assert!(window.query_by_label("Find").is_none());
    assert_eq!(focused_name(&window), row);
}

#[test]
fn a_second_press_on_the_button_of_a_menu_returns_the_focus() {
    for (field, menu) in [
        ("Message", "Text ▾"),
        ("Message", "More"),
        ("Filter", "Values to filter by"),
        ("Filter", "More"),
    ] {
        let mut window = window();
        write(&mut window, field);
        for _ in 0..2 {
            for is_open in [1, 0] {
                if field == "Message" {
                    click_last(&mut window, menu);
                } else {
                    click(&mut window, menu);
                }
                assert_eq!(
                    window.query_all_by_role(Role::Menu).count(),
                    is_open,
                    "{menu}"
                );
            }
            let text = Some((field.to_owned(), "one two".to_owned()));
            assert_eq!(focus(&window), text, "{menu}");
        }
        type_blindly(&mut window, "x");
        let text = Some((field.to_owned(), "one xtwo".to_owned()));
        assert_eq!(focus(&window), text, "{menu}");
    }
}

#[test]
fn a_high_menu_in_a_low_window_leaves_its_button_free() {
    for size in [[640.0, 480.0], [1280.0, 480.0], [1280.0, 800.0]] {
        let mut window = Fixture::default().harness(size[0], size[1]);
        write(&mut window, "Message");
        let button = window.query_all_by_label("More").last().unwrap().rect();
        for _ in 0..2 {
            click_last(&mut window, "More");
            let entries = window.query_all_by_role(Role::MenuItem);
            let menu = entries.fold(Rect::NOTHING, |menu, entry| menu.union(entry.rect()));
            assert!(
                !menu.contains(button.center()),
                "{size:?} {menu:?} {button:?}"
            );
            hand::click(&mut window, button.center(), 1);
            window.run_steps(3);
            assert_eq!(window.query_all_by_role(Role::Menu).count(), 0, "{size:?}");
            assert_eq!(focused_name(&window), "Message", "{size:?}");
        }
        assert_eq!(window.state().commands, [], "{size:?}");
    }
}

#[test]
fn the_button_of_a_menu_stays_while_its_menu_is_open() {
    for is_focused in [true, false] {
        let mut window = Fixture::default().harness(1280.0, 800.0);
        if is_focused {
            press(&mut window, Modifiers::COMMAND, Key::Num2);
            press(&mut window, Modifiers::COMMAND, Key::M);
        }
        let at = |window: &Harness<'_, Fixture>| window.get_by_label("Text ▾").rect();
        let before = at(&window);
        click(&mut window, "Text ▾");
        assert_eq!(window.query_all_by_role(Role::Menu).count(), 1);
        assert_eq!(at(&window), before, "{is_focused}");
        press(&mut window, NONE, Key::ArrowDown);
        assert_eq!(at(&window), before, "{is_focused}");
        press(&mut window, NONE, Key::Escape);
        assert_eq!(at(&window), before, "{is_focused}");
    }
}

#[test]
fn the_scroll_handle_lies_above_the_ground_of_the_selected_row() {
    let mut window = window();
    press(&mut window, NONE, Key::ArrowUp);
    let row = window.get_by_label_contains("tick 99").rect();
    let bar = window.get_all_by_label("Timeline position").next().unwrap();
    let bar = bar.rect();
    let filled: Vec<Rect> = window
        .output()
        .shapes
        .iter()
        .filter_map(|clipped| match &clipped.shape {
            Shape::Rect(shape) if shape.fill.a() == 255 => Some(shape.rect),
            _ => None,
        })
        .collect();
    let ground = filled.iter().rposition(|rect| {
        rect.y_range().contains(row.center().y)
            && rect.height() <= row.height() + 1.0
            && rect.width() >= row.width()
    });
    let track = filled
        .iter()
        .rposition(|rect| bar.contains_rect(*rect) && rect.height() > row.height());
    assert!(ground.is_some() && ground < track, "{ground:?} {track:?}");
}
