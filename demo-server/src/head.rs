//! Head of a request, which is read within limits. Four conditions are checked: the head is complete, it is HTTP/1, it
//! is meant for this server, and it comes from a page of this server or from no page at all. This module reads only
//! heads and short bodies.

use std::io;
use std::time::Duration;

use crate::answer::Answer;
use crate::connection::Connection;

/// Largest size of a head in bytes, including the request line.
const MOST_BYTES: usize = 32 << 10;

/// Largest number of header lines.
const MOST_LINES: usize = 100;

/// Largest size of a body in bytes. No request here needs one.
const MOST_BODY: usize = 64 << 10;

/// Head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// Path and query. The part before them in an absolute form is removed.
    pub(crate) target: String,
    /// True for HTTP/1.0, which has no chunks. Otherwise the version is HTTP/1.1.
    pub(crate) old: bool,
    headers: Vec<(String, String)>,
    /// Bytes after the head that were read together with it.
    pub(crate) rest: Vec<u8>,
}

/// Reason why there is no request to answer.
#[derive(Debug)]
pub(crate) enum HeadError {
    /// The client has closed the connection, or has sent nothing.
    Gone,
    /// The client gets this answer.
    Bad(Answer),
}

impl From<Answer> for HeadError {
    fn from(answer: Answer) -> Self {
        Self::Bad(answer)
    }
}

impl From<io::Error> for HeadError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl Head {
    /// Reads one head, which must arrive within `time` from now.
    pub(crate) fn read(connection: &Connection, time: Duration) -> Result<Self, HeadError> {
        let deadline = connection.clock().now() + time;
        let mut bytes = Vec::new();
        let mut buf = [0; 2048];
        loop {
            let n = match connection.read_until(&mut buf, deadline) {
                Ok(0) => return Err(HeadError::Gone),
                Ok(n) => n,
                Err(error) if is_time_out(&error) && !bytes.is_empty() => {
                    return Err(Answer::text(408, "the request did not end in time\n").into());
                }
                Err(error) => return Err(error.into()),
            };
            let seen = bytes.len();
            bytes.extend_from_slice(&buf[..n]);
            if !may_begin_a_head(&bytes) {
                // A client with TLS waits for an answer, and would wait until the time limit.
                return Err(Answer::text(400, "this is no HTTP; is it TLS?\n").into());
            }
            if let Some(end) = end_of_head(&bytes, seen.saturating_sub(3)) {
                let rest = bytes.split_off(end);
                return Ok(Self::parse(&bytes, rest)?);
            }
            if bytes.len() > MOST_BYTES {
                return Err(Answer::text(431, "more than 32 KiB of headers\n").into());
            }
        }
    }

