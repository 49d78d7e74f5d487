//! Tests of the sentences about failures, and of the advice for each.

use super::*;

fn text(text: &str) -> String {
    text.to_owned()
}

fn check(failure: &Failure, expected: &str) {
    assert_eq!(failure.to_string(), expected);
}

fn status(status: u16, body: &str) -> Failure {
    Failure::HttpStatus {
        status,
        retry_after: None,
        body: text(body),
    }
}

#[test]
fn connecting_failed() {
    check(
        &Failure::HostNotFound {
            host: text("feeds.invalid"),
        },
        "host not found: no address is known for feeds.invalid",
    );
    check(
        &Failure::Refused {
            address: text("127.0.0.1:9"),
        },
        "connection refused: nothing listens on 127.0.0.1:9",
    );
    check(
        &Failure::Unreachable {
            address: text("[fe80::1]:80"),
            detail: text("network is unreachable"),
        },
        "cannot reach [fe80::1]:80: network is unreachable",
    );
    check(
        &Failure::ConnectTimeout {
            limit: Duration::from_secs(15),
        },
        "no connection within 15 s (connect timeout): name lookup, TCP, proxy or TLS took too long",
    );
    check(
        &Failure::ResponseTimeout {
            limit: Duration::from_millis(2_500),
        },
        "no answer within 2.5 s after the request was sent (response timeout)",
    );
    check(
        &Failure::Proxy {
            proxy: text("127.0.0.1:3128"),
            detail: text("403 Forbidden"),
        },
        "the proxy 127.0.0.1:3128 did not let us through: 403 Forbidden",
    );
    check(
        &Failure::ProxySetting {
            variable: text("http_proxy"),
            detail: text("not a URL: invalid port number"),
        },
        "the proxy in the environment variable http_proxy cannot be used: not a URL: invalid port number",
    );
    check(
        &Failure::ProxyUnusable {
            proxy: text("127.0.0.1:3128"),
            detail: text("it does not speak SOCKS"),
        },
        "the proxy 127.0.0.1:3128 did not let us through: it does not speak SOCKS",
    );
    let refused = Failure::ProxyStatus {
        proxy: text("127.0.0.1:3128"),
        status: 503,
        retry_after: Some(Duration::from_secs(9)),
        body: text("No such host"),
    };
    check(
        &refused,
        "the proxy 127.0.0.1:3128 answered HTTP 503 Service Unavailable; it asks to wait 9 s; it says: No such host",
    );
    assert_eq!(refused.status(), Some(503));
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(9)));
    let wants_credentials = Failure::ProxyCredentials {
        proxy: text("127.0.0.1:3128"),
        challenges: Challenge::parse(["Basic realm=\"Office\""]),
    };
    check(
        &wants_credentials,
        "HTTP 407 Proxy Authentication Required: the proxy 127.0.0.1:3128 requires a login (Basic for “Office”), or rejected the credentials",
    );
    assert_eq!(wants_credentials.status(), Some(407));
    check(
        &Failure::BadRequest {
            detail: text("a header value may hold no line break"),
        },
        "the request cannot be made: a header value may hold no line break",
    );
}

#[test]
fn tls_failed() {
    for (detail, expected) in [
        (
            "it expired on 2026-11-20",
            "the certificate of a.test:443 does not verify: it expired on 2026-11-20",
        ),
        (
            "unknown issuer",
            "the certificate of a.test:443 does not verify: unknown issuer",
        ),
        (
            "it is not valid for this name",
            "the certificate of a.test:443 does not verify: it is not valid for this name",
        ),
        ("", "the certificate of a.test:443 does not verify"),
    ] {
        check(
            &Failure::Certificate {
                host: text("a.test:443"),
                problem: CertificateProblem::Other,
                detail: text(detail),
            },
            expected,
        );
    }
    check(
        &Failure::ClientCertificate,
        "the server asked for a client certificate, and none was given",
    );
    check(
        &Failure::Tls {
            detail: text("the server does not speak TLS"),
        },
        "TLS failed: the server does not speak TLS",
    );
}

