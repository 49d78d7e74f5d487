//! Decision to reconnect after an ending, and the outcome of a feed that does not.
//!
//! It does not wait; see [`backoff`](super::backoff).

use serde::{Deserialize, Serialize};

use super::failure::Remedy;
use super::{Ending, Failure, ProtocolRules};
use crate::protocol::CloseCode;

/// Policy for reconnections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReconnectPolicy {
    /// Reconnects also after refused connections, DNS failures, HTTP 408, 425, 429 and 5xx.
    #[default]
    Persistent,
    /// Reconnects exactly as the HTML standard defines. It never reconnects a WebSocket, because its standard defines
    /// no reconnection.
    Browser,
    /// Never reconnects.
    Never,
}

/// Consequence of an ending for its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Connect again.
    Reconnect {
        /// Outcome of the feed if no reconnections are left.
        or_else: EndOutcome,
    },
    /// The life of the feed is over.
    End(EndOutcome),
}

/// Outcome of a feed that ends without a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndOutcome {
    /// The feed ended in order.
    Closed,
    /// The feed ended for a reason that requires an action by a person.
    Failed,
}

impl ReconnectPolicy {
    /// Returns the verdict on an ending that was [normalized](Ending::normalized).
    pub(super) fn verdict(self, rules: &ProtocolRules, ending: &Ending) -> Verdict {
        let outcome = ending.outcome();
        let retries = match self {
            Self::Persistent => ending.remedy() != Remedy::None,
            Self::Browser => {
                rules.standard_reconnects
                    && matches!(ending.remedy(), Remedy::Reconnect | Remedy::Doubtful)
            }
            Self::Never => false,
        };
        // An orderly end is final for every policy.
        if retries && !ending.is_final() {
            Verdict::Reconnect { or_else: outcome }
        } else {
            Verdict::End(outcome)
        }
    }
}

impl Ending {
    /// Returns the same ending in a single form, because engines may report one ending in two forms.
    pub(super) fn normalized(self, rules: &ProtocolRules) -> Self {
        match self {
            // RFC 6455 7.1.5: without a close frame, a WebSocket was closed abnormally.
            Self::EndOfStream if !rules.may_just_end => Self::Failed(Failure::NoCloseFrame),
            Self::Failed(Failure::HttpStatus { status, .. })
                if rules.final_status == Some(status) =>
            {
                Self::Failed(Failure::NoContent)
            }
            // A close frame ends the connection, also if it contradicts the protocol.
            Self::Failed(Failure::ClosedByPeer { code, reason }) => {
                Self::ClosedByPeer { code, reason }
            }
            ending => ending,
        }
    }

    /// Returns true if the ending itself excludes further data, under every policy.
    fn is_final(&self) -> bool {
        match self {
            Self::ClosedByPeer { code, .. } => *code == CloseCode::NORMAL_CLOSURE,
            Self::ClosedByUs | Self::Failed(Failure::NoContent) => true,
            Self::EndOfStream | Self::Failed(_) => false,
        }
    }

    /// Returns true for an ending that no further attempt may repair, if several in a row end like this.
    pub(super) fn is_doubtful(&self) -> bool {
        self.remedy() == Remedy::Doubtful
    }

    /// Remedy that may help after this ending.
    fn remedy(&self) -> Remedy {
        match self {
            Self::EndOfStream | Self::ClosedByPeer { .. } | Self::ClosedByUs => Remedy::Reconnect,
            Self::Failed(failure) => failure.remedy(),
        }
    }

    /// Outcome of a feed whose last ending is this one.
    fn outcome(&self) -> EndOutcome {
        match self {
            Self::EndOfStream | Self::ClosedByUs | Self::Failed(Failure::NoContent) => {
                EndOutcome::Closed
            }
            Self::ClosedByPeer { code, .. } if *code == CloseCode::NORMAL_CLOSURE => {
                EndOutcome::Closed
            }
            Self::ClosedByPeer { .. } | Self::Failed(_) => EndOutcome::Failed,
        }
    }

