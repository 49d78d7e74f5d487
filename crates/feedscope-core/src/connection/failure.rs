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
    /// A variable of the environment that names a proxy cannot be read as one.
    ProxySetting {
        /// The name of the variable.
        variable: String,
        /// The reason, in words.
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
            Self::ContentType { .. } | Self::UnknownCoding { .. } => Some(200),
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
            | Self::DamagedCoding { .. }
            | Self::Proxy { .. } => true,
            Self::Certificate { .. }
            | Self::Tls { .. }
            | Self::ProxySetting { .. }
            | Self::ProxyCredentials { .. }
            | Self::HttpStatus { .. }
            | Self::NoContent
            | Self::ContentType { .. }
            | Self::UnknownCoding { .. }
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
            Self::ProxySetting { variable, detail } => {
                write!(
                    f,
                    "the proxy in the environment variable {} cannot be used{}",
                    Said(variable),
                    Because(detail)
                )
            }
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
mod tests;
