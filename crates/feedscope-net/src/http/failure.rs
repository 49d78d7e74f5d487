//! Conversion of the HTTP stack's errors into [`Failure`]s. The cause decides, however deep it is in the chain of
//! errors. This module does not decide what follows from a failure.

use std::error::Error;
use std::io;

use feedscope_core::connection::{Failure, Http2Error, Http2Origin};
use rustls::AlertDescription;
use url::Url;

use super::go_away::GoAway;
use super::head;
use super::observed::Observed;
use super::route::Route;
use super::tls::{Handshake, why_refused};

/// A request, as far as its failure depends on it.
pub(super) struct Sent<'a> {
    pub(super) url: &'a Url,
    pub(super) route: &'a Route,
    pub(super) handshake: Option<&'a Handshake>,
    pub(super) observed: &'a Observed,
}

/// Returns the failure of a request that got no answer.
pub(super) fn of_request(error: &reqwest::Error, sent: &Sent<'_>) -> Failure {
    let Sent {
        url,
        route,
        handshake,
        observed,
    } = sent;
    let address = route.address(url);
    // A TLS error is the most precise cause, so that it is checked first.
    if let Some(cause) = find::<rustls::Error>(error) {
        return of_tls(cause, &address, *handshake);
    }
    if let Some(cause) = find::<h2::Error>(error) {
        return of_http2(cause, Http2Origin::Head, Some(observed));
    }
    // Before the head, the library reports an error of the socket without the error of HTTP/2 around it.
    if find::<io::Error>(error).is_some()
        && let Some(GoAway { code, text }) = observed.go_away()
    {
        return Failure::Http2(Http2Error {
            code,
            origin: Http2Origin::Connection,
            text,
        });
    }
    if let Some(proxy) = route.proxy()
        && let Some(failure) = of_proxy(error, proxy)
    {
        return failure;
    }
    if error.is_builder() {
        return Failure::BadRequest {
            detail: innermost(error),
        };
    }
    if error.is_dns() {
        return Failure::HostNotFound {
            host: url.host_str().unwrap_or_default().to_owned(),
        };
    }
    if let Some(cause) = find::<hyper::Error>(error)
        && let Some(failure) = of_http(cause)
    {
        return failure;
    }
    let io = find::<io::Error>(error);
    if error.is_connect() {
        return match io {
            Some(io) if io.kind() == io::ErrorKind::ConnectionRefused => {
                Failure::Refused { address }
            }
            // TCP connects without reading.
            Some(io) if is_end(io) && url.scheme() == "https" => Failure::TlsClosed,
            Some(io) => Failure::Unreachable {
                address,
                detail: in_words(io),
            },
            None => Failure::Unreachable {
                address,
                detail: innermost(error),
            },
        };
    }
    Failure::Lost {
        detail: io.map_or_else(|| innermost(error), in_words),
    }
}

/// Returns true for the end of a connection, also if a library has wrapped the error into another one of its type. A server
/// that closes before it has read everything resets the connection (RFC 9293, section 3.6.1).
fn is_end(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let is_end = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
    );
    is_end || inner.is_some_and(self::is_end)
}

/// Returns the failure to connect to `address`, which is a host with a port or the path of a socket.
pub(super) fn of_connecting(error: &io::Error, address: String) -> Failure {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        return Failure::Refused { address };
    }
    Failure::Unreachable {
        address,
        detail: in_words(error),
    }
}

/// Returns the failure of a TLS handshake with `address`.
pub(super) fn of_handshake(error: &io::Error, address: &str, handshake: &Handshake) -> Failure {
    if let Some(cause) = find::<rustls::Error>(error) {
        return of_tls(cause, address, Some(handshake));
    }
    if handshake.lacks_client_certificate() {
        return Failure::ClientCertificate;
    }
    if is_end(error) {
        return Failure::TlsClosed;
    }
    Failure::Lost {
        detail: in_words(error),
    }
}

/// Returns the failure to get an answer over a connection of our own to `address`. `received` is the beginning of the
/// answer.
pub(super) fn of_exchange(
    error: &hyper::Error,
    received: &[u8],
    address: &str,
    handshake: Option<&Handshake>,
) -> Failure {
    if let Some(cause) = find::<rustls::Error>(error) {
        return of_tls(cause, address, handshake);
    }
    // With TLS 1.3, the handshake ends before the server notices that there is no certificate.
    if received.is_empty() && handshake.is_some_and(Handshake::lacks_client_certificate) {
        return Failure::ClientCertificate;
    }
    if error.is_parse() {
        return head::refused(received, error.is_parse_too_large());
    }
    let detail = match find::<io::Error>(error) {
        Some(io) => in_words(io),
        None if !error.is_incomplete_message() => match innermost(error) {
            words if words == UNEXPECTED => {
                "the server sent something before it was asked".to_owned()
            }
            words => words,
        },
        None if received.is_empty() => "the server closed without an answer".to_owned(),
        None => "the server closed in the middle of its answer".to_owned(),
    };
    Failure::Lost { detail }
}

