//! Transport of feeds over HTTP: the request, and the check of its answer (HTML 9.2.3). Event streams and lines differ in
//! the types that they ask for and accept. The engines read the body.

use feedscope_core::connection::Failure;
use feedscope_core::decode::LineForm;
use feedscope_core::protocol::StreamFormat;
use feedscope_core::url_text::masked;
use reqwest::Method;
use reqwest::header;

use crate::engine::Attempt;
use crate::http::answer;
use crate::http::body::{self, coding_remark};
use crate::http::redirect::Ask;
use crate::http::{Body, Negotiated, headers, negotiated, redirect};

/// Content type of event streams.
const EVENT_STREAM: &str = "text/event-stream";

/// Types that `--format lines` asks for. With that option every type is read, so that any other one is asked for last.
const LINE_TYPES: &str = "application/x-ndjson, application/ndjson, application/jsonl, application/x-jsonlines, \
    application/json-seq, application/stream+json, application/json;q=0.5, */*;q=0.1";

/// Answer that is a feed. Its body is unread.
pub(crate) struct StreamAnswer {
    pub(crate) body: Body,
    /// Form of the lines; `None` for an event stream.
    pub(crate) lines: Option<LineForm>,
    pub(crate) status: u16,
    /// Further details about the answer, for people.
    pub(crate) detail: Option<String>,
    pub(crate) negotiated: Negotiated,
}

/// Makes one attempt to open the stream.
pub(crate) async fn open(attempt: &Attempt) -> Result<StreamAnswer, Failure> {
    let redirect::Reached {
        response,
        url,
        redirected,
    } = redirect::follow(attempt, request(attempt)?).await?;
    // HTML 9.2.3: the status is checked first, then the content type. Only after both is the connection announced.
    match response.status().as_u16() {
        200 => {}
        204 => return Err(Failure::NoContent),
        406 if attempt.spec.reading.format != StreamFormat::Lines => {
            return Err(answer::not_acceptable(response).await);
        }
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
    let content_type = answer::content_type(response.headers());
    let lines = match line_form(attempt.spec.reading.format, content_type) {
        Ok(lines) => lines,
        Err(got) => {
            let body = answer::first_line(response).await;
            return Err(Failure::ContentType { got, body });
        }
    };
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
    let mut negotiated = negotiated::of(&response, &url, attempt);
    let format = lines.map(|form| match form {
        LineForm::Lines => "lines".to_owned(),
        LineForm::JsonSequence => "JSON text sequence".to_owned(),
    });
    negotiated::add(&mut negotiated, "format", format);
    Ok(StreamAnswer {
        negotiated,
        lines,
        body: Body::of(response)?,
        status: 200,
        detail: (!detail.is_empty()).then(|| detail.join("; ")),
    })
}

/// Returns the form in which the lines of an answer are read, or `None` for an event stream. An `Err` contains the content
/// type, which is neither.
fn line_form(format: StreamFormat, content_type: String) -> Result<Option<LineForm>, String> {
    let of_type = line_form_of_type(&content_type);
    match format {
        StreamFormat::EventStream => Ok(None),
        StreamFormat::Lines => Ok(Some(of_type.unwrap_or_default())),
        StreamFormat::Auto if content_type.eq_ignore_ascii_case(EVENT_STREAM) => Ok(None),
        StreamFormat::Auto => of_type.map(Some).ok_or(content_type),
    }
}

/// Returns the form of the lines for a content type that names one.
fn line_form_of_type(content_type: &str) -> Option<LineForm> {
    let content_type = content_type.to_ascii_lowercase();
    // RFC 8091: the suffix of types that are text sequences of JSON.
    if content_type == "application/json-seq" || content_type.ends_with("+json-seq") {
        return Some(LineForm::JsonSequence);
    }
    let is_lines = matches!(
        content_type.as_str(),
        "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/stream+json"
    );
    is_lines.then_some(LineForm::Lines)
}

/// Returns the first request of an attempt.
fn request(attempt: &Attempt) -> Result<Ask, Failure> {
    let spec = &attempt.spec;
    let accepted = match spec.reading.format {
        StreamFormat::Lines => LINE_TYPES,
        // Some servers compare the whole header with this type.
        StreamFormat::Auto | StreamFormat::EventStream => EVENT_STREAM,
    };
    let mut ours = vec![
        (header::ACCEPT, accepted),
        // The Fetch standard adds these two headers to requests that must neither read nor write a cache.
        (header::CACHE_CONTROL, "no-cache"),
        (header::PRAGMA, "no-cache"),
    ];
    if spec.transport.compression {
        ours.push((header::ACCEPT_ENCODING, body::ACCEPTED));
    }
    if spec.http.body.is_some() {
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
    let method = match &spec.http.method {
        Some(name) => {
            Method::from_bytes(name.as_bytes()).map_err(|_invalid| Failure::BadRequest {
                detail: format!("{name:?} is no HTTP method"),
            })?
        }
        None if spec.http.body.is_some() => Method::POST,
        None => Method::GET,
    };
    Ok(Ask {
        method,
        headers,
        own_headers,
        body: spec
            .http
            .body
            .clone()
            .map(|body| body.into_revealed().into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_unless_the_user_does() {
        let form = |format, content_type: &str| line_form(format, content_type.to_owned());
        let refused = |got: &str| Err(got.to_owned());
        let (lines, sequence) = (Ok(Some(LineForm::Lines)), Ok(Some(LineForm::JsonSequence)));
        for (content_type, by_itself, as_lines) in [
            ("text/event-stream", Ok(None), &lines),
            ("Text/Event-Stream", Ok(None), &lines),
            ("application/x-ndjson", lines.clone(), &lines),
            ("application/NDJSON", lines.clone(), &lines),
            ("application/jsonl", lines.clone(), &lines),
            ("application/x-jsonlines", lines.clone(), &lines),
            ("application/stream+json", lines.clone(), &lines),
            ("application/json-seq", sequence.clone(), &sequence),
            ("application/geo+json-seq", sequence.clone(), &sequence),
            ("application/json", refused("application/json"), &lines),
            ("text/plain", refused("text/plain"), &lines),
            ("", refused(""), &lines),
        ] {
            assert_eq!(form(StreamFormat::Auto, content_type), by_itself);
            assert_eq!(&form(StreamFormat::Lines, content_type), as_lines);
            assert_eq!(form(StreamFormat::EventStream, content_type), Ok(None));
        }
    }
}
