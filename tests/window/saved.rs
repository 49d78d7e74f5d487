//! Saved connections in the window: the list, saving, editing, questions, and command lines of curl.

use std::fs;
use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::{App, ConnectionsFile, KeptSettings};
use feedscope::plan::{FeedPlan, WindowFeeds};
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedSpec;
use feedscope_ui::{
    Command, ConnectionForm, CopyProgram, SavedCommand, SavedConnectionScene, SavedScene,
};

use super::fixture::{EVENTS, Fixture, LEFT};
use super::whole::{self, Whole, until};

/// Starts the demo with a file of connections that does not exist yet.
pub(super) fn demo(folder: &Path) -> (Whole, PathBuf) {
    let path = folder.join("connections.toml");
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path.clone()),
        ..ConnectionsFile::default()
    };
    let mut window = whole::demo(kept);
    until(&mut window, "both open", |window| {
        let feeds = window.state().feeds();
        feeds
            .iter()
            .all(|feed| feed.source.state() == Some(ConnectionState::Open))
    });
    (window, path)
}

pub(super) fn has(window: &Whole, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

const LIST: &str = "Saved connections and recent URLs";

pub(super) fn entries(window: &Whole) -> Vec<String> {
    let Some(list) = window.query_by_role_and_label(Role::ListBox, LIST) else {
        return Vec::new();
    };
    list.query_all_by_role(Role::ListBoxOption)
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

pub(super) fn open_list(window: &mut Whole) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
}

pub(super) fn type_into(window: &mut Whole, field: &str, text: &str) {
    let role = |node: &egui_kittest::Node<'_>| node.accesskit_node().label();
    let fields = window.query_all_by(|node| node.label().is_some());
    let field: Vec<_> = fields
        .filter(|node| role(node).as_deref() == Some(field) && node.value().is_some())
        .collect();
    field[0].focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.step();
    window.event(Event::Text(text.to_owned()));
    window.run_steps(2);
}

#[test]
fn an_edit_outside_is_applied_and_a_name_is_found_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let text = format!(
        "[news]\nurl = \"{url}/news\"\ngroup = \"public\"\nfilter = \"type:x\"\n[weather]\nurl = \"{url}/weather\"\n"
    );
    fs::write(&path, text).unwrap();
    open_list(&mut window);
    until(&mut window, "the connections", |window| {
        entries(window).iter().take(2).eq(["weather", "news"])
    });
    assert!(has(&window, "Search connections"));
    type_into(&mut window, "Search connections", "nws");
    until(&mut window, "the hit", |window| {
        entries(window).first().is_some_and(|name| name == "news")
    });
    window.key_press(Key::Enter);
    until(&mut window, "the feed", |window| {
        let feed = window.state().feeds().remove(0);
        feed.name.as_deref() == Some("news") && feed.source.state() == Some(ConnectionState::Open)
    });
    let filters: Vec<_> = window
        .query_all_by_role_and_label(Role::TextInput, "Filter")
        .filter_map(|field| field.value())
        .collect();
    assert_eq!(filters[0], "type:x");
    // A broken file is named by its place, and the connections from before stay.
    fs::write(&path, "[news]\nurl = \n").unwrap();
    open_list(&mut window);
    until(&mut window, "the problem", |window| {
        window.query_by_label_contains("line 2, column").is_some()
    });
    assert_eq!(entries(&window)[..2], ["weather", "news"]);
}

#[test]
fn a_line_with_a_missing_file_stays_in_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let missing = folder.path().join("missing.json");
    let line = format!("curl -d @{} {url}/weather", missing.display());
    type_into(&mut window, "URL", "");
    window.event(Event::Paste(line.clone()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the reason", |window| {
        let mut alerts = window.query_all_by_label_contains("The line of curl cannot be used: ");
        let reason = alerts
            .next()
            .and_then(|alert| alert.accesskit_node().label());
        reason.is_some_and(|reason| reason.contains("missing.json"))
    });
    window.run_steps(2);
    let mut fields = window.query_all_by_role_and_label(Role::TextInput, "URL");
    let field = fields.next().unwrap();
    assert_eq!((field.value(), field.is_focused()), (Some(line), true));
    let mut notices = window.query_all_by_label_contains("The connection cannot be opened");
    assert!(notices.next().is_none());
}

