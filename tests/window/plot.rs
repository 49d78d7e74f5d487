//! Plot of a feed: opened from a value, split by a key, read as numbers, and linked with the rows.

use egui::accesskit::Role;
use egui::{Event, Key, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::Kind;

use super::fixture::{Fixture, type_by_click};

/// Fixture with one pane over ticks, a second apart.
pub(super) fn ticks(data: impl Fn(u64) -> String) -> Fixture {
    Fixture::of_events("tick", |number| 190_000 + number * 1_000, data)
}

/// Window with one pane over prices of two symbols, a second apart, with a spike in one of them.
pub(super) fn exchange() -> Harness<'static, Fixture> {
    let fixture = ticks(|number| {
        let price = if number == 30 { 900 } else { 100 };
        let symbol = ["ACME", "ACNE"][number as usize % 2];
        format!("{{\"symbol\":\"{symbol}\",\"price\":\"{price}.50\",\"n\":{number}}}")
    });
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    window
}

/// Clicks an action in the menu of the price, in the tree of the first row in sight with this text.
pub(super) fn act_on_price(window: &mut Harness<'_, Fixture>, text: &str, action: &str) {
    let items = window.query_all_by_role(Role::ListBoxOption);
    let has_text = |row: &egui_kittest::Node<'_>| {
        let label = row.accesskit_node().label();
        label.is_some_and(|label| label.contains(text))
    };
    items.into_iter().find(has_text).unwrap().click();
    window.run_steps(6);
    act_on_tree(window, action);
}

/// Clicks an action in the menu of the price in the tree that is open.
fn act_on_tree(window: &mut Harness<'_, Fixture>, action: &str) {
    window.get_by_label_contains("price: ").click_secondary();
    window.run_steps(3);
    window.get_by_label(action).click();
    window.run_steps(6);
}

pub(super) fn plot_price(window: &mut Harness<'_, Fixture>) {
    act_on_price(window, "price", "Plot");
}

pub(super) fn labels(window: &Harness<'_, Fixture>) -> Vec<String> {
    let nodes = window.query_all_by_role(Role::Label);
    nodes
        .filter_map(|node| {
            node.accesskit_node()
                .label()
                .or(node.accesskit_node().value())
        })
        .collect()
}

/// Clicks at these points until a row with this text is selected. Returns false if no click selects it.
pub(super) fn a_click_selects(
    window: &mut Harness<'_, Fixture>,
    points: impl Iterator<Item = egui::Pos2>,
    text: &str,
) -> bool {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    for at in points {
        window.hover_at(at);
        window.step();
        window.event(button(at, true));
        window.step();
        window.event(button(at, false));
        window.run_steps(3);
        let is_selected = window
            .query_all_by_role(Role::ListBoxOption)
            .filter(|node| node.accesskit_node().is_selected() == Some(true))
            .filter_map(|node| node.accesskit_node().label())
            .any(|row| row.contains(text));
        if is_selected {
            return true;
        }
    }
    false
}

#[test]
fn a_click_on_a_spike_selects_its_record() {
    let mut window = exchange();
    plot_price(&mut window);
    let area = window.get_by_label("Plot of 1 line").rect();
    // The range begins with the data, 110 s before the present, and the spike is 80 s before its end.
    let x = area.left() + area.width() * 30.0 / 110.0;
    // The axis is left of the lines, so that the spike is searched around the expected place.
    let tries = (0..120).map(|step| egui::pos2(x - 20.0 + step as f32, area.top() + 14.0));
    let row = "\"price\":\"900.50\",\"n\":30";
    assert!(
        a_click_selects(&mut window, tries, row),
        "no click selects the record of the spike"
    );
}

/// Turns the wheel by one notch over a place of the plot: towards the user for a negative number.
pub(super) fn turn_wheel(window: &mut Harness<'_, Fixture>, at: egui::Pos2, lines: f32) {
    window.hover_at(at);
    window.step();
    window.event(Event::MouseWheel {
        source: egui::MouseWheelSource::Unknown,
        unit: egui::MouseWheelUnit::Line,
        delta: egui::vec2(0.0, lines),
        phase: egui::TouchPhase::Move,
        modifiers: egui::Modifiers::NONE,
    });
    // The movement of a wheel is smooth.
    window.run_steps(30);
}

/// Returns the number of points in sight.
pub(super) fn points_in_sight(window: &mut Harness<'_, Fixture>) -> usize {
    window
        .get_by_role_and_label(Role::CheckBox, "Copy CSV")
        .click();
    window.run_steps(3);
    let copied = window.state().copied.last().unwrap();
    copied.lines().count() - 1
}

