//! Why an attempt or a connection failed: what code decides on, and the sentence that people read. It knows no policy
//! and no protocol's rules beyond what its variants say.

mod words;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use words::{Because, Said, Wait};

use super::http_status::{meaning, reason_phrase};
use crate::decode::close_code_meaning;

/// A reason for failure. Its variants say what to do next, its [`Display`](std::fmt::Display) says it to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The host has no address.
    HostNotFound {
        /// The host as it was looked up.
        host: String,
    },
    /// Nothing listens there.
    Refused {
        /// Host and port.
        address: String,
    },
    /// The network is down, the host unreachable, or another error of the operating system on connecting.
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system said.
        detail: String,
    },
    /// The connection attempt, with its handshakes, took too long.
    ConnectTimeout {
        /// The limit that was passed.
        limit: Duration,
    },
    /// The connection was lost without an orderly end.
    Lost {
        /// What was seen, such as `connection reset by peer`.
        detail: String,
    },
    /// The WebSocket's peer went away without a close frame (reported as 1006).
    NoCloseFrame,
    /// The keepalive's pings were not answered.
    KeepaliveTimeout {
        /// How long nothing came back.
        waited: Duration,
    },
    /// TLS failed for a reason that a retry does not mend: a certificate that does not verify.
    Certificate {
        /// Host and port.
        host: String,
        /// Why, in words.
        detail: String,
    },
    /// TLS failed otherwise: the other side speaks no TLS, no common version.
    Tls {
        /// Why, in words.
        detail: String,
    },
    /// The proxy refused or could not be reached.
    Proxy {
        /// The proxy, host and port.
        proxy: String,
        /// What it said.
        detail: String,
    },
    /// The proxy wants credentials, or others: a 407, which a retry does not mend.
    ProxyCredentials {
        /// The proxy, host and port.
        proxy: String,
    },
    /// The answer's status is neither 200 (event stream) nor 101 (WebSocket).
    HttpStatus {
        /// The status code.
        status: u16,
        /// `Retry-After` in seconds or as a date already turned into a wait.
        retry_after: Option<Duration>,
        /// The first line of the body, where it is text; empty otherwise. Of a redirect, its target.
        body: String,
    },
    /// A 204: the server wants no reconnection (HTML 9.2.3).
    NoContent,
    /// An answer of 200 whose content type is not `text/event-stream`.
    ContentType {
        /// What it was; empty where there was none.
        got: String,
    },
    /// The answer cannot be read as HTTP.
    NotHttp {
        /// What was seen.
        detail: String,
    },
    /// A 101 that is no proper opening handshake (RFC 6455 4.1).
    Handshake {
        /// Which check failed, in words.
        detail: String,
    },
    /// Too many redirects, a loop, or one without a usable target.
    Redirect {
        /// Which, in words.
        detail: String,
    },
    /// The peer broke the protocol; we closed with this code (1002, 1007, 1009 …).
    Protocol {
        /// The close code that we sent.
        code: u16,
        /// What was wrong, in words.
        detail: String,
    },
    /// The peer closed the WebSocket with a code that is not 1000.
    ClosedByPeer {
        /// The close code; 1005 where there was none.
        code: u16,
        /// The close reason.
        reason: String,
    },
    /// The request could not be made at all: a header that HTTP does not allow, a scheme that is neither.
    BadRequest {
        /// What is wrong, in words.
        detail: String,
    },
}

/// RFC 6455 7.4.1: a message that is too big to process.
const MESSAGE_TOO_BIG: u16 = 1009;

