//! Answers that refuse the request: their effect, and their attribution to the server or to a proxy.

use feedscope_core::connection::Advice;
use feedscope_core::protocol::Engine;

use crate::feed::{Feed, again};
use crate::server::Server;

#[test]
fn a_401_names_the_schemes_and_the_realm() {
    let server = Server::answering(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"Feeds, \\\"live\\\"\", charset=\"UTF-8\"\r\n\
         WWW-Authenticate: Bearer error=\"invalid_token\"\r\n\r\n",
    );
    for (url, engine) in [
        (server.http(), Engine::Native),
        (server.ws(), Engine::Native),
        (server.ws(), Engine::TokioTungstenite),
    ] {
        let mut spec = again(&url, 9);
        spec.reading.choose(engine);
        let feed = Feed::connect(spec);
        assert_eq!(
            feed.end_reason(),
            "failed: HTTP 401 Unauthorized: the server requires a login (Basic for “Feeds, \"live\"”, or Bearer), \
             or rejected the credentials: invalid_token"
        );
        assert_eq!(feed.handle.status().http_status, Some(401));
        assert_eq!(feed.handle.status().advice, Some(Advice::AddCredentials));
    }
    let mut spec = again(&server.http(), 9);
    spec.reading.choose(Engine::EventsourceClient);
    let reason = Feed::connect(spec).end_reason();
    assert!(
        reason.starts_with(
            "failed: HTTP 401 Unauthorized: the server requires a login (Basic for “Feeds"
        ),
        "{reason}"
    );
}

#[test]
fn an_answer_that_a_proxy_made_is_attributed_to_it() {
    for header in [
        "X-Squid-Error: ERR_ACCESS_DENIED 0",
        "Proxy-Status: office; error=http_request_denied",
    ] {
        let proxy = Server::answering(format!(
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n{header}\r\n\r\nBlocked\n"
        ));
        let mut spec = again("http://feed.invalid/", 9);
        spec.transport.proxy = Some(proxy.url("http", "").parse().unwrap());
        let address = proxy.url("http", "").replace("http://", "");
        assert_eq!(
            Feed::connect(spec).end_reason(),
            format!("failed: the proxy {address} answered HTTP 403 Forbidden; it says: Blocked")
        );
    }
    // Without a header of a proxy, the answer may be the server's.
    let proxy = Server::answering("HTTP/1.1 403 Forbidden\r\nProxy-Status: office\r\n\r\n");
    let mut spec = again("http://feed.invalid/", 9);
    spec.transport.proxy = Some(proxy.url("http", "").parse().unwrap());
    let reason = Feed::connect(spec).end_reason();
    assert!(
        reason.starts_with("failed: HTTP 403 Forbidden: the server"),
        "{reason}"
    );
}