pub(super) fn is_switched_on(window: &Harness<'_, Fixture>, name: &str) -> bool {
    let node = window.get_by_role_and_label(Role::CheckBox, name);
    node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
}

#[test]
fn the_first_notch_of_the_wheel_zooms_the_plot_of_a_young_feed() {
    let mut window = exchange();
    plot_price(&mut window);
    assert!(is_switched_on(&window, "Follow"));
    let area = window.get_by_label("Plot of 1 line").rect();
    turn_wheel(&mut window, area.center(), 1.0);
    assert!(!is_switched_on(&window, "Follow"));
    let zoomed = points_in_sight(&mut window);
    assert!((10..60).contains(&zoomed), "{zoomed}");
    // A drag moves the range to older times.
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    window.hover_at(area.center());
    window.step();
    window.event(button(area.center(), true));
    window.step();
    for step in 1..=10 {
        window.hover_at(area.center() + egui::vec2(step as f32 * 40.0, 0.0));
        window.step();
    }
    window.event(button(area.center() + egui::vec2(400.0, 0.0), false));
    window.run_steps(3);
    assert!(points_in_sight(&mut window) > zoomed);
    turn_wheel(&mut window, area.center(), -9.0);
    assert!(is_switched_on(&window, "Follow"));
    assert_eq!(points_in_sight(&mut window), 60);
}

#[test]
fn lanes_are_offered_only_where_they_have_an_effect() {
    let mut window = exchange();
    plot_price(&mut window);
    for form in ["Histogram", "Table"] {
        window.get_by_role_and_label(Role::CheckBox, "Lanes");
        window.get_by_role_and_label(Role::CheckBox, form).click();
        window.run_steps(3);
        let lanes = window.query_by_role_and_label(Role::CheckBox, "Lanes");
        assert!(lanes.is_none(), "{form}");
        window.get_by_role_and_label(Role::CheckBox, "Line").click();
        window.run_steps(3);
    }
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
    assert_eq!(
        (lines[0], lines.len()),
        ("time,number,line,value,record", 61)
    );
    assert!(lines[31].ends_with(",.price,,900.5,31"), "{}", lines[31]);
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
    let reason = "symbol is a text; only numbers can be plotted";
    for modifiers in [egui::Modifiers::NONE, egui::Modifiers::SHIFT] {
        window.key_press_modifiers(modifiers, Key::P);
        window.run_steps(3);
        assert!(window.query_by_label("Plot of 1 line").is_none());
        window.get_by_role_and_label(Role::Status, reason);
    }
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    window.key_press(Key::P);
    window.run_steps(6);
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Close the plot").click();
    window.run_steps(3);
    assert!(window.query_by_label("Plot of 1 line").is_none());
}

/// Clicks an entry of an open menu.
pub(super) fn choose(window: &mut Harness<'_, Fixture>, button: &str, entry: &str) {
    window.get_by_label(button).click();
    window.run_steps(3);
    window.get_by_label(entry).click();
    window.run_steps(6);
}

#[test]
fn a_click_in_the_field_of_each_menu_of_a_plot_lets_the_user_type() {
    let mut window = exchange();
    plot_price(&mut window);
    for (button, typed, result) in [
        ("Plotted number .price", ".n", "Plotted number .n"),
        ("Add a number", ".other", "Plotted number .other"),
        ("Lines one line", ".symbol", "Lines by .symbol"),
    ] {
        window.get_by_label(button).click();
        window.run_steps(3);
        type_by_click(&mut window, "Path of the field", typed);
        window.get_by_label(result);
    }
}

#[test]
fn a_text_that_is_typed_in_an_open_menu_goes_into_its_field() {
    let mut window = exchange();
    plot_price(&mut window);
    for (button, typed, result) in [
        ("Add a number", [".", "n"], "Plotted number .n"),
        ("Lines one line", [".", "k"], "Lines by .k"),
    ] {
        window.get_by_label(button).click();
        window.run_steps(3);
        for letter in typed {
            window.event(Event::Text(letter.to_owned()));
            window.run_steps(2);
        }
        window.key_press(Key::Enter);
        window.run_steps(6);
        window.get_by_label(result);
    }
}

/// Window with a plot of the price and of the size of the records.
fn price_and_size() -> Harness<'static, Fixture> {
    let mut window = exchange();
    plot_price(&mut window);
    window.get_by_label("Add a number").click();
    window.run_steps(3);
    // The rows have a column of this name.
    window.get_by_role_and_label(Role::MenuItem, "size").click();
    window.run_steps(6);
    window
}

