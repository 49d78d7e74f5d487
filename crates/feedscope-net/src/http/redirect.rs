//! Redirects, followed by ourselves so that credentials stay where they belong. It never reads an answer's body.

use feedscope_core::connection::Failure;
use feedscope_core::url_text::{is_secret_header, masked};
use reqwest::header::{self, HeaderMap};
use reqwest::{Method, Request, Response};
use url::Url;

use super::client::{Route, host_and_port};
use super::{failure, headers};
use crate::engine::Attempt;

/// How many redirects are followed (Fetch 4.4: a network error at the twenty-first).
const MAX_REDIRECTS: usize = 20;

/// An answer, and where it came from in the end.
pub(crate) struct Reached {
    pub(crate) response: Response,
    pub(crate) url: Url,
    /// Whether a redirect led there.
    pub(crate) redirected: bool,
}

/// Sends a GET to the feed's URL and follows its redirects.
pub(crate) async fn get(attempt: &Attempt, mut headers: HeaderMap) -> Result<Reached, Failure> {
    let mut url = attempt.spec.url.clone();
    let mut visited: Vec<Url> = Vec::new();
    loop {
        let response = send(attempt, &url, headers.clone(), false).await?;
        if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok(Reached {
                response,
                url,
                redirected: !visited.is_empty(),
            });
        }
        let next = target(&url, &response)?;
        visited.push(url.clone());
        if visited.contains(&next) {
            return Err(nowhere(format!("it goes in circles at {}", masked(&next))));
        }
        if visited.len() > MAX_REDIRECTS {
            return Err(nowhere(format!("more than {MAX_REDIRECTS} redirects")));
        }
        if next.origin() != url.origin() {
            drop_credentials(&mut headers);
        }
        if let Some(own) = headers::basic_authorization(&next) {
            headers.insert(header::AUTHORIZATION, own);
        }
        url = next;
    }
}

/// Sends one GET, without following anything.
pub(crate) async fn send(
    attempt: &Attempt,
    url: &Url,
    headers: HeaderMap,
    upgrade: bool,
) -> Result<Response, Failure> {
    let route = Route::to(url, &attempt.spec);
    let client = attempt
        .clients
        .get(url, &attempt.spec, upgrade, &route)
        .await?;
    let mut request = Request::new(Method::GET, without_userinfo(url));
    *request.headers_mut() = headers;
    let address = host_and_port(url);
    client
        .execute(request)
        .await
        .map_err(|error| failure::of_request(&error, url, &address, route.proxy()))
}

/// Where an answer redirects to.
fn target(from: &Url, response: &Response) -> Result<Url, Failure> {
    let status = response.status().as_u16();
    let Some(location) = response.headers().get(header::LOCATION) else {
        return Err(nowhere(format!("HTTP {status} without a Location")));
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    let mut next = from
        .join(&location)
        .map_err(|error| nowhere(format!("its Location is no URL ({error})")))?;
    if !matches!(next.scheme(), "http" | "https") {
        return Err(nowhere(format!(
            "its Location has the scheme {}",
            next.scheme()
        )));
    }
    next.set_fragment(None);
    Ok(next)
}

/// Takes out what the user gave for another origin. It does not come back, not even on the way back.
fn drop_credentials(headers: &mut HeaderMap) {
    let secrets: Vec<_> = headers
        .keys()
        .filter(|name| is_secret_header(name.as_str()))
        .cloned()
        .collect();
    for name in secrets {
        headers.remove(name);
    }
    // What the user typed for the first host does not fit another.
    headers.remove(header::HOST);
}

/// The userinfo goes as a header: left in the URL, the HTTP library would make a second one of it.
fn without_userinfo(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_username("").ok();
    bare.set_password(None).ok();
    bare
}

fn nowhere(detail: String) -> Failure {
    Failure::Redirect { detail }
}
