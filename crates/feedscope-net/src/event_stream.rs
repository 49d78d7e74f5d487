//! Transport of event streams: sends the request, and checks that the answer is an event stream (HTML 9.2.3). The
//! engines decode the stream.

use feedscope_core::connection::Failure;
use feedscope_core::url_text::masked;
use reqwest::Method;
use reqwest::header;

use crate::engine::Attempt;
use crate::http::answer;
use crate::http::body::{self, coding_remark};
use crate::http::redirect::Ask;
use crate::http::{Body, Negotiated, headers, negotiated, redirect};

/// Answer that is an event stream. Its body is unread.
pub(crate) struct Answer {
    pub(crate) body: Body,
    pub(crate) status: u16,
    /// Further details about the answer, for people.
    pub(crate) detail: Option<String>,
    pub(crate) negotiated: Negotiated,
}

/// Makes one attempt to open the stream.
pub(crate) async fn open(attempt: &Attempt) -> Result<Answer, Failure> {
    let redirect::Reached {
        response,
        url,
        redirected,
    } = redirect::follow(attempt, request(attempt)?).await?;
    // HTML 9.2.3: the status is checked first, then the content type. Only after both is the connection announced.
    match response.status().as_u16() {
        200 => {}
        204 => return Err(Failure::NoContent),
        _ => {
            let mut failure = answer::refusal(response, attempt.clock.now().utc).await;
            if let Failure::Credentials {
                without_user_headers,
                ..
            } = &mut failure
            {
                *without_user_headers = redirected.is_some_and(|it| it.without_user_headers);
            }
            return Err(failure);
        }
    }
    let got = answer::content_type(response.headers());
    if !got.eq_ignore_ascii_case("text/event-stream") {
        return Err(Failure::ContentType { got });
    }
    let redirect = redirected.map(|redirected| {
        let note = if redirected.without_user_headers {
            ", another origin, without the headers that were set for the first one"
        } else {
            ""
        };
        format!("redirected to {}{note}", masked(&url))
    });
    let detail = [redirect, coding_remark(response.headers())];
    let detail: Vec<_> = detail.into_iter().flatten().collect();
    Ok(Answer {
        negotiated: negotiated::of(&response, &url, attempt),
        body: Body::of(response)?,
        status: 200,
        detail: (!detail.is_empty()).then(|| detail.join("; ")),
    })
}

/// Returns the first request of an attempt.
fn request(attempt: &Attempt) -> Result<Ask, Failure> {
    let spec = &attempt.spec;
    let mut ours = vec![
        (header::ACCEPT, "text/event-stream"),
        // The Fetch standard adds these two headers to requests that must neither read nor write a cache.
        (header::CACHE_CONTROL, "no-cache"),
        (header::PRAGMA, "no-cache"),
    ];
    if spec.compression {
        ours.push((header::ACCEPT_ENCODING, body::ACCEPTED));
    }
    if spec.body.is_some() {
        // curl sends the same type, so that a command line that was copied from curl has the same meaning here.
        ours.push((header::CONTENT_TYPE, "application/x-www-form-urlencoded"));
    }
    let mut headers = headers::request_headers(spec, &ours)?;
    let mut own_headers = headers::own_headers(&ours);
    // Unlike the user's headers, the ID is also sent to other origins after a redirect, as in Fetch, because the stream
    // provided it.
    if let Some((name, value)) = headers::last_event_id(&attempt.last_event_id) {
        own_headers.insert(name.clone(), value.clone());
        headers.insert(name, value);
    }
    let method = match &spec.method {
        Some(name) => {
            Method::from_bytes(name.as_bytes()).map_err(|_invalid| Failure::BadRequest {
                detail: format!("{name:?} is no HTTP method"),
            })?
        }
        None if spec.body.is_some() => Method::POST,
        None => Method::GET,
    };
    Ok(Ask {
        method,
        headers,
        own_headers,
        body: spec.body.clone().map(Into::into),
    })
}