#[test]
fn several_numbers_share_a_plot_with_an_axis_at_both_sides() {
    let mut window = price_and_size();
    window.get_by_label("Plot of 2 lines");
    // The unit of the second number is another one, so that it has the axis at the right.
    window.get_by_label("Plotted number size").click();
    window.run_steps(3);
    let is_chosen = |window: &Harness<'_, Fixture>, name: &str| {
        let node = window.get_by_label(name);
        node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    assert!(is_chosen(&window, "Axis at the right") && !is_chosen(&window, "Axis at the left"));
    window.get_by_label("Remove from the plot").click();
    window.run_steps(6);
    window.get_by_label("Plot of 1 line");
    // The last number stays until the plot is closed.
    window.get_by_label("Plotted number .price").click();
    window.run_steps(3);
    assert!(window.query_by_label("Remove from the plot").is_none());
}

#[test]
fn a_number_of_the_tree_is_added_by_p_and_by_a_drag() {
    let mut window = exchange();
    plot_price(&mut window);
    let number = window.get_by_label_contains("n: ").rect().center();
    let plot = window.get_by_label("Plot of 1 line").rect().center();
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    window.hover_at(number);
    window.step();
    window.event(button(number, true));
    window.step();
    // A drag begins after some points of movement.
    window.hover_at(number + egui::vec2(20.0, -20.0));
    window.step();
    window.hover_at(plot);
    window.step();
    window.event(button(plot, false));
    window.run_steps(6);
    window.get_by_label("Plotted number .n");
    window.get_by_label("Plot of 2 lines");
    // The same key removes a number that is there, and adds it again.
    window.get_by_label_contains("n: ").click();
    window.run_steps(2);
    window.key_press(Key::P);
    window.run_steps(4);
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Plotted number .price");
    window.key_press(Key::P);
    window.run_steps(6);
    window.get_by_label("Plot of 2 lines");
    window.key_press_modifiers(egui::Modifiers::SHIFT, Key::P);
    window.run_steps(6);
    window.get_by_label("Plot of 1 line");
    window.get_by_label("Plotted number .n");
}

#[test]
fn a_menu_offers_only_numbers_that_are_not_plotted() {
    let mut window = exchange();
    plot_price(&mut window);
    // A button of the menu has the path as its name, and that of the plotted number has more.
    window.get_by_label("Add a number").click();
    window.run_steps(3);
    let price = window.query_by_role_and_label(Role::MenuItem, ".price");
    assert!(price.is_none());
    window.get_by_label("records per second").click();
    window.run_steps(4);
    window.get_by_label("Add a number").click();
    window.run_steps(3);
    let rate = window.query_by_role_and_label(Role::MenuItem, "records per second");
    assert!(rate.is_none());
    window.get_by_label("bytes per second");
    window.key_press(Key::Escape);
    window.run_steps(3);
    // In the menu of the value, the plotted number can be removed.
    act_on_tree(&mut window, "Remove from the plot");
    window.get_by_label("Plotted number records per second");
    assert!(window.query_by_label("Plotted number .price").is_none());
}

#[test]
fn the_first_number_takes_the_place_of_the_one_that_the_program_chose() {
    let mut window = exchange();
    window.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::P);
    window.run_steps(3);
    window.event(Event::Text("plot".to_owned()));
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(6);
    window.get_by_label("Plotted number records per second");
    act_on_price(&mut window, "price", "Plot");
    window.get_by_label("Plotted number .price");
    assert!(
        window
            .query_by_label("Plotted number records per second")
            .is_none()
    );
}

#[test]
fn a_drag_onto_the_rows_opens_the_plot() {
    let mut window = exchange();
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    let price = window.get_by_label_contains("price: ").rect().center();
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    let last = rows.last().unwrap().rect().center();
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    window.hover_at(price);
    window.step();
    window.event(button(price, true));
    window.step();
    window.hover_at(price - egui::vec2(0.0, 20.0));
    window.step();
    window.hover_at(last);
    window.step();
    window.event(button(last, false));
    window.run_steps(6);
    window.get_by_label("Plotted number .price");
}

