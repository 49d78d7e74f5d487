//! Session: a later window has the panes, filters and columns of the last one, and connects only what was connected.

use std::fs;
use std::path::{Path, PathBuf};

use demo_server::{DemoServer, Options};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use feedscope::app::{App, ConnectionsFile, KeptSettings, SessionFiles};
use feedscope::plan::{FeedOptions, FeedPlan, WindowFeeds};
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedSpec;
use url::Url;

use super::guarded_server::GuardedServer;
use super::session_secrets::{answer, connect, plan_with, until_states};
use super::whole::{Whole, app_window, until};

/// Returns settings with a session in this folder.
pub(super) fn kept(folder: &Path) -> KeptSettings {
    let mut kept = KeptSettings::load(folder.join("settings.toml"));
    kept.session = SessionFiles {
        session: Some(session_file(folder)),
        place: None,
    };
    kept.connections = ConnectionsFile {
        path: Some(folder.join("connections.toml")),
        ..ConnectionsFile::default()
    };
    kept
}

pub(super) fn session_file(folder: &Path) -> PathBuf {
    folder.join("session.json")
}

/// A server whose feeds are the user's own.
pub(super) fn server() -> (DemoServer, FeedPlan, FeedPlan) {
    let server = DemoServer::start(Options::default()).unwrap();
    let plan = |url: String| options().at(Url::parse(&url).unwrap());
    let events = plan(format!("{}/events", server.http_url()));
    let chat = plan(format!("{}/chat", server.ws_url()));
    (server, events, chat)
}

pub(super) fn options() -> FeedOptions {
    let template = FeedSpec::new(Url::parse("http://localhost/").unwrap());
    FeedOptions::new(template, Vec::new())
}

pub(super) fn open(feeds: Vec<FeedPlan>, kept: KeptSettings) -> Whole {
    app_window(App::new(WindowFeeds::Given(feeds), None, kept).unwrap())
}

pub(super) fn reopen(folder: &Path) -> Whole {
    app_window(App::new(WindowFeeds::Last(options()), None, kept(folder)).unwrap())
}

pub(super) fn states(window: &Whole) -> Vec<ConnectionState> {
    let feeds = window.state().feeds();
    feeds
        .iter()
        .map(|feed| feed.source.state().unwrap())
        .collect()
}

fn urls(window: &Whole) -> Vec<String> {
    let feeds = window.state().feeds();
    feeds
        .iter()
        .map(|feed| feed.source.url().unwrap().to_string())
        .collect()
}

/// Waits until the file contains a text, so that the end of the window has no part in it.
pub(super) fn until_saved(window: &mut Whole, folder: &Path, text: &str) {
    let path = session_file(folder);
    until(window, text, |_| {
        fs::read_to_string(&path).is_ok_and(|saved| saved.contains(text))
    });
}

pub(super) fn has(window: &Whole, label: &str) -> bool {
    window.query_all_by_label_contains(label).next().is_some()
}

pub(super) fn end(mut window: Whole) {
    window.state_mut().end();
}

#[test]
fn a_window_that_was_killed_comes_back_with_its_panes_and_filters() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, chat) = server();
    let first = [events.spec.url.to_string(), chat.spec.url.to_string()];
    let mut window = open(vec![events, chat], kept(folder.path()));
    until(&mut window, "both open", |window| {
        states(window) == [ConnectionState::Open; 2]
    });
    // The second feed is disconnected, and the first one has a filter.
    window
        .get_all_by_label("Disconnect")
        .last()
        .unwrap()
        .click();
    until(&mut window, "closed", |window| {
        states(window)[1] == ConnectionState::Closed
    });
    window.get_all_by_label("Filter").next().unwrap().focus();
    window.run_steps(2);
    window.event(egui::Event::Text("type:price".to_owned()));
    window.run_steps(2);
    until_saved(&mut window, folder.path(), "type:price");
    until_saved(&mut window, folder.path(), "\"is_connected\": false");
    drop(window);
    let mut window = reopen(folder.path());
    assert_eq!(urls(&window), first);
    until(&mut window, "open again", |window| {
        states(window) == [ConnectionState::Open, ConnectionState::Idle]
    });
    let filters = window.get_all_by_label("Filter");
    let filters: Vec<_> = filters.filter_map(|node| node.value()).collect();
    assert_eq!(filters, ["type:price", ""]);
}

