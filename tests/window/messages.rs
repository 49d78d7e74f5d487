//! Saved messages: sent by a chip or a key, at an interval and as answers, and stopped by one key.

use demo_server::{DemoServer, Options};
use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{App, ConnectionsFile, KeptSettings};
use feedscope::plan::{FeedPlan, WindowFeeds};
use feedscope_core::ConnectionState;
use feedscope_core::feed::{FeedCommand, FeedSpec, Outgoing};
use feedscope_files::connections::{SavedConnections, SavedMessage};
use feedscope_ui::Command;

use super::fixture::{Fixture, rows};
use super::hand;
use super::whole::{self, Whole, until};

/// Number of sent records with this payload.
fn sent(window: &Whole, text: &str) -> usize {
    let feed = window.state().feeds().remove(0);
    let end = feed.store.extent().end;
    let rows = feed.store.rows(
        feedscope_core::store::ClassSet::NONE.with(feedscope_core::store::Class::Sent, true),
        feedscope_core::store::RowNumber(0),
        end,
        10_000,
        100,
    );
    rows.iter().filter(|row| row.preview == text).count()
}

fn buttons(window: &Whole) -> Vec<String> {
    let buttons = window.query_all_by_role(Role::Button);
    buttons
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn has_button(window: &Whole, name: &str) -> bool {
    buttons(window).iter().any(|button| button == name)
}

/// Opens a connection with saved messages in the left pane.
fn open(messages: &str) -> (Whole, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path.clone()),
        ..ConnectionsFile::default()
    };
    let mut window = whole::demo(kept);
    let url = window.state().demo().unwrap().ws_url();
    std::fs::write(&path, format!("[echo]\nurl = \"{url}/echo\"\n{messages}")).unwrap();
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    until(&mut window, "the entry", |window| {
        window
            .query_by_role_and_label(Role::ListBoxOption, "echo")
            .is_some()
    });
    window.key_press(Key::Enter);
    until(&mut window, "the feed", |window| {
        let feed = window.state().feeds().remove(0);
        feed.name.is_some() && feed.source.state() == Some(ConnectionState::Open)
    });
    (window, folder)
}

#[test]
fn saved_messages_are_sent_by_hand_and_answered() {
    let (mut window, _folder) = open(
        "[[echo.messages]]\nname = \"hello\"\ntext = \"hi ${counter}\"\n\
         [[echo.messages]]\nname = \"pong\"\ntext = \"pong\"\nwhen = \"/^hi 2$/\"\n",
    );
    until(&mut window, "the chips", |window| {
        has_button(window, "Send hello") && has_button(window, "Stop pong")
    });
    window.get_by_label("Send hello").click();
    until(&mut window, "the first", |window| sent(window, "hi 1") == 1);
    window.key_press_modifiers(Modifiers::ALT, Key::Num1);
    until(&mut window, "the second and its answer", |window| {
        sent(window, "hi 2") == 1 && sent(window, "pong") == 1
    });
    // A key without a message that is sent by hand does nothing.
    window.key_press_modifiers(Modifiers::ALT, Key::Num2);
    window.run_steps(2);
    assert_eq!(sent(&window, "pong"), 1);
}

