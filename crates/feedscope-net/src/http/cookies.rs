//! Cookies of one feed. A cookie that an answer sets is sent with the next requests (RFC 6265).
//!
//! Each cookie belongs to the origin that set it. It is sent to no other origin, even if it names a domain.

use std::time::Duration;

use feedscope_core::time::Timestamp;
use parking_lot::Mutex;
use reqwest::header::{self, HeaderMap, HeaderValue};
use url::{Origin, Url};

/// Largest number of cookies of a feed (RFC 6265 6.1 requires at least 50 for each domain).
const MOST: usize = 64;

/// Largest length of a cookie with its name in bytes (RFC 6265 6.1 requires at least 4096).
const LONGEST: usize = 4096;

/// Cookies of one feed. They are kept as long as the feed exists, and are not written to a file.
#[derive(Default)]
pub(crate) struct CookieJar {
    cookies: Mutex<Vec<Cookie>>,
}

struct Cookie {
    origin: Origin,
    path: String,
    name: String,
    value: String,
    /// Time from which it is no longer sent; `None` for never.
    until: Option<Timestamp>,
}

impl CookieJar {
    /// Stores the cookies that an answer from `url` sets.
    pub(crate) fn take_in(&self, url: &Url, answer: &HeaderMap, now: Timestamp) {
        let mut cookies = self.cookies.lock();
        for line in answer.get_all(header::SET_COOKIE) {
            let Some(new) = line.to_str().ok().and_then(|line| parse(line, url, now)) else {
                continue;
            };
            cookies.retain(|old| {
                (&old.origin, &old.path, &old.name) != (&new.origin, &new.path, &new.name)
            });
            if !new.is_over(now) {
                // The oldest cookie makes room for the new one.
                if cookies.len() == MOST {
                    cookies.remove(0);
                }
                cookies.push(new);
            }
        }
    }

    /// Adds the cookies for `url` to the ones that the user set, if any. A cookie of the server replaces a cookie of
    /// the user with the same name, because it is newer.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap, url: &Url, now: Timestamp) {
        let cookies = self.cookies.lock();
        let mut ours: Vec<&Cookie> = cookies
            .iter()
            .filter(|cookie| cookie.is_for(url) && !cookie.is_over(now))
            .collect();
        if ours.is_empty() {
            return;
        }
        // RFC 6265 5.4: cookies with longer paths come first.
        ours.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let typed = headers
            .get(header::COOKIE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default();
        let typed = typed.split(';').map(str::trim).filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !ours.iter().any(|cookie| cookie.name == name)
        });
        let pairs: Vec<String> = typed
            .map(str::to_owned)
            .chain(
                ours.iter()
                    .map(|cookie| format!("{}={}", cookie.name, cookie.value)),
            )
            .collect();
        if let Ok(mut value) = HeaderValue::from_str(&pairs.join("; ")) {
            value.set_sensitive(true);
            headers.insert(header::COOKIE, value);
        }
    }
}

impl Cookie {
    fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Returns true if the cookie belongs to this URL. A path matches itself and all paths below it (RFC 6265 5.1.4).
    fn is_for(&self, url: &Url) -> bool {
        let below = || {
            url.path().strip_prefix(&self.path).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
            })
        };
        self.origin == url.origin() && below()
    }
}

/// Parses a line of `Set-Cookie` (RFC 6265 5.2 and 5.3); `None` for a line that sets no cookie.
fn parse(line: &str, url: &Url, now: Timestamp) -> Option<Cookie> {
    let mut parts = line.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || name.len() + value.len() > LONGEST {
        return None;
    }
    let mut cookie = Cookie {
        origin: url.origin(),
        path: default_path(url).to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
        until: None,
    };
    let mut max_age = None;
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
            "max-age" => max_age = value.parse::<i64>().ok().or(max_age),
            "expires" => cookie.until = date(value).or(cookie.until),
            // The cookie belongs to the host that set it. A cookie for another domain is rejected (5.3, 6.).
            "domain" if !covers(value, url) => return None,
            "secure" if url.scheme() != "https" => return None,
            _ => {}
        }
    }
    // RFC 6265 5.3, 3.: Max-Age has priority over Expires.
    if let Some(seconds) = max_age {
        let micros = seconds.max(0).saturating_mul(1_000_000);
        cookie.until = Some(Timestamp::from_micros(
            now.as_micros().saturating_add(micros),
        ));
    }
    Some(cookie)
}

