//! Answers of language models: put together beside the rows, linked with their records, and as a tab in a narrow window.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;

use super::fixture::Fixture;
use super::hand::click;

/// Window of this size with one pane over an answer in parts, 100 ms apart, with a pause of two seconds before the last
/// one.
fn answer(width: f32, height: f32) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    let parts = [
        r#""delta":{"reasoning_content":"Hm."}"#,
        r#""delta":{"content":"**Warm** "}"#,
        r#""delta":{"content":"and dry"}"#,
        r#""delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"sum","arguments":"{\"a\":1}"}}]}"#,
        r#""delta":{"content":" today"},"finish_reason":"stop""#,
    ];
    for (number, part) in (0..).zip(parts) {
        let pause = if number == 4 { 2_000 } else { 0 };
        let data = format!(
            r#"{{"object":"chat.completion.chunk","model":"m1","choices":[{{"index":0,{part}}}]}}"#
        );
        let kind = Kind::Event {
            event: b"message",
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, 1_000 + number * 100 + pause, kind);
    }
    let mut window = fixture.harness(width, height);
    window.run_steps(6);
    window
}

/// Returns the label of the selected row.
fn selected(window: &Harness<'_, Fixture>) -> String {
    let rows = window.query_all_by_role(Role::ListBoxOption);
    let mut selected = rows.filter(|row| row.accesskit_node().is_selected() == Some(true));
    let label = selected.next().and_then(|row| row.accesskit_node().label());
    label.unwrap_or_default()
}

#[test]
fn an_answer_is_put_together_beside_the_rows() {
    let mut window = answer(1280.0, 800.0);
    // The text as Markdown, with the pause before the last part.
    window.get_by_label("**Warm** and dry today");
    window.get_by_label_contains("5 parts");
    window.get_by_label_contains("1 stall, longest 2");
    window.get_by_label("Parts over time: 2.1 parts/s, 10 characters/s on average.\nStall of 2.1 s, 300 ms after the first part.");
    window.get_by_label_contains("m1");
    window.get_by_label("Tool call sum");
    window.get_by_label("a: 1");
    window.get_by_label_contains("Answer 1, complete, stop reason stop");
    assert!(window.query_by_label("Hm.").is_none());
    window.get_by_label("Reasoning · 1 part").click();
    window.run_steps(3);
    window.get_by_label("Hm.");
    window.get_by_label("Close the answers").click();
    window.run_steps(3);
    assert!(window.query_by_label("**Warm** and dry today").is_none());
    window.key_press(Key::A);
    window.run_steps(3);
    window.get_by_label("**Warm** and dry today");
}

#[test]
fn a_part_leads_to_its_record() {
    let mut window = answer(1280.0, 800.0);
    window.get_by_label("Tool call sum").click();
    window.run_steps(4);
    assert!(
        selected(&window).ends_with(r#"tool call {"a":1}"#),
        "{}",
        selected(&window)
    );
    let line = window.get_by_label("**Warm** and dry today").rect();
    // The second word is of the second part.
    click(
        &mut window,
        line.left_center() + egui::vec2(22.0 + 60.0, 0.0),
        2,
    );
    window.run_steps(4);
    assert!(
        selected(&window).ends_with("text and dry"),
        "{}",
        selected(&window)
    );
}

#[test]
fn the_whole_text_is_copied_and_saved() {
    let mut window = answer(1280.0, 800.0);
    let copy = window.query_all_by_label("Copy").next().unwrap();
    copy.click();
    window.run_steps(3);
    assert_eq!(window.state().copied, ["**Warm** and dry today"]);
    window.get_by_label("Save…").click();
    window.run_steps(3);
    window.get_by_label("Save the answer");
}

#[test]
fn a_narrow_window_shows_the_answers_in_a_tab() {
    let mut window = answer(640.0, 480.0);
    assert!(window.query_by_label("**Warm** and dry today").is_none());
    window.get_by_label("Answers").click();
    window.run_steps(3);
    window.get_by_label("**Warm** and dry today");
    assert_eq!(window.query_all_by_role(Role::ListBoxOption).count(), 0);
    window.get_by_label("Records").click();
    window.run_steps(3);
    assert!(window.query_all_by_role(Role::ListBoxOption).count() > 0);
}

#[test]
fn the_key_of_the_answers_shows_them_in_a_narrow_window() {
    let mut window = answer(640.0, 480.0);
    let has_answer =
        |window: &Harness<'_, Fixture>| window.query_by_label("**Warm** and dry today").is_some();
    for is_shown in [true, false, true] {
        window.key_press(Key::A);
        window.run_steps(3);
        assert_eq!(has_answer(&window), is_shown);
        window.get_by_label("Answers");
    }
}
