//! HTTP clients: TLS, proxies, and what no feed wants of a client (pools, retries, redirects of its own).
//! It never sends anything.

use std::env;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use parking_lot::Mutex;
use reqwest::{Certificate, Client, Identity, Proxy, redirect};
use url::Url;

use super::failure;
use super::resolve::Resolver;
use super::route::Route;

/// Answers with more header lines than this are refused.
const MAX_HEADERS: usize = 512;

/// How many clients are kept, at most. Whoever changes its options again and again pushes the oldest out.
const MOST_KEPT: usize = 32;

/// The clients of all feeds, made when they are first needed.
///
/// They keep no connection for later, so sharing one shares its certificates and nothing else.
#[derive(Clone, Default)]
pub(crate) struct Clients {
    made: Arc<Mutex<Vec<(Needs, Client)>>>,
}

/// What a client is made for.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one setting of the client, and none of them implies another"
)]
#[derive(Clone, PartialEq, Eq)]
struct Needs {
    tls: bool,
    insecure: bool,
    /// Certificates of further authorities, as read from their file.
    authorities: Option<Vec<u8>>,
    /// Our own certificate and its key, as read from their files.
    identity: Option<Vec<u8>>,
    /// Whether the connection is to be upgraded, which HTTP/2 cannot do.
    upgrade: bool,
    compression: bool,
    route: Route,
    /// The addresses to use for a host.
    addresses: Option<(String, Vec<IpAddr>)>,
}

impl Clients {
    /// The client for a request to `url`, whose scheme is `http` or `https`.
    pub(crate) async fn get(
        &self,
        url: &Url,
        spec: &FeedSpec,
        upgrade: bool,
        route: &Route,
    ) -> Result<Client, Failure> {
        let (url, spec, route) = (url.clone(), spec.clone(), route.clone());
        let has_files = spec.ca_file.is_some() || spec.client_certificate.is_some();
        if !has_files {
            let needs = Needs::of(&url, &spec, upgrade, route.clone())?;
            if let Some(client) = self.made(&needs) {
                return Ok(client);
            }
        }
        let clients = self.clone();
        // Certificates are read from many files.
        tokio::task::spawn_blocking(move || {
            let needs = Needs::of(&url, &spec, upgrade, route)?;
            match clients.made(&needs) {
                Some(client) => Ok(client),
                None => clients.make(needs),
            }
        })
        .await
        .map_err(|gone| bad_request(gone.to_string()))?
    }

    fn made(&self, needs: &Needs) -> Option<Client> {
        let made = self.made.lock();
        let (_, client) = made.iter().find(|(made_for, _)| made_for == needs)?;
        Some(client.clone())
    }

    fn make(&self, needs: Needs) -> Result<Client, Failure> {
        let client = needs.client()?;
        let mut made = self.made.lock();
        if made.len() == MOST_KEPT {
            made.remove(0);
        }
        made.push((needs, client.clone()));
        Ok(client)
    }
}

impl Needs {
    /// Reads the files that `spec` names, so that one that was mended is heeded by the next attempt.
    fn of(url: &Url, spec: &FeedSpec, upgrade: bool, route: Route) -> Result<Self, Failure> {
        let tls = route.needs_tls(url);
        let read_ca = || spec.ca_file.as_deref().map(read).transpose();
        Ok(Self {
            tls,
            insecure: spec.insecure,
            authorities: if tls { read_ca()? } else { None },
            identity: if tls { read_identity(spec)? } else { None },
            upgrade,
            compression: spec.compression && !upgrade,
            route,
            addresses: addresses(url, spec),
        })
    }

    fn client(&self) -> Result<Client, Failure> {
        install_crypto_provider();
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A connection is one life of a feed: none is kept, none is shared.
            .pool_max_idle_per_host(0)
            .http1_max_headers(MAX_HEADERS)
            .tcp_nodelay(true)
            .dns_resolver(Resolver)
            .gzip(self.compression)
            .brotli(self.compression)
            .zstd(self.compression)
            .tls_danger_accept_invalid_certs(self.insecure)
            .tls_sslkeylogfile(env::var_os("SSLKEYLOGFILE").is_some());
        if let Some(pem) = &self.authorities {
            builder = builder.tls_certs_merge(certificates(pem)?);
        }
        if let Some(pem) = &self.identity {
            let identity = Identity::from_pem(pem).map_err(|error| {
                bad_request(format!(
                    "the client certificate and its key cannot be read ({})",
                    failure::innermost(&error)
                ))
            })?;
            builder = builder.identity(identity);
        }
        if !self.tls {
            builder = builder.tls_certs_only([]);
        }
        if self.upgrade {
            builder = builder.http1_only();
        }
        if let Some((host, addresses)) = &self.addresses {
            // The port is the URL's, whatever stands here.
            let addresses: Vec<_> = addresses.iter().map(|&ip| SocketAddr::new(ip, 0)).collect();
            builder = builder.resolve_to_addrs(host, &addresses);
        }
        let builder = self.routed(builder)?;
        builder.build().map_err(|error| unusable(&error))
    }

    fn routed(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Failure> {
        // The route is decided already: without this call reqwest reads the environment itself.
        let builder = builder.no_proxy();
        Ok(match &self.route {
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

/// Certificate and key, one after the other; `None` where there is no certificate.
fn read_identity(spec: &FeedSpec) -> Result<Option<Vec<u8>>, Failure> {
    let Some(certificate) = &spec.client_certificate else {
        return Ok(None);
    };
    let mut pem = read(certificate)?;
    if let Some(key) = &spec.client_key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    Ok(Some(pem))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let why = failure::in_words(&error);
        bad_request(format!("{} cannot be read ({why})", path.display()))
    })
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, Failure> {
    let certificates = Certificate::from_pem_bundle(pem).map_err(|error| unusable(&error))?;
    if certificates.is_empty() {
        return Err(bad_request(
            "there is no certificate (PEM) in the file of authorities".to_owned(),
        ));
    }
    Ok(certificates)
}

/// Chooses ring for the whole process; whoever chose before keeps its choice.
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
