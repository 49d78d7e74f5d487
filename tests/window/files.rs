//! Files in the window: recordings and other files as panes, by the dialog and by a drop.

use std::fs;
use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{App, KeptSettings};
use feedscope::plan::WindowFeeds;
use feedscope_core::connection::StateChange;
use feedscope_core::store::{RowNumber, Store, StoreWriter};
use feedscope_core::{ConnectionState, Kind, Record, Sink as _, Stamp};
use feedscope_files::recording::{
    Existing, FeedDescription, RecordedFeed, RecordedReading, Recorder, RecordingTarget,
};
use feedscope_ui::{Command, FileCommand, FileScene, FileStage};

use super::fixture::{Fixture, LEFT, stamp};
use super::whole::{Whole, app_window, until};

/// Recorder of one feed, with the writer of its records.
pub(super) struct Recording {
    pub(super) path: PathBuf,
    pub(super) recorder: Recorder,
    writer: StoreWriter,
}

impl Recording {
    pub(super) fn start(folder: &Path) -> Self {
        Self::reading(folder, RecordedReading::default())
    }

    fn reading(folder: &Path, reading: RecordedReading) -> Self {
        let path = folder.join("ticks.feedscope");
        let (writer, store) = Store::new(64 << 20);
        let target = RecordingTarget {
            path: path.clone(),
            existing: Existing::Refuse,
            left_free: 0,
        };
        let description = FeedDescription {
            name: "ticks".to_owned(),
            url: Some("http://a.test/ticks".to_owned()),
            protocol: "event-stream".to_owned(),
            reading,
            ..FeedDescription::default()
        };
        let feed = RecordedFeed {
            description,
            store,
            from: RowNumber(0),
        };
        let recorder = Recorder::start(target, None, vec![feed], || {}).unwrap();
        Self {
            path,
            recorder,
            writer,
        }
    }

    pub(super) fn push(&mut self, at: Stamp, kind: Kind<'_>) {
        self.writer.push(&Record {
            stamp: at,
            connection: 1,
            kind,
        });
    }

    /// Pushes an opening, these ticks and a drop.
    pub(super) fn push_ticks(&mut self, numbers: std::ops::Range<u64>) {
        self.push(stamp(0), state(ConnectionState::Open));
        for number in numbers {
            let data = format!("tick {number}");
            self.push(
                stamp(number * 1_000),
                Kind::Event {
                    event: b"price",
                    id: b"",
                    data: data.as_bytes(),
                },
            );
        }
    }
}

pub(super) fn state(state: ConnectionState) -> Kind<'static> {
    Kind::State(StateChange::to(state))
}

pub(super) fn open(paths: &[&Path]) -> Whole {
    let paths = paths.iter().map(|path| path.to_path_buf()).collect();
    let app = App::new(WindowFeeds::Files(paths), None, KeptSettings::default()).unwrap();
    app_window(app)
}

pub(super) fn has(window: &Whole, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

pub(super) fn has_row(window: &Whole, end: &str) -> bool {
    let mut items = window.query_all_by_role(Role::ListBoxOption);
    items.any(|node| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.ends_with(end))
    })
}

pub(super) fn alert(window: &Whole) -> String {
    let alert = window.query_by_role(Role::Alert);
    let label = alert.and_then(|node| node.accesskit_node().label());
    label.unwrap_or_default()
}

#[test]
fn a_recording_is_a_pane_without_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..40);
    recording.push(stamp(41_000), state(ConnectionState::Reconnecting));
    recording.recorder.finish();
    let mut window = open(&[&recording.path]);
    until(&mut window, "the last tick", |window| {
        has(window, "State: recording") && has_row(window, "tick 39")
    });
    assert!(has(&window, &format!("File: {}", recording.path.display())));
    for absent in ["Connect", "URL", "Message", "Send"] {
        assert!(!has(&window, absent), "{absent}");
    }
    // Figures and states come from the file.
    let feed = window.state().feeds().remove(0);
    assert_eq!(feed.store.received().0.records, 40);
    assert_eq!(feed.source.url().unwrap().as_str(), "http://a.test/ticks");
    let history = window.get_by_label_contains("Connection history");
    let changes = history.accesskit_node().label().unwrap();
    assert!(changes.contains("2 changes: open since "), "{changes}");
    // A filter works as for a live feed.
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.run_steps(2);
    window
        .get_by_role_and_label(Role::TextInput, "Filter")
        .type_text("\"tick 7\"");
    until(&mut window, "the hit", |window| {
        has_row(window, "tick 7") && !has_row(window, "tick 39")
    });
    window.get_by_label("Close").click();
    until(&mut window, "an empty pane", |window| {
        window.state().feeds().is_empty()
    });
}

