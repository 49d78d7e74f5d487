//! Failures of attempts and connections: values for decisions in code, and sentences for people.
//!
//! They contain no policy, and no rules of a protocol besides the variants.

mod challenge;
mod http2;
mod sentences;
mod words;

use std::error::Error;
use std::time::Duration;

pub use challenge::Challenge;
pub use http2::{Http2Error, Http2Origin};
pub use words::{Wait, without_remarks};

use crate::protocol::CloseCode;

/// Reason of a failure. The variant determines the next action; [`Display`](std::fmt::Display) writes the sentence for
/// people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The host has no address.
    HostNotFound {
        /// Host as it was looked up.
        host: String,
    },
    /// No program listens at the address.
    Refused {
        /// Host and port.
        address: String,
    },
    /// The network is down, the host is unreachable, or the operating system reported another error while connecting.
    Unreachable {
        /// Host and port.
        address: String,
        /// Message of the operating system.
        detail: String,
    },
    /// Connecting (name lookup, TCP, proxy, TLS) took too long. No request was sent.
    ConnectTimeout {
        /// Limit that was exceeded.
        limit: Duration,
    },
    /// The head of the response did not arrive in time, after the request was sent.
    ResponseTimeout {
        /// Limit that was exceeded.
        limit: Duration,
    },
    /// The connection was lost without an orderly end.
    Lost {
        /// Error that was detected, such as `connection reset by peer`.
        detail: String,
    },
    /// The server closed the connection during the TLS handshake.
    TlsClosed,
    /// The peer of the WebSocket ended the connection without a close frame (reported as 1006).
    NoCloseFrame,
    /// The pings of the keepalive had no answer.
    KeepaliveTimeout {
        /// Time without any received data.
        waited: Duration,
    },
    /// The certificate of the server, or of the proxy, does not verify.
    Certificate {
        /// Host and port.
        host: String,
        /// Kind of the problem.
        problem: CertificateProblem,
        /// Description of the problem.
        detail: String,
    },
    /// The server requires a client certificate, and none was set.
    ClientCertificate,
    /// TLS failed for another reason: the other side does not use TLS, or there is no common version.
    Tls {
        /// Description of the reason.
        detail: String,
    },
    /// An environment variable for a proxy does not contain a valid address.
    ProxySetting {
        /// Name of the variable.
        variable: String,
        /// Description of the reason.
        detail: String,
    },
    /// The proxy could not be reached, or did not connect to the server.
    Proxy {
        /// Host and port of the proxy.
        proxy: String,
        /// Description of the reason.
        detail: String,
    },
    /// The proxy does not match the scheme of its address, or does not accept the name and password.
    ProxyUnusable {
        /// Host and port of the proxy.
        proxy: String,
        /// Description of the reason.
        detail: String,
    },
    /// The proxy answered in place of the server, with an HTTP status other than 407.
    ProxyStatus {
        /// Host and port of the proxy.
        proxy: String,
        /// Status code.
        status: u16,
        /// Wait from `Retry-After`, which is given in seconds or as a date.
        retry_after: Option<Duration>,
        /// First line of the body, if it is text; empty otherwise.
        body: String,
    },
    /// The proxy requires credentials, or does not accept those that were sent (407).
    ProxyCredentials {
        /// Host and port of the proxy.
        proxy: String,
        /// Login methods that it offers.
        challenges: Vec<Challenge>,
    },
    /// The server requires credentials, or does not accept those that were sent (401).
    Credentials {
        /// Login methods that it offers.
        challenges: Vec<Challenge>,
        /// First line of the body, if it is text; empty otherwise.
        body: String,
        /// The request came from a redirect to another origin, without the headers that the user set.
        without_user_headers: bool,
    },
    /// The status of the answer is neither 200 (event stream) nor 101 (WebSocket), and has no variant of its own.
    HttpStatus {
        /// Status code.
        status: u16,
        /// Wait from `Retry-After`, which is given in seconds or as a date.
        retry_after: Option<Duration>,
        /// First line of the body, if it is text; empty otherwise. For a redirect, it is the target.
        body: String,
    },
    /// A 406 to the request for an event stream.
    NotAcceptable {
        /// The first line of the body, where it is text; empty otherwise.
        body: String,
    },
    /// A 204: the server wants no reconnection (HTML 9.2.3).
    NoContent,
    /// The answer has status 200, but its content type is not `text/event-stream`.
    ContentType {
        /// Content type of the answer; empty if it had none.
        got: String,
        /// Title of the answer, if it is a web page; otherwise the first line of the body, if it is text; empty otherwise.
        body: String,
    },
    /// The body of the answer has an unknown content coding.
    UnknownCoding {
        /// Name in the header.
        coding: String,
    },
    /// The body of the answer does not match its content coding.
    DamagedCoding {
        /// Name of the coding.
        coding: String,
        /// Description of the decoding error.
        detail: String,
    },
    /// The answer is not HTTP.
    NotHttp {
        /// Description of the received data.
        detail: String,
    },
    /// The answer is HTTP, but breaks a rule that is necessary to parse it.
    BadHttp {
        /// Description of the rule.
        detail: String,
    },
    /// The body of the answer breaks a rule of HTTP/1.1, so that its end cannot be found.
    BrokenBody {
        /// The rule, in words.
        detail: String,
    },
    /// HTTP/2 ended with an error.
    Http2(Http2Error),
    /// A 101 that is no proper opening handshake (RFC 6455 4.1).
    Handshake {
        /// Description of the failed check.
        detail: String,
    },
    /// There are too many redirects or a loop, or a redirect has no usable target.
    Redirect {
        /// Description of the problem.
        detail: String,
    },
    /// The peer broke the protocol, and the client closed with this code (1002, 1007, 1009 …).
    Protocol {
        /// Close code that was sent.
        code: CloseCode,
        /// Description of the violation.
        detail: String,
    },
    /// The peer closed the WebSocket with a code that is not 1000.
    ClosedByPeer {
        /// Close code; 1005 if there was none.
        code: CloseCode,
        /// Close reason.
        reason: String,
    },
    /// The request could not be created, because HTTP does not allow a header or the scheme is unknown.
    BadRequest {
        /// Description of the problem.
        detail: String,
    },
}

