//! Tests of panes: opening, closing, splitting, tabs and resizing by mouse and keyboard, and several views of one feed.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use feedscope::app::KeptSettings;
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedStatus;
use feedscope_ui::{Command, ConnectionForm, FeedId, SavedCommand, SavedConnectionScene};

use super::fixture::{Fixture, LEFT, NOW};
use super::hand::{button, drag};
use super::whole::{Whole, until};

const CTRL_SHIFT: Modifiers = Modifiers {
    shift: true,
    ..Modifiers::COMMAND
};
const ALT_SHIFT: Modifiers = Modifiers {
    shift: true,
    ..Modifiers::ALT
};

fn demo() -> Whole {
    let mut kept = KeptSettings::default();
    kept.now.tour_dismissed = true;
    let mut window = super::whole::demo(kept);
    window.run_steps(2);
    window
}

fn press(window: &mut Whole, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

/// Returns the feed of each pane, in the order in which they were opened.
fn feeds(window: &Whole) -> Vec<Option<FeedId>> {
    let panes = window.state().panes();
    let feed = |pane: &feedscope_ui::PaneScene| pane.feed.as_ref().map(|feed| feed.id);
    panes.iter().map(feed).collect()
}

/// Returns the areas of the URL fields, one for each visible pane, from left to right.
fn fields(window: &Whole) -> Vec<Rect> {
    let mut fields: Vec<Rect> = window
        .query_all_by_label("URL")
        .map(|node| node.rect())
        .collect();
    fields.sort_by(|a, b| (a.min.x, a.min.y).partial_cmp(&(b.min.x, b.min.y)).unwrap());
    fields
}

/// Returns the centers of the grips, from left to right.
fn grips(window: &Whole) -> Vec<Pos2> {
    let mut grips: Vec<Pos2> = window
        .query_all_by_label_contains("Drag to move the pane")
        .map(|grip| grip.rect().center())
        .collect();
    grips.sort_by(|a, b| a.x.total_cmp(&b.x));
    grips
}

#[test]
fn a_second_view_has_its_own_position_and_no_connection_of_its_own() {
    let mut window = demo();
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 >= 4
    });
    let clients = |window: &Whole| window.state().demo().unwrap().clients().len();
    let before = clients(&window);
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    press(&mut window, Modifiers::COMMAND, Key::Backslash);
    let shown = feeds(&window);
    assert_eq!((shown.len(), shown[2]), (3, shown[0]));
    assert_eq!(fields(&window).len(), 3);
    assert_eq!(window.state().feeds().len(), 2, "a feed is told once");
    // One of the views is paused, and the other is not.
    window.get_all_by_label("Pause").next().unwrap().click();
    window.run_steps(2);
    assert_eq!(window.query_all_by_label("Resume").count(), 1);
    assert_eq!(window.query_all_by_label("Pause").count(), 2);
    assert_eq!(clients(&window), before);
    // The feed continues while one view of it is left, and ends with the last view.
    press(&mut window, Modifiers::COMMAND, Key::W);
    assert_eq!(feeds(&window).len(), 2);
    assert_eq!(window.state().feeds().len(), 2);
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    press(&mut window, Modifiers::COMMAND, Key::W);
    assert_eq!(window.state().feeds().len(), 1);
    until(&mut window, "the feed ended", |window| {
        clients(window) == before - 1
    });
}

#[test]
fn a_closed_pane_is_opened_again_with_its_records_and_its_filter() {
    let mut window = demo();
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 >= 4
    });
    let clients = |window: &Whole| window.state().demo().unwrap().clients().len();
    let before = (feeds(&window), clients(&window));
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    window.key_press(Key::Slash);
    let filter = window.get_all_by_label("Filter").next().unwrap();
    filter.focus();
    filter.type_text("price");
    window.run_steps(3);
    // In the field, Ctrl W would delete a word.
    window.key_press(Key::Tab);
    window.run_steps(3);
    let ids = window.state().feeds()[0].store.extent().end;
    press(&mut window, Modifiers::COMMAND, Key::W);
    assert_eq!(feeds(&window), [before.0[1]]);
    // The feed is disconnected meanwhile.
    until(&mut window, "the feed is closed", |window| {
        clients(window) == before.1 - 1
    });
    press(&mut window, CTRL_SHIFT, Key::T);
    assert_eq!(feeds(&window), [before.0[1], before.0[0]]);
    assert!(window.state().feeds()[1].store.extent().end >= ids);
    until(&mut window, "the feed is open again", |window| {
        clients(window) == before.1
    });
    let filters = window.get_all_by_label("Filter");
    let texts: Vec<_> = filters.filter_map(|node| node.value()).collect();
    assert!(texts.contains(&"price".to_owned()), "{texts:?}");
    // Nothing is left to open.
    press(&mut window, CTRL_SHIFT, Key::T);
    assert_eq!(feeds(&window).len(), 2);
}

