//! Files, folders and unreadable files that are dropped onto the window.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use feedscope::app::{App, KeptSettings};
use feedscope::plan::WindowFeeds;
use feedscope_ui::{Command, FileCommand};

use super::files::{Recording, alert, has_row, names_of_panes, stream};
use super::fixture::Fixture;
use super::whole::{app_window, until};

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only the path is used".to_owned())
    }
}

/// Drops files onto the window.
fn drop_files<S>(window: &mut Harness<'_, S>, paths: &[&Path]) {
    let files = &mut window.input_mut().dropped_files;
    for path in paths {
        files.push(Arc::new(Dropped(path.to_path_buf())));
    }
    window.step();
    window.input_mut().dropped_files.clear();
    window.run_steps(2);
}

#[test]
fn dropped_files_are_announced_and_opened() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    for (count, text) in [
        (1, "Drop the file to open it"),
        (2, "Drop the files to open them"),
    ] {
        let hovered = vec![egui::HoveredFile::default(); count];
        window.input_mut().hovered_files = hovered;
        window.step();
        window.get_by_label(text);
    }
    window.input_mut().hovered_files.clear();
    let paths = ["/x/y.har", "/x/z.sse"].map(Path::new);
    drop_files(&mut window, &paths);
    let paths = paths.map(Path::to_path_buf).to_vec();
    let opened = Command::File(FileCommand::Open { pane: None, paths });
    assert_eq!(window.state().commands, [opened]);
}

#[test]
fn dropped_files_folders_and_unreadable_files_have_panes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (
        stream(folder.path(), "a.sse"),
        stream(folder.path(), "b.sse"),
    );
    let parts = folder.path().join("parts");
    fs::create_dir(&parts).unwrap();
    let mut recording = Recording::start(&parts);
    recording.push_ticks(0..3);
    recording.recorder.finish();
    let picture = folder.path().join("picture.png");
    fs::write(&picture, "?").unwrap();
    let mut window = app_window(
        App::new(
            WindowFeeds::Given(Vec::new()),
            None,
            KeptSettings::default(),
        )
        .unwrap(),
    );
    window.run_steps(2);
    drop_files(&mut window, &[&one]);
    until(&mut window, "the file", |window| {
        has_row(window, "from a.sse")
    });
    drop_files(&mut window, &[&other, &parts]);
    until(&mut window, "a file and a folder", |window| {
        has_row(window, "from b.sse") && has_row(window, "tick 2")
    });
    assert_eq!(names_of_panes(&window).len(), 3);
    drop_files(&mut window, &[&picture]);
    until(&mut window, "the sentence", |window| {
        alert(window).contains("shows one of the formats")
    });
    assert_eq!(names_of_panes(&window).len(), 4);
}

#[test]
fn files_can_be_dropped_while_a_sheet_is_open() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let path = Path::new("/x/y.har");
    let opened = Command::File(FileCommand::Open {
        pane: None,
        paths: vec![path.to_owned()],
    });
    // The options stay open with what the user has typed.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.run_steps(3);
    drop_files(&mut window, &[path]);
    assert_eq!(window.state().commands, std::slice::from_ref(&opened));
    window.get_by_label("Apply and connect");
    window.key_press(Key::Escape);
    window.run_steps(3);
    // The dialog for files is not needed any more.
    window.state_mut().commands.clear();
    window.key_press_modifiers(Modifiers::COMMAND, Key::O);
    window.run_steps(3);
    drop_files(&mut window, &[path]);
    assert_eq!(window.state().commands, [opened]);
    assert!(window.query_by_label("Browse…").is_none());
}