/// Kind of a problem with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateProblem {
    /// No trusted authority signed it.
    Unknown,
    /// It has expired, or is not valid yet.
    Dates,
    /// It is valid for other names.
    Name,
    /// Another problem, which requires another certificate.
    Other,
}

impl Failure {
    /// Returns the status of the HTTP answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::HttpStatus { status, .. } | Self::ProxyStatus { status, .. } => Some(*status),
            Self::ProxyCredentials { .. } => Some(407),
            Self::Credentials { .. } => Some(401),
            Self::NotAcceptable { .. } => Some(406),
            Self::NoContent => Some(204),
            Self::ContentType { .. } | Self::UnknownCoding { .. } => Some(200),
            Self::Handshake { .. } => Some(101),
            _ => None,
        }
    }

    /// Returns the wait that the server requested (RFC 9110 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HttpStatus { retry_after, .. } | Self::ProxyStatus { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// Returns the remedy that may help. Every new variant must be classified here.
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::HostNotFound { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::ResponseTimeout { .. }
            | Self::Lost { .. }
            | Self::TlsClosed
            | Self::NoCloseFrame
            | Self::KeepaliveTimeout { .. }
            | Self::Proxy { .. } => Remedy::Reconnect,
            Self::Http2(error) if error.is_passing() => Remedy::Reconnect,
            Self::Http2(_) | Self::BrokenBody { .. } | Self::DamagedCoding { .. } => {
                Remedy::Doubtful
            }
            // Fetch takes a proxy's refusal of a tunnel for a network error. Some of them pass.
            Self::ProxyStatus { status, .. } if is_passing_status(*status) => Remedy::Reconnect,
            Self::HttpStatus { status, .. } if is_passing_status(*status) => Remedy::Wait,
            // A message that is too long once is too long again.
            Self::Protocol { code, .. } if *code == CloseCode::MESSAGE_TOO_BIG => Remedy::None,
            Self::Protocol { .. } => Remedy::Doubtful,
            Self::ClosedByPeer { .. } => Remedy::Wait,
            Self::ProxyStatus { .. }
            | Self::HttpStatus { .. }
            | Self::Certificate { .. }
            | Self::ClientCertificate
            | Self::Tls { .. }
            | Self::ProxySetting { .. }
            | Self::ProxyUnusable { .. }
            | Self::ProxyCredentials { .. }
            | Self::Credentials { .. }
            | Self::NotAcceptable { .. }
            | Self::NoContent
            | Self::ContentType { .. }
            | Self::UnknownCoding { .. }
            | Self::NotHttp { .. }
            | Self::BadHttp { .. }
            | Self::Handshake { .. }
            | Self::Redirect { .. }
            | Self::BadRequest { .. } => Remedy::None,
        }
    }
}

/// Remedy that may help after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Another attempt. Fetch calls such a failure a network error, after which HTML 9.2.3 reestablishes the
    /// connection.
    Reconnect,
    /// Another attempt, unless several connections in a row ended like this: one of the two sides has a fault, and what
    /// triggers it may come again at once.
    Doubtful,
    /// Time: the server answered, and may answer otherwise after a while. HTML 9.2.3 gives up here.
    Wait,
    /// Only a change by the user or on the server. The standard allows a client to fail at once if another attempt is
    /// known to be useless.
    None,
}

/// Returns true for a status that may change after some time.
fn is_passing_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Returns true for the content type of a web page, with or without parameters.
pub fn is_page(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("text/html")
        || essence.eq_ignore_ascii_case("application/xhtml+xml")
}

impl Error for Failure {}

#[cfg(test)]
mod tests;
