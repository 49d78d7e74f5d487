//! Accessibility trees of the sheets and menus over the window, without the panes behind them. `trees.rs` describes the
//! files and how they are written.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;
use feedscope_ui::{
    AskScene, AskSubject, AskedVariable, ConnectionForm, SaveScene, SavedConnectionScene,
    SavedScene, SessionRecordingScene, SessionRecordingsScene,
};

use super::fixture::{EVENTS, Fixture};
use super::hand::secondary_click;
use super::trees::{compare, faults, write_node};

/// Compares the tree of the open sheet with the file of this name.
fn check_sheet(window: &Harness<'_, Fixture>, name: &str) {
    assert_eq!(faults(window), Vec::<String>::new(), "{name}");
    let sheet = window.get_by_role(Role::Dialog);
    let mut tree = String::new();
    write_node(&mut tree, sheet.accesskit_node(), 0);
    compare(&tree, name);
}

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn form() -> ConnectionForm {
    ConnectionForm {
        name: "desk".to_owned(),
        group: "work".to_owned(),
        ..ConnectionForm::default()
    }
}

fn window() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.push_events(0..40);
    fixture.harness(1280.0, 800.0)
}

#[test]
fn the_saved_connections() {
    let mut fixture = Fixture::default();
    fixture.saved = SavedScene {
        file: "connections.toml".to_owned(),
        problem: None,
        connections: vec![SavedConnectionScene {
            form: form(),
            shown_url: "https://desk.test/".to_owned(),
            variables: vec![("TOKEN".to_owned(), false)],
        }],
    };
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::K);
    check_sheet(&window, "connections");
}

#[test]
fn the_form_of_a_saved_connection() {
    let mut window = window();
    let scene = SaveScene {
        form: form(),
        ..SaveScene::default()
    };
    window.state_mut().window.show_save(EVENTS, scene);
    window.run_steps(4);
    check_sheet(&window, "connection");
}

#[test]
fn the_question_about_variables() {
    let mut window = window();
    let question = AskScene {
        subject: AskSubject::Saved("desk".to_owned(), None),
        title: "Open desk".to_owned(),
        url: "https://desk.test/ticks?key=***&depth=5".to_owned(),
        variables: vec![
            AskedVariable {
                name: "TOKEN".to_owned(),
                before: "Authorization: Bearer ".to_owned(),
                after: String::new(),
            },
            AskedVariable {
                name: "KEY".to_owned(),
                before: "?key=".to_owned(),
                after: String::new(),
            },
        ],
        refusal: None,
        trust: None,
    };
    window.state_mut().window.ask(question);
    window.run_steps(4);
    check_sheet(&window, "variables");
}

#[test]
fn the_question_about_a_link() {
    let mut window = window();
    let url = url::Url::parse("https://a.test/events").unwrap();
    window.state_mut().window.ask_links(vec![url]);
    window.run_steps(4);
    check_sheet(&window, "link");
}

#[test]
fn the_dialog_that_saves_records() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    check_sheet(&window, "save");
}

#[test]
fn the_dialog_that_opens_a_file() {
    let mut window = window();
    press(&mut window, Modifiers::COMMAND, Key::O);
    check_sheet(&window, "open");
}

#[test]
fn the_recordings_of_sessions() {
    let mut fixture = Fixture::default();
    fixture.sessions = SessionRecordingsScene {
        limit: 2 << 30,
        list: vec![SessionRecordingScene {
            name: "session-2026-11-27-024800-7".to_owned(),
            bytes: 2_000_000,
            is_running: false,
            was_interrupted: true,
        }],
        ..SessionRecordingsScene::default()
    };
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    let field = window.get_by_role_and_label(Role::TextInput, "Command");
    field.type_text("Recordings of sessions");
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    check_sheet(&window, "sessions");
}

#[test]
fn the_menu_of_a_row_with_the_columns() {
    let mut fixture = Fixture::default();
    let kind = Kind::Line { data: b"{\"n\":1}" };
    fixture.push(0, 1, kind);
    let mut window = fixture.harness(1280.0, 800.0);
    let behind = nodes(&window);
    let row = window.get_by_label_contains("{\"n\":1}").rect().center();
    secondary_click(&mut window, row);
    assert_eq!(faults(&window), Vec::<String>::new());
    // What is new is the menu.
    let lines = nodes(&window).into_iter();
    let tree: String = lines.filter(|line| !behind.contains(line)).collect();
    compare(&tree, "row_menu");
}

/// Returns the lines of the whole tree.
fn nodes(window: &Harness<'_, Fixture>) -> Vec<String> {
    let mut tree = String::new();
    for child in window.root().accesskit_node().children() {
        write_node(&mut tree, child, 0);
    }
    tree.lines().map(|line| format!("{line}\n")).collect()
}
