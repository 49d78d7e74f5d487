//! Secrets of a restored session: they are in no file, are asked for again, and reach no other server.

use std::fs;
use std::path::Path;

use demo_server::DemoServer;
use egui::Key;
use egui_kittest::kittest::Queryable as _;
use feedscope::plan::FeedPlan;
use feedscope_core::ConnectionState;
use feedscope_files::recording;
use feedscope_ui::{NewFile, RecordingStage};
use url::Url;

use super::guarded_server::GuardedServer;
use super::session::{
    end, has, kept, open, options, reopen, server, session_file, states, until_saved,
};
use super::whole::{Whole, until};

/// Opens a window with a feed that has a secret in its header, and ends it. Returns its server.
fn save_with_secret(folder: &Path) -> (DemoServer, FeedPlan) {
    let (server, mut plan, _chat) = server();
    plan.spec.http.headers = vec![("Authorization".to_owned(), "Bearer s3cret".into())];
    let mut window = open(vec![plan.clone()], kept(folder));
    until(&mut window, "open", |window| {
        states(window) == [ConnectionState::Open]
    });
    end(window);
    (server, plan)
}

#[test]
fn a_secret_is_not_in_the_file_and_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, plan) = save_with_secret(folder.path());
    let port = plan.spec.url.port().unwrap();
    let text = fs::read_to_string(session_file(folder.path())).unwrap();
    let variable = format!("Bearer ${{AUTHORIZATION_127_0_0_1_{port}}}");
    assert!(text.contains(&variable), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    let mut window = reopen(folder.path());
    window.run_steps(3);
    assert_eq!(states(&window), [ConnectionState::Idle]);
    assert!(has(
        &window,
        "a value in its header Authorization is not saved; Connect asks for it"
    ));
    // Saved once more without the value, the feed is the same.
    until_saved(&mut window, folder.path(), "\"is_connected\": false");
    let text = fs::read_to_string(session_file(folder.path())).unwrap();
    assert!(text.contains(&variable), "{text}");
    connect(&window, 0);
    answer(&mut window, "again");
    until(&mut window, "open with the value", |window| {
        states(window) == [ConnectionState::Open]
    });
    let feeds = window.state().feeds();
    let header = ("Authorization".to_owned(), "Bearer again".into());
    assert_eq!(feeds[0].source.spec().unwrap().http.headers, [header]);
}

#[test]
fn a_recording_that_waits_for_a_feed_has_its_records_once_the_value_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let _server = save_with_secret(folder.path());
    let mut window = reopen(folder.path());
    window.run_steps(3);
    let path = folder.path().join("waits.feedscope");
    let feed = window.state().feeds()[0].id;
    let file = NewFile::from(path.clone());
    window.state_mut().record(&[feed], Some(file), false);
    // The button of a running recording has another width, which moves `Connect`.
    until(&mut window, "the running recording", |window| {
        let recording = window.state().feeds()[0].recording.clone();
        recording.is_some_and(|recording| recording.stage == RecordingStage::Running)
    });
    window.run_steps(3);
    connect(&window, 0);
    answer(&mut window, "again");
    until(&mut window, "recorded ticks", |window| {
        let feeds = window.state().feeds();
        let recording = feeds.first().and_then(|feed| feed.recording.clone());
        recording.is_some_and(|recording| recording.records > 5)
    });
    end(window);
    let opened = recording::open(&[path]).unwrap();
    // Both are one feed in the file.
    assert_eq!(opened.feeds.len(), 1);
    assert!(opened.feeds[0].store.extent().end.0 > 5);
}

/// Returns a plan for an event stream of this server, with a header.
pub(super) fn plan_with(server: &GuardedServer, authorization: &str) -> FeedPlan {
    let mut plan = options().at(Url::parse(&server.url("http", "/events")).unwrap());
    plan.spec.http.headers = vec![("Authorization".to_owned(), authorization.into())];
    plan
}

/// Types the value that the open question asks for.
pub(super) fn answer(window: &mut Whole, value: &str) {
    window.run_steps(3);
    window.event(egui::Event::Text(value.to_owned()));
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
}

pub(super) fn until_states(window: &mut Whole, expected: &[ConnectionState]) {
    until(window, "the states", |window| states(window) == expected);
}

/// Leaves a session with two servers, each of which wants a value of its own in its header.
fn saved_secrets_of_two_servers(folder: &Path) -> ([GuardedServer; 2], [FeedPlan; 2]) {
    let servers = ["one", "two"].map(|token| {
        let line = format!("authorization: Bearer {token}");
        GuardedServer::for_requests_with(&line)
    });
    let plans = [
        plan_with(&servers[0], "Bearer one"),
        plan_with(&servers[1], "Bearer two"),
    ];
    let mut window = open(plans.to_vec(), kept(folder));
    until_states(&mut window, &[ConnectionState::Open; 2]);
    end(window);
    (servers, plans)
}

/// Clicks `Connect` in a pane.
pub(super) fn connect(window: &Whole, pane: usize) {
    let mut buttons = window.get_all_by_label("Connect");
    buttons.nth(pane).unwrap().click();
}

