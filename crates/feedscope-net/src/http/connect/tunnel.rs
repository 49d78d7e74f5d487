//! Tunnels through HTTP proxies: CONNECT (RFC 9110 9.3.6). A refusal is attributed to the proxy.

use feedscope_core::connection::Failure;
use feedscope_core::time::Timestamp;
use hyper::Request;
use hyper::header;
use hyper_util::rt::TokioIo;
use url::Url;

use crate::http::route::host_and_port;
use crate::http::wire::{BoxedSocket, Facts, ReadyConnection};
use crate::http::{answer, exchange, headers};

/// Makes the proxy at the other end of `socket` connect to the server of `url`. `now` is needed for a `Retry-After`
/// that is a date.
pub(super) async fn open(
    socket: BoxedSocket,
    proxy: &Url,
    url: &Url,
    now: Timestamp,
) -> Result<BoxedSocket, Failure> {
    let target = host_and_port(url);
    let mut request = Request::connect(&target)
        .header(header::HOST, &target)
        .header(header::USER_AGENT, headers::USER_AGENT);
    if let Some(authorization) = headers::basic_authorization(proxy) {
        request = request.header(header::PROXY_AUTHORIZATION, authorization);
    }
    let request = request
        .body(reqwest::Body::default())
        .map_err(|error| Failure::BadRequest {
            detail: error.to_string(),
        })?;
    let wire = ReadyConnection {
        socket,
        facts: Facts::default(),
        handshake: None,
    };
    let of_proxy = |failure| of_proxy(failure, proxy);
    let address = host_and_port(proxy);
    let response = exchange::send(wire, request, &address).await;
    let response = response.map_err(of_proxy)?;
    // RFC 9110 9.3.6: any status in the 2xx range opens the tunnel.
    if !response.status().is_success() {
        return Err(answer::proxy_refusal(reqwest::Response::from(response), address, now).await);
    }
    let socket = exchange::upgrade(response).await.map_err(of_proxy)?;
    Ok(Box::new(TokioIo::new(socket)))
}

/// Converts the failure to get an answer to a CONNECT into one of the proxy.
fn of_proxy(failure: Failure, proxy: &Url) -> Failure {
    let proxy = host_and_port(proxy);
    match failure {
        Failure::Lost { detail } => Failure::Proxy {
            proxy,
            // The other end of this connection is the proxy.
            detail: detail.replacen("the server ", "it ", 1),
        },
        Failure::NotHttp { .. } => Failure::ProxyUnusable {
            proxy,
            detail: "it does not speak HTTP".to_owned(),
        },
        Failure::BadHttp { detail } => Failure::ProxyUnusable {
            proxy,
            detail: format!("its answer breaks the rules of HTTP: {detail}"),
        },
        other => other,
    }
}
