//! Files whose records have no times: their plots are over the rows, and no part of the window states times for them.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_ui::{FileScene, FileStage};

use super::fixture::{self, Fixture, stamp};
use super::plot::{
    self, a_click_selects, act_on_price, choose, is_switched_on, plot_price, points_in_sight,
    turn_wheel,
};

/// File scene of a complete file, with this note.
fn file(note: Option<&str>) -> FileScene {
    FileScene {
        path: "a.sse".to_owned(),
        stage: FileStage::Complete,
        span: Some((stamp(0), stamp(0))),
        note: note.map(str::to_owned),
        ..FileScene::default()
    }
}

/// Window over a file of 60 prices, all of which have the same moment.
fn window(size: [f32; 2]) -> Harness<'static, Fixture> {
    window_of(size, |number| {
        let price = 100 + number % 7 + if number == 30 { 800 } else { 0 };
        let symbol = ["ACME", "ACNE"][number as usize % 2];
        let sent = "2026-11-21T05:49:14Z";
        format!("{{\"symbol\":\"{symbol}\",\"price\":{price},\"n\":{number},\"sent\":\"{sent}\"}}")
    })
}

/// Window over a file of 60 of these payloads, all of which have the same moment.
fn window_of(size: [f32; 2], data: impl Fn(u64) -> String) -> Harness<'static, Fixture> {
    let mut fixture = Fixture::of_events("tick", |_| 0, data);
    fixture.set_file(0, file(Some("The file has no times.")));
    let mut window = fixture.harness(size[0], size[1]);
    window.run_steps(4);
    window
}

/// Carries out a command of the palette.
fn command(window: &mut Harness<'_, Fixture>, typed: &str) {
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    window.run_steps(3);
    window.event(Event::Text(typed.to_owned()));
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(6);
}

/// Returns the names and the texts of the window.
fn labels(window: &Harness<'_, Fixture>) -> Vec<String> {
    let mut labels = fixture::labels(window);
    labels.extend(plot::labels(window));
    labels
}

fn starting_with(window: &Harness<'_, Fixture>, start: &str) -> String {
    let labels = labels(window);
    let found = labels.iter().find(|label| label.starts_with(start));
    found
        .unwrap_or_else(|| panic!("{start} in {labels:?}"))
        .clone()
}

#[test]
fn the_lower_axis_the_pointer_and_a_click_name_rows() {
    let mut window = window([1280.0, 800.0]);
    plot_price(&mut window);
    let marks = starting_with(&window, "Marks of the lower axis: ");
    assert_eq!(marks, "Marks of the lower axis: 10, 20, 30, 40, 50, 60");
    let area = window.get_by_label("Plot of 1 line").rect();
    let x = area.left() + area.width() * 30.0 / 59.0;
    let mut is_named = false;
    let tries: Vec<_> = (0..120)
        .map(|step| egui::pos2(x - 40.0 + step as f32, area.top() + 14.0))
        .collect();
    for at in &tries {
        window.hover_at(*at);
        window.run_steps(2);
        is_named |= labels(&window)
            .iter()
            .any(|it| it == ".price 902 at row 31");
    }
    assert!(is_named, "no text at the pointer");
    let row = "\"price\":902,\"n\":30";
    assert!(a_click_selects(&mut window, tries.into_iter(), row));
}

#[test]
fn the_wheel_zooms_rows_and_the_whole_file_is_shown_again() {
    let mut window = window([1280.0, 800.0]);
    plot_price(&mut window);
    assert_eq!(points_in_sight(&mut window), 60);
    let copied = window.state().copied.last().unwrap();
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!(lines[0], "row,number,line,value,record");
    assert_eq!(lines[31], "31,.price,,902,31");
    let area = window.get_by_label("Plot of 1 line").rect();
    turn_wheel(&mut window, area.center(), 1.0);
    let zoomed = points_in_sight(&mut window);
    assert!((5..60).contains(&zoomed), "{zoomed}");
    assert!(!is_switched_on(&window, "Whole"));
    // Nothing is between two rows, so that the shortest range has one row or two.
    turn_wheel(&mut window, area.center(), 30.0);
    let shortest = points_in_sight(&mut window);
    assert!((1..=2).contains(&shortest), "{shortest}");
    window
        .get_by_role_and_label(Role::CheckBox, "Whole")
        .click();
    window.run_steps(3);
    assert_eq!(points_in_sight(&mut window), 60);
    window
        .get_by_role_and_label(Role::CheckBox, "Table")
        .click();
    window.run_steps(3);
    window.get_by_label("at of .price: row 60");
}

#[test]
fn the_axis_begins_at_the_first_row_also_if_its_number_is_too_large() {
    let mut window = window_of([1280.0, 800.0], |number| match number {
        0 => "{\"price\":1e400}".to_owned(),
        number => format!("{{\"price\":{}}}", 100 + number % 7),
    });
    plot_price(&mut window);
    let summary = starting_with(&window, "Plot of 1 line");
    let note = "1 record has a number for .price that is too large to plot";
    assert!(summary.contains(note), "{summary}");
    let area = window.get_by_label(&summary).rect();
    // The second row has a point, and its place is that of row 2 of 60.
    let x = area.left() + area.width() / 59.0;
    let mut named = Vec::new();
    for step in 0..area.height() as u32 {
        window.hover_at(egui::pos2(x, area.top() + step as f32));
        window.run_steps(2);
        named.extend(
            labels(&window)
                .into_iter()
                .filter(|it| it.contains(" at row ")),
        );
    }
    assert!(
        named.iter().any(|it| it == ".price 101 at row 2"),
        "{named:?}"
    );
}