/// Returns the failure of a body that ended too early.
pub(super) fn of_body(error: &reqwest::Error, observed: Option<&Observed>) -> Failure {
    if let Some(cause) = find::<h2::Error>(error) {
        return of_http2(cause, Http2Origin::Frame, observed);
    }
    let io = find::<io::Error>(error);
    if let Some(detail) = io.and_then(chunk_problem) {
        return Failure::BrokenBody {
            detail: detail.to_owned(),
        };
    }
    let detail = match io {
        Some(io) => in_words(io),
        None if find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message) => {
            CUT.to_owned()
        }
        None => innermost(error),
    };
    Failure::Lost { detail }
}

/// Describes an input or output error in words, without the number of the system.
pub(crate) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionReset => "connection reset by peer".to_owned(),
        io::ErrorKind::ConnectionAborted => "connection aborted".to_owned(),
        io::ErrorKind::BrokenPipe => "the peer reads no more".to_owned(),
        io::ErrorKind::UnexpectedEof => CUT.to_owned(),
        io::ErrorKind::TimedOut => "the peer does not answer".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error")
                .next()
                .unwrap_or_default()
                .to_lowercase()
        }
    }
}

/// Returns the text of the innermost cause. The outer causes only describe where it happened.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Text of the library's error about bytes that arrive before a request was sent.
const UNEXPECTED: &str = "received unexpected message from connection";

/// Description of a stream that ended in the middle of data.
const CUT: &str = "the server closed in the middle of it";

/// Returns the first cause of this type. It also searches inside of an [`io::Error`], which `source` skips.
pub(super) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        return Some(found);
    }
    // The error inside of an `io::Error` is not its `source`.
    if let Some(inner) = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
        && let Some(found) = find::<T>(inner)
    {
        return Some(found);
    }
    find(error.source()?)
}

/// The failure of HTTP/2. `ours` is the place of a fault that was found here.
fn of_http2(error: &h2::Error, ours: Http2Origin, observed: Option<&Observed>) -> Failure {
    let failure = |code, origin, text| Failure::Http2(Http2Error { code, origin, text });
    let code = error.reason().map(u32::from);
    if let Some(code) = code {
        if error.is_library() {
            return failure(code, ours, String::new());
        }
        if error.is_reset() {
            return failure(code, Http2Origin::Stream, String::new());
        }
    }
    // A server closes the connection after a GOAWAY, and the library then reports the socket's error alone.
    if let Some(GoAway { code, text }) = observed.and_then(Observed::go_away) {
        return failure(code, Http2Origin::Connection, text);
    }
    match (code, error.get_io()) {
        (Some(code), _) => failure(code, Http2Origin::Connection, String::new()),
        (None, Some(io)) => Failure::Lost {
            detail: in_words(io),
        },
        (None, None) => Failure::Lost {
            detail: CUT.to_owned(),
        },
    }
}

/// The fault in the chunks of a body (RFC 9112 7.1); `None` for another error. The library tells them apart by words.
fn chunk_problem(error: &io::Error) -> Option<&'static str> {
    let is_fault = matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    );
    if !is_fault {
        return None;
    }
    let words = error.to_string().to_ascii_lowercase();
    Some(if words.contains("overflow") && words.contains("size") {
        "the length of a chunk is too large"
    } else if words.contains("chunk size") {
        "the length of a chunk is not a hexadecimal number on a line of its own"
    } else if words.contains("chunk body") || words.contains("chunk end") {
        "a chunk is longer or shorter than its stated length"
    } else if words.contains("extension") {
        "the extensions of the chunks are too long, or malformed"
    } else if words.contains("trailer") || words.contains("header") {
        "the trailer after the last chunk is malformed or too long"
    } else {
        return None;
    })
}

/// The failure for a head of HTTP/1 that the library refused. It reveals no line of it.
fn of_head(error: &hyper::Error) -> Failure {
    let detail = match innermost(error).as_str() {
        words if words.contains("HTTP2") => {
            return Failure::NotHttp {
                detail: "it is HTTP/2, which is only supported with TLS".to_owned(),
            };
        }
        words if words.contains("version") => {
            return Failure::NotHttp {
                detail: "it does not begin with HTTP/1.1 or HTTP/1.0".to_owned(),
            };
        }
        words if words.contains("status-code") => "its first line has no status of three digits",
        words if words.contains("content-length") => {
            "its Content-Length is not a number, or has several values that differ"
        }
        words if words.contains("transfer-encoding") => {
            "its Transfer-Encoding is malformed, or does not belong into HTTP/1.0"
        }
        words if words.contains("too large") => {
            "its head is too long, has too many lines, or its Content-Length is too large"
        }
        _ => "its head has a line that cannot be read",
    };
    Failure::BadHttp {
        detail: detail.to_owned(),
    }
}

fn of_http(error: &hyper::Error) -> Option<Failure> {
    if error.is_parse() {
        return Some(of_head(error));
    }
    if error.is_incomplete_message() {
        return Some(Failure::Lost {
            detail: "the server closed without a complete answer".to_owned(),
        });
    }
    None
}

