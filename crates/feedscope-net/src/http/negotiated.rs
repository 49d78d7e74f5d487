//! Protocols and parameters of an open connection, as names and values for people. This module makes no decisions.

use reqwest::{Response, Version};
use url::Url;

use super::body::coding_names;
use super::connect::Facts;
use super::route::Route;
use crate::engine::Attempt;

/// Names and values in the order in which they are shown.
pub(crate) type Negotiated = Vec<(String, String)>;

/// Returns everything that is known about the connection of this answer from `url`.
pub(crate) fn of(response: &Response, url: &Url, attempt: &Attempt) -> Negotiated {
    let route = response.extensions().get::<Route>();
    let facts = response.extensions().get::<Facts>();
    let mut all = Negotiated::new();
    add(&mut all, "HTTP version", Some(version(response.version())));
    if let Some(Route::UnixSocket(path)) = route {
        add(&mut all, "socket", Some(path.display().to_string()));
    } else {
        let remote = facts.and_then(|facts| facts.remote);
        let remote = remote.map(|address| address.to_string());
        add(&mut all, "remote address", remote);
    }
    add(&mut all, "proxy", route.and_then(Route::proxy));
    add(&mut all, "content coding", coding_names(response.headers()));
    add(&mut all, "TLS", facts.and_then(|facts| facts.tls.clone()));
    if url.scheme() == "https" {
        let certificate = if attempt.spec.transport.insecure {
            "accepted without being verified"
        } else {
            "verified"
        };
        add(&mut all, "certificate", Some(certificate.to_owned()));
    }
    all
}

/// Adds a value, if it is known.
pub(crate) fn add(all: &mut Negotiated, name: &str, value: Option<String>) {
    all.extend(value.map(|value| (name.to_owned(), value)));
}

fn version(version: Version) -> String {
    match version {
        Version::HTTP_2 => "HTTP/2".to_owned(),
        Version::HTTP_3 => "HTTP/3".to_owned(),
        other => format!("{other:?}"),
    }
}
