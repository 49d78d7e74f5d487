//! Failures of attempts and connections: values that code decides on, and the sentences that people read. It knows no
//! policy, and no protocol's rules beyond its variants.

mod challenge;
mod words;

use std::error::Error;
use std::fmt;
use std::time::Duration;

pub use challenge::Challenge;
pub use words::Wait;
use words::{Because, Said};

use super::http_status::{meaning, reason_phrase};
use crate::decode::close_code_meaning;

/// A reason for failure. The variant decides what is done next; [`Display`](std::fmt::Display) writes the sentence for
/// people.
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
    /// Making the connection (name lookup, TCP, proxy, TLS) took too long. Nothing was sent.
    ConnectTimeout {
        /// The limit that was passed.
        limit: Duration,
    },
    /// The head of the response did not arrive in time. The request was sent.
    ResponseTimeout {
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
    /// The certificate of the server, or of the proxy, does not verify.
    Certificate {
        /// Host and port.
        host: String,
        /// The kind of problem.
        problem: CertificateProblem,
        /// The problem, in words.
        detail: String,
    },
    /// The server requires a certificate of the client, and there was none to show.
    ClientCertificate,
    /// TLS failed for another reason: the other side speaks no TLS, or no common version.
    Tls {
        /// The reason, in words.
        detail: String,
    },
    /// A variable of the environment that names a proxy cannot be read as one.
    ProxySetting {
        /// The name of the variable.
        variable: String,
        /// The reason, in words.
        detail: String,
    },
    /// The proxy could not be reached, or made no connection to the server.
    Proxy {
        /// The proxy, host and port.
        proxy: String,
        /// The reason, in words.
        detail: String,
    },
    /// The proxy is not the kind of proxy that its address names, or does not accept the name and password.
    ProxyUnusable {
        /// The proxy, host and port.
        proxy: String,
        /// The reason, in words.
        detail: String,
    },
    /// The proxy answered in place of the server, with an HTTP status other than 407.
    ProxyStatus {
        /// The proxy, host and port.
        proxy: String,
        /// The status code.
        status: u16,
        /// `Retry-After` in seconds or as a date already turned into a wait.
        retry_after: Option<Duration>,
        /// The first line of the body, where it is text; empty otherwise.
        body: String,
    },
    /// The proxy requires credentials, or others than those that were sent: a 407.
    ProxyCredentials {
        /// The proxy, host and port.
        proxy: String,
        /// The ways to log in that it offers.
        challenges: Vec<Challenge>,
    },
    /// The server requires credentials, or others than those that were sent: a 401.
    Credentials {
        /// The ways to log in that it offers.
        challenges: Vec<Challenge>,
        /// The first line of the body, where it is text; empty otherwise.
        body: String,
    },
    /// The answer's status is neither 200 (event stream) nor 101 (WebSocket), and none that has a variant of its own.
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
    /// The body of the answer has a content coding that is not known.
    UnknownCoding {
        /// The name in the header.
        coding: String,
    },
    /// The body of the answer does not agree with its content coding.
    DamagedCoding {
        /// The coding.
        coding: String,
        /// Why it cannot be decoded, in words.
        detail: String,
    },
    /// The answer is not HTTP at all.
    NotHttp {
        /// What was seen.
        detail: String,
    },
    /// The answer is HTTP, but breaks a rule without which it cannot be read.
    BadHttp {
        /// The rule, in words.
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

/// A kind of problem with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateProblem {
    /// Nobody who is trusted signed it.
    Unknown,
    /// It has expired, or is not valid yet.
    Dates,
    /// It is made out to another name.
    Name,
    /// Another problem, which only another certificate solves.
    Other,
}

/// RFC 6455 7.4.1: a message that is too big to process.
pub(super) const MESSAGE_TOO_BIG: u16 = 1009;

impl Failure {
    /// The status of the HTTP answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::HttpStatus { status, .. } | Self::ProxyStatus { status, .. } => Some(*status),
            Self::ProxyCredentials { .. } => Some(407),
            Self::Credentials { .. } => Some(401),
            Self::NoContent => Some(204),
            Self::ContentType { .. } | Self::UnknownCoding { .. } => Some(200),
            Self::Handshake { .. } => Some(101),
            _ => None,
        }
    }

    /// How long the server asked us to stay away (RFC 9110 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HttpStatus { retry_after, .. } | Self::ProxyStatus { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }

    /// What may help after this failure. Every new failure has to be classified here.
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::HostNotFound { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::ResponseTimeout { .. }
            | Self::Lost { .. }
            | Self::NoCloseFrame
            | Self::KeepaliveTimeout { .. }
            | Self::DamagedCoding { .. }
            | Self::Proxy { .. } => Remedy::Reconnect,
            // Fetch takes a proxy's refusal of a tunnel for a network error. Some of them pass.
            Self::ProxyStatus { status, .. } if is_passing_status(*status) => Remedy::Reconnect,
            Self::HttpStatus { status, .. } if is_passing_status(*status) => Remedy::Wait,
            // A message that is too long once is too long again.
            Self::Protocol { code, .. } if *code == MESSAGE_TOO_BIG => Remedy::None,
            Self::ClosedByPeer { .. } | Self::Protocol { .. } => Remedy::Wait,
            Self::ProxyStatus { .. }
            | Self::HttpStatus { .. }
            | Self::Certificate { .. }
            | Self::ClientCertificate
            | Self::Tls { .. }
            | Self::ProxySetting { .. }
            | Self::ProxyUnusable { .. }
            | Self::ProxyCredentials { .. }
            | Self::Credentials { .. }
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

/// What may help after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Another attempt: what Fetch calls a network error, after which HTML 9.2.3 reestablishes the connection.
    Reconnect,
    /// Time: the server answered, and may answer otherwise after a while. HTML 9.2.3 gives up here.
    Wait,
    /// Nothing but a change by the user or on the server. The standard lets a client fail at once where another
    /// attempt is known to be futile.
    None,
}