#[test]
fn files_that_were_opened_together_are_opened_together_again() {
    let folder = tempfile::tempdir().unwrap();
    let recordings =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/feedscope-files/tests/recordings");
    let names = ["run-0001.feedscope", "run-0002.feedscope"];
    let copies = [
        ("v2-ended.feedscope", names[0]),
        ("v2-killed.feedscope", names[1]),
    ];
    let paths = copies.map(|(from, name)| {
        let path = folder.path().join(name);
        fs::copy(recordings.join(from), &path).unwrap();
        path
    });
    let found = |window: &Whole| {
        let feeds = window.state().feeds();
        let found = feeds.iter().map(|feed| {
            let name = feed.source.file().map(|file| file.feed.clone());
            (name.unwrap_or_default(), feed.store.extent().end.0)
        });
        found.collect::<Vec<_>>()
    };
    let are_found = |window: &Whole| found(window).iter().filter(|(_, end)| *end > 0).count() == 2;
    let panes = |window: &Whole| window.get_all_by_role(Role::Group).count();
    let mut window = open(Vec::new(), kept(folder.path()));
    window.state_mut().open_files(None, paths.to_vec());
    until(&mut window, "two feeds", are_found);
    let (feeds, shown) = (found(&window), panes(&window));
    until_saved(&mut window, folder.path(), names[1]);
    until_saved(&mut window, folder.path(), "\"place\": 1");
    drop(window);
    let mut window = reopen(folder.path());
    until(&mut window, "two feeds again", are_found);
    window.run_steps(3);
    assert_eq!((found(&window), panes(&window)), (feeds, shown));
}

#[test]
fn a_window_that_was_closed_reconnects_what_was_connected() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, _chat) = server();
    let mut with_body = events.clone();
    with_body.spec.http.body = Some(b"a".to_vec().into());
    let mut window = open(vec![events, with_body], kept(folder.path()));
    until(&mut window, "open", |window| {
        states(window)[0] == ConnectionState::Open
    });
    end(window);
    let mut window = reopen(folder.path());
    until(&mut window, "open again", |window| {
        states(window)[0] == ConnectionState::Open
    });
    // A request with a body may have an effect, so that only the user repeats it.
    assert_eq!(states(&window)[1], ConnectionState::Idle);
}

#[test]
fn columns_come_back_and_a_named_feed_is_that_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (server, events, _chat) = server();
    let mut plan = events;
    plan.name = Some("desk".to_owned());
    let mut window = open(vec![plan], kept(folder.path()));
    window.run_steps(2);
    end(window);
    let path = session_file(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    let (columns, fields) = ("\"columns\": null", "\"fields\": []");
    assert!(text.contains(columns) && text.contains(fields), "{text}");
    let text = text
        .replace(columns, "\"columns\": [\"time\", \"later\"]")
        .replace(fields, "\"fields\": [\".price\"]");
    fs::write(&path, text).unwrap();
    let news = format!("{}/news", server.http_url());
    let connections = format!("[desk]\nurl = \"{news}\"\n");
    fs::write(folder.path().join("connections.toml"), connections).unwrap();
    let mut window = reopen(folder.path());
    assert_eq!(urls(&window), [news]);
    window.run_steps(2);
    end(window);
    let text = fs::read_to_string(&path).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&text).unwrap();
    let feed = &saved["feeds"][0];
    assert_eq!(feed["columns"], serde_json::json!(["time"]));
    assert_eq!(feed["fields"], serde_json::json!([".price"]));
}

#[test]
fn the_first_window_and_one_after_a_demo_show_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, _chat) = server();
    let own = events.spec.url.to_string();
    for _ in 0..2 {
        let mut window = reopen(folder.path());
        assert!(window.state().demo().is_some());
        window.run_steps(2);
        end(window);
        assert!(!session_file(folder.path()).exists());
    }
    let mut window = open(vec![events], kept(folder.path()));
    window.run_steps(2);
    end(window);
    let demo = WindowFeeds::Demo(options());
    end(app_window(
        App::new(demo, None, kept(folder.path())).unwrap(),
    ));
    // The demo has not replaced the session.
    assert_eq!(urls(&reopen(folder.path())), [own]);
    fs::write(
        folder.path().join("settings.toml"),
        "restore_session = false",
    )
    .unwrap();
    assert!(reopen(folder.path()).state().demo().is_some());
}

#[test]
fn a_broken_session_is_kept_aside_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(session_file(folder.path()), "{\"version\": 1, \"panes\": [").unwrap();
    let mut window = reopen(folder.path());
    window.run_steps(2);
    assert!(window.state().demo().is_some());
    assert!(has(&window, "The last session cannot be restored"));
    assert!(folder.path().join("session-unread-1.json").exists());
}

