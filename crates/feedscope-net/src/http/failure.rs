//! Conversion of the HTTP stack's errors into [`Failure`]s. The cause decides, however deep it is in the chain of
//! errors. This module does not decide what follows from a failure.

use std::error::Error;
use std::io;

use feedscope_core::connection::Failure;
use rustls::AlertDescription;
use url::Url;

use super::head;
use super::route::Route;
use super::tls::{Handshake, why_refused};

/// Returns the failure of a request to `url` that was sent along `route` and got no answer.
pub(crate) fn of_request(
    error: &reqwest::Error,
    url: &Url,
    route: &Route,
    handshake: Option<&Handshake>,
) -> Failure {
    let address = route.address(url);
    // A TLS error is the most precise cause, so that it is checked first.
    if let Some(cause) = find::<rustls::Error>(error) {
        return of_tls(cause, &address, handshake);
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
    let detail = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the connection was closed during the TLS handshake".into(),
        _ => in_words(error),
    };
    Failure::Lost { detail }
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
pub(crate) fn of_body(error: &reqwest::Error) -> Failure {
    let detail = match find::<io::Error>(error) {
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

fn of_http(error: &hyper::Error) -> Option<Failure> {
    if error.is_parse() {
        return Some(Failure::NotHttp {
            detail: innermost(error),
        });
    }
    if error.is_incomplete_message() {
        return Some(Failure::Lost {
            detail: "the server closed without an answer".to_owned(),
        });
    }
    None
}

/// Returns the failure of the proxy itself, if the error is one. Every attempt to connect goes to the proxy and nowhere
/// else.
fn of_proxy(error: &reqwest::Error, proxy: String) -> Option<Failure> {
    let detail = if let Some(tunnel) = said_after(error, "tunnel error: ") {
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
    } else if let Some(words) = said_after(error, SOCKS_ERROR) {
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
fn said_after(error: &reqwest::Error, words: &str) -> Option<String> {
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
