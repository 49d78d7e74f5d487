//! Addresses of proxies from an option, the window or the environment. It does not select the feeds that use a proxy.

use std::fmt;

use url::{ParseError, Url};

/// Schemes of supported proxies.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Parses the address of a proxy. Without a scheme, it is an HTTP proxy, as in curl. Blanks around it are ignored.
///
/// # Errors
///
/// Returns a [`ProxyProblem`], whose `Display` is a sentence without the name and password that the text may contain.
pub fn parse_proxy(typed: &str) -> Result<Url, ProxyProblem> {
    let typed = typed.trim();
    let has_scheme = typed
        .split_once("://")
        .is_some_and(|(scheme, _)| super::is_scheme(scheme));
    // curl assumes `http` for an address without a scheme.
    let url = if has_scheme {
        Url::parse(typed)
    } else {
        Url::parse(&format!("http://{typed}"))
    };
    let url = url.map_err(ProxyProblem::NotUrl)?;
    if !SCHEMES.contains(&url.scheme()) {
        return Err(ProxyProblem::Scheme(url.scheme().to_owned()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(ProxyProblem::NotUrl(ParseError::EmptyHost));
    }
    if url.port() == Some(0) {
        return Err(ProxyProblem::NotUrl(ParseError::InvalidPort));
    }
    Ok(url)
}

/// Reason for which a text is not the address of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyProblem {
    /// The text is not a URL.
    NotUrl(ParseError),
    /// The scheme is not supported for a proxy.
    Scheme(String),
}

impl fmt::Display for ProxyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUrl(error) => write!(f, "not a URL: {error}"),
            Self::Scheme(scheme) => write!(
                f,
                "`{}` is not a kind of proxy: http, https, socks4, socks4a, socks5 or socks5h",
                super::shown(scheme)
            ),
        }
    }
}

impl std::error::Error for ProxyProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_a_scheme() {
        for (typed, expected) in [
            ("http://p:3128", "http://p:3128/"),
            ("p:3128", "http://p:3128/"),
            (" \tp:3128\n", "http://p:3128/"),
            ("localhost", "http://localhost/"),
            ("ada:pw@127.0.0.1:8080", "http://ada:pw@127.0.0.1:8080/"),
            ("[::1]:3128", "http://[::1]:3128/"),
            ("HTTPS://p", "https://p/"),
            ("socks5h://p:9050", "socks5h://p:9050"),
            ("socks4://p", "socks4://p"),
        ] {
            let url = parse_proxy(typed).map(String::from);
            assert_eq!(url.as_deref(), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn what_is_not_an_address_gets_a_sentence_without_secrets() {
        for (typed, sentence) in [
            ("", "not a URL: empty host"),
            ("http://", "not a URL: empty host"),
            ("socks5://", "not a URL: empty host"),
            (
                "http://p:hunter2@127.0.0.1:99999",
                "not a URL: invalid port number",
            ),
            (
                "p:hunter2@127.0.0.1:99999",
                "not a URL: invalid port number",
            ),
            ("http://p:0", "not a URL: invalid port number"),
            ("http://a b", "not a URL: invalid international domain name"),
            (
                "ftp://p:hunter2@x",
                "`ftp` is not a kind of proxy: http, https, socks4, socks4a, socks5 or socks5h",
            ),
        ] {
            let problem = parse_proxy(typed).map_err(|problem| problem.to_string());
            assert_eq!(problem, Err(sentence.to_owned()), "{typed}");
        }
    }
}
