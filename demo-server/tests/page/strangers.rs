//! Pages of other origins, which can neither read from the demo server nor change anything in it. The page's own policy
//! is tested too; it denies its scripts everything that they do not need.

use serde_json::Value;

use super::*;
use crate::other_origin::OtherOrigin;

/// Script that tries every access that a page can try, and returns the results.
const TRY_EVERYTHING: &str = include_str!("try_everything.js");

fn try_everything(tab: &Tab<'_>, server: &DemoServer) -> Vec<(String, String)> {
    let script = TRY_EVERYTHING
        .replace("HTTP", &server.http_url())
        .replace("WS", &server.ws_url())
        .replace("CONTROL", &server.control_url());
    let Value::Object(results) = tab.ask(&script) else {
        panic!("no results");
    };
    let text = |value: Value| value.as_str().unwrap().to_owned();
    results
        .into_iter()
        .map(|(name, result)| (name, text(result)))
        .collect()
}

#[test]
fn a_page_of_another_origin_gets_nothing() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (server, other) = (server(), OtherOrigin::start());
    let tab = browser.open(&other.url());
    let results = try_everything(&tab, &server);
    assert_eq!(results.len(), 8);
    for (name, result) in &results {
        assert_eq!(result, "refused", "{name}");
    }
    assert_eq!(server.faults(), []);

    // The server refused the requests. They did not fail because of the network.
    let statuses = tab.events("Network.responseReceivedExtraInfo");
    let refused = statuses
        .iter()
        .filter(|event| event["statusCode"] == 403)
        .count();
    assert_eq!(
        refused, 7,
        "both fetches, both of control, event source, image, style: {statuses:#?}"
    );
    let handshakes = tab.events("Network.webSocketFrameError");
    let error = handshakes[0]["errorMessage"].as_str().unwrap();
    assert!(error.contains("403"), "{error}");
    // Requests without a readable answer have begun no stream either.
    assert!(server.clients().is_empty(), "{:?}", server.clients());

    // The same attempts from the page itself succeed, so that they would reveal a missing check.
    let own = browser.open(&server.http_url());
    own.wait(BOTH_OPEN);
    for (name, result) in try_everything(&own, &server) {
        assert_eq!(result, "got it", "{name}");
    }
    assert_eq!(server.faults().len(), 1);
}

#[test]
fn a_page_of_another_origin_cannot_frame_the_page() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (server, other) = (server(), OtherOrigin::start());
    let tab = browser.open(&other.url());
    let framed = tab.ask(&format!(
        "new Promise((loaded) => {{
            const frame = document.createElement('iframe');
            frame.onload = loaded;
            frame.src = '{}/';
            document.body.append(frame);
        }}).then(() => frames.length)",
        server.http_url()
    ));
    assert_eq!(framed, 1);
    let statuses = tab.events("Network.responseReceivedExtraInfo");
    assert!(
        statuses.iter().any(|event| event["statusCode"] == 403),
        "{statuses:#?}"
    );
    assert!(server.clients().is_empty(), "{:?}", server.clients());
}

#[test]
fn the_page_keeps_to_a_strict_policy() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (server, other) = (server(), OtherOrigin::start());
    let tab = browser.open(&server.http_url());
    tab.wait(BOTH_OPEN);
    say(&tab, "hello");
    tab.wait(&shows_ours("hello"));
    assert_eq!(complaints(&tab), Vec::<String>::new());

    // The policy blocks what it is meant to block, and each violation is reported.
    let violations = tab.ask(&format!(
        "new Promise((seen) => {{
            const found = [];
            document.addEventListener('securitypolicyviolation', (event) => {{
                found.push(event.effectiveDirective);
                if (found.length === 4) seen(found.sort());
            }});
            const script = document.createElement('script');
            script.textContent = 'document.title = \"broken into\"';
            document.head.append(script);
            const style = document.createElement('style');
            style.textContent = 'body {{ color: red }}';
            document.head.append(style);
            document.head.append(Object.assign(document.createElement('img'), {{ src: '{0}' }}));
            fetch('{0}').catch(() => {{}});
        }})",
        other.url()
    ));
    assert_eq!(
        violations,
        serde_json::json!([
            "connect-src",
            "img-src",
            "script-src-elem",
            "style-src-elem"
        ])
    );
    assert_ne!(tab.ask("document.title"), "broken into");
    assert_ne!(complaints(&tab), Vec::<String>::new());
}
