//! Tooltips: the pointer rests on every widget of the window in turn. In a debug build, egui ends the program if a tooltip has
//! the ID of another widget.

use egui::{Key, Modifiers, Pos2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope_core::{Direction, Kind};

use super::fixture::Fixture;

/// Rests the pointer on each widget of the window, and returns the number of them that had a tooltip.
fn hover_all(window: &mut Harness<'_, Fixture>) -> usize {
    window.ctx.all_styles_mut(|style| {
        style.interaction.tooltip_delay = 0.0;
        style.interaction.show_tooltips_only_when_still = false;
    });
    let screen = window.ctx.content_rect();
    let mut places: Vec<Pos2> = window
        .query_all_by(|node| node.label().is_some() || node.value().is_some())
        .filter_map(|node| node.accesskit_node().bounding_box())
        .map(|area| {
            pos2(
                (area.x0 + area.x1) as f32 / 2.0,
                (area.y0 + area.y1) as f32 / 2.0,
            )
        })
        .filter(|place| screen.contains(*place))
        .collect();
    places.dedup();
    let mut with_tooltip = 0;
    for place in places {
        // A tooltip of the last widget closes first.
        window.hover_at(Pos2::ZERO);
        window.run_steps(2);
        let before = layers(window);
        window.hover_at(place);
        window.run_steps(3);
        with_tooltip += usize::from(layers(window) > before);
    }
    with_tooltip
}

/// Returns the number of visible tooltips.
fn layers(window: &Harness<'_, Fixture>) -> usize {
    window.ctx.memory(|memory| {
        let layers = memory.areas().visible_layer_ids();
        let is_tooltip = |layer: &&egui::LayerId| layer.order == egui::Order::Tooltip;
        layers.iter().filter(is_tooltip).count()
    })
}

fn fixture() -> Fixture {
    let mut fixture = Fixture::default();
    fixture.push_events(0..50);
    for number in 0..20 {
        let data = format!("{{\"seq\":{number},\"from\":\"ada\",\"at\":[1,2]}}");
        let kind = Kind::Text {
            direction: Direction::In,
            data: data.as_bytes(),
            failed: None,
            wire: None,
        };
        fixture.push(1, number * 100, kind);
    }
    fixture
}

#[test]
fn tooltips_of_the_panes_and_the_inspector() {
    let mut fixture = fixture();
    fixture.notice = Some(
        "The settings cannot be read: a sentence that is longer than its room in the top bar."
            .to_owned(),
    );
    let mut window = fixture.harness(1280.0, 800.0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(3);
    window.key_press(Key::ArrowUp);
    window.run_steps(4);
    window.get_by_label("Diff with previous");
    assert!(hover_all(&mut window) > 10);
}

#[test]
fn tooltips_of_a_small_window() {
    let mut fixture = fixture();
    fixture.notice = Some("The settings cannot be read.".to_owned());
    let mut window = fixture.harness(640.0, 480.0);
    window.key_press(Key::ArrowUp);
    window.run_steps(4);
    assert!(hover_all(&mut window) > 5);
}

#[test]
fn tooltips_of_the_parts_beside_the_rows() {
    for command in [
        "Measures",
        "Latest by key",
        "Marks and colors",
        "Compare",
        "Plot",
    ] {
        let mut window = fixture().harness(1400.0, 900.0);
        window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
        window.run_steps(3);
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
        window.run_steps(3);
        for letter in command.chars() {
            window.event(egui::Event::Text(letter.to_string()));
            window.run_steps(2);
        }
        window.key_press(Key::Enter);
        window.run_steps(5);
        assert!(hover_all(&mut window) > 5, "{command}");
    }
}

#[test]
fn tooltips_of_the_sheets() {
    let command = Modifiers::COMMAND;
    for (modifiers, key) in [
        (Modifiers::NONE, Key::F1),
        (command | Modifiers::SHIFT, Key::P),
        (command, Key::Comma),
        (command, Key::K),
        (command, Key::O),
    ] {
        let mut window = fixture().harness(1280.0, 800.0);
        window.key_press_modifiers(modifiers, key);
        window.run_steps(4);
        hover_all(&mut window);
    }
}