#[test]
fn two_urls_in_the_field_are_not_joined() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let before = window.state().feeds().remove(0).source.url().cloned();
    let typed = format!("{url}/weather {url}/news");
    type_into(&mut window, "URL", &typed);
    window.key_press(Key::Enter);
    window.run_steps(3);
    let reason = format!("`{url}/weather` and `{url}/news` are two URLs: type one of them");
    assert!(has(&window, &reason));
    assert_eq!(
        window.state().feeds().remove(0).source.url().cloned(),
        before
    );
    let mut fields = window.query_all_by_role_and_label(Role::TextInput, "URL");
    assert_eq!(fields.next().unwrap().value(), Some(typed));
}

#[test]
fn a_refused_line_stays_in_its_field_and_can_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let typed = |window: &Whole| {
        let mut fields = window.query_all_by_role_and_label(Role::TextInput, "URL");
        let field = fields.next().unwrap();
        (field.value().unwrap(), field.is_focused())
    };
    let refused = |window: &Whole| {
        let mut alerts = window.query_all_by(|node| {
            let label = node.label().unwrap_or_default();
            label.contains("cannot be used") || label.contains("Not a URL")
        });
        alerts.next().and_then(|node| node.accesskit_node().label())
    };
    let line = format!("curl -F a=b {url}/weather");
    type_into(&mut window, "URL", &line);
    window.key_press(Key::Enter);
    until(&mut window, "the reason", |window| {
        refused(window).is_some()
    });
    window.run_steps(2);
    let reason = "The line of curl cannot be used: -F is not supported.";
    assert!(refused(&window).is_some_and(|text| text.contains(reason)));
    assert_eq!(typed(&window), (line, true));
    // A newer reason takes its place.
    type_into(&mut window, "URL", "not a url");
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert!(!refused(&window).unwrap().contains("cannot be used"));
    type_into(&mut window, "URL", &format!("curl -m 5 {url}/weather"));
    window.key_press(Key::Enter);
    until(&mut window, "the feed", |window| {
        let feed = window.state().feeds().remove(0);
        feed.source
            .url()
            .is_some_and(|url| url.path() == "/weather")
    });
    window.run_steps(2);
    assert_eq!(refused(&window), None);
    // Escape removes a line, which may contain a secret, also when the focus is elsewhere.
    type_into(&mut window, "URL", "curl -T f http://127.0.0.1:9/");
    window.key_press(Key::Enter);
    until(&mut window, "the reason", |window| {
        refused(window).is_some()
    });
    window.run_steps(2);
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert_eq!(refused(&window), None);
    assert_eq!(typed(&window), (format!("{url}/weather"), false));
}

#[test]
fn the_list_opens_what_is_typed_or_says_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    let field = |window: &Whole| {
        let field = window.query_by_role_and_label(Role::TextInput, "Search connections");
        field.and_then(|field| field.value())
    };
    open_list(&mut window);
    for wrong in ["htp://localhost:9500/events", "foo bar qux"] {
        type_into(&mut window, "Search connections", wrong);
        window.key_press(Key::Enter);
        window.run_steps(3);
        let problem = feedscope_core::url_text::parse_url(wrong).unwrap_err();
        assert!(has(&window, &problem.to_string()), "{wrong}");
    }
    // The text is selected, so that the next one replaces it.
    window.event(Event::Text(format!("curl '{url}/news' -H 'A: b' --odd")));
    window.run_steps(3);
    assert_eq!(entries(&window)[0], "Open this line of curl");
    window.key_press(Key::Enter);
    until(&mut window, "the feed of curl", |window| {
        let feed = window.state().feeds().remove(0);
        feed.source.spec().unwrap().http.headers == [("A".to_owned(), "b".into())]
    });
    assert_eq!(field(&window), None);
    window.get_by_label("These parts of the curl line have no effect: --odd.");
    until(&mut window, "the restore button", |window| {
        has(window, "Restore")
    });
    // A path is opened as in the dialog for files, which also shows the reason.
    open_list(&mut window);
    let missing = folder.path().join("none.har");
    type_into(&mut window, "Search connections", missing.to_str().unwrap());
    window.key_press(Key::Enter);
    until(&mut window, "the reason", |window| {
        window.query_by_label_contains("There is no file").is_some()
    });
    window.key_press(Key::Escape);
    window.run_steps(3);
    let lines = folder.path().join("a.ndjson");
    fs::write(&lines, "{\"a\":1}\n").unwrap();
    open_list(&mut window);
    type_into(&mut window, "Search connections", lines.to_str().unwrap());
    window.key_press(Key::Enter);
    until(&mut window, "the file", |window| {
        let feeds = window.state().feeds();
        feeds.iter().any(|feed| feed.source.file().is_some())
    });
}

