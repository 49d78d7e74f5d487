//! Request of a WebSocket's opening handshake, over a connection that is made for it.

use feedscope_core::connection::Failure;
use hyper::header::{self, HeaderValue};
use hyper::http::uri::{Authority, InvalidUri, PathAndQuery};
use hyper::{Request, Uri};
use url::Url;

use super::ask::{Ask, without_userinfo};
use super::connect::connect;
use super::exchange;
use super::route::Route;
use crate::engine::Attempt;

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
    let wire = connect(attempt, url, route).await?;
    connected();
    let response = exchange::send(wire, request, &route.address(url)).await?;
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
