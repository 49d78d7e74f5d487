//! Saving of records in other formats: the dialog, and the files that it creates.

use std::path::PathBuf;

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::KeptSettings;
use feedscope_core::store::{ClassSet, RowNumber};
use feedscope_ui::{
    Command, FileCommand, FilePurpose, NewFile, PathCheck, RecordsCommand, RowChoice,
};

use super::files::{Recording, open};
use super::fixture::{CHAT, EVENTS, Fixture};
use super::hand;
use super::whole::{self, Whole, until};

fn has(window: &Whole, label: &str) -> bool {
    window.query_by_label_contains(label).is_some()
}

#[test]
fn the_records_of_a_pane_are_saved_in_a_format() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = whole::demo(KeptSettings::default());
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 > 10
    });
    let path = folder.path().join("ticks");
    for (format, ending, part) in [
        (
            "Lines of JSON",
            ".ndjson",
            "{\"kind\":\"feed\",\"feed\":\"events\"",
        ),
        ("CSV", ".csv", "at,"),
        ("Event stream", ".sse", "event: price"),
        ("Feedscope", ".feedscope", "FEEDFILE"),
    ] {
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
        window.run_steps(3);
        let note = "Feedscope writes CSV, MCAP and Parquet files and cannot read them.";
        assert!(has(&window, note));
        window
            .get_by_role_and_label(Role::RadioButton, format)
            .click();
        window.run_steps(2);
        window
            .get_by_role_and_label(Role::TextInput, "Save in")
            .type_text(path.to_str().unwrap());
        window.run_steps(2);
        window.get_by_label("Save").click();
        let file = format!("{}{ending}", path.display());
        let saved = format!("to {file}");
        until(&mut window, format, |window| {
            has(window, "Saved ") && has(window, &saved)
        });
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.contains(part),
            "{format}: {}",
            &text[..200.min(text.len())]
        );
        window.get_by_label("Close this message").click();
        window.run_steps(2);
    }
    // There is nothing beside the four files, and none of them is written again.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    let feed = window.state().feeds()[0].id;
    let before = std::fs::read(path.with_extension("csv")).unwrap();
    window.state_mut().save_as(
        feed,
        path.with_extension("csv").into(),
        "csv",
        RowChoice::ALL,
    );
    until(&mut window, "the refusal", |window| {
        has(window, "Not saved:") && has(window, "exists")
    });
    assert_eq!(std::fs::read(path.with_extension("csv")).unwrap(), before);
}

#[test]
fn an_existing_file_is_replaced_only_if_the_user_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = whole::demo(KeptSettings::default());
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 > 10
    });
    let path = folder.path().join("ticks.ndjson");
    std::fs::write(&path, "theirs").unwrap();
    let field = |window: &Whole| {
        let field = window.get_by_role_and_label(Role::TextInput, "Save in");
        (field.value(), field.accesskit_node().is_focused())
    };
    let typed = |path: &std::path::Path| (Some(path.display().to_string()), true);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.run_steps(3);
    let missing = folder.path().join("no/ticks.ndjson");
    window.event(egui::Event::Text(missing.display().to_string()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the reason", |window| {
        has(window, "There is no folder")
    });
    window.run_steps(2);
    assert_eq!(field(&window), typed(&missing));
    // The ending has chosen the format.
    let format = window.get_by_role_and_label(Role::RadioButton, "Lines of JSON");
    assert_eq!(format.accesskit_node().toggled(), Some(Toggled::True));
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Text(path.display().to_string()));
    window.run_steps(2);
    let question = format!("{} exists already. Replace it?", path.display());
    for ending in [Key::Enter, Key::Escape] {
        window.key_press(Key::Enter);
        until(&mut window, "the question", |window| has(window, &question));
        // The harmless answer has the focus, and both keys lead back to the path.
        window.run_steps(2);
        window.key_press(ending);
        window.run_steps(3);
        assert!(!has(&window, &question));
        assert_eq!(field(&window), typed(&path));
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    window.key_press(Key::Enter);
    until(&mut window, "the question", |window| has(window, &question));
    window.run_steps(2);
    window.get_by_label("Replace").click();
    until(&mut window, "the file", |window| has(window, "Saved "));
    assert!(window.query_by_label("Save in").is_none());
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"feed\":\"events\""), "{text}");
}