#[test]
fn a_line_of_websocat_is_opened_in_a_pane() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _path) = demo(folder.path());
    let url = window.state().demo().unwrap().ws_url();
    let urls = window.get_all_by_role_and_label(Role::TextInput, "URL");
    urls.last().unwrap().focus();
    window.run_steps(2);
    window.event(Event::Paste(format!(
        "websocat {url}/chat -H 'A: b' --one-message"
    )));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the feed of websocat", |window| {
        let feed = window.state().feeds().pop().unwrap();
        feed.source.spec().unwrap().http.headers == [("A".to_owned(), "b".into())]
            && feed.source.state() == Some(ConnectionState::Open)
    });
}

#[test]
fn a_project_file_is_allowed_before_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    let mut kept = KeptSettings::default();
    kept.connections = ConnectionsFile {
        path: Some(path.clone()),
        is_project: true,
        trusted: Some(feedscope_files::connections::TrustedProjects::at(
            folder.path().join("allowed"),
        )),
    };
    let mut window = whole::demo(kept);
    let url = window.state().demo().unwrap().http_url();
    fs::write(&path, format!("[team]\nurl = \"{url}/news?x=${{PATH}}\"\n")).unwrap();
    open_list(&mut window);
    until(&mut window, "the entry", |window| {
        entries(window).contains(&"team".to_owned())
    });
    window.key_press(Key::Enter);
    until(&mut window, "the question", |window| {
        has(window, "Allow and connect")
    });
    assert!(
        window
            .query_by_label_contains("would use variables PATH")
            .is_some()
    );
    let is_open = |window: &Whole| {
        window
            .state()
            .feeds()
            .iter()
            .any(|feed| feed.name.is_some())
    };
    assert!(!is_open(&window));
    window.get_by_label("Allow and connect").click();
    until(&mut window, "the feed", is_open);
}

#[test]
fn connections_are_duplicated_edited_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    let url = window.state().demo().unwrap().http_url();
    fs::write(
        &path,
        format!("# mine\n[one]\nurl = \"{url}/news\" # first\n"),
    )
    .unwrap();
    open_list(&mut window);
    until(&mut window, "the entry", |window| {
        entries(window).contains(&"one".to_owned())
    });
    window
        .get_by_role_and_label(Role::ListBoxOption, "one")
        .click_secondary();
    window.run_steps(3);
    window.get_by_label("Duplicate").click();
    until(&mut window, "the copy", |window| {
        entries(window).contains(&"one-copy".to_owned())
    });
    // The list is centered again.
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::ListBoxOption, "one")
        .click_secondary();
    window.run_steps(3);
    window.get_by_label("Edit…").click();
    window.run_steps(3);
    type_into(&mut window, "Name", "two");
    window.get_by_label("Save").click();
    until(&mut window, "the new name", |_window| {
        fs::read_to_string(&path).unwrap().contains("[two]")
    });
    // The form closes after the file is written. Until then, it takes the keys.
    until(&mut window, "the closed form", |window| {
        !has(window, "Save")
    });
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("# mine\n[two]") && text.contains("# first"),
        "{text}"
    );
    open_list(&mut window);
    until(&mut window, "the renamed entry", |window| {
        entries(window).contains(&"two".to_owned())
    });
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::ListBoxOption, "one-copy")
        .click_secondary();
    window.run_steps(3);
    window.get_by_label("Delete…").click();
    window.run_steps(3);
    window.get_by_label("Delete").click();
    until(&mut window, "the removal", |_window| {
        !fs::read_to_string(&path).unwrap().contains("one-copy")
    });
}