#[test]
fn a_session_with_wrong_references_gives_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, _chat) = server();
    let url = events.spec.url.to_string();
    let feed = format!(
        r#"{{"source":{{"connection":{{"url":"{url}","columns":[]}}}},"is_connected":true}}"#
    );
    let text = format!(
        r#"{{"version":1,"feeds":[{feed}],"panes":[{{"id":7,"feed":0}},{{"id":7,"feed":0}},{{"id":4294967295,"feed":9}}],
        "window":{{"layout":{{"row":[{{"share":1e30,"layout":{{"pane":3}}}}]}},"focused":99}}}}"#
    );
    fs::write(session_file(folder.path()), text).unwrap();
    let mut window = reopen(folder.path());
    until(&mut window, "open", |window| {
        states(window) == [ConnectionState::Open]
    });
    assert_eq!(window.state().panes().len(), 2);
    window.get_by_label("Disconnect").click();
    until(&mut window, "closed", |window| {
        states(window) == [ConnectionState::Closed]
    });
}

/// Types a text into a field of the menu of the decoders.
fn type_decoder(window: &mut Whole, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.run_steps(2);
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(2);
}

#[test]
fn the_decoders_of_a_feed_come_back_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, _chat) = server();
    let schema = folder.path().join("shop.proto");
    let text = "syntax = \"proto3\"; package shop; message Order { uint32 id = 1; }";
    fs::write(&schema, text).unwrap();
    let mut window = open(vec![events], kept(folder.path()));
    until(&mut window, "open", |window| {
        states(window) == [ConnectionState::Open]
    });
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    window.run_steps(3);
    window.event(egui::Event::Text("decoders".to_owned()));
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(3);
    let received = "Decoders of received payloads";
    type_decoder(&mut window, received, "hex,protobuf");
    let file = "Schema of Protocol Buffers, file";
    type_decoder(&mut window, file, schema.to_str().unwrap());
    window.get_by_label("Decode").click();
    until(&mut window, "the chip", |window| {
        has(window, "decode: hex,protobuf:shop.Order ▾")
    });
    end(window);
    let mut window = reopen(folder.path());
    until(&mut window, "the chip again", |window| {
        has(window, "decode: hex,protobuf:shop.Order ▾")
    });
    end(window);
    // Without the schema, the feed comes back with its payloads as received.
    fs::remove_file(schema).unwrap();
    let mut window = reopen(folder.path());
    until(&mut window, "the reason", |window| {
        has(window, "The payloads are not decoded: ")
    });
    assert!(!has(&window, "decode: hex"));
}

#[test]
fn the_part_beside_the_rows_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, _chat) = server();
    let mut window = open(vec![events], kept(folder.path()));
    until_saved(&mut window, folder.path(), "\"latest\": []");
    drop(window);
    let file = session_file(folder.path());
    let saved = fs::read_to_string(&file).unwrap();
    let with_table = saved
        .replacen("\"tab\": null", "\"tab\": \"Latest\"", 1)
        // The connection in the file has such a list as well, which belongs to a saved connection.
        .replace("\"latest\": []", "\"latest\": [\".symbol\"]");
    assert_ne!(saved, with_table);
    fs::write(&file, with_table).unwrap();
    let mut window = reopen(folder.path());
    until(&mut window, "table", |window| {
        has(window, "Close this part") && has(window, "ACME")
    });
    // It is kept for the next window, too.
    fs::remove_file(&file).unwrap();
    window.get_all_by_label("Filter").next().unwrap().focus();
    window.run_steps(2);
    window.event(egui::Event::Text("price".to_owned()));
    window.run_steps(2);
    until_saved(&mut window, folder.path(), "\"tab\": \"Latest\"");
    assert!(fs::read_to_string(&file).unwrap().contains(".symbol"));
}

#[test]
fn the_parts_of_a_file_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let recordings =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/feedscope-files/tests/recordings");
    let path = recordings.join("v2-ended.feedscope");
    let mut window = open(Vec::new(), kept(folder.path()));
    window.state_mut().open_files(None, vec![path]);
    until_saved(&mut window, folder.path(), "v2-ended.feedscope");
    drop(window);
    let file = session_file(folder.path());
    let saved = fs::read_to_string(&file).unwrap();
    let with_parts = saved
        .replacen("\"tab\": null", "\"tab\": \"Measures\"", 1)
        .replacen("\"numbers\": []", "\"numbers\": [\"size\"]", 1);
    fs::write(&file, with_parts).unwrap();
    // The feed of the file takes the place of another one, which stands for it while it is opened.
    let mut window = reopen(folder.path());
    until(&mut window, "the parts", |window| {
        has(window, "Close this part") && has(window, "Close the plot")
    });
    until(&mut window, "the feed of the file", |window| {
        let feeds = window.state().feeds();
        let mut files = feeds.iter().filter_map(|feed| feed.source.file());
        files.any(|file| !file.feed.is_empty())
    });
    window.run_steps(5);
    assert!(has(&window, "Close this part") && has(&window, "Close the plot"));
}

