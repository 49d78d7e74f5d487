//! Fields of the measures in later windows: they come back with the session, with the settings and with a saved connection.

use std::fs;

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use feedscope::plan::FeedPlan;
use url::Url;

use super::measured::{open_measures, type_field};
use super::session::{end, has, kept, open, options, reopen, session_file, until_saved};
use super::whole::{Whole, until};
use crate::support::server::{After, Server};

const FAULTS: &str = "2 faults in the sequence";

/// Chooses a field of the measures by its path.
fn choose_measured(window: &mut Whole, menu: &str, path: &str) {
    // The menus move while the numbers above them appear.
    until(window, "records", |window| {
        window.query_by_label_contains("payloads: ").is_some()
    });
    window.get_by_label(&format!("{menu} none")).focus();
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    type_field(window, path);
    until(window, path, |window| {
        has(window, &format!("{menu} {path}"))
    });
}

/// A server of events with two holes in their numbers, and a plan for it.
fn faulty_server() -> (Server, FeedPlan) {
    let event = |seq: u64| format!("data: {{\"at\":{seq},\"seq\":{seq}}}\n\n");
    let numbers = (0..10).chain(13..20).chain(21..30);
    let body: String = numbers.map(event).collect();
    let server = Server::event_stream(&body, After::Stay);
    let url = server.url("http", "/ticks");
    let plan = options().at(Url::parse(&url).unwrap());
    (server, plan)
}

#[test]
fn the_fields_of_the_measures_come_back_and_faults_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, plan) = faulty_server();
    let mut window = open(vec![plan.clone()], kept(folder.path()));
    open_measures(&mut window);
    choose_measured(&mut window, "Sequence", ".seq");
    choose_measured(&mut window, "Time of the server", ".at");
    until(&mut window, "the faults", |window| has(window, FAULTS));
    until_saved(&mut window, folder.path(), "\"sequence\": \".seq\"");
    drop(window);
    let mut window = reopen(folder.path());
    until(&mut window, "the choice", |window| {
        has(window, "Sequence .seq") && has(window, "Time of the server .at")
    });
    until(&mut window, "the faults again", |window| {
        has(window, FAULTS)
    });
    end(window);
    // The settings have the fields for the next feed of this URL, whose measures nobody has opened.
    let file = session_file(folder.path());
    let saved = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let mut window = open(vec![plan], kept(folder.path()));
    until(&mut window, "faults of the same URL", |window| {
        has(window, FAULTS)
    });
    end(window);
    // A file of an earlier version does not have the fields.
    let mut old: serde_json::Value = serde_json::from_str(&saved).unwrap();
    let feed = old["feeds"][0].as_object_mut().unwrap();
    assert!(feed.remove("measures").is_some());
    fs::write(&file, old.to_string()).unwrap();
    let mut window = reopen(folder.path());
    until(&mut window, "the feed without a choice", |window| {
        has(window, "Sequence none") && has(window, "Time of the server none")
    });
    assert!(!has(&window, FAULTS));
    end(window);
}

#[test]
fn a_field_that_is_measured_no_longer_stays_away() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, plan) = faulty_server();
    let mut window = open(vec![plan], kept(folder.path()));
    open_measures(&mut window);
    choose_measured(&mut window, "Sequence", ".seq");
    until_saved(&mut window, folder.path(), "\"sequence\": \".seq\"");
    window.get_by_label("Sequence .seq").focus();
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    window.get_by_label("None").click();
    until(&mut window, "no choice", |window| {
        has(window, "Sequence none")
    });
    until_saved(&mut window, folder.path(), "\"measures\": {}");
    end(window);
    let mut window = reopen(folder.path());
    until(&mut window, "the measures", |window| {
        has(window, "Sequence ")
    });
    assert!(has(&window, "Sequence none"));
    end(window);
}

#[test]
fn a_saved_connection_has_the_fields_of_its_measures() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, mut plan) = faulty_server();
    let text = format!(
        "[desk]\nurl = \"{}\"\nmeasures = {{ time = \".a[\", sequence = \".seq\" }}\n",
        plan.spec.url
    );
    fs::write(folder.path().join("connections.toml"), text).unwrap();
    plan.name = Some("desk".to_owned());
    let mut window = open(vec![plan], kept(folder.path()));
    until(&mut window, "the faults", |window| has(window, FAULTS));
    // A path that is none has its reason.
    until(&mut window, "the reason", |window| {
        has(window, "a path of `measures` has no effect")
    });
    end(window);
}