impl Failure {
    /// The status of the HTTP answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::HttpStatus { status, .. } => Some(*status),
            Self::ProxyCredentials { .. } => Some(407),
            Self::NoContent => Some(204),
            Self::ContentType { .. } => Some(200),
            Self::Handshake { .. } => Some(101),
            _ => None,
        }
    }

    /// How long the server asked us to stay away (RFC 9110 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HttpStatus { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether it is what the Fetch standard calls a network error, after which HTML 9.2.3 reestablishes.
    ///
    /// Those where another attempt is known to be futile (a certificate, a server that speaks neither TLS nor HTTP, a
    /// redirect in circles) are none here: the standard lets a client fail at once on them.
    pub fn is_network_error(&self) -> bool {
        match self {
            Self::HostNotFound { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::Lost { .. }
            | Self::NoCloseFrame
            | Self::KeepaliveTimeout { .. }
            | Self::Proxy { .. } => true,
            Self::Certificate { .. }
            | Self::Tls { .. }
            | Self::ProxyCredentials { .. }
            | Self::HttpStatus { .. }
            | Self::NoContent
            | Self::ContentType { .. }
            | Self::NotHttp { .. }
            | Self::Handshake { .. }
            | Self::Redirect { .. }
            | Self::Protocol { .. }
            | Self::ClosedByPeer { .. }
            | Self::BadRequest { .. } => false,
        }
    }

    /// Whether it may be over by itself after a while, so that persistence makes sense.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::HttpStatus { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::ClosedByPeer { .. } => true,
            // The message that was too long would be too long again.
            Self::Protocol { code, .. } => *code != MESSAGE_TOO_BIG,
            _ => self.is_network_error(),
        }
    }
}

impl Error for Failure {}

impl fmt::Display for Failure {
    #[expect(
        clippy::too_many_lines,
        reason = "one sentence after the other, each read alone"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostNotFound { host } => {
                write!(f, "host not found: no address is known for {}", Said(host))
            }
            Self::Refused { address } => {
                write!(
                    f,
                    "connection refused: nothing listens on {}",
                    Said(address)
                )
            }
            Self::Unreachable { address, detail } => {
                write!(f, "cannot reach {}{}", Said(address), Because(detail))
            }
            Self::ConnectTimeout { limit } => {
                write!(
                    f,
                    "no answer within {}: the connection or its handshake took too long",
                    Wait(*limit)
                )
            }
            Self::Lost { detail } => write!(f, "connection lost{}", Because(detail)),
            Self::NoCloseFrame => {
                f.write_str("connection lost: the server went away without a close frame (1006)")
            }
            Self::KeepaliveTimeout { waited } => {
                write!(
                    f,
                    "connection lost: no answer to a ping for {}",
                    Wait(*waited)
                )
            }
            Self::Certificate { host, detail } => {
                write!(
                    f,
                    "the certificate of {} does not verify{}",
                    Said(host),
                    Because(detail)
                )
            }
            Self::Tls { detail } => write!(f, "TLS failed{}", Because(detail)),
            Self::Proxy { proxy, detail } => {
                write!(
                    f,
                    "the proxy {} did not let us through{}",
                    Said(proxy),
                    Because(detail)
                )
            }
            Self::ProxyCredentials { proxy } => {
                let status = StatusLine(407);
                write!(
                    f,
                    "{status}: the proxy {} wants credentials, or does not accept these",
                    Said(proxy)
                )
            }
            Self::HttpStatus {
                status,
                retry_after,
                body,
            } => refusal(f, *status, *retry_after, body),
            Self::NoContent => {
                write!(f, "{}: the server ends the feed", StatusLine(204))
            }
            Self::ContentType { got } if got.trim().is_empty() => {
                f.write_str("answered without a content type, not text/event-stream")
            }
            Self::ContentType { got } => write!(f, "answered {}, not text/event-stream", Said(got)),
            Self::NotHttp { detail } => write!(f, "the answer is not HTTP{}", Because(detail)),
            Self::Handshake { detail } => {
                write!(f, "the answer is no WebSocket handshake{}", Because(detail))
            }
            Self::Redirect { detail } => write!(f, "the redirect leads nowhere{}", Because(detail)),
            Self::Protocol { code, detail } if *code == MESSAGE_TOO_BIG => {
                write!(
                    f,
                    "message too long{}; closed with {}",
                    Because(detail),
                    Code(*code)
                )
            }
            Self::Protocol { code, detail } => {
                write!(
                    f,
                    "the server broke the protocol{}; closed with {}",
                    Because(detail),
                    Code(*code)
                )
            }
            Self::ClosedByPeer { code, reason } => {
                write!(
                    f,
                    "the server closed with {}{}",
                    Code(*code),
                    Because(reason)
                )
            }
            Self::BadRequest { detail } => {
                write!(f, "the request cannot be made{}", Because(detail))
            }
        }
    }
}

