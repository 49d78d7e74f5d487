//! TCP connections: the name lookup, and then attempts to all addresses of the host, with both IP versions side by side
//! (RFC 8305).

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::TcpStream;
use tower_service::Service;
use url::Url;

use crate::http::failure::{find, in_words, of_connecting};
use crate::http::resolve;
use crate::http::route::{bare_host, host_and_port};

/// Interval of TCP's own keepalive. It detects a peer that disappeared while no data is sent.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Number of keepalives without an answer after which the connection is closed.
const KEEPALIVE_TRIES: u32 = 3;

/// Longest time until the peer acknowledges sent data, on systems with this option.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);

/// Reason for which there is no connection.
#[derive(Debug)]
pub(super) enum TcpError {
    /// The host has no address.
    NoAddress,
    /// No address accepted the connection. This is the error of the last one.
    Io(io::Error),
}

/// Connects to the host and port of `url`.
pub(super) async fn connect(url: &Url, spec: &FeedSpec) -> Result<TcpStream, TcpError> {
    let (host, port) = (bare_host(url), port(url));
    let addresses = addresses(host, port, spec).await?;
    let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, port));
    let mut connector = HttpConnector::new_with_resolver(Known(addresses.collect()));
    connector.set_nodelay(true);
    connector.set_keepalive(Some(KEEPALIVE));
    connector.set_keepalive_interval(Some(KEEPALIVE));
    connector.set_keepalive_retries(Some(KEEPALIVE_TRIES));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    connector.set_tcp_user_timeout(Some(ACKNOWLEDGED_WITHIN));
    // The addresses are already known. The name in this URL only stands for them.
    let mut uri = Uri::builder().scheme("http").path_and_query("/");
    uri = uri.authority(format!("known:{port}"));
    let uri = uri.build().map_err(io::Error::other)?;
    match connector.call(uri).await {
        Ok(socket) => Ok(socket.into_inner()),
        // The error of the library contains the one of the system.
        Err(error) => Err(TcpError::Io(match find::<io::Error>(&error) {
            Some(io) => io::Error::new(io.kind(), in_words(io)),
            None => io::Error::other(error.to_string()),
        })),
    }
}

/// Returns the addresses of a host: those that the user named for it and its port or, without any, those of the name
/// lookup.
pub(super) async fn addresses(
    host: &str,
    port: u16,
    spec: &FeedSpec,
) -> Result<Vec<IpAddr>, TcpError> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let named = spec
        .transport
        .resolve
        .iter()
        .find(|named| named.port == port && named.host.eq_ignore_ascii_case(host));
    if let Some(named) = named {
        return Ok(named.addresses.clone());
    }
    match resolve::addresses(host).await {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        _ => Err(TcpError::NoAddress),
    }
}

/// Returns the port of a URL, or that of its scheme. The `url` crate has no port for SOCKS (RFC 1928 3).
pub(super) fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(1080)
}

impl TcpError {
    /// Returns the failure to reach the server of `url`.
    pub(super) fn of_server(self, url: &Url) -> Failure {
        match self {
            Self::NoAddress => Failure::HostNotFound {
                host: url.host_str().unwrap_or_default().to_owned(),
            },
            Self::Io(error) => of_connecting(&error, host_and_port(url)),
        }
    }

    /// Returns the failure to reach a proxy.
    pub(super) fn of_proxy(self, proxy: &Url) -> Failure {
        Failure::Proxy {
            proxy: host_and_port(proxy),
            detail: match self {
                Self::NoAddress => "its host has no address".to_owned(),
                Self::Io(error) => in_words(&error),
            },
        }
    }
}

impl From<io::Error> for TcpError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Resolver with one fixed answer.
#[derive(Clone)]
struct Known(Vec<SocketAddr>);

impl Service<Name> for Known {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _name: Name) -> Self::Future {
        ready(Ok(self.0.clone().into_iter()))
    }
}
