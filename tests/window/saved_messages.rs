//! Messages that the composer saves into the file of connections: added, replaced, edited, removed and refused.

use std::fs;
use std::path::{Path, PathBuf};

use demo_server::{DemoServer, Options};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{App, ConnectionsFile, KeptSettings};
use feedscope::plan::{FeedPlan, WindowFeeds};
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedSpec;
use feedscope_files::connections::{MessageContent, SavedConnections};

use super::saved::{entries, has, type_into};
use super::whole::{self, Whole, until};

const NAME: &str = "Name of the message";

/// Window with the echo of a server in its only pane.
struct Opened {
    window: Whole,
    /// File of the saved connections.
    path: PathBuf,
    /// The server runs as long as the window.
    _server: DemoServer,
}

/// Opens the echo of a server, as a saved connection if it has a name. `rest` is the text of the file after its URL.
fn open(folder: &Path, name: Option<&str>, rest: &str) -> Opened {
    let path = folder.join("connections.toml");
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path.clone()),
        ..ConnectionsFile::default()
    };
    let server = DemoServer::start(Options::default()).unwrap();
    let url = format!("{}/echo", server.ws_url());
    if let Some(name) = name {
        let text = format!("# Mine\n[{name}]\nurl = \"{url}\" # the echo\n{rest}");
        fs::write(&path, text).unwrap();
    }
    let plan = FeedPlan {
        name: name.map(str::to_owned),
        ..FeedPlan::of(FeedSpec::new(url.parse().unwrap()))
    };
    let app = App::new(WindowFeeds::Given(vec![plan]), None, kept).unwrap();
    let mut window = whole::app_window(app);
    until(&mut window, "the open echo", |window| {
        window.state().feeds()[0].source.state() == Some(ConnectionState::Open)
    });
    if let Some(name) = name {
        // The file is read on a thread.
        window.key_press_modifiers(Modifiers::COMMAND, Key::K);
        until(&mut window, "the entry", |window| {
            entries(window).contains(&name.to_owned())
        });
        window.key_press(Key::Escape);
        window.run_steps(3);
    }
    Opened {
        window,
        path,
        _server: server,
    }
}

/// Runs a command of the palette.
fn run(window: &mut Whole, command: &str) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    window.run_steps(3);
    window.event(egui::Event::Text(command.to_owned()));
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(3);
}

/// Writes a message, and asks for its name.
fn begin(window: &mut Whole, text: &str) {
    type_into(window, "Message", text);
    run(window, "Save this message");
}

/// Saves the written message under a name.
fn save_as(window: &mut Whole, name: &str) {
    type_into(window, NAME, name);
    window.key_press(Key::Enter);
}

fn written(window: &Whole) -> String {
    let message = window.query_by_role_and_label(Role::MultilineTextInput, "Message");
    message.unwrap().value().unwrap()
}

fn messages(path: &Path, connection: &str) -> Vec<(String, MessageContent)> {
    let saved = SavedConnections::load(path).unwrap().unwrap();
    let messages = saved.find(connection).unwrap().messages.clone();
    let message = messages.into_iter();
    message
        .map(|it| (it.name.unwrap_or_default(), it.content))
        .collect()
}

fn notice(window: &Whole) -> String {
    let notice = window.query_by_role(Role::Alert);
    notice
        .and_then(|it| it.accesskit_node().label())
        .unwrap_or_default()
}

