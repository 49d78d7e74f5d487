//! Typed text belongs to the field that the user works in, and never becomes a command.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_ui::{Command, PaneCommand};

use super::fixture::Fixture;
use super::hand;

/// Modifiers of the Ctrl key, as a desktop reports them.
const CTRL: Modifiers = Modifiers {
    ctrl: true,
    command: true,
    ..Modifiers::NONE
};

fn window() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.push_events(0..20);
    fixture.harness(1280.0, 800.0)
}

/// Types a text as a keyboard does: without looking which widget has the focus.
fn type_blindly(window: &mut Harness<'_, Fixture>, text: &str) {
    for letter in text.chars() {
        window.event(egui::Event::Text(letter.to_string()));
        window.run_steps(2);
    }
}

fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

/// Returns the value of the focused widget.
fn focused(window: &Harness<'_, Fixture>) -> Option<(Role, String)> {
    let roles = [Role::TextInput, Role::MultilineTextInput];
    let mut fields = roles
        .into_iter()
        .flat_map(|role| window.query_all_by_role(role));
    let node = fields.find(|node| node.accesskit_node().is_focused())?;
    Some((
        node.accesskit_node().role(),
        node.value().unwrap_or_default(),
    ))
}

fn is_paused(window: &Harness<'_, Fixture>) -> bool {
    window.query_all_by_label("Resume").count() > 0
}

#[test]
fn a_url_with_a_mistake_is_corrected_at_once() {
    let mut window = window();
    press(&mut window, CTRL, Key::L);
    type_blindly(&mut window, "ftp://x");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.query_all_by_role(Role::Alert).count(), 1);
    // The cursor stays behind the text, and nothing is selected.
    type_blindly(&mut window, "/p");
    assert_eq!(
        focused(&window),
        Some((Role::TextInput, "ftp://x/p".to_owned()))
    );
    // It also stays within the text.
    press(&mut window, Modifiers::NONE, Key::Home);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    press(&mut window, Modifiers::NONE, Key::Enter);
    type_blindly(&mut window, "f");
    assert_eq!(
        focused(&window),
        Some((Role::TextInput, "fftp://x/p".to_owned()))
    );
    assert!(!is_paused(&window));
    assert_eq!(window.state().commands, []);
    // Enter connects to another URL, and the keys are free again.
    press(&mut window, Modifiers::NONE, Key::Enter);
    press(&mut window, CTRL, Key::A);
    type_blindly(&mut window, "http://localhost:1/");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(matches!(
        window.state().commands[..],
        [Command::Pane(PaneCommand::ConnectTo { .. })]
    ));
    assert_eq!(focused(&window), None);
}

#[test]
fn a_url_with_a_masked_secret_is_not_opened() {
    let mut window = window();
    for opener in [Key::L, Key::K] {
        press(&mut window, CTRL, opener);
        type_blindly(&mut window, "http://localhost:1/e?token=***");
        press(&mut window, Modifiers::NONE, Key::Enter);
        assert_eq!(window.state().commands, [], "{opener:?}");
        assert!(
            window
                .query_by_label_contains("*** stands for a secret")
                .is_some(),
            "{opener:?}"
        );
        // The complete URL replaces it.
        press(&mut window, CTRL, Key::A);
        type_blindly(&mut window, "http://localhost:1/e?token=abc");
        press(&mut window, Modifiers::NONE, Key::Enter);
        assert!(matches!(
            window.state().commands[..],
            [Command::Pane(PaneCommand::ConnectTo { .. })]
        ));
        window.state_mut().commands.clear();
    }
}

#[test]
fn a_second_click_beside_the_grown_composer_leaves_the_cursor_in_its_field() {
    for (width, height) in [(1280.0, 800.0), (640.0, 480.0), (480.0, 360.0)] {
        let mut fixture = Fixture::default();
        fixture.panes.remove(0);
        let mut window = fixture.harness(width, height);
        let field = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
        // The hints are there after the first click, because the field grows upward.
        let at = field.rect().center_bottom() - egui::vec2(0.0, 2.0);
        for passes in [2, 5] {
            hand::click(&mut window, at, passes);
            window.run_steps(3);
        }
        type_blindly(&mut window, "ping me/");
        assert_eq!(
            focused(&window),
            Some((Role::MultilineTextInput, "ping me/".to_owned())),
            "{width} {height}"
        );
    }
}

#[test]
fn a_choice_in_the_composer_leaves_the_cursor_in_its_field() {
    for form in ["JSON", "Hex", "Ping", "Close"] {
        let mut window = window();
        window.get_by_label("Text ▾").click();
        window.run_steps(2);
        window.get_by_label(form).click();
        window.run_steps(3);
        type_blindly(&mut window, "ping me/");
        assert_eq!(
            focused(&window).map(|it| it.1),
            Some("ping me/".to_owned()),
            "{form}"
        );
        assert!(!is_paused(&window), "{form}");
    }
}

