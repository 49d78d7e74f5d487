//! Which endings are retried, and what becomes of a feed whose ending is not. It never waits; that is
//! [`backoff`](super::backoff).

use serde::{Deserialize, Serialize};

use super::{Ending, Failure};
use crate::protocol::Protocol;

/// When a feed that ended is connected again (design section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReconnectPolicy {
    /// Also after refused connections, DNS failures, HTTP 408, 425, 429 and 5xx.
    #[default]
    Persistent,
    /// The HTML standard to the letter; for WebSocket, whose standard knows no reconnection, never.
    Browser,
    /// Never.
    Never,
}

/// What an ending means for its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Connect again. Where reconnections are used up, this is what is left.
    Reconnect {
        /// How the feed ends instead.
        or_else: Outcome,
    },
    /// The feed's life is over.
    End(Outcome),
}

/// The two ways in which a feed's life ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// In order.
    Closed,
    /// For a reason that someone has to act on.
    Failed,
}

impl ReconnectPolicy {
    /// What `ending` means for a feed of this protocol.
    pub(super) fn verdict(self, protocol: Protocol, ending: &Ending) -> Verdict {
        let outcome = outcome(ending);
        if is_for_good(ending) || !self.retries(protocol, ending) {
            Verdict::End(outcome)
        } else {
            Verdict::Reconnect { or_else: outcome }
        }
    }

    /// Whether an ending that is not for good is followed by another attempt.
    fn retries(self, protocol: Protocol, ending: &Ending) -> bool {
        match (self, protocol) {
            (Self::Never, _) | (Self::Browser, Protocol::WebSocket) => false,
            (Self::Persistent, _) => match ending {
                Ending::Failed(failure) => failure.is_passing(),
                _ => true,
            },
            // HTML 9.2.3: the end of the body and network errors reestablish, any other answer fails.
            (Self::Browser, Protocol::EventStream) => match ending {
                Ending::Failed(failure) => failure.is_network_error(),
                _ => true,
            },
        }
    }
}

/// Whether the ending says itself that there is nothing more to come, under every policy.
fn is_for_good(ending: &Ending) -> bool {
    match ending {
        Ending::EndOfStream => false,
        Ending::ClosedByPeer { code, .. } => *code == NORMAL_CLOSURE,
        Ending::ClosedByUs => true,
        Ending::Failed(failure) => matches!(failure, Failure::NoContent),
    }
}

/// How a feed ends with this ending, where it is not retried.
fn outcome(ending: &Ending) -> Outcome {
    match ending {
        Ending::EndOfStream | Ending::ClosedByUs | Ending::Failed(Failure::NoContent) => {
            Outcome::Closed
        }
        Ending::ClosedByPeer { code, .. } if *code == NORMAL_CLOSURE => Outcome::Closed,
        Ending::ClosedByPeer { .. } | Ending::Failed(_) => Outcome::Failed,
    }
}

/// RFC 6455 7.4.1: the purpose for which the connection was established has been fulfilled.
const NORMAL_CLOSURE: u16 = 1000;

