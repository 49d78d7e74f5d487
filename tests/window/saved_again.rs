//! Saving of connections: with the columns, measures and decoders of the pane, and again with its changes.

use std::fs;
use std::path::Path;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use feedscope_files::connections::SavedConnections;

use super::saved::{demo, entries, has, open_list, type_into};
use super::whole::{Whole, until};

/// Saves a connection to the ticks of the demo server with these further lines, and opens it from the list.
fn open_ticks(window: &mut Whole, path: &Path, lines: &str) {
    let url = window.state().demo().unwrap().http_url();
    fs::write(path, format!("[ticks]\nurl = \"{url}/events\"\n{lines}\n")).unwrap();
    open_list(window);
    until(window, "the entry", |window| {
        entries(window).contains(&"ticks".to_owned())
    });
    window.key_press(Key::Enter);
}

/// Saves the connection of the pane under the name `copy`. Returns all saved connections.
fn save_copy(window: &mut Whole, path: &Path) -> SavedConnections {
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(window, "the form", |window| has(window, "Cancel"));
    type_into(window, "Name", "copy");
    window.get_by_label("Save").click();
    until(window, "the copy", |_window| {
        fs::read_to_string(path).unwrap().contains("[copy]")
    });
    SavedConnections::load(path).unwrap().unwrap()
}

#[test]
fn the_columns_of_a_connection_are_shown_and_saved_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let columns = "columns = [\"time\", \".symbol\", \".price\"]";
    open_ticks(&mut window, &path, columns);
    until(&mut window, "the columns", |window| {
        has(window, ".symbol") && has(window, ".price")
    });
    // A copy of the feed under another name has them, too.
    let saved = save_copy(&mut window, &path);
    let copy = saved.find("copy").unwrap();
    assert_eq!(copy.columns, ["time", ".symbol", ".price"]);
}

#[test]
fn a_saved_connection_is_replaced_with_the_changes_of_its_pane() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let lines = "group = \"work\" # kept\nunknown = 1\n\n[[ticks.messages]]\nname = \"hi\"\ntext = \"hi ${counter}\"";
    open_ticks(&mut window, &path, lines);
    until(&mut window, "the feed", |window| {
        window.state().feeds()[0].name.as_deref() == Some("ticks")
    });
    let before = SavedConnections::load(&path).unwrap().unwrap();
    // A sheet that has just closed still keeps the focus.
    window.run_steps(4);
    type_into(&mut window, "Filter", "type:price");
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form", |window| has(window, "Replace"));
    // The form has its place.
    window.run_steps(3);
    window.get_by_label("Replace").click();
    until(&mut window, "the filter", |_window| {
        fs::read_to_string(&path).unwrap().contains("type:price")
    });
    let after = SavedConnections::load(&path).unwrap().unwrap();
    let mut expected = before.find("ticks").unwrap().clone();
    expected.filter = Some("type:price".to_owned());
    assert_eq!(after.find("ticks"), Some(&expected));
    assert!(after.text().contains("# kept") && after.text().contains("unknown = 1"));
}

#[test]
fn a_connection_that_is_saved_twice_keeps_what_was_typed_into_its_form() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let save = |window: &mut Whole, button: &str| {
        // The form has its place.
        window.run_steps(3);
        window.get_by_label(button).click();
        until(window, "the end of the form", |window| {
            !has(window, "Cancel")
        });
    };
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form", |window| has(window, "Cancel"));
    type_into(&mut window, "Name", "twice");
    type_into(&mut window, "Headers", "X-Desk: ${MYKEY}");
    type_into(&mut window, "Send on connect", "hello");
    save(&mut window, "Save");
    let first = SavedConnections::load(&path).unwrap().unwrap();
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the second form", |window| {
        has(window, "Replace")
    });
    save(&mut window, "Replace");
    let second = SavedConnections::load(&path).unwrap().unwrap();
    assert_eq!(second.text(), first.text());
    assert!(second.text().contains("${MYKEY}") && second.text().contains("hello"));
    // A header that is changed in the form does not return to its former value.
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the third form", |window| {
        has(window, "Replace")
    });
    type_into(&mut window, "Headers", "X-Desk: other");
    save(&mut window, "Replace");
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the fourth form", |window| {
        has(window, "Replace")
    });
    save(&mut window, "Replace");
    let last = fs::read_to_string(&path).unwrap();
    assert!(last.contains("X-Desk = \"other\""), "{last}");
}

#[test]
fn a_connection_that_has_changed_in_its_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    open_ticks(&mut window, &path, "");
    until(&mut window, "the feed", |window| {
        window.state().feeds()[0].name.as_deref() == Some("ticks")
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form", |window| has(window, "Replace"));
    window.run_steps(3);
    let text = fs::read_to_string(&path).unwrap() + "headers = { X-Key = \"7\" }\n";
    fs::write(&path, &text).unwrap();
    window.get_by_label("Replace").click();
    until(&mut window, "the sentence", |window| {
        let mut values = window.query_all_by(|node| node.value().is_some());
        values.any(|node| node.value().unwrap().contains("changed in the file"))
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_measured_fields_of_a_connection_are_saved_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let measures = "measures = { time = \".at\", sequence = \".seq\" }";
    open_ticks(&mut window, &path, measures);
    until(&mut window, "the feed", |window| {
        let feeds = window.state().feeds();
        feeds[0].name.as_deref() == Some("ticks")
    });
    window.run_steps(3);
    let saved = save_copy(&mut window, &path);
    let [ticks, copy] = ["ticks", "copy"].map(|name| saved.find(name).unwrap());
    assert_eq!(copy.measures, ticks.measures);
    assert!(
        saved.text().matches(measures).count() == 2,
        "{}",
        saved.text()
    );
}

#[test]
fn the_decoders_and_the_lens_of_a_connection_are_used_and_saved_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let reading = "decode = \"base64,msgpack\"\nlens = \"none\"";
    open_ticks(&mut window, &path, reading);
    until(&mut window, "the chip", |window| {
        has(window, "decode: base64,msgpack ▾")
    });
    assert!(!has(&window, "have no effect"), "the keys are known");
    let saved = save_copy(&mut window, &path);
    assert_eq!(
        saved.find("copy").unwrap().options,
        saved.find("ticks").unwrap().options
    );
}
