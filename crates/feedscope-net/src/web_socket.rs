//! Transport of WebSockets: the opening handshake over HTTP (RFC 6455 4.1), which results in a stream of frames. The
//! engines decode the frames.

use std::time::Duration;

use feedscope_core::connection::Failure;
use feedscope_core::decode::{DeflateAgreement, DeflateOffer, expect_no_extension};
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::WebSocketEngine;
use feedscope_core::url_text::masked;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, Upgraded, Version};
use tokio::time::timeout;
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;
use url::Url;

use crate::engine::Attempt;
use crate::http::exchange::SkippedLines;
use crate::http::redirect::Ask;
use crate::http::{Negotiated, answer, failure, headers, negotiated, redirect};

/// Headers that belong to the handshake itself, so that a user cannot set them. The header of the subprotocol is not
/// one of them.
const RESERVED: [HeaderName; 5] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_EXTENSIONS,
];

/// Result of a successful handshake.
pub(crate) struct HandshakeAnswer {
    pub(crate) status: u16,
    pub(crate) subprotocol: Option<String>,
    pub(crate) negotiated: Negotiated,
    /// Agreement on the compression of messages, if any.
    pub(crate) deflate: Option<DeflateAgreement>,
    /// Note about header lines that were skipped.
    pub(crate) skipped_lines: Option<String>,
    /// Stream of frames. It begins with the frames that arrived together with the answer.
    pub(crate) socket: Upgraded,
}

/// Makes one attempt to open the WebSocket, within the time limits of the feed.
pub(crate) async fn open(attempt: &Attempt) -> Result<HandshakeAnswer, Failure> {
    let spec = &attempt.spec;
    let url = http_url(&spec.url)?;
    let key = generate_key();
    let mut headers = handshake_headers(spec, &key)?;
    // The other engine supports no compression and must be able to read the same bytes.
    let native_alone = spec.reading.web_socket_engine == WebSocketEngine::Native
        && spec.second_opinion().is_none();
    let offer = (spec.transport.compression && native_alone).then(DeflateOffer::default);
    if let Some(offer) = offer {
        let value =
            HeaderValue::from_str(&offer.to_string()).map_err(|error| Failure::BadRequest {
                detail: error.to_string(),
            })?;
        headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, value);
    }
    let ask = Ask {
        method: Method::GET,
        headers,
        // Redirects are not followed.
        own_headers: HeaderMap::new(),
        body: None,
    };
    let offered = list(&ask.headers, &header::SEC_WEBSOCKET_PROTOCOL);
    let response = redirect::send(attempt, &url, ask, true).await?;
    if response.status().as_u16() != 101 {
        return Err(refusal(attempt, response).await);
    }
    // RFC 9110 7.8: an older version has no upgrade. The HTTP library would wait for one until the time limit.
    if response.version() < Version::HTTP_11 {
        return Err(Failure::Handshake {
            detail: format!("it is {:?}, which cannot be upgraded", response.version()),
        });
    }
    let subprotocol = check(response.headers(), &key, &offered)?;
    let deflate = extensions(response.headers(), offer)?;
    let mut negotiated = negotiated::of(&response, &url, attempt);
    negotiated::add(&mut negotiated, "subprotocol", subprotocol.clone());
    let extensions = deflate.map(|agreement| agreement.to_string());
    negotiated::add(&mut negotiated, "extensions", extensions);
    let skipped_lines = response.extensions().get();
    let skipped_lines = skipped_lines.map(|SkippedLines(note)| note.clone());
    // The answer has arrived, so that the HTTP library provides its connection at once.
    let limit = spec.response_limit().unwrap_or(Duration::MAX);
    let socket = timeout(limit, response.upgrade())
        .await
        .map_err(|_elapsed| Failure::ResponseTimeout { limit })?
        .map_err(|error| Failure::Lost {
            detail: failure::innermost(&error),
        })?;
    Ok(HandshakeAnswer {
        status: 101,
        subprotocol,
        negotiated,
        deflate,
        skipped_lines,
        socket,
    })
}

