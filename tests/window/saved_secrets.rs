//! Secrets and variables of saved connections: they are asked for, stay in memory, and reach no other server.

use std::fs;
use std::path::Path;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use feedscope::app::{App, ConnectionsFile, KeptSettings};
use feedscope::plan::WindowFeeds;
use feedscope_core::ConnectionState;
use feedscope_files::connections::SavedConnections;

use super::guarded_server::GuardedServer;
use super::saved::{demo, entries, has, open_list, type_into};
use super::whole::{self, Whole, until};

#[test]
fn a_pasted_line_asks_for_its_variables() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    // The environment has this variable, which a line from anywhere must not read.
    let line = format!("curl \"{url}/news\" -H \"Authorization: Bearer ${{PATH}}\" --odd");
    let mut fields = window.get_all_by_role_and_label(Role::TextInput, "URL");
    fields.next().unwrap().focus();
    drop(fields);
    window.run_steps(2);
    window.event(Event::Paste(line));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the question", |window| {
        has(window, "Open the line of curl") && has(window, "Authorization: Bearer")
    });
    let headers = |window: &Whole| {
        let feed = window.state().feeds().remove(0);
        feed.source.spec().unwrap().http.headers.clone()
    };
    assert!(headers(&window).is_empty(), "nothing is sent unasked");
    window.event(Event::Text("t0ken".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the feed of the line", |window| {
        headers(window) == [("Authorization".to_owned(), "Bearer t0ken".into())]
    });
    window.get_by_label("These parts of the curl line have no effect: --odd.");
}

#[test]
fn headers_that_another_host_does_not_get_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let headers = |window: &Whole| {
        let feed = window.state().feeds().remove(0);
        feed.source.spec().unwrap().http.headers.len()
    };
    open_list(&mut window);
    let line = format!("curl '{url}/news' -H 'X-Key: s3cret'");
    type_into(&mut window, "Search connections", &line);
    window.key_press(Key::Enter);
    until(&mut window, "the feed of curl", |window| {
        headers(window) == 1
    });
    // A sheet that has just closed still keeps the focus.
    window.run_steps(4);
    let other = url.replace("127.0.0.1", "localhost");
    type_into(&mut window, "URL", &format!("{other}/news"));
    window.key_press(Key::Enter);
    until(&mut window, "the other host", |window| headers(window) == 0);
    window.run_steps(2);
    let notice = format!("Not sent: X-Key. It was set for {url} and not for {other}.");
    window.get_by_label(&notice);
    // The header returns with its host, and the sentence about the other one is no longer of use.
    type_into(&mut window, "URL", &format!("{url}/clock"));
    window.key_press(Key::Enter);
    until(&mut window, "the first host", |window| headers(window) == 1);
    until(&mut window, "the sentence", |window| {
        has(window, &format!("Sent to {url} again: X-Key"))
    });
    assert!(!has(&window, &notice));
    // The other host does not get it later either.
    type_into(&mut window, "URL", &format!("{other}/news"));
    window.key_press(Key::Enter);
    until(&mut window, "the other host again", |window| {
        headers(window) == 0
    });
}

#[test]
fn a_pane_is_saved_without_its_secret_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let line =
        format!("curl '{url}/news' \\\n  -H 'Authorization: Bearer s3cret' --compressed --odd");
    window
        .get_all_by_role_and_label(Role::TextInput, "URL")
        .next()
        .unwrap()
        .focus();
    window.run_steps(2);
    window.event(Event::Paste(line));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the feed of curl", |window| {
        let feed = window.state().feeds().remove(0);
        feed.source.spec().unwrap().http.headers.len() == 1
            && feed.source.state() == Some(ConnectionState::Open)
    });
    window.get_by_label("These parts of the curl line have no effect: --odd.");
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form", |window| {
        has(window, "The header Authorization looks like a secret.")
    });
    // The suggested name is selected, so that typing replaces it, and Enter saves.
    let name = window.get_by_role_and_label(Role::TextInput, "Name");
    name.type_text("desk");
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the closed form", |window| {
        !has(window, "Save this connection")
    });
    until(&mut window, "the confirmation", |window| {
        has(window, "Saved as desk")
    });
    let saved = SavedConnections::load(&path).unwrap().unwrap();
    let desk = saved.find("desk").unwrap();
    let port = url::Url::parse(&url).unwrap().port().unwrap();
    let header = (
        "Authorization".to_owned(),
        format!("Bearer ${{AUTHORIZATION_127_0_0_1_{port}}}"),
    );
    assert_eq!(desk.headers, [header]);
    assert!(!saved.text().contains("s3cret"));
    // In this run, the value is known.
    open_list(&mut window);
    until(&mut window, "the entry", |window| {
        entries(window).contains(&"desk".to_owned())
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut window, "a third pane", |window| {
        let feeds = window.state().feeds();
        let opened = feeds
            .iter()
            .filter(|feed| feed.name.as_deref() == Some("desk"));
        let mut headers = opened.map(|feed| &feed.source.spec().unwrap().http.headers);
        // The saved pane is this connection, too.
        feeds.len() == 3
            && headers.clone().count() == 2
            && headers.all(|it| it[0].1 == "Bearer s3cret".into())
    });
}

