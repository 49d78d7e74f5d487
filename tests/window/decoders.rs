//! Decoders: packed payloads are offered as JSON, and then filtered, put into columns, plotted and compared like JSON.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use feedscope_core::{Direction, Kind};

use super::fixture::{Fixture, labels, rows};

/// Records as base64 over gzip over `MessagePack`: `{"id":9007199254740993,"symbol":"ACME","price":101.5}` and similar ones. The price of
/// the last one is the text "soon".
const PACKED: [&str; 4] = [
    "H4sIAAAAAAACA2telJlynkGBAQQYlxVX5ibl5yxxdPZ1XVpQlJmcetohMgEsBwBen30XKAAAAA==",
    "H4sIAAAAAAACA2telJlynkGBAQSYlxVX5ibl5yxxDHCNWFpQlJmcetpBFizFAAB3if5hKAAAAA==",
    "H4sIAAAAAAACA2telJlynkGBAQRYlxVX5ibl5yxxdPZ1XVpQlJmcetohsgEsBwCocO4HKAAAAA==",
    "H4sIAAAAAAACA2telJlynkGBAQTYlxVX5ibl5yxxdPZ1XVpQlJmcuqQ4Pz8PABnlavQkAAAA",
];

/// Window with one pane over 60 packed records, of which the last one has a text as its price.
fn packed() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.remove(0);
    for number in 0..60_u64 {
        let packed = if number == 59 {
            PACKED[3]
        } else {
            PACKED[number as usize % 3]
        };
        push(&mut fixture, 190_000 + number * 1_000, packed);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(6);
    window
}

fn push(fixture: &mut Fixture, ms: u64, data: &str) {
    let kind = Kind::Text {
        direction: Direction::In,
        data: data.as_bytes(),
        failed: None,
        wire: None,
    };
    fixture.push(1, ms, kind);
}

/// Accepts the decoders that the window offers.
fn decode(window: &mut Harness<'_, Fixture>) {
    window.get_by_label("decode? ▾").click();
    window.run_steps(3);
    window
        .get_by_label("Decode received payloads: base64,gzip,msgpack")
        .click();
    window.run_steps(8);
}

fn type_filter(window: &mut Harness<'_, Fixture>, text: &str) {
    window
        .get_by_role_and_label(Role::TextInput, "Filter")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::TextInput, "Filter")
        .type_text(text);
    window.run_steps(4);
}

#[test]
fn packed_payloads_are_offered_as_json_and_filtered_exactly() {
    let mut window = packed();
    assert!(rows(&window)[0].contains("H4sI"), "{:?}", rows(&window));
    decode(&mut window);
    window.get_by_label("decode: base64,gzip,msgpack ▾");
    let read = rows(&window);
    assert!(
        read.iter().any(|row| row.contains("9007199254740993")),
        "{read:?}"
    );
    // Neighbors of this number are the same number as floating point.
    type_filter(&mut window, ".id == 9007199254740995");
    window.get_by_role_and_label(Role::Status, "20 hits");
}

#[test]
fn packed_payloads_are_put_into_columns_and_plotted() {
    let mut window = packed();
    decode(&mut window);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    // The tree has the decoded values.
    window.get_by_label_contains("price: ").click_secondary();
    window.run_steps(3);
    window.get_by_label("Plot").click();
    window.run_steps(8);
    // The last record has a text in place of the number.
    window.get_by_label("Plot of 1 line; 1 record has no number for .price");
    window.get_by_label("Plotted number .price");
    window
        .get_by_role_and_label(Role::CheckBox, "Table")
        .click();
    window.run_steps(3);
    let texts = labels(&window).join("\n");
    assert!(texts.contains("7.25") && texts.contains("102"), "{texts}");
    window.get_by_label("Close the plot").click();
    window.run_steps(3);
    window.get_by_label_contains("price: ").click_secondary();
    window.run_steps(3);
    window.get_by_label("Show as column").click();
    window.run_steps(4);
    let read = rows(&window);
    assert!(
        read.iter().any(|row| row.contains("received text 7.25 ")),
        "{read:?}"
    );
}

/// Types a chain for received payloads in the menu, and applies it.
fn type_chain(window: &mut Harness<'_, Fixture>, chain: &str) {
    window.get_by_label("decode? ▾").click();
    window.run_steps(3);
    let field = "Decoders of received payloads";
    window.get_by_role_and_label(Role::TextInput, field).focus();
    window.step();
    window
        .get_by_role_and_label(Role::TextInput, field)
        .type_text(chain);
    window.step();
    window.get_by_label("Decode").click();
    window.run_steps(3);
}

#[test]
fn the_menu_of_a_pane_leads_to_decoders_that_are_not_offered() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.push_events(0..5);
    let mut window = fixture.harness(1280.0, 800.0);
    assert!(window.query_by_label("decode? ▾").is_none());
    window.get_by_label("More").click();
    window.run_steps(3);
    window.get_by_label("Decoders…").click();
    window.run_steps(4);
    let field = window.get_by_role_and_label(Role::TextInput, "Decoders of received payloads");
    assert!(field.is_focused());
    field.type_text("hex");
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(4);
    window.get_by_label("decode: hex ▾");
    window.get_by_label("More").click();
    window.run_steps(3);
    window.get_by_label("Lens…").click();
    window.run_steps(4);
    assert!(window.query_all_by_role(Role::MenuItemRadio).count() > 2);
}

