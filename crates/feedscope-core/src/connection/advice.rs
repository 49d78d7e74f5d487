//! Advice on a failure: an action that a person can take. It never changes anything by itself.

use std::fmt;

use super::Failure;
use super::failure::{CertificateProblem, is_page};
use crate::protocol::CloseCode;

/// Step that most likely helps after a failure. Its `Display` is a sentence for the window.
///
/// A button in the window can execute some variants: `OpenAsHttp` changes the scheme in the URL field,
/// `RaiseMaxMessage` opens the option of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Check host and port, and check that the server runs.
    CheckAddress,
    /// Check the port: another kind of server answers there.
    CheckPort,
    /// Check the path: the server answers, but has no feed there.
    CheckPath,
    /// Add the headers or the user name and password that the server requires.
    AddCredentials,
    /// Correct the option in the reason.
    CorrectOption,
    /// Check method, headers and body of the request.
    CheckRequest,
    /// Check the form of the messages that are sent.
    CheckMessages,
    /// Read this address as an event stream, with `http` or `https`.
    OpenAsHttp,
    /// Open this address as a WebSocket, with `ws` or `wss`.
    OpenAsWebSocket,
    /// Open the target of the redirect in place of this address.
    OpenRedirectTarget,
    /// Use `https` or `wss`.
    UseTls,
    /// Use `http` or `ws`.
    LeaveTlsOut,
    /// Add the certificate of the server, or of its authority, to the trusted ones.
    TrustCertificate,
    /// Check the clock; otherwise the server needs a new certificate.
    CheckClock,
    /// Open the server under a name that its certificate has.
    UseNameInCertificate,
    /// Replace the certificate of the server, or accept any certificate.
    ReplaceCertificate,
    /// Provide a client certificate with its key.
    GiveClientCertificate,
    /// Check the proxy, or connect without it.
    CheckProxy,
    /// Put the name and the password into the proxy's address.
    AddProxyCredentials,
    /// Give the server more time for its answer.
    RaiseResponseTimeout,
    /// Raise the limit on messages.
    RaiseMaxMessage,
    /// Check the path, or choose the format in which the answer is read.
    ChooseFormat,
    /// Send shorter messages.
    SendShorterMessages,
    /// Wait before connecting again.
    Wait,
    /// Look into the log of the server.
    ReadServerLog,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckAddress => {
                "Check host and port, that the server runs, and that it can be reached from here."
            }
            Self::CheckPort => "Check the port: another kind of server answers there.",
            Self::CheckPath => {
                "Check the path: the server answers, but there is no feed of this kind."
            }
            Self::AddCredentials => {
                "Add what the server asks for in the options: a header such as Authorization, or user:password@ before the host."
            }
            Self::CorrectOption => "Correct the option that the reason names.",
            Self::CheckRequest => {
                "Check the method, the headers and the body in the options: the server does not accept this request."
            }
            Self::CheckMessages => {
                "Check the form of the messages that were sent: the server did not accept one."
            }
            Self::OpenAsHttp => {
                "Open the same address with http:// or https:// to read it as an event stream."
            }
            Self::OpenAsWebSocket => {
                "Open the same address with ws:// or wss://: the server expects a WebSocket."
            }
            Self::OpenRedirectTarget => "Open the target of the redirect in place of this address.",
            Self::UseTls => "Open the same address with https:// or wss://.",
            Self::LeaveTlsOut => {
                "Check the port. If the server has no TLS, open the address with http:// or ws://."
            }
            Self::TrustCertificate => {
                "If this is your server, name its certificate, or that of its authority, in the options (CA certificates, or --cacert)."
            }
            Self::CheckClock => {
                "Check the clock of this computer. If it is right, the server needs a new certificate."
            }
            Self::UseNameInCertificate => {
                "Open the server under a name that its certificate has."
            }
            Self::ReplaceCertificate => {
                "The server needs another certificate. Accepting any certificate (--insecure) is an option for tests only."
            }
            Self::GiveClientCertificate => {
                "Name your certificate and its key in the options (--cert, --key)."
            }
            Self::CheckProxy => {
                "Check the proxy in the options, or the variables http_proxy, https_proxy and no_proxy."
            }
            Self::AddProxyCredentials => {
                "Put the name and the password into the address of the proxy: http://name:password@host:port."
            }
            Self::RaiseResponseTimeout => {
                "Give the server more time for its answer in the options (--response-timeout)."
            }
            Self::RaiseMaxMessage => {
                "Raise the longest message in the options (--max-message), if messages of this size are expected."
            }
            Self::ChooseFormat => {
                "Check the path. If it is right, choose the format in the options: lines, or event stream whatever the type says."
            }
            Self::SendShorterMessages => "Send shorter messages: the server limits their size.",
            Self::Wait => "Wait a while, and connect again.",
            Self::ReadServerLog => {
                "Look into the log of the server: it ended the connection or could not answer."
            }
        })
    }
}

