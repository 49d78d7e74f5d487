//! Connections through SOCKS proxies (RFC 1928, and version 4).

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::task::{Context, Poll};

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use hyper::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;
use url::Url;

use super::tcp;
use crate::http::failure;
use crate::http::headers::percent_decoded;
use crate::http::route::{bare_host, host_and_port};
use crate::http::wire::BoxedSocket;

/// Makes the proxy at the other end of `socket` connect to the server of `url`.
pub(super) async fn connect(
    socket: TcpStream,
    proxy: &Url,
    url: &Url,
    spec: &FeedSpec,
) -> Result<BoxedSocket, Failure> {
    let (host, port) = (bare_host(url), tcp::port(url));
    let is_version_4 = proxy.scheme().starts_with("socks4");
    // `socks4a` and `socks5h` leave the name lookup to the proxy.
    let host = if matches!(proxy.scheme(), "socks4" | "socks5") {
        let addresses = tcp::addresses(host, port, spec).await;
        // IPv4 addresses are preferred, because version 4 supports no others and few proxies reach IPv6.
        let addresses = addresses.map_err(|error| error.of_server(url))?;
        let usual = addresses.iter().find(|ip| ip.is_ipv4());
        match usual.or(addresses.first()) {
            Some(IpAddr::V6(ip)) => format!("[{ip}]"),
            Some(IpAddr::V4(ip)) => ip.to_string(),
            None => host.to_owned(),
        }
    } else {
        url.host_str().unwrap_or_default().to_owned()
    };
    let unusable = |detail: String| Failure::BadRequest { detail };
    let target: Uri = format!("http://{host}:{port}/")
        .parse()
        .map_err(|error: hyper::http::uri::InvalidUri| unusable(error.to_string()))?;
    let connected = Connected(Some(TokioIo::new(socket)));
    let nowhere = Uri::from_static("socks://proxy");
    let result = if is_version_4 {
        let mut service = SocksV4::new(nowhere, connected);
        service
            .call(target)
            .await
            .map_err(|error| error.to_string())
    } else {
        let mut service = SocksV5::new(nowhere, connected);
        if !proxy.username().is_empty() || proxy.password().is_some() {
            let [user, password] = [proxy.username(), proxy.password().unwrap_or_default()]
                .map(|text| String::from_utf8_lossy(&percent_decoded(text)).into_owned());
            service = service.with_auth(user, password);
        }
        service
            .call(target)
            .await
            .map_err(|error| error.to_string())
    };
    match result {
        Ok(socket) => Ok(Box::new(socket.into_inner())),
        Err(words) => {
            let words = words.trim_start_matches(failure::SOCKS_ERROR);
            Err(failure::of_socks(words, host_and_port(proxy)))
        }
    }
}

/// Connector that returns the existing connection.
struct Connected(Option<TokioIo<TcpStream>>);

impl Service<Uri> for Connected {
    type Response = TokioIo<TcpStream>;
    type Error = Gone;
    type Future = Ready<Result<Self::Response, Gone>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _proxy: Uri) -> Self::Future {
        ready(self.0.take().ok_or(Gone))
    }
}

/// The connection was already returned.
#[derive(Debug)]
struct Gone;