/// A small payload may have a large output, which is decoded beside the window.
#[test]
fn a_large_output_is_shown_when_it_is_decoded() {
    let mut window = packed();
    type_chain(&mut window, "hex,brotli");
    // `{"price":7,"note":"xxx…"}` of 400 kB.
    let large =
        "5b941a86df385d711fd2c92a4a919bbd66d1c1eb031b70c01a70894d2837030e58d188d6180ecf9130901a";
    push(window.state_mut(), 299_000, large);
    window.run_steps(4);
    // Without analyses, the payload stays as received.
    window.state_mut().searches = false;
    let rows = window.query_all_by_role(Role::ListBoxOption);
    rows.last().unwrap().click();
    window.run_steps(4);
    window.get_by_label_contains("· decoding…");
    window.state_mut().searches = true;
    window.run_steps(6);
    assert!(window.query_by_label_contains("· decoding…").is_none());
    window.get_by_label_contains("price: ");
}

/// CBOR of a message whose first members are equal in all messages: `{"type":…,"schema":…,"n":number}`.
fn cbor(number: u8) -> Vec<u8> {
    let mut out = vec![0xa3];
    for text in [
        "type",
        "com.example.feed.message",
        "schema",
        "https://schema.example/feed/2",
    ] {
        out.extend([0x78, text.len() as u8]);
        out.extend(text.as_bytes());
    }
    out.extend([0x61, b'n', 0x18, number]);
    out
}

/// Returns a fixture over encoded messages that differ in a number.
fn numbered() -> Fixture {
    let mut fixture = Fixture::default();
    fixture.panes.remove(0);
    for number in 30..60 {
        let data = cbor(number);
        let kind = Kind::Binary {
            direction: Direction::In,
            data: &data,
            failed: None,
            wire: None,
        };
        fixture.push(1, 190_000 + u64::from(number) * 1_000, kind);
    }
    fixture
}

#[test]
fn equal_parts_of_decoded_payloads_are_folded() {
    let mut window = numbered().harness(640.0, 480.0);
    window.run_steps(6);
    let switch = "equal characters folded";
    assert!(window.query_by_label_contains(switch).is_none());
    type_chain(&mut window, "cbor");
    // The decoded payloads in sight are compared at most twice a second.
    window.run_steps(40);
    window.get_by_label_contains(switch);
    // The name of a row has the whole payload.
    let last = rows(&window).pop().unwrap();
    assert!(last.contains("com.example.feed.message"), "{last}");
    assert!(last.ends_with("\"n\":59}"), "{last}");
}

#[test]
fn one_click_shows_the_payloads_as_received_again() {
    let mut window = packed();
    decode(&mut window);
    window.get_by_label("decode: base64,gzip,msgpack ▾").click();
    window.run_steps(3);
    window.get_by_label("Show payloads as received").click();
    window.run_steps(6);
    assert!(rows(&window)[0].contains("H4sI"), "{:?}", rows(&window));
    window.get_by_label("decode? ▾");
}

#[test]
fn a_payload_that_cannot_be_decoded_names_the_step_and_the_byte() {
    let mut window = packed();
    decode(&mut window);
    // The second step finds no gzip in this base64.
    push(window.state_mut(), 299_000, "aGVsbG8sIHdvcmxkIQ==");
    window.run_steps(8);
    let read = rows(&window);
    let last = read.last().unwrap();
    assert!(last.contains("gzip") && last.contains("step 2"), "{last}");
}

#[test]
fn a_change_of_a_type_is_reported_at_its_record() {
    let mut window = packed();
    decode(&mut window);
    window.key_press_modifiers(Modifiers::SHIFT, Key::M);
    window.run_steps(8);
    let texts = labels(&window).join("\n");
    assert!(
        texts.contains(".price changed from number to text"),
        "{texts}"
    );
}

#[test]
fn a_chain_is_typed_and_a_mistake_in_it_is_explained() {
    let mut window = packed();
    type_chain(&mut window, "rot13");
    window.get_by_label_contains("there is no decoder `rot13`");
}

#[test]
fn hits_in_decoded_bytes_are_marked() {
    /// Colors of a match, dark and light.
    const MARKS: [[u8; 4]; 2] = [[0x45, 0x40, 0x1a, 255], [0xfb, 0xee, 0xb4, 255]];
    let mut window = numbered().harness(1280.0, 800.0);
    window.run_steps(6);
    let marks = |window: &Harness<'_, Fixture>| {
        let shapes = window.output().shapes.iter();
        let is_mark = |shape: &&egui::epaint::ClippedShape| match &shape.shape {
            egui::Shape::Rect(rect) => MARKS.contains(&rect.fill.to_array()),
            egui::Shape::Text(text) => {
                let mut sections = text.galley.job.sections.iter();
                sections.any(|it| MARKS.contains(&it.format.background.to_array()))
            }
            _ => false,
        };
        shapes.filter(is_mark).count()
    };
    // A match of the bytes is no match of their hexadecimal text.
    type_filter(&mut window, "message");
    assert_eq!(marks(&window), 0);
    window.get_by_label("Clear the filter").click();
    window.run_steps(3);
    type_chain(&mut window, "cbor");
    window.run_steps(40);
    type_filter(&mut window, "42");
    window.run_steps(8);
    assert_eq!(rows(&window).len(), 1);
    assert!(marks(&window) > 0);
}