    fn parse(bytes: &[u8], rest: Vec<u8>) -> Result<Self, Answer> {
        let bad = |text: &'static str| Answer::text(400, text);
        // Values may contain any bytes. Bytes beyond ASCII have no meaning here, and tiny_http closes a connection that
        // sends them.
        let text: String = bytes
            .iter()
            .map(|b| if b.is_ascii() { char::from(*b) } else { '?' })
            .collect();
        let mut lines = text.trim_start_matches(['\r', '\n']).lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(bad("the first line is no request line\n"));
        };
        let old = match version {
            "HTTP/1.1" => false,
            "HTTP/1.0" => true,
            _ if version.starts_with("HTTP/") => {
                return Err(Answer::text(505, "this server speaks HTTP/1.1\n"));
            }
            _ => return Err(bad("the first line is no request line\n")),
        };
        if method.is_empty() || !method.bytes().all(is_token) {
            return Err(bad("the method is not a word\n"));
        }
        let headers = parse_headers(lines)?;
        let mut head = Self {
            method: method.to_owned(),
            target: String::new(),
            old,
            headers,
            rest,
        };
        head.set_target(target)?;
        Ok(head)
    }

    /// Returns the value of the first header with this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the head as bytes, with the headers that `keep` accepts, followed by `more`.
    pub(crate) fn to_bytes(&self, keep: impl Fn(&str) -> bool, more: &str) -> Vec<u8> {
        let version = if self.old { "HTTP/1.0" } else { "HTTP/1.1" };
        let mut text = format!("{} {} {version}\r\n", self.method, self.target);
        for (key, value) in self.headers.iter().filter(|(key, _)| keep(key)) {
            text.push_str(key);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
        text.push_str(more);
        text.push_str("\r\n");
        text.into_bytes()
    }

    /// Refuses a request that is not meant for this server at `port`, and a request from a page with another origin
    /// than the demo page. A foreign name that resolves to this machine must not give access (DNS rebinding).
    pub(crate) fn check_access(&self, port: u16, page_port: u16) -> Result<(), Answer> {
        match self.header("Host") {
            Some(host) if is_ours(host, port) => {}
            None if self.old => {}
            None => return Err(Answer::text(400, "a request needs a Host header\n")),
            Some(_) => {
                return Err(Answer::text(
                    421,
                    "this server answers on localhost and 127.0.0.1 with its own port only\n",
                ));
            }
        }
        let foreign = |origin: &str| {
            origin
                .strip_prefix("http://")
                .is_none_or(|host| !is_ours(host, page_port))
        };
        let refused = match self.header("Origin") {
            Some(origin) => foreign(origin),
            // A plain GET for another page has no origin, but browsers add metadata about its source.
            None => self.is_for_a_foreign_page(),
        };
        if refused {
            return Err(Answer::text(
                403,
                "pages of other origins may not read these feeds\n",
            ));
        }
        Ok(())
    }

    /// Returns true if a browser sends the request for a page of another origin (Fetch Metadata, W3C). A person who
    /// follows a link to the page comes from another site too, and is allowed to see the page itself.
    fn is_for_a_foreign_page(&self) -> bool {
        let says = |name: &str, value: &str| self.header(name) == Some(value);
        let foreign = says("Sec-Fetch-Site", "cross-site") || says("Sec-Fetch-Site", "same-site");
        foreign && !(says("Sec-Fetch-Dest", "document") && self.target == "/")
    }

    /// Reads the body of this head and discards it. Refuses a long body, and one of unknown length.
    pub(crate) fn skip_body(
        &mut self,
        connection: &Connection,
        time: Duration,
    ) -> Result<(), HeadError> {
        if self.header("Transfer-Encoding").is_some() {
            return Err(Answer::text(411, "a body needs a Content-Length header\n").into());
        }
        let length = match self.header("Content-Length") {
            None => 0,
            // Parsing would also accept a sign. RFC 9110 8.6 allows only digits.
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => text
                .parse::<u128>()
                .map_err(|e| Answer::text(400, format!("Content-Length {text:?}: {e}\n")))?,
            Some(text) => {
                let sentence = format!("Content-Length {text:?} is not a number\n");
                return Err(Answer::text(400, sentence).into());
            }
        };
        if length > MOST_BODY as u128 {
            return Err(
                Answer::text(413, "nothing here wants a body, least of all this one\n").into(),
            );
        }
        let mut left = (length as usize).saturating_sub(self.rest.len());
        if left > 0 && self.header("Expect").is_some() {
            connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let deadline = connection.clock().now() + time;
        let mut buf = [0; 2048];
        while left > 0 {
            match connection.read_until(&mut buf, deadline) {
                Ok(0) => return Err(HeadError::Gone),
                Ok(n) => left = left.saturating_sub(n),
                Err(error) if is_time_out(&error) => {
                    return Err(Answer::text(408, "the body did not end in time\n").into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Sets the target. A target in absolute form contains its own host, which has priority (RFC 9112 3.2.2).
    fn set_target(&mut self, target: &str) -> Result<(), Answer> {
        if target.contains(|c: char| c.is_ascii_control()) {
            return Err(Answer::text(400, "the target is no path\n"));
        }
        if let Some(rest) = target.strip_prefix("http://") {
            let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            self.headers
                .retain(|(key, _)| !key.eq_ignore_ascii_case("Host"));
            self.headers.push(("Host".to_owned(), host.to_owned()));
            let slash = if path.starts_with('/') { "" } else { "/" };
            self.target = format!("{slash}{path}");
        } else if target.starts_with('/') {
            target.clone_into(&mut self.target);
        } else if target == "*" {
            "/*".clone_into(&mut self.target);
        } else {
            return Err(Answer::text(400, "the target is no path\n"));
        }
        Ok(())
    }
}

fn parse_headers<'a>(
    lines: impl Iterator<Item = &'a str>,
) -> Result<Vec<(String, String)>, Answer> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (key, value) = line
            .split_once(':')
            .filter(|(key, _)| !key.is_empty() && key.bytes().all(is_token))
            .ok_or_else(|| Answer::text(400, "a header line has no name\n"))?;
        if headers.len() == MOST_LINES {
            return Err(Answer::text(431, "more than 100 headers\n"));
        }
        let value = value
            .trim()
            .replace(|c: char| c.is_control() && c != '\t', "?");
        headers.push((key.to_owned(), value));
    }
    // RFC 9112 3.2 and 6.3: two different values are an attempt to be understood in two ways.
    for single in ["Host", "Content-Length", "Origin"] {
        let count = headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(single))
            .count();
        if count > 1 {
            return Err(Answer::text(
                400,
                "a header that stands once stands twice\n",
            ));
        }
    }
    Ok(headers)
}

/// Returns true if these bytes may be the beginning of a request, which is a method and a space.
fn may_begin_a_head(bytes: &[u8]) -> bool {
    /// Limit in bytes that is greater than the length of any registered method.
    const LONGEST_METHOD: usize = 32;
    let empty_lines = bytes.iter().take_while(|b| b"\r\n".contains(b)).count();
    let line = &bytes[empty_lines..];
    let method = line.iter().take_while(|b| is_token(**b)).count();
    match line.get(method) {
        None => method <= LONGEST_METHOD,
        Some(b' ') => (1..=LONGEST_METHOD).contains(&method),
        Some(_) => false,
    }
}

/// Returns the end of the head with its empty line. The search begins at `from`.
fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len()).find_map(|at| {
        let rest = &bytes[at..];
        if rest.starts_with(b"\r\n\r\n") {
            Some(at + 4)
        } else if rest.starts_with(b"\n\n") {
            Some(at + 2)
        } else {
            None
        }
    })
}

