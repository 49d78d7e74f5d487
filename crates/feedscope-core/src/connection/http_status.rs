//! Phrases of HTTP status codes, and their meaning for a person who reads a feed.
//!
//! It makes no decisions; see [`policy`](super::policy).

/// Returns the reason phrase of a status code (RFC 9110 15 and related documents). It is empty for a code that has
/// none.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        508 => "Loop Detected",
        511 => "Network Authentication Required",
        _ => "",
    }
}

/// Returns the meaning of a status for a person who reads a feed, so that the person knows the necessary change.
pub(super) fn meaning(status: u16) -> &'static str {
    match status {
        // Only for a WebSocket, because an event stream accepts 200.
        200 => "the server answered, but this path is not a WebSocket endpoint",
        // Only for a WebSocket, because event streams follow redirects (RFC 6455 4.1 allows both).
        301 | 302 | 303 | 307 | 308 => {
            "the server redirects to another URL, and a WebSocket follows no redirect"
        }
        400 => "the server did not understand the request; check the URL and the headers",
        401 => "the server requires a login, or rejected the credentials",
        402 => "the server requires a payment first",
        403 => "the server does not allow access to this feed",
        404 => "the server has no feed at this path",
        405 => "the server does not accept this method at this path",
        406 => "the server has nothing in the requested form at this path",
        407 => "the proxy requires a login, or rejected the credentials",
        408 => "the server waited too long for the request",
        410 => "the feed that was at this path is gone",
        421 => "this server does not answer for that host",
        425 => "the server does not accept the request this early",
        426 => "this path requires another protocol; a WebSocket's URL begins with ws:// or wss://",
        429 => "too many requests in a short time",
        431 => "the headers are too large for the server",
        451 => "the feed is withheld for legal reasons",
        500 => "the server failed; its log may contain the reason",
        501 => "the server does not know how to answer this request",
        502 => "a gateway got no usable answer from the server behind it",
        503 => "the server is overloaded or down for now",
        504 => "a gateway got no answer from the server behind it in time",
        511 => "the network requires a login first",
        _ if status / 100 == 4 => "the server refused the request",
        _ if status / 100 == 5 => "the server failed to answer the request",
        _ => "the answer of the server is not a feed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_meaning_and_only_known_ones_a_phrase() {
        for status in 0..1_000 {
            assert!(!meaning(status).is_empty());
            assert!(
                !meaning(status).ends_with('.'),
                "{status}: sentences are joined to others"
            );
        }
        assert_eq!(reason_phrase(404), "Not Found");
        assert_eq!(reason_phrase(599), "");
    }
}
