//! Recording from the window: the buttons of panes and of the window, the message at the end, and what is in the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{App, KeptSettings};
use feedscope::plan::WindowFeeds;
use feedscope_core::Moment;
use feedscope_files::recording::{self, UnfinishedFolder};
use feedscope_ui::{
    Command, FileCommand, FilePurpose, RecordingCommand, RecordingScene, RecordingStage,
};

use super::files::Recording;
use super::fixture::{CHAT, EVENTS, Fixture, NOW};
use super::whole::{self, Whole, app_window, until};

/// Starts the demo, whose recordings get into this folder.
fn demo(folder: &Path) -> Whole {
    let mut kept = KeptSettings::default();
    kept.now.recordings_folder = Some(folder.join("new"));
    let mut window = whole::demo(kept);
    until(&mut window, "ticks", |window| {
        let feeds = window.state().feeds();
        feeds.iter().all(|feed| feed.store.extent().end.0 > 3)
    });
    window
}

/// Returns the files of the folder, which a thread creates with the first one.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("new"));
    let entries = entries.into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn records(path: &Path) -> Vec<u64> {
    let opened = recording::open(&[path.to_owned()]).unwrap();
    let feeds = opened.feeds.iter();
    feeds.map(|feed| feed.store.extent().end.0).collect()
}

fn has(window: &Whole, label: &str) -> bool {
    window.query_by_label_contains(label).is_some()
}

#[test]
fn a_pane_is_recorded_stopped_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    until(&mut window, "the recording", |window| {
        window.query_by_label("Stop recording").is_some() && has(window, "Recording 1 pane")
    });
    until(&mut window, "written records", |window| {
        let recording = window.state().feeds()[0].recording.clone();
        recording.is_some_and(|recording| recording.records > 3)
    });
    window.get_by_label("Stop recording").click();
    until(&mut window, "the message", |window| {
        has(window, "Recorded ")
    });
    let [path] = &files(folder.path())[..] else {
        panic!("there is one file")
    };
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("events-20") && name.ends_with(".feedscope"),
        "{name}"
    );
    let stored = window.state().feeds()[0].store.extent().end.0;
    let recorded = records(path);
    assert!(recorded[0] > 3 && recorded[0] <= stored, "{recorded:?}");
    window.get_by_label("Open the recording").click();
    until(&mut window, "the opened file", |window| {
        has(window, "State: recording")
    });
    // The new pane receives the keys.
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    until(&mut window, "the closed pane of the file", |window| {
        !has(window, "State: recording")
    });
    assert_eq!(window.state().feeds().len(), 2);
    window.get_by_label("Close this message").click();
    until(&mut window, "no message", |window| {
        !has(window, "Recorded ")
    });
}

#[test]
fn marks_are_in_the_recording_that_was_running() {
    for from_now in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut window = demo(folder.path());
        let feed = window.state().feeds()[0].id;
        let first = window.state().feeds()[0].store.extent().end.0;
        window.state_mut().record(&[feed], None, from_now);
        until(&mut window, "written records", |window| {
            let recording = window.state().feeds()[0].recording.clone();
            recording.is_some_and(|recording| recording.records > 3)
        });
        until(&mut window, "new rows", |window| {
            window.state().feeds()[0].store.extent().end.0 > first + 2
        });
        // The newest row of the first pane is marked.
        let list = window.get_all_by_role(Role::ListBox).next().unwrap();
        let rows = list.query_all_by_role(Role::ListBoxOption);
        rows.last().unwrap().click();
        window.run_steps(3);
        window.key_press(Key::M);
        window.run_steps(3);
        let file = || {
            let all = files(folder.path());
            all.into_iter()
                .find(|path| path.to_string_lossy().ends_with(".marks.json"))
        };
        until(&mut window, "the marks", |_window| file().is_some());
        window.get_by_label("Stop recording").click();
        until(&mut window, "the message", |window| {
            has(window, "Recorded ")
        });
        window.get_by_label("Open the recording").click();
        until(&mut window, "the opened file", |window| {
            has(window, "State: recording")
        });
        window.key_press_modifiers(Modifiers::SHIFT, Key::M);
        until(&mut window, "the mark", |window| {
            let marks = window.query_all_by_role(Role::Button);
            let mut labels = marks.filter_map(|node| node.accesskit_node().label());
            labels.any(|label| label.starts_with("Mark "))
        });
    }
}