/// Returns true if `host` is a name of this machine's loopback interface with this port.
fn is_ours(host: &str, port: u16) -> bool {
    let (name, given) = match host.rsplit_once(':') {
        Some((name, digits)) if !digits.ends_with(']') => (name, digits.parse().ok()),
        _ => (host, Some(80)),
    };
    let name = name.to_ascii_lowercase();
    given == Some(port) && ["localhost", "127.0.0.1", "[::1]"].contains(&name.as_str())
}

/// Returns true for a byte of a token (RFC 9110 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_time_out(error: &io::Error) -> bool {
    // The kind depends on the platform.
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Head, u16> {
        Head::parse(text.as_bytes(), Vec::new()).map_err(|answer| answer.status)
    }

    #[test]
    fn heads_are_taken_apart() {
        let head = parse("GET /events?x=1 HTTP/1.1\r\nHost: a\r\nX:  1\t\r\n\r\n").unwrap();
        assert_eq!((head.method.as_str(), head.old), ("GET", false));
        assert_eq!(head.target, "/events?x=1");
        assert_eq!(head.header("x"), Some("1"));
        assert!(parse("GET / HTTP/1.0\n\n").unwrap().old);
        let absolute = parse("GET http://h:1/talk?q HTTP/1.1\r\nHost: other\r\n\r\n").unwrap();
        assert_eq!(absolute.target, "/talk?q");
        assert_eq!(absolute.header("host"), Some("h:1"));
    }

    #[test]
    fn what_is_no_head_is_said_so() {
        for (text, status) in [
            ("\r\n\r\n", 400),
            ("hello\r\n\r\n", 400),
            ("GET / HTTP/1.1 x\r\n\r\n", 400),
            ("GET x HTTP/1.1\r\n\r\n", 400),
            ("GET /\rx HTTP/1.1\r\n\r\n", 400),
            ("G(T / HTTP/1.1\r\n\r\n", 400),
            ("PRI * HTTP/2.0\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\n folded: line\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ] {
            assert_eq!(parse(text), Err(status), "{text:?}");
        }
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101));
        assert_eq!(parse(&many), Err(431));
    }

    #[test]
    fn what_cannot_become_a_head_is_known_by_its_first_bytes() {
        for begun in [
            "",
            "\r\n",
            "G",
            "GET",
            "GET ",
            "GET /events\x16",
            "\n\nM-SEARCH * ",
        ] {
            assert!(may_begin_a_head(begun.as_bytes()), "{begun:?}");
        }
        for other in [
            &b"\x16\x03\x01\x02\x00\x01"[..],
            b"\x05\x01\x00",
            b" GET",
            b"GET\r\n",
            b"G\xc3\xa9T ",
            b"SSH/2.0",
            &[b'A'; 33],
        ] {
            assert!(!may_begin_a_head(other), "{other:?}");
        }
    }

    #[test]
    fn only_loopback_names_with_the_own_port_are_ours() {
        for host in [
            "localhost:8000",
            "LocalHost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
        ] {
            assert!(is_ours(host, 8000), "{host}");
        }
        for host in [
            "localhost",
            "localhost:8001",
            "example.org:8000",
            "[::1]",
            "",
            ":8000",
        ] {
            assert!(!is_ours(host, 8000), "{host}");
        }
        assert!(is_ours("localhost", 80));
        assert!(is_ours("[::1]", 80));
    }

    #[test]
    fn pages_of_others_are_refused() {
        let check = |headers: &str| {
            let head = parse(&format!("GET / HTTP/1.1\r\n{headers}\r\n")).unwrap();
            head.check_access(9, 8).map_err(|answer| answer.status)
        };
        assert_eq!(check("Host: localhost:9\r\n"), Ok(()));
        assert_eq!(
            check("Host: localhost:9\r\nOrigin: http://127.0.0.1:8\r\n"),
            Ok(())
        );
        for origin in [
            "null",
            "http://127.0.0.1:9",
            "https://127.0.0.1:8",
            "http://evil.example",
        ] {
            let headers = format!("Host: localhost:9\r\nOrigin: {origin}\r\n");
            assert_eq!(check(&headers), Err(403), "{origin}");
        }
        for (site, dest, outcome) in [
            ("none", "document", Ok(())),
            ("same-origin", "empty", Ok(())),
            ("cross-site", "document", Ok(())),
            ("same-site", "document", Ok(())),
            ("cross-site", "iframe", Err(403)),
            ("cross-site", "empty", Err(403)),
            ("same-site", "image", Err(403)),
            ("same-site", "", Err(403)),
        ] {
            let from = format!("Sec-Fetch-Site: {site}\r\nSec-Fetch-Dest: {dest}\r\n");
            assert_eq!(
                check(&format!("Host: localhost:9\r\n{from}")),
                outcome,
                "{site} {dest}"
            );
            // The page's own WebSocket uses another port, which some browsers classify as another origin of the same
            // site.
            let own = format!("Host: localhost:9\r\nOrigin: http://127.0.0.1:8\r\n{from}");
            assert_eq!(check(&own), Ok(()), "{site} {dest}");
        }
        assert_eq!(check("Host: evil.example:9\r\n"), Err(421));
        assert_eq!(check(""), Err(400));
    }
}
