//! Tests of the place of the inspector: below the rows, or beside them in a wide pane.

use egui::Rect;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use feedscope_ui::WindowSession;

use super::fixture::Fixture;

const BESIDE: &str = "Inspector beside the rows";
const BELOW: &str = "Inspector below the rows";

fn fixture() -> Fixture {
    Fixture::of_events(
        "tick",
        |number| number * 100,
        |number| format!("{{\"n\":{number}}}"),
    )
}

/// Selects the last row.
fn select(window: &mut Harness<'_, Fixture>) {
    let rows: Vec<_> = window.query_all_by_role(Role::ListBoxOption).collect();
    rows[rows.len() - 1].click();
    window.run_steps(3);
}

fn click(window: &mut Harness<'_, Fixture>, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(3);
}

/// Returns the areas of the list and of the JSON tree.
fn areas(window: &Harness<'_, Fixture>) -> (Rect, Rect) {
    let list = window.get_by_role(Role::ListBox).rect();
    (list, window.get_by_role(Role::Tree).rect())
}

#[test]
fn the_inspector_moves_beside_the_rows_and_back() {
    let mut window = fixture().harness(1280.0, 800.0);
    select(&mut window);
    let (list, tree) = areas(&window);
    assert!(tree.top() > list.bottom());

    click(&mut window, BESIDE);
    let (list, tree) = areas(&window);
    assert!(tree.left() > list.right(), "{list} {tree}");
    assert!(list.width() > 640.0, "the rows keep more than half: {list}");
    assert!(tree.top() < list.center().y, "{list} {tree}");

    click(&mut window, BELOW);
    let (list, tree) = areas(&window);
    assert!(tree.top() > list.bottom());
}

#[test]
fn the_edge_beside_the_rows_is_dragged() {
    let mut window = fixture().harness(1280.0, 800.0);
    select(&mut window);
    click(&mut window, BESIDE);
    let before = areas(&window).1.width();
    let edge = window.get_by_label("Inspector width").rect().center();
    window.hover_at(edge);
    window.run_steps(2);
    window.drag_at(edge);
    window.run_steps(2);
    window.hover_at(edge + egui::vec2(60.0, 0.0));
    window.run_steps(2);
    window.drop_at(edge + egui::vec2(60.0, 0.0));
    window.run_steps(2);
    let after = areas(&window).1.width();
    assert!((before - after - 60.0).abs() < 2.0, "{before} {after}");
}

#[test]
fn a_narrow_pane_has_the_inspector_below_its_rows() {
    let mut window = fixture().harness(640.0, 480.0);
    select(&mut window);
    assert!(window.query_by_label(BESIDE).is_none());

    let mut window = fixture().harness(1280.0, 800.0);
    select(&mut window);
    click(&mut window, BESIDE);
    window.set_size(egui::vec2(640.0, 480.0));
    window.run_steps(3);
    let (list, tree) = areas(&window);
    assert!(tree.top() > list.bottom());
    // In a wide pane, the choice applies again.
    window.set_size(egui::vec2(1280.0, 800.0));
    window.run_steps(3);
    assert!(window.query_by_label(BELOW).is_some());
}

#[test]
fn the_place_is_kept_for_the_next_window() {
    let mut window = fixture().harness(1280.0, 800.0);
    select(&mut window);
    click(&mut window, BESIDE);
    let kept = serde_json::to_string(&window.state().window.session()).unwrap();
    let kept: WindowSession = serde_json::from_str(&kept).unwrap();

    let mut fixture = fixture();
    fixture.window.restore(kept);
    let mut window = fixture.harness(1280.0, 800.0);
    select(&mut window);
    assert!(window.query_by_label(BELOW).is_some());
}

#[test]
fn the_height_of_an_earlier_version_is_restored() {
    let session: WindowSession = serde_json::from_str(
        r#"{"layout":null,"focused":0,"views":{"0":{"inspector_height":300.0}}}"#,
    )
    .unwrap();
    let mut fixture = fixture();
    fixture.window.restore(session);
    let window = fixture.harness(1280.0, 800.0);
    let kept = serde_json::to_value(window.state().window.session()).unwrap();
    assert_eq!(kept["views"]["0"]["inspector"]["height"], 300.0);
}
