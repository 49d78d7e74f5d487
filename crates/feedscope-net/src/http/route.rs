//! The way to a server: straight, through a proxy, or through a Unix-domain socket. It never connects.

use std::path::PathBuf;
use std::sync::LazyLock;

use feedscope_core::feed::FeedSpec;
use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Without a proxy, whatever the environment says.
    Direct,
    /// As the environment says, which names no proxy for this URL, or this one.
    Environment(Option<String>),
    /// Through this proxy.
    Proxy(Url),
    /// Through this socket, to whoever listens on it.
    UnixSocket(PathBuf),
}

impl Route {
    /// The way to `url`. Proxies from the environment are bypassed for loopback; one that was asked for is not.
    pub(crate) fn to(url: &Url, spec: &FeedSpec) -> Self {
        if let Some(socket) = &spec.unix_socket {
            return Self::UnixSocket(socket.clone());
        }
        match &spec.proxy {
            Some(proxy) => Self::Proxy(proxy.clone()),
            None if is_loopback(url) => Self::Direct,
            None => Self::Environment(environment_proxy(url)),
        }
    }

    /// The proxy on the way, host and port.
    pub(crate) fn proxy(&self) -> Option<String> {
        match self {
            Self::Direct | Self::UnixSocket(_) => None,
            Self::Environment(proxy) => proxy.clone(),
            Self::Proxy(url) => Some(host_and_port(url)),
        }
    }

    /// Whether certificates have to be loaded, which takes a while.
    pub(super) fn needs_tls(&self, url: &Url) -> bool {
        url.scheme() == "https"
            || match self {
                Self::Proxy(proxy) => proxy.scheme() == "https",
                // What scheme it has is not told.
                Self::Environment(proxy) => proxy.is_some(),
                Self::Direct | Self::UnixSocket(_) => false,
            }
    }

    /// What is connected to first for `url`, as people write it.
    pub(crate) fn address(&self, url: &Url) -> String {
        match self {
            Self::UnixSocket(path) => path.display().to_string(),
            _ => host_and_port(url),
        }
    }
}

/// Host and port as people write them, the port also where it is the scheme's own.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    // The `url` crate knows no port for SOCKS (RFC 1928 3).
    let own = || url.scheme().starts_with("socks").then_some(1080);
    url.port_or_known_default()
        .or_else(own)
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
        assert_eq!(host_and_port(&url("socks5://a.example")), "a.example:1080");
        let socket = Route::UnixSocket("/run/feed.sock".into());
        assert_eq!(socket.address(&url("http://a.example/x")), "/run/feed.sock");
    }
}
