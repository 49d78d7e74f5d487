//! HTTP clients for event streams, with their route and TLS. Features that no feed needs are switched off: pools,
//! retries, and the library's own redirects. This module sends no request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use reqwest::{Client, Proxy, redirect};
use rustls::ClientConfig;
use url::Url;

use super::established::EstablishedLayer;
use super::failure;
use super::head::MAX_LINES;
use super::resolve::Resolver;
use super::route::Route;
use super::tls::{Files, Handshake, Offer, Verifiers};

/// Data that the clients of all feeds share. It is loaded when it is first needed.
#[derive(Clone, Default)]
pub(crate) struct Clients {
    verifiers: Verifiers,
}

/// Client for one connection.
pub(super) struct Prepared {
    pub(super) client: Client,
    /// Record of the connection's TLS handshake; `None` for a connection without TLS.
    pub(super) handshake: Option<Arc<Handshake>>,
}

impl Clients {
    /// Returns a client for one request to `url`, whose scheme is `http` or `https`.
    pub(super) async fn get(
        &self,
        url: &Url,
        spec: &FeedSpec,
        route: &Route,
        offer: Offer,
    ) -> Result<Prepared, Failure> {
        if !route.needs_tls(url) && !Files::are_named(spec) {
            return self.prepare(url, spec, route, offer);
        }
        let (this, url, spec, route) = (self.clone(), url.clone(), spec.clone(), route.clone());
        blocking(move || this.prepare(&url, &spec, &route, offer)).await
    }

    /// Returns the TLS configuration for one connection without a client, and the record of its handshake.
    pub(super) async fn tls(
        &self,
        spec: &FeedSpec,
        offer: Offer,
    ) -> Result<(ClientConfig, Arc<Handshake>), Failure> {
        let (verifiers, spec) = (self.verifiers.clone(), spec.clone());
        blocking(move || verifiers.config(&spec, &Files::read(&spec)?, offer)).await
    }

    /// Fails if `spec` names a file that cannot be used. It is for connections that do not need the file.
    pub(super) async fn check_files(&self, spec: &FeedSpec) -> Result<(), Failure> {
        if !Files::are_named(spec) {
            return Ok(());
        }
        let spec = spec.clone();
        blocking(move || Files::read(&spec).map(|_| ())).await
    }

    fn prepare(
        &self,
        url: &Url,
        spec: &FeedSpec,
        route: &Route,
        offer: Offer,
    ) -> Result<Prepared, Failure> {
        // Files are also read without TLS, so that a missing file is reported at once and not after a redirect that
        // needs it.
        let files = Files::read(spec)?;
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A connection is one life of a feed, so that no connection is kept or shared.
            .pool_max_idle_per_host(0)
            .connector_layer(EstablishedLayer)
            .http1_max_headers(MAX_LINES)
            // As in browsers. What is skipped here cannot be reported.
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .tcp_nodelay(true)
            .dns_resolver(Resolver);
        let mut handshake = None;
        if route.needs_tls(url) {
            let (config, record) = self.verifiers.config(spec, &files, offer)?;
            builder = builder.tls_backend_preconfigured(config);
            handshake = Some(record);
        } else {
            install_crypto_provider();
            builder = builder.tls_certs_only([]);
        }
        if offer == Offer::Http1 {
            builder = builder.http1_only();
        }
        if let Some((host, addresses)) = addresses(url, spec) {
            // The client replaces this port with the port of the URL.
            let addresses: Vec<_> = addresses.iter().map(|&ip| SocketAddr::new(ip, 0)).collect();
            builder = builder.resolve_to_addrs(&host, &addresses);
        }
        let client = routed(builder, route)?.build();
        Ok(Prepared {
            client: client.map_err(|error| unusable(&error))?,
            handshake,
        })
    }
}

fn routed(
    builder: reqwest::ClientBuilder,
    route: &Route,
) -> Result<reqwest::ClientBuilder, Failure> {
    // The route is already determined. Without this call, reqwest would read the environment itself.
    let builder = builder.no_proxy();
    Ok(match route {
        Route::Direct => builder,
        Route::Proxy(url) => {
            builder.proxy(Proxy::all(url.clone()).map_err(|error| unusable(&error))?)
        }
        #[cfg(unix)]
        Route::UnixSocket(path) => builder.unix_socket(path.clone()),
        #[cfg(not(unix))]
        Route::UnixSocket(_) => {
            return Err(bad_request(
                "this system has no Unix-domain sockets".to_owned(),
            ));
        }
    })
}

/// Runs work that reads files, such as the certificates of the system.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|gone| bad_request(gone.to_string()))?
}

/// Returns the addresses of the user for the host and port of `url`, if there are any.
fn addresses(url: &Url, spec: &FeedSpec) -> Option<(String, Vec<IpAddr>)> {
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let found = spec
        .transport
        .resolve
        .iter()
        .find(|named| named.port == port && named.host.eq_ignore_ascii_case(host))?;
    Some((host.to_owned(), found.addresses.clone()))
}

/// Selects ring for the whole process, unless another provider was selected before.
fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    }
}

fn unusable(error: &reqwest::Error) -> Failure {
    bad_request(failure::innermost(error))
}

fn bad_request(detail: String) -> Failure {
    Failure::BadRequest { detail }
}
