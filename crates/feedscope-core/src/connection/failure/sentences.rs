//! Sentences about failures for people.
//!
//! They make no decision: the variants of [`Failure`] do.

use std::fmt;
use std::time::Duration;

use super::words::{Because, OutsideText, Wait};
use super::{Challenge, Failure, is_page};
use crate::connection::http_status::{meaning, reason_phrase};
use crate::protocol::CloseCode;

impl fmt::Display for Failure {
    #[expect(
        clippy::too_many_lines,
        reason = "one sentence after the other, each read alone"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostNotFound { host } => {
                write!(
                    f,
                    "host not found: no address is known for {}",
                    OutsideText(host)
                )
            }
            Self::Refused { address } => {
                write!(
                    f,
                    "connection refused: nothing listens on {}",
                    OutsideText(address)
                )
            }
            Self::Unreachable { address, detail } => {
                write!(
                    f,
                    "cannot reach {}{}",
                    OutsideText(address),
                    Because(detail)
                )
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
            Self::TlsClosed => {
                f.write_str("the server closed the connection during the TLS handshake")
            }
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
                    OutsideText(host),
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
                    OutsideText(variable),
                    Because(detail)
                )
            }
            Self::Proxy { proxy, detail } | Self::ProxyUnusable { proxy, detail } => {
                write!(
                    f,
                    "the proxy {} did not let us through{}",
                    OutsideText(proxy),
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
                write!(f, "the proxy {} answered {status}", OutsideText(proxy))?;
                remarks(f, *retry_after, "it says:", body)
            }
            Self::ProxyCredentials { proxy, challenges } => {
                write!(f, "{}: the proxy {}", StatusLine(407), OutsideText(proxy))?;
                credentials(f, challenges)
            }
            Self::Credentials {
                challenges,
                body,
                without_user_headers,
            } => {
                write!(f, "{}: the server", StatusLine(401))?;
                credentials(f, challenges)?;
                if *without_user_headers {
                    f.write_str(WITHOUT_USER_HEADERS)?;
                }
                remarks(f, None, "it says:", body)
            }
            Self::HttpStatus {
                status,
                retry_after,
                body,
            } => refusal(f, *status, *retry_after, body),
            Self::NotAcceptable { body } => {
                write!(
                    f,
                    "{}: the server has no event stream at this path",
                    StatusLine(406)
                )?;
                remarks(f, None, "it says:", body)
            }
            Self::NoContent => {
                write!(f, "{}: the server ends the feed", StatusLine(204))
            }
            Self::ContentType { got, body } if is_page(got) => {
                let got = OutsideText(got);
                write!(
                    f,
                    "the server sent {got} (a web page), not text/event-stream"
                )?;
                remarks(f, None, "its title is", body)
            }
            Self::ContentType { got, body } => {
                match got.trim() {
                    "" => f.write_str(
                        "the server sent an answer without a content type, not text/event-stream",
                    )?,
                    got => write!(
                        f,
                        "the server sent {}, not text/event-stream",
                        OutsideText(got)
                    )?,
                }
                remarks(f, None, "it begins with", body)
            }
            Self::UnknownCoding { coding } => {
                write!(
                    f,
                    "the answer has the content coding {}, which cannot be decoded here",
                    OutsideText(coding)
                )
            }
            Self::DamagedCoding { coding, detail } => {
                write!(
                    f,
                    "the {} data of the answer cannot be decoded{}",
                    OutsideText(coding),
                    Because(detail)
                )
            }
            Self::NotHttp { detail } => write!(f, "the answer is not HTTP{}", Because(detail)),
            Self::BadHttp { detail } => {
                write!(f, "the answer breaks the rules of HTTP{}", Because(detail))
            }
            Self::BrokenBody { detail } => {
                write!(
                    f,
                    "the body of the answer breaks the rules of HTTP{}",
                    Because(detail)
                )
            }
            Self::Http2(error) => write!(f, "{error}"),
            Self::Handshake { detail } => {
                write!(f, "the answer is no WebSocket handshake{}", Because(detail))
            }
            Self::Redirect { detail } => write!(f, "the redirect leads nowhere{}", Because(detail)),
            Self::Protocol { code, detail } if *code == CloseCode::MESSAGE_TOO_BIG => {
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

/// Writes the sentence for an answer with another status.
fn refusal(
    f: &mut fmt::Formatter<'_>,
    status: u16,
    retry_after: Option<Duration>,
    body: &str,
) -> fmt::Result {
    write!(f, "{}: {}", StatusLine(status), meaning(status))?;
    // The only redirects here are those that a WebSocket does not follow.
    let says = if status / 100 == 3 {
        "its target is"
    } else {
        "it says:"
    };
    remarks(f, retry_after, says, body)
}

/// Writes the requested wait, and the first line of the body after the words `says`.
fn remarks(
    f: &mut fmt::Formatter<'_>,
    retry_after: Option<Duration>,
    says: &str,
    body: &str,
) -> fmt::Result {
    match retry_after {
        None => {}
        // A date in the past, or 0.
        Some(Duration::ZERO) => f.write_str("; it accepts another attempt at once")?,
        Some(wait) => write!(f, "; it asks to wait {}", Wait(wait))?,
    }
    if !body.trim().is_empty() {
        write!(f, "; {says} {}", OutsideText(body))?;
    }
    Ok(())
}

/// Remark on a request for credentials by the target of a redirect.
const WITHOUT_USER_HEADERS: &str = "; the request was redirected to another origin, \
     where the headers that were set for the first one are not sent";

/// Writes the requirements for a login: ` requires a login (Basic for “a”, or Bearer), or rejected the credentials`.
fn credentials(f: &mut fmt::Formatter<'_>, challenges: &[Challenge]) -> fmt::Result {
    f.write_str(" requires a login")?;
    for (index, challenge) in challenges.iter().enumerate() {
        let before = if index == 0 { " (" } else { ", or " };
        write!(f, "{before}{challenge}")?;
    }
    if !challenges.is_empty() {
        f.write_str(")")?;
    }
    f.write_str(", or rejected the credentials")?;
    // Only the first error is shown, because the others are usually equal.
    let errors = challenges.iter().map(|challenge| challenge.error.as_str());
    match errors.into_iter().find(|error| !error.is_empty()) {
        Some(error) => write!(f, ": {}", OutsideText(error)),
        None => Ok(()),
    }
}

/// Status in the form `HTTP 404 Not Found`.
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

/// Close code with its meaning.
struct Code(CloseCode);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.0.meaning())
    }
}
