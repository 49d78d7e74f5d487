//! Accessibility tree of the window as text, as a screen reader finds it. The folder `trees` has one file for each part.
//!
//! `UPDATE_TREES=1` writes the files anew. Read them before they are committed: each line is announced to somebody.

use std::fmt::Write as _;
use std::path::Path;

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable as _};
use feedscope_core::connection::Failure;
use feedscope_core::feed::{FeedStatus, Outgoing, QueuedMessage};
use feedscope_core::{ConnectionState, Direction, Kind};
use feedscope_ui::SessionRecordingScene;

use super::fixture::Fixture;

/// Compares the tree of a window with the file of this name.
fn check(window: &Harness<'_, Fixture>, name: &str) {
    assert_eq!(faults(window), Vec::<String>::new(), "{name}");
    compare(&tree_of(window), name);
}

/// Returns what a screen reader cannot use in the tree of a window: controls without a name of their own, and places that
/// are not finite.
pub(crate) fn faults<S>(window: &Harness<'_, S>) -> Vec<String> {
    const NAMED: [Role; 14] = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::Link,
        Role::MenuItem,
        Role::MenuItemCheckBox,
        Role::MenuItemRadio,
        Role::MultilineTextInput,
        Role::PasswordInput,
        Role::RadioButton,
        Role::SearchInput,
        Role::Slider,
        Role::Tab,
        Role::TextInput,
    ];
    fn collect(node: AccessKitNode<'_>, faults: &mut Vec<String>) {
        // Some programs do not follow the reference of a field to its label.
        let name = node.data().label().unwrap_or_default().trim();
        let role = node.role();
        if NAMED.contains(&role) && name.is_empty() {
            faults.push(format!("{role:?} without a name, with {:?}", node.value()));
        }
        let is_finite = node.raw_bounds().is_none_or(|bounds| {
            let sides = [bounds.x0, bounds.y0, bounds.x1, bounds.y1];
            sides.iter().all(|side| side.abs() < 1e6)
        });
        if !is_finite {
            faults.push(format!("{role:?} {name:?} is at {:?}", node.raw_bounds()));
        }
        for child in node.children() {
            collect(child, faults);
        }
    }
    let mut faults = Vec::new();
    collect(window.root().accesskit_node(), &mut faults);
    faults
}

#[test]
fn a_control_without_a_name_and_an_infinite_place_are_faults() {
    // The harness looks for names itself, but only in the widgets of egui.
    let builder = Harness::builder().with_accessibility_check(false);
    let window = builder.build_ui(|ui| {
        let _unnamed = ui.button("");
        let place = egui::Rect::EVERYTHING;
        let response = ui.interact(place, egui::Id::unique("x"), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Label, true, "x"));
    });
    let faults = faults(&window);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("Button without a name"), "{faults:?}");
    assert!(faults[1].starts_with("Label"), "{faults:?}");
}

fn tree_of(window: &Harness<'_, Fixture>) -> String {
    let mut tree = String::new();
    for child in window.root().accesskit_node().children() {
        write_node(&mut tree, child, 0);
    }
    tree
}

