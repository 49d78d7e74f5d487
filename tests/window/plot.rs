//! Plot of a feed: opened from a value, split by a key, read as numbers, and linked with the rows.

use egui::accesskit::Role;
use egui::{Event, Key, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;

use super::fixture::Fixture;

/// Window with one pane over prices of two symbols, a second apart, with a spike in one of them.
fn exchange() -> Harness<'static, Fixture> {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for number in 0..60_u64 {
        let price = if number == 30 { 900 } else { 100 };
        let symbol = ["ACME", "ACNE"][number as usize % 2];
        let data = format!("{{\"symbol\":\"{symbol}\",\"price\":\"{price}.50\",\"n\":{number}}}");
        let kind = Kind::Event {
            event: b"tick",
            id: b"",
            data: data.as_bytes(),
        };
        fixture.push(0, 190_000 + number * 1_000, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    window
}

/// Plots the price from the tree of the first row in sight.
fn plot_price(window: &mut Harness<'_, Fixture>) {
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    window.get_by_label_contains("price: ").click_secondary();
    window.run_steps(3);
    window.get_by_label("Plot").click();
    window.run_steps(6);
}

fn labels(window: &Harness<'_, Fixture>) -> Vec<String> {
    let nodes = window.query_all_by_role(Role::Label);
    nodes
        .filter_map(|node| {
            node.accesskit_node()
                .label()
                .or(node.accesskit_node().value())
        })
        .collect()
}

#[test]
fn a_price_is_a_line_after_three_clicks_and_splits_by_symbol() {
    let mut window = exchange();
    plot_price(&mut window);
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Plotted number .price");
    window.get_by_label("Lines one line").click();
    window.run_steps(3);
    window.get_by_label("By .symbol").click();
    window.run_steps(6);
    window.get_by_label("Plot of 2 lines");
    // The numbers are also a table.
    window
        .get_by_role_and_label(Role::CheckBox, "Table")
        .click();
    window.run_steps(3);
    let labels = labels(&window);
    for text in ["ACME", "ACNE", "900.5", "100.5", "30"] {
        assert!(
            labels.iter().any(|label| label == text),
            "{text} in {labels:?}"
        );
    }
}

#[test]
fn a_click_on_a_spike_selects_its_record() {
    let mut window = exchange();
    plot_price(&mut window);
    let area = window.get_by_label("Plot of 1 line").rect();
    // The range is the last two minutes, and the spike is 80 s before its end.
    let x = area.left() + area.width() * 40.0 / 120.0;
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    // The axis is left of the lines, so that the spike is searched around the expected place.
    let tries = (0..120).map(|step| egui::pos2(x - 20.0 + step as f32, area.top() + 14.0));
    for at in tries {
        window.hover_at(at);
        window.step();
        window.event(button(at, true));
        window.step();
        window.event(button(at, false));
        window.run_steps(3);
        let selected: Vec<String> = window
            .query_all_by_role(Role::ListBoxOption)
            .filter(|node| node.accesskit_node().is_selected() == Some(true))
            .filter_map(|node| node.accesskit_node().label())
            .collect();
        if selected
            .iter()
            .any(|row| row.contains("\"price\":\"900.50\",\"n\":30"))
        {
            return;
        }
    }
    panic!("no click selects the record of the spike");
}

#[test]
fn the_points_in_sight_are_copied_as_csv() {
    let mut window = exchange();
    plot_price(&mut window);
    window
        .get_by_role_and_label(Role::CheckBox, "Copy CSV")
        .click();
    window.run_steps(3);
    let copied = window.state().copied.last().unwrap();
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!((lines[0], lines.len()), ("time,line,value,record", 61));
    assert!(lines[31].ends_with(",,900.5,31"), "{}", lines[31]);
}

#[test]
fn the_key_p_plots_the_chosen_number_only() {
    let mut window = exchange();
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    window.key_press(Key::Enter);
    window.run_steps(3);
    // The first value is the symbol, which is no number.
    window.key_press(Key::P);
    window.run_steps(3);
    assert!(window.query_by_label("Plot of 1 line").is_none());
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    window.key_press(Key::P);
    window.run_steps(6);
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Close the plot").click();
    window.run_steps(3);
    assert!(window.query_by_label("Plot of 1 line").is_none());
}