fn fixture() -> Harness<'static, Fixture> {
    let saved = |name: &str, group: &str| SavedConnectionScene {
        form: ConnectionForm {
            name: name.to_owned(),
            group: group.to_owned(),
            ..ConnectionForm::default()
        },
        shown_url: format!("https://{name}.test/"),
        variables: vec![("TOKEN".to_owned(), false)],
    };
    let mut fixture = Fixture::default();
    fixture.saved = SavedScene {
        file: "connections.toml".to_owned(),
        problem: None,
        connections: vec![saved("desk", "work"), saved("wiki", "")],
    };
    let mut window = fixture.harness(640.0, 480.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window
}

#[test]
fn the_list_has_groups_and_follows_the_arrow_keys() {
    let mut window = fixture();
    let entries = |window: &Harness<'_, Fixture>| -> Vec<(String, bool)> {
        let list = window.get_by_role_and_label(Role::ListBox, LIST);
        let entries = list.query_all_by_role(Role::ListBoxOption);
        let entry = |node: egui_kittest::Node<'_>| {
            let node = node.accesskit_node();
            Some((node.label()?, node.is_selected()?))
        };
        entries.filter_map(entry).collect()
    };
    let pair = |name: &str, is_selected| (name.to_owned(), is_selected);
    assert_eq!(
        entries(&window)[..2],
        [pair("wiki", true), pair("desk", false)]
    );
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    assert_eq!(
        entries(&window)[..2],
        [pair("wiki", false), pair("desk", true)]
    );
    window.key_press(Key::Enter);
    window.run_steps(2);
    let opened = Command::Saved(SavedCommand::Open {
        name: "desk".to_owned(),
        pane: Some(LEFT),
        values: Vec::new(),
        is_allowed: false,
    });
    assert_eq!(window.state().commands, [opened]);
    assert!(window.query_by_label("Search connections").is_none());
}

#[test]
fn a_url_of_the_list_is_saved_under_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, path) = demo(folder.path());
    open_list(&mut window);
    let url = entries(&window).remove(0);
    window.get_by_label_contains("F2 save");
    window.key_press(Key::F2);
    window.run_steps(3);
    assert!(has(&window, "Save this connection"));
    // The cursor is in the field of the name.
    window.event(Event::Text("mine".to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    until(&mut window, "the saved connection", |_window| {
        fs::read_to_string(&path).is_ok_and(|text| text.contains("[mine]") && text.contains(&url))
    });
    until(&mut window, "the closed form", |window| {
        !has(window, "Save this connection")
    });
}

#[test]
fn text_of_the_list_that_cannot_be_saved_says_why() {
    let mut fixture = Fixture::default();
    fixture.recent = vec!["https://a.test/?token=***".to_owned()];
    let mut window = fixture.harness(1280.0, 800.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::ListBoxOption, "https://a.test/?token=***")
        .click_secondary();
    window.run_steps(3);
    window.get_by_label("Save under a name…").click();
    window.run_steps(3);
    window.get_by_label_contains("*** stands for a secret");
    window.event(Event::Text("https://a.test/?token=abc".to_owned()));
    window.run_steps(3);
    window.key_press(Key::F2);
    window.run_steps(3);
    window.get_by_label_contains("Open it first");
    assert!(window.query_by_label("Save this connection").is_none());
    assert_eq!(window.state().commands, []);
}

#[test]
fn a_pane_is_copied_as_a_command_line() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    window.get_all_by_label("More").next().unwrap().click();
    window.run_steps(3);
    window.get_by_label("Copy as").hover();
    window.run_steps(6);
    window.get_by_label("curl").click();
    window.run_steps(2);
    assert_eq!(
        window.state().commands,
        [Command::Saved(SavedCommand::CopyAs(
            EVENTS,
            CopyProgram::Curl
        ))]
    );
}

#[test]
fn a_url_of_the_command_line_is_recent_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let url = url::Url::parse("http://127.0.0.1:1/given").unwrap();
    let feeds = WindowFeeds::Given(vec![FeedPlan::of(FeedSpec::new(url.clone()))]);
    let mut window =
        whole::app_window(App::new(feeds, None, KeptSettings::load(path.clone())).unwrap());
    // The program may be killed, so that the file must not wait for its end.
    let settings = std::fs::read_to_string(&path).unwrap();
    assert!(settings.contains(url.as_str()), "{settings}");
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run_steps(3);
    window.get_by_label(url.as_str());
}
