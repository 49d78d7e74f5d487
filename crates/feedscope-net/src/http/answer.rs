//! Answers that refuse a request: their text for people, and the time after which the server allows another request.
//! This module does not decide whether an attempt is repeated.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use feedscope_core::connection::{Challenge, Failure, is_page};
use feedscope_core::time::Timestamp;
use feedscope_core::url_text::masked_text;
use futures_util::StreamExt as _;
use reqwest::Response;
use reqwest::header::{self, HeaderMap};
use tokio::time::timeout;

use super::Body;
use super::page;
use super::route::Forwarder;

/// Limits in bytes and in time for reading the body of a refusal, whose first line is shown. The title of a page comes
/// after styles and scripts at times.
const BODY_BYTES: usize = 4 << 10;
const PAGE_BYTES: usize = 32 << 10;
const BODY_LIMIT: Duration = Duration::from_secs(1);

/// Returns the failure for an answer with the wrong status. `now` is needed for a `Retry-After` that is a date.
pub(crate) async fn refusal(response: Response, now: Timestamp) -> Failure {
    let status = response.status().as_u16();
    if let Some(Forwarder(proxy)) = response.extensions().get()
        && (status == 407 || is_by_proxy(response.headers()))
    {
        let proxy = proxy.clone();
        return proxy_refusal(response, proxy, now).await;
    }
    if status == 401 {
        return Failure::Credentials {
            without_user_headers: false,
            challenges: challenges(response.headers(), header::WWW_AUTHENTICATE),
            body: first_line(response).await,
        };
    }
    Failure::HttpStatus {
        status,
        retry_after: retry_after(response.headers(), now),
        body: first_line(response).await,
    }
}

/// Returns the failure for an answer that a proxy made itself.
pub(super) async fn proxy_refusal(response: Response, proxy: String, now: Timestamp) -> Failure {
    let status = response.status().as_u16();
    if status == 407 {
        return Failure::ProxyCredentials {
            proxy,
            challenges: challenges(response.headers(), header::PROXY_AUTHENTICATE),
        };
    }
    Failure::ProxyStatus {
        proxy,
        status,
        retry_after: retry_after(response.headers(), now),
        body: first_line(response).await,
    }
}

/// Returns the failure for a 406 to the request for an event stream.
pub(crate) async fn not_acceptable(response: Response) -> Failure {
    Failure::NotAcceptable {
        body: first_line(response).await,
    }
}

/// Returns the methods of authentication that this header offers.
fn challenges(headers: &HeaderMap, name: header::HeaderName) -> Vec<Challenge> {
    let lines = headers.get_all(name).iter();
    let lines: Vec<_> = lines
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    Challenge::parse(lines.iter().map(|line| &**line))
}

/// Returns true for an answer that a proxy made itself, if its headers reveal that. Such a header is a `Proxy-Status`
/// with an error (RFC 9209 2.1.1), or the header of Squid's error pages.
fn is_by_proxy(headers: &HeaderMap) -> bool {
    let has_error = |value: &header::HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let mut parameters = text.split([';', ',']).map(str::trim);
        parameters.any(|parameter| parameter.starts_with("error="))
    };
    headers.contains_key("x-squid-error") || headers.get_all("proxy-status").iter().any(has_error)
}

/// Returns the content type without its parameters; empty if there is none.
///
/// Fetch, "extract a MIME type": if there are several values, in one header or in several, the last valid one counts.
/// If none is valid, the first is returned, so that people see the server's value.
pub(crate) fn content_type(headers: &HeaderMap) -> String {
    let values: Vec<_> = headers
        .get_all(header::CONTENT_TYPE)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let essences: Vec<&str> = values
        .iter()
        .flat_map(|value| list_items(value))
        .map(essence)
        .collect();
    let good = essences.iter().rfind(|essence| is_mime_type(essence));
    good.or(essences.first())
        .copied()
        .unwrap_or_default()
        .to_owned()
}

/// Splits a list at its commas, except for commas within quotes.
fn list_items(value: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == ',' && !quoted
    })
}

fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// Returns true if this is a type and a subtype, except for `*/*`, which names no type.
fn is_mime_type(essence: &str) -> bool {
    let is_token = |part: &str| {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !part.is_empty() && part.bytes().all(good)
    };
    let parts = essence.split_once('/');
    essence != "*/*" && parts.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// Returns a header's value as text for people; empty if there is none.
pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}

