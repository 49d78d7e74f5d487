//! Files that cannot be read, as a whole or in part: the reason, and the ways on.

use std::fs;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::files::{Recording, alert, has, has_row, open, stream};
use super::whole::until;

#[test]
fn a_file_that_cannot_be_read_is_a_sentence_in_its_pane() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.feedscope");
    fs::write(&path, "no recording at all").unwrap();
    let mut window = open(&[&path]);
    until(&mut window, "the sentence", |window| {
        has(window, "State: not readable")
    });
    let sentence = alert(&window);
    assert!(
        sentence.ends_with("it is not a recording of Feedscope"),
        "{sentence}"
    );
    let path = folder.path().join("picture.png");
    fs::write(&path, "?").unwrap();
    let mut window = open(&[&path]);
    until(&mut window, "the formats", |window| {
        alert(window).contains("ndjson")
    });
}

#[test]
fn a_text_in_utf_16_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lines.ndjson", "events.sse", "archive.har", "notes.txt"] {
        let path = folder.path().join(name);
        let text = "\u{feff}data: a\n\n".encode_utf16();
        let bytes: Vec<u8> = text.flat_map(u16::to_le_bytes).collect();
        fs::write(&path, bytes).unwrap();
        let mut window = open(&[&path]);
        until(&mut window, "the sentence", |window| {
            has(window, "State: not readable")
        });
        let sentence = alert(&window);
        let end = "the text is UTF-16, but events and lines are read as UTF-8: save it as UTF-8";
        assert!(sentence.ends_with(end), "{sentence}");
    }
}

#[test]
fn an_empty_file_is_called_empty_in_each_format() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["empty.sse", "empty.ndjson", "empty.har"] {
        let path = folder.path().join(name);
        fs::write(&path, "").unwrap();
        let mut window = open(&[&path]);
        until(&mut window, "the sentence", |window| {
            has(window, "State: not readable")
        });
        let sentence = alert(&window);
        assert!(sentence.ends_with(": the file is empty"), "{sentence}");
    }
}

#[test]
fn a_pane_of_a_file_that_cannot_be_read_offers_another_try_and_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.sse");
    let mut window = open(&[&path]);
    until(&mut window, "the sentence", |window| {
        has(window, "State: not readable")
    });
    let sentence = alert(&window);
    assert!(sentence.ends_with(": there is no such file"), "{sentence}");
    // Nothing is there to search, to save or to plot.
    for name in ["Filter", "Save as…"] {
        assert!(!has(&window, name), "{name}");
    }
    window.get_by_label("More").click();
    window.run_steps(3);
    assert!(has(&window, "Copy the path") && !has(&window, "Plot…"));
    window.key_press(Key::Escape);
    window.run_steps(3);
    window.get_by_label("Try again").click();
    window.run_steps(3);
    until(&mut window, "the same sentence", |window| {
        has(window, "State: not readable")
    });
    stream(folder.path(), "later.sse");
    window.get_by_label("Try again").click();
    until(&mut window, "its event", |window| {
        has_row(window, "from later.sse")
    });
    assert!(has(&window, "Filter"));
    assert_eq!(window.state().feeds().len(), 1);

    let mut window = open(&[&folder.path().join("never.sse")]);
    until(&mut window, "the sentence", |window| {
        has(window, "State: not readable")
    });
    window.get_by_label("Open another file…").click();
    window.run_steps(3);
    let field = window.get_by_role_and_label(Role::TextInput, "Path");
    field.type_text(path.to_str().unwrap());
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the other file", |window| {
        has_row(window, "from later.sse")
    });
    assert_eq!(window.state().feeds().len(), 1, "it takes the same pane");
}

#[test]
fn damage_and_a_cut_are_sentences_and_the_other_records_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    recording.push_ticks(0..3);
    recording.recorder.finish();
    let whole = fs::read(&recording.path).unwrap();
    let mut window = open(&[&recording.path]);
    until(&mut window, "the ticks", |window| has_row(window, "tick 2"));
    assert_eq!(alert(&window), "");
    fs::write(&recording.path, &whole[..whole.len() - 64]).unwrap();
    until(&mut window, "the cut", |window| {
        alert(window).contains("has become shorter: 64 of")
    });
    assert!(has_row(&window, "tick 2"));
}
