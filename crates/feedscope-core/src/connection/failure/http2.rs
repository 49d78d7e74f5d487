//! Errors of HTTP/2: their codes with names and meanings, and which of them pass. It decides nothing.

use std::fmt;

use super::words::OutsideText;

/// An error of HTTP/2 that ended a stream or a whole connection (RFC 9113 5.4). Its `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http2Error {
    /// The error code (RFC 9113 7).
    pub code: u32,
    /// The side that reported it, and the place.
    pub origin: Http2Origin,
    /// The text that came with it; empty where there was none.
    pub text: String,
}

/// The side that reported an error of HTTP/2, and the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http2Origin {
    /// The server closed the connection (GOAWAY).
    Connection,
    /// The server ended the stream of the request (`RST_STREAM`).
    Stream,
    /// The head of the answer breaks the rules.
    Head,
    /// A frame after the head breaks the rules.
    Frame,
}

/// The server does not accept the load.
const ENHANCE_YOUR_CALM: u32 = 11;

impl Http2Error {
    /// Returns true for an error that another attempt may well not meet: the server is busy, restarts, or has failed
    /// inside. All others are faults of one of the two sides.
    pub(in crate::connection) fn is_passing(&self) -> bool {
        // NO_ERROR, INTERNAL_ERROR, SETTINGS_TIMEOUT, REFUSED_STREAM, CANCEL, CONNECT_ERROR and ENHANCE_YOUR_CALM.
        let passes = matches!(self.code, 0 | 2 | 4 | 7 | 8 | 10 | ENHANCE_YOUR_CALM);
        passes && matches!(self.origin, Http2Origin::Connection | Http2Origin::Stream)
    }

    /// Returns true where the server sends the client away, so that it should not come back as soon as usual.
    pub(in crate::connection) fn sends_away(&self) -> bool {
        self.code == ENHANCE_YOUR_CALM
    }
}

impl fmt::Display for Http2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, origin, text } = self;
        f.write_str(match origin {
            Http2Origin::Connection => "the server closed the HTTP/2 connection",
            Http2Origin::Stream => "the server ended the HTTP/2 stream",
            Http2Origin::Head => "the head of the answer breaks the rules of HTTP/2",
            Http2Origin::Frame => "a frame of the server breaks the rules of HTTP/2",
        })?;
        let (name, meaning) = name_and_meaning(*code);
        write!(f, ": {name} ({code}), {meaning}")?;
        if *origin == Http2Origin::Head {
            f.write_str(FORBIDDEN_HEADERS)?;
        }
        if !text.trim().is_empty() {
            write!(f, "; it says: {}", OutsideText(text))?;
        }
        Ok(())
    }
}

/// The most frequent fault in the head of an answer (RFC 9113 8.2.2).
const FORBIDDEN_HEADERS: &str = "; it may have a header that HTTP/2 forbids: \
     Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding or Upgrade";

/// The name of an error code, and its meaning for a person who reads a feed.
fn name_and_meaning(code: u32) -> (&'static str, &'static str) {
    match code {
        0 => ("NO_ERROR", "it shuts down in order"),
        1 => ("PROTOCOL_ERROR", "a rule of the protocol was broken"),
        2 => ("INTERNAL_ERROR", "the server failed"),
        3 => ("FLOW_CONTROL_ERROR", "more was sent than was allowed"),
        4 => ("SETTINGS_TIMEOUT", "settings were not confirmed in time"),
        5 => ("STREAM_CLOSED", "a frame arrived for a closed stream"),
        6 => ("FRAME_SIZE_ERROR", "a frame has a wrong length"),
        7 => ("REFUSED_STREAM", "the request was not processed"),
        8 => ("CANCEL", "the stream is no longer needed"),
        9 => ("COMPRESSION_ERROR", "the headers cannot be decompressed"),
        10 => ("CONNECT_ERROR", "a connection behind the server broke"),
        ENHANCE_YOUR_CALM => ("ENHANCE_YOUR_CALM", "the load is too high for the server"),
        12 => ("INADEQUATE_SECURITY", "TLS is too weak for the server"),
        13 => ("HTTP_1_1_REQUIRED", "the server requires HTTP/1.1"),
        _ => ("unknown code", "no standard defines it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(origin: Http2Origin, code: u32, text: &str) -> Http2Error {
        Http2Error {
            code,
            origin,
            text: text.to_owned(),
        }
    }

    #[test]
    fn errors_are_named_with_the_text_of_the_server() {
        for (error, expected) in [
            (
                error(Http2Origin::Connection, 11, "too_many_pings"),
                "the server closed the HTTP/2 connection: ENHANCE_YOUR_CALM (11), the load is too high for the server; \
                 it says: too_many_pings",
            ),
            (
                error(Http2Origin::Stream, 2, ""),
                "the server ended the HTTP/2 stream: INTERNAL_ERROR (2), the server failed",
            ),
            (
                error(Http2Origin::Head, 1, ""),
                "the head of the answer breaks the rules of HTTP/2: PROTOCOL_ERROR (1), a rule of the protocol was broken; \
                 it may have a header that HTTP/2 forbids: Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding \
                 or Upgrade",
            ),
            (
                error(Http2Origin::Frame, 6, ""),
                "a frame of the server breaks the rules of HTTP/2: FRAME_SIZE_ERROR (6), a frame has a wrong length",
            ),
            (
                error(Http2Origin::Connection, 99, "\u{1b}[31m\n"),
                "the server closed the HTTP/2 connection: unknown code (99), no standard defines it; \
                 it says: \u{fffd}[31m",
            ),
        ] {
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn the_trouble_of_a_server_passes_and_a_fault_does_not() {
        for code in 0..20 {
            let passes = [0, 2, 4, 7, 8, 10, 11].contains(&code);
            for origin in [Http2Origin::Connection, Http2Origin::Stream] {
                assert_eq!(error(origin, code, "").is_passing(), passes, "{code}");
            }
            for origin in [Http2Origin::Head, Http2Origin::Frame] {
                assert!(!error(origin, code, "").is_passing(), "{code}");
            }
        }
    }
}
