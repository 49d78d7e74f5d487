//! Page at `/` and its files, which are part of the binary. Nothing is read from disk.

use crate::answer::Answer;

const HTML: &str = include_str!("page/index.html");
const CSS: &str = include_str!("page/page.css");
const JS: &str = include_str!("page/page.js");
const ICON: &str = include_str!("page/icon.svg");

/// Placeholder for the WebSocket port in the page, which contains no script.
const PORT_MARK: &str = "{{WS_PORT}}";

/// Returns the page's file at this path.
pub(crate) fn file(path: &str, ws_port: u16) -> Option<Answer> {
    Some(match path {
        "/" => html(ws_port),
        "/page.css" => Answer::new(200, "text/css; charset=utf-8", CSS.as_bytes()),
        "/page.js" => Answer::new(200, "text/javascript; charset=utf-8", JS.as_bytes()),
        "/icon.svg" => Answer::new(200, "image/svg+xml", ICON.as_bytes()),
        _ => return None,
    })
}

fn html(ws_port: u16) -> Answer {
    let html = HTML.replace(PORT_MARK, &ws_port.to_string()).into_bytes();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self' ws://127.0.0.1:{ws_port} ws://localhost:{ws_port}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    Answer::new(200, "text/html; charset=utf-8", html).with("Content-Security-Policy", policy)
}
