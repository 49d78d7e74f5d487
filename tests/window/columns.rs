//! Tests of the columns of the rows: which ones are shown, their widths, and the header with their names.

use egui::accesskit::Role;
use egui::{Event, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;
use feedscope_ui::{Column, ColumnChoice, Command, SettingCommand, TimeForm};

use super::fixture::{EVENTS, Fixture};

/// Creates a window whose panes have room for every column.
fn wide_window_with(events: u64) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.push_events(0..events);
    fixture.harness(2000.0, 800.0)
}

/// Opens the context menu of the first row in sight.
fn open_menu(window: &mut Harness<'_, Fixture>) {
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[0].click_secondary();
    window.run_steps(3);
}

#[test]
fn columns_are_shown_hidden_and_kept() {
    let mut window = wide_window_with(100);
    open_menu(&mut window);
    let tick = |window: &Harness<'_, Fixture>, name: &str| {
        window
            .get_by_role_and_label(Role::MenuItemCheckBox, name)
            .click();
    };
    tick(&window, "connection");
    window.run_steps(2);
    let kept = |window: &Harness<'_, Fixture>| match window.state().commands.last() {
        Some(Command::Setting(SettingCommand::Columns(EVENTS, choice))) => *choice,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        kept(&window),
        ColumnChoice::default().with(Column::Connection, true)
    );
    let edges = |window: &Harness<'_, Fixture>, name: &str| window.query_all_by_label(name).count();
    assert_eq!(
        edges(&window, "Width of the connection column"),
        1,
        "in the pane of this feed alone"
    );
    tick(&window, "id");
    window.run_steps(2);
    assert_eq!(edges(&window, "Width of the id column"), 0);
    window.get_by_label("Reset columns").click();
    window.run_steps(2);
    assert_eq!(kept(&window), ColumnChoice::default());
    assert!(
        window.query_by_label("Reset columns").is_none(),
        "the menu closes"
    );
    open_menu(&mut window);
    window.get_by_label("Copy payload").click();
    window.run_steps(3);
    assert_eq!(window.state().copied.len(), 1);
}

#[test]
fn a_column_is_sized_at_its_edge() {
    let mut window = wide_window_with(100);
    let left = |window: &Harness<'_, Fixture>, name: &str| {
        let edges: Vec<_> = window.query_all_by_label(name).collect();
        edges[0].rect().center()
    };
    let at = left(&window, "Width of the type column");
    let id = left(&window, "Width of the id column");
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    window.hover_at(at);
    window.step();
    window.event(button(at, true));
    window.step();
    let there = at + Vec2::new(40.0, 0.0);
    window.hover_at(there);
    window.run_steps(2);
    assert!(
        window.state().commands.is_empty(),
        "not before it is let go"
    );
    window.event(button(there, false));
    window.run_steps(2);
    let moved = left(&window, "Width of the id column").x - id.x;
    assert!((moved - 40.0).abs() < 1.0, "{moved}");
    let dragged = match window.state().commands.as_slice() {
        [Command::Setting(SettingCommand::Columns(EVENTS, choice))] => *choice,
        other => panic!("{other:?}"),
    };
    let width = dragged.width(Column::Type).unwrap();
    assert_eq!(
        dragged,
        ColumnChoice::default().with_width(Column::Type, width)
    );
    // A double click fits the column to its content again.
    for _ in 0..2 {
        for pressed in [true, false] {
            window.input_mut().events.push(button(there, pressed));
        }
    }
    window.run_steps(2);
    let fitted = Command::Setting(SettingCommand::Columns(EVENTS, ColumnChoice::default()));
    assert_eq!(window.state().commands.last(), Some(&fitted));
    assert_eq!(left(&window, "Width of the id column"), id);
    assert!(
        window.query_by_label("Payload").is_none(),
        "no row was chosen"
    );
}

/// Returns the names in the headers of the columns from left to right.
fn header(window: &Harness<'_, Fixture>) -> Vec<String> {
    let mut names: Vec<_> = window.query_all_by_role(Role::ColumnHeader).collect();
    names.sort_by(|a, b| a.rect().left().total_cmp(&b.rect().left()));
    let names = names.iter();
    names
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

#[test]
fn a_header_names_the_columns_that_have_content_and_room() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    let mut window = fixture.harness(1280.0, 800.0);
    assert_eq!(
        header(&window),
        ["time", "type", "size", "payload"],
        "no record has an ID"
    );
    window.state_mut().push_events(0..100);
    window.run_steps(3);
    assert_eq!(header(&window), ["time", "type", "id", "size", "payload"]);
    window.set_size(egui::vec2(480.0, 480.0));
    window.run_steps(3);
    assert_eq!(header(&window), ["time", "type", "id", "payload"]);
    // The menu of the columns opens there, too.
    let headers: Vec<_> = window.query_all_by_role(Role::ColumnHeader).collect();
    headers[1].click_secondary();
    window.run_steps(3);
    window.get_by_label("Reset columns");
}

#[test]
fn a_longer_type_widens_its_column_once_and_for_its_feed_alone() {
    let mut window = wide_window_with(100);
    let edge = |window: &Harness<'_, Fixture>| {
        let mut edges: Vec<f32> = window
            .query_all_by_label("Width of the type column")
            .map(|node| node.rect().center().x)
            .collect();
        edges.sort_by(f32::total_cmp);
        edges
    };
    let before = edge(&window);
    let long = Kind::Event {
        event: b"content_block_delta",
        id: b"100",
        data: b"tick 100",
    };
    window.state_mut().push(0, 20, long);
    window.run_steps(2);
    let after = edge(&window);
    assert!(after[0] > before[0] + 80.0, "{before:?} {after:?}");
    assert!((after[1] - before[1]).abs() < 0.5, "{before:?} {after:?}");
    // The width stays when the long type has left the view.
    window.state_mut().push_events(200..400);
    window.run_steps(2);
    assert!(window.query_by_label_contains("content_block").is_none());
    assert_eq!(edge(&window), after);
}

#[test]
fn times_are_told_since_the_row_above() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..1);
    fixture.push_events(10..11);
    fixture.push_events(90_000..90_001);
    let mut window = fixture.harness(1280.0, 800.0);
    open_menu(&mut window);
    window.get_by_label("Delta to previous row").click();
    window.run_steps(2);
    let Some(Command::Setting(SettingCommand::Columns(EVENTS, choice))) =
        window.state().commands.last()
    else {
        panic!("nothing was kept");
    };
    assert_eq!(choice.time_form, TimeForm::SinceAbove);
}
