//! Window on a machine without a display.

use std::fs;

use super::quick_demo;
use crate::support::program::{Ended, Program, run_for};

#[test]
fn without_a_display_the_demo_is_shown_as_text() {
    let parts = [" events ", " chat ", " · open ", " ↓ ", "Hello Server!"];
    let has_all = |ended: &Ended| {
        let text = ended.out.join("\n");
        parts.iter().all(|part| text.contains(part))
    };
    let ended = run_for(&["--demo"], has_all);
    ended.expect_status(0);
    ended.expect_complaint(&["no window", "text"]);
    let text = ended.out.join("\n");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn without_a_display_the_same_feeds_are_shown_as_text() {
    let demo = quick_demo();
    let has_event = |ended: &Ended| ended.out.iter().any(|line| line.contains(" ↓ "));
    let ended = run_for(&[&format!("{}/events", demo.http_url())], has_event);
    ended.expect_status(0);
    ended.expect_complaint(&["no window"]);
    assert!(has_event(&ended), "{ended:#?}");
}

#[test]
fn a_display_that_cannot_be_reached_is_none() {
    let demo = quick_demo();
    let url = format!("{}/events", demo.http_url());
    let ended = Program::new(&[&url, "--duration", "2"])
        .variable("DISPLAY", "127.0.0.1:1")
        .spawn()
        .end();
    ended.expect_status(0);
    ended.expect_complaint(&["no window"]);
}

#[test]
fn a_settings_file_that_does_not_parse_is_named_and_kept() {
    let demo = quick_demo();
    let url = format!("{}/events", demo.http_url());
    let program = Program::new(&[&url, "--duration", "1"]);
    let settings = program.settings("theme = \"dark\"\nutc = maybe\n");
    let running = program.spawn();
    running.line();
    assert_eq!(
        fs::read_to_string(&settings).unwrap(),
        "theme = \"dark\"\nutc = maybe\n"
    );
    running.end().expect_complaint(&["settings.toml", "line 2"]);
}