/// Presses Ctrl Enter, and waits until the form asks about this place.
fn save_until_asked(window: &mut Whole, sentence: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(window, sentence, |window| has(window, sentence));
}

/// Presses Ctrl Enter, and waits until the form is closed. Returns the text of the file.
fn save_until_closed(window: &mut Whole, path: &Path) -> String {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(window, "the closed form", |window| !has(window, "Cancel"));
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_form_asks_about_a_secret_that_is_typed_into_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form", |window| has(window, "Cancel"));
    type_into(&mut window, "Name", "desk");
    type_into(&mut window, "Headers", "Authorization: Bearer s3cret");
    save_until_asked(&mut window, "The header Authorization looks like a secret.");
    assert!(!path.exists(), "nothing is written before the answer");
    // The question stays below the fields, whatever room the form has.
    window.get_by_role_and_label(Role::RadioButton, "Write the value into the file");
    let text = save_until_closed(&mut window, &path);
    assert!(!text.contains("s3cret"), "{text}");
    assert!(text.contains("Bearer ${AUTHORIZATION_127_0_0_1_"), "{text}");
}

#[test]
fn the_form_asks_once_about_a_value_that_stays_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    fs::write(&path, "[desk]\nurl = \"https://a.test/\"\n").unwrap();
    let edit = |window: &mut Whole| {
        open_list(window);
        until(window, "the entry", |window| {
            entries(window).contains(&"desk".to_owned())
        });
        window.key_press(Key::F2);
        until(window, "the form", |window| has(window, "Edit desk"));
    };
    edit(&mut window);
    type_into(&mut window, "Headers", "Authorization: Bearer t0ken");
    save_until_asked(&mut window, "The header Authorization looks like a secret.");
    let value = Role::RadioButton;
    window
        .get_by_role_and_label(value, "Write the value into the file")
        .click();
    window.run_steps(3);
    let text = save_until_closed(&mut window, &path);
    assert!(text.contains("Bearer t0ken"), "{text}");
    edit(&mut window);
    type_into(&mut window, "Group", "work");
    let text = save_until_closed(&mut window, &path);
    assert!(
        text.contains("Bearer t0ken") && text.contains("work"),
        "{text}"
    );
    // A corrected text is no secret any more.
    edit(&mut window);
    type_into(&mut window, "Headers", "X-Api-Key: k3y");
    save_until_asked(&mut window, "The header X-Api-Key looks like a secret.");
    type_into(&mut window, "Headers", "X-Api-Key: ${KEY}");
    assert!(!has(&window, "The header X-Api-Key looks like a secret."));
    let text = save_until_closed(&mut window, &path);
    assert!(text.contains("${KEY}"), "{text}");
}

