//! HTTP clients: the way, TLS, and everything that no feed needs switched off (pools, retries, redirects of their own).
//! It never sends anything.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use reqwest::{Client, Proxy, redirect};
use url::Url;

use super::established::EstablishedLayer;
use super::failure;
use super::resolve::Resolver;
use super::route::Route;
use super::tls::{Files, Handshake, Offer, Verifiers};

/// Answers with more header lines than this are refused.
const MAX_HEADERS: usize = 512;

/// What the clients of all feeds share. It is loaded when it is first needed.
#[derive(Clone, Default)]
pub(crate) struct Clients {
    verifiers: Verifiers,
}

/// A client for one connection.
pub(crate) struct Prepared {
    pub(crate) client: Client,
    /// The record of the connection's TLS handshake; `None` for a connection without TLS.
    pub(crate) handshake: Option<Arc<Handshake>>,
}

impl Clients {
    /// The client for one request to `url`, whose scheme is `http` or `https`. `upgrade` says that the connection is to
    /// become a WebSocket's.
    pub(crate) async fn get(
        &self,
        url: &Url,
        spec: &FeedSpec,
        upgrade: bool,
        route: &Route,
    ) -> Result<Prepared, Failure> {
        if !route.needs_tls(url) && !Files::are_named(spec) {
            return self.prepare(url, spec, upgrade, route);
        }
        let (this, url, spec, route) = (self.clone(), url.clone(), spec.clone(), route.clone());
        // Certificates are read from many files.
        tokio::task::spawn_blocking(move || this.prepare(&url, &spec, upgrade, &route))
            .await
            .map_err(|gone| bad_request(gone.to_string()))?
    }

    fn prepare(
        &self,
        url: &Url,
        spec: &FeedSpec,
        upgrade: bool,
        route: &Route,
    ) -> Result<Prepared, Failure> {
        // Also without TLS: a missing file is reported at once, not after a redirect that needs it.
        let files = Files::read(spec)?;
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A connection is one life of a feed: none is kept, none is shared.
            .pool_max_idle_per_host(0)
            .connector_layer(EstablishedLayer)
            .http1_max_headers(MAX_HEADERS)
            .tcp_nodelay(true)
            .dns_resolver(Resolver);
        let mut handshake = None;
        if route.needs_tls(url) {
            let offer = if upgrade {
                Offer::Http1
            } else {
                Offer::AnyHttp
            };
            let (config, record) = self.verifiers.config(spec, &files, offer)?;
            builder = builder.tls_backend_preconfigured(config);
            handshake = Some(record);
        } else {
            install_crypto_provider();
            builder = builder.tls_certs_only([]);
        }
        if upgrade {
            builder = builder.http1_only();
        }
        if let Some((host, addresses)) = addresses(url, spec) {
            // The port is the URL's, whatever stands here.
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
    // The route is decided already: without this call reqwest reads the environment itself.
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

/// The addresses to use for the host of `url`, where the user named some for it and its port.
fn addresses(url: &Url, spec: &FeedSpec) -> Option<(String, Vec<IpAddr>)> {
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let found = spec
        .resolve
        .iter()
        .find(|named| named.port == port && named.host.eq_ignore_ascii_case(host))?;
    Some((host.to_owned(), found.addresses.clone()))
}

/// Chooses ring for the whole process, unless something else was chosen before.
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
