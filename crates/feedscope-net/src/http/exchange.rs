//! One request and its answer in HTTP/1.1, over a connection of our own. It follows no redirect, and leaves the body
//! unread.

use feedscope_core::connection::Failure;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::upgrade::{self, Upgraded};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use super::failure;
use super::head::{self, HeadCopy, MAX_LINES};
use super::wire::{Facts, ReadyConnection};

/// Note about malformed header lines of an answer, which were skipped.
#[derive(Clone, Debug)]
pub(crate) struct SkippedLines(pub(crate) String);

/// Sends a request to the other end of a connection, which is at `address`.
///
/// The extensions of the answer contain [`Facts`], and [`SkippedLines`] if there are any.
pub(super) async fn send(
    wire: ReadyConnection,
    request: Request<reqwest::Body>,
    address: &str,
) -> Result<Response<reqwest::Body>, Failure> {
    let ReadyConnection {
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