/// Returns true for a status that the server, or a proxy, may not answer with after a while.
fn is_passing_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
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
                    "no connection within {} (connect timeout): name lookup, TCP, proxy or TLS took too long",
                    Wait(*limit)
                )
            }
            Self::ResponseTimeout { limit } => {
                write!(
                    f,
                    "no answer within {} after the request was sent (response timeout)",
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
            Self::Certificate { host, detail, .. } => {
                write!(
                    f,
                    "the certificate of {} does not verify{}",
                    Said(host),
                    Because(detail)
                )
            }
            Self::ClientCertificate => {
                f.write_str("the server asked for a client certificate, and none was given")
            }
            Self::Tls { detail } => write!(f, "TLS failed{}", Because(detail)),
            Self::ProxySetting { variable, detail } => {
                write!(
                    f,
                    "the proxy in the environment variable {} cannot be used{}",
                    Said(variable),
                    Because(detail)
                )
            }
            Self::Proxy { proxy, detail } | Self::ProxyUnusable { proxy, detail } => {
                write!(
                    f,
                    "the proxy {} did not let us through{}",
                    Said(proxy),
                    Because(detail)
                )
            }
            Self::ProxyStatus {
                proxy,
                status,
                retry_after,
                body,
            } => {
                let status = StatusLine(*status);
                write!(f, "the proxy {} answered {status}", Said(proxy))?;
                remarks(f, *retry_after, "it says:", body)
            }
            Self::ProxyCredentials { proxy, challenges } => {
                write!(f, "{}: the proxy {}", StatusLine(407), Said(proxy))?;
                credentials(f, challenges)
            }
            Self::Credentials { challenges, body } => {
                write!(f, "{}: the server", StatusLine(401))?;
                credentials(f, challenges)?;
                remarks(f, None, "it says:", body)
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
            Self::UnknownCoding { coding } => {
                write!(
                    f,
                    "the answer has the content coding {}, which cannot be decoded here",
                    Said(coding)
                )
            }
            Self::DamagedCoding { coding, detail } => {
                write!(
                    f,
                    "the {} data of the answer cannot be decoded{}",
                    Said(coding),
                    Because(detail)
                )
            }
            Self::NotHttp { detail } => write!(f, "the answer is not HTTP{}", Because(detail)),
            Self::BadHttp { detail } => {
                write!(f, "the answer breaks the rules of HTTP{}", Because(detail))
            }
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

/// Writes the sentence for an answer of another status.
fn refusal(
    f: &mut fmt::Formatter<'_>,
    status: u16,
    retry_after: Option<Duration>,
    body: &str,
) -> fmt::Result {
    write!(f, "{}: {}", StatusLine(status), meaning(status))?;
    // The only redirects that come here are those that a WebSocket does not follow.
    let says = if status / 100 == 3 {
        "its target is"
    } else {
        "it says:"
    };
    remarks(f, retry_after, says, body)
}

/// Writes the wait that an answer asks for, and the first line of its body after the words `says`.
fn remarks(
    f: &mut fmt::Formatter<'_>,
    retry_after: Option<Duration>,
    says: &str,
    body: &str,
) -> fmt::Result {
    if let Some(wait) = retry_after {
        write!(f, "; it asks to wait {}", Wait(wait))?;
    }
    if !body.trim().is_empty() {
        write!(f, "; {says} {}", Said(body))?;
    }
    Ok(())
}

/// Writes what is needed to log in: ` requires credentials (Basic for “a”, or Bearer), or does not accept these`.
fn credentials(f: &mut fmt::Formatter<'_>, challenges: &[Challenge]) -> fmt::Result {
    f.write_str(" requires credentials")?;
    for (index, challenge) in challenges.iter().enumerate() {
        let before = if index == 0 { " (" } else { ", or " };
        write!(f, "{before}{challenge}")?;
    }
    if !challenges.is_empty() {
        f.write_str(")")?;
    }
    f.write_str(", or does not accept these")?;
    let errors = challenges.iter().map(|challenge| challenge.error.as_str());
    match errors.into_iter().find(|error| !error.is_empty()) {
        Some(error) => write!(f, ": {}", Said(error)),
        None => Ok(()),
    }
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
mod tests;
