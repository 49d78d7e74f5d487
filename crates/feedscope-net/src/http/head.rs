//! Head of an HTTP/1 answer as its bytes arrived. The HTTP library skips malformed header lines without a report, and
//! refuses a whole answer without a description of the fault. This module finds both. It does not parse valid heads.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use feedscope_core::connection::Failure;
use feedscope_core::safe_text::excerpt;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Largest number of header lines of an accepted answer.
pub(super) const MAX_LINES: usize = 512;

/// Largest number of bytes that are kept for the check. The HTTP library refuses longer heads.
const LONGEST: usize = 512 << 10;

/// Copy of everything that arrives, until it is taken.
#[derive(Clone, Default)]
pub(super) struct HeadCopy(Arc<Copied>);

#[derive(Default)]
struct Copied {
    is_taken: AtomicBool,
    bytes: Mutex<Vec<u8>>,
}

impl HeadCopy {
    /// Wraps a socket, so that everything that is read from it is copied.
    pub(super) fn of<S>(&self, socket: S) -> Copying<S> {
        Copying {
            socket,
            copy: self.clone(),
        }
    }

    /// Returns the bytes so far, and stops copying.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.is_taken.store(true, Ordering::Relaxed);
        std::mem::take(&mut *self.0.bytes.lock())
    }

    fn push(&self, read: &[u8]) {
        if self.0.is_taken.load(Ordering::Relaxed) {
            return;
        }
        let mut bytes = self.0.bytes.lock();
        let room = LONGEST.saturating_sub(bytes.len());
        bytes.extend_from_slice(&read[..read.len().min(room)]);
    }
}

/// Returns the note about malformed header lines of an answer, which the HTTP library skipped; `None` if there are
/// none.
pub(super) fn skipped_lines(bytes: &[u8]) -> Option<String> {
    let (_, lines) = final_head(bytes);
    let mut malformed = lines.into_iter().filter(|line| !is_well_formed(line));
    let first = excerpt(malformed.next()?);
    Some(match malformed.count() {
        0 => format!("a malformed header line of the answer was skipped: {first}"),
        more => format!(
            "{} malformed header lines of the answer were skipped, the first of them: {first}",
            more + 1
        ),
    })
}

/// Returns the failure for a head that the HTTP library refused because of its length or for another reason.
pub(super) fn refused(bytes: &[u8], is_too_long: bool) -> Failure {
    if !bytes.starts_with(b"HTTP/") {
        return Failure::NotHttp {
            detail: beginning(bytes),
        };
    }
    let (status_line, lines) = final_head(bytes);
    let detail = if !is_status_line(status_line) {
        format!("its first line is {}", excerpt(status_line.trim_ascii()))
    } else if let Some(problem) = content_length_problem(&lines) {
        problem
    } else if lines.len() > MAX_LINES {
        format!("it has more than {MAX_LINES} header lines")
    } else if is_too_long {
        "its head is too long".to_owned()
    } else if let Some(coding) = values(&lines, b"transfer-encoding").next() {
        format!(
            "its Transfer-Encoding cannot be used here: {}",
            excerpt(coding)
        )
    } else if let Some(line) = lines.iter().find(|line| !is_well_formed(line)) {
        format!("it has a line that cannot be read: {}", excerpt(line))
    } else {
        "its head cannot be read".to_owned()
    };
    Failure::BadHttp { detail }
}

/// Returns a sentence about bytes that are not HTTP/1.
fn beginning(bytes: &[u8]) -> String {
    match bytes {
        // These bytes begin a TLS record of version 3: an alert or a handshake.
        [0x15 | 0x16, 3, ..] => "it begins with TLS; https:// or wss:// may be right".to_owned(),
        // These bytes begin the first frame of HTTP/2: SETTINGS on stream 0.
        [0, _, _, 4, _, 0, 0, 0, 0, ..] => {
            "it is HTTP/2, which is only supported with TLS".to_owned()
        }
        _ => {
            let first_line = bytes
                .split(|&byte| byte == b'\n')
                .next()
                .unwrap_or_default();
            format!("it begins with {}", excerpt(first_line.trim_ascii()))
        }
    }
}

/// Returns the first line and the header lines of the answer, after any interim answers (RFC 9110 15.2).
fn final_head(bytes: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let mut rest = bytes.split(|&byte| byte == b'\n').map(|line| {
        // RFC 9112 2.2: a line may end without CR.
        line.strip_suffix(b"\r").unwrap_or(line)
    });
    loop {
        let status_line = rest.next().unwrap_or_default();
        let lines: Vec<&[u8]> = rest.by_ref().take_while(|line| !line.is_empty()).collect();
        let code = status_line.split(|&byte| byte == b' ').nth(1);
        let is_interim = code.is_some_and(|code| matches!(code, [b'1', _, _]) && code != b"101");
        if !is_interim || lines.is_empty() && rest.clone().next().is_none() {
            return (status_line, lines);
        }
    }
}

