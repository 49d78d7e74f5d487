//! Short, complete answer to a request: status, headers, body. It is never a stream.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Headers of every answer. Nothing may be stored, have its type guessed, or be used by pages of other origins.
pub(crate) const EVERYWHERE: &str = "Connection: close\r\nCache-Control: no-store\r\n\
    X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\n";

/// Short answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Cow<'static, [u8]>,
}

impl Answer {
    /// Returns an answer with a sentence for a person.
    pub(crate) fn text(status: u16, text: impl Into<Cow<'static, str>>) -> Self {
        let body = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn new(
        status: u16,
        content_type: &'static str,
        body: impl Into<Cow<'static, [u8]>>,
    ) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the bytes of the answer. The answer to a HEAD request has no body, although its head contains the length
    /// of one.
    pub(crate) fn to_bytes(&self, with_body: bool) -> Vec<u8> {
        let mut head = status_line(self.status);
        head.push_str(EVERYWHERE);
        if self.status != 204 {
            // RFC 9110 8.6: a 204 has no Content-Length.
            write!(head, "Content-Type: {}\r\n", self.content_type).ok();
            write!(head, "Content-Length: {}\r\n", self.body.len()).ok();
        }
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").ok();
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if with_body && self.status != 204 {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// Returns the first line of an answer, with its line end.
pub(crate) fn status_line(status: u16) -> String {
    let reason = match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        421 => "Misdirected Request",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    };
    format!("HTTP/1.1 {status} {reason}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_answer_tells_the_length_and_a_204_none() {
        let answer = Answer::text(404, "no such feed\n");
        let whole = String::from_utf8(answer.to_bytes(true)).unwrap();
        assert!(whole.starts_with("HTTP/1.1 404 Not Found\r\n"), "{whole}");
        assert!(whole.contains("Content-Length: 13\r\n"), "{whole}");
        assert!(whole.ends_with("\r\n\r\nno such feed\n"), "{whole}");
        let head = String::from_utf8(answer.to_bytes(false)).unwrap();
        assert!(head.contains("Content-Length: 13\r\n"), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
        let gone = String::from_utf8(Answer::text(204, "x").to_bytes(true)).unwrap();
        assert!(!gone.contains("Content-Length"), "{gone}");
    }
}