pub(crate) fn compare(tree: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/window/trees/{name}.txt"));
    if std::env::var_os("UPDATE_TREES").is_some() {
        std::fs::write(&path, tree).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(tree, expected, "UPDATE_TREES=1 writes {}", path.display());
}

/// Writes a node and its children. A container without a name has no line, because a screen reader passes over it.
pub(crate) fn write_node(tree: &mut String, node: AccessKitNode<'_>, depth: usize) {
    let label = node.label().or_else(|| node.value());
    let is_nameless =
        matches!(node.role(), Role::GenericContainer | Role::Unknown) && label.is_none();
    let is_text = node.role() == Role::TextRun;
    let depth = if is_nameless || is_text {
        depth
    } else {
        let mut line = format!("{:indent$}{:?}", "", node.role(), indent = depth * 2);
        if let Some(label) = &label {
            write!(line, " {label:?}").unwrap();
        }
        for (is_set, word) in [
            (node.is_focused(), "focused".to_owned()),
            (node.is_selected() == Some(true), "selected".to_owned()),
            (node.toggled() == Some(Toggled::True), "on".to_owned()),
            (node.is_disabled(), "disabled".to_owned()),
        ] {
            if is_set {
                write!(line, " {word}").unwrap();
            }
        }
        if let Some((position, size)) = node.position_in_set().zip(node.size_of_set()) {
            write!(line, " {position} of {size}").unwrap();
        }
        if let Some(text) = node.description() {
            write!(line, " ({text})").unwrap();
        }
        tree.push_str(&line);
        tree.push('\n');
        depth + 1
    };
    for child in node.children() {
        write_node(tree, child, depth);
    }
}

#[test]
fn menus_have_names_and_finite_places() {
    for opener in [
        "More",
        "Values to filter by",
        "Recent and saved URLs",
        "Text ▾",
        "More faults ▾",
    ] {
        let mut window = some_records().harness(1280.0, 800.0);
        let before = tree_of(&window);
        window.get_all_by_label(opener).next().unwrap().click();
        window.run_steps(4);
        assert_ne!(tree_of(&window), before, "{opener}");
        assert_eq!(faults(&window), Vec::<String>::new(), "{opener}");
    }
}

fn some_records() -> Fixture {
    let mut fixture = Fixture::default();
    fixture.push_events(0..40);
    for (ms, direction, data) in [
        (10, Direction::Out, "Hello Server!"),
        (20, Direction::In, r#"{"from":"bot","text":"Hello guest"}"#),
    ] {
        let data = data.as_bytes();
        fixture.push(1, ms, text(direction, data));
    }
    fixture
}

fn text(direction: Direction, data: &[u8]) -> Kind<'_> {
    Kind::Text {
        direction,
        data,
        wire: None,
        failed: None,
    }
}

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

#[test]
fn the_demo() {
    let window = some_records().harness(1280.0, 800.0);
    check(&window, "demo");
}

#[test]
fn the_notices_above_and_within_the_panes() {
    let mut fixture = some_records();
    fixture.notice = Some(
        "settings.toml, line 3: the theme is not known. The file is kept as it is.".to_owned(),
    );
    fixture.sessions.list.push(SessionRecordingScene {
        name: "session-2026-11-27-024800-7".to_owned(),
        was_interrupted: true,
        ..SessionRecordingScene::default()
    });
    let mut window = fixture.harness(1280.0, 800.0);
    window.event(egui::Event::Text("/".to_owned()));
    window.run_steps(3);
    window.event(egui::Event::Text(".price >".to_owned()));
    window.run_steps(4);
    check(&window, "notices");
}

#[test]
fn a_selected_record_with_its_tree() {
    let mut window = some_records().harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::NONE, Key::Enter);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    check(&window, "record");
}

#[test]
fn a_failed_pane() {
    let mut fixture = some_records();
    let failure = Failure::Refused {
        address: "127.0.0.1:9".to_owned(),
    };
    let status = FeedStatus {
        state: ConnectionState::Failed,
        reason: Some(failure.to_string()),
        advice: failure.advice(),
        ..FeedStatus::default()
    };
    fixture.set_status(0, status);
    check(&fixture.harness(1280.0, 800.0), "failed");
}

#[test]
fn the_help_sheet() {
    let mut window = some_records().harness(1280.0, 800.0);
    press(&mut window, Modifiers::NONE, Key::F1);
    check(&window, "help");
}

#[test]
fn the_connection_options() {
    let mut window = some_records().harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::Comma);
    check(&window, "options");
}

#[test]
fn the_comparison_of_engines() {
    let mut window = some_records().harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    let field = window.get_by_role_and_label(Role::TextInput, "Command");
    field.type_text("another engine");
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    check(&window, "engines");
}

#[test]
fn the_command_palette() {
    let mut window = some_records().harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    let list = window.get_by_role_and_label(Role::ListBox, "Commands");
    let commands: Vec<_> = list.query_all_by_role(Role::ListBoxOption).collect();
    // The file has no positions, because each new command would change all of them.
    let mut tree = tree_of(&window);
    for (index, command) in commands.iter().enumerate() {
        let node = command.accesskit_node();
        let position = (index + 1, commands.len());
        let stated = node.position_in_set().zip(node.size_of_set());
        assert_eq!(stated, Some(position));
        tree = tree.replacen(&format!(" {} of {}\n", position.0, position.1), "\n", 1);
    }
    compare(&tree, "commands");
}

#[test]
fn the_question_before_closing() {
    let mut fixture = some_records();
    let queue = vec![QueuedMessage {
        number: 7,
        message: Outgoing::Text("did you drop us?".to_owned()).into(),
    }];
    let status = FeedStatus {
        state: ConnectionState::Reconnecting,
        queue: queue.into(),
        ..FeedStatus::default()
    };
    fixture.set_status(1, status);
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, Modifiers::COMMAND, Key::W);
    check(&window, "closing");
}