/// Returns true for a status line (RFC 9112 4), such as `HTTP/1.1 200 OK`. The reason may be missing.
fn is_status_line(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let version = words.next().unwrap_or_default();
    let code = words.next().unwrap_or_default();
    version.starts_with(b"HTTP/1.") && code.len() == 3 && code.iter().all(u8::is_ascii_digit)
}

/// Returns true for a well-formed header line (RFC 9112 5). As in browsers, a space before the colon and a line that
/// continues the previous one are accepted too.
fn is_well_formed(line: &[u8]) -> bool {
    let is_text = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return line.iter().all(is_text);
    }
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        return false;
    };
    let name = line[..colon].trim_ascii_end();
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !name.is_empty() && name.iter().all(is_token) && line[colon..].iter().all(is_text)
}

/// Returns the values of the header with this name, which must be lowercase.
fn values<'a>(lines: &[&'a [u8]], name: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    lines.iter().filter_map(move |line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let is_it = line[..colon].trim_ascii_end().eq_ignore_ascii_case(name);
        is_it.then(|| line[colon + 1..].trim_ascii())
    })
}

/// Returns the problem of a length that makes the whole answer unusable (RFC 9112 6.3, 5.): a value that is not a
/// number, or two that differ.
fn content_length_problem(lines: &[&[u8]]) -> Option<String> {
    let values: Vec<&[u8]> = values(lines, b"content-length")
        .flat_map(|value| value.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .collect();
    if values.contains(&&b""[..]) {
        return Some("its Content-Length is empty".to_owned());
    }
    if let Some(odd) = values
        .iter()
        .find(|value| !value.iter().all(u8::is_ascii_digit))
    {
        return Some(format!(
            "its Content-Length is not a number: {}",
            excerpt(odd)
        ));
    }
    if let Some(pair) = values.windows(2).find(|pair| pair[0] != pair[1]) {
        return Some(format!(
            "it has several values of Content-Length, which differ: {} and {}",
            excerpt(pair[0]),
            excerpt(pair[1])
        ));
    }
    // The HTTP library uses the largest values for another purpose.
    let is_usable = |value: &&&[u8]| {
        let number = std::str::from_utf8(value).ok()?.parse::<u64>().ok()?;
        (number < u64::MAX - 1).then_some(())
    };
    let large = values.iter().find(|value| is_usable(value).is_none())?;
    Some(format!(
        "its Content-Length is too large: {}",
        excerpt(large)
    ))
}

/// Socket whose received bytes are copied.
pub(super) struct Copying<S> {
    socket: S,
    copy: HeadCopy,
}

impl<S: AsyncRead + Unpin> AsyncRead for Copying<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        self.copy.push(&buffer.filled()[before..]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Copying<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_lines_are_found_after_interim_answers() {
        let head = b"HTTP/1.1 103 Early Hints\r\nOdd line\r\n\r\nHTTP/1.1 200 OK\r\n\
            Content-Type: text/event-stream\r\n\
            PHP Warning: PHP Startup: Unable to load\r\n\
            Name : value\r\n\
            X-Folded: a\r\n  b\r\n\
            X-Text: caf\xc3\xa9\t\r\n\
            Set-Cookie: a=\x7f\r\n\
            : no name\r\n\
            X-Empty:\n\
            \r\n\
            Not a header line\r\n";
        assert_eq!(
            skipped_lines(head).unwrap(),
            "3 malformed header lines of the answer were skipped, the first of them: \
             PHP Warning: PHP Startup: Unable to load"
        );
        let one = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=hunter2\x7f\r\n\r\nSet-Cookie";
        assert_eq!(
            skipped_lines(one).unwrap(),
            "a malformed header line of the answer was skipped: Set-Cookie: ***"
        );
        assert_eq!(skipped_lines(b""), None);
        assert_eq!(skipped_lines(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
    }

    #[test]
    fn a_length_that_is_no_length_is_quoted() {
        let problem = |lines: &[&str]| {
            let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
            content_length_problem(&lines)
        };
        for (lines, says) in [
            (&["Content-Length: abc"][..], "is not a number: abc"),
            (&["content-length :"], "is empty"),
            (&["Content-Length: -1"], "is not a number: -1"),
            (&["Content-Length: 5, 5, x"], "is not a number: x"),
            (
                &["Content-Length: 5", "A: b", "Content-Length: 6"],
                "which differ",
            ),
            (
                &["Content-Length: 18446744073709551615"],
                "too large: 18446744073709551615",
            ),
            (&["Content-Length: 99999999999999999999"], "too large"),
        ] {
            let problem = problem(lines).unwrap();
            assert!(problem.contains(says), "{problem}");
        }
        assert_eq!(problem(&["Content-Length: 5", "Content-Length: 5"]), None);
        assert_eq!(problem(&["Content-Type: abc"]), None);
    }

    #[test]
    fn other_protocols_are_recognized() {
        assert_eq!(beginning(b"SSH-2.0-x\r\n"), "it begins with SSH-2.0-x");
        assert!(beginning(b"\x15\x03\x01\x00\x02\x02\x46").contains("TLS"));
        assert!(beginning(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00").contains("HTTP/2"));
        assert!(beginning("é".repeat(500).as_bytes()).ends_with("…"));
    }
}
