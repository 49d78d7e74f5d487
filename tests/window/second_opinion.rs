//! Tests of the comparison with another engine: the offer in the pane's menu, and the result.

use std::sync::Arc;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedStatus;
use feedscope_core::protocol::{Engine, Protocol};
use feedscope_core::second_opinion::{
    EngineDifference, EngineEnding, EngineReport, Opinion, OpinionState,
};
use feedscope_ui::{Command, FeedSource, LiveSource, PaneCommand};

use super::fixture::{Fixture, LEFT};

fn open(window: &mut Harness<'_, Fixture>) {
    window.get_all_by_label("More").next().unwrap().click();
    window.run_steps(2);
    window
        .get_by_label("Second opinion of eventsource-client…")
        .click();
    window.run_steps(3);
}

/// Creates a window whose left feed is being compared, with the sheet open.
fn compared(agreed: u64, standing: OpinionState) -> Harness<'static, Fixture> {
    let engine = Engine::EventsourceClient;
    let mut fixture = Fixture::default();
    if let Some(feed) = &mut fixture.panes[0].feed {
        let mut spec = feed.source.spec().unwrap().clone();
        spec.reading.set_second_opinion(spec.protocol(), true);
        feed.source = FeedSource::Live(LiveSource {
            spec: Arc::new(spec),
            status: Arc::default(),
        });
    }
    let opinion = Opinion {
        engine,
        agreed,
        standing,
    };
    fixture.set_status(
        0,
        FeedStatus {
            state: ConnectionState::Open,
            second_opinion: Some(opinion),
            ..FeedStatus::default()
        },
    );
    let mut window = fixture.harness(1280.0, 800.0);
    open(&mut window);
    window
}

fn wanted(window: &Harness<'_, Fixture>) -> Option<Engine> {
    let [Command::Pane(PaneCommand::ConnectWith { pane: LEFT, spec })] =
        window.state().commands.as_slice()
    else {
        panic!("{:?}", window.state().commands);
    };
    spec.second_opinion()
}

#[test]
fn a_comparison_is_offered_and_begins_with_a_connection() {
    let mut window = Fixture::default().harness(1280.0, 800.0);
    open(&mut window);
    window.get_by_label_contains("Up to the first 64 MiB of each connection are compared");
    window.get_by_label("Connect and compare").click_accesskit();
    window.run_steps(2);
    assert_eq!(wanted(&window), Some(Engine::EventsourceClient));
    window.get_by_label("Close").click_accesskit();
    window.run_steps(2);
    assert!(window.query_by_label("Connect and compare").is_none());
}

#[test]
fn the_sheet_works_with_enter_and_escape() {
    let press = |window: &mut Harness<'_, Fixture>, key| {
        window.key_press(key);
        window.run_steps(3);
    };
    let mut window = Fixture::default().harness(1280.0, 800.0);
    open(&mut window);
    assert!(window.get_by_label("Connect and compare").is_focused());
    press(&mut window, Key::Enter);
    assert_eq!(wanted(&window), Some(Engine::EventsourceClient));
    press(&mut window, Key::Escape);
    assert!(window.query_by_label("Connect and compare").is_none());
    // While a comparison is running, another Enter must not begin a new one.
    let mut window = compared(7, OpinionState::Comparing);
    assert!(window.get_by_label("Close").is_focused());
    press(&mut window, Key::Enter);
    assert!(window.query_by_label("Compare again").is_none());
    assert_eq!(window.state().commands, []);
}

#[test]
fn agreement_is_counted_while_it_is_compared() {
    let window = compared(1_204, OpinionState::Comparing);
    window.get_by_label("1,204 records agree so far.");
    let window = compared(1, OpinionState::Ended);
    window.get_by_label("1 record agrees, to the end of the connection.");
    let window = compared(7, OpinionState::Limit);
    window.get_by_label_contains("after the first 64 MiB, is not compared");
}

#[test]
fn the_first_difference_stands_in_two_columns() {
    let difference = EngineDifference {
        protocol: Protocol::EventStream,
        number: 3,
        native: Some(EngineReport::Event {
            event: "price".to_owned(),
            id: "7".to_owned(),
            data: "a\u{202e}b".to_owned(),
        }),
        other: Some(EngineReport::Ending(EngineEnding {
            gave_up: Some("malformed value".to_owned()),
            ..EngineEnding::default()
        })),
    };
    let mut window = compared(2, OpinionState::Differs(Arc::new(difference)));
    for told in [
        "First difference: record 3 of its connection. Before that, 2 records agree.",
        "native",
        "eventsource-client",
        "event",
        "price",
        "a[202E]b",
        "gives up",
        "malformed value",
    ] {
        window.get_by_label(told);
    }
    window.get_by_label_contains("HTML 9.2.5 and 9.2.6");
    window
        .get_by_label("Connect without comparing")
        .click_accesskit();
    window.run_steps(2);
    assert_eq!(wanted(&window), None);
    assert!(window.query_by_label("Compare again").is_none());
}

#[test]
fn the_pane_shows_that_a_second_engine_reads_and_leads_to_the_comparison() {
    let sign = |standing| {
        let mut window = compared(3, standing);
        window.key_press(egui::Key::Escape);
        window.run_steps(2);
        window
    };
    let difference = EngineDifference {
        protocol: Protocol::EventStream,
        number: 4,
        native: None,
        other: None,
    };
    let differs = OpinionState::Differs(Arc::new(difference));
    for (standing, text) in [
        (OpinionState::Waiting, "second engine waits"),
        (OpinionState::Comparing, "second engine agrees"),
        (OpinionState::Ended, "second engine agreed"),
        (differs, "second engine differs"),
    ] {
        let mut window = sign(standing);
        assert!(window.query_by_label("Compare again").is_none());
        window.get_by_label(text).click();
        window.run_steps(3);
        window.get_by_label("Compare again");
    }
    let window = Fixture::default().harness(1280.0, 800.0);
    assert!(window.query_by_label_contains("second engine").is_none());
}