impl Failure {
    /// Returns the step that most likely helps, or `None` if no step is necessary.
    pub fn advice(&self) -> Option<Advice> {
        Some(match self {
            Self::HostNotFound { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::KeepaliveTimeout { .. } => Advice::CheckAddress,
            Self::ResponseTimeout { .. } => Advice::RaiseResponseTimeout,
            Self::Certificate { problem, .. } => match problem {
                CertificateProblem::Unknown => Advice::TrustCertificate,
                CertificateProblem::Dates => Advice::CheckClock,
                CertificateProblem::Name => Advice::UseNameInCertificate,
                CertificateProblem::Other => Advice::ReplaceCertificate,
            },
            Self::ClientCertificate => Advice::GiveClientCertificate,
            Self::Tls { .. } | Self::TlsClosed => Advice::LeaveTlsOut,
            Self::ProxySetting { .. }
            | Self::Proxy { .. }
            | Self::ProxyUnusable { .. }
            | Self::ProxyStatus { .. } => Advice::CheckProxy,
            Self::ProxyCredentials { .. } => Advice::AddProxyCredentials,
            Self::Credentials { .. } => Advice::AddCredentials,
            Self::HttpStatus { status, .. } => of_status(*status),
            Self::NotAcceptable { .. } => Advice::ChooseFormat,
            Self::ContentType { got, .. } if !is_page(got) => Advice::ChooseFormat,
            Self::ContentType { .. } | Self::Redirect { .. } | Self::Handshake { .. } => {
                Advice::CheckPath
            }
            Self::NotHttp { .. } => Advice::CheckPort,
            Self::Protocol { code, .. } if *code == CloseCode::MESSAGE_TOO_BIG => {
                Advice::RaiseMaxMessage
            }
            Self::ClosedByPeer { code, .. } => return of_close_code(*code),
            // The server asked for another attempt later.
            Self::Http2(error) if error.is_passing() => Advice::Wait,
            Self::BadRequest { .. } => Advice::CorrectOption,
            Self::Lost { .. }
            | Self::NoCloseFrame
            | Self::BadHttp { .. }
            | Self::BrokenBody { .. }
            | Self::Http2(_)
            | Self::UnknownCoding { .. }
            | Self::DamagedCoding { .. }
            | Self::Protocol { .. } => Advice::ReadServerLog,
            Self::NoContent => return None,
        })
    }
}

/// Returns the advice on an answer with this status. A status with a variant of its own does not occur here.
fn of_status(status: u16) -> Advice {
    match status {
        // Only for a WebSocket, because an event stream accepts 200 and follows redirects.
        200 => Advice::OpenAsHttp,
        301 | 302 | 303 | 307 | 308 => Advice::OpenRedirectTarget,
        401 | 403 => Advice::AddCredentials,
        407 => Advice::CheckProxy,
        400 | 405 | 406 | 413..=417 | 431 => Advice::CheckRequest,
        426 => Advice::OpenAsWebSocket,
        408 | 425 | 429 | 503 => Advice::Wait,
        500..=599 => Advice::ReadServerLog,
        _ => Advice::CheckPath,
    }
}

/// Returns the advice on a close by the server with this code (RFC 6455 7.4.1).
fn of_close_code(code: CloseCode) -> Option<Advice> {
    match code {
        CloseCode::NORMAL_CLOSURE => None,
        CloseCode::GOING_AWAY | CloseCode::SERVICE_RESTART | CloseCode::TRY_AGAIN_LATER => {
            Some(Advice::Wait)
        }
        // Many servers use this code for a missing or expired token.
        CloseCode::POLICY_VIOLATION => Some(Advice::AddCredentials),
        CloseCode::MESSAGE_TOO_BIG => Some(Advice::SendShorterMessages),
        CloseCode::PROTOCOL_ERROR
        | CloseCode::UNSUPPORTED_DATA
        | CloseCode::INVALID_PAYLOAD
        | CloseCode::MANDATORY_EXTENSION => Some(Advice::CheckMessages),
        _ => Some(Advice::ReadServerLog),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text() -> String {
        "x".to_owned()
    }

    fn status(status: u16) -> Failure {
        Failure::HttpStatus {
            status,
            retry_after: None,
            body: String::new(),
        }
    }

    fn certificate(problem: CertificateProblem) -> Failure {
        Failure::Certificate {
            host: text(),
            problem,
            detail: text(),
        }
    }

    fn closed(code: u16) -> Failure {
        Failure::ClosedByPeer {
            code: CloseCode(code),
            reason: String::new(),
        }
    }

    #[test]
    fn the_advice_fits_the_reason() {
        let too_long = Failure::Protocol {
            code: CloseCode::MESSAGE_TOO_BIG,
            detail: text(),
        };
        let broken = Failure::Protocol {
            code: CloseCode::PROTOCOL_ERROR,
            detail: text(),
        };
        let limit = Duration::from_secs(15);
        for (failure, expected) in [
            (Failure::HostNotFound { host: text() }, Advice::CheckAddress),
            (Failure::Refused { address: text() }, Advice::CheckAddress),
            (Failure::ConnectTimeout { limit }, Advice::CheckAddress),
            (
                Failure::ResponseTimeout { limit },
                Advice::RaiseResponseTimeout,
            ),
            (
                certificate(CertificateProblem::Unknown),
                Advice::TrustCertificate,
            ),
            (certificate(CertificateProblem::Dates), Advice::CheckClock),
            (
                certificate(CertificateProblem::Name),
                Advice::UseNameInCertificate,
            ),
            (
                certificate(CertificateProblem::Other),
                Advice::ReplaceCertificate,
            ),
            (Failure::ClientCertificate, Advice::GiveClientCertificate),
            (Failure::Tls { detail: text() }, Advice::LeaveTlsOut),
            (Failure::TlsClosed, Advice::LeaveTlsOut),
            (
                Failure::Credentials {
                    without_user_headers: false,
                    challenges: vec![],
                    body: text(),
                },
                Advice::AddCredentials,
            ),
            (
                Failure::ProxyCredentials {
                    proxy: text(),
                    challenges: vec![],
                },
                Advice::AddProxyCredentials,
            ),
            (status(200), Advice::OpenAsHttp),
            (status(302), Advice::OpenRedirectTarget),
            (status(400), Advice::CheckRequest),
            (status(403), Advice::AddCredentials),
            (status(404), Advice::CheckPath),
            (status(426), Advice::OpenAsWebSocket),
            (status(429), Advice::Wait),
            (status(500), Advice::ReadServerLog),
            (status(503), Advice::Wait),
            (
                Failure::ContentType {
                    got: "Text/HTML; charset=utf-8".to_owned(),
                    body: text(),
                },
                Advice::CheckPath,
            ),
            (
                Failure::ContentType {
                    got: "text/plain".to_owned(),
                    body: text(),
                },
                Advice::ChooseFormat,
            ),
            (
                Failure::ContentType {
                    got: String::new(),
                    body: String::new(),
                },
                Advice::ChooseFormat,
            ),
            (
                Failure::NotAcceptable { body: text() },
                Advice::ChooseFormat,
            ),
            (Failure::NotHttp { detail: text() }, Advice::CheckPort),
            (too_long, Advice::RaiseMaxMessage),
            (broken, Advice::ReadServerLog),
            (closed(1008), Advice::AddCredentials),
            (closed(1009), Advice::SendShorterMessages),
            (closed(1013), Advice::Wait),
            (closed(4000), Advice::ReadServerLog),
            (
                Failure::BadRequest { detail: text() },
                Advice::CorrectOption,
            ),
        ] {
            assert_eq!(failure.advice(), Some(expected), "{failure}");
        }
        assert_eq!(Failure::NoContent.advice(), None);
        assert_eq!(closed(1000).advice(), None);
    }

    #[test]
    fn a_message_that_is_too_long_is_advised_on_by_its_option() {
        let advice = Advice::RaiseMaxMessage.to_string();
        assert!(advice.contains("--max-message"), "{advice}");
        assert!(
            advice.starts_with("Raise") && advice.ends_with('.'),
            "{advice}"
        );
    }
}
