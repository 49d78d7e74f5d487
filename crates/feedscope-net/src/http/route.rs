//! Route to a server: direct, through a proxy, or through a Unix-domain socket. This module does not connect.

use std::path::PathBuf;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use url::{Host, Url};

use super::environment;

/// Route to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Connection to the URL's host and port.
    Direct,
    /// Connection through this proxy.
    Proxy(Url),
    /// Connection to this socket, independent of the URL's host and port.
    UnixSocket(PathBuf),
}

/// Host and port of a proxy that forwarded a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forwarder(pub(super) String);

impl Route {
    /// Returns the route to `url`, which is `http` or `https`.
    ///
    /// A proxy from the environment is never used for loopback. A proxy that the user set for this feed is always used.
    ///
    /// # Errors
    ///
    /// [`Failure::ProxySetting`] if the environment names something that is not a proxy.
    pub(crate) fn to(url: &Url, spec: &FeedSpec) -> Result<Self, Failure> {
        if let Some(socket) = &spec.transport.unix_socket {
            return Ok(Self::UnixSocket(socket.clone()));
        }
        let proxy = match &spec.transport.proxy {
            Some(proxy) => Some(proxy.reveal().clone()),
            None if is_loopback(url) => None,
            None => environment::proxy_for(url)?,
        };
        Ok(proxy.map_or(Self::Direct, Self::Proxy))
    }

    /// Returns host and port of the proxy.
    pub(crate) fn proxy(&self) -> Option<String> {
        match self {
            Self::Direct | Self::UnixSocket(_) => None,
            Self::Proxy(url) => Some(host_and_port(url)),
        }
    }

    /// Returns the proxy that forwards a client's request to `url`, and that could answer the request itself. A tunnel
    /// only passes the server's answers on.
    pub(super) fn forwarder(&self, url: &Url) -> Option<Forwarder> {
        let is_http = |proxy: &Url| matches!(proxy.scheme(), "http" | "https");
        match self {
            Self::Proxy(proxy) if url.scheme() == "http" && is_http(proxy) => {
                Some(Forwarder(host_and_port(proxy)))
            }
            _ => None,
        }
    }

    /// Returns true if a connection needs TLS. Certificates must be loaded for it, which takes some time.
    pub(super) fn needs_tls(&self, url: &Url) -> bool {
        url.scheme() == "https" || matches!(self, Self::Proxy(proxy) if proxy.scheme() == "https")
    }

    /// Returns the address of the server at `url`, as people write it.
    pub(crate) fn address(&self, url: &Url) -> String {
        match self {
            Self::UnixSocket(path) => path.display().to_string(),
            _ => host_and_port(url),
        }
    }
}

/// Returns host and port as people write them. The port is included even if it is the scheme's default.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    // The `url` crate has no default port for SOCKS (RFC 1928 3).
    let own = || url.scheme().starts_with("socks").then_some(1080);
    url.port_or_known_default()
        .or_else(own)
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Returns true for an address of this machine and for the names of such an address.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        Some(Host::Domain(name)) => is_localhost(name),
        None => false,
    }
}

/// Returns true for `localhost` and every name under it, which are loopback (RFC 6761 6.3).
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Returns the host of a URL. An IPv6 address has no brackets.
pub(super) fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
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
            "http://localhost./",
            "http://a.b.LOCALHOST./",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(is_loopback(&url(there)), "{there}");
        }
        for elsewhere in [
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "http://localhost.example/",
            "http://localhost.localdomain/",
            "http://notlocalhost/",
        ] {
            assert!(!is_loopback(&url(elsewhere)), "{elsewhere}");
        }
    }

    #[test]
    fn a_chosen_proxy_is_used_for_loopback_too() {
        let mut spec = FeedSpec::new(url("http://127.0.0.1:1/"));
        assert_eq!(Route::to(&spec.url, &spec), Ok(Route::Direct));
        spec.transport.proxy = Some(url("http://127.0.0.1:3128").into());
        assert_eq!(
            Route::to(&spec.url, &spec).unwrap().proxy().unwrap(),
            "127.0.0.1:3128"
        );
    }

    #[test]
    fn only_http_proxies_forward_and_only_requests_without_tls() {
        let forwarder = |proxy: &str, to: &str| Route::Proxy(url(proxy)).forwarder(&url(to));
        assert_eq!(
            forwarder("http://p:3128", "http://a/"),
            Some(Forwarder("p:3128".into()))
        );
        assert!(forwarder("https://p", "http://a/").is_some());
        for (proxy, to) in [
            ("http://p", "https://a/"),
            ("socks5h://p", "http://a/"),
            ("socks4://p", "http://a/"),
        ] {
            assert_eq!(forwarder(proxy, to), None);
        }
        assert_eq!(Route::Direct.forwarder(&url("http://a/")), None);
    }

    #[test]
    fn addresses_name_the_port() {
        assert_eq!(host_and_port(&url("http://a.example/x")), "a.example:80");
        assert_eq!(host_and_port(&url("https://[::1]/x")), "[::1]:443");
        assert_eq!(host_and_port(&url("socks5://a.example")), "a.example:1080");
        let socket = Route::UnixSocket("/run/feed.sock".into());
        assert_eq!(socket.address(&url("http://a.example/x")), "/run/feed.sock");
    }
}