#[test]
fn a_variable_is_asked_once_and_kept_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let text = format!("[desk]\nurl = \"{url}/news\"\nheaders = {{ A = \"${{ask:DESK}}\" }}\n");
    fs::write(&path, &text).unwrap();
    open_list(&mut window);
    until(&mut window, "the entry", |window| {
        entries(window).contains(&"desk".to_owned())
    });
    window.key_press(Key::Enter);
    until(&mut window, "the question", |window| {
        has(window, "Open desk")
    });
    type_into(&mut window, "A:", "s3cret");
    window.key_press(Key::Enter);
    let is_open = |window: &Whole| {
        let feeds = window.state().feeds();
        feeds.iter().filter(|feed| feed.name.is_some()).count()
    };
    until(&mut window, "the feed", |window| is_open(window) == 1);
    assert_eq!(
        window.state().feeds()[0]
            .source
            .spec()
            .unwrap()
            .http
            .headers[0]
            .1,
        "s3cret".into()
    );
    open_list(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut window, "the second feed", |window| {
        is_open(window) == 2
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

/// Opens a window with the saved connection of this name alone.
fn first(name: &str) -> (Whole, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    let text = "[desk]\nurl = \"http://127.0.0.1:9/\"\nheaders = { A = \"${ask:DESK}\" }\n";
    fs::write(&path, text).unwrap();
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path),
        ..ConnectionsFile::default()
    };
    let mut app = App::new(WindowFeeds::Given(Vec::new()), None, kept).unwrap();
    app.open_saved_first(vec![name.to_owned()]);
    (whole::app_window(app), folder)
}

#[test]
fn a_connection_that_is_not_opened_at_the_start_leaves_an_empty_pane() {
    for (name, leaving) in [
        ("desk", Some(Key::Escape)),
        // `Enter` presses Cancel, although the value has been typed.
        ("desk", Some(Key::Enter)),
        ("nothing", None),
    ] {
        let (mut window, _folder) = first(name);
        if let Some(key) = leaving {
            until(&mut window, "the question", |window| {
                has(window, "Open desk")
            });
            window.run_steps(3);
            type_into(&mut window, "A:", "s3cret");
            if key == Key::Enter {
                window.get_by_label("Cancel").focus();
                window.run_steps(2);
            }
            window.key_press(key);
            window.run_steps(4);
            assert!(!has(&window, "Open desk"), "{key:?}");
        }
        until(&mut window, "the pane", |window| has(window, "URL"));
        assert!(window.state().feeds().is_empty(), "{leaving:?}");
        window.run_steps(2);
        window.key_press(Key::Escape);
        window.run_steps(3);
        let is_focused = |window: &Whole| {
            let field = window.get_by_role_and_label(Role::TextInput, "URL");
            field.is_focused()
        };
        assert!(!is_focused(&window), "{leaving:?}");
        window.key_press_modifiers(Modifiers::COMMAND, Key::L);
        window.run_steps(3);
        assert!(is_focused(&window), "{leaving:?}");
    }
}

#[test]
fn a_value_typed_for_one_server_reaches_no_other_server() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let servers = ["one", "two"].map(|token| {
        let line = format!("authorization: Bearer {token}");
        (token, GuardedServer::for_requests_with(&line))
    });
    // Earlier versions wrote one name for all servers.
    let table = |(name, server): &(&str, GuardedServer)| {
        let url = server.url("http", "/events");
        format!(
            "[{name}]\nurl = \"{url}\"\nheaders = {{ Authorization = \"Bearer ${{AUTHORIZATION}}\" }}\n"
        )
    };
    fs::write(&path, servers.iter().map(table).collect::<String>()).unwrap();
    let open = |window: &mut Whole, name: &str| {
        open_list(window);
        until(window, "the entry", |window| {
            entries(window).contains(&name.to_owned())
        });
        type_into(window, "Search connections", name);
        window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        window.run_steps(3);
    };
    for (name, server) in servers.iter().rev() {
        open(&mut window, name);
        until(&mut window, "the question", |window| {
            has(window, &format!("Open {name}"))
        });
        assert!(server.lines("authorization").is_empty());
        window.event(Event::Text((*name).to_owned()));
        window.run_steps(2);
        window.key_press(Key::Enter);
        until(&mut window, "the request", |_window| {
            server.lines("authorization").len() == 1
        });
    }
    // Asked once for each server.
    for (name, server) in &servers {
        open(&mut window, name);
        until(&mut window, "another request", |_window| {
            server.lines("authorization").len() == 2
        });
        let line = format!("authorization: Bearer {name}");
        assert_eq!(server.lines("authorization"), [line.clone(), line]);
    }
}
