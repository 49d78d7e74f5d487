//! Tests of the inspector: payloads of any size in every form; selecting, copying, folding and comparing.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::{Direction, Kind};

use super::fixture::{Fixture, rows};

/// Time limit that is long enough for a thread to parse some megabytes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

fn text(data: &[u8]) -> Kind<'_> {
    Kind::Text {
        direction: Direction::In,
        data,
        failed: None,
        wire: None,
    }
}

/// Creates a window whose right pane has these messages. The last one is selected.
fn looking_at(messages: &[&[u8]]) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    for (number, message) in (0..).zip(messages) {
        fixture.push(1, number, text(message));
    }
    let mut window = fixture.harness(1280.0, 800.0);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[items.len() - 1].click();
    window.run_steps(3);
    window
}

fn payload(window: &Harness<'_, Fixture>) -> String {
    window.get_by_label("Payload").value().unwrap_or_default()
}

fn open(window: &mut Harness<'_, Fixture>, tab: &str) {
    window.get_by_role_and_label(Role::Tab, tab).click();
    window.run_steps(2);
}

/// Runs passes until a condition holds.
fn wait_until(window: &mut Harness<'_, Fixture>, holds: impl Fn(&Harness<'_, Fixture>) -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds(window) {
        assert!(Instant::now() < deadline, "waited for {LONG:?}");
        std::thread::yield_now();
        window.step();
    }
}

/// Runs passes until a text is copied.
fn wait_for_copy(window: &mut Harness<'_, Fixture>) -> String {
    wait_until(window, |window| !window.state().copied.is_empty());
    window.state_mut().copied.remove(0)
}

fn copy(window: &mut Harness<'_, Fixture>) -> String {
    window.event(Event::Copy);
    wait_for_copy(window)
}

fn tree(window: &Harness<'_, Fixture>) -> Vec<String> {
    let items = window.query_all_by_role(Role::TreeItem);
    items
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn drag(window: &mut Harness<'_, Fixture>, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.hover_at(from);
    window.step();
    window.event(button(from, true));
    window.step();
    window.hover_at(to);
    window.run_steps(2);
    window.event(button(to, false));
    window.step();
}

/// Returns numbered lines of eight bytes each.
fn numbered_lines(count: usize) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut text = String::new();
    for number in 0..count {
        writeln!(text, "{number:07}").unwrap();
    }
    text.pop();
    text.into_bytes()
}

#[test]
fn a_text_of_megabytes_is_scrolled_to_the_row_and_copied_whole() {
    let message = numbered_lines(2 << 20);
    let mut window = looking_at(&[&message]);
    open(&mut window, "Text");
    assert!(payload(&window).starts_with("0000000\n0000001\n"));
    window.get_by_label("Payload").focus();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(2);
    assert!(payload(&window).ends_with("2097150\n2097151"));
    window.key_press(Key::PageUp);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    assert_eq!(copy(&mut window).as_bytes(), message);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Home);
    window.run_steps(2);
    assert!(payload(&window).starts_with("0000000\n"));
}

#[test]
fn a_line_of_megabytes_is_wrapped_or_cut() {
    let message = [vec![b'x'; 5 << 20], b"the end".to_vec()].concat();
    let mut window = looking_at(&[&message]);
    open(&mut window, "Text");
    let wrapped = payload(&window).len();
    assert!(
        (500..5_000).contains(&wrapped),
        "{wrapped} bytes are in sight"
    );
    window.get_by_label("Payload").focus();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(2);
    assert!(payload(&window).ends_with("xthe end"));
    window.get_by_label("wrap").click();
    window.run_steps(2);
    window.get_by_label("Payload").focus();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(2);
    assert!(payload(&window).ends_with("xthe end"));
    assert!(payload(&window).len() > wrapped, "rows are longer now");
    // The setting applies to all views.
    window.get_by_label("wrap").click();
    window.run_steps(2);
}

