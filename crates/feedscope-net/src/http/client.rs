//! HTTP clients: TLS, proxies, and what no feed wants of a client (pools, retries, redirects of its own).
//! It never sends anything.

use std::env;
use std::sync::Arc;
use std::sync::LazyLock;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use hyper_util::client::proxy::matcher::Matcher;
use parking_lot::Mutex;
use reqwest::{Client, Proxy, redirect};
use url::{Host, Url};

/// Answers with more header lines than this are refused.
const MAX_HEADERS: usize = 512;

/// The clients of all feeds, made when they are first needed.
///
/// They keep no connection for later, so sharing one shares its certificates and nothing else.
#[derive(Clone, Default)]
pub(crate) struct Clients {
    made: Arc<Mutex<Vec<(Needs, Client)>>>,
}

/// What a client is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Needs {
    /// Whether certificates have to be loaded, which takes a while.
    tls: bool,
    insecure: bool,
    /// Whether the connection is to be upgraded, which HTTP/2 cannot do.
    upgrade: bool,
    route: Route,
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Without a proxy, whatever the environment says.
    Direct,
    /// As the environment says, which names no proxy for this URL, or this one.
    Environment(Option<String>),
    /// Through this proxy.
    Proxy(Url),
}

impl Route {
    /// The way to `url`. Proxies from the environment are bypassed for loopback; one that was asked for is not.
    pub(crate) fn to(url: &Url, spec: &FeedSpec) -> Self {
        match &spec.proxy {
            Some(proxy) => Self::Proxy(proxy.clone()),
            None if is_loopback(url) => Self::Direct,
            None => Self::Environment(environment_proxy(url)),
        }
    }

    /// The proxy on the way, host and port.
    pub(crate) fn proxy(&self) -> Option<String> {
        match self {
            Self::Direct => None,
            Self::Environment(proxy) => proxy.clone(),
            Self::Proxy(url) => Some(host_and_port(url)),
        }
    }
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
        let tls = url.scheme() == "https"
            || matches!(route, Route::Proxy(proxy) if proxy.scheme() == "https");
        let needs = Needs {
            tls,
            insecure: spec.insecure,
            upgrade,
            route: route.clone(),
        };
        if let Some((_, client)) = self
            .made
            .lock()
            .iter()
            .find(|(made_for, _)| *made_for == needs)
        {
            return Ok(client.clone());
        }
        let making = needs.clone();
        // Certificates are read from many files.
        let client = tokio::task::spawn_blocking(move || making.client())
            .await
            .map_err(|gone| bad_request(&gone.to_string()))?
            .map_err(|error| bad_request(&super::failure::innermost(&error)))?;
        self.made.lock().push((needs, client.clone()));
        Ok(client)
    }
}

impl Needs {
    fn client(&self) -> reqwest::Result<Client> {
        install_crypto_provider();
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A connection is one life of a feed: none is kept, none is shared.
            .pool_max_idle_per_host(0)
            .http1_max_headers(MAX_HEADERS)
            .tcp_nodelay(true)
            .tls_danger_accept_invalid_certs(self.insecure)
            .tls_sslkeylogfile(env::var_os("SSLKEYLOGFILE").is_some());
        if !self.tls {
            builder = builder.tls_certs_only([]);
        }
        if self.upgrade {
            builder = builder.http1_only();
        }
        match &self.route {
            Route::Environment(_) => {}
            Route::Direct => builder = builder.no_proxy(),
            Route::Proxy(url) => builder = builder.no_proxy().proxy(Proxy::all(url.clone())?),
        }
        builder.build()
    }
}

/// Chooses ring for the whole process; whoever chose before keeps its choice.
fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    }
}

fn bad_request(detail: &str) -> Failure {
    Failure::BadRequest {
        detail: detail.to_owned(),
    }
}

/// Host and port as people write them, the port also where it is the scheme's own.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        // RFC 6761 6.3: names below `localhost` are loopback as well.
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

/// The proxy that the environment (or the desktop's settings) names for `url`, as the HTTP client will see it too.
fn environment_proxy(url: &Url) -> Option<String> {
    static MATCHER: LazyLock<Matcher> = LazyLock::new(Matcher::from_system);
    let proxy = MATCHER.intercept(&url.as_str().parse().ok()?)?;
    let uri = proxy.uri();
    let host = uri.host()?;
    Some(
        uri.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn loopback_is_known_in_all_its_forms() {
        for there in [
            "http://127.0.0.1/",
            "http://127.8.9.1:80/",
            "http://[::1]/",
            "http://localhost:1/",
            "http://a.localhost/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(is_loopback(&url(there)), "{there}");
        }
        for elsewhere in [
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "http://localhost.example/",
        ] {
            assert!(!is_loopback(&url(elsewhere)), "{elsewhere}");
        }
    }

    #[test]
    fn a_proxy_that_was_asked_for_is_obeyed_on_loopback_too() {
        let mut spec = FeedSpec::new(url("http://127.0.0.1:1/"));
        assert_eq!(Route::to(&spec.url, &spec), Route::Direct);
        spec.proxy = Some(url("http://127.0.0.1:3128"));
        assert_eq!(
            Route::to(&spec.url, &spec).proxy().unwrap(),
            "127.0.0.1:3128"
        );
    }

    #[test]
    fn addresses_name_the_port() {
        assert_eq!(host_and_port(&url("http://a.example/x")), "a.example:80");
        assert_eq!(host_and_port(&url("https://[::1]/x")), "[::1]:443");
    }
}