#[test]
fn only_chosen_rows_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = whole::demo(KeptSettings::default());
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 > 10
    });
    let feed = window.state().feeds()[0].id;
    let lines = |path: &PathBuf| std::fs::read_to_string(path).unwrap().lines().count();
    let some = folder.path().join("some.ndjson");
    let rows = RowChoice {
        ranges: vec![RowNumber(2)..RowNumber(4), RowNumber(6)..RowNumber(7)],
        ..RowChoice::ALL
    };
    window
        .state_mut()
        .save_as(feed, some.clone().into(), "ndjson", rows);
    until(&mut window, "three rows", |window| {
        has(window, "Saved 3 records")
    });
    // The first line describes the feed.
    assert_eq!(lines(&some), 4);
    let none = folder.path().join("none.ndjson");
    let rows = RowChoice {
        filter: "\"no such text\"".to_owned(),
        classes: ClassSet::ALL,
        ..RowChoice::ALL
    };
    window
        .state_mut()
        .save_as(feed, none.clone().into(), "ndjson", rows);
    until(&mut window, "no rows", |window| {
        has(window, "Saved 0 records")
    });
    assert_eq!(lines(&none), 1);
}

#[test]
fn the_dialog_saves_selected_rows_and_names_what_a_format_lacks() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    let mut window = fixture.harness(1280.0, 800.0);
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[1].click();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.run_steps(3);
    window.get_by_label("2 selected");
    window.get_by_label("Browse…").click();
    window.run_steps(2);
    let purpose = FilePurpose::Save(EVENTS);
    let answer = Ok(vec![PathBuf::from("/x").into()]);
    window.state_mut().window.set_chosen_files(purpose, answer);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(2);
    let rows = RowChoice {
        classes: ClassSet::USUAL,
        ranges: vec![RowNumber(1)..RowNumber(3)],
        ..RowChoice::ALL
    };
    let save = Command::Records(RecordsCommand::SaveAs {
        feed: EVENTS,
        file: PathBuf::from("/x.csv").into(),
        format: "csv",
        rows,
    });
    assert_eq!(
        window.state().commands,
        [Command::File(FileCommand::Browse(purpose)), save]
    );
    // An event stream cannot hold a WebSocket.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.run_steps(3);
    window.get_by_label("event streams only; this is a WebSocket");
    assert!(window.query_by_label("2 selected").is_none());
    assert_eq!(CHAT.0, 2);
    // No file in another format gets its ending.
    window.state_mut().commands.clear();
    window.event(egui::Event::Text("talk.sse".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    window.get_by_label(
        "Event stream cannot hold the messages of a WebSocket. Use another ending, such as .csv.",
    );
    assert_eq!(window.state().commands, []);
}

#[test]
fn a_span_of_the_trace_is_saved_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..60);
    recording.recorder.finish();
    let mut window = open(&[&recording.path]);
    until(&mut window, "the whole file", |window| {
        has(window, "State: recording") && has(window, "Message rate: ")
    });
    let trace = window.get_by_label_contains("Message rate: ").rect();
    let at = |part: f32| {
        let x = trace.left() + trace.width() * part;
        egui::pos2(x, trace.center().y)
    };
    hand::drag(&mut window, at(0.6), at(0.75));
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.run_steps(3);
    let chosen = window.get_by_label_contains(" selected");
    let count = chosen.accesskit_node().label().unwrap();
    let count: usize = count.split(' ').next().unwrap().parse().unwrap();
    assert!((10..25).contains(&count), "{count}");
    let path = folder.path().join("span.ndjson");
    window
        .get_by_role_and_label(Role::TextInput, "Save in")
        .type_text(path.to_str().unwrap());
    window
        .get_by_role_and_label(Role::RadioButton, "Lines of JSON")
        .click();
    window.run_steps(2);
    window.get_by_label("Save").click();
    let saved = format!("Saved {count} records");
    until(&mut window, "the file", |window| has(window, &saved));
    let text = std::fs::read_to_string(&path).unwrap();
    let ticks = text.lines().filter_map(|line| {
        let (_, tick) = line.split_once("tick ")?;
        tick.split('"').next()?.parse::<usize>().ok()
    });
    let ticks: Vec<usize> = ticks.collect();
    // The span has all records between its ends, and no others.
    let expected: Vec<usize> = (ticks[0]..ticks[0] + count).collect();
    assert_eq!(ticks, expected);
    assert!(ticks[0] > 10 && ticks[count - 1] < 59, "{ticks:?}");
}

