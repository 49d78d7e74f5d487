//! Keys: the command palette, rebound keys, and menus.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::feed::FeedCommand;
use feedscope_ui::{Command, FileScene, RecordsCommand};

use super::fixture::{CHAT, EVENTS, Fixture, is_focused, rows};

pub(super) fn window() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.push_events(0..100);
    fixture.harness(1280.0, 800.0)
}

pub(super) fn press(window: &mut Harness<'_, Fixture>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

fn open_palette(window: &mut Harness<'_, Fixture>) {
    press(window, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
}

fn type_into_palette(window: &mut Harness<'_, Fixture>, text: &str) {
    let field = window.get_by_role_and_label(Role::TextInput, "Command");
    field.type_text(text);
    window.run_steps(2);
}

fn has_palette(window: &Harness<'_, Fixture>) -> bool {
    let field = window.query_by_role_and_label(Role::TextInput, "Command");
    field.is_some()
}

#[test]
fn a_command_is_found_by_its_letters_and_run_by_enter() {
    let mut window = window();
    open_palette(&mut window);
    type_into_palette(&mut window, "disco");
    let chosen = window.get_by_role_and_label(Role::ListBoxOption, "Disconnect or connect Ctrl D");
    assert_eq!(chosen.accesskit_node().is_selected(), Some(true));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(!has_palette(&window));
    let commands = [Command::Feed(EVENTS, FeedCommand::Disconnect)];
    assert_eq!(window.state().commands, commands);
}

#[test]
fn arrow_keys_choose_and_escape_closes() {
    let mut window = window();
    open_palette(&mut window);
    type_into_palette(&mut window, "demo:");
    let selected = |window: &Harness<'_, Fixture>| {
        let items = window.query_all_by_role(Role::ListBoxOption);
        let selected = items.filter(|node| node.accesskit_node().is_selected() == Some(true));
        selected
            .filter_map(|node| node.accesskit_node().label())
            .collect::<Vec<_>>()
    };
    let first = selected(&window);
    assert!(first[0].starts_with("Demo: "), "{first:?}");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_ne!(selected(&window), first);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(selected(&window), first);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_ne!(selected(&window), first, "the last one follows the first");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!has_palette(&window));
    assert!(window.state().commands.is_empty());
    // The rows have the keys again.
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    window.get_by_label("Payload");
}

#[test]
fn every_item_of_the_menu_is_a_command_with_the_same_words() {
    // The menu of an event stream, and of a WebSocket.
    for pane in 0..2 {
        let mut window = window();
        let key = [Key::Num1, Key::Num2][pane];
        press(&mut window, Modifiers::COMMAND, key);
        let entries = |window: &Harness<'_, Fixture>| -> Vec<String> {
            let entries = window.query_all_by_role(Role::MenuItem);
            entries
                .filter_map(|node| node.accesskit_node().label())
                .collect()
        };
        window.get_all_by_label("More").nth(pane).unwrap().click();
        window.run_steps(3);
        window.get_by_label_contains("Copy as").click();
        window.run_steps(3);
        let items = entries(&window);
        assert!(items.len() > 12, "{items:?}");
        press(&mut window, Modifiers::NONE, Key::Escape);
        press(&mut window, Modifiers::NONE, Key::Escape);
        open_palette(&mut window);
        let commands = window.query_all_by_role(Role::ListBoxOption);
        let commands: Vec<String> = commands
            .filter_map(|node| node.accesskit_node().label())
            .collect();
        for item in &items {
            let words = item.split('…').next().unwrap_or_default();
            // The palette does not name the other engine, and has an item for each program.
            let words = words.split(" with ").next().unwrap_or_default();
            let engine = ["eventsource-client", "tokio-tungstenite"]
                .iter()
                .find_map(|engine| words.strip_suffix(engine));
            let words = engine.unwrap_or(words);
            let words = words.split('⏵').next().unwrap_or_default();
            let words = words.split(" Ctrl ").next().unwrap_or_default().trim();
            let has = |command: &String| {
                command.starts_with(words)
                    || command.starts_with(&format!("Copy as {words}"))
                    || item.starts_with(command.as_str())
            };
            assert!(commands.iter().any(has), "{item:?} is not in {commands:?}");
        }
    }
}