/// Returns the failure of the proxy itself, if the error is one. Every attempt to connect goes to the proxy and nowhere
/// else.
fn of_proxy(error: &reqwest::Error, proxy: String) -> Option<Failure> {
    let detail = if let Some(tunnel) = text_after(error, "tunnel error: ") {
        match tunnel.as_str() {
            "proxy authorization required" => {
                return Some(Failure::ProxyCredentials {
                    proxy,
                    challenges: Vec::new(),
                });
            }
            "unsuccessful" => "it refused to connect".to_owned(),
            "unexpected end of file" => "it closed without an answer".to_owned(),
            _ => tunnel,
        }
    } else if let Some(words) = text_after(error, SOCKS_ERROR) {
        return Some(of_socks(&words, proxy));
    } else if error.is_dns() {
        "its host has no address".to_owned()
    } else if error.is_connect() {
        find::<io::Error>(error).map_or_else(|| innermost(error), in_words)
    } else {
        return None;
    };
    Some(Failure::Proxy { proxy, detail })
}

/// Beginning of the text of the library's errors about SOCKS.
pub(super) const SOCKS_ERROR: &str = "SOCKS error: ";

/// Returns the failure of a SOCKS proxy. The types of the library's errors are not public, so that only their text
/// distinguishes them.
pub(super) fn of_socks(words: &str, proxy: String) -> Failure {
    let detail = match words {
        "credentials not accepted" => {
            return Failure::ProxyUnusable {
                proxy,
                detail: "it does not accept the name and password".to_owned(),
            };
        }
        "server does not support user/pass authentication" => {
            return Failure::ProxyUnusable {
                proxy,
                detail: "it does not accept a name and password at all".to_owned(),
            };
        }
        "failed to create underlying connection" => "it cannot be reached",
        "io error during SOCKS handshake" => "it closed without an answer",
        "failed parsing server response" => "it does not speak SOCKS",
        "server implements authentication incorrectly" => {
            "it requires a kind of login that was not offered"
        }
        "IPV6 is not supported" => "SOCKS 4 cannot reach IPv6 addresses; socks5:// can",
        other => other,
    };
    Failure::Proxy {
        proxy,
        detail: detail.to_owned(),
    }
}

/// Returns the text that follows these words in an error of the HTTP library about a proxy. The types of these errors
/// are not public, so that their text is parsed.
fn text_after(error: &reqwest::Error, words: &str) -> Option<String> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(said) = error.to_string().strip_prefix(words) {
            return Some(said.to_owned());
        }
        cause = error.source();
    }
    None
}

fn of_tls(error: &rustls::Error, address: &str, handshake: Option<&Handshake>) -> Failure {
    let detail = match error {
        rustls::Error::InvalidCertificate(why) => {
            let chain = handshake.map(Handshake::server_chain).unwrap_or_default();
            let (problem, detail) = why_refused(why, &chain);
            return Failure::Certificate {
                host: address.to_owned(),
                problem,
                detail,
            };
        }
        rustls::Error::AlertReceived(_)
            if handshake.is_some_and(Handshake::lacks_client_certificate) =>
        {
            return Failure::ClientCertificate;
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            return Failure::ClientCertificate;
        }
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS".to_owned(),
        rustls::Error::AlertReceived(alert) => of_alert(*alert),
        rustls::Error::PeerIncompatible(_) => NOTHING_IN_COMMON.to_owned(),
        other => other.to_string(),
    };
    Failure::Tls { detail }
}

const NOTHING_IN_COMMON: &str = "the other side has nothing in common with us: TLS 1.2 or 1.3, a cipher, \
     or a certificate whose key is RSA, P-256, P-384 or Ed25519";

/// Returns the meaning of the other side's alert (RFC 8446 6.2).
fn of_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion => NOTHING_IN_COMMON,
        AlertDescription::NoApplicationProtocol => {
            "the other side speaks none of the protocols that were offered (ALPN)"
        }
        AlertDescription::UnknownCA => {
            "the other side does not know the authority that signed the client certificate"
        }
        AlertDescription::CertificateExpired => "the client certificate has expired",
        AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateRevoked
        | AlertDescription::UnsupportedCertificate => {
            "the other side does not accept the client certificate"
        }
        AlertDescription::UnrecognisedName => "the other side does not answer for that host",
        other => return format!("the other side refused ({other:?})"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use feedscope_core::connection::CertificateProblem;
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn causes_are_found_inside_of_io_errors() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls.clone()));
        assert_eq!(find::<rustls::Error>(&error), Some(&tls));
        assert_eq!(
            of_tls(&tls, "a.example:443", None),
            Failure::Certificate {
                host: "a.example:443".into(),
                problem: CertificateProblem::Dates,
                detail: "it has expired".into()
            }
        );
    }

    #[test]
    fn system_errors_are_told_without_numbers() {
        let error = io::Error::from_raw_os_error(101);
        assert!(!in_words(&error).contains("101"), "{}", in_words(&error));
    }
}