#[test]
fn a_message_is_saved_sent_edited_replaced_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let Opened {
        mut window,
        path,
        _server,
    } = open(folder.path(), Some("echo"), "\n# the end\n");
    let before = fs::read_to_string(&path).unwrap();
    begin(&mut window, "hi ${counter}");
    // The beginning of the text is suggested and selected, and the field has the keys.
    let name = window.get_by_role_and_label(Role::TextInput, NAME);
    assert_eq!(name.value().as_deref(), Some("hi ${counter}"));
    assert!(name.is_focused());
    save_as(&mut window, "hello");
    until(&mut window, "the chip", |window| has(window, "Send hello"));
    until(&mut window, "the closed line", |window| !has(window, NAME));
    window.run_steps(2);
    let message = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
    assert!(message.is_focused());
    assert_eq!(written(&window), "hi ${counter}");
    let text = "\n[[echo.messages]]\nname = \"hello\"\ntext = \"hi ${counter}\"\n";
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(
        after,
        before.replace("\n\n# the end", &format!("\n{text}\n# the end"))
    );
    // It is sent as it is saved.
    window.get_by_label("Send hello").click();
    until(&mut window, "the message", |window| {
        has(window, "received text hi 1")
    });
    // The menu of the chip opens with a key. The text that was not sent can be recalled.
    type_into(&mut window, "Message", "unsent");
    window.get_by_label("Send hello").focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    window.run_steps(4);
    until(&mut window, "the menu", |window| {
        has(window, "Copy into the composer")
    });
    window.get_by_label("Copy into the composer").click();
    until(&mut window, "the text", |window| {
        written(window) == "hi ${counter}"
    });
    window.run_steps(2);
    let message = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
    assert!(message.is_focused());
    window.run_steps(4);
    begin(&mut window, "{\"op\":1}");
    // The name of the edited message is suggested, and its text is replaced.
    let name = window.get_by_role_and_label(Role::TextInput, NAME);
    assert_eq!(name.value().as_deref(), Some("hello"));
    window.get_by_label("Replace").click();
    until(&mut window, "the new text", |_| {
        messages(&path, "echo")
            == [(
                "hello".to_owned(),
                MessageContent::Text("{\"op\":1}".to_owned()),
            )]
    });
    until(&mut window, "the closed line", |window| !has(window, NAME));
    // The question has the harmless answer first.
    let is_focused =
        |window: &Whole, role, name| window.get_by_role_and_label(role, name).is_focused();
    let remove = |window: &mut Whole, answer: &str| {
        window
            .get_by_role_and_label(Role::MultilineTextInput, "Message")
            .focus();
        window.run_steps(2);
        window.get_by_label("Send hello").click_secondary();
        window.run_steps(4);
        window.get_by_label("Remove…").click();
        until(window, "the question", |window| {
            has(window, "Remove hello?")
        });
        window.run_steps(2);
        assert!(is_focused(window, Role::Button, "Keep it"));
        window.get_by_label(answer).click();
        window.run_steps(4);
        // The keys are where they were before the question.
        assert!(is_focused(window, Role::MultilineTextInput, "Message"));
    };
    remove(&mut window, "Keep it");
    assert!(has(&window, "Send hello"));
    remove(&mut window, "Remove");
    until(&mut window, "no chip", |window| !has(window, "Send hello"));
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn the_form_of_the_composer_decides_the_key_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let Opened {
        mut window,
        path,
        _server,
    } = open(folder.path(), Some("echo"), "");
    let file = folder.path().join("a.bin");
    fs::write(&file, [0, 255]).unwrap();
    let file = file.to_str().unwrap();
    let mut former = "Text";
    let forms = [("Hex", "00 01"), ("Base64", "AAE="), ("File", file)];
    for (index, (form, text)) in forms.into_iter().enumerate() {
        type_into(&mut window, "Message", text);
        window.get_by_label(&format!("{former} ▾")).click();
        window.run_steps(4);
        window.get_by_label(form).click();
        window.run_steps(3);
        former = form;
        run(&mut window, "Save this message");
        save_as(&mut window, form);
        until(&mut window, "the message", |_| {
            messages(&path, "echo").len() == index + 1
        });
        until(&mut window, "the closed line", |window| !has(window, NAME));
    }
    let saved = messages(&path, "echo");
    let contents: Vec<_> = saved.into_iter().map(|(_, content)| content).collect();
    assert_eq!(
        contents,
        [
            MessageContent::Hex("00 01".to_owned()),
            MessageContent::Base64("AAE=".to_owned()),
            // The path is relative to the file of connections.
            MessageContent::File("a.bin".into()),
        ]
    );
}