#[test]
fn a_recording_is_followed_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..3);
    let mut window = open(&[&recording.path]);
    until(&mut window, "the first ticks", |window| {
        has(window, "State: being recorded") && has_row(window, "tick 2")
    });
    recording.push_ticks(3..6);
    until(&mut window, "the next ticks", |window| {
        has_row(window, "tick 5")
    });
    recording.recorder.finish();
    until(&mut window, "the end", |window| {
        has(window, "State: recording")
    });
    assert_eq!(window.state().feeds()[0].store.received().0.records, 6);
}

/// Writes an event stream with one event.
pub(super) fn stream(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("data: from {name}\n\n")).unwrap();
    path
}

/// Makes an ended recording with two ticks.
fn ended_recording(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let mut recording = Recording::start(folder);
    recording.push_ticks(0..2);
    recording.recorder.finish();
    fs::rename(&recording.path, &path).unwrap();
    path
}

#[test]
fn files_of_other_formats_are_read_into_panes() {
    let folder = tempfile::tempdir().unwrap();
    let sse = folder.path().join("answer.sse");
    fs::write(&sse, "event: note\ndata: from a stream\n\n").unwrap();
    let lines = folder.path().join("lines.ndjson");
    fs::write(
        &lines,
        "{\"kind\":\"feed\",\"feed\":\"chat\",\"url\":\"wss://a.test/\",\"protocol\":\"web-socket\"}\n\
         {\"at\":\"2026-11-26T08:00:00.000000Z\",\"connection\":1,\"feed\":\"chat\",\"kind\":\"text\",\"direction\":\"in\",\"data\":\"from a line\"}\n\
         {\"at\":\"2026-11-26T08:00:01.000000Z\",\"connection\":1,\"feed\":\"chat\",\"kind\":\"later\",\"x\":1}\n",
    )
    .unwrap();
    let mut window = open(&[&sse, &lines]);
    until(&mut window, "both files", |window| {
        window.query_all_by_label("State: file").count() == 2
    });
    assert!(has_row(&window, "from a stream") && has_row(&window, "from a line"));
    // A record of a kind of a later version is not left out.
    let unknown = window.query_all_by_role(Role::ListBoxOption).any(|node| {
        let label = node.accesskit_node().label();
        label.is_some_and(|label| label.contains("\"kind\":\"later\""))
    });
    assert!(unknown);
}

/// Types a path into the dialog and presses Enter.
fn type_path<S>(window: &mut Harness<'_, S>, path: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::O);
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::TextInput, "Path")
        .type_text(path);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(2);
}

#[test]
fn the_dialog_opens_a_typed_path_and_asks_the_system() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    type_path(&mut window, "a/b.feedscope");
    assert!(window.query_by_label("Path").is_none());
    let paths = vec![PathBuf::from("a/b.feedscope")];
    let opened = Command::File(FileCommand::Open { pane: None, paths });
    assert_eq!(window.state().commands, [opened]);
    window.state_mut().commands.clear();
    window.get_by_label("Open…").click();
    window.run_steps(3);
    window.get_by_label("Browse…").click();
    window.run_steps(2);
    let purpose = feedscope_ui::FilePurpose::Open;
    assert_eq!(
        window.state().commands,
        [Command::File(FileCommand::Browse(purpose))]
    );
    let answer = Ok(vec![PathBuf::from("/c.sse").into()]);
    window.state_mut().window.set_chosen_files(purpose, answer);
    window.run_steps(2);
    let field = window.get_by_role_and_label(Role::TextInput, "Path");
    assert_eq!(field.value().as_deref(), Some("/c.sse"));
    let answer = Err("There is no dialog.".to_owned());
    window.state_mut().window.set_chosen_files(purpose, answer);
    window.run_steps(2);
    window.get_by_label("There is no dialog.");
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(window.query_by_label("Browse…").is_none());
}

