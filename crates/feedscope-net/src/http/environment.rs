//! Proxies that the environment names in `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, and on some systems
//! the settings of the desktop. This module does not decide whether a proxy is used.

use std::env;
use std::ffi::OsString;
use std::sync::LazyLock;

use feedscope_core::connection::Failure;
use feedscope_core::url_text::parse_proxy;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::no_proxy;

/// Returns the proxy for `url`, which is `http` or `https`; `None` if the environment names none for it.
///
/// # Errors
///
/// [`Failure::ProxySetting`] if a variable contains anything other than the address of a proxy.
pub(super) fn proxy_for(url: &Url) -> Result<Option<Url>, Failure> {
    let named = Variables(|name: &str| env::var_os(name)).proxy_for(url)?;
    if named.is_some() || !cfg!(any(target_os = "macos", windows)) {
        return Ok(named);
    }
    Ok(desktop_proxy(url))
}

/// Variables of an environment, by their names.
struct Variables<F>(F);

impl<F: Fn(&str) -> Option<OsString>> Variables<F> {
    fn proxy_for(&self, url: &Url) -> Result<Option<Url>, Failure> {
        let Some((name, value)) = self.first(self.names_for(url)) else {
            return Ok(None);
        };
        let exceptions = self.first(&["no_proxy", "NO_PROXY"]);
        if exceptions.is_some_and(|(_, list)| no_proxy::names_host(&list.to_string_lossy(), url)) {
            return Ok(None);
        }
        let proxy = match value.to_str() {
            Some(text) => parse_proxy(text).map_err(|problem| problem.to_string()),
            None => Err("not text".to_owned()),
        };
        proxy.map(Some).map_err(|detail| Failure::ProxySetting {
            variable: name.to_owned(),
            detail,
        })
    }

    /// Returns the names of the variables for `url`, in curl's order.
    fn names_for(&self, url: &Url) -> &'static [&'static str] {
        // A web server passes the header `Proxy` of a request to a CGI program as `HTTP_PROXY` ("httpoxy").
        let is_cgi = (self.0)("REQUEST_METHOD").is_some();
        match url.scheme() {
            "https" => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
            _ if is_cgi => &["http_proxy", "all_proxy", "ALL_PROXY"],
            _ => &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
        }
    }

    /// Returns the first of these variables that is set and not blank.
    fn first(&self, names: &[&'static str]) -> Option<(&'static str, OsString)> {
        let is_blank = |value: &OsString| value.to_str().is_some_and(|text| text.trim().is_empty());
        names
            .iter()
            .filter_map(|&name| Some((name, (self.0)(name)?)))
            .find(|(_, value)| !is_blank(value))
    }
}

/// Returns the proxy in the settings of macOS or Windows.
fn desktop_proxy(url: &Url) -> Option<Url> {
    static SETTINGS: LazyLock<Matcher> = LazyLock::new(Matcher::from_system);
    let proxy = SETTINGS.intercept(&url.as_str().parse().ok()?)?;
    parse_proxy(&proxy.uri().to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy_for(url: &str, set: &[(&str, &str)]) -> Result<Option<String>, String> {
        let lookup = |name: &str| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let proxy = Variables(lookup).proxy_for(&Url::parse(url).unwrap());
        proxy
            .map(|proxy| proxy.map(String::from))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn variables_are_read_in_the_order_of_curl() {
        let all = [
            ("ALL_PROXY", "all-large"),
            ("all_proxy", "all-small"),
            ("HTTP_PROXY", "http-large"),
            ("HTTPS_PROXY", "https-large"),
            ("http_proxy", "http-small"),
            ("https_proxy", "https-small"),
        ];
        for (set, http, https) in [
            (6, "http://http-small/", "http://https-small/"),
            (5, "http://http-small/", "http://https-large/"),
            (4, "http://http-large/", "http://https-large/"),
            (3, "http://http-large/", "http://all-small/"),
            (2, "http://all-small/", "http://all-small/"),
            (1, "http://all-large/", "http://all-large/"),
        ] {
            let set = &all[..set];
            assert_eq!(proxy_for("http://a.test/", set).unwrap().unwrap(), http);
            assert_eq!(proxy_for("https://a.test/", set).unwrap().unwrap(), https);
        }
        assert_eq!(proxy_for("http://a.test/", &[]), Ok(None));
        let blank = [("http_proxy", ""), ("HTTP_PROXY", " "), ("all_proxy", "p")];
        assert_eq!(
            proxy_for("http://a.test/", &blank).unwrap().unwrap(),
            "http://p/"
        );
    }

    #[test]
    fn a_cgi_program_ignores_what_a_request_can_set() {
        let set = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "evil")];
        assert_eq!(proxy_for("http://a.test/", &set), Ok(None));
        let set = [("REQUEST_METHOD", "GET"), ("http_proxy", "good")];
        assert!(proxy_for("http://a.test/", &set).unwrap().is_some());
    }

    #[test]
    fn no_proxy_takes_hosts_out() {
        let with = |name, list| [("http_proxy", "p"), (name, list)];
        let proxy_for = |set: &[(&str, &str)]| proxy_for("http://a.test/", set);
        assert_eq!(proxy_for(&with("no_proxy", "*.test")), Ok(None));
        assert_eq!(proxy_for(&with("NO_PROXY", "b.test a.test:80")), Ok(None));
        assert!(proxy_for(&with("NO_PROXY", "b.test")).unwrap().is_some());
    }

    #[test]
    fn a_variable_that_is_not_a_proxy_is_named() {
        for (name, value, says) in [
            (
                "http_proxy",
                " http://p:hunter2@127.0.0.1:99999 ",
                "variable http_proxy cannot be used: not a URL: invalid port number",
            ),
            (
                "ALL_PROXY",
                "ftp://hunter2@a.test",
                "variable ALL_PROXY cannot be used: `ftp` is not a kind of proxy",
            ),
            (
                "HTTP_PROXY",
                "http://",
                "variable HTTP_PROXY cannot be used: not a URL: empty host",
            ),
        ] {
            let failure = proxy_for("http://a.test/", &[(name, value)]).unwrap_err();
            assert!(failure.contains(says), "{failure}");
            assert!(!failure.contains("hunter2"), "{failure}");
            // The proxy is not needed, so that nothing is wrong.
            let unused = [(name, value), ("no_proxy", "a.test")];
            assert_eq!(proxy_for("http://a.test/", &unused), Ok(None));
        }
    }
}
