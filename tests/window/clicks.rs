//! Clicks on rows that move: a press selects the row that the last pass painted under the pointer, at any rate.

use egui::{Event, Key, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::fixture::Fixture;
use super::hand::button;

/// Passes per second of the window.
const PASSES: u64 = 60;

/// Window with one pane, whose feed receives records before each pass.
struct Live {
    window: Harness<'static, Fixture>,
    records_per_second: u64,
    next: u64,
    /// Records due, in parts of a pass.
    due: u64,
}

impl Live {
    fn new(records_per_second: u64) -> Self {
        let mut fixture = Fixture::default();
        fixture.panes.truncate(1);
        fixture.push_events(0..1_000);
        Self {
            window: fixture.harness_paced(640.0, 480.0, 1.0, 1.0 / PASSES as f32),
            records_per_second,
            next: 1_000,
            due: 0,
        }
    }

    fn receive(&mut self) {
        self.due += self.records_per_second;
        let end = self.next + self.due / PASSES;
        self.due %= PASSES;
        self.window.state_mut().push_events(self.next..end);
        self.next = end;
    }

    /// Runs one pass with these events.
    fn pass(&mut self, events: &[Event]) {
        self.receive();
        self.window.input_mut().events.extend_from_slice(events);
        self.window.step();
    }

    fn passes(&mut self, count: usize) {
        for _ in 0..count {
            self.pass(&[]);
        }
    }

    /// Returns the labels of the rows, from top to bottom, with their places and their selected state.
    fn rows(&self) -> Vec<(String, egui::Rect, bool)> {
        let items = self
            .window
            .query_all_by_role(egui::accesskit::Role::ListBoxOption);
        items
            .filter_map(|node| {
                let item = node.accesskit_node();
                Some((item.label()?, node.rect(), item.is_selected() == Some(true)))
            })
            .collect()
    }

    fn row_at(&self, at: Pos2) -> String {
        let mut rows = self.rows().into_iter();
        rows.find(|(_, rect, _)| rect.contains(at)).unwrap().0
    }

    fn selected(&self) -> Vec<String> {
        let rows = self.rows().into_iter();
        rows.filter_map(|(label, _, selected)| selected.then_some(label))
            .collect()
    }

    /// Presses a button for this many passes; 0 presses and releases it within one pass.
    fn click(&mut self, at: Pos2, by: PointerButton, passes: usize) {
        let (down, up) = (button(at, by, true), button(at, by, false));
        if passes == 0 {
            self.pass(&[down, up]);
            return;
        }
        self.pass(&[down]);
        self.passes(passes - 1);
        self.pass(&[up]);
    }

    fn escape(&mut self) {
        for pressed in [true, false] {
            self.pass(&[Event::Key {
                key: Key::Escape,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers: egui::Modifiers::NONE,
            }]);
        }
        self.passes(1);
    }
}

/// Clicks a hundred times, each time on another row and for another time.
fn each_click_selects_what_was_painted(records_per_second: u64) {
    let mut live = Live::new(records_per_second);
    for number in 0..100 {
        // 0, 17, 83 and 300 ms.
        let passes = [0, 1, 5, 18][number % 4];
        let rows = live.rows();
        let row = rows[1 + (number * 7) % (rows.len() - 2)].1;
        let at = row.left_top() + egui::vec2(200.0, 1.0 + (number % 20) as f32);
        live.pass(&[Event::PointerMoved(at)]);
        let painted = live.row_at(at);
        live.click(at, PointerButton::Primary, passes);
        live.passes(2);
        let case = format!("click {number}, {passes} passes, {records_per_second} records/s");
        assert_eq!(live.selected(), [painted.as_str()], "{case}");
        let payload = live.window.get_by_label("Payload").value();
        let tick = painted.split_once("tick ").unwrap().1;
        assert_eq!(payload, Some(format!("tick {tick}")), "{case}");
        live.escape();
        assert!(live.selected().is_empty(), "{case}");
        let newest = format!("tick {}", live.next - 1);
        assert!(live.rows().last().unwrap().0.ends_with(&newest), "{case}");
    }
}

#[test]
fn a_hundred_clicks_on_a_list_that_stands() {
    each_click_selects_what_was_painted(0);
}

#[test]
fn a_hundred_clicks_on_a_slow_feed() {
    each_click_selects_what_was_painted(20);
}

#[test]
fn a_hundred_clicks_on_a_fast_feed() {
    each_click_selects_what_was_painted(2_000);
}

#[test]
fn a_hundred_clicks_on_a_flood() {
    // Each pass receives many times the rows that it paints.
    each_click_selects_what_was_painted(20_000);
}

#[test]
fn the_list_stands_from_the_press_on() {
    let mut live = Live::new(2_000);
    let row = live.rows()[4].1;
    live.pass(&[Event::PointerMoved(row.center())]);
    let labels = |live: &Live| {
        let rows = live.rows().into_iter();
        rows.map(|(label, ..)| label).collect::<Vec<_>>()
    };
    let painted = labels(&live);
    live.pass(&[button(row.center(), PointerButton::Primary, true)]);
    assert_eq!(labels(&live), painted);
    live.passes(20);
    assert_eq!(labels(&live), painted);
    // The inspector takes its room when the button is released.
    live.pass(&[button(row.center(), PointerButton::Primary, false)]);
    live.passes(2);
    assert!(
        painted.ends_with(&labels(&live)) || labels(&live).iter().all(|it| painted.contains(it))
    );
}

#[test]
fn the_right_button_selects_at_the_press_too() {
    for passes in [0, 1, 5] {
        let mut live = Live::new(2_000);
        let at = live.rows()[4].1.center();
        live.pass(&[Event::PointerMoved(at)]);
        let painted = live.row_at(at);
        live.click(at, PointerButton::Secondary, passes);
        live.passes(2);
        assert_eq!(live.selected(), [painted.as_str()], "{passes} passes");
        live.window.get_by_label("Copy payload").click();
        live.passes(1);
        live.window.run_steps(3);
        let tick = painted.split_once("tick ").unwrap().1;
        assert_eq!(live.window.state().copied, [format!("tick {tick}")]);
    }
}

#[test]
fn further_clicks_on_a_row_keep_it_selected() {
    let mut live = Live::new(0);
    let at = live.rows()[2].1.center();
    live.pass(&[Event::PointerMoved(at)]);
    let painted = live.row_at(at);
    live.click(at, PointerButton::Primary, 3);
    live.click(at, PointerButton::Primary, 3);
    live.passes(2);
    assert_eq!(live.selected(), [painted.as_str()]);
    // A click on its own, too, so that a click on a moving list never ends the selection.
    live.passes(60);
    live.click(at, PointerButton::Primary, 3);
    live.passes(2);
    assert_eq!(live.selected(), [painted.as_str()]);
}

#[test]
fn a_press_on_something_above_the_rows_selects_none() {
    let mut live = Live::new(0);
    let edge = live
        .window
        .get_by_label("Width of the type column")
        .rect()
        .center();
    live.pass(&[Event::PointerMoved(edge)]);
    live.click(edge, PointerButton::Primary, 3);
    live.passes(2);
    assert!(live.selected().is_empty());
}
