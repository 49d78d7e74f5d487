//! Lenses: sentences in place of payloads, the chip with its menu, pairs, and filters for what a lens has marked.

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::{Direction, Kind};

use super::fixture::Fixture;

/// Window with one pane over requests and answers of JSON-RPC, 10 ms apart.
fn calls(messages: &[(Direction, &str)]) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.remove(0);
    for (number, (direction, text)) in (0..).zip(messages) {
        let kind = Kind::Text {
            direction: *direction,
            data: text.as_bytes(),
            failed: None,
            wire: None,
        };
        fixture.push(1, 1_000 + number * 10, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(6);
    window
}

fn rpc() -> Harness<'static, Fixture> {
    use Direction::{In, Out};
    calls(&[
        (Out, r#"{"jsonrpc":"2.0","id":7,"method":"subscribe"}"#),
        (Out, r#"{"jsonrpc":"2.0","id":8,"method":"sum"}"#),
        (In, r#"{"jsonrpc":"2.0","id":7,"result":true}"#),
        (In, r#"{"jsonrpc":"2.0","method":"tick"}"#),
        (
            In,
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"bad"},"id":null}"#,
        ),
    ])
}

/// Returns the texts of the rows.
fn rows(window: &Harness<'_, Fixture>) -> Vec<String> {
    let rows = window.query_all_by_role(Role::ListBoxOption);
    let labels = rows.filter_map(|row| row.accesskit_node().label());
    labels.collect()
}

#[test]
fn a_recognized_lens_names_the_rows_and_raw_shows_them_as_received() {
    let mut window = rpc();
    let read = rows(&window);
    assert!(read[0].ends_with("→ subscribe #7"), "{read:?}");
    assert!(
        read[2].ends_with("← answer to #7 (subscribe) after 20 ms   true"),
        "{read:?}"
    );
    window.key_press(Key::R);
    window.run_steps(3);
    let raw = rows(&window);
    assert!(
        raw[2].ends_with(r#"{"jsonrpc":"2.0","id":7,"result":true}"#),
        "{raw:?}"
    );
    window.key_press(Key::R);
    window.run_steps(3);
    assert_eq!(rows(&window), read);
}

#[test]
fn the_chip_explains_the_lens_and_another_can_be_chosen() {
    let mut window = rpc();
    window.get_by_label("lens: JSON-RPC ▾").click();
    window.run_steps(3);
    window.get_by_label_contains("The lens JSON-RPC was selected because a message ");
    window.get_by_label("No lens").click();
    window.run_steps(6);
    window.get_by_label("lens: none ▾");
    assert!(rows(&window)[0].ends_with(r#""method":"subscribe"}"#));
}

#[test]
fn the_menu_of_the_lens_finds_what_it_has_marked() {
    for (entry, expected) in [
        ("1 request without an answer", "→ sum #8"),
        (
            "1 record with an error",
            "error without a request: bad (-32700)",
        ),
    ] {
        let mut window = rpc();
        window.get_by_label("lens: JSON-RPC ▾").click();
        window.run_steps(3);
        window.get_by_label(entry).click();
        window.run_steps(8);
        let found = rows(&window);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with(expected), "{found:?}");
    }
}

#[test]
fn an_answer_leads_to_its_request_and_back() {
    let mut window = rpc();
    window.get_by_label_contains("← answer to #7").click();
    window.run_steps(4);
    let selected = |window: &Harness<'_, Fixture>| {
        let rows = window.query_all_by_role(Role::ListBoxOption);
        let mut selected = rows.filter(|row| row.accesskit_node().is_selected() == Some(true));
        selected
            .next()
            .and_then(|row| row.accesskit_node().label())
            .unwrap_or_default()
    };
    window.get_by_label_contains("to its request").click();
    window.run_steps(4);
    assert!(selected(&window).ends_with("→ subscribe #7"));
    window.get_by_label_contains("to its answer");
    window.key_press(Key::J);
    window.run_steps(4);
    assert!(selected(&window).contains("← answer to #7"));
}

#[test]
fn parts_of_an_answer_are_rows_with_their_text() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for (number, content) in ["Hel", " lo\\n"].into_iter().enumerate() {
        let data = format!(
            r#"{{"object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":"{content}"}}}}]}}"#
        );
        let kind = Kind::Event {
            event: b"message",
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, number as u64, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(6);
    let rows = rows(&window);
    assert!(
        rows[0].ends_with("text Hel") && rows[1].ends_with("text ·lo↵"),
        "{rows:?}"
    );
}

#[test]
fn a_row_shows_the_content_after_the_sentence() {
    use Direction::{In, Out};
    let window = calls(&[
        (
            Out,
            r#"{"jsonrpc":"2.0","id":1,"method":"order","params":{"side":"buy","size":7}}"#,
        ),
        (
            Out,
            r#"{"jsonrpc":"2.0","id":2,"method":"order","params":{"side":"sell","size":8}}"#,
        ),
        (
            In,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"closed"}}"#,
        ),
    ]);
    let read = rows(&window);
    assert!(
        read[0].ends_with(r#"→ order #1   {"side":"buy","size":7}"#),
        "{read:?}"
    );
    assert!(
        read[1].ends_with(r#"→ order #2   {"side":"sell","size":8}"#),
        "{read:?}"
    );
    // The sentence about an error has its reason once.
    assert_eq!(read[2].matches("closed").count(), 1, "{read:?}");
}