#[test]
fn the_records_that_another_url_replaced_are_opened_again() {
    let mut window = demo();
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 >= 4
    });
    let ticks = feeds(&window)[0];
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    let filters = |window: &Whole| -> Vec<String> {
        let filters = window.get_all_by_label("Filter");
        filters.filter_map(|node| node.value()).collect()
    };
    let filter = window.get_all_by_label("Filter").next().unwrap();
    filter.focus();
    filter.type_text("price");
    window.run_steps(3);
    assert_eq!(filters(&window), ["price", ""]);
    press(&mut window, Modifiers::COMMAND, Key::L);
    let echo = format!("{}/echo", window.state().demo().unwrap().ws_url());
    window
        .get_all_by_label("URL")
        .next()
        .unwrap()
        .type_text(&echo);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert!(!feeds(&window).contains(&ticks));
    // The filter was about the payloads of the former feed.
    assert_eq!(filters(&window), ["", ""]);
    press(&mut window, CTRL_SHIFT, Key::T);
    assert_eq!(feeds(&window).len(), 3);
    assert_eq!(feeds(&window)[2], ticks);
    assert!(window.state().feeds()[2].store.extent().end.0 >= 4);
}

#[test]
fn other_options_keep_colors_and_the_plot_and_the_marks_return_with_their_records() {
    let mut window = demo();
    until(&mut window, "ticks", |window| {
        window.state().feeds()[0].store.extent().end.0 >= 4
    });
    let ticks = feeds(&window)[0];
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    // A row is marked, and rows get a color.
    press(&mut window, Modifiers::NONE, Key::ArrowUp);
    press(&mut window, Modifiers::NONE, Key::M);
    press(&mut window, Modifiers::SHIFT, Key::M);
    let count = |window: &Whole, start: &str| {
        let buttons = window.query_all_by_role(Role::Button);
        let labels = buttons.filter_map(|node| node.accesskit_node().label());
        labels.filter(|label| label.starts_with(start)).count()
    };
    let colors = |window: &Whole| count(window, "Remove this color");
    let plots = |window: &Whole| count(window, "Plotted number");
    let marks = |window: &Whole| count(window, "Mark ");
    let field = window.get_by_role_and_label(Role::TextInput, "Filter for a color");
    field.focus();
    field.type_text("price");
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(3);
    window.get_all_by_label("More").next().unwrap().click();
    window.run_steps(3);
    window.get_by_label_contains("Plot…").click();
    window.run_steps(3);
    assert_eq!((colors(&window), plots(&window), marks(&window)), (1, 1, 1));

    press(&mut window, Modifiers::COMMAND, Key::Comma);
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Headers")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Headers")
        .type_text("X-Room: lobby");
    window.step();
    window.get_by_label("Apply and connect").click_accesskit();
    window.run_steps(3);
    assert!(!feeds(&window).contains(&ticks));
    assert_eq!((colors(&window), plots(&window), marks(&window)), (1, 1, 0));
    until(&mut window, "records", |window| {
        window.state().feeds()[0].store.extent().end.0 >= 2
    });
    assert_eq!((colors(&window), plots(&window), marks(&window)), (1, 1, 0));

    // The field for a color has the focus again after the sheet.
    press(&mut window, Modifiers::COMMAND, Key::Num1);
    press(&mut window, CTRL_SHIFT, Key::T);
    assert_eq!(feeds(&window)[2], ticks);
    press(&mut window, Modifiers::SHIFT, Key::M);
    until(&mut window, "the mark", |window| marks(window) == 1);
    // Each of the two panes has the color.
    assert_eq!(colors(&window), 2);
}