#[test]
fn a_message_at_an_interval_is_visible_and_stops_by_one_key() {
    let (mut window, _folder) =
        open("[[echo.messages]]\nname = \"beat\"\ntext = \"beat\"\nevery = \"20ms\"\n");
    until(&mut window, "two beats", |window| sent(window, "beat") >= 2);
    assert!(has_button(&window, "Stop beat"));
    // The name of the pane shows it also where a tab hides the pane.
    let is_marked = |window: &Whole| {
        let panes = window.query_all_by_role(Role::Group);
        let mut names = panes.filter_map(|node| node.accesskit_node().label());
        names.any(|name| name.contains("sending"))
    };
    assert!(is_marked(&window));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Period);
    until(&mut window, "the end", |window| {
        has_button(window, "Start beat")
    });
    assert!(!is_marked(&window));
    // Everything that was handed over is sent, and no further message follows.
    until(&mut window, "an empty queue", |window| {
        window.state().feeds()[0]
            .source
            .status()
            .unwrap()
            .queue
            .is_empty()
    });
    let before = sent(&window, "beat");
    window.get_by_label("Start beat").click();
    until(&mut window, "further beats", |window| {
        sent(window, "beat") > before
    });
    // Nothing is sent while the feed is not open.
    window.key_press_modifiers(Modifiers::COMMAND, Key::D);
    until(&mut window, "the closed feed", |window| {
        window.state().feeds()[0].source.state() == Some(ConnectionState::Closed)
    });
    assert!(
        window.state().feeds()[0].messages[0]
            .automatic
            .clone()
            .unwrap()
            .next_in
            .is_none()
    );
}

#[test]
fn the_window_ends_a_feed_with_messages() {
    let (mut window, _folder) =
        open("[[echo.messages]]\nname = \"beat\"\ntext = \"beat\"\nevery = \"20ms\"\n");
    until(&mut window, "a beat", |window| sent(window, "beat") >= 1);
    let clients = |window: &Whole| window.state().demo().unwrap().clients().len();
    let before = clients(&window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    // The closed pane is disconnected although its messages were running.
    until(&mut window, "one client less", |window| {
        clients(window) < before
    });
}

#[test]
fn a_message_has_keys_of_its_own() {
    let (mut window, _folder) = open(
        "[[echo.messages]]\nname = \"one\"\ntext = \"1\"\nkey = \"2\"\n\
         [[echo.messages]]\nname = \"two\"\ntext = \"2\"\nkey = \"Ctrl Shift F5\"\n",
    );
    let chip = |label: &str| window.query_by_label_contains(label).is_some();
    assert!(chip("Send one") && chip("Send two"));
    // The second place has `Alt 2` only while no message asks for it.
    window.key_press_modifiers(Modifiers::ALT, Key::Num2);
    until(&mut window, "one", |window| sent(window, "1") == 1);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F5);
    until(&mut window, "two", |window| sent(window, "2") == 1);
    assert_eq!(sent(&window, "1"), 1);
}

fn write(window: &mut Whole, form: &str, text: &str) {
    let menu = window.query_all_by_role(Role::Button);
    let forms: Vec<_> = menu
        .filter(|node| {
            node.accesskit_node()
                .label()
                .is_some_and(|it| it.ends_with('▾'))
        })
        .collect();
    forms[0].click();
    window.run_steps(3);
    window.get_by_label(form).click();
    window.run_steps(3);
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(3);
}

#[test]
fn control_characters_are_typed_as_escapes() {
    let (mut window, _folder) = open("");
    write(&mut window, "Escapes", r#"{"type":6}\u001e"#);
    assert!(
        window
            .query_by_label("Sends {\"type\":6}\u{241e}")
            .is_some()
    );
    window.key_press(Key::Enter);
    until(&mut window, "the message", |window| {
        sent(window, "{\"type\":6}\u{1e}") == 1
    });
}

#[test]
fn json_is_checked_and_formatted_but_never_held_back() {
    let (mut window, _folder) = open("");
    write(&mut window, "JSON", "{\"a\":[1,2],}");
    assert!(
        window
            .query_by_label_contains("Not JSON from byte 11 on")
            .is_some()
    );
    window.key_press(Key::Enter);
    until(&mut window, "the wrong message", |window| {
        sent(window, "{\"a\":[1,2],}") == 1
    });
    window.event(egui::Event::Text("{\"b\":1}".to_owned()));
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::J);
    window.run_steps(3);
    let text = |window: &Whole| {
        let mut fields = window.query_all_by_role_and_label(Role::MultilineTextInput, "Message");
        fields.find_map(|field| field.value()).unwrap_or_default()
    };
    assert_eq!(text(&window), "{\n  \"b\": 1\n}");
}