#[test]
fn an_empty_pane_takes_the_file() {
    let mut fixture = Fixture::default();
    fixture.panes[0].feed = None;
    let mut window = fixture.harness(1280.0, 800.0);
    type_path(&mut window, "b.sse");
    let opened = Command::File(FileCommand::Open {
        pane: Some(LEFT),
        paths: vec![PathBuf::from("b.sse")],
    });
    assert_eq!(window.state().commands, [opened]);
}

#[test]
fn a_mistyped_path_is_corrected_in_the_dialog_and_leaves_the_panes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..3);
    recording.recorder.finish();
    let mut window = open(&[&recording.path]);
    until(&mut window, "the ticks", |window| has_row(window, "tick 2"));
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let unnamed = folder.path().join("picture.png");
    fs::write(&unnamed, "?").unwrap();
    for (path, problem) in [
        (folder.path().join("nothere.feedscope"), "There is no file"),
        (empty, "no recording in this folder"),
        (unnamed, "shows one of the formats"),
    ] {
        type_path(&mut window, path.to_str().unwrap());
        until(&mut window, problem, |window| {
            window.query_by_label_contains(problem).is_some()
        });
        assert_eq!(names_of_panes(&window).len(), 1);
        window.key_press(Key::Escape);
        window.run_steps(2);
    }
    let missing = folder.path().join("nothere.feedscope");
    type_path(&mut window, missing.to_str().unwrap());
    until(&mut window, "the sentence", |window| {
        window.query_by_label_contains("There is no file").is_some()
    });
    // The text is selected, so that typing replaces it.
    let field = window.get_by_role_and_label(Role::TextInput, "Path");
    field.type_text(recording.path.to_str().unwrap());
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "a second pane", |window| {
        names_of_panes(window).len() == 2 && window.query_by_label("Browse…").is_none()
    });
}

#[test]
fn several_paths_are_typed_pasted_or_chosen_in_the_dialog() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (
        stream(folder.path(), "a b.sse"),
        stream(folder.path(), "c.sse"),
    );
    let window = || {
        let mut window = open(&[]);
        window.run_steps(2);
        window.key_press_modifiers(Modifiers::COMMAND, Key::O);
        window.run_steps(3);
        window
    };
    let opens_both = |window: &mut Whole| {
        window.run_steps(2);
        window.key_press(Key::Enter);
        until(window, "both files", |window| {
            has_row(window, "from a b.sse") && has_row(window, "from c.sse")
        });
    };
    let (one, other) = (one.display(), other.display());
    let mut typed = window();
    typed.event(egui::Event::Text(format!("\"{one}\" {other}")));
    opens_both(&mut typed);
    let mut pasted = window();
    pasted.event(egui::Event::Paste(format!("{one}\n{other}\n")));
    opens_both(&mut pasted);

    let mut chosen = Fixture::default().harness(1280.0, 800.0);
    chosen.key_press_modifiers(Modifiers::COMMAND, Key::O);
    chosen.run_steps(3);
    let files = ["/a b.sse", "/c.sse"].map(|path| PathBuf::from(path).into());
    let purpose = feedscope_ui::FilePurpose::Open;
    chosen
        .state_mut()
        .window
        .set_chosen_files(purpose, Ok(files.to_vec()));
    chosen.run_steps(2);
    let field = chosen.get_by_role_and_label(Role::TextInput, "Path");
    assert_eq!(field.value().as_deref(), Some("\"/a b.sse\" /c.sse"));
}