#[test]
fn what_is_needed_to_log_in_is_named() {
    let credentials = |header: &str, body: &str| Failure::Credentials {
        challenges: Challenge::parse([header]),
        body: text(body),
        without_user_headers: false,
    };
    for (header, body, expected) in [
        (
            "Basic realm=\"Feeds\", Bearer",
            "",
            "HTTP 401 Unauthorized: the server requires a login (Basic for “Feeds”, or Bearer), or rejected the credentials",
        ),
        (
            "Bearer error=\"invalid_token\", error_description=\"The token expired\"",
            "log in first",
            "HTTP 401 Unauthorized: the server requires a login (Bearer), or rejected the credentials: The token expired; it says: log in first",
        ),
        (
            "",
            "",
            "HTTP 401 Unauthorized: the server requires a login, or rejected the credentials",
        ),
    ] {
        check(&credentials(header, body), expected);
    }
    assert_eq!(credentials("", "").status(), Some(401));
    check(
        &Failure::Credentials {
            challenges: Vec::new(),
            body: text("log in"),
            without_user_headers: true,
        },
        "HTTP 401 Unauthorized: the server requires a login, or rejected the credentials; \
         the request was redirected to another origin, where the headers that were set for the first one are not sent; \
         it says: log in",
    );
}

#[test]
fn a_redirect_that_is_not_followed_tells_its_target() {
    check(
        &status(302, "wss://b.test/"),
        "HTTP 302 Found: the server redirects to another URL, and a WebSocket follows no redirect; its target is wss://b.test/",
    );
}

#[test]
fn the_server_refused() {
    for (code, expected) in [
        (
            200,
            "HTTP 200 OK: the server answered, but this path is not a WebSocket endpoint",
        ),
        (
            302,
            "HTTP 302 Found: the server redirects to another URL, and a WebSocket follows no redirect",
        ),
        (
            401,
            "HTTP 401 Unauthorized: the server requires a login, or rejected the credentials",
        ),
        (
            403,
            "HTTP 403 Forbidden: the server does not allow access to this feed",
        ),
        (
            404,
            "HTTP 404 Not Found: the server has no feed at this path",
        ),
        (
            407,
            "HTTP 407 Proxy Authentication Required: the proxy requires a login, or rejected the credentials",
        ),
        (
            429,
            "HTTP 429 Too Many Requests: too many requests in a short time",
        ),
        (499, "HTTP 499: the server refused the request"),
        (
            500,
            "HTTP 500 Internal Server Error: the server failed; its log may contain the reason",
        ),
        (
            502,
            "HTTP 502 Bad Gateway: a gateway got no usable answer from the server behind it",
        ),
        (
            503,
            "HTTP 503 Service Unavailable: the server is overloaded or down for now",
        ),
        (599, "HTTP 599: the server failed to answer the request"),
    ] {
        check(&status(code, ""), expected);
        assert_eq!(status(code, "").status(), Some(code));
    }
    check(
        &Failure::NoContent,
        "HTTP 204 No Content: the server ends the feed",
    );
}

#[test]
fn what_the_server_says_is_told_as_well() {
    check(
        &status(404, "No such topic\r\nsecond line"),
        "HTTP 404 Not Found: the server has no feed at this path; it says: No such topic",
    );
    let failure = Failure::HttpStatus {
        status: 503,
        retry_after: Some(Duration::from_secs(10)),
        body: text("draining"),
    };
    check(
        &failure,
        "HTTP 503 Service Unavailable: the server is overloaded or down for now; it asks to wait 10 s; it says: draining",
    );
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(10)));
    let failure = Failure::HttpStatus {
        status: 503,
        retry_after: Some(Duration::ZERO),
        body: String::new(),
    };
    check(
        &failure,
        "HTTP 503 Service Unavailable: the server is overloaded or down for now; it accepts another attempt at once",
    );
}

#[test]
fn the_words_of_the_server_can_be_left_out() {
    for (failure, expected) in [
        (
            status(404, "No such topic"),
            "HTTP 404 Not Found: the server has no feed at this path",
        ),
        (
            status(404, ""),
            "HTTP 404 Not Found: the server has no feed at this path",
        ),
        (
            Failure::NotAcceptable {
                body: text("it says: no"),
            },
            "HTTP 406 Not Acceptable: the server has no event stream at this path",
        ),
        (
            Failure::ContentType {
                got: text("text/html"),
                body: text("Sign in"),
            },
            "the server sent text/html (a web page), not text/event-stream",
        ),
    ] {
        assert_eq!(without_remarks(&failure.to_string()), expected);
    }
}

