//! Marks of recordings, which are kept in a file beside the recording.

use std::fs;
use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::files::{Recording, open};
use super::whole::{Whole, until};

/// Opens a recording, and waits for its rows.
fn opened(recording: &Path) -> Whole {
    let mut window = open(&[recording]);
    until(&mut window, "the rows", |window| row(window, "tick 7"));
    window
}

/// Returns true if a row with this end is there.
fn row(window: &Whole, end: &str) -> bool {
    let mut rows = window.query_all_by_role(Role::ListBoxOption);
    rows.any(|node| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(end))
    })
}

/// Clicks the row with this end, and marks it.
fn mark(window: &mut Whole, end: &str) {
    let mut rows = window.query_all_by_role(Role::ListBoxOption);
    let is_row = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(end))
    };
    rows.find(is_row).unwrap().click();
    drop(rows);
    window.run_steps(3);
    window.key_press(Key::M);
    window.run_steps(3);
}

/// Returns the number of marks in their list, which is open.
fn marks(window: &Whole) -> usize {
    let buttons = window.query_all_by_role(Role::Button);
    let is_mark = |node: &egui_kittest::Node<'_>| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.starts_with("Mark "))
    };
    buttons.filter(is_mark).count()
}

#[test]
fn marks_of_a_recording_are_there_again_and_the_recording_is_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..8);
    recording.recorder.finish();
    let before = fs::read(&recording.path).unwrap();
    let mut window = opened(&recording.path);
    mark(&mut window, "tick 2");
    mark(&mut window, "tick 5");
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    until(&mut window, "two marks", |window| marks(window) == 2);
    window.state_mut().end();
    drop(window);
    assert_eq!(fs::read(&recording.path).unwrap(), before);
    let file = folder.path().join("ticks.marks.json");
    assert!(file.exists());

    let mut window = opened(&recording.path);
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    until(&mut window, "both marks again", |window| marks(window) == 2);
    // The keys go from mark to mark, and around.
    let selected = |window: &Whole| {
        let mut rows = window.query_all_by_role(Role::ListBoxOption);
        let selected = rows.find(|node| node.accesskit_node().is_selected() == Some(true));
        selected.and_then(|node| node.accesskit_node().label())
    };
    for (key, end) in [
        (Key::ArrowDown, "tick 2"),
        (Key::ArrowDown, "tick 5"),
        (Key::ArrowDown, "tick 2"),
        (Key::ArrowUp, "tick 5"),
    ] {
        window.key_press_modifiers(Modifiers::COMMAND, key);
        window.run_steps(3);
        let label = selected(&window).unwrap_or_default();
        assert!(label.ends_with(end), "{label}");
    }
}

#[test]
fn marks_that_cannot_be_written_stay_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..8);
    recording.recorder.finish();
    let mut window = opened(&recording.path);
    // A folder has the name of the file.
    fs::create_dir_all(folder.path().join("ticks.marks.json").join("in the way")).unwrap();
    mark(&mut window, "tick 2");
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    until(&mut window, "the sentence", |window| {
        let alerts = window.query_all_by_label_contains("The marks are not saved: ");
        alerts.count() > 0
    });
    assert_eq!(marks(&window), 1);
}

#[test]
fn marks_that_cannot_be_read_are_reported_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..8);
    recording.recorder.finish();
    fs::write(folder.path().join("ticks.marks.json"), "no JSON").unwrap();
    let mut window = opened(&recording.path);
    until(&mut window, "the sentence", |window| {
        let alerts =
            window.query_all_by_label_contains("The marks of the recording cannot be restored: ");
        alerts.count() > 0
    });
}