    /// Returns true if the server rejected the client, so that an early reconnection would not help.
    pub(super) fn sends_away(&self) -> bool {
        match self {
            Self::ClosedByPeer { code, .. } => {
                matches!(
                    *code,
                    CloseCode::POLICY_VIOLATION | CloseCode::TRY_AGAIN_LATER
                ) || code.is_of_application()
            }
            Self::Failed(Failure::Http2(error)) => error.sends_away(),
            Self::EndOfStream | Self::ClosedByUs | Self::Failed(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ReconnectPolicy::{Browser, Never, Persistent};
    use Verdict::{End, Reconnect};

    use super::super::{CertificateProblem, Http2Error, Http2Origin};
    use super::*;

    const CLOSED: Verdict = End(EndOutcome::Closed);
    const FAILED: Verdict = End(EndOutcome::Failed);
    const AGAIN: Verdict = Reconnect {
        or_else: EndOutcome::Failed,
    };
    const AGAIN_OR_CLOSED: Verdict = Reconnect {
        or_else: EndOutcome::Closed,
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

    fn http2(code: u32) -> Failure {
        Failure::Http2(Http2Error {
            code,
            origin: Http2Origin::Connection,
            text: String::new(),
        })
    }

    fn closed(code: u16) -> Ending {
        Ending::ClosedByPeer {
            code: CloseCode(code),
            reason: String::new(),
        }
    }

    fn broke_protocol(code: u16) -> Ending {
        Ending::Failed(Failure::Protocol {
            code: CloseCode(code),
            detail: text(),
        })
    }

    /// Asserts the verdicts of the policies `persistent`, `browser` and `never`.
    fn check(rules: &ProtocolRules, ending: &Ending, expected: [Verdict; 3]) {
        let ending = ending.clone().normalized(rules);
        let verdicts = [Persistent, Browser, Never].map(|policy| policy.verdict(rules, &ending));
        assert_eq!(verdicts, expected, "{rules:?}, {ending:?}");
    }

    #[test]
    fn event_streams_by_policy() {
        let check =
            |ending: Ending, expected| check(&ProtocolRules::EVENT_STREAM, &ending, expected);
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
            Ending::Failed(Failure::ContentType {
                got: text(),
                body: text(),
            }),
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
        let check = |ending: Ending, expected| check(&ProtocolRules::WEB_SOCKET, &ending, expected);
        check(closed(1000), [CLOSED; 3]);
        for code in [1001, 1005, 1006, 1008, 1011, 1012, 1013, 3000, 4000] {
            check(closed(code), [AGAIN, FAILED, FAILED]);
            let failure = Failure::ClosedByPeer {
                code: CloseCode(code),
                reason: String::new(),
            };
            check(Ending::Failed(failure), [AGAIN, FAILED, FAILED]);
        }
        check(Ending::ClosedByUs, [CLOSED; 3]);
        // The bytes ended without a close frame. This is never an end in order.
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
        // A message that is too long would be too long again.
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
    fn some_close_codes_send_the_client_away() {
        for code in [1008, 1013, 4000, 4429, 4999] {
            assert!(closed(code).sends_away(), "{code}");
        }
        for code in [1000, 1001, 1005, 1006, 1009, 1011, 1012, 1014, 3999, 5000] {
            assert!(!closed(code).sends_away(), "{code}");
        }
        assert!(!Ending::EndOfStream.sends_away());
        assert!(!status(429).sends_away());
        assert!(Ending::Failed(http2(11)).sends_away());
        assert!(!Ending::Failed(http2(1)).sends_away());
    }

    #[test]
    fn faults_are_doubtful_and_trouble_is_not() {
        for failure in [
            http2(1),
            http2(12),
            Failure::BrokenBody { detail: text() },
            Failure::DamagedCoding {
                coding: text(),
                detail: text(),
            },
        ] {
            assert!(Ending::Failed(failure).is_doubtful());
        }
        assert!(broke_protocol(1002).is_doubtful());
        for ending in [
            Ending::Failed(http2(7)),
            Ending::Failed(Failure::Lost { detail: text() }),
            closed(1002),
            Ending::EndOfStream,
            broke_protocol(1009),
        ] {
            assert!(!ending.is_doubtful(), "{ending:?}");
        }
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
            Failure::TlsClosed,
            http2(7),
            http2(1),
            Failure::BrokenBody { detail: text() },
            Failure::Proxy {
                proxy: text(),
                detail: text(),
            },
            proxy_status(502),
        ] {
            let ending = Ending::Failed(failure);
            check(
                &ProtocolRules::EVENT_STREAM,
                &ending,
                [AGAIN, AGAIN, FAILED],
            );
            check(&ProtocolRules::WEB_SOCKET, &ending, [AGAIN, FAILED, FAILED]);
        }
    }

    #[test]
    fn failures_that_no_retry_fixes_are_permanent() {
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
                without_user_headers: false,
                challenges: Vec::new(),
                body: text(),
            },
            Failure::NotHttp { detail: text() },
            Failure::BadHttp { detail: text() },
            Failure::Redirect { detail: text() },
            Failure::BadRequest { detail: text() },
        ] {
            let ending = Ending::Failed(failure);
            check(&ProtocolRules::EVENT_STREAM, &ending, [FAILED; 3]);
            check(&ProtocolRules::WEB_SOCKET, &ending, [FAILED; 3]);
        }
    }
}