/// The sentence for an answer of another status, with what the server has to say about it.
fn refusal(
    f: &mut fmt::Formatter<'_>,
    status: u16,
    retry_after: Option<Duration>,
    body: &str,
) -> fmt::Result {
    write!(f, "{}: {}", StatusLine(status), meaning(status))?;
    if let Some(wait) = retry_after {
        write!(f, "; it asks to wait {}", Wait(wait))?;
    }
    if !body.trim().is_empty() {
        // The only redirects told here are those that a WebSocket does not follow.
        let says = if status / 100 == 3 {
            "its target is"
        } else {
            "it says:"
        };
        write!(f, "; {says} {}", Said(body))?;
    }
    Ok(())
}

/// `404 Not Found`, after the word HTTP.
struct StatusLine(u16);

impl fmt::Display for StatusLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.0)?;
        match reason_phrase(self.0) {
            "" => Ok(()),
            phrase => write!(f, " {phrase}"),
        }
    }
}

/// A close code and what it means.
struct Code(u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, close_code_meaning(self.0))
    }
}

#[cfg(test)]
mod tests {
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
            "no answer within 15 s: the connection or its handshake took too long",
        );
        check(
            &Failure::ConnectTimeout {
                limit: Duration::from_millis(2_500),
            },
            "no answer within 2.5 s: the connection or its handshake took too long",
        );
        check(
            &Failure::Proxy {
                proxy: text("127.0.0.1:3128"),
                detail: text("403 Forbidden"),
            },
            "the proxy 127.0.0.1:3128 did not let us through: 403 Forbidden",
        );
        let wants_credentials = Failure::ProxyCredentials {
            proxy: text("127.0.0.1:3128"),
        };
        check(
            &wants_credentials,
            "HTTP 407 Proxy Authentication Required: the proxy 127.0.0.1:3128 wants credentials, or does not accept these",
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
                    detail: text(detail),
                },
                expected,
            );
        }
        check(
            &Failure::Tls {
                detail: text("the server does not speak TLS"),
            },
            "TLS failed: the server does not speak TLS",
        );
    }

    #[test]
    fn a_redirect_that_is_not_followed_tells_its_target() {
        check(
            &status(302, "wss://b.test/"),
            "HTTP 302 Found: the server sends us elsewhere, and a WebSocket follows no redirect; its target is wss://b.test/",
        );
    }

    #[test]
    fn the_server_refused() {
        for (code, expected) in [
            (
                200,
                "HTTP 200 OK: the server answered, but this path speaks no WebSocket",
            ),
            (
                302,
                "HTTP 302 Found: the server sends us elsewhere, and a WebSocket follows no redirect",
            ),
            (
                401,
                "HTTP 401 Unauthorized: the server wants credentials, or does not accept these",
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
                "HTTP 407 Proxy Authentication Required: the proxy wants credentials, or does not accept these",
            ),
            (429, "HTTP 429 Too Many Requests: we asked too often"),
            (499, "HTTP 499: the server refused the request"),
            (
                500,
                "HTTP 500 Internal Server Error: the server failed; its log may tell why",
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
    }

    #[test]
    fn the_answer_was_no_feed() {
        let got = |got| Failure::ContentType { got: text(got) };
        check(
            &got("text/html"),
            "answered text/html, not text/event-stream",
        );
        check(
            &got(""),
            "answered without a content type, not text/event-stream",
        );
        check(
            &Failure::NotHttp {
                detail: text("it begins with SSH-2.0"),
            },
            "the answer is not HTTP: it begins with SSH-2.0",
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
            code,
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
            code,
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
}