#[test]
fn a_recording_goes_on_when_its_feed_gets_other_options() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    let feed = window.state().feeds()[0].id;
    window.state_mut().record(&[feed], None, false);
    let recorded = |window: &Whole| {
        let recording = window.state().feeds()[0].recording.clone();
        recording.map_or(0, |recording| recording.records)
    };
    until(&mut window, "written records", |window| {
        recorded(window) > 3
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.run_steps(4);
    window.event(egui::Event::Text("X-Desk: 7".to_owned()));
    window.run_steps(2);
    let before = recorded(&window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut window, "the feed with its header", |window| {
        let feeds = window.state().feeds();
        feeds[0].id != feed && feeds[0].source.spec().unwrap().http.headers.len() == 1
    });
    until(&mut window, "more records", |window| {
        recorded(window) > before + 4
    });
    let end = window.state().feeds()[0].store.extent().end.0;
    window.get_by_label("Stop recording").click();
    until(&mut window, "the message", |window| {
        has(window, "Recorded ")
    });
    let [path] = &files(folder.path())[..] else {
        panic!("there is one file")
    };
    let [count] = records(path)[..] else {
        panic!("there is one feed")
    };
    assert!(count > end, "the records of both connections: {count}");
}

#[test]
fn recordings_that_begin_in_the_same_second_have_a_file_each() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    // Three recordings cannot all begin in seconds of their own.
    for number in 1..=3 {
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
        until(&mut window, "the file", |_window| {
            files(folder.path()).len() == number
        });
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
        until(&mut window, "its end", |window| {
            window.query_by_label("Stop recording").is_none()
        });
    }
    for path in files(folder.path()) {
        assert!(records(&path)[0] > 3, "{}", path.display());
    }
}

#[test]
fn a_recording_is_read_as_the_pane_was_read_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    decode(&mut window, "base64");
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    let recorded = |folder: &Path| {
        let path = files(folder).first()?.clone();
        let opened = recording::open(&[path]).ok()?;
        opened.feeds.first()?.description.reading.decode.clone()
    };
    until(&mut window, "the reading", |_window| {
        folder.path().join("new").exists() && recorded(folder.path()).as_deref() == Some("base64")
    });
    // The choice changes while the recording is written.
    decode(&mut window, "base64,gzip");
    until(&mut window, "the changed reading", |_window| {
        recorded(folder.path()).as_deref() == Some("base64,gzip")
    });
    window.state_mut().end();
    assert_eq!(recorded(folder.path()).as_deref(), Some("base64,gzip"));
}

/// Types decoders for the payloads of the focused pane.
fn decode(window: &mut Whole, chain: &str) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    window.run_steps(3);
    let field = window.get_by_role_and_label(Role::TextInput, "Command");
    field.type_text("Decoders: choose");
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(window, "the menu of the decoders", |window| {
        let name = "Decoders of received payloads";
        let field = window.query_by_role_and_label(Role::TextInput, name);
        field.is_some()
    });
    let field = window.get_by_role_and_label(Role::TextInput, "Decoders of received payloads");
    field.focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    let field = window.get_by_role_and_label(Role::TextInput, "Decoders of received payloads");
    field.type_text(chain);
    window.run_steps(2);
    window.get_by_label("Decode").click();
    let chip = format!("decode: {chain} ▾");
    until(window, "the decoders", |window| {
        window.query_by_label(&chip).is_some()
    });
}

#[test]
fn all_panes_are_recorded_into_one_file_that_closing_completes() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    window.get_by_label("Record").click();
    until(&mut window, "both recordings", |window| {
        has(window, "Recording 2 panes")
    });
    window.state_mut().end();
    let [path] = &files(folder.path())[..] else {
        panic!("there is one file")
    };
    let opened = recording::open(std::slice::from_ref(path)).unwrap();
    assert_eq!(opened.ending, recording::RecordingEnd::Clean);
    let names: Vec<_> = opened
        .feeds
        .iter()
        .map(|feed| feed.description.name.as_str())
        .collect();
    assert_eq!(names, ["events", "chat"]);
}