/// Returns the default path: the directory of the URL (RFC 6265 5.1.4).
fn default_path(url: &Url) -> &str {
    match url.path().rsplit_once('/') {
        Some((directory, _)) if !directory.is_empty() => directory,
        _ => "/",
    }
}

fn covers(domain: &str, url: &Url) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let host = url.host_str().unwrap_or_default();
    domain.is_empty() || host == domain || host.ends_with(&format!(".{domain}"))
}

fn date(text: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(text)
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    Some(Timestamp::from_micros(
        i64::try_from(since_epoch.as_micros()).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    /// Returns the cookies that are sent to `to` after `from` has set these, beside the user's `mine=1`.
    fn sent(from: &str, lines: &[&str], to: &str, later: i64) -> String {
        let jar = CookieJar::default();
        let mut answer = HeaderMap::new();
        for line in lines {
            answer.append(header::SET_COOKIE, line.parse().unwrap());
        }
        jar.take_in(&from.parse().unwrap(), &answer, NOW);
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("mine=1"));
        let now = Timestamp::from_micros(NOW.as_micros() + later * 1_000_000);
        jar.add_to(&mut headers, &to.parse().unwrap(), now);
        headers[header::COOKIE].to_str().unwrap().to_owned()
    }

    #[test]
    fn what_was_set_comes_back_to_its_origin_and_no_other() {
        let set = ["a=1; HttpOnly", "b=x=y; Path=/feed", "mine=2"];
        let from = "http://a.example/feed/one";
        assert_eq!(sent(from, &set, from, 0), "a=1; b=x=y; mine=2");
        for other in [
            "http://a.example/other",
            "http://a.example/feeder",
            "https://a.example/feed/one",
            "http://a.example:81/feed/one",
            "http://b.a.example/feed/one",
        ] {
            assert_eq!(sent(from, &set, other, 0), "mine=1", "{other}");
        }
    }

    #[test]
    fn cookies_end_when_they_say() {
        let from = "https://a.example/";
        for (line, kept) in [
            ("a=1; Max-Age=60", true),
            ("a=1; max-age=5", false),
            (
                "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                true,
            ),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("a=1; Expires=soon; Secure", true),
            ("a=1; Domain=example", true),
            ("a=1; Domain=.b.example", false),
            ("=1", false),
            ("a", false),
        ] {
            assert_eq!(
                sent(from, &[line], from, 10).contains("a=1"),
                kept,
                "{line}"
            );
        }
        let taken_back = ["a=1", "a=; Max-Age=0"];
        assert_eq!(sent(from, &taken_back, from, 0), "mine=1");
        assert_eq!(
            sent(
                "http://a.example/",
                &["a=1; Secure"],
                "http://a.example/",
                0
            ),
            "mine=1"
        );
    }

    #[test]
    fn a_jar_holds_so_many_and_no_more() {
        let lines: Vec<String> = (0..MOST + 9).map(|n| format!("n{n}=1")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let sent = sent("http://x/", &lines, "http://x/", 0);
        assert_eq!(sent.matches("=1").count(), MOST + 1, "with the one typed");
        assert!(
            !sent.contains("n8=") && sent.contains("n9="),
            "the oldest went"
        );
        let long = format!("a={}", "x".repeat(LONGEST));
        assert!(!self::sent("http://x/", &[&long], "http://x/", 0).contains("a="));
    }
}