#[test]
fn every_form_shows_its_numbers_and_a_bar_leads_to_its_newest_record() {
    let mut window = exchange();
    plot_price(&mut window);
    let press = |window: &mut Harness<'_, Fixture>, name: &str| {
        window.get_by_role_and_label(Role::CheckBox, name).click();
        window.run_steps(4);
    };
    for form in ["Steps", "Scatter", "Log", "Lanes", "Line"] {
        press(&mut window, form);
        window.get_by_label("Plot of 1 line");
    }
    press(&mut window, "Log");
    press(&mut window, "Histogram");
    let area = window.get_by_label("Histogram of 1 line").rect();
    // The only large number is in the last bar.
    let tries = (0..60).map(|step| egui::pos2(area.right() - step as f32, area.center().y));
    assert!(
        a_click_selects(&mut window, tries, "\"price\":\"900.50\""),
        "no click selects the record of the last bar"
    );
}

#[test]
fn a_histogram_names_a_number_without_bars() {
    let mut window = price_and_size();
    window
        .get_by_role_and_label(Role::CheckBox, "Histogram")
        .click();
    window.run_steps(4);
    let note = "size has no bars, because a histogram has one axis";
    window.get_by_label(&format!("Histogram of 1 line; {note}"));
    window.get_by_role_and_label(Role::Label, note);
}

#[test]
fn a_time_without_a_connection_is_folded_until_a_click() {
    use feedscope_core::ConnectionState;
    use feedscope_core::connection::StateChange;

    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    let state = |state| Kind::State(StateChange::to(state));
    fixture.push(0, 190_000, state(ConnectionState::Open));
    for number in 0..20_u64 {
        // The connection is lost for 60 s after ten records.
        let at = 200_000 + number * 1_000 + if number < 10 { 0 } else { 60_000 };
        if number == 10 {
            fixture.push(0, 209_500, state(ConnectionState::Reconnecting));
            fixture.push(0, 269_500, state(ConnectionState::Open));
        }
        let data = format!("{{\"price\":{number}}}");
        let kind = Kind::Line {
            data: data.as_bytes(),
        };
        fixture.push(0, at, kind);
    }
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    plot_price(&mut window);
    let folded = "No connection for 1 min 0 s. A click shows it in its length.";
    let width = window.get_by_label(folded).rect().width();
    assert!((width - 16.0).abs() < 1.0, "{width}");
    window.get_by_label(folded).click();
    window.run_steps(3);
    let unfolded = window.get_by_label("No connection for 1 min 0 s. A click folds it.");
    assert!(unfolded.rect().width() > 300.0);
    unfolded.click();
    window.run_steps(3);
    window.get_by_label(folded);
}

#[test]
fn a_small_plot_has_its_other_switches_in_a_menu() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    for number in 0..10_u64 {
        let data = format!("{{\"price\":{number}}}");
        let kind = Kind::Line {
            data: data.as_bytes(),
        };
        fixture.push(0, 250_000 + number, kind);
    }
    let mut window = fixture.harness(640.0, 480.0);
    window.run_steps(4);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[0].click();
    window.run_steps(6);
    window.get_by_label_contains("price: ").click_secondary();
    window.run_steps(3);
    window.get_by_label("Plot").click();
    window.run_steps(6);
    choose(&mut window, "More about the plot", "Copy CSV");
    let copied = window.state().copied.last().unwrap();
    assert_eq!(copied.lines().count(), 11);
}

#[test]
fn the_axes_the_names_and_the_value_at_the_pointer_can_be_read() {
    let mut window = exchange();
    plot_price(&mut window);
    let read = |window: &Harness<'_, Fixture>, start: &str| {
        let labels = labels(window);
        let found = labels.iter().find(|label| label.starts_with(start));
        found
            .unwrap_or_else(|| panic!("{start} in {labels:?}"))
            .clone()
    };
    let left = read(&window, "Marks of the left axis: ");
    assert!(left.contains("200") && left.contains("800"), "{left}");
    let below = read(&window, "Marks of the lower axis: ");
    assert!(below.contains(':'), "{below}");
    read(&window, ".price");
    let area = window.get_by_label("Plot of 1 line").rect();
    for step in 0..60 {
        let at = area.lerp_inside(egui::vec2(0.4 + step as f32 * 0.01, 0.9));
        window.hover_at(at);
        window.run_steps(2);
        if labels(&window)
            .iter()
            .any(|text| text.starts_with(".price 100.5 at "))
        {
            return;
        }
    }
    panic!("no value at the pointer");
}

#[test]
fn a_plot_beside_a_filter_says_that_it_has_all_records() {
    let mut window = exchange();
    plot_price(&mut window);
    assert!(window.query_by_label("all records").is_none());
    let pane = window.state().panes[0].id;
    let filter = ".symbol == \"ACME\"";
    window.state_mut().window.set_filter(pane, filter);
    window.run_steps(4);
    window.get_by_label("all records");
    window.get_by_label("Plot of 1 line");
}