#[test]
fn the_window_asks_once_before_a_file_is_replaced() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    fixture.path_check = PathCheck::Exists;
    let purpose = FilePurpose::Save(EVENTS);
    let mut window = fixture.harness(1280.0, 800.0);
    let mut choose = |path: &str, replaces| {
        window.state_mut().commands.clear();
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
        window.run_steps(3);
        let file = NewFile {
            path: PathBuf::from(path),
            replaces,
        };
        let answer = Ok(vec![file]);
        window.state_mut().window.set_chosen_files(purpose, answer);
        window.run_steps(2);
        window.key_press(Key::Enter);
        window.run_steps(3);
        let asks = window.query_by_label("Replace").is_some();
        let saved = window.state().commands.iter().find_map(|it| match it {
            Command::Records(RecordsCommand::SaveAs { file, .. }) => Some(file.replaces),
            _ => None,
        });
        // Both keys do nothing where the dialog is closed.
        window.key_press(Key::Escape);
        window.run_steps(2);
        window.key_press(Key::Escape);
        window.run_steps(2);
        (asks, saved)
    };
    // The dialog of the system has asked.
    assert_eq!(choose("/x.csv", true), (false, Some(true)));
    // The file appeared after the dialog, or the window adds the ending.
    assert_eq!(choose("/x.csv", false), (true, None));
    assert_eq!(choose("/x", true), (true, None));
}

#[test]
fn enter_takes_the_suggested_path_and_an_empty_one_is_asked_for() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..5);
    let comment = feedscope_core::Kind::Comment { data: b"alive" };
    fixture.push(0, 5, comment);
    let mut window = fixture.harness(1280.0, 800.0);
    let open = |window: &mut egui_kittest::Harness<'_, Fixture>| {
        window.state_mut().commands.clear();
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
        window.run_steps(3);
    };
    let path = |window: &egui_kittest::Harness<'_, Fixture>| {
        let field = window.get_by_role_and_label(Role::TextInput, "Save in");
        field.value().unwrap_or_default()
    };
    let saved = |window: &egui_kittest::Harness<'_, Fixture>| {
        window.state().commands.iter().find_map(|it| match it {
            Command::Records(RecordsCommand::SaveAs { file, .. }) => Some(file.path.clone()),
            _ => None,
        })
    };
    open(&mut window);
    assert_eq!(path(&window), "events.csv");
    window.get_by_label("Saves 6 records");
    // The comment is hidden.
    window
        .get_by_label("shown by the filter and the chips")
        .click();
    window.run_steps(2);
    window.get_by_label("Saves 5 of 6 records");
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(saved(&window), Some("events.csv".into()));
    // The ending follows the format, and typing replaces the suggestion.
    open(&mut window);
    let last = window.get_all_by_role(Role::RadioButton).last().unwrap();
    last.click();
    window.run_steps(3);
    let suggested = path(&window);
    assert!(suggested.starts_with("events.") && suggested != "events.csv");
    window.event(egui::Event::Text("x".to_owned()));
    window.run_steps(2);
    assert_eq!(path(&window), "x");
    // Nothing happens without a word.
    window.key_press(Key::Backspace);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    window.get_by_label("Type the path of a file, or choose one with Browse…");
    assert_eq!(saved(&window), None);
}

#[test]
fn the_dialogs_name_the_folder_of_the_file() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..3);
    let mut window = fixture.harness(640.0, 480.0);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.run_steps(3);
    window.get_by_label("Folder: /home/guest/measurements");
    // The buttons below are in sight as well.
    assert!(window.get_by_label("Save").rect().bottom() <= 480.0);
    for (typed, folder) in [
        ("today/ticks.csv", "/home/guest/measurements/today"),
        ("/tmp/ticks.csv", "/tmp"),
    ] {
        window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.event(egui::Event::Text(typed.to_owned()));
        window.run_steps(3);
        window.get_by_label(&format!("Folder: {folder}"));
    }
    let long = format!("/{}/ticks.csv", "a-folder-with-a-long-name/".repeat(8));
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Text(long));
    window.run_steps(3);
    // The middle of a long folder is left out, but not for a screen reader.
    let line = window.get_by_label_contains("Folder: /a-folder");
    assert!(line.value().unwrap().ends_with("long-name"));
    assert!(line.rect().right() <= 640.0);
    let is_cut = |shape: &egui::epaint::ClippedShape| match &shape.shape {
        egui::Shape::Text(text) => {
            let text = text.galley.text();
            text.starts_with("Folder: /") && text.contains('…') && text.ends_with("long-name")
        }
        _ => false,
    };
    assert!(window.output().shapes.iter().any(is_cut));
}