#[test]
fn a_file_is_sent_as_one_binary_message() {
    let (mut window, folder) = open("");
    let path = folder.path().join("frame.bin");
    std::fs::write(&path, [0, 1, 255]).unwrap();
    write(&mut window, "File", path.to_str().unwrap());
    window.key_press(Key::Enter);
    until(&mut window, "the echo", |window| {
        let feed = window.state().feeds().remove(0);
        let end = feed.store.extent().end;
        let mut rows = (0..end.0).filter_map(|row| {
            let row = feed.store.record(feedscope_core::store::RowNumber(row))?;
            match row.record().kind {
                feedscope_core::Kind::Binary { data, .. } => Some(data.to_vec()),
                _ => None,
            }
        });
        rows.any(|data| data == [0, 1, 255])
    });
    window.event(egui::Event::Text("/no/such/file".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the sentence", |window| {
        window
            .query_all_by_label_contains("is not sent")
            .next()
            .is_some()
    });
}

#[test]
fn a_message_that_the_filter_hides_is_confirmed() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let send = |window: &mut Harness<'_, Fixture>| {
        let field = window.get_by_label("Message");
        field.focus();
        window.run_steps(2);
        window.event(egui::Event::Text("hello".to_owned()));
        window.run_steps(2);
        window.key_press(Key::Enter);
        window.run_steps(2);
    };
    let confirmed = |window: &Harness<'_, Fixture>| {
        let text = "Sent. The filter of this pane may hide the message.";
        window.query_by_label(text).is_some()
    };
    send(&mut window);
    assert!(!confirmed(&window));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.run_steps(2);
    window.event(egui::Event::Text("zzz".to_owned()));
    window.run_steps(3);
    // A list of hits below the rows hides nothing.
    let below = "Hits below the rows, in a list of their own";
    window.get_by_label(below).click();
    window.run_steps(3);
    send(&mut window);
    assert!(!confirmed(&window));
    window.get_by_label(below).click();
    window.run_steps(3);
    send(&mut window);
    assert!(confirmed(&window));
    // The next text goes to the message again, also after a click on the button of the sentence.
    let clear = window.query_all_by_label("Clear the filter");
    let at = clear.map(|button| button.rect()).find(|it| it.top() < 40.0);
    hand::click(&mut window, at.unwrap().center(), 3);
    window.run_steps(5);
    window.event(egui::Event::Text("more".to_owned()));
    window.run_steps(2);
    let message = window.get_by_label("Message");
    assert_eq!(message.value().as_deref(), Some("more"));
}

/// Opens a window whose right pane has this many messages, and sends a text there after a click on the row in the middle.
fn sent_while_reading(rows: u64) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.remove(0);
    for number in 0..rows {
        let data = format!("message {number}");
        let kind = feedscope_core::Kind::Text {
            direction: feedscope_core::Direction::In,
            data: data.as_bytes(),
            failed: None,
            wire: None,
        };
        fixture.push(1, number, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    let at = items[items.len() / 2].rect().center();
    hand::click(&mut window, at, 3);
    window.run_steps(60);
    let field = window.get_by_label("Message").rect().center();
    hand::click(&mut window, field, 3);
    window.run_steps(3);
    window.event(egui::Event::Text("hello".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    window
}

#[test]
fn the_button_beside_a_sent_message_leads_to_it_from_the_composer() {
    let mut window = sent_while_reading(200);
    let at = window.get_by_label("Go to it").rect().center();
    hand::click(&mut window, at, 3);
    window.run_steps(5);
    let rows = rows(&window);
    assert!(
        rows.last().is_some_and(|row| row.contains("message 199")),
        "{rows:?}"
    );
}

#[test]
fn a_key_with_alt_types_nothing_into_the_composer() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let field = window.get_by_label("Message").rect().center();
    hand::click(&mut window, field, 3);
    for (key, text) in [(Key::Num1, "1"), (Key::Minus, "-"), (Key::A, "a")] {
        // As the system reports it: the text follows its key.
        let pressed = egui::Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::ALT,
        };
        let text = egui::Event::Text(text.to_owned());
        window.input_mut().events.extend([pressed, text]);
        window.run_steps(2);
    }
    window.event(egui::Event::Text("@".to_owned()));
    window.run_steps(2);
    assert_eq!(window.get_by_label("Message").value().as_deref(), Some("@"));
}

#[test]
fn a_quick_shift_enter_breaks_the_line() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let field = window.get_by_label("Message").rect().center();
    hand::click(&mut window, field, 3);
    window.event(egui::Event::Text("a".to_owned()));
    window.run_steps(2);
    // Shift is up again at the end of the pass.
    for pressed in [true, false] {
        let event = egui::Event::Key {
            key: Key::Enter,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::SHIFT,
        };
        window.input_mut().events.push(event);
    }
    window.run_steps(2);
    assert_eq!(window.state().commands, []);
    assert_eq!(
        window.get_by_label("Message").value().as_deref(),
        Some("a\n")
    );
}

