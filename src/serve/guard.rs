//! Protection against web pages: only programs of this machine, and pages of allowed origins, read the feeds.
//!
//! A page of another origin could connect to loopback, and a name of its own could resolve to it. Such requests have an
//! `Origin`, or a `Host` other than the one of this server.

use hyper::StatusCode;
use hyper::header::{HOST, HeaderMap, HeaderValue, ORIGIN};

/// Names by which a client on this machine reaches the server.
const OWN_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Check of each request.
pub(super) struct Guard {
    port: u16,
    allowed_origins: Vec<String>,
}

impl Guard {
    /// Returns a guard for a server on this port.
    pub(super) fn new(port: u16, allowed_origins: &[String]) -> Self {
        Self {
            port,
            allowed_origins: allowed_origins.to_vec(),
        }
    }

    /// Returns the answer to a request that is refused.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        if host.is_none_or(|host| !self.is_own_host(host)) {
            return Err((
                StatusCode::MISDIRECTED_REQUEST,
                "this server answers on localhost and 127.0.0.1 with its own port only\n",
            ));
        }
        let is_allowed = match headers.get(ORIGIN) {
            Some(_) => self.origin(headers).is_some(),
            // A plain GET for another page has no origin, but browsers add metadata about its source.
            None => !is_for_a_foreign_page(headers),
        };
        if is_allowed {
            Ok(())
        } else {
            Err((
                StatusCode::FORBIDDEN,
                "pages of other origins may not read these feeds; --allow-origin ORIGIN allows one\n",
            ))
        }
    }

    /// Returns the origin of the request, if it is allowed.
    pub(super) fn origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        let text = origin.to_str().ok()?;
        let own = text
            .strip_prefix("http://")
            .is_some_and(|host| self.is_own_host(host));
        let is_allowed = own || self.allowed_origins.iter().any(|allowed| allowed == text);
        is_allowed.then(|| origin.clone())
    }

    fn is_own_host(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else {
            return self.port == 80 && OWN_NAMES.contains(&host);
        };
        OWN_NAMES.contains(&name) && port.parse() == Ok(self.port)
    }
}

/// Returns true if a browser sends the request for a page of another origin (Fetch Metadata, W3C).
fn is_for_a_foreign_page(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site" || site == "same-site")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, others: &[(&'static str, &str)]) -> Option<u16> {
        let guard = Guard::new(8_000, &["https://app.test".to_owned()]);
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        for (name, value) in others {
            headers.insert(*name, value.parse().unwrap());
        }
        guard
            .check(&headers)
            .err()
            .map(|(status, _)| status.as_u16())
    }

    #[test]
    fn only_own_names_and_allowed_origins_pass() {
        for host in ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"] {
            assert_eq!(check(host, &[]), None, "{host}");
        }
        for host in ["127.0.0.1:8001", "localhost", "evil.test:8000", "127.0.0.1"] {
            assert_eq!(check(host, &[]), Some(421), "{host}");
        }
        let own = "localhost:8000";
        for origin in [
            "https://app.test",
            "http://localhost:8000",
            "http://127.0.0.1:8000",
        ] {
            assert_eq!(check(own, &[("origin", origin)]), None, "{origin}");
        }
        for origin in [
            "null",
            "https://evil.test",
            "http://localhost:9000",
            "https://localhost:8000",
        ] {
            assert_eq!(check(own, &[("origin", origin)]), Some(403), "{origin}");
        }
        assert_eq!(check(own, &[("sec-fetch-site", "cross-site")]), Some(403));
        assert_eq!(check(own, &[("sec-fetch-site", "same-origin")]), None);
    }
}