#[test]
fn words_of_the_window_find_their_command() {
    for (typed, command) in [
        ("latest", "Latest by key"),
        ("colum", "Columns"),
        ("measures", "Measures"),
        ("marks", "Marks and colors Shift M"),
        ("plot", "Plot"),
        ("save as", "Save as another format Ctrl Shift S"),
        ("second view", "Second view of this feed Ctrl \\"),
        // The name in the settings leads to the command as well.
        ("new tab", "New pane as a tab Ctrl Shift N"),
    ] {
        let mut window = window();
        open_palette(&mut window);
        type_into_palette(&mut window, typed);
        window.get_by_role_and_label(Role::ListBoxOption, command);
    }
}

#[test]
fn the_menu_of_columns_opens_by_a_command() {
    let mut window = window();
    open_palette(&mut window);
    type_into_palette(&mut window, "columns");
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.get_by_role_and_label(Role::MenuItemCheckBox, "size");
}

#[test]
fn only_possible_commands_are_offered() {
    let mut window = window();
    open_palette(&mut window);
    type_into_palette(&mut window, "retry now");
    window.get_by_label_contains("No command has words with these letters");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(has_palette(&window), "there is nothing to run");
}

#[test]
fn a_click_runs_a_command() {
    let mut window = window();
    open_palette(&mut window);
    type_into_palette(&mut window, "clear records");
    window
        .get_by_role_and_label(Role::ListBoxOption, "Clear records")
        .click();
    window.run_steps(2);
    assert_eq!(
        window.state().commands,
        [Command::Records(RecordsCommand::Clear(EVENTS))]
    );
}

#[test]
fn keys_are_replaced_and_shown_where_they_act() {
    let mut fixture = Fixture::default();
    let keys = [
        ("connection".to_owned(), vec!["F5".to_owned()]),
        ("pause".to_owned(), Vec::new()),
    ];
    let problems = fixture.set_keys(&keys);
    assert!(problems.is_empty(), "{problems:?}");
    let problems = fixture.set_keys(&[("x".to_owned(), Vec::new())]);
    assert_eq!(problems.len(), 1);
    fixture.set_keys(&keys);
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::D);
    press(&mut window, Modifiers::NONE, Key::Space);
    assert!(window.state().commands.is_empty());
    assert!(window.query_by_label("Resume").is_none());
    press(&mut window, Modifiers::NONE, Key::F5);
    let commands = [Command::Feed(EVENTS, FeedCommand::Disconnect)];
    assert_eq!(window.state().commands, commands);
    press(&mut window, Modifiers::NONE, Key::F1);
    window.get_by_label("F5");
    assert!(
        window
            .query_by_label("Pause the view; records still arrive")
            .is_none()
    );
}

#[test]
fn keys_scroll_the_help_sheet_and_its_bar_is_always_in_sight() {
    let mut window = window();
    press(&mut window, Modifiers::NONE, Key::F1);
    window.run_steps(6);
    let top = |window: &Harness<'_, Fixture>| {
        let first = window.get_by_label("Disconnect, or connect again");
        first.rect().top()
    };
    let sheet = window.get_by_role(Role::Dialog);
    let bar = sheet.get_by_role(Role::ScrollBar).rect();
    // The handle is a part of the bar.
    let is_handle = |rect: egui::Rect| {
        let is_part = rect.height() > 8.0 && rect.height() < bar.height() - 8.0;
        is_part && rect.width() > 4.0 && bar.expand(1.0).contains_rect(rect)
    };
    let is_drawn = window.output().shapes.iter().any(|shape| {
        let egui::Shape::Rect(shape) = &shape.shape else {
            return false;
        };
        shape.fill.a() > 100 && is_handle(shape.rect)
    });
    assert!(is_drawn, "the pointer is not over the sheet");
    let start = top(&window);
    // Each key, and whether it scrolls down (1), up (-1), to the start (0), or not further (2).
    for focused in [false, true] {
        if focused {
            press(&mut window, Modifiers::NONE, Key::Tab);
        }
        let mut keys = vec![
            (Key::ArrowDown, 1),
            (Key::ArrowUp, 0),
            (Key::PageDown, 1),
            (Key::PageDown, 1),
            (Key::PageUp, -1),
            (Key::End, 1),
            (Key::End, 2),
            (Key::Home, 0),
        ];
        if !focused {
            // On the button, the space bar presses it.
            keys.extend([(Key::Space, 1), (Key::Home, 0)]);
        }
        for (key, way) in keys {
            let before = top(&window);
            press(&mut window, Modifiers::NONE, key);
            let after = top(&window);
            let holds = match way {
                1 => after < before - 20.0,
                -1 => after > before + 20.0,
                0 => (after - start).abs() < 0.5,
                _ => (after - before).abs() < 0.5,
            };
            assert!(holds, "{focused} {key:?}: {start} {before} {after}");
        }
    }
    press(&mut window, Modifiers::NONE, Key::Space);
    assert!(window.query_by_role(Role::Dialog).is_none());
    assert!(window.state().commands.is_empty());
}