#[test]
fn a_file_that_cannot_be_written_is_a_sentence_and_the_feed_continues() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    let path = folder.path().join("there.feedscope");
    std::fs::write(&path, "something else").unwrap();
    let feed = window.state().feeds()[0].id;
    window
        .state_mut()
        .record(&[feed], Some(path.clone().into()), false);
    until(&mut window, "the sentence", |window| {
        has(window, "Nothing more is recorded:") && has(window, "exists")
    });
    assert_eq!(std::fs::read(&path).unwrap(), b"something else");
    assert!(!has(&window, "Open the recording"));
    let before = window.state().feeds()[0].store.extent().end;
    until(&mut window, "more ticks", |window| {
        window.state().feeds()[0].store.extent().end > before
    });
}

#[test]
fn closing_the_pane_ends_its_recording_if_the_user_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    until(&mut window, "the recording", |window| {
        has(window, "Recording 1 pane")
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    until(&mut window, "the question", |window| {
        has(window, "Its recording to ")
    });
    window.get_by_label("Keep it").click();
    window.run_steps(3);
    assert!(has(&window, "Recording 1 pane") && !has(&window, "Its recording to "));
    // Another pane with the feed continues the recording, so that there is nothing to ask.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Backslash);
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    window.run_steps(3);
    assert!(has(&window, "Recording 1 pane") && !has(&window, "Its recording to "));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    until(&mut window, "the question", |window| {
        has(window, "Its recording to ")
    });
    window.get_by_label("Close the pane").click();
    until(&mut window, "the message", |window| {
        has(window, "Recording ended: ") && has(window, " records in ")
    });
    until(&mut window, "a complete file", |_window| {
        files(folder.path()).first().is_some_and(|path| {
            recording::open(std::slice::from_ref(path))
                .is_ok_and(|opened| opened.ending == recording::RecordingEnd::Clean)
        })
    });
}

pub(super) fn scene(stage: RecordingStage) -> Arc<RecordingScene> {
    Arc::new(RecordingScene {
        path: "/captures/a.feedscope".to_owned(),
        stage,
        feeds: 1,
        records: 7,
        bytes: 104_000,
        lost: 2,
        since: Moment::from_millis(NOW.as_nanos() / 1_000_000 - 72_000),
    })
}

fn with(stage: RecordingStage, width: f32) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    if let Some(feed) = &mut fixture.panes[1].feed {
        feed.recording = Some(scene(stage));
    }
    fixture.harness(width, 800.0)
}

#[test]
fn a_recording_that_starts_states_the_earlier_records() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    let mut window = fixture.harness(1280.0, 800.0);
    let mut buttons = window.query_all_by_label("Record this feed (Ctrl Shift R)");
    buttons.next().unwrap().click();
    drop(buttons);
    window.run_steps(3);
    window.get_by_label("Recording started. It includes the 5 earlier records.");
}

#[test]
fn the_buttons_request_and_stop_recordings() {
    let mut window = with(RecordingStage::Running, 1280.0);
    let buttons = window.query_all_by_label("Record this feed (Ctrl Shift R)");
    let button: Vec<_> = buttons.collect();
    assert_eq!(button.len(), 1);
    button[0].click();
    window.step();
    let stop = window.get_by_label("Stop recording");
    // The button is as wide as `Stop  104.0 kB · 1 min 12 s`.
    let width = stop.rect().width();
    assert!((120.0..210.0).contains(&width), "{width}");
    stop.click();
    window.step();
    let record = Command::Recording(RecordingCommand::Start {
        feeds: vec![EVENTS],
        file: None,
        from_now: false,
    });
    assert_eq!(
        window.state().commands,
        [record, Command::Recording(RecordingCommand::Stop(CHAT))]
    );
}

#[test]
fn the_end_of_a_recording_is_a_message_with_its_losses() {
    let window = with(RecordingStage::Ended, 1280.0);
    window.get_by_role_and_label(
        Role::Status,
        "Recorded 7 records, 104.0 kB, to /captures/a.feedscope; 2 records not recorded, because the disk was too slow",
    );
    let reason = "the disk is almost full";
    let mut window = with(RecordingStage::Failed(reason.to_owned()), 640.0);
    window.get_by_role_and_label(
        Role::Alert,
        "Nothing more is recorded: the disk is almost full",
    );
    window.get_by_label("Close this message").click();
    window.step();
    assert_eq!(
        window.state().commands,
        [Command::Recording(RecordingCommand::Dismiss(CHAT))]
    );
}

