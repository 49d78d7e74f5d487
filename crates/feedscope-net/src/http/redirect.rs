//! Redirects, followed by ourselves so that credentials stay where they belong. It never reads an answer's body.

use std::future::poll_fn;
use std::pin::pin;

use bytes::Bytes;
use feedscope_core::connection::Failure;
use feedscope_core::url_text::{is_secret_header, masked};
use reqwest::header::{self, HeaderMap};
use reqwest::{Method, Request, Response};
use url::Url;

use super::established::Established;
use super::route::Route;
use super::{failure, headers};
use crate::engine::Attempt;

/// How many redirects are followed (Fetch 4.4: a network error at the twenty-first).
const MAX_REDIRECTS: usize = 20;

/// What is sent.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

/// An answer, and where it came from in the end.
pub(crate) struct Reached {
    pub(crate) response: Response,
    pub(crate) url: Url,
    /// Whether a redirect led there.
    pub(crate) redirected: bool,
}

/// Sends a request to the feed's URL and follows its redirects.
pub(crate) async fn follow(attempt: &Attempt, mut ask: Ask) -> Result<Reached, Failure> {
    let mut url = attempt.spec.url.clone();
    let mut visited: Vec<Url> = Vec::new();
    loop {
        let response = send(attempt, &url, ask.clone(), false).await?;
        let status = response.status().as_u16();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
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
        ask.redirect(status);
        if next.origin() != url.origin() {
            drop_credentials(&mut ask.headers);
        }
        if let Some(own) = headers::basic_authorization(&next) {
            ask.headers.insert(header::AUTHORIZATION, own);
        }
        url = next;
    }
}

impl Ask {
    /// Fetch 4.4, 12.: after these the next request is a GET without a body.
    fn redirect(&mut self, status: u16) {
        let turns_to_get = match status {
            301 | 302 => self.method == Method::POST,
            303 => !matches!(self.method, Method::GET | Method::HEAD),
            _ => false,
        };
        if turns_to_get {
            self.method = Method::GET;
            self.body = None;
            for name in [
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_LOCATION,
                header::CONTENT_TYPE,
            ] {
                self.headers.remove(name);
            }
        }
    }
}

/// Sends one request, without following anything.
pub(crate) async fn send(
    attempt: &Attempt,
    url: &Url,
    ask: Ask,
    upgrade: bool,
) -> Result<Response, Failure> {
    let Attempt {
        spec,
        clients,
        cookies,
        clock,
        ..
    } = attempt;
    attempt.progress.begin_request();
    let route = Route::to(url, spec)?;
    let prepared = clients.get(url, spec, upgrade, &route).await?;
    let mut request = Request::new(ask.method, without_userinfo(url));
    *request.headers_mut() = ask.headers;
    cookies.add_to(request.headers_mut(), url, clock.now().utc);
    *request.body_mut() = ask.body.map(Into::into);
    let mut response = report_sent(attempt, prepared.client.execute(request))
        .await
        .map_err(|error| {
            failure::of_request(&error, url, &route, prepared.handshake.as_deref())
        })?;
    cookies.take_in(url, response.headers(), clock.now().utc);
    // What reads the answer has to know the way it came.
    response.extensions_mut().insert(route);
    Ok(response)
}

/// Runs a request and reports when its connection exists, which is when the request is sent.
async fn report_sent<T>(attempt: &Attempt, request: impl Future<Output = T>) -> T {
    let established = Established::default();
    let mut request = pin!(established.watch(request));
    let mut reported = false;
    poll_fn(|context| {
        let answer = request.as_mut().poll(context);
        if established.is_set() && !reported {
            reported = true;
            attempt.progress.request_sent();
        }
        answer
    })
    .await
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
pub(crate) fn drop_credentials(headers: &mut HeaderMap) {
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
pub(crate) fn without_userinfo(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_username("").ok();
    bare.set_password(None).ok();
    bare
}

fn nowhere(detail: String) -> Failure {
    Failure::Redirect { detail }
}