#[test]
fn the_menu_of_a_row_opens_by_key_with_its_first_entry() {
    for (modifiers, key) in [(Modifiers::NONE, Key::Menu), (Modifiers::SHIFT, Key::F10)] {
        let mut window = window();
        press(&mut window, Modifiers::NONE, Key::ArrowUp);
        press(&mut window, modifiers, key);
        window.run_steps(3);
        let focused = |window: &Harness<'_, Fixture>| {
            let mut focused = window.query_all_by(is_focused);
            focused
                .next()
                .and_then(|node| node.accesskit_node().label())
        };
        assert_eq!(focused(&window).as_deref(), Some("Only this type"));
        for _ in 0..2 {
            press(&mut window, Modifiers::NONE, Key::ArrowDown);
        }
        assert_eq!(focused(&window).as_deref(), Some("Copy payload"));
        press(&mut window, Modifiers::NONE, Key::Enter);
        assert_eq!(window.state().copied, ["tick 99"]);
        // The menu is closed, and the arrow keys go to the rows again.
        assert!(window.query_by_label("Copy payload").is_none());
    }
}

#[test]
fn the_menu_of_a_value_opens_by_key() {
    let mut fixture = Fixture::default();
    fixture.push(
        0,
        1,
        feedscope_core::Kind::Event {
            event: b"price",
            id: b"1",
            data: br#"{"symbol":"ACME"}"#,
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::NONE, Key::Enter);
    press(&mut window, Modifiers::SHIFT, Key::F10);
    window.run_steps(3);
    window.get_by_label("Only this value");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let filter = window
        .query_all_by_role_and_label(Role::TextInput, "Filter")
        .next();
    let text = filter.and_then(|node| node.accesskit_node().value());
    assert_eq!(text.as_deref(), Some(".symbol == \"ACME\""));
}

#[test]
fn the_focus_follows_the_selected_row() {
    let mut window = window();
    assert!(rows(&window).len() > 10);
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    let list = |window: &Harness<'_, Fixture>| {
        let lists = window.query_all_by_role_and_label(Role::ListBox, "Records");
        let list = lists
            .min_by(|a, b| a.rect().left().total_cmp(&b.rect().left()))
            .unwrap();
        // The node of the list has the focus, and passes it on to the row.
        let row = list.accesskit_node().active_descendant();
        row.map_or((false, None), |row| (row.is_focused(), row.label()))
    };
    assert_eq!(
        list(&window),
        (true, Some("received price 99 tick 99".to_owned()))
    );
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert_eq!(
        list(&window).1.as_deref(),
        Some("received price 98 tick 98")
    );
    let row = window.get_by_label("received price 98 tick 98");
    let node = row.accesskit_node();
    assert_eq!(node.is_selected(), Some(true));
    assert_eq!(
        (node.position_in_set(), node.size_of_set()),
        (Some(99), Some(100))
    );
    // The keys of the focused pane go to another list as soon as that has the focus.
    let lists = window.query_all_by_role_and_label(Role::ListBox, "Records");
    let right = lists
        .max_by(|a, b| a.rect().left().total_cmp(&b.rect().left()))
        .unwrap();
    right.focus();
    window.run_steps(2);
    press(&mut window, Modifiers::COMMAND, Key::D);
    assert_eq!(
        window.state().commands,
        [Command::Feed(CHAT, FeedCommand::Disconnect)]
    );
}