#[test]
fn two_recordings_of_one_url_are_two_panes_and_the_files_of_one_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let recording = |name: &str| ended_recording(folder.path(), name);
    let paths = [
        recording("ticks-2026-11-26-221500.feedscope"),
        recording("run-0001.feedscope"),
        recording("ticks-2026-11-26-231500.feedscope"),
        recording("run-0002.feedscope"),
    ];
    let shown: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let mut window = open(&shown);
    until(&mut window, "all files", |window| {
        window.query_all_by_label("State: recording").count() == 3
    });
    let expected = [
        "Pane 1: ticks – ticks-2026-11-26-221500.feedscope, recording",
        "Pane 2: ticks – run-0002.feedscope, recording",
        "Pane 3: ticks – ticks-2026-11-26-231500.feedscope, recording",
    ];
    assert_eq!(names_of_panes(&window), expected);
    assert_eq!(window.state().feeds()[1].store.received().0.records, 4);
}

#[test]
fn a_file_without_times_is_shown_from_its_first_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.sse");
    let events: Vec<String> = (0..5_000)
        .map(|number| format!("data: tick {number}\n\n"))
        .collect();
    fs::write(&path, events.concat()).unwrap();
    let mut window = open(&[&path]);
    until(&mut window, "the file", |window| has(window, "State: file"));
    window.run_steps(3);
    assert!(has_row(&window, "tick 0") && !has_row(&window, "tick 4999"));
    assert!(window.query_by_label_contains(" new").is_none());
    // A recording has times, and is shown from its end.
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..5_000);
    recording.recorder.finish();
    let mut window = open(&[&recording.path]);
    until(&mut window, "the end", |window| {
        has_row(window, "tick 4999")
    });
    // One that is still written may have the same moment so far.
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..500);
    let file = FileScene {
        path: "a.ndjson".to_owned(),
        stage: FileStage::BeingWritten,
        span: Some((stamp(0), stamp(0))),
        ..FileScene::default()
    };
    fixture.set_file(0, file);
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(2);
    let rows = super::fixture::rows(&window);
    assert!(rows.last().unwrap().ends_with("tick 499"), "{rows:?}");
}

#[test]
fn each_stage_of_a_file_is_a_word() {
    for (stage, words) in [
        (FileStage::Opening, "State: opening"),
        (FileStage::Reading { percent: 7 }, "State: reading 7 %"),
        (FileStage::BeingWritten, "State: being recorded"),
        (FileStage::Complete, "State: recording"),
        (FileStage::Failed, "State: not readable"),
    ] {
        let mut fixture = Fixture::default();
        fixture.panes.truncate(1);
        let file = FileScene {
            path: "a.feedscope".to_owned(),
            is_recording: true,
            stage,
            ..FileScene::default()
        };
        fixture.set_file(0, file);
        let window = fixture.harness(640.0, 480.0);
        window.get_by_label(words);
        window.get_by_label("File: a.feedscope");
    }
}

#[test]
fn a_file_without_times_has_a_calm_note_and_shows_no_times() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..9);
    let note = "The file has no times: another program wrote its 9 lines.";
    let file = FileScene {
        path: "a.ndjson".to_owned(),
        stage: FileStage::Complete,
        span: Some((stamp(0), stamp(0))),
        note: Some(note.to_owned()),
        ..FileScene::default()
    };
    fixture.set_file(0, file);
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_role_and_label(Role::Status, note);
    assert!(window.query_by_role(Role::Alert).is_none());
    let has_column = |name| {
        let header = window.query_by_role_and_label(Role::ColumnHeader, name);
        header.is_some()
    };
    assert!(!has_column("time") && has_column("type"));
    let row = window.get_by_label_contains("tick 3").accesskit_node();
    assert_eq!(row.description(), None);
    assert!(window.query_by_label_contains("peak").is_none());
    window.get_by_label("Close this message").click();
    window.run_steps(2);
    assert!(window.query_by_label(note).is_none());
}

/// Returns the names of the panes, in their order.
pub(super) fn names_of_panes(window: &Whole) -> Vec<String> {
    let groups = window.query_all_by_role(Role::Group);
    let names = groups.filter_map(|node| node.accesskit_node().label());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("Pane ")).collect();
    names.sort();
    names
}