#[test]
fn the_options_open_with_the_cursor_in_the_first_field() {
    let mut window = window();
    window.get_all_by_label("More").next().unwrap().click();
    window.run_steps(2);
    window.get_by_label_contains("Connection options…").click();
    window.run_steps(3);
    type_blindly(&mut window, "X-A: p/");
    assert_eq!(focused(&window).unwrap().1, "X-A: p/");
    // Ctrl Enter connects with them.
    press(&mut window, CTRL, Key::Enter);
    let [Command::Pane(PaneCommand::ConnectWith { spec, .. })] = &window.state().commands[..]
    else {
        panic!("{:?}", window.state().commands);
    };
    assert_eq!(spec.http.headers, [("X-A".to_owned(), "p/".into())]);
}

#[test]
fn ctrl_w_in_a_field_deletes_a_word_and_closes_no_pane() {
    let mut window = window();
    type_blindly(&mut window, "/");
    type_blindly(&mut window, "one two");
    press(&mut window, CTRL, Key::W);
    assert_eq!(focused(&window).unwrap().1.trim_end(), "one");
    press(&mut window, CTRL, Key::U);
    assert_eq!(focused(&window).unwrap().1, "");
    assert_eq!(window.state().commands, []);
    // Outside of a field, it closes the pane.
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, CTRL, Key::W);
    assert!(matches!(
        window.state().commands[..],
        [Command::Pane(PaneCommand::Close(_))]
    ));
}

#[test]
fn ctrl_w_in_a_new_pane_closes_it_unless_a_text_was_typed() {
    let mut fixture = Fixture::default();
    fixture.panes[0].feed = None;
    let mut window = fixture.harness(1280.0, 800.0);
    let closed = |window: &Harness<'_, Fixture>| {
        let is_closing = |it: &&Command| matches!(it, Command::Pane(PaneCommand::Close(_)));
        window.state().commands.iter().filter(is_closing).count()
    };
    press(&mut window, CTRL, Key::L);
    type_blindly(&mut window, "one two");
    // A person who deletes words goes on with the same field, also after one word too many.
    for left in ["one", "", "", ""] {
        press(&mut window, CTRL, Key::W);
        assert_eq!(focused(&window).unwrap().1.trim_end(), left);
    }
    assert_eq!(closed(&window), 0);
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, CTRL, Key::L);
    press(&mut window, CTRL, Key::W);
    assert_eq!(closed(&window), 1);
    // The field of a pane with a feed keeps its keys.
    press(&mut window, CTRL, Key::Num2);
    press(&mut window, CTRL, Key::L);
    press(&mut window, CTRL, Key::W);
    press(&mut window, CTRL, Key::W);
    assert_eq!(closed(&window), 1);
}

#[test]
fn a_filter_with_a_mistake_keeps_the_cursor() {
    let mut window = window();
    type_blindly(&mut window, "/.price >");
    press(&mut window, Modifiers::NONE, Key::Enter);
    type_blindly(&mut window, " 1");
    assert_eq!(focused(&window).unwrap().1, ".price > 1");
    // A filter without a mistake keeps it as well, so that no key becomes a command.
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(focused(&window).unwrap().1, ".price > 1");
    press(&mut window, CTRL, Key::W);
    assert_eq!(focused(&window).unwrap().1, ".price > ");
    press(&mut window, CTRL, Key::U);
    assert_eq!(focused(&window).unwrap().1, "");
    assert_eq!(window.state().commands, []);
    // Nothing is suggested for this text, so that Down gives the keys to the rows.
    type_blindly(&mut window, "tick");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(focused(&window), None);
    press(&mut window, Modifiers::NONE, Key::Space);
    assert!(is_paused(&window));
}

#[test]
fn letters_do_nothing_below_an_open_menu_or_sheet() {
    for what in ["menu", "help"] {
        let mut window = window();
        if what == "menu" {
            window.get_all_by_label("More").next().unwrap().click();
        } else {
            window.key_press(Key::F1);
        }
        window.run_steps(3);
        press(&mut window, Modifiers::NONE, Key::Space);
        press(&mut window, CTRL, Key::W);
        type_blindly(&mut window, "/x");
        assert!(!is_paused(&window), "{what}");
        assert_eq!(window.state().commands, [], "{what}");
        press(&mut window, Modifiers::NONE, Key::Escape);
        press(&mut window, Modifiers::NONE, Key::Space);
        assert!(is_paused(&window), "{what}");
    }
}

#[test]
fn text_after_a_pasted_command_line_is_added_to_it() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::L);
    window.run_steps(3);
    window.event(egui::Event::Paste(
        "curl 'http://127.0.0.1:9/a/long/path'".to_owned(),
    ));
    window.run_steps(3);
    type_blindly(&mut window, " -k");
    let mut fields = window.get_all_by_label("URL");
    let field = fields.find(|field| field.accesskit_node().is_focused());
    assert_eq!(
        field.unwrap().value().as_deref(),
        Some("curl 'http://127.0.0.1:9/a/long/path' -k")
    );
}