#[test]
fn a_new_pane_waits_for_a_url_with_the_cursor_in_its_field() {
    let mut window = demo();
    window.get_by_label("Pane").click();
    window.run_steps(3);
    assert_eq!(feeds(&window)[2], None);
    let echo = format!("{}/echo", window.state().demo().unwrap().ws_url());
    let field = window
        .get_all_by_label("URL")
        .find(|node| node.accesskit_node().is_focused());
    field.unwrap().type_text(&echo);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
    let feeds = window.state().feeds();
    assert_eq!(feeds[2].source.url().unwrap().as_str(), echo);
    // An empty pane replaces the last pane when it is closed.
    for _ in 0..3 {
        press(&mut window, Modifiers::COMMAND, Key::W);
    }
    assert_eq!(self::feeds(&window), [None]);
    window.get_by_label("Connect to a feed");
}

#[test]
fn edges_are_dragged_and_moved_by_keys() {
    let mut window = demo();
    // The grip, unlike the field, does not move when the state of the connection changes.
    let wide = |window: &Whole| grips(window)[1].x;
    let before = wide(&window);
    drag(&mut window, pos2(640.0, 400.0), pos2(760.0, 400.0));
    let dragged = wide(&window);
    assert!((dragged - before - 120.0).abs() < 2.0, "{before} {dragged}");
    press(&mut window, ALT_SHIFT, Key::ArrowLeft);
    let moved = wide(&window);
    assert!((dragged - moved - 64.0).abs() < 2.0, "{dragged} {moved}");
}

#[test]
fn a_pane_is_dragged_by_its_grip_below_another() {
    let mut window = demo();
    // The drag starts at the right pane's grip and ends in the lower part of the left pane.
    let grip = grips(&window)[1];
    drag(&mut window, grip, pos2(300.0, 720.0));
    let after = fields(&window);
    assert_eq!(after.len(), 2);
    assert!((after[0].min.x - after[1].min.x).abs() < 1.0, "{after:?}");
    assert!(after[1].min.y - after[0].min.y > 200.0, "{after:?}");
}

#[test]
fn panes_are_moved_and_chosen_by_keys() {
    let mut window = demo();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, CTRL_SHIFT, Key::ArrowDown);
    let fields_now = fields(&window);
    assert!(
        fields_now[1].min.y > fields_now[0].min.y + 200.0,
        "{fields_now:?}"
    );
    press(&mut window, Modifiers::ALT, Key::ArrowUp);
    // Closing affects the pane that receives the keys, which is now the upper one with the ticker.
    press(&mut window, Modifiers::COMMAND, Key::W);
    let left = window.state().feeds();
    assert_eq!(left[0].source.url().unwrap().path(), "/chat");
}

#[test]
fn tabs_hide_all_but_one_and_are_gone_through_by_keys() {
    let mut window = demo();
    press(&mut window, CTRL_SHIFT, Key::N);
    assert_eq!(fields(&window).len(), 2, "one of three is behind a tab");
    let tabs: Vec<String> = window
        .query_all_by_role(Role::Tab)
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    assert_eq!(tabs, ["/events", "No feed"]);
    window.get_by_role_and_label(Role::Tab, "/events").click();
    window.run_steps(3);
    assert!(window.query_by_label("Connect to a feed").is_none());
    press(&mut window, Modifiers::COMMAND, Key::Tab);
    window.get_by_label("Connect to a feed");
    // The pointer is still over the other tab, which now has a cross of its own.
    let crosses = window.get_all_by_label("Close the pane");
    crosses.last().unwrap().click();
    window.run_steps(3);
    assert_eq!(window.query_all_by_role(Role::Tab).count(), 0);
}