#[test]
fn the_answer_was_no_feed() {
    check(
        &Failure::UnknownCoding {
            coding: text("compress\u{1b}"),
        },
        "the answer has the content coding compress\u{fffd}, which cannot be decoded here",
    );
    check(
        &Failure::DamagedCoding {
            coding: text("gzip"),
            detail: text("invalid distance"),
        },
        "the gzip data of the answer cannot be decoded: invalid distance",
    );
    let got = |got| Failure::ContentType {
        got: text(got),
        body: String::new(),
    };
    check(
        &got("text/html"),
        "the server sent text/html (a web page), not text/event-stream",
    );
    check(
        &Failure::ContentType {
            got: text("text/html"),
            body: text("Sign in"),
        },
        "the server sent text/html (a web page), not text/event-stream; its title is Sign in",
    );
    check(
        &Failure::ContentType {
            got: text("text/plain"),
            body: text("data: {\u{1b}"),
        },
        "the server sent text/plain, not text/event-stream; it begins with data: {\u{fffd}",
    );
    check(
        &Failure::NotAcceptable {
            body: text("try NDJSON"),
        },
        "HTTP 406 Not Acceptable: the server has no event stream at this path; it says: try NDJSON",
    );
    check(
        &got(""),
        "the server sent an answer without a content type, not text/event-stream",
    );
    check(
        &Failure::NotHttp {
            detail: text("it begins with SSH-2.0"),
        },
        "the answer is not HTTP: it begins with SSH-2.0",
    );
    check(
        &Failure::BadHttp {
            detail: text("its Content-Length is not a number: `abc`"),
        },
        "the answer breaks the rules of HTTP: its Content-Length is not a number: `abc`",
    );
    check(
        &Failure::Handshake {
            detail: text("Sec-WebSocket-Accept is missing"),
        },
        "the answer is no WebSocket handshake: Sec-WebSocket-Accept is missing",
    );
    check(
        &Failure::Redirect {
            detail: text("more than 20 in a row"),
        },
        "the redirect leads nowhere: more than 20 in a row",
    );
    assert_eq!(got("text/html").status(), Some(200));
}

#[test]
fn the_connection_broke() {
    check(
        &Failure::Lost {
            detail: text("connection reset by peer"),
        },
        "connection lost: connection reset by peer",
    );
    check(
        &Failure::Lost {
            detail: String::new(),
        },
        "connection lost",
    );
    check(
        &Failure::NoCloseFrame,
        "connection lost: the server went away without a close frame (1006)",
    );
    check(
        &Failure::KeepaliveTimeout {
            waited: Duration::from_millis(900),
        },
        "connection lost: no answer to a ping for 900 ms",
    );
}

#[test]
fn close_codes_come_with_their_meaning() {
    let closed = |code, reason| Failure::ClosedByPeer {
        code: CloseCode(code),
        reason: text(reason),
    };
    check(
        &closed(1000, ""),
        "the server closed with 1000 (normal closure)",
    );
    check(
        &closed(1001, "deploy"),
        "the server closed with 1001 (going away): deploy",
    );
    check(
        &closed(1005, ""),
        "the server closed with 1005 (no close code given)",
    );
    let broke = |code, detail| Failure::Protocol {
        code: CloseCode(code),
        detail: text(detail),
    };
    check(
        &broke(1002, "a masked frame"),
        "the server broke the protocol: a masked frame; closed with 1002 (protocol error)",
    );
    check(
        &broke(1009, "more than 67108864 bytes"),
        "message too long: more than 67108864 bytes; closed with 1009 (message too big)",
    );
}

#[test]
fn words_from_elsewhere_stay_harmless() {
    check(
        &Failure::Lost {
            detail: text("\u{1b}[31mred\u{202e}der\u{7}"),
        },
        "connection lost: \u{fffd}[31mred\u{fffd}der\u{fffd}",
    );
    check(
        &status(404, " \n "),
        "HTTP 404 Not Found: the server has no feed at this path",
    );
}

#[test]
fn pages_are_known_by_their_type() {
    assert!(is_page("Text/HTML") && is_page("application/xhtml+xml"));
    assert!(!is_page("text/plain") && !is_page(""));
    let page = Failure::ContentType {
        got: text("application/xhtml+xml; charset=utf-8"),
        body: text("Sign in"),
    };
    check(
        &page,
        "the server sent application/xhtml+xml; charset=utf-8 (a web page), not text/event-stream; its title is Sign in",
    );
}