/// Returns the URL of this WebSocket for HTTP (RFC 6455 3, 4.1).
pub(crate) fn http_url(url: &Url) -> Result<Url, Failure> {
    let scheme = if matches!(url.scheme(), "wss" | "https") {
        "https"
    } else {
        "http"
    };
    let text = url.as_str();
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest);
    let mut url = Url::parse(&format!("{scheme}:{rest}")).map_err(|error| Failure::BadRequest {
        detail: error.to_string(),
    })?;
    url.set_fragment(None);
    Ok(url)
}

fn handshake_headers(spec: &FeedSpec, key: &str) -> Result<HeaderMap, Failure> {
    let bad_request = |detail: String| Failure::BadRequest { detail };
    let ours = [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_VERSION, "13"),
    ];
    for (name, _) in &spec.http.headers {
        if let Some(reserved) = RESERVED
            .iter()
            .find(|reserved| name.trim().eq_ignore_ascii_case(reserved.as_str()))
        {
            return Err(bad_request(format!(
                "the header {reserved} belongs to the opening handshake itself"
            )));
        }
    }
    let mut headers = headers::request_headers(spec, &ours)?;
    let key = HeaderValue::from_str(key).map_err(|error| bad_request(error.to_string()))?;
    headers.insert(header::SEC_WEBSOCKET_KEY, key);
    if !spec.web_socket.subprotocols.is_empty() {
        // RFC 6455 4.1: names of subprotocols are tokens.
        if let Some(odd) = spec
            .web_socket
            .subprotocols
            .iter()
            .find(|name| !is_token(name))
        {
            return Err(bad_request(format!("{odd:?} is no name for a subprotocol")));
        }
        let offer = HeaderValue::from_str(&spec.web_socket.subprotocols.join(", "))
            .map_err(|error| bad_request(error.to_string()))?;
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offer);
    }
    Ok(headers)
}

/// Validates the answer as RFC 6455 4.1 requires of a client, in the same order. Returns the subprotocol that the
/// server chose.
fn check(headers: &HeaderMap, key: &str, offered: &[String]) -> Result<Option<String>, Failure> {
    let failed = |detail: String| Err(Failure::Handshake { detail });
    let has = |name: &HeaderName, token: &str| {
        list(headers, name)
            .iter()
            .any(|item| item.eq_ignore_ascii_case(token))
    };
    if !has(&header::UPGRADE, "websocket") {
        return failed("no `Upgrade: websocket` in it".to_owned());
    }
    if !has(&header::CONNECTION, "upgrade") {
        return failed("no `Connection: Upgrade` in it".to_owned());
    }
    let accept: Vec<_> = headers
        .get_all(header::SEC_WEBSOCKET_ACCEPT)
        .iter()
        .collect();
    match accept[..] {
        [] => return failed("no Sec-WebSocket-Accept in it".to_owned()),
        [accept]
            if accept.as_bytes().trim_ascii() == derive_accept_key(key.as_bytes()).as_bytes() => {}
        _ => return failed("its Sec-WebSocket-Accept does not answer our key".to_owned()),
    }
    match &list(headers, &header::SEC_WEBSOCKET_PROTOCOL)[..] {
        [] => Ok(None),
        [chosen] if offered.contains(chosen) => Ok(Some(chosen.clone())),
        [chosen] => failed(format!(
            "it chose the subprotocol {chosen}, which was not offered"
        )),
        [..] => failed("it chose several subprotocols".to_owned()),
    }
}

/// Returns the part of our offer that the server accepted (RFC 6455 9.1). Fails if the answer contains any other
/// extension.
fn extensions(
    headers: &HeaderMap,
    offer: Option<DeflateOffer>,
) -> Result<Option<DeflateAgreement>, Failure> {
    let lines = headers
        .get_all(header::SEC_WEBSOCKET_EXTENSIONS)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    let lines: Vec<String> = lines.collect();
    let lines = lines.iter().map(String::as_str);
    let agreed = match offer {
        Some(offer) => offer.agree(lines),
        None => expect_no_extension(lines).map(|()| None),
    };
    agreed.map_err(|error| Failure::Handshake {
        detail: error.to_string(),
    })
}

