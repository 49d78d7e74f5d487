//! Files of the page: they arrive complete, and they comply with the policy that is sent with them.

use crate::support::{Answer, exchange, request, server};

fn get(base: &str, path: &str) -> Answer {
    exchange(base, &request(base, "GET", path, &[]))
}

#[test]
fn the_page_needs_nothing_that_its_policy_forbids() {
    let server = server();
    let page = get(&server.http_url(), "/");
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains(&server.ws_url()), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!page.body.contains("<style"));
    assert!(!page.body.contains("style="));
    assert!(!page.body.contains(" on"), "no handlers in attributes");
    for script in page.body.split("<script").skip(1) {
        assert!(script.starts_with(" src="), "{script}");
    }
    assert!(!page.body.contains("{{"), "everything is filled in");
    assert!(page.body.contains("Stop Listening"));
}

#[test]
fn every_file_that_the_page_names_is_there() {
    let server = server();
    let url = server.http_url();
    let page = get(&url, "/").body;
    let words = page.split('"');
    let names = words.filter(|word| word.starts_with('/') && word.contains('.'));
    let mut count = 0;
    for name in names {
        let file = get(&url, name);
        assert_eq!(file.status, 200, "{name}");
        let length = file.header("Content-Length").unwrap();
        assert_eq!(length, file.body.len().to_string(), "{name}");
        count += 1;
    }
    assert_eq!(count, 3);
    let script = get(&url, "/page.js").body;
    for sentence in [
        "Listening to server events stopped..",
        "Connections to the server established..",
        "Hello Server!",
    ] {
        assert!(script.contains(&format!("\"{sentence}\"")), "{sentence}");
    }
}