#[test]
fn a_dump_is_scrolled_and_copied_to_its_end() {
    let mut window = looking_at(&[&vec![0xfe; 1_000_003]]);
    open(&mut window, "Hex");
    assert!(payload(&window).starts_with("00000000  fe fe"));
    window.get_by_label("Payload").focus();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(2);
    let shown = payload(&window);
    let last = shown.lines().last().unwrap_or_default();
    assert!(last.starts_with("000f4240  fe fe fe  "), "{last}");
    window.key_press_modifiers(Modifiers::SHIFT, Key::Home);
    window.run_steps(2);
    assert_eq!(copy(&mut window), last);
}

#[test]
fn a_part_of_a_text_is_selected_and_copied() {
    let mut window = looking_at(&[b"first line\nsecond line\nthird line\nfourth"]);
    open(&mut window, "Text");
    let rect = window.get_by_label("Payload").rect();
    let column = |text: &str| {
        // The width of a character in JetBrains Mono is six tenths of the font size.
        7.2 * text.chars().count() as f32
    };
    let place =
        |row: f32, before: &str| rect.min + egui::vec2(column(before) + 0.5, 19.0 * (row + 0.5));
    drag(&mut window, place(0.0, "first "), place(2.0, "third"));
    assert_eq!(copy(&mut window), "line\nsecond line\nthird");
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    window.run_steps(2);
    assert_eq!(copy(&mut window), "line\nsecond line\nthird line\nfourth");
    // A click clears the selection; Shift and a click select from there.
    drag(&mut window, place(1.0, ""), place(1.0, ""));
    let end = place(1.0, "second");
    window.hover_at(end);
    window.step();
    for pressed in [true, false] {
        window.event_modifiers(
            Event::PointerButton {
                pos: end,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::SHIFT,
            },
            Modifiers::SHIFT,
        );
    }
    window.run_steps(2);
    assert_eq!(copy(&mut window), "second");
    window.key_press(Key::Escape);
    window.run_steps(2);
    window.key_press(Key::Escape);
    window.run_steps(2);
    window.get_by_label("Payload");
    window.key_press(Key::Escape);
    window.run_steps(2);
    assert!(
        window.query_by_label("Payload").is_none(),
        "the selection goes first, then the keyboard, then the inspector"
    );
}

#[test]
fn signs_that_are_drawn_as_marks_are_copied_as_they_came() {
    let message = "a\u{202e}b\u{1}c\u{10ffff}日\r\nd";
    let mut window = looking_at(&[message.as_bytes()]);
    open(&mut window, "Text");
    window.get_by_label("Payload").focus();
    window.step();
    for _ in 0..6 {
        window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    }
    window.run_steps(2);
    assert_eq!(copy(&mut window), "a\u{202e}b\u{1}c\u{10ffff}");
}

#[test]
fn a_large_json_text_is_read_elsewhere_and_walked_by_key() {
    let numbers: Vec<String> = (0..300_000).map(|number| number.to_string()).collect();
    let message = format!(
        "{{\"first\":1,\"many\":[{}],\"last\":\"end\"}}",
        numbers.join(",")
    );
    let mut window = looking_at(&[message.as_bytes()]);
    wait_until(&mut window, |window| !tree(window).is_empty());
    assert_eq!(
        tree(&window)[..3],
        ["first: 1", "many: [ 300,000 items ]", "0: 0"]
    );
    window.get_by_label("first: 1").click();
    window.run_steps(2);
    window.key_press(Key::End);
    window.run_steps(2);
    assert_eq!(
        tree(&window).last().map(String::as_str),
        Some("last: \"end\"")
    );
    for key in [Key::Home, Key::ArrowDown, Key::ArrowLeft] {
        window.key_press(key);
        window.run_steps(2);
    }
    assert_eq!(
        tree(&window),
        ["first: 1", "many: [ 300,000 items ]", "last: \"end\""]
    );
    window.key_press(Key::Enter);
    window.run_steps(2);
    window.key_press(Key::ArrowRight);
    window.run_steps(2);
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    assert_eq!(copy(&mut window), "1");
    window.event_modifiers(Event::Copy, Modifiers::SHIFT);
    assert_eq!(wait_for_copy(&mut window), ".many[1]");
    window.key_press(Key::ArrowLeft);
    window.run_steps(2);
    assert_eq!(copy(&mut window), format!("[{}]", numbers.join(",")));
}

