//! Connections for WebSockets: TCP or a Unix-domain socket, through a proxy if the route has one, and with TLS if the
//! URL requires it. This module sends no part of a request except for the CONNECT of a proxy.
//!
//! reqwest makes the connections of event streams. It is not used for WebSockets for two reasons. It asks a proxy to
//! forward a request without TLS, where a WebSocket needs a tunnel (RFC 6455 4.1). It also provides neither a proxy's
//! answer to CONNECT nor the cipher in use.

mod socks;
mod tcp;
mod tunnel;

use std::path::Path;
use std::sync::Arc;

use feedscope_core::connection::Failure;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

use super::failure;
use super::observed::Observed;
use super::route::{Route, bare_host, host_and_port};
use super::tls::{Handshake, Offer, cipher_name, version_name};
pub(super) use super::wire::{BoxedSocket, Facts, ReadyConnection};
use crate::engine::Attempt;

impl Facts {
    /// Returns the properties of a client's connection. The client itself provides nothing about TLS.
    pub(super) fn of_client(
        response: &reqwest::Response,
        url: &Url,
        handshake: Option<&Handshake>,
        observed: &Observed,
    ) -> Self {
        let version = handshake.and_then(Handshake::version);
        let tls = version.zip(observed.cipher());
        Self {
            remote: response.remote_addr(),
            // TLS with a proxy does not count.
            tls: tls
                .filter(|_| url.scheme() == "https")
                .map(|(version, cipher)| {
                    format!("{}, {}", version_name(version), cipher_name(cipher))
                }),
        }
    }
}

/// Makes a connection to the server of `url`, whose scheme is `http` or `https`.
pub(super) async fn connect(
    attempt: &Attempt,
    url: &Url,
    route: &Route,
) -> Result<ReadyConnection, Failure> {
    let spec = &attempt.spec;
    // Files are read before the connection is made, so that an unusable file is reported at once.
    let tls = if url.scheme() == "https" {
        Some(attempt.clients.tls(spec, Offer::Http1).await?)
    } else {
        attempt.clients.check_files(spec).await?;
        None
    };
    let mut facts = Facts::default();
    let socket = match route {
        Route::UnixSocket(path) => unix(path).await?,
        Route::Direct => {
            let socket = tcp::connect(url, spec)
                .await
                .map_err(|error| error.of_server(url))?;
            facts.remote = socket.peer_addr().ok();
            Box::new(socket)
        }
        Route::Proxy(proxy) => {
            let socket = tcp::connect(proxy, spec)
                .await
                .map_err(|error| error.of_proxy(proxy))?;
            facts.remote = socket.peer_addr().ok();
            if proxy.scheme().starts_with("socks") {
                socks::connect(socket, proxy, url, spec).await?
            } else {
                let socket = to_proxy(Box::new(socket), proxy, attempt).await?;
                tunnel::open(socket, proxy, url, attempt.clock.now().utc).await?
            }
        }
    };
    // TLS with the server runs inside of the tunnel, if there is one.
    let Some((config, handshake)) = tls else {
        return Ok(ReadyConnection {
            socket,
            facts,
            handshake: None,
        });
    };
    let connector = TlsConnector::from(Arc::new(config));
    let stream = encrypted(socket, connector, &handshake, url, &route.address(url)).await?;
    facts.tls = version_and_cipher(stream.get_ref().1);
    Ok(ReadyConnection {
        socket: Box::new(stream),
        facts,
        handshake: Some(handshake),
    })
}

/// Returns the connection to an HTTP proxy, which may be encrypted too.
async fn to_proxy(
    socket: BoxedSocket,
    proxy: &Url,
    attempt: &Attempt,
) -> Result<BoxedSocket, Failure> {
    if proxy.scheme() != "https" {
        return Ok(socket);
    }
    let (config, handshake) = attempt.clients.tls(&attempt.spec, Offer::Nothing).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let address = host_and_port(proxy);
    match encrypted(socket, connector, &handshake, proxy, &address).await {
        Ok(stream) => Ok(Box::new(stream)),
        // A failure here is the proxy's, not the server's.
        Err(Failure::Lost { detail }) => Err(Failure::Proxy {
            proxy: address,
            detail,
        }),
        Err(Failure::TlsClosed) => Err(Failure::Proxy {
            proxy: address,
            detail: "it closed the connection during the TLS handshake".to_owned(),
        }),
        Err(Failure::Tls { detail }) => Err(Failure::ProxyUnusable {
            proxy: address,
            detail: format!("TLS failed: {detail}"),
        }),
        Err(other) => Err(other),
    }
}

/// Performs the TLS handshake with the host of `url`, which is at `address`.
async fn encrypted(
    socket: BoxedSocket,
    connector: TlsConnector,
    handshake: &Handshake,
    url: &Url,
    address: &str,
) -> Result<TlsStream<BoxedSocket>, Failure> {
    let host = bare_host(url).to_owned();
    let name = ServerName::try_from(host).map_err(|_invalid| Failure::Tls {
        detail: "a certificate cannot contain the name of the host".to_owned(),
    })?;
    connector
        .connect(name, socket)
        .await
        .map_err(|error| failure::of_handshake(&error, address, handshake))
}

/// Returns the version and the cipher, such as `TLS 1.3, TLS_AES_256_GCM_SHA384`.
fn version_and_cipher(connection: &ClientConnection) -> Option<String> {
    let version = version_name(connection.protocol_version()?);
    let suite = connection.negotiated_cipher_suite()?;
    Some(format!("{version}, {}", cipher_name(suite.suite())))
}

#[cfg(unix)]
async fn unix(path: &Path) -> Result<BoxedSocket, Failure> {
    match tokio::net::UnixStream::connect(path).await {
        Ok(socket) => Ok(Box::new(socket)),
        Err(error) => Err(failure::of_connecting(&error, path.display().to_string())),
    }
}

#[cfg(not(unix))]
async fn unix(_path: &Path) -> Result<BoxedSocket, Failure> {
    Err(Failure::BadRequest {
        detail: "this system has no Unix-domain sockets".to_owned(),
    })
}
