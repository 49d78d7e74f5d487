//! One request and its answer in HTTP/1.1, over a connection of our own. It follows no redirect, and leaves the body
//! unread.

use feedscope_core::connection::Failure;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderValue};
use hyper::http::uri::{Authority, InvalidUri, PathAndQuery};
use hyper::upgrade::{self, Upgraded};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use url::Url;

use super::ask::{Ask, without_userinfo};
use super::connect::{self, Facts, Wire};
use super::failure;
use super::head::{self, HeadCopy, MAX_LINES};
use super::route::Route;
use crate::engine::Attempt;

/// Note about malformed header lines of an answer, which were skipped.
#[derive(Clone, Debug)]
pub(crate) struct SkippedLines(pub(crate) String);

/// Connects to the server of `url`, sends the request of a WebSocket's opening handshake and waits for the head of the
/// answer. `connected` is called in between.
pub(super) async fn open(
    attempt: &Attempt,
    url: &Url,
    route: &Route,
    ask: Ask,
    connected: impl FnOnce(),
) -> Result<reqwest::Response, Failure> {
    let request = request(url, ask)?;
    let wire = connect::connect(attempt, url, route).await?;
    connected();
    let response = send(wire, request, &route.address(url)).await?;
    Ok(reqwest::Response::from(response))
}

/// Returns the request as it is sent, in origin form (RFC 9112 3.2.1).
fn request(url: &Url, ask: Ask) -> Result<Request<reqwest::Body>, Failure> {
    let unusable = |detail: String| Failure::BadRequest { detail };
    let target: Uri = without_userinfo(url)
        .as_str()
        .parse()
        .map_err(|error: InvalidUri| unusable(error.to_string()))?;
    let mut request = Request::new(reqwest::Body::default());
    *request.method_mut() = ask.method;
    if !ask.headers.contains_key(header::HOST) {
        let host = target.authority().map_or("", Authority::as_str);
        let host = HeaderValue::from_str(host).map_err(|error| unusable(error.to_string()))?;
        // RFC 9110 7.2: this header should be the first.
        request.headers_mut().insert(header::HOST, host);
    }
    request.headers_mut().extend(ask.headers);
    let path = target.path_and_query().map_or("/", PathAndQuery::as_str);
    *request.uri_mut() = path
        .parse()
        .map_err(|error: InvalidUri| unusable(error.to_string()))?;
    Ok(request)
}

/// Sends a request to the other end of a connection, which is at `address`.
///
/// The extensions of the answer contain [`Facts`], and [`SkippedLines`] if there are any.
pub(super) async fn send(
    wire: Wire,
    request: Request<reqwest::Body>,
    address: &str,
) -> Result<Response<reqwest::Body>, Failure> {
    let Wire {
        socket,
        facts,
        handshake,
    } = wire;
    let copy = HeadCopy::default();
    let connection = http1::Builder::new()
        .max_headers(MAX_LINES)
        // Browsers accept these lines too. Skipped lines are reported.
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .handshake(TokioIo::new(copy.of(socket)))
        .await;
    let answer = match connection {
        Ok((mut sender, connection)) => {
            // The task ends when the answer is no longer read.
            tokio::spawn(connection.with_upgrades());
            sender.send_request(request).await
        }
        Err(error) => Err(error),
    };
    let received = copy.take();
    match answer {
        Ok(response) => Ok(with_extensions(response, facts, &received)),
        Err(error) => Err(failure::of_exchange(
            &error,
            &received,
            address,
            handshake.as_deref(),
        )),
    }
}

fn with_extensions(
    response: Response<Incoming>,
    facts: Facts,
    received: &[u8],
) -> Response<reqwest::Body> {
    let mut response = response.map(reqwest::Body::wrap);
    response.extensions_mut().insert(facts);
    if let Some(note) = head::skipped_lines(received) {
        response.extensions_mut().insert(SkippedLines(note));
    }
    response
}

/// Returns the connection behind an answer that switches protocols.
pub(super) async fn upgrade(response: Response<reqwest::Body>) -> Result<Upgraded, Failure> {
    let upgraded = upgrade::on(response).await;
    upgraded.map_err(|error| Failure::Lost {
        detail: failure::innermost(&error),
    })
}