#[test]
fn the_last_entry_of_a_long_menu_is_in_sight_when_a_key_reaches_it() {
    let mut window = Fixture::default().harness(640.0, 480.0);
    window.run_steps(2);
    window.get_all_by_label("More").next().unwrap().click();
    window.run_steps(3);
    let place = |window: &Harness<'_, Fixture>| {
        let entry = window.get_by_role_and_label(Role::MenuItem, "Close the pane Ctrl W");
        (entry.is_focused(), entry.rect().bottom())
    };
    assert!(
        place(&window).1 > 480.0,
        "the menu is higher than the window"
    );
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    window.run_steps(30);
    let (is_focused, bottom) = place(&window);
    assert!(is_focused && bottom <= 480.0, "{is_focused}, at {bottom}");
}

/// Types a text as a keyboard does, with the key and the sign of each letter.
fn type_letters(window: &mut Harness<'_, Fixture>, text: &str) {
    for sign in text.chars() {
        let key = Key::from_name(&sign.to_string().to_uppercase()).unwrap();
        window.key_press(key);
        window.event(egui::Event::Text(sign.to_string()));
        window.step();
    }
}

#[test]
fn a_message_without_a_field_becomes_neither_a_command_nor_a_filter() {
    let mut window = window();
    let filter = |window: &Harness<'_, Fixture>| {
        let mut fields = window.get_all_by_role_and_label(Role::TextInput, "Filter");
        fields.next().unwrap().value().unwrap_or_default()
    };
    // Without a field, Space would pause the view.
    let is_paused = |window: &Harness<'_, Fixture>| {
        let mut resumes = window.query_all_by_label("Resume");
        resumes.next().is_some()
    };
    press(&mut window, Modifiers::COMMAND, Key::M);
    window.get_by_label("Nothing can be sent to an event stream.");
    type_letters(&mut window, "tm");
    press(&mut window, Modifiers::NONE, Key::Space);
    assert!(!is_paused(&window));
    press(&mut window, Modifiers::NONE, Key::Enter);
    // After Enter, the keys have their usual effect.
    press(&mut window, Modifiers::NONE, Key::Space);
    assert!(is_paused(&window));
    // In the filter, the text would hide the records.
    press(&mut window, Modifiers::NONE, Key::Slash);
    window.event(egui::Event::Text("/".to_owned()));
    window.run_steps(2);
    press(&mut window, Modifiers::COMMAND, Key::M);
    type_letters(&mut window, "hello");
    assert_eq!(filter(&window), "");
    press(&mut window, Modifiers::NONE, Key::Enter);
    type_letters(&mut window, "tick");
    assert_eq!(filter(&window), "tick");
    // A WebSocket has the field.
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, Modifiers::COMMAND, Key::M);
    type_letters(&mut window, "hello");
    let message = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
    assert_eq!(message.value().as_deref(), Some("hello"));
}

#[test]
fn the_key_of_the_url_opens_the_list_of_connections_in_a_pane_of_a_file() {
    let mut fixture = Fixture::default();
    fixture.set_file(0, FileScene::default());
    let mut window = fixture.harness(1280.0, 800.0);
    press(&mut window, Modifiers::COMMAND, Key::L);
    type_letters(&mut window, "a");
    let field = window.get_by_role_and_label(Role::TextInput, "Search connections");
    assert_eq!(field.value().as_deref(), Some("a"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::COMMAND, Key::M);
    window.get_by_label("Nothing can be sent to a file.");
}

#[test]
fn a_tooltip_does_not_stay_above_a_sheet_that_a_key_opens() {
    let mut window = window();
    let mut fields = window.get_all_by_role_and_label(Role::TextInput, "Filter");
    let at = fields.next().unwrap().rect().center();
    drop(fields);
    window.hover_at(at);
    window.run_steps(8);
    let help = "A record must match all of these terms.";
    assert!(window.query_by_label_contains(help).is_some());
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.run_steps(4);
    window.get_by_label("Save as");
    assert!(window.query_by_label_contains(help).is_none());
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.hover_at(at + egui::vec2(3.0, 0.0));
    window.run_steps(8);
    assert!(window.query_by_label_contains(help).is_some());
}