#[test]
fn the_file_of_a_recording_is_chosen_in_a_dialog() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.get_all_by_label("More").next().unwrap().click();
    window.run_steps(3);
    window.get_by_label("Record to a file…").click();
    window.run_steps(4);
    window
        .get_by_label("Begin with the records that are shown already")
        .click();
    window.run_steps(2);
    window.get_by_label("Browse…").click();
    window.run_steps(2);
    let purpose = FilePurpose::Record(EVENTS);
    let answer = Ok(vec![PathBuf::from("/x.feedscope").into()]);
    window.state_mut().window.set_chosen_files(purpose, answer);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(2);
    let record = Command::Recording(RecordingCommand::Start {
        feeds: vec![EVENTS],
        file: Some(PathBuf::from("/x.feedscope").into()),
        from_now: true,
    });
    assert_eq!(
        window.state().commands,
        [Command::File(FileCommand::Browse(purpose)), record]
    );
}

/// Returns the number of marks of running recordings.
fn marks(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn a_recording_is_marked_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let marked = folder.path().join("unfinished");
    let mut kept = KeptSettings::default();
    kept.now.recordings_folder = Some(folder.path().to_owned());
    kept.unfinished = Some(UnfinishedFolder::new(marked.clone()));
    let mut window = whole::demo(kept);
    let feeds: Vec<_> = window.state().feeds().iter().map(|feed| feed.id).collect();
    window.state_mut().record(&feeds[..1], None, false);
    until(&mut window, "the mark", |_window| marks(&marked) == 1);
    window.state_mut().record(&feeds[1..], None, false);
    until(&mut window, "both marks", |_window| marks(&marked) == 2);
    // One is stopped by the user, and the other one ends with the window.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    until(&mut window, "the end", |_window| marks(&marked) == 1);
    window.state_mut().end();
    assert_eq!(marks(&marked), 0);
}

#[test]
fn a_recording_that_ended_with_the_program_is_offered_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let marked = folder.path().join("unfinished");
    // A copy of a recording that is running is what a killed program leaves.
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..3);
    until_recorded(&recording, 4);
    let path = folder.path().join("killed.feedscope");
    std::fs::copy(&recording.path, &path).unwrap();
    recording.recorder.finish();
    let unfinished = UnfinishedFolder::new(marked.clone());
    unfinished.begin(&path, "ticks").unwrap();
    let kept = || {
        let mut kept = KeptSettings::default();
        kept.unfinished = Some(unfinished.clone());
        kept
    };
    let start = || {
        let feeds = WindowFeeds::Given(Vec::new());
        app_window(App::new(feeds, None, kept()).unwrap())
    };
    let line = format!(
        "Recording of ticks ended when Feedscope was ended: {}",
        path.display()
    );
    let has_line = |window: &Whole| window.query_by_label(&line).is_some();
    let mut window = start();
    until(&mut window, "the line", has_line);
    window.get_by_label("Show the message").click();
    window.run_steps(3);
    window.get_by_label("Open").click();
    until(&mut window, "the records", |window| {
        let mut rows = window.query_all_by_role(Role::ListBoxOption);
        rows.any(|row| {
            row.accesskit_node()
                .label()
                .is_some_and(|it| it.ends_with("tick 2"))
        })
    });
    assert!(!has_line(&window));
    until(&mut window, "no mark", |_window| marks(&marked) == 0);
    // The line can be closed as well, and the file stays.
    unfinished.begin(&path, "ticks").unwrap();
    let mut window = start();
    until(&mut window, "the line again", has_line);
    window.get_by_label("Keep the recording").click();
    until(&mut window, "no line", |window| !has_line(window));
    until(&mut window, "no mark", |_window| marks(&marked) == 0);
    assert!(path.exists());
}

/// Waits until the file of a recording has this many records.
fn until_recorded(recording: &Recording, records: u64) {
    let started = std::time::Instant::now();
    while recording.recorder.progress().records < records {
        assert!(started.elapsed() < whole::DEADLINE);
        std::thread::yield_now();
    }
}
