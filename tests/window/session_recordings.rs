//! Automatic recordings of sessions: in the folder, in the list, and after a crash.

use std::path::Path;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use feedscope::app::{App, KeptSettings};
use feedscope::plan::WindowFeeds;
use feedscope_files::recording::{self, RecordingEnd, SessionFolder, SessionRecording};
use feedscope_ui::{
    Command, SessionRecordingScene, SessionRecordingsAction, SessionRecordingsScene,
};

use super::fixture::Fixture;
use super::whole::{self, Whole, app_window, until};

fn kept(folder: &Path, is_on: bool) -> KeptSettings {
    let mut kept = KeptSettings::default();
    kept.now.record_sessions = is_on;
    kept.sessions = Some(SessionFolder::new(folder.join("sessions")));
    kept
}

fn list(folder: &Path) -> Vec<SessionRecording> {
    SessionFolder::new(folder.join("sessions")).list().unwrap()
}

fn has(window: &Whole, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

/// Opens the list by the command palette.
fn open_list(window: &mut Whole) {
    let modifiers = egui::Modifiers::COMMAND | egui::Modifiers::SHIFT;
    window.key_press_modifiers(modifiers, egui::Key::P);
    window.run_steps(2);
    let field = window.get_by_role_and_label(Role::TextInput, "Command");
    field.type_text("Recordings of sessions");
    window.run_steps(2);
    window.key_press(egui::Key::Enter);
    window.run_steps(2);
}

#[test]
fn nothing_is_recorded_unless_the_user_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = whole::demo(kept(folder.path(), false));
    open_list(&mut window);
    assert!(has(&window, "No session has been recorded"));
    window.state_mut().end();
    assert!(!folder.path().join("sessions").exists());
}

#[test]
fn a_session_is_recorded_listed_and_ends_with_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = whole::demo(kept(folder.path(), true));
    until(&mut window, "ticks", |window| {
        let feeds = window.state().feeds();
        feeds.iter().all(|feed| feed.store.extent().end.0 > 3)
    });
    until(&mut window, "the recording", |_window| {
        list(folder.path()).first().is_some_and(|it| it.is_running)
    });
    open_list(&mut window);
    until(&mut window, "the list", |window| {
        window.query_by_label_contains("being recorded").is_some()
    });
    window.state_mut().end();
    let list = list(folder.path());
    assert_eq!(list.len(), 1);
    assert!(!list[0].is_running && !list[0].was_interrupted);
    let opened = recording::open(&list[0].parts).unwrap();
    assert_eq!(opened.ending, RecordingEnd::Clean);
    let names: Vec<_> = opened
        .feeds
        .iter()
        .map(|feed| &feed.description.name)
        .collect();
    assert_eq!(names, ["events", "chat"]);
    assert!(
        opened
            .feeds
            .iter()
            .all(|feed| feed.store.extent().end.0 > 3)
    );
}

#[test]
fn an_interrupted_session_is_offered_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = whole::demo(kept(folder.path(), true));
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 > 3
    });
    window.state_mut().end();
    // As if the program had been ended in between.
    let name = list(folder.path())[0].name.clone();
    let mark = folder
        .path()
        .join("sessions")
        .join(format!("{name}.running"));
    std::fs::write(mark, "").unwrap();
    let app = App::new(
        WindowFeeds::Given(Vec::new()),
        None,
        kept(folder.path(), false),
    )
    .unwrap();
    let mut window = app_window(app);
    let line = "Feedscope ended while it was recording";
    until(&mut window, "the line", |window| has(window, line));
    window.get_by_label("Show the message").click();
    window.run_steps(3);
    window.get_by_label("Open").click();
    until(&mut window, "the recording", |window| {
        let panes = window.query_all_by_label("State: recording").count();
        panes == 2 && !has(window, line)
    });
    assert_eq!(window.state().feeds().len(), 2);
    // It is offered once.
    let app = App::new(
        WindowFeeds::Given(Vec::new()),
        None,
        kept(folder.path(), false),
    )
    .unwrap();
    let mut again = app_window(app);
    open_list(&mut again);
    until(&mut again, "the list", |window| has(window, "Delete"));
    assert!(!has(&again, line));
    again.get_by_label("Delete").click();
    again.run_steps(2);
    again.get_by_label("Delete for good").click();
    until(&mut again, "the empty list", |window| {
        has(window, "No session has been recorded")
    });
    assert_eq!(list(folder.path()), []);
}

#[test]
fn the_line_and_the_list_are_requests() {
    let recording = SessionRecordingScene {
        name: "session-2026-11-27-024800-7".to_owned(),
        bytes: 2_000_000,
        is_running: false,
        was_interrupted: true,
    };
    let mut fixture = Fixture::default();
    fixture.sessions = SessionRecordingsScene {
        limit: 2 << 30,
        list: vec![recording.clone()],
        ..SessionRecordingsScene::default()
    };
    let mut window = fixture.harness(1280.0, 800.0);
    let name = || recording.name.clone();
    for label in ["Open", "Delete", "Keep the recording"] {
        // The sheet closes after a button that leads elsewhere.
        if window.query_by_label("Messages").is_none() {
            window.get_by_label("Show the message").click();
            window.run_steps(3);
        }
        window.query_all_by_label(label).last().unwrap().click();
        window.run_steps(3);
    }
    let expected = [
        SessionRecordingsAction::Open(name()),
        SessionRecordingsAction::Delete(name()),
        SessionRecordingsAction::Forget(name()),
    ];
    let commands: Vec<_> = expected.map(Command::SessionRecordings).into();
    assert_eq!(window.state().commands, commands);
}
