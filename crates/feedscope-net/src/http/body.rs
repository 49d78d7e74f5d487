//! Body of an answer, with its content codings undone (RFC 9110, 8.4). Each piece is delivered as soon as its bytes can
//! be decoded. This module does not interpret the body.

mod coding;
mod decoding;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use feedscope_core::connection::Failure;
use futures_util::Stream;
use reqwest::header::HeaderMap;

use self::coding::Codings;
use self::decoding::Decoding;
use super::failure;
use super::observed::Observed;

/// Names of the content codings that a request accepts, in the order in which browsers send them.
pub(crate) const ACCEPTED: &str = "gzip, br, zstd";

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// Decoded body of an answer.
pub(crate) struct Body {
    chunks: Chunks,
    /// `None` for a body without codings.
    decoding: Option<Decoding>,
    observed: Option<Observed>,
}

impl Body {
    /// Returns the body of this answer. Fails if it has an unknown coding.
    pub(crate) fn of(response: reqwest::Response) -> Result<Self, Failure> {
        let Codings { applied, .. } = Codings::of(response.headers())?;
        Ok(Self {
            decoding: (!applied.is_empty()).then(|| Decoding::new(&applied)),
            observed: response.extensions().get().cloned(),
            chunks: Box::pin(response.bytes_stream()),
        })
    }

    /// Returns a sentence about bytes that are missing or were ignored, after the body has ended; `None` if all bytes
    /// were decoded.
    pub(crate) fn remark(&mut self) -> Option<String> {
        self.decoding.as_mut()?.remark()
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self {
            chunks,
            decoding,
            observed,
        } = &mut *self;
        loop {
            // One chunk may decode to many pieces. All of them precede the next chunk.
            if let Some(decoding) = decoding {
                match decoding.next_piece() {
                    Ok(None) => {}
                    piece => return Poll::Ready(piece.transpose()),
                }
            }
            let chunk = match ready!(chunks.as_mut().poll_next(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => {
                    let failure = failure::of_body(&error, observed.as_ref());
                    return Poll::Ready(Some(Err(failure)));
                }
                Some(Ok(chunk)) => chunk,
            };
            match decoding {
                None => return Poll::Ready(Some(Ok(chunk))),
                Some(decoding) => decoding.push(chunk),
            }
        }
    }
}

/// Returns the content codings of an answer for people, such as `gzip`; `None` if there are none.
pub(crate) fn coding_names(headers: &HeaderMap) -> Option<String> {
    let names: Vec<_> = Codings::of(headers)
        .ok()?
        .applied
        .iter()
        .map(|coding| coding.name())
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Returns a sentence about names that are no codings and were ignored, such as `utf-8`; `None` if there are none.
pub(crate) fn coding_remark(headers: &HeaderMap) -> Option<String> {
    let misplaced = Codings::of(headers).ok()?.misplaced?;
    Some(format!(
        "its Content-Encoding, {misplaced}, is no coding of the body; the body was read as it is"
    ))
}
