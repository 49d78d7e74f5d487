//! Request headers: those of the program, those of the user, and the secrets among them. This module sends nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use feedscope_core::safe_text::excerpt;
use feedscope_core::url_text::is_secret_header;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Value of `User-Agent`, unless the user sets another one.
pub(super) const USER_AGENT: &str = concat!("feedscope/", env!("CARGO_PKG_VERSION"));

/// Header of the last event ID (HTML 9.2.4).
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Returns the headers of a request that were not set by the user.
pub(crate) fn own_headers(ours: &[(HeaderName, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    for (name, value) in ours {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

/// Returns the headers of a request. A header of the user replaces one of `ours` with the same name. The URL's userinfo
/// becomes `Authorization`, unless the user set that header.
pub(crate) fn request_headers(
    spec: &FeedSpec,
    ours: &[(HeaderName, &'static str)],
) -> Result<HeaderMap, Failure> {
    let mut headers = own_headers(ours);
    if let Some(authorization) = basic_authorization(&spec.url) {
        headers.insert(header::AUTHORIZATION, authorization);
    }
    let mut typed = HeaderMap::new();
    for (name, value) in &spec.http.headers {
        let (name, value) = parse(name, value.reveal())?;
        typed.append(name, value);
    }
    for name in typed.keys() {
        headers.remove(name);
    }
    // The name is `None` for the second and later values of one name.
    let mut newest = None;
    for (name, value) in typed {
        newest = name.or(newest);
        if let Some(name) = &newest {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

/// Returns the header `Last-Event-ID` in UTF-8; `None` for an empty ID and for one that a header cannot contain.
///
/// The ID is stored as it was received. HTML 9.2.5 decodes the stream first, so that bytes that are not UTF-8 are sent
/// as U+FFFD.
pub(crate) fn last_event_id(id: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    if id.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(id);
    Some((
        LAST_EVENT_ID,
        HeaderValue::from_bytes(text.as_bytes()).ok()?,
    ))
}

/// Returns a sentence about an ID that is not sent because it contains control characters; `None` for all other IDs.
///
/// No part of such an ID is sent either, because the server would take it for another ID and continue at another place.
pub(crate) fn unsent_id(id: &[u8]) -> Option<String> {
    let is_unsent = !id.is_empty() && last_event_id(id).is_none();
    is_unsent.then(|| {
        format!(
            "the last event ID is not sent, because a header cannot carry its control characters: {}",
            excerpt(id)
        )
    })
}

/// Returns the userinfo of a URL as HTTP's basic authorization (RFC 7617); `None` if there is none.
pub(crate) fn basic_authorization(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair = percent_decoded(url.username());
    pair.push(b':');
    pair.extend(percent_decoded(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    let Ok(parsed) = HeaderName::from_bytes(name.trim().as_bytes()) else {
        return Err(bad_request(format!("{name:?} is no name for a header")));
    };
    // The value may be a secret, so that the message does not contain it.
    let Ok(mut value) = HeaderValue::from_bytes(value.trim().as_bytes()) else {
        return Err(bad_request(format!(
            "the value of the header {parsed} holds what HTTP does not allow"
        )));
    };
    value.set_sensitive(is_secret_header(parsed.as_str()));
    Ok((parsed, value))
}

fn bad_request(detail: String) -> Failure {
    Failure::BadRequest { detail }
}

pub(super) fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                out.push(decoded);
                rest = &after[2..];
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(url: &str, headers: &[(&str, &str)]) -> FeedSpec {
        let mut spec = FeedSpec::new(Url::parse(url).unwrap());
        spec.http.headers = headers
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.into()))
            .collect();
        spec
    }

    #[test]
    fn what_the_user_types_replaces_what_we_would_say() {
        let mut spec = spec(
            "http://a:b%20c@x/",
            &[("user-agent", "me"), ("X", "1"), ("x", "2"), ("X-Ü", "")],
        );
        assert!(
            matches!(request_headers(&spec, &[]), Err(Failure::BadRequest { detail }) if detail.contains("X-Ü"))
        );
        spec.http.headers.truncate(3);
        let headers = request_headers(&spec, &[(header::ACCEPT, "text/event-stream")]).unwrap();
        assert_eq!(headers[header::USER_AGENT], "me");
        assert_eq!(headers[header::ACCEPT], "text/event-stream");
        assert_eq!(headers[header::AUTHORIZATION], "Basic YTpiIGM=");
        assert_eq!(headers.get_all("x").iter().collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn a_value_that_http_does_not_allow_is_refused_without_being_shown() {
        let spec = spec("http://x/", &[("X-Api-Key", "hunter2\r\nX: y")]);
        let failure = request_headers(&spec, &[]).unwrap_err();
        assert!(matches!(&failure, Failure::BadRequest { detail }
            if detail.contains("x-api-key") && !detail.contains("hunter2")));
    }

    #[test]
    fn ids_are_sent_whole_or_not_at_all() {
        let sent =
            |id: &str| last_event_id(id.as_bytes()).map(|(_, value)| value.as_bytes().to_vec());
        for id in ["7", "č", "a\tb", " 7 "] {
            assert_eq!(sent(id).unwrap(), id.as_bytes());
            assert_eq!(unsent_id(id.as_bytes()), None);
        }
        for id in ["7\u{1}", "\u{7f}", "a\r\nX: y"] {
            assert_eq!(sent(id), None);
            assert!(unsent_id(id.as_bytes()).is_some());
        }
        assert_eq!((sent(""), unsent_id(b"")), (None, None));
        let (_, value) = last_event_id(b"1\xff").unwrap();
        assert_eq!(value.as_bytes(), "1\u{fffd}".as_bytes());
    }
}