#[test]
fn numbers_tell_how_they_changed_and_times_how_old_they_were() {
    let mut fixture = Fixture::default();
    for (ms, symbol, price) in [
        (0, "ACME", "55.12"),
        (50, "HOOLI", "99.00"),
        (100, "ACME", "55.16"),
        (4_524, "ACME", "55.10"),
    ] {
        let data = format!(
            r#"{{"symbol":"{symbol}","price":{price},"volume":1200,"sent_at":"2026-11-21T05:46:44.522Z","then":"2020-01-01T00:00:00Z"}}"#
        );
        fixture.push(
            0,
            ms,
            Kind::Event {
                event: b"price",
                id: b"",
                data: data.as_bytes(),
            },
        );
        fixture.push(0, ms, Kind::Comment { data: b"between" });
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label_contains("55.10").click();
    window.run_steps(3);
    assert_eq!(
        tree(&window),
        [
            "symbol: \"ACME\"",
            "price: 55.10 ▼ 0.06 · compared with the most similar record, 4.4 s before",
            "volume: 1200",
            "sent_at: \"2026-11-21T05:46:44.522Z\" 2.0 ms before arrival",
            "then: \"2020-01-01T00:00:00Z\"",
        ]
    );
    window.get_by_label_contains("55.16").click();
    window.run_steps(3);
    assert_eq!(
        tree(&window)[1],
        "price: 55.16 ▲ 0.04 · compared with the most similar record, 100 ms before",
        "against the last of this symbol"
    );
    for first_of_its_symbol in ["55.12", "99.00"] {
        window.get_by_label_contains(first_of_its_symbol).click();
        window.run_steps(3);
        assert_eq!(tree(&window)[1], format!("price: {first_of_its_symbol}"));
    }
}

#[test]
fn a_record_is_compared_with_the_one_before_of_its_type() {
    let mut fixture = Fixture::default();
    for (event, data) in [
        ("price", r#"{"symbol":"ACME","price":55.12}"#),
        ("trade", r#"{"symbol":"ACME","price":1}"#),
        ("price", r#"{"symbol":"ACME", "price":55.16}"#),
    ] {
        fixture.push(
            0,
            100,
            Kind::Event {
                event: event.as_bytes(),
                id: b"7",
                data: data.as_bytes(),
            },
        );
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.get_by_label_contains("55.16").click();
    window.run_steps(3);
    open(&mut window, "Diff with previous");
    window.run_steps(20);
    window.get_by_label_contains("earlier · id 7");
    assert_eq!(
        payload(&window),
        "  {\n    \"symbol\": \"ACME\",\n-   \"price\": 55.12\n+   \"price\": 55.16\n  }"
    );
    window.get_by_label_contains("trade").click();
    window.run_steps(3);
    window.get_by_label("No earlier record of this type is in the list.");
}

#[test]
fn a_large_difference_is_found_elsewhere() {
    let old = numbered_lines(100_000);
    let mut new = old.clone();
    new[400_000..400_007].copy_from_slice(b"changed");
    let mut window = looking_at(&[&old, &new]);
    open(&mut window, "Diff with previous");
    wait_until(&mut window, |window| {
        window.query_by_label("Payload").is_some()
    });
    assert!(payload(&window).starts_with(
        "  ⋯ 49,997 equal lines\n  0049997\n  0049998\n  0049999\n- 0050000\n+ changed"
    ));
    let mut window = looking_at(&[&old, &old]);
    open(&mut window, "Diff with previous");
    wait_until(&mut window, |window| {
        window.query_by_label("Nothing changed.").is_some()
    });
}

#[test]
fn base64_is_shown_decoded() {
    let mut window = looking_at(&[b"SGVsbG8sIGJhc2U2NCB3b3JsZD8+"]);
    open(&mut window, "Decoded");
    window.get_by_label("base64 of the payload: 21 B of text");
    assert_eq!(payload(&window), "Hello, base64 world?>");
    let mut window = looking_at(&[br#"{"plain":"hello","data":"_____wAAAAD_____AAAA"}"#]);
    assert!(
        window
            .query_by_role_and_label(Role::Tab, "Decoded")
            .is_none()
    );
    window
        .get_by_label("data: \"_____wAAAAD_____AAAA\"")
        .click_secondary();
    window.run_steps(3);
    window.get_by_label("Show decoded").click();
    window.run_steps(3);
    window.get_by_label("base64 of .data: 15 B");
    assert!(payload(&window).starts_with("00000000  ff ff ff ff 00"));
    open(&mut window, "JSON");
    window.get_by_label("plain: \"hello\"").click();
    window.run_steps(3);
    assert!(
        window
            .query_by_role_and_label(Role::Tab, "Decoded")
            .is_none()
    );
}

#[test]
fn the_whole_payload_is_copied_by_button_and_by_key() {
    let message = vec![b'y'; 3 << 20];
    let mut window = looking_at(&[&message]);
    window.get_by_label("Copy").click();
    window.step();
    assert_eq!(wait_for_copy(&mut window).len(), message.len());
    assert_eq!(copy(&mut window).len(), message.len());
    assert_eq!(rows(&window).len(), 1);
}

#[test]
fn enter_leads_into_the_inspector_and_escape_back() {
    let mut window = looking_at(&[br#"{"a":1,"b":2}"#, br#"{"a":3,"b":4}"#]);
    window.key_press(Key::Enter);
    window.run_steps(2);
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    assert_eq!(
        copy(&mut window),
        "4",
        "the second value of the second record"
    );
    window.key_press(Key::Escape);
    window.run_steps(2);
    window.key_press(Key::ArrowUp);
    window.run_steps(2);
    assert_eq!(tree(&window), ["a: 1", "b: 2"], "the record above");
}

#[test]
fn a_payload_that_is_almost_json_names_the_byte_where_it_ends() {
    let headline = |payload: &[u8]| {
        let window = looking_at(&[payload]);
        let labels = window.query_all_by_role(Role::Label);
        let texts = labels.filter_map(|node| node.value().or(node.accesskit_node().label()));
        let mut texts = texts.filter(|text| text.contains("connection 1"));
        texts.next().unwrap()
    };
    let broken = headline(br#"{"value": NaN}"#);
    assert!(
        broken.contains(" · not JSON from byte 10 on: NaN}"),
        "{broken}"
    );
    let cut = headline(br#"{"value": 1"#);
    assert!(
        cut.contains(" · JSON is not complete: it ends at byte 11"),
        "{cut}"
    );
    for fine in [&br#"{"value": 1}"#[..], b"hello", b"NaN"] {
        let text = headline(fine);
        assert!(!text.contains("JSON"), "{text}");
    }
}

#[test]
fn joined_emoji_have_no_marks() {
    let mut window = looking_at(&["👩\u{200d}💻 ❤\u{fe0f} pay\u{200c}pal".as_bytes()]);
    open(&mut window, "Text");
    window.get_by_label("Payload").focus();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(2);
    // The copy has all characters.
    assert_eq!(copy(&mut window), "👩\u{200d}💻 ❤\u{fe0f} pay\u{200c}pal");
}

#[test]
fn an_inspector_of_any_height_shows_lines_of_the_payload_and_takes_keys() {
    for height in (160..=800).step_by(16) {
        let mut fixture = Fixture::default();
        fixture.panes.remove(0);
        fixture.push(
            0,
            0,
            text(br#"{"type":"welcome","room":"lobby","you":"guest"}"#),
        );
        let mut window = fixture.harness(640.0, height as f32);
        let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
        let Some(row) = rows.last() else {
            continue;
        };
        row.click();
        drop(rows);
        window.run_steps(3);
        for key in [Key::Enter, Key::End, Key::Home, Key::ArrowDown] {
            window.key_press(key);
            window.run_steps(2);
        }
        if height >= 400 {
            let lines = tree(&window);
            assert!(lines.len() >= 3, "{height}: {lines:?}");
        }
    }
}
