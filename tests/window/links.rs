//! Links of the desktop: the window shows where they lead, and connects only when the user accepts.

use demo_server::{DemoServer, Options};
use egui::Key;
use egui_kittest::kittest::Queryable as _;
use feedscope::app::{App, KeptSettings};
use feedscope::plan::{DesktopLink, WindowFeeds};
use feedscope_core::ConnectionState;
use url::Url;

use super::whole::{Whole, app_window, until};

fn open(links: Vec<DesktopLink>) -> Whole {
    let app = App::new(WindowFeeds::Links(links), None, KeptSettings::default());
    let mut window = app_window(app.unwrap());
    window.run_steps(3);
    window
}

fn has(window: &Whole, label: &str) -> bool {
    window.query_all_by_label_contains(label).next().is_some()
}

#[test]
fn a_link_is_opened_only_when_the_user_accepts_it() {
    let server = DemoServer::start(Options::default()).unwrap();
    let url = Url::parse(&format!("{}/chat?a=1", server.ws_url())).unwrap();
    let other = Url::parse(&format!("{}/events", server.http_url())).unwrap();
    let mut window = open(vec![
        DesktopLink::Feed(url.clone()),
        DesktopLink::Feed(other.clone()),
    ]);
    assert!(has(&window, "Connect to these 2 feeds?"));
    assert!(has(&window, url.as_str()));
    assert!(has(&window, "on your machine"));
    // Enter may have been meant for the other program. It presses the button that has the focus.
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert!(!has(&window, "Connect to these"));
    assert!(window.state().feeds().is_empty() && server.clients().is_empty());
    let mut window = open(vec![
        DesktopLink::Feed(url.clone()),
        DesktopLink::Feed(other.clone()),
    ]);
    window.get_all_by_label("Connect").last().unwrap().click();
    until(&mut window, "both open", |window| {
        let feeds = window.state().feeds();
        let is_open =
            |feed: &feedscope_ui::FeedScene| feed.source.state() == Some(ConnectionState::Open);
        feeds.len() == 2 && feeds.iter().all(is_open)
    });
    let feeds = window.state().feeds();
    assert_eq!(
        (
            feeds[0].source.url().unwrap(),
            feeds[1].source.url().unwrap()
        ),
        (&url, &other)
    );
}

#[test]
fn a_link_that_is_refused_has_a_sentence() {
    let window = open(vec![DesktopLink::Refused(
        "`x:` is not opened: it is none.".to_owned(),
    )]);
    assert!(has(&window, "`x:` is not opened"));
    assert!(!has(&window, "Connect to this feed?"));
}