#[test]
fn a_secret_that_was_typed_for_one_server_reaches_no_other_server() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, plans) = saved_secrets_of_two_servers(folder.path());
    let mut window = reopen(folder.path());
    window.run_steps(3);
    assert_eq!(states(&window), [ConnectionState::Idle; 2]);
    assert!(has(&window, "2 feeds are not connected again"));
    let reason = "Not connected again, because a value in its header Authorization is not saved";
    assert_eq!(window.get_all_by_label_contains(reason).count(), 2);
    // The value of the second pane is typed first, and the first pane asks for its own value nevertheless.
    for (pane, value) in [(1, "two"), (0, "one")] {
        connect(&window, pane);
        window.run_steps(3);
        let url = plans[pane].spec.url.as_str();
        assert!(has(&window, url) && has(&window, "Authorization: Bearer"));
        assert_eq!(
            servers[pane].lines("authorization").len(),
            1,
            "nothing is sent unasked"
        );
        answer(&mut window, value);
        until(&mut window, "open", |window| {
            states(window)[pane] == ConnectionState::Open
        });
        // The notice counts the feeds that still wait, and goes away with the last one.
        window.run_steps(2);
        assert!(!has(&window, "2 feeds are not connected again"));
        assert_eq!(has(&window, "A feed is not connected again"), pane == 1);
    }
    for (server, token) in servers.iter().zip(["one", "two"]) {
        let line = format!("authorization: Bearer {token}");
        assert_eq!(server.lines("authorization"), [line.clone(), line]);
    }
}

#[test]
fn a_secret_in_a_url_reaches_no_other_server() {
    let folder = tempfile::tempdir().unwrap();
    let servers = ["AAA1", "BBB2"].map(|token| {
        let line = format!("GET /events?token={token} HTTP/1.1");
        GuardedServer::for_requests_with(&line)
    });
    let plan = |(server, token): (&GuardedServer, &str)| {
        let url = server.url("http", &format!("/events?token={token}"));
        options().at(Url::parse(&url).unwrap())
    };
    let plans = servers.iter().zip(["AAA1", "BBB2"]).map(plan);
    let mut window = open(plans.collect(), kept(folder.path()));
    until_states(&mut window, &[ConnectionState::Open; 2]);
    end(window);
    let mut window = reopen(folder.path());
    window.run_steps(3);
    for (pane, value) in [(1, "BBB2"), (0, "AAA1")] {
        connect(&window, pane);
        window.run_steps(3);
        assert!(has(&window, "?token="));
        answer(&mut window, value);
        until(&mut window, "open", |window| {
            states(window)[pane] == ConnectionState::Open
        });
    }
    for server in &servers {
        let lines = server.lines("get /");
        assert!(lines.len() == 2 && lines[0] == lines[1], "{lines:?}");
    }
}

#[test]
fn a_session_of_an_earlier_version_keeps_the_values_of_its_servers_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, plans) = saved_secrets_of_two_servers(folder.path());
    // Earlier versions wrote one name for all servers.
    let path = session_file(folder.path());
    let mut text = fs::read_to_string(&path).unwrap();
    for plan in &plans {
        let port = plan.spec.url.port().unwrap();
        let name = format!("AUTHORIZATION_127_0_0_1_{port}");
        assert!(text.contains(&name), "{text}");
        text = text.replace(&name, "AUTHORIZATION");
    }
    fs::write(&path, text).unwrap();
    let mut window = reopen(folder.path());
    window.run_steps(3);
    for (pane, value) in [(1, "two"), (0, "one")] {
        connect(&window, pane);
        answer(&mut window, value);
        until(&mut window, "open", |window| {
            states(window)[pane] == ConnectionState::Open
        });
    }
    let first = "authorization: Bearer one";
    assert_eq!(servers[0].lines("authorization"), [first, first]);
    end(window);
    // From now on, the names differ.
    let text = fs::read_to_string(&path).unwrap();
    let found = text.matches("Bearer ${AUTHORIZATION}").count();
    assert!(
        found == 1 && text.contains("Bearer ${AUTHORIZATION_2}"),
        "{text}"
    );
}

#[test]
fn a_refused_value_is_asked_for_again_and_a_doubled_scheme_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let server = GuardedServer::for_requests_with("authorization: Bearer right");
    let plan = plan_with(&server, "Bearer right");
    let mut window = open(vec![plan], kept(folder.path()));
    until_states(&mut window, &[ConnectionState::Open]);
    end(window);
    let mut window = reopen(folder.path());
    window.run_steps(3);
    window.get_by_label("Connect").click();
    answer(&mut window, "wrong");
    until_states(&mut window, &[ConnectionState::Failed]);
    window.run_steps(3);
    window.get_by_label("Try again").click();
    window.run_steps(3);
    assert!(has(&window, "HTTP 401 Unauthorized"));
    assert!(has(
        &window,
        "A field that you leave empty keeps its former value."
    ));
    // The natural answer is the header as it was written before.
    answer(&mut window, "Bearer right");
    until_states(&mut window, &[ConnectionState::Open]);
    let lines = server.lines("authorization");
    let expected =
        ["right", "wrong", "right"].map(|token| format!("authorization: Bearer {token}"));
    assert_eq!(lines, expected);
}