/// Returns the wait that `Retry-After` requires (RFC 9110 10.2.3). Its value is a number of seconds or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    wait_in(headers.get(header::RETRY_AFTER)?.to_str().ok()?, now)
}

/// Parses the value of `Retry-After` into a wait.
pub(crate) fn wait_in(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    // A date in the past is a wait of zero.
    let date = httpdate::parse_http_date(text).ok()?;
    let now: SystemTime = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).ok()?);
    Some(date.duration_since(now).unwrap_or_default())
}

/// Returns the first line of the body, or the title of a web page; empty if it is no text for people.
pub(crate) async fn first_line(response: Response) -> String {
    let content_type = content_type(response.headers());
    if is_page(&content_type) {
        return page_title(response).await;
    }
    if !is_for_people(&content_type) {
        return String::new();
    }
    let body = beginning(response, BODY_BYTES, has_line).await;
    let text = String::from_utf8_lossy(&body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    // Some servers repeat the URL of the request, with the secrets in it.
    masked_text(line.unwrap_or_default())
}

/// Returns the title of a web page; empty if it has none.
async fn page_title(response: Response) -> String {
    let has_title = |body: &[u8]| page::title(&String::from_utf8_lossy(body)).is_some();
    let body = beginning(response, PAGE_BYTES, has_title).await;
    let title = page::title(&String::from_utf8_lossy(&body));
    masked_text(&title.unwrap_or_default())
}

/// Reads the beginning of the body, until `is_enough` or a limit.
async fn beginning(response: Response, most: usize, is_enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut body = Vec::new();
    // A body with an unknown coding is no text.
    let Ok(mut chunks) = Body::of(response) else {
        return body;
    };
    let reading = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            body.extend_from_slice(&chunk);
            if body.len() >= most || is_enough(&body) {
                break;
            }
        }
    };
    // The bytes that arrived within the limit are shown. The rest is not awaited.
    timeout(BODY_LIMIT, reading).await.ok();
    body.truncate(most);
    body
}

fn has_line(body: &[u8]) -> bool {
    let start = body
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or(body.len());
    body[start..].contains(&b'\n')
}

/// Returns true if the first line of a body of this type is written for people.
fn is_for_people(essence: &str) -> bool {
    let essence = essence.to_ascii_lowercase();
    essence.is_empty() || essence.starts_with("text/") || essence.ends_with("json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        // 1994-11-15T08:12:31Z
        retry_after(&headers, Timestamp::from_micros(784_887_151_000_000))
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(waits("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            waits("99999999999999999999999"),
            Some(Duration::from_secs(u64::MAX))
        );
        for date in [
            "Tue, 15 Nov 1994 08:12:41 GMT",
            "Tuesday, 15-Nov-94 08:12:41 GMT",
            "Tue Nov 15 08:12:41 1994",
        ] {
            assert_eq!(waits(date), Some(Duration::from_secs(10)), "{date}");
        }
        assert_eq!(waits("Tue, 15 Nov 1994 08:12:01 GMT"), Some(Duration::ZERO));
        assert_eq!(waits("-1"), None);
        assert_eq!(waits("soon"), None);
    }

    #[test]
    fn of_several_content_types_the_last_counts_that_is_one() {
        for (values, expected) in [
            (
                &["text/Event-Stream ; charset=utf-8"][..],
                "text/Event-Stream",
            ),
            (&[], ""),
            (&[""], ""),
            (&["text/html", "text/event-stream"], "text/event-stream"),
            (&["text/event-stream", "text/html;x"], "text/html"),
            (&["text/html, text/event-stream;a"], "text/event-stream"),
            (
                &["text/event-stream, */*", "bogus", "a/", "/b", "a/b c"],
                "text/event-stream",
            ),
            (
                &["text/event-stream;x=\"a, text/html\""],
                "text/event-stream",
            ),
            (&["text/event-stream;x=\"\\\", text/html\", a/b"], "a/b"),
            (&["none of this, nor that"], "none of this"),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_TYPE, value.parse().unwrap());
            }
            assert_eq!(content_type(&headers), expected, "{values:?}");
        }
    }
}