#[test]
fn a_feed_that_is_not_saved_is_saved_with_its_message_and_keeps_its_records() {
    let folder = tempfile::tempdir().unwrap();
    let Opened {
        mut window,
        path,
        _server,
    } = open(folder.path(), None, "");
    let id = window.state().feeds()[0].id;
    let end = window.state().feeds()[0].store.extent().end;
    begin(&mut window, "hello");
    window.key_press(Key::Enter);
    until(&mut window, "the form", |window| {
        has(window, "Save this connection")
            && window
                .query_by_label_contains("The message `hello` is saved with this connection")
                .is_some()
    });
    // Without the form, nothing is saved, and the name and the text stay.
    window.key_press(Key::Escape);
    until(&mut window, "no form", |window| {
        !has(window, "Save this connection")
    });
    assert!(has(&window, NAME) && written(&window) == "hello" && !path.exists());
    // A sheet that has just closed still keeps the focus.
    window.run_steps(4);
    window.get_by_role_and_label(Role::TextInput, NAME).focus();
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the form", |window| {
        has(window, "Save this connection")
    });
    type_into(&mut window, "Name", "desk");
    window.key_press(Key::Enter);
    until(&mut window, "the chip", |window| has(window, "Send hello"));
    let feed = window.state().feeds().remove(0);
    assert_eq!((feed.id, feed.name.as_deref()), (id, Some("desk")));
    assert_eq!(feed.source.state(), Some(ConnectionState::Open));
    assert!(feed.store.extent().end >= end);
    assert!(!has(&window, NAME));
    window.run_steps(4);
    // The next message needs no form, and the one before is in the file already.
    begin(&mut window, "second");
    window.key_press(Key::Enter);
    until(&mut window, "the second chip", |window| {
        has(window, "Send second")
    });
    let names: Vec<_> = messages(&path, "desk").into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["hello", "second"]);
    window.get_by_label("Send hello").click_secondary();
    window.run_steps(4);
    window.get_by_label("Remove…").click();
    until(&mut window, "the question", |window| {
        has(window, "Remove hello?")
    });
    window.get_by_label("Remove").click();
    until(&mut window, "one message", |_| {
        messages(&path, "desk").len() == 1
    });
}

#[test]
fn what_cannot_be_saved_is_named_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let Opened {
        mut window,
        path,
        _server,
    } = open(folder.path(), Some("echo"), "");
    let before = fs::read_to_string(&path).unwrap();
    let refused = |window: &mut Whole, part: &str| {
        until(window, part, |window| notice(window).contains(part));
        assert!(notice(window).starts_with("The message is not saved: "));
        assert!(has(window, NAME));
    };
    // A secret belongs into a variable.
    begin(&mut window, "{\"token\":\"s3cret\"}");
    save_as(&mut window, "login");
    refused(&mut window, "`token` looks like a secret");
    assert_eq!(written(&window), "{\"token\":\"s3cret\"}");
    // Such a text would keep the connection from being opened.
    type_into(&mut window, "Message", "a ${");
    save_as(&mut window, "login");
    refused(&mut window, "has no `}`");
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    // Another program has broken the file.
    fs::write(&path, "[echo]\nurl = \n").unwrap();
    type_into(&mut window, "Message", "hello");
    save_as(&mut window, "login");
    refused(&mut window, "line 2");
    assert_eq!(written(&window), "hello");
    assert_eq!(fs::read_to_string(&path).unwrap(), "[echo]\nurl = \n");
    // A variable without a value in this feed is saved, but is not sent.
    fs::write(&path, &before).unwrap();
    type_into(&mut window, "Message", "${FEEDSCOPE_TEST_UNSET}");
    save_as(&mut window, "login");
    until(&mut window, "the note", |window| {
        notice(window).contains("The message `login` is saved.")
    });
    assert_eq!(messages(&path, "echo").len(), 1);
    assert!(!has(&window, "Send login"));
    // Ping and close have no place in the file.
    run(&mut window, "Save this message");
    window.key_press(Key::Escape);
    until(&mut window, "the closed line", |window| !has(window, NAME));
    type_into(&mut window, "Message", " ");
    run(&mut window, "Save this message");
    until(&mut window, "the reason", |window| {
        has(window, "Write the message that is to be saved")
    });
    assert!(!has(&window, NAME));
}