impl Ending {
    /// The same ending in its plainest form, for engines that tell one thing in two ways.
    pub(super) fn normalized(self, protocol: Protocol) -> Self {
        match (protocol, self) {
            // RFC 6455 7.1.5: a connection that ends without a close frame was closed abnormally.
            (Protocol::WebSocket, Self::EndOfStream) => Self::Failed(Failure::NoCloseFrame),
            (Protocol::EventStream, Self::Failed(Failure::HttpStatus { status: 204, .. })) => {
                Self::Failed(Failure::NoContent)
            }
            (_, Self::Failed(Failure::ClosedByPeer { code, reason })) => {
                Self::ClosedByPeer { code, reason }
            }
            (_, ending) => ending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ReconnectPolicy::{Browser, Never, Persistent};
    use Verdict::{End, Reconnect};

    use super::super::CertificateProblem;
    use super::*;

    const CLOSED: Verdict = End(Outcome::Closed);
    const FAILED: Verdict = End(Outcome::Failed);
    const AGAIN: Verdict = Reconnect {
        or_else: Outcome::Failed,
    };
    const AGAIN_OR_CLOSED: Verdict = Reconnect {
        or_else: Outcome::Closed,
    };

    fn text() -> String {
        "x".to_owned()
    }

    fn status(status: u16) -> Ending {
        Ending::Failed(Failure::HttpStatus {
            status,
            retry_after: None,
            body: String::new(),
        })
    }

    fn proxy_status(status: u16) -> Failure {
        Failure::ProxyStatus {
            proxy: text(),
            status,
            retry_after: None,
            body: String::new(),
        }
    }

    fn closed(code: u16) -> Ending {
        Ending::ClosedByPeer {
            code,
            reason: String::new(),
        }
    }

    fn broke_protocol(code: u16) -> Ending {
        Ending::Failed(Failure::Protocol {
            code,
            detail: text(),
        })
    }

    /// Asserts the verdicts of `persistent`, `browser` and `never`.
    fn check(protocol: Protocol, ending: &Ending, expected: [Verdict; 3]) {
        let ending = ending.clone().normalized(protocol);
        let verdicts = [Persistent, Browser, Never].map(|policy| policy.verdict(protocol, &ending));
        assert_eq!(verdicts, expected, "{protocol:?}, {ending:?}");
    }

    #[test]
    fn event_streams_by_policy() {
        let check = |ending: Ending, expected| check(Protocol::EventStream, &ending, expected);
        check(
            Ending::EndOfStream,
            [AGAIN_OR_CLOSED, AGAIN_OR_CLOSED, CLOSED],
        );
        check(Ending::ClosedByUs, [CLOSED; 3]);
        check(Ending::Failed(Failure::NoContent), [CLOSED; 3]);
        check(status(204), [CLOSED; 3]);
        for code in [408, 425, 429, 500, 501, 502, 503, 504, 599] {
            check(status(code), [AGAIN, FAILED, FAILED]);
        }
        for code in [
            201, 206, 304, 400, 401, 403, 404, 405, 407, 410, 418, 426, 600,
        ] {
            check(status(code), [FAILED; 3]);
        }
        check(
            Ending::Failed(Failure::ContentType { got: text() }),
            [FAILED; 3],
        );
        let coding = text();
        check(
            Ending::Failed(Failure::UnknownCoding { coding }),
            [FAILED; 3],
        );
    }

    #[test]
    fn web_sockets_by_policy() {
        let check = |ending: Ending, expected| check(Protocol::WebSocket, &ending, expected);
        check(closed(1000), [CLOSED; 3]);
        for code in [1001, 1005, 1006, 1008, 1011, 1012, 1013, 3000, 4000] {
            check(closed(code), [AGAIN, FAILED, FAILED]);
            let failure = Failure::ClosedByPeer {
                code,
                reason: String::new(),
            };
            check(Ending::Failed(failure), [AGAIN, FAILED, FAILED]);
        }
        check(Ending::ClosedByUs, [CLOSED; 3]);
        // The bytes ended, no close frame came: never an ending in order.
        check(Ending::EndOfStream, [AGAIN, FAILED, FAILED]);
        check(
            Ending::Failed(Failure::NoCloseFrame),
            [AGAIN, FAILED, FAILED],
        );
        let waited = Duration::from_secs(40);
        check(
            Ending::Failed(Failure::KeepaliveTimeout { waited }),
            [AGAIN, FAILED, FAILED],
        );
        check(broke_protocol(1002), [AGAIN, FAILED, FAILED]);
        check(broke_protocol(1007), [AGAIN, FAILED, FAILED]);
        // Too long once is too long again.
        check(broke_protocol(1009), [FAILED; 3]);
        check(
            Ending::Failed(Failure::Handshake { detail: text() }),
            [FAILED; 3],
        );
        check(status(200), [FAILED; 3]);
        check(status(204), [FAILED; 3]);
        check(status(302), [FAILED; 3]);
        check(status(404), [FAILED; 3]);
        check(status(503), [AGAIN, FAILED, FAILED]);
    }

    #[test]
    fn network_errors_are_retried_by_both_that_reconnect() {
        for failure in [
            Failure::HostNotFound { host: text() },
            Failure::Refused { address: text() },
            Failure::Unreachable {
                address: text(),
                detail: text(),
            },
            Failure::ConnectTimeout {
                limit: Duration::from_secs(15),
            },
            Failure::ResponseTimeout {
                limit: Duration::from_secs(15),
            },
            Failure::Lost { detail: text() },
            Failure::Proxy {
                proxy: text(),
                detail: text(),
            },
            proxy_status(502),
        ] {
            let ending = Ending::Failed(failure);
            check(Protocol::EventStream, &ending, [AGAIN, AGAIN, FAILED]);
            check(Protocol::WebSocket, &ending, [AGAIN, FAILED, FAILED]);
        }
    }

    #[test]
    fn what_a_retry_does_not_mend_fails_for_good() {
        for failure in [
            Failure::Certificate {
                host: text(),
                problem: CertificateProblem::Unknown,
                detail: text(),
            },
            Failure::ClientCertificate,
            Failure::Tls { detail: text() },
            Failure::ProxySetting {
                variable: text(),
                detail: text(),
            },
            Failure::ProxyUnusable {
                proxy: text(),
                detail: text(),
            },
            Failure::ProxyCredentials {
                proxy: text(),
                challenges: Vec::new(),
            },
            proxy_status(403),
            Failure::Credentials {
                challenges: Vec::new(),
                body: text(),
            },
            Failure::NotHttp { detail: text() },
            Failure::BadHttp { detail: text() },
            Failure::Redirect { detail: text() },
            Failure::BadRequest { detail: text() },
        ] {
            let ending = Ending::Failed(failure);
            check(Protocol::EventStream, &ending, [FAILED; 3]);
            check(Protocol::WebSocket, &ending, [FAILED; 3]);
        }
    }
}