#[test]
fn a_message_that_appears_in_free_room_is_not_confirmed() {
    let window = sent_while_reading(5);
    assert!(window.query_by_label("Go to it").is_none());
}

#[test]
fn a_hidden_ping_is_confirmed_with_a_button_that_shows_pings() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    let chip = |window: &Harness<'_, Fixture>| {
        let chip = window.get_by_label("ping / pong").accesskit_node();
        chip.toggled()
    };
    assert_eq!(chip(&window), Some(Toggled::False));
    window.get_by_label("Text ▾").click();
    window.run_steps(3);
    window.get_by_label("Ping").click();
    window.run_steps(3);
    window.get_by_label("Send").click();
    window.run_steps(2);
    window.get_by_label("Ping sent. Pings and pongs are hidden in this pane.");
    window.get_by_label("Show pings and pongs").click();
    window.run_steps(3);
    assert_eq!(chip(&window), Some(Toggled::True));
    assert!(window.query_by_label("Show pings and pongs").is_none());
    // A visible ping needs no message.
    window.get_by_label("Text ▾").click();
    window.run_steps(3);
    window.get_by_label("Ping").click();
    window.run_steps(3);
    window.get_by_label("Send").click();
    window.run_steps(2);
    assert!(window.query_by_label_contains("Ping sent").is_none());
    assert_eq!(window.state().commands.len(), 2);
}

#[test]
fn after_a_ping_or_a_close_the_next_text_has_the_form_before() {
    let choose = |window: &mut Harness<'_, Fixture>, from: &str, to: &str| {
        window.get_by_label(from).click();
        window.run_steps(3);
        window.get_by_label(to).click();
        window.run_steps(3);
    };
    let write = |window: &mut Harness<'_, Fixture>, text: &str, modifiers| {
        window.event(egui::Event::Text(text.to_owned()));
        window.run_steps(2);
        window.key_press_modifiers(modifiers, Key::Enter);
        window.run_steps(3);
    };
    let mut window = Fixture::default().harness(1280.0, 800.0);
    choose(&mut window, "Text ▾", "JSON");
    choose(&mut window, "JSON ▾", "Close");
    choose(&mut window, "Close ▾", "Ping");
    write(&mut window, "are you there", Modifiers::NONE);
    // The field keeps the focus. Ctrl Enter sends as well.
    window.get_by_label("JSON ▾");
    write(&mut window, "[1]", Modifiers::COMMAND);
    choose(&mut window, "JSON ▾", "Close");
    // A close that cannot be sent stays one, so that it can be corrected.
    write(&mut window, "7", Modifiers::NONE);
    window.get_by_label("Close ▾");
    for _ in 0..2 {
        window.key_press(Key::Backspace);
        window.run_steps(2);
    }
    write(&mut window, "1000 bye", Modifiers::NONE);
    window.get_by_label("JSON ▾");
    let sent: Vec<Outgoing> = window
        .state()
        .commands
        .iter()
        .filter_map(|command| match command {
            Command::Feed(_, FeedCommand::Send(message)) => Some(message.clone()),
            _ => None,
        })
        .collect();
    assert!(
        matches!(
            &sent[..],
            [Outgoing::Ping(ping), Outgoing::Text(text), Outgoing::Close { .. }]
                if ping == b"are you there" && text == "[1]"
        ),
        "{sent:?}"
    );
}