#[test]
fn lines_of_keys_and_lanes_are_over_rows() {
    let mut window = window([1280.0, 800.0]);
    plot_price(&mut window);
    choose(&mut window, "Lines one line", "By .symbol");
    window.get_by_label("Plot of 2 lines");
    window
        .get_by_role_and_label(Role::CheckBox, "Lanes")
        .click();
    window.run_steps(3);
    let marks = starting_with(&window, "Marks of the lower axis: ");
    assert!(marks.ends_with(", 60"), "{marks}");
    window.get_by_label("newest ACNE: 103");
}

#[test]
fn a_number_that_needs_times_is_replaced_by_a_sentence_and_other_numbers() {
    for size in [[1280.0, 800.0], [640.0, 480.0]] {
        let mut window = window(size);
        command(&mut window, "plot");
        window.get_by_label("Plotted number records per second");
        let sentence =
            "The file has no times, so that records per second cannot be plotted. Choose a number:";
        window.get_by_role_and_label(Role::Label, sentence);
        assert!(window.query_by_label_contains("Plot of").is_none());
        window
            .get_by_role_and_label(Role::CheckBox, ".price")
            .click();
        window.run_steps(6);
        window.get_by_label("Plot of 1 line");
        window.get_by_label("Plotted number .price");
    }
    // Beside another number, a note has the reason.
    let mut window = window([1280.0, 800.0]);
    command(&mut window, "plot");
    window.get_by_role_and_label(Role::CheckBox, "size").click();
    window.run_steps(6);
    window.get_by_label("Add a number").click();
    window.run_steps(3);
    let interval = window.get_by_label("interval");
    assert!(interval.accesskit_node().is_disabled());
    assert!(!window.get_by_label(".price").accesskit_node().is_disabled());
}

#[test]
fn a_plot_that_was_opened_before_the_file_was_read_changes_its_axis() {
    let mut fixture = Fixture::of_events("tick", |_| 0, |number| format!("{{\"price\":{number}}}"));
    fixture.set_file(0, file(None));
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(4);
    act_on_price(&mut window, "price", "Plot");
    // The importer knows only at the end that the file has no times.
    window
        .state_mut()
        .set_file(0, file(Some("The file has no times.")));
    window.run_steps(6);
    let marks = starting_with(&window, "Marks of the lower axis: ");
    assert!(marks.ends_with(", 60"), "{marks}");
}

#[test]
fn no_part_of_the_window_states_times() {
    let mut window = window([1280.0, 800.0]);
    let items: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    items[3].click();
    window.run_steps(6);
    let contains = |window: &Harness<'_, Fixture>, text: &str| {
        labels(window).iter().any(|label| label.contains(text))
    };
    let has_similar = "compared with the most similar record";
    assert!(contains(&window, has_similar));
    for text in ["ms before", "before arrival", "after arrival"] {
        assert!(!contains(&window, text), "{text}");
    }
    window.get_by_label("Diff with previous").click();
    window.run_steps(6);
    assert!(contains(&window, "against row "));
    window.key_press(Key::T);
    window.run_steps(3);
    window.get_by_role_and_label(Role::Status, "The file has no times");
    // The line of selected rows has their number and size.
    window.key_press(Key::Escape);
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(4);
    let line = starting_with(&window, "60 rows · ");
    assert_eq!(line.matches(" · ").count(), 1, "{line}");
    assert!(window.query_by_label("Only this time").is_none());
}

#[test]
fn measures_and_newest_values_have_no_times() {
    let mut window = window([1280.0, 800.0]);
    command(&mut window, "measures");
    window.get_by_label_contains("payloads: 60");
    for measure in [
        "measured time",
        "mean rate",
        "p50 of the intervals",
        "silence",
    ] {
        assert!(
            window.query_by_label_contains(measure).is_none(),
            "{measure}"
        );
    }
    // A latency needs the time of the arrival.
    window.get_by_label_contains("Sequence none");
    assert!(
        window
            .query_by_label_contains("Time of the server")
            .is_none()
    );
    command(&mut window, "latest by key");
    window
        .get_by_role_and_label(Role::CheckBox, ".symbol")
        .click();
    window.run_steps(6);
    let labels = labels(&window);
    let row = labels.iter().find(|label| label.starts_with("ACME "));
    let row = row.unwrap_or_else(|| panic!("{labels:?}"));
    assert!(!row.contains("ago") && !row.contains("per second"), "{row}");
    for column in ["Order by age", "Order by /s"] {
        assert!(window.query_by_label(column).is_none(), "{column}");
    }
}

#[test]
fn the_jump_bar_offers_no_times() {
    let mut window = window([1280.0, 800.0]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(3);
    window.get_by_label("1 to 60 · 50 %");
    window.event(Event::Text("05:49:10".to_owned()));
    window.run_steps(3);
    window.get_by_label("The file has no times");
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(Event::Text("7".to_owned()));
    window.run_steps(3);
    window.get_by_label("row 7 of 60");
}