#[test]
fn a_text_that_was_being_written_survives_a_killed_window() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, _, chat) = server();
    let mut window = open(vec![chat], kept(folder.path()));
    until(&mut window, "open", |window| {
        states(window) == [ConnectionState::Open]
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    window.run_steps(2);
    window.event(egui::Event::Text("half a thought".to_owned()));
    window.run_steps(2);
    until_saved(&mut window, folder.path(), "half a thought");
    drop(window);
    let mut window = reopen(folder.path());
    window.run_steps(3);
    let field = window.get_by_role_and_label(Role::MultilineTextInput, "Message");
    assert_eq!(field.value().as_deref(), Some("half a thought"));
}

#[test]
fn the_form_of_the_messages_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, _, chat) = server();
    let mut window = open(vec![chat], kept(folder.path()));
    window.run_steps(3);
    // A control frame is the form of one message only.
    for (shown, chosen) in [("Text ▾", "Hex"), ("Hex ▾", "Ping")] {
        window.get_by_label(shown).click();
        window.run_steps(3);
        window.get_by_label(chosen).click();
        window.run_steps(3);
    }
    until_saved(&mut window, folder.path(), "\"draft_form\": \"Hex\"");
    drop(window);
    let mut window = reopen(folder.path());
    window.run_steps(3);
    window.get_by_label("Hex ▾");
}

#[test]
fn an_open_plot_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, events, _chat) = server();
    let mut window = open(vec![events], kept(folder.path()));
    until_saved(&mut window, folder.path(), "\"plot\": {");
    drop(window);
    let file = session_file(folder.path());
    let mut saved: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let views = saved["window"]["views"].as_object_mut().unwrap();
    views.values_mut().next().unwrap()["plot"] = serde_json::json!({
        "numbers": [".price", "size", "a number of a later version ("],
        "right": ["size"],
        "is_chosen": true,
        "key": ".symbol",
        "form": "Steps",
        "is_table": true,
    });
    fs::write(&file, saved.to_string()).unwrap();
    let mut window = reopen(folder.path());
    until(&mut window, "the table", |window| {
        has(window, "Close the plot") && has(window, ".price ACME") && has(window, "size ACME")
    });
    // It is kept for the next window, too.
    fs::remove_file(&file).unwrap();
    window.get_all_by_label("Filter").next().unwrap().focus();
    window.run_steps(2);
    window.event(egui::Event::Text("price".to_owned()));
    window.run_steps(2);
    until_saved(&mut window, folder.path(), "\"form\": \"Steps\"");
    let saved = fs::read_to_string(&file).unwrap();
    for part in ["\"key\": \".symbol\"", "\"is_table\": true", "\"right\": ["] {
        assert!(saved.contains(part), "{part}");
    }
    // A closed plot stays closed.
    window.get_by_label("Close the plot").click();
    window.run_steps(3);
    until_saved(&mut window, folder.path(), "\"numbers\": []");
    drop(window);
    let mut window = reopen(folder.path());
    window.run_steps(5);
    assert!(!has(&window, "Close the plot"));
}

#[test]
fn the_reason_of_a_failure_comes_back_without_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = GuardedServer::for_requests_with("authorization: Bearer other");
    let mut window = open(
        vec![plan_with(&server, "Bearer s3cret")],
        kept(folder.path()),
    );
    until_states(&mut window, &[ConnectionState::Failed]);
    until_saved(&mut window, folder.path(), "HTTP 401");
    drop(window);
    let before = "Before the restart: HTTP 401";
    // It is still there after a second restart.
    for _ in 0..2 {
        let mut window = reopen(folder.path());
        window.run_steps(5);
        assert_eq!(states(&window), [ConnectionState::Idle]);
        assert!(has(&window, before));
        assert_eq!(
            server.lines("authorization").len(),
            1,
            "nothing is sent unasked"
        );
        end(window);
    }
    let text = fs::read_to_string(session_file(folder.path())).unwrap();
    assert!(!text.contains("s3cret"), "{text}");
    // It is history after the next attempt.
    let mut window = reopen(folder.path());
    window.run_steps(3);
    connect(&window, 0);
    answer(&mut window, "other");
    until_states(&mut window, &[ConnectionState::Open]);
    window.run_steps(3);
    assert!(!has(&window, "Before the restart"));
    until_saved(&mut window, folder.path(), "\"failure\": null");
}
