//! Answers that are refusals: what they say to people, and how long they ask us to stay away. It never decides
//! whether an attempt is repeated.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use feedscope_core::connection::Failure;
use feedscope_core::time::Timestamp;
use reqwest::Response;
use reqwest::header::{self, HeaderMap};
use tokio::time::timeout;

/// How much of a refusal's body is read, and for how long: its first line is shown.
const BODY_BYTES: usize = 4 << 10;
const BODY_LIMIT: Duration = Duration::from_secs(1);

/// The failure that an answer of the wrong status is. `now` is for `Retry-After` given as a date.
pub(crate) async fn refusal(response: Response, now: Timestamp, proxy: Option<String>) -> Failure {
    let status = response.status().as_u16();
    if let (407, Some(proxy)) = (status, proxy) {
        return Failure::ProxyCredentials { proxy };
    }
    let retry_after = retry_after(response.headers(), now);
    Failure::HttpStatus {
        status,
        retry_after,
        body: first_line(response).await,
    }
}

/// A content type without its parameters.
pub(crate) fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// A header's value as text, for people; empty where there is none.
pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}

/// `Retry-After` as a wait (RFC 9110 10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    wait_in(headers.get(header::RETRY_AFTER)?.to_str().ok()?, now)
}

/// The value of `Retry-After` as a wait.
pub(crate) fn wait_in(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now: SystemTime = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).ok()?);
    Some(date.duration_since(now).unwrap_or_default())
}

/// The first line of the body, where it is text for people.
async fn first_line(mut response: Response) -> String {
    let content_type = text(response.headers(), header::CONTENT_TYPE);
    if !is_for_people(essence(&content_type)) {
        return String::new();
    }
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= BODY_BYTES || has_line(&body) {
                break;
            }
        }
    };
    // What came within the limit is shown; the rest is not waited for.
    timeout(BODY_LIMIT, reading).await.ok();
    body.truncate(BODY_BYTES);
    let text = String::from_utf8_lossy(&body);
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn has_line(body: &[u8]) -> bool {
    let start = body
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or(body.len());
    body[start..].contains(&b'\n')
}

/// Pages are for browsers: their first line says nothing.
fn is_for_people(essence: &str) -> bool {
    let essence = essence.to_ascii_lowercase();
    essence.is_empty()
        || (essence.starts_with("text/") && essence != "text/html")
        || essence.ends_with("json")
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
    fn content_types_are_compared_without_parameters() {
        assert_eq!(
            essence("text/Event-Stream ; charset=utf-8"),
            "text/Event-Stream"
        );
        assert_eq!(essence(""), "");
    }
}