#[test]
fn a_closed_pane_with_records_is_confirmed_with_the_key_that_opens_it_again() {
    let mut fixture = Fixture::default();
    fixture.push_events(0..3);
    let mut window = fixture.harness(1280.0, 800.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    window.run_steps(2);
    window.get_by_label("Pane closed, with 3 records. Restore: Ctrl Shift T");
}

#[test]
fn one_click_sends_what_the_protocol_requires() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path.clone()),
        ..ConnectionsFile::default()
    };
    // The server sends everything back, so that each ping of this test comes from it.
    let server = DemoServer::start(Options::default()).unwrap();
    let url = format!("{}/echo?EIO=4&transport=websocket", server.ws_url());
    let plan = FeedPlan::of(FeedSpec::new(url.parse().unwrap()));
    let app = App::new(WindowFeeds::Given(vec![plan]), None, kept).unwrap();
    let mut window = whole::app_window(app);
    until(&mut window, "the offer", |window| {
        let feed = window.state().feeds().remove(0);
        feed.source.state() == Some(ConnectionState::Open)
            && window.query_by_label("stay connected? ▾").is_some()
    });
    // A narrow pane has the offer in a menu, so that the filter keeps its room.
    let size = window.ctx.content_rect().size();
    window.set_size(egui::vec2(426.0, size.y));
    window.run_steps(6);
    assert!(window.query_by_label("stay connected? ▾").is_none());
    let filter = window.get_by_role_and_label(Role::TextInput, "Filter");
    assert!(filter.rect().width() >= 120.0, "{:?}", filter.rect());
    window.get_by_label("Show ▾").click();
    window.run_steps(3);
    window.get_by_label("Send 2 messages from now on");
    window.key_press(Key::Escape);
    window.run_steps(3);
    window.set_size(size);
    window.run_steps(6);
    window.get_by_label("stay connected? ▾").click();
    window.run_steps(3);
    window.get_by_label("pong, as an answer. Each ping of Engine.IO needs a pong.");
    window.get_by_label("Send 2 messages from now on").click();
    until(&mut window, "the messages", |window| {
        has_button(window, "Stop pong") && has_button(window, "Stop join")
    });
    assert!(window.query_by_label("stay connected? ▾").is_none());
    let send = |window: &mut Whole, text: &str| {
        let message = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
        message.focus();
        window.run_steps(2);
        window.event(egui::Event::Text(text.to_owned()));
        window.run_steps(2);
        window.get_by_label("Send").click();
    };
    send(&mut window, "2");
    until(&mut window, "the pong", |window| sent(window, "3") == 1);
    // A saved connection has the messages.
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form", |window| {
        window.query_by_label("Save").is_some()
    });
    let name = window.get_by_role_and_label(Role::TextInput, "Name");
    name.focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.step();
    window.event(egui::Event::Text("kept".to_owned()));
    window.run_steps(2);
    window.get_by_label("Save").click();
    let saved = || {
        let connections = SavedConnections::load(&path).ok().flatten()?;
        connections
            .all()
            .first()
            .map(|saved| saved.messages.clone())
    };
    until(&mut window, "the file", |_| saved().is_some());
    let saved = saved().unwrap();
    let name = |message: &SavedMessage| (message.name.clone().unwrap(), message.once);
    assert_eq!(
        saved.iter().map(name).collect::<Vec<_>>(),
        [("join".to_owned(), true), ("pong".to_owned(), false)]
    );
}