#[test]
fn a_tab_is_dragged_only_when_the_pointer_moves() {
    let mut window = demo();
    press(&mut window, CTRL_SHIFT, Key::N);
    let places = |window: &Whole| {
        let tabs = window.query_all_by_role(Role::Tab);
        tabs.map(|tab| tab.rect()).collect::<Vec<Rect>>()
    };
    let before = places(&window);
    assert_eq!(before.len(), 2);
    // Held for two seconds, which makes a drag of any widget that waits for a click.
    let at = before[0].center();
    window.hover_at(at);
    window.step();
    window.event(button(at, egui::PointerButton::Primary, true));
    window.run_steps(2);
    assert!(
        window.query_by_label("Connect to a feed").is_none(),
        "chosen at the press"
    );
    window.run_steps(8);
    window.event(button(at, egui::PointerButton::Primary, false));
    window.run_steps(3);
    assert_eq!(places(&window), before);
    drag(&mut window, at, pos2(1100.0, 720.0));
    assert_eq!(places(&window).len(), 0, "each pane stands alone");
    assert_eq!(fields(&window).len(), 3);
}

#[test]
fn closing_asks_before_messages_are_lost() {
    let mut window = demo();
    press(&mut window, Modifiers::COMMAND, Key::Num2);
    press(&mut window, Modifiers::COMMAND, Key::M);
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Message")
        .type_text("not yet");
    window.run_steps(2);
    // In the field, this combination would delete a word.
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::COMMAND, Key::W);
    window.get_by_label("You have an unsent message.");
    window.get_by_label("Keep it").click_accesskit();
    window.run_steps(3);
    assert_eq!(feeds(&window).len(), 2);
    press(&mut window, Modifiers::COMMAND, Key::W);
    window.get_by_label("Close the pane").click_accesskit();
    window.run_steps(3);
    assert_eq!(feeds(&window).len(), 1);
}

#[test]
fn an_empty_pane_offers_the_saved_connections() {
    let mut fixture = Fixture::default();
    fixture.panes.truncate(1);
    fixture.panes[0].feed = None;
    let form = ConnectionForm {
        name: "desk".to_owned(),
        ..ConnectionForm::default()
    };
    fixture.saved.connections.push(SavedConnectionScene {
        form,
        shown_url: "https://desk.test/".to_owned(),
        variables: Vec::new(),
    });
    let mut window = fixture.harness(1280.0, 800.0);
    window.run_steps(2);
    window.get_by_label("desk").click();
    window.run_steps(2);
    let open = SavedCommand::Open {
        name: "desk".to_owned(),
        pane: Some(LEFT),
        values: Vec::new(),
        is_allowed: false,
    };
    assert_eq!(window.state().commands, [Command::Saved(open)]);
}

#[test]
fn new_panes_extend_the_grid_until_they_would_be_unreadable() {
    let mut window = demo();
    for count in 3..=6 {
        press(&mut window, Modifiers::COMMAND, Key::N);
        assert_eq!(fields(&window).len(), count, "all panes are visible");
    }
    let sizes: Vec<_> = fields(&window).iter().map(Rect::size).collect();
    let message = "No room for another pane beside the others. The new pane is a tab.";
    assert!(sizes.iter().all(|size| size.x > 150.0), "{sizes:?}");
    assert!(window.query_by_label(message).is_none());
    assert_eq!(window.query_all_by_role(Role::Tab).count(), 0);
    press(&mut window, Modifiers::COMMAND, Key::N);
    assert_eq!(fields(&window).len(), 6);
    assert_eq!(window.query_all_by_role(Role::Tab).count(), 2);
    window.get_by_label(message);
}

#[test]
fn a_url_keeps_twenty_characters_beside_buttons() {
    let mut fixture = Fixture::default();
    for _ in 0..4 {
        fixture.open_second_view();
    }
    let status = FeedStatus {
        state: ConnectionState::Reconnecting,
        retry_at: Some(NOW + std::time::Duration::from_secs(29)),
        attempt: 12,
        ..FeedStatus::default()
    };
    for pane in 0..6 {
        fixture.set_status(pane, status.clone());
    }
    let window = fixture.harness(1280.0, 800.0);
    let urls: Vec<_> = window.query_all_by_label("URL").collect();
    assert_eq!(urls.len(), 6);
    for url in urls {
        // A character of the font is 7.5 points wide.
        assert!(url.rect().width() >= 150.0, "{:?}", url.rect());
    }
    // The buttons keep their names as icons.
    assert_eq!(window.query_all_by_label("Retry now").count(), 6);
    assert_eq!(window.query_all_by_label("Stop").count(), 6);
}