/// Returns the items of a header whose value is a list, from all its lines.
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    lines
        .flat_map(|line| {
            line.split(',')
                .map(|item| item.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|item| !item.is_empty())
        .collect()
}

/// Returns true if a name is a token (RFC 9110 5.6.2).
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Returns the failure for an answer that is no handshake. Like browsers, it does not follow a redirect, but the
/// failure contains the target.
async fn refusal(attempt: &Attempt, response: Response) -> Failure {
    let status = response.status();
    if status.is_redirection() {
        return Failure::HttpStatus {
            status: status.as_u16(),
            retry_after: None,
            body: redirect_target(&attempt.spec.url, response.headers()),
        };
    }
    answer::refusal(response, attempt.clock.now().utc).await
}

/// Returns the target of a redirect in a form that may be shown; empty if the answer has none.
fn redirect_target(url: &Url, headers: &HeaderMap) -> String {
    let location = answer::text(headers, header::LOCATION);
    match url.join(&location) {
        Ok(target) if !location.is_empty() => masked(&target),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn checked(
        lines: &[(&'static str, &'static str)],
        offered: &[&str],
    ) -> Result<Option<String>, String> {
        let mut headers = HeaderMap::new();
        for &(name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        let offered: Vec<String> = offered.iter().map(|&name| name.to_owned()).collect();
        check(&headers, KEY, &offered).map_err(|failure| match failure {
            Failure::Handshake { detail } => detail,
            other => panic!("{other:?}"),
        })
    }

    const UPGRADE: (&str, &str) = ("upgrade", "WebSocket");
    const CONNECTION: (&str, &str) = ("connection", "keep-alive, UPGRADE");
    const ACCEPT: (&str, &str) = ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

    #[test]
    fn handshakes_are_checked_as_rfc_6455_says() {
        let whole = [UPGRADE, CONNECTION, ACCEPT];
        assert_eq!(checked(&whole, &["a"]), Ok(None));
        let with = |line| [&whole[..], &[line]].concat();
        assert_eq!(
            checked(&with(("sec-websocket-protocol", "b")), &["a", "b"]),
            Ok(Some("b".into()))
        );
        for (lines, says) in [
            (vec![CONNECTION, ACCEPT], "Upgrade: websocket"),
            (vec![UPGRADE, ACCEPT], "Connection: Upgrade"),
            (vec![UPGRADE, CONNECTION], "no Sec-WebSocket-Accept"),
            (
                vec![UPGRADE, CONNECTION, ("sec-websocket-accept", "s3p=")],
                "does not answer our key",
            ),
            (with(ACCEPT), "does not answer our key"),
            (with(("sec-websocket-protocol", "c")), "subprotocol c"),
            (with(("sec-websocket-protocol", "a, b")), "several"),
        ] {
            let failed = checked(&lines, &["a", "b"]).unwrap_err();
            assert!(failed.contains(says), "{failed}");
        }
    }

    #[test]
    fn http_knows_websockets_by_its_own_schemes() {
        for (typed, asked) in [
            ("ws://u:p@x:81/a?b#c", "http://u:p@x:81/a?b"),
            ("wss://x/", "https://x/"),
            ("ws://[::1]/", "http://[::1]/"),
        ] {
            assert_eq!(
                http_url(&Url::parse(typed).unwrap()).unwrap().as_str(),
                asked
            );
        }
    }

    #[test]
    fn headers_of_the_handshake_are_nobodys_to_set() {
        let mut spec = FeedSpec::new(Url::parse("ws://x/").unwrap());
        spec.http.headers = vec![("sec-websocket-KEY".into(), "mine".into())];
        assert!(matches!(
            handshake_headers(&spec, KEY),
            Err(Failure::BadRequest { .. })
        ));
        spec.http.headers = vec![];
        spec.web_socket.subprotocols = vec!["a".into(), "b c".into()];
        assert!(matches!(
            handshake_headers(&spec, KEY),
            Err(Failure::BadRequest { .. })
        ));
        spec.web_socket.subprotocols.pop();
        assert_eq!(
            handshake_headers(&spec, KEY).unwrap()[header::SEC_WEBSOCKET_PROTOCOL],
            "a"
        );
    }
}
