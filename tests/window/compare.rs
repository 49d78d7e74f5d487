//! Comparison of two feeds by a key, in the part beside the rows.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;

use super::fixture::{Fixture, type_by_click};
use super::side::{measure, tick};

/// Window with the comparison of both feeds, whose menu of keys is open.
pub(super) fn with_keys_of_comparison(fixture: Fixture) -> Harness<'static, Fixture> {
    // Both panes have room for a column beside their rows.
    let mut window = fixture.harness(2400.0, 900.0);
    window.run_steps(4);
    let more = window.query_all_by_label("More").next().unwrap();
    more.click();
    window.run_steps(3);
    window.get_by_label("Compare with another feed…").click();
    window.run_steps(6);
    // The only other feed is chosen already.
    window.get_by_label("Key of the pairs Key").click();
    window.run_steps(4);
    window
}

/// Clicks the record that only one feed has. Its label is a time and a key.
fn click_unpaired(window: &mut Harness<'_, Fixture>, key: &str) {
    window
        .query_all_by_role(Role::Button)
        .find(|node| {
            let label = node.accesskit_node().label();
            label.is_some_and(|label| label.ends_with(key) && label.contains(':'))
        })
        .unwrap()
        .click();
    window.run_steps(6);
}

#[test]
fn two_feeds_are_compared_by_a_field() {
    let mut fixture = Fixture::default();
    let mut push = |pane: usize, ms: u64, seq: u64, price: u64| {
        let data = format!("{{\"seq\":{seq},\"price\":{price}}}");
        fixture.push(pane, ms, tick(&data));
    };
    for seq in 0..20 {
        push(0, 190_000 + seq * 1_000, seq, 100);
        // The other feed is 200 ms late, lacks a record, and has another price once.
        if seq != 7 {
            let price = if seq == 12 { 101 } else { 100 };
            push(1, 190_200 + seq * 1_000, seq, price);
        }
    }
    let mut window = with_keys_of_comparison(fixture);
    window.get_by_role_and_label(Role::MenuItem, ".seq").click();
    window.run_steps(8);
    assert_eq!(measure(&window, "pairs"), "pairs 19");
    assert_eq!(
        measure(&window, "difference"),
        "difference p50 +200 ms, p99 +200 ms"
    );
    assert_eq!(measure(&window, "range"), "range +200 ms to +200 ms");
    assert_eq!(measure(&window, "different"), "different 1 pair");
    assert_eq!(measure(&window, "here"), "here {\"seq\":12,\"price\":100}");
    window.get_by_label("Only here: 1 record");
    // A click selects the record that only this feed has.
    click_unpaired(&mut window, " 7");
    assert!(window.query_all_by_role(Role::ListBoxOption).any(|node| {
        let node = node.accesskit_node();
        let label = node.label().unwrap_or_default();
        node.is_selected() == Some(true) && label.contains("\"seq\":7,")
    }));
}

#[test]
fn a_record_that_only_the_other_feed_has_is_selected_in_its_pane() {
    let mut fixture = Fixture::default();
    for seq in 0..20_u64 {
        let data = format!("{{\"seq\":{seq}}}");
        let kind = || tick(&data);
        if seq != 9 {
            fixture.push(0, 190_000 + seq * 1_000, kind());
        }
        // The difference of arrivals rounds to zero.
        fixture.push(1, 190_000 + seq * 1_000, kind());
    }
    let mut window = with_keys_of_comparison(fixture);
    window.get_by_role_and_label(Role::MenuItem, ".seq").click();
    window.run_steps(8);
    assert_eq!(
        measure(&window, "difference"),
        "difference p50 0 ms, p99 0 ms"
    );
    click_unpaired(&mut window, " 9");
    let selected: Vec<_> = window
        .query_all_by_role(Role::ListBoxOption)
        .filter(|node| node.accesskit_node().is_selected() == Some(true))
        .map(|node| (node.accesskit_node().label().unwrap(), node.rect().left()))
        .collect();
    assert_eq!(selected.len(), 1, "{selected:?}");
    let (label, left) = &selected[0];
    assert!(
        label.contains("\"seq\":9") && *left > 1000.0,
        "{selected:?}"
    );
}

#[test]
fn the_ids_of_events_make_pairs_and_an_unknown_key_is_reported() {
    let mut fixture = Fixture::default();
    for number in 0..20_u64 {
        let id = number.to_string();
        for pane in 0..2 {
            let kind = Kind::Event {
                event: b"tick",
                id: id.as_bytes(),
                data: b"{\"price\":7,\"symbol\":\"ACME\"}",
            };
            fixture.push(pane, 190_000 + number * 1_000 + pane as u64 * 100, kind);
        }
    }
    let mut window = with_keys_of_comparison(fixture);
    window.get_by_role_and_label(Role::MenuItem, "id").click();
    window.run_steps(8);
    assert_eq!(measure(&window, "pairs"), "pairs 20");
    window.get_by_label("Key of the pairs id").click();
    window.run_steps(4);
    let field = "Path of the field";
    type_by_click(&mut window, field, ".symbl");
    window.get_by_label("No record has .symbl. Nearest: .symbol");
}

#[test]
fn the_menus_of_a_narrow_part_are_below_its_tabs() {
    let menus = |width: f32| {
        let mut window = Fixture::default().harness(width, 800.0);
        window.run_steps(4);
        let more = window.query_all_by_label("More").next().unwrap();
        more.click();
        window.run_steps(3);
        window.get_by_label("Compare with another feed…").click();
        window.run_steps(6);
        let tab = window.get_by_role_and_label(Role::Tab, "Compare").rect();
        let feed = window.get_by_label_contains("Compared feed").rect();
        assert!(feed.top() > tab.bottom());
        feed.width()
    };
    let wide = menus(2_400.0);
    assert!(wide > 60.0);
    // The button has room for its whole text.
    assert!((menus(920.0) - wide).abs() < 1.0);
}

#[test]
fn the_first_difference_of_two_payloads_is_in_sight_in_a_narrow_part() {
    let mut fixture = Fixture::default();
    for seq in 0..20_u64 {
        for pane in [0, 1] {
            let price = if (seq, pane) == (12, 1) { 987 } else { 654 };
            let data = format!(
                "{{\"exchange\":\"of the whole world\",\"seq\":{seq},\"last price\":{price}}}"
            );
            fixture.push(pane, 190_000 + seq * 1_000, tick(&data));
        }
    }
    let mut window = with_keys_of_comparison(fixture);
    window.get_by_role_and_label(Role::MenuItem, ".seq").click();
    window.run_steps(8);
    for width in [2_400.0, 1_400.0, 1_000.0] {
        window.set_size(egui::vec2(width, 900.0));
        window.run_steps(4);
        let shapes = window.output().shapes.iter();
        let texts: Vec<String> = shapes
            .filter_map(|clipped| match &clipped.shape {
                egui::Shape::Text(text) => text.galley.rows.first().map(|row| row.text()),
                _ => None,
            })
            .collect();
        for price in ["654", "987"] {
            let is_excerpt = |text: &&String| text.starts_with('…') && text.contains(price);
            assert!(
                texts.iter().any(|text| is_excerpt(&text)),
                "{width}: {texts:?}"
            );
        }
    }
}
