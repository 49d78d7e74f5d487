//! Appearance and accessibility of the page, with both themes and in wide and narrow windows.

use std::env;
use std::path::Path;

use serde_json::json;

use super::*;

const SIZES: [(u32, u32); 4] = [(1280, 800), (900, 480), (900, 400), (640, 480)];

/// Script that finds elements outside of their place.
const MISPLACED: &str = include_str!("misplaced.js");

/// Script that finds text that is hard to read.
const FAINT: &str = include_str!("faint.js");

#[test]
fn nothing_overlaps_and_all_of_it_can_be_read() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let tab = browser.open(&server.http_url());
    tab.wait(BOTH_OPEN);
    say(&tab, "what time is it?");
    tab.wait(&shows_theirs(" UTC in the server room"));
    tab.wait("document.querySelectorAll('#prices tr').length === 5");
    tab.wait("document.querySelectorAll('#events li').length > 20");
    check_look(&tab, "open");

    server.refuse_for(Duration::from_mins(10));
    server.drop_connections();
    tab.wait(BOTH_RECONNECTING);
    say(&tab, "did you drop us?");
    tab.click("#stop");
    tab.wait("document.getElementById('chat-waiting').textContent !== ''");
    check_look(&tab, "lost");

    // The checks find a defect that is made on purpose.
    tab.ask("document.querySelector('.about').style.marginTop = '-40px'");
    tab.ask("document.querySelector('label').style.color = 'var(--line)'");
    assert_ne!(tab.ask(MISPLACED), json!([]));
    assert_ne!(tab.ask(FAINT), json!([]));
}

fn check_look(tab: &Tab<'_>, name: &str) {
    const THEMES: [(&str, &str); 2] =
        [("dark", "rgb(21, 26, 33)"), ("light", "rgb(255, 255, 255)")];
    for (theme, ground) in THEMES {
        tab.prefer(theme);
        assert_eq!(
            tab.ask("getComputedStyle(document.body).backgroundColor"),
            ground
        );
        assert_eq!(tab.ask(FAINT), json!([]), "{name}, {theme}");
    }
    for (width, height) in SIZES {
        tab.resize(width, height);
        assert_eq!(tab.ask(MISPLACED), json!([]), "{name}, {width} x {height}");
        let Some(folder) = env::var_os("FEEDSCOPE_PICTURES") else {
            continue;
        };
        for (theme, _) in THEMES {
            tab.prefer(theme);
            let file = format!("page-{name}-{theme}-{width}x{height}.png");
            tab.save_picture(&Path::new(&folder).join(file));
        }
    }
    tab.resize(1280, 800);
}

#[test]
fn rows_follow_the_newest_until_the_reader_scrolls_up() {
    const AT_END: &str = "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)\
        (document.getElementById('events'))";
    /// Promise that is resolved when the page has been drawn again.
    const FRAME: &str =
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))";
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let tab = browser.open(&server.http_url());
    tab.resize(1280, 600);
    tab.wait("document.querySelectorAll('#events li').length > 20");
    assert_eq!(tab.ask(AT_END), true);

    tab.ask("document.getElementById('events').scrollTop = 22");
    wait_for_more_events(&tab, 3);
    assert_eq!(tab.ask("document.getElementById('events').scrollTop"), 22);
    tab.ask("document.getElementById('events').scrollTop = 1e6");
    wait_for_more_events(&tab, 3);
    tab.wait(AT_END);

    // No new row may arrive here, because it would scroll the list to its end.
    tab.click("#stop");
    wait_for_clients(&server, Feed::Events, 0);
    for height in [500, 900, 500] {
        tab.resize(1280, height);
        assert_eq!(
            tab.ask(&format!("{FRAME}.then(() => {AT_END})")),
            true,
            "{height} high"
        );
    }
}

/// Returns the controls and regions of the page in the accessibility tree, as `role name`.
fn told(tab: &Tab<'_>) -> Vec<String> {
    let tree = tab.call("Accessibility.getFullAXTree", &json!({}));
    let nodes = tree["nodes"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value["value"].as_str().unwrap_or_default().to_owned();
    nodes
        .filter(|node| node["ignored"] == false)
        .map(|node| format!("{} {}", text(&node["role"]), text(&node["name"])))
        .collect()
}

/// Returns the controls and regions that have no name.
fn nameless(tab: &Tab<'_>) -> Vec<String> {
    /// Roles that are useless without a name.
    const NAMED: [&str; 8] = [
        "button", "textbox", "link", "heading", "table", "list", "log", "region",
    ];
    let told = told(tab).into_iter();
    told.filter(|line| NAMED.contains(&line.trim())).collect()
}

#[test]
fn everything_has_a_name_and_works_by_the_keyboard() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let server = server();
    let tab = browser.open(&server.http_url());
    tab.wait(BOTH_OPEN);
    wait_for_more_events(&tab, 1);
    tab.wait(&shows_ours("Hello Server!"));
    let told = told(&tab);
    for expected in [
        "heading Live feeds in a browser",
        "region Server-Sent Events",
        "region WebSocket",
        "button Stop Listening",
        "table Latest price of each company",
        "list Events as they arrive",
        "log Chat messages",
        "textbox Message",
        "button Send",
    ] {
        assert!(
            told.iter().any(|line| line == expected),
            "no {expected}: {told:#?}"
        );
    }
    assert_eq!(nameless(&tab), Vec::<String>::new());
    tab.ask("document.body.append(document.createElement('button'))");
    assert_eq!(nameless(&tab), ["button "]);

    let focused = "document.activeElement.id";
    for id in ["stop", "events", "lines", "message"] {
        tab.press("Tab");
        assert_eq!(tab.ask(focused), id);
    }
    tab.type_text("by keyboard alone");
    tab.press("Enter");
    tab.wait(&shows_ours("by keyboard alone"));
    tab.ask("document.getElementById('stop').focus()");
    tab.press("Enter");
    tab.wait("document.getElementById('events-state').textContent === 'closed'");
    // The pressed button has disappeared, and its replacement has the focus.
    assert_eq!(tab.ask(focused), "listen");
    tab.press("Enter");
    tab.wait(BOTH_OPEN);
    assert_eq!(tab.ask(focused), "stop");
}