#[test]
fn files_are_opened_in_the_order_in_which_they_are_given() {
    let folder = tempfile::tempdir().unwrap();
    let stream = |name: &str| stream(folder.path(), name);
    let recording = |name: &str| ended_recording(folder.path(), name);
    let paths = [stream("c.sse"), recording("b.feedscope"), stream("a.sse")];
    let are_read = |window: &Whole, count: usize| {
        let stages = window.query_all_by_label_contains("State: ");
        let labels = stages.filter_map(|node| node.accesskit_node().label());
        let is_read = |label: &String| matches!(label.as_str(), "State: file" | "State: recording");
        labels.filter(is_read).count() == count
    };
    let shown: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let mut window = open(&shown);
    until(&mut window, "all files", |window| are_read(window, 3));
    let expected = [
        "Pane 1: c.sse, file",
        "Pane 2: ticks – b.feedscope, recording",
        "Pane 3: a.sse, file",
    ];
    assert_eq!(names_of_panes(&window), expected);
}

#[test]
fn a_recording_is_read_as_it_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let reading = RecordedReading {
        decode: Some("hex".to_owned()),
        lens: Some("json-rpc".to_owned()),
        ..RecordedReading::default()
    };
    let mut recording = Recording::reading(folder.path(), reading);
    // {"jsonrpc":"2.0","method":"tick"}
    let encoded = "7b226a736f6e727063223a22322e30222c226d6574686f64223a227469636b227d";
    let kind = Kind::Event {
        event: b"message",
        id: b"",
        data: encoded.as_bytes(),
    };
    recording.push(stamp(0), kind);
    recording.recorder.finish();
    let mut window = open(&[&recording.path]);
    until(&mut window, "the decoded row", |window| {
        has(window, "decode: hex ▾") && has_row(window, "message tick")
    });
}

#[test]
fn the_chips_follow_the_records_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let archive = |url: &str| {
        format!(
            r#"{{"log":{{"version":"1.2","entries":[{{"startedDateTime":"2026-11-21T05:49:14Z","request":{{"method":"GET","url":"{url}"}},"response":{{"status":101,"content":{{}}}},"_resourceType":"websocket","_webSocketMessages":[{{"type":"receive","time":1795240155.5,"opcode":1,"data":"hello"}}]}}]}}}}"#
        )
    };
    let line = |rest: &str| {
        format!("{{\"at\":\"2026-11-21T05:49:14Z\",\"connection\":1,\"kind\":{rest}}}\n")
    };
    let open_state = line(r#""state","state":"open""#);
    let message = line(r#""text","direction":"in","data":"hello""#);
    let event = line(r#""event","event":"message","id":"","data":"hello""#);
    let described =
        r#"{"kind":"feed","feed":"a","url":"https://a.test/a","protocol":"web-socket"}"#;
    let socket = ["received", "sent", "ping / pong", "states"];
    for (name, text, chips) in [
        ("a.har", archive("https://a.test/chat"), &socket[..]),
        ("b.har", archive("wss://a.test/chat"), &socket),
        ("c.ndjson", format!("{open_state}{message}"), &socket),
        (
            "d.ndjson",
            format!(
                "{described}\n{}",
                message.replace("\"kind\"", "\"feed\":\"a\",\"kind\"")
            ),
            &socket,
        ),
        (
            "e.ndjson",
            format!("{open_state}{event}"),
            &["events", "comments", "states"],
        ),
        ("f.ndjson", "hello\n".to_owned(), &["lines", "states"]),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let mut window = open(&[&path]);
        until(&mut window, name, |window| has_row(window, "hello"));
        window.run_steps(2);
        let all = [
            "events",
            "comments",
            "lines",
            "received",
            "sent",
            "ping / pong",
            "states",
        ];
        let shown: Vec<&str> = all.into_iter().filter(|chip| has(&window, chip)).collect();
        let expected: Vec<&str> = all
            .into_iter()
            .filter(|chip| chips.contains(chip))
            .collect();
        assert_eq!(shown, expected, "{name}");
    }
}
